/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What conn.c needs of the reactor's sockets. */
#ifndef DAEMON_REACTOR_H
#define DAEMON_REACTOR_H

#include "daemon.h"

/* sd-event handler of a tunnel's socket; user is the struct conn. */
int conn_io(sd_event_source *source, int fd, uint32_t revents, void *user);
/* Send from the listener that path->local belongs to. */
void listener_send(struct daemon *d, const struct l2tp_effect *effect);
/* The listener that guards local's port; -1: none. */
int listener_fd(struct daemon *d, const struct l2tp_addr *local);

#endif
