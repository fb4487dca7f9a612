/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the simulation of a LAC's PPP shares with its client. The client is written apart from
 * src/ppp, from RFC 1661, 1334 and 1994, and as simple as it can be: so that a mistake is not made
 * on both sides.
 */
#ifndef TESTS_SIM_PPP_H
#define TESTS_SIM_PPP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <l2tp/types.h>

#define SEC	  USEC_PER_SEC
#define MSEC	  USEC_PER_MSEC
#define FRAME_MAX 1502

/* A number below limit; true in so many of 1000 cases; both determined by the seed. */
uint64_t sim_below(uint64_t limit);
bool sim_chance(unsigned per_mille);
void sim_fail(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

#define CHECK(condition, ...)                                                                      \
	do {                                                                                       \
		if (!(condition))                                                                  \
			sim_fail(__VA_ARGS__);                                                     \
	} while (0)

/* The client's frame goes to the line. */
void sim_client_sends(const uint8_t *frame, size_t len);

#define CLIENT_PAP	1u
#define CLIENT_CHAP_MD5 2u
#define CLIENT_MSCHAPV2 4u

struct client_wants {
	unsigned methods;   /* CLIENT_ bits it can do */
	bool rejects;	    /* a method it does not know, instead of a Nak (RFC 2759 2) */
	uint16_t mru;	    /* 0: does not say */
	uint8_t extras;	    /* bits: options that have to be rejected */
	usec_t quit_at;	    /* Terminate-Request; 0: never */
	usec_t dies_at;	    /* says nothing more; 0: never */
	usec_t restarts_at; /* begins LCP anew; 0: never */
	bool chatters;	    /* NCPs and IP as soon as it has logged in, Echo-Requests */
};

void client_start(const struct client_wants *wants, usec_t now);
void client_input(usec_t now, const uint8_t *frame, size_t len);
usec_t client_next_timeout(void);
void client_timeout(usec_t now);

/* The line is up for the client, and it is alive. */
bool client_is_open(void);
/* It acknowledged a request with this Identifier and these options. */
bool client_has_acked(uint8_t id, const uint8_t *options, size_t len);
/* What it answers to a challenge; the number of octets. */
size_t client_response(uint8_t algorithm, uint8_t id, const uint8_t *challenge, size_t len,
	uint8_t out[static 49]);
extern const char client_name[], client_password[];

#endif
