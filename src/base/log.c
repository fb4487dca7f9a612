/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log_out.h"

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

void log_write(int level, const char *fmt, ...)
{
	int saved_errno = errno;
	char line[2048];
	size_t len = 0;
	va_list ap;
	int n;

	if (level > max_level)
		return;
	if (journal)
		len = (size_t)snprintf(line, sizeof(line), "<%d>", level);
	va_start(ap, fmt);
	errno = saved_errno;
	n = vsnprintf(line + len, sizeof(line) - len - 1, fmt, ap);
	va_end(ap);
	if (n < 0)
		return;
	len += (size_t)n;
	if (len > sizeof(line) - 2)
		len = sizeof(line) - 2;
	line[len++] = '\n';
	if (!is_open)
		log_init();
	log_out_line(&out, journal ? "<4>" : "", line, len);
	errno = saved_errno;
}
