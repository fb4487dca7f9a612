/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All access concentrators: one socket that hears discovery frames, and the interfaces. */
#ifndef DAEMON_ATTACH_PPPOE_HOST_H
#define DAEMON_ATTACH_PPPOE_HOST_H

#include "line_pppoe.h"

/* 0 or -ENOMEM; sets d->pppoe. */
int pppoe_host_new(struct daemon *d);
/* Lines are gone. */
void pppoe_host_free(struct daemon *d);
/* Follow d->config; what cannot be had is in the log. Sessions of what stays go on. */
void pppoe_host_update(struct daemon *d);
/* No new calls from now on. */
void pppoe_host_stop(struct daemon *d);
/* Reads NEWS_NETWORK: interfaces come and go. */
void pppoe_host_read_news(struct daemon *d, const struct news *news);
/* Walk: the one after prev, the first after NULL; NULL at the end. */
const struct concentrator *pppoe_host_next(const struct daemon *d, const struct concentrator *prev);
/* "": it listens on none of that number. */
const char *pppoe_host_ifname(const struct daemon *d, int ifindex);
/* How many interfaces it listens on now. */
unsigned pppoe_host_ports(const struct daemon *d, const struct concentrator *concentrator);

#endif
