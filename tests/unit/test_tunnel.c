/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The control connection: RFC 2661 5.1 to 5.8, 6.1 to 6.3, 7.2, 8.1. What its messages hold:
 * test_tunnel_msg.c; how it ends: test_tunnel_end.c. */
#include "core_rig.h"

#include <errno.h>

static void test_we_open(void **state)
{
	struct rig *rig = *state;
	struct l2tp_msg msg = peer_sccrp();
	const struct seen *sccrq;
	struct l2tp_tunnel_info info;

	rig->params.vendor = "us";
	rig->params.firmware = 0x0102;
	rig_we_open(rig);
	sccrq = rig_sent(rig, L2TP_MSG_SCCRQ);
	assert_int_equal(sccrq->msg.hdr.tid, 0);
	assert_int_equal(sccrq->msg.hdr.sid, 0);
	assert_int_equal(sccrq->msg.assigned_tid, rig->tid);
	assert_int_equal(sccrq->msg.protocol_version, 0x0100);
	assert_int_equal(sccrq->msg.framing_cap, 3);
	assert_int_equal(sccrq->msg.receive_window, 16);
	assert_int_equal(sccrq->msg.firmware_revision, 0x0102);
	assert_memory_equal(sccrq->msg.host_name.data, "us.example", 10);
	assert_memory_equal(sccrq->msg.vendor_name.data, "us", 2);
	assert_false(l2tp_msg_has(&sccrq->msg, L2TP_AVP_CHALLENGE));
	assert_false(sccrq->effect.send.reply);
	assert_int_equal(sccrq->effect.tunnel_cookie, 77);
	rig_state(rig, L2TP_TUNNEL_WAIT_CTL_REPLY);
	peer_say(rig, &msg, 0);
	rig_state(rig, L2TP_TUNNEL_ESTABLISHED);
	assert_int_equal(rig_sent(rig, L2TP_MSG_SCCCN)->msg.hdr.tid, PEER_TID);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_ZLB), 0);
	assert_true(rig_last(rig, L2TP_EFFECT_TUNNEL_UP)->effect.tunnel_up.initiator);
	assert_int_equal(rig_last(rig, L2TP_EFFECT_TUNNEL_UP)->effect.tunnel_up.peer_tid, PEER_TID);
	assert_true(l2tp_core_tunnel_info(rig->core, rig->tid, &info));
	assert_string_equal(info.peer_hostname, "peer.example");
	assert_string_equal(info.peer_vendor, "");
	assert_int_equal(info.peer_window, 8);
	assert_false(info.authenticated);
	assert_int_equal(info.cookie, 77);
}

static void test_peer_opens(void **state)
{
	struct rig *rig = *state;
	struct l2tp_msg msg = peer_msg(L2TP_MSG_SCCCN);
	struct l2tp_core_stats stats;

	rig_peer_requests(rig);
	rig_state(rig, L2TP_TUNNEL_WAIT_CTL_CONN);
	assert_int_equal(rig_sent(rig, L2TP_MSG_SCCRP)->msg.hdr.tid, PEER_TID);
	assert_int_equal(rig_sent(rig, L2TP_MSG_SCCRP)->msg.hdr.nr, 1);
	assert_true(rig_sent(rig, L2TP_MSG_SCCRP)->effect.send.reply);
	l2tp_core_stats(rig->core, &stats);
	assert_int_equal(stats.half_open, 1);
	peer_say(rig, &msg, 0);
	rig_state(rig, L2TP_TUNNEL_ESTABLISHED);
	/* the peer may have its window full of SCCCN: no delay */
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_ZLB), 1);
	assert_false(rig_last(rig, L2TP_EFFECT_TUNNEL_UP)->effect.tunnel_up.initiator);
	l2tp_core_stats(rig->core, &stats);
	assert_int_equal(stats.half_open, 0);
}

static void test_trace(void **state)
{
	struct rig *rig = *state;
	struct l2tp_msg msg = peer_sccrp();
	const struct l2tp_effect *trace;

	rig_we_open(rig);
	peer_say(rig, &msg, 0);
	trace = &rig_last(rig, L2TP_EFFECT_TRACE)->effect;
	assert_int_equal(trace->tid, rig->tid);
	assert_int_equal(trace->sid, 0);
	assert_string_equal(trace->trace.from, "wait-ctl-reply");
	assert_string_equal(trace->trace.event, "SCCRP");
	assert_string_equal(trace->trace.to, "established");
}

static void test_pitfall_23_duplicate_sccrq(void **state)
{
	struct rig *rig = *state;
	struct l2tp_msg msg = peer_sccrq();
	uint16_t tid;

	peer_say(rig, &msg, 0);
	tid = rig->tid;
	peer_say_numbered(rig, &msg, 0, 0, 0, 0);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_SCCRP), 2);
	assert_int_equal(rig_sent(rig, L2TP_MSG_SCCRP)->msg.assigned_tid, tid);
	assert_true(rig_sent(rig, L2TP_MSG_SCCRP)->effect.send.retransmit);
	assert_int_equal(l2tp_core_next_tunnel(rig->core, 0), tid);
	assert_int_equal(l2tp_core_next_tunnel(rig->core, tid), 0);
}

