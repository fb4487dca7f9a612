/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How calls end: RFC 2661 5.6, 6.12, 7.4, 7.5. */
#include "core_calls.h"
#include "core_rig.h"

#include <errno.h>

static void test_peer_hangs_up(void **state)
{
	struct rig *rig = *state;
	struct l2tp_msg bye = peer_cdn(PEER_SID, L2TP_CDN_LOST_CARRIER, "modem\x1b[31m");
	uint16_t sid;

	rig_tunnel_by_us(rig);
	sid = call_by_us(rig);
	peer_say(rig, &bye, sid);
	assert_int_equal(call_down(rig)->who, L2TP_WHO_PEER);
	assert_int_equal(call_down(rig)->result, L2TP_CDN_LOST_CARRIER);
	assert_false(call_down(rig)->stopccn);
	assert_string_equal(call_down(rig)->text, "modem?[31m");
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_ZLB), 1);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_CDN), 0);
	call_only_over(rig, sid);
}

static void test_peers_error_code_is_told_in_words(void **state)
{
	struct rig *rig = *state;
	struct l2tp_msg bye = peer_cdn(PEER_SID, L2TP_CDN_ERROR, "");
	uint16_t sid;

	rig_tunnel_by_us(rig);
	sid = call_by_us(rig);
	bye.error = L2TP_ERR_RESOURCES;
	peer_say(rig, &bye, sid);
	assert_int_equal(call_down(rig)->error, L2TP_ERR_RESOURCES);
	assert_string_equal(call_down(rig)->text, l2tp_error_name(L2TP_ERR_RESOURCES));
}

static void test_ppp_cause_both_ways(void **state)
{
	struct rig *rig = *state;
	struct l2tp_msg bye = peer_cdn(PEER_SID, L2TP_CDN_ADMIN, "");
	struct l2tp_reason why = { .result = L2TP_CDN_ADMIN, .ppp_cause = 13 };
	uint16_t sid;

	rig_tunnel_by_us(rig);
	sid = call_by_us(rig);
	bye.ppp_cause = 14;
	bye.ppp_cause_text = l2tp_span_of("wrong password");
	l2tp_msg_set(&bye, L2TP_AVP_PPP_DISCONNECT_CAUSE);
	peer_say(rig, &bye, sid);
	assert_int_equal(call_down(rig)->ppp_cause, 14);
	assert_string_equal(call_down(rig)->text, "wrong password");
	sid = call_by_us(rig);
	call_close(rig, sid, &why);
	assert_int_equal(rig_sent(rig, L2TP_MSG_CDN)->msg.ppp_cause, 13);
	assert_int_equal(call_down(rig)->ppp_cause, 13);
}

static void test_pitfall_14_cdn_to_session_0(void **state)
{
	struct rig *rig = *state;
	struct l2tp_msg other = peer_cdn(PEER_SID + 7, 1, ""), bye = peer_cdn(PEER_SID, 1, "");
	uint16_t sid;

	rig_tunnel_by_peer(rig);
	sid = call_by_peer(rig);
	peer_say(rig, &other, 0);
	assert_int_equal(rig_count(rig, L2TP_EFFECT_SESSION_DOWN), 0);
	peer_say(rig, &bye, 0);
	call_only_over(rig, sid);
}

static void test_pitfall_24_late_messages_are_only_acked(void **state)
{
	static const enum l2tp_msg_type types[] = { L2TP_MSG_ICCN, L2TP_MSG_OCCN, L2TP_MSG_CDN,
		L2TP_MSG_WEN, L2TP_MSG_SLI };
	struct rig *rig = *state;

	rig_tunnel_by_us(rig);
	for (unsigned i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		struct l2tp_msg msg = peer_cdn(PEER_SID, 1, "");

		msg.type = (uint16_t)types[i];
		peer_say(rig, &msg, 4711);
		assert_int_equal(rig_sent_count(rig, L2TP_MSG_ZLB), i + 1);
	}
	assert_int_equal(rig_count(rig, L2TP_EFFECT_SEND), 5);
	rig_state(rig, L2TP_TUNNEL_ESTABLISHED);
}

