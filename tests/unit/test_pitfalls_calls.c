/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rest of test_pitfalls.c: the transport and calls. */
#include "core_calls.h"
#include "core_rig.h"

#include "proto/avp.h"

/* --- transport --- */

/*
 * The peer's numbers go round, with two messages swapped and one doubled where they do. xl2tpd
 * compares them with "less than".
 */
static void test_pitfall_17_tunnel_lives_over_the_wrap(void **state)
{
	struct rig *rig = *state;
	struct l2tp_msg msg = peer_msg(L2TP_MSG_HELLO);
	struct l2tp_tunnel_info info;

	rig_tunnel_by_us(rig);
	while (rig->peer_ns != 65535) {
		rig_forget(rig);
		peer_say(rig, &msg, 0);
	}
	rig_forget(rig);
	peer_say_numbered(rig, &msg, rig->tid, 0, 0, rig->peer_nr);
	assert_int_equal(rig_count(rig, L2TP_EFFECT_SEND), 0);
	peer_say_numbered(rig, &msg, rig->tid, 0, 65535, rig->peer_nr);
	assert_int_equal(rig_sent(rig, L2TP_MSG_ZLB)->msg.hdr.nr, 1);
	peer_say_numbered(rig, &msg, rig->tid, 0, 65535, rig->peer_nr);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_ZLB), 2);
	assert_int_equal(rig_sent(rig, L2TP_MSG_ZLB)->msg.hdr.nr, 1);
	assert_true(l2tp_core_tunnel_info(rig->core, rig->tid, &info));
	assert_int_equal(info.duplicates, 1);
	rig_state(rig, L2TP_TUNNEL_ESTABLISHED);
}

/* A ZLB is sent once: only a message that comes again brings another. */
static void test_pitfall_18_zlb_is_never_retransmitted(void **state)
{
	struct rig *rig = *state;
	struct l2tp_msg msg = peer_msg(L2TP_MSG_HELLO);
	uint16_t ns;

	rig->params.hello = USEC_INFINITY;
	rig_tunnel_by_us(rig);
	peer_say(rig, &msg, 0);
	ns = rig_sent(rig, L2TP_MSG_ZLB)->msg.hdr.ns;
	rig_wait(rig, 100 * SEC);
	assert_int_equal(rig_count(rig, L2TP_EFFECT_SEND), 1);
	/* it took no number: our next message has the one it showed */
	call_place_kind(rig, false);
	assert_int_equal(rig_sent(rig, L2TP_MSG_ICRQ)->msg.hdr.ns, ns);
}

/* --- calls --- */

/* RFC 2661 6.9: whatever keeps us from dialling is told by a CDN of result 4 to 10. */
static void test_pitfall_31_failures_of_an_outgoing_call(void **state)
{
	struct rig *rig = *state;

	rig_tunnel_by_peer(rig);
	for (uint16_t result = 4; result <= 10; result++) {
		struct l2tp_msg request = peer_ocrq();
		uint16_t sid;

		peer_say(rig, &request, 0);
		sid = call_accept_offer(rig);
		peer_ack(rig);
		assert_int_equal(rig_sent(rig, L2TP_MSG_OCRP)->msg.assigned_sid, sid);
		call_close_with(rig, sid, result, "");
		peer_ack(rig);
		assert_int_equal(rig_sent(rig, L2TP_MSG_CDN)->msg.result, result);
		assert_int_equal(rig_sent(rig, L2TP_MSG_CDN)->msg.assigned_sid, sid);
		assert_int_equal(rig_sent_count(rig, L2TP_MSG_OCCN), 0);
	}
	rig_state(rig, L2TP_TUNNEL_ESTABLISHED);
}

/* OCRQ of xl2tpd has neither; RFC 2661 6.9 wants both. */
static void test_pitfall_31_ocrq_without_bps(void **state)
{
	static const enum l2tp_avp_type types[] = { L2TP_AVP_MINIMUM_BPS, L2TP_AVP_MAXIMUM_BPS };
	struct rig *rig = *state;

	rig_tunnel_by_peer(rig);
	for (unsigned i = 0; i < 2; i++) {
		struct l2tp_msg request = peer_ocrq();

		request.present &= ~(UINT64_C(1) << types[i]);
		peer_say(rig, &request, 0);
		peer_ack(rig);
		assert_int_equal(rig_sent_count(rig, L2TP_MSG_CDN), i + 1);
		assert_true(rig_says(rig_sent(rig, L2TP_MSG_CDN), l2tp_avp_name(types[i])));
	}
	assert_int_equal(rig_count(rig, L2TP_EFFECT_SESSION_OFFER), 0);
}

