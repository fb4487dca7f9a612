/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The control socket: the file, who may connect, and who may change something. Runs in an sd-event
 * loop.
 */
#ifndef CONTROL_SERVER_H
#define CONTROL_SERVER_H

#include "request.h"

struct ctl_server;

/*
 * Listens on path (SOCK_STREAM, mode 0660, group as given; an unknown group: mode 0600). A stale
 * socket file without a listener is replaced; a live one is -EADDRINUSE. Missing parent directory
 * is made (0755). methods ends with a row of NULLs and must outlive the server. Interface
 * description text (the IDL) is borrowed too. *ret_group_missing (may be NULL): the group does not
 * exist.
 */
int ctl_server_new(sd_event *event, const char *path, const char *group,
	const struct ctl_method *methods, const char *idl, void *user, struct ctl_server **ret,
	bool *ret_group_missing);
/* Closes all connections, removes the socket file. Requests still kept are cancelled. */
void ctl_server_free(struct ctl_server *server);

#endif
