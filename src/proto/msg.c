/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Control messages: decode, judge, encode.
 *
 * Judging follows RFC 2661 4.1 and 7.1. What cannot be understood costs its sender the session or
 * tunnel if the M bit is set and nothing otherwise. The first offence gives the verdict, but
 * reading goes on, since the answer needs the Assigned ID that may come after it.
 */
#include <l2tp/msg.h>

#include "avp.h"
#include "hide.h"
#include "msg_rules.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#define PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))

enum msg_weight {
	MSG_STRICT,
	MSG_LAST_WORDS,
	MSG_OPTIONAL,
};

struct msg_rule {
	const char *name; /* NULL: no such message */
	enum l2tp_verdict_kind scope;
	enum msg_weight weight;
	uint64_t must, may;
};

#define SCOPE_TUNNEL  L2TP_VERDICT_CLEAR_TUNNEL
#define SCOPE_SESSION L2TP_VERDICT_CLEAR_SESSION

static const struct msg_rule msg_rules[L2TP_MSG_MAX + 1] = {
#define MSG(type_, name_, scope_, weight_, must_, may_)                                            \
	[L2TP_MSG_##type_] = {                                                                     \
		.name = name_,                                                                     \
		.scope = SCOPE_##scope_,                                                           \
		.weight = MSG_##weight_,                                                           \
		.must = must_,                                                                     \
		.may = may_,                                                                       \
	},
	L2TP_MSG_TABLE(MSG)
#undef MSG
};

/* A message being decoded. */
struct decoder {
	uint8_t *buf;
	const struct l2tp_secret *secret;
	const struct msg_rule *rule;
	struct l2tp_span vector; /* the nearest preceding Random Vector; data NULL: none yet */
	struct l2tp_msg *msg;
	struct l2tp_verdict *verdict;
};

struct l2tp_span l2tp_span_of(const char *str)
{
	size_t len = str ? strlen(str) : 0;

	assert(len <= UINT16_MAX);
	return (struct l2tp_span){ .data = (const uint8_t *)str, .len = (uint16_t)len };
}

PRINTF(5, 0)
static void judge(struct l2tp_verdict *verdict, enum l2tp_verdict_kind kind, uint16_t result,
	uint16_t error, const char *fmt, va_list args)
{
	if (verdict->kind != L2TP_VERDICT_OK)
		return;
	verdict->kind = kind;
	verdict->result = result;
	verdict->error = error;
	vsnprintf(verdict->text, sizeof(verdict->text), fmt, args);
}

/* The message as a whole is not acceptable: before its rule is known. */
PRINTF(4, 5)
static void reject(struct l2tp_verdict *verdict, enum l2tp_verdict_kind kind, uint16_t error,
	const char *fmt, ...)
{
	bool told = kind == L2TP_VERDICT_CLEAR_TUNNEL;
	va_list args;

	va_start(args, fmt);
	judge(verdict, kind, told ? L2TP_STOPCCN_ERROR : 0, told ? error : 0, fmt, args);
	va_end(args);
}

/* Something in the message is wrong and cannot be passed over. */
PRINTF(4, 5)
static void offence(struct decoder *d, uint16_t result, uint16_t error, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	judge(d->verdict, d->rule->scope, result, error, fmt, args);
	va_end(args);
}

/* General error is result 2 in both StopCCN and CDN. */
_Static_assert((int)L2TP_STOPCCN_ERROR == (int)L2TP_CDN_ERROR, "one number for both");
#define GENERAL L2TP_STOPCCN_ERROR

/* Count a deviation if it may be passed over. */
static bool forgiven(struct decoder *d, bool mandatory, uint32_t deviation)
{
	if (mandatory && d->rule->weight == MSG_STRICT)
		return false;
	d->msg->deviations |= deviation;
	return true;
}

static bool belongs(const struct decoder *d, const struct avp_info *info)
{
	uint64_t bit = info->vendor ? AVPS_LINE : UINT64_C(1) << info->bit;

	return (d->rule->must | d->rule->may | AVPS_ANYWHERE) & bit;
}

/* Not one of ours, or marked by reserved bits as something we cannot know (RFC 2661 4.1). */
static void unknown_avp(struct decoder *d, const struct avp *avp)
{
	char label[AVP_LABEL_SIZE];

	if (forgiven(d, avp->mandatory, L2TP_DEV_UNKNOWN_OPTIONAL))
		return;
	offence(d, GENERAL, L2TP_ERR_UNKNOWN_AVP, "%s: unknown mandatory %s%s", d->rule->name,
		avp_label(avp, label), avp->reserved ? " with reserved bits" : "");
}

