// SPDX-License-Identifier: GPL-2.0-or-later
/* The control connection: RFC 2661 5.1 to 5.8, 6.1 to 6.5, 7.2, 8.1. */
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

static const struct l2tp_reason *down(const struct rig *rig)
{
	assert_int_equal(rig_count(rig, L2TP_EFFECT_TUNNEL_DOWN), 1);
	return &rig_last(rig, L2TP_EFFECT_TUNNEL_DOWN)->effect.reason;
}

static void close_tunnel(struct rig *rig, uint16_t result, const char *text)
{
	struct l2tp_reason why = { .stopccn = true, .result = result };

	strncpy(why.text, text, sizeof(why.text) - 1);
	l2tp_core_close_tunnel(rig->core, rig->now, rig->tid, &why);
	rig_drain(rig);
}

static struct l2tp_msg stopccn(uint16_t tid, uint16_t result, const char *text)
{
	struct l2tp_msg msg = peer_msg(L2TP_MSG_STOPCCN);

	msg.assigned_tid = tid;
	l2tp_msg_set(&msg, L2TP_AVP_ASSIGNED_TUNNEL_ID);
	msg.result = result;
	msg.result_text = l2tp_span_of(text);
	l2tp_msg_set(&msg, L2TP_AVP_RESULT_CODE);
	return msg;
}

/* A message with one attribute more than it should have. */
static void say_with(struct rig *rig, enum l2tp_msg_type type, uint16_t flags, uint16_t vendor,
	uint16_t attribute)
{
	struct l2tp_msg msg = peer_msg(type);
	uint8_t buf[256];
	size_t len = peer_encode(
		rig, &msg, rig->tid, 0, rig->peer_ns++, rig->peer_nr, buf, sizeof(buf) - 8);
	uint8_t avp[8] = { (uint8_t)(flags >> 8), 8, (uint8_t)(vendor >> 8), (uint8_t)vendor,
		(uint8_t)(attribute >> 8), (uint8_t)attribute, 1, 2 };

	memcpy(buf + len, avp, sizeof(avp));
	buf[3] = (uint8_t)(len + sizeof(avp));
	peer_bytes(rig, buf, len + sizeof(avp));
}

/* The state is over: nothing left, no deadline either. */
static void assert_empty(struct rig *rig)
{
	struct l2tp_core_stats stats;

	l2tp_core_stats(rig->core, &stats);
	assert_int_equal(stats.tunnels, 0);
	assert_int_equal(stats.sessions, 0);
	assert_int_equal(stats.half_open, 0);
	assert_int_equal(l2tp_core_next_timeout(rig->core), USEC_INFINITY);
}

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

static void test_pitfall_05_unknown_mandatory_avp_stops_the_tunnel(void **state)
{
	struct rig *rig = *state;
	const struct l2tp_msg *stop;

	rig_tunnel_by_us(rig);
	say_with(rig, L2TP_MSG_HELLO, 0x8000, 0, 99);
	stop = &rig_sent(rig, L2TP_MSG_STOPCCN)->msg;
	assert_int_equal(stop->result, L2TP_STOPCCN_ERROR);
	assert_int_equal(stop->error, L2TP_ERR_UNKNOWN_AVP);
	/* acknowledged, and the text names the attribute */
	assert_int_equal(stop->hdr.nr, rig->peer_ns);
	assert_non_null(strstr(down(rig)->text, "99"));
	assert_int_equal(down(rig)->who, L2TP_WHO_LOCAL);
}

static void test_pitfall_04_of_a_vendor_too(void **state)
{
	struct rig *rig = *state;

	rig_tunnel_by_us(rig);
	say_with(rig, L2TP_MSG_HELLO, 0x8000, 9, 7);
	assert_int_equal(rig_sent(rig, L2TP_MSG_STOPCCN)->msg.error, L2TP_ERR_UNKNOWN_AVP);
}

