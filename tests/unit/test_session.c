// SPDX-License-Identifier: GPL-2.0-or-later
/* Calls: RFC 2661 5.2, 5.6, 6.6 to 6.14, 7.4, 7.5; both kinds in both roles. */
#include "core_rig.h"

#include <errno.h>

static const struct l2tp_limits few = {
	.max_tunnels = 8,
	.max_half_open = 5,
	.max_half_open_per_source = 5,
	.max_sessions_per_tunnel = 3,
	.id_quarantine = 60 * SEC,
};

static int setup(void **state)
{
	struct rig *rig = malloc(sizeof(*rig));

	assert_non_null(rig);
	rig_open_limits(rig, &few);
	*state = rig;
	return 0;
}

static int teardown(void **state)
{
	rig_close(*state);
	free(*state);
	return 0;
}

/* --- pieces ------------------------------------------------------------------------------------
 */

static uint16_t place(struct rig *rig, const struct l2tp_call_params *params)
{
	int sid = l2tp_core_place_call(rig->core, rig->now, rig->tid, params);

	assert_in_range(sid, 1, 65535);
	rig_drain(rig);
	return (uint16_t)sid;
}

static void ready(struct rig *rig, uint16_t sid, int error)
{
	l2tp_core_session_ready(
		rig->core, rig->now, rig->tid, sid, error, error ? "no such device" : NULL);
	rig_drain(rig);
}

static void accept_call(struct rig *rig, uint16_t sid)
{
	struct l2tp_call_params params = { .cookie = 99 };

	l2tp_core_accept_call(rig->core, rig->now, rig->tid, sid, &params);
	rig_drain(rig);
}

static void close_call(struct rig *rig, uint16_t sid, const struct l2tp_reason *why)
{
	l2tp_core_close_session(rig->core, rig->now, rig->tid, sid, why);
	rig_drain(rig);
}

static struct l2tp_session_info info_of(const struct rig *rig, uint16_t sid)
{
	struct l2tp_session_info info;

	assert_true(l2tp_core_session_info(rig->core, rig->tid, sid, &info));
	return info;
}

static const struct l2tp_reason *down(const struct rig *rig)
{
	return &rig_last(rig, L2TP_EFFECT_SESSION_DOWN)->effect.reason;
}

/* The call is over, its tunnel is not. */
static void assert_only_call_over(struct rig *rig, uint16_t sid)
{
	struct l2tp_session_info info;

	assert_int_equal(rig_count(rig, L2TP_EFFECT_SESSION_DOWN), 1);
	assert_false(l2tp_core_session_info(rig->core, rig->tid, sid, &info));
	assert_int_equal(rig_count(rig, L2TP_EFFECT_TUNNEL_DOWN), 0);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_STOPCCN), 0);
	rig_state(rig, L2TP_TUNNEL_ESTABLISHED);
}

/* Up as LAC: the peer's messages included. */
static uint16_t call_by_us(struct rig *rig)
{
	struct l2tp_call_params params = { .cookie = 55 };
	struct l2tp_msg icrp = peer_with_sid(L2TP_MSG_ICRP, PEER_SID);
	uint16_t sid = place(rig, &params);

	peer_say(rig, &icrp, sid);
	ready(rig, sid, 0);
	peer_ack(rig);
	assert_int_equal(info_of(rig, sid).state, L2TP_SESSION_ESTABLISHED);
	rig_forget(rig);
	return sid;
}

static uint16_t offered(struct rig *rig)
{
	return rig_last(rig, L2TP_EFFECT_SESSION_OFFER)->effect.sid;
}

static uint16_t call_by_peer(struct rig *rig)
{
	struct l2tp_msg request = peer_icrq(PEER_SID, 1), iccn = peer_connected(L2TP_MSG_ICCN);
	uint16_t sid;

	peer_say(rig, &request, 0);
	sid = offered(rig);
	accept_call(rig, sid);
	ready(rig, sid, 0);
	peer_say(rig, &iccn, sid);
	assert_int_equal(info_of(rig, sid).state, L2TP_SESSION_ESTABLISHED);
	rig_forget(rig);
	return sid;
}

/* --- incoming calls, we are the LAC ------------------------------------------------------------
 */

