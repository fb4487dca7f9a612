/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The reliable transport alone: when it says a thing again. RFC 2661 5.8 and appendix A. */
#include "xport_rig.h"

static void test_pitfall_19_same_ns_but_the_nr_of_now(void **state)
{
	struct xport *x = *state;
	struct xport_msg *msg;

	start_at(x, 7, 3);
	push(x, 1);
	msg = xport_next(x, 0);
	assert_int_equal(get16(msg->data + 8), 7);
	assert_int_equal(get16(msg->data + 10), 3);
	x->params.receive_window = 4;
	message(x, 3);
	assert_int_equal(xport_timeout(x, SEC), XPORT_ALIVE);
	msg = xport_next(x, SEC);
	assert_non_null(msg);
	assert_int_equal(msg->sent, 2);
	assert_int_equal(get16(msg->data + 8), 7);
	assert_int_equal(get16(msg->data + 10), 4);
}

static void test_pitfall_19_exponential_backoff_then_dead(void **state)
{
	static const unsigned seconds[] = { 1, 3, 7, 15, 23, 31 };
	struct xport *x = *state;

	push(x, 1);
	assert_int_equal(sent(x, 0), 1);
	for (unsigned i = 0; i < 6; i++) {
		assert_int_equal(xport_deadline(x), seconds[i] * SEC);
		assert_int_equal(xport_timeout(x, seconds[i] * SEC - 1), XPORT_ALIVE);
		assert_int_equal(sent(x, seconds[i] * SEC - 1), 0);
		assert_int_equal(
			xport_timeout(x, seconds[i] * SEC), i < 5 ? XPORT_ALIVE : XPORT_DEAD);
		assert_int_equal(sent(x, seconds[i] * SEC), i < 5 ? 1 : 0);
	}
	assert_int_equal(xport_deadline(x), USEC_INFINITY);
	assert_int_equal(xport_timeout(x, 100 * SEC), XPORT_ALIVE);
}

static void test_pitfall_22_a_cycle_is_31_seconds(void **state)
{
	struct xport_params params = xport_defaults;

	assert_int_equal(xport_cycle(&params), 31 * SEC);
	params.max_retransmits = 0;
	assert_int_equal(xport_cycle(&params), SEC);
	params.max_retransmits = 3;
	params.retransmit = 100 * MSEC;
	assert_int_equal(xport_cycle(&params), 1500 * MSEC);
}

static void test_progress_resets_the_backoff(void **state)
{
	struct xport *x = *state;

	push(x, 2);
	sent(x, 0);
	xport_timeout(x, SEC);
	sent(x, SEC);
	xport_timeout(x, 3 * SEC);
	sent(x, 3 * SEC);
	ack(x, 4 * SEC, 1);
	assert_int_equal(sent(x, 4 * SEC), 1);
	assert_int_equal(xport_deadline(x), 5 * SEC);
}

static void test_pitfall_19_only_the_oldest_is_sent_again(void **state)
{
	struct xport *x = *state;

	x->cwnd = 4;
	push(x, 4);
	assert_int_equal(sent(x, 0), 4);
	xport_timeout(x, SEC);
	assert_int_equal(sent(x, SEC), 1);
	/* the peer had kept the others */
	assert_int_equal(ack(x, SEC + 1, 4), XPORT_RX_ZLB);
	assert_int_equal(sent(x, SEC + 1), 0);
	assert_int_equal(xport_deadline(x), USEC_INFINITY);
}

static void test_lost_window_is_repaired_by_slow_start(void **state)
{
	struct xport *x = *state;

	x->cwnd = 4;
	push(x, 4);
	sent(x, 0);
	xport_timeout(x, SEC);
	assert_int_equal(sent(x, SEC), 1);
	/* the peer had thrown the others away: no second for each of them */
	ack(x, SEC + 1, 1);
	assert_int_equal(sent(x, SEC + 1), 2);
	ack(x, SEC + 2, 3);
	assert_int_equal(sent(x, SEC + 2), 1);
	ack(x, SEC + 3, 4);
	assert_int_equal(x->queued, 0);
}

static void test_late_ack_of_the_first_transmission(void **state)
{
	struct xport *x = *state;

	x->cwnd = 4;
	push(x, 4);
	sent(x, 0);
	xport_timeout(x, SEC);
	/* before anything is sent again the acknowledgement arrives after all */
	assert_int_equal(ack(x, SEC, 3), XPORT_RX_ZLB);
	assert_int_equal(sent(x, SEC), 1);
	assert_int_equal(x->next == NULL, 1);
	assert_int_equal(ack(x, SEC, 4), XPORT_RX_ZLB);
}

