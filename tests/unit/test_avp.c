/* SPDX-License-Identifier: GPL-2.0-or-later */
/* RFC 2661 4.1 and the table of 4.4 */
#include "wire.h"

#include "proto/avp.h"

#include <errno.h>

static void test_walk(void **state)
{
	struct wire w = wire_hex("8008 0000 0000 0001  4009 0009 002a 616263  3c06 0000 0027");
	struct buf_rd rd;
	struct avp avp;

	buf_rd_init(&rd, w.data, w.len);
	assert_int_equal(avp_next(&rd, &avp), 1);
	assert_true(avp.mandatory && !avp.hidden && !avp.reserved);
	assert_int_equal(avp.type, 0);
	assert_int_equal(avp.len, 2);
	assert_int_equal(avp.offset, 6);
	assert_int_equal(avp_next(&rd, &avp), 1);
	assert_true(!avp.mandatory && avp.hidden && !avp.reserved);
	assert_int_equal(avp.vendor, 9);
	assert_int_equal(avp.type, 42);
	assert_int_equal(avp.offset, 14);
	assert_int_equal(avp.len, 3);
	assert_memory_equal(avp.value, "abc", 3);
	assert_int_equal(avp_next(&rd, &avp), 1);
	assert_true(avp.reserved);
	assert_int_equal(avp.type, 39);
	assert_int_equal(avp.len, 0);
	assert_int_equal(avp_next(&rd, &avp), 0);
	assert_int_equal(avp_next(&rd, &avp), 0);
	wire_free(&w);
}

static void test_each_reserved_bit(void **state)
{
	for (unsigned bit = 10; bit < 14; bit++) {
		struct wire w = wire_hex("0006 0000 0027");
		struct buf_rd rd;
		struct avp avp;

		w.data[0] = (uint8_t)(1u << (bit - 8));
		buf_rd_init(&rd, w.data, w.len);
		assert_int_equal(avp_next(&rd, &avp), 1);
		assert_true(avp.reserved);
		wire_free(&w);
	}
}

static void test_pitfall_02_length_below_header(void **state)
{
	for (unsigned length = 0; length < 6; length++) {
		struct wire w = wire_hex("8000 0000 0007 61626364");
		struct buf_rd rd;
		struct avp avp;

		w.data[1] = (uint8_t)length;
		buf_rd_init(&rd, w.data, w.len);
		assert_int_equal(avp_next(&rd, &avp), -EBADMSG);
		assert_int_equal(avp.length, length);
		assert_int_equal(avp.type, 7);
		assert_int_equal(avp_next(&rd, &avp), -EBADMSG);
		wire_free(&w);
	}
}

/* A length of 5 must not become a value of 65535 octets where there are that many. */
static void test_pitfall_02_length_does_not_wrap(void **state)
{
	struct wire w = { calloc(1, 70000), 70000 };

	assert_non_null(w.data);
	for (unsigned length = 0; length < 6; length++) {
		struct buf_rd rd;
		struct avp avp;

		w.data[1] = (uint8_t)length;
		buf_rd_init(&rd, w.data, w.len);
		assert_int_equal(avp_next(&rd, &avp), -EBADMSG);
		assert_int_equal(avp.len, 0);
	}
	wire_free(&w);
}

/* Every AVP length in every size of buffer: an AVP is there if and only if it fits. */
static void test_pitfall_02_every_length_in_every_size(void **state)
{
	for (size_t size = 0; size <= 1030; size += size < 40 ? 1 : 11) {
		for (unsigned length = 0; length <= 1023; length++) {
			struct wire w = { malloc(size ? size : 1), size };
			uint8_t head[6] = { (uint8_t)(length >> 8), (uint8_t)length, 0, 0, 0, 7 };
			struct buf_rd rd;
			struct avp avp;
			int want = length >= 6 && length <= size ? 1 : -EBADMSG;

			assert_non_null(w.data);
			memset(w.data, 0, size);
			memcpy(w.data, head, size < 6 ? size : 6);
			buf_rd_init(&rd, w.data, size);
			assert_int_equal(avp_next(&rd, &avp), size == 0 ? 0 : want);
			if (size && want == 1) {
				assert_int_equal(avp.len, length - 6);
				assert_int_equal(buf_rd_left(&rd), size - length);
			}
			wire_free(&w);
		}
	}
}