/* Replace a hidden value by what it hides. False if that is impossible and has been dealt with. */
static bool unhide(struct decoder *d, const struct avp_info *info, struct avp *avp)
{
	bool secret = d->secret && d->secret->data;
	struct l2tp_span value;
	uint16_t error = L2TP_ERR_VALUE;
	char label[AVP_LABEL_SIZE];
	const char *why;

	if (!info->hideable) {
		why = "must not be hidden";
	} else if (!secret) {
		error = L2TP_ERR_VENDOR;
		why = "is hidden, no secret";
	} else if (!d->vector.data) {
		why = "is hidden, no Random Vector before it";
	} else if (hide_open(info->type, d->secret, &d->vector, d->buf + avp->offset, avp->len,
			   &value) < 0) {
		error = L2TP_ERR_LENGTH;
		why = "cannot be unhidden, is the secret the same?";
	} else {
		avp->value = value.data;
		avp->len = value.len;
		return true;
	}
	if (!forgiven(d, avp->mandatory, L2TP_DEV_MALFORMED_OPTIONAL))
		offence(d, GENERAL, error, "%s: %s %s", d->rule->name, avp_label(avp, label), why);
	return false;
}

static void wrong_length(struct decoder *d, const struct avp *avp)
{
	char label[AVP_LABEL_SIZE];
	bool mandatory = avp->mandatory;

	/*
	 * A Challenge Response of the wrong size is no response, and it is for the FSM, who knows
	 * if one was asked for, to refuse the tunnel (result 4).
	 */
	if (avp->vendor == 0 && avp->type == L2TP_AVP_CHALLENGE_RESPONSE)
		mandatory = false;
	if (!forgiven(d, mandatory, L2TP_DEV_MALFORMED_OPTIONAL))
		offence(d, GENERAL, L2TP_ERR_LENGTH, "%s: %s has a value of %u octets",
			d->rule->name, avp_label(avp, label), avp->len);
}

/*
 * A value out of range is as if the attribute were not there. That is an offence only where the
 * attribute belongs: nobody looks at the others.
 */
static void wrong_value(struct decoder *d, const struct avp_info *info, const struct avp *avp)
{
	char label[AVP_LABEL_SIZE];

	avp_forget_u16(info, d->msg);
	if (!forgiven(d, avp->mandatory && belongs(d, info), L2TP_DEV_MALFORMED_OPTIONAL))
		offence(d, GENERAL, L2TP_ERR_VALUE, "%s: %s is %s", d->rule->name,
			avp_label(avp, label), info->check == AVP_NONZERO ? "0" : "out of range");
}

static void decode_avp(struct decoder *d, struct avp *avp)
{
	const struct avp_info *info = avp_find(avp->vendor, avp->type);
	struct l2tp_msg *msg = d->msg;

	if (!info || avp->reserved) {
		unknown_avp(d, avp);
		return;
	}
	/* the M bit of a known attribute means nothing (RFC 2661 4.1), and senders differ in it */
	if (avp->mandatory != info->mandatory)
		msg->deviations |= L2TP_DEV_M_BIT;
	if (!belongs(d, info))
		msg->deviations |= L2TP_DEV_EXTRA_AVP;
	if (avp_present(info, msg) && !avp_may_repeat(info)) {
		msg->deviations |= L2TP_DEV_DUPLICATE_AVP;
		return;
	}
	if (avp->hidden && !unhide(d, info, avp))
		return;
	if (!avp_get(info, avp->value, avp->len, msg)) {
		wrong_length(d, avp);
		return;
	}
	if (!avp_value_ok(info, msg)) {
		wrong_value(d, info, avp);
		return;
	}
	avp_set_present(info, msg);
	if (info->type == L2TP_AVP_RANDOM_VECTOR && !info->vendor)
		d->vector = msg->random_vector;
}

/* The AVPs do not fill the message: there is no telling where the next one would start. */
static void broken_chain(struct decoder *d, const struct avp *avp)
{
	char label[AVP_LABEL_SIZE];

	if (forgiven(d, true, L2TP_DEV_MALFORMED_OPTIONAL))
		return;
	if (avp->type || avp->vendor || avp->length)
		offence(d, GENERAL, L2TP_ERR_LENGTH, "%s: %s has length %u", d->rule->name,
			avp_label(avp, label), avp->length);
	else
		offence(d, GENERAL, L2TP_ERR_LENGTH, "%s: stray octets after the last attribute",
			d->rule->name);
}

