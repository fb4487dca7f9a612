/* SPDX-License-Identifier: GPL-2.0-or-later */
/* LCP with a client: options, identifiers, timers, and all that a client may say instead. */
#include "ppp_rig.h"

#include <stdio.h>

/* what we ask for on PPPoE with all methods: MRU 1492, MS-CHAPv2, a magic number */
#define ASK_MSCHAPV2 "0104 05d4 0305 c22381 0506 xxxxxxxx"
#define ASK_CHAP     "0104 05d4 0305 c22305 0506 xxxxxxxx"
#define ASK_PAP	     "0104 05d4 0304 c023 0506 xxxxxxxx"
#define ASK_NOTHING  "0104 05d4 0506 xxxxxxxx"

static int setup(void **state)
{
	static struct ppp_rig rig;

	rig_prepare(&rig);
	*state = &rig;
	return 0;
}

static int teardown(void **state)
{
	rig_close(*state);
	return 0;
}

/* LCP alone, no login asked for: DONE when it is Opened. */
static struct ppp_rig *lcp_only(void **state)
{
	struct ppp_rig *rig = *state;

	rig->params.lcp.methods = 0;
	rig->params.login = false;
	return rig;
}

/* The client answers our last Configure-Request with this code. */
static void answer(struct ppp_rig *rig, uint8_t code, const char *options)
{
	rig_say(rig, PPP_PROTO_LCP, code, rig->request_id, options);
}

/* --- our request --- */

static void test_first_request(void **state)
{
	struct ppp_rig *rig = *state;

	rig_begin(rig);
	rig_expect(rig, PPP_PROTO_LCP, CP_CONFREQ, ASK_MSCHAPV2);
	rig_expect_nothing(rig);
	assert_int_equal(rig_phase(rig), PPP_PHASE_LCP);
	assert_null(ppp_proxy_result(rig->proxy));
}

static void test_mru_of_1500_is_not_asked_for(void **state)
{
	struct ppp_rig *rig = lcp_only(state);

	rig->params.lcp.mru = 1500;
	rig_begin(rig);
	rig_ack_ours(rig, "0506 xxxxxxxx");
	rig_ask(rig, 1, "0104 05dc");
	assert_int_equal(rig->done, 1);
	assert_int_equal(ppp_proxy_result(rig->proxy)->mru, 1500);
	assert_int_equal(ppp_proxy_result(rig->proxy)->peer_mru, 1500);
}

static void test_mru_0_is_1500(void **state)
{
	struct ppp_rig *rig = lcp_only(state);

	rig->params.lcp.mru = 0;
	rig_begin(rig);
	rig_ack_ours(rig, "0506 xxxxxxxx");
	rig_ask(rig, 1, "");
	assert_int_equal(ppp_proxy_result(rig->proxy)->peer_mru, 1500);
}

static void test_asynchronous_line(void **state)
{
	struct ppp_rig *rig = lcp_only(state);

	rig->params.lcp =
		(struct lcp_params){ .accm = true, .accm_map = 0xa0000, .compression = true };
	rig_begin(rig);
	rig_ack_ours(rig, "0206 000a0000 0506 xxxxxxxx 0702 0802");
	rig_ask(rig, 7, "0206 00000001 0702 0802");
	assert_int_equal(ppp_proxy_result(rig->proxy)->send_accm, 1);
	assert_int_equal(ppp_proxy_result(rig->proxy)->recv_accm, 0xa0000);
	assert_true(ppp_proxy_result(rig->proxy)->send_pfc);
	assert_true(ppp_proxy_result(rig->proxy)->send_acfc);
	assert_true(ppp_proxy_result(rig->proxy)->recv_pfc);
	assert_true(ppp_proxy_result(rig->proxy)->recv_acfc);
}

static void test_pppoe_has_no_compression_and_no_map(void **state)
{
	struct ppp_rig *rig = lcp_only(state);

	rig_begin(rig);
	rig_ack_ours(rig, ASK_NOTHING);
	rig_say(rig, PPP_PROTO_LCP, CP_CONFREQ, 5, "0206 00000000 0104 05d4 0702 0802");
	assert_int_equal(rig_expect(rig, PPP_PROTO_LCP, CP_CONFREJ, "0206 00000000 0702 0802"), 5);
	rig_ask(rig, 6, "0104 05d4");
	assert_int_equal(rig->done, 1);
	assert_false(ppp_proxy_result(rig->proxy)->send_pfc);
	assert_false(ppp_proxy_result(rig->proxy)->recv_acfc);
	assert_int_equal(ppp_proxy_result(rig->proxy)->send_accm, 0xffffffff);
}

/* RFC 1661 5.1: the Identifier stays while the same is asked again, and changes with it. */
static void test_identifiers(void **state)
{
	struct ppp_rig *rig = *state;
	uint8_t first;

	rig_begin(rig);
	first = rig_expect(rig, PPP_PROTO_LCP, CP_CONFREQ, NULL);
	rig_wait(rig, 3 * SEC);
	assert_int_equal(rig_expect(rig, PPP_PROTO_LCP, CP_CONFREQ, ASK_MSCHAPV2), first);
	answer(rig, CP_CONFNAK, "0104 0500");
	assert_int_not_equal(
		rig_expect(rig, PPP_PROTO_LCP, CP_CONFREQ, "0104 0500 0305 c22381 0506 xxxxxxxx"),
		first);
	rig_expect_nothing(rig);
}

