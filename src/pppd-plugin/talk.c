/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The plugin's end of the socket to the daemon. pppd has one thread and a select loop of its own:
 * a report must not block it, a question may, but not for ever.
 */
#include "talk.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "compat.h"
#include "l2tpd/plugin.h"

#define HEAD_SIZE offsetof(struct plugin_msg, text)

static int daemon_fd = -1;
/*
 * An answer that comes after we gave up must not be taken for the answer to the next question, so
 * each question has a number and the answer repeats it.
 */
static int last_question;

int talk_open(int fd)
{
	int type, flags;
	socklen_t len = sizeof(type);
	char byte;

	if (daemon_fd >= 0)
		return -EALREADY;
	if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) < 0)
		return -errno;
	if (type != SOCK_SEQPACKET)
		return -EPROTOTYPE;
	/* Scripts are run by pppd as root: they must not be able to speak to the daemon as we do.
	 */
	flags = fcntl(fd, F_GETFD);
	if (flags < 0 || fcntl(fd, F_SETFD, flags | FD_CLOEXEC) < 0)
		return -errno;
	/* nor to read the options once more: those of other plugins may hold secrets */
	flags = fcntl(PLUGIN_OPTIONS_FD, F_GETFD);
	if (flags >= 0 && fd != PLUGIN_OPTIONS_FD)
		fcntl(PLUGIN_OPTIONS_FD, F_SETFD, flags | FD_CLOEXEC);
	/*
	 * With the daemon dies its tunnel socket and so the kernel's tunnel, of which pppd is never
	 * told: it would sit on a dead session until LCP echoes fail. SIGTERM lets it end properly.
	 */
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0)
		return -ECONNRESET; /* it died before that */
	daemon_fd = fd;
	return 0;
}

void talk_close(void)
{
	if (daemon_fd >= 0)
		close(daemon_fd);
	daemon_fd = -1;
}

static int send_now(const struct plugin_msg *msg, size_t size)
{
	ssize_t n;

	if (daemon_fd < 0)
		return -ENOTCONN;
	do {
		n = send(daemon_fd, msg, size, MSG_DONTWAIT | MSG_NOSIGNAL);
	} while (n < 0 && errno == EINTR);
	if (n >= 0)
		return 0;
	if (errno == EAGAIN || errno == ENOBUFS)
		return -EAGAIN;
	/* The daemon is gone. The link outlives it; LCP echo decides when it is dead. */
	talk_close();
	return -ENOTCONN;
}

void talk_report_body(struct plugin_msg *msg, size_t size)
{
	send_now(msg, HEAD_SIZE + size);
}

/* Returns the size of msg's used part. */
static size_t fill(struct plugin_msg *msg, enum plugin_msg_type type, int number, const char *text)
{
	memset(msg, 0, HEAD_SIZE);
	msg->type = type;
	msg->number = number;
	strlcpy(msg->text, text, sizeof(msg->text));
	return HEAD_SIZE + strlen(msg->text) + 1;
}

void talk_report(enum plugin_msg_type type, int number, const char *text)
{
	struct plugin_msg msg;

	send_now(&msg, fill(&msg, type, number, text));
}

/* Is what it says about itself true? size: of the message that came. */
static int check_answer(const struct plugin_msg *msg, size_t size)
{
	const size_t body = offsetof(struct plugin_msg, answer.secret);

	if (msg->type == PLUGIN_GRANT)
		return size < HEAD_SIZE + sizeof(msg->grant) ? -EBADMSG : 1;
	if (size < body || msg->answer.secret_len > sizeof(msg->answer.secret) ||
		size - body < msg->answer.secret_len)
		return -EBADMSG;
	return msg->answer.found ? 1 : -ENOENT;
}

