/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Option "l2tpd-zygote": this pppd has linked its libraries and loaded its plugins, and waits in
 * the middle of its options. Each order of the daemon (include/l2tpd/zygote.h) makes a copy that
 * reads on; so a call costs neither exec nor linking, and shares the memory of what they did.
 *
 * What a copy must not have in common with its siblings: the process group and the connection to
 * syslog, here; the state of the random number generator, in option "l2tpd-fd".
 */
#include "zygote.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <syslog.h>
#include <unistd.h>

#include "l2tpd/zygote.h"
#include "compat.h"
#include "l2tpd/plugin.h"

/* Where a copy has the descriptors of its order; all below LOWEST are occupied while it waits. */
#define LOWEST 6
static const int places[ZYGOTE_FDS] = {
	[ZYGOTE_CHANNEL] = 3,
	[ZYGOTE_OPTIONS] = PLUGIN_OPTIONS_FD,
	[ZYGOTE_EVENTS] = 5,
	[ZYGOTE_LOG] = STDERR_FILENO, /* and stdout */
};

static void say(int sock, enum zygote_reply_type type, uint32_t number, int value)
{
	struct zygote_reply reply = { .type = type, .number = number, .value = value };

	/* The daemon is gone: nobody to copy for. */
	if (send(sock, &reply, sizeof(reply), MSG_NOSIGNAL) < 0)
		_exit(0);
}

static void close_all(const int *fds, int n)
{
	for (int i = 0; i < n; i++)
		close(fds[i]);
}

/* Returns how many descriptors came with it. */
static int take_fds(struct msghdr *msg, int fds[ZYGOTE_FDS])
{
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(msg);
	int n;

	if (!cmsg || cmsg->cmsg_level != SOL_SOCKET || cmsg->cmsg_type != SCM_RIGHTS)
		return 0;
	n = (int)((cmsg->cmsg_len - CMSG_LEN(0)) / sizeof(int));
	memcpy(fds, CMSG_DATA(cmsg), (size_t)n * sizeof(int));
	return n;
}

/* 1: an order, 0: not one, descriptors closed. Does not return when the daemon is gone. */
static int receive_order(int sock, struct zygote_order *order, int fds[ZYGOTE_FDS])
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(ZYGOTE_FDS * sizeof(int))];
	} control;
	struct iovec iov = { .iov_base = order, .iov_len = sizeof(*order) };
	struct msghdr msg = { .msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control) };
	ssize_t len;
	int n, good;

	order->number = 0;
	do {
		len = recvmsg(sock, &msg, MSG_CMSG_CLOEXEC);
	} while (len < 0 && errno == EINTR);
	if (len <= 0)
		_exit(0);
	n = take_fds(&msg, fds);
	good = len == sizeof(*order) && n == ZYGOTE_FDS && !(msg.msg_flags & MSG_CTRUNC);
	for (int i = 0; i < n; i++)
		good = good && fds[i] >= LOWEST;
	if (!good)
		close_all(fds, n);
	return good;
}

/* As fork(), but the copy's parent is the daemon, which reaps it as any pppd it started. */
static pid_t clone_for_daemon(void)
{
	struct clone_args args = { .flags = CLONE_PARENT };

	return (pid_t)syscall(SYS_clone3, &args, sizeof(args));
}

/* In the copy. */
static void begin(int sock, const struct zygote_order *order, const int fds[ZYGOTE_FDS])
{
	/*
	 * pppd signals its process group when it ends. A session for each is not needed, and would
	 * give each a share of the processor as large as the daemon's (sched(7), autogroups).
	 */
	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	setpriority(PRIO_PROCESS, 0, getpriority(PRIO_PROCESS, 0) + order->nice);
	say(sock, ZYGOTE_RUNS, order->number, getpid());
	closelog();
	close(sock);
	for (int i = 0; i < ZYGOTE_FDS; i++)
		dup2(fds[i], places[i]);
	dup2(STDERR_FILENO, STDOUT_FILENO);
	close_all(fds, ZYGOTE_FDS);
	reopen_log();
}

/* A thread of another plugin would not be in the copy, but what it holds locked would be. */
static int is_alone(void)
{
	struct stat st;

	/* A folder has a link from itself, one from above, and one from each folder in it. */
	return stat("/proc/self/task", &st) == 0 && st.st_nlink == 3;
}

static int check_socket(int fd)
{
	socklen_t len = sizeof(int);
	int type = 0;

	if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) < 0)
		return -errno;
	return type == SOCK_SEQPACKET ? 0 : -EPROTOTYPE;
}

int zygote_option(char **argv)
{
	int sock, rc, fds[ZYGOTE_FDS];
	struct zygote_order order;
	pid_t pid;

	if (!ppp_int_option(*argv, &sock))
		return 0;
	rc = check_socket(sock);
	if (rc < 0) {
		ppp_option_error("l2tpd-zygote %d: %s", sock, strerror(-rc));
		return 0;
	}
	if (!is_alone()) {
		ppp_option_error("l2tpd-zygote: a plugin has started threads");
		return 0;
	}
	fcntl(sock, F_SETFD, FD_CLOEXEC);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	say(sock, ZYGOTE_WAITS, 0, ZYGOTE_VERSION);
	for (;;) {
		if (!receive_order(sock, &order, fds)) {
			say(sock, ZYGOTE_FAILED, order.number, EBADMSG);
			continue;
		}
		pid = clone_for_daemon();
		if (pid == 0) {
			begin(sock, &order, fds);
			return 1;
		}
		if (pid < 0)
			say(sock, ZYGOTE_FAILED, order.number, errno);
		else
			say(sock, ZYGOTE_CLONED, order.number, pid);
		close_all(fds, ZYGOTE_FDS);
	}
}