static void test_pitfall_06_unknown_optional_avp_is_skipped(void **state)
{
	struct rig *rig = *state;
	struct l2tp_tunnel_info info;

	rig_tunnel_by_us(rig);
	say_with(rig, L2TP_MSG_HELLO, 0, 9, 7);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_ZLB), 1);
	rig_state(rig, L2TP_TUNNEL_ESTABLISHED);
	assert_true(l2tp_core_tunnel_info(rig->core, rig->tid, &info));
	assert_int_equal(info.deviations[2], 1);
}

static void test_pitfall_07_unknown_message_type(void **state)
{
	/* a bare header and a Message Type AVP: 100, without and with M */
	uint8_t buf[20] = { 0xc8, 0x02, 0, 20, 0, 0, 0, 0, 0, 1, 0, 2, 0x00, 8, 0, 0, 0, 0, 0,
		100 };
	struct rig *rig = *state;

	rig_tunnel_by_us(rig);
	buf[4] = (uint8_t)(rig->tid >> 8);
	buf[5] = (uint8_t)rig->tid;
	peer_bytes(rig, buf, sizeof(buf));
	assert_int_equal(rig_sent(rig, L2TP_MSG_ZLB)->msg.hdr.nr, 2);
	rig_state(rig, L2TP_TUNNEL_ESTABLISHED);
	buf[9] = 2;
	buf[12] = 0x80;
	peer_bytes(rig, buf, sizeof(buf));
	assert_int_equal(rig_sent(rig, L2TP_MSG_STOPCCN)->msg.result, L2TP_STOPCCN_ERROR);
	rig_state(rig, L2TP_TUNNEL_CLOSING);
}

static void test_pitfall_11_absent_window_means_4(void **state)
{
	struct rig *rig = *state;
	struct l2tp_msg msg = peer_sccrp();
	struct l2tp_tunnel_info info;

	msg.present &= ~(UINT64_C(1) << L2TP_AVP_RECEIVE_WINDOW_SIZE);
	rig_we_open(rig);
	peer_say(rig, &msg, 0);
	assert_true(l2tp_core_tunnel_info(rig->core, rig->tid, &info));
	assert_int_equal(info.peer_window, 4);
}

static void test_pitfall_11_window_of_zero_is_refused(void **state)
{
	struct rig *rig = *state;
	struct l2tp_msg msg = peer_sccrq();

	msg.receive_window = 0;
	peer_say(rig, &msg, 0);
	assert_int_equal(rig_sent(rig, L2TP_MSG_STOPCCN)->msg.error, L2TP_ERR_VALUE);
	assert_empty(rig);
}

static void test_pitfall_13_ids_are_random_and_rest(void **state)
{
	struct rig *rig = *state;
	static bool used[65536];
	unsigned ascending = 0;
	uint16_t last = 0;

	memset(used, 0, sizeof(used));
	rig->params.max_retransmits = 1;
	for (unsigned i = 0; i < 15; i++) {
		rig_forget(rig);
		for (unsigned j = 0; j < 20; j++) {
			rig_we_open(rig);
			assert_int_not_equal(rig->tid, 0);
			assert_false(used[rig->tid]);
			used[rig->tid] = true;
			ascending += rig->tid > last;
			last = rig->tid;
		}
		rig_wait(rig, 4 * SEC - 1);
		assert_empty(rig);
	}
	assert_in_range(ascending, 100, 200);
}

static void test_pitfall_14_stopccn_to_tunnel_0(void **state)
{
	struct rig *rig = *state;
	struct l2tp_msg msg = stopccn(PEER_TID, L2TP_STOPCCN_SHUTDOWN, "bye");

	rig_tunnel_by_us(rig);
	/* not from somebody else */
	l2tp_addr_set_port(&rig->path.peer, 9);
	peer_say_numbered(rig, &msg, 0, 0, rig->peer_ns, rig->peer_nr);
	rig_state(rig, L2TP_TUNNEL_ESTABLISHED);
	assert_int_equal(rig_drops(rig, L2TP_DROP_NOT_SCCRQ), 1);
	l2tp_addr_set_port(&rig->path.peer, L2TP_PORT);
	peer_say_numbered(rig, &msg, 0, 0, rig->peer_ns, rig->peer_nr);
	rig_state(rig, L2TP_TUNNEL_CLOSING);
	assert_int_equal(down(rig)->who, L2TP_WHO_PEER);
	assert_int_equal(down(rig)->result, L2TP_STOPCCN_SHUTDOWN);
	assert_string_equal(down(rig)->text, "bye");
	assert_int_equal(rig_sent(rig, L2TP_MSG_ZLB)->msg.hdr.tid, PEER_TID);
}

