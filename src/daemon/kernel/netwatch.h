/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Interfaces, addresses and routes of this machine as they change (rtnetlink). */
#ifndef DAEMON_KERNEL_NETWATCH_H
#define DAEMON_KERNEL_NETWATCH_H

#include "daemon/daemon.h"

/* 0 or -errno (logged). */
int netwatch_start(struct daemon *d);
void netwatch_stop(struct daemon *d);

#endif
