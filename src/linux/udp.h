/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * UDP sockets of L2TP: one listener per local address, one socket per tunnel. All are non-blocking
 * and close-on-exec, with UDP checksums on (RFC 2661 8.1). Errors are -errno.
 */
#ifndef LINUX_UDP_H
#define LINUX_UDP_H

#include <stdbool.h>

#include <l2tp/types.h>

/* Largest datagram there is; a receive buffer of this size never truncates. */
#define UDP_MAX_DATAGRAM 65535

/*
 * A listener on self (address 0.0.0.0 or :: listens on all of that family; IPv6 listeners are
 * IPV6_V6ONLY). It learns the destination address of each datagram (IP_PKTINFO), passes only
 * control messages (cBPF on the T bit) and does not allow other users to share its port, nor
 * another listener of ours. -EADDRINUSE, -EACCES, -EADDRNOTAVAIL, ...
 */
int udp_listen(const struct l2tp_addr *self, int *ret_fd);

/*
 * The same where tunnels of ours, whose listener was closed, still use the port: udp_listen()
 * cannot tell them from another program and says -EADDRINUSE.
 */
int udp_listen_again(const struct l2tp_addr *self, int *ret_fd);

/*
 * Receive one datagram. ret_path->peer is its source, ->local the address and port it was sent to.
 * Length, -EAGAIN when there is none, other -errno (soft errors like -ECONNREFUSED included: the
 * caller goes on).
 */
ssize_t udp_recv(int fd, uint8_t *buf, size_t size, struct l2tp_path *ret_path);

/*
 * Send one datagram from path->local (as far as it names an address) to path->peer, on a listener
 * or an unconnected socket; path NULL on a connected one. Soft errors reported by earlier datagrams
 * (-ECONNREFUSED, -EHOSTUNREACH, -ENETUNREACH) are retried once here. 0 or -errno.
 */
int udp_send(int fd, const struct l2tp_path *path, const void *data, size_t len);

/*
 * Socket for a tunnel that we open: bound to local (any address allowed; port 0 = ephemeral), not
 * connected, so that the peer may answer from another port (RFC 2661 8.1). T-bit filter attached.
 * If a listener or another tunnel of ours has local's port already its fd must be given, else -1.
 */
int udp_tunnel_open(int port_holder, const struct l2tp_addr *local, int *ret_fd);

/*
 * Socket for a tunnel that the peer opened: bound to path->local (what the peer used), connected to
 * path->peer. It shares the listener's port (SO_REUSEPORT: with sockets of this user only); -1 if
 * the listener was closed meanwhile. Between bind and connect the new socket may catch datagrams of
 * others: the caller reads it empty and dispatches by content.
 */
int udp_tunnel_accept(int listener_fd, const struct l2tp_path *path, int *ret_fd);

/* What an ICMP message said of a datagram that a socket of udp_tunnel_open() sent. */
struct udp_refusal {
	int error;	      /* errno: ECONNREFUSED, EHOSTUNREACH, ENETUNREACH, EMSGSIZE, ... */
	bool prohibited;      /* a firewall's doing, it says */
	struct l2tp_addr who; /* who says so; port 0 */
};
/*
 * Take the oldest of them, until udp_connect(). 0, or -EAGAIN: there is none (any more). They make
 * the socket readable (EPOLLERR).
 */
int udp_refused(int fd, struct udp_refusal *ret);

/* Connect (again) to peer: latches the port the peer answered from. ICMP is not told any more. */
int udp_connect(int fd, const struct l2tp_addr *peer);

/*
 * on: the socket passes data that the kernel did not take, not only control messages; and what is
 * sent may be fragmented on the way, like the data of kernel sessions, so that the path's MTU
 * needs not be known. off: as made.
 */
int udp_carry_data(int fd, bool on);
/* Ask for so many bytes of buffer each way; without CAP_NET_ADMIN the system's limit applies. */
void udp_set_buffers(int fd, int bytes);

/* Local address and port, as bound. */
int udp_local(int fd, struct l2tp_addr *ret_addr);

/* Path MTU of a connected socket in bytes of IP packet, or -errno. */
int udp_path_mtu(int fd);

#endif
