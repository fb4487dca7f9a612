/* SPDX-License-Identifier: GPL-2.0-or-later */
/* RFC 2661 3.1 */
#include "wire.h"

#include <errno.h>

/* Optional fields in their order: flags, Length, ids, Ns Nr, offset size and pad. */
static const struct good {
	const char *hex;
	struct l2tp_header hdr;
} good[] = {
	/* ZLB */
	{ "c802 000c 1234 5678 0001 ffff", { .control = true,
						   .has_seq = true,
						   .has_length = true,
						   .tid = 0x1234,
						   .sid = 0x5678,
						   .ns = 1,
						   .nr = 0xffff,
						   .payload_off = 12 } },
	/* control with P and every reserved bit */
	{ "fdf2 000e 0001 0000 0000 0000 8008", { .control = true,
							.has_seq = true,
							.has_length = true,
							.tid = 1,
							.payload_off = 12,
							.payload_len = 2 } },
	/* data: bare */
	{ "0002 1111 2222 ff03",
		{ .tid = 0x1111, .sid = 0x2222, .payload_off = 6, .payload_len = 2 } },
	{ "0002 1111 2222", { .tid = 0x1111, .sid = 0x2222, .payload_off = 6 } },
	/* L: padding after Length is not payload */
	{ "4002 0009 1111 2222 c0 0000", { .has_length = true,
						 .tid = 0x1111,
						 .sid = 0x2222,
						 .payload_off = 8,
						 .payload_len = 1 } },
	/* S, with P */
	{ "0902 1111 2222 0009 0001 c021", { .has_seq = true,
						   .tid = 0x1111,
						   .sid = 0x2222,
						   .ns = 9,
						   .nr = 1,
						   .payload_off = 10,
						   .payload_len = 2 } },
	/* O, zero and not */
	{ "0202 1111 2222 0000 c0",
		{ .tid = 0x1111, .sid = 0x2222, .payload_off = 8, .payload_len = 1 } },
	{ "0202 1111 2222 0003 aabbcc c0",
		{ .tid = 0x1111, .sid = 0x2222, .payload_off = 11, .payload_len = 1 } },
	{ "0202 1111 2222 0003 aabbcc", { .tid = 0x1111, .sid = 0x2222, .payload_off = 11 } },
	/* all of them */
	{ "4a02 0011 1111 2222 0003 0004 0002 aabb c0 ff", { .has_seq = true,
								   .has_length = true,
								   .tid = 0x1111,
								   .sid = 0x2222,
								   .ns = 3,
								   .nr = 4,
								   .payload_off = 16,
								   .payload_len = 1 } },
};

static void assert_header(const struct l2tp_header *a, const struct l2tp_header *b)
{
	assert_int_equal(a->control, b->control);
	assert_int_equal(a->has_seq, b->has_seq);
	assert_int_equal(a->has_length, b->has_length);
	assert_int_equal(a->tid, b->tid);
	assert_int_equal(a->sid, b->sid);
	assert_int_equal(a->ns, b->ns);
	assert_int_equal(a->nr, b->nr);
	assert_int_equal(a->payload_off, b->payload_off);
	assert_int_equal(a->payload_len, b->payload_len);
}

static void assert_refused(const char *hex)
{
	struct l2tp_header hdr, before;
	struct wire w = wire_hex(hex);

	memset(&hdr, 0xa5, sizeof(hdr));
	before = hdr;
	if (l2tp_header_parse(w.data, w.len, &hdr) != -EBADMSG)
		fail_msg("accepted: %s", hex);
	assert_memory_equal(&hdr, &before, sizeof(hdr));
	wire_free(&w);
}

static void test_good(void **state)
{
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct wire w = wire_hex(good[i].hex);
		struct l2tp_header hdr;

		assert_int_equal(l2tp_header_parse(w.data, w.len, &hdr), 0);
		assert_header(&hdr, &good[i].hdr);
		wire_free(&w);
	}
}

