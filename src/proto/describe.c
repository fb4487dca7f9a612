/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A datagram in words. The header is read here a second time, and leniently: header.c may stop at
 * the first fault, a person wants to see what there is.
 */
#include <l2tp/describe.h>

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "avp.h"
#include "base/buf.h"
#include "describe_avp.h"
#include "hide.h"
#include "words.h"

#define CTRL_REQUIRED (L2TP_HDR_L | L2TP_HDR_S)

static void header_problem(struct l2tp_description *d, size_t offset, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* The first one counts. */
static void header_problem(struct l2tp_description *d, size_t offset, const char *fmt, ...)
{
	va_list args;

	if (*d->problem)
		return;
	d->problem_offset = offset;
	va_start(args, fmt);
	vsnprintf(d->problem, sizeof(d->problem), fmt, args);
	va_end(args);
}

static void check_flags(struct l2tp_description *d, uint16_t flags)
{
	if (!d->hdr.control)
		return;
	if ((flags & CTRL_REQUIRED) != CTRL_REQUIRED)
		header_problem(d, 0, "a control message without %s",
			flags & L2TP_HDR_L   ? "Ns and Nr"
			: flags & L2TP_HDR_S ? "Length"
					     : "Length, Ns and Nr");
	if (flags & L2TP_HDR_O)
		header_problem(d, 0, "a control message with Offset");
}

/* RFC 2661 3.1. Where the payload ends goes to d->end, which is where it starts if there is none.
 */
static void read_header(struct l2tp_description *d)
{
	struct l2tp_header *hdr = &d->hdr;
	size_t pad_offset = 0, size = d->size < UINT16_MAX ? d->size : UINT16_MAX;
	struct buf_rd rd;
	uint16_t flags;

	buf_rd_init(&rd, d->buf, size);
	flags = buf_rd_u16(&rd);
	if (rd.bad || (flags & L2TP_HDR_VER_MASK) != L2TP_HDR_VER) {
		if (rd.bad)
			header_problem(d, 0, "too short for a header");
		else
			header_problem(d, 0, "version %u", flags & L2TP_HDR_VER_MASK);
		return;
	}
	d->l2tp = true;
	d->priority = flags & L2TP_HDR_P;
	hdr->control = flags & L2TP_HDR_T;
	hdr->has_length = flags & L2TP_HDR_L;
	hdr->has_seq = flags & L2TP_HDR_S;
	check_flags(d, flags);
	d->length = hdr->has_length ? buf_rd_u16(&rd) : 0;
	hdr->tid = buf_rd_u16(&rd);
	hdr->sid = buf_rd_u16(&rd);
	hdr->ns = hdr->has_seq ? buf_rd_u16(&rd) : 0;
	hdr->nr = hdr->has_seq ? buf_rd_u16(&rd) : 0;
	hdr->has_seq = hdr->has_seq && !rd.bad;
	if (flags & L2TP_HDR_O) {
		pad_offset = rd.pos;
		d->offset_size = buf_rd_u16(&rd);
		if (!rd.bad && !buf_rd_bytes(&rd, d->offset_size))
			header_problem(d, pad_offset, "Offset Size %u, %zu octets are left",
				d->offset_size, buf_rd_left(&rd));
	}
	if (rd.bad) {
		header_problem(d, d->size, "the header is cut off");
		return;
	}
	d->next = d->end = rd.pos;
	if (hdr->has_length && d->length < rd.pos)
		header_problem(d, 2, "Length %u, the header has %zu octets", d->length, rd.pos);
	else if (hdr->has_length && d->length > d->size)
		header_problem(d, 2, "Length %u, the datagram has %zu octets", d->length, d->size);
	else if (d->size > UINT16_MAX)
		header_problem(d, UINT16_MAX, "%zu octets are no datagram", d->size);
	if (!hdr->has_length || d->length > size)
		d->end = size;
	else if (d->length > rd.pos)
		d->end = d->length;
	hdr->payload_off = (uint16_t)d->next;
	hdr->payload_len = (uint16_t)(d->end - d->next);
}

/* The type that the first attribute tells, if it is what it should be. */
static void read_type(struct l2tp_description *d)
{
	struct buf_rd rd;
	struct avp avp;

	d->type = L2TP_MSG_INVALID;
	if (d->next == d->end) {
		if (*d->problem)
			return;
		d->type = L2TP_MSG_ZLB;
		snprintf(d->name, sizeof(d->name), "ZLB");
		return;
	}
	buf_rd_init(&rd, d->buf + d->next, d->end - d->next);
	if (avp_next(&rd, &avp) != 1 || avp.vendor || avp.type != L2TP_AVP_MESSAGE_TYPE ||
		avp.hidden || avp.reserved || avp.len != 2)
		return;
	d->type = (uint16_t)(avp.value[0] << 8 | avp.value[1]);
	if (d->type && strcmp(l2tp_msg_name(d->type), "unknown") != 0)
		snprintf(d->name, sizeof(d->name), "%s", l2tp_msg_name(d->type));
	else
		snprintf(d->name, sizeof(d->name), "message %u", d->type);
	if (!d->type)
		d->type = L2TP_MSG_INVALID;
}

/* RFC 1661 2, 6.5, 6.6: the address and control field and half of the protocol may be left out. */
static void read_ppp(struct l2tp_description *d)
{
	struct buf_rd rd;
	uint16_t protocol;

	buf_rd_init(&rd, d->buf + d->next, d->end - d->next);
	if (buf_rd_left(&rd) >= 2 && rd.data[0] == 0xff && rd.data[1] == 0x03)
		buf_rd_u16(&rd);
	protocol = buf_rd_u8(&rd);
	if (!(protocol & 1))
		protocol = (uint16_t)(protocol << 8 | buf_rd_u8(&rd));
	if (rd.bad || !(protocol & 1))
		return;
	d->ppp_protocol = protocol;
	d->ppp_name = ppp_protocol_name(protocol);
}

static void put_verdict(struct l2tp_description *d)
{
	const struct l2tp_verdict *v = &d->verdict;
	size_t size = sizeof(d->verdict_words);

	switch (v->kind) {
	case L2TP_VERDICT_OK:
		snprintf(d->verdict_words, size, "good");
		break;
	case L2TP_VERDICT_DROP:
		snprintf(d->verdict_words, size, "to be dropped: %s", v->text);
		break;
	case L2TP_VERDICT_IGNORE:
		snprintf(d->verdict_words, size, "to be ignored: %s", v->text);
		break;
	case L2TP_VERDICT_CLEAR_SESSION:
		snprintf(d->verdict_words, size, "ends the session with CDN %u/%u: %s", v->result,
			v->error, v->text);
		break;
	case L2TP_VERDICT_CLEAR_TUNNEL:
		snprintf(d->verdict_words, size, "ends the tunnel with StopCCN %u/%u: %s",
			v->result, v->error, v->text);
		break;
	}
}

/* Judging decrypts in place, so it gets a copy, which may hold passwords afterwards. */
static void judge(struct l2tp_description *d)
{
	uint8_t copy[UINT16_MAX];
	struct l2tp_msg msg;
	size_t len = d->size;

	/* too long for l2tp_header_parse(), which says so without a look at the rest */
	if (len > sizeof(copy))
		len = 0;
	memcpy(copy, d->buf, len);
	l2tp_msg_decode(copy, len, &d->secret, &msg, &d->verdict);
	d->deviations = msg.deviations;
	explicit_bzero(copy, len);
	explicit_bzero(&msg, sizeof(msg));
	put_verdict(d);
}

void l2tp_describe_begin(struct l2tp_description *ret, const uint8_t *buf, size_t len,
	const struct l2tp_secret *secret)
{
	memset(ret, 0, sizeof(*ret));
	ret->buf = buf;
	ret->size = len;
	if (secret)
		ret->secret = *secret;
	read_header(ret);
	if (!ret->l2tp) {
		snprintf(ret->name, sizeof(ret->name), "not L2TPv2");
	} else if (ret->hdr.control) {
		snprintf(ret->name, sizeof(ret->name), "control message");
		read_type(ret);
		judge(ret);
	} else {
		snprintf(ret->name, sizeof(ret->name), "data packet");
		read_ppp(ret);
		ret->next = ret->end;
	}
}

/* --- attributes --- */

static void avp_problem(struct l2tp_avp_words *ret, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
static void avp_problem(struct l2tp_avp_words *ret, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(ret->problem, sizeof(ret->problem), fmt, args);
	va_end(args);
}

/* In clear text, whatever it was in the datagram. */
static void tell_value(const struct l2tp_description *d, const struct avp_info *info,
	const uint8_t *value, uint16_t len, struct words *words, struct l2tp_avp_words *ret)
{
	const char *problem = describe_avp_value(info, d->type, value, len, words);

	if (problem)
		avp_problem(ret, "%s", problem);
}

static void tell_hidden(const struct l2tp_description *d, const struct avp_info *info,
	const struct avp *avp, struct words *words, struct l2tp_avp_words *ret)
{
	uint8_t copy[AVP_MAX_VALUE];
	struct l2tp_span value;

	if (info && !info->hideable)
		avp_problem(ret, "must not be hidden");
	else if (info && !d->vector.data)
		avp_problem(ret, "is hidden without a Random Vector before it");
	if (!info || *ret->problem || !d->secret.data) {
		words_add(words, "hidden, ");
		words_add_octets(words, avp->len);
		return;
	}
	memcpy(copy, avp->value, avp->len);
	if (hide_open(info->type, &d->secret, &d->vector, copy, avp->len, &value) == 0) {
		tell_value(d, info, value.data, value.len, words, ret);
	} else {
		words_add(words, "hidden, ");
		words_add_octets(words, avp->len);
		avp_problem(ret, "cannot be unhidden, is the secret the same?");
	}
	explicit_bzero(copy, sizeof(copy));
}

static void tell_avp(struct l2tp_description *d, const struct avp *avp, struct l2tp_avp_words *ret)
{
	const struct avp_info *info = avp_find(avp->vendor, avp->type);
	struct words words;

	words_init(&words, ret->value, sizeof(ret->value));
	if (avp->reserved)
		avp_problem(ret, "has reserved bits");
	if (avp->hidden)
		tell_hidden(d, avp->reserved ? NULL : info, avp, &words, ret);
	else if (info && (!avp->reserved || info->words == AVP_WORDS_SECRET))
		tell_value(d, info, avp->value, avp->len, &words, ret);
	else
		words_add_hex(&words, avp->value, avp->len);
	if (info == &avp_table[AVP_ROW_RANDOM_VECTOR] && !avp->hidden && !avp->reserved)
		d->vector = (struct l2tp_span){ .data = avp->value, .len = avp->len };
}

/* The M bit that the attribute has by the book. */
static bool usual_m(const struct avp_info *info, uint16_t msg_type)
{
	if (info == &avp_table[AVP_ROW_MESSAGE_TYPE])
		return !l2tp_msg_is_optional(msg_type);
	return info->mandatory;
}

bool l2tp_describe_next(struct l2tp_description *d, struct l2tp_avp_words *ret)
{
	const struct avp_info *info;
	struct buf_rd rd;
	struct avp avp;
	int r;

	if (d->next >= d->end)
		return false;
	memset(ret, 0, sizeof(*ret));
	ret->offset = d->next;
	buf_rd_init(&rd, d->buf, d->end);
	buf_rd_bytes(&rd, d->next);
	r = avp_next(&rd, &avp);
	info = avp_find(avp.vendor, avp.type);
	ret->length = avp.length;
	ret->vendor = avp.vendor;
	ret->type = avp.type;
	ret->mandatory = avp.mandatory;
	ret->hidden = avp.hidden;
	ret->reserved = avp.reserved;
	/* all 0 is no attribute's header, though it would be Message Type's */
	if (r > 0 || avp.length || avp.type || avp.vendor) {
		ret->name = info ? info->name : NULL;
		ret->unusual_m = info && usual_m(info, d->type) != avp.mandatory;
	}
	if (r > 0) {
		d->next = rd.pos;
		tell_avp(d, &avp, ret);
		return true;
	}
	/* there is no telling where the next one would start */
	if (d->end - d->next < L2TP_AVP_HDR_LEN)
		avp_problem(ret, "%zu stray octets", d->end - d->next);
	else if (avp.length < L2TP_AVP_HDR_LEN)
		avp_problem(ret, "has length %u, below its header's", avp.length);
	else
		avp_problem(
			ret, "has length %u, %zu octets are left", avp.length, d->end - d->next);
	d->next = d->end;
	return true;
}

/* --- lines --- */

size_t l2tp_describe_head(const struct l2tp_description *d, char *out, size_t size)
{
	const struct l2tp_header *hdr = &d->hdr;
	bool control = hdr->control, whole = hdr->payload_off != 0;
	struct words w;

	words_init(&w, out, size);
	words_add(&w, "%s", d->name);
	if (hdr->tid || whole)
		words_add(&w, " tunnel %u", hdr->tid);
	if (hdr->sid || (whole && !control))
		words_add(&w, " session %u", hdr->sid);
	if (hdr->has_seq)
		words_add(&w, " ns %u nr %u", hdr->ns, hdr->nr);
	if (hdr->has_length && !control)
		words_add(&w, " length %u", d->length);
	if (d->offset_size)
		words_add(&w, " offset %u", d->offset_size);
	if (d->priority)
		words_add(&w, " priority");
	if (d->l2tp && !control && !*d->problem) {
		words_add(&w, ", payload ");
		words_add_octets(&w, hdr->payload_len);
	} else {
		words_add(&w, ", ");
		words_add_octets(&w, d->size);
	}
	if (d->ppp_name)
		words_add(&w, ", PPP %s", d->ppp_name);
	else if (d->ppp_protocol)
		words_add(&w, ", PPP protocol 0x%04x", d->ppp_protocol);
	if (*d->problem)
		words_add(&w, " (offset %zu: %s)", d->problem_offset, d->problem);
	return w.len;
}

size_t l2tp_describe_avp(
	const struct l2tp_avp_words *avp, const char *separator, char *out, size_t size)
{
	struct words w;

	words_init(&w, out, size);
	if (avp->name)
		words_add(&w, "%s", avp->name);
	else if (avp->length && avp->vendor)
		words_add(&w, "vendor %u attribute %u", avp->vendor, avp->type);
	else if (avp->length)
		words_add(&w, "attribute %u", avp->type);
	else
		words_add(&w, "attribute");
	if (avp->hidden)
		words_add(&w, " [H]");
	/* of one that is not known here, M is what matters */
	if (avp->mandatory && (!avp->name || avp->unusual_m))
		words_add(&w, " [M]");
	else if (avp->unusual_m)
		words_add(&w, " [no M]");
	if (*avp->value)
		words_add(&w, "%s%s", separator, avp->value);
	if (*avp->problem)
		words_add(&w, " (offset %zu: %s)", avp->offset, avp->problem);
	return w.len;
}

size_t l2tp_describe_deviations(uint32_t deviations, const char *separator, char *out, size_t size)
{
	struct words w;

	words_init(&w, out, size);
	for (unsigned i = 0; i < L2TP_DEV_COUNT; i++)
		if (deviations >> i & 1)
			words_add(&w, "%s%s", w.len ? separator : "", l2tp_deviation_name(i));
	return w.len;
}

size_t l2tp_describe(
	const uint8_t *buf, size_t len, const struct l2tp_secret *secret, char *out, size_t size)
{
	char text[L2TP_DESCRIBE_VALUE + L2TP_DESCRIBE_PROBLEM + 80];
	const char *separator = ": ";
	struct l2tp_description d;
	struct l2tp_avp_words avp;
	struct words w;

	l2tp_describe_begin(&d, buf, len, secret);
	words_init(&w, out, size);
	l2tp_describe_head(&d, text, sizeof(text));
	words_add(&w, "%s", text);
	/* what does not fit is not worth the time: anybody may send any number of attributes */
	while (!w.cut && l2tp_describe_next(&d, &avp)) {
		if (!avp.vendor && avp.type == L2TP_AVP_MESSAGE_TYPE && avp.name && !*avp.problem)
			continue; /* it is the name of the message */
		l2tp_describe_avp(&avp, " ", text, sizeof(text));
		words_add(&w, "%s%s", separator, text);
		separator = "; ";
	}
	if (*d.verdict_words && d.verdict.kind != L2TP_VERDICT_OK)
		words_add(&w, " -- %s", d.verdict_words);
	if (l2tp_describe_deviations(d.deviations, " ", text, sizeof(text)))
		words_add(&w, " [%s]", text);
	return w.len;
}
