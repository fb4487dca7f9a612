/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Control messages as values: bytes in, struct out, and back. Pure: no allocation, no clock, no
 * I/O.
 *
 * A decoded message borrows every span from the datagram it was decoded from, which must outlive
 * it. Decoding a message with hidden AVPs decrypts them in place, so a datagram is decoded once
 * only.
 */
#ifndef L2TP_MSG_H
#define L2TP_MSG_H

#include <l2tp/header.h>
#include <l2tp/proto.h>
#include <l2tp/types.h>

/* The shared secret of a tunnel; data is NULL when there is none. Not owned. */
struct l2tp_secret {
	const uint8_t *data;
	size_t len;
};

/* Bytes inside somebody else's buffer; not NUL terminated. */
struct l2tp_span {
	const uint8_t *data;
	uint16_t len;
};

/* What a message that breaks a rule costs its sender, and what to tell it. */
enum l2tp_verdict_kind {
	L2TP_VERDICT_OK,
	L2TP_VERDICT_DROP,	    /* not a valid L2TPv2 control datagram: no answer, no ack */
	L2TP_VERDICT_IGNORE,	    /* acknowledge and forget (unknown type without M) */
	L2TP_VERDICT_CLEAR_SESSION, /* CDN for the session it belongs to */
	L2TP_VERDICT_CLEAR_TUNNEL,  /* StopCCN */
};

struct l2tp_verdict {
	enum l2tp_verdict_kind kind;
	uint16_t result; /* enum l2tp_cdn_result or l2tp_stopccn_result, by kind */
	uint16_t error;	 /* enum l2tp_error */
	char text[120];	 /* for the peer and the log; names the attribute */
};

/* Deviations from the RFC that are accepted; bits of l2tp_msg.deviations. */
enum l2tp_deviation {
	L2TP_DEV_SHORT_RESULT = 1 << 0,	      /* Result Code AVP without error code (length 8) */
	L2TP_DEV_MALFORMED_OPTIONAL = 1 << 1, /* malformed AVP without M: skipped by its length */
	L2TP_DEV_UNKNOWN_OPTIONAL = 1 << 2,   /* unknown AVP without M: skipped */
	L2TP_DEV_EXTRA_AVP = 1 << 3,	      /* known AVP that does not belong in this message */
	L2TP_DEV_TRAILING_BYTES = 1 << 4,     /* datagram longer than its Length field */
	L2TP_DEV_DUPLICATE_AVP = 1 << 5,      /* the first one counts */
	L2TP_DEV_SWAPPED_RESULT = 1 << 6,     /* Result Code in the wrong byte order (Apple) */
	L2TP_DEV_M_BIT = 1 << 7,	      /* M bit other than RFC 2661 4.4 gives it */
	L2TP_DEV_MISSING_AVP = 1 << 8,	      /* StopCCN or CDN without an AVP it must have */
	L2TP_DEV_TEXT_SPEED = 1 << 9,	      /* connect speed as decimal text (Cisco) */
	L2TP_DEV_FRAMING_TYPE = 1 << 10,      /* ICCN, OCCN: neither or both of sync and async */
};
#define L2TP_DEV_COUNT 11

/*
 * Place of an attribute in present, of a message and of a line. 97 and 98 are too high for it and
 * stand where 47 and 48 would; of a line there are 1 and 2 and those from 129 on.
 */
#define L2TP_AVP_BIT(type)  ((type) < L2TP_AVP_CONNECT_SPEED_UPDATE ? (type) : (type)-50)
#define L2TP_LINE_BIT(type) ((type) < L2TP_LINE_ACTUAL_RATE_UP ? (type) : (type)-126)

/* Rates of one kind in both directions, bit/s; up is towards the network. */
struct l2tp_line_rates {
	uint64_t up, down;
};

/* Interleaving delays, ms. */
struct l2tp_line_delays {
	uint32_t up, down;
};

