/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The daemon's log: stderr, one line a message; with journal levels ("<4>") when the journal reads
 * it. Secrets never come here; text from peers is made printable by the writer of the message.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>
#include <stdint.h>
#include <syslog.h>

/* Messages above this level (LOG_*) are not written. Default LOG_INFO. */
void log_set_level(int level);
/* Finds out what stderr is; done by the first message otherwise. */
void log_init(void);
/* Never waits for who reads it (log_out.h). %m works: errno is kept. */
void log_write(int level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* What a message is about, for the journal's fields LINK, TUNNEL, SESSION, USER, PEER; "", 0:
 * nothing. */
struct log_about {
	const char *link, *user, *peer; /* printable, one line */
	unsigned tunnel, session;
};
/* The same with fields where the journal reads it, and without anywhere else. about NULL: none. */
void log_write_about(int level, const struct log_about *about, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* Messages go to the journal's socket at path, with their fields, if that is there; for tests. */
void log_to_journal(const char *path);

/* Messages that a stranger can cause: at most so many of them in LOG_LIMIT_INTERVAL. */
#define LOG_LIMIT_BURST	   10u
#define LOG_LIMIT_INTERVAL 60000000u /* microseconds */
struct log_limit {
	unsigned burst; /* 0: LOG_LIMIT_BURST */
	unsigned count, unsaid;
	uint64_t since;
};
/*
 * May one more be written at now (microseconds)? The last one that may should say that more are not
 * (*ret_last). Start with all zero but burst.
 */
bool log_may(struct log_limit *limit, uint64_t now, bool *ret_last);
/* When the interval is over: how many were not written in it, told once. Else 0. */
unsigned log_unsaid(struct log_limit *limit, uint64_t now);

#define log_error(...)	 log_write(LOG_ERR, __VA_ARGS__)
#define log_warning(...) log_write(LOG_WARNING, __VA_ARGS__)
#define log_notice(...)	 log_write(LOG_NOTICE, __VA_ARGS__)
#define log_info(...)	 log_write(LOG_INFO, __VA_ARGS__)
#define log_debug(...)	 log_write(LOG_DEBUG, __VA_ARGS__)

#endif
