/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "starter_steps.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "linux/pppd_log.h"

const char *fake;
struct pppd_starter *starter;

static const char *plugin;

bool readable(int fd, int ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, ms) == 1;
}

unsigned count_fds(void)
{
	unsigned n = 0;

	for (int fd = 0; fd < 256; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

/* --- calls --- */

void make_options(struct pppd_options *options, const char *second, const char *lines)
{
	char copy[200], *line, *rest = copy;

	pppd_options_addf(options, "plugin %s", plugin);
	if (second)
		pppd_options_addf(options, "plugin %s", second);
	snprintf(copy, sizeof(copy), "%s", lines);
	while ((line = strsep(&rest, ";")))
		pppd_options_add(options, line);
}

void make_fds(struct test_call *call, int theirs[3])
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

void submit(struct test_call *call, const char *second, const char *lines)
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

void next_result(struct pppd_result *result)
{
	assert_true(readable(pppd_starter_fd(starter), WAIT_MS));
	assert_true(pppd_starter_next(starter, result));
}

void expect_started(struct test_call *call, bool ready_made)
{
	struct pppd_result result;

	next_result(&result);
	if (result.news != PPPD_STARTED)
		fail_msg("not started: %d %s", result.error, result.text);
	assert_int_equal(result.cookie, (uint64_t)(uintptr_t)call);
	assert_int_equal(result.ready_made, ready_made);
	call->pid = result.pid;
}

void expect_trouble(const char *why)
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

void hang_up(struct test_call *call, int exit_code)
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

void keep_with(const char *second)
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

bool is_dead(int pid)
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
pid_t await_process(bool (*is)(int pid), pid_t but)
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
pid_t waiting_pid(pid_t copy)
{
	return await_process(is_waiting, copy);
}

int set_up(void **state)
{
	fake = getenv("FAKE_PPPD");
	plugin = getenv("L2TPD_PLUGIN");
	if (!fake || !plugin) {
		fprintf(stderr, "FAKE_PPPD, L2TPD_PLUGIN: not set\n");
		return -1;
	}
	return pppd_starter_new(&starter);
}

int tear_down(void **state)
{
	pppd_starter_free(starter);
	starter = NULL;
	/* nothing is left that somebody would have to reap */
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
	return 0;
}

/* 19 is the end of it. */
static int nicer_by(int more)
{
	int level = getpriority(PRIO_PROCESS, 0) + more;

	return level < 19 ? level : 19;
}

void expect_report(struct test_call *call, long *ret_draw)
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
		assert_int_equal(niceness, nicer_by(3));
	assert_int_equal(getpriority(PRIO_PROCESS, (id_t)pid), nicer_by(3));
	assert_int_equal(logs, call->ready_made); /* one connection each */
	assert_int_equal(recv(call->channel, small, sizeof(small), 0), 7);
}