/*
 * RFC 2661 4.4.1: Message Type is the first AVP, not hidden, two octets. Its M bit does not speak
 * of the AVP but of the message: whether one that is not understood may be ignored. False: judged.
 */
static bool decode_type(struct decoder *d, struct buf_rd *rd)
{
	enum l2tp_verdict_kind kind;
	char label[AVP_LABEL_SIZE];
	struct avp avp;
	int r;

	d->msg->type = L2TP_MSG_INVALID;
	r = avp_next(rd, &avp);
	if (r < 0) {
		reject(d->verdict, L2TP_VERDICT_CLEAR_TUNNEL, L2TP_ERR_LENGTH,
			"first attribute has length %u", avp.length);
		return false;
	}
	if (avp.vendor != 0 || avp.type != L2TP_AVP_MESSAGE_TYPE) {
		reject(d->verdict, L2TP_VERDICT_CLEAR_TUNNEL, L2TP_ERR_VALUE,
			"first attribute is %s, not Message Type", avp_label(&avp, label));
		return false;
	}
	kind = avp.mandatory ? L2TP_VERDICT_CLEAR_TUNNEL : L2TP_VERDICT_IGNORE;
	if (avp.reserved || avp.hidden) {
		reject(d->verdict, kind, avp.reserved ? L2TP_ERR_UNKNOWN_AVP : L2TP_ERR_VALUE,
			"Message Type (attribute 0) %s",
			avp.reserved ? "with reserved bits" : "must not be hidden");
		return false;
	}
	if (!avp_get(avp_find(0, L2TP_AVP_MESSAGE_TYPE), avp.value, avp.len, d->msg)) {
		reject(d->verdict, kind, L2TP_ERR_LENGTH,
			"Message Type (attribute 0) has a value of %u octets", avp.len);
		return false;
	}
	if (d->msg->type > L2TP_MSG_MAX || !msg_rules[d->msg->type].name) {
		reject(d->verdict, kind, L2TP_ERR_VALUE, "unknown message type %u", d->msg->type);
		if (d->msg->type == L2TP_MSG_ZLB)
			d->msg->type = L2TP_MSG_INVALID;
		return false;
	}
	l2tp_msg_set(d->msg, L2TP_AVP_MESSAGE_TYPE);
	d->rule = &msg_rules[d->msg->type];
	if (avp.mandatory != (d->rule->weight != MSG_OPTIONAL))
		d->msg->deviations |= L2TP_DEV_M_BIT;
	return true;
}

static void check_complete(struct decoder *d)
{
	uint64_t missing = d->rule->must & ~d->msg->present;

	if (!missing || forgiven(d, true, L2TP_DEV_MISSING_AVP))
		return;
	for (size_t row = 0; row < AVP_ROWS; row++) {
		if (!avp_table[row].vendor && missing & UINT64_C(1) << avp_table[row].bit)
			offence(d, GENERAL, L2TP_ERR_VALUE, "%s lacks %s", d->rule->name,
				avp_table[row].name);
	}
}

/*
 * RFC 2661 4.4.3: version 1 revision 0; result 5 tells the highest version supported. A higher
 * revision is no reason to refuse.
 */
static void check_version(struct decoder *d)
{
	if (!(d->rule->must & AVP_BIT(PROTOCOL_VERSION)) ||
		!l2tp_msg_has(d->msg, L2TP_AVP_PROTOCOL_VERSION))
		return;
	if (d->msg->protocol_version >> 8 != L2TP_PROTOCOL_VERSION >> 8)
		offence(d, L2TP_STOPCCN_VERSION, L2TP_PROTOCOL_VERSION,
			"%s: Protocol Version (attribute 2) is %u.%u", d->rule->name,
			d->msg->protocol_version >> 8, d->msg->protocol_version & 0xffu);
}

/*
 * RFC 2661 4.4.4: ICCN and OCCN name the framing that was negotiated, so just one; only an OCRQ may
 * offer both. If what they name will do is for the FSM, which knows what was announced.
 */
static void check_framing(struct decoder *d)
{
	uint32_t framing = d->msg->framing_type;

	if (d->msg->type != L2TP_MSG_ICCN && d->msg->type != L2TP_MSG_OCCN)
		return;
	if (l2tp_msg_has(d->msg, L2TP_AVP_FRAMING_TYPE) && framing != L2TP_FRAMING_SYNC &&
		framing != L2TP_FRAMING_ASYNC)
		d->msg->deviations |= L2TP_DEV_FRAMING_TYPE;
}

