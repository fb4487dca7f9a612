/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PPPoE discovery frames: reading, building, the access line of TR-101, cookies, rates. Frames are
 * written by hand from RFC 2516, RFC 4638 and TR-101.
 */
#include "wire.h"

#include <errno.h>
#include <stdio.h>

#include "pppoe/cookie.h"
#include "pppoe/limits.h"
#include "pppoe/tags.h"

#define SEC USEC_PER_SEC
#define ETH "ffffffffffff 020000000001 8863 "

/* A length of eeee becomes the right one. */
static struct wire frame_of(const char *hex)
{
	struct wire w = wire_hex(hex);

	if (w.len >= PPPOE_HDR_LEN && w.data[18] == 0xee && w.data[19] == 0xee)
		wire_set_u16(&w, 18, w.len - PPPOE_HDR_LEN);
	return w;
}

static int parse(const char *hex, struct pppoe_frame *ret)
{
	struct wire w = wire_hex(hex);
	int r = pppoe_parse(w.data, w.len, ret);

	wire_free(&w);
	return r;
}

/* Kept alive, as the spans of the frame point into it. */
static struct wire parsed(const char *hex, struct pppoe_frame *ret)
{
	struct wire w = frame_of(hex);

	assert_int_equal(pppoe_parse(w.data, w.len, ret), 0);
	return w;
}

static void assert_text(struct l2tp_span span, const char *text)
{
	assert_non_null(span.data);
	assert_int_equal(span.len, strlen(text));
	assert_memory_equal(span.data, text, span.len);
}

/* --- reading ------------------------------------------------------------------------- */

/* RFC 2516, Appendix B: the PADI there. */
static void test_padi_of_the_rfc(void **state)
{
	struct pppoe_frame f;
	struct wire w = parsed(ETH "11 09 0000 0004 0101 0000", &f);

	assert_int_equal(f.code, PPPOE_PADI);
	assert_int_equal(f.sid, 0);
	assert_memory_equal(f.dst, "\xff\xff\xff\xff\xff\xff", 6);
	assert_memory_equal(f.src, "\2\0\0\0\0\1", 6);
	assert_text(f.service, "");
	assert_null(f.ac_name.data);
	assert_null(f.host_uniq.data);
	assert_null(f.cookie.data);
	assert_null(f.relay_id.data);
	assert_int_equal(f.max_payload, 0);
	assert_int_equal(f.error, 0);
	assert_int_equal(f.line.present, 0);
	wire_free(&w);
}

static void test_every_tag(void **state)
{
	struct pppoe_frame f;
	struct wire w = parsed(ETH "11 65 1234 eeee "
				   "0101 0003 697370 0102 0002 6163 0103 0001 75 0104 0001 63 "
				   "0110 0002 7273 0120 0002 05dc 0201 0001 78 0203 0003 626164 "
				   "9999 0000",
		&f);

	assert_int_equal(f.code, PPPOE_PADS);
	assert_int_equal(f.sid, 0x1234);
	assert_text(f.service, "isp");
	assert_text(f.ac_name, "ac");
	assert_text(f.host_uniq, "u");
	assert_text(f.cookie, "c");
	assert_text(f.relay_id, "rs");
	assert_int_equal(f.max_payload, 1500);
	/* the first error is it */
	assert_int_equal(f.error, PPPOE_TAG_SERVICE_NAME_ERROR);
	assert_text(f.error_text, "x");
	wire_free(&w);
}

static void test_first_of_a_tag_counts(void **state)
{
	struct pppoe_frame f;
	struct wire w = parsed(
		ETH "11 09 0000 eeee 0101 0000 0101 0001 78 0120 0002 0600 0120 0001 99", &f);

	assert_text(f.service, "");
	assert_int_equal(f.max_payload, 0x600);
	wire_free(&w);
}

