// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is told about a call besides its states: SLI and WEN (RFC 2661 6.13, 6.14), the proxied LCP
 * and login (4.4.5), channel and group (4.4.4), why it ended (Q.931, RFC 3145).
 */
#include "core_rig.h"

#include <errno.h>

static int setup(void **state)
{
	struct rig *rig = malloc(sizeof(*rig));

	assert_non_null(rig);
	rig_open(rig);
	*state = rig;
	return 0;
}

static int teardown(void **state)
{
	rig_close(*state);
	free(*state);
	return 0;
}

static const uint32_t errors[6] = { 1, 2, 3, 4, 5, 0xfffffffe };

static struct l2tp_session_info info_of(const struct rig *rig, uint16_t sid)
{
	struct l2tp_session_info info;

	assert_true(l2tp_core_session_info(rig->core, rig->tid, sid, &info));
	return info;
}

/* Up as LAC, or as far as the ICRP is not there. */
static uint16_t place(struct rig *rig, const struct l2tp_call_params *params)
{
	int sid = l2tp_core_place_call(rig->core, rig->now, rig->tid, params);

	assert_in_range(sid, 1, 65535);
	rig_drain(rig);
	return (uint16_t)sid;
}

static void reply(struct rig *rig, uint16_t sid)
{
	struct l2tp_msg icrp = peer_with_sid(L2TP_MSG_ICRP, PEER_SID);

	peer_say(rig, &icrp, sid);
	l2tp_core_session_ready(rig->core, rig->now, rig->tid, sid, 0, NULL);
	rig_drain(rig);
	peer_ack(rig);
}

static uint16_t up_as_lac(struct rig *rig)
{
	struct l2tp_call_params params = { 0 };
	uint16_t sid;

	rig_tunnel_by_us(rig);
	sid = place(rig, &params);
	reply(rig, sid);
	rig_forget(rig);
	return sid;
}

static uint16_t offer(struct rig *rig, struct l2tp_msg *request)
{
	struct l2tp_call_params params = { .keep_proxy = true };
	uint16_t sid;

	peer_say(rig, request, 0);
	sid = rig_last(rig, L2TP_EFFECT_SESSION_OFFER)->effect.sid;
	l2tp_core_accept_call(rig->core, rig->now, rig->tid, sid, &params);
	l2tp_core_session_ready(rig->core, rig->now, rig->tid, sid, 0, NULL);
	rig_drain(rig);
	return sid;
}

static uint16_t up_as_lns(struct rig *rig)
{
	struct l2tp_msg icrq = peer_icrq(PEER_SID, 1), iccn = peer_connected(L2TP_MSG_ICCN);
	uint16_t sid;

	rig_tunnel_by_peer(rig);
	sid = offer(rig, &icrq);
	peer_say(rig, &iccn, sid);
	assert_int_equal(info_of(rig, sid).state, L2TP_SESSION_ESTABLISHED);
	rig_forget(rig);
	return sid;
}

static struct l2tp_msg peer_sli(void)
{
	struct l2tp_msg msg = peer_msg(L2TP_MSG_SLI);

	msg.accm_send = 0x000a0000;
	msg.accm_recv = 0xffffffff;
	l2tp_msg_set(&msg, L2TP_AVP_ACCM);
	return msg;
}

static struct l2tp_msg peer_wen(void)
{
	struct l2tp_msg msg = peer_msg(L2TP_MSG_WEN);

	memcpy(msg.call_errors, errors, sizeof(errors));
	l2tp_msg_set(&msg, L2TP_AVP_CALL_ERRORS);
	return msg;
}

/* --- SLI ---------------------------------------------------------------------------------------
 */

static void test_pitfall_32_sli_reaches_the_lac(void **state)
{
	struct rig *rig = *state;
	struct l2tp_msg sli = peer_sli();
	uint16_t sid = up_as_lac(rig);
	const struct l2tp_effect *effect;

	/* "can change at any time" */
	for (unsigned i = 1; i <= 2; i++) {
		peer_say(rig, &sli, sid);
		assert_int_equal(rig_count(rig, L2TP_EFFECT_SESSION_ACCM), i);
	}
	effect = &rig_last(rig, L2TP_EFFECT_SESSION_ACCM)->effect;
	assert_int_equal(effect->sid, sid);
	assert_int_equal(effect->accm.send, 0x000a0000);
	assert_int_equal(effect->accm.recv, 0xffffffff);
}

