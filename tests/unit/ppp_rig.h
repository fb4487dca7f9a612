/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A ppp_proxy on a bench: the test is its client, its clock and its owner. Frames it sends are
 * looked at one after the other with rig_expect().
 */
#ifndef TESTS_PPP_RIG_H
#define TESTS_PPP_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ppp/numbers.h"
#include "ppp/ppp_proxy.h"

#define SEC	     USEC_PER_SEC
#define RIG_SENT_MAX 200

/* What we ask for on PPPoE: MRU 1492, a way to log in, a magic number. */
#define RIG_ASK_MSCHAPV2 "0104 05d4 0305 c22381 0506 xxxxxxxx"
#define RIG_ASK_CHAP	 "0104 05d4 0305 c22305 0506 xxxxxxxx"
#define RIG_ASK_PAP	 "0104 05d4 0304 c023 0506 xxxxxxxx"
#define RIG_ASK_NOTHING	 "0104 05d4 0506 xxxxxxxx"

struct rig_frame {
	uint8_t data[1600];
	size_t len;
};

struct ppp_rig {
	struct ppp_proxy *proxy;
	struct ppp_proxy_params params;
	usec_t now;
	uint64_t random;
	struct rig_frame *sent;
	unsigned count, looked; /* frames sent, and looked at */
	unsigned done, failed, closed;
	struct ppp_effect failure; /* the last FAILED */
	uint8_t request_id;	   /* of the last Configure-Request looked at */
};

/* A default: PPPoE, MRU 1492, all three methods, login. The test changes rig->params, then begins.
 */
void rig_prepare(struct ppp_rig *rig);
void rig_begin(struct ppp_rig *rig);
void rig_close(struct ppp_rig *rig);
/* What a struct l2tp_env wants; user is a rig. */
void rig_random(void *user, void *buf, size_t len);
/* Read effects; each of the functions below ends with it. */
void rig_drain(struct ppp_rig *rig);
/* A rig as a test's state, prepared; for cmocka. */
int rig_setup(void **state);
int rig_teardown(void **state);
/* LCP alone, no login asked for: DONE when it is Opened. Returns rig. */
struct ppp_rig *rig_lcp_only(struct ppp_rig *rig);

/* Let time pass, all deadlines in it included. */
void rig_wait(struct ppp_rig *rig, usec_t time);

/* The client's frame, from the protocol on, as it is. */
void rig_bytes(struct ppp_rig *rig, const void *data, size_t len);
/* The same in hexadecimal, blanks anywhere. */
void rig_hex(struct ppp_rig *rig, const char *hex);
/* A packet of the client with a header; body in hexadecimal. */
void rig_say(struct ppp_rig *rig, uint16_t protocol, uint8_t code, uint8_t id, const char *body);

/*
 * The next frame we sent is this one; its Identifier. body NULL: whatever it is. An 'x' in body is
 * any digit.
 */
uint8_t rig_expect(struct ppp_rig *rig, uint16_t protocol, uint8_t code, const char *body);
/* All that was sent has been looked at. */
void rig_expect_nothing(const struct ppp_rig *rig);
/* The frame looked at last, from its protocol on. */
const struct rig_frame *rig_seen(const struct ppp_rig *rig);

/* Our next frame is a Configure-Request with these options, and the client acknowledges it. */
void rig_ack_ours(struct ppp_rig *rig, const char *options);
/* The client asks for these options and we acknowledge them. */
void rig_ask(struct ppp_rig *rig, uint8_t id, const char *options);
/* The client answers our last Configure-Request with this code. */
void rig_answer(struct ppp_rig *rig, uint8_t code, const char *options);
/* Both, with what they ask for by default: LCP is Opened. */
void rig_lcp_up(struct ppp_rig *rig);
/* LCP with the method that the client wants, by Naks; up to our challenge, if it has one. */
void rig_to_login(struct ppp_rig *rig, enum ppp_method method);
/* And the client has logged in as alice@example.net. */
void rig_to_done(struct ppp_rig *rig, enum ppp_method method);

enum ppp_phase rig_phase(const struct ppp_rig *rig);
/* FAILED came, for this cause, and this is in its text. */
void rig_failed(const struct ppp_rig *rig, enum l2tp_ppp_cause cause, const char *part);

void assert_span(struct l2tp_span span, const char *hex);

#endif