/* What follows End-Of-List, and what Ethernet padded, is not read. */
static void test_end_and_padding(void **state)
{
	struct pppoe_frame f;
	struct wire w = parsed(ETH "11 09 0000 000d 0101 0000 0000 0000 0101 0005 78", &f);

	assert_text(f.service, "");
	wire_free(&w);
	w = parsed(ETH "11 09 0000 0004 0101 0000 0101 ffff 0000", &f);
	assert_text(f.service, "");
	wire_free(&w);
	w = parsed(ETH "11 a7 0001 0000 0000000000", &f);
	assert_null(f.service.data);
	wire_free(&w);
}

static void test_not_a_frame(void **state)
{
	static const char *const bad[] = {
		"",
		"ffffffffffff 020000000001 8863 11 09 0000 00",
		"ffffffffffff 020000000001 8864 11 09 0000 0000", /* of a session */
		"ffffffffffff 020000000001 0800 11 09 0000 0000",
		ETH "21 09 0000 0000",		 /* version 2 */
		ETH "12 09 0000 0000",		 /* type 2 */
		ETH "11 09 0000 0001",		 /* longer than it is */
		ETH "11 09 0000 0003 010100",	 /* a tag without its length */
		ETH "11 09 0000 0004 0101 0001", /* a tag longer than the payload */
		ETH "11 09 0000 0005 0101 0002 78 78",
		ETH "11 09 0000 0004 0101 ffff 7878",
	};
	struct pppoe_frame f = { .code = 77 };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(parse(bad[i], &f), -EBADMSG);
	assert_int_equal(f.code, 77); /* untouched */
}

static void test_too_long(void **state)
{
	static uint8_t frame[9018];
	struct pppoe_frame f;
	struct wire head = wire_hex(ETH "11 09 0000 05d6 0103 05d2");

	memcpy(frame, head.data, head.len);
	/* a payload of 1494 fills a frame of 1514 */
	assert_int_equal(pppoe_parse(frame, 1514, &f), 0);
	assert_int_equal(f.host_uniq.len, 0x5d2);
	assert_int_equal(pppoe_parse(frame, 1513, &f), -EBADMSG);
	frame[19]++;
	assert_int_equal(pppoe_parse(frame, sizeof(frame), &f), -EBADMSG);
	wire_free(&head);
}

/* Cut off anywhere, and with any octet changed: the sanitizers watch. */
static void test_every_octet(void **state)
{
	struct wire w = frame_of(ETH "11 19 0000 eeee 0101 0003 697370 0103 0001 75 0105 000f "
				     "00000de9 0101 65 8104 00000200 ff00 0120 0002 05dc");
	struct pppoe_frame f;

	assert_int_equal(pppoe_parse(w.data, w.len, &f), 0);
	for (size_t n = 0; n < w.len; n++) {
		struct wire part = wire_copy(w.data, n);

		assert_int_equal(pppoe_parse(part.data, n, &f), -EBADMSG);
		wire_free(&part);
	}
	for (size_t at = 0; at < w.len; at++) {
		for (unsigned value = 0; value < 256; value++) {
			struct wire bad = wire_copy(w.data, w.len);

			bad.data[at] = (uint8_t)value;
			pppoe_parse(bad.data, bad.len, &f);
			wire_free(&bad);
		}
	}
	wire_free(&w);
}

/* --- the access line ----------------------------------------------------------------- */

static bool parse_line(const char *hex, struct l2tp_line *ret)
{
	static struct wire w;

	wire_free(&w);
	w = wire_hex(hex);
	return pppoe_parse_line((struct l2tp_span){ w.data, (uint16_t)w.len }, ret);
}

#define BBF "00000de9 "

