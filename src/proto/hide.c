/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * All that is computed from the shared secret: hidden attribute values (RFC 2661 4.3) and challenge
 * responses (4.4.3, 5.1.1). Nothing derived from it stays on the stack.
 */
#include "hide.h"

#include "base/buf.h"

#include <errno.h>
#include <nettle/md5.h>
#include <string.h>

_Static_assert(HIDE_BLOCK == MD5_DIGEST_SIZE, "one digest hides one block");

static void md5_final(struct md5_ctx *ctx, uint8_t ret[static HIDE_BLOCK])
{
	md5_digest(ctx, HIDE_BLOCK, ret);
	explicit_bzero(ctx, sizeof(*ctx));
}

/* b1 = MD5(AV + S + RV), the attribute type in network order */
static void first_pad(uint16_t type, const struct l2tp_secret *secret,
	const struct l2tp_span *vector, uint8_t ret[static HIDE_BLOCK])
{
	uint8_t av[2] = { (uint8_t)(type >> 8), (uint8_t)type };
	struct md5_ctx ctx;

	md5_init(&ctx);
	md5_update(&ctx, sizeof(av), av);
	md5_update(&ctx, secret->len, secret->data);
	md5_update(&ctx, vector->len, vector->data);
	md5_final(&ctx, ret);
}

/* bi = MD5(S + c(i-1)): the chain goes over ciphertext */
static void next_pad(const struct l2tp_secret *secret, const uint8_t cipher[static HIDE_BLOCK],
	uint8_t ret[static HIDE_BLOCK])
{
	struct md5_ctx ctx;

	md5_init(&ctx);
	md5_update(&ctx, secret->len, secret->data);
	md5_update(&ctx, HIDE_BLOCK, cipher);
	md5_final(&ctx, ret);
}

/* Apply the pad of the block at offset at; the block before it has to be ciphertext. */
static void mask_block(uint16_t type, const struct l2tp_secret *secret,
	const struct l2tp_span *vector, uint8_t *data, size_t len, size_t at)
{
	size_t n = len - at < HIDE_BLOCK ? len - at : HIDE_BLOCK;
	uint8_t pad[HIDE_BLOCK];

	if (at == 0)
		first_pad(type, secret, vector, pad);
	else
		next_pad(secret, data + at - HIDE_BLOCK, pad);
	for (size_t i = 0; i < n; i++)
		data[at + i] ^= pad[i];
	explicit_bzero(pad, sizeof(pad));
}

void hide_encrypt(uint16_t type, const struct l2tp_secret *secret, const struct l2tp_span *vector,
	uint8_t *data, size_t len)
{
	for (size_t at = 0; at < len; at += HIDE_BLOCK)
		mask_block(type, secret, vector, data, len, at);
}

void hide_decrypt(uint16_t type, const struct l2tp_secret *secret, const struct l2tp_span *vector,
	uint8_t *data, size_t len)
{
	/* from the last block to the first, so that each finds its predecessor still encrypted */
	for (size_t blocks = (len + HIDE_BLOCK - 1) / HIDE_BLOCK; blocks > 0; blocks--)
		mask_block(type, secret, vector, data, len, (blocks - 1) * HIDE_BLOCK);
}

int hide_open(uint16_t type, const struct l2tp_secret *secret, const struct l2tp_span *vector,
	uint8_t *data, size_t len, struct l2tp_span *ret_value)
{
	struct l2tp_span value;
	struct buf_rd rd;

	hide_decrypt(type, secret, vector, data, len);
	buf_rd_init(&rd, data, len);
	value.len = buf_rd_u16(&rd);
	value.data = buf_rd_bytes(&rd, value.len);
	if (!value.data)
		return -EBADMSG;
	*ret_value = value;
	return 0;
}

void l2tp_challenge_response(enum l2tp_msg_type reply, const struct l2tp_secret *secret,
	struct l2tp_span challenge, uint8_t ret[static 16])
{
	uint8_t id = (uint8_t)reply;
	struct md5_ctx ctx;

	md5_init(&ctx);
	md5_update(&ctx, 1, &id);
	md5_update(&ctx, secret->len, secret->data);
	md5_update(&ctx, challenge.len, challenge.data);
	md5_final(&ctx, ret);
}

bool l2tp_equal_constant_time(const void *a, const void *b, size_t len)
{
	const volatile uint8_t *pa = a, *pb = b;
	uint8_t differ = 0;

	for (size_t i = 0; i < len; i++)
		differ |= (uint8_t)(pa[i] ^ pb[i]);
	return differ == 0;
}
