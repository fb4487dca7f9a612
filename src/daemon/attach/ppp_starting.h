/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Calls of peers that have a pppd and have proved nothing yet: from its start to the login, or to
 * IP where none is asked for. So many of a link are allowed ("max-starting"). One more ends the
 * oldest whose LCP has not come up in five seconds, wherever it is from; if there is none, the
 * oldest of the network (IPv4 /24, IPv6 /56) that has most of them.
 */
#ifndef DAEMON_ATTACH_PPP_STARTING_H
#define DAEMON_ATTACH_PPP_STARTING_H

#include "ppp.h"

/* 0 or -ENOMEM; sets d->ppp_starting. */
int ppp_starting_new(struct daemon *d);
/* All calls are gone. */
void ppp_starting_free(struct daemon *d);

/* ppp gets its pppd; another call may be told to end. 0 or -ENOMEM. */
int ppp_starting_join(struct ppp *ppp);
/* It has proved who it is, or carries IP; also when it never joined. */
void ppp_starting_leave(struct ppp *ppp);
/* It is freed, its pppd gone. True: there may be room again. */
bool ppp_starting_over(struct ppp *ppp);
/*
 * A pppd that gives way takes seconds to end; false: there are as many of them as may start, and no
 * other begins before one is gone.
 */
bool ppp_starting_has_room(const struct daemon *d);
/* So many were told to end since the start of the daemon. */
uint64_t ppp_starting_gave_way(const struct daemon *d);

#endif
