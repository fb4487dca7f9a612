/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tags.h"

#include <errno.h>

#define VERSION_TYPE  0x11 /* RFC 2516 4: version 1, type 1 */
#define LENGTH_AT     18u  /* of the LENGTH field in a frame */
#define TAG_HDR_LEN   4u

#define LINE_TEXT_MAX 63   /* TR-101: circuit and remote id */
#define KBIT	      1000 /* TR-101 has kbit/s, RFC 5515 bit/s */

static struct l2tp_span take_span(struct buf_rd *rd, uint16_t len)
{
	return (struct l2tp_span){ .data = buf_rd_bytes(rd, len), .len = len };
}

static void keep_first(struct l2tp_span *field, struct l2tp_span value)
{
	if (!field->data)
		*field = value;
}

/* TR-101, table 3: 129 and 130 are the actual rate up and down, and so on in pairs. */
static uint64_t *rate_of(struct l2tp_line *line, uint8_t type)
{
	struct l2tp_line_rates *const kinds[] = { &line->actual, &line->minimum, &line->attainable,
		&line->maximum, &line->low_power };
	struct l2tp_line_rates *kind = kinds[(type - L2TP_LINE_ACTUAL_RATE_UP) / 2];

	return type % 2 ? &kind->up : &kind->down;
}

/* Maximum and actual up, then maximum and actual down. */
static uint32_t *delay_of(struct l2tp_line *line, uint8_t type)
{
	struct l2tp_line_delays *kind = type % 2 ? &line->maximum_delay : &line->actual_delay;

	return type < L2TP_LINE_MAXIMUM_DELAY_DOWN ? &kind->up : &kind->down;
}

static bool is_rate(uint8_t type)
{
	return type >= L2TP_LINE_ACTUAL_RATE_UP && type <= L2TP_LINE_LOW_POWER_RATE_DOWN;
}

static bool is_delay(uint8_t type)
{
	return type >= L2TP_LINE_MAXIMUM_DELAY_UP && type <= L2TP_LINE_ACTUAL_DELAY_DOWN;
}

static void read_sub_option(struct l2tp_line *line, uint8_t type, struct l2tp_span value)
{
	bool text = value.len >= 1 && value.len <= LINE_TEXT_MAX;
	struct buf_rd rd;

	buf_rd_init(&rd, value.data, value.len);
	if (type == L2TP_LINE_CIRCUIT_ID && text)
		line->circuit_id = value;
	else if (type == L2TP_LINE_REMOTE_ID && text)
		line->remote_id = value;
	else if (is_rate(type) && value.len == 4)
		*rate_of(line, type) = (uint64_t)buf_rd_u32(&rd) * KBIT;
	else if (is_delay(type) && value.len == 4)
		*delay_of(line, type) = buf_rd_u32(&rd);
	else if (type == L2TP_LINE_ENCAPSULATION && value.len == 3)
		memcpy(line->encapsulation, value.data, 3);
	else
		return;
	l2tp_line_set(line, (enum l2tp_line_type)type);
}

bool pppoe_parse_line(struct l2tp_span value, struct l2tp_line *ret)
{
	struct l2tp_line line = { 0 };
	struct buf_rd rd;

	buf_rd_init(&rd, value.data, value.len);
	if (buf_rd_u32(&rd) != L2TP_VENDOR_BROADBAND_FORUM)
		return false;
	while (!rd.bad && buf_rd_left(&rd)) {
		uint8_t type = buf_rd_u8(&rd), len = buf_rd_u8(&rd);
		struct l2tp_span sub = take_span(&rd, len);

		if (sub.data)
			read_sub_option(&line, type, sub);
	}
	if (rd.bad)
		return false;
	*ret = line;
	return true;
}

