/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How pppd is told its options and started, with the descriptors it gets and no others. */
#include "linux_steps.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "linux/pppd.h"
#include "linux/pppd_log.h"

/* --- options --- */

static void expect_text(struct pppd_options *options, const char *text)
{
	assert_int_equal(options->error, 0);
	assert_int_equal(options->len, strlen(text));
	assert_memory_equal(options->text, text, options->len);
	pppd_options_clear(options);
	assert_null(options->text);
}

static void test_options(void **state)
{
	struct pppd_options options = { 0 };

	pppd_options_add(&options, "noauth");
	pppd_options_addf(&options, "mtu %d", 1400);
	pppd_options_add_value(&options, "user", "");
	pppd_options_add_value(&options, "password", "a b#c'd\"e\\f\xc3\xa4");
	expect_text(&options, "noauth\nmtu 1400\nuser \"\"\n"
			      "password \"a b#c'd\\\"e\\\\f\xc3\xa4\"\n");
}

static void expect_options_error(const char *line, const char *value, int error)
{
	struct pppd_options options = { 0 };

	if (value)
		pppd_options_add_value(&options, line, value);
	else
		pppd_options_add(&options, line);
	assert_int_equal(options.error, error);
	pppd_options_add(&options, "noauth"); /* the first error sticks */
	assert_int_equal(options.error, error);
	assert_int_equal(pppd_options_file(&options, ""), error);
	pppd_options_clear(&options);
	assert_int_equal(options.error, 0);
}

static void test_options_errors(void **state)
{
	char longest[1024 + 1];

	expect_options_error("noauth\nplugin evil.so", NULL, -EINVAL);
	expect_options_error("user", "a\nplugin evil.so", -EINVAL);
	expect_options_error("user", "a\tb", -EINVAL);
	expect_options_error("user", "a\x7f", -EINVAL);
	expect_options_error("us\ner", "a", -EINVAL);
	memset(longest, 'x', sizeof(longest) - 1);
	longest[1024] = '\0';
	expect_options_error("user", longest, -E2BIG);
}

static void test_options_growth(void **state)
{
	struct pppd_options options = { 0 };
	char value[1024];

	memset(value, '"', sizeof(value) - 1); /* the longest word, all of it escaped */
	value[sizeof(value) - 1] = '\0';
	for (int i = 0; i < 20; i++)
		pppd_options_add_value(&options, "user", value);
	assert_int_equal(options.error, 0);
	assert_int_equal(options.len, 20 * (strlen("user \"\"\n") + 2 * strlen(value)));
	pppd_options_clear(&options);
}

static void expect_plugins(const struct pppd_options *options, const char *list)
{
	char have[300] = "";

	for (size_t i = 0; i < options->plugins.len; i++)
		snprintf(have + strlen(have), sizeof(have) - strlen(have), "<%s>",
			options->plugins.names[i]);
	assert_string_equal(have, list);
}

static void test_plugins(void **state)
{
	struct pppd_options options = { 0 };
	struct pppd_plugins copy;

	pppd_options_add(&options, "plugin pppol2tp.so");
	pppd_options_add(&options, "noauth");
	pppd_options_add_value(&options, "plugin", "/opt/my \"pppd\"/l2tpd.so");
	pppd_options_add(&options, "  plugin  passwordfd.so  passwordfd 7");
	pppd_options_add(&options, "plugin a.so plugin b.so");
	/* no plugin, or written so that pppd has to read it */
	pppd_options_add(&options, "plugin");
	pppd_options_add(&options, "plugins x.so");
	pppd_options_add(&options, "plugin c\\.so");
	pppd_options_add(&options, "plugin 'd.so'");
	pppd_options_add(&options, "plugin e.so# no comment");
	pppd_options_add(&options, "plugin \"f.so");
	expect_plugins(
		&options, "<pppol2tp.so></opt/my \"pppd\"/l2tpd.so><passwordfd.so><a.so><b.so>");
	assert_int_equal(pppd_plugins_copy(&options.plugins, &copy), 0);
	assert_true(pppd_plugins_equal(&copy, &options.plugins));
	copy.len--;
	assert_false(pppd_plugins_equal(&copy, &options.plugins));
	copy.len++;
	*copy.names[1] = 'x';
	assert_false(pppd_plugins_equal(&copy, &options.plugins));
	pppd_plugins_clear(&copy);
	expect_text(&options, "noauth\npasswordfd 7\nplugin\nplugins x.so\nplugin c\\.so\n"
			      "plugin 'd.so'\nplugin e.so# no comment\nplugin \"f.so\n");
	assert_int_equal(options.plugins.len, 0);
}

