/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Incoming calls in both roles: RFC 2661 5.2, 5.6, 6.6 to 6.8, 7.4. */
#include "core_calls.h"
#include "core_rig.h"

#include <errno.h>

/* --- we are the LAC --- */

static void test_lac_incoming(void **state)
{
	struct rig *rig = *state;
	struct l2tp_call_params params = { .calling = "100", .called = "200", .cookie = 55 };
	struct l2tp_msg icrp = peer_with_sid(L2TP_MSG_ICRP, PEER_SID);
	const struct l2tp_effect *create;
	const struct l2tp_msg *msg;
	uint16_t sid;

	rig_tunnel_by_us(rig);
	sid = call_place(rig, &params);
	msg = &rig_sent(rig, L2TP_MSG_ICRQ)->msg;
	assert_int_equal(msg->hdr.tid, PEER_TID);
	assert_int_equal(msg->hdr.sid, 0);
	assert_int_equal(msg->assigned_sid, sid);
	assert_memory_equal(msg->calling_number.data, "100", 3);
	assert_memory_equal(msg->called_number.data, "200", 3);
	assert_false(l2tp_msg_has(msg, L2TP_AVP_BEARER_TYPE));
	peer_say(rig, &icrp, sid);
	create = &rig_last(rig, L2TP_EFFECT_SESSION_CREATE)->effect;
	assert_int_equal(create->create.role, L2TP_ROLE_LAC);
	assert_int_equal(create->create.peer_tid, PEER_TID);
	assert_int_equal(create->create.peer_sid, PEER_SID);
	assert_int_equal(create->session_cookie, 55);
	/* pitfall 30: nothing is told to the peer before the kernel is ready for its data */
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_ICCN), 0);
	call_ready(rig, sid, 0);
	msg = &rig_sent(rig, L2TP_MSG_ICCN)->msg;
	assert_int_equal(msg->hdr.sid, PEER_SID);
	assert_int_equal(msg->tx_speed, 10000000);
	assert_int_equal(msg->framing_type, L2TP_FRAMING_SYNC);
	assert_false(l2tp_msg_has(msg, L2TP_AVP_RX_CONNECT_SPEED));
	assert_false(l2tp_msg_has(msg, L2TP_AVP_SEQUENCING_REQUIRED));
	/* and the acknowledgement of ICRP rides on it */
	assert_int_equal(msg->hdr.nr, rig->peer_ns);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_ZLB), 0);
	assert_int_equal(rig_count(rig, L2TP_EFFECT_SESSION_UP), 1);
}

static void test_pitfall_28_sequencing_required(void **state)
{
	struct rig *rig = *state;
	struct l2tp_call_params params = { .require_seq = true, .rx_speed = 128000 };
	struct l2tp_msg icrp = peer_with_sid(L2TP_MSG_ICRP, PEER_SID);
	uint16_t sid;

	rig_tunnel_by_us(rig);
	sid = call_place(rig, &params);
	peer_say(rig, &icrp, sid);
	assert_true(rig_last(rig, L2TP_EFFECT_SESSION_CREATE)->effect.create.send_seq);
	assert_true(rig_last(rig, L2TP_EFFECT_SESSION_CREATE)->effect.create.require_seq);
	call_ready(rig, sid, 0);
	assert_true(l2tp_msg_has(&rig_sent(rig, L2TP_MSG_ICCN)->msg, L2TP_AVP_SEQUENCING_REQUIRED));
	assert_int_equal(rig_sent(rig, L2TP_MSG_ICCN)->msg.rx_speed, 128000);
}