/* A peer that could not even read our Assigned Tunnel ID (hidden, other secret). */
static void test_pitfall_14_refusal_that_names_nobody(void **state)
{
	struct rig *rig = *state;
	struct l2tp_msg msg = stopccn(999, L2TP_STOPCCN_NOT_AUTHORIZED, "");

	rig_we_open(rig);
	l2tp_addr_set_port(&rig->path.local, 40001);
	peer_say_numbered(rig, &msg, 0, 0, 0, 1);
	rig_state(rig, L2TP_TUNNEL_WAIT_CTL_REPLY);
	l2tp_addr_set_port(&rig->path.local, 40000);
	peer_say_numbered(rig, &msg, 0, 0, 0, 1);
	rig_state(rig, L2TP_TUNNEL_CLOSING);
	assert_int_equal(down(rig)->result, L2TP_STOPCCN_NOT_AUTHORIZED);
	assert_int_not_equal(down(rig)->text[0], 0);
}

static void test_pitfall_15_result_code_of_8_octets(void **state)
{
	/* StopCCN: Message Type, Assigned Tunnel ID, Result Code without error */
	uint8_t buf[] = { 0xc8, 0x02, 0, 36, 0, 0, 0, 0, 0, 1, 0, 2, 0x80, 8, 0, 0, 0, 0, 0, 4,
		0x80, 8, 0, 0, 0, 9, 0x10, 0x92, 0x80, 8, 0, 0, 0, 1, 0, 6 };
	struct rig *rig = *state;

	rig_tunnel_by_us(rig);
	buf[4] = (uint8_t)(rig->tid >> 8);
	buf[5] = (uint8_t)rig->tid;
	peer_bytes(rig, buf, sizeof(buf));
	assert_int_equal(down(rig)->result, 6);
}

static void test_pitfall_16_other_protocol_version(void **state)
{
	struct rig *rig = *state;
	struct l2tp_msg msg = peer_sccrq();

	msg.protocol_version = 0x0200;
	peer_say(rig, &msg, 0);
	assert_int_equal(rig_sent(rig, L2TP_MSG_STOPCCN)->msg.result, L2TP_STOPCCN_VERSION);
	assert_int_equal(rig_sent(rig, L2TP_MSG_STOPCCN)->msg.error, 0x0100);
	assert_int_equal(rig_sent(rig, L2TP_MSG_STOPCCN)->msg.hdr.tid, PEER_TID);
	assert_int_equal(rig_sent(rig, L2TP_MSG_STOPCCN)->msg.hdr.nr, 1);
	assert_int_equal(rig_sent(rig, L2TP_MSG_STOPCCN)->effect.tid, 0);
	assert_empty(rig);
}

static void test_pitfall_16_sccrp_of_another_version(void **state)
{
	struct rig *rig = *state;
	struct l2tp_msg msg = peer_sccrp();

	rig_we_open(rig);
	msg.protocol_version = 0x0200;
	peer_say(rig, &msg, 0);
	assert_int_equal(rig_sent(rig, L2TP_MSG_STOPCCN)->msg.result, L2TP_STOPCCN_VERSION);
	assert_int_equal(rig_sent(rig, L2TP_MSG_STOPCCN)->msg.hdr.tid, PEER_TID);
	rig_state(rig, L2TP_TUNNEL_CLOSING);
}

static void test_pitfall_17_forged_nr_does_not_end_the_tunnel(void **state)
{
	struct rig *rig = *state;
	struct l2tp_msg msg = stopccn(PEER_TID, 1, "forged");

	rig_tunnel_by_us(rig);
	peer_say_numbered(rig, &msg, rig->tid, 0, rig->peer_ns, (uint16_t)(rig->peer_nr + 1000));
	rig_state(rig, L2TP_TUNNEL_ESTABLISHED);
	assert_int_equal(rig_drops(rig, L2TP_DROP_BAD_ACK), 1);
}

