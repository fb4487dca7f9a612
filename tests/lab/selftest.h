/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What programs use that check one part on a real kernel: one "ok" or "not ok" line a check. */
#ifndef TESTS_LAB_SELFTEST_H
#define TESTS_LAB_SELFTEST_H

#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WAIT_MS 5000

static unsigned checks, failures;

static inline bool check(bool good, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static inline bool check(bool good, const char *fmt, ...)
{
	va_list ap;

	checks++;
	failures += !good;
	printf("%s %u - ", good ? "ok" : "not ok", checks);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
	fflush(stdout);
	return good;
}

static inline void check_is(long got, long wanted, const char *what)
{
	if (got == wanted)
		check(true, "%s", what);
	else if (got < 0)
		check(false, "%s: %ld (%s), not %ld", what, got, strerror((int)-got), wanted);
	else
		check(false, "%s: %ld, not %ld", what, got, wanted);
}

/* A step of the setting that must work, or nothing after it means anything. */
static inline void need(const char *command)
{
	if (system(command) == 0)
		return;
	check(false, "command failed: %s", command);
	exit(1);
}

/* The events of fd that come within ms; 0: none did. */
static inline int events_within(int fd, int ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, ms) == 1 ? p.revents : 0;
}

#endif
