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
#include "linux/route.h"

/* Changes of routes come in bursts; one look behind them is enough. */
#define CHECK_DELAY (200 * USEC_PER_MSEC)

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
	sd_event_source *timer;
};

/* 0: the host is pinned, or needs no pin. */
static int pin_set(struct daemon *d, struct pin *pin)
{
	int r;

	if (pin->blocked && route_unblock(&pin->host) == 0)
		pin->blocked = false;
	r = route_pin(&pin->host, &pin->route);
	if (r == 0 && iface_call(d, pin->route.ifindex)) {
		route_unpin(&pin->route);
		r = -EHOSTUNREACH;
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

	if (pin->blocked)
		route_unblock(&pin->host);
	pin->routed = pin->blocked = false;
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
	if (r < 0 && pin->blocked) {
		/* no way there at all: sending says so, and a block would outlast the reason */
		route_unblock(&pin->host);
		pin->blocked = false;
	}
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

static int pins_check(sd_event_source *source, uint64_t usec, void *user)
{
	struct daemon *d = user;
	struct pin *pin;

	LIST_FOREACH (pin, &d->pins->list, entry) {
		char text[L2TP_ADDR_STRLEN];
		struct route now;
		bool was = pin->routed;

		if (pin->routed && route_lookup(&pin->host, &now) == 0 &&
			now.ifindex == pin->route.ifindex)
			continue;
		if (pin->routed)
			route_unpin(&pin->route); /* a better one hides it, or the kernel took it */
		if (pin_set(d, pin) == 0)
			log_debug("host route to %s set anew",
				l2tp_addr_format_host(&pin->host, text));
		else if (was)
			log_notice("%s cannot be reached but through a tunnel to it; waiting for "
				   "another way",
				l2tp_addr_format_host(&pin->host, text));
	}
	return 0;
}

void pins_changed(struct daemon *d)
{
	if (LIST_EMPTY(&d->pins->list))
		return;
	if (!d->pins->timer) {
		sd_event_add_time_relative(d->event, &d->pins->timer, CLOCK_BOOTTIME, CHECK_DELAY,
			USEC_PER_SEC / 10, pins_check, d);
		return;
	}
	sd_event_source_set_time_relative(d->pins->timer, CHECK_DELAY);
	sd_event_source_set_enabled(d->pins->timer, SD_EVENT_ONESHOT);
}

int pins_new(struct daemon *d)
{
	d->pins = calloc(1, sizeof(*d->pins));
	return d->pins ? 0 : -ENOMEM;
}

void pins_free(struct daemon *d)
{
	if (!d->pins)
		return;
	sd_event_source_disable_unref(d->pins->timer);
	free(d->pins);
	d->pins = NULL;
}
