/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files around the reactor need of each other. */
#ifndef DAEMON_REACTOR_H
#define DAEMON_REACTOR_H

#include "daemon.h"

/* Read a socket (empty, or a fair part) and give every datagram to the core. */
void reactor_read(struct daemon *d, int fd);
/* sd-event handler of a tunnel's socket; user is the struct conn. */
int conn_io(sd_event_source *source, int fd, uint32_t revents, void *user);
/* Send from the listener that path->local belongs to. */
void listener_send(struct daemon *d, const struct l2tp_effect *effect);
/* The listener that guards local's port; -1: none. */
int listener_fd(struct daemon *d, const struct l2tp_addr *local);
void listener_free(struct listener *listener);

/* Timers, rtnetlink, and the kernel's L2TP if it is there. 0 or -errno (logged). */
int kernel_start(struct daemon *d);
/* Does the worker's remaining jobs first. */
void kernel_stop(struct daemon *d);
/*
 * kernel_ready() for an SCCRQ: looks at the machine again at most every ten seconds while something
 * is missing, so that a flood of them does not become a flood of probes.
 */
bool kernel_ready_for_peer(struct daemon *d);

#endif