static void test_pitfall_24_out_of_state_costs_that_call_only(void **state)
{
	struct rig *rig = *state;
	struct l2tp_msg icrp = peer_with_sid(L2TP_MSG_ICRP, PEER_SID);
	uint16_t sid, other;

	rig_tunnel_by_us(rig);
	other = call_by_us(rig);
	sid = call_by_us(rig);
	peer_say(rig, &icrp, sid);
	assert_int_equal(rig_sent(rig, L2TP_MSG_CDN)->msg.result, L2TP_CDN_ERROR);
	assert_string_equal(call_down(rig)->text, "ICRP in state established");
	call_only_over(rig, sid);
	assert_int_equal(call_info(rig, other).state, L2TP_SESSION_ESTABLISHED);
}

/* A session of another tunnel, though its number is right. */
static void test_session_of_another_tunnel(void **state)
{
	struct rig *rig = *state;
	struct l2tp_msg bye = peer_cdn(PEER_SID, 1, "");
	struct l2tp_session_info info;
	uint16_t first, sid;

	rig_tunnel_by_us(rig);
	first = rig->tid;
	sid = call_by_us(rig);
	l2tp_addr_set_port(&rig->path.peer, 7000);
	rig->peer_ns = rig->peer_nr = 0;
	rig_tunnel_by_us(rig);
	peer_say(rig, &bye, sid);
	assert_int_equal(rig_count(rig, L2TP_EFFECT_SESSION_DOWN), 0);
	assert_true(l2tp_core_session_info(rig->core, first, sid, &info));
	assert_false(l2tp_core_session_info(rig->core, rig->tid, sid, &info));
}

static void test_pitfall_05_unknown_mandatory_avp_costs_the_call_only(void **state)
{
	static const uint8_t avp[] = { 0x80, 8, 0, 0, 0, 99, 1, 2 };
	struct rig *rig = *state;
	struct l2tp_msg request = peer_icrq(PEER_SID, 1);
	uint8_t buf[256];
	size_t len;

	rig_tunnel_by_peer(rig);
	len = peer_encode(rig, &request, rig->tid, 0, rig->peer_ns++, rig->peer_nr, buf, 200);
	memcpy(buf + len, avp, sizeof(avp));
	buf[3] = (uint8_t)(len + sizeof(avp));
	peer_bytes(rig, buf, len + sizeof(avp));
	assert_int_equal(rig_sent(rig, L2TP_MSG_CDN)->msg.result, L2TP_CDN_ERROR);
	assert_int_equal(rig_sent(rig, L2TP_MSG_CDN)->msg.error, L2TP_ERR_UNKNOWN_AVP);
	assert_int_equal(rig_sent(rig, L2TP_MSG_CDN)->msg.hdr.sid, PEER_SID);
	assert_int_equal(rig_sent(rig, L2TP_MSG_CDN)->msg.hdr.nr, rig->peer_ns);
	assert_int_equal(rig_count(rig, L2TP_EFFECT_SESSION_OFFER), 0);
	rig_state(rig, L2TP_TUNNEL_ESTABLISHED);
}

static void test_bad_icrp_costs_the_call_only(void **state)
{
	struct rig *rig = *state;
	struct l2tp_call_params params = { 0 };
	struct l2tp_msg icrp = peer_msg(L2TP_MSG_ICRP);
	uint16_t sid;

	rig_tunnel_by_us(rig);
	sid = call_place(rig, &params);
	peer_say(rig, &icrp, sid);
	assert_int_equal(rig_sent(rig, L2TP_MSG_CDN)->msg.error, L2TP_ERR_VALUE);
	call_only_over(rig, sid);
}

static void test_pitfall_32_wen_and_sli_are_acked(void **state)
{
	struct rig *rig = *state;
	struct l2tp_msg wen = peer_msg(L2TP_MSG_WEN), sli = peer_msg(L2TP_MSG_SLI);
	uint16_t sid;

	rig_tunnel_by_us(rig);
	sid = call_by_us(rig);
	l2tp_msg_set(&wen, L2TP_AVP_CALL_ERRORS);
	l2tp_msg_set(&sli, L2TP_AVP_ACCM);
	peer_say(rig, &wen, sid);
	peer_say(rig, &sli, sid);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_ZLB), 2);
	assert_int_equal(call_info(rig, sid).state, L2TP_SESSION_ESTABLISHED);
}

