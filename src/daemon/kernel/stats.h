/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Counters of all calls: read while calls are up, and when somebody wants to see them. */
#ifndef DAEMON_KERNEL_STATS_H
#define DAEMON_KERNEL_STATS_H

#include "daemon/daemon.h"

/* 0 or -errno. */
int stats_start(struct daemon *d);
/* There is a plane; family: its genl family. 0 or -errno. */
int stats_open(struct daemon *d, int family);
void stats_stop(struct daemon *d);
/*
 * Read them all afresh; relayed calls have theirs at once. True: NEWS_STATS comes when the kernel
 * has answered; false: there is nothing to wait for.
 */
bool stats_refresh(struct daemon *d);

#endif
