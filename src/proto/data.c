/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Data packets: numbers and headers, RFC 2661 3.1 and 5.4. */
#include <l2tp/data.h>
#include <l2tp/proto.h>

#include "base/buf.h"

enum l2tp_data_verdict l2tp_data_receive(struct l2tp_data *data, const struct l2tp_header *hdr)
{
	int16_t ahead;

	if (hdr->control || hdr->payload_len == 0)
		return L2TP_DATA_NO_FRAME;
	if (!hdr->has_seq && data->require_seq)
		return L2TP_DATA_NO_SEQ;
	if (data->follow && !data->require_seq)
		data->send_seq = hdr->has_seq;
	if (!hdr->has_seq || !(data->send_seq || data->require_seq))
		return L2TP_DATA_OK;
	/* RFC 2661 5.8: half of all numbers are of the past */
	ahead = (int16_t)(uint16_t)(hdr->ns - data->nr);
	if (ahead < 0)
		return L2TP_DATA_OLD;
	data->nr = (uint16_t)(hdr->ns + 1);
	return ahead > 0 ? L2TP_DATA_GAP : L2TP_DATA_OK;
}

size_t l2tp_data_header(struct l2tp_data *data, uint8_t *frame, size_t frame_len)
{
	bool seq = data->send_seq || data->require_seq;
	size_t len = seq ? L2TP_DATA_HEADER_MAX : L2TP_DATA_HEADER_MAX - 4;
	struct buf_wr wr;

	if (frame_len > UINT16_MAX - len)
		return 0;
	buf_wr_init(&wr, frame - len, len);
	buf_wr_u16(&wr, (uint16_t)(L2TP_HDR_L | L2TP_HDR_VER | (seq ? L2TP_HDR_S : 0)));
	buf_wr_u16(&wr, (uint16_t)(len + frame_len));
	buf_wr_u16(&wr, data->peer_tid);
	buf_wr_u16(&wr, data->peer_sid);
	if (seq) {
		buf_wr_u16(&wr, data->ns++);
		buf_wr_u16(&wr, data->nr);
	}
	return len;
}
