/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Host routes to the peers of tunnels that we opened: they keep a tunnel out of itself, whatever
 * routes PPP brings. One per peer, shared by its tunnels. Beside it stands an unreachable route of
 * the last metric: when an interface goes down the kernel drops the pinned route with it, and the
 * next best might be a default route through the tunnel.
 */
#include "pin.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "base/log.h"
#include "daemon/iface.h"
#include "linux/route_table.h"

struct pin {
	LIST_ENTRY(pin) entry;
	struct l2tp_addr host;
	unsigned users;
	bool routed;  /* our host route is set */
	bool blocked; /* our unreachable route is set */
	struct route route;
};

struct pins {
	LIST_HEAD(, pin) list;
};

static bool is_ours(void *user, int ifindex)
{
	return iface_call(user, ifindex) != NULL;
}

/* The way there without our own routes and tunnels; for policy routing, which the main table does
 * not show, as the kernel says. */
static int find_way(struct daemon *d, const struct route_table *table, const struct l2tp_addr *host,
	struct route *ret)
{
	int r = table ? route_table_best(table, host, is_ours, d, ret) : -ENETUNREACH;

	if (r == -ENETUNREACH) {
		r = route_lookup(host, ret);
		if (r == 0 && is_ours(d, ret->ifindex))
			r = -EHOSTUNREACH;
	}
	return r;
}

static void unblock(struct pin *pin)
{
	if (pin->blocked)
		route_unblock(&pin->host);
	pin->blocked = false;
}

/* Pin by a way that was found; the block stays all the while. */
static int pin_move(struct pin *pin, const struct route *way)
{
	int r;

	if (pin->routed)
		route_unpin(&pin->route);
	r = route_pin_to(way);
	pin->routed = r == 0;
	if (r == 0)
		pin->route = *way;
	if (!pin->blocked && r != -EEXIST && route_block(&pin->host) == 0)
		pin->blocked = true;
	return r == -EEXIST ? 0 : r;
}

/* The kernel's way leads through a tunnel of ours: take the one without it. */
static int pin_around(struct daemon *d, struct pin *pin)
{
	struct route_table *table = NULL;
	struct route way;
	int r;

	route_table_read(&table);
	r = find_way(d, table, &pin->host, &way);
	route_table_free(table);
	return r < 0 ? r : pin_move(pin, &way);
}

/* 0: the host is pinned, or needs no pin. */
static int pin_set(struct daemon *d, struct pin *pin)
{
	int r;

	unblock(pin);
	r = route_pin(&pin->host, &pin->route);
	if (r == 0 && is_ours(d, pin->route.ifindex)) {
		route_unpin(&pin->route);
		return pin_around(d, pin);
	}
	pin->routed = r == 0;
	if (r == -EEXIST || r == -EADDRNOTAVAIL)
		return 0; /* somebody's own host route, or this very machine */
	if (route_block(&pin->host) == 0)
		pin->blocked = true;
	return r;
}

static void pin_unset(struct pin *pin)
{
	char host[L2TP_ADDR_STRLEN];
	int r = pin->routed ? route_unpin(&pin->route) : 0;

	unblock(pin);
	pin->routed = false;
	if (r < 0 && r != -ESRCH && r != -ENODEV)
		log_warning("removing the host route to %s: %s",
			l2tp_addr_format_host(&pin->host, host), strerror(-r));
}

struct pin *pin_get(struct daemon *d, const struct l2tp_addr *host)
{
	char text[L2TP_ADDR_STRLEN];
	struct pin *pin;
	int r;

	LIST_FOREACH (pin, &d->pins->list, entry) {
		if (l2tp_addr_same_host(&pin->host, host)) {
			pin->users++;
			return pin;
		}
	}
	pin = calloc(1, sizeof(*pin));
	if (!pin)
		return NULL;
	pin->users = 1;
	pin->host = *host;
	l2tp_addr_set_port(&pin->host, 0);
	LIST_INSERT_HEAD(&d->pins->list, pin, entry);
	r = pin_set(d, pin);
	if (r < 0) /* no way there at all: sending says so, a block would outlast the reason */
		unblock(pin);
	if (r < 0 && r != -ENETUNREACH && r != -EHOSTUNREACH)
		log_warning("no host route to %s could be set: %s; a route through the tunnel that "
			    "covers this address would break it",
			l2tp_addr_format_host(host, text), strerror(-r));
	return pin;
}

void pin_put(struct pin *pin)
{
	if (!pin || --pin->users > 0)
		return;
	pin_unset(pin);
	LIST_REMOVE(pin, entry);
	free(pin);
}

static bool same_way(const struct route *a, const struct route *b)
{
	return a->ifindex == b->ifindex && a->gateway.sa.sa_family == b->gateway.sa.sa_family &&
	       (a->gateway.sa.sa_family == AF_UNSPEC ||
		       l2tp_addr_same_host(&a->gateway, &b->gateway));
}

static void pin_check(struct daemon *d, struct pin *pin, const struct route_table *table)
{
	char host[L2TP_ADDR_STRLEN];
	bool was = pin->routed;
	struct route way;
	int r;

	l2tp_addr_format_host(&pin->host, host);
	r = find_way(d, table, &pin->host, &way);
	if (r == 0 && was && same_way(&way, &pin->route) && table &&
		route_table_has_pin(table, &pin->host))
		return;
	if (r == 0) {
		r = pin_move(pin, &way);
	} else if (was) {
		route_unpin(&pin->route);
		pin->routed = false;
	}
	if (r == 0 && pin->routed)
		log_info("host route to %s follows the network", host);
	else if (r < 0 && was)
		log_notice("%s cannot be reached but through a tunnel to it; waiting for another "
			   "way",
			host);
}

void pins_check(struct daemon *d)
{
	struct route_table *table = NULL;
	struct pin *pin;
	int r;

	if (LIST_EMPTY(&d->pins->list))
		return;
	r = route_table_read(&table);
	if (r < 0)
		log_warning("reading the routes of this machine: %s", strerror(-r));
	LIST_FOREACH (pin, &d->pins->list, entry)
		pin_check(d, pin, table);
	route_table_free(table);
}

int pins_new(struct daemon *d)
{
	d->pins = calloc(1, sizeof(*d->pins));
	return d->pins ? 0 : -ENOMEM;
}

void pins_free(struct daemon *d)
{
	free(d->pins);
	d->pins = NULL;
}
