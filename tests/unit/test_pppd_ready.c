/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ready-made pppds and the thread that starts calls: with the real plugin in a pppd of straw
 * (fake_pppd.c), and with pppds that wait as none should. Under pppd itself it is tried in
 * tests/lab/plugin_selftest.py.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "linux/pppd_log.h"
#include "linux/pppd_ready.h"
#include "linux/pppd_starter.h"

#define WAIT_MS 20000

static const char *fake, *plugin;
static struct pppd_starter *starter;

/* One call as the daemon has it: its ends of the three descriptors. */
struct test_call {
	int channel, event, log;
	pid_t pid;
	bool ready_made;
};

static bool readable(int fd, int ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, ms) == 1;
}

static unsigned count_fds(void)
{
	unsigned n = 0;

	for (int fd = 0; fd < 256; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

/* --- calls --- */

static void make_options(struct pppd_options *options, const char *second, const char *lines)
{
	char copy[200], *line, *rest = copy;

	pppd_options_addf(options, "plugin %s", plugin);
	if (second)
		pppd_options_addf(options, "plugin %s", second);
	snprintf(copy, sizeof(copy), "%s", lines);
	while ((line = strsep(&rest, ";")))
		pppd_options_add(options, line);
}

static void make_fds(struct test_call *call, int theirs[3])
{
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds), 0);
	call->channel = fds[0];
	theirs[0] = fds[1];
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds), 0);
	call->event = fds[0];
	theirs[1] = fds[1];
	assert_int_equal(pppd_log_pipe(fds), 0);
	call->log = fds[0];
	theirs[2] = fds[1];
}

static void submit(struct test_call *call, const char *second, const char *lines)
{
	struct pppd_options options = { 0 };
	struct pppd_call order = {
		.program = fake, .options = &options, .nice = 3, .cookie = (uint64_t)(uintptr_t)call
	};
	int theirs[3];

	make_options(&options, second, lines);
	make_fds(call, theirs);
	order.channel_fd = theirs[0];
	order.event_fd = theirs[1];
	order.log_fd = theirs[2];
	assert_int_equal(pppd_starter_submit(starter, &order), 0);
	pppd_options_clear(&options);
}

static void next_result(struct pppd_result *result)
{
	assert_true(readable(pppd_starter_fd(starter), WAIT_MS));
	assert_true(pppd_starter_next(starter, result));
}

static void expect_started(struct test_call *call, bool ready_made)
{
	struct pppd_result result;

	next_result(&result);
	if (result.news != PPPD_STARTED)
		fail_msg("not started: %d %s", result.error, result.text);
	assert_int_equal(result.cookie, (uint64_t)(uintptr_t)call);
	assert_int_equal(result.ready_made, ready_made);
	call->pid = result.pid;
}

static void expect_trouble(const char *why)
{
	struct pppd_result result;

	next_result(&result);
	assert_int_equal(result.news, PPPD_TROUBLE);
	if (!strstr(result.text, why))
		fail_msg("no \"%s\" in: %s", why, result.text);
	assert_non_null(strstr(result.text, "l2tpd.so"));
}

/* What the copy says of itself; the plugin's HELLO comes first. */
static void read_report(struct test_call *call, char *report, size_t size)
{
	ssize_t n;

	do {
		assert_true(readable(call->event, WAIT_MS));
		n = recv(call->event, report, size - 1, 0);
		assert_true(n > 0);
		report[n] = '\0';
	} while (strncmp(report, "pid ", 4) != 0);
}

static void hang_up(struct test_call *call, int exit_code)
{
	int status;

	assert_int_equal(waitpid(call->pid, &status, 0), call->pid);
	if (exit_code < 0)
		assert_true(WIFSIGNALED(status));
	else
		assert_int_equal(WEXITSTATUS(status), exit_code);
	close(call->channel);
	close(call->event);
	close(call->log);
}

static void keep_with(const char *second)
{
	struct pppd_options options = { 0 };
	const struct pppd_plugins *list = &options.plugins;

	make_options(&options, second, "");
	assert_int_equal(pppd_starter_keep(starter, fake, &list, 1), 0);
	pppd_options_clear(&options);
}