static void test_pitfall_32_sli_of_an_lns(void **state)
{
	struct rig *rig = *state;
	uint16_t sid = up_as_lns(rig);
	const struct l2tp_msg *msg;

	l2tp_core_send_accm(rig->core, rig->now, rig->tid, sid, 1, 0x80000000);
	rig_drain(rig);
	msg = &rig_sent(rig, L2TP_MSG_SLI)->msg;
	assert_int_equal(msg->hdr.sid, PEER_SID);
	assert_int_equal(msg->accm_send, 1);
	assert_int_equal(msg->accm_recv, 0x80000000);
	/* two reserved octets before two unaligned words: 18 octets of AVP and what is before it */
	assert_int_equal(rig_sent(rig, L2TP_MSG_SLI)->effect.send.len, 12 + 8 + 16);
}

static void test_sli_is_for_an_lns_to_send(void **state)
{
	struct rig *rig = *state;
	uint16_t sid = up_as_lac(rig);

	l2tp_core_send_accm(rig->core, rig->now, rig->tid, sid, 1, 2);
	l2tp_core_send_accm(rig->core, rig->now, rig->tid, (uint16_t)(sid + 1), 1, 2);
	rig_drain(rig);
	assert_int_equal(rig->count, 0);
}

static void test_news_too_early_or_to_the_wrong_side(void **state)
{
	struct rig *rig = *state;
	struct l2tp_msg icrq = peer_icrq(PEER_SID, 1), sli = peer_sli(), wen = peer_wen();
	uint16_t sid;

	rig_tunnel_by_peer(rig);
	sid = offer(rig, &icrq);
	peer_say(rig, &wen, sid);
	peer_say(rig, &sli, sid);
	l2tp_core_send_accm(rig->core, rig->now, rig->tid, sid, 1, 2);
	rig_drain(rig);
	assert_int_equal(rig_count(rig, L2TP_EFFECT_SESSION_ACCM), 0);
	assert_int_equal(rig_count(rig, L2TP_EFFECT_SESSION_ERRORS), 0);
	assert_int_equal(rig_count(rig, L2TP_EFFECT_SESSION_DOWN), 0);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_SLI), 0);
	assert_int_equal(info_of(rig, sid).state, L2TP_SESSION_WAIT_CONNECT);
}

/* --- WEN ---------------------------------------------------------------------------------------
 */

static void test_pitfall_32_wen_reaches_the_lns(void **state)
{
	struct rig *rig = *state;
	struct l2tp_msg wen = peer_wen();
	uint16_t sid = up_as_lns(rig);
	const struct l2tp_effect *effect;

	peer_say(rig, &wen, sid);
	effect = &rig_last(rig, L2TP_EFFECT_SESSION_ERRORS)->effect;
	assert_int_equal(effect->sid, sid);
	assert_memory_equal(effect->call_errors, errors, sizeof(errors));
}

static void test_pitfall_32_wen_once_a_minute(void **state)
{
	struct rig *rig = *state;
	uint16_t sid = up_as_lac(rig);

	for (unsigned i = 0; i < 3; i++)
		l2tp_core_send_errors(rig->core, rig->now, rig->tid, sid, errors);
	rig_drain(rig);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_WEN), 1);
	assert_memory_equal(rig_sent(rig, L2TP_MSG_WEN)->msg.call_errors, errors, sizeof(errors));
	assert_int_equal(rig_sent(rig, L2TP_MSG_WEN)->effect.send.len, 12 + 8 + 32);
	peer_ack(rig);
	rig_wait(rig, 59 * SEC);
	l2tp_core_send_errors(rig->core, rig->now, rig->tid, sid, errors);
	rig_drain(rig);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_WEN), 1);
	rig_wait(rig, SEC);
	l2tp_core_send_errors(rig->core, rig->now, rig->tid, sid, errors);
	rig_drain(rig);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_WEN), 2);
}

static void test_wen_is_for_a_lac_to_send(void **state)
{
	struct rig *rig = *state;
	uint16_t sid = up_as_lns(rig);

	l2tp_core_send_errors(rig->core, rig->now, rig->tid, sid, errors);
	l2tp_core_send_errors(rig->core, rig->now, rig->tid, (uint16_t)(sid + 1), errors);
	rig_drain(rig);
	assert_int_equal(rig->count, 0);
}

/* --- what the LAC knows of the caller ------------------------------------------------------------
 */

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
	sid = place(rig, &params);
	msg = &rig_sent(rig, L2TP_MSG_ICRQ)->msg;
	assert_true(l2tp_msg_has(msg, L2TP_AVP_PHYSICAL_CHANNEL_ID));
	assert_int_equal(msg->physical_channel, channel);
	memset(options, 0, sizeof(options)); /* it was copied */
	proxy = a_proxy();
	reply(rig, sid);
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
	sid = place(rig, &params);
	reply(rig, sid);
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
	sid = offer(rig, &icrq);
	info = info_of(rig, sid);
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
	info = info_of(rig, sid);
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
	assert_int_equal(info_of(rig, sid).state, L2TP_SESSION_ESTABLISHED);
	assert_null(info_of(rig, sid).proxy);
}

