/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Outgoing calls in both roles: RFC 2661 5.2, 6.9 to 6.11, 7.5. */
#include "core_calls.h"
#include "core_rig.h"

#include <errno.h>

static void test_lns_outgoing(void **state)
{
	struct rig *rig = *state;
	struct l2tp_call_params params = { .outgoing = true, .called = "0551", .sub_address = "7" };
	struct l2tp_msg ocrp = peer_with_sid(L2TP_MSG_OCRP, PEER_SID),
			occn = peer_connected(L2TP_MSG_OCCN);
	const struct l2tp_msg *msg;
	uint16_t sid;

	rig_tunnel_by_us(rig);
	sid = call_place(rig, &params);
	msg = &rig_sent(rig, L2TP_MSG_OCRQ)->msg;
	assert_int_equal(msg->minimum_bps, 0);
	assert_int_equal(msg->maximum_bps, 0x7fffffff);
	/* pitfall 31: no more than the peer announced */
	assert_int_equal(msg->bearer_type, L2TP_BEARER_DIGITAL);
	assert_int_equal(msg->framing_type, L2TP_FRAMING_SYNC);
	assert_memory_equal(msg->called_number.data, "0551", 4);
	assert_memory_equal(msg->sub_address.data, "7", 1);
	peer_say(rig, &ocrp, sid);
	/* made while the LAC dials: data may follow OCCN at once */
	assert_int_equal(
		rig_last(rig, L2TP_EFFECT_SESSION_CREATE)->effect.create.role, L2TP_ROLE_LNS);
	assert_int_equal(call_info(rig, sid).state, L2TP_SESSION_WAIT_CONNECT);
	call_ready(rig, sid, 0);
	assert_int_equal(rig_count(rig, L2TP_EFFECT_SESSION_UP), 0);
	peer_say(rig, &occn, sid);
	assert_int_equal(rig_count(rig, L2TP_EFFECT_SESSION_UP), 1);
	assert_int_equal(call_info(rig, sid).tx_speed, 64000);
}

/* mpd answers OCRP and OCCN in one breath. */
static void test_lns_outgoing_occn_before_our_kernel(void **state)
{
	struct rig *rig = *state;
	struct l2tp_call_params params = { .outgoing = true };
	struct l2tp_msg ocrp = peer_with_sid(L2TP_MSG_OCRP, PEER_SID),
			occn = peer_connected(L2TP_MSG_OCCN);
	uint16_t sid;

	rig_tunnel_by_us(rig);
	sid = call_place(rig, &params);
	assert_int_equal(rig_sent(rig, L2TP_MSG_OCRQ)->msg.called_number.len, 0);
	peer_say(rig, &ocrp, sid);
	l2tp_msg_set(&occn, L2TP_AVP_SEQUENCING_REQUIRED);
	peer_say(rig, &occn, sid);
	assert_int_equal(call_info(rig, sid).state, L2TP_SESSION_WAIT_LOCAL);
	assert_int_equal(rig_count(rig, L2TP_EFFECT_SESSION_UP), 0);
	call_ready(rig, sid, 0);
	assert_int_equal(rig_count(rig, L2TP_EFFECT_SESSION_UP), 1);
	assert_true(call_info(rig, sid).require_seq);
}

static void test_pitfall_31_peer_without_bearer(void **state)
{
	struct rig *rig = *state;
	struct l2tp_call_params params = { .outgoing = true };
	struct l2tp_msg sccrp = peer_sccrp();

	sccrp.present &= ~(UINT64_C(1) << L2TP_AVP_BEARER_CAP);
	rig_we_open(rig);
	call_place(rig, &params);
	peer_say(rig, &sccrp, 0);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_OCRQ), 0);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_CDN), 0);
	assert_int_equal(rig_count(rig, L2TP_EFFECT_SESSION_DOWN), 1);
	assert_int_equal(l2tp_core_place_call(rig->core, rig->now, rig->tid, &params), -EOPNOTSUPP);
}

static void test_lac_outgoing(void **state)
{
	struct rig *rig = *state;
	struct l2tp_msg request = peer_ocrq();
	uint16_t sid;

	rig_tunnel_by_peer(rig);
	peer_say(rig, &request, 0);
	sid = call_offered(rig);
	assert_int_equal(
		rig_last(rig, L2TP_EFFECT_SESSION_OFFER)->effect.offer.role, L2TP_ROLE_LAC);
	assert_string_equal(rig_last(rig, L2TP_EFFECT_SESSION_OFFER)->called, "0551 123");
	call_accept(rig, sid);
	assert_int_equal(rig_sent(rig, L2TP_MSG_OCRP)->msg.assigned_sid, sid);
	assert_int_equal(call_info(rig, sid).state, L2TP_SESSION_WAIT_CS_ANSWER);
	peer_ack(rig);
	/* dialling takes its time */
	rig_wait(rig, 59 * SEC);
	call_ready(rig, sid, 0);
	assert_int_equal(rig_sent(rig, L2TP_MSG_OCCN)->msg.framing_type, L2TP_FRAMING_SYNC);
	assert_int_equal(rig_sent(rig, L2TP_MSG_OCCN)->msg.hdr.sid, PEER_SID);
	assert_int_equal(rig_count(rig, L2TP_EFFECT_SESSION_UP), 1);
}

static void test_pitfall_31_bearer_we_did_not_announce(void **state)
{
	struct rig *rig = *state;
	struct l2tp_msg request = peer_ocrq();

	rig->params.bearer_cap = L2TP_BEARER_ANALOG;
	rig_tunnel_by_peer(rig);
	peer_say(rig, &request, 0);
	assert_int_equal(rig_sent(rig, L2TP_MSG_CDN)->msg.result, L2TP_CDN_NO_FACILITY_PERM);
	assert_int_equal(rig_count(rig, L2TP_EFFECT_SESSION_OFFER), 0);
}

static void test_pitfall_31_framing_we_did_not_announce(void **state)
{
	struct rig *rig = *state;
	struct l2tp_msg request = peer_ocrq();

	rig->params.framing_cap = L2TP_FRAMING_SYNC;
	rig_tunnel_by_peer(rig);
	peer_say(rig, &request, 0);
	assert_int_equal(rig_sent(rig, L2TP_MSG_CDN)->msg.result, L2TP_CDN_NO_FACILITY_PERM);
	request.framing_type = L2TP_FRAMING_SYNC;
	peer_say(rig, &request, 0);
	assert_int_equal(rig_count(rig, L2TP_EFFECT_SESSION_OFFER), 1);
}

static void test_bearer_is_busy(void **state)
{
	struct rig *rig = *state;
	struct l2tp_msg request = peer_ocrq();
	struct l2tp_reason why = { .result = L2TP_CDN_BUSY };
	uint16_t sid;

	rig_tunnel_by_peer(rig);
	peer_say(rig, &request, 0);
	sid = call_offered(rig);
	call_accept(rig, sid);
	peer_ack(rig);
	call_close(rig, sid, &why);
	assert_int_equal(rig_sent(rig, L2TP_MSG_CDN)->msg.result, L2TP_CDN_BUSY);
	call_only_over(rig, sid);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, call_setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_lns_outgoing),
		TEST(test_lns_outgoing_occn_before_our_kernel),
		TEST(test_pitfall_31_peer_without_bearer),
		TEST(test_lac_outgoing),
		TEST(test_pitfall_31_bearer_we_did_not_announce),
		TEST(test_pitfall_31_framing_we_did_not_announce),
		TEST(test_bearer_is_busy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