static void test_calls_wait_for_the_tunnel_and_keep_their_order(void **state)
{
	struct rig *rig = *state;
	struct l2tp_call_params params = { 0 };
	struct l2tp_msg sccrp = peer_sccrp();
	uint16_t first, second;
	uint32_t serial;

	rig_we_open(rig);
	first = call_place(rig, &params);
	second = call_place(rig, &params);
	assert_int_equal(call_info(rig, first).state, L2TP_SESSION_WAIT_TUNNEL);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_ICRQ), 0);
	peer_say(rig, &sccrp, 0);
	/* SCCCN and the first ICRQ in one go: no round trip is wasted */
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_ICRQ), 1);
	assert_int_equal(rig_sent(rig, L2TP_MSG_ICRQ)->msg.assigned_sid, first);
	serial = rig_sent(rig, L2TP_MSG_ICRQ)->msg.call_serial;
	peer_ack(rig);
	assert_int_equal(rig_sent(rig, L2TP_MSG_ICRQ)->msg.assigned_sid, second);
	/* pitfall 34: unique and increasing */
	assert_int_equal(rig_sent(rig, L2TP_MSG_ICRQ)->msg.call_serial, serial + 1);
	assert_int_not_equal(serial, 0);
}

static void test_call_timeout_is_cdn_10_of_that_call(void **state)
{
	struct rig *rig = *state;
	struct l2tp_call_params params = { .setup_timeout = 5 * SEC };
	uint16_t sid;

	rig_tunnel_by_us(rig);
	sid = call_place(rig, &params);
	peer_ack(rig);
	rig_wait(rig, 5 * SEC);
	assert_int_equal(rig_sent(rig, L2TP_MSG_CDN)->msg.result, L2TP_CDN_TIMEOUT);
	assert_int_equal(rig_sent(rig, L2TP_MSG_CDN)->msg.assigned_sid, sid);
	assert_int_equal(rig_sent(rig, L2TP_MSG_CDN)->msg.hdr.sid, 0);
	assert_int_equal(call_down(rig)->who, L2TP_WHO_TIMEOUT);
	call_only_over(rig, sid);
}

static void test_late_icrp_gets_a_cdn_it_can_read(void **state)
{
	struct rig *rig = *state;
	struct l2tp_call_params params = { 0 };
	struct l2tp_reason why = { 0 };
	struct l2tp_msg icrp = peer_with_sid(L2TP_MSG_ICRP, PEER_SID);
	uint16_t sid;

	rig_tunnel_by_us(rig);
	sid = call_place(rig, &params);
	call_close(rig, sid, &why);
	assert_int_equal(rig_sent(rig, L2TP_MSG_CDN)->msg.hdr.sid, 0);
	assert_int_equal(call_down(rig)->result, L2TP_CDN_ADMIN);
	peer_say(rig, &icrp, sid);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_CDN), 2);
	assert_int_equal(rig_sent(rig, L2TP_MSG_CDN)->msg.hdr.sid, PEER_SID);
	call_only_over(rig, sid);
}

static void test_kernel_error_is_cdn_2_4(void **state)
{
	struct rig *rig = *state;
	struct l2tp_call_params params = { 0 };
	struct l2tp_msg icrp = peer_with_sid(L2TP_MSG_ICRP, PEER_SID);
	uint16_t sid;

	rig_tunnel_by_us(rig);
	sid = call_place(rig, &params);
	peer_say(rig, &icrp, sid);
	call_ready(rig, sid, -ENODEV);
	assert_int_equal(rig_sent(rig, L2TP_MSG_CDN)->msg.result, L2TP_CDN_ERROR);
	assert_int_equal(rig_sent(rig, L2TP_MSG_CDN)->msg.error, L2TP_ERR_RESOURCES);
	assert_int_equal(rig_sent(rig, L2TP_MSG_CDN)->msg.hdr.sid, PEER_SID);
	assert_string_equal(call_down(rig)->text, "no such device");
	call_only_over(rig, sid);
	/* an answer that comes twice finds nothing */
	call_ready(rig, sid, 0);
	assert_int_equal(rig_count(rig, L2TP_EFFECT_SESSION_UP), 0);
}