static void test_lac_incoming(void **state)
{
	struct rig *rig = *state;
	struct l2tp_call_params params = { .calling = "100", .called = "200", .cookie = 55 };
	struct l2tp_msg icrp = peer_with_sid(L2TP_MSG_ICRP, PEER_SID);
	const struct l2tp_effect *create;
	const struct l2tp_msg *msg;
	uint16_t sid;

	rig_tunnel_by_us(rig);
	sid = place(rig, &params);
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
	ready(rig, sid, 0);
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
	sid = place(rig, &params);
	peer_say(rig, &icrp, sid);
	assert_true(rig_last(rig, L2TP_EFFECT_SESSION_CREATE)->effect.create.send_seq);
	assert_true(rig_last(rig, L2TP_EFFECT_SESSION_CREATE)->effect.create.require_seq);
	ready(rig, sid, 0);
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
	first = place(rig, &params);
	second = place(rig, &params);
	assert_int_equal(info_of(rig, first).state, L2TP_SESSION_WAIT_TUNNEL);
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
	sid = place(rig, &params);
	peer_ack(rig);
	rig_wait(rig, 5 * SEC);
	assert_int_equal(rig_sent(rig, L2TP_MSG_CDN)->msg.result, L2TP_CDN_TIMEOUT);
	assert_int_equal(rig_sent(rig, L2TP_MSG_CDN)->msg.assigned_sid, sid);
	assert_int_equal(rig_sent(rig, L2TP_MSG_CDN)->msg.hdr.sid, 0);
	assert_int_equal(down(rig)->who, L2TP_WHO_TIMEOUT);
	assert_only_call_over(rig, sid);
}

static void test_late_icrp_gets_a_cdn_it_can_read(void **state)
{
	struct rig *rig = *state;
	struct l2tp_call_params params = { 0 };
	struct l2tp_reason why = { 0 };
	struct l2tp_msg icrp = peer_with_sid(L2TP_MSG_ICRP, PEER_SID);
	uint16_t sid;

	rig_tunnel_by_us(rig);
	sid = place(rig, &params);
	close_call(rig, sid, &why);
	assert_int_equal(rig_sent(rig, L2TP_MSG_CDN)->msg.hdr.sid, 0);
	assert_int_equal(down(rig)->result, L2TP_CDN_ADMIN);
	peer_say(rig, &icrp, sid);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_CDN), 2);
	assert_int_equal(rig_sent(rig, L2TP_MSG_CDN)->msg.hdr.sid, PEER_SID);
	assert_only_call_over(rig, sid);
}

static void test_kernel_error_is_cdn_2_4(void **state)
{
	struct rig *rig = *state;
	struct l2tp_call_params params = { 0 };
	struct l2tp_msg icrp = peer_with_sid(L2TP_MSG_ICRP, PEER_SID);
	uint16_t sid;

	rig_tunnel_by_us(rig);
	sid = place(rig, &params);
	peer_say(rig, &icrp, sid);
	ready(rig, sid, -ENODEV);
	assert_int_equal(rig_sent(rig, L2TP_MSG_CDN)->msg.result, L2TP_CDN_ERROR);
	assert_int_equal(rig_sent(rig, L2TP_MSG_CDN)->msg.error, L2TP_ERR_RESOURCES);
	assert_int_equal(rig_sent(rig, L2TP_MSG_CDN)->msg.hdr.sid, PEER_SID);
	assert_string_equal(down(rig)->text, "no such device");
	assert_only_call_over(rig, sid);
	/* an answer that comes twice finds nothing */
	ready(rig, sid, 0);
	assert_int_equal(rig_count(rig, L2TP_EFFECT_SESSION_UP), 0);
}

static void test_last_waiting_call_takes_the_tunnel_along(void **state)
{
	struct rig *rig = *state;
	struct l2tp_call_params params = { 0 };
	struct l2tp_reason why = { .result = L2TP_CDN_ADMIN, .text = "not any more" };
	uint16_t first, second;

	rig_we_open(rig);
	first = place(rig, &params);
	second = place(rig, &params);
	close_call(rig, first, &why);
	rig_state(rig, L2TP_TUNNEL_WAIT_CTL_REPLY);
	/* the peer never heard of it */
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_CDN), 0);
	close_call(rig, second, &why);
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
	sid = place(rig, &params);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_ICRQ), 0);
	assert_int_equal(down(rig)->error, L2TP_ERR_LENGTH);
	assert_only_call_over(rig, sid);
}

