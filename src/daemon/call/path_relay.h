/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAEMON_CALL_PATH_RELAY_H
#define DAEMON_CALL_PATH_RELAY_H

#include "path.h"

/*
 * Calls whose data goes through linux/relay.c: those of links with "length", as no Linux kernel
 * sends the Length field. What answers PPP has a PPPoL2TP socket as ever, of a loopback tunnel.
 */
extern const struct path_kind path_relay;

/* call_stats() for all relayed calls. */
void path_relay_read_stats(struct daemon *d);
/* After the last call: ends the relay's thread. */
void path_relay_free(struct daemon *d);

#endif