static void test_last_waiting_call_takes_the_tunnel_along(void **state)
{
	struct rig *rig = *state;
	struct l2tp_call_params params = { 0 };
	struct l2tp_reason why = { .result = L2TP_CDN_ADMIN, .text = "not any more" };
	uint16_t first, second;

	rig_we_open(rig);
	first = call_place(rig, &params);
	second = call_place(rig, &params);
	call_close(rig, first, &why);
	rig_state(rig, L2TP_TUNNEL_WAIT_CTL_REPLY);
	/* the peer never heard of it */
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_CDN), 0);
	call_close(rig, second, &why);
	rig_state(rig, L2TP_TUNNEL_CLOSING);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_STOPCCN), 1);
	assert_true(rig_place(rig, L2TP_EFFECT_SESSION_DOWN, 0) <
		    rig_place(rig, L2TP_EFFECT_TUNNEL_DOWN, 0));
	assert_string_equal(
		rig_last(rig, L2TP_EFFECT_TUNNEL_DOWN)->effect.reason.text, "not any more");
}

static void test_number_too_long_for_an_avp(void **state)
{
	struct rig *rig = *state;
	char number[1100];
	struct l2tp_call_params params = { .called = number };
	uint16_t sid;

	memset(number, '1', sizeof(number) - 1);
	number[sizeof(number) - 1] = '\0';
	rig_tunnel_by_us(rig);
	sid = call_place(rig, &params);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_ICRQ), 0);
	assert_int_equal(call_down(rig)->error, L2TP_ERR_LENGTH);
	call_only_over(rig, sid);
}

/* --- we are the LNS --- */

static void test_lns_incoming(void **state)
{
	struct rig *rig = *state;
	struct l2tp_msg request = peer_icrq(PEER_SID, 1234), iccn = peer_connected(L2TP_MSG_ICCN);
	const struct seen *offer;
	uint16_t sid;

	rig_tunnel_by_peer(rig);
	request.calling_number = l2tp_span_of("100\n");
	l2tp_msg_set(&request, L2TP_AVP_CALLING_NUMBER);
	peer_say(rig, &request, 0);
	offer = rig_last(rig, L2TP_EFFECT_SESSION_OFFER);
	sid = offer->effect.sid;
	assert_int_equal(offer->effect.offer.role, L2TP_ROLE_LNS);
	assert_int_equal(offer->effect.offer.serial, 1234);
	assert_string_equal(offer->calling, "100?");
	assert_string_equal(offer->called, "");
	assert_int_equal(rig_count(rig, L2TP_EFFECT_SEND), 0);
	call_accept(rig, sid);
	assert_int_equal(
		rig_last(rig, L2TP_EFFECT_SESSION_CREATE)->effect.create.peer_sid, PEER_SID);
	assert_int_equal(rig_last(rig, L2TP_EFFECT_SESSION_CREATE)->effect.session_cookie, 99);
	/* pitfall 30 */
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_ICRP), 0);
	call_ready(rig, sid, 0);
	assert_int_equal(rig_sent(rig, L2TP_MSG_ICRP)->msg.assigned_sid, sid);
	assert_int_equal(rig_sent(rig, L2TP_MSG_ICRP)->msg.hdr.sid, PEER_SID);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_ZLB), 0);
	l2tp_msg_set(&iccn, L2TP_AVP_SEQUENCING_REQUIRED);
	peer_say(rig, &iccn, sid);
	assert_int_equal(rig_count(rig, L2TP_EFFECT_SESSION_UP), 1);
	assert_int_equal(call_info(rig, sid).tx_speed, 64000);
	/* pitfall 34: without Rx Connect Speed the call is symmetric */
	assert_int_equal(call_info(rig, sid).rx_speed, 64000);
	assert_true(call_info(rig, sid).require_seq);
	assert_int_equal(call_info(rig, sid).serial, 1234);
}

static void test_slow_policy_is_acked_meanwhile(void **state)
{
	struct rig *rig = *state;
	struct l2tp_msg first = peer_icrq(PEER_SID, 1), second = peer_icrq(PEER_SID + 1, 2);

	rig_tunnel_by_peer(rig);
	peer_say(rig, &first, 0);
	rig_wait(rig, 19 * MSEC);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_ZLB), 0);
	rig_wait(rig, MSEC);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_ZLB), 1);
	peer_say(rig, &second, 0);
	rig_wait(rig, 20 * MSEC);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_ZLB), 2);
	/* a wait of ours has no deadline, nothing more happens */
	rig_wait(rig, 30 * SEC);
	assert_int_equal(rig_count(rig, L2TP_EFFECT_SESSION_DOWN), 0);
}