static void test_channel_of_an_outgoing_call(void **state)
{
	struct rig *rig = *state;
	struct l2tp_call_params params = { .outgoing = true };
	struct l2tp_msg ocrp = peer_with_sid(L2TP_MSG_OCRP, PEER_SID), ocrq = peer_ocrq();
	uint32_t channel = 5;
	uint16_t sid;

	rig_tunnel_by_us(rig);
	sid = place(rig, &params);
	ocrp.physical_channel = 9;
	l2tp_msg_set(&ocrp, L2TP_AVP_PHYSICAL_CHANNEL_ID);
	peer_say(rig, &ocrp, sid);
	assert_int_equal(*info_of(rig, sid).physical_channel, 9);
	/* and the other way round */
	peer_say(rig, &ocrq, 0);
	sid = rig_last(rig, L2TP_EFFECT_SESSION_OFFER)->effect.sid;
	params = (struct l2tp_call_params){ .physical_channel = &channel };
	l2tp_core_accept_call(rig->core, rig->now, rig->tid, sid, &params);
	rig_drain(rig);
	assert_int_equal(rig_sent(rig, L2TP_MSG_OCRP)->msg.physical_channel, 5);
	assert_int_equal(info_of(rig, sid).maximum_bps, 64000);
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
	sid = place(rig, &params);
	reply(rig, sid);
	assert_int_equal(rig_sent(rig, L2TP_MSG_ICCN)->msg.framing_type, L2TP_FRAMING_SYNC);
}

/* --- why it ended -------------------------------------------------------------------------------
 */

static void test_causes_are_sent_with_cdn(void **state)
{
	struct rig *rig = *state;
	uint16_t sid = up_as_lns(rig);
	struct l2tp_reason why = {
		.result = L2TP_CDN_ADMIN,
		.ppp_cause = L2TP_PPP_CAUSE_AUTH_FAILED,
		.ppp_cause_protocol = 0xc223,
		.ppp_cause_direction = 1,
		.q931_cause = 16,
		.q931_msg = 0x45,
	};
	const struct l2tp_msg *msg;

	l2tp_core_close_session(rig->core, rig->now, rig->tid, sid, &why);
	rig_drain(rig);
	msg = &rig_sent(rig, L2TP_MSG_CDN)->msg;
	assert_int_equal(msg->ppp_cause, 16);
	assert_int_equal(msg->ppp_cause_protocol, 0xc223);
	assert_int_equal(msg->ppp_cause_direction, 1);
	assert_int_equal(msg->cause_code, 16);
	assert_int_equal(msg->cause_msg, 0x45);
}

static const struct l2tp_reason *down(const struct rig *rig)
{
	return &rig_last(rig, L2TP_EFFECT_SESSION_DOWN)->effect.reason;
}

static void test_causes_of_the_peer(void **state)
{
	struct rig *rig = *state;
	struct l2tp_msg cdn = peer_cdn(PEER_SID, L2TP_CDN_LOST_CARRIER, NULL);
	uint16_t sid = up_as_lac(rig);

	cdn.ppp_cause = L2TP_PPP_CAUSE_ECHO_TIMEOUT;
	cdn.ppp_cause_protocol = 0xc021;
	cdn.ppp_cause_direction = 2;
	l2tp_msg_set(&cdn, L2TP_AVP_PPP_DISCONNECT_CAUSE);
	cdn.cause_code = 31;
	l2tp_msg_set(&cdn, L2TP_AVP_CAUSE_CODE);
	peer_say(rig, &cdn, sid);
	assert_int_equal(down(rig)->ppp_cause, 8);
	assert_int_equal(down(rig)->ppp_cause_protocol, 0xc021);
	assert_int_equal(down(rig)->ppp_cause_direction, 2);
	assert_int_equal(down(rig)->q931_cause, 31);
	/* no text of the peer: the cause says it best */
	assert_string_equal(down(rig)->text, "LCP echoes were not answered");
}

static void test_text_of_the_bearer(void **state)
{
	struct rig *rig = *state;
	struct l2tp_msg cdn = peer_cdn(PEER_SID, L2TP_CDN_LOST_CARRIER, NULL);
	uint16_t sid = up_as_lac(rig);

	cdn.cause_text = l2tp_span_of("Normal call clearing");
	l2tp_msg_set(&cdn, L2TP_AVP_CAUSE_CODE);
	peer_say(rig, &cdn, sid);
	assert_string_equal(down(rig)->text, "Normal call clearing");
}

