// SPDX-License-Identifier: GPL-2.0-or-later
/* The reliable transport alone: RFC 2661 5.8 and appendix A. */
#include "core_rig.h"

#include "xport.h"

static const struct xport_params defaults = {
	.retransmit = SEC,
	.retransmit_cap = 8 * SEC,
	.max_retransmits = 5,
	.ack_delay = 20 * MSEC,
	.receive_window = 4,
};

static int setup(void **state)
{
	struct xport *x = calloc(1, sizeof(*x));

	assert_non_null(x);
	xport_init(x, &defaults);
	*state = x;
	return 0;
}

static int teardown(void **state)
{
	xport_free(*state);
	free(*state);
	return 0;
}

static void push(struct xport *x, unsigned count)
{
	static const uint8_t message[L2TP_CTRL_HDR_LEN + 8];

	while (count--)
		assert_int_equal(xport_push(x, L2TP_MSG_HELLO, message, sizeof(message)), 0);
}

/* Send all that may be sent; how many. */
static unsigned sent(struct xport *x, usec_t now)
{
	unsigned count = 0;

	while (xport_next(x, now))
		count++;
	return count;
}

static enum xport_rx ack(struct xport *x, usec_t now, uint16_t nr)
{
	return xport_receive(x, now, x->nr, nr, true);
}

static enum xport_rx message(struct xport *x, uint16_t ns)
{
	return xport_receive(x, 0, ns, x->una, false);
}

static uint16_t get16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

/* As if it had run for so long. */
static void start_at(struct xport *x, uint16_t ns, uint16_t nr)
{
	x->una = x->high = x->tail = ns;
	x->nr = nr;
}

static void test_pitfall_17_receive_over_the_wrap(void **state)
{
	struct xport *x = *state;

	start_at(x, 0, 65534);
	assert_int_equal(message(x, 65534), XPORT_RX_DELIVER);
	assert_int_equal(message(x, 0), XPORT_RX_EARLY);
	assert_int_equal(message(x, 65535), XPORT_RX_DELIVER);
	assert_int_equal(message(x, 0), XPORT_RX_DELIVER);
	assert_int_equal(x->nr, 1);
	assert_int_equal(message(x, 65535), XPORT_RX_DUPLICATE);
}

static void test_pitfall_17_send_over_the_wrap(void **state)
{
	struct xport *x = *state;

	start_at(x, 65535, 0);
	push(x, 3);
	assert_int_equal(sent(x, 0), 1);
	assert_int_equal(ack(x, 1, 0), XPORT_RX_ZLB);
	assert_int_equal(sent(x, 1), 2);
	assert_int_equal(xport_unacked(x), 2);
	assert_int_equal(ack(x, 2, 2), XPORT_RX_ZLB);
	assert_int_equal(xport_unacked(x), 0);
	assert_int_equal(x->queued, 0);
}

/* The example of RFC 2661 5.8: after 15, 0 to 15 and 32784 to 65535 are duplicates. */
static void test_pitfall_17_half_window_of_the_rfc(void **state)
{
	struct xport *x = *state;

	x->params.receive_window = 0xffff;
	for (uint32_t ns = 0; ns < 65536; ns++) {
		x->nr = 16;
		enum xport_rx expected = ns <= 15 || ns >= 32784 ? XPORT_RX_DUPLICATE
					 : ns == 16		 ? XPORT_RX_DELIVER
								 : XPORT_RX_EARLY;
		assert_int_equal(message(x, (uint16_t)ns), expected);
	}
}

static void test_pitfall_17_stale_nr_changes_nothing(void **state)
{
	struct xport *x = *state;

	start_at(x, 100, 0);
	push(x, 1);
	sent(x, 0);
	assert_int_equal(ack(x, 1, 99), XPORT_RX_ZLB);
	assert_int_equal(ack(x, 1, (uint16_t)(100 - 32768)), XPORT_RX_ZLB);
	assert_int_equal(xport_unacked(x), 1);
	assert_int_equal(ack(x, 1, 101), XPORT_RX_ZLB);
	assert_int_equal(xport_unacked(x), 0);
}

/* npppd gives the tunnel up at this, so that one forged datagram is enough. */
static void test_pitfall_17_future_nr_is_ignored(void **state)
{
	struct xport *x = *state;

	push(x, 2);
	assert_int_equal(sent(x, 0), 1); /* the second waits for the window */
	assert_int_equal(xport_receive(x, 1, 0, 2, false), XPORT_RX_BAD_ACK);
	assert_int_equal(xport_receive(x, 1, 0, 32767, true), XPORT_RX_BAD_ACK);
	assert_int_equal(x->nr, 0);
	assert_int_equal(xport_unacked(x), 1);
	assert_int_equal(xport_receive(x, 1, 0, 1, false), XPORT_RX_DELIVER);
}

