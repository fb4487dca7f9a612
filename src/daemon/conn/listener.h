/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Listening sockets: one per local address and port that links with "incoming" want. */
#ifndef DAEMON_CONN_LISTENER_H
#define DAEMON_CONN_LISTENER_H

#include "base/why.h"
#include "daemon/daemon.h"

/* 0 or -ENOMEM; sets d->listeners. */
int listeners_new(struct daemon *d);
void listeners_free(struct daemon *d);

/* A round of "which ones are wanted": begin, keep or open each wanted one, close the rest. */
void listeners_begin(struct daemon *d);
void listeners_end(struct daemon *d);
/*
 * It is open, or one on any address of the same port that covers it, and wanted in this round.
 * False: it is not open.
 */
bool listener_keep(struct daemon *d, const struct l2tp_addr *self);
/*
 * Open it. One on any address takes the place of those on one address of its port. tunnels_left:
 * tunnels of ours have its port although their listener was closed (see udp_listen_again). 0, or
 * -errno with a sentence that says the remedy in why.
 */
int listener_open(
	struct daemon *d, const struct l2tp_addr *self, bool tunnels_left, struct why *why);

/* An answer before the tunnel has a socket leaves from the listener the peer wrote to. */
void listener_send(struct daemon *d, const struct l2tp_effect *effect);
/* For udp_tunnel_accept(): the listener that guards local's port; -1: none. */
int listener_fd(const struct daemon *d, const struct l2tp_addr *local);

#endif