/* --- incoming calls, we are the LNS ------------------------------------------------------------
 */

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
	accept_call(rig, sid);
	assert_int_equal(
		rig_last(rig, L2TP_EFFECT_SESSION_CREATE)->effect.create.peer_sid, PEER_SID);
	assert_int_equal(rig_last(rig, L2TP_EFFECT_SESSION_CREATE)->effect.session_cookie, 99);
	/* pitfall 30 */
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_ICRP), 0);
	ready(rig, sid, 0);
	assert_int_equal(rig_sent(rig, L2TP_MSG_ICRP)->msg.assigned_sid, sid);
	assert_int_equal(rig_sent(rig, L2TP_MSG_ICRP)->msg.hdr.sid, PEER_SID);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_ZLB), 0);
	l2tp_msg_set(&iccn, L2TP_AVP_SEQUENCING_REQUIRED);
	peer_say(rig, &iccn, sid);
	assert_int_equal(rig_count(rig, L2TP_EFFECT_SESSION_UP), 1);
	assert_int_equal(info_of(rig, sid).tx_speed, 64000);
	/* pitfall 34: without Rx Connect Speed the call is symmetric */
	assert_int_equal(info_of(rig, sid).rx_speed, 64000);
	assert_true(info_of(rig, sid).require_seq);
	assert_int_equal(info_of(rig, sid).serial, 1234);
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
	sid = offered(rig);
	ready(rig, sid, 0);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_ICRP), 0);
	ready(rig, sid, -ENODEV);
	assert_int_equal(rig_count(rig, L2TP_EFFECT_SESSION_DOWN), 0);
	accept_call(rig, sid);
	accept_call(rig, sid);
	assert_int_equal(rig_count(rig, L2TP_EFFECT_SESSION_CREATE), 1);
	ready(rig, sid, 0);
	ready(rig, sid, -ENODEV);
	accept_call(rig, sid);
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
	sid = offered(rig);
	close_call(rig, sid, &why);
	assert_int_equal(rig_sent(rig, L2TP_MSG_CDN)->msg.result, L2TP_CDN_BUSY);
	assert_int_equal(rig_sent(rig, L2TP_MSG_CDN)->msg.hdr.sid, PEER_SID);
	assert_only_call_over(rig, sid);
	accept_call(rig, sid);
	assert_int_equal(rig_count(rig, L2TP_EFFECT_SESSION_CREATE), 0);
}

static void test_iccn_never_comes(void **state)
{
	struct rig *rig = *state;
	struct l2tp_msg request = peer_icrq(PEER_SID, 1);
	uint16_t sid;

	rig_tunnel_by_peer(rig);
	peer_say(rig, &request, 0);
	sid = offered(rig);
	accept_call(rig, sid);
	ready(rig, sid, 0);
	peer_ack(rig);
	rig_wait(rig, 30 * SEC);
	peer_ack(rig);
	rig_wait(rig, 30 * SEC);
	assert_int_equal(rig_sent(rig, L2TP_MSG_CDN)->msg.result, L2TP_CDN_TIMEOUT);
	assert_only_call_over(rig, sid);
}

static void test_iccn_with_unknown_framing(void **state)
{
	struct rig *rig = *state;
	struct l2tp_msg request = peer_icrq(PEER_SID, 1), iccn = peer_connected(L2TP_MSG_ICCN);
	uint16_t sid;

	rig_tunnel_by_peer(rig);
	peer_say(rig, &request, 0);
	sid = offered(rig);
	accept_call(rig, sid);
	ready(rig, sid, 0);
	iccn.framing_type = 4;
	peer_say(rig, &iccn, sid);
	assert_int_equal(rig_sent(rig, L2TP_MSG_CDN)->msg.result, L2TP_CDN_NO_FRAMING);
	assert_only_call_over(rig, sid);
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
	assert_string_equal(down(rig)->text, "caller hung up");
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_ZLB), 1);
	accept_call(rig, offered(rig));
	assert_int_equal(rig_count(rig, L2TP_EFFECT_SESSION_CREATE), 0);
}

/* --- the end of calls --------------------------------------------------------------------------
 */

