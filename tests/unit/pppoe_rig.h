/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An access concentrator on a bench: the test is its caller, its clock and its clients.
 */
#ifndef TESTS_PPPOE_RIG_H
#define TESTS_PPPOE_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "pppoe/discovery.h"

#define SEC	 USEC_PER_SEC
#define PORT	 7
#define SEEN_MAX 64

extern const uint8_t ac_mac[PPPOE_MAC_LEN];

/* One effect, with a copy of what it points at. */
struct seen {
	struct pppoe_effect effect;
	struct pppoe_frame frame; /* of SEND */
	uint8_t bytes[PPPOE_FRAME_MAX];
};

struct rig {
	struct pppoe_ac *ac;
	usec_t now;
	struct seen *seen; /* of the last input or order */
	unsigned count;
};

struct client {
	uint8_t mac[PPPOE_MAC_LEN];
	struct l2tp_span service, ac_name, host_uniq, relay_id, cookie, line;
	uint16_t max_payload;
	uint8_t cookie_bytes[64];
};

/* cmocka's, for every test. */
int setup(void **state);
int teardown(void **state);

/* Services "isp" and "voice", new calls replace old ones. */
struct pppoe_config config_of(void);
/* Another access concentrator in place of the one there is. */
void rig_new(struct rig *rig, const struct pppoe_config *config);
void drain(struct rig *rig);

/* One that asks for "isp". */
struct client client_of(uint8_t n);
void client_sends(struct rig *rig, const struct client *c, enum pppoe_code code, uint16_t sid);

/* The only effect there was is of that type, or a frame of that code. */
const struct seen *only(const struct rig *rig, enum pppoe_effect_type type);
const struct pppoe_frame *only_frame(const struct rig *rig, enum pppoe_code code);
void assert_text(struct l2tp_span span, const char *text);

/* PADI, and keep the cookie of the PADO. */
const struct pppoe_frame *discover(struct rig *rig, struct client *c);
/* And PADR: a call is wanted; its id. */
uint16_t request(struct rig *rig, struct client *c);
const struct pppoe_frame *accept_call(struct rig *rig, uint16_t sid);
/* All of it. */
uint16_t call(struct rig *rig, struct client *c);

struct pppoe_info info_of(const struct rig *rig, uint16_t sid);
struct pppoe_stats stats_of(const struct rig *rig);

#endif
