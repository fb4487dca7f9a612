/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Methods that show: the daemon's objects as JSON (include/l2tpd/ctl.h). */
#ifndef DAEMON_API_SHOW_H
#define DAEMON_API_SHOW_H

#include "control/server.h"
#include "daemon/news.h"

/* Who waits for counters of the kernel. 0 or -ENOMEM; sets d->viewers. */
int viewers_new(struct daemon *d);
/* The control server was freed: nobody waits. */
void viewers_free(struct daemon *d);

void show_version(struct request *request, const json_t *params, void *user);
void show_counters(struct request *request, const json_t *params, void *user);
void show_links(struct request *request, const json_t *params, void *user);
void show_tunnels(struct request *request, const json_t *params, void *user);
/* The kernel's counters are read afresh; the answer waits for them. */
void show_sessions(struct request *request, const json_t *params, void *user);

/* Reads NEWS_STATS. */
void show_read_news(struct daemon *d, const struct news *news);

#endif