void l2tp_msg_decode(uint8_t *buf, size_t len, const struct l2tp_secret *secret,
	struct l2tp_msg *msg, struct l2tp_verdict *verdict)
{
	struct decoder d = { .buf = buf, .secret = secret, .msg = msg, .verdict = verdict };
	struct buf_rd rd;
	struct avp avp;
	int r;

	/* not the updates, which are many and counted */
	memset(msg, 0, offsetof(struct l2tp_msg, speeds));
	memset(verdict, 0, sizeof(*verdict));
	if (l2tp_header_parse(buf, len, &msg->hdr) < 0 || !msg->hdr.control) {
		reject(verdict, L2TP_VERDICT_DROP, 0, "not an L2TPv2 control message");
		return;
	}
	if ((size_t)msg->hdr.payload_off + msg->hdr.payload_len < len)
		msg->deviations |= L2TP_DEV_TRAILING_BYTES;
	if (msg->hdr.payload_len == 0)
		return; /* type is L2TP_MSG_ZLB */
	/* offsets of AVPs are those in buf, where unhide() needs them */
	buf_rd_init(&rd, buf, (size_t)msg->hdr.payload_off + msg->hdr.payload_len);
	buf_rd_bytes(&rd, msg->hdr.payload_off);
	if (!decode_type(&d, &rd))
		return;
	while ((r = avp_next(&rd, &avp)) > 0)
		decode_avp(&d, &avp);
	if (r < 0)
		broken_chain(&d, &avp);
	check_version(&d);
	check_framing(&d);
	check_complete(&d);
}

bool l2tp_msg_peek_sccrq(const uint8_t *buf, size_t len, struct l2tp_span *ret_host)
{
	struct l2tp_span host = { 0 };
	struct l2tp_header hdr;
	struct buf_rd rd, value;
	struct avp avp;
	int r;

	if (l2tp_header_parse(buf, len, &hdr) < 0 || !hdr.control || hdr.tid || hdr.sid || hdr.ns)
		return false;
	buf_rd_init(&rd, buf + hdr.payload_off, hdr.payload_len);
	if (avp_next(&rd, &avp) != 1 || avp.vendor || avp.type != L2TP_AVP_MESSAGE_TYPE ||
		avp.hidden || avp.reserved || avp.len != 2)
		return false;
	buf_rd_init(&value, avp.value, avp.len);
	if (buf_rd_u16(&value) != L2TP_MSG_SCCRQ)
		return false;
	while ((r = avp_next(&rd, &avp)) > 0) {
		if (avp.vendor == 0 && avp.type == L2TP_AVP_HOST_NAME && !avp.hidden &&
			!avp.reserved && avp.len && !host.data)
			host = (struct l2tp_span){ .data = avp.value, .len = avp.len };
	}
	if (r < 0)
		return false;
	*ret_host = host;
	return true;
}

bool l2tp_msg_is_optional(unsigned type)
{
	return type <= L2TP_MSG_MAX && msg_rules[type].weight == MSG_OPTIONAL;
}

/* M and H of an AVP that we send. */
static uint16_t avp_flags(const struct l2tp_msg *msg, const struct avp_info *info, bool hidden)
{
	bool mandatory = info->mandatory;

	if (!info->vendor && info->type == L2TP_AVP_MESSAGE_TYPE)
		mandatory = !l2tp_msg_is_optional(msg->type);
	return (uint16_t)((mandatory ? L2TP_AVP_M : 0) | (hidden ? L2TP_AVP_H : 0));
}

/* Header of an AVP; returns where it starts, for end_avp(). */
static size_t begin_avp(struct buf_wr *wr, const struct avp_info *info)
{
	size_t start = wr->pos;

	buf_wr_u16(wr, 0);
	buf_wr_u16(wr, info->vendor);
	buf_wr_u16(wr, info->type);
	return start;
}

static int end_avp(struct buf_wr *wr, uint16_t flags, size_t start)
{
	size_t len = wr->pos - start;

	if (len > L2TP_AVP_MAX_LEN)
		return -EMSGSIZE;
	buf_wr_patch_u16(wr, start, (uint16_t)(flags | len));
	return 0;
}

/*
 * Pad the subformat to whole blocks as far as an AVP can hold them, so that the length of a
 * password does not show (RFC 2661 4.3), and encrypt it.
 */
