/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Attribute Value Pairs, RFC 2661 4.1: walk over them, and move their values into and out of struct
 * l2tp_msg. What a bad one costs its sender is not decided here but in msg.c.
 */
#ifndef PROTO_AVP_H
#define PROTO_AVP_H

#include <l2tp/msg.h>

#include "avp_table.h"
#include "base/buf.h"

#define AVP_MAX_VALUE (L2TP_AVP_MAX_LEN - L2TP_AVP_HDR_LEN)

enum avp_kind {
	AVP_U16,
	AVP_U32,
	AVP_U64,
	AVP_OCTETS3,
	AVP_OCTETS16,
	AVP_SPAN,
	AVP_FLAG,	  /* no value: presence is all */
	AVP_SPEED,	  /* 32 bits, or decimal text as Cisco sends it */
	AVP_RESULT,	  /* code, optional error, optional text */
	AVP_CAUSE,	  /* Q.931: code, message, optional text */
	AVP_CALL_ERRORS,  /* reserved 16 bits, six counters */
	AVP_ACCM,	  /* reserved 16 bits, send, receive */
	AVP_PPP_CAUSE,	  /* RFC 3145: code, protocol, direction, optional text */
	AVP_SPEED_UPDATE, /* RFC 5515: reserved 16 bits, session id, two speeds; may come again */
};

enum avp_check {
	AVP_ANY,
	AVP_NONZERO,
	AVP_OCTET, /* the upper of two octets is 0 */
};

/* How a value is told to people: describe_avp.c. */
enum avp_words {
	AVP_WORDS_FIELDS, /* as its kind has it: several fields, or none */
	AVP_WORDS_NUMBER,
	AVP_WORDS_HEX,
	AVP_WORDS_MESSAGE, /* a message's name */
	AVP_WORDS_VERSION, /* two octets: version, revision */
	AVP_WORDS_FRAMING,
	AVP_WORDS_BEARER,
	AVP_WORDS_SPEED, /* bit/s */
	AVP_WORDS_MSEC,
	AVP_WORDS_ENCAPSULATION, /* RFC 4679: of an access loop */
	AVP_WORDS_AUTHEN,	 /* RFC 2661 4.4.5: Proxy Authen Type */
	AVP_WORDS_TEXT,
	AVP_WORDS_BYTES,
	AVP_WORDS_LCP,	  /* configuration options */
	AVP_WORDS_SECRET, /* never: passwords, and what passwords can be guessed from */
};

struct avp_info {
	const char *name;
	uint16_t vendor, type;
	uint8_t bit;	   /* of present, or of line.present for vendor 3561 */
	uint16_t min, max; /* octets of the value */
	uint16_t offset;   /* of the field in struct l2tp_msg */
	enum avp_kind kind;
	enum avp_check check;
	enum avp_words words;
	bool mandatory, hideable;
};

/* clang-format off */
enum avp_row {
#define AVP(type, ...) AVP_ROW_##type,
	L2TP_AVP_TABLE(AVP)
#undef AVP
#define AVP(type, ...) AVP_ROW_LINE_##type,
	L2TP_LINE_AVP_TABLE(AVP)
#undef AVP
	AVP_ROWS
};
/* clang-format on */

extern const struct avp_info avp_table[AVP_ROWS];

/* One AVP as it stands in the datagram. */
struct avp {
	bool mandatory, hidden, reserved; /* reserved: a reserved bit is set */
	uint16_t length;		  /* of the whole AVP, as its header says */
	uint16_t vendor, type;
	size_t offset; /* of the value, in the reader's data */
	const uint8_t *value;
	uint16_t len; /* of the value */
};

/* Row of an attribute, or NULL. Vendor ID is part of the key (RFC 2661 4.1). */
const struct avp_info *avp_find(uint16_t vendor, uint16_t type);

/*
 * Read the AVP at rd. 1: *ret is it; 0: the end; -EBADMSG: no AVP fits here and rd cannot go on.
 * Then ret->length, vendor and type are those of the offender, or length is 0 if not even they fit.
 */
int avp_next(struct buf_rd *rd, struct avp *ret);

/* "Host Name (attribute 7)", "attribute 99" or "vendor 9 attribute 42"; returns buf. */
#define AVP_LABEL_SIZE 64
const char *avp_label(const struct avp *avp, char buf[static AVP_LABEL_SIZE]);

/*
 * Move a value of len octets into its field of msg. False if its length or layout is wrong; the
 * fields are untouched then. Adds to msg->deviations, leaves msg->present alone.
 */
bool avp_get(const struct avp_info *info, const uint8_t *value, uint16_t len, struct l2tp_msg *msg);

/* The field's value passes the row's check. */
bool avp_value_ok(const struct avp_info *info, const struct l2tp_msg *msg);
/* Set a 16-bit field back to 0. */
void avp_forget_u16(const struct avp_info *info, struct l2tp_msg *msg);

/* The message has this attribute; say that it has. */
static inline bool avp_present(const struct avp_info *info, const struct l2tp_msg *msg)
{
	return (info->vendor ? msg->line.present : msg->present) >> info->bit & 1;
}
void avp_set_present(const struct avp_info *info, struct l2tp_msg *msg);

/* How often it stands in a message that has it, and whether it may come again there. */
unsigned avp_count(const struct avp_info *info, const struct l2tp_msg *msg);
bool avp_may_repeat(const struct avp_info *info);

/* Write the field's value, the nth of avp_count(); wr may become bad. */
void avp_put(
	const struct avp_info *info, const struct l2tp_msg *msg, unsigned nth, struct buf_wr *wr);

#endif