static void test_answers_out_of_turn_are_ignored(void **state)
{
	struct rig *rig = *state;
	struct l2tp_msg request = peer_icrq(PEER_SID, 1);
	uint16_t sid;

	rig_tunnel_by_peer(rig);
	peer_say(rig, &request, 0);
	sid = call_offered(rig);
	call_ready(rig, sid, 0);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_ICRP), 0);
	call_ready(rig, sid, -ENODEV);
	assert_int_equal(rig_count(rig, L2TP_EFFECT_SESSION_DOWN), 0);
	call_accept(rig, sid);
	call_accept(rig, sid);
	assert_int_equal(rig_count(rig, L2TP_EFFECT_SESSION_CREATE), 1);
	call_ready(rig, sid, 0);
	call_ready(rig, sid, -ENODEV);
	call_accept(rig, sid);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_ICRP), 1);
	assert_int_equal(rig_count(rig, L2TP_EFFECT_SESSION_DOWN), 0);
}

static void test_refused_by_policy(void **state)
{
	struct rig *rig = *state;
	struct l2tp_msg request = peer_icrq(PEER_SID, 1);
	struct l2tp_reason why = { .result = L2TP_CDN_BUSY, .text = "no pool left" };
	uint16_t sid;

	rig_tunnel_by_peer(rig);
	peer_say(rig, &request, 0);
	sid = call_offered(rig);
	call_close(rig, sid, &why);
	assert_int_equal(rig_sent(rig, L2TP_MSG_CDN)->msg.result, L2TP_CDN_BUSY);
	assert_int_equal(rig_sent(rig, L2TP_MSG_CDN)->msg.hdr.sid, PEER_SID);
	call_only_over(rig, sid);
	call_accept(rig, sid);
	assert_int_equal(rig_count(rig, L2TP_EFFECT_SESSION_CREATE), 0);
}

static void test_iccn_never_comes(void **state)
{
	struct rig *rig = *state;
	struct l2tp_msg request = peer_icrq(PEER_SID, 1);
	uint16_t sid;

	rig_tunnel_by_peer(rig);
	peer_say(rig, &request, 0);
	sid = call_offered(rig);
	call_accept(rig, sid);
	call_ready(rig, sid, 0);
	peer_ack(rig);
	rig_wait(rig, 30 * SEC);
	peer_ack(rig);
	rig_wait(rig, 30 * SEC);
	assert_int_equal(rig_sent(rig, L2TP_MSG_CDN)->msg.result, L2TP_CDN_TIMEOUT);
	call_only_over(rig, sid);
}

static void test_iccn_with_unknown_framing(void **state)
{
	struct rig *rig = *state;
	struct l2tp_msg request = peer_icrq(PEER_SID, 1), iccn = peer_connected(L2TP_MSG_ICCN);
	uint16_t sid;

	rig_tunnel_by_peer(rig);
	peer_say(rig, &request, 0);
	sid = call_offered(rig);
	call_accept(rig, sid);
	call_ready(rig, sid, 0);
	iccn.framing_type = 4;
	peer_say(rig, &iccn, sid);
	assert_int_equal(rig_sent(rig, L2TP_MSG_CDN)->msg.result, L2TP_CDN_NO_FRAMING);
	call_only_over(rig, sid);
}