/* RFC 1661 4.6: 10 requests, 3 s apart. */
static void test_nobody_answers(void **state)
{
	struct ppp_rig *rig = *state;

	rig_begin(rig);
	rig_wait(rig, 30 * SEC - 1);
	for (unsigned i = 0; i < 10; i++)
		rig_expect(rig, PPP_PROTO_LCP, CP_CONFREQ, ASK_MSCHAPV2);
	rig_expect_nothing(rig);
	assert_int_equal(rig->failed, 0);
	rig_wait(rig, 1);
	rig_failed(rig, L2TP_PPP_CAUSE_NO_LCP, "no LCP of the client: 10 requests of ours");
	assert_int_equal(rig->closed, 1);
	rig_expect_nothing(rig);
	assert_int_equal(ppp_proxy_next_timeout(rig->proxy), USEC_INFINITY);
	rig_say(rig, PPP_PROTO_LCP, CP_CONFREQ, 1, "");
	rig_expect_nothing(rig);
	assert_int_equal(rig_phase(rig), PPP_PHASE_CLOSED);
}

static void test_it_asks_but_does_not_answer(void **state)
{
	struct ppp_rig *rig = *state;

	rig_begin(rig);
	rig_say(rig, PPP_PROTO_LCP, CP_CONFREQ, 1, "");
	rig_wait(rig, 30 * SEC);
	rig_failed(rig, L2TP_PPP_CAUSE_LCP_TIMEOUT, "does not answer LCP any more");
	assert_int_equal(rig->closed, 1);
}

static void test_limits_can_be_set(void **state)
{
	struct ppp_rig *rig = *state;

	rig->params.limits = (struct cp_limits){ SEC, 2, 1, 1 };
	rig_begin(rig);
	rig_wait(rig, 2 * SEC - 1);
	assert_int_equal(rig->count, 2);
	assert_int_equal(rig->failed, 0);
	rig_wait(rig, 1);
	assert_int_equal(rig->closed, 1);
}

/* The machine slept: one step at a time, no burst. */
static void test_time_jumps(void **state)
{
	struct ppp_rig *rig = *state;

	rig->params.setup_timeout = 3600 * SEC;
	rig_begin(rig);
	rig->now += 1000 * SEC;
	ppp_proxy_timeout(rig->proxy, rig->now);
	rig_drain(rig);
	assert_int_equal(rig->count, 2);
	assert_int_equal(ppp_proxy_next_timeout(rig->proxy), rig->now + 3 * SEC);
	ppp_proxy_timeout(rig->proxy, rig->now);
	rig_drain(rig);
	assert_int_equal(rig->count, 2);
}

/* --- its answers to our request --- */

/* RFC 1661 5.2: Identifier and options must be those of the last request. */
static void test_wrong_acks(void **state)
{
	struct ppp_rig *rig = lcp_only(state);
	struct rig_frame ack;

	rig_begin(rig);
	rig_expect(rig, PPP_PROTO_LCP, CP_CONFREQ, ASK_NOTHING);
	ack = *rig_seen(rig);
	ack.data[2] = CP_CONFACK;
	ack.data[3]++;
	rig_bytes(rig, ack.data, ack.len);
	ack.data[3]--;
	ack.data[9] ^= 1;
	rig_bytes(rig, ack.data, ack.len);
	ack.data[9] ^= 1;
	answer(rig, CP_CONFACK, "0104 05d4");
	rig_ask(rig, 1, "0104 05d4");
	assert_int_equal(rig->done, 0);
	rig_bytes(rig, ack.data, ack.len);
	assert_int_equal(rig->done, 1);
	rig_expect_nothing(rig);
}

/* What the line doubled is not the crossed connection of RFC 1661 4.1. */
static void test_ack_comes_twice(void **state)
{
	struct ppp_rig *rig = lcp_only(state);
	struct rig_frame ack;

	rig_begin(rig);
	rig_ack_ours(rig, NULL);
	ack = *rig_seen(rig);
	ack.data[2] = CP_CONFACK;
	rig_bytes(rig, ack.data, ack.len);
	rig_expect_nothing(rig);
	rig_ask(rig, 1, "0104 05d4");
	assert_int_equal(rig->done, 1);
}

static void test_nak_comes_twice(void **state)
{
	struct ppp_rig *rig = lcp_only(state);
	uint8_t id;

	rig_begin(rig);
	id = rig_expect(rig, PPP_PROTO_LCP, CP_CONFREQ, NULL);
	rig_say(rig, PPP_PROTO_LCP, CP_CONFNAK, id, "0104 0400");
	rig_say(rig, PPP_PROTO_LCP, CP_CONFNAK, id, "0104 0300");
	rig_expect(rig, PPP_PROTO_LCP, CP_CONFREQ, "0104 0400 0506 xxxxxxxx");
	rig_expect_nothing(rig);
}

static void test_mru_is_naked(void **state)
{
	struct ppp_rig *rig = lcp_only(state);

	rig_begin(rig);
	rig_expect(rig, PPP_PROTO_LCP, CP_CONFREQ, ASK_NOTHING);
	answer(rig, CP_CONFNAK, "0104 0578");
	rig_expect(rig, PPP_PROTO_LCP, CP_CONFREQ, "0104 0578 0506 xxxxxxxx");
	/* more than the line carries, too little, no number at all: as it was */
	answer(rig, CP_CONFNAK, "0104 05dc");
	rig_expect(rig, PPP_PROTO_LCP, CP_CONFREQ, "0104 0578 0506 xxxxxxxx");
	answer(rig, CP_CONFNAK, "0104 007f");
	rig_expect(rig, PPP_PROTO_LCP, CP_CONFREQ, "0104 0578 0506 xxxxxxxx");
	answer(rig, CP_CONFNAK, "0106 00000500");
	rig_ack_ours(rig, "0104 0578 0506 xxxxxxxx");
	rig_ask(rig, 1, "0104 05d4");
	assert_int_equal(ppp_proxy_result(rig->proxy)->mru, 1400);
}