static void test_line_in_full(void **state)
{
	struct l2tp_line line;

	assert_true(
		parse_line(BBF "01 0b 65746820312f323a313030 02 04 726d3432 "
			       "81 04 00000200 82 04 00001f40 83 04 00000040 84 04 00000080 "
			       "85 04 00000400 86 04 00989680 87 04 000003e8 88 04 00003e80 "
			       "89 04 00000020 8a 04 ffffffff 8b 04 00000010 8c 04 00000008 "
			       "8d 04 00000020 8e 04 00000004 90 03 010206 fe 00 91 04 00000001",
			&line));
	assert_text(line.circuit_id, "eth 1/2:100");
	assert_text(line.remote_id, "rm42");
	/* kbit/s of TR-101 are bit/s of RFC 5515 */
	assert_int_equal(line.actual.up, 512000);
	assert_int_equal(line.actual.down, 8000000);
	assert_int_equal(line.minimum.up, 64000);
	assert_int_equal(line.minimum.down, 128000);
	assert_int_equal(line.attainable.up, 1024000);
	assert_int_equal(line.attainable.down, UINT64_C(10000000000));
	assert_int_equal(line.maximum.up, 1000000);
	assert_int_equal(line.maximum.down, 16000000);
	assert_int_equal(line.low_power.up, 32000);
	assert_int_equal(line.low_power.down, UINT64_C(4294967295000));
	assert_int_equal(line.maximum_delay.up, 16);
	assert_int_equal(line.actual_delay.up, 8);
	assert_int_equal(line.maximum_delay.down, 32);
	assert_int_equal(line.actual_delay.down, 4);
	assert_memory_equal(line.encapsulation, "\1\2\6", 3);
	for (unsigned type = 0; type < 150; type++) {
		bool known = type == 1 || type == 2 || (type >= 129 && type <= 142) || type == 144;

		if (known)
			assert_true(l2tp_line_has(&line, type));
	}
	assert_int_equal(__builtin_popcount(line.present), 17);
}

/* What has the wrong length is passed over, what does not fit to its end is no line. */
static void test_line_malformed(void **state)
{
	struct l2tp_line line = { .present = 99 };

	assert_true(parse_line(
		BBF "01 00 81 03 000200 8b 08 0000000000000001 90 02 0102 02 01 72", &line));
	assert_int_equal(line.present, 1u << L2TP_LINE_REMOTE_ID);
	line.present = 99;
	assert_false(parse_line(BBF "01 02 65", &line));
	assert_false(parse_line(BBF "01", &line));
	assert_false(parse_line("00000009 01 01 65", &line));
	assert_false(parse_line("000de9", &line));
	assert_int_equal(line.present, 99);
	assert_true(parse_line("00000de9", &line));
	assert_int_equal(line.present, 0);
}

static void test_line_texts_of_63_octets(void **state)
{
	char hex[300] = BBF "01 3f ";
	struct l2tp_line line;

	for (unsigned i = 0; i < 63; i++)
		strcat(hex, "61");
	assert_true(parse_line(hex, &line));
	assert_int_equal(line.circuit_id.len, 63);
	strcat(hex, "61");
	hex[13] = '0'; /* 40 */
	hex[12] = '4';
	assert_true(parse_line(hex, &line));
	assert_int_equal(line.present, 0);
}

static void test_line_in_a_frame(void **state)
{
	struct pppoe_frame f;
	/* another vendor's tag before it, and one of ours after it */
	struct wire w =
		parsed(ETH "11 19 0000 eeee 0105 0006 00000009 0102 0105 0007 00000de9 0101 "
			   "65 0105 0007 00000de9 0201 72 0103 0003 616263",
			&f);

	assert_int_equal(f.line.present, 1u << L2TP_LINE_CIRCUIT_ID);
	assert_text(f.line.circuit_id, "e");
	assert_text(f.host_uniq, "abc");
	wire_free(&w);
}

/* --- building ------------------------------------------------------------------------ */

static const uint8_t us[] = { 2, 0, 0, 0, 0, 2 }, them[] = { 2, 0, 0, 0, 0, 1 };