static void test_pitfall_18_zlb_takes_no_number_and_no_ack(void **state)
{
	struct xport *x = *state;

	assert_int_equal(xport_receive(x, 0, 0, 0, true), XPORT_RX_ZLB);
	assert_int_equal(xport_receive(x, 0, 40000, 0, true), XPORT_RX_ZLB);
	assert_int_equal(x->nr, 0);
	assert_false(xport_wants_zlb(x, 0, false));
}

static void test_pitfall_18_duplicates_are_acked_at_once(void **state)
{
	struct xport *x = *state;

	message(x, 0);
	assert_true(xport_wants_zlb(x, 0, false));
	xport_acked(x);
	assert_int_equal(message(x, 0), XPORT_RX_DUPLICATE);
	assert_true(xport_wants_zlb(x, 0, true));
}

/* l2tpns' fork forgot this: our own message waits for an answer, and the peer for the ZLB. */
static void test_pitfall_18_acked_while_our_own_is_unanswered(void **state)
{
	struct xport *x = *state;

	push(x, 2);
	sent(x, 0);
	message(x, 0);
	assert_null(xport_next(x, 1));
	assert_true(xport_wants_zlb(x, 1, false));
}

static void test_ack_waits_for_a_reply_that_is_due(void **state)
{
	struct xport *x = *state;

	message(x, 0);
	assert_false(xport_wants_zlb(x, 1000, true));
	assert_int_equal(xport_deadline(x), 1000 + defaults.ack_delay);
	assert_false(xport_wants_zlb(x, 2000, true));
	assert_int_equal(xport_deadline(x), 1000 + defaults.ack_delay);
	assert_true(xport_wants_zlb(x, 1000 + defaults.ack_delay, true));
	xport_acked(x);
	assert_int_equal(xport_deadline(x), USEC_INFINITY);
	/* a second message may mean that the peer's window is full */
	message(x, 1);
	assert_false(xport_wants_zlb(x, 30000, true));
	message(x, 2);
	assert_true(xport_wants_zlb(x, 30000, true));
}

static void test_message_carries_the_ack(void **state)
{
	struct xport *x = *state;
	struct xport_msg *msg;

	message(x, 0);
	push(x, 1);
	msg = xport_next(x, 0);
	assert_non_null(msg);
	assert_int_equal(get16(msg->data + 8), 0);
	assert_int_equal(get16(msg->data + 10), 1);
	assert_false(xport_wants_zlb(x, 0, false));
}

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
	struct xport_params params = defaults;

	(void)state;
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

static void test_pitfall_11_peer_window_is_honoured(void **state)
{
	struct xport *x = *state;

	x->cwnd = 4;
	xport_set_peer_window(x, 2);
	push(x, 6);
	assert_int_equal(sent(x, 0), 2);
	ack(x, 0, 1);
	assert_int_equal(sent(x, 0), 1);
}

static void test_pitfall_11_default_window_is_4(void **state)
{
	struct xport *x = *state;

	assert_int_equal(x->peer_window, 4);
	push(x, 20);
	for (uint16_t nr = 1; nr < 10; nr++) {
		sent(x, 0);
		ack(x, 0, nr);
	}
	sent(x, 0);
	assert_int_equal(xport_unacked(x), 4);
}

static uint8_t byte_of(const struct xport_early *early)
{
	assert_non_null(early);
	return early->data[0];
}

static void store(struct xport *x, uint16_t ns, size_t len)
{
	static const struct l2tp_path path;
	uint8_t data[XPORT_EARLY_MAX_LEN + 1] = { (uint8_t)ns };

	assert_true(len <= sizeof(data));
	assert_int_equal(message(x, ns), XPORT_RX_EARLY);
	xport_store(x, ns, &path, data, len);
}

static void test_pitfall_21_out_of_order_is_kept(void **state)
{
	struct xport *x = *state;
	struct xport_early *early;

	store(x, 3, 1);
	store(x, 1, 1);
	store(x, 3, 1);
	store(x, 2, 1);
	assert_null(xport_take(x));
	assert_int_equal(message(x, 0), XPORT_RX_DELIVER);
	for (uint16_t ns = 1; ns <= 3; ns++) {
		early = xport_take(x);
		assert_int_equal(byte_of(early), ns);
		free(early);
	}
	assert_null(xport_take(x));
	assert_true(STAILQ_EMPTY(&x->early));
	assert_int_equal(x->nr, 4);
	assert_true(xport_wants_zlb(x, 0, false));
}

