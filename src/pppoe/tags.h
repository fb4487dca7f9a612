/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Discovery frames of PPPoE as values: RFC 2516 4, 5 and Appendix A, RFC 4638 (PPP-Max-Payload),
 * and the access line of TR-101 (Vendor-Specific tag of vendor 3561). Pure: bytes in, struct out,
 * and back. A parsed frame borrows every span from the bytes, which must outlive it.
 */
#ifndef PPPOE_TAGS_H
#define PPPOE_TAGS_H

#include <l2tp/msg.h>

#include "base/buf.h"

#define PPPOE_MAC_LEN	  6
#define PPPOE_ETHERTYPE	  0x8863u /* of discovery; sessions have 0x8864 */
#define PPPOE_HDR_LEN	  20u	  /* of Ethernet, 14, and of PPPoE, 6 */
#define PPPOE_FRAME_MAX	  1514u	  /* no discovery frame is longer, whatever the MTU */
#define PPPOE_PAYLOAD_STD 1492u	  /* greatest PPP payload without PPP-Max-Payload */
#define PPPOE_SID_MAX	  0xfffeu /* RFC 2516 4: 0xffff is reserved, 0 means none yet */

enum pppoe_code {
	PPPOE_PADO = 0x07,
	PPPOE_PADI = 0x09,
	PPPOE_PADR = 0x19,
	PPPOE_PADS = 0x65,
	PPPOE_PADT = 0xa7,
};

enum pppoe_tag {
	PPPOE_TAG_END_OF_LIST = 0x0000,
	PPPOE_TAG_SERVICE_NAME = 0x0101,
	PPPOE_TAG_AC_NAME = 0x0102,
	PPPOE_TAG_HOST_UNIQ = 0x0103,
	PPPOE_TAG_AC_COOKIE = 0x0104,
	PPPOE_TAG_VENDOR = 0x0105,
	PPPOE_TAG_RELAY_SESSION_ID = 0x0110,
	PPPOE_TAG_MAX_PAYLOAD = 0x0120, /* RFC 4638 */
	PPPOE_TAG_SERVICE_NAME_ERROR = 0x0201,
	PPPOE_TAG_AC_SYSTEM_ERROR = 0x0202,
	PPPOE_TAG_GENERIC_ERROR = 0x0203,
};

/*
 * One frame. A tag that is not there has a span with data NULL (an empty one has not); of several
 * the first counts. Names and texts are the sender's octets: sanitise before showing them.
 */
struct pppoe_frame {
	uint8_t dst[PPPOE_MAC_LEN], src[PPPOE_MAC_LEN];
	uint8_t code; /* enum pppoe_code, or what the frame says */
	uint16_t sid;
	struct l2tp_span service, ac_name, host_uniq, cookie, relay_id;
	uint16_t max_payload; /* 0: not said */
	uint16_t error;	      /* enum pppoe_tag, the first that is an error; 0: none */
	struct l2tp_span error_text;
	struct l2tp_line line; /* present 0: none told; rates are bit/s */
};

/*
 * Read an Ethernet frame of len octets, padding included. 0, or -EBADMSG if it is no discovery
 * frame (type, version, lengths) or its tags do not fill the payload; *ret is then untouched.
 */
int pppoe_parse(const uint8_t *frame, size_t len, struct pppoe_frame *ret);

/*
 * The value of a Vendor-Specific tag as TR-101 3.9.2 has it. Sub-options that are unknown, or have
 * another length than theirs, are passed over. False, and *ret untouched, if it is another vendor's
 * or its sub-options do not fill it.
 */
bool pppoe_parse_line(struct l2tp_span value, struct l2tp_line *ret);

/* A string as value of a tag. */
static inline struct l2tp_span pppoe_text(const char *str)
{
	return (struct l2tp_span){ .data = (const uint8_t *)str, .len = (uint16_t)strlen(str) };
}
/* Both tags are there with the same value, or neither is. */
static inline bool pppoe_same(struct l2tp_span a, struct l2tp_span b)
{
	return !a.data == !b.data && a.len == b.len &&
	       (!a.len || memcmp(a.data, b.data, a.len) == 0);
}

/* Build a frame in wr: begin, tags, end. wr is bad if it did not fit. */
void pppoe_begin(struct buf_wr *wr, const uint8_t dst[static PPPOE_MAC_LEN],
	const uint8_t src[static PPPOE_MAC_LEN], enum pppoe_code code, uint16_t sid);
/* Nothing happens for a span with data NULL: a tag that was not there is not sent back. */
void pppoe_put(struct buf_wr *wr, enum pppoe_tag tag, struct l2tp_span value);
void pppoe_put_u16(struct buf_wr *wr, enum pppoe_tag tag, uint16_t value);
/* The same for what may be left out. False: it does not fit, and nothing was written. */
bool pppoe_try(struct buf_wr *wr, enum pppoe_tag tag, struct l2tp_span value);
/* Set the length. That of the frame, or -EMSGSIZE. */
int pppoe_end(struct buf_wr *wr);

#endif