/* RFC 1661 5.3: a Nak may name what we did not ask for. */
static void test_mru_is_wanted_by_a_nak(void **state)
{
	struct ppp_rig *rig = lcp_only(state);

	rig->params.lcp.mru = 1500;
	rig_begin(rig);
	rig_expect(rig, PPP_PROTO_LCP, CP_CONFREQ, "0506 xxxxxxxx");
	answer(rig, CP_CONFNAK, "0104 05d4");
	rig_expect(rig, PPP_PROTO_LCP, CP_CONFREQ, ASK_NOTHING);
}

static void test_everything_is_rejected(void **state)
{
	struct ppp_rig *rig = lcp_only(state);
	uint8_t body[16];
	char hex[64];

	rig->params.lcp.accm = rig->params.lcp.compression = true;
	rig_begin(rig);
	rig_expect(
		rig, PPP_PROTO_LCP, CP_CONFREQ, "0104 05d4 0206 00000000 0506 xxxxxxxx 0702 0802");
	memcpy(body, rig_seen(rig)->data + 18, 4);
	snprintf(hex, sizeof(hex), "0104 05d4 0206 00000000 0506 %02x%02x%02x%02x 0702 0802",
		body[0], body[1], body[2], body[3]);
	answer(rig, CP_CONFREJ, hex);
	rig_ack_ours(rig, "");
	rig_ask(rig, 1, "0104 05d4");
	assert_int_equal(rig->done, 1);
	assert_span(ppp_proxy_result(rig->proxy)->proxy.last_sent_lcp, "");
	assert_int_equal(ppp_proxy_result(rig->proxy)->mru, 1500);
	assert_int_equal(ppp_proxy_result(rig->proxy)->recv_accm, 0xffffffff);
	assert_false(ppp_proxy_result(rig->proxy)->recv_pfc);
}

static void test_naks_of_options_without_a_value(void **state)
{
	struct ppp_rig *rig = lcp_only(state);

	rig->params.lcp.accm = rig->params.lcp.compression = true;
	rig->params.lcp.accm_map = 1;
	rig_begin(rig);
	rig_expect(rig, PPP_PROTO_LCP, CP_CONFREQ, NULL);
	answer(rig, CP_CONFNAK, "0206 000a0000 0702 0802");
	rig_expect(rig, PPP_PROTO_LCP, CP_CONFREQ, "0104 05d4 0206 000a0001 0506 xxxxxxxx");
	answer(rig, CP_CONFNAK, "0203 06");
	rig_expect(rig, PPP_PROTO_LCP, CP_CONFREQ, "0104 05d4 0206 000a0001 0506 xxxxxxxx");
}

/* RFC 1661 5.4: what is rejected must have been asked for, as it was and in that order. */
static void test_wrong_rejects(void **state)
{
	struct ppp_rig *rig = *state;

	rig_begin(rig);
	rig_expect(rig, PPP_PROTO_LCP, CP_CONFREQ, ASK_MSCHAPV2);
	answer(rig, CP_CONFREJ, "0104 05d5");
	answer(rig, CP_CONFREJ, "0702");
	answer(rig, CP_CONFREJ, "0103 05");
	answer(rig, CP_CONFREJ, "0305 c22381 0104 05d4");
	answer(rig, CP_CONFREJ, "0104 05d4 0104 05d4");
	answer(rig, CP_CONFREJ, "0104 05d4 03");
	answer(rig, CP_CONFREJ, "");
	answer(rig, CP_CONFNAK, "");
	answer(rig, CP_CONFNAK, "0104 05");
	rig_expect_nothing(rig);
	answer(rig, CP_CONFREJ, "0104 05d4");
	rig_expect(rig, PPP_PROTO_LCP, CP_CONFREQ, "0305 c22381 0506 xxxxxxxx");
}

static void test_methods_in_order_of_preference(void **state)
{
	struct ppp_rig *rig = *state;

	rig_begin(rig);
	rig_expect(rig, PPP_PROTO_LCP, CP_CONFREQ, ASK_MSCHAPV2);
	/* it proposes PAP, and something else; CHAP is better and may do as well */
	answer(rig, CP_CONFNAK, "0304 c023 0304 c227");
	rig_expect(rig, PPP_PROTO_LCP, CP_CONFREQ, ASK_CHAP);
	answer(rig, CP_CONFNAK, "0304 c023");
	rig_ack_ours(rig, ASK_PAP);
	rig_ask(rig, 1, "0104 05d4");
	assert_int_equal(rig_phase(rig), PPP_PHASE_LOGIN);
	rig_expect_nothing(rig);
}

static void test_only_allowed_methods(void **state)
{
	struct ppp_rig *rig = *state;

	rig->params.lcp.methods =
		PPP_METHOD_BIT(PPP_METHOD_MSCHAPV2) | PPP_METHOD_BIT(PPP_METHOD_CHAP_MD5);
	rig_begin(rig);
	rig_expect(rig, PPP_PROTO_LCP, CP_CONFREQ, ASK_MSCHAPV2);
	answer(rig, CP_CONFNAK, "0304 c023");
	rig_expect(rig, PPP_PROTO_LCP, CP_CONFREQ, ASK_CHAP);
	answer(rig, CP_CONFNAK, "0304 c023");
	rig_failed(rig, L2TP_PPP_CAUSE_AUTH_PROTOCOL, "accepts none of the ways to log in");
	assert_int_equal(rig->closed, 0);
	rig_expect(rig, PPP_PROTO_LCP, CP_TERMREQ, NULL);
	rig_say(rig, PPP_PROTO_LCP, CP_TERMACK, rig_seen(rig)->data[3], "");
	assert_int_equal(rig->closed, 1);
}

