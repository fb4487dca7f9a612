/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * RFC 2661 4.3 and 5.1.1. The cipher texts were computed by another implementation (Python
 * hashlib), with secret "secret" and Random Vector 00 01 .. 0f unless said otherwise.
 */
#include "wire.h"

#include "proto/hide.h"

#include <errno.h>

static const uint8_t vector_bytes[16] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 };
static const struct l2tp_span vector = { vector_bytes, 16 };
static const struct l2tp_secret secret = { (const uint8_t *)"secret", 6 };

static const struct {
	uint16_t type;
	const char *clear, *cipher;
} rows[] = {
	/* Assigned Tunnel ID 0x1234, alone and with 12 octets of padding */
	{ 9, "0002 1234", "be6a0ff3" },
	{ 9, "0002 1234 000000000000000000000000", "be6a0ff3dfe444d9cd76415abc1af578" },
	{ 14, "0002 5678", "3b5bb527" },
	/* 16 octets: a whole block; 17: the first of the chain; 45: three blocks */
	{ 33, "000e 666f75727465656e206279746573", "f275b680c012a9e17244e4838e12e15d" },
	{ 33, "000f 6669667465656e2020627974657321", "f274b686d314b8e1790ae4838e12e15d55" },
	{ 33,
		"002b 54686520717569636b2062726f776e20666f78206a756d7073206f766572"
		"20746865206c617a7920646f67",
		"f2508487d040acf17e49afc19514eb597370fdaf43bd99e5430114c4b6f6b729a886a978c84547c2"
		"249b3add1b" },
};

static void test_vectors_both_ways(void **state)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct wire clear = wire_hex(rows[i].clear), cipher = wire_hex(rows[i].cipher);
		struct wire w = wire_copy(clear.data, clear.len);

		assert_int_equal(clear.len, cipher.len);
		hide_encrypt(rows[i].type, &secret, &vector, w.data, w.len);
		assert_memory_equal(w.data, cipher.data, w.len);
		hide_decrypt(rows[i].type, &secret, &vector, w.data, w.len);
		assert_memory_equal(w.data, clear.data, w.len);
		wire_free(&w);
		wire_free(&clear);
		wire_free(&cipher);
	}
}

/* l2tpns chained over the plain text: all but the first 16 octets came out as garbage. */
static void test_pitfall_08_chain_goes_over_cipher_blocks(void **state)
{
	struct wire w = wire_hex(rows[5].cipher);
	struct l2tp_span value;

	assert_int_equal(hide_open(33, &secret, &vector, w.data, w.len, &value), 0);
	assert_span(value, "The quick brown fox jumps over the lazy dog");
	wire_free(&w);
}

static void test_pitfall_08_inner_length(void **state)
{
	static const struct {
		const char *cipher; /* of an Assigned Tunnel ID, inner length as named */
		int r, len;
	} inner[] = {
		{ "be6a0ff3", 0, 2 },
		{ "be690ff3", 0, 1 },
		{ "be6b0ff3", -EBADMSG, 0 }, /* 3 of 2 octets */
		{ "41970ff3", -EBADMSG, 0 }, /* 65535 */
		{ "be68", 0, 0 },
		{ "be69", -EBADMSG, 0 },
		{ "be", -EBADMSG, 0 }, /* no room for the inner length */
		{ "", -EBADMSG, 0 },
	};

	for (size_t i = 0; i < sizeof(inner) / sizeof(inner[0]); i++) {
		struct wire w = wire_hex(inner[i].cipher);
		struct l2tp_span value = { NULL, 77 };

		assert_int_equal(hide_open(9, &secret, &vector, w.data, w.len, &value), inner[i].r);
		assert_int_equal(value.len, inner[i].r ? 77 : inner[i].len);
		wire_free(&w);
	}
}

