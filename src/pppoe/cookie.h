/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The AC-Cookie of RFC 2516 9: whoever sends it back has received a frame at its address a moment
 * ago. The access concentrator keeps nothing for it: the time is in it, and HMAC-MD5 over port, MAC
 * address and time. No two PADOs of different milliseconds have the same.
 */
#ifndef PPPOE_COOKIE_H
#define PPPOE_COOKIE_H

#include <nettle/hmac.h>

#include "tags.h"

#define PPPOE_COOKIE_LEN 20
#define PPPOE_KEY_LEN	 16

struct pppoe_cookie_key {
	struct hmac_md5_ctx hmac;
};

void pppoe_cookie_init(struct pppoe_cookie_key *key, const uint8_t secret[static PPPOE_KEY_LEN]);
/* port: any number of the place the frame came from. */
void pppoe_cookie_make(struct pppoe_cookie_key *key, unsigned port,
	const uint8_t mac[static PPPOE_MAC_LEN], usec_t now, uint8_t ret[static PPPOE_COOKIE_LEN]);
/* One of ours for this port and address, at most life old; compared in constant time. */
bool pppoe_cookie_check(struct pppoe_cookie_key *key, unsigned port,
	const uint8_t mac[static PPPOE_MAC_LEN], usec_t now, usec_t life, struct l2tp_span cookie);

#endif
