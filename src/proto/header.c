/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The L2TP header, RFC 2661 3.1. */
#include <l2tp/msg.h>

#include "base/buf.h"

#include <errno.h>

#define CTRL_REQUIRED (L2TP_HDR_L | L2TP_HDR_S)

/* Where the fixed fields of a control header are. */
#define CTRL_TID_OFFSET 4
#define CTRL_NS_OFFSET	8

int l2tp_header_parse(const uint8_t *buf, size_t len, struct l2tp_header *ret)
{
	struct l2tp_header hdr = { 0 };
	size_t end = len;
	struct buf_rd rd;
	uint16_t flags;

	if (len > UINT16_MAX) /* no datagram is that long; the fields below are 16 bits wide */
		return -EBADMSG;
	buf_rd_init(&rd, buf, len);
	flags = buf_rd_u16(&rd);
	/* reserved bits and P are ignored on receipt; version 1 is L2F, 3 is L2TPv3 */
	if (rd.bad || (flags & L2TP_HDR_VER_MASK) != L2TP_HDR_VER)
		return -EBADMSG;
	hdr.control = flags & L2TP_HDR_T;
	hdr.has_length = flags & L2TP_HDR_L;
	hdr.has_seq = flags & L2TP_HDR_S;
	if (hdr.control && ((flags & CTRL_REQUIRED) != CTRL_REQUIRED || (flags & L2TP_HDR_O)))
		return -EBADMSG;
	if (hdr.has_length)
		end = buf_rd_u16(&rd);
	hdr.tid = buf_rd_u16(&rd);
	hdr.sid = buf_rd_u16(&rd);
	if (hdr.has_seq) {
		hdr.ns = buf_rd_u16(&rd);
		hdr.nr = buf_rd_u16(&rd);
	}
	if (flags & L2TP_HDR_O)
		buf_rd_bytes(&rd, buf_rd_u16(&rd)); /* the pad's content is undefined */
	/* the header with its pad has to end within Length, not only within the datagram */
	if (rd.bad || end > len || end < rd.pos)
		return -EBADMSG;
	hdr.payload_off = (uint16_t)rd.pos;
	hdr.payload_len = (uint16_t)(end - rd.pos);
	*ret = hdr;
	return 0;
}

void l2tp_header_set_seq(uint8_t *buf, uint16_t ns, uint16_t nr)
{
	struct buf_wr wr;

	buf_wr_init(&wr, buf + CTRL_NS_OFFSET, 4);
	buf_wr_u16(&wr, ns);
	buf_wr_u16(&wr, nr);
}

void l2tp_header_set_tid(uint8_t *buf, uint16_t tid)
{
	struct buf_wr wr;

	buf_wr_init(&wr, buf + CTRL_TID_OFFSET, 2);
	buf_wr_u16(&wr, tid);
}