static void test_build(void **state)
{
	struct wire want = frame_of("020000000001 020000000002 8863 11 07 4321 eeee "
				    "0101 0000 0102 0003 616331 0103 0002 0001 0120 0002 05dc");
	uint8_t buf[PPPOE_FRAME_MAX];

	for (size_t size = 0; size <= want.len; size++) {
		struct buf_wr wr;
		int r;

		buf_wr_init(&wr, buf, size);
		pppoe_begin(&wr, them, us, PPPOE_PADO, 0x4321);
		pppoe_put(&wr, PPPOE_TAG_SERVICE_NAME, pppoe_text(""));
		pppoe_put(&wr, PPPOE_TAG_AC_NAME, pppoe_text("ac1"));
		pppoe_put(
			&wr, PPPOE_TAG_HOST_UNIQ, (struct l2tp_span){ (const uint8_t *)"\0\1", 2 });
		/* what was not there is not sent back */
		pppoe_put(&wr, PPPOE_TAG_RELAY_SESSION_ID, (struct l2tp_span){ 0 });
		pppoe_put_u16(&wr, PPPOE_TAG_MAX_PAYLOAD, 1500);
		r = pppoe_end(&wr);
		assert_int_equal(r, size < want.len ? -EMSGSIZE : (int)want.len);
	}
	assert_memory_equal(buf, want.data, want.len);
	wire_free(&want);
}

static void test_build_what_fits(void **state)
{
	uint8_t buf[30];
	struct buf_wr wr;

	buf_wr_init(&wr, buf, sizeof(buf));
	pppoe_begin(&wr, them, us, PPPOE_PADT, 1);
	assert_false(pppoe_try(&wr, PPPOE_TAG_GENERIC_ERROR, pppoe_text("too long")));
	assert_false(wr.bad);
	assert_int_equal(wr.pos, 20);
	assert_true(pppoe_try(&wr, PPPOE_TAG_GENERIC_ERROR, pppoe_text("fits..")));
	assert_int_equal(pppoe_end(&wr), 30);
	assert_false(pppoe_try(&wr, PPPOE_TAG_GENERIC_ERROR, pppoe_text("")));
}

static void test_same(void **state)
{
	static const uint8_t a[] = "ab";
	struct l2tp_span none = { 0 }, empty = { a, 0 }, one = { a, 1 }, two = { a, 2 };

	assert_true(pppoe_same(none, none));
	assert_false(pppoe_same(none, empty));
	assert_false(pppoe_same(empty, none));
	assert_true(pppoe_same(empty, pppoe_text("")));
	assert_false(pppoe_same(one, two));
	assert_true(pppoe_same(one, pppoe_text("a")));
	assert_false(pppoe_same(one, pppoe_text("b")));
}

/* --- cookies ------------------------------------------------------------------------- */

static bool valid(struct pppoe_cookie_key *key, unsigned port, const uint8_t *mac, usec_t now,
	const uint8_t *cookie, uint16_t len)
{
	return pppoe_cookie_check(key, port, mac, now, 60 * SEC, (struct l2tp_span){ cookie, len });
}

static void test_cookie(void **state)
{
	static const usec_t starts[] = { 0, 1000 * SEC,
		/* the milliseconds of a cookie wrap */
		UINT64_C(0xffffffff) * 1000 - 10 * SEC };
	const uint8_t secret[PPPOE_KEY_LEN] = { 1, 2, 3 }, other[PPPOE_KEY_LEN] = { 1, 2, 4 };
	struct pppoe_cookie_key key, key2;

	pppoe_cookie_init(&key, secret);
	pppoe_cookie_init(&key2, other);
	for (size_t i = 0; i < 3; i++) {
		uint8_t cookie[PPPOE_COOKIE_LEN];
		usec_t now = starts[i];

		pppoe_cookie_make(&key, 7, them, now, cookie);
		assert_true(valid(&key, 7, them, now, cookie, PPPOE_COOKIE_LEN));
		assert_true(valid(&key, 7, them, now + 60 * SEC, cookie, PPPOE_COOKIE_LEN));
		assert_false(valid(&key, 7, them, now + 61 * SEC, cookie, PPPOE_COOKIE_LEN));
		if (now >= SEC)
			assert_false(valid(&key, 7, them, now - SEC, cookie, PPPOE_COOKIE_LEN));
		assert_false(valid(&key, 8, them, now, cookie, PPPOE_COOKIE_LEN));
		assert_false(valid(&key, 7, us, now, cookie, PPPOE_COOKIE_LEN));
		assert_false(valid(&key2, 7, them, now, cookie, PPPOE_COOKIE_LEN));
		assert_false(valid(&key, 7, them, now, cookie, PPPOE_COOKIE_LEN - 1));
		assert_false(valid(&key, 7, them, now, NULL, 0));
		for (unsigned bit = 0; bit < PPPOE_COOKIE_LEN * 8; bit++) {
			cookie[bit / 8] ^= (uint8_t)(1 << bit % 8);
			assert_false(valid(&key, 7, them, now, cookie, PPPOE_COOKIE_LEN));
			cookie[bit / 8] ^= (uint8_t)(1 << bit % 8);
		}
		assert_true(valid(&key, 7, them, now, cookie, PPPOE_COOKIE_LEN));
	}
}

