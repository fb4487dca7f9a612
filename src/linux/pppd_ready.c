/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The daemon's side of a pppd that waits. */
#include "pppd_ready.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <l2tpd/zygote.h>

#include "pppd_log.h"

/* Every pppd of root reads these first, so a waiting one has them in it. */
static const char *const own_files[] = { "/etc/ppp/options", "/root/.ppprc" };

#define END_MS	  1000
#define OWN_FILES (sizeof(own_files) / sizeof(own_files[0]))
#define FILES_MAX (OWN_FILES + 1 + PPPD_PLUGINS_MAX)

struct file_id {
	char *path;
	struct stat st; /* all zero: there was none */
};

struct pppd_ready {
	pid_t pid;   /* 0: reaped */
	int sock;    /* orders and answers */
	int log_fd;  /* its words */
	int stop_fd; /* not ours; readable: nobody wants to wait any more */
	bool waits;  /* it has said that it does */
	bool dead;
	uint32_t number; /* of the last order */
	struct file_id files[FILES_MAX];
	size_t n_files;
	char text[PPPD_LOG_LINE + 100]; /* dead: why */
};

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* --- files --- */

static void look_at(const char *path, struct stat *ret)
{
	if (stat(path, ret) < 0)
		memset(ret, 0, sizeof(*ret));
}

static bool same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static int remember_file(struct pppd_ready *ready, const char *path)
{
	struct file_id *file = &ready->files[ready->n_files];

	file->path = strdup(path);
	if (!file->path)
		return -ENOMEM;
	look_at(path, &file->st);
	ready->n_files++;
	return 0;
}

static int remember_files(
	struct pppd_ready *ready, const char *program, const struct pppd_plugins *plugins)
{
	int r = remember_file(ready, program);

	for (size_t i = 0; r == 0 && i < OWN_FILES; i++)
		r = remember_file(ready, own_files[i]);
	for (size_t i = 0; r == 0 && i < plugins->len; i++)
		if (strchr(plugins->names[i], '/'))
			r = remember_file(ready, plugins->names[i]);
	return r;
}

bool pppd_ready_is_current(const struct pppd_ready *ready)
{
	struct stat now;

	for (size_t i = 0; i < ready->n_files; i++) {
		look_at(ready->files[i].path, &now);
		if (!same_file(&now, &ready->files[i].st))
			return false;
	}
	return true;
}

/* --- life --- */

static int start_waiting(
	struct pppd_ready *ready, const char *program, const struct pppd_plugins *plugins)
{
	struct pppd_start start = { .program = program,
		.plugins = plugins,
		.options_fd = -1,
		.event_fd = -1,
		.waits = true };
	int socks[2], log[2], r;

	r = pppd_log_pipe(log);
	if (r < 0)
		return r;
	ready->log_fd = log[0];
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, socks) < 0) {
		r = -errno;
		close(log[1]);
		return r;
	}
	ready->sock = socks[0];
	start.channel_fd = socks[1];
	start.log_fd = log[1];
	r = pppd_exec(&start, &ready->pid);
	close(socks[1]);
	close(log[1]);
	return r;
}

int pppd_ready_new(const char *program, const struct pppd_plugins *plugins, int stop_fd,
	struct pppd_ready **ret)
{
	struct pppd_ready *ready = calloc(1, sizeof(*ready));
	int r;

	if (!ready)
		return -ENOMEM;
	ready->sock = ready->log_fd = -1;
	ready->stop_fd = stop_fd;
	/* before it is started: what changes while it starts counts as changed */
	r = remember_files(ready, program, plugins);
	if (r == 0)
		r = start_waiting(ready, program, plugins);
	if (r < 0) {
		pppd_ready_free(ready);
		return r;
	}
	*ret = ready;
	return 0;
}

