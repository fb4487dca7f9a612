/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The words of a pppd: into the log with the call they are about, and into the reason of its end.
 */
#ifndef DAEMON_ATTACH_PPP_WORDS_H
#define DAEMON_ATTACH_PPP_WORDS_H

#include "ppp.h"

/* sd-event handler of its pipe; user is the struct ppp. */
int ppp_words_io(sd_event_source *source, int fd, uint32_t revents, void *user);
/* Everything that waits. */
void ppp_words_drain(struct ppp *ppp);

#endif
