/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Datagrams in words, of peers that mean us ill: nothing can disturb them. */
#include "describe_rig.h"

#include <stdio.h>

#include "msg_samples.h"

/* --- hostile text --- */

static void assert_harmless(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		assert_true((unsigned char)text[i] >= 0x20 && text[i] != 0x7f);
		/* C1 controls, and what changes the direction of text */
		assert_false(strncmp(text + i, "\xc2\x9b", 2) == 0 ||
			     strncmp(text + i, "\xe2\x80\xae", 3) == 0);
	}
}

static void test_hostile_text(void **state)
{
	/* an escape sequence, a line break, C1, an override, an end of the quotes, no UTF-8, NUL */
	words_of(TYPE("0006") "8023 0000 0007 1b5b324a 0a 7f c29b e280ae 223b20 41 ff c3 00 c3a9"
			      "2031 22 5c 6e 5c 78 31 62",
		NULL);
	assert_harmless(line, strlen(line));
	assert_non_null(
		strstr(line, "Host Name \"?[2J?\?\?\?\?\?\?'; A?\?\?\xc3\xa9 1'\\n\\x1b\" ["));
}

static void test_long_text(void **state)
{
	static uint8_t avps[4000];
	struct wire w = wire_msg(0, TYPE("0006")), big;
	size_t len = w.len;

	memcpy(avps, w.data, len);
	wire_free(&w);
	for (int i = 0; i < 3; i++) {
		uint8_t avp[1023] = { 0x83, 0xff, 0, 0, 0, 7 };

		for (size_t j = 6; j < sizeof(avp); j++)
			avp[j] = j % 2 ? 0xa9 : 0xc3; /* e with an accent, two octets */
		memcpy(avps + len, avp, sizeof(avp));
		len += sizeof(avp);
	}
	big = wire_copy(avps, len);
	wire_set_u16(&big, 2, len);
	words(&big, NULL);
	assert_non_null(strstr(line, "\xc3\xa9...\""));
	assert_true(strlen(line) < 1200);
	wire_free(&big);
}

/* --- any octets, any buffer --- */

static bool is_utf8(const char *text)
{
	for (; *text; text++) {
		int more = (*text & 0xe0) == 0xc0 ? 1 : (*text & 0xf0) == 0xe0 ? 2 : 0;

		if ((*text & 0xc0) == 0x80)
			return false;
		while (more--)
			if ((*++text & 0xc0) != 0x80)
				return false;
	}
	return true;
}

/* Everything there is to call, on buffers of the very size. */
static void exercise(const struct wire *w, const struct l2tp_secret *with)
{
	struct wire before = wire_copy(w->data, w->len);
	struct l2tp_description d;
	struct l2tp_avp_words avp;
	size_t last = 0, count = 0;

	l2tp_describe_begin(&d, w->data, w->len, with);
	assert_true(memchr(d.name, 0, sizeof(d.name)) && *d.name);
	while (l2tp_describe_next(&d, &avp)) {
		assert_true(avp.offset < w->len && (!count || avp.offset > last));
		assert_true(memchr(avp.value, 0, sizeof(avp.value)) != NULL);
		assert_true(memchr(avp.problem, 0, sizeof(avp.problem)) != NULL);
		assert_harmless(avp.value, strlen(avp.value));
		last = avp.offset;
		count++;
	}
	assert_false(l2tp_describe_next(&d, &avp));
	words(w, with);
	assert_harmless(line, strlen(line));
	assert_memory_equal(w->data, before.data, w->len);
	wire_free(&before);
}

static void test_every_truncation(void **state)
{
	for (size_t i = 0; i <= SAMPLES; i++) {
		struct wire whole = i < SAMPLES ? wire_msg(7, samples[i].avps) : hidden_iccn();

		for (size_t len = 0; len <= whole.len; len++) {
			struct wire w = wire_copy(whole.data, len);

			exercise(&w, NULL);
			exercise(&w, &secret);
			if (len >= 4)
				wire_set_u16(&w, 2, len);
			exercise(&w, &secret);
			/* a good header: the attributes before the cut are all told */
			if (len >= 12 && i < SAMPLES && len < whole.len)
				assert_null(strstr(line, "Length"));
			wire_free(&w);
		}
		wire_free(&whole);
	}
}

static void test_every_bit_flipped(void **state)
{
	for (size_t i = 0; i <= SAMPLES; i++) {
		struct wire w = i < SAMPLES ? wire_msg(7, samples[i].avps) : hidden_iccn();

		for (size_t bit = 0; bit < w.len * 8; bit++) {
			w.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
			exercise(&w, &secret);
			w.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
		}
		wire_free(&w);
	}
}

static void test_small_buffers(void **state)
{
	/* with two-octet characters, which must not be cut in half */
	struct wire w = wire_msg(0, TYPE("0006") "800e 0000 0007 c3a9c3a9c3a9c3a9" HOST_NAME);
	char whole[L2TP_DESCRIBE_LINE];
	size_t len;

	strcpy(whole, words(&w, NULL));
	len = strlen(whole);
	assert_int_equal(l2tp_describe(w.data, w.len, NULL, NULL, 0), 0);
	for (size_t size = 1; size <= len + 1; size++) {
		char *out = malloc(size);
		size_t n = l2tp_describe(w.data, w.len, NULL, out, size);

		assert_int_equal(n, strlen(out));
		assert_true(n < size && is_utf8(out));
		if (size == len + 1)
			assert_string_equal(out, whole);
		else if (size > 4)
			assert_string_equal(out + n - 3, "...");
		free(out);
	}
	wire_free(&w);
}

static void test_longer_than_any_datagram(void **state)
{
	struct wire w = { calloc(1, 70000), 70000 };

	memcpy(w.data, "\xc8\x02\xff\xff", 4);
	exercise(&w, NULL);
	assert_non_null(strstr(line, "70000 octets are no datagram"));
	memcpy(w.data, "\x00\x02", 2);
	exercise(&w, NULL);
	wire_free(&w);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hostile_text),
		cmocka_unit_test(test_long_text),
		cmocka_unit_test(test_every_truncation),
		cmocka_unit_test(test_every_bit_flipped),
		cmocka_unit_test(test_small_buffers),
		cmocka_unit_test(test_longer_than_any_datagram),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
