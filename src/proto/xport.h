/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The reliable transport of control messages: RFC 2661 5.8 and appendix A.
 *
 * A plain struct without I/O and clock. Messages go in with xport_push(); whoever owns the
 * transport asks xport_next() after every call for what may be sent now, and xport_deadline() for
 * the time when xport_timeout() is due. Sequence numbers are modulo 65536; half of the space is the
 * past.
 */
#ifndef PROTO_XPORT_H
#define PROTO_XPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include <l2tp/types.h>

/* A longer message out of order is not kept: the peer sends it again. Bounds what a peer can park
 * here. */
#define XPORT_EARLY_MAX_LEN 2048u
/* An acknowledgement may have been overtaken by those of a whole window, and of this many. */
#define XPORT_OLD_ACKS 16u

struct xport_params {
	usec_t retransmit, retransmit_cap; /* first interval, doubles up to the cap */
	unsigned max_retransmits;
	usec_t ack_delay;	 /* how long an acknowledgement may wait for a message to ride on */
	uint16_t receive_window; /* advertised by us */
};

struct xport_msg {
	STAILQ_ENTRY(xport_msg) link;
	usec_t sent_at; /* first transmission */
	unsigned sent;	/* transmissions */
	uint16_t type;	/* enum l2tp_msg_type, for traces */
	uint16_t ns;
	size_t len;
	uint8_t data[];
};

/* A message that overtook others. */
struct xport_early {
	STAILQ_ENTRY(xport_early) link;
	uint16_t ns;
	size_t len;
	struct l2tp_path path;
	uint8_t data[];
};

struct xport {
	struct xport_params params;
	STAILQ_HEAD(, xport_msg) queue;	  /* unacknowledged, then never sent; consecutive Ns */
	STAILQ_HEAD(, xport_early) early; /* ascending Ns */
	struct xport_msg *next; /* to be sent, or sent again, when the window allows; NULL: none */
	unsigned queued;	/* length of queue */
	uint32_t octets;	/* that it takes */
	uint16_t una;		/* oldest Ns without acknowledgement */
	uint16_t high;		/* first Ns that was never on the wire */
	uint16_t tail;		/* Ns of the next message to be pushed */
	uint16_t nr;		/* next Ns expected from the peer */
	uint16_t peer_window, cwnd, ssthresh;
	uint16_t cwnd_acks;  /* progress towards the next cwnd in congestion avoidance */
	uint16_t unacked_rx; /* messages received since we last told our Nr */
	bool ack_due;	     /* an acknowledgement is owed */
	bool ack_now;	     /* and must not wait */
	bool hurry;	     /* the last message: cwnd does not hold it back */
	unsigned backoff;    /* retransmissions since the last progress */
	unsigned probes; /* so many more short waits, then the peer is dead; 0: does not apply */
	uint32_t probe_wait; /* usec */
	usec_t retransmit_at, ack_at;
	usec_t rtt; /* smoothed; 0: not known */
};

enum xport_rx {
	XPORT_RX_ZLB,	    /* an acknowledgement alone */
	XPORT_RX_DELIVER,   /* the message expected next: process it, then ask xport_take() */
	XPORT_RX_EARLY,	    /* inside the window, but others are missing: xport_store() it */
	XPORT_RX_DUPLICATE, /* received before; it will be acknowledged */
	/* nothing of these is believed */
	XPORT_RX_WINDOW,  /* beyond our window */
	XPORT_RX_BAD_ACK, /* acknowledges what we never sent */
	XPORT_RX_OLD_ACK, /* acknowledges less than what was acknowledged long ago */
};

enum xport_event {
	XPORT_ALIVE,
	XPORT_DEAD, /* the peer did not answer the last retransmission */
};

void xport_init(struct xport *x, const struct xport_params *params);
/* Frees what is queued; the struct may be initialised again. */
void xport_free(struct xport *x);

/* The peer's Receive Window Size (not 0). */
void xport_set_peer_window(struct xport *x, uint16_t window);
/* The first message of the peer was taken without us (SCCRQ): acknowledge it. */
void xport_adopt(struct xport *x);

/* Queue an encoded message; it is copied. 0 or -ENOMEM. */
int xport_push(struct xport *x, uint16_t type, const uint8_t *data, size_t len);
/* The message to send now, with Ns and Nr filled in, or NULL. Valid until the next call. */
struct xport_msg *xport_next(struct xport *x, usec_t now);
/* Everything that is not on the wire yet is forgotten; what is pushed next is not held back by
 * cwnd. */
void xport_cut(struct xport *x);
/* Forget every message of ours, sent or not: the peer does not want them any more. */
void xport_purge(struct xport *x);
/* Send the oldest unacknowledged message again at the next xport_next(), without any back-off. */
void xport_resend(struct xport *x);

/* Sort out a received control datagram by its numbers; zlb: it has no message. */
enum xport_rx xport_receive(struct xport *x, usec_t now, uint16_t ns, uint16_t nr, bool zlb);
/* Keep a copy of a message that was early; when that fails the peer will send it again. */
void xport_store(struct xport *x, uint16_t ns, const struct l2tp_path *path, const uint8_t *data,
	size_t len);
/* The next message in order that was early, or NULL. The caller frees it. */
struct xport_early *xport_take(struct xport *x);

/*
 * An acknowledgement has to go out now by itself. reply_follows: a message to carry it will be
 * pushed in a moment, so it may wait for ack_delay.
 */
bool xport_wants_zlb(struct xport *x, usec_t now, bool reply_follows);
/* A ZLB was sent. */
void xport_acked(struct xport *x);

/* When xport_timeout() is due; USEC_INFINITY: never. */
usec_t xport_deadline(const struct xport *x);
/* Time has passed. After DEAD it is for the caller to xport_purge() or, once more, xport_probe().
 */
enum xport_event xport_timeout(struct xport *x, usec_t now);
/*
 * Is the peer there? Send the oldest message (there is one) now and after every wait, so many times
 * in all; unacknowledged for one wait more, it is dead.
 */
void xport_probe(struct xport *x, usec_t now, usec_t wait, unsigned times);
/* The oldest message that waits for its acknowledgement, or to be sent; NULL: none. */
const struct xport_msg *xport_oldest(const struct xport *x);

/* Messages on the wire without acknowledgement. */
unsigned xport_unacked(const struct xport *x);
/* RFC 2661 5.7: a full retransmission cycle, from the first transmission to giving up. */
usec_t xport_cycle(const struct xport_params *params);

#endif
