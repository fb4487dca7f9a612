/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Programs of the administrator's that are run when a call of a link is up, and when that has ended
 * ("up", "down"), and ours that tells name servers to the machine ("domain"). Those of one call run
 * one after another, and so do those of the calls that a link places, in the order of what
 * happened; a program that fails is told of in the log and changes nothing. What they get is in
 * l2tpd.conf(5), HOOKS.
 */
#ifndef DAEMON_LINK_HOOKS_H
#define DAEMON_LINK_HOOKS_H

#include "daemon/daemon.h"
#include "daemon/news.h"

/* 0 or -ENOMEM; sets d->hooks. */
int hooks_new(struct daemon *d);
/* What runs is left to its end, what waits is forgotten. */
void hooks_free(struct daemon *d);
/* Reads of calls that are up, and that end. */
void hooks_read_news(struct daemon *d, const struct news *news);
/* Some run or wait: the daemon's end is worth a moment. */
bool hooks_busy(const struct daemon *d);

#endif