static void test_pitfall_18_duplicate_is_acked_not_processed(void **state)
{
	struct rig *rig = *state;
	struct l2tp_msg msg = peer_msg(L2TP_MSG_HELLO);
	struct l2tp_core_stats stats;

	rig_tunnel_by_us(rig);
	peer_say(rig, &msg, 0);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_ZLB), 1);
	peer_say_numbered(rig, &msg, rig->tid, 0, (uint16_t)(rig->peer_ns - 1), rig->peer_nr);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_ZLB), 2);
	l2tp_core_stats(rig->core, &stats);
	assert_int_equal(stats.duplicates, 1);
	/* a ZLB is not acknowledged */
	peer_ack(rig);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_ZLB), 2);
}

static void test_pitfall_21_order_is_restored(void **state)
{
	struct rig *rig = *state;
	struct l2tp_msg hello = peer_msg(L2TP_MSG_HELLO);
	struct l2tp_msg stop = stopccn(PEER_TID, 1, "");

	rig_tunnel_by_us(rig);
	peer_say_numbered(rig, &stop, rig->tid, 0, (uint16_t)(rig->peer_ns + 2), rig->peer_nr);
	peer_say_numbered(rig, &hello, rig->tid, 0, (uint16_t)(rig->peer_ns + 1), rig->peer_nr);
	rig_state(rig, L2TP_TUNNEL_ESTABLISHED);
	assert_int_equal(rig_count(rig, L2TP_EFFECT_SEND), 0);
	peer_say_numbered(rig, &hello, rig->tid, 0, rig->peer_ns, rig->peer_nr);
	rig_state(rig, L2TP_TUNNEL_CLOSING);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_ZLB), 1);
	assert_int_equal(rig_sent(rig, L2TP_MSG_ZLB)->msg.hdr.nr, rig->peer_ns + 3);
	/* beyond the window */
	peer_say_numbered(rig, &hello, rig->tid, 0, (uint16_t)(rig->peer_ns + 30), rig->peer_nr);
	assert_int_equal(rig_drops(rig, L2TP_DROP_WINDOW), 1);
}

static void test_pitfall_22_state_kept_after_the_peers_stopccn(void **state)
{
	struct rig *rig = *state;
	struct l2tp_msg msg = stopccn(PEER_TID, 1, "");

	rig_tunnel_by_us(rig);
	peer_say(rig, &msg, 0);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_ZLB), 1);
	rig_wait(rig, 30 * SEC);
	/* its acknowledgement was lost: again */
	peer_say_numbered(rig, &msg, rig->tid, 0, (uint16_t)(rig->peer_ns - 1), rig->peer_nr);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_ZLB), 2);
	assert_int_equal(rig_count(rig, L2TP_EFFECT_TUNNEL_GONE), 0);
	rig_wait(rig, 2 * SEC);
	assert_int_equal(rig_count(rig, L2TP_EFFECT_TUNNEL_GONE), 1);
	assert_int_equal(rig_count(rig, L2TP_EFFECT_TUNNEL_DOWN), 1);
	assert_empty(rig);
}

static void test_pitfall_22_state_kept_after_our_stopccn(void **state)
{
	struct rig *rig = *state;

	rig_tunnel_by_us(rig);
	close_tunnel(rig, L2TP_STOPCCN_SHUTDOWN, "going home");
	assert_int_equal(rig_sent(rig, L2TP_MSG_STOPCCN)->msg.assigned_tid, rig->tid);
	assert_int_equal(rig_sent(rig, L2TP_MSG_STOPCCN)->msg.result, L2TP_STOPCCN_SHUTDOWN);
	assert_string_equal(down(rig)->text, "going home");
	rig_wait(rig, SEC);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_STOPCCN), 2);
	peer_ack(rig);
	rig_wait(rig, 29 * SEC);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_STOPCCN), 2);
	rig_state(rig, L2TP_TUNNEL_CLOSING);
	rig_wait(rig, 2 * SEC);
	assert_int_equal(rig_count(rig, L2TP_EFFECT_TUNNEL_GONE), 1);
	assert_empty(rig);
}

