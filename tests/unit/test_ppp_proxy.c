/* SPDX-License-Identifier: GPL-2.0-or-later */
/* After the login: frames that wait for the LNS, the hand-over, and ends of all kinds. */
#include "ppp_rig.h"

#include <stdio.h>

/* The next frame that waits is this one; NULL: there is none. */
static void expect_frame(struct ppp_rig *rig, const char *hex)
{
	const struct ppp_frame *f = ppp_proxy_next_frame(rig->proxy);

	if (!hex) {
		assert_null(f);
		return;
	}
	assert_non_null(f);
	assert_span((struct l2tp_span){ f->data, (uint16_t)f->len }, hex);
}

static struct ppp_proxy_info info(const struct ppp_rig *rig)
{
	struct ppp_proxy_info info;

	ppp_proxy_info(rig->proxy, &info);
	return info;
}

static void test_frames_wait_in_order(void **state)
{
	struct ppp_rig *rig = *state;

	rig_to_done(rig, PPP_METHOD_PAP);
	/* the login again, NCPs, IP, a compressed protocol, LCP that begins anew */
	rig_hex(rig, "c023 01 0a 0008 0161 0162");
	rig_hex(rig, "ff03 8021 01 01 000a 0306 00000000");
	rig_hex(rig, "8057 01 01 0004");
	rig_hex(rig, "0021 45");
	rig_hex(rig, "21 45");
	rig_hex(rig, "c021 01 07 0008 0104 05d4");
	rig_hex(rig, "c021 0c 01 0008 00000000");
	rig_hex(rig, "c021 06 01 0004");
	rig_hex(rig, "c223 02 01 0004");
	rig_expect_nothing(rig);
	assert_int_equal(info(rig).queued, 9);
	assert_true(ppp_proxy_hand_over(rig->proxy));
	expect_frame(rig, "c023 01 0a 0008 0161 0162");
	expect_frame(rig, "8021 01 01 000a 0306 00000000");
	expect_frame(rig, "8057 01 01 0004");
	/* one that came late stands behind */
	rig_hex(rig, "0021 46");
	expect_frame(rig, "0021 45");
	expect_frame(rig, "21 45");
	expect_frame(rig, "c021 01 07 0008 0104 05d4");
	expect_frame(rig, "c021 0c 01 0008 00000000");
	expect_frame(rig, "c021 06 01 0004");
	expect_frame(rig, "c223 02 01 0004");
	expect_frame(rig, "0021 46");
	expect_frame(rig, NULL);
	expect_frame(rig, NULL);
	assert_int_equal(rig->done, 1);
	assert_int_equal(rig->failed, 0);
}

/* Replies to what we said are no business of the LNS. */
static void test_replies_to_us_do_not_wait(void **state)
{
	struct ppp_rig *rig = *state;
	uint64_t before;

	rig_to_done(rig, PPP_METHOD_CHAP_MD5);
	before = info(rig).discarded;
	rig_hex(rig, "c021 02 01 0004");
	rig_hex(rig, "c021 03 01 0004");
	rig_hex(rig, "c021 04 01 0004");
	rig_hex(rig, "c021 07 01 0005 0a");
	rig_hex(rig, "c021 08 01 0006 c223");
	rig_hex(rig, "c021 0a 01 0008 00000000");
	rig_hex(rig, "c021 0b 01 0008 00000000");
	/* nor is what is malformed */
	rig_hex(rig, "c021 01 01 0005");
	rig_hex(rig, "c021 01");
	rig_hex(rig, "");
	assert_int_equal(info(rig).queued, 0);
	assert_int_equal(info(rig).discarded, before + 10);
	assert_int_equal(rig_phase(rig), PPP_PHASE_HELD);
	rig_expect_nothing(rig);
}

static void test_echo_while_it_waits(void **state)
{
	struct ppp_rig *rig = *state;

	rig_to_done(rig, PPP_METHOD_MSCHAPV2);
	rig_say(rig, PPP_PROTO_LCP, LCP_ECHOREQ, 0x55, "00000001");
	assert_int_equal(rig_expect(rig, PPP_PROTO_LCP, LCP_ECHOREP, "xxxxxxxx"), 0x55);
	assert_memory_equal(rig_seen(rig)->data + 6, rig->sent[0].data + 17, 4);
	assert_int_equal(info(rig).queued, 0);
	/* and not when it is the LNS's line */
	ppp_proxy_hand_over(rig->proxy);
	rig_say(rig, PPP_PROTO_LCP, LCP_ECHOREQ, 0x56, "00000001");
	rig_say(rig, PPP_PROTO_LCP, CP_TERMREQ, 0x57, "");
	rig_expect_nothing(rig);
	expect_frame(rig, "c021 09 56 0008 00000001");
	expect_frame(rig, "c021 05 57 0004");
	assert_int_equal(rig->failed, 0);
}

