/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What pppd says: line by line from its pipe, and when it is asked about options. */
#include "linux_steps.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "linux/pppd_check.h"
#include "linux/pppd_log.h"

static unsigned count_fds(void)
{
	unsigned n = 0;

	for (int fd = 0; fd < 256; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

/* --- words --- */

static void expect_word(struct pppd_log *log, int fd, const char *expected)
{
	char line[PPPD_LOG_LINE];

	assert_int_equal(pppd_log_next(log, fd, line), 1);
	assert_string_equal(line, expected);
}

static void expect_silence(struct pppd_log *log, int fd, int result)
{
	char line[PPPD_LOG_LINE];

	assert_int_equal(pppd_log_next(log, fd, line), result);
}

static void say(int fd, const char *text)
{
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
}

static void test_log(void **state)
{
	struct pppd_log log = { 0 };
	int fds[2];

	assert_int_equal(pppd_log_pipe(fds), 0);
	expect_silence(&log, fds[0], 0);
	assert_null(log.begun); /* nothing is kept for those who are silent */
	/* pppd writes text and newline one by one */
	say(fds[1], "Using interface ppp0");
	expect_silence(&log, fds[0], 0);
	say(fds[1], "\n");
	expect_word(&log, fds[0], "Using interface ppp0");
	expect_silence(&log, fds[0], 0);
	assert_null(log.begun);
	say(fds[1], "one\n\ntwo\nthr");
	expect_word(&log, fds[0], "one");
	expect_word(&log, fds[0], "");
	expect_word(&log, fds[0], "two");
	expect_silence(&log, fds[0], 0);
	say(fds[1], "ee\na\tb\033[1mc\x7f\xc3\xa4\n");
	expect_word(&log, fds[0], "three");
	expect_word(&log, fds[0], "a b [1mc \xc3\xa4");
	say(fds[1], "/usr/sbin/pppd: In file /proc/self/fd/4: unrecognized option 'x'\n"
		    "pppd: In file /etc/ppp/peers/y: unrecognized option 'z'\n"
		    "Peer: not a pppd: at all\nlast");
	expect_word(&log, fds[0], "unrecognized option 'x'");
	expect_word(&log, fds[0], "In file /etc/ppp/peers/y: unrecognized option 'z'");
	expect_word(&log, fds[0], "Peer: not a pppd: at all");
	expect_silence(&log, fds[0], 0);
	close(fds[1]);
	expect_word(&log, fds[0], "last");
	expect_silence(&log, fds[0], -EPIPE);
	assert_null(log.begun);
	close(fds[0]);
}

static void test_log_long_lines(void **state)
{
	char lines[3][2000];
	struct pppd_log log = { 0 };
	int fds[2];

	assert_int_equal(pppd_log_pipe(fds), 0);
	for (int i = 0; i < 3; i++) {
		memset(lines[i], 'a' + i, sizeof(lines[i]) - 2);
		strcpy(lines[i] + sizeof(lines[i]) - 2, "\n");
	}
	say(fds[1], lines[0]);
	say(fds[1], lines[1]);
	say(fds[1], "short\n");
	say(fds[1], lines[2]);
	for (int i = 0; i < 3; i++)
		lines[i][PPPD_LOG_LINE - 1] = '\0';
	expect_word(&log, fds[0], lines[0]);
	expect_word(&log, fds[0], lines[1]);
	expect_word(&log, fds[0], "short");
	expect_word(&log, fds[0], lines[2]);
	expect_silence(&log, fds[0], 0);
	close(fds[1]);
	expect_silence(&log, fds[0], -EPIPE);
	pppd_log_clear(&log);
	close(fds[0]);
}

/* pppd must never wait for somebody to read what it says. */
static void test_log_full(void **state)
{
	char text[4096];
	int fds[2];

	assert_int_equal(pppd_log_pipe(fds), 0);
	memset(text, 'x', sizeof(text));
	for (int i = 0; i < 1000 && write(fds[1], text, sizeof(text)) > 0; i++)
		;
	assert_int_equal(write(fds[1], text, sizeof(text)), -1);
	assert_int_equal(errno, EAGAIN);
	close(fds[0]);
	close(fds[1]);
}

static void test_complaints(void **state)
{
	static const char *const complaints[] = {
		"unrecognized option 'x'",
		"peer refused to authenticate: terminating link",
		"MPPE required but peer negotiation failed",
		"MPPE required, but MS-CHAP[v2] auth not performed.",
		"CHAP authentication failed",
		"No CHAP secret found for authenticating us to \"x\"",
		"LCP: timeout sending Config-Requests",
		"Couldn't get channel number: Bad file descriptor",
		"Serial line is looped back.",
		"l2tpd: no address for the peer",
	};
	static const char *const chatter[] = {
		"",
		"Plugin pppol2tp.so loaded.",
		"Using interface ppp0",
		"Connect: ppp0 <--> ",
		"CHAP authentication succeeded",
		"MPPE 128-bit stateful compression enabled",
		"local  IP address 10.0.0.1",
		"Terminating on signal 15",
		"Connection terminated.",
		"Modem hangup",
		"sent [LCP ConfReq id=0x1 <magic 0x1>]",
	};

	for (size_t i = 0; i < sizeof(complaints) / sizeof(complaints[0]); i++)
		if (!pppd_log_is_complaint(complaints[i]))
			fail_msg("no complaint: %s", complaints[i]);
	for (size_t i = 0; i < sizeof(chatter) / sizeof(chatter[0]); i++)
		if (pppd_log_is_complaint(chatter[i]))
			fail_msg("a complaint: %s", chatter[i]);
}

/* --- check --- */

static int check(
	const char *program, const char *first, const char *second, char *text, size_t size)
{
	struct pppd_options options = { 0 };
	int r;

	pppd_options_add(&options, first);
	pppd_options_add(&options, second);
	r = pppd_check(program, &options, strcmp(first, "slow") == 0 ? 300 : WAIT_MS, text, size);
	pppd_options_clear(&options);
	return r;
}

/*
 * The plugin may be built so that only a test can load it, and pppd knows l2tpd-fd from there: a
 * stand-in says what a pppd would. The real one is asked in tests/lab/plugin_selftest.py.
 */
static const char script[] = "#!/bin/sh\n"
			     "while read -r line; do case $line in\n"
			     "bad) echo 'pppd: In file /proc/self/fd/4: bad word' >&2; exit 2 ;;\n"
			     "slow) exec sleep 60 ;;\n"
			     "kernel) echo 'no PPP' >&2; exit 4 ;;\n"
			     "mute) exit 2 ;;\n"
			     "two) echo 'x.so: not there' >&2; echo 'Connect: a' >&2;\n"
			     "     echo 'no plugin' >&2; exit 2 ;;\n"
			     "killed) kill -9 $$ ;;\n"
			     "plugin) echo 'debug # option' >&2; echo 'l2tpd: not so' >&2 ;;\n"
			     "esac; done </proc/self/fd/4\n";

static void test_check(void **state)
{
	char path[] = "/tmp/test_pppd-XXXXXX", text[200];
	int fd = mkostemp(path, O_CLOEXEC);
	unsigned before;

	if (geteuid() != 0) {
		assert_int_equal(check(path, "good", "", text, sizeof(text)), -EPERM);
		unlink(path);
		leave_out("not root");
	}
	assert_true(fd >= 0);
	assert_int_equal(write(fd, script, sizeof(script) - 1), sizeof(script) - 1);
	assert_int_equal(fchmod(fd, 0700), 0);
	close(fd);
	before = count_fds();
	assert_int_equal(check(path, "good", "words", text, sizeof(text)), 0);
	assert_int_equal(check(path, "kernel", "", text, sizeof(text)), 0);
	assert_int_equal(check(path, "good", "bad", text, sizeof(text)), 1);
	assert_string_equal(text, "bad word");
	assert_int_equal(check(path, "two", "", text, sizeof(text)), 1);
	assert_string_equal(text, "x.so: not there; no plugin");
	assert_int_equal(check(path, "mute", "", text, sizeof(text)), 1);
	assert_string_equal(text, "error in its options");
	assert_int_equal(check(path, "killed", "", text, sizeof(text)), 1);
	assert_string_equal(text, "pppd was ended by signal 9");
	assert_int_equal(check(path, "plugin", "", text, sizeof(text)), 1);
	assert_string_equal(text, "not so");
	assert_int_equal(check(path, "slow", "", text, sizeof(text)), -ETIMEDOUT);
	assert_int_equal(check("/nonexistent/pppd", "good", "", text, sizeof(text)), -ENOENT);
	assert_int_equal(check(path, "bad\n", "", text, sizeof(text)), -EINVAL);
	unlink(path);
	assert_int_equal(count_fds(), before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_log),
		cmocka_unit_test(test_log_long_lines),
		cmocka_unit_test(test_log_full),
		cmocka_unit_test(test_complaints),
		cmocka_unit_test(test_check),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
