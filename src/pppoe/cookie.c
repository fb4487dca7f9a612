/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cookie.h"

#include <nettle/memops.h>

#define TIME_LEN 4

void pppoe_cookie_init(struct pppoe_cookie_key *key, const uint8_t secret[static PPPOE_KEY_LEN])
{
	hmac_md5_set_key(&key->hmac, PPPOE_KEY_LEN, secret);
}

/* Milliseconds; they come again after 49 days, when no cookie of then is worth anything. */
static uint32_t time_of(usec_t now)
{
	return (uint32_t)(now / USEC_PER_MSEC);
}

static void make_cookie(struct pppoe_cookie_key *key, unsigned port,
	const uint8_t mac[static PPPOE_MAC_LEN], uint32_t time,
	uint8_t ret[static PPPOE_COOKIE_LEN])
{
	uint8_t input[4 + PPPOE_MAC_LEN + TIME_LEN];
	struct buf_wr wr;

	buf_wr_init(&wr, input, sizeof(input));
	buf_wr_u32(&wr, port);
	buf_wr_bytes(&wr, mac, PPPOE_MAC_LEN);
	buf_wr_u32(&wr, time);
	hmac_md5_update(&key->hmac, sizeof(input), input);
	memcpy(ret, input + 4 + PPPOE_MAC_LEN, TIME_LEN);
	/* which makes the context ready for the next one */
	hmac_md5_digest(&key->hmac, PPPOE_COOKIE_LEN - TIME_LEN, ret + TIME_LEN);
}

void pppoe_cookie_make(struct pppoe_cookie_key *key, unsigned port,
	const uint8_t mac[static PPPOE_MAC_LEN], usec_t now, uint8_t ret[static PPPOE_COOKIE_LEN])
{
	make_cookie(key, port, mac, time_of(now), ret);
}

bool pppoe_cookie_check(struct pppoe_cookie_key *key, unsigned port,
	const uint8_t mac[static PPPOE_MAC_LEN], usec_t now, usec_t life, struct l2tp_span cookie)
{
	uint8_t want[PPPOE_COOKIE_LEN];
	struct buf_rd rd;
	uint32_t time;

	if (!cookie.data || cookie.len != PPPOE_COOKIE_LEN)
		return false;
	buf_rd_init(&rd, cookie.data, cookie.len);
	time = buf_rd_u32(&rd);
	if (time_of(now) - time > time_of(life))
		return false;
	make_cookie(key, port, mac, time, want);
	return memeql_sec(want, cookie.data, sizeof(want));
}
