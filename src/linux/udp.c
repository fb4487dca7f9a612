/* SPDX-License-Identifier: GPL-2.0-or-later */
/* UDP sockets of L2TP. */
#include "udp.h"

#include <errno.h>
#include <linux/errqueue.h>
#include <linux/filter.h>
#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

/* Room for one struct in_pktinfo or in6_pktinfo. */
union pktinfo_buf {
	struct cmsghdr align;
	char in[CMSG_SPACE(sizeof(struct in_pktinfo))];
	char in6[CMSG_SPACE(sizeof(struct in6_pktinfo))];
};

static int set_int(int fd, int level, int option, int value)
{
	return setsockopt(fd, level, option, &value, sizeof(value)) < 0 ? -errno : 0;
}

static int close_error(int fd, int r)
{
	close(fd);
	return r;
}

/*
 * Pass only messages with the T bit. A UDP socket's filter sees the UDP header first
 * (net/ipv4/udp.c udp_queue_rcv_one_skb), so L2TP starts at 8. On a socket that is a kernel tunnel
 * the filter runs after encap_rcv: data of known sessions has left by then, data of unknown ones
 * dies in softirq instead of in our receive queue. An empty datagram fails the load, which drops it
 * too.
 */
static int attach_t_bit_filter(int fd)
{
	static struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 8),
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 0x80, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_fprog prog = { .len = sizeof(code) / sizeof(code[0]), .filter = code };

	if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog)) < 0)
		return -errno;
	return 0;
}

