/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "challenge.h"

#include <nettle/md5.h>
#include <string.h>

#define HALF (CHALLENGE_LEN / 2)

/* What the second half has to be. */
static void mark(const struct l2tp_core *core, const uint8_t *half, uint8_t ret[static HALF])
{
	struct md5_ctx ctx;

	md5_init(&ctx);
	md5_update(&ctx, sizeof(core->challenge_key), core->challenge_key);
	md5_update(&ctx, HALF, half);
	md5_digest(&ctx, HALF, ret);
}

void challenge_make(const struct l2tp_core *core, uint8_t ret[static CHALLENGE_LEN])
{
	core->env.random(core->env.user, ret, HALF);
	mark(core, ret, ret + HALF);
}

bool challenge_is_ours(const struct l2tp_core *core, struct l2tp_span challenge)
{
	uint8_t expected[HALF];

	if (challenge.len != CHALLENGE_LEN)
		return false;
	mark(core, challenge.data, expected);
	return l2tp_equal_constant_time(expected, challenge.data + HALF, HALF);
}