/* mpd leaves its padding unencrypted, which nobody who honours the inner length can tell. */
static void test_padding_may_be_anything(void **state)
{
	struct wire w = wire_hex("be6a0ff3 ffffffffff");
	struct l2tp_span value;

	assert_int_equal(hide_open(9, &secret, &vector, w.data, w.len, &value), 0);
	assert_span(value, "\x12\x34");
	wire_free(&w);
}

static void test_vectors_of_other_lengths(void **state)
{
	struct l2tp_span four = { (const uint8_t *)"\xde\xad\xbe\xef", 4 }, empty = { NULL, 0 };
	struct wire sid = wire_hex("b9356355"), tid = wire_hex("4e19f407");
	struct l2tp_span value;

	assert_int_equal(hide_open(14, &secret, &four, sid.data, sid.len, &value), 0);
	assert_span(value, "\x56\x78");
	assert_int_equal(hide_open(9, &secret, &empty, tid.data, tid.len, &value), 0);
	assert_span(value, "\x12\x34");
	wire_free(&sid);
	wire_free(&tid);
}

static void test_every_length_comes_back(void **state)
{
	for (size_t len = 0; len <= 1017; len++) {
		struct wire w = wire_copy(NULL, 0), clear;

		w.data = realloc(w.data, len + !len);
		w.len = len;
		assert_non_null(w.data);
		for (size_t i = 0; i < len; i++)
			w.data[i] = (uint8_t)(i * 7 + len);
		clear = wire_copy(w.data, len);
		hide_encrypt(30, &secret, &vector, w.data, len);
		if (len > 4)
			assert_memory_not_equal(w.data, clear.data, len);
		hide_decrypt(30, &secret, &vector, w.data, len);
		assert_memory_equal(w.data, clear.data, len);
		wire_free(&w);
		wire_free(&clear);
	}
}

/* The identifier is the type of the message that carries the response. */
static void test_pitfall_10_challenge_response(void **state)
{
	struct wire sccrp = wire_hex("dd4186e2196f00124a9d588f02701259");
	struct wire scccn = wire_hex("8f3c2fa6fcfea72215ae83ea89ec2b77");
	struct wire one = wire_hex("3bd4774581e0279915a95dd1e025847f");
	uint8_t got[16];

	l2tp_challenge_response(L2TP_MSG_SCCRP, &secret, vector, got);
	assert_memory_equal(got, sccrp.data, 16);
	l2tp_challenge_response(L2TP_MSG_SCCCN, &secret, vector, got);
	assert_memory_equal(got, scccn.data, 16);
	l2tp_challenge_response(
		L2TP_MSG_SCCRP, &secret, (struct l2tp_span){ (const uint8_t *)"\x2a", 1 }, got);
	assert_memory_equal(got, one.data, 16);
	wire_free(&sccrp);
	wire_free(&scccn);
	wire_free(&one);
}

static void test_equal_constant_time(void **state)
{
	uint8_t a[16] = { 0 }, b[16] = { 0 };

	assert_true(l2tp_equal_constant_time(a, b, sizeof(a)));
	assert_true(l2tp_equal_constant_time(a, b, 0));
	for (size_t i = 0; i < sizeof(a); i++) {
		for (unsigned bit = 0; bit < 8; bit++) {
			b[i] = (uint8_t)(1u << bit);
			assert_false(l2tp_equal_constant_time(a, b, sizeof(a)));
			assert_true(l2tp_equal_constant_time(a, b, i));
		}
		b[i] = 0;
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors_both_ways),
		cmocka_unit_test(test_pitfall_08_chain_goes_over_cipher_blocks),
		cmocka_unit_test(test_pitfall_08_inner_length),
		cmocka_unit_test(test_padding_may_be_anything),
		cmocka_unit_test(test_vectors_of_other_lengths),
		cmocka_unit_test(test_every_length_comes_back),
		cmocka_unit_test(test_pitfall_10_challenge_response),
		cmocka_unit_test(test_equal_constant_time),
	};

	return cmocka_run_group_tests_name("hide", tests, NULL, NULL);
}
