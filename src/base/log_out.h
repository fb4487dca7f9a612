/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the lines of the log go: stderr, without ever waiting for who reads it. A reader that
 * stands still (a stopped pager, a journal that is stuck, a full disk) costs lines, which are
 * counted; it stops nothing.
 */
#ifndef BASE_LOG_OUT_H
#define BASE_LOG_OUT_H

#include <stddef.h>

struct log_out {
	int fd; /* as it was opened for us */
	/*
	 * How fd is written to. A pipe and a terminal are opened anew for that, since O_NONBLOCK
	 * belongs to the open file, which others share.
	 */
	enum { LOG_OUT_WRITE, LOG_OUT_SEND, LOG_OUT_ASK } way;
	unsigned long lost; /* lines since the last that was written */
	int broken_line;    /* the last write got only a part of one out */
};

/* out for a descriptor, which stays the caller's. */
void log_out_open(struct log_out *out, int fd);
/* What log_out_open() opened itself. */
void log_out_close(struct log_out *out, int fd);
/*
 * Write line (len bytes, with its newline; level as "<4>" in front or ""), after one that says how
 * many were lost, if any were. Never waits; a line that does not go out is lost.
 */
void log_out_line(struct log_out *out, const char *level, const char *line, size_t len);

#endif
