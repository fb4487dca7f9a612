/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is told about a call besides its states: SLI and WEN (RFC 2661 6.13, 6.14), why it ended
 * (Q.931, RFC 3145); and how little is told to an address that has proved nothing.
 */
#include "core_calls.h"
#include "core_rig.h"

#include <errno.h>

static const uint32_t errors[6] = { 1, 2, 3, 4, 5, 0xfffffffe };

static uint16_t up_as_lac(struct rig *rig)
{
	struct l2tp_call_params params = { 0 };
	uint16_t sid;

	rig_tunnel_by_us(rig);
	sid = call_place(rig, &params);
	call_reply(rig, sid);
	rig_forget(rig);
	return sid;
}

static uint16_t up_as_lns(struct rig *rig)
{
	struct l2tp_msg icrq = peer_icrq(PEER_SID, 1), iccn = peer_connected(L2TP_MSG_ICCN);
	uint16_t sid;

	rig_tunnel_by_peer(rig);
	sid = call_take(rig, &icrq);
	peer_say(rig, &iccn, sid);
	assert_int_equal(call_info(rig, sid).state, L2TP_SESSION_ESTABLISHED);
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

/* --- SLI --- */

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
	sid = call_take(rig, &icrq);
	peer_say(rig, &wen, sid);
	peer_say(rig, &sli, sid);
	l2tp_core_send_accm(rig->core, rig->now, rig->tid, sid, 1, 2);
	rig_drain(rig);
	assert_int_equal(rig_count(rig, L2TP_EFFECT_SESSION_ACCM), 0);
	assert_int_equal(rig_count(rig, L2TP_EFFECT_SESSION_ERRORS), 0);
	assert_int_equal(rig_count(rig, L2TP_EFFECT_SESSION_DOWN), 0);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_SLI), 0);
	assert_int_equal(call_info(rig, sid).state, L2TP_SESSION_WAIT_CONNECT);
}

/* --- WEN --- */

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

/* --- why it ended --- */

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
	assert_int_equal(call_down(rig)->ppp_cause, 8);
	assert_int_equal(call_down(rig)->ppp_cause_protocol, 0xc021);
	assert_int_equal(call_down(rig)->ppp_cause_direction, 2);
	assert_int_equal(call_down(rig)->q931_cause, 31);
	/* no text of the peer: the cause says it best */
	assert_string_equal(call_down(rig)->text, "LCP echoes were not answered");
}

static void test_text_of_the_bearer(void **state)
{
	struct rig *rig = *state;
	struct l2tp_msg cdn = peer_cdn(PEER_SID, L2TP_CDN_LOST_CARRIER, NULL);
	uint16_t sid = up_as_lac(rig);

	cdn.cause_text = l2tp_span_of("Normal call clearing");
	l2tp_msg_set(&cdn, L2TP_AVP_CAUSE_CODE);
	peer_say(rig, &cdn, sid);
	assert_string_equal(call_down(rig)->text, "Normal call clearing");
}

static void test_names_of_causes(void **state)
{
	for (unsigned i = 0; i <= L2TP_PPP_CAUSE_NO_ADDRESS; i++)
		assert_string_not_equal(l2tp_ppp_cause_name(i), "unknown");
	assert_string_equal(l2tp_ppp_cause_name(21), "unknown");
	assert_string_equal(l2tp_ppp_cause_name(65535), "unknown");
}

/* --- an address that proves nothing --- */

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

		call_take(rig, &icrq);
	}
	rig_wait(rig, 100 * SEC);
	l2tp_core_stats(rig->core, &stats);
	assert_int_equal(stats.held_back, 0);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)
	const struct CMUnitTest tests[] = {
		T(test_pitfall_32_sli_reaches_the_lac),
		T(test_pitfall_32_sli_of_an_lns),
		T(test_sli_is_for_an_lns_to_send),
		T(test_news_too_early_or_to_the_wrong_side),
		T(test_pitfall_32_wen_reaches_the_lns),
		T(test_pitfall_32_wen_once_a_minute),
		T(test_wen_is_for_a_lac_to_send),
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
