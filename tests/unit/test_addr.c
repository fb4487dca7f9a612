/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wire.h"

#include <errno.h>

static struct l2tp_addr addr(const char *host, uint16_t port)
{
	struct l2tp_addr a;

	assert_int_equal(l2tp_addr_parse(host, port, &a), 0);
	return a;
}

static const struct l2tp_addr none;

static void test_parse_and_format(void **state)
{
	static const struct {
		const char *host, *printed_host, *printed;
		int family;
	} rows[] = {
		{ "192.0.2.1", "192.0.2.1", "192.0.2.1:1701", AF_INET },
		{ "255.255.255.255", "255.255.255.255", "255.255.255.255:1701", AF_INET },
		{ "2001:db8::1", "2001:db8::1", "[2001:db8::1]:1701", AF_INET6 },
		{ "2001:DB8:0:0:0:0:0:1", "2001:db8::1", "[2001:db8::1]:1701", AF_INET6 },
		{ "fe80::1%2", "fe80::1%2", "[fe80::1%2]:1701", AF_INET6 },
		{ "fe80::1%0", "fe80::1", "[fe80::1]:1701", AF_INET6 },
		{ "::", "::", "[::]:1701", AF_INET6 },
		{ "1111:2222:3333:4444:5555:6666:7777:8888%4294967295",
			"1111:2222:3333:4444:5555:6666:7777:8888%4294967295",
			"[1111:2222:3333:4444:5555:6666:7777:8888%4294967295]:1701", AF_INET6 },
	};
	char buf[L2TP_ADDR_STRLEN];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct l2tp_addr a = addr(rows[i].host, 1701);

		assert_int_equal(a.sa.sa_family, rows[i].family);
		assert_int_equal(l2tp_addr_port(&a), 1701);
		assert_string_equal(l2tp_addr_format(&a, buf), rows[i].printed);
		assert_string_equal(l2tp_addr_format_host(&a, buf), rows[i].printed_host);
	}
	assert_string_equal(l2tp_addr_format(&none, buf), "none");
	assert_string_equal(l2tp_addr_format_host(&none, buf), "none");
}

static void test_parse_refuses_and_leaves_result_alone(void **state)
{
	static const char *const bad[] = { "", "host", "192.0.2", "192.0.2.256", "192.0.2.1:1701",
		"192.0.2.1%1", "fe80::1%", "fe80::1%eth0", "fe80::1%-1", "fe80::1%4294967296",
		"fe80::1%99999999999999999999999", "[::1]", "::1 ", " ::1", "%1", "1::2::3",
		"1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb",
		"1111:2222:3333:4444:5555:6666:111.111.111.1111111111111111" };
	struct l2tp_addr before = addr("192.0.2.9", 9), a = before;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(l2tp_addr_parse(bad[i], 1, &a), -EINVAL);
		assert_memory_equal(&a, &before, sizeof(a));
	}
}

static void test_compare(void **state)
{
	static const struct {
		const char *a;
		uint16_t pa;
		const char *b;
		uint16_t pb;
		bool same_host, equal;
	} rows[] = {
		{ "192.0.2.1", 1, "192.0.2.1", 1, true, true },
		{ "192.0.2.1", 1, "192.0.2.1", 2, true, false },
		{ "192.0.2.1", 1, "192.0.2.2", 1, false, false },
		{ "::1", 1, "::1", 1, true, true },
		{ "::1", 1, "::1", 256, true, false },
		{ "fe80::1%1", 1, "fe80::1%2", 1, false, false },
		{ "fe80::1%3", 1, "fe80::1%3", 1, true, true },
		{ "::ffff:192.0.2.1", 1, "192.0.2.1", 1, false, false },
		{ "0.0.0.0", 0, "::", 0, false, false },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct l2tp_addr a = addr(rows[i].a, rows[i].pa), b = addr(rows[i].b, rows[i].pb);

		assert_int_equal(l2tp_addr_same_host(&a, &b), rows[i].same_host);
		assert_int_equal(l2tp_addr_same_host(&b, &a), rows[i].same_host);
		assert_int_equal(l2tp_addr_equal(&a, &b), rows[i].equal);
		assert_false(l2tp_addr_equal(&a, &none));
		assert_false(l2tp_addr_equal(&none, &a));
		if (rows[i].equal)
			assert_int_equal(l2tp_addr_hash(&a), l2tp_addr_hash(&b));
	}
	assert_true(l2tp_addr_equal(&none, &none));
}

