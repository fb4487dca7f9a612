/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What messages of the control connection hold, and in which order they come: RFC 2661 4.1
 * to 4.4, 5.8. */
#include "core_rig.h"

#include <errno.h>

static void test_pitfall_05_unknown_mandatory_avp_stops_the_tunnel(void **state)
{
	struct rig *rig = *state;
	const struct l2tp_msg *stop;

	rig_tunnel_by_us(rig);
	peer_say_with(rig, L2TP_MSG_HELLO, 0x8000, 0, 99);
	stop = &rig_sent(rig, L2TP_MSG_STOPCCN)->msg;
	assert_int_equal(stop->result, L2TP_STOPCCN_ERROR);
	assert_int_equal(stop->error, L2TP_ERR_UNKNOWN_AVP);
	/* acknowledged, and the text names the attribute */
	assert_int_equal(stop->hdr.nr, rig->peer_ns);
	assert_non_null(strstr(rig_tunnel_down(rig)->text, "99"));
	assert_int_equal(rig_tunnel_down(rig)->who, L2TP_WHO_LOCAL);
}

static void test_pitfall_04_of_a_vendor_too(void **state)
{
	struct rig *rig = *state;

	rig_tunnel_by_us(rig);
	peer_say_with(rig, L2TP_MSG_HELLO, 0x8000, 9, 7);
	assert_int_equal(rig_sent(rig, L2TP_MSG_STOPCCN)->msg.error, L2TP_ERR_UNKNOWN_AVP);
}

static void test_pitfall_06_unknown_optional_avp_is_skipped(void **state)
{
	struct rig *rig = *state;
	struct l2tp_tunnel_info info;

	rig_tunnel_by_us(rig);
	peer_say_with(rig, L2TP_MSG_HELLO, 0, 9, 7);
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
	rig_assert_empty(rig);
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
		rig_assert_empty(rig);
	}
	assert_in_range(ascending, 100, 200);
}

static void test_pitfall_14_stopccn_to_tunnel_0(void **state)
{
	struct rig *rig = *state;
	struct l2tp_msg msg = peer_stopccn(PEER_TID, L2TP_STOPCCN_SHUTDOWN, "bye");

	rig_peer_requests(rig);
	/* not from somebody else */
	l2tp_addr_set_port(&rig->path.peer, 9);
	peer_say_numbered(rig, &msg, 0, 0, rig->peer_ns, rig->peer_nr);
	rig_state(rig, L2TP_TUNNEL_WAIT_CTL_CONN);
	assert_int_equal(rig_drops(rig, L2TP_DROP_NOT_SCCRQ), 1);
	l2tp_addr_set_port(&rig->path.peer, L2TP_PORT);
	peer_say_numbered(rig, &msg, 0, 0, rig->peer_ns, rig->peer_nr);
	rig_state(rig, L2TP_TUNNEL_CLOSING);
	assert_int_equal(rig_tunnel_down(rig)->who, L2TP_WHO_PEER);
	assert_int_equal(rig_tunnel_down(rig)->result, L2TP_STOPCCN_SHUTDOWN);
	assert_string_equal(rig_tunnel_down(rig)->text, "bye");
	assert_int_equal(rig_sent(rig, L2TP_MSG_ZLB)->msg.hdr.tid, PEER_TID);
}

/* A peer of an established tunnel knows our id. Who says 0 has guessed the peer's, which may be 1.
 */
static void test_stopccn_to_tunnel_0_once_established(void **state)
{
	struct rig *rig = *state;
	struct l2tp_msg msg = peer_stopccn(PEER_TID, L2TP_STOPCCN_SHUTDOWN, "bye");

	rig_tunnel_by_us(rig);
	peer_say_numbered(rig, &msg, 0, 0, rig->peer_ns, rig->peer_nr);
	rig_state(rig, L2TP_TUNNEL_ESTABLISHED);
	assert_int_equal(rig_drops(rig, L2TP_DROP_NOT_SCCRQ), 1);
}

/* A peer that could not even read our Assigned Tunnel ID (hidden, other secret). */
static void test_pitfall_14_refusal_that_names_nobody(void **state)
{
	struct rig *rig = *state;
	struct l2tp_msg msg = peer_stopccn(999, L2TP_STOPCCN_NOT_AUTHORIZED, "");

	rig_we_open(rig);
	l2tp_addr_set_port(&rig->path.local, 40001);
	peer_say_numbered(rig, &msg, 0, 0, 0, 1);
	rig_state(rig, L2TP_TUNNEL_WAIT_CTL_REPLY);
	l2tp_addr_set_port(&rig->path.local, 40000);
	peer_say_numbered(rig, &msg, 0, 0, 0, 1);
	rig_state(rig, L2TP_TUNNEL_CLOSING);
	assert_int_equal(rig_tunnel_down(rig)->result, L2TP_STOPCCN_NOT_AUTHORIZED);
	assert_int_not_equal(rig_tunnel_down(rig)->text[0], 0);
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
	assert_int_equal(rig_tunnel_down(rig)->result, 6);
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
	rig_assert_empty(rig);
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
	struct l2tp_msg msg = peer_stopccn(PEER_TID, 1, "forged");

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
	struct l2tp_msg stop = peer_stopccn(PEER_TID, 1, "");

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

#define TEST(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_pitfall_04_of_a_vendor_too),
		TEST(test_pitfall_05_unknown_mandatory_avp_stops_the_tunnel),
		TEST(test_pitfall_06_unknown_optional_avp_is_skipped),
		TEST(test_pitfall_07_unknown_message_type),
		TEST(test_pitfall_11_absent_window_means_4),
		TEST(test_pitfall_11_window_of_zero_is_refused),
		TEST(test_pitfall_13_ids_are_random_and_rest),
		TEST(test_pitfall_14_stopccn_to_tunnel_0),
		TEST(test_stopccn_to_tunnel_0_once_established),
		TEST(test_pitfall_14_refusal_that_names_nobody),
		TEST(test_pitfall_15_result_code_of_8_octets),
		TEST(test_pitfall_16_other_protocol_version),
		TEST(test_pitfall_16_sccrp_of_another_version),
		TEST(test_pitfall_17_forged_nr_does_not_end_the_tunnel),
		TEST(test_pitfall_18_duplicate_is_acked_not_processed),
		TEST(test_pitfall_21_order_is_restored),
		TEST(test_drops_are_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
