/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The main routing table as it is now, read once for many questions that the kernel's own look-up
 * cannot answer: it sees the routes that we set ourselves. Through rtnetlink (libmnl). -errno.
 */
#ifndef LINUX_ROUTE_TABLE_H
#define LINUX_ROUTE_TABLE_H

#include <stdbool.h>

#include "route.h"

struct route_table;

/* Dumps IPv4 and IPv6. */
int route_table_read(struct route_table **ret);
/* NULL is allowed. */
void route_table_free(struct route_table *table);
/*
 * How dst would be reached without our own routes (ROUTE_PROTOCOL) and without the interfaces that
 * skip() names: longest prefix, then metric. -ENETUNREACH: not at all.
 */
int route_table_best(const struct route_table *table, const struct l2tp_addr *dst,
	bool (*skip)(void *user, int ifindex), void *user, struct route *ret);
/* Our host route to dst is there. */
bool route_table_has_pin(const struct route_table *table, const struct l2tp_addr *dst);
/* Our default route through the interface is there. */
bool route_table_has_default(const struct route_table *table, int ifindex, int family);

#endif
