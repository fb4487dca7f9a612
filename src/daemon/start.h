/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From a configuration to a daemon that serves, and back. */
#ifndef DAEMON_START_H
#define DAEMON_START_H

#include "daemon.h"

/*
 * d has an event loop, a configuration and a host name. Makes all parts, claims the control socket
 * (before anything of the system is touched: another l2tpd may run), opens the kernel side and the
 * listeners, dials what wants it. 0 or -errno (logged); start_undo() in any case.
 */
int start_daemon(struct daemon *d, const char *socket);
/* Everything that start_daemon() made, and the configuration. */
void start_undo(struct daemon *d);
/* SIGHUP: reload, and tell the service manager. */
void start_reload(struct daemon *d);

#endif
