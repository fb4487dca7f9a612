/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The relay's own state, shared by relay.c and relay_packets.c only. */
#ifndef LINUX_RELAY_PRIV_H
#define LINUX_RELAY_PRIV_H

#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>

#include "relay.h"

/* Packets per system call. */
#define BATCH 32
/*
 * Room before a datagram for a header that is longer than the one it came with. A slot is no power
 * of two, or all headers would share few lines of the processor's cache.
 */
#define HEADROOM  64
#define SLOT_SIZE (HEADROOM + RELAY_MAX_DATAGRAM)

/* What epoll tells of: first member of a tunnel and of a session. */
struct end {
	int fd;
	bool is_session;
	bool one_by_one; /* what leaves through fd: the kernel does not segment there */
};

struct relay_tunnel {
	struct end end;
	uint16_t tid;
	struct l2tp_addr local;
};

/* The counters of struct relay_stats: written by the thread, read by the owner. */
struct counters {
	_Atomic uint64_t tx_packets, tx_bytes, tx_errors;
	_Atomic uint64_t rx_packets, rx_bytes, rx_errors, rx_seq_discards, rx_oos_packets;
	_Atomic bool send_seq;
};

struct relay_session {
	struct end end;
	struct relay_tunnel *tunnel;
	uint16_t sid;
	struct l2tp_data peer, loop;
	struct counters counters;
};

/* Datagrams read with one system call. */
struct batch {
	struct mmsghdr msgs[BATCH];
	struct iovec iov[BATCH];
	struct l2tp_addr from[BATCH];
	uint8_t (*slots)[SLOT_SIZE];
};

/* UDP_SEGMENT's value */
union segment_cmsg {
	struct cmsghdr align;
	char buf[CMSG_SPACE(sizeof(uint16_t))];
};

/*
 * Datagrams to be written with one, all through the same socket and for the same session. A message
 * is one datagram, or a run of them that the kernel cuts up (UDP_SEGMENT).
 */
struct outbox {
	struct iovec iov[BATCH]; /* a datagram each */
	unsigned len;
	struct mmsghdr msgs[BATCH];
	union segment_cmsg segment[BATCH];
};

struct relay {
	/* the thread's alone */
	int epoll;
	bool stop;
	struct batch in;
	struct outbox out;
	struct relay_session *sessions[65536]; /* by sid */

	int wake;	/* eventfd: an order waits */
	int control[2]; /* control messages, from the thread to the owner */
	pthread_t thread;
	_Atomic bool ordered;
	pthread_mutex_t lock; /* of order */
	pthread_cond_t answered;
	struct order *order;
};

#endif
