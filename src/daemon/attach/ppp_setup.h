/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How long PPP may take to come up: "setup-timeout" of the link, whatever the peer does. */
#ifndef DAEMON_ATTACH_PPP_SETUP_H
#define DAEMON_ATTACH_PPP_SETUP_H

#include "ppp.h"

/* PPP starts. 0 or -errno. */
int ppp_setup_start(struct ppp *ppp);

#endif
