/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Data packets of a relayed session: RFC 2661 3.1 and 5.4, and what mpd makes of them. */
#include "wire.h"

#include <l2tp/data.h>

static const struct l2tp_header unnumbered = { .payload_len = 4 };

static enum l2tp_data_verdict receive(struct l2tp_data *data, uint16_t ns)
{
	struct l2tp_header hdr = { .has_seq = true, .ns = ns, .payload_len = 4 };

	return l2tp_data_receive(data, &hdr);
}

/* The packet that goes out for a frame of two octets. */
static void assert_sends(struct l2tp_data *data, const char *hex)
{
	struct wire w = wire_hex(hex);
	uint8_t buf[L2TP_DATA_HEADER_MAX + 2] = { 0 };
	uint8_t *frame = buf + L2TP_DATA_HEADER_MAX;
	size_t len;

	frame[0] = 0xff;
	frame[1] = 0x03;
	len = l2tp_data_header(data, frame, 2);
	assert_int_equal(len + 2, w.len);
	assert_memory_equal(frame - len, w.data, w.len);
	wire_free(&w);
}

static void test_length_is_always_sent(void **state)
{
	struct l2tp_data data = { .peer_tid = 0x1234, .peer_sid = 0x5678 };

	assert_sends(&data, "4002 000a 1234 5678 ff03");
	assert_int_equal(data.ns, 0);
}

static void test_numbers(void **state)
{
	struct l2tp_data data = { .peer_tid = 0x1234, .peer_sid = 0x5678, .send_seq = true };

	assert_sends(&data, "4802 000e 1234 5678 0000 0000 ff03");
	assert_sends(&data, "4802 000e 1234 5678 0001 0000 ff03");
	/* Nr is what we expect next, as mpd sends it */
	assert_int_equal(receive(&data, 6), L2TP_DATA_GAP);
	assert_sends(&data, "4802 000e 1234 5678 0002 0007 ff03");
	data.ns = 0xffff;
	assert_sends(&data, "4802 000e 1234 5678 ffff 0007 ff03");
	assert_sends(&data, "4802 000e 1234 5678 0000 0007 ff03");
}

static void test_numbering_goes_on_where_it_stopped(void **state)
{
	struct l2tp_data data = { .peer_tid = 1, .peer_sid = 2, .follow = true, .send_seq = true };

	assert_sends(&data, "4802 000e 0001 0002 0000 0000 ff03");
	assert_int_equal(l2tp_data_receive(&data, &unnumbered), L2TP_DATA_OK);
	assert_sends(&data, "4002 000a 0001 0002 ff03");
	assert_int_equal(receive(&data, 0), L2TP_DATA_OK);
	assert_sends(&data, "4802 000e 0001 0002 0001 0001 ff03");
}

static void test_longest(void **state)
{
	static uint8_t buf[L2TP_DATA_HEADER_MAX + 65535];
	struct l2tp_data data = { .send_seq = true };

	assert_int_equal(l2tp_data_header(&data, buf + L2TP_DATA_HEADER_MAX, 65535 - 11), 0);
	assert_int_equal(data.ns, 0);
	assert_int_equal(l2tp_data_header(&data, buf + L2TP_DATA_HEADER_MAX, 65535 - 12), 12);
	data.send_seq = false;
	assert_int_equal(l2tp_data_header(&data, buf + L2TP_DATA_HEADER_MAX, 65535 - 7), 0);
	assert_int_equal(l2tp_data_header(&data, buf + L2TP_DATA_HEADER_MAX, 65535 - 8), 8);
}

static void test_old_is_dropped_gaps_are_not(void **state)
{
	struct l2tp_data data = { .send_seq = true };

	assert_int_equal(receive(&data, 0), L2TP_DATA_OK);
	assert_int_equal(receive(&data, 0), L2TP_DATA_OLD);
	assert_int_equal(receive(&data, 1), L2TP_DATA_OK);
	assert_int_equal(receive(&data, 5), L2TP_DATA_GAP);
	assert_int_equal(receive(&data, 2), L2TP_DATA_OLD);
	assert_int_equal(receive(&data, 5), L2TP_DATA_OLD);
	assert_int_equal(receive(&data, 6), L2TP_DATA_OK);
	assert_int_equal(l2tp_data_receive(&data, &unnumbered), L2TP_DATA_OK);
	assert_int_equal(data.nr, 7);
}

