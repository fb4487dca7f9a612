/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * L2TP datagrams in words, for logs and people. Works for any octets: what is malformed is said,
 * with the offset, and what can be read is shown all the same. Pure like the rest of the core, and
 * nothing is modified: hidden attributes are decrypted in a copy, which is wiped.
 *
 * Never shown: the secret, the values of Challenge, Challenge Response, Proxy Authen Challenge and
 * Proxy Authen Response, the octets of a hidden attribute that was not decrypted, what a data
 * packet carries. Text of the peer is well-formed UTF-8 without control characters and without '"'.
 */
#ifndef L2TP_DESCRIBE_H
#define L2TP_DESCRIBE_H

#include <l2tp/msg.h>

#define L2TP_DESCRIBE_VALUE   256 /* bytes for the words of one value, NUL included */
#define L2TP_DESCRIBE_PROBLEM 120
#define L2TP_DESCRIBE_LINE    2048 /* enough for l2tp_describe() of any message in practice */

/* One datagram. All but the last part is to be read after l2tp_describe_begin(). */
struct l2tp_description {
	/*
	 * "SCCRQ", "ZLB", "message 99", "control message" (no type can be read), "data packet",
	 * "not L2TPv2"
	 */
	char name[24];
	bool l2tp;		/* version 2: hdr means something */
	struct l2tp_header hdr; /* fields that are not there, or cannot be read, are 0 */
	uint16_t length;	/* the Length field; 0: none */
	uint16_t offset_size;	/* the Offset Size field; 0: none */
	bool priority;		/* P */
	uint16_t type;		/* control: as in struct l2tp_msg */
	uint16_t ppp_protocol;	/* data: the PPP protocol number; 0: not readable */
	const char *ppp_name;	/* of it; NULL: not known here */
	char problem[L2TP_DESCRIBE_PROBLEM]; /* of the header; "": none */
	size_t problem_offset;
	/* control: what l2tp_msg_decode() makes of it, and that in words; data: "" */
	struct l2tp_verdict verdict;
	char verdict_words[180];
	uint32_t deviations; /* bits of enum l2tp_deviation */
	size_t size;	     /* octets of the datagram */

	/* the walk's own */
	const uint8_t *buf;
	struct l2tp_secret secret;
	struct l2tp_span vector; /* the nearest preceding Random Vector */
	size_t next, end;	 /* of the attributes, as offsets */
};

/* One attribute. */
struct l2tp_avp_words {
	size_t offset;	 /* of its first octet in the datagram */
	uint16_t length; /* as its header says; 0: not even that could be read */
	uint16_t vendor, type;
	bool mandatory, hidden, reserved; /* bits as they are; reserved: any of those */
	bool unusual_m;			  /* M is not what RFC 2661 4.4 says for this attribute */
	const char *name;		  /* static; NULL: not known here */
	char value[L2TP_DESCRIBE_VALUE];  /* "": it has none, or none can be shown */
	char problem[L2TP_DESCRIBE_PROBLEM]; /* "": none */
};

/*
 * Start on a datagram of len octets. secret decrypts hidden attributes; NULL, or its data NULL:
 * they stay hidden. buf and what secret points at are borrowed until the last l2tp_describe_next().
 */
void l2tp_describe_begin(struct l2tp_description *ret, const uint8_t *buf, size_t len,
	const struct l2tp_secret *secret);
/* The next attribute of a control message, also a malformed one. False: there are no more. */
bool l2tp_describe_next(struct l2tp_description *d, struct l2tp_avp_words *ret);

/*
 * Name, ids, numbers and sizes, and what is wrong with the header, on one line; ids are those of
 * the header, which are the receiver's. Always NUL terminated, "..." at the end if it was cut.
 * Returns its length.
 */
size_t l2tp_describe_head(const struct l2tp_description *d, char *out, size_t size);
/* "Host Name" SEPARATOR "\"lac\"" and what is wrong with it. Same rules. */
size_t l2tp_describe_avp(
	const struct l2tp_avp_words *avp, const char *separator, char *out, size_t size);
/* Names of deviations with blanks between them; empty if there are none. Same rules. */
size_t l2tp_describe_deviations(uint32_t deviations, const char *separator, char *out, size_t size);

/*
 * All in one line: head, attributes but Message Type, the verdict unless it is good, deviations.
 * Same rules; size L2TP_DESCRIBE_LINE.
 */
size_t l2tp_describe(
	const uint8_t *buf, size_t len, const struct l2tp_secret *secret, char *out, size_t size);

#endif