/* RFC 2759 2 expects a Reject of who does not know MS-CHAPv2. */
static void test_a_rejected_method_leads_to_the_next(void **state)
{
	struct ppp_rig *rig = *state;

	rig_begin(rig);
	rig_expect(rig, PPP_PROTO_LCP, CP_CONFREQ, ASK_MSCHAPV2);
	answer(rig, CP_CONFREJ, "0305 c22381");
	rig_expect(rig, PPP_PROTO_LCP, CP_CONFREQ, ASK_CHAP);
	answer(rig, CP_CONFREJ, "0305 c22305");
	rig_expect(rig, PPP_PROTO_LCP, CP_CONFREQ, ASK_PAP);
	answer(rig, CP_CONFREJ, "0304 c023");
	rig_failed(rig, L2TP_PPP_CAUSE_AUTH_PROTOCOL, "accepts none");
	/* and never the request without a login, which it would acknowledge */
	rig_expect(rig, PPP_PROTO_LCP, CP_TERMREQ, NULL);
	rig_expect_nothing(rig);
}

static void test_endless_naks(void **state)
{
	struct ppp_rig *rig = lcp_only(state);

	rig_begin(rig);
	for (unsigned i = 0; i < 5; i++) {
		rig_expect(rig, PPP_PROTO_LCP, CP_CONFREQ, ASK_NOTHING);
		answer(rig, CP_CONFNAK, "0506 00000001");
	}
	rig_expect(rig, PPP_PROTO_LCP, CP_CONFREQ, ASK_NOTHING);
	/* the sixth counts as a Reject */
	answer(rig, CP_CONFNAK, "0506 00000001");
	rig_expect(rig, PPP_PROTO_LCP, CP_CONFREQ, "0104 05d4");
}

/* RFC 1661 4.6 counts those without an Ack between them. */
static void test_naks_are_counted_anew(void **state)
{
	struct ppp_rig *rig = lcp_only(state);

	rig_begin(rig);
	for (unsigned i = 0; i < 5; i++) {
		rig_expect(rig, PPP_PROTO_LCP, CP_CONFREQ, ASK_NOTHING);
		answer(rig, CP_CONFNAK, "0506 00000001");
	}
	rig_ack_ours(rig, ASK_NOTHING);
	rig_wait(rig, 3 * SEC);
	rig_expect(rig, PPP_PROTO_LCP, CP_CONFREQ, ASK_NOTHING);
	answer(rig, CP_CONFNAK, "0506 00000001");
	rig_expect(rig, PPP_PROTO_LCP, CP_CONFREQ, ASK_NOTHING);
}

static void test_setup_timeout(void **state)
{
	struct ppp_rig *rig = *state;

	rig->params.setup_timeout = 5 * SEC;
	rig_begin(rig);
	rig_wait(rig, 5 * SEC - 1);
	assert_int_equal(rig->failed, 0);
	rig_wait(rig, 1);
	rig_failed(rig, L2TP_PPP_CAUSE_LCP_TIMEOUT, "no agreement within 5 s");
	rig_expect(rig, PPP_PROTO_LCP, CP_CONFREQ, NULL);
	rig_expect(rig, PPP_PROTO_LCP, CP_CONFREQ, NULL);
	rig_expect(rig, PPP_PROTO_LCP, CP_TERMREQ, NULL);
	rig_wait(rig, 3 * SEC);
	rig_expect(rig, PPP_PROTO_LCP, CP_TERMREQ, NULL);
	rig_wait(rig, 3 * SEC - 1);
	assert_int_equal(rig->closed, 0);
	rig_wait(rig, 1);
	assert_int_equal(rig->closed, 1);
	rig_expect_nothing(rig);
}

/* --- its request --- */

static void test_what_it_may_ask_for(void **state)
{
	struct ppp_rig *rig = lcp_only(state);

	rig_begin(rig);
	rig_ack_ours(rig, NULL);
	rig_ask(rig, 0xff, "0506 12345678 0104 0080");
	assert_int_equal(ppp_proxy_result(rig->proxy)->peer_mru, 128);
	assert_span(
		ppp_proxy_result(rig->proxy)->proxy.last_received_lcp, "0506 12345678 0104 0080");
}

/* What Windows asks for: callback, multilink, and a name of its end. A Reject keeps the order. */
static void test_what_is_rejected(void **state)
{
	struct ppp_rig *rig = *state;

	rig_begin(rig);
	rig_expect(rig, PPP_PROTO_LCP, CP_CONFREQ, NULL);
	rig_say(rig, PPP_PROTO_LCP, CP_CONFREQ, 0,
		"0104 0578 0506 11111111 0702 0802 0d03 06 1104 064e 1308 01 00112233 44 00ff");
	/* the tail is no option: nothing is said to that */
	rig_expect_nothing(rig);
	rig_say(rig, PPP_PROTO_LCP, CP_CONFREQ, 0,
		"0104 05dc 0506 11111111 0702 0802 0d03 06 1104 064e 1307 01 00112233 0405 c025 "
		"00");
	rig_expect(rig, PPP_PROTO_LCP, CP_CONFREJ,
		"0702 0802 0d03 06 1104 064e 1307 01 00112233 0405 c025 00");
	/* we do not log in to the client */
	rig_say(rig, PPP_PROTO_LCP, CP_CONFREQ, 1, "0304 c023 0305 c22305");
	rig_expect(rig, PPP_PROTO_LCP, CP_CONFREJ, "0304 c023 0305 c22305");
	/* lengths that are not those of the option, and options that come twice */
	rig_say(rig, PPP_PROTO_LCP, CP_CONFREQ, 2,
		"0103 05 0505 111111 0703 01 0104 0578 0104 0578");
	rig_expect(
		rig, PPP_PROTO_LCP, CP_CONFREJ, "0103 05 0505 111111 0703 01 0104 0578 0104 0578");
	rig_say(rig, PPP_PROTO_LCP, CP_CONFREQ, 3, "0104 0578 0104 0578");
	rig_expect(rig, PPP_PROTO_LCP, CP_CONFREJ, "0104 0578");
	rig_say(rig, PPP_PROTO_LCP, CP_CONFREQ, 4, "0002 ff02");
	rig_expect(rig, PPP_PROTO_LCP, CP_CONFREJ, "0002 ff02");
}