/* The peer is gone: what it did not acknowledge is not sent again. */
static void test_pitfall_22_nothing_is_retransmitted_to_the_stopped(void **state)
{
	struct rig *rig = *state;
	struct l2tp_msg msg = stopccn(PEER_TID, 1, "");

	rig_tunnel_by_us(rig);
	rig_wait(rig, 60 * SEC);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_HELLO), 1);
	peer_say_numbered(rig, &msg, rig->tid, 0, rig->peer_ns, (uint16_t)(rig->peer_nr - 1));
	rig_wait(rig, 40 * SEC);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_HELLO), 1);
	assert_empty(rig);
}

static void test_pitfall_22_both_stop_at_once(void **state)
{
	struct rig *rig = *state;
	struct l2tp_msg msg = stopccn(PEER_TID, 1, "");

	rig_tunnel_by_us(rig);
	close_tunnel(rig, 1, "");
	peer_say_numbered(rig, &msg, rig->tid, 0, rig->peer_ns, (uint16_t)(rig->peer_nr - 1));
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_ZLB), 1);
	assert_int_equal(rig_count(rig, L2TP_EFFECT_TUNNEL_DOWN), 1);
	rig_wait(rig, 40 * SEC);
	assert_empty(rig);
}

static void test_pitfall_22_anything_is_acked_in_closing(void **state)
{
	struct rig *rig = *state;
	struct l2tp_msg msg = peer_sccrp();

	rig_tunnel_by_us(rig);
	close_tunnel(rig, 1, "");
	peer_say(rig, &msg, 0);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_ZLB), 1);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_STOPCCN), 1);
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

static void test_pitfall_23_late_duplicate_is_only_acked(void **state)
{
	struct rig *rig = *state;
	struct l2tp_msg msg = peer_sccrq();
	uint16_t tid;

	rig_tunnel_by_peer(rig);
	tid = rig->tid;
	peer_say_numbered(rig, &msg, 0, 0, 0, 0);
	assert_int_equal(rig_count(rig, L2TP_EFFECT_SEND), 1);
	assert_int_equal(rig_sent(rig, L2TP_MSG_ZLB)->msg.hdr.tid, PEER_TID);
	rig_state(rig, L2TP_TUNNEL_ESTABLISHED);
	close_tunnel(rig, 1, "");
	peer_say_numbered(rig, &msg, 0, 0, 0, 0);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_ZLB), 2);
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
		assert_non_null(strstr(down(rig)->text, "in state established"));
		assert_non_null(strstr(down(rig)->text, l2tp_msg_name(types[i])));
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
	struct l2tp_msg msg = stopccn(PEER_TID, 1, "forged");

	rig_tunnel_by_peer(rig);
	assert_int_equal(l2tp_addr_parse("203.0.113.66", L2TP_PORT, &rig->path.peer), 0);
	peer_say(rig, &msg, 0);
	rig_state(rig, L2TP_TUNNEL_ESTABLISHED);
	assert_int_equal(rig_drops(rig, L2TP_DROP_WRONG_PEER), 1);
	assert_int_equal(rig_count(rig, L2TP_EFFECT_SEND), 0);
}

static void test_pitfall_27_hello_after_silence_only(void **state)
{
	struct rig *rig = *state;
	struct l2tp_msg msg = peer_msg(L2TP_MSG_HELLO);

	rig_tunnel_by_us(rig);
	rig_wait(rig, 59 * SEC);
	peer_say(rig, &msg, 0);
	rig_wait(rig, 59 * SEC);
	l2tp_core_saw_data(rig->core, rig->now, rig->tid);
	rig_wait(rig, 59 * SEC);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_HELLO), 0);
	rig_wait(rig, SEC);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_HELLO), 1);
	assert_int_equal(rig_sent(rig, L2TP_MSG_HELLO)->msg.hdr.sid, 0);
	peer_ack(rig);
	rig_wait(rig, 60 * SEC);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_HELLO), 2);
}

