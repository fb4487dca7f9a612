/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the LAC knows of the caller: the proxied LCP and login (RFC 2661 4.4.5), channel and group
 * (4.4.4). */
#include "core_calls.h"
#include "core_rig.h"

static const uint8_t lcp[] = { 1, 4, 0x05, 0xd4, 5, 6, 1, 2, 3, 4 };

static struct l2tp_proxy a_proxy(void)
{
	return (struct l2tp_proxy){
		.initial_lcp = { lcp, 4 },
		.last_sent_lcp = { lcp, 10 },
		.last_received_lcp = { lcp + 4, 6 },
		.authen_type = 2,
		.authen_name = l2tp_span_of("caller@example.net"),
		.authen_challenge = { lcp, 8 },
		.authen_id = 0xfe,
		.authen_response = { lcp + 2, 8 },
	};
}

static void assert_span(struct l2tp_span span, struct l2tp_span expected)
{
	assert_int_equal(span.len, expected.len);
	if (expected.len)
		assert_memory_equal(span.data, expected.data, expected.len);
}

static void test_pitfall_33_proxy_is_sent_with_iccn(void **state)
{
	struct rig *rig = *state;
	struct l2tp_proxy proxy = a_proxy();
	uint32_t channel = 0x01020304;
	struct l2tp_call_params params = {
		.physical_channel = &channel, .private_group = "blue", .proxy = &proxy
	};
	uint8_t options[sizeof(lcp)];
	const struct l2tp_msg *msg;
	uint16_t sid;

	memcpy(options, lcp, sizeof(options));
	proxy.initial_lcp.data = options;
	rig_tunnel_by_us(rig);
	sid = call_place(rig, &params);
	msg = &rig_sent(rig, L2TP_MSG_ICRQ)->msg;
	assert_true(l2tp_msg_has(msg, L2TP_AVP_PHYSICAL_CHANNEL_ID));
	assert_int_equal(msg->physical_channel, channel);
	memset(options, 0, sizeof(options)); /* it was copied */
	proxy = a_proxy();
	call_reply(rig, sid);
	msg = &rig_sent(rig, L2TP_MSG_ICCN)->msg;
	assert_span(msg->initial_lcp, proxy.initial_lcp);
	assert_span(msg->last_sent_lcp, proxy.last_sent_lcp);
	assert_span(msg->last_received_lcp, proxy.last_received_lcp);
	assert_int_equal(msg->proxy_authen_type, 2);
	assert_span(msg->proxy_authen_name, proxy.authen_name);
	assert_span(msg->proxy_authen_challenge, proxy.authen_challenge);
	assert_int_equal(msg->proxy_authen_id, 0xfe);
	assert_span(msg->proxy_authen_response, proxy.authen_response);
	assert_span(msg->private_group, l2tp_span_of("blue"));
}

/* RFC 2661 4.4.5: type 4, nobody logged in; challenge, id and response do not belong then */
static void test_pitfall_33_only_what_is_known(void **state)
{
	struct rig *rig = *state;
	struct l2tp_proxy proxy = { .authen_type = 4 };
	struct l2tp_call_params params = { .proxy = &proxy };
	const struct l2tp_msg *msg;
	uint16_t sid;

	rig_tunnel_by_us(rig);
	sid = call_place(rig, &params);
	call_reply(rig, sid);
	msg = &rig_sent(rig, L2TP_MSG_ICCN)->msg;
	assert_true(l2tp_msg_has(msg, L2TP_AVP_PROXY_AUTHEN_TYPE));
	assert_false(l2tp_msg_has(msg, L2TP_AVP_PROXY_AUTHEN_ID));
	assert_false(l2tp_msg_has(msg, L2TP_AVP_PROXY_AUTHEN_RESPONSE));
	assert_false(l2tp_msg_has(msg, L2TP_AVP_INITIAL_LCP_CONFREQ));
	assert_false(l2tp_msg_has(msg, L2TP_AVP_PRIVATE_GROUP_ID));
}

