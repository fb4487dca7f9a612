/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The only code that touches wire memory: a checked reader and a checked writer, network byte
 * order.
 *
 * Both are sticky: an access that does not fit does nothing, sets bad and leaves later accesses
 * failing too, so a caller reads or writes a whole structure and looks at bad once.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct buf_rd {
	const uint8_t *data;
	size_t len;
	size_t pos; /* never beyond len */
	bool bad;
};

static inline void buf_rd_init(struct buf_rd *rd, const uint8_t *data, size_t len)
{
	*rd = (struct buf_rd){ .data = data, .len = len };
}

static inline size_t buf_rd_left(const struct buf_rd *rd)
{
	return rd->len - rd->pos;
}

/* The next n bytes, or NULL (and bad) if fewer are left. */
static inline const uint8_t *buf_rd_bytes(struct buf_rd *rd, size_t n)
{
	const uint8_t *p;

	if (rd->bad || n > buf_rd_left(rd)) {
		rd->bad = true;
		return NULL;
	}
	p = rd->data + rd->pos;
	rd->pos += n;
	return p;
}

/* Unsigned integer of n <= 8 octets; 0 if it does not fit. */
static inline uint64_t buf_rd_uint(struct buf_rd *rd, size_t n)
{
	const uint8_t *p = buf_rd_bytes(rd, n);
	uint64_t v = 0;

	for (size_t i = 0; p && i < n; i++)
		v = v << 8 | p[i];
	return v;
}

static inline uint8_t buf_rd_u8(struct buf_rd *rd)
{
	return (uint8_t)buf_rd_uint(rd, 1);
}

static inline uint16_t buf_rd_u16(struct buf_rd *rd)
{
	return (uint16_t)buf_rd_uint(rd, 2);
}

static inline uint32_t buf_rd_u32(struct buf_rd *rd)
{
	return (uint32_t)buf_rd_uint(rd, 4);
}

static inline uint64_t buf_rd_u64(struct buf_rd *rd)
{
	return buf_rd_uint(rd, 8);
}

struct buf_wr {
	uint8_t *data;
	size_t size;
	size_t pos; /* goes on counting when bad: the size it would have taken */
	bool bad;
};

static inline void buf_wr_init(struct buf_wr *wr, uint8_t *data, size_t size)
{
	*wr = (struct buf_wr){ .data = data, .size = size };
}

static inline void buf_wr_bytes(struct buf_wr *wr, const void *src, size_t n)
{
	if (wr->bad || n > wr->size - wr->pos)
		wr->bad = true;
	else if (n)
		memcpy(wr->data + wr->pos, src, n);
	wr->pos += n;
}

static inline void buf_wr_uint(struct buf_wr *wr, uint64_t v, size_t n)
{
	uint8_t be[8];

	for (size_t i = n; i > 0; i--, v >>= 8)
		be[i - 1] = (uint8_t)v;
	buf_wr_bytes(wr, be, n);
}

static inline void buf_wr_u8(struct buf_wr *wr, uint8_t v)
{
	buf_wr_uint(wr, v, 1);
}

static inline void buf_wr_u16(struct buf_wr *wr, uint16_t v)
{
	buf_wr_uint(wr, v, 2);
}

static inline void buf_wr_u32(struct buf_wr *wr, uint32_t v)
{
	buf_wr_uint(wr, v, 4);
}

static inline void buf_wr_u64(struct buf_wr *wr, uint64_t v)
{
	buf_wr_uint(wr, v, 8);
}

/* Overwrite 16 bits that were written before; nothing happens to a writer that is bad. */
static inline void buf_wr_patch_u16(struct buf_wr *wr, size_t at, uint16_t v)
{
	struct buf_wr patch;

	if (wr->bad || at > wr->pos || wr->pos - at < 2)
		return;
	buf_wr_init(&patch, wr->data + at, 2);
	buf_wr_u16(&patch, v);
}

#endif