static void read_tag(struct pppoe_frame *frame, uint16_t tag, struct l2tp_span value)
{
	switch (tag) {
	case PPPOE_TAG_SERVICE_NAME:
		keep_first(&frame->service, value);
		break;
	case PPPOE_TAG_AC_NAME:
		keep_first(&frame->ac_name, value);
		break;
	case PPPOE_TAG_HOST_UNIQ:
		keep_first(&frame->host_uniq, value);
		break;
	case PPPOE_TAG_AC_COOKIE:
		keep_first(&frame->cookie, value);
		break;
	case PPPOE_TAG_RELAY_SESSION_ID:
		keep_first(&frame->relay_id, value);
		break;
	case PPPOE_TAG_VENDOR:
		if (!frame->line.present)
			pppoe_parse_line(value, &frame->line);
		break;
	case PPPOE_TAG_MAX_PAYLOAD:
		if (value.len == 2 && !frame->max_payload)
			frame->max_payload = (uint16_t)(value.data[0] << 8 | value.data[1]);
		break;
	case PPPOE_TAG_SERVICE_NAME_ERROR:
	case PPPOE_TAG_AC_SYSTEM_ERROR:
	case PPPOE_TAG_GENERIC_ERROR:
		if (frame->error)
			break;
		frame->error = tag;
		frame->error_text = value;
		break;
	}
	/* RFC 2516 5: the others are ignored */
}

static bool read_tags(struct pppoe_frame *frame, struct buf_rd *rd)
{
	while (buf_rd_left(rd)) {
		uint16_t tag = buf_rd_u16(rd), len = buf_rd_u16(rd);
		struct l2tp_span value = take_span(rd, len);

		if (!value.data)
			return false;
		if (tag == PPPOE_TAG_END_OF_LIST)
			return true;
		read_tag(frame, tag, value);
	}
	return true;
}

int pppoe_parse(const uint8_t *data, size_t len, struct pppoe_frame *ret)
{
	struct pppoe_frame frame = { 0 };
	const uint8_t *dst, *src;
	uint16_t type, length;
	struct buf_rd rd;
	uint8_t version;

	buf_rd_init(&rd, data, len < PPPOE_FRAME_MAX ? len : PPPOE_FRAME_MAX);
	dst = buf_rd_bytes(&rd, PPPOE_MAC_LEN);
	src = buf_rd_bytes(&rd, PPPOE_MAC_LEN);
	type = buf_rd_u16(&rd);
	version = buf_rd_u8(&rd);
	frame.code = buf_rd_u8(&rd);
	frame.sid = buf_rd_u16(&rd);
	length = buf_rd_u16(&rd);
	if (rd.bad || type != PPPOE_ETHERTYPE || version != VERSION_TYPE ||
		length > buf_rd_left(&rd))
		return -EBADMSG;
	memcpy(frame.dst, dst, PPPOE_MAC_LEN);
	memcpy(frame.src, src, PPPOE_MAC_LEN);
	/* what Ethernet padded is no tag */
	rd.len = rd.pos + length;
	if (!read_tags(&frame, &rd))
		return -EBADMSG;
	*ret = frame;
	return 0;
}

void pppoe_begin(struct buf_wr *wr, const uint8_t dst[static PPPOE_MAC_LEN],
	const uint8_t src[static PPPOE_MAC_LEN], enum pppoe_code code, uint16_t sid)
{
	buf_wr_bytes(wr, dst, PPPOE_MAC_LEN);
	buf_wr_bytes(wr, src, PPPOE_MAC_LEN);
	buf_wr_u16(wr, PPPOE_ETHERTYPE);
	buf_wr_u8(wr, VERSION_TYPE);
	buf_wr_u8(wr, (uint8_t)code);
	buf_wr_u16(wr, sid);
	buf_wr_u16(wr, 0);
}

void pppoe_put(struct buf_wr *wr, enum pppoe_tag tag, struct l2tp_span value)
{
	if (!value.data)
		return;
	buf_wr_u16(wr, (uint16_t)tag);
	buf_wr_u16(wr, value.len);
	buf_wr_bytes(wr, value.data, value.len);
}

void pppoe_put_u16(struct buf_wr *wr, enum pppoe_tag tag, uint16_t value)
{
	const uint8_t octets[] = { (uint8_t)(value >> 8), (uint8_t)value };

	pppoe_put(wr, tag, (struct l2tp_span){ octets, sizeof(octets) });
}

bool pppoe_try(struct buf_wr *wr, enum pppoe_tag tag, struct l2tp_span value)
{
	if (wr->bad || TAG_HDR_LEN + value.len > wr->size - wr->pos)
		return false;
	pppoe_put(wr, tag, value);
	return true;
}

int pppoe_end(struct buf_wr *wr)
{
	if (wr->bad || wr->pos > PPPOE_FRAME_MAX)
		return -EMSGSIZE;
	buf_wr_patch_u16(wr, LENGTH_AT, (uint16_t)(wr->pos - PPPOE_HDR_LEN));
	return (int)wr->pos;
}
