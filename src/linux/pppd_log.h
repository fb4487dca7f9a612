/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The words of one pppd. What goes wrong in its options is said on stderr before any plugin can
 * speak; all else goes to its "logfd", which is stdout and then stderr (pppd_call_head). So one
 * pipe has it all, a line a message.
 */
#ifndef LINUX_PPPD_LOG_H
#define LINUX_PPPD_LOG_H

#include <stdbool.h>
#include <stddef.h>

/* pppd's own limit for a line is 1023; what is longer than this is cut. */
#define PPPD_LOG_LINE 512

/* The beginning of a line whose end has not come yet; start with all zero. */
struct pppd_log {
	char *begun;
	size_t len;
	bool skip; /* the rest of a line that was cut */
};

/*
 * A pipe: fds[0] for us, fds[1] for pppd. Neither end ever waits: a pppd whose words
 * nobody reads stops saying them, and goes on. Both are closed on exec. 0 or -errno.
 */
int pppd_log_pipe(int fds[2]);

/*
 * The next line from fd, without its newline, without "pppd: " and the name of the options file in
 * front, control characters replaced; other bytes are as pppd wrote them. 1: *line is it; 0: no
 * whole line is there yet; -EPIPE: there never will be one again; else -errno. Reads at most some
 * hundred bytes a call, so the caller decides how many of them to take in one turn.
 */
int pppd_log_next(struct pppd_log *log, int fd, char line[PPPD_LOG_LINE]);
void pppd_log_clear(struct pppd_log *log);

/* A line of trouble, not one that every call has or that tells of what went well. */
bool pppd_log_is_complaint(const char *line);

#endif
