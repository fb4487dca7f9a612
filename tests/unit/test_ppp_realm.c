/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Realms of login names, and options on the wire. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ppp/realm.h"
#include "ppp/tlv.h"

static struct l2tp_span text(const char *s)
{
	return (struct l2tp_span){ (const uint8_t *)s, (uint16_t)strlen(s) };
}

static void check(const char *name, const char *user, const char *realm)
{
	struct realm_parts parts = realm_split(text(name));

	assert_int_equal(parts.user.len, strlen(user));
	if (parts.user.len)
		assert_memory_equal(parts.user.data, user, parts.user.len);
	assert_int_equal(parts.realm.len, strlen(realm));
	if (parts.realm.len)
		assert_memory_equal(parts.realm.data, realm, parts.realm.len);
	assert_true(realm_matches(text(name), realm));
}

static void test_split(void **state)
{
	check("alice", "alice", "");
	check("alice@example.net", "alice", "example.net");
	check("EXAMPLE\\alice", "alice", "EXAMPLE");
	check("", "", "");
	check("@", "", "");
	check("\\", "", "");
	check("alice@", "alice", "");
	check("@example.net", "", "example.net");
	check("EXAMPLE\\", "", "EXAMPLE");
	check("\\alice", "alice", "");
	/* the last '@', the first '\', and '@' before '\' */
	check("alice@home@example.net", "alice@home", "example.net");
	check("A\\B\\alice", "B\\alice", "A");
	check("HOME\\alice@example.net", "HOME\\alice", "example.net");
	check("alice@HOME\\example", "alice", "HOME\\example");
}

static void test_a_name_is_octets(void **state)
{
	const uint8_t name[] = { 'a', 0, '@', 0, 0xff };
	struct l2tp_span span = { name, sizeof(name) };
	struct realm_parts parts = realm_split(span);

	assert_ptr_equal(parts.user.data, name);
	assert_int_equal(parts.user.len, 2);
	assert_ptr_equal(parts.realm.data, name + 3);
	assert_int_equal(parts.realm.len, 2);
	assert_false(realm_matches(span, ""));
	assert_int_equal(realm_split((struct l2tp_span){ NULL, 0 }).user.len, 0);
	assert_true(realm_matches((struct l2tp_span){ NULL, 0 }, ""));
}

static void test_matches(void **state)
{
	assert_true(realm_matches(text("alice@Example.NET"), "eXample.net"));
	assert_true(realm_matches(text("EXAMPLE\\alice"), "example"));
	assert_false(realm_matches(text("alice@example.net"), "example.ne"));
	assert_false(realm_matches(text("alice@example.net"), "example.nett"));
	assert_false(realm_matches(text("alice@example.net"), ""));
	assert_false(realm_matches(text("alice"), "alice"));
	/* no folding beyond ASCII: these differ by 0x20 only */
	assert_false(realm_matches(text("a@x["), "x{"));
	assert_false(realm_matches(text("a@x\xc4"), "x\xe4"));
}

static void test_options(void **state)
{
	const uint8_t good[] = { 1, 4, 5, 0xdc, 7, 2, 0xff, 3, 9 };
	struct tlv_rd rd = { .data = good, .len = sizeof(good) };
	struct tlv option;

	assert_true(tlv_valid(good, sizeof(good)));
	assert_true(tlv_valid(good, 0));
	assert_true(tlv_next(&rd, &option));
	assert_int_equal(option.type, 1);
	assert_int_equal(option.len, 2);
	assert_int_equal(tlv_uint(&option), 1500);
	assert_true(tlv_next(&rd, &option));
	assert_int_equal(option.type, 7);
	assert_int_equal(option.len, 0);
	assert_true(tlv_next(&rd, &option));
	assert_int_equal(tlv_uint(&option), 9);
	assert_false(tlv_next(&rd, &option));
	/* cut anywhere but between options */
	for (size_t len = 1; len < sizeof(good); len++)
		assert_int_equal(tlv_valid(good, len), len == 4 || len == 6);
}

static void test_bad_options(void **state)
{
	static const uint8_t bad[][4] = { { 1, 0, 0, 0 }, { 1, 1, 0, 0 }, { 1, 5, 0, 0 },
		{ 7, 2, 1, 0 }, { 7, 2, 1, 255 } };

	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(tlv_valid(bad[i], sizeof(bad[i])));
}

static void test_write(void **state)
{
	uint8_t room[9] = { 0 };
	struct tlv_wr wr = { .data = room, .size = sizeof(room) };

	assert_true(tlv_put_uint(&wr, 5, 0x01020304, 4));
	assert_false(tlv_put_uint(&wr, 1, 1500, 2));
	assert_int_equal(wr.pos, 6);
	assert_true(tlv_put(&wr, 7, NULL, 0));
	assert_false(tlv_put(&wr, 8, NULL, 0));
	assert_false(tlv_put_uint(&wr, 8, 0, 5));
	assert_memory_equal(room, "\x05\x06\x01\x02\x03\x04\x07\x02\x00", 9);
	assert_false(tlv_put(&(struct tlv_wr){ .data = room, .size = 1000 }, 1, room, 254));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_split),
		cmocka_unit_test(test_a_name_is_octets),
		cmocka_unit_test(test_matches),
		cmocka_unit_test(test_options),
		cmocka_unit_test(test_bad_options),
		cmocka_unit_test(test_write),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