static void test_truncated_at_every_octet(void **state)
{
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct wire w = wire_hex(good[i].hex);
		const struct l2tp_header *full = &good[i].hdr;
		size_t need = full->has_length ? (size_t)full->payload_off + full->payload_len
					       : full->payload_off;

		for (size_t n = 0; n < w.len; n++) {
			struct wire part = wire_copy(w.data, n);
			struct l2tp_header hdr;
			int r = l2tp_header_parse(part.data, n, &hdr);

			assert_int_equal(r, n < need ? -EBADMSG : 0);
			wire_free(&part);
		}
		wire_free(&w);
	}
	assert_int_equal(l2tp_header_parse(NULL, 0, &(struct l2tp_header){ 0 }), -EBADMSG);
}

static void test_pitfall_01_version(void **state)
{
	assert_refused("c800 000c 0001 0000 0000 0000");
	assert_refused("c801 000c 0001 0000 0000 0000"); /* L2F */
	assert_refused("c803 000c 0001 0000 0000 0000"); /* L2TPv3 */
	assert_refused("c80f 000c 0001 0000 0000 0000");
	assert_refused("0001 1111 2222 ff03");
}

static void test_pitfall_01_control_needs_length_and_sequence(void **state)
{
	assert_refused("8802 0001 0000 0000 0000 0000"); /* no L */
	assert_refused("c002 000c 0001 0000 0000 0000"); /* no S */
	assert_refused("8002 0001 0000 0000 0000 0000");
	assert_refused("ca02 000e 0001 0000 0000 0000 0000"); /* O */
}

static void test_pitfall_01_length(void **state)
{
	assert_refused("c802 000b 0001 0000 0000 0000"); /* below the header */
	assert_refused("c802 0000 0001 0000 0000 0000");
	assert_refused("c802 000d 0001 0000 0000 0000"); /* beyond the datagram */
	assert_refused("c802 ffff 0001 0000 0000 0000");
	assert_refused("4002 0007 1111 2222 c0"); /* the same for data */
	assert_refused("4002 000a 1111 2222 c0");
}

/* An offset is bounded by Length where there is one, not by the whole datagram. */
static void test_pitfall_01_offset(void **state)
{
	assert_refused("0202 1111 2222 0001");
	assert_refused("0202 1111 2222 ffff c0");
	assert_refused("4202 000b 1111 2222 0004 aabb ccdd c0");
	assert_refused("4202 0009 1111 2222 0000 c0"); /* Length inside the offset field */
}

static void test_too_long_for_a_datagram(void **state)
{
	struct wire w = wire_copy((const uint8_t *)"\x00\x02\x00\x01\x00\x01", 6);
	struct l2tp_header hdr;

	w.data = realloc(w.data, 65536);
	assert_non_null(w.data);
	assert_int_equal(l2tp_header_parse(w.data, 65535, &hdr), 0);
	assert_int_equal(hdr.payload_len, 65529);
	assert_int_equal(l2tp_header_parse(w.data, 65536, &hdr), -EBADMSG);
	wire_free(&w);
}

static void test_set_fields(void **state)
{
	struct wire w = wire_hex("c802 000c 1111 2222 3333 4444");
	struct wire want = wire_hex("c802 000c abcd 2222 0102 fffe");

	l2tp_header_set_seq(w.data, 0x0102, 0xfffe);
	l2tp_header_set_tid(w.data, 0xabcd);
	assert_memory_equal(w.data, want.data, 12);
	wire_free(&w);
	wire_free(&want);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_truncated_at_every_octet),
		cmocka_unit_test(test_pitfall_01_version),
		cmocka_unit_test(test_pitfall_01_control_needs_length_and_sequence),
		cmocka_unit_test(test_pitfall_01_length),
		cmocka_unit_test(test_pitfall_01_offset),
		cmocka_unit_test(test_too_long_for_a_datagram),
		cmocka_unit_test(test_set_fields),
	};

	return cmocka_run_group_tests_name("header", tests, NULL, NULL);
}
