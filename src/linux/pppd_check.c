/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pppd asked about options. */
#include "pppd_check.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/reasons.h"
#include "pppd.h"
#include "pppd_log.h"

/*
 * A device is part of the options for pppd; "notty" is the only one that needs nothing. First, so
 * that a check whose other options are read half never starts a link.
 */
#define CHECK_HEAD "dryrun\nnotty\nl2tpd-fd 5\nlogfd 2\n"

/* pppd(8): found after the options were read, and before they were compared with each other */
#define EXIT_NO_KERNEL 4
#define PLUGIN_SAYS    "l2tpd: " /* src/pppd-plugin/mppe.c */

static const char *exit_words(int status)
{
	const char *words = reasons_pppd((unsigned)status);

	return words ? words : "unknown exit status";
}

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static void add_words(char *text, size_t size, const char *line)
{
	size_t used = strlen(text);

	if (used + 2 < size)
		snprintf(text + used, size - used, "%s%s", used ? "; " : "", line);
}

/*
 * Until pppd closes its end or the time is over. A pppd that is content prints its options; our
 * plugin may be less content than it.
 */
static int read_words(int fd, int64_t deadline, char *text, size_t size, bool *ret_plugin)
{
	struct pollfd pollfd = { .fd = fd, .events = POLLIN };
	struct pppd_log log = { 0 };
	char line[PPPD_LOG_LINE];
	int64_t left;
	int r;

	text[0] = '\0';
	while ((r = pppd_log_next(&log, fd, line)) >= 0) {
		left = deadline - now_ms();
		if (left <= 0)
			break;
		if (r == 0)
			poll(&pollfd, 1, (int)left);
		else if (strncmp(line, PLUGIN_SAYS, strlen(PLUGIN_SAYS)) == 0) {
			*ret_plugin = true;
			snprintf(text, size, "%s", line + strlen(PLUGIN_SAYS));
			break;
		} else if (pppd_log_is_complaint(line))
			add_words(text, size, line);
	}
	pppd_log_clear(&log);
	if (r == -EPIPE || *ret_plugin)
		return 0;
	return r < 0 ? r : -ETIMEDOUT;
}

static int judge(int status, bool plugin, char *text, size_t size)
{
	if (plugin)
		return 1;
	if (WIFEXITED(status) &&
		(WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == EXIT_NO_KERNEL)) {
		text[0] = '\0';
		return 0;
	}
	if (*text)
		return 1;
	if (WIFEXITED(status))
		snprintf(text, size, "%s", exit_words(WEXITSTATUS(status)));
	else
		snprintf(text, size, "pppd was ended by signal %d", WTERMSIG(status));
	return 1;
}

/*
 * pppol2tp.so ends a pppd that finds no PPP in the kernel as soon as it is loaded; without it pppd
 * has read the options by then.
 */
static void choose_plugins(const struct pppd_plugins *plugins, struct pppd_plugins *ret)
{
	const bool has_ppp = access("/dev/ppp", F_OK) == 0;

	ret->len = 0;
	for (size_t i = 0; i < plugins->len; i++)
		if (has_ppp || strcmp(plugins->names[i], "pppol2tp.so") != 0)
			ret->names[ret->len++] = plugins->names[i];
}

/* fds: of the log, ours and pppd's; of events, ours and pppd's */
static int start_check(
	const char *program, const struct pppd_options *options, int fds[4], pid_t *pid)
{
	struct pppd_plugins plugins;
	struct pppd_start start = { .program = program,
		.plugins = &plugins,
		.channel_fd = -1,
		.log_fd = fds[1],
		.event_fd = fds[3] };
	int r;

	choose_plugins(&options->plugins, &plugins);
	start.options_fd = pppd_options_file(options, CHECK_HEAD);
	if (start.options_fd < 0)
		return start.options_fd;
	r = pppd_exec(&start, pid);
	close(start.options_fd);
	return r;
}

int pppd_check(const char *program, const struct pppd_options *options, int limit_ms, char *text,
	size_t size)
{
	const int64_t deadline = now_ms() + limit_ms;
	int fds[4], status, r;
	bool plugin = false;
	pid_t pid;

	if (geteuid() != 0)
		return -EPERM;
	r = pppd_log_pipe(fds);
	if (r < 0)
		return r;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds + 2) < 0) {
		r = -errno;
		close(fds[0]);
		close(fds[1]);
		return r;
	}
	r = start_check(program, options, fds, &pid);
	close(fds[1]);
	close(fds[3]);
	if (r == 0) {
		r = read_words(fds[0], deadline, text, size, &plugin);
		if (r < 0 || plugin)
			kill(pid, SIGKILL);
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
		if (r == 0)
			r = judge(status, plugin, text, size);
	}
	close(fds[0]);
	close(fds[2]);
	return r;
}