static void test_mru_that_does_not_fit(void **state)
{
	struct ppp_rig *rig = *state;

	rig_begin(rig);
	rig_expect(rig, PPP_PROTO_LCP, CP_CONFREQ, NULL);
	rig_say(rig, PPP_PROTO_LCP, CP_CONFREQ, 1, "0506 11111111 0104 05dc");
	assert_int_equal(rig_expect(rig, PPP_PROTO_LCP, CP_CONFNAK, "0104 05d4"), 1);
	rig_say(rig, PPP_PROTO_LCP, CP_CONFREQ, 2, "0104 007f");
	rig_expect(rig, PPP_PROTO_LCP, CP_CONFNAK, "0104 0080");
	/* a Reject goes first, and alone */
	rig_say(rig, PPP_PROTO_LCP, CP_CONFREQ, 3, "0104 05dc 0702");
	rig_expect(rig, PPP_PROTO_LCP, CP_CONFREJ, "0702");
}

/* Who does not say has 1500, which does not fit through PPPoE: it is asked to say so. */
static void test_mru_that_is_not_said(void **state)
{
	struct ppp_rig *rig = lcp_only(state);

	rig_begin(rig);
	rig_ack_ours(rig, NULL);
	for (unsigned i = 0; i < 5; i++) {
		rig_say(rig, PPP_PROTO_LCP, CP_CONFREQ, 1, "0506 00000001");
		rig_expect(rig, PPP_PROTO_LCP, CP_CONFNAK, "0104 05d4");
	}
	/* RFC 1661 4.6: then no more */
	rig_ask(rig, 1, "0506 00000001");
	assert_int_equal(rig->done, 1);
}

/* RFC 1661 4.6: after 5 Naks that led to nothing it is a Reject. */
static void test_max_failure(void **state)
{
	struct ppp_rig *rig = *state;

	rig_begin(rig);
	rig_expect(rig, PPP_PROTO_LCP, CP_CONFREQ, NULL);
	for (unsigned i = 0; i < 5; i++) {
		rig_say(rig, PPP_PROTO_LCP, CP_CONFREQ, 1, "0104 05dc");
		rig_expect(rig, PPP_PROTO_LCP, CP_CONFNAK, "0104 05d4");
	}
	rig_say(rig, PPP_PROTO_LCP, CP_CONFREQ, 1, "0104 05dc");
	rig_expect(rig, PPP_PROTO_LCP, CP_CONFREJ, "0104 05dc");
	rig_ask(rig, 2, "");
	/* an Ack begins the count anew */
	rig_say(rig, PPP_PROTO_LCP, CP_CONFREQ, 3, "0104 05dc");
	rig_expect(rig, PPP_PROTO_LCP, CP_CONFNAK, "0104 05d4");
}

static void test_last_acknowledged_request_counts(void **state)
{
	struct ppp_rig *rig = lcp_only(state);

	rig_begin(rig);
	rig_expect(rig, PPP_PROTO_LCP, CP_CONFREQ, NULL);
	rig_ask(rig, 1, "0104 0578");
	rig_ask(rig, 2, "0104 0500 0506 00000007");
	rig_say(rig, PPP_PROTO_LCP, CP_CONFREQ, 3, "0104 0578 0702");
	rig_expect(rig, PPP_PROTO_LCP, CP_CONFREJ, NULL);
	rig_ask(rig, 4, "0104 04ff");
	rig->looked = 0;
	rig_ack_ours(rig, NULL);
	assert_int_equal(rig->done, 1);
	assert_span(ppp_proxy_result(rig->proxy)->proxy.initial_lcp, "0104 0578");
	assert_span(ppp_proxy_result(rig->proxy)->proxy.last_received_lcp, "0104 04ff");
	assert_int_equal(ppp_proxy_result(rig->proxy)->peer_mru, 0x4ff);
}

static void test_what_is_not_asked_for_again_is_the_default(void **state)
{
	struct ppp_rig *rig = lcp_only(state);

	rig->params.lcp = (struct lcp_params){ .mru = 1500, .accm = true, .compression = true };
	rig_begin(rig);
	rig_expect(rig, PPP_PROTO_LCP, CP_CONFREQ, NULL);
	rig_ask(rig, 1, "0104 0578 0206 00000000 0702 0802 0506 00000001");
	rig_ask(rig, 2, "");
	rig->looked = 0;
	rig_ack_ours(rig, NULL);
	assert_int_equal(ppp_proxy_result(rig->proxy)->peer_mru, 1500);
	assert_int_equal(ppp_proxy_result(rig->proxy)->send_accm, 0xffffffff);
	assert_false(ppp_proxy_result(rig->proxy)->send_pfc);
	assert_false(ppp_proxy_result(rig->proxy)->send_acfc);
}

/* --- magic numbers and loops (RFC 1661 6.4) --- */

static void test_magic_number_of_zero(void **state)
{
	struct ppp_rig *rig = *state;

	rig_begin(rig);
	rig_expect(rig, PPP_PROTO_LCP, CP_CONFREQ, NULL);
	rig_say(rig, PPP_PROTO_LCP, CP_CONFREQ, 1, "0104 05d4 0506 00000000");
	rig_expect(rig, PPP_PROTO_LCP, CP_CONFNAK, "0506 xxxxxxxx");
	assert_memory_not_equal(rig_seen(rig)->data + 8, "\0\0\0\0", 4);
}

static void test_magic_number_is_naked(void **state)
{
	struct ppp_rig *rig = *state;
	struct rig_frame first;

	rig_begin(rig);
	rig_expect(rig, PPP_PROTO_LCP, CP_CONFREQ, NULL);
	first = *rig_seen(rig);
	answer(rig, CP_CONFNAK, "0506 12345678");
	rig_expect(rig, PPP_PROTO_LCP, CP_CONFREQ, ASK_MSCHAPV2);
	assert_memory_not_equal(rig_seen(rig)->data + 17, first.data + 17, 4);
}

