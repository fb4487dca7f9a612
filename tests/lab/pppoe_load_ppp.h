/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * As little PPP as a client needs to get up against any server: LCP, PAP or CHAP-MD5, IPCP. What it
 * does not know it rejects; nothing is retransmitted but by load_ppp_again().
 */
#ifndef TESTS_LAB_PPPOE_LOAD_PPP_H
#define TESTS_LAB_PPPOE_LOAD_PPP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum load_phase {
	LOAD_PPP_LCP,
	LOAD_PPP_AUTH,
	LOAD_PPP_IPCP,
	LOAD_PPP_UP,
	LOAD_PPP_OVER, /* terminated, or the login was refused */
};

struct load_ppp {
	enum load_phase phase;
	bool ours_acked, theirs_acked; /* of the protocol of the phase */
	bool plain;		       /* our options were not liked */
	uint16_t auth;		       /* protocol the server wants; 0: none */
	uint8_t id, reject_id;
	uint32_t magic, address;
	char user[64], password[64];
	uint8_t out[1200]; /* frames to send, each with its length before it */
	size_t out_len, out_at;
};

/* login: "user:password"; %u in it becomes number. */
void load_ppp_start(struct load_ppp *ppp, const char *login, const char *number);
/* A frame of the session, from its protocol on. */
void load_ppp_input(struct load_ppp *ppp, const uint8_t *frame, size_t len);
/* Some seconds passed without being up. */
void load_ppp_again(struct load_ppp *ppp);
/* The next frame to send, from its protocol on; its length, 0: none. */
size_t load_ppp_next(struct load_ppp *ppp, uint8_t *buf, size_t size);
bool load_ppp_is_up(const struct load_ppp *ppp);
bool load_ppp_is_over(const struct load_ppp *ppp);

#endif
