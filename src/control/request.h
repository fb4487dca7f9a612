/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Connections of the control server; between ctl_server.c (who may connect) and ctl_conn.c only.
 */
#ifndef CONTROL_REQUEST_H
#define CONTROL_REQUEST_H

#include <stdbool.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <systemd/sd-event.h>

#include "server.h"

struct ctl_conn;

struct ctl_server {
	sd_event *event;
	int fd;
	sd_event_source *io;
	char *path;
	dev_t dev; /* of the socket file we made */
	ino_t ino;
	bool has_group;
	gid_t group;
	const struct ctl_method *methods;
	const char *idl;
	void *user;
	TAILQ_HEAD(, ctl_conn) conns;
	unsigned conn_count;
};

/* Serve the connected socket fd; it is the connection's on success only. 0 or -errno. */
int ctl_conn_new(struct ctl_server *server, int fd, const struct ucred *peer, bool may_change);
/* Send what the socket takes without waiting. */
void ctl_conn_flush(struct ctl_conn *conn);
/* Cancels the call it waits for. */
void ctl_conn_free(struct ctl_conn *conn);

#endif
