/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Data packets of some sessions carried by a thread instead of the kernel, which cannot send the
 * Length field: between the tunnel's UDP socket and a loopback tunnel (loopback.h) with pppd behind
 * it. Rules of numbers and lengths: <l2tp/data.h>.
 *
 * While a tunnel has such a session the thread is the only reader of the tunnel's socket, and hands
 * the control messages it finds there on; the kernel goes on carrying the tunnel's other sessions.
 * No memory is allocated for a packet. All functions are for one thread, the owner's; they wait for
 * the relay's thread for as long as it needs for one batch of packets. Errors are -errno.
 */
#ifndef LINUX_RELAY_H
#define LINUX_RELAY_H

#include <l2tp/data.h>

/* The largest datagram that is taken; a longer one is dropped, as bad. */
#define RELAY_MAX_DATAGRAM 16448

struct relay;
struct relay_tunnel;
struct relay_session;

/* Starts the thread. */
int relay_new(struct relay **ret);
/* Ends it. All tunnels and sessions were removed before. NULL is allowed. */
void relay_free(struct relay *relay);
/* Readable while a control message waits for relay_recv(). */
int relay_fd(const struct relay *relay);
/*
 * As udp_recv(), of whichever tunnel. -EAGAIN: none waits. The owner being late, messages are lost
 * as in any full socket.
 */
ssize_t relay_recv(struct relay *relay, uint8_t *buf, size_t size, struct l2tp_path *ret_path);

/*
 * Read fd, the connected socket of local tunnel tid, from now on; it stays the caller's, who reads
 * it no more, but may write. Its filter is taken off, its buffers grow, and what leaves it may be
 * fragmented, like the data the kernel sends.
 */
int relay_add_tunnel(struct relay *relay, int fd, uint16_t tid, struct relay_tunnel **ret);
/* The socket is as udp.h made it again, but for the size of its buffers. No session may be left. */
void relay_remove_tunnel(struct relay *relay, struct relay_tunnel *tunnel);

struct relay_session_config {
	uint16_t sid;	       /* local; unique over all tunnels of the relay */
	struct l2tp_data peer; /* what is sent to the peer, and taken from it */
	int far_fd;	       /* of the loopback */
	uint16_t loop_tid, loop_sid;
};
/* far_fd is the session's if this succeeds. -EEXIST: sid is in use. */
int relay_add_session(struct relay *relay, struct relay_tunnel *tunnel,
	const struct relay_session_config *config, struct relay_session **ret);
void relay_remove_session(struct relay *relay, struct relay_session *session);
/* Change how the session numbers its packets; Ns and Nr go on. */
void relay_set_seq(struct relay *relay, struct relay_session *session, bool send_seq, bool follow,
	bool require_seq);

/* Since the session began, as the kernel counts: bytes include the L2TP header. */
struct relay_stats {
	uint64_t tx_packets, tx_bytes, tx_errors;
	uint64_t rx_packets, rx_bytes, rx_errors;
	uint64_t rx_seq_discards; /* too old, or without a number that was agreed on */
	uint64_t rx_oos_packets;  /* taken, but some before them were missing */
	bool send_seq;		  /* now */
};
/* Does not wait. */
void relay_session_stats(const struct relay_session *session, struct relay_stats *ret);

#endif
