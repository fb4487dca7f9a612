/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Configuration options as they are on the wire (RFC 1661 6): type, length of the whole, value. A
 * reader that cannot leave its octets and a writer that cannot leave its room.
 */
#ifndef PPP_TLV_H
#define PPP_TLV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TLV_HDR_LEN 2u

struct tlv {
	uint8_t type;
	uint8_t len;	      /* of the value */
	const uint8_t *value; /* two octets behind the start of the option */
};

struct tlv_rd {
	const uint8_t *data;
	size_t len, pos;
};

/* The octets are nothing but whole options. */
bool tlv_valid(const uint8_t *data, size_t len);
/* The next option; false at the end, or before one that is not whole. */
bool tlv_next(struct tlv_rd *rd, struct tlv *ret);
/* The value as an unsigned number; 0 if it has more than 4 octets. */
uint32_t tlv_uint(const struct tlv *option);

struct tlv_wr {
	uint8_t *data;
	size_t size, pos;
};

/* Append an option. False: it does not fit, nothing was written. */
bool tlv_put(struct tlv_wr *wr, uint8_t type, const void *value, size_t len);
/* The same with a number of len octets, 4 at most. */
bool tlv_put_uint(struct tlv_wr *wr, uint8_t type, uint32_t value, size_t len);

/* Network byte order in octets. */
static inline uint16_t tlv_get16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

static inline void tlv_set16(uint8_t *at, uint16_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static inline uint32_t tlv_get32(const uint8_t *at)
{
	return (uint32_t)tlv_get16(at) << 16 | tlv_get16(at + 2);
}

static inline void tlv_set32(uint8_t *at, uint32_t value)
{
	tlv_set16(at, (uint16_t)(value >> 16));
	tlv_set16(at + 2, (uint16_t)value);
}

#endif