static void test_session_limit(void **state)
{
	struct rig *rig = *state;
	struct l2tp_call_params params = { 0 };

	rig_tunnel_by_peer(rig);
	for (uint16_t i = 0; i < 4; i++) {
		struct l2tp_msg request = peer_icrq((uint16_t)(PEER_SID + i), i);

		peer_say(rig, &request, 0);
	}
	assert_int_equal(rig_count(rig, L2TP_EFFECT_SESSION_OFFER), 3);
	assert_int_equal(rig_sent(rig, L2TP_MSG_CDN)->msg.result, L2TP_CDN_NO_FACILITY_TEMP);
	assert_int_equal(rig_sent(rig, L2TP_MSG_CDN)->msg.hdr.sid, PEER_SID + 3);
	assert_int_not_equal(rig_sent(rig, L2TP_MSG_CDN)->msg.assigned_sid, 0);
	assert_int_equal(rig_count(rig, L2TP_EFFECT_SESSION_DOWN), 0);
	assert_int_equal(l2tp_core_place_call(rig->core, rig->now, rig->tid, &params), -ENOSPC);
}

static void test_request_before_the_tunnel_is_established(void **state)
{
	struct rig *rig = *state;
	struct l2tp_msg request = peer_icrq(PEER_SID, 1);

	rig->params.secret = rig_secret;
	rig_peer_requests(rig);
	peer_say(rig, &request, 0);
	assert_int_equal(rig_count(rig, L2TP_EFFECT_SESSION_OFFER), 0);
	peer_ack(rig);
	assert_int_equal(rig_sent(rig, L2TP_MSG_CDN)->msg.error, L2TP_ERR_NO_CONNECTION);
	rig_state(rig, L2TP_TUNNEL_WAIT_CTL_CONN);
}

static void test_request_to_a_session_that_is_none(void **state)
{
	struct rig *rig = *state;
	struct l2tp_msg request = peer_icrq(PEER_SID, 1);

	rig_tunnel_by_peer(rig);
	peer_say(rig, &request, 4711);
	assert_int_equal(rig_sent(rig, L2TP_MSG_CDN)->msg.error, L2TP_ERR_SESSION_ID);
	assert_int_equal(rig_count(rig, L2TP_EFFECT_SESSION_OFFER), 0);
}

/* The offer outlives its session in the queue, and so do its strings. */
static void test_offer_withdrawn_in_the_same_datagram_order(void **state)
{
	struct rig *rig = *state;
	struct l2tp_msg request = peer_icrq(PEER_SID, 1),
			bye = peer_cdn(PEER_SID, 1, "caller hung up");

	rig_tunnel_by_peer(rig);
	request.called_number = l2tp_span_of("0800");
	l2tp_msg_set(&request, L2TP_AVP_CALLED_NUMBER);
	peer_say_numbered(rig, &bye, rig->tid, 0, (uint16_t)(rig->peer_ns + 1), rig->peer_nr);
	peer_say(rig, &request, 0);
	assert_string_equal(rig_last(rig, L2TP_EFFECT_SESSION_OFFER)->called, "0800");
	assert_string_equal(call_down(rig)->text, "caller hung up");
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_ZLB), 1);
	call_accept(rig, call_offered(rig));
	assert_int_equal(rig_count(rig, L2TP_EFFECT_SESSION_CREATE), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, call_setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_lac_incoming),
		TEST(test_pitfall_28_sequencing_required),
		TEST(test_calls_wait_for_the_tunnel_and_keep_their_order),
		TEST(test_call_timeout_is_cdn_10_of_that_call),
		TEST(test_late_icrp_gets_a_cdn_it_can_read),
		TEST(test_kernel_error_is_cdn_2_4),
		TEST(test_last_waiting_call_takes_the_tunnel_along),
		TEST(test_number_too_long_for_an_avp),
		TEST(test_lns_incoming),
		TEST(test_slow_policy_is_acked_meanwhile),
		TEST(test_answers_out_of_turn_are_ignored),
		TEST(test_refused_by_policy),
		TEST(test_iccn_never_comes),
		TEST(test_iccn_with_unknown_framing),
		TEST(test_session_limit),
		TEST(test_request_before_the_tunnel_is_established),
		TEST(test_request_to_a_session_that_is_none),
		TEST(test_offer_withdrawn_in_the_same_datagram_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
