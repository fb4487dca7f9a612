/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How much peers may take: as the configuration says, and no more than this process can have. */
#ifndef DAEMON_LIMITS_H
#define DAEMON_LIMITS_H

#include "daemon.h"

/*
 * By d->config, clamped to RLIMIT_NOFILE; the log says once if that was necessary, and if there
 * cannot be a process for every call.
 */
void limits_read(const struct daemon *d, struct l2tp_limits *ret);
/*
 * Tunnels have one descriptor each, calls three, and 64 are for everything else: fewer of both
 * until files (RLIMIT_NOFILE) suffices. False: it does anyway.
 */
bool limits_clamp(struct l2tp_limits *limits, unsigned files);

#endif