/* Everything we send comes back. */
static void test_loop(void **state)
{
	struct ppp_rig *rig = *state;
	unsigned naks = 0;

	rig_begin(rig);
	while (!rig->failed && rig->looked < rig->count) {
		struct rig_frame f = rig->sent[rig->looked++];

		assert_true(f.data[2] == CP_CONFREQ || f.data[2] == CP_CONFNAK);
		naks += f.data[2] == CP_CONFNAK;
		rig_bytes(rig, f.data, f.len);
	}
	rig_failed(rig, L2TP_PPP_CAUSE_LOOPBACK, "looped back");
	assert_int_equal(naks, 4);
}

/* One collision is none: the client draws another number. */
static void test_same_number_by_chance(void **state)
{
	struct ppp_rig *rig = lcp_only(state);
	struct rig_frame ours;

	rig_begin(rig);
	rig_expect(rig, PPP_PROTO_LCP, CP_CONFREQ, ASK_NOTHING);
	ours = *rig_seen(rig);
	rig_bytes(rig, ours.data, ours.len);
	rig_expect(rig, PPP_PROTO_LCP, CP_CONFNAK, "0506 xxxxxxxx");
	assert_memory_not_equal(rig_seen(rig)->data + 8, ours.data + 12, 4);
	rig_ask(rig, 2, "0104 05d4 0506 00000002");
	rig->looked = 0;
	rig_ack_ours(rig, NULL);
	assert_int_equal(rig->done, 1);
}

/* A Nak of the number says nothing else, whatever else is wrong; only loops in a row are one. */
static void test_loops_in_a_row_count(void **state)
{
	struct ppp_rig *rig = *state;
	const uint8_t *m;
	char hex[64];

	rig_begin(rig);
	rig_expect(rig, PPP_PROTO_LCP, CP_CONFREQ, NULL);
	m = rig_seen(rig)->data + 17;
	snprintf(hex, sizeof(hex), "0104 05dc 0702 0506 %02x%02x%02x%02x", m[0], m[1], m[2], m[3]);
	for (unsigned i = 0; i < 8; i++) {
		rig_say(rig, PPP_PROTO_LCP, CP_CONFREQ, 1, hex);
		rig_expect(rig, PPP_PROTO_LCP, CP_CONFNAK, "0506 xxxxxxxx");
		if (i == 3)
			rig_ask(rig, 2, "0506 00000001 0104 05d4");
	}
	assert_int_equal(rig->failed, 0);
	rig_say(rig, PPP_PROTO_LCP, CP_CONFREQ, 1, hex);
	rig_failed(rig, L2TP_PPP_CAUSE_LOOPBACK, "looped back");
}

/* --- maintenance --- */

static void test_echo(void **state)
{
	struct ppp_rig *rig = *state;
	char ours[64];
	const uint8_t *m;

	rig->params.lcp.methods = PPP_METHOD_BIT(PPP_METHOD_PAP);
	rig_begin(rig);
	m = rig->sent[0].data + 16;
	snprintf(ours, sizeof(ours), "%02x%02x%02x%02x 686900", m[0], m[1], m[2], m[3]);
	/* RFC 1661 5.8: only when Opened */
	rig_say(rig, PPP_PROTO_LCP, LCP_ECHOREQ, 7, "00000001 686900");
	rig_ack_ours(rig, ASK_PAP);
	rig_expect_nothing(rig);
	rig_ask(rig, 1, "0506 00000001 0104 05d4");
	rig_say(rig, PPP_PROTO_LCP, LCP_ECHOREQ, 7, "00000001 686900");
	assert_int_equal(rig_expect(rig, PPP_PROTO_LCP, LCP_ECHOREP, ours), 7);
	/* without a number is malformed, with ours it is a loop */
	rig_say(rig, PPP_PROTO_LCP, LCP_ECHOREQ, 8, "000001");
	rig_say(rig, PPP_PROTO_LCP, LCP_ECHOREQ, 9, ours);
	rig_say(rig, PPP_PROTO_LCP, LCP_ECHOREP, 9, "00000001");
	rig_say(rig, PPP_PROTO_LCP, LCP_DISCARD, 9, "00000001");
	rig_say(rig, PPP_PROTO_LCP, LCP_IDENTIFICATION, 9, "00000001 4d53524153");
	rig_say(rig, PPP_PROTO_LCP, LCP_TIME_REMAINING, 9, "00000001 00000000");
	rig_expect_nothing(rig);
	assert_int_equal(rig_phase(rig), PPP_PHASE_LOGIN);
}

/* RFC 1661 6.1: an answer is not larger than the client can take. */
static void test_echo_of_a_large_packet(void **state)
{
	struct ppp_rig *rig = *state;
	uint8_t frame[1502] = { 0xc0, 0x21, LCP_ECHOREQ, 1, 1500 >> 8, 1500 & 255, 0, 0, 0, 1 };

	rig->params.lcp.methods = PPP_METHOD_BIT(PPP_METHOD_PAP);
	rig_begin(rig);
	rig_ack_ours(rig, NULL);
	rig_ask(rig, 1, "0104 0080");
	rig_bytes(rig, frame, sizeof(frame));
	rig_expect(rig, PPP_PROTO_LCP, LCP_ECHOREP, NULL);
	assert_int_equal(rig_seen(rig)->len, 2 + 128);
}