/* 1: read the answer, 0: not the answer to this question, read on; else -errno. */
static int take_answer(const struct plugin_msg *question, struct plugin_msg *msg)
{
	const enum plugin_msg_type wanted =
		question->type == PLUGIN_ASK_ADDRESS ? PLUGIN_GRANT : PLUGIN_ANSWER;
	ssize_t n = recv(daemon_fd, msg, sizeof(*msg), MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n <= 0) {
		talk_close();
		return -ENOTCONN;
	}
	if ((size_t)n < HEAD_SIZE)
		return -EBADMSG;
	if (msg->type != wanted || msg->number != question->number)
		return 0;
	return check_answer(msg, (size_t)n);
}

/* Waits for events on the socket until deadline; *mask is what to let through meanwhile. */
static int wait_socket(short events, const struct timespec *deadline, const sigset_t *mask)
{
	struct pollfd pollfd = { .fd = daemon_fd, .events = events };
	struct timespec now, left;

	if (compat_signaled())
		return -EINTR;
	clock_gettime(CLOCK_MONOTONIC, &now);
	left.tv_sec = deadline->tv_sec - now.tv_sec;
	left.tv_nsec = deadline->tv_nsec - now.tv_nsec;
	if (left.tv_nsec < 0) {
		left.tv_sec--;
		left.tv_nsec += 1000000000;
	}
	if (left.tv_sec < 0 || (!left.tv_sec && !left.tv_nsec))
		return -ETIMEDOUT;
	if (ppoll(&pollfd, 1, &left, mask) < 0 && errno != EINTR)
		return -errno;
	return 0;
}

static int ask(const struct plugin_msg *question, size_t size, const sigset_t *mask,
	struct plugin_msg *answer)
{
	struct timespec deadline;
	int rc;

	clock_gettime(CLOCK_MONOTONIC, &deadline);
	deadline.tv_sec += PLUGIN_ANSWER_TIMEOUT_S;
	while ((rc = send_now(question, size)) == -EAGAIN) {
		rc = wait_socket(POLLOUT, &deadline, mask);
		if (rc < 0)
			return rc;
	}
	if (rc < 0)
		return rc;
	while (!(rc = take_answer(question, answer))) {
		rc = wait_socket(POLLIN, &deadline, mask);
		if (rc < 0)
			return rc;
	}
	return rc;
}

/* The question is of size bytes; it gets its number here. */
static int ask_undisturbed(struct plugin_msg *question, size_t size, struct plugin_msg *ret_answer)
{
	struct plugin_msg answer = { 0 };
	sigset_t blocked, before;
	int rc;

	question->number = ++last_question;
	/* A SIGTERM between looking for one and ppoll() would otherwise be slept through. */
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGTERM);
	sigaddset(&blocked, SIGINT);
	sigprocmask(SIG_BLOCK, &blocked, &before);
	rc = ask(question, size, &before, &answer);
	sigprocmask(SIG_SETMASK, &before, NULL);
	if (rc > 0)
		*ret_answer = answer;
	explicit_bzero(&answer, sizeof(answer));
	return rc > 0 ? 0 : rc;
}

int talk_ask(enum plugin_msg_type type, const char *name, struct plugin_msg *ret_answer)
{
	struct plugin_msg question;
	size_t size = fill(&question, type, 0, name);

	return ask_undisturbed(&question, size, ret_answer);
}

int talk_ask_address(uint32_t address, const char *user, struct plugin_msg *ret_answer)
{
	struct plugin_msg question;
	int rc;

	memset(&question, 0, sizeof(question));
	question.type = PLUGIN_ASK_ADDRESS;
	question.ask.address = address;
	strlcpy(question.ask.user, user, sizeof(question.ask.user));
	rc = ask_undisturbed(&question, HEAD_SIZE + sizeof(question.ask), ret_answer);
	if (rc == 0)
		ret_answer->grant.text[sizeof(ret_answer->grant.text) - 1] = '\0';
	return rc;
}

const char *talk_failure(int rc)
{
	switch (rc) {
	case -ENOENT:
		return "unknown user";
	case -ETIMEDOUT:
		return "no answer from l2tpd";
	case -EINTR:
		return "pppd was told to end";
	case -EBADMSG:
		return "bad answer from l2tpd";
	}
	return "no connection to l2tpd";
}
