/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "selftest.h"

#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned checks, failures;

bool check(bool good, const char *fmt, ...)
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

void check_is(long got, long wanted, const char *what)
{
	if (got == wanted)
		check(true, "%s", what);
	else if (got < 0)
		check(false, "%s: %ld (%s), not %ld", what, got, strerror((int)-got), wanted);
	else
		check(false, "%s: %ld, not %ld", what, got, wanted);
}

void run(const char *fmt, ...)
{
	char command[1000];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(command, sizeof(command), fmt, ap);
	va_end(ap);
	if (system(command) != 0) {
		check(false, "command failed: %s", command);
		exit(1);
	}
}

int events_within(int fd, int ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, ms) == 1 ? p.revents : 0;
}

bool readable(int fd, int ms)
{
	return events_within(fd, ms) != 0;
}

bool selftest_failed(void)
{
	return failures > 0;
}

int selftest_end(void)
{
	printf("1..%u\n# %u failed\n", checks, failures);
	return failures > 0;
}
