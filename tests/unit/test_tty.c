/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Serial lines as far as they go without PPP in the kernel: over a pseudo terminal. The rest is
 * tests/lab/pppoe_selftest.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "linux/tty.h"

static int open_master(char name[static 64])
{
	int fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(grantpt(fd), 0);
	assert_int_equal(unlockpt(fd), 0);
	assert_int_equal(ptsname_r(fd, name, 64), 0);
	return fd;
}

static void test_octets_pass_unchanged(void **state)
{
	const struct tty_options options = { .speed = 115200, .flow = true };
	uint8_t all[256], got[256];
	struct termios t;
	char name[64];
	int master = open_master(name), fd = -1;
	size_t len = 0;

	for (unsigned i = 0; i < 256; i++)
		all[i] = (uint8_t)i;
	assert_int_equal(tty_open(name, &options, &fd), 0);
	assert_int_equal(tcgetattr(fd, &t), 0);
	assert_int_equal(cfgetospeed(&t), B115200);
	assert_true(t.c_cflag & CRTSCTS && t.c_cflag & CLOCAL && t.c_cflag & CREAD);
	assert_true((t.c_cflag & CSIZE) == CS8 && !(t.c_cflag & PARENB));
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	assert_int_equal(write(master, all, sizeof(all)), sizeof(all));
	while (len < sizeof(got)) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		ssize_t n;

		assert_int_equal(poll(&p, 1, 5000), 1);
		n = read(fd, got + len, sizeof(got) - len);
		assert_true(n > 0);
		len += (size_t)n;
	}
	assert_memory_equal(got, all, sizeof(all));
	assert_true(read(fd, got, 1) < 0 && errno == EAGAIN);
	tty_hang_up(fd);
	close(master);
}

static void test_carrier_counts_if_wanted(void **state)
{
	const struct tty_options options = { .carrier = true };
	struct termios t;
	char name[64];
	int master = open_master(name), fd = -1;

	assert_int_equal(tty_open(name, &options, &fd), 0);
	assert_int_equal(tcgetattr(fd, &t), 0);
	assert_false(t.c_cflag & (CLOCAL | CRTSCTS));
	tty_hang_up(fd);
	close(master);
}

static void test_what_cannot_be_opened(void **state)
{
	const struct tty_options fine = { 0 }, odd = { .speed = 12345 };
	char name[64];
	int master = open_master(name), fd = -1;

	assert_int_equal(tty_open("/nonexistent", &fine, &fd), -ENOENT);
	assert_int_equal(tty_open("/dev/null", &fine, &fd), -ENOTTY);
	assert_int_equal(tty_open(name, &odd, &fd), -EINVAL);
	assert_int_equal(fd, -1);
	close(master);
}

static void test_speeds(void **state)
{
	assert_true(tty_is_speed(300));
	assert_true(tty_is_speed(115200));
	assert_true(tty_is_speed(4000000));
	assert_false(tty_is_speed(0));
	assert_false(tty_is_speed(14400));
}

/* A pseudo terminal counts no errors. */
static void test_no_counters(void **state)
{
	const struct tty_options options = { 0 };
	uint32_t errors[6] = { 9 };
	char name[64];
	int master = open_master(name), fd = -1;

	assert_int_equal(tty_open(name, &options, &fd), 0);
	assert_true(tty_errors(fd, errors) < 0);
	assert_int_equal(errors[0], 9);
	tty_hang_up(fd);
	close(master);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_octets_pass_unchanged),
		cmocka_unit_test(test_carrier_counts_if_wanted),
		cmocka_unit_test(test_what_cannot_be_opened),
		cmocka_unit_test(test_speeds),
		cmocka_unit_test(test_no_counters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