static void test_pitfall_20_slow_start(void **state)
{
	struct xport *x = *state;
	uint16_t acked = 0;

	xport_set_peer_window(x, 8);
	assert_int_equal(x->ssthresh, 8);
	push(x, 40);
	assert_int_equal(sent(x, 0), 1);
	for (unsigned cwnd = 2; cwnd <= 8; cwnd++) {
		ack(x, 0, ++acked);
		assert_int_equal(x->cwnd, cwnd);
		assert_int_equal(sent(x, 0), 2);
		assert_int_equal(xport_unacked(x), cwnd);
	}
	/* never beyond the advertised window */
	ack(x, 0, ++acked);
	assert_int_equal(x->cwnd, 8);
	assert_int_equal(sent(x, 0), 1);
}

static void test_pitfall_20_congestion_avoidance(void **state)
{
	struct xport *x = *state;

	xport_set_peer_window(x, 16);
	x->cwnd = 8;
	push(x, 60);
	assert_int_equal(sent(x, 0), 8);
	xport_timeout(x, SEC);
	assert_int_equal(x->ssthresh, 4);
	assert_int_equal(x->cwnd, 1);
	sent(x, SEC);
	ack(x, SEC, 8);
	assert_int_equal(x->cwnd, 2);
	sent(x, SEC);
	ack(x, SEC, 9);
	ack(x, SEC, 10);
	assert_int_equal(x->cwnd, 4);
	/* SSTHRESH reached: one more only after a whole window of acknowledgements */
	sent(x, SEC);
	ack(x, SEC, 11);
	ack(x, SEC, 12);
	ack(x, SEC, 13);
	assert_int_equal(x->cwnd, 4);
	ack(x, SEC, 14);
	assert_int_equal(x->cwnd, 5);
}

static void test_pitfall_20_ssthresh_never_zero(void **state)
{
	struct xport *x = *state;

	push(x, 1);
	sent(x, 0);
	xport_timeout(x, SEC);
	assert_int_equal(x->ssthresh, 1);
	assert_int_equal(x->cwnd, 1);
}

static void test_pitfall_18_rtt_of_messages_sent_once(void **state)
{
	struct xport *x = *state;

	push(x, 3);
	sent(x, 0);
	ack(x, 40 * MSEC, 1);
	assert_int_equal(x->rtt, 40 * MSEC);
	sent(x, SEC);
	ack(x, SEC + 120 * MSEC, 2);
	assert_int_equal(x->rtt, 50 * MSEC);
	xport_timeout(x, 10 * SEC);
	sent(x, 10 * SEC);
	ack(x, 10 * SEC + 1, 3);
	assert_int_equal(x->rtt, 50 * MSEC);
}

static void test_resend_without_backoff(void **state)
{
	struct xport *x = *state;

	xport_resend(x);
	assert_int_equal(sent(x, 0), 0);
	push(x, 1);
	sent(x, 0);
	xport_resend(x);
	assert_int_equal(sent(x, MSEC), 1);
	assert_int_equal(xport_deadline(x), SEC);
	assert_int_equal(x->backoff, 0);
}

static void test_a_leap_of_the_clock_is_one_retransmission(void **state)
{
	struct xport *x = *state;

	push(x, 1);
	sent(x, 0);
	assert_int_equal(xport_timeout(x, 86400 * SEC), XPORT_ALIVE);
	assert_int_equal(sent(x, 86400 * SEC), 1);
	assert_int_equal(xport_deadline(x), 86402 * SEC);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, xport_setup, xport_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_pitfall_19_same_ns_but_the_nr_of_now),
		TEST(test_pitfall_19_exponential_backoff_then_dead),
		TEST(test_pitfall_22_a_cycle_is_31_seconds),
		TEST(test_progress_resets_the_backoff),
		TEST(test_pitfall_19_only_the_oldest_is_sent_again),
		TEST(test_lost_window_is_repaired_by_slow_start),
		TEST(test_late_ack_of_the_first_transmission),
		TEST(test_pitfall_20_slow_start),
		TEST(test_pitfall_20_congestion_avoidance),
		TEST(test_pitfall_20_ssthresh_never_zero),
		TEST(test_pitfall_18_rtt_of_messages_sent_once),
		TEST(test_resend_without_backoff),
		TEST(test_a_leap_of_the_clock_is_one_retransmission),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
