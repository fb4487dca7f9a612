/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Datagrams, timers, kernel results -> core -> effects -> sockets, plane, calls -> news.
 * Effects are carried out in one place, after every turn of the loop: no handler can forget it, and
 * nothing the core wants done happens while somebody is in the middle of something else. News are
 * told after that, and the dead are freed last.
 */
#ifndef DAEMON_REACTOR_H
#define DAEMON_REACTOR_H

#include "daemon.h"

/* Makes all parts below it; touches nothing of the system. 0 or -errno. */
int reactor_new(struct daemon *d);
/* Orderly end: calls, tunnels, kernel objects; then leaves the loop. */
void reactor_stop(struct daemon *d);
/* After the loop, also where reactor_new() failed. */
void reactor_free(struct daemon *d);

#endif
