// SPDX-License-Identifier: GPL-2.0-or-later
/* PPPoL2TP sockets. */
#include "pppox.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/if_pppox.h>
#include <linux/ppp-ioctl.h>

#include "l2tp_genl.h"

static int pppox_socket(void)
{
	int fd = socket(AF_PPPOX, SOCK_DGRAM | SOCK_CLOEXEC, PX_PROTO_OL2TP);

	return fd < 0 ? -errno : fd;
}

int pppox_probe(void)
{
	int fd = pppox_socket();

	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}

/*
 * The kernel tells the variants apart by length alone (pppol2tp_sockaddr_get_info): 38 bytes for
 * L2TPv2 over IPv4, 50 over IPv6. Only the ids are read when the session exists; a tunnel would be
 * made only for session 0 of peer session 0. A session that does not exist is made here without a
 * word, with default parameters: that is why nothing may come between SESSION_CREATE and this.
 */
int pppox_connect(
	int family, uint16_t tid, uint16_t sid, uint16_t peer_tid, uint16_t peer_sid, int *ret_fd)
{
	struct sockaddr_pppol2tp in = {
		.sa_family = AF_PPPOX,
		.sa_protocol = PX_PROTO_OL2TP,
		.pppol2tp = {
			.fd = -1,
			.addr.sin_family = AF_INET,
			.s_tunnel = tid, .s_session = sid,
			.d_tunnel = peer_tid, .d_session = peer_sid,
		},
	};
	struct sockaddr_pppol2tpin6 in6 = {
		.sa_family = AF_PPPOX,
		.sa_protocol = PX_PROTO_OL2TP,
		.pppol2tp = {
			.fd = -1,
			.addr.sin6_family = AF_INET6,
			.s_tunnel = tid, .s_session = sid,
			.d_tunnel = peer_tid, .d_session = peer_sid,
		},
	};
	int fd, r;

	if (tid == 0 || sid == 0 || peer_tid == 0 || peer_sid == 0)
		return -EINVAL;
	fd = pppox_socket();
	if (fd < 0)
		return fd;
	if (family == AF_INET6)
		r = connect(fd, (struct sockaddr *)&in6, sizeof(in6));
	else
		r = connect(fd, (struct sockaddr *)&in, sizeof(in));
	if (r < 0) {
		r = -errno;
		close(fd);
		return r;
	}
	*ret_fd = fd;
	return 0;
}

int pppox_channel(int fd)
{
	int channel;

	return ioctl(fd, PPPIOCGCHAN, &channel) < 0 ? -errno : channel;
}

/* --- Does PPPIOCGCHAN drain the socket? --- */

#define SCRATCH_ID_TRIES 16
#define SCRATCH_WAIT_MS	 500

/* A kernel tunnel between two UDP sockets of this process, with one session. -1, 0: not there. */
struct scratch {
	int tunnel_fd, peer_fd, pppox_fd, ppp_fd;
	uint16_t tid, sid;
};

static int loopback_socket(struct sockaddr_in *ret_addr)
{
	struct sockaddr_in addr = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	socklen_t len = sizeof(addr);
	int fd, r;

	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	if (bind(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0 ||
		getsockname(fd, (struct sockaddr *)&addr, &len) < 0) {
		r = -errno;
		close(fd);
		return r;
	}
	*ret_addr = addr;
	return fd;
}

static uint16_t random_id(void)
{
	uint16_t id = 0;

	while (id == 0)
		if (getrandom(&id, sizeof(id), 0) != sizeof(id))
			id = 0;
	return id;
}

static int scratch_sockets(struct scratch *s)
{
	struct sockaddr_in a, b;

	s->tunnel_fd = loopback_socket(&a);
	if (s->tunnel_fd < 0)
		return s->tunnel_fd;
	s->peer_fd = loopback_socket(&b);
	if (s->peer_fd < 0)
		return s->peer_fd;
	if (connect(s->tunnel_fd, (struct sockaddr *)&b, sizeof(b)) < 0 ||
		connect(s->peer_fd, (struct sockaddr *)&a, sizeof(a)) < 0)
		return -errno;
	return 0;
}

static int scratch_open(struct scratch *s, struct l2tp_genl *genl)
{
	struct l2tp_genl_session session;
	uint16_t tid = 0, sid = random_id();
	int r, i;

	r = scratch_sockets(s);
	if (r < 0)
		return r;
	/* ids of other programs are no business of ours: try another */
	for (i = 0, r = -EEXIST; i < SCRATCH_ID_TRIES && r == -EEXIST; i++) {
		tid = random_id();
		r = l2tp_genl_tunnel_create(genl, tid, tid, s->tunnel_fd);
	}
	if (r < 0)
		return r;
	s->tid = tid;
	session = (struct l2tp_genl_session){ .tid = tid, .sid = sid, .peer_sid = sid };
	r = l2tp_genl_session_create(genl, &session);
	if (r < 0)
		return r;
	s->sid = sid;
	return pppox_connect(AF_INET, tid, sid, tid, sid, &s->pppox_fd);
}

static void scratch_close(struct scratch *s, struct l2tp_genl *genl)
{
	if (s->ppp_fd >= 0)
		close(s->ppp_fd);
	if (s->sid)
		l2tp_genl_session_delete(genl, s->tid, s->sid);
	if (s->pppox_fd >= 0)
		close(s->pppox_fd);
	if (s->tid)
		l2tp_genl_tunnel_delete(genl, s->tid);
	if (s->tunnel_fd >= 0)
		close(s->tunnel_fd);
	if (s->peer_fd >= 0)
		close(s->peer_fd);
}

/* Let one LCP Echo-Request wait in the PPPoX socket. */
static int scratch_queue_frame(const struct scratch *s)
{
	/* 18 bytes: those of less than 14 go to userspace instead (l2tp_udp_encap_recv) */
	const uint16_t frame[] = { htons(0x0002), htons(s->tid), htons(s->sid), htons(0xff03),
		htons(0xc021), htons(0x0901), htons(8), 0, 0 };
	struct pollfd p = { .fd = s->pppox_fd, .events = POLLIN };
	int r;

	if (send(s->peer_fd, frame, sizeof(frame), MSG_NOSIGNAL) < 0)
		return -errno;
	r = poll(&p, 1, SCRATCH_WAIT_MS);
	if (r < 0)
		return -errno;
	return r == 0 ? -ETIMEDOUT : 0;
}

/* Is that frame in the channel now? */
static int scratch_read_channel(struct scratch *s, int channel, bool *ret_there)
{
	uint8_t buf[64];
	ssize_t len;

	s->ppp_fd = open("/dev/ppp", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (s->ppp_fd < 0)
		return -errno;
	if (ioctl(s->ppp_fd, PPPIOCATTCHAN, &channel) < 0)
		return -errno;
	len = read(s->ppp_fd, buf, sizeof(buf));
	if (len < 0 && errno != EAGAIN)
		return -errno;
	if (len == 0)
		return -ENXIO; /* the channel is gone */
	*ret_there = len > 0;
	return 0;
}

int pppox_probe_drain(struct l2tp_genl *genl, bool *ret_drains)
{
	struct scratch s = { .tunnel_fd = -1, .peer_fd = -1, .pppox_fd = -1, .ppp_fd = -1 };
	int r;

	r = scratch_open(&s, genl);
	if (r == 0)
		r = scratch_queue_frame(&s);
	if (r == 0)
		r = pppox_channel(s.pppox_fd);
	if (r >= 0)
		r = scratch_read_channel(&s, r, ret_drains);
	scratch_close(&s, genl);
	return r;
}