static void test_pitfall_04_vendor_is_part_of_the_key(void **state)
{
	char label[AVP_LABEL_SIZE];

	assert_non_null(avp_find(0, L2TP_AVP_ASSIGNED_TUNNEL_ID));
	assert_null(avp_find(9, L2TP_AVP_ASSIGNED_TUNNEL_ID));
	assert_null(avp_find(311, L2TP_AVP_MESSAGE_TYPE));
	assert_null(avp_find(0, 20));
	assert_null(avp_find(0, 40));
	assert_null(avp_find(0, 47));
	assert_null(avp_find(0, 0xffff));
	assert_string_equal(avp_label(&(struct avp){ .vendor = 9, .type = 42 }, label),
		"vendor 9 attribute 42");
	assert_string_equal(avp_label(&(struct avp){ .vendor = 65535, .type = 65535 }, label),
		"vendor 65535 attribute 65535");
	assert_string_equal(avp_label(&(struct avp){ .type = 99 }, label), "attribute 99");
	assert_string_equal(
		avp_label(&(struct avp){ .type = 7 }, label), "Host Name (attribute 7)");
	assert_string_equal(avp_label(&(struct avp){ .type = 26 }, label),
		"Initial Received LCP CONFREQ (attribute 26)");
}

/* Rows of the table that RFC 2661 defines; those of RFC 5515 follow. */
#define RFC2661_ROWS 42

/* RFC 2661 4.4 once more, in order of appearance and read by another eye: AVP length with header.
 */
static const struct {
	int type, min, max; /* max 0: as long as an AVP can be */
	bool m, h;
} rfc2661[RFC2661_ROWS] = {
	{ 0, 8, 8, 1, 0 },
	{ 36, 6, 0, 1, 0 },
	{ 1, 8, 0, 1, 0 },
	{ 2, 8, 8, 1, 0 },
	{ 3, 10, 10, 1, 1 },
	{ 4, 10, 10, 1, 1 },
	{ 5, 14, 14, 0, 0 },
	{ 6, 8, 8, 0, 1 },
	{ 7, 7, 0, 1, 0 },
	{ 8, 6, 0, 0, 1 },
	{ 9, 8, 8, 1, 1 },
	{ 10, 8, 8, 1, 0 },
	{ 11, 7, 0, 1, 1 },
	{ 13, 22, 22, 1, 1 },
	{ 12, 9, 0, 1, 0 },
	{ 14, 8, 8, 1, 1 },
	{ 15, 10, 10, 1, 1 },
	{ 16, 10, 10, 1, 1 },
	{ 17, 10, 10, 1, 1 },
	{ 18, 10, 10, 1, 1 },
	{ 19, 10, 10, 1, 1 },
	{ 21, 6, 0, 1, 1 },
	{ 22, 6, 0, 1, 1 },
	{ 23, 6, 0, 1, 1 },
	{ 24, 10, 16, 1, 1 },
	{ 38, 10, 16, 0, 1 },
	{ 25, 10, 10, 0, 1 },
	{ 37, 6, 0, 0, 1 },
	{ 39, 6, 6, 1, 0 },
	{ 26, 6, 0, 0, 1 },
	{ 27, 6, 0, 0, 1 },
	{ 28, 6, 0, 0, 1 },
	{ 29, 8, 8, 0, 1 },
	{ 30, 6, 0, 0, 1 },
	{ 31, 7, 0, 0, 1 },
	{ 32, 8, 8, 0, 1 },
	{ 33, 6, 0, 0, 1 },
	{ 34, 32, 32, 1, 1 },
	{ 35, 16, 16, 1, 1 },
	{ 46, 11, 0, 0, 1 },
	{ 97, 18, 18, 0, 1 },
	{ 98, 6, 6, 0, 1 },
};

static void test_table_agrees_with_rfc(void **state)
{
	for (size_t i = 0; i < RFC2661_ROWS; i++) {
		assert_int_equal(avp_table[i].vendor, 0);
		assert_int_equal(avp_table[i].type, rfc2661[i].type);
		assert_int_equal(avp_table[i].min + 6, rfc2661[i].min);
		assert_int_equal(avp_table[i].max + 6, rfc2661[i].max ? rfc2661[i].max : 1023);
		assert_int_equal(avp_table[i].mandatory, rfc2661[i].m);
		assert_int_equal(avp_table[i].hideable, rfc2661[i].h);
		assert_ptr_equal(avp_find(0, avp_table[i].type), &avp_table[i]);
		assert_string_equal(avp_table[i].name, l2tp_avp_name(avp_table[i].type));
	}
}