/* Those beyond the limit are loaded by pppd as it reads the file. */
static void test_many_plugins(void **state)
{
	struct pppd_options options = { 0 };

	for (int i = 0; i < PPPD_PLUGINS_MAX + 1; i++)
		pppd_options_addf(&options, "plugin %d.so", i);
	assert_int_equal(options.plugins.len, PPPD_PLUGINS_MAX);
	expect_text(&options, "plugin 8.so\n");
}

/* Let the real pppd read a file of one word: it complains about it and so says how it read it. */
static void expect_pppd_reads(const char *word)
{
	struct pppd_options options = { 0 };
	char path[] = "/tmp/test_linux-XXXXXX", command[200], expected[1200], line[2048];
	bool found = false;
	FILE *out;
	int fd;

	pppd_options_add_value(&options, "", word);
	assert_int_equal(options.error, 0);
	fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, options.text, options.len), (int)options.len);
	close(fd);
	pppd_options_clear(&options);
	snprintf(command, sizeof(command), "pppd file %s 2>&1 </dev/null", path);
	snprintf(expected, sizeof(expected), "unrecognized option '%s'\n", word);
	out = popen(command, "r");
	assert_non_null(out);
	while (fgets(line, sizeof(line), out))
		found = found || strstr(line, expected);
	pclose(out);
	unlink(path);
	if (!found)
		fail_msg("pppd did not read back: %s", word);
}

static void test_options_real_pppd(void **state)
{
	/*
	 * It wants root even to read options; without effect here, as no option is valid. A word
	 * with a colon would be taken for addresses, one with a slash for a device.
	 */
	if (geteuid() != 0 || access("/usr/sbin/pppd", X_OK) < 0)
		leave_out("no pppd, or not root");
	expect_pppd_reads("plain");
	expect_pppd_reads(" two  words ");
	expect_pppd_reads("#no comment");
	expect_pppd_reads("\"quoted\" 'and' \\escaped\\\\");
	expect_pppd_reads("\\n \\x41 \\101 \\s \\");
	expect_pppd_reads("p\xc3\xa4ss\xe2\x82\xac $HOME `id` %s !@^&*(){}[]|;,.<>?~=+-");
}

/* --- exec: this program plays pppd --- */

#define REPORT_SIZE 8192

static void report_fds(char *report)
{
	char path[64], target[256], line[400];
	ssize_t len;

	/* no opendir(): it would open a descriptor of its own */
	for (int fd = 0; fd < 256; fd++) {
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		len = readlink(path, target, sizeof(target) - 1);
		if (len < 0)
			continue;
		target[len] = '\0';
		snprintf(line, sizeof(line), "fd %d %s%s\n", fd, target,
			fcntl(fd, F_GETFD) ? " cloexec" : "");
		strcat(report, line);
	}
}

static void report_status(char *report)
{
	char line[300];
	FILE *file = fopen("/proc/self/status", "re");

	while (file && fgets(line, sizeof(line), file))
		if (strncmp(line, "SigBlk", 6) == 0 || strncmp(line, "SigIgn", 6) == 0)
			strcat(report, line);
	if (file)
		fclose(file);
}

