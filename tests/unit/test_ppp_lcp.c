/* SPDX-License-Identifier: GPL-2.0-or-later */
/* LCP with a client: what we ask for, when, and all that it may answer. */
#include "ppp_rig.h"

#include <stdio.h>

/* --- our request --- */

static void test_first_request(void **state)
{
	struct ppp_rig *rig = *state;

	rig_begin(rig);
	rig_expect(rig, PPP_PROTO_LCP, CP_CONFREQ, RIG_ASK_MSCHAPV2);
	rig_expect_nothing(rig);
	assert_int_equal(rig_phase(rig), PPP_PHASE_LCP);
	assert_null(ppp_proxy_result(rig->proxy));
}

static void test_mru_of_1500_is_not_asked_for(void **state)
{
	struct ppp_rig *rig = rig_lcp_only(*state);

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
	struct ppp_rig *rig = rig_lcp_only(*state);

	rig->params.lcp.mru = 0;
	rig_begin(rig);
	rig_ack_ours(rig, "0506 xxxxxxxx");
	rig_ask(rig, 1, "");
	assert_int_equal(ppp_proxy_result(rig->proxy)->peer_mru, 1500);
}

static void test_asynchronous_line(void **state)
{
	struct ppp_rig *rig = rig_lcp_only(*state);

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
	struct ppp_rig *rig = rig_lcp_only(*state);

	rig_begin(rig);
	rig_ack_ours(rig, RIG_ASK_NOTHING);
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
	assert_int_equal(rig_expect(rig, PPP_PROTO_LCP, CP_CONFREQ, RIG_ASK_MSCHAPV2), first);
	rig_answer(rig, CP_CONFNAK, "0104 0500");
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
		rig_expect(rig, PPP_PROTO_LCP, CP_CONFREQ, RIG_ASK_MSCHAPV2);
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
	struct ppp_rig *rig = rig_lcp_only(*state);
	struct rig_frame ack;

	rig_begin(rig);
	rig_expect(rig, PPP_PROTO_LCP, CP_CONFREQ, RIG_ASK_NOTHING);
	ack = *rig_seen(rig);
	ack.data[2] = CP_CONFACK;
	ack.data[3]++;
	rig_bytes(rig, ack.data, ack.len);
	ack.data[3]--;
	ack.data[9] ^= 1;
	rig_bytes(rig, ack.data, ack.len);
	ack.data[9] ^= 1;
	rig_answer(rig, CP_CONFACK, "0104 05d4");
	rig_ask(rig, 1, "0104 05d4");
	assert_int_equal(rig->done, 0);
	rig_bytes(rig, ack.data, ack.len);
	assert_int_equal(rig->done, 1);
	rig_expect_nothing(rig);
}

/* What the line doubled is not the crossed connection of RFC 1661 4.1. */
static void test_ack_comes_twice(void **state)
{
	struct ppp_rig *rig = rig_lcp_only(*state);
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
	struct ppp_rig *rig = rig_lcp_only(*state);
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
	struct ppp_rig *rig = rig_lcp_only(*state);

	rig_begin(rig);
	rig_expect(rig, PPP_PROTO_LCP, CP_CONFREQ, RIG_ASK_NOTHING);
	rig_answer(rig, CP_CONFNAK, "0104 0578");
	rig_expect(rig, PPP_PROTO_LCP, CP_CONFREQ, "0104 0578 0506 xxxxxxxx");
	/* more than the line carries, too little, no number at all: as it was */
	rig_answer(rig, CP_CONFNAK, "0104 05dc");
	rig_expect(rig, PPP_PROTO_LCP, CP_CONFREQ, "0104 0578 0506 xxxxxxxx");
	rig_answer(rig, CP_CONFNAK, "0104 007f");
	rig_expect(rig, PPP_PROTO_LCP, CP_CONFREQ, "0104 0578 0506 xxxxxxxx");
	rig_answer(rig, CP_CONFNAK, "0106 00000500");
	rig_ack_ours(rig, "0104 0578 0506 xxxxxxxx");
	rig_ask(rig, 1, "0104 05d4");
	assert_int_equal(ppp_proxy_result(rig->proxy)->mru, 1400);
}

/* RFC 1661 5.3: a Nak may name what we did not ask for. */
static void test_mru_is_wanted_by_a_nak(void **state)
{
	struct ppp_rig *rig = rig_lcp_only(*state);

	rig->params.lcp.mru = 1500;
	rig_begin(rig);
	rig_expect(rig, PPP_PROTO_LCP, CP_CONFREQ, "0506 xxxxxxxx");
	rig_answer(rig, CP_CONFNAK, "0104 05d4");
	rig_expect(rig, PPP_PROTO_LCP, CP_CONFREQ, RIG_ASK_NOTHING);
}

static void test_everything_is_rejected(void **state)
{
	struct ppp_rig *rig = rig_lcp_only(*state);
	uint8_t body[16];
	char hex[64];

	rig->params.lcp.accm = rig->params.lcp.compression = true;
	rig_begin(rig);
	rig_expect(
		rig, PPP_PROTO_LCP, CP_CONFREQ, "0104 05d4 0206 00000000 0506 xxxxxxxx 0702 0802");
	memcpy(body, rig_seen(rig)->data + 18, 4);
	snprintf(hex, sizeof(hex), "0104 05d4 0206 00000000 0506 %02x%02x%02x%02x 0702 0802",
		body[0], body[1], body[2], body[3]);
	rig_answer(rig, CP_CONFREJ, hex);
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
	struct ppp_rig *rig = rig_lcp_only(*state);

	rig->params.lcp.accm = rig->params.lcp.compression = true;
	rig->params.lcp.accm_map = 1;
	rig_begin(rig);
	rig_expect(rig, PPP_PROTO_LCP, CP_CONFREQ, NULL);
	rig_answer(rig, CP_CONFNAK, "0206 000a0000 0702 0802");
	rig_expect(rig, PPP_PROTO_LCP, CP_CONFREQ, "0104 05d4 0206 000a0001 0506 xxxxxxxx");
	rig_answer(rig, CP_CONFNAK, "0203 06");
	rig_expect(rig, PPP_PROTO_LCP, CP_CONFREQ, "0104 05d4 0206 000a0001 0506 xxxxxxxx");
}