static void test_unknown_code(void **state)
{
	struct ppp_rig *rig = *state;
	uint8_t id, frame[1502] = { 0xc0, 0x21, 14, 1, 1500 >> 8, 1500 & 255 };

	rig_begin(rig);
	rig_expect(rig, PPP_PROTO_LCP, CP_CONFREQ, NULL);
	rig_say(rig, PPP_PROTO_LCP, 77, 3, "0102");
	id = rig_expect(rig, PPP_PROTO_LCP, CP_CODEREJ, "4d 03 0006 0102");
	rig_say(rig, PPP_PROTO_LCP, 0, 3, "");
	assert_int_not_equal(rig_expect(rig, PPP_PROTO_LCP, CP_CODEREJ, "00 03 0004"), id);
	rig_bytes(rig, frame, sizeof(frame));
	rig_expect(rig, PPP_PROTO_LCP, CP_CODEREJ, NULL);
	assert_int_equal(rig_seen(rig)->len, 1502);
}

static void test_code_reject(void **state)
{
	struct ppp_rig *rig = *state;

	rig_begin(rig);
	rig_expect(rig, PPP_PROTO_LCP, CP_CONFREQ, NULL);
	/* of what can be done without, or of nothing */
	rig_say(rig, PPP_PROTO_LCP, CP_CODEREJ, 1, "0a 01 0008 00000000");
	rig_say(rig, PPP_PROTO_LCP, CP_CODEREJ, 1, "00 01 0004");
	rig_say(rig, PPP_PROTO_LCP, CP_CODEREJ, 1, "");
	rig_expect_nothing(rig);
	assert_int_equal(rig->failed, 0);
	rig_say(rig, PPP_PROTO_LCP, CP_CODEREJ, 1, "08 01 0004");
	assert_int_equal(rig->failed, 0);
	rig_say(rig, PPP_PROTO_LCP, CP_CODEREJ, 1, "07 01 0004");
	rig_failed(rig, L2TP_PPP_CAUSE_NO_LCP, "does not know LCP");
	assert_int_equal(rig->closed, 1);
	rig_expect_nothing(rig);
}

static void test_protocol_reject_of_lcp(void **state)
{
	struct ppp_rig *rig = *state;

	rig_begin(rig);
	/* RFC 1661 5.7: in any state but Opened it is nothing */
	rig_say(rig, PPP_PROTO_LCP, LCP_PROTREJ, 1, "c021 01010004");
	assert_int_equal(rig->failed, 0);
	rig->params.lcp.methods = 0;
	rig_ack_ours(rig, NULL);
	rig_ask(rig, 1, "0104 05d4");
	rig_expect(rig, PPP_PROTO_CHAP, CHAP_CHALLENGE, NULL);
	rig_say(rig, PPP_PROTO_LCP, LCP_PROTREJ, 1, "80fd 01010004");
	rig_say(rig, PPP_PROTO_LCP, LCP_PROTREJ, 1, "c0");
	assert_int_equal(rig->failed, 0);
	rig_say(rig, PPP_PROTO_LCP, LCP_PROTREJ, 1, "c021 01010004");
	rig_failed(rig, L2TP_PPP_CAUSE_NO_LCP, "rejects it");
	rig_expect(rig, PPP_PROTO_LCP, CP_TERMREQ, NULL);
	assert_int_equal(rig->closed, 0);
}

/* --- the end --- */

static void test_terminate_while_negotiating(void **state)
{
	struct ppp_rig *rig = *state;

	rig_begin(rig);
	rig_expect(rig, PPP_PROTO_LCP, CP_CONFREQ, NULL);
	rig_say(rig, PPP_PROTO_LCP, CP_TERMREQ, 5, "4e6f20617574682069732070657373");
	assert_int_equal(rig_expect(rig, PPP_PROTO_LCP, CP_TERMACK, ""), 5);
	rig_failed(rig, L2TP_PPP_CAUSE_NORMAL, "the client ended the connection: No auth is pess");
	rig_expect(rig, PPP_PROTO_LCP, CP_TERMREQ, NULL);
	assert_int_equal(rig->closed, 0);
	rig_say(rig, PPP_PROTO_LCP, CP_TERMREQ, 6, "");
	rig_expect(rig, PPP_PROTO_LCP, CP_TERMACK, "");
	assert_int_equal(rig->failed, 1);
	rig_say(rig, PPP_PROTO_LCP, CP_TERMACK, 1, "");
	assert_int_equal(rig->closed, 1);
}

/* RFC 1661 3.7: one restart time passes before the line is hung up; a lost Ack is said again. */
static void test_terminate_when_opened(void **state)
{
	struct ppp_rig *rig = *state;

	rig_to_login(rig, PPP_METHOD_PAP);
	rig_say(rig, PPP_PROTO_LCP, CP_TERMREQ, 5, "00ff");
	rig_expect(rig, PPP_PROTO_LCP, CP_TERMACK, "");
	rig_failed(rig, L2TP_PPP_CAUSE_NORMAL, "ended the connection");
	assert_string_equal(rig->failure.failed.text, "the client ended the connection");
	rig_wait(rig, SEC);
	rig_say(rig, PPP_PROTO_LCP, CP_TERMREQ, 5, "");
	rig_expect(rig, PPP_PROTO_LCP, CP_TERMACK, "");
	rig_wait(rig, 2 * SEC - 1);
	assert_int_equal(rig->closed, 0);
	rig_wait(rig, 1);
	assert_int_equal(rig->closed, 1);
	rig_expect_nothing(rig);
}

/* --- frames --- */