static void test_pitfall_27_hello_is_answered_by_ack_only(void **state)
{
	struct rig *rig = *state;
	struct l2tp_msg msg = peer_msg(L2TP_MSG_HELLO);

	rig_tunnel_by_us(rig);
	peer_say(rig, &msg, 0);
	assert_int_equal(rig_count(rig, L2TP_EFFECT_SEND), 1);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_ZLB), 1);
}

static void test_hello_never(void **state)
{
	struct rig *rig = *state;

	rig->params.hello = USEC_INFINITY;
	rig_tunnel_by_us(rig);
	assert_int_equal(l2tp_core_next_timeout(rig->core), USEC_INFINITY);
}

static void test_dead_peer_is_found_by_hello(void **state)
{
	struct rig *rig = *state;

	rig_tunnel_by_us(rig);
	rig_wait(rig, 60 * SEC + 31 * SEC - 1);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_HELLO), 6);
	assert_int_equal(rig_count(rig, L2TP_EFFECT_TUNNEL_DOWN), 0);
	rig_wait(rig, 1);
	assert_int_equal(down(rig)->who, L2TP_WHO_TIMEOUT);
	assert_string_equal(down(rig)->text, "no answer from 198.51.100.7:1701 after 6 tries");
	assert_int_equal(rig_count(rig, L2TP_EFFECT_TUNNEL_GONE), 1);
	assert_empty(rig);
}

static void test_nobody_answers(void **state)
{
	struct rig *rig = *state;

	rig_we_open(rig);
	rig_wait(rig, 31 * SEC);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_SCCRQ), 6);
	assert_int_equal(down(rig)->who, L2TP_WHO_TIMEOUT);
	assert_int_equal(down(rig)->result, 0);
	assert_empty(rig);
}

/* RFC 2661 5.8: the cap on the interval MUST be no less than 8 seconds. */
static void test_pitfall_19_cap_below_8_seconds(void **state)
{
	struct rig *rig = *state;

	rig->params.retransmit_cap = SEC;
	rig_we_open(rig);
	rig_wait(rig, 31 * SEC - 1);
	assert_int_equal(rig_count(rig, L2TP_EFFECT_TUNNEL_DOWN), 0);
	rig_wait(rig, 1);
	assert_int_equal(down(rig)->who, L2TP_WHO_TIMEOUT);
}

static void test_retransmission_parameters(void **state)
{
	struct rig *rig = *state;

	rig->params.retransmit = 100 * MSEC;
	rig->params.max_retransmits = 2;
	rig_we_open(rig);
	rig_wait(rig, 700 * MSEC);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_SCCRQ), 3);
	assert_string_equal(down(rig)->text, "no answer from 198.51.100.7:1701 after 3 tries");
}

/* Nobody could tell whom such a ZLB is for. */
static void test_no_zlb_before_the_peers_id_is_known(void **state)
{
	struct rig *rig = *state;
	struct l2tp_msg hello = peer_msg(L2TP_MSG_HELLO), sccrp = peer_sccrp();

	rig_we_open(rig);
	peer_say(rig, &hello, 0);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_ZLB), 0);
	peer_say(rig, &sccrp, 0);
	assert_int_equal(rig_sent(rig, L2TP_MSG_SCCCN)->msg.hdr.nr, 2);
}

/* It acknowledges, but that is all it does. */
static void test_setup_timeout(void **state)
{
	struct rig *rig = *state;

	rig->params.setup_timeout = 20 * SEC;
	rig_we_open(rig);
	peer_ack(rig);
	rig_wait(rig, 20 * SEC);
	assert_int_equal(down(rig)->who, L2TP_WHO_TIMEOUT);
	assert_string_equal(down(rig)->text, "tunnel not established within 20 s");
	assert_int_equal(rig_sent(rig, L2TP_MSG_STOPCCN)->msg.hdr.tid, 0);
	assert_int_equal(rig_sent(rig, L2TP_MSG_STOPCCN)->msg.assigned_tid, rig->tid);
	rig_wait(rig, 40 * SEC);
	assert_empty(rig);
}