/* proxy = lcp: the client may still wait for our Ack. */
static void test_request_is_repeated_while_it_waits(void **state)
{
	struct ppp_rig *rig = *state;

	rig->params.login = false;
	rig_begin(rig);
	rig_lcp_up(rig);
	assert_int_equal(rig->done, 1);
	rig_ask(rig, 1, "0104 05d4 0506 00000001");
	rig_expect_nothing(rig);
	assert_int_equal(info(rig).queued, 0);
	rig_say(rig, PPP_PROTO_LCP, CP_CONFREQ, 2, "0104 05d4 0506 00000001");
	rig_expect_nothing(rig);
	assert_int_equal(info(rig).queued, 1);
	/* and when it is the LNS's line, that is the LNS's, too */
	ppp_proxy_hand_over(rig->proxy);
	rig_say(rig, PPP_PROTO_LCP, CP_CONFREQ, 1, "0104 05d4 0506 00000001");
	rig_expect_nothing(rig);
	assert_int_equal(info(rig).queued, 2);
}

static void test_queue_is_bounded_by_count(void **state)
{
	struct ppp_rig *rig = *state;
	char hex[32];

	rig_to_done(rig, PPP_METHOD_PAP);
	for (unsigned i = 0; i < 40; i++) {
		snprintf(hex, sizeof(hex), "0021 %02x", i);
		rig_hex(rig, hex);
	}
	assert_int_equal(info(rig).queued, 32);
	assert_int_equal(info(rig).lost, 8);
	expect_frame(rig, "0021 00");
	rig_hex(rig, "0021 ff");
	for (unsigned i = 1; i < 32; i++) {
		snprintf(hex, sizeof(hex), "0021 %02x", i);
		expect_frame(rig, hex);
	}
	expect_frame(rig, "0021 ff");
	expect_frame(rig, NULL);
}

static void test_queue_is_bounded_by_octets(void **state)
{
	struct ppp_rig *rig = *state;
	uint8_t large[1502] = { 0x00, 0x21 };

	rig_to_done(rig, PPP_METHOD_PAP);
	for (unsigned i = 0; i < 12; i++)
		rig_bytes(rig, large, sizeof(large));
	assert_int_equal(info(rig).queued, 10);
	/* what is smaller still finds room */
	rig_bytes(rig, large, 16384 - 15020);
	assert_int_equal(info(rig).queued, 11);
	rig_bytes(rig, large, 2);
	assert_int_equal(info(rig).lost, 3);
	/* and what was taken makes room */
	assert_non_null(ppp_proxy_next_frame(rig->proxy));
	rig_bytes(rig, large, sizeof(large));
	assert_int_equal(info(rig).lost, 3);
}

static void test_bounds_can_be_set(void **state)
{
	struct ppp_rig *rig = *state;

	rig->params.max_frames = 2;
	rig->params.max_octets = 7;
	rig_to_done(rig, PPP_METHOD_PAP);
	rig_hex(rig, "0021 0102");
	rig_hex(rig, "0021 0102");
	rig_hex(rig, "0021 01");
	rig_hex(rig, "0021");
	assert_int_equal(info(rig).queued, 2);
	assert_int_equal(info(rig).lost, 2);
	expect_frame(rig, "0021 0102");
	expect_frame(rig, "0021 01");
}

static void test_overlong_frames_do_not_wait(void **state)
{
	struct ppp_rig *rig = *state;
	uint8_t large[1504] = { 0x00, 0x21 };

	rig_to_done(rig, PPP_METHOD_PAP);
	rig_bytes(rig, large, 1503);
	assert_int_equal(info(rig).queued, 0);
	memcpy(large, "\xff\x03\x00\x21", 4);
	rig_bytes(rig, large, 1504);
	assert_int_equal(info(rig).queued, 1);
}

static void test_hand_over_too_early(void **state)
{
	struct ppp_rig *rig = *state;

	rig_to_login(rig, PPP_METHOD_PAP);
	assert_false(ppp_proxy_hand_over(rig->proxy));
	assert_int_equal(rig_phase(rig), PPP_PHASE_LOGIN);
}

