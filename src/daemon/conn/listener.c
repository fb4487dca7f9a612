/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Listening sockets: one per local address and port that links with "incoming" want.
 */
#include "daemon/daemon.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "linux/udp.h"
#include "base/log.h"
#include "daemon/reactor.h"

static int listener_io(sd_event_source *source, int fd, uint32_t revents, void *user)
{
	struct listener *listener = user;

	(void)source;
	(void)revents;
	reactor_read(listener->daemon, fd);
	return 0;
}

void listener_free(struct listener *listener)
{
	LIST_REMOVE(listener, entry);
	sd_event_source_disable_unref(listener->io);
	close(listener->fd);
	free(listener);
}

/* Tunnels that came through a listener which a reload closed have its port still. */
static bool tunnels_hold_port(struct daemon *d, const struct l2tp_addr *self)
{
	struct conn *conn, *tmp;

	HASH_ITER (hh, d->conns, conn, tmp)
		if (conn->fd >= 0 && conn->path.local.sa.sa_family == self->sa.sa_family &&
			l2tp_addr_port(&conn->path.local) == l2tp_addr_port(self))
			return true;
	return false;
}

static int listener_open(struct daemon *d, const struct l2tp_addr *self)
{
	char addr[L2TP_ADDR_STRLEN];
	struct listener *listener = calloc(1, sizeof(*listener));
	int r;

	if (!listener)
		return -ENOMEM;
	listener->daemon = d;
	listener->self = *self;
	r = udp_listen(self, &listener->fd);
	if (r == -EADDRINUSE && tunnels_hold_port(d, self))
		r = udp_listen_again(self, &listener->fd);
	if (r < 0) {
		free(listener);
		l2tp_addr_format(self, addr);
		if (r == -EADDRINUSE)
			log_error(
				"cannot listen on %s: %s. Another program has the port "
				"(see \"ss -ulpn sport = %u\"): stop it, or give the link another "
				"\"self\".",
				addr, strerror(-r), l2tp_addr_port(self));
		else if (r == -EADDRNOTAVAIL)
			log_error("cannot listen on %s: %s. This machine does not have that "
				  "address: correct \"self\" of the link.",
				addr, strerror(-r));
		else
			log_error("cannot listen on %s: %s", addr, strerror(-r));
		return r;
	}
	r = sd_event_add_io(d->event, &listener->io, listener->fd, EPOLLIN, listener_io, listener);
	if (r < 0) {
		close(listener->fd);
		free(listener);
		return r;
	}
	listener->wanted = true;
	LIST_INSERT_HEAD(&d->listeners, listener, entry);
	log_info("listening on %s", l2tp_addr_format(self, addr));
	return 0;
}

static int listener_want(struct daemon *d, const struct l2tp_addr *self)
{
	struct listener *listener;

	LIST_FOREACH (listener, &d->listeners, entry) {
		if (l2tp_addr_equal(&listener->self, self)) {
			listener->wanted = true;
			return 0;
		}
	}
	return listener_open(d, self);
}

static int listener_want_link(struct daemon *d, const struct link *link)
{
	uint16_t port = link->config->self.port ? link->config->self.port : L2TP_PORT;
	static const int families[] = { AF_INET, AF_INET6 };
	char text[200];
	int r = 0;

	for (size_t i = 0; i < 2; i++) {
		struct l2tp_addr self = { 0 };
		int q = link_self(link, families[i], &self, text, sizeof(text));

		if (q == -EAFNOSUPPORT) /* self is an address of the other family */
			continue;
		if (q < 0) {
			log_error("%s", text);
			r = q;
			continue;
		}
		if (self.sa.sa_family == AF_UNSPEC)
			self.sa.sa_family = (sa_family_t)families[i];
		l2tp_addr_set_port(&self, port);
		q = listener_want(d, &self);
		if (q == -EAFNOSUPPORT && families[i] == AF_INET6)
			continue; /* a kernel without IPv6 */
		if (q < 0 && r == 0)
			r = q;
	}
	return r;
}

int reactor_update_listeners(struct daemon *d)
{
	struct listener *listener, *next;
	struct link *link;
	int r = 0;

	LIST_FOREACH (listener, &d->listeners, entry)
		listener->wanted = false;
	TAILQ_FOREACH (link, &d->links, entry) {
		int q;

		if (!link->config || !link->config->incoming)
			continue;
		q = listener_want_link(d, link);
		if (q < 0 && r == 0)
			r = q;
	}
	for (listener = LIST_FIRST(&d->listeners); listener; listener = next) {
		next = LIST_NEXT(listener, entry);
		if (!listener->wanted)
			listener_free(listener);
	}
	return r;
}

/* An answer before the tunnel has a socket leaves from the listener the peer wrote to. */
void listener_send(struct daemon *d, const struct l2tp_effect *e)
{
	struct listener *listener, *any = NULL;
	int r;

	LIST_FOREACH (listener, &d->listeners, entry) {
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

/* For udp_tunnel_accept(): the listener that guards the port; -1: none. */
int listener_fd(struct daemon *d, const struct l2tp_addr *local)
{
	struct listener *listener;
	int fd = -1;

	LIST_FOREACH (listener, &d->listeners, entry) {
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
