/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Attribute Value Pairs, RFC 2661 4.1 and 4.4. */
#include "avp.h"

#include <errno.h>
#include <stdio.h>

/* clang-format off */
const struct avp_info avp_table[AVP_ROWS] = {
#define ROW(row_, vendor_, type_, bit_, name_, kind_, min_, max_, m_, h_, check_, words_, field_)  \
	[row_] = {                                                                                 \
		.name = name_,                                                                     \
		.vendor = vendor_,                                                                 \
		.type = type_,                                                                     \
		.bit = bit_,                                                                       \
		.min = min_,                                                                       \
		.max = max_,                                                                       \
		.offset = offsetof(struct l2tp_msg, field_),                                       \
		.kind = AVP_##kind_,                                                               \
		.check = AVP_##check_,                                                             \
		.words = AVP_WORDS_##words_,                                                       \
		.mandatory = m_,                                                                   \
		.hideable = h_,                                                                    \
	},
#define AVP(type, ...) ROW(AVP_ROW_##type, 0, L2TP_AVP_##type, L2TP_AVP_BIT(L2TP_AVP_##type), \
		__VA_ARGS__)
	L2TP_AVP_TABLE(AVP)
#undef AVP
#define AVP(type, ...)                                                                             \
	ROW(AVP_ROW_LINE_##type, L2TP_VENDOR_BROADBAND_FORUM, L2TP_LINE_##type,                    \
		L2TP_LINE_BIT(L2TP_LINE_##type), __VA_ARGS__)
	L2TP_LINE_AVP_TABLE(AVP)
#undef AVP
};

/* Row + 1 by attribute type; 0 where there is none. */
static const uint8_t row_of[L2TP_AVP_TYPE_MAX + 1] = {
#define AVP(type, ...) [L2TP_AVP_##type] = AVP_ROW_##type + 1,
	L2TP_AVP_TABLE(AVP)
#undef AVP
};
static const uint8_t row_of_line[L2TP_LINE_TYPE_MAX + 1] = {
#define AVP(type, ...) [L2TP_LINE_##type] = AVP_ROW_LINE_##type + 1,
	L2TP_LINE_AVP_TABLE(AVP)
#undef AVP
};

/* A row whose field is of another size than its kind does not compile. */
#define SIZE_U16	 sizeof(uint16_t)
#define SIZE_U32	 sizeof(uint32_t)
#define SIZE_U64	 sizeof(uint64_t)
#define SIZE_OCTETS16	 16
#define SIZE_OCTETS3	 3
#define SIZE_SPAN	 sizeof(struct l2tp_span)
#define SIZE_FLAG	 sizeof(uint64_t)
#define SIZE_SPEED	 sizeof(uint32_t)
#define SIZE_RESULT	 sizeof(uint16_t)
#define SIZE_CAUSE	 sizeof(uint16_t)
#define SIZE_CALL_ERRORS (6 * sizeof(uint32_t))
#define SIZE_ACCM	 sizeof(uint32_t)
#define SIZE_PPP_CAUSE	 sizeof(uint16_t)
#define SIZE_SPEED_UPDATE sizeof(struct l2tp_speed_update)
#define AVP(type, name, kind, min, max, m, h, check, words, field)                                 \
	_Static_assert(sizeof(((struct l2tp_msg *)0)->field) == SIZE_##kind, name);                \
	_Static_assert((min) <= (max) && (max) <= AVP_MAX_VALUE, name);
L2TP_AVP_TABLE(AVP)
L2TP_LINE_AVP_TABLE(AVP)
#undef AVP
/* clang-format on */

const struct avp_info *avp_find(uint16_t vendor, uint16_t type)
{
	unsigned row = 0;

	if (vendor == 0 && type <= L2TP_AVP_TYPE_MAX)
		row = row_of[type];
	else if (vendor == L2TP_VENDOR_BROADBAND_FORUM && type <= L2TP_LINE_TYPE_MAX)
		row = row_of_line[type];
	return row ? &avp_table[row - 1] : NULL;
}

int avp_next(struct buf_rd *rd, struct avp *ret)
{
	uint16_t bits;

	memset(ret, 0, sizeof(*ret));
	if (!rd->bad && buf_rd_left(rd) == 0)
		return 0;
	if (rd->bad || buf_rd_left(rd) < L2TP_AVP_HDR_LEN)
		return -EBADMSG;
	bits = buf_rd_u16(rd);
	ret->mandatory = bits & L2TP_AVP_M;
	ret->hidden = bits & L2TP_AVP_H;
	ret->reserved = bits & L2TP_AVP_RSVD;
	ret->length = bits & L2TP_AVP_LEN_MASK;
	ret->vendor = buf_rd_u16(rd);
	ret->type = buf_rd_u16(rd);
	ret->offset = rd->pos;
	if (ret->length < L2TP_AVP_HDR_LEN) {
		rd->bad = true;
		return -EBADMSG;
	}
	ret->len = (uint16_t)(ret->length - L2TP_AVP_HDR_LEN);
	ret->value = buf_rd_bytes(rd, ret->len);
	return ret->value ? 1 : -EBADMSG;
}

const char *avp_label(const struct avp *avp, char buf[static AVP_LABEL_SIZE])
{
	const struct avp_info *info = avp_find(avp->vendor, avp->type);

	if (info && avp->vendor)
		snprintf(buf, AVP_LABEL_SIZE, "%s (vendor %u attribute %u)", info->name,
			avp->vendor, avp->type);
	else if (info)
		snprintf(buf, AVP_LABEL_SIZE, "%s (attribute %u)", info->name, avp->type);
	else if (avp->vendor)
		snprintf(buf, AVP_LABEL_SIZE, "vendor %u attribute %u", avp->vendor, avp->type);
	else
		snprintf(buf, AVP_LABEL_SIZE, "attribute %u", avp->type);
	return buf;
}

static void *field_of(const struct avp_info *info, struct l2tp_msg *msg)
{
	return (uint8_t *)msg + info->offset;
}

static const void *const_field_of(const struct avp_info *info, const struct l2tp_msg *msg)
{
	return (const uint8_t *)msg + info->offset;
}

/* Everything that is left. */
static struct l2tp_span rest_of(struct buf_rd *rd)
{
	struct l2tp_span span;

	span.len = (uint16_t)buf_rd_left(rd);
	span.data = buf_rd_bytes(rd, span.len);
	return span;
}

/*
 * RFC 2661 4.4.2. Length 8 without an error code is legal but some senders mean it and some forget
 * the rest; Apple's vpnd sends both codes in host order. No code above 255 is assigned.
 */
static void get_result(struct buf_rd *rd, struct l2tp_msg *msg)
{
	uint16_t result = buf_rd_u16(rd), error = 0;

	if (buf_rd_left(rd) < 2) {
		msg->deviations |= L2TP_DEV_SHORT_RESULT;
		msg->result_text = (struct l2tp_span){ 0 };
	} else {
		error = buf_rd_u16(rd);
		msg->result_text = rest_of(rd);
	}
	if (result && (result & 0xff) == 0) {
		msg->deviations |= L2TP_DEV_SWAPPED_RESULT;
		result >>= 8;
		if ((error & 0xff) == 0)
			error >>= 8;
	}
	msg->result = result;
	msg->error = error;
}

/*
 * RFC 2661 4.4.4 has four octets. Longer ones are text, as Cisco sends it; shorter ones are not
 * guessed at, a two-octet speed being the RFC's own example of one to ignore (7.1).
 */
static bool get_speed(struct buf_rd *rd, uint32_t *field, uint32_t *deviations)
{
	uint64_t v = 0;

	if (buf_rd_left(rd) == 4) {
		*field = buf_rd_u32(rd);
		return true;
	}
	while (buf_rd_left(rd)) {
		uint8_t c = buf_rd_u8(rd);

		if (c < '0' || c > '9')
			return false;
		v = v * 10 + (uint64_t)(c - '0');
	}
	*field = v > UINT32_MAX ? UINT32_MAX : (uint32_t)v;
	*deviations |= L2TP_DEV_TEXT_SPEED;
	return true;
}

static void get_call_errors(struct buf_rd *rd, struct l2tp_msg *msg)
{
	buf_rd_u16(rd);
	for (int i = 0; i < 6; i++)
		msg->call_errors[i] = buf_rd_u32(rd);
}

/* RFC 5515 4.3, in the form of L2TPv2 */
static void get_speed_update(struct buf_rd *rd, struct l2tp_msg *msg)
{
	struct l2tp_speed_update *update = &msg->speeds[msg->speed_count];

	if (msg->speed_count == L2TP_SPEED_UPDATES_MAX) {
		msg->deviations |= L2TP_DEV_DUPLICATE_AVP;
		return;
	}
	buf_rd_u16(rd);
	update->sid = buf_rd_u16(rd);
	update->tx_speed = buf_rd_u32(rd);
	update->rx_speed = buf_rd_u32(rd);
	msg->speed_count++;
}

bool avp_get(const struct avp_info *info, const uint8_t *value, uint16_t len, struct l2tp_msg *msg)
{
	void *field = field_of(info, msg);
	struct buf_rd rd;

	if (len < info->min || len > info->max)
		return false;
	buf_rd_init(&rd, value, len);
	switch (info->kind) {
	case AVP_U16:
		*(uint16_t *)field = buf_rd_u16(&rd);
		break;
	case AVP_U32:
		*(uint32_t *)field = buf_rd_u32(&rd);
		break;
	case AVP_U64:
		*(uint64_t *)field = buf_rd_u64(&rd);
		break;
	case AVP_OCTETS3:
		memcpy(field, buf_rd_bytes(&rd, 3), 3);
		break;
	case AVP_OCTETS16:
		memcpy(field, buf_rd_bytes(&rd, 16), 16);
		break;
	case AVP_SPAN:
		*(struct l2tp_span *)field = rest_of(&rd);
		break;
	case AVP_FLAG:
		break;
	case AVP_SPEED:
		return get_speed(&rd, field, &msg->deviations);
	case AVP_RESULT:
		get_result(&rd, msg);
		break;
	case AVP_CAUSE:
		msg->cause_code = buf_rd_u16(&rd);
		msg->cause_msg = buf_rd_u8(&rd);
		msg->cause_text = rest_of(&rd);
		break;
	case AVP_CALL_ERRORS:
		get_call_errors(&rd, msg);
		break;
	case AVP_ACCM:
		buf_rd_u16(&rd);
		msg->accm_send = buf_rd_u32(&rd);
		msg->accm_recv = buf_rd_u32(&rd);
		break;
	case AVP_PPP_CAUSE:
		msg->ppp_cause = buf_rd_u16(&rd);
		msg->ppp_cause_protocol = buf_rd_u16(&rd);
		msg->ppp_cause_direction = buf_rd_u8(&rd);
		msg->ppp_cause_text = rest_of(&rd);
		break;
	case AVP_SPEED_UPDATE:
		get_speed_update(&rd, msg);
		break;
	}
	return !rd.bad;
}

bool avp_value_ok(const struct avp_info *info, const struct l2tp_msg *msg)
{
	const void *field = const_field_of(info, msg);

	switch (info->check) {
	case AVP_ANY:
		return true;
	case AVP_NONZERO:
		return *(const uint16_t *)field != 0;
	case AVP_OCTET:
		return *(const uint16_t *)field <= 0xff;
	}
	return true;
}

void avp_forget_u16(const struct avp_info *info, struct l2tp_msg *msg)
{
	if (info->kind == AVP_U16)
		*(uint16_t *)field_of(info, msg) = 0;
}

void avp_set_present(const struct avp_info *info, struct l2tp_msg *msg)
{
	if (info->vendor)
		msg->line.present |= UINT32_C(1) << info->bit;
	else
		msg->present |= UINT64_C(1) << info->bit;
}

bool avp_may_repeat(const struct avp_info *info)
{
	/* RFC 2661 4.4.1: there may be many Random Vectors */
	return info->kind == AVP_SPEED_UPDATE || info->type == L2TP_AVP_RANDOM_VECTOR;
}

unsigned avp_count(const struct avp_info *info, const struct l2tp_msg *msg)
{
	return info->kind == AVP_SPEED_UPDATE ? msg->speed_count : 1;
}

static void put_span(struct buf_wr *wr, const struct l2tp_span *span)
{
	buf_wr_bytes(wr, span->data, span->len);
}

static void put_speed_update(struct buf_wr *wr, const struct l2tp_speed_update *update)
{
	buf_wr_u16(wr, 0);
	buf_wr_u16(wr, update->sid);
	buf_wr_u32(wr, update->tx_speed);
	buf_wr_u32(wr, update->rx_speed);
}

void avp_put(
	const struct avp_info *info, const struct l2tp_msg *msg, unsigned nth, struct buf_wr *wr)
{
	const void *field = const_field_of(info, msg);

	switch (info->kind) {
	case AVP_U16:
		buf_wr_u16(wr, *(const uint16_t *)field);
		break;
	case AVP_U32:
	case AVP_SPEED:
		buf_wr_u32(wr, *(const uint32_t *)field);
		break;
	case AVP_U64:
		buf_wr_u64(wr, *(const uint64_t *)field);
		break;
	case AVP_OCTETS3:
		buf_wr_bytes(wr, field, 3);
		break;
	case AVP_OCTETS16:
		buf_wr_bytes(wr, field, 16);
		break;
	case AVP_SPAN:
		put_span(wr, field);
		break;
	case AVP_FLAG:
		break;
	case AVP_RESULT:
		/* the error code is always sent: Windows 2000 refuses a Result Code without */
		buf_wr_u16(wr, msg->result);
		buf_wr_u16(wr, msg->error);
		put_span(wr, &msg->result_text);
		break;
	case AVP_CAUSE:
		buf_wr_u16(wr, msg->cause_code);
		buf_wr_u8(wr, msg->cause_msg);
		put_span(wr, &msg->cause_text);
		break;
	case AVP_CALL_ERRORS:
		buf_wr_u16(wr, 0);
		for (int i = 0; i < 6; i++)
			buf_wr_u32(wr, msg->call_errors[i]);
		break;
	case AVP_ACCM:
		buf_wr_u16(wr, 0);
		buf_wr_u32(wr, msg->accm_send);
		buf_wr_u32(wr, msg->accm_recv);
		break;
	case AVP_PPP_CAUSE:
		buf_wr_u16(wr, msg->ppp_cause);
		buf_wr_u16(wr, msg->ppp_cause_protocol);
		buf_wr_u8(wr, msg->ppp_cause_direction);
		put_span(wr, &msg->ppp_cause_text);
		break;
	case AVP_SPEED_UPDATE:
		put_speed_update(wr, &msg->speeds[nth]);
		break;
	}
}
