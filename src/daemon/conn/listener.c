/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "listener.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/queue.h>

#include "base/log.h"
#include "daemon/input.h"
#include "linux/process.h"
#include "linux/udp.h"

struct listener {
	LIST_ENTRY(listener) entry;
	struct daemon *daemon;
	struct l2tp_addr self;
	int fd;
	sd_event_source *io;
	bool wanted; /* in the present round */
};

struct listeners {
	LIST_HEAD(, listener) list;
};

static int listener_io(sd_event_source *source, int fd, uint32_t revents, void *user)
{
	struct listener *listener = user;

	input_read(listener->daemon, fd, NULL);
	return 0;
}

static void listener_free(struct listener *listener)
{
	LIST_REMOVE(listener, entry);
	sd_event_source_disable_unref(listener->io);
	process_close(listener->fd);
	free(listener);
}

static int cannot_listen(const struct l2tp_addr *self, int error, struct why *why)
{
	char addr[L2TP_ADDR_STRLEN];

	l2tp_addr_format(self, addr);
	if (error == -EADDRINUSE)
		return why_not(why, error,
			"cannot listen on %s: %s. Another program has the port (see \"ss -ulpn "
			"sport = %u\"): stop it, or give the link another \"self\"",
			addr, strerror(-error), l2tp_addr_port(self));
	if (error == -EADDRNOTAVAIL)
		return why_not(why, error,
			"cannot listen on %s: this machine does not have that address (yet)", addr);
	return why_not(why, error, "cannot listen on %s: %s", addr, strerror(-error));
}

static bool same_port(const struct l2tp_addr *a, const struct l2tp_addr *b)
{
	return a->sa.sa_family == b->sa.sa_family && l2tp_addr_port(a) == l2tp_addr_port(b);
}

static void drop_covered(struct daemon *d, const struct l2tp_addr *any)
{
	struct listener *listener, *next;

	for (listener = LIST_FIRST(&d->listeners->list); listener; listener = next) {
		next = LIST_NEXT(listener, entry);
		if (same_port(&listener->self, any))
			listener_free(listener);
	}
}

int listener_open(
	struct daemon *d, const struct l2tp_addr *self, bool tunnels_left, struct why *why)
{
	struct listener *listener = calloc(1, sizeof(*listener));
	char addr[L2TP_ADDR_STRLEN];
	int r;

	if (!listener)
		return why_not(why, -ENOMEM, "%s", strerror(ENOMEM));
	listener->daemon = d;
	listener->self = *self;
	if (l2tp_addr_is_any(self))
		drop_covered(d, self);
	r = udp_listen(self, &listener->fd);
	if (r == -EADDRINUSE && tunnels_left)
		r = udp_listen_again(self, &listener->fd);
	if (r < 0) {
		free(listener);
		return cannot_listen(self, r, why);
	}
	r = sd_event_add_io(d->event, &listener->io, listener->fd, EPOLLIN, listener_io, listener);
	if (r < 0) {
		process_close(listener->fd);
		free(listener);
		return cannot_listen(self, r, why);
	}
	listener->wanted = true;
	LIST_INSERT_HEAD(&d->listeners->list, listener, entry);
	log_info("listening on %s", l2tp_addr_format(self, addr));
	return 0;
}

bool listener_keep(struct daemon *d, const struct l2tp_addr *self)
{
	struct listener *listener;

	LIST_FOREACH (listener, &d->listeners->list, entry)
		if (l2tp_addr_equal(&listener->self, self) ||
			(l2tp_addr_is_any(&listener->self) && same_port(&listener->self, self)))
			return listener->wanted = true;
	return false;
}

void listeners_begin(struct daemon *d)
{
	struct listener *listener;

	LIST_FOREACH (listener, &d->listeners->list, entry)
		listener->wanted = false;
}

void listeners_end(struct daemon *d)
{
	struct listener *listener, *next;

	for (listener = LIST_FIRST(&d->listeners->list); listener; listener = next) {
		next = LIST_NEXT(listener, entry);
		if (!listener->wanted)
			listener_free(listener);
	}
}

int listeners_new(struct daemon *d)
{
	d->listeners = calloc(1, sizeof(*d->listeners));
	return d->listeners ? 0 : -ENOMEM;
}

void listeners_free(struct daemon *d)
{
	if (!d->listeners)
		return;
	listeners_begin(d);
	listeners_end(d);
	free(d->listeners);
	d->listeners = NULL;
}

void listener_send(struct daemon *d, const struct l2tp_effect *e)
{
	struct listener *listener, *any = NULL;
	int r;

	LIST_FOREACH (listener, &d->listeners->list, entry) {
		if (l2tp_addr_equal(&listener->self, &e->path.local)) {
			any = listener;
			break;
		}
		if (l2tp_addr_is_any(&listener->self) &&
			listener->self.sa.sa_family == e->path.local.sa.sa_family &&
			l2tp_addr_port(&listener->self) == l2tp_addr_port(&e->path.local))
			any = listener;
	}
	if (!any)
		return; /* closed by a reload meanwhile */
	r = udp_send(any->fd, &e->path, e->send.data, e->send.len);
	if (r < 0 && r != -EAGAIN) {
		char peer[L2TP_ADDR_STRLEN];

		log_debug("sending to %s: %s", l2tp_addr_format(&e->path.peer, peer), strerror(-r));
	}
}

int listener_fd(const struct daemon *d, const struct l2tp_addr *local)
{
	struct listener *listener;
	int fd = -1;

	LIST_FOREACH (listener, &d->listeners->list, entry) {
		if (l2tp_addr_port(&listener->self) != l2tp_addr_port(local) ||
			listener->self.sa.sa_family != local->sa.sa_family)
			continue;
		if (l2tp_addr_equal(&listener->self, local))
			return listener->fd;
		if (l2tp_addr_is_any(&listener->self))
			fd = listener->fd;
	}
	return fd;
}