/*
 * RFC 5515 5: what a LAC knows of the caller's access line; the spans are not text, though they
 * mostly read like it. present has bit L2TP_LINE_BIT(type) for every field that is set.
 */
struct l2tp_line {
	uint32_t present;
	struct l2tp_span circuit_id, remote_id; /* 1..63 octets */
	struct l2tp_line_rates actual, minimum, attainable, maximum, low_power;
	struct l2tp_line_delays maximum_delay, actual_delay;
	uint8_t encapsulation[3]; /* data link, encapsulation 1 and 2 as RFC 4679 numbers them */
};

/* RFC 5515 4: the speeds of one call, bit/s */
struct l2tp_speed_update {
	uint16_t sid; /* the receiver's session id */
	uint32_t tx_speed, rx_speed;
};
/* More in one message are not read: what they tell can be asked for again. */
#define L2TP_SPEED_UPDATES_MAX 32

/* One control message. present has bit L2TP_AVP_BIT(type) for every field that is set. */
struct l2tp_msg {
	struct l2tp_header hdr;
	/*
	 * enum l2tp_msg_type, or the number of the wire if we do not know it. L2TP_MSG_ZLB only if
	 * there is no payload at all; L2TP_MSG_INVALID if no type could be read or the wire said 0.
	 */
	uint16_t type;
	uint64_t present;
	uint32_t deviations;

	uint16_t result, error; /* Result Code 1 */
	struct l2tp_span result_text;
	uint16_t protocol_version;
	uint32_t framing_cap, bearer_cap;
	uint64_t tie_breaker;
	uint16_t firmware_revision;
	struct l2tp_span host_name, vendor_name;
	uint16_t assigned_tid;
	uint16_t receive_window;
	struct l2tp_span challenge;
	uint16_t cause_code; /* Q.931 Cause Code 12: code, message, text */
	uint8_t cause_msg;
	struct l2tp_span cause_text;
	uint8_t challenge_response[16];
	uint16_t assigned_sid;
	uint32_t call_serial;
	uint32_t minimum_bps, maximum_bps;
	uint32_t bearer_type, framing_type;
	struct l2tp_span called_number, calling_number, sub_address;
	uint32_t tx_speed, rx_speed;
	uint32_t physical_channel;
	struct l2tp_span initial_lcp, last_sent_lcp, last_received_lcp;
	uint16_t proxy_authen_type;
	struct l2tp_span proxy_authen_name, proxy_authen_challenge;
	uint16_t proxy_authen_id;
	struct l2tp_span proxy_authen_response;
	uint32_t call_errors[6]; /* CRC, framing, hardware, buffer overruns, time-outs, alignment */
	uint32_t accm_send, accm_recv;
	struct l2tp_span random_vector;
	struct l2tp_span private_group;
	uint16_t ppp_cause, ppp_cause_protocol; /* RFC 3145: disconnect code, control protocol */
	uint8_t ppp_cause_direction;
	struct l2tp_span ppp_cause_text;
	struct l2tp_line line;
	uint16_t speed_count; /* Connect Speed Update 97, which comes once for each call */
	struct l2tp_speed_update speeds[L2TP_SPEED_UPDATES_MAX];
};

/* The message carries this attribute (or, when building, shall carry it). */
static inline bool l2tp_msg_has(const struct l2tp_msg *msg, enum l2tp_avp_type type)
{
	return msg->present & (UINT64_C(1) << L2TP_AVP_BIT(type));
}
static inline void l2tp_msg_set(struct l2tp_msg *msg, enum l2tp_avp_type type)
{
	msg->present |= UINT64_C(1) << L2TP_AVP_BIT(type);
}
static inline bool l2tp_line_has(const struct l2tp_line *line, enum l2tp_line_type type)
{
	return line->present & (UINT32_C(1) << L2TP_LINE_BIT(type));
}
static inline void l2tp_line_set(struct l2tp_line *line, enum l2tp_line_type type)
{
	line->present |= UINT32_C(1) << L2TP_LINE_BIT(type);
}