static void wen_and_sli(struct rig *rig, uint16_t sid)
{
	rig_forget(rig);
	peer_say_hex(rig, sid, "8008 0000 0000 0010 8010 0000 0023 0000 ffffffff 000a0000");
	peer_say_hex(rig, sid,
		"8008 0000 0000 000f 8020 0000 0022 0000 00000001 00000002 00000003 00000004 "
		"00000005 00000006");
	/* while we owe a message ourselves the acknowledgement may wait for it, but not long */
	rig_wait(rig, 20 * MSEC);
	assert_in_range(rig_sent_count(rig, L2TP_MSG_ZLB), 1, 2);
	assert_int_equal(rig_sent(rig, L2TP_MSG_ZLB)->msg.hdr.nr, rig->peer_ns);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_CDN), 0);
	assert_true(call_exists(rig, sid));
}

/* RFC 2661 6.13, 6.14: at any time, also before the call is up. */
static void test_pitfall_32_wen_and_sli_in_every_state(void **state)
{
	struct l2tp_msg icrq = peer_icrq(PEER_SID, 1), iccn = peer_connected(L2TP_MSG_ICCN);
	struct l2tp_msg ocrp = peer_with_sid(L2TP_MSG_OCRP, PEER_SID + 1);
	struct l2tp_msg occn = peer_connected(L2TP_MSG_OCCN);
	struct l2tp_call_params params = { 0 };
	struct rig *rig = *state;
	uint16_t sid;

	rig_tunnel_by_peer(rig);
	peer_say(rig, &icrq, 0);
	sid = rig_last(rig, L2TP_EFFECT_SESSION_OFFER)->effect.sid;
	wen_and_sli(rig, sid); /* wait-local: policy */
	l2tp_core_accept_call(rig->core, rig->now, rig->tid, sid, &params);
	rig_drain(rig);
	wen_and_sli(rig, sid); /* wait-local: kernel */
	call_ready(rig, sid, 0);
	wen_and_sli(rig, sid); /* wait-connect */
	peer_say(rig, &iccn, sid);
	wen_and_sli(rig, sid); /* established */
	sid = call_place_kind(rig, true);
	wen_and_sli(rig, sid); /* wait-reply */
	peer_say(rig, &ocrp, sid);
	wen_and_sli(rig, sid); /* wait-connect, without our kernel */
	peer_say(rig, &occn, sid);
	wen_and_sli(rig, sid); /* wait-local */
	call_ready(rig, sid, 0);
	wen_and_sli(rig, sid); /* established */
}

/* RFC 2661 4.4.5: M is 0 in all eight, so that an LNS may ignore what it does not want. */
static void test_pitfall_33_proxy_attributes_have_no_m(void **state)
{
	for (uint16_t type = L2TP_AVP_INITIAL_LCP_CONFREQ; type <= L2TP_AVP_PROXY_AUTHEN_RESPONSE;
		type++) {
		assert_non_null(avp_find(0, type));
		assert_false(avp_find(0, type)->mandatory);
	}
}

/* RFC 2661 4.4.4: unique and increasing over all calls of all tunnels, of both kinds. */
static void test_pitfall_34_serial_numbers(void **state)
{
	struct rig *rig = *state;
	uint32_t last = 0;

	for (unsigned i = 0; i < 8; i++) {
		enum l2tp_msg_type type = i % 2 ? L2TP_MSG_OCRQ : L2TP_MSG_ICRQ;

		if (i % 4 == 0) {
			rig->peer_ns = rig->peer_nr = 0;
			l2tp_addr_set_port(&rig->path.peer, (uint16_t)(L2TP_PORT + i));
			rig_tunnel_by_us(rig);
		}
		call_place_kind(rig, i % 2);
		assert_true(rig_sent(rig, type)->msg.call_serial > last);
		last = rig_sent(rig, type)->msg.call_serial;
		peer_ack(rig);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_pitfall_17_tunnel_lives_over_the_wrap),
		TEST(test_pitfall_18_zlb_is_never_retransmitted),
		TEST(test_pitfall_31_failures_of_an_outgoing_call),
		TEST(test_pitfall_31_ocrq_without_bps),
		TEST(test_pitfall_32_wen_and_sli_in_every_state),
		TEST(test_pitfall_33_proxy_attributes_have_no_m),
		TEST(test_pitfall_34_serial_numbers),
	};

	return cmocka_run_group_tests_name("pitfalls", tests, NULL, NULL);
}
