/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "log_out.h"

#define JOURNAL_SOCKET "/run/systemd/journal/socket"

static int max_level = LOG_INFO;
static bool journal, is_open;
static struct log_out out;

void log_set_level(int level)
{
	max_level = level;
}

void log_init(void)
{
	/* systemd.exec(5): JOURNAL_STREAM is "device:inode" of the stream it connected stderr to */
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long dev, ino;
	struct stat st;

	journal = stream && sscanf(stream, "%lu:%lu", &dev, &ino) == 2 &&
		  fstat(STDERR_FILENO, &st) == 0 && st.st_dev == dev && st.st_ino == ino;
	log_out_open(&out, STDERR_FILENO);
	is_open = true;
	if (journal)
		log_to_journal(JOURNAL_SOCKET);
}

bool log_may(struct log_limit *limit, uint64_t now, bool *ret_last)
{
	unsigned burst = limit->burst ? limit->burst : LOG_LIMIT_BURST;

	if (!limit->since || now - limit->since >= LOG_LIMIT_INTERVAL) {
		limit->since = now;
		limit->count = 0;
	}
	if (limit->count >= burst) {
		limit->unsaid++;
		return false;
	}
	*ret_last = ++limit->count == burst;
	return true;
}

unsigned log_unsaid(struct log_limit *limit, uint64_t now)
{
	unsigned unsaid = limit->unsaid;

	if (!unsaid || now - limit->since < LOG_LIMIT_INTERVAL)
		return 0;
	limit->unsaid = 0;
	return unsaid;
}

/* --- the journal --- */

static struct sockaddr_un journal_socket;
static int journal_fd = -1;

void log_to_journal(const char *path)
{
	if (strlen(path) >= sizeof(journal_socket.sun_path))
		return;
	journal_socket.sun_family = AF_UNIX;
	strcpy(journal_socket.sun_path, path);
	if (journal_fd < 0)
		journal_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	is_open = true;
}

static void put_text(FILE *to, const char *field, const char *text)
{
	if (text && *text && !strchr(text, '\n'))
		fprintf(to, "%s=%s\n", field, text);
}

static void put_number(FILE *to, const char *field, unsigned number)
{
	if (number)
		fprintf(to, "%s=%u\n", field, number);
}

/* systemd's native protocol: a field a line. False: it did not take it. */
static bool send_fields(int level, const struct log_about *about, const char *message)
{
	char text[4096];
	FILE *to = strchr(message, '\n') ? NULL : fmemopen(text, sizeof(text), "w");
	long len;

	if (!to)
		return false;
	fprintf(to, "MESSAGE=%s\nPRIORITY=%d\nSYSLOG_IDENTIFIER=l2tpd\n", message, level);
	put_text(to, "LINK", about->link);
	put_text(to, "USER", about->user);
	put_text(to, "PEER", about->peer);
	put_number(to, "TUNNEL", about->tunnel);
	put_number(to, "SESSION", about->session);
	len = ftell(to);
	fclose(to);
	return len > 0 && (size_t)len < sizeof(text) &&
	       sendto(journal_fd, text, (size_t)len, MSG_NOSIGNAL,
		       (struct sockaddr *)&journal_socket, sizeof(journal_socket)) == len;
}

/* --- writing --- */

static void write_line(int level, const struct log_about *about, const char *fmt, va_list ap)
{
	int saved_errno = errno;
	char line[2048];
	size_t len = 0;
	int n;

	if (!is_open)
		log_init();
	if (journal)
		len = (size_t)snprintf(line, sizeof(line), "<%d>", level);
	errno = saved_errno;
	n = vsnprintf(line + len, sizeof(line) - len - 1, fmt, ap);
	if (n < 0)
		return;
	if (journal_fd >= 0 && about && send_fields(level, about, line + len)) {
		errno = saved_errno;
		return;
	}
	len += (size_t)n;
	if (len > sizeof(line) - 2)
		len = sizeof(line) - 2;
	line[len++] = '\n';
	log_out_line(&out, journal ? "<4>" : "", line, len);
	errno = saved_errno;
}

void log_write(int level, const char *fmt, ...)
{
	va_list ap;

	if (level > max_level)
		return;
	va_start(ap, fmt);
	write_line(level, NULL, fmt, ap);
	va_end(ap);
}

void log_write_about(int level, const struct log_about *about, const char *fmt, ...)
{
	va_list ap;

	if (level > max_level)
		return;
	va_start(ap, fmt);
	write_line(level, about, fmt, ap);
	va_end(ap);
}
