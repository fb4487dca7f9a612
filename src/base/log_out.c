/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "log_out.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

void log_out_open(struct log_out *out, int fd)
{
	char path[40];
	struct stat st;
	int own;

	*out = (struct log_out){ .fd = fd, .way = LOG_OUT_ASK };
	if (fstat(fd, &st) < 0)
		return;
	if (S_ISSOCK(st.st_mode)) {
		out->way = LOG_OUT_SEND;
		return;
	}
	if (!S_ISFIFO(st.st_mode) && !S_ISCHR(st.st_mode)) {
		out->way = LOG_OUT_WRITE; /* a file: there is nobody to wait for */
		return;
	}
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	own = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	if (own < 0)
		return; /* no /proc, or it is another user's: asked before each line */
	out->fd = own;
	out->way = LOG_OUT_WRITE;
}

void log_out_close(struct log_out *out, int fd)
{
	if (out->fd != fd)
		close(out->fd);
	out->fd = fd;
}

static ssize_t put(const struct log_out *out, const char *text, size_t len)
{
	struct pollfd room = { .fd = out->fd, .events = POLLOUT };

	switch (out->way) {
	case LOG_OUT_SEND:
		return send(out->fd, text, len, MSG_DONTWAIT | MSG_NOSIGNAL);
	case LOG_OUT_ASK:
		if (poll(&room, 1, 0) <= 0)
			return -1;
		/* fall through */
	case LOG_OUT_WRITE:
		break;
	}
	return write(out->fd, text, len);
}

/* One write a line: those of several processes on one stderr do not mix. */
static bool put_line(struct log_out *out, const char *text, size_t len)
{
	ssize_t n;

	if (out->broken_line && put(out, "\n", 1) != 1)
		return false;
	n = put(out, text, len);
	out->broken_line = n > 0 && (size_t)n < len;
	return n > 0 && (size_t)n == len;
}

static bool tell_lost(struct log_out *out, const char *level)
{
	char text[120];
	int n;

	if (!out->lost)
		return true;
	n = snprintf(text, sizeof(text),
		"%s%lu lines of this log were lost: they could not be "
		"written without waiting\n",
		level, out->lost);
	if (!put_line(out, text, (size_t)n))
		return false;
	out->lost = 0;
	return true;
}

void log_out_line(struct log_out *out, const char *level, const char *line, size_t len)
{
	if (!tell_lost(out, level) || !put_line(out, line, len))
		out->lost++;
}
