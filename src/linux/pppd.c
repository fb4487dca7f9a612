/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pppd as a child. */
#include "pppd.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define FIRST_FREE_FD 6
#define OPTIONS_PATH  "/proc/self/fd/4"

const char *const pppd_call_head = "pppol2tp 3\nl2tpd-fd 5\nlogfd 2\n";

/* --- spawn --- */

/*
 * Descriptors are copied to 1 to 5 one after the other: a source that has one of those
 * numbers would be overwritten before its turn. So all sources are moved out of the way first.
 */
static int dup_high(int fd)
{
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, FIRST_FREE_FD);

	return copy < 0 ? -errno : copy;
}

/* In the child: what it has at 1 to 5, and where that comes from. -1: nothing is there. */
struct child_fd {
	int at, from;
};
#define CHILD_FDS 5

static void close_all(const struct child_fd *fds)
{
	for (int i = 0; i < CHILD_FDS; i++)
		if (fds[i].from >= 0)
			close(fds[i].from);
}

static int child_fds(const struct pppd_start *start, struct child_fd *fds)
{
	const struct child_fd given[CHILD_FDS] = {
		{ PPPD_CHANNEL_FD, start->channel_fd },
		{ PPPD_OPTIONS_FD, start->options_fd },
		{ PPPD_EVENT_FD, start->event_fd },
		/* both: until it has read "logfd 2" pppd uses stdout, but for errors in options */
		{ STDOUT_FILENO, start->log_fd },
		{ STDERR_FILENO, start->log_fd },
	};
	int r = 0;

	for (int i = 0; i < CHILD_FDS; i++) {
		fds[i] = given[i];
		if (given[i].from < 0)
			continue;
		fds[i].from = r < 0 ? -1 : dup_high(given[i].from);
		if (r == 0 && fds[i].from < 0)
			r = fds[i].from;
	}
	if (r < 0)
		close_all(fds);
	return r;
}

static int add_files(posix_spawn_file_actions_t *actions, const struct child_fd *fds)
{
	int r = 0;

	/* also where nothing comes: pppd must not get such a number for a file of its own */
	for (int fd = 0; r == 0 && fd < FIRST_FREE_FD; fd++)
		r = posix_spawn_file_actions_addopen(actions, fd, "/dev/null", O_RDWR, 0);
	for (int i = 0; r == 0 && i < CHILD_FDS; i++)
		if (fds[i].from >= 0)
			r = posix_spawn_file_actions_adddup2(actions, fds[i].from, fds[i].at);
	/* pppd closes nothing it inherits: with a socket of a tunnel the tunnel would outlive us */
	if (r == 0)
		r = posix_spawn_file_actions_addclosefrom_np(actions, FIRST_FREE_FD);
	return r;
}

/* Both in the child's view: what is opened, and how it is set up otherwise. */
static int spawn_setup(
	posix_spawn_file_actions_t *actions, posix_spawnattr_t *attr, const struct child_fd *fds)
{
	sigset_t set;
	int r = add_files(actions, fds);

	sigemptyset(&set);
	if (r == 0)
		r = posix_spawnattr_setsigmask(attr, &set);
	sigfillset(&set);
	if (r == 0)
		r = posix_spawnattr_setsigdefault(attr, &set);
	/*
	 * pppd signals its whole process group when it ends. Not a session each: where sched(7)'s
	 * autogroups are on, each would weigh as much as the daemon with all it does.
	 */
	if (r == 0)
		r = posix_spawnattr_setflags(attr,
			POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	return -r;
}

static int spawn(const char *program, char *const *argv, const struct child_fd *fds, pid_t *ret_pid)
{
	char *const envp[] = { (char *)"PATH=/usr/sbin:/usr/bin:/sbin:/bin", NULL };
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	int r;

	r = -posix_spawn_file_actions_init(&actions);
	if (r < 0)
		return r;
	r = -posix_spawnattr_init(&attr);
	if (r == 0) {
		r = spawn_setup(&actions, &attr, fds);
		if (r == 0)
			r = -posix_spawn(ret_pid, program, &actions, &attr, argv, envp);
		posix_spawnattr_destroy(&attr);
	}
	posix_spawn_file_actions_destroy(&actions);
	return r;
}

/* pppd, its plugins, what it waits on if it does, its options file, NULL */
#define ARGV_MAX (1 + 2 * PPPD_PLUGINS_MAX + 2 + 2 + 1)

int pppd_exec(const struct pppd_start *start, pid_t *ret_pid)
{
	char *argv[ARGV_MAX], wait_fd[12];
	struct child_fd fds[CHILD_FDS];
	size_t n = 0;
	pid_t pid;
	int r;

	argv[n++] = (char *)start->program;
	for (size_t i = 0; i < start->plugins->len; i++) {
		argv[n++] = (char *)"plugin";
		argv[n++] = start->plugins->names[i];
	}
	if (start->waits) {
		snprintf(wait_fd, sizeof(wait_fd), "%d", PPPD_CHANNEL_FD);
		argv[n++] = (char *)"l2tpd-zygote";
		argv[n++] = wait_fd;
	}
	argv[n++] = (char *)"file";
	argv[n++] = (char *)OPTIONS_PATH;
	argv[n] = NULL;
	r = child_fds(start, fds);
	if (r < 0)
		return r;
	r = spawn(start->program, argv, fds, &pid);
	close_all(fds);
	if (r < 0)
		return r;
	/* a moment late: the attributes of posix_spawn() have no nice level */
	if (start->nice)
		setpriority(PRIO_PROCESS, (id_t)pid, getpriority(PRIO_PROCESS, 0) + start->nice);
	*ret_pid = pid;
	return 0;
}