/* RFC 5515 5: two texts, ten rates, four delays, the encapsulation; no M. */
static void test_table_agrees_with_rfc5515(void **state)
{
	static const uint8_t types[] = { 1, 2, 129, 130, 131, 132, 133, 134, 135, 136, 137, 138,
		139, 140, 141, 142, 144 };

	assert_int_equal(AVP_ROWS - RFC2661_ROWS, sizeof(types));
	for (size_t i = RFC2661_ROWS; i < AVP_ROWS; i++) {
		const struct avp_info *info = &avp_table[i];

		assert_int_equal(info->vendor, 3561);
		assert_int_equal(info->type, types[i - RFC2661_ROWS]);
		assert_int_equal(info->max, info->type < 129	? 63
					    : info->type < 139	? 8
					    : info->type == 144 ? 3
								: 4);
		assert_int_equal(info->min, info->type < 129 ? 1 : info->max);
		assert_false(info->mandatory);
		assert_true(info->hideable);
		assert_ptr_equal(avp_find(3561, info->type), info);
	}
}

/* The bits of present do not meet. */
static void test_bits_are_distinct(void **state)
{
	uint64_t seen[2] = { 0 };

	for (size_t i = 0; i < AVP_ROWS; i++) {
		uint64_t *all = &seen[avp_table[i].vendor != 0];

		assert_in_range(avp_table[i].bit, 0, avp_table[i].vendor ? 31 : 62);
		assert_false(*all >> avp_table[i].bit & 1);
		*all |= UINT64_C(1) << avp_table[i].bit;
	}
}

/* A value of each length 0..1017 is taken if and only if the table says so, and read no further. */
static void test_every_length_of_every_attribute(void **state)
{
	for (size_t row = 0; row < AVP_ROWS; row++) {
		const struct avp_info *info = &avp_table[row];

		for (uint16_t len = 0; len <= AVP_MAX_VALUE; len++) {
			struct wire w = { malloc(len ? len : 1), len };
			struct l2tp_msg msg = { 0 };

			assert_non_null(w.data);
			memset(w.data, '1', len);
			assert_int_equal(avp_get(info, w.data, len, &msg),
				len >= info->min && len <= info->max);
			wire_free(&w);
		}
	}
}

/* A good value of every attribute. */
static const struct {
	int type, vendor;
	const char *hex;
} values[] = {
	{ 0, 0, "0004" },
	{ 1, 0, "0002 0008 7465 7874" },
	{ 1, 0, "0002 0008" },
	{ 2, 0, "0100" },
	{ 3, 0, "00000003" },
	{ 4, 0, "80000001" },
	{ 5, 0, "0102030405060708" },
	{ 6, 0, "0690" },
	{ 7, 0, "6c" },
	{ 8, 0, "" },
	{ 8, 0, "6c32 7470 64" },
	{ 9, 0, "ffff" },
	{ 10, 0, "0004" },
	{ 11, 0, "2a" },
	{ 12, 0, "0010 45" },
	{ 12, 0, "0010 45 6279 65" },
	{ 13, 0, "000102030405060708090a0b0c0d0e0f" },
	{ 14, 0, "0001" },
	{ 15, 0, "fffffffe" },
	{ 16, 0, "00000000" },
	{ 17, 0, "7fffffff" },
	{ 18, 0, "00000002" },
	{ 19, 0, "00000001" },
	{ 21, 0, "" },
	{ 21, 0, "3132 33" },
	{ 22, 0, "34" },
	{ 23, 0, "" },
	{ 24, 0, "00989680" },
	{ 25, 0, "00000007" },
	{ 26, 0, "0104 05d4" },
	{ 27, 0, "" },
	{ 28, 0, "00" },
	{ 29, 0, "0002" },
	{ 30, 0, "626f62" },
	{ 31, 0, "00" },
	{ 32, 0, "00ff" },
	{ 33, 0, "7077" },
	{ 34, 0, "0000 00000001 00000002 00000003 00000004 00000005 ffffffff" },
	{ 35, 0, "0000 ffffffff 000a0000" },
	{ 36, 0, "00010203" },
	{ 37, 0, "00" },
	{ 38, 0, "0000fa00" },
	{ 39, 0, "" },
	{ 46, 0, "0003 c021 01" },
	{ 46, 0, "0003 c021 02 6e6f" },
	{ 97, 0, "0000 1234 00989680 0000fa00" },
	{ 98, 0, "" },
	{ 1, 3561, "65" },
	{ 2, 3561, "00ff" },
	{ 129, 3561, "0000000100000000" },
	{ 138, 3561, "ffffffffffffffff" },
	{ 139, 3561, "00000010" },
	{ 142, 3561, "fffffffe" },
	{ 144, 3561, "010002" },
};