static void test_prefix(void **state)
{
	static const struct {
		const char *addr, *net;
		unsigned width;
		bool in;
	} rows[] = {
		{ "192.0.2.1", "192.0.2.1", 32, true },
		{ "192.0.2.1", "192.0.2.0", 32, false },
		{ "192.0.2.1", "192.0.2.0", 31, true },
		{ "192.0.2.2", "192.0.2.0", 31, false },
		{ "192.0.2.255", "192.0.2.0", 24, true },
		{ "192.0.3.0", "192.0.2.0", 24, false },
		{ "192.0.3.0", "192.0.2.0", 23, true },
		{ "10.1.2.3", "192.0.2.0", 0, true },
		{ "128.0.0.0", "0.0.0.0", 1, false },
		{ "127.0.0.0", "0.0.0.0", 1, true },
		{ "192.0.2.1", "192.0.2.1", 33, true },
		{ "192.0.2.1", "192.0.2.3", 4000, false },
		{ "2001:db8::1", "2001:db8::", 64, true },
		{ "2001:db8:0:1::1", "2001:db8::", 64, false },
		{ "2001:db8:0:1::1", "2001:db8::", 63, true },
		{ "2001:db8::1", "2001:db8::", 128, false },
		{ "192.0.2.1", "::", 0, false },
		{ "::1", "0.0.0.0", 0, false },
	};
	struct l2tp_addr a = addr("192.0.2.1", 1);

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct l2tp_addr host = addr(rows[i].addr, 5), net = addr(rows[i].net, 0);

		assert_int_equal(l2tp_addr_in_prefix(&host, &net, rows[i].width), rows[i].in);
	}
	assert_false(l2tp_addr_in_prefix(&none, &a, 0));
	assert_false(l2tp_addr_in_prefix(&a, &none, 0));
	assert_false(l2tp_addr_in_prefix(&none, &none, 0));
}

static void test_any_port_len(void **state)
{
	struct l2tp_addr v4 = addr("0.0.0.0", 7), v6 = addr("::", 7), a = none;

	assert_true(l2tp_addr_is_any(&v4));
	assert_true(l2tp_addr_is_any(&v6));
	assert_true(l2tp_addr_is_any(&none));
	assert_int_equal(l2tp_addr_len(&v4), sizeof(struct sockaddr_in));
	assert_int_equal(l2tp_addr_len(&v6), sizeof(struct sockaddr_in6));
	assert_int_equal(l2tp_addr_len(&none), 0);
	l2tp_addr_set_port(&v4, 65535);
	assert_int_equal(l2tp_addr_port(&v4), 65535);
	assert_int_equal(v4.in.sin_port, htons(65535));
	l2tp_addr_set_port(&v6, 258);
	assert_int_equal(l2tp_addr_port(&v6), 258);
	l2tp_addr_set_port(&a, 1);
	assert_memory_equal(&a, &none, sizeof(a));
	assert_int_equal(l2tp_addr_port(&none), 0);
	v4 = addr("0.0.0.1", 0);
	v6 = addr("::1", 0);
	assert_false(l2tp_addr_is_any(&v4));
	assert_false(l2tp_addr_is_any(&v6));
}

static void test_unmap(void **state)
{
	struct l2tp_addr a = addr("::ffff:192.0.2.1", 1701), v4 = addr("192.0.2.1", 1701);
	struct l2tp_addr v6 = addr("::192.0.2.1", 1701), copy = v6, any = none;

	l2tp_addr_unmap(&a);
	assert_memory_equal(&a, &v4, sizeof(a));
	l2tp_addr_unmap(&a);
	assert_memory_equal(&a, &v4, sizeof(a));
	l2tp_addr_unmap(&v6);
	assert_memory_equal(&v6, &copy, sizeof(v6));
	l2tp_addr_unmap(&any);
	assert_memory_equal(&any, &none, sizeof(any));
}

/* Neighbours in address or port must not crowd into a few buckets. */
static void test_hash_spreads(void **state)
{
	unsigned used[256] = { 0 }, worst = 0;

	for (unsigned port = 0; port < 16384; port++) {
		struct l2tp_addr a = addr("192.0.2.1", (uint16_t)port);

		used[l2tp_addr_hash(&a) & 255]++;
	}
	for (unsigned i = 0; i < 256; i++)
		worst = used[i] > worst ? used[i] : worst;
	assert_true(worst < 192); /* three times the average */
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse_and_format),
		cmocka_unit_test(test_parse_refuses_and_leaves_result_alone),
		cmocka_unit_test(test_compare),
		cmocka_unit_test(test_prefix),
		cmocka_unit_test(test_any_port_len),
		cmocka_unit_test(test_unmap),
		cmocka_unit_test(test_hash_spreads),
	};

	return cmocka_run_group_tests_name("addr", tests, NULL, NULL);
}