static void test_peer_hangs_up(void **state)
{
	struct rig *rig = *state;
	struct l2tp_msg bye = peer_cdn(PEER_SID, L2TP_CDN_LOST_CARRIER, "modem\x1b[31m");
	uint16_t sid;

	rig_tunnel_by_us(rig);
	sid = call_by_us(rig);
	peer_say(rig, &bye, sid);
	assert_int_equal(down(rig)->who, L2TP_WHO_PEER);
	assert_int_equal(down(rig)->result, L2TP_CDN_LOST_CARRIER);
	assert_false(down(rig)->stopccn);
	assert_string_equal(down(rig)->text, "modem?[31m");
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_ZLB), 1);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_CDN), 0);
	assert_only_call_over(rig, sid);
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
	assert_int_equal(down(rig)->error, L2TP_ERR_RESOURCES);
	assert_string_equal(down(rig)->text, l2tp_error_name(L2TP_ERR_RESOURCES));
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
	assert_int_equal(down(rig)->ppp_cause, 14);
	assert_string_equal(down(rig)->text, "wrong password");
	sid = call_by_us(rig);
	close_call(rig, sid, &why);
	assert_int_equal(rig_sent(rig, L2TP_MSG_CDN)->msg.ppp_cause, 13);
	assert_int_equal(down(rig)->ppp_cause, 13);
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
	assert_only_call_over(rig, sid);
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
	assert_string_equal(down(rig)->text, "ICRP in state established");
	assert_only_call_over(rig, sid);
	assert_int_equal(info_of(rig, other).state, L2TP_SESSION_ESTABLISHED);
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
	sid = place(rig, &params);
	peer_say(rig, &icrp, sid);
	assert_int_equal(rig_sent(rig, L2TP_MSG_CDN)->msg.error, L2TP_ERR_VALUE);
	assert_only_call_over(rig, sid);
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
	assert_int_equal(info_of(rig, sid).state, L2TP_SESSION_ESTABLISHED);
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
	assert_string_equal(down(rig)->text, "maintenance");
	assert_true(down(rig)->stopccn);
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
	assert_string_equal(down(rig)->text, "shutdown");
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
	close_call(rig, first, &why);
	peer_ack(rig);
	rig_wait(rig, 20 * SEC);
	rig_state(rig, L2TP_TUNNEL_ESTABLISHED);
	close_call(rig, second, &why);
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
		place(rig, &params);
	while ((sid = l2tp_core_next_session(rig->core, rig->tid, sid))) {
		assert_true(sid > last);
		last = sid;
		count++;
	}
	assert_int_equal(count, 3);
}

/* --- outgoing calls -----------------------------------------------------------------------------
 */

static void test_lns_outgoing(void **state)
{
	struct rig *rig = *state;
	struct l2tp_call_params params = { .outgoing = true, .called = "0551", .sub_address = "7" };
	struct l2tp_msg ocrp = peer_with_sid(L2TP_MSG_OCRP, PEER_SID),
			occn = peer_connected(L2TP_MSG_OCCN);
	const struct l2tp_msg *msg;
	uint16_t sid;

	rig_tunnel_by_us(rig);
	sid = place(rig, &params);
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
	assert_int_equal(info_of(rig, sid).state, L2TP_SESSION_WAIT_CONNECT);
	ready(rig, sid, 0);
	assert_int_equal(rig_count(rig, L2TP_EFFECT_SESSION_UP), 0);
	peer_say(rig, &occn, sid);
	assert_int_equal(rig_count(rig, L2TP_EFFECT_SESSION_UP), 1);
	assert_int_equal(info_of(rig, sid).tx_speed, 64000);
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
	sid = place(rig, &params);
	assert_int_equal(rig_sent(rig, L2TP_MSG_OCRQ)->msg.called_number.len, 0);
	peer_say(rig, &ocrp, sid);
	l2tp_msg_set(&occn, L2TP_AVP_SEQUENCING_REQUIRED);
	peer_say(rig, &occn, sid);
	assert_int_equal(info_of(rig, sid).state, L2TP_SESSION_WAIT_LOCAL);
	assert_int_equal(rig_count(rig, L2TP_EFFECT_SESSION_UP), 0);
	ready(rig, sid, 0);
	assert_int_equal(rig_count(rig, L2TP_EFFECT_SESSION_UP), 1);
	assert_true(info_of(rig, sid).require_seq);
}

static void test_pitfall_31_peer_without_bearer(void **state)
{
	struct rig *rig = *state;
	struct l2tp_call_params params = { .outgoing = true };
	struct l2tp_msg sccrp = peer_sccrp();

	sccrp.present &= ~(UINT64_C(1) << L2TP_AVP_BEARER_CAP);
	rig_we_open(rig);
	place(rig, &params);
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
	sid = offered(rig);
	assert_int_equal(
		rig_last(rig, L2TP_EFFECT_SESSION_OFFER)->effect.offer.role, L2TP_ROLE_LAC);
	assert_string_equal(rig_last(rig, L2TP_EFFECT_SESSION_OFFER)->called, "0551 123");
	accept_call(rig, sid);
	assert_int_equal(rig_sent(rig, L2TP_MSG_OCRP)->msg.assigned_sid, sid);
	assert_int_equal(info_of(rig, sid).state, L2TP_SESSION_WAIT_CS_ANSWER);
	peer_ack(rig);
	/* dialling takes its time */
	rig_wait(rig, 59 * SEC);
	ready(rig, sid, 0);
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
	sid = offered(rig);
	accept_call(rig, sid);
	peer_ack(rig);
	close_call(rig, sid, &why);
	assert_int_equal(rig_sent(rig, L2TP_MSG_CDN)->msg.result, L2TP_CDN_BUSY);
	assert_only_call_over(rig, sid);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

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
