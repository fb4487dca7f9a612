/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ready-made pppds with the real plugin in a pppd of straw (fake_pppd.c). Under pppd itself they
 * are tried in tests/lab/pppd_selftest.c and plugin_l2tp_selftest.py.
 */
#include "starter_steps.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "linux/pppd_log.h"

/* --- good ones --- */

static void expect_words(struct test_call *call, const char *words)
{
	struct pppd_log log = { 0 };
	char line[PPPD_LOG_LINE];

	assert_true(readable(call->log, WAIT_MS));
	assert_int_equal(pppd_log_next(&log, call->log, line), 1);
	assert_string_equal(line, words);
	pppd_log_clear(&log);
}

/* Both ways a call looks the same from both sides. */
static void one_call(bool ready_made, long *ret_draw)
{
	struct test_call call = { .ready_made = ready_made };

	submit(&call, NULL, "report;say pppd: In file /proc/self/fd/4: bad option;exit 7");
	expect_started(&call, ready_made);
	expect_report(&call, ret_draw);
	expect_words(&call, "bad option");
	hang_up(&call, 7);
}

static void test_calls(void **state)
{
	unsigned before = count_fds();
	long draws[4];

	one_call(false, &draws[0]);
	assert_int_equal(count_fds(), before);
	keep_with(NULL);
	for (int i = 1; i < 4; i++)
		one_call(true, &draws[i]);
	for (int i = 0; i < 4; i++)
		for (int j = 0; j < i; j++)
			assert_true(draws[i] != draws[j]);
}

/* Many at once: each has its own descriptors, and all are ours. */
static void test_burst(void **state)
{
	struct test_call calls[40] = { 0 };
	long draw;

	keep_with(NULL);
	for (size_t i = 0; i < 40; i++) {
		calls[i].ready_made = true;
		submit(&calls[i], NULL, "report;sit");
	}
	for (size_t i = 0; i < 40; i++)
		expect_started(&calls[i], true);
	for (size_t i = 0; i < 40; i++) {
		expect_report(&calls[i], &draw);
		kill(calls[i].pid, SIGKILL);
		hang_up(&calls[i], -1);
	}
}

/* A call with other plugins than a ready-made pppd has. */
static void test_other_plugins(void **state)
{
	struct test_call call;

	keep_with(NULL);
	submit(&call, "radius.so", "exit 1");
	expect_started(&call, false);
	hang_up(&call, 1);
	keep_with("radius.so");
	submit(&call, "radius.so", "exit 2");
	expect_started(&call, true);
	hang_up(&call, 2);
	submit(&call, NULL, "exit 3");
	expect_started(&call, false);
	hang_up(&call, 3);
}

/* pppd's exit is the end of the kernel session: nobody else may hold its channel. */
static void test_channel_is_pppds_alone(void **state)
{
	struct test_call call;
	char byte;

	keep_with(NULL);
	submit(&call, NULL, "sit");
	expect_started(&call, true);
	kill(call.pid, SIGKILL);
	assert_true(readable(call.channel, WAIT_MS));
	assert_int_equal(recv(call.channel, &byte, 1, 0), 0);
	hang_up(&call, -1);
}

static void test_files_change(void **state)
{
	char copy[] = "/tmp/fake_pppd-XXXXXX", command[400];
	const char *program = fake;
	struct test_call call;
	pid_t first;

	close(mkostemp(copy, O_CLOEXEC));
	snprintf(command, sizeof(command), "install -m 755 %s %s", program, copy);
	assert_int_equal(system(command), 0);
	fake = copy;
	keep_with(NULL);
	submit(&call, NULL, "exit 1");
	expect_started(&call, true);
	hang_up(&call, 1);
	first = waiting_pid(0);
	assert_int_equal(utimensat(AT_FDCWD, copy, NULL, 0), 0);
	submit(&call, NULL, "exit 2");
	expect_started(&call, true);
	hang_up(&call, 2);
	assert_int_equal(kill(first, 0), -1);
	assert_true(waiting_pid(0) != first);
	fake = program;
	unlink(copy);
}

static void test_submit_errors(void **state)
{
	struct pppd_options options = { 0 };
	struct pppd_call order = { .program = fake, .options = &options };
	struct test_call call;
	int theirs[3];

	make_fds(&call, theirs);
	order.channel_fd = theirs[0];
	order.event_fd = theirs[1];
	order.log_fd = theirs[2];
	pppd_options_add(&options, "a\nb");
	assert_int_equal(pppd_starter_submit(starter, &order), -EINVAL);
	pppd_options_clear(&options);
	for (int i = 0; i < 3; i++)
		assert_int_equal(close(theirs[i]), 0); /* still ours */
	close(call.channel);
	close(call.event);
	close(call.log);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_calls),
		TEST(test_burst),
		TEST(test_other_plugins),
		TEST(test_channel_is_pppds_alone),
		TEST(test_files_change),
		TEST(test_submit_errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