/* Returns its wait status. */
static int kill_and_reap(struct pppd_ready *ready)
{
	int status = 0;

	kill(ready->pid, SIGKILL);
	while (waitpid(ready->pid, &status, 0) < 0 && errno == EINTR)
		;
	ready->pid = 0;
	return status;
}

void pppd_ready_free(struct pppd_ready *ready)
{
	if (!ready)
		return;
	if (ready->pid)
		kill_and_reap(ready);
	if (ready->sock >= 0)
		close(ready->sock);
	if (ready->log_fd >= 0)
		close(ready->log_fd);
	for (size_t i = 0; i < ready->n_files; i++)
		free(ready->files[i].path);
	free(ready);
}

int pppd_ready_fd(const struct pppd_ready *ready)
{
	return ready->sock;
}

/* Its last complaint, "" if there was none. */
static void last_words(struct pppd_ready *ready, char words[PPPD_LOG_LINE])
{
	struct pppd_log log = { 0 };
	char line[PPPD_LOG_LINE];

	words[0] = '\0';
	while (pppd_log_next(&log, ready->log_fd, line) == 1)
		if (pppd_log_is_complaint(line))
			memcpy(words, line, sizeof(line));
	pppd_log_clear(&log);
}

/* It has closed its end, so it is about to end: let it do so by itself, which tells more. */
static void await_end(const struct pppd_ready *ready)
{
	struct pollfd pollfd = { .events = POLLIN };

	pollfd.fd = (int)syscall(SYS_pidfd_open, ready->pid, 0);
	if (pollfd.fd < 0)
		return;
	poll(&pollfd, 1, END_MS);
	close(pollfd.fd);
}

/* why: what is wrong with it, NULL: it went by itself. */
static void bury(struct pppd_ready *ready, const char *why)
{
	char words[PPPD_LOG_LINE];
	int status;

	if (ready->dead)
		return;
	ready->dead = true;
	if (!why)
		await_end(ready);
	status = kill_and_reap(ready);
	last_words(ready, words);
	if (why)
		snprintf(ready->text, sizeof(ready->text), "%s", why);
	else if (WIFSIGNALED(status))
		snprintf(ready->text, sizeof(ready->text), "ended by signal %d", WTERMSIG(status));
	else if (*words)
		snprintf(ready->text, sizeof(ready->text), "%s", words);
	else
		snprintf(ready->text, sizeof(ready->text), "exit status %d", WEXITSTATUS(status));
}

/* --- answers --- */

/* 1: an answer; 0: none until then; -EPIPE: there will be none, all who could have gone. */
static int next_reply(struct pppd_ready *ready, int64_t deadline, struct zygote_reply *reply)
{
	struct pollfd pollfds[] = { { .fd = ready->sock, .events = POLLIN },
		{ .fd = ready->stop_fd, .events = POLLIN } };
	int64_t left;
	ssize_t n;

	for (;;) {
		n = recv(ready->sock, reply, sizeof(*reply), MSG_DONTWAIT);
		if (n == 0 || (n < 0 && errno == ECONNRESET))
			return -EPIPE;
		if (n == sizeof(*reply))
			return 1;
		if (n > 0)
			continue; /* of another version, which a right one will tell */
		left = deadline - now_ms();
		if (left <= 0 || pollfds[1].revents)
			return 0;
		poll(pollfds, 2, (int)left);
	}
}

/* What it says without being asked. */
static void take_news(struct pppd_ready *ready, const struct zygote_reply *reply)
{
	if (reply->type != ZYGOTE_WAITS)
		return;
	if (reply->value == ZYGOTE_VERSION)
		ready->waits = true;
	else
		bury(ready, "its plugin l2tpd.so is of another version");
}

bool pppd_ready_is_alive(struct pppd_ready *ready, char *text, size_t size)
{
	struct zygote_reply reply;
	int r;

	while (!ready->dead && (r = next_reply(ready, 0, &reply)) != 0) {
		if (r < 0)
			bury(ready, NULL);
		else
			take_news(ready, &reply);
	}
	if (ready->dead)
		snprintf(text, size, "%s", ready->text);
	return !ready->dead;
}