/* RFC 2104 over port, address, time: computed by another implementation. */
static void test_cookie_is_hmac_md5(void **state)
{
	const uint8_t secret[PPPOE_KEY_LEN] = "0123456789abcdef";
	struct wire want = wire_hex("000003e8 5346976ab9347cee8c902cbf1b34efe4");
	struct pppoe_cookie_key key;
	uint8_t cookie[PPPOE_COOKIE_LEN];

	pppoe_cookie_init(&key, secret);
	pppoe_cookie_make(&key, 7, them, SEC, cookie);
	assert_memory_equal(cookie, want.data, PPPOE_COOKIE_LEN);
	wire_free(&want);
}

/* --- rates --------------------------------------------------------------------------- */

static unsigned taken(struct limit_rate *limit, usec_t now, unsigned rate, unsigned tries)
{
	unsigned n = 0;

	while (tries--)
		n += limit_rate_take(limit, now, rate);
	return n;
}

static void test_rate(void **state)
{
	struct limit_rate limit = { 0 };
	usec_t now = 5 * SEC;

	/* as many at once as a second has */
	assert_int_equal(taken(&limit, now, 10, 1000), 10);
	now += SEC / 10;
	assert_int_equal(taken(&limit, now, 10, 1000), 1);
	assert_int_equal(taken(&limit, now, 10, 1000), 0);
	now += 100 * SEC;
	assert_int_equal(taken(&limit, now, 10, 1000), 10);
	assert_int_equal(taken(&limit, now, 0, 1000), 1000);
	/* over a long time */
	limit = (struct limit_rate){ 0 };
	assert_int_equal(taken(&limit, now, 100, 1000), 100);
	for (unsigned i = 0, n = 0; i < 1000; i++) {
		now += SEC / 100;
		n += taken(&limit, now, 100, 7);
		assert_int_equal(n, i + 1);
	}
}

static void test_holds(void **state)
{
	struct limit_holds *holds = calloc(1, sizeof(*holds));

	assert_non_null(holds);
	limit_hold(holds, 1, 10);
	assert_true(limit_is_held(holds, 1, 9));
	assert_false(limit_is_held(holds, 1, 10));
	assert_false(limit_is_held(holds, 2, 9));
	/* another takes its place */
	limit_hold(holds, 1 + LIMIT_HOLDS, 20);
	assert_false(limit_is_held(holds, 1, 9));
	assert_true(limit_is_held(holds, 1 + LIMIT_HOLDS, 19));
	free(holds);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_padi_of_the_rfc),
		cmocka_unit_test(test_every_tag),
		cmocka_unit_test(test_first_of_a_tag_counts),
		cmocka_unit_test(test_end_and_padding),
		cmocka_unit_test(test_not_a_frame),
		cmocka_unit_test(test_too_long),
		cmocka_unit_test(test_every_octet),
		cmocka_unit_test(test_line_in_full),
		cmocka_unit_test(test_line_malformed),
		cmocka_unit_test(test_line_texts_of_63_octets),
		cmocka_unit_test(test_line_in_a_frame),
		cmocka_unit_test(test_build),
		cmocka_unit_test(test_build_what_fits),
		cmocka_unit_test(test_same),
		cmocka_unit_test(test_cookie),
		cmocka_unit_test(test_cookie_is_hmac_md5),
		cmocka_unit_test(test_rate),
		cmocka_unit_test(test_holds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