static void test_pitfall_22_stopccn_clears_all_calls(void **state)
{
	struct rig *rig = *state;
	struct l2tp_msg stop = peer_cdn(PEER_SID, L2TP_STOPCCN_SHUTDOWN, "maintenance");

	rig_tunnel_by_us(rig);
	call_by_us(rig);
	call_by_us(rig);
	stop.type = L2TP_MSG_STOPCCN;
	stop.assigned_tid = PEER_TID;
	l2tp_msg_set(&stop, L2TP_AVP_ASSIGNED_TUNNEL_ID);
	peer_say(rig, &stop, 0);
	assert_int_equal(rig_count(rig, L2TP_EFFECT_SESSION_DOWN), 2);
	assert_int_equal(rig_count(rig, L2TP_EFFECT_TUNNEL_DOWN), 1);
	assert_string_equal(call_down(rig)->text, "maintenance");
	assert_true(call_down(rig)->stopccn);
	assert_true(rig_place(rig, L2TP_EFFECT_SESSION_DOWN, 0) <
		    rig_place(rig, L2TP_EFFECT_TUNNEL_DOWN, 0));
	/* not one CDN is needed */
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_CDN), 0);
}

static void test_our_stopccn_needs_no_cdn(void **state)
{
	struct rig *rig = *state;
	struct l2tp_reason why = { .stopccn = true, .result = 6, .text = "shutdown" };

	rig_tunnel_by_us(rig);
	call_by_us(rig);
	call_by_us(rig);
	l2tp_core_close_tunnel(rig->core, rig->now, rig->tid, &why);
	rig_drain(rig);
	assert_int_equal(rig_count(rig, L2TP_EFFECT_SEND), 1);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_STOPCCN), 1);
	assert_int_equal(rig_count(rig, L2TP_EFFECT_SESSION_DOWN), 2);
	assert_string_equal(call_down(rig)->text, "shutdown");
}

static void test_linger_starts_with_the_last_call(void **state)
{
	struct rig *rig = *state;
	struct l2tp_reason why = { 0 };
	uint16_t first, second;

	rig->params.linger = 10 * SEC;
	rig_tunnel_by_us(rig);
	first = call_by_us(rig);
	second = call_by_us(rig);
	rig_wait(rig, 20 * SEC);
	call_close(rig, first, &why);
	peer_ack(rig);
	rig_wait(rig, 20 * SEC);
	rig_state(rig, L2TP_TUNNEL_ESTABLISHED);
	call_close(rig, second, &why);
	peer_ack(rig);
	rig_wait(rig, 9 * SEC);
	rig_state(rig, L2TP_TUNNEL_ESTABLISHED);
	rig_wait(rig, SEC);
	rig_state(rig, L2TP_TUNNEL_CLOSING);
}

static void test_walk(void **state)
{
	struct rig *rig = *state;
	struct l2tp_call_params params = { 0 };
	unsigned count = 0;
	uint16_t sid = 0, last = 0;

	rig_tunnel_by_us(rig);
	for (unsigned i = 0; i < 3; i++)
		call_place(rig, &params);
	while ((sid = l2tp_core_next_session(rig->core, rig->tid, sid))) {
		assert_true(sid > last);
		last = sid;
		count++;
	}
	assert_int_equal(count, 3);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, call_setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_peer_hangs_up),
		TEST(test_peers_error_code_is_told_in_words),
		TEST(test_ppp_cause_both_ways),
		TEST(test_pitfall_14_cdn_to_session_0),
		TEST(test_pitfall_24_late_messages_are_only_acked),
		TEST(test_pitfall_24_out_of_state_costs_that_call_only),
		TEST(test_session_of_another_tunnel),
		TEST(test_pitfall_05_unknown_mandatory_avp_costs_the_call_only),
		TEST(test_bad_icrp_costs_the_call_only),
		TEST(test_pitfall_32_wen_and_sli_are_acked),
		TEST(test_pitfall_22_stopccn_clears_all_calls),
		TEST(test_our_stopccn_needs_no_cdn),
		TEST(test_linger_starts_with_the_last_call),
		TEST(test_walk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
