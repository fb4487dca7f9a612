/* SPDX-License-Identifier: GPL-2.0-or-later */
/* UDP sockets of the machine: eventfds that are readable while datagrams wait. */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "fake_linux.h"
#include "fake_priv.h"
#include "linux/udp.h"
#include "rig_alloc.h"

struct fake_socket {
	TAILQ_ENTRY(fake_socket) entry;
	int fd;
	bool listens;
	struct l2tp_addr local, peer; /* peer AF_UNSPEC: not connected */
	unsigned refused;	      /* ICMP messages not read yet */
	struct datagram_list waiting;
};

static TAILQ_HEAD(, fake_socket) sockets = TAILQ_HEAD_INITIALIZER(sockets);
static uint16_t next_port = 40000;

static struct fake_socket *socket_of(int fd)
{
	struct fake_socket *s;

	TAILQ_FOREACH (s, &sockets, entry)
		if (s->fd == fd)
			return s;
	return NULL;
}

static struct fake_socket *socket_new(const struct l2tp_addr *local)
{
	struct fake_socket *s = calloc(1, sizeof(*s));

	assert(s);
	s->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK | EFD_SEMAPHORE);
	assert(s->fd >= 0);
	s->local = *local;
	if (!l2tp_addr_port(local))
		l2tp_addr_set_port(&s->local, next_port++);
	STAILQ_INIT(&s->waiting);
	TAILQ_INSERT_TAIL(&sockets, s, entry);
	return s;
}

static void drop_waiting(struct fake_socket *s)
{
	struct datagram *d;

	while ((d = STAILQ_FIRST(&s->waiting))) {
		STAILQ_REMOVE_HEAD(&s->waiting, entry);
		free(d);
	}
}

bool fake_udp_closed(int fd)
{
	struct fake_socket *s = socket_of(fd);

	if (!s)
		return false;
	drop_waiting(s);
	TAILQ_REMOVE(&sockets, s, entry);
	free(s);
	return true;
}

unsigned fake_udp_count(void)
{
	struct fake_socket *s;
	unsigned count = 0;

	TAILQ_FOREACH (s, &sockets, entry)
		count++;
	return count;
}

static struct fake_socket *listener_of(const struct l2tp_addr *local)
{
	struct fake_socket *s;

	TAILQ_FOREACH (s, &sockets, entry)
		if (s->listens && l2tp_addr_equal(&s->local, local))
			return s;
	return NULL;
}

int udp_listen(const struct l2tp_addr *self, int *ret_fd)
{
	struct fake_socket *s;

	fake_charge(50);
	if (machine.listen_error)
		return machine.listen_error;
	if (listener_of(self))
		return -EADDRINUSE;
	s = socket_new(self);
	s->listens = true;
	*ret_fd = s->fd;
	return 0;
}

int udp_listen_again(const struct l2tp_addr *self, int *ret_fd)
{
	struct fake_socket *s = socket_new(self);

	fake_charge(50);
	s->listens = true;
	*ret_fd = s->fd;
	return 0;
}

int udp_tunnel_open(int listener_fd, const struct l2tp_addr *local, int *ret_fd)
{
	struct l2tp_addr bound = *local;

	fake_charge(100);
	if (machine.tunnel_socket_error)
		return machine.tunnel_socket_error;
	if (l2tp_addr_is_any(local) && local->sa.sa_family == AF_INET) {
		l2tp_addr_parse("192.0.2.1", 0, &bound);
		l2tp_addr_set_port(&bound, l2tp_addr_port(local));
	}
	*ret_fd = socket_new(&bound)->fd;
	return 0;
}

int udp_tunnel_accept(int listener_fd, const struct l2tp_path *path, int *ret_fd)
{
	struct fake_socket *s;

	fake_charge(100);
	if (machine.accept_error)
		return machine.accept_error;
	s = socket_new(&path->local);
	s->peer = path->peer;
	*ret_fd = s->fd;
	return 0;
}