static void test_pitfall_33_proxy_is_kept_by_the_lns(void **state)
{
	struct rig *rig = *state;
	struct l2tp_msg icrq = peer_icrq(PEER_SID, 1), iccn = peer_connected(L2TP_MSG_ICCN);
	struct l2tp_proxy proxy = a_proxy();
	struct l2tp_session_info info;
	uint16_t sid;

	icrq.physical_channel = 77;
	l2tp_msg_set(&icrq, L2TP_AVP_PHYSICAL_CHANNEL_ID);
	rig_tunnel_by_peer(rig);
	sid = call_take(rig, &icrq);
	info = call_info(rig, sid);
	assert_int_equal(*info.physical_channel, 77);
	assert_null(info.proxy);
	assert_string_equal(info.private_group, "");
	iccn.initial_lcp = proxy.initial_lcp;
	iccn.last_sent_lcp = proxy.last_sent_lcp;
	iccn.last_received_lcp = proxy.last_received_lcp;
	iccn.proxy_authen_type = proxy.authen_type;
	iccn.proxy_authen_name = proxy.authen_name;
	iccn.proxy_authen_challenge = proxy.authen_challenge;
	iccn.proxy_authen_id = proxy.authen_id;
	iccn.proxy_authen_response = proxy.authen_response;
	iccn.private_group = l2tp_span_of("blue\n");
	for (unsigned avp = L2TP_AVP_INITIAL_LCP_CONFREQ; avp <= L2TP_AVP_PROXY_AUTHEN_RESPONSE;
		avp++)
		l2tp_msg_set(&iccn, (enum l2tp_avp_type)avp);
	l2tp_msg_set(&iccn, L2TP_AVP_PRIVATE_GROUP_ID);
	peer_say(rig, &iccn, sid);
	info = call_info(rig, sid);
	assert_string_equal(info.private_group, "blue?");
	assert_int_equal(*info.physical_channel, 77);
	assert_non_null(info.proxy);
	assert_int_equal(info.proxy->authen_type, 2);
	assert_int_equal(info.proxy->authen_id, 0xfe);
	assert_span(info.proxy->initial_lcp, proxy.initial_lcp);
	assert_span(info.proxy->last_received_lcp, proxy.last_received_lcp);
	assert_span(info.proxy->authen_name, proxy.authen_name);
	assert_span(info.proxy->authen_response, proxy.authen_response);
}

/* There may be a password in it, so it is not kept where nobody asked for it. */
static void test_proxy_is_forgotten_else(void **state)
{
	struct rig *rig = *state;
	struct l2tp_msg icrq = peer_icrq(PEER_SID, 1), iccn = peer_connected(L2TP_MSG_ICCN);
	struct l2tp_call_params params = { 0 };
	uint16_t sid;

	rig_tunnel_by_peer(rig);
	peer_say(rig, &icrq, 0);
	sid = rig_last(rig, L2TP_EFFECT_SESSION_OFFER)->effect.sid;
	l2tp_core_accept_call(rig->core, rig->now, rig->tid, sid, &params);
	l2tp_core_session_ready(rig->core, rig->now, rig->tid, sid, 0, NULL);
	rig_drain(rig);
	iccn.proxy_authen_type = 3;
	l2tp_msg_set(&iccn, L2TP_AVP_PROXY_AUTHEN_TYPE);
	iccn.proxy_authen_response = l2tp_span_of("pa55word");
	l2tp_msg_set(&iccn, L2TP_AVP_PROXY_AUTHEN_RESPONSE);
	peer_say(rig, &iccn, sid);
	assert_int_equal(call_info(rig, sid).state, L2TP_SESSION_ESTABLISHED);
	assert_null(call_info(rig, sid).proxy);
}

static void test_channel_of_an_outgoing_call(void **state)
{
	struct rig *rig = *state;
	struct l2tp_call_params params = { .outgoing = true };
	struct l2tp_msg ocrp = peer_with_sid(L2TP_MSG_OCRP, PEER_SID), ocrq = peer_ocrq();
	uint32_t channel = 5;
	uint16_t sid;

	rig_tunnel_by_us(rig);
	sid = call_place(rig, &params);
	ocrp.physical_channel = 9;
	l2tp_msg_set(&ocrp, L2TP_AVP_PHYSICAL_CHANNEL_ID);
	peer_say(rig, &ocrp, sid);
	assert_int_equal(*call_info(rig, sid).physical_channel, 9);
	/* and the other way round */
	peer_say(rig, &ocrq, 0);
	sid = rig_last(rig, L2TP_EFFECT_SESSION_OFFER)->effect.sid;
	params = (struct l2tp_call_params){ .physical_channel = &channel };
	l2tp_core_accept_call(rig->core, rig->now, rig->tid, sid, &params);
	rig_drain(rig);
	assert_int_equal(rig_sent(rig, L2TP_MSG_OCRP)->msg.physical_channel, 5);
	assert_int_equal(call_info(rig, sid).maximum_bps, 64000);
}

/* One framing is told in the end, and no bits that mean nothing (RFC 2661 4.4.4). */
static void test_one_framing_type_is_told(void **state)
{
	struct rig *rig = *state;
	struct l2tp_call_params params = { .framing_type = 3 };
	struct l2tp_msg sccrp = peer_sccrp();
	uint16_t sid;

	sccrp.framing_cap = 4;
	rig_we_open(rig);
	peer_say(rig, &sccrp, 0);
	sid = call_place(rig, &params);
	call_reply(rig, sid);
	assert_int_equal(rig_sent(rig, L2TP_MSG_ICCN)->msg.framing_type, L2TP_FRAMING_SYNC);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)
	const struct CMUnitTest tests[] = {
		T(test_pitfall_33_proxy_is_sent_with_iccn),
		T(test_pitfall_33_only_what_is_known),
		T(test_pitfall_33_proxy_is_kept_by_the_lns),
		T(test_proxy_is_forgotten_else),
		T(test_channel_of_an_outgoing_call),
		T(test_one_framing_type_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
