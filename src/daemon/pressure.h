/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What strangers make the daemon drop, refuse and give up: said in the log once a minute, with the
 * networks that it comes from. All of it is in "show counters", too.
 */
#ifndef DAEMON_PRESSURE_H
#define DAEMON_PRESSURE_H

#include "daemon.h"

/* 0 or -ENOMEM; sets d->pressure. */
int pressure_new(struct daemon *d);
void pressure_free(struct daemon *d);
/* After every turn: a line if a minute is over and there is something to say. */
void pressure_log(struct daemon *d);

#endif