int udp_connect(int fd, const struct l2tp_addr *peer)
{
	fake_charge(20);
	socket_of(fd)->peer = *peer;
	return 0;
}

int udp_local(int fd, struct l2tp_addr *ret_addr)
{
	fake_charge(5);
	*ret_addr = socket_of(fd)->local;
	return 0;
}

int udp_path_mtu(int fd)
{
	fake_charge(5);
	return machine.path_mtu ? (int)machine.path_mtu : 1500;
}

ssize_t udp_recv(int fd, uint8_t *buf, size_t size, struct l2tp_path *ret_path)
{
	struct fake_socket *s = socket_of(fd);
	struct datagram *d = STAILQ_FIRST(&s->waiting);
	eventfd_t one;
	ssize_t len;

	fake_charge(10);
	if (!d)
		return -EAGAIN;
	STAILQ_REMOVE_HEAD(&s->waiting, entry);
	eventfd_read(fd, &one);
	assert(d->len <= size);
	memcpy(buf, d->data, d->len);
	*ret_path = d->path;
	len = (ssize_t)d->len;
	free(d);
	return len;
}

int udp_refused(int fd, struct udp_refusal *ret)
{
	struct fake_socket *s = socket_of(fd);
	eventfd_t one;

	fake_charge(10);
	if (!s->refused)
		return -EAGAIN;
	s->refused--;
	eventfd_read(fd, &one);
	*ret = machine.icmp;
	return 0;
}

static struct datagram *datagram_new(const struct l2tp_path *path, const void *data, size_t len)
{
	struct datagram *d = calloc(1, sizeof(*d));

	assert(d && len <= sizeof(d->data));
	d->path = *path;
	d->len = len;
	memcpy(d->data, data, len);
	return d;
}

int udp_send(int fd, const struct l2tp_path *path, const void *data, size_t len)
{
	struct fake_socket *s = socket_of(fd);
	struct l2tp_path way = { .local = s->local, .peer = path ? path->peer : s->peer };
	struct datagram *d;

	fake_charge(30);
	if (machine.no_network)
		return -ENETUNREACH;
	if (machine.icmp.error && s->peer.sa.sa_family == AF_UNSPEC && !s->listens) {
		s->refused++;
		eventfd_write(s->fd, 1);
		return 0;
	}
	if (s->listens && path)
		way.local = path->local;
	d = datagram_new(&way, data, len);
	STAILQ_INSERT_TAIL(&machine.sent, d, entry);
	return 0;
}

struct datagram *machine_sent(void)
{
	struct datagram *d = STAILQ_FIRST(&machine.sent);

	if (d)
		STAILQ_REMOVE_HEAD(&machine.sent, entry);
	return d;
}

/* A connected socket beats one that is not, as in the kernel. */
static int fits(const struct fake_socket *s, const struct l2tp_path *path)
{
	if (l2tp_addr_port(&s->local) != l2tp_addr_port(&path->local) ||
		s->local.sa.sa_family != path->local.sa.sa_family)
		return 0;
	if (!l2tp_addr_is_any(&s->local) && !l2tp_addr_same_host(&s->local, &path->local))
		return 0;
	if (s->peer.sa.sa_family == AF_UNSPEC)
		return s->listens ? 1 : 2;
	return l2tp_addr_equal(&s->peer, &path->peer) ? 3 : 0;
}

bool machine_deliver(const struct l2tp_path *path, const void *data, size_t len)
{
	struct fake_socket *s, *best = NULL;
	struct datagram *d;

	TAILQ_FOREACH (s, &sockets, entry)
		if (fits(s, path) && (!best || fits(s, path) > fits(best, path)))
			best = s;
	if (!best)
		return false;
	d = datagram_new(path, data, len);
	STAILQ_INSERT_TAIL(&best->waiting, d, entry);
	eventfd_write(best->fd, 1);
	return true;
}