static void test_names_of_causes(void **state)
{
	(void)state;
	for (unsigned i = 0; i <= L2TP_PPP_CAUSE_NO_ADDRESS; i++)
		assert_string_not_equal(l2tp_ppp_cause_name(i), "unknown");
	assert_string_equal(l2tp_ppp_cause_name(21), "unknown");
	assert_string_equal(l2tp_ppp_cause_name(65535), "unknown");
}

/* --- an address that proves nothing
 * --------------------------------------------------------------- */

struct balance {
	size_t in, out;
};

static void weigh(struct rig *rig, struct balance *balance)
{
	for (unsigned i = 0; i < rig->count; i++)
		if (rig->seen[i].effect.type == L2TP_EFFECT_SEND)
			balance->out += rig->seen[i].effect.send.len;
	rig_forget(rig);
}

/* The smallest SCCRQ there is against our longest answer, with all its retransmissions. */
static void test_no_more_than_five_times_the_octets(void **state)
{
	struct rig *rig = *state;
	struct l2tp_msg sccrq = peer_sccrq();
	struct balance balance = { 0 };
	char name[256];
	uint8_t buf[512];
	size_t len;

	memset(name, 'n', 255);
	name[255] = '\0';
	rig->params.secret = rig_secret;
	rig->params.vendor = name;
	rig->params.max_retransmits = 10;
	sccrq.host_name = l2tp_span_of("p");
	sccrq.present &=
		~(UINT64_C(1) << L2TP_AVP_BEARER_CAP | UINT64_C(1) << L2TP_AVP_RECEIVE_WINDOW_SIZE);
	len = peer_encode(rig, &sccrq, 0, 0, 0, 0, buf, sizeof(buf));
	for (unsigned i = 0; i < 20; i++) {
		struct l2tp_core_stats stats;

		peer_bytes(rig, buf, len);
		balance.in += len;
		rig_wait(rig, i < 19 ? SEC / 2 : 300 * SEC);
		weigh(rig, &balance);
		assert_true(balance.out <= 5 * balance.in);
		l2tp_core_stats(rig->core, &stats);
		assert_true(stats.held_back > 0);
	}
	/* but it does get an answer, or nobody could connect */
	assert_true(balance.out > len);
}

static void test_refusals_are_brief(void **state)
{
	struct rig *rig = *state;
	struct l2tp_msg tiny = peer_msg(L2TP_MSG_SCCRQ);
	uint8_t buf[64];
	size_t len = peer_encode(rig, &tiny, 0, 0, 0, 0, buf, sizeof(buf));
	char text[160];

	assert_int_equal(len, 20);
	peer_bytes(rig, buf, len);
	assert_in_range(rig_sent(rig, L2TP_MSG_STOPCCN)->effect.send.len, 1, 5 * len);
	rig_forget(rig);
	memset(text, 't', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	l2tp_core_refuse(rig->core, rig->now, &rig->path, buf, len, L2TP_STOPCCN_NOT_AUTHORIZED,
		L2TP_ERR_NONE, text);
	rig_drain(rig);
	assert_int_equal(rig_sent(rig, L2TP_MSG_STOPCCN)->effect.send.len, 5 * len);
}

/* An acknowledgement in a tunnel id nobody can guess is proof enough. */
static void test_proven_peer_is_not_held_back(void **state)
{
	struct rig *rig = *state;
	struct l2tp_core_stats stats;

	rig->params.max_retransmits = 20;
	rig_tunnel_by_peer(rig);
	for (unsigned i = 0; i < 10; i++) {
		struct l2tp_msg icrq = peer_icrq((uint16_t)(1 + i), 1 + i);

		offer(rig, &icrq);
	}
	rig_wait(rig, 100 * SEC);
	l2tp_core_stats(rig->core, &stats);
	assert_int_equal(stats.held_back, 0);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_pitfall_32_sli_reaches_the_lac),
		T(test_pitfall_32_sli_of_an_lns),
		T(test_sli_is_for_an_lns_to_send),
		T(test_news_too_early_or_to_the_wrong_side),
		T(test_pitfall_32_wen_reaches_the_lns),
		T(test_pitfall_32_wen_once_a_minute),
		T(test_wen_is_for_a_lac_to_send),
		T(test_pitfall_33_proxy_is_sent_with_iccn),
		T(test_pitfall_33_only_what_is_known),
		T(test_pitfall_33_proxy_is_kept_by_the_lns),
		T(test_proxy_is_forgotten_else),
		T(test_channel_of_an_outgoing_call),
		T(test_one_framing_type_is_told),
		T(test_causes_are_sent_with_cdn),
		T(test_causes_of_the_peer),
		T(test_text_of_the_bearer),
		cmocka_unit_test(test_names_of_causes),
		T(test_no_more_than_five_times_the_octets),
		T(test_refusals_are_brief),
		T(test_proven_peer_is_not_held_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