/* After the hand-over the line is the LNS's to end. */
static void test_nothing_after_the_hand_over(void **state)
{
	struct ppp_rig *rig = *state;

	rig_to_done(rig, PPP_METHOD_PAP);
	assert_true(ppp_proxy_hand_over(rig->proxy));
	assert_false(ppp_proxy_hand_over(rig->proxy));
	ppp_proxy_close(rig->proxy, rig->now, L2TP_PPP_CAUSE_ADMIN, "closed");
	ppp_proxy_refuse(rig->proxy, rig->now, "no");
	rig_wait(rig, 1000 * SEC);
	rig_expect_nothing(rig);
	assert_int_equal(rig->failed, 0);
	assert_int_equal(rig_phase(rig), PPP_PHASE_HANDED_OVER);
}

static void test_client_goes_while_the_tunnel_is_set_up(void **state)
{
	struct ppp_rig *rig = *state;

	rig_to_done(rig, PPP_METHOD_PAP);
	rig_hex(rig, "0021 01");
	rig_say(rig, PPP_PROTO_LCP, CP_TERMREQ, 3, "55736572");
	rig_expect(rig, PPP_PROTO_LCP, CP_TERMACK, "");
	rig_failed(rig, L2TP_PPP_CAUSE_NORMAL, "ended the connection: User");
	assert_false(ppp_proxy_hand_over(rig->proxy));
	rig_hex(rig, "0021 02");
	assert_int_equal(info(rig).queued, 1);
	/* what was told stays true until it is freed */
	assert_int_equal(ppp_proxy_result(rig->proxy)->proxy.authen_id, 9);
	rig_wait(rig, 3 * SEC);
	assert_int_equal(rig->closed, 1);
	rig_expect_nothing(rig);
}

static void test_close(void **state)
{
	struct ppp_rig *rig = *state;

	rig_to_done(rig, PPP_METHOD_CHAP_MD5);
	ppp_proxy_close(rig->proxy, rig->now, L2TP_PPP_CAUSE_ADMIN, "no LNS");
	rig_drain(rig);
	rig_hex(rig, "0021 01");
	rig_failed(rig, L2TP_PPP_CAUSE_ADMIN, "no LNS");
	rig_expect(rig, PPP_PROTO_LCP, CP_TERMREQ, "6e6f204c4e53");
	ppp_proxy_close(rig->proxy, rig->now, L2TP_PPP_CAUSE_NONE, "again");
	rig_wait(rig, 3 * SEC);
	rig_expect(rig, PPP_PROTO_LCP, CP_TERMREQ, "6e6f204c4e53");
	rig_say(rig, PPP_PROTO_LCP, CP_TERMACK, rig_seen(rig)->data[3], "");
	assert_int_equal(rig->closed, 1);
	assert_int_equal(rig->failed, 1);
	rig_expect_nothing(rig);
}

static void test_close_at_once(void **state)
{
	struct ppp_rig *rig = *state;

	rig_begin(rig);
	ppp_proxy_close(rig->proxy, rig->now, L2TP_PPP_CAUSE_ADMIN, "closed");
	rig_wait(rig, 6 * SEC);
	rig_expect(rig, PPP_PROTO_LCP, CP_CONFREQ, NULL);
	rig_expect(rig, PPP_PROTO_LCP, CP_TERMREQ, NULL);
	rig_expect(rig, PPP_PROTO_LCP, CP_TERMREQ, NULL);
	rig_expect_nothing(rig);
	assert_int_equal(rig->closed, 1);
}

static void test_a_long_text_is_cut(void **state)
{
	struct ppp_rig *rig = *state;
	char text[400];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	rig_begin(rig);
	ppp_proxy_close(rig->proxy, rig->now, L2TP_PPP_CAUSE_ADMIN, text);
	rig_drain(rig);
	assert_int_equal(strlen(rig->failure.failed.text), 159);
}

static void refuse(struct ppp_rig *rig, enum ppp_method method, const char *message)
{
	rig_to_done(rig, method);
	ppp_proxy_refuse(rig->proxy, rig->now, message);
	rig_drain(rig);
	rig_failed(rig, L2TP_PPP_CAUSE_AUTH_FAILED, "login refused: no");
}

static void test_refuse_pap(void **state)
{
	struct ppp_rig *rig = *state;

	refuse(rig, PPP_METHOD_PAP, "no");
	assert_int_equal(rig_expect(rig, PPP_PROTO_PAP, PAP_NAK, "02 6e6f"), 9);
	rig_expect(rig, PPP_PROTO_LCP, CP_TERMREQ, NULL);
}

static void test_refuse_chap(void **state)
{
	struct ppp_rig *rig = *state;
	uint8_t id;

	refuse(rig, PPP_METHOD_CHAP_MD5, "no");
	id = ppp_proxy_result(rig->proxy)->proxy.authen_id;
	assert_int_equal(rig_expect(rig, PPP_PROTO_CHAP, CHAP_FAILURE, "6e6f"), id);
	rig_expect(rig, PPP_PROTO_LCP, CP_TERMREQ, NULL);
}