static int play_pppd(int argc, char **argv)
{
	static char report[REPORT_SIZE];
	char line[1200];
	char text[1000] = "";
	FILE *file;

	report_fds(report);
	report_status(report);
	for (int i = 1; i < argc; i++)
		sprintf(report + strlen(report), "arg %s\n", argv[i]);
	for (char **env = environ; *env; env++)
		sprintf(report + strlen(report), "env %s\n", *env);
	sprintf(report + strlen(report), "leader %d\n", getpgrp() == getpid());
	sprintf(report + strlen(report), "nice %d\n", getpriority(PRIO_PROCESS, 0));
	sprintf(report + strlen(report), "seals %x\n", fcntl(PPPD_OPTIONS_FD, F_GET_SEALS));
	file = fopen(argv[argc - 1], "re");
	if (file) {
		text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
		fclose(file);
	}
	snprintf(line, sizeof(line), "options <%s>\n", text);
	strcat(report, line);
	(void)!write(PPPD_CHANNEL_FD, "channel", 7);
	(void)!write(STDERR_FILENO, "a word\n", 7);
	(void)!write(PPPD_EVENT_FD, report, strlen(report));
	return 11;
}

static void expect_line(const char *report, const char *line)
{
	if (!strstr(report, line))
		fail_msg("no \"%s\" in:\n%s", line, report);
}

static void expect_report(const char *report)
{
	const char *at = report;
	char expected[64];
	int fds = 0;

	while ((at = strstr(at, "fd "))) {
		if (at == report || at[-1] == '\n')
			fds++;
		at++;
	}
	assert_int_equal(fds, 6);
	expect_line(report, "fd 0 /dev/null\nfd 1 pipe:");
	expect_line(report, "\nfd 2 pipe:");
	expect_line(report, "\nfd 3 socket:");
	expect_line(report, "\nfd 4 /memfd:pppd-options (deleted)\nfd 5 socket:");
	assert_null(strstr(report, "cloexec"));
	expect_line(report, "SigBlk:\t0000000000000000\n");
	/* posix_spawn() of glibc ignores its two internal signals, 32 and 33, whatever it is told
	 */
	if (!strstr(report, "SigIgn:\t0000000180000000\n"))
		expect_line(report, "SigIgn:\t0000000000000000\n");
	expect_line(report, "arg plugin\narg a b.so\narg file\narg /proc/self/fd/4\nenv PATH=");
	expect_line(report, "\nleader 1\n");
	snprintf(expected, sizeof(expected), "seals %x\n",
		F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL);
	/* a file that cannot be executed has one seal more */
	if (!strstr(report, expected))
		expect_line(report, "seals 2f\n");
	expect_line(report, "options <pppol2tp 3\nl2tpd-fd 5\nlogfd 2\nuser \"x y\"\n>");
}

static int move_fd(int fd, int to)
{
	if (to < 0)
		to = fcntl(fd, F_DUPFD_CLOEXEC, 20);
	else
		to = dup2(fd, to);
	assert_true(to >= 0);
	close(fd);
	return to;
}

/* The same from any place of the two sources, also those that are targets. */
static void spawn_from(int channel_at, int event_at)
{
	struct pppd_options options = { 0 };
	struct pppd_start start = { .plugins = &options.plugins };
	int channel[2], event[2], words[2], status;
	char report[REPORT_SIZE], self[256], small[16];
	ssize_t len;
	pid_t pid;

	len = readlink("/proc/self/exe", self, sizeof(self) - 1);
	assert_true(len > 0);
	self[len] = '\0';
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, channel), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, event), 0);
	assert_int_equal(pppd_log_pipe(words), 0);
	if (channel_at >= 0) {
		/* out of each other's way first */
		for (int i = 0; i < 2; i++) {
			channel[i] = move_fd(channel[i], -1);
			event[i] = move_fd(event[i], -1);
			words[i] = move_fd(words[i], -1);
		}
		channel[1] = move_fd(channel[1], channel_at);
		event[1] = move_fd(event[1], event_at);
	}
	pppd_options_add_value(&options, "user", "x y");
	pppd_options_add(&options, "plugin \"a b.so\"");
	start.program = self;
	start.channel_fd = channel[1];
	start.event_fd = event[1];
	start.log_fd = words[1];
	start.options_fd = pppd_options_file(&options, pppd_call_head);
	assert_true(start.options_fd >= 0);
	assert_int_equal(pppd_exec(&start, &pid), 0);
	pppd_options_clear(&options);
	close(channel[1]);
	close(event[1]);
	close(words[1]);
	close(start.options_fd);
	assert_true(readable(event[0], WAIT_MS));
	len = recv(event[0], report, sizeof(report) - 1, 0);
	assert_true(len > 0);
	report[len] = '\0';
	expect_report(report);
	assert_int_equal(recv(channel[0], small, sizeof(small), 0), 7);
	assert_int_equal(read(words[0], small, sizeof(small)), 7);
	close(words[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 11);
	close(channel[0]);
	close(event[0]);
}