static void hide_value(struct buf_wr *wr, const struct avp_info *info,
	const struct l2tp_encode *opts, size_t start)
{
	struct l2tp_span vector = { opts->random_vector, sizeof(opts->random_vector) };
	size_t len = wr->pos - start, pad = (HIDE_BLOCK - len % HIDE_BLOCK) % HIDE_BLOCK;

	if (len <= AVP_MAX_VALUE && len + pad > AVP_MAX_VALUE)
		pad = AVP_MAX_VALUE - len;
	buf_wr_bytes(wr, opts->random_vector, pad);
	if (!wr->bad)
		hide_encrypt(info->type, &opts->secret, &vector, wr->data + start, len + pad);
}

static int encode_avp(const struct l2tp_msg *msg, const struct avp_info *info, unsigned nth,
	const struct l2tp_encode *opts, struct buf_wr *wr)
{
	bool hidden = opts && info->hideable;
	size_t start = begin_avp(wr, info), value;

	if (hidden) {
		buf_wr_u16(wr, 0);
		value = wr->pos;
		avp_put(info, msg, nth, wr);
		buf_wr_patch_u16(wr, value - 2, (uint16_t)(wr->pos - value));
		hide_value(wr, info, opts, value - 2);
	} else if (opts && info == &avp_table[AVP_ROW_RANDOM_VECTOR]) {
		buf_wr_bytes(wr, opts->random_vector, sizeof(opts->random_vector));
	} else {
		avp_put(info, msg, nth, wr);
	}
	return end_avp(wr, avp_flags(msg, info, hidden), start);
}

/* Something in the message is to be hidden. */
static bool hides_any(const struct l2tp_msg *msg)
{
	/* nothing is in a Hello */
	if (!(msg->present & ~AVPS_ANYWHERE) && !msg->line.present)
		return false;
	for (size_t row = 0; row < AVP_ROWS; row++)
		if (avp_table[row].hideable && avp_present(&avp_table[row], msg))
			return true;
	return false;
}

/* A Random Vector is written just if something gets hidden by it. */
static bool to_encode(const struct l2tp_msg *msg, const struct avp_info *info, bool hide)
{
	if (info == &avp_table[AVP_ROW_MESSAGE_TYPE])
		return true;
	if (hide && info == &avp_table[AVP_ROW_RANDOM_VECTOR])
		return hides_any(msg);
	return avp_present(info, msg);
}

static int encode_avps(
	const struct l2tp_msg *msg, const struct l2tp_encode *opts, struct buf_wr *wr)
{
	/* most messages are done long before the end of the table */
	uint64_t left = msg->present | AVP_BIT(MESSAGE_TYPE) | AVP_BIT(RANDOM_VECTOR);
	int r;

	for (size_t row = 0; row < AVP_ROWS && (left || msg->line.present); row++) {
		const struct avp_info *info = &avp_table[row];

		if (!info->vendor)
			left &= ~(UINT64_C(1) << info->bit);
		if (!to_encode(msg, info, opts != NULL))
			continue;
		for (unsigned i = 0; i < avp_count(info, msg); i++) {
			r = encode_avp(msg, info, i, opts, wr);
			if (r < 0)
				return r;
		}
	}
	return 0;
}

int l2tp_msg_encode(
	const struct l2tp_msg *msg, const struct l2tp_encode *opts, uint8_t *buf, size_t size)
{
	struct buf_wr wr;
	int r;

	if (opts && !opts->hide)
		opts = NULL;
	assert(!opts || opts->secret.data);
	buf_wr_init(&wr, buf, size < UINT16_MAX ? size : UINT16_MAX);
	buf_wr_u16(&wr, L2TP_HDR_T | L2TP_HDR_L | L2TP_HDR_S | L2TP_HDR_VER);
	buf_wr_u16(&wr, 0);
	buf_wr_u16(&wr, msg->hdr.tid);
	buf_wr_u16(&wr, msg->hdr.sid);
	buf_wr_u16(&wr, msg->hdr.ns);
	buf_wr_u16(&wr, msg->hdr.nr);
	if (msg->type != L2TP_MSG_ZLB) {
		r = encode_avps(msg, opts, &wr);
		if (r < 0)
			return r;
	}
	if (wr.bad)
		return -ENOSPC;
	buf_wr_patch_u16(&wr, 2, (uint16_t)wr.pos);
	return (int)wr.pos;
}