/* The letter that proc(5) has for its state; 0: it is no child of ours. */
static char child_state(int pid)
{
	char path[64], state = 0;
	int parent = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	file = fopen(path, "re");
	if (!file)
		return 0;
	if (fscanf(file, "%*d (%*[^)]) %c %d", &state, &parent) != 2)
		parent = 0;
	fclose(file);
	return parent == getpid() ? state : 0;
}

static bool is_waiting(int pid)
{
	char path[64], text[512];
	size_t n = 0;
	FILE *file;

	if (!child_state(pid))
		return false;
	snprintf(path, sizeof(path), "/proc/%d/cmdline", pid);
	file = fopen(path, "re");
	if (file) {
		n = fread(text, 1, sizeof(text), file);
		fclose(file);
	}
	return memmem(text, n, "l2tpd-zygote", 12) != NULL;
}

static bool is_dead(int pid)
{
	return child_state(pid) == 'Z';
}

/* A process but one of which that is true; 0: none now. */
static pid_t find_process(bool (*is)(int pid), pid_t but)
{
	struct dirent *entry;
	DIR *proc = opendir("/proc");
	pid_t found = 0;

	assert_non_null(proc);
	while ((entry = readdir(proc))) {
		int pid = atoi(entry->d_name);

		if (pid > 1 && pid != but && is(pid))
			found = pid;
	}
	closedir(proc);
	return found;
}

/* Nothing tells of it: it is looked for until it is there. */
static pid_t await_process(bool (*is)(int pid), pid_t but)
{
	struct timespec begin, now;
	pid_t pid;

	clock_gettime(CLOCK_MONOTONIC, &begin);
	do {
		pid = find_process(is, but);
		clock_gettime(CLOCK_MONOTONIC, &now);
	} while (!pid && now.tv_sec - begin.tv_sec < WAIT_MS / 1000);
	assert_true(pid > 1);
	return pid;
}

/* The pid of the one that waits; its copies have its command line, so they are told apart here. */
static pid_t waiting_pid(pid_t copy)
{
	return await_process(is_waiting, copy);
}

static int set_up(void **state)
{
	fake = getenv("FAKE_PPPD");
	plugin = getenv("L2TPD_PLUGIN");
	if (!fake || !plugin) {
		fprintf(stderr, "FAKE_PPPD, L2TPD_PLUGIN: not set\n");
		return -1;
	}
	return pppd_starter_new(&starter);
}

static int tear_down(void **state)
{
	pppd_starter_free(starter);
	starter = NULL;
	/* nothing is left that somebody would have to reap */
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
	return 0;
}

/* --- good ones --- */

static void expect_report(struct test_call *call, long *ret_draw)
{
	int pid, parent, leader, niceness, logs;
	char report[600], small[16];

	read_report(call, report, sizeof(report));
	assert_int_equal(sscanf(report, "pid %d parent %d leader %d nice %d syslog %d draw %ld",
				 &pid, &parent, &leader, &niceness, &logs, ret_draw),
		6);
	assert_int_equal(pid, call->pid);
	assert_int_equal(parent, getpid());
	assert_int_equal(leader, 1);
	if (call->ready_made) /* else it is set a moment late */
		assert_int_equal(niceness, getpriority(PRIO_PROCESS, 0) + 3);
	assert_int_equal(getpriority(PRIO_PROCESS, (id_t)pid), getpriority(PRIO_PROCESS, 0) + 3);
	assert_int_equal(logs, call->ready_made); /* one connection each */
	assert_int_equal(recv(call->channel, small, sizeof(small), 0), 7);
}

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
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		TEST(test_calls),
		TEST(test_burst),
		TEST(test_other_plugins),
		TEST(test_channel_is_pppds_alone),
		TEST(test_files_change),
		TEST(test_killed_while_it_waits),
		TEST(test_killed_with_copies),
		TEST(test_cannot_start),
		TEST(test_threads),
		TEST(test_another_version),
		TEST(test_dies_at_an_order),
		TEST(test_not_there),
		TEST(test_killed_after_a_copy),
		TEST(test_bad_answers),
		TEST(test_end_while_it_is_silent),
		TEST(test_end_with_an_unknown_copy),
		TEST(test_end_with_results),
		TEST(test_submit_errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
