// SPDX-License-Identifier: GPL-2.0-or-later
/* PPPoL2TP sockets. */
#include "pppox.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/if_pppox.h>
#include <linux/ppp-ioctl.h>

#include "loopback.h"

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

#define SCRATCH_WAIT_MS 500

/* Let one LCP Echo-Request wait in the PPPoX socket. */
static int scratch_queue_frame(const struct loopback *lb)
{
	/* 18 bytes: those of less than 14 go to userspace instead (l2tp_udp_encap_recv) */
	const uint16_t frame[] = { htons(0x0002), htons(lb->tid), htons(lb->sid), htons(0xff03),
		htons(0xc021), htons(0x0901), htons(8), 0, 0 };
	struct pollfd p = { .fd = lb->pppox_fd, .events = POLLIN };
	int r;

	if (send(lb->far_fd, frame, sizeof(frame), 0) < 0)
		return -errno;
	r = poll(&p, 1, SCRATCH_WAIT_MS);
	if (r < 0)
		return -errno;
	return r == 0 ? -ETIMEDOUT : 0;
}

/* Is that frame in the channel now? */
static int scratch_read_channel(int ppp_fd, int channel, bool *ret_there)
{
	uint8_t buf[64];
	ssize_t len;

	if (ioctl(ppp_fd, PPPIOCATTCHAN, &channel) < 0)
		return -errno;
	len = read(ppp_fd, buf, sizeof(buf));
	if (len < 0 && errno != EAGAIN)
		return -errno;
	if (len == 0)
		return -ENXIO; /* the channel is gone */
	*ret_there = len > 0;
	return 0;
}

int pppox_probe_drain(struct l2tp_genl *genl, bool *ret_drains)
{
	struct loopback lb;
	const char *call;
	int ppp_fd = -1, r;

	r = loopback_open(genl, &lb, &call);
	if (r < 0)
		return r;
	r = scratch_queue_frame(&lb);
	if (r == 0)
		r = pppox_channel(lb.pppox_fd);
	if (r >= 0) {
		ppp_fd = open("/dev/ppp", O_RDWR | O_NONBLOCK | O_CLOEXEC);
		r = ppp_fd < 0 ? -errno : scratch_read_channel(ppp_fd, r, ret_drains);
	}
	if (ppp_fd >= 0)
		close(ppp_fd);
	loopback_close(genl, &lb);
	return r;
}
