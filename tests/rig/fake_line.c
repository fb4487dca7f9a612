/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ethernet ports, PPPoE sessions and PPP channels of the machine, for calls that are forwarded. */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fake_linux.h"
#include "fake_priv.h"
#include "linux/pppoe_socket.h"
#include "linux/process.h"
#include "linux/tty.h"
#include "rig_alloc.h"

static TAILQ_HEAD(, fake_leg) legs = TAILQ_HEAD_INITIALIZER(legs);
static int last_channel;

static void pair(int fds[2])
{
	assert(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds) == 0);
}

/* --- PPP channels --- */

int fake_leg_open(const struct plane_job *job, struct ppp_leg *ret)
{
	struct fake_leg *leg = calloc(1, sizeof(*leg));
	int fds[2];

	assert(leg);
	pair(fds);
	leg->far = fds[1];
	leg->line = job->fd >= 0 ? job->fd : fake_plane_session(&machine.pppoe_sessions);
	leg->ours = fds[0];
	leg->channel = ++last_channel;
	leg->pppoe_sid = job->fd >= 0 ? 0 : job->pppoe.sid;
	TAILQ_INSERT_TAIL(&legs, leg, entry);
	*ret = (struct ppp_leg){ .line = leg->line, .channel = leg->channel, .fd = fds[0] };
	return 0;
}

static void leg_free(struct fake_leg *leg)
{
	TAILQ_REMOVE(&legs, leg, entry);
	close(leg->far);
	free(leg);
}

void fake_leg_closed(int fd)
{
	struct fake_leg *leg, *next;

	for (leg = TAILQ_FIRST(&legs); leg; leg = next) {
		next = TAILQ_NEXT(leg, entry);
		if (leg->line == fd)
			leg->line = -1;
		if (leg->ours == fd)
			leg->ours = -1;
		if (leg->line < 0 && leg->ours < 0)
			leg_free(leg);
	}
}

struct fake_leg *machine_leg(unsigned index)
{
	struct fake_leg *leg;

	TAILQ_FOREACH (leg, &legs, entry)
		if (index-- == 0)
			return leg;
	return NULL;
}

static struct fake_leg *by_channel(int channel)
{
	struct fake_leg *leg;

	TAILQ_FOREACH (leg, &legs, entry)
		if (leg->channel == channel)
			return leg;
	return NULL;
}

ssize_t ppp_leg_read(const struct ppp_leg *leg, uint8_t *buf, size_t size)
{
	ssize_t len = recv(leg->fd, buf, size, 0);

	fake_charge(10);
	return len < 0 ? -errno : len ? len : -ENOTCONN;
}

int ppp_leg_write(const struct ppp_leg *leg, const uint8_t *frame, size_t len)
{
	fake_charge(10);
	return send(leg->fd, frame, len, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

/* What waits at one goes out at the other; after that the kernel does it, here nobody. */
static void move(const struct ppp_leg *from, const struct ppp_leg *to)
{
	uint8_t frame[PPP_FRAME_MAX];
	ssize_t len;

	while ((len = ppp_leg_read(from, frame, sizeof(frame))) > 0)
		ppp_leg_write(to, frame, (size_t)len);
}

int ppp_leg_join(const struct ppp_leg *a, const struct ppp_leg *b)
{
	struct fake_leg *one = by_channel(a->channel), *other = by_channel(b->channel);

	fake_charge(50);
	if (machine.join_error)
		return machine.join_error;
	if (!one || !other)
		return -ENXIO;
	if (one->joined || other->joined)
		return -EALREADY;
	one->joined = other->channel;
	other->joined = one->channel;
	move(a, b);
	move(b, a);
	return 0;
}

void machine_leg_lost(struct fake_leg *leg)
{
	shutdown(leg->far, SHUT_RDWR);
}

/* --- serial lines --- */

int tty_open(const char *device, const struct tty_options *options, int *ret_fd)
{
	fake_charge(1000);
	if (machine.tty_error)
		return machine.tty_error;
	*ret_fd = fake_plane_session(&machine.ttys);
	return 0;
}

int tty_start_ppp(int fd)
{
	fake_charge(100);
	return 0;
}

int tty_errors(int fd, uint32_t ret[static 6])
{
	fake_charge(20);
	memcpy(ret, machine.tty_errors, sizeof(machine.tty_errors));
	return 0;
}

int ppp_leg_set_accm(const struct ppp_leg *leg, uint32_t send, uint32_t receive)
{
	fake_charge(10);
	machine.accm = send;
	return 0;
}

/* --- Ethernet --- */

static int ethernet = -1; /* the far end of the socket that listens */

int pppoe_socket_probe(void)
{
	return machine.pppoe_error;
}

int pppoe_socket_listen(int ifindex, int *ret_fd)
{
	int fds[2];

	fake_charge(100);
	if (machine.pppoe_error)
		return machine.pppoe_error;
	pair(fds);
	if (ethernet >= 0)
		close(ethernet);
	*ret_fd = fds[0];
	ethernet = fds[1];
	return 0;
}

void fake_line_reset(void)
{
	assert(TAILQ_EMPTY(&legs));
	if (ethernet >= 0)
		close(ethernet);
	ethernet = -1;
}

struct fake_frame {
	int ifindex;
	uint8_t octets[1514];
};

ssize_t pppoe_socket_recv(int fd, uint8_t *buf, size_t size, int *ret_ifindex)
{
	struct fake_frame frame;
	ssize_t len = recv(fd, &frame, sizeof(frame), 0);

	fake_charge(10);
	if (len < (ssize_t)sizeof(int))
		return len < 0 ? -errno : -EAGAIN;
	len -= (ssize_t)sizeof(int);
	*ret_ifindex = frame.ifindex;
	memcpy(buf, frame.octets, (size_t)len < size ? (size_t)len : size);
	return len;
}

int pppoe_socket_send(int fd, int ifindex, const void *octets, size_t len)
{
	struct fake_frame frame = { .ifindex = ifindex };

	fake_charge(30);
	assert(len <= sizeof(frame.octets));
	memcpy(frame.octets, octets, len);
	send(fd, &frame, sizeof(int) + len, MSG_NOSIGNAL);
	return 0;
}

void machine_ethernet_in(int ifindex, const uint8_t *octets, size_t len)
{
	struct fake_frame frame = { .ifindex = ifindex };

	assert(len <= sizeof(frame.octets));
	memcpy(frame.octets, octets, len);
	send(ethernet, &frame, sizeof(int) + len, MSG_NOSIGNAL);
}

size_t machine_ethernet_out(int *ret_ifindex, uint8_t *buf, size_t size)
{
	ssize_t len = ethernet < 0 ? -1 : pppoe_socket_recv(ethernet, buf, size, ret_ifindex);

	return len < 0 ? 0 : (size_t)len;
}

int pppoe_socket_ports(void (*seen)(void *user, const struct pppoe_socket_port *port), void *user)
{
	fake_charge(1000);
	for (size_t i = 0; i < MACHINE_PORTS && machine.ports[i].ifindex; i++)
		seen(user, &machine.ports[i]);
	return 0;
}
