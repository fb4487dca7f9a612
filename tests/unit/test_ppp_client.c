/* SPDX-License-Identifier: GPL-2.0-or-later */
/* LCP with a client: what it asks for, and all else it may say. */
#include "ppp_rig.h"

#include <stdio.h>

/* --- its request --- */

static void test_what_it_may_ask_for(void **state)
{
	struct ppp_rig *rig = rig_lcp_only(*state);

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
	struct ppp_rig *rig = rig_lcp_only(*state);

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
	struct ppp_rig *rig = rig_lcp_only(*state);

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
	struct ppp_rig *rig = rig_lcp_only(*state);

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
	rig_answer(rig, CP_CONFNAK, "0506 12345678");
	rig_expect(rig, PPP_PROTO_LCP, CP_CONFREQ, RIG_ASK_MSCHAPV2);
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
	struct ppp_rig *rig = rig_lcp_only(*state);
	struct rig_frame ours;

	rig_begin(rig);
	rig_expect(rig, PPP_PROTO_LCP, CP_CONFREQ, RIG_ASK_NOTHING);
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
	rig_ack_ours(rig, RIG_ASK_PAP);
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

/* What the client says is shown as far as it is text, and not all of a long one. */
static void test_terminate_with_a_long_text(void **state)
{
	struct ppp_rig *rig = *state;
	char hex[2 * 100 + 1] = "";

	for (unsigned i = 0; i < 100; i++)
		strcat(hex, "61");
	rig_begin(rig);
	rig_say(rig, PPP_PROTO_LCP, CP_TERMREQ, 5, hex);
	rig_failed(rig, L2TP_PPP_CAUSE_NORMAL, "the client ended the connection: aaa");
	assert_int_equal(strlen(rig->failure.failed.text), 33 + 64);
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

#define TEST(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
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
		TEST(test_terminate_with_a_long_text),
		TEST(test_terminate_when_opened),
		TEST(test_malformed),
		TEST(test_largest_request),
		TEST(test_with_address_and_control),
		TEST(test_other_protocols),
		TEST(test_protocol_reject_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
