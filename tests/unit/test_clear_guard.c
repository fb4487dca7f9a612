/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The fence behind sessions that must be encrypted, in a network namespace of its own: what leaves
 * by UDP and looks like the kernel's L2TP arrives or does not. Needs root and nf_tables.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "linux/clear_guard.h"

static struct clear_guard *guard;
static int receiver[2], sender[2]; /* IPv4, IPv6 */
static const char *const hosts[] = { "127.0.0.1", "::1" };
static struct l2tp_addr here[2];

static int loopback_up(void)
{
	struct ifreq ifr = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), r;

	r = ioctl(fd, SIOCSIFFLAGS, &ifr);
	close(fd);
	return r;
}

static int set_up(void **state)
{
	socklen_t len;
	int r;

	if (unshare(CLONE_NEWNET) < 0 || loopback_up() < 0) {
		fprintf(stderr, "# left out: not root\n");
		return 0;
	}
	r = clear_guard_new(&guard);
	if (r < 0) {
		fprintf(stderr, "# left out: no nf_tables: %s\n", strerror(-r));
		return 0;
	}
	for (int i = 0; i < 2; i++) {
		assert_int_equal(l2tp_addr_parse(hosts[i], 0, &here[i]), 0);
		receiver[i] = socket(here[i].sa.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
		sender[i] = socket(here[i].sa.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
		assert_int_equal(bind(receiver[i], &here[i].sa, l2tp_addr_len(&here[i])), 0);
		len = sizeof(here[i]);
		assert_int_equal(getsockname(receiver[i], &here[i].sa, &len), 0);
		assert_int_equal(connect(sender[i], &here[i].sa, l2tp_addr_len(&here[i])), 0);
	}
	return 0;
}

static int tear_down(void **state)
{
	clear_guard_free(guard);
	guard = NULL;
	return 0;
}

/* A data message as the kernel sends it; does it get through? */
static bool passes(int family, uint16_t flags, uint16_t tid, uint16_t sid, uint16_t protocol)
{
	uint8_t data[20] = { flags >> 8, flags & 0xff, tid >> 8, tid & 0xff, sid >> 8, sid & 0xff };
	size_t at = flags & 0x0800 ? 10 : 6;
	uint8_t got[32];
	ssize_t n;

	data[at] = 0xff;
	data[at + 1] = 0x03;
	data[at + 2] = protocol >> 8;
	data[at + 3] = protocol & 0xff;
	n = send(sender[family], data, sizeof(data), 0);
	if (n < 0)
		assert_int_equal(errno, EPERM);
	n = recv(receiver[family], got, sizeof(got), MSG_DONTWAIT);
	if (n < 0)
		return false;
	assert_int_equal(n, sizeof(data));
	return true;
}

static const uint16_t all_flags[] = { 0x0002, 0x0802 };

static void test_only_what_is_encrypted(void **state)
{
	static const uint16_t clear[] = { 0x0021, 0x0057, 0x002d, 0x002f, 0x00fb, 0x003d, 0x0281,
		0x4003 };
	static const uint16_t others[] = { 0x00fd, 0xc021, 0xc023, 0xc223, 0x80fd, 0x8021, 0x8057 };

	if (!guard)
		return;
	for (int family = 0; family < 2; family++) {
		assert_true(passes(family, 0x0002, 7, 9, 0x0021));
		assert_int_equal(clear_guard_add(guard, &here[family], 7, 9), 0);
		for (size_t f = 0; f < 2; f++) {
			for (size_t i = 0; i < sizeof(clear) / sizeof(clear[0]); i++)
				if (passes(family, all_flags[f], 7, 9, clear[i]))
					fail_msg("%04x passes", clear[i]);
			for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
				if (!passes(family, all_flags[f], 7, 9, others[i]))
					fail_msg("%04x does not pass", others[i]);
		}
		assert_int_equal(clear_guard_remove(guard, &here[family], 7, 9), 0);
		assert_true(passes(family, 0x0002, 7, 9, 0x0021));
	}
}

static void test_nobody_else(void **state)
{
	struct l2tp_addr other;

	if (!guard)
		return;
	for (int family = 0; family < 2; family++) {
		assert_int_equal(
			l2tp_addr_parse(family ? "2001:db8::1" : "192.0.2.1", 1701, &other), 0);
		assert_int_equal(clear_guard_add(guard, &here[family], 7, 9), 0);
		assert_int_equal(clear_guard_add(guard, &other, 8, 8), 0);
		assert_false(passes(family, 0x0002, 7, 9, 0x0021));
		assert_true(passes(family, 0x0002, 7, 10, 0x0021));
		assert_true(passes(family, 0x0002, 9, 7, 0x0021));
		assert_true(passes(family, 0x0002, 8, 8, 0x0021));
		assert_true(passes(family, 0xc802, 7, 9, 0x0021)); /* control messages */
		assert_int_equal(clear_guard_remove(guard, &here[family], 7, 9), 0);
		assert_int_equal(clear_guard_remove(guard, &other, 8, 8), 0);
	}
}

static void test_many_and_twice(void **state)
{
	if (!guard)
		return;
	for (uint16_t i = 1; i <= 50; i++) {
		assert_int_equal(clear_guard_add(guard, &here[0], 7, i), 0);
		assert_int_equal(clear_guard_add(guard, &here[0], 7, i), 0);
	}
	assert_false(passes(0, 0x0002, 7, 1, 0x0021));
	assert_false(passes(0, 0x0002, 7, 50, 0x0021));
	for (uint16_t i = 1; i <= 50; i++) {
		assert_int_equal(clear_guard_remove(guard, &here[0], 7, i), 0);
		assert_int_equal(clear_guard_remove(guard, &here[0], 7, i), 0);
	}
	assert_true(passes(0, 0x0002, 7, 1, 0x0021));
}

/* It goes with its owner. */
static void test_gone(void **state)
{
	if (!guard)
		return;
	assert_int_equal(clear_guard_add(guard, &here[0], 7, 9), 0);
	assert_false(passes(0, 0x0002, 7, 9, 0x0021));
	clear_guard_free(guard);
	assert_true(passes(0, 0x0002, 7, 9, 0x0021));
	assert_int_equal(clear_guard_new(&guard), 0);
	assert_true(passes(0, 0x0002, 7, 9, 0x0021));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_only_what_is_encrypted),
		cmocka_unit_test(test_nobody_else),
		cmocka_unit_test(test_many_and_twice),
		cmocka_unit_test(test_gone),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