/* More in test_restart.c. */
static void test_pitfall_23_late_duplicate_makes_no_tunnel(void **state)
{
	struct rig *rig = *state;
	struct l2tp_msg msg = peer_sccrq();
	uint16_t tid;

	rig_tunnel_by_peer(rig);
	tid = rig->tid;
	peer_say_numbered(rig, &msg, 0, 0, 0, 0);
	assert_int_equal(rig_count(rig, L2TP_EFFECT_SEND), 1);
	/* acknowledges it, too */
	assert_int_equal(rig_sent(rig, L2TP_MSG_HELLO)->msg.hdr.tid, PEER_TID);
	rig_state(rig, L2TP_TUNNEL_ESTABLISHED);
	peer_ack(rig);
	rig_close_tunnel(rig, 1, "");
	rig_forget(rig);
	peer_say_numbered(rig, &msg, 0, 0, 0, 0);
	assert_int_equal(rig_count(rig, L2TP_EFFECT_SEND), 0);
	assert_int_equal(l2tp_core_next_tunnel(rig->core, tid), 0);
}

static void test_pitfall_23_other_port_is_another_tunnel(void **state)
{
	struct rig *rig = *state;
	struct l2tp_msg msg = peer_sccrq();
	uint16_t tid;

	peer_say(rig, &msg, 0);
	tid = rig->tid;
	l2tp_addr_set_port(&rig->path.peer, 4711);
	peer_say_numbered(rig, &msg, 0, 0, 0, 0);
	assert_int_not_equal(rig->tid, tid);
}

/* A client that lost its memory and draws the same numbers must not wait for our Hello. */
static void test_pitfall_23_restarted_peer_gets_a_new_tunnel(void **state)
{
	struct rig *rig = *state;
	struct l2tp_msg msg = peer_sccrq();
	uint16_t tid;

	rig_tunnel_by_peer(rig);
	tid = rig->tid;
	msg.vendor_name = l2tp_span_of("after the update");
	l2tp_msg_set(&msg, L2TP_AVP_VENDOR_NAME);
	peer_say_numbered(rig, &msg, 0, 0, 0, 0);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_SCCRP), 1);
	assert_int_not_equal(rig->tid, tid);
}

static void test_pitfall_24_message_out_of_state(void **state)
{
	static const enum l2tp_msg_type types[] = { L2TP_MSG_SCCRQ, L2TP_MSG_SCCRP,
		L2TP_MSG_SCCCN };
	struct rig *rig = *state;

	for (unsigned i = 0; i < 3; i++) {
		struct l2tp_msg msg = peer_sccrp();

		rig->peer_ns = rig->peer_nr = 0;
		rig_tunnel_by_us(rig);
		msg.type = (uint16_t)types[i];
		peer_say_numbered(rig, &msg, rig->tid, 0, rig->peer_ns, rig->peer_nr);
		assert_int_equal(rig_sent(rig, L2TP_MSG_STOPCCN)->msg.result, L2TP_STOPCCN_FSM);
		assert_non_null(strstr(rig_tunnel_down(rig)->text, "in state established"));
		assert_non_null(strstr(rig_tunnel_down(rig)->text, l2tp_msg_name(types[i])));
		rig_wait(rig, 40 * SEC);
	}
}

static void test_pitfall_24_scccn_in_reply_to_sccrq(void **state)
{
	struct rig *rig = *state;
	struct l2tp_msg msg = peer_msg(L2TP_MSG_SCCCN);

	rig_we_open(rig);
	peer_say(rig, &msg, 0);
	assert_int_equal(rig_sent(rig, L2TP_MSG_STOPCCN)->msg.result, L2TP_STOPCCN_FSM);
	/* to tunnel 0, since we were not told another */
	assert_int_equal(rig_sent(rig, L2TP_MSG_STOPCCN)->msg.hdr.tid, 0);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_ZLB), 0);
}

static void test_pitfall_25_port_is_latched(void **state)
{
	struct rig *rig = *state;
	struct l2tp_msg sccrp = peer_sccrp(), hello = peer_msg(L2TP_MSG_HELLO);
	const struct seen *up;

	rig_we_open(rig);
	l2tp_addr_set_port(&rig->path.peer, 7701);
	peer_say(rig, &sccrp, 0);
	up = rig_last(rig, L2TP_EFFECT_TUNNEL_UP);
	assert_int_equal(l2tp_addr_port(&up->effect.path.peer), 7701);
	assert_int_equal(l2tp_addr_port(&rig_sent(rig, L2TP_MSG_SCCCN)->effect.path.peer), 7701);
	/* static from then on */
	l2tp_addr_set_port(&rig->path.peer, L2TP_PORT);
	peer_say_numbered(rig, &hello, rig->tid, 0, 1, 1);
	assert_int_equal(rig_drops(rig, L2TP_DROP_WRONG_PEER), 1);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_ZLB), 0);
}