static void test_spawn(void **state)
{
	sigset_t block, old;
	int leak;

	/* nothing of all this may reach the child */
	leak = open("/dev/zero", O_RDONLY);
	assert_true(leak >= 0);
	assert_true(dup2(leak, 100) == 100);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	sigfillset(&block);
	sigprocmask(SIG_SETMASK, &block, &old);
	setenv("LEAK", "secret", 1);
	spawn_from(-1, -1);
	sigprocmask(SIG_SETMASK, &old, NULL);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGHUP, SIG_DFL);
	close(leak);
	close(100);
}

static unsigned count_fds(void)
{
	unsigned n = 0;

	for (int fd = 0; fd < 256; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

static void test_spawn_collisions(void **state)
{
	static const int places[][2] = { { 3, 5 }, { 5, 3 }, { 4, 3 }, { 5, 4 }, { 4, 5 }, { 3, 4 },
		{ 0, 1 }, { 5, 2 } };

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		for (int fd = 0; fd < 2; fd++)
			if (places[i][fd] > 2 && fcntl(places[i][fd], F_GETFD) >= 0)
				leave_out("a descriptor of the places is in use");
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		int saved[3];

		for (int fd = 0; fd < 3; fd++)
			saved[fd] = fcntl(fd, F_DUPFD_CLOEXEC, 50);
		spawn_from(places[i][0], places[i][1]);
		for (int fd = 0; fd < 3; fd++) {
			dup2(saved[fd], fd);
			close(saved[fd]);
		}
	}
}

static void test_spawn_errors(void **state)
{
	struct pppd_plugins none = { 0 };
	struct pppd_start start = { .program = "/nonexistent/pppd", .plugins = &none };
	pid_t pid = -7;
	unsigned before = count_fds();

	assert_int_equal(pppd_exec(&start, &pid), -ENOENT);
	start.program = "/etc/passwd";
	assert_int_equal(pppd_exec(&start, &pid), -EACCES);
	start.program = "/bin/true";
	start.channel_fd = 999;
	assert_int_equal(pppd_exec(&start, &pid), -EBADF);
	start.channel_fd = 0;
	start.log_fd = 999;
	assert_int_equal(pppd_exec(&start, &pid), -EBADF);
	assert_int_equal(pid, -7);
	assert_int_equal(count_fds(), before); /* no descriptor was left behind */
}

/* cat stands for a pppd: it waits for the end of its options file. */
static void test_nice(void **state)
{
	struct pppd_plugins none = { 0 };
	struct pppd_start start = { .program = "/bin/cat",
		.plugins = &none,
		.channel_fd = -1,
		.event_fd = -1,
		.log_fd = -1,
		.nice = 7 };
	const int level = getpriority(PRIO_PROCESS, 0) + 7;
	int fds[2];
	pid_t pid;

	assert_int_equal(pipe(fds), 0);
	start.options_fd = fds[0];
	assert_int_equal(pppd_exec(&start, &pid), 0);
	assert_int_equal(getpriority(PRIO_PROCESS, (id_t)pid), level < 19 ? level : 19);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	close(fds[0]);
	close(fds[1]);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_options),
		cmocka_unit_test(test_options_errors),
		cmocka_unit_test(test_options_growth),
		cmocka_unit_test(test_plugins),
		cmocka_unit_test(test_many_plugins),
		cmocka_unit_test(test_options_real_pppd),
		cmocka_unit_test(test_spawn),
		cmocka_unit_test(test_spawn_collisions),
		cmocka_unit_test(test_spawn_errors),
		cmocka_unit_test(test_nice),
	};

	if (argc > 2 && strcmp(argv[argc - 2], "file") == 0)
		return play_pppd(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
