/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Values of the control protocol as JSON; each json_t is the caller's. */
#ifndef DAEMON_JSON_H
#define DAEMON_JSON_H

#include <jansson.h>

#include "daemon.h"
#include "news.h"

/* Bytes that are not UTF-8: the ASCII in them. */
json_t *ctl_json_text(const char *text);
/* "ADDR:PORT"; no address: "" */
json_t *ctl_json_addr(const struct l2tp_addr *addr);
/* IPv4 in network byte order; 0: "" */
json_t *ctl_json_ip(uint32_t ip);
/* RFC 3339 in UTC */
json_t *ctl_json_time(int64_t when);

/* Set a member of object; value is stolen. */
void ctl_json_set(json_t *object, const char *key, json_t *value);
void ctl_json_int(json_t *object, const char *key, uint64_t value);
/* The reason fields of l2tpd/ctl.h. */
void ctl_json_outcome(json_t *object, const struct outcome *o);

#endif