/* What was read is written again octet for octet. */
static void test_values_round_trip(void **state)
{
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		struct wire w = wire_hex(values[i].hex), out = { malloc(w.len + 1), w.len };
		const struct avp_info *info =
			avp_find((uint16_t)values[i].vendor, (uint16_t)values[i].type);
		struct l2tp_msg msg = { 0 };
		struct buf_wr wr;

		assert_non_null(out.data);
		assert_true(avp_get(info, w.data, (uint16_t)w.len, &msg));
		assert_int_equal(msg.deviations, 0);
		buf_wr_init(&wr, out.data, out.len);
		avp_put(info, &msg, 0, &wr);
		assert_false(wr.bad);
		assert_int_equal(wr.pos, w.len);
		assert_memory_equal(out.data, w.data, w.len);
		for (size_t size = 0; size < w.len; size++) {
			struct wire small = { malloc(size + !size), size };

			assert_non_null(small.data);
			buf_wr_init(&wr, small.data, size);
			avp_put(info, &msg, 0, &wr);
			assert_true(wr.bad);
			assert_int_equal(wr.pos, w.len);
			wire_free(&small);
		}
		wire_free(&w);
		wire_free(&out);
	}
}

static void test_pitfall_15_result_code_lengths(void **state)
{
	static const struct {
		const char *hex;
		int result, error;
		const char *text;
		unsigned deviations;
	} rows[] = {
		{ "0003", 3, 0, "", L2TP_DEV_SHORT_RESULT },
		{ "0002 0006", 2, 6, "", 0 },
		{ "0002 0006 6f6f7073", 2, 6, "oops", 0 },
		{ "0003 00", 3, 0, "", L2TP_DEV_SHORT_RESULT },
		{ "0300", 3, 0, "", L2TP_DEV_SHORT_RESULT | L2TP_DEV_SWAPPED_RESULT },
		{ "0200 0600", 2, 6, "", L2TP_DEV_SWAPPED_RESULT },
		{ "0200 0000", 2, 0, "", L2TP_DEV_SWAPPED_RESULT },
		/* error code of result 5 is a version, and no result is too strange */
		{ "0005 0100", 5, 0x100, "", 0 },
		{ "1234 5678", 0x1234, 0x5678, "", 0 },
		{ "0000 0000", 0, 0, "", 0 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct wire w = wire_hex(rows[i].hex);
		struct l2tp_msg msg = { 0 };

		assert_true(avp_get(avp_find(0, 1), w.data, (uint16_t)w.len, &msg));
		assert_int_equal(msg.result, rows[i].result);
		assert_int_equal(msg.error, rows[i].error);
		assert_span(msg.result_text, rows[i].text);
		assert_int_equal(msg.deviations, rows[i].deviations);
		wire_free(&w);
	}
}

static void test_pitfall_34_speed_as_text(void **state)
{
	static const struct {
		const char *hex;
		bool ok;
		uint32_t speed;
	} rows[] = {
		{ "00989680", true, 10000000 },
		{ "39363030", true, 0x39363030 }, /* four octets are a number */
		{ "3634303030", true, 64000 },
		{ "31303030303030303030", true, 1000000000 },
		{ "39393939393939393939", true, UINT32_MAX },
		{ "3634303061", false, 0 },
		{ "0000009896", false, 0 },
		{ "0098", false, 0 }, /* RFC 2661 7.1 */
		{ "3936", false, 0 },
		{ "", false, 0 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct wire w = wire_hex(rows[i].hex);
		struct l2tp_msg msg = { 0 };

		assert_int_equal(
			avp_get(avp_find(0, 38), w.data, (uint16_t)w.len, &msg), rows[i].ok);
		assert_int_equal(msg.rx_speed, rows[i].speed);
		assert_int_equal(!!(msg.deviations & L2TP_DEV_TEXT_SPEED), rows[i].ok && w.len > 4);
		wire_free(&w);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_walk),
		cmocka_unit_test(test_each_reserved_bit),
		cmocka_unit_test(test_pitfall_02_length_below_header),
		cmocka_unit_test(test_pitfall_02_length_does_not_wrap),
		cmocka_unit_test(test_pitfall_02_every_length_in_every_size),
		cmocka_unit_test(test_pitfall_04_vendor_is_part_of_the_key),
		cmocka_unit_test(test_table_agrees_with_rfc),
		cmocka_unit_test(test_table_agrees_with_rfc5515),
		cmocka_unit_test(test_bits_are_distinct),
		cmocka_unit_test(test_every_length_of_every_attribute),
		cmocka_unit_test(test_values_round_trip),
		cmocka_unit_test(test_pitfall_15_result_code_lengths),
		cmocka_unit_test(test_pitfall_34_speed_as_text),
	};

	return cmocka_run_group_tests_name("avp", tests, NULL, NULL);
}