/*
 * RFC 5515 4: the M bit of its Message Type is 0, so that a peer which does not know the message
 * may ignore it.
 */
bool l2tp_msg_is_optional(unsigned type);

/* A string as span; NULL is an empty one. Strings over 65535 bytes are a programming error. */
struct l2tp_span l2tp_span_of(const char *str);

/* Overwrite Ns and Nr of an encoded control message (RFC 2661 5.8: a retransmission has a new Nr).
 */
void l2tp_header_set_seq(uint8_t *buf, uint16_t ns, uint16_t nr);
/* Overwrite the tunnel id of an encoded control message. */
void l2tp_header_set_tid(uint8_t *buf, uint16_t tid);

/*
 * Decode a whole control datagram. Never fails as a function: *msg holds all that could be read (at
 * least hdr and type when the kind is neither OK nor DROP), *verdict what to do with the sender.
 * A ZLB has type L2TP_MSG_ZLB. Rules: RFC 2661 4.1 (M, reserved bits, lengths), 4.3 (hiding,
 * nearest preceding Random Vector of the same message), 4.4 and per-message AVP sets of section 6.
 * Hidden AVPs while secret->data is NULL: M set -> clear with error 6 text "no secret", else
 * skipped.
 */
void l2tp_msg_decode(uint8_t *buf, size_t len, const struct l2tp_secret *secret,
	struct l2tp_msg *msg, struct l2tp_verdict *verdict);

/*
 * Look at an SCCRQ before any state exists, and before its secret is known: Message Type and Host
 * Name are never hidden. Changes nothing in buf. True if it is a control message to tunnel 0,
 * session 0, Ns 0 whose first AVP says SCCRQ and whose AVP chain is well-formed to its end; the
 * Host Name (empty if absent) goes to *ret_host.
 */
bool l2tp_msg_peek_sccrq(const uint8_t *buf, size_t len, struct l2tp_span *ret_host);

struct l2tp_encode {
	struct l2tp_secret secret;
	bool hide; /* hide every hideable AVP; needs secret and random_vector */
	uint8_t random_vector[16];
};

/*
 * Encode msg (hdr.tid, hdr.sid, hdr.ns, hdr.nr, type and all present AVPs, in the order of RFC 2661
 * section 4.4, Message Type first) into buf. opts may be NULL: nothing hidden. M bits are those of
 * 4.4. Type L2TP_MSG_ZLB gives a bare header.
 * Length in bytes, -ENOSPC if size is too small, -EMSGSIZE if an AVP would exceed 1023 bytes.
 */
int l2tp_msg_encode(
	const struct l2tp_msg *msg, const struct l2tp_encode *opts, uint8_t *buf, size_t size);

/*
 * RFC 2661 4.4.3 and 5.1.1: MD5 over the type octet of the message that carries the response (2 for
 * SCCRP, 3 for SCCCN), the secret and the challenge.
 */
void l2tp_challenge_response(enum l2tp_msg_type reply, const struct l2tp_secret *secret,
	struct l2tp_span challenge, uint8_t ret[static 16]);
/* Compare in time that does not depend on the contents. */
bool l2tp_equal_constant_time(const void *a, const void *b, size_t len);

/*
 * Copy bytes of a peer as a string for people: well-formed UTF-8, every control character, stray
 * byte and mark that turns the writing round a '?', cut at a character's end if size (at least 1)
 * is too small. Returns dst.
 */
char *l2tp_text_copy(char *dst, size_t size, struct l2tp_span text);

/* Names for logs; never NULL ("message 99", "result 99" come back as "unknown"). */
const char *l2tp_msg_name(unsigned type);
const char *l2tp_avp_name(unsigned type);
const char *l2tp_stopccn_result_name(unsigned result);
const char *l2tp_cdn_result_name(unsigned result);
const char *l2tp_error_name(unsigned error);
/* RFC 3145 2: PPP disconnect cause codes */
const char *l2tp_ppp_cause_name(unsigned cause);
const char *l2tp_deviation_name(unsigned bit_index);

#endif
