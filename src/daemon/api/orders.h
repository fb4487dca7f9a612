/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Methods that order: open and close, and who waits for what they lead to. The answers are given
 * when the news are read.
 */
#ifndef DAEMON_API_ORDERS_H
#define DAEMON_API_ORDERS_H

#include "control/server.h"
#include "daemon/news.h"

/* 0 or -ENOMEM; sets d->orders. */
int orders_new(struct daemon *d);
/* The control server was freed: nobody waits. */
void orders_free(struct daemon *d);

/* Replies at once, or with "wait" when the link is up or the dial came to nothing. */
void orders_open(struct request *request, const json_t *params, void *user);
/* Replies when all that was closed is gone. */
void orders_close(struct request *request, const json_t *params, void *user);

void orders_read_news(struct daemon *d, const struct news *news);

#endif