static void test_pitfall_21_kept_over_the_wrap(void **state)
{
	struct xport *x = *state;
	struct xport_early *early;

	start_at(x, 0, 65534);
	store(x, 0, 1);
	store(x, 65535, 1);
	assert_int_equal(message(x, 65534), XPORT_RX_DELIVER);
	early = xport_take(x);
	assert_int_equal(byte_of(early), 0xff);
	free(early);
	early = xport_take(x);
	assert_int_equal(byte_of(early), 0);
	free(early);
}

static void test_pitfall_21_no_more_than_we_advertised(void **state)
{
	struct xport *x = *state;

	assert_int_equal(message(x, 4), XPORT_RX_WINDOW);
	assert_int_equal(message(x, 3), XPORT_RX_EARLY);
	assert_int_equal(message(x, 32767), XPORT_RX_WINDOW);
}

static void test_pitfall_21_huge_ones_are_not_parked(void **state)
{
	struct xport *x = *state;

	store(x, 1, XPORT_EARLY_MAX_LEN + 1);
	assert_true(STAILQ_EMPTY(&x->early));
	store(x, 1, XPORT_EARLY_MAX_LEN);
	assert_false(STAILQ_EMPTY(&x->early));
}

/* A peer that asks and asks and never acknowledges our answers does not fill our memory. */
static void test_queue_is_bounded(void **state)
{
	struct xport *x = *state;

	push(x, XPORT_QUEUE_MAX);
	sent(x, 0);
	assert_int_equal(message(x, 0), XPORT_RX_WINDOW);
	assert_int_equal(xport_receive(x, 0, 0, 1, false), XPORT_RX_DELIVER);
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

static void test_cut_forgets_what_was_not_sent(void **state)
{
	struct xport *x = *state;

	push(x, 5);
	assert_int_equal(sent(x, 0), 1);
	xport_cut(x);
	assert_int_equal(x->queued, 1);
	/* the last message does not wait for cwnd, and its number follows what was sent */
	push(x, 1);
	assert_int_equal(sent(x, 0), 1);
	assert_int_equal(STAILQ_FIRST(&x->queue)->ns, 0);
	assert_int_equal(STAILQ_NEXT(STAILQ_FIRST(&x->queue), link)->ns, 1);
	ack(x, 1, 2);
	assert_int_equal(x->queued, 0);
}

static void test_cut_keeps_to_the_peers_window(void **state)
{
	struct xport *x = *state;

	xport_set_peer_window(x, 1);
	push(x, 2);
	sent(x, 0);
	xport_cut(x);
	push(x, 1);
	assert_int_equal(sent(x, 0), 0);
	ack(x, 0, 1);
	assert_int_equal(sent(x, 0), 1);
}

static void test_purge_accepts_late_acks(void **state)
{
	struct xport *x = *state;

	push(x, 3);
	sent(x, 0);
	xport_purge(x);
	assert_int_equal(xport_deadline(x), USEC_INFINITY);
	assert_int_equal(ack(x, 1, 1), XPORT_RX_ZLB);
	push(x, 1);
	assert_int_equal(sent(x, 1), 1);
	assert_int_equal(STAILQ_FIRST(&x->queue)->ns, 1);
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

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_pitfall_17_receive_over_the_wrap),
		TEST(test_pitfall_17_send_over_the_wrap),
		TEST(test_pitfall_17_half_window_of_the_rfc),
		TEST(test_pitfall_17_stale_nr_changes_nothing),
		TEST(test_pitfall_17_future_nr_is_ignored),
		TEST(test_pitfall_18_zlb_takes_no_number_and_no_ack),
		TEST(test_pitfall_18_duplicates_are_acked_at_once),
		TEST(test_pitfall_18_acked_while_our_own_is_unanswered),
		TEST(test_ack_waits_for_a_reply_that_is_due),
		TEST(test_message_carries_the_ack),
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
		TEST(test_pitfall_11_peer_window_is_honoured),
		TEST(test_pitfall_11_default_window_is_4),
		TEST(test_pitfall_21_out_of_order_is_kept),
		TEST(test_pitfall_21_kept_over_the_wrap),
		TEST(test_pitfall_21_no_more_than_we_advertised),
		TEST(test_pitfall_21_huge_ones_are_not_parked),
		TEST(test_queue_is_bounded),
		TEST(test_pitfall_18_rtt_of_messages_sent_once),
		TEST(test_cut_forgets_what_was_not_sent),
		TEST(test_cut_keeps_to_the_peers_window),
		TEST(test_purge_accepts_late_acks),
		TEST(test_resend_without_backoff),
		TEST(test_a_leap_of_the_clock_is_one_retransmission),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