static void test_setup_timeout_of_the_responder(void **state)
{
	struct rig *rig = *state;

	rig_peer_requests(rig);
	peer_ack(rig);
	rig_wait(rig, 60 * SEC);
	assert_int_equal(down(rig)->who, L2TP_WHO_TIMEOUT);
	rig_wait(rig, 40 * SEC);
	assert_empty(rig);
}

/* SCCRP comes when we have given up: now StopCCN can reach the peer. */
static void test_late_sccrp_tells_where_stopccn_belongs(void **state)
{
	struct rig *rig = *state;
	struct l2tp_msg msg = peer_sccrp();

	rig_we_open(rig);
	close_tunnel(rig, 1, "changed our mind");
	assert_int_equal(rig_sent(rig, L2TP_MSG_STOPCCN)->msg.hdr.tid, 0);
	l2tp_addr_set_port(&rig->path.peer, 7701);
	peer_say_numbered(rig, &msg, rig->tid, 0, 0, 1);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_STOPCCN), 2);
	assert_int_equal(rig_sent(rig, L2TP_MSG_STOPCCN)->msg.hdr.tid, PEER_TID);
	assert_int_equal(l2tp_addr_port(&rig_sent(rig, L2TP_MSG_STOPCCN)->effect.path.peer), 7701);
	assert_int_equal(rig_count(rig, L2TP_EFFECT_TUNNEL_UP), 0);
}

static void test_linger(void **state)
{
	struct rig *rig = *state;

	rig->params.linger = 10 * SEC;
	rig_tunnel_by_us(rig);
	rig_wait(rig, 10 * SEC - 1);
	rig_state(rig, L2TP_TUNNEL_ESTABLISHED);
	rig_wait(rig, 1);
	assert_int_equal(rig_sent(rig, L2TP_MSG_STOPCCN)->msg.result, L2TP_STOPCCN_CLEAR);
	assert_string_equal(down(rig)->text, "no calls for 10 s");
}

/* On a bad line its first ICRQ may take a few seconds more than a tunnel lingers. */
static void test_linger_of_a_tunnel_that_waits_for_its_first_call(void **state)
{
	struct rig *rig = *state;
	struct l2tp_msg icrq = peer_icrq(PEER_SID, 1);
	struct l2tp_reason why = { .result = L2TP_CDN_ADMIN };

	rig->params.linger = 2 * SEC;
	rig->params.setup_timeout = 30 * SEC;
	rig_tunnel_by_peer(rig);
	rig_wait(rig, 30 * SEC - 1);
	rig_state(rig, L2TP_TUNNEL_ESTABLISHED);
	peer_say(rig, &icrq, 0);
	l2tp_core_close_session(rig->core, rig->now, rig->tid,
		rig_last(rig, L2TP_EFFECT_SESSION_OFFER)->effect.sid, &why);
	rig_drain(rig);
	peer_ack(rig);
	rig_wait(rig, 2 * SEC);
	assert_string_equal(down(rig)->text, "no calls for 2 s");
}

static void test_sleep_of_a_day(void **state)
{
	struct rig *rig = *state;

	rig_tunnel_by_us(rig);
	rig->now += 86400 * SEC;
	l2tp_core_timeout(rig->core, rig->now);
	rig_drain(rig);
	/* the peer may have slept, too: asked first, not given up */
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_HELLO), 1);
	rig_state(rig, L2TP_TUNNEL_ESTABLISHED);
	peer_ack(rig);
	rig_wait(rig, SEC);
	rig_state(rig, L2TP_TUNNEL_ESTABLISHED);
}

static void test_drops_are_counted(void **state)
{
	static const uint8_t data_packet[] = { 0x00, 0x02, 0, 1, 0, 1, 0xff, 3 };
	static const uint8_t version_3[] = { 0xc8, 0x03, 0, 12, 0, 0, 0, 0, 0, 0, 0, 0 };
	struct rig *rig = *state;
	struct l2tp_msg msg = peer_msg(L2TP_MSG_HELLO);

	peer_bytes(rig, data_packet, sizeof(data_packet));
	peer_bytes(rig, version_3, sizeof(version_3));
	peer_bytes(rig, version_3, 0);
	assert_int_equal(rig_drops(rig, L2TP_DROP_MALFORMED), 3);
	peer_say_numbered(rig, &msg, 5, 0, 0, 0);
	assert_int_equal(rig_drops(rig, L2TP_DROP_NO_TUNNEL), 1);
	peer_say_numbered(rig, &msg, 0, 0, 0, 0);
	assert_int_equal(rig_drops(rig, L2TP_DROP_NOT_SCCRQ), 1);
	assert_int_equal(rig->count, 0);
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
	assert_empty(rig);
}

