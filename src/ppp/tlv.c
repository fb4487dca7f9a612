/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tlv.h"

#include <string.h>

bool tlv_next(struct tlv_rd *rd, struct tlv *ret)
{
	size_t left = rd->len - rd->pos;
	const uint8_t *at = rd->data + rd->pos;

	if (left < TLV_HDR_LEN || at[1] < TLV_HDR_LEN || at[1] > left)
		return false;
	*ret = (struct tlv){
		.type = at[0],
		.len = (uint8_t)(at[1] - TLV_HDR_LEN),
		.value = at + TLV_HDR_LEN,
	};
	rd->pos += at[1];
	return true;
}

bool tlv_valid(const uint8_t *data, size_t len)
{
	struct tlv_rd rd = { .data = data, .len = len };
	struct tlv option;

	while (tlv_next(&rd, &option))
		;
	return rd.pos == len;
}

uint32_t tlv_uint(const struct tlv *option)
{
	uint32_t v = 0;

	for (unsigned i = 0; option->len <= 4 && i < option->len; i++)
		v = v << 8 | option->value[i];
	return v;
}

bool tlv_put(struct tlv_wr *wr, uint8_t type, const void *value, size_t len)
{
	if (len > UINT8_MAX - TLV_HDR_LEN || TLV_HDR_LEN + len > wr->size - wr->pos)
		return false;
	wr->data[wr->pos] = type;
	wr->data[wr->pos + 1] = (uint8_t)(TLV_HDR_LEN + len);
	if (len)
		memcpy(wr->data + wr->pos + TLV_HDR_LEN, value, len);
	wr->pos += TLV_HDR_LEN + len;
	return true;
}

bool tlv_put_uint(struct tlv_wr *wr, uint8_t type, uint32_t value, size_t len)
{
	uint8_t be[4];

	tlv_set32(be, value);
	return len <= sizeof(be) && tlv_put(wr, type, be + sizeof(be) - len, len);
}