/* --- orders --- */

static int await_ready(struct pppd_ready *ready, int64_t deadline)
{
	struct zygote_reply reply;
	int r;

	while (!ready->dead && !ready->waits) {
		r = next_reply(ready, deadline, &reply);
		if (r > 0)
			take_news(ready, &reply);
		else
			bury(ready, r < 0 ? NULL : "it was not ready in time");
	}
	return ready->dead ? -ENOTCONN : 0;
}

static int send_order(struct pppd_ready *ready, const struct pppd_start *start)
{
	const int fds[ZYGOTE_FDS] = {
		[ZYGOTE_CHANNEL] = start->channel_fd,
		[ZYGOTE_OPTIONS] = start->options_fd,
		[ZYGOTE_EVENTS] = start->event_fd,
		[ZYGOTE_LOG] = start->log_fd,
	};
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(fds))];
	} control = { 0 };
	struct zygote_order order = { .number = ++ready->number, .nice = start->nice };
	struct iovec iov = { .iov_base = &order, .iov_len = sizeof(order) };
	struct msghdr msg = { .msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control) };
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);

	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(sizeof(fds));
	memcpy(CMSG_DATA(cmsg), fds, sizeof(fds));
	if (sendmsg(ready->sock, &msg, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		return -errno;
	return 0;
}

/* 1: *ret_pid is the copy; 0: no answer until then; -EPIPE; else why there is none. */
static int await_copy(struct pppd_ready *ready, int64_t deadline, pid_t *ret_pid)
{
	struct zygote_reply reply;
	int r;

	for (;;) {
		r = next_reply(ready, deadline, &reply);
		if (r <= 0)
			return r;
		if (reply.type == ZYGOTE_WAITS || reply.number != ready->number)
			continue; /* the second answer to an order before */
		if (reply.type == ZYGOTE_FAILED)
			return reply.value > 0 ? -reply.value : -EPROTO;
		*ret_pid = reply.value;
		return 1;
	}
}

/*
 * It was killed, or has to be. A copy that it made holds the socket until it has said that it
 * lives, so when the socket ends there is none. That takes but a moment, so it is waited for even
 * by those who do not want to wait.
 */
static int last_chance(struct pppd_ready *ready, const char *why, int limit_ms, pid_t *ret_pid)
{
	int r;

	bury(ready, why);
	ready->stop_fd = -1;
	r = await_copy(ready, now_ms() + limit_ms, ret_pid);
	if (r == -EPIPE)
		return -ENOTCONN;
	return r == 0 ? -EBADE : r;
}

int pppd_ready_order(
	struct pppd_ready *ready, const struct pppd_start *start, int limit_ms, pid_t *ret_pid)
{
	siginfo_t si;
	pid_t pid = 0;
	int r;

	r = await_ready(ready, now_ms() + limit_ms);
	if (r == 0)
		r = send_order(ready, start);
	if (r < 0)
		return r;
	r = await_copy(ready, now_ms() + limit_ms, &pid);
	if (r == 0)
		r = last_chance(ready, "it did not answer in time", limit_ms, &pid);
	else if (r == -EPIPE)
		r = last_chance(ready, NULL, limit_ms, &pid);
	/* it would be so with every order; SELinux may keep descriptors from getting through */
	if (r == -EBADMSG)
		bury(ready, "orders reach it without their descriptors");
	if (r < 0)
		return r;
	/* whoever that process is, if it is not ours it is not what was ordered */
	if (pid <= 1 || waitid(P_PID, (id_t)pid, &si, WEXITED | WNOHANG | WNOWAIT) < 0) {
		bury(ready, "it names a process that is no child of this one");
		return -EBADE;
	}
	*ret_pid = pid;
	return 0;
}