/* RFC 2759 6 */
static void test_refuse_mschapv2(void **state)
{
	struct ppp_rig *rig = *state;
	char text[256];

	refuse(rig, PPP_METHOD_MSCHAPV2, "no such user");
	rig_expect(rig, PPP_PROTO_CHAP, CHAP_FAILURE, NULL);
	snprintf(text, sizeof(text), "%.*s", (int)rig_seen(rig)->len - 6,
		(const char *)rig_seen(rig)->data + 6);
	assert_memory_equal(text, "E=691 R=0 C=", 12);
	assert_int_equal(strspn(text + 12, "0123456789ABCDEF"), 32);
	assert_string_equal(text + 44, " V=3 M=no such user");
}

static void test_refuse_with_a_long_message(void **state)
{
	struct ppp_rig *rig = *state;
	char text[600] = "no";

	memset(text + 2, '!', sizeof(text) - 3);
	text[sizeof(text) - 1] = '\0';
	refuse(rig, PPP_METHOD_PAP, text);
	rig_expect(rig, PPP_PROTO_PAP, PAP_NAK, NULL);
	assert_int_equal(rig_seen(rig)->len, 6 + 1 + 255);
}

static void test_refuse_without_a_login(void **state)
{
	struct ppp_rig *rig = *state;

	rig_to_login(rig, PPP_METHOD_PAP);
	ppp_proxy_refuse(rig->proxy, rig->now, "no");
	rig_drain(rig);
	rig_failed(rig, L2TP_PPP_CAUSE_AUTH_FAILED, "login refused");
	rig_expect(rig, PPP_PROTO_LCP, CP_TERMREQ, NULL);
}

static void test_refuse_after_lcp_only(void **state)
{
	struct ppp_rig *rig = *state;

	rig->params.login = false;
	rig_begin(rig);
	rig_lcp_up(rig);
	ppp_proxy_refuse(rig->proxy, rig->now, "no");
	rig_drain(rig);
	rig_failed(rig, L2TP_PPP_CAUSE_AUTH_FAILED, "login refused");
	rig_expect(rig, PPP_PROTO_LCP, CP_TERMREQ, NULL);
	rig_expect_nothing(rig);
}

static void test_names(void **state)
{
	static const char *const names[] = { "lcp", "login", "held", "handed-over", "closing",
		"closed", "unknown" };

	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_string_equal(ppp_phase_name((enum ppp_phase)i), names[i]);
	assert_string_equal(ppp_method_name(PPP_METHOD_MSCHAPV2), "mschapv2");
	assert_string_equal(ppp_method_name(PPP_METHOD_CHAP_MD5), "chap-md5");
	assert_string_equal(ppp_method_name(PPP_METHOD_PAP), "pap");
	assert_string_equal(ppp_method_name((enum ppp_method)PPP_METHOD_COUNT), "unknown");
	ppp_proxy_free(NULL);
	rig_begin(*state);
}

static void test_info(void **state)
{
	struct ppp_rig *rig = *state;

	rig_begin(rig);
	assert_int_equal(info(rig).lcp, AUT_REQ_SENT);
	assert_true(info(rig).has_method);
	assert_int_equal(info(rig).method, PPP_METHOD_MSCHAPV2);
	rig_lcp_up(rig);
	assert_int_equal(info(rig).lcp, AUT_OPENED);
	assert_int_equal(info(rig).phase, PPP_PHASE_LOGIN);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_frames_wait_in_order),
		TEST(test_replies_to_us_do_not_wait),
		TEST(test_echo_while_it_waits),
		TEST(test_request_is_repeated_while_it_waits),
		TEST(test_queue_is_bounded_by_count),
		TEST(test_queue_is_bounded_by_octets),
		TEST(test_bounds_can_be_set),
		TEST(test_overlong_frames_do_not_wait),
		TEST(test_hand_over_too_early),
		TEST(test_nothing_after_the_hand_over),
		TEST(test_client_goes_while_the_tunnel_is_set_up),
		TEST(test_close),
		TEST(test_close_at_once),
		TEST(test_a_long_text_is_cut),
		TEST(test_refuse_pap),
		TEST(test_refuse_chap),
		TEST(test_refuse_mschapv2),
		TEST(test_refuse_with_a_long_message),
		TEST(test_refuse_without_a_login),
		TEST(test_refuse_after_lcp_only),
		TEST(test_names),
		TEST(test_info),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