static void test_pitfall_25_not_from_another_host(void **state)
{
	struct rig *rig = *state;
	struct l2tp_msg msg = peer_sccrp();

	rig_we_open(rig);
	assert_int_equal(l2tp_addr_parse("198.51.100.8", L2TP_PORT, &rig->path.peer), 0);
	peer_say(rig, &msg, 0);
	rig_state(rig, L2TP_TUNNEL_WAIT_CTL_REPLY);
	assert_int_equal(rig_drops(rig, L2TP_DROP_WRONG_PEER), 1);
}

static void test_foreign_address_for_a_live_tunnel(void **state)
{
	struct rig *rig = *state;
	struct l2tp_msg msg = peer_stopccn(PEER_TID, 1, "forged");

	rig_tunnel_by_peer(rig);
	assert_int_equal(l2tp_addr_parse("203.0.113.66", L2TP_PORT, &rig->path.peer), 0);
	peer_say(rig, &msg, 0);
	rig_state(rig, L2TP_TUNNEL_ESTABLISHED);
	assert_int_equal(rig_drops(rig, L2TP_DROP_WRONG_PEER), 1);
	assert_int_equal(rig_count(rig, L2TP_EFFECT_SEND), 0);
}

static void test_orders_to_nobody(void **state)
{
	struct rig *rig = *state;
	struct l2tp_call_params call = { 0 };
	struct l2tp_reason why = { 0 };
	struct l2tp_tunnel_info info;
	struct l2tp_session_info session;

	l2tp_core_close_tunnel(rig->core, rig->now, 1, &why);
	l2tp_core_close_session(rig->core, rig->now, 1, 1, &why);
	l2tp_core_accept_call(rig->core, rig->now, 1, 1, &call);
	l2tp_core_session_ready(rig->core, rig->now, 1, 1, 0, NULL);
	l2tp_core_saw_data(rig->core, rig->now, 1);
	l2tp_core_set_local(rig->core, 1, &rig->path.local);
	assert_int_equal(l2tp_core_place_call(rig->core, rig->now, 1, &call), -ENOENT);
	assert_false(l2tp_core_tunnel_info(rig->core, 1, &info));
	assert_false(l2tp_core_session_info(rig->core, 1, 1, &session));
	assert_int_equal(l2tp_core_next_session(rig->core, 1, 0), 0);
	assert_null(l2tp_core_next_effect(rig->core));
}

static void test_refuse(void **state)
{
	struct rig *rig = *state;
	struct l2tp_msg msg = peer_sccrq();
	struct l2tp_span host;
	uint8_t buf[512];
	size_t len = peer_encode(rig, &msg, 0, 0, 0, 0, buf, sizeof(buf));

	assert_int_equal(l2tp_core_input(rig->core, rig->now, &rig->path, buf, len, &host),
		L2TP_INPUT_SCCRQ);
	assert_int_equal(host.len, 12);
	assert_memory_equal(host.data, "peer.example", 12);
	l2tp_core_refuse(rig->core, rig->now, &rig->path, buf, len, L2TP_STOPCCN_NOT_AUTHORIZED,
		L2TP_ERR_NONE, "no link for you");
	rig_drain(rig);
	assert_int_equal(rig->count, 1);
	assert_int_equal(rig_sent(rig, L2TP_MSG_STOPCCN)->msg.result, 4);
	assert_int_equal(rig_sent(rig, L2TP_MSG_STOPCCN)->msg.hdr.tid, PEER_TID);
	assert_int_not_equal(rig_sent(rig, L2TP_MSG_STOPCCN)->msg.assigned_tid, 0);
	assert_true(rig_sent(rig, L2TP_MSG_STOPCCN)->effect.send.reply);
	l2tp_core_refuse(
		rig->core, rig->now, &rig->path, buf, 3, L2TP_STOPCCN_CLEAR, L2TP_ERR_NONE, NULL);
	assert_null(l2tp_core_next_effect(rig->core));
	rig_assert_empty(rig);
}

static void test_set_local(void **state)
{
	struct rig *rig = *state;
	struct l2tp_addr local;

	l2tp_addr_set_port(&rig->path.local, 0);
	rig_tunnel_by_us(rig);
	assert_int_equal(l2tp_addr_parse("192.0.2.9", 50001, &local), 0);
	l2tp_core_set_local(rig->core, rig->tid, &local);
	rig_close_tunnel(rig, 1, "");
	assert_int_equal(
		l2tp_addr_port(&rig_sent(rig, L2TP_MSG_STOPCCN)->effect.path.local), 50001);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_we_open),
		TEST(test_peer_opens),
		TEST(test_trace),
		TEST(test_pitfall_23_duplicate_sccrq),
		TEST(test_pitfall_23_late_duplicate_makes_no_tunnel),
		TEST(test_pitfall_23_other_port_is_another_tunnel),
		TEST(test_pitfall_23_restarted_peer_gets_a_new_tunnel),
		TEST(test_pitfall_24_message_out_of_state),
		TEST(test_pitfall_24_scccn_in_reply_to_sccrq),
		TEST(test_pitfall_25_port_is_latched),
		TEST(test_pitfall_25_not_from_another_host),
		TEST(test_foreign_address_for_a_live_tunnel),
		TEST(test_orders_to_nobody),
		TEST(test_refuse),
		TEST(test_set_local),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
