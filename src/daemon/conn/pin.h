/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Host routes that keep tunnels out of themselves. */
#ifndef DAEMON_CONN_PIN_H
#define DAEMON_CONN_PIN_H

#include "daemon/daemon.h"

struct pin;

/* 0 or -ENOMEM; sets d->pins. */
int pins_new(struct daemon *d);
/* All pins were given back. */
void pins_free(struct daemon *d);
/*
 * Keep host on the way it is reached by now, for as long as somebody has a pin of it. NULL only
 * when out of memory; what else cannot be done is logged.
 */
struct pin *pin_get(struct daemon *d, const struct l2tp_addr *host);
/* NULL is allowed. The last one removes the routes. */
void pin_put(struct pin *pin);
/*
 * Interfaces, addresses or routes changed: pinned routes follow, and those that the kernel took
 * with their interface come back.
 */
void pins_check(struct daemon *d);

#endif