static void test_wrap(void **state)
{
	struct l2tp_data data = { .send_seq = true, .nr = 0xfffe };

	assert_int_equal(receive(&data, 0xfffe), L2TP_DATA_OK);
	assert_int_equal(receive(&data, 1), L2TP_DATA_GAP);
	assert_int_equal(receive(&data, 0xffff), L2TP_DATA_OLD);
	assert_int_equal(receive(&data, 0), L2TP_DATA_OLD);
	assert_int_equal(receive(&data, 2), L2TP_DATA_OK);
	/* half of the numbers are of the past */
	assert_int_equal(receive(&data, 3 + 0x8000), L2TP_DATA_OLD);
	assert_int_equal(receive(&data, 3 + 0x7fff), L2TP_DATA_GAP);
	assert_int_equal(data.nr, 3 + 0x8000);
}

static void test_every_number_comes_once(void **state)
{
	struct l2tp_data data = { .send_seq = true };

	for (unsigned ns = 0; ns < 3 * 65536u; ns++) {
		assert_int_equal(receive(&data, (uint16_t)ns), L2TP_DATA_OK);
		assert_int_equal(receive(&data, (uint16_t)ns), L2TP_DATA_OLD);
	}
}

static void test_lac_follows_the_lns(void **state)
{
	struct l2tp_data data = { .follow = true };

	assert_int_equal(receive(&data, 0), L2TP_DATA_OK);
	assert_true(data.send_seq);
	assert_int_equal(l2tp_data_receive(&data, &unnumbered), L2TP_DATA_OK);
	assert_false(data.send_seq);
	/* also an old one says that the LNS numbers */
	assert_int_equal(receive(&data, 0), L2TP_DATA_OLD);
	assert_true(data.send_seq);
}

static void test_lns_does_as_it_was_told(void **state)
{
	struct l2tp_data with = { .send_seq = true }, without = { 0 };

	assert_int_equal(l2tp_data_receive(&with, &unnumbered), L2TP_DATA_OK);
	assert_true(with.send_seq);
	/* numbers nobody asked for are not judged */
	assert_int_equal(receive(&without, 9), L2TP_DATA_OK);
	assert_int_equal(receive(&without, 3), L2TP_DATA_OK);
	assert_false(without.send_seq);
	assert_int_equal(without.nr, 0);
}

static void test_sequencing_required(void **state)
{
	struct l2tp_data data = {
		.require_seq = true, .follow = true, .peer_tid = 1, .peer_sid = 2
	};

	assert_int_equal(l2tp_data_receive(&data, &unnumbered), L2TP_DATA_NO_SEQ);
	assert_int_equal(receive(&data, 0), L2TP_DATA_OK);
	assert_int_equal(receive(&data, 0), L2TP_DATA_OLD);
	assert_sends(&data, "4802 000e 0001 0002 0000 0001 ff03");
}

static void test_no_frame(void **state)
{
	struct l2tp_header empty = { .has_seq = true },
			   control = { .control = true, .payload_len = 4 };
	struct l2tp_data data = { .send_seq = true };

	assert_int_equal(l2tp_data_receive(&data, &empty), L2TP_DATA_NO_FRAME);
	assert_int_equal(l2tp_data_receive(&data, &control), L2TP_DATA_NO_FRAME);
	assert_int_equal(data.nr, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_length_is_always_sent),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_numbering_goes_on_where_it_stopped),
		cmocka_unit_test(test_longest),
		cmocka_unit_test(test_old_is_dropped_gaps_are_not),
		cmocka_unit_test(test_wrap),
		cmocka_unit_test(test_every_number_comes_once),
		cmocka_unit_test(test_lac_follows_the_lns),
		cmocka_unit_test(test_lns_does_as_it_was_told),
		cmocka_unit_test(test_sequencing_required),
		cmocka_unit_test(test_no_frame),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
