/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What may be wrong with a ready-made pppd: it is killed, or waits as none should (plugins
 * "bad-..." of fake_pppd.c). A call has one pppd in the end, or none and a reason.
 */
#include "starter_steps.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "linux/pppd_ready.h"

/* --- what goes wrong --- */

static void test_killed_while_it_waits(void **state)
{
	struct test_call call;

	keep_with(NULL);
	submit(&call, NULL, "exit 1");
	expect_started(&call, true);
	hang_up(&call, 1);
	assert_int_equal(kill(waiting_pid(0), SIGKILL), 0);
	expect_trouble("ended by signal 9");
	submit(&call, NULL, "exit 2");
	expect_started(&call, true);
	hang_up(&call, 2);
}

/* Its copies are not its children: they live on. */
static void test_killed_with_copies(void **state)
{
	struct test_call call;
	long draw;

	keep_with(NULL);
	submit(&call, NULL, "report;sit");
	call.ready_made = true;
	expect_started(&call, true);
	kill(waiting_pid(call.pid), SIGKILL);
	expect_trouble("ended by signal 9");
	expect_report(&call, &draw);
	assert_int_equal(waitpid(call.pid, NULL, WNOHANG), 0);
	kill(call.pid, SIGKILL);
	hang_up(&call, -1);
}

/* Whatever it is that does not work, the call starts. */
static void expect_exec_instead(const char *second, const char *why)
{
	struct test_call call;

	keep_with(second);
	submit(&call, second, "exit 5");
	expect_trouble(why);
	/* tried once more at once, and then ever more seldom */
	expect_started(&call, false);
	hang_up(&call, 5);
}

static void test_cannot_start(void **state)
{
	expect_exec_instead("bad-exit", "libz.so.1 is not there");
}

static void test_threads(void **state)
{
	expect_exec_instead("threads.so", "a plugin has started threads");
}

static void test_another_version(void **state)
{
	expect_exec_instead("bad-version", "another version");
}

static void test_dies_at_an_order(void **state)
{
	expect_exec_instead("bad-dies", "ended by signal 9");
}

static void test_no_descriptors(void **state)
{
	expect_exec_instead("bad-fds", "orders reach it without their descriptors");
}

static void test_not_there(void **state)
{
	const char *program = fake;
	struct pppd_result result;
	struct test_call call;

	fake = "/nonexistent/pppd";
	keep_with(NULL);
	submit(&call, NULL, "exit 1");
	expect_trouble("No such file");
	next_result(&result);
	assert_int_equal(result.news, PPPD_FAILED);
	assert_int_equal(result.error, -ENOENT);
	assert_int_equal(result.cookie, (uint64_t)(uintptr_t)&call);
	close(call.channel);
	close(call.event);
	close(call.log);
	fake = program;
}

/* It was killed after it had made a copy, which nobody had heard of yet: one call, one pppd. */
static void test_killed_after_a_copy(void **state)
{
	struct test_call call = { .pid = 0 };
	struct pppd_result result;

	keep_with("bad-copies");
	submit(&call, "bad-copies", "exit 5");
	/* in any order: its death shows when the copy has closed the socket as well */
	for (int i = 0; i < 2; i++) {
		next_result(&result);
		if (result.news == PPPD_STARTED)
			call.pid = result.pid;
		else
			assert_int_equal(result.news, PPPD_TROUBLE);
	}
	assert_true(call.pid > 0 && result.ready_made == (result.news == PPPD_STARTED));
	assert_int_equal(waitpid(call.pid, NULL, WNOHANG), 0);
	kill(call.pid, SIGKILL);
	hang_up(&call, -1);
}

static void order_badly(const char *second, int result, const char *why)
{
	struct pppd_options options = { 0 };
	struct pppd_ready *ready;
	struct pppd_start start = { .options_fd = 0, .log_fd = 2 };
	struct test_call call;
	int theirs[3];
	char text[300];
	pid_t pid = -7;

	make_options(&options, second, "exit 1");
	make_fds(&call, theirs);
	assert_int_equal(pppd_ready_new(fake, &options.plugins, -1, &ready), 0);
	start.channel_fd = theirs[0];
	start.event_fd = theirs[1];
	assert_int_equal(pppd_ready_order(ready, &start, 500, &pid), result);
	assert_int_equal(pid, -7);
	if (why) {
		assert_false(pppd_ready_is_alive(ready, text, sizeof(text)));
		assert_string_equal(text, why);
		assert_int_equal(pppd_ready_order(ready, &start, 500, &pid), -ENOTCONN);
	} else {
		assert_true(pppd_ready_is_alive(ready, text, sizeof(text)));
	}
	pppd_ready_free(ready);
	pppd_options_clear(&options);
	for (int i = 0; i < 3; i++)
		close(theirs[i]);
	close(call.channel);
	close(call.event);
	close(call.log);
}

static void test_bad_answers(void **state)
{
	unsigned before = count_fds();

	order_badly("bad-silent", -ENOTCONN, "it was not ready in time");
	order_badly("bad-deaf", -ENOTCONN, "it did not answer in time");
	order_badly("bad-liar", -EBADE, "it names a process that is no child of this one");
	order_badly("bad-full", -EAGAIN, NULL); /* the process table: next time it may work */
	assert_int_equal(count_fds(), before);
}

/* The daemon ends, and must not wait for one that does not answer. */
static void test_end_while_it_is_silent(void **state)
{
	struct timespec begin, end;
	struct test_call call;

	keep_with("bad-deaf");
	submit(&call, "bad-deaf", "exit 1");
	waiting_pid(0);
	clock_gettime(CLOCK_MONOTONIC, &begin);
	pppd_starter_free(starter);
	clock_gettime(CLOCK_MONOTONIC, &end);
	assert_true(end.tv_sec - begin.tv_sec < 5);
	close(call.channel);
	close(call.event);
	close(call.log);
	assert_int_equal(pppd_starter_new(&starter), 0);
}

/* The same while there is a copy that nobody has heard of: it is not left behind either. */
static void test_end_with_an_unknown_copy(void **state)
{
	struct test_call call;

	keep_with("bad-copies");
	submit(&call, "bad-copies", "exit 1");
	await_process(is_dead, 0); /* it has made the copy, and killed itself */
	pppd_starter_free(starter);
	close(call.channel);
	close(call.event);
	close(call.log);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(pppd_starter_new(&starter), 0);
}

/* Results nobody has read: the pppds must not be left behind. tear_down() looks for them. */
static void test_end_with_results(void **state)
{
	struct test_call calls[2];

	keep_with(NULL);
	for (int i = 0; i < 2; i++)
		submit(&calls[i], NULL, "sit");
	for (int i = 0; i < 2; i++)
		expect_started(&calls[i], true);
	for (int i = 0; i < 2; i++) {
		kill(calls[i].pid, SIGKILL);
		hang_up(&calls[i], -1);
		submit(&calls[i], NULL, "sit");
	}
	assert_true(readable(pppd_starter_fd(starter), WAIT_MS));
	for (int i = 0; i < 2; i++) {
		close(calls[i].channel);
		close(calls[i].event);
		close(calls[i].log);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_killed_while_it_waits),
		TEST(test_killed_with_copies),
		TEST(test_cannot_start),
		TEST(test_threads),
		TEST(test_another_version),
		TEST(test_dies_at_an_order),
		TEST(test_no_descriptors),
		TEST(test_not_there),
		TEST(test_killed_after_a_copy),
		TEST(test_bad_answers),
		TEST(test_end_while_it_is_silent),
		TEST(test_end_with_an_unknown_copy),
		TEST(test_end_with_results),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