/* An unbound socket with everything set that must be set before datagrams can reach it. */
static int socket_new(int family, int *ret_fd)
{
	int fd, r;

	if (family != AF_INET && family != AF_INET6)
		return -EAFNOSUPPORT;
	fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	if (family == AF_INET) {
		r = set_int(fd, IPPROTO_IP, IP_PKTINFO, 1);
	} else {
		r = set_int(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
		if (r == 0)
			r = set_int(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
	}
	if (r == 0)
		r = attach_t_bit_filter(fd);
	if (r < 0)
		return close_error(fd, r);
	*ret_fd = fd;
	return 0;
}

static int bind_to(int fd, const struct l2tp_addr *local)
{
	return bind(fd, &local->sa, l2tp_addr_len(local)) < 0 ? -errno : 0;
}

static int share_port(int fd)
{
	return set_int(fd, SOL_SOCKET, SO_REUSEPORT, 1);
}

/*
 * Bind fd beside a listener of the same port, and beside the sockets of its other tunnels.
 *
 * Not by SO_REUSEADDR: with that any local user could bind the unprivileged port 1701 over ours and
 * would get the traffic, as the newest socket wins. To have it on only while we bind ourselves is
 * not enough: a user who tried in a loop was in after some 500 to 5000 of our binds. SO_REUSEPORT
 * makes the kernel compare the owners of the sockets too (udp_lib_lport_inuse). Connected sockets
 * are found by their address as ever; a stranger's datagram goes to one of the port's unconnected
 * sockets.
 *
 * The listener gets the flag only now, after its bind: so its bind fails where another program has
 * the port, even if that is of the same user, and even if it is this one, started twice.
 */
static int bind_beside(int listener_fd, int fd, const struct l2tp_addr *local)
{
	int r;

	r = share_port(fd);
	if (r == 0 && listener_fd >= 0)
		r = share_port(listener_fd);
	return r < 0 ? r : bind_to(fd, local);
}

static int listen_on(const struct l2tp_addr *self, bool beside_tunnels, int *ret_fd)
{
	int fd, r;

	r = socket_new(self->sa.sa_family, &fd);
	if (r < 0)
		return r;
	r = beside_tunnels ? bind_beside(-1, fd, self) : bind_to(fd, self);
	if (r < 0)
		return close_error(fd, r);
	*ret_fd = fd;
	return 0;
}

int udp_listen(const struct l2tp_addr *self, int *ret_fd)
{
	return listen_on(self, false, ret_fd);
}

int udp_listen_again(const struct l2tp_addr *self, int *ret_fd)
{
	return listen_on(self, true, ret_fd);
}

/* Overwrite the address (not the port) of local with the one the datagram was sent to. */
static void read_pktinfo(struct msghdr *msg, struct l2tp_addr *local)
{
	struct cmsghdr *cmsg;
	struct in_pktinfo in;
	struct in6_pktinfo in6;

	for (cmsg = CMSG_FIRSTHDR(msg); cmsg; cmsg = CMSG_NXTHDR(msg, cmsg)) {
		if (cmsg->cmsg_level == IPPROTO_IP && cmsg->cmsg_type == IP_PKTINFO) {
			memcpy(&in, CMSG_DATA(cmsg), sizeof(in));
			/* not ipi_addr: nobody can answer from a broadcast address */
			local->in.sin_addr = in.ipi_spec_dst;
		} else if (cmsg->cmsg_level == IPPROTO_IPV6 && cmsg->cmsg_type == IPV6_PKTINFO) {
			memcpy(&in6, CMSG_DATA(cmsg), sizeof(in6));
			local->in6.sin6_addr = in6.ipi6_addr;
			local->in6.sin6_scope_id =
				IN6_IS_ADDR_LINKLOCAL(&in6.ipi6_addr) ? in6.ipi6_ifindex : 0;
		}
	}
}

ssize_t udp_recv(int fd, uint8_t *buf, size_t size, struct l2tp_path *ret_path)
{
	struct l2tp_path path = { 0 };
	struct iovec iov = { .iov_base = buf, .iov_len = size };
	union pktinfo_buf control;
	struct msghdr msg = {
		.msg_name = &path.peer,
		.msg_namelen = sizeof(path.peer),
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	ssize_t len;
	int r;

	len = recvmsg(fd, &msg, MSG_DONTWAIT);
	if (len < 0)
		return -errno;
	if (msg.msg_flags & MSG_TRUNC)
		return -EMSGSIZE;
	/* the port is the socket's own */
	r = udp_local(fd, &path.local);
	if (r < 0)
		return r;
	read_pktinfo(&msg, &path.local);
	*ret_path = path;
	return len;
}

/* Make the datagram leave from local, if that names an address. */
static void write_pktinfo(struct msghdr *msg, union pktinfo_buf *buf, const struct l2tp_addr *local)
{
	struct cmsghdr *cmsg;

	if (l2tp_addr_is_any(local))
		return;
	memset(buf, 0, sizeof(*buf));
	msg->msg_control = buf;
	if (local->sa.sa_family == AF_INET) {
		struct in_pktinfo in = { .ipi_spec_dst = local->in.sin_addr };

		msg->msg_controllen = sizeof(buf->in);
		cmsg = CMSG_FIRSTHDR(msg);
		cmsg->cmsg_level = IPPROTO_IP;
		cmsg->cmsg_type = IP_PKTINFO;
		cmsg->cmsg_len = CMSG_LEN(sizeof(in));
		memcpy(CMSG_DATA(cmsg), &in, sizeof(in));
	} else {
		struct in6_pktinfo in6 = {
			.ipi6_addr = local->in6.sin6_addr,
			.ipi6_ifindex = local->in6.sin6_scope_id,
		};

		msg->msg_controllen = sizeof(buf->in6);
		cmsg = CMSG_FIRSTHDR(msg);
		cmsg->cmsg_level = IPPROTO_IPV6;
		cmsg->cmsg_type = IPV6_PKTINFO;
		cmsg->cmsg_len = CMSG_LEN(sizeof(in6));
		memcpy(CMSG_DATA(cmsg), &in6, sizeof(in6));
	}
}

/*
 * Errors that an ICMP message about an earlier datagram left in the socket: the kernel reports them
 * once, instead of doing the send at hand. Since 6.8.12 a tunnel socket gets them for its data too
 * (l2tp_udp_encap_err_recv).
 */
static bool is_soft_error(int error)
{
	return error == ECONNREFUSED || error == EHOSTUNREACH || error == ENETUNREACH ||
	       error == EMSGSIZE;
}

int udp_send(int fd, const struct l2tp_path *path, const void *data, size_t len)
{
	struct iovec iov = { .iov_base = (void *)data, .iov_len = len };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	union pktinfo_buf control;
	ssize_t sent;

	if (path) {
		msg.msg_name = (void *)&path->peer.sa;
		msg.msg_namelen = l2tp_addr_len(&path->peer);
		write_pktinfo(&msg, &control, &path->local);
	}
	sent = sendmsg(fd, &msg, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (sent < 0 && is_soft_error(errno))
		sent = sendmsg(fd, &msg, MSG_DONTWAIT | MSG_NOSIGNAL);
	return sent < 0 ? -errno : 0;
}

/* What ICMP says of an unconnected socket's datagrams is kept for it, or (0) forgotten. */
static int hear_icmp(int fd, int family, int on)
{
	if (family == AF_INET6)
		return set_int(fd, IPPROTO_IPV6, IPV6_RECVERR, on);
	return set_int(fd, IPPROTO_IP, IP_RECVERR, on);
}

int udp_tunnel_open(int port_holder, const struct l2tp_addr *local, int *ret_fd)
{
	int fd, r;

	r = socket_new(local->sa.sa_family, &fd);
	if (r < 0)
		return r;
	/* a port of its own, also one that the kernel chooses, is not shared with anybody */
	if (port_holder >= 0 && l2tp_addr_port(local) != 0)
		r = bind_beside(port_holder, fd, local);
	else
		r = bind_to(fd, local);
	if (r == 0)
		r = hear_icmp(fd, local->sa.sa_family, 1);
	if (r < 0)
		return close_error(fd, r);
	*ret_fd = fd;
	return 0;
}

/* RFC 792, RFC 1812 5.2.7.1; RFC 4443 3.1 */
static bool is_prohibition(const struct sock_extended_err *err)
{
	if (err->ee_origin == SO_EE_ORIGIN_ICMP6)
		return err->ee_type == ICMP6_DST_UNREACH && err->ee_code == ICMP6_DST_UNREACH_ADMIN;
	return err->ee_origin == SO_EE_ORIGIN_ICMP && err->ee_type == ICMP_DEST_UNREACH &&
	       (err->ee_code == ICMP_NET_ANO || err->ee_code == ICMP_HOST_ANO ||
		       err->ee_code == ICMP_PKT_FILTERED);
}

static bool read_refusal(struct msghdr *msg, struct udp_refusal *ret)
{
	struct cmsghdr *cmsg;

	for (cmsg = CMSG_FIRSTHDR(msg); cmsg; cmsg = CMSG_NXTHDR(msg, cmsg)) {
		const struct sock_extended_err *err = (void *)CMSG_DATA(cmsg);
		const struct sockaddr *who;

		if (!(cmsg->cmsg_level == IPPROTO_IP && cmsg->cmsg_type == IP_RECVERR) &&
			!(cmsg->cmsg_level == IPPROTO_IPV6 && cmsg->cmsg_type == IPV6_RECVERR))
			continue;
		*ret = (struct udp_refusal){ .error = (int)err->ee_errno,
			.prohibited = is_prohibition(err) };
		who = SO_EE_OFFENDER(err);
		if (who->sa_family == AF_INET)
			memcpy(&ret->who.in, who, sizeof(ret->who.in));
		else if (who->sa_family == AF_INET6)
			memcpy(&ret->who.in6, who, sizeof(ret->who.in6));
		l2tp_addr_set_port(&ret->who, 0);
		return true;
	}
	return false;
}

int udp_refused(int fd, struct udp_refusal *ret)
{
	union {
		struct cmsghdr align;
		char room[512];
	} control;
	struct msghdr msg = { 0 };

	do {
		msg = (struct msghdr){ .msg_control = &control, .msg_controllen = sizeof(control) };
		if (recvmsg(fd, &msg, MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
			return -errno;
	} while (!read_refusal(&msg, ret));
	return 0;
}

int udp_tunnel_accept(int listener_fd, const struct l2tp_path *path, int *ret_fd)
{
	int fd, r;

	r = socket_new(path->peer.sa.sa_family, &fd);
	if (r < 0)
		return r;
	r = bind_beside(listener_fd, fd, &path->local);
	if (r == 0)
		r = udp_connect(fd, &path->peer);
	if (r < 0)
		return close_error(fd, r);
	*ret_fd = fd;
	return 0;
}

int udp_connect(int fd, const struct l2tp_addr *peer)
{
	int r = hear_icmp(fd, peer->sa.sa_family, 0);

	if (r < 0)
		return r;
	return connect(fd, &peer->sa, l2tp_addr_len(peer)) < 0 ? -errno : 0;
}

/*
 * IPv6 has no fragmentation on the way; by default the kernel fragments what is too long for the
 * path that it knows, which is what it does with its own data too.
 */
static int allow_fragments(int fd, bool on)
{
	struct l2tp_addr local;
	int r = udp_local(fd, &local);

	if (r < 0 || local.sa.sa_family != AF_INET)
		return r;
	return set_int(fd, IPPROTO_IP, IP_MTU_DISCOVER, on ? IP_PMTUDISC_DONT : IP_PMTUDISC_WANT);
}

int udp_carry_data(int fd, bool on)
{
	int unused = 0, r;

	r = allow_fragments(fd, on);
	if (r < 0 || !on)
		return r < 0 ? r : attach_t_bit_filter(fd);
	if (setsockopt(fd, SOL_SOCKET, SO_DETACH_FILTER, &unused, sizeof(unused)) < 0)
		return -errno;
	return 0;
}

static void set_buffer(int fd, int forced, int normal, int bytes)
{
	if (set_int(fd, SOL_SOCKET, forced, bytes) < 0)
		set_int(fd, SOL_SOCKET, normal, bytes);
}

void udp_set_buffers(int fd, int bytes)
{
	set_buffer(fd, SO_RCVBUFFORCE, SO_RCVBUF, bytes);
	set_buffer(fd, SO_SNDBUFFORCE, SO_SNDBUF, bytes);
}

int udp_local(int fd, struct l2tp_addr *ret_addr)
{
	struct l2tp_addr addr = { 0 };
	socklen_t len = sizeof(addr);

	if (getsockname(fd, &addr.sa, &len) < 0)
		return -errno;
	*ret_addr = addr;
	return 0;
}

int udp_path_mtu(int fd)
{
	struct l2tp_addr local;
	int mtu = 0, r;
	socklen_t len = sizeof(mtu);

	r = udp_local(fd, &local);
	if (r < 0)
		return r;
	if (local.sa.sa_family == AF_INET)
		r = getsockopt(fd, IPPROTO_IP, IP_MTU, &mtu, &len);
	else
		r = getsockopt(fd, IPPROTO_IPV6, IPV6_MTU, &mtu, &len);
	return r < 0 ? -errno : mtu;
}
