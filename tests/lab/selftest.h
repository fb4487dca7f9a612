/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What programs use that check one part on a real kernel: one "ok" or "not ok" line a check. */
#ifndef TESTS_LAB_SELFTEST_H
#define TESTS_LAB_SELFTEST_H

#include <stdbool.h>

/* One line of the result. Returns good. */
bool check(bool good, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The same of a number; a negative one is told as an errno. */
void check_is(long got, long wanted, const char *what);
/* A step of the setting that must work, or nothing after it means anything: ends the program. */
void run(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Something comes from fd within ms milliseconds. */
bool readable(int fd, int ms);
/* The events of fd that come within ms; 0: none did. */
int events_within(int fd, int ms);
/* A check has failed. */
bool selftest_failed(void);
/* The last lines of the result; returns the exit status. */
int selftest_end(void);

#endif
