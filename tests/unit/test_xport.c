/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The reliable transport alone: numbers, acknowledgements, windows, queues. RFC 2661 5.8. */
#include "xport_rig.h"

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
	assert_int_equal(ack(x, 1, 100 - XPORT_OLD_ACKS), XPORT_RX_ZLB);
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
	assert_int_equal(xport_deadline(x), 1000 + xport_defaults.ack_delay);
	assert_false(xport_wants_zlb(x, 2000, true));
	assert_int_equal(xport_deadline(x), 1000 + xport_defaults.ack_delay);
	assert_true(xport_wants_zlb(x, 1000 + xport_defaults.ack_delay, true));
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

static void test_octets_of_the_queue(void **state)
{
	const size_t one = sizeof(struct xport_msg) + L2TP_CTRL_HDR_LEN + 8;
	struct xport *x = *state;

	push(x, 5);
	assert_int_equal(x->octets, 5 * one);
	sent(x, 0);
	ack(x, 1, 1);
	assert_int_equal(x->octets, 4 * one);
	xport_cut(x);
	assert_int_equal(x->octets, 0);
	push(x, 2);
	xport_purge(x);
	assert_int_equal(x->octets, 0);
}

/* What a datagram has to be like to be believed: see the row of attacks. */
static void test_old_nr_is_strange(void **state)
{
	struct xport *x = *state;

	start_at(x, 1000, 50);
	xport_set_peer_window(x, 4);
	push(x, 2);
	sent(x, 0);
	/* the message on the wire, and the 16 before it */
	assert_int_equal(
		xport_receive(x, 0, 50, 1000 - XPORT_OLD_ACKS - 1, false), XPORT_RX_OLD_ACK);
	assert_int_equal(xport_receive(x, 0, 50, 1000 - 32767, false), XPORT_RX_OLD_ACK);
	assert_int_equal(ack(x, 0, 0), XPORT_RX_OLD_ACK);
	assert_int_equal(xport_receive(x, 0, 50, 1002, false), XPORT_RX_BAD_ACK);
	assert_int_equal(x->nr, 50);
	assert_int_equal(xport_receive(x, 0, 50, 1000 - XPORT_OLD_ACKS, false), XPORT_RX_DELIVER);
	assert_int_equal(xport_receive(x, 0, 51, 1001, false), XPORT_RX_DELIVER);
	/* a wide window may have been acknowledged meanwhile */
	xport_set_peer_window(x, 100);
	assert_int_equal(xport_receive(x, 0, 52, 1001 - 100, false), XPORT_RX_DELIVER);
	assert_int_equal(xport_receive(x, 0, 53, 1001 - 101, false), XPORT_RX_OLD_ACK);
}

/* Peers that repeat a message as it was are acknowledged; the Nr is not looked at. */
static void test_repeated_with_its_old_nr(void **state)
{
	struct xport *x = *state;

	start_at(x, 1000, 50);
	assert_int_equal(xport_receive(x, 0, 49, 500, false), XPORT_RX_DUPLICATE);
	assert_true(xport_wants_zlb(x, 0, true));
}

/* Nothing of what lies beyond our window is believed, its Nr neither. */
static void test_far_ns_is_strange(void **state)
{
	struct xport *x = *state;

	push(x, 1);
	sent(x, 0);
	assert_int_equal(xport_receive(x, 0, 4, 1, false), XPORT_RX_WINDOW);
	assert_int_equal(xport_unacked(x), 1);
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

#define TEST(name) cmocka_unit_test_setup_teardown(name, xport_setup, xport_teardown)

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
		TEST(test_pitfall_11_peer_window_is_honoured),
		TEST(test_pitfall_11_default_window_is_4),
		TEST(test_pitfall_21_out_of_order_is_kept),
		TEST(test_pitfall_21_kept_over_the_wrap),
		TEST(test_pitfall_21_no_more_than_we_advertised),
		TEST(test_pitfall_21_huge_ones_are_not_parked),
		TEST(test_octets_of_the_queue),
		TEST(test_old_nr_is_strange),
		TEST(test_repeated_with_its_old_nr),
		TEST(test_far_ns_is_strange),
		TEST(test_cut_forgets_what_was_not_sent),
		TEST(test_cut_keeps_to_the_peers_window),
		TEST(test_purge_accepts_late_acks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
