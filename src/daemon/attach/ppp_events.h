/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What pppd reports and asks through our plugin (include/l2tpd/plugin.h). A pppd is a child that
 * parses what a peer sends: nothing it says is trusted further than its own call.
 */
#ifndef DAEMON_ATTACH_PPP_EVENTS_H
#define DAEMON_ATTACH_PPP_EVENTS_H

#include "ppp.h"

/* sd-event handler of the plugin's socket; user is the struct ppp. */
int ppp_events_io(sd_event_source *source, int fd, uint32_t revents, void *user);
/* Everything that waits. */
void ppp_events_drain(struct ppp *ppp);

#endif
