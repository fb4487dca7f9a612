/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How a control connection ends: StopCCN, silence, time limits. RFC 2661 5.5, 5.7, 5.8, 6.4, 6.5.
 */
#include "core_rig.h"

#include <errno.h>

static void test_pitfall_22_state_kept_after_the_peers_stopccn(void **state)
{
	struct rig *rig = *state;
	struct l2tp_msg msg = peer_stopccn(PEER_TID, 1, "");

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
	rig_assert_empty(rig);
}

static void test_pitfall_22_state_kept_after_our_stopccn(void **state)
{
	struct rig *rig = *state;

	rig_tunnel_by_us(rig);
	rig_close_tunnel(rig, L2TP_STOPCCN_SHUTDOWN, "going home");
	assert_int_equal(rig_sent(rig, L2TP_MSG_STOPCCN)->msg.assigned_tid, rig->tid);
	assert_int_equal(rig_sent(rig, L2TP_MSG_STOPCCN)->msg.result, L2TP_STOPCCN_SHUTDOWN);
	assert_string_equal(rig_tunnel_down(rig)->text, "going home");
	rig_wait(rig, SEC);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_STOPCCN), 2);
	peer_ack(rig);
	rig_wait(rig, 29 * SEC);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_STOPCCN), 2);
	rig_state(rig, L2TP_TUNNEL_CLOSING);
	rig_wait(rig, 2 * SEC);
	assert_int_equal(rig_count(rig, L2TP_EFFECT_TUNNEL_GONE), 1);
	rig_assert_empty(rig);
}

/* The peer is gone: what it did not acknowledge is not sent again. */
static void test_pitfall_22_nothing_is_retransmitted_to_the_stopped(void **state)
{
	struct rig *rig = *state;
	struct l2tp_msg msg = peer_stopccn(PEER_TID, 1, "");

	rig_tunnel_by_us(rig);
	rig_wait(rig, 60 * SEC);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_HELLO), 1);
	peer_say_numbered(rig, &msg, rig->tid, 0, rig->peer_ns, (uint16_t)(rig->peer_nr - 1));
	rig_wait(rig, 40 * SEC);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_HELLO), 1);
	rig_assert_empty(rig);
}

static void test_pitfall_22_both_stop_at_once(void **state)
{
	struct rig *rig = *state;
	struct l2tp_msg msg = peer_stopccn(PEER_TID, 1, "");

	rig_tunnel_by_us(rig);
	rig_close_tunnel(rig, 1, "");
	peer_say_numbered(rig, &msg, rig->tid, 0, rig->peer_ns, (uint16_t)(rig->peer_nr - 1));
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_ZLB), 1);
	assert_int_equal(rig_count(rig, L2TP_EFFECT_TUNNEL_DOWN), 1);
	rig_wait(rig, 40 * SEC);
	rig_assert_empty(rig);
}

static void test_pitfall_22_anything_is_acked_in_closing(void **state)
{
	struct rig *rig = *state;
	struct l2tp_msg msg = peer_sccrp();

	rig_tunnel_by_us(rig);
	rig_close_tunnel(rig, 1, "");
	peer_say(rig, &msg, 0);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_ZLB), 1);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_STOPCCN), 1);
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
	/* after 1, 2, 4, 8 and 8 s, and every half second in the last 8 */
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_HELLO), 6 + 15);
	assert_int_equal(rig_count(rig, L2TP_EFFECT_TUNNEL_DOWN), 0);
	rig_wait(rig, 1);
	assert_int_equal(rig_tunnel_down(rig)->who, L2TP_WHO_TIMEOUT);
	assert_string_equal(
		rig_tunnel_down(rig)->text, "no answer from 198.51.100.7:1701 after 21 tries");
	assert_int_equal(rig_count(rig, L2TP_EFFECT_TUNNEL_GONE), 1);
	rig_assert_empty(rig);
}

static void test_nobody_answers(void **state)
{
	struct rig *rig = *state;

	rig_we_open(rig);
	rig_wait(rig, 31 * SEC);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_SCCRQ), 6);
	assert_int_equal(rig_tunnel_down(rig)->who, L2TP_WHO_TIMEOUT);
	assert_int_equal(rig_tunnel_down(rig)->result, 0);
	rig_assert_empty(rig);
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
	assert_int_equal(rig_tunnel_down(rig)->who, L2TP_WHO_TIMEOUT);
}

static void test_retransmission_parameters(void **state)
{
	struct rig *rig = *state;

	rig->params.retransmit = 100 * MSEC;
	rig->params.max_retransmits = 2;
	rig_we_open(rig);
	rig_wait(rig, 700 * MSEC);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_SCCRQ), 3);
	assert_string_equal(
		rig_tunnel_down(rig)->text, "no answer from 198.51.100.7:1701 after 3 tries");
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
	assert_int_equal(rig_tunnel_down(rig)->who, L2TP_WHO_TIMEOUT);
	assert_string_equal(rig_tunnel_down(rig)->text, "tunnel not established within 20 s");
	assert_int_equal(rig_sent(rig, L2TP_MSG_STOPCCN)->msg.hdr.tid, 0);
	assert_int_equal(rig_sent(rig, L2TP_MSG_STOPCCN)->msg.assigned_tid, rig->tid);
	rig_wait(rig, 40 * SEC);
	rig_assert_empty(rig);
}

static void test_setup_timeout_of_the_responder(void **state)
{
	struct rig *rig = *state;

	rig_peer_requests(rig);
	peer_ack(rig);
	rig_wait(rig, 60 * SEC);
	assert_int_equal(rig_tunnel_down(rig)->who, L2TP_WHO_TIMEOUT);
	rig_wait(rig, 40 * SEC);
	rig_assert_empty(rig);
}

/* SCCRP comes when we have given up: now StopCCN can reach the peer. */
static void test_late_sccrp_tells_where_stopccn_belongs(void **state)
{
	struct rig *rig = *state;
	struct l2tp_msg msg = peer_sccrp();

	rig_we_open(rig);
	rig_close_tunnel(rig, 1, "changed our mind");
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
	assert_string_equal(rig_tunnel_down(rig)->text, "no calls for 10 s");
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
	assert_string_equal(rig_tunnel_down(rig)->text, "no calls for 2 s");
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

#define TEST(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_pitfall_22_state_kept_after_the_peers_stopccn),
		TEST(test_pitfall_22_state_kept_after_our_stopccn),
		TEST(test_pitfall_22_nothing_is_retransmitted_to_the_stopped),
		TEST(test_pitfall_22_both_stop_at_once),
		TEST(test_pitfall_22_anything_is_acked_in_closing),
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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