/* RFC 1661 5.4: what is rejected must have been asked for, as it was and in that order. */
static void test_wrong_rejects(void **state)
{
	struct ppp_rig *rig = *state;

	rig_begin(rig);
	rig_expect(rig, PPP_PROTO_LCP, CP_CONFREQ, RIG_ASK_MSCHAPV2);
	rig_answer(rig, CP_CONFREJ, "0104 05d5");
	rig_answer(rig, CP_CONFREJ, "0702");
	rig_answer(rig, CP_CONFREJ, "0103 05");
	rig_answer(rig, CP_CONFREJ, "0305 c22381 0104 05d4");
	rig_answer(rig, CP_CONFREJ, "0104 05d4 0104 05d4");
	rig_answer(rig, CP_CONFREJ, "0104 05d4 03");
	rig_answer(rig, CP_CONFREJ, "");
	rig_answer(rig, CP_CONFNAK, "");
	rig_answer(rig, CP_CONFNAK, "0104 05");
	rig_expect_nothing(rig);
	rig_answer(rig, CP_CONFREJ, "0104 05d4");
	rig_expect(rig, PPP_PROTO_LCP, CP_CONFREQ, "0305 c22381 0506 xxxxxxxx");
}

static void test_methods_in_order_of_preference(void **state)
{
	struct ppp_rig *rig = *state;

	rig_begin(rig);
	rig_expect(rig, PPP_PROTO_LCP, CP_CONFREQ, RIG_ASK_MSCHAPV2);
	/* it proposes PAP, and something else; CHAP is better and may do as well */
	rig_answer(rig, CP_CONFNAK, "0304 c023 0304 c227");
	rig_expect(rig, PPP_PROTO_LCP, CP_CONFREQ, RIG_ASK_CHAP);
	rig_answer(rig, CP_CONFNAK, "0304 c023");
	rig_ack_ours(rig, RIG_ASK_PAP);
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
	rig_expect(rig, PPP_PROTO_LCP, CP_CONFREQ, RIG_ASK_MSCHAPV2);
	rig_answer(rig, CP_CONFNAK, "0304 c023");
	rig_expect(rig, PPP_PROTO_LCP, CP_CONFREQ, RIG_ASK_CHAP);
	rig_answer(rig, CP_CONFNAK, "0304 c023");
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
	rig_expect(rig, PPP_PROTO_LCP, CP_CONFREQ, RIG_ASK_MSCHAPV2);
	rig_answer(rig, CP_CONFREJ, "0305 c22381");
	rig_expect(rig, PPP_PROTO_LCP, CP_CONFREQ, RIG_ASK_CHAP);
	rig_answer(rig, CP_CONFREJ, "0305 c22305");
	rig_expect(rig, PPP_PROTO_LCP, CP_CONFREQ, RIG_ASK_PAP);
	rig_answer(rig, CP_CONFREJ, "0304 c023");
	rig_failed(rig, L2TP_PPP_CAUSE_AUTH_PROTOCOL, "accepts none");
	/* and never the request without a login, which it would acknowledge */
	rig_expect(rig, PPP_PROTO_LCP, CP_TERMREQ, NULL);
	rig_expect_nothing(rig);
}

static void test_endless_naks(void **state)
{
	struct ppp_rig *rig = rig_lcp_only(*state);

	rig_begin(rig);
	for (unsigned i = 0; i < 5; i++) {
		rig_expect(rig, PPP_PROTO_LCP, CP_CONFREQ, RIG_ASK_NOTHING);
		rig_answer(rig, CP_CONFNAK, "0506 00000001");
	}
	rig_expect(rig, PPP_PROTO_LCP, CP_CONFREQ, RIG_ASK_NOTHING);
	/* the sixth counts as a Reject */
	rig_answer(rig, CP_CONFNAK, "0506 00000001");
	rig_expect(rig, PPP_PROTO_LCP, CP_CONFREQ, "0104 05d4");
}

/* RFC 1661 4.6 counts those without an Ack between them. */
static void test_naks_are_counted_anew(void **state)
{
	struct ppp_rig *rig = rig_lcp_only(*state);

	rig_begin(rig);
	for (unsigned i = 0; i < 5; i++) {
		rig_expect(rig, PPP_PROTO_LCP, CP_CONFREQ, RIG_ASK_NOTHING);
		rig_answer(rig, CP_CONFNAK, "0506 00000001");
	}
	rig_ack_ours(rig, RIG_ASK_NOTHING);
	rig_wait(rig, 3 * SEC);
	rig_expect(rig, PPP_PROTO_LCP, CP_CONFREQ, RIG_ASK_NOTHING);
	rig_answer(rig, CP_CONFNAK, "0506 00000001");
	rig_expect(rig, PPP_PROTO_LCP, CP_CONFREQ, RIG_ASK_NOTHING);
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

#define TEST(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)

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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
