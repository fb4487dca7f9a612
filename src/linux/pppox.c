/* SPDX-License-Identifier: GPL-2.0-or-later */
/* PPPoL2TP sockets. */
#include "pppox.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/if_pppox.h>
#include <linux/ppp-ioctl.h>

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