static void test_set_local(void **state)
{
	struct rig *rig = *state;
	struct l2tp_addr local;

	l2tp_addr_set_port(&rig->path.local, 0);
	rig_tunnel_by_us(rig);
	assert_int_equal(l2tp_addr_parse("192.0.2.9", 50001, &local), 0);
	l2tp_core_set_local(rig->core, rig->tid, &local);
	close_tunnel(rig, 1, "");
	assert_int_equal(
		l2tp_addr_port(&rig_sent(rig, L2TP_MSG_STOPCCN)->effect.path.local), 50001);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_we_open),
		TEST(test_peer_opens),
		TEST(test_trace),
		TEST(test_pitfall_04_of_a_vendor_too),
		TEST(test_pitfall_05_unknown_mandatory_avp_stops_the_tunnel),
		TEST(test_pitfall_06_unknown_optional_avp_is_skipped),
		TEST(test_pitfall_07_unknown_message_type),
		TEST(test_pitfall_11_absent_window_means_4),
		TEST(test_pitfall_11_window_of_zero_is_refused),
		TEST(test_pitfall_13_ids_are_random_and_rest),
		TEST(test_pitfall_14_stopccn_to_tunnel_0),
		TEST(test_pitfall_14_refusal_that_names_nobody),
		TEST(test_pitfall_15_result_code_of_8_octets),
		TEST(test_pitfall_16_other_protocol_version),
		TEST(test_pitfall_16_sccrp_of_another_version),
		TEST(test_pitfall_17_forged_nr_does_not_end_the_tunnel),
		TEST(test_pitfall_18_duplicate_is_acked_not_processed),
		TEST(test_pitfall_21_order_is_restored),
		TEST(test_pitfall_22_state_kept_after_the_peers_stopccn),
		TEST(test_pitfall_22_state_kept_after_our_stopccn),
		TEST(test_pitfall_22_nothing_is_retransmitted_to_the_stopped),
		TEST(test_pitfall_22_both_stop_at_once),
		TEST(test_pitfall_22_anything_is_acked_in_closing),
		TEST(test_pitfall_23_duplicate_sccrq),
		TEST(test_pitfall_23_late_duplicate_is_only_acked),
		TEST(test_pitfall_23_other_port_is_another_tunnel),
		TEST(test_pitfall_23_restarted_peer_gets_a_new_tunnel),
		TEST(test_pitfall_24_message_out_of_state),
		TEST(test_pitfall_24_scccn_in_reply_to_sccrq),
		TEST(test_pitfall_25_port_is_latched),
		TEST(test_pitfall_25_not_from_another_host),
		TEST(test_foreign_address_for_a_live_tunnel),
		TEST(test_pitfall_27_hello_after_silence_only),
		TEST(test_pitfall_27_hello_is_answered_by_ack_only),
		TEST(test_hello_never),
		TEST(test_dead_peer_is_found_by_hello),
		TEST(test_nobody_answers),
		TEST(test_pitfall_19_cap_below_8_seconds),
		TEST(test_retransmission_parameters),
		TEST(test_no_zlb_before_the_peers_id_is_known),
		TEST(test_setup_timeout),
		TEST(test_setup_timeout_of_the_responder),
		TEST(test_late_sccrp_tells_where_stopccn_belongs),
		TEST(test_linger),
		TEST(test_linger_of_a_tunnel_that_waits_for_its_first_call),
		TEST(test_sleep_of_a_day),
		TEST(test_drops_are_counted),
		TEST(test_orders_to_nobody),
		TEST(test_refuse),
		TEST(test_set_local),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
