/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What all parts share: characters, near names, words of reasons, the line of a secret file. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/nearest.h"
#include "base/reasons.h"
#include "base/secret_file.h"
#include "base/utf8.h"

/* As UTF-8 would write any number, good or not; its length. */
static size_t encode(uint32_t c, size_t len, char out[static 4])
{
	static const unsigned char lead[] = { 0, 0, 0xc0, 0xe0, 0xf0 };

	if (len == 1) {
		out[0] = (char)c;
		return 1;
	}
	for (size_t i = len; i-- > 1; c >>= 6)
		out[i] = (char)(0x80 | (c & 0x3f));
	out[0] = (char)(lead[len] | c);
	return len;
}

static void test_every_character(void **state)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	static const uint32_t most[] = { 0, 0x7f, 0x7ff, 0xffff, 0x1fffff };
	char text[4];

	for (size_t len = 1; len <= 4; len++) {
		for (uint32_t c = 0; c <= most[len]; c++) {
			bool good = c >= least[len] && c <= 0x10ffff && c >> 11 != 0x1b;
			uint32_t found = ~0u;

			encode(c, len, text);
			assert_int_equal(utf8_decode(text, len, &found), good ? len : 0);
			assert_int_equal(found, good ? c : ~0u);
			if (len > 1) /* cut */
				assert_int_equal(utf8_decode(text, len - 1, &found), 0);
		}
	}
}

static void test_no_character(void **state)
{
	static const char *const texts[] = { "\x80", "\xbf", "\xc3(", "\xe2\x82(", "\xf0\x9f\x98(",
		"\xf8\x88\x80\x80\x80", "\xfc\x84\x80\x80\x80\x80", "\xfe", "\xff" };
	uint32_t c;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_int_equal(utf8_decode(texts[i], strlen(texts[i]), &c), 0);
		assert_false(utf8_is_text(texts[i], strlen(texts[i])));
		assert_false(utf8_is_name(texts[i], strlen(texts[i])));
	}
}

static void test_what_may_be_shown(void **state)
{
	static const struct {
		const char *text;
		bool is_text, is_name;
	} rows[] = {
		{ "", true, true }, { "plain ~", true, true },
		{ "Z\xc3\xbcrich \xe6\x97\xa5\xe6\x9c\xac \xf0\x9f\x98\x80", true, true },
		{ "a\tb", true, false }, { "a\nb", false, false }, { "\x1b[2J", false, false },
		{ "\x7f", false, false }, { "\xc2\x9b", false, false }, /* CSI */
		{ "\xc2\xa0", true, true },	 /* the first behind the controls */
		{ "\xc2\xad", true, false },	 /* soft hyphen */
		{ "\xd8\x9c", true, false },	 /* Arabic letter mark */
		{ "\xe2\x80\x8b", true, false }, /* no width */
		{ "\xe2\x80\xa8", true, false }, /* line separator */
		{ "\xe2\x80\xae", true, false }, /* override */
		{ "\xe2\x80\xaf", true, true },	 /* narrow blank */
		{ "\xe2\x81\xa6", true, false }, /* isolate */
		{ UTF8_BOM, true, false },
		{ "\xef\xbf\xbd", true, true }, /* replacement character */
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t len = strlen(rows[i].text);

		assert_int_equal(utf8_is_text(rows[i].text, len), rows[i].is_text);
		assert_int_equal(utf8_is_name(rows[i].text, len), rows[i].is_name);
	}
	assert_false(utf8_is_text("a\0b", 3));
}

static void test_distance(void **state)
{
	static const struct {
		const char *a, *b;
		unsigned distance;
	} rows[] = {
		{ "", "", 0 },
		{ "", "abc", 3 },
		{ "abc", "abc", 0 },
		{ "abc", "abd", 1 },
		{ "abc", "ab", 1 },
		{ "hlelo", "hello", 1 },
		{ "deamon", "daemon", 1 },
		{ "kitten", "sitting", 3 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(nearest_distance(rows[i].a, rows[i].b), rows[i].distance);
		assert_int_equal(nearest_distance(rows[i].b, rows[i].a), rows[i].distance);
	}
}

static void test_nearest(void **state)
{
	struct nearest nearest = { .word = "hlelo" };
	char long_name[200];

	nearest_offer(&nearest, "hidden");
	assert_null(nearest.best);
	nearest_offer(&nearest, "hollo"); /* two */
	assert_string_equal(nearest.best, "hollo");
	nearest_offer(&nearest, "hello");
	nearest_offer(&nearest, "hlxlo"); /* as near, but later */
	assert_string_equal(nearest.best, "hello");
	memset(long_name, 'a', sizeof(long_name) - 1);
	long_name[sizeof(long_name) - 1] = '\0';
	nearest = (struct nearest){ .word = long_name };
	nearest_offer(&nearest, long_name);
	assert_null(nearest.best);
}

static void test_reasons(void **state)
{
	static const struct {
		const char *(*name)(unsigned number);
		unsigned last;
	} rows[] = { { reasons_stopccn, 7 }, { reasons_cdn, 11 }, { reasons_error, 8 },
		{ reasons_pppd, 21 } };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		for (unsigned n = 0; n <= rows[i].last; n++)
			assert_true(rows[i].name(n) && *rows[i].name(n));
		assert_null(rows[i].name(rows[i].last + 1));
		assert_null(rows[i].name((unsigned)-1));
	}
	assert_string_equal(reasons_cdn(8), "busy");
	assert_string_equal(reasons_pppd(11), "the peer failed to authenticate itself");
}

static void test_secret_line(void **state)
{
	char longest[SECRET_MAX + 3];
	const struct {
		const char *text;
		size_t len;
		const char *secret; /* NULL: -EINVAL */
	} rows[] = {
		{ "s3cret\nmore\n", 12, "s3cret" },
		{ "s3cret", 6, "s3cret" },
		{ "s3cret\r\n", 8, "s3cret" },
		{ " s3 cret \n", 10, " s3 cret " },
		{ "a\n\0", 3, "a" },
		{ "", 0, NULL },
		{ "\n", 1, NULL },
		{ "\r\n", 2, NULL },
		{ "a\0b\n", 4, NULL },
		{ "a\0", 2, NULL },
		{ longest + 1, SECRET_MAX + 1, longest + 1 },
		{ longest, SECRET_MAX + 2, NULL },
	};

	memset(longest, 'x', sizeof(longest));
	longest[SECRET_MAX + 1] = '\n';
	longest[SECRET_MAX + 2] = '\0';
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct secret_file file = { .text = (char *)rows[i].text, .len = rows[i].len };
		char *secret = NULL;
		int r = secret_file_line(&file, &secret);

		assert_int_equal(r, rows[i].secret ? 0 : -EINVAL);
		if (rows[i].secret)
			assert_memory_equal(secret, rows[i].secret, strlen(secret));
		else
			assert_null(secret);
		if (rows[i].text == longest + 1)
			assert_int_equal(strlen(secret), SECRET_MAX);
		secret_free(secret);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_character),
		cmocka_unit_test(test_no_character),
		cmocka_unit_test(test_what_may_be_shown),
		cmocka_unit_test(test_distance),
		cmocka_unit_test(test_nearest),
		cmocka_unit_test(test_reasons),
		cmocka_unit_test(test_secret_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
