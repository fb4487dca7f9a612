/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A control protocol of PPP: what LCP, IPCP, IPV6CP and the like have in common. It runs the
 * automaton (automaton.h), keeps the restart timer and the counters, reads and writes the seven
 * packets that all have (RFC 1661 5.1-5.6), and negotiates options by the rows of a table. What the
 * options mean is in the rows' functions, which find their own state around the struct cp.
 *
 * Nothing here calls the owner of the protocol: inputs return what happened as bits, to be looked
 * at when the call is over. Packets to send go into the outbox.
 */
#ifndef PPP_CP_H
#define PPP_CP_H

#include <l2tp/types.h>

#include "automaton.h"
#include "outbox.h"
#include "tlv.h"

struct cp;

/* A packet with a good header (RFC 1661 5); padding behind Length is cut off. */
struct cp_packet {
	uint8_t code, id;
	const uint8_t *data; /* behind the header */
	size_t len;	     /* of data */
};
/* Read a header. False: too short, or Length is below 4 or above len. */
bool cp_parse(const uint8_t *data, size_t len, struct cp_packet *ret);

/* What a row says of a value that the peer asks for. */
enum cp_answer {
	CP_ANSWER_ACK,
	CP_ANSWER_NAK,	  /* it shall be what the row wrote to ret_better */
	CP_ANSWER_REJECT, /* not with us */
	CP_ANSWER_ALONE,  /* Nak of this option whatever the others are, and never a Reject */
};

/* One configuration option of a protocol. Functions may be NULL where nothing is to be done. */
struct cp_option {
	uint8_t type;
	uint8_t len; /* of a good value; one of another length is rejected */
	/* Write it to our Configure-Request, if we want it there. */
	void (*ask)(struct cp *cp, struct tlv_wr *wr);
	/* The peer asks for a value of len octets. NULL: never granted. */
	enum cp_answer (*judge)(struct cp *cp, const struct tlv *value, uint8_t *ret_better);
	/* The peer does not mention it: write to wr what it should ask for, or nothing. */
	void (*missing)(struct cp *cp, struct tlv_wr *wr);
	/* We have acknowledged this value of the peer's request. */
	void (*agree)(struct cp *cp, const struct tlv *value);
	/* The peer wants another value of ours, of any length; or refuses to talk about it. */
	void (*naked)(struct cp *cp, const struct tlv *value);
	void (*rejected)(struct cp *cp);
};

struct cp_kind {
	uint16_t protocol;
	const struct cp_option *options; /* our request has them in this order */
	unsigned option_count;
	/* The peer's options are at their defaults again; agree() follows for each it named. */
	void (*reset_peer)(struct cp *cp);
	/*
	 * A code of this protocol alone: the event it is, AUT_EV_RUC if it has no such code. -1:
	 * the packet is malformed or out of place, discard it. NULL: there are only the seven.
	 */
	int (*extra)(struct cp *cp, const struct cp_packet *packet);
	/* Answer a packet that extra() called AUT_EV_RXR, in Opened. */
	void (*reply)(struct cp *cp, const struct cp_packet *packet);
	/*
	 * The request that was acknowledged has something in it that the peer would draw anew if it
	 * began anew. NULL: it has not.
	 */
	bool (*is_marked)(const struct cp *cp);
};

/* RFC 1661 4.6 */
struct cp_limits {
	usec_t restart;
	unsigned max_configure, max_terminate, max_failure;
};
#define CP_LIMITS_DEFAULT                                                                          \
	{                                                                                          \
		.restart = 3 * USEC_PER_SEC, .max_configure = 10, .max_terminate = 2,              \
		.max_failure = 5                                                                   \
	}

/* Options of one request: every row of a table once fits well. */
#define CP_BODY_MAX 128

struct cp {
	const struct cp_kind *kind;
	struct cp_limits limits;
	struct outbox *outbox;
	enum automaton_state state;
	usec_t deadline; /* of the restart timer; USEC_INFINITY: it does not run */
	unsigned restart_count;
	unsigned naks_sent;	/* without an Ack of ours between them */
	unsigned naks_received; /* without an Ack of the peer between them */
	uint8_t next_id, request_id;
	bool unanswered;     /* the last Configure-Request has had no valid reply */
	const char *goodbye; /* text of a Terminate-Request, or NULL; the owner's */
	/*
	 * A row's function found that there is no use in going on: for people, and RFC 3145. The
	 * packet that showed it is then not answered. Static string; the owner closes.
	 */
	const char *hopeless;
	enum l2tp_ppp_cause hopeless_cause;
	uint64_t discarded; /* packets that RFC 1661 wants silently discarded */
	uint8_t agreed_id;
	size_t request_len, agreed_len;
	uint8_t request[CP_BODY_MAX]; /* options of our last Configure-Request */
	uint8_t agreed[CP_BODY_MAX];  /* of the peer's last that we acknowledged */
};

/* What happened in an input. */
enum cp_news {
	CP_DOWN = 1 << 0,	/* no longer Opened */
	CP_UP = 1 << 1,		/* Opened; with CP_DOWN: first down, then up */
	CP_FINISHED = 1 << 2,	/* the lower layer is not needed any more */
	CP_REJECTED = 1 << 3,	/* the peer does not know what we cannot do without */
	CP_TERMINATED = 1 << 4, /* it sent a Terminate-Request */
	CP_HOPELESS = 1 << 5,	/* see struct cp */
};

/* first_id: Identifier of our first packet. State Initial. */
void cp_init(struct cp *cp, const struct cp_kind *kind, const struct cp_limits *limits,
	struct outbox *outbox, uint8_t first_id);
/* The events Up, Down, Open and Close of RFC 1661 4.3. All functions below return cp_news bits. */
unsigned cp_order(struct cp *cp, usec_t now, enum automaton_event event);
/* A packet of this protocol, from its code on. */
unsigned cp_input(struct cp *cp, usec_t now, const uint8_t *data, size_t len);
/* Time has passed; nothing happens before the deadline. */
unsigned cp_timeout(struct cp *cp, usec_t now);
/*
 * In Opened: this is the request we have acknowledged, once more, because the line doubled it or
 * lost our Ack. cp_input() then says the Ack again and no more: to leave Opened (RFC 1661 4.1) is
 * for a peer that begins anew, which would take another Identifier or draw another mark.
 */
bool cp_is_repetition(const struct cp *cp, const struct cp_packet *packet);
/* Send a packet of a code that is the protocol's own, with an Identifier of its own. */
void cp_send(struct cp *cp, uint8_t code, const void *data, size_t len);

#endif
