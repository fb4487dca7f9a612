/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Monitor: events, and control messages in words (packets.c), for those who watch. */
#ifndef DAEMON_WATCH_MONITOR_H
#define DAEMON_WATCH_MONITOR_H

#include "control/server.h"
#include "daemon/json.h"
#include "daemon/tap.h"

/* 0 or -ENOMEM; sets d->monitors. tap becomes d->tap while somebody watches control messages. */
int monitors_new(struct daemon *d, const struct tap *tap);
/* The control server was freed: nobody watches. */
void monitors_free(struct daemon *d);

/* The method. */
void monitor_method(struct request *request, const json_t *params, void *user);
/* Tell all who watch, packet: only those who want control messages. event is stolen. */
void monitor_tell(struct daemon *d, json_t *event, bool packet);
void monitor_read_news(struct daemon *d, const struct news *news);

#endif