static void test_malformed(void **state)
{
	struct ppp_rig *rig = *state;
	static const char *const bad[] = { "", "c0", "c021", "c02101", "c0210101", "c021010100",
		"c02101010003", "c02101010005", "c021010100080104", "c0210101000801", "ff03",
		"ff03c0", "0000", "00000101", "c02101010008 0105 05d4" };
	uint8_t large[1504] = { 0xc0, 0x21, CP_CONFREQ, 1, 0, 4 };
	struct ppp_proxy_info info;

	rig_begin(rig);
	rig_expect(rig, PPP_PROTO_LCP, CP_CONFREQ, NULL);
	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		rig_hex(rig, bad[i]);
	rig_bytes(rig, large, 1503);
	rig_expect_nothing(rig);
	ppp_proxy_info(rig->proxy, &info);
	assert_int_equal(info.discarded, sizeof(bad) / sizeof(bad[0]) + 1);
	/* the largest there is, and its padding is none of it (RFC 1661 5) */
	rig_bytes(rig, large, 1502);
	rig_expect(rig, PPP_PROTO_LCP, CP_CONFNAK, "0104 05d4");
}

/* A Reject of all of the largest request is as large. */
static void test_largest_request(void **state)
{
	struct ppp_rig *rig = *state;
	uint8_t frame[1502] = { 0xc0, 0x21, CP_CONFREQ, 1, 1500 >> 8, 1500 & 255 };

	rig_begin(rig);
	rig_expect(rig, PPP_PROTO_LCP, CP_CONFREQ, NULL);
	for (unsigned at = 6; at + 2 <= sizeof(frame); at += 2)
		memcpy(frame + at, "\x09\x02", 2);
	rig_bytes(rig, frame, sizeof(frame));
	rig_expect(rig, PPP_PROTO_LCP, CP_CONFREJ, NULL);
	assert_int_equal(rig_seen(rig)->len, sizeof(frame));
}

static void test_with_address_and_control(void **state)
{
	struct ppp_rig *rig = *state;

	rig_begin(rig);
	rig_expect(rig, PPP_PROTO_LCP, CP_CONFREQ, NULL);
	rig_hex(rig, "ff03 c021 01 2a 0008 0104 05d4 0000");
	assert_int_equal(rig_expect(rig, PPP_PROTO_LCP, CP_CONFACK, "0104 05d4"), 0x2a);
}

/* RFC 1661 3.4: nothing but LCP before it is Opened; 3.5: nothing of the network layer after. */
static void test_other_protocols(void **state)
{
	struct ppp_rig *rig = *state;
	static const char *const others[] = { "c02301010004", "c22301010004",
		"80210101000a0306c0a80001", "8057010100", "80fd01010004", "0021450000", "2145",
		"0057" };

	rig_begin(rig);
	rig_expect(rig, PPP_PROTO_LCP, CP_CONFREQ, NULL);
	for (unsigned i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		rig_hex(rig, others[i]);
	rig_hex(rig, "c02501020304");
	rig_expect_nothing(rig);
	rig->looked = 0;
	rig_lcp_up(rig);
	rig_expect(rig, PPP_PROTO_CHAP, CHAP_CHALLENGE, NULL);
	for (unsigned i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		rig_hex(rig, others[i]);
	rig_expect_nothing(rig);
	/* those of the link are ours to reject: quality reports, EAP */
	rig_hex(rig, "c02501020304");
	rig_expect(rig, PPP_PROTO_LCP, LCP_PROTREJ, "c025 01020304");
	rig_hex(rig, "c227 02010004");
	rig_expect(rig, PPP_PROTO_LCP, LCP_PROTREJ, "c227 02010004");
	assert_int_equal(rig->failed, 0);
}

static void test_protocol_reject_is_cut(void **state)
{
	struct ppp_rig *rig = *state;
	uint8_t frame[1502] = { 0xc2, 0x27 };

	rig_begin(rig);
	rig_ack_ours(rig, NULL);
	rig_ask(rig, 1, "0104 0100");
	rig_expect(rig, PPP_PROTO_CHAP, CHAP_CHALLENGE, NULL);
	rig_bytes(rig, frame, sizeof(frame));
	rig_expect(rig, PPP_PROTO_LCP, LCP_PROTREJ, NULL);
	assert_int_equal(rig_seen(rig)->len, 2 + 256);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_first_request),
		TEST(test_mru_of_1500_is_not_asked_for),
		TEST(test_mru_0_is_1500),
		TEST(test_asynchronous_line),
		TEST(test_pppoe_has_no_compression_and_no_map),
		TEST(test_identifiers),
		TEST(test_nobody_answers),
		TEST(test_it_asks_but_does_not_answer),
		TEST(test_limits_can_be_set),
		TEST(test_time_jumps),
		TEST(test_wrong_acks),
		TEST(test_ack_comes_twice),
		TEST(test_nak_comes_twice),
		TEST(test_mru_is_naked),
		TEST(test_mru_is_wanted_by_a_nak),
		TEST(test_everything_is_rejected),
		TEST(test_naks_of_options_without_a_value),
		TEST(test_wrong_rejects),
		TEST(test_methods_in_order_of_preference),
		TEST(test_only_allowed_methods),
		TEST(test_a_rejected_method_leads_to_the_next),
		TEST(test_endless_naks),
		TEST(test_naks_are_counted_anew),
		TEST(test_setup_timeout),
		TEST(test_what_it_may_ask_for),
		TEST(test_what_is_rejected),
		TEST(test_mru_that_does_not_fit),
		TEST(test_mru_that_is_not_said),
		TEST(test_max_failure),
		TEST(test_last_acknowledged_request_counts),
		TEST(test_what_is_not_asked_for_again_is_the_default),
		TEST(test_magic_number_of_zero),
		TEST(test_magic_number_is_naked),
		TEST(test_loop),
		TEST(test_same_number_by_chance),
		TEST(test_loops_in_a_row_count),
		TEST(test_echo),
		TEST(test_echo_of_a_large_packet),
		TEST(test_unknown_code),
		TEST(test_code_reject),
		TEST(test_protocol_reject_of_lcp),
		TEST(test_terminate_while_negotiating),
		TEST(test_terminate_when_opened),
		TEST(test_malformed),
		TEST(test_largest_request),
		TEST(test_with_address_and_control),
		TEST(test_other_protocols),
		TEST(test_protocol_reject_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
