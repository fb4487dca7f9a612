/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pppd as a child: its options in one memfd, nothing in argv, clean descriptors. Errors are -errno.
 */
#ifndef LINUX_PPPD_H
#define LINUX_PPPD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Descriptors as the child has them. */
#define PPPD_CHANNEL_FD 3 /* PPPoX socket */
#define PPPD_OPTIONS_FD 4 /* memfd */
#define PPPD_EVENT_FD	5 /* SOCK_SEQPACKET to the daemon, for the plugin */

/* An options file under construction; start with all zero. The first error sticks. */
struct pppd_options {
	char *text;
	size_t len, size;
	int error;
};

/* A line as it is ("noauth"); a newline or control character in it is -EINVAL. */
void pppd_options_add(struct pppd_options *options, const char *line);
/*
 * keyword and one value, quoted by the rules of pppd's getword() so that any text survives; -EINVAL
 * for control characters, -E2BIG for more than the 1023 bytes that pppd reads.
 */
void pppd_options_add_value(struct pppd_options *options, const char *keyword, const char *value);
/* printf form of add(), for values that need no quotes. */
void pppd_options_addf(struct pppd_options *options, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* Wipes and frees the text. */
void pppd_options_clear(struct pppd_options *options);

/*
 * Start "pppd file /proc/self/fd/4" in a session of its own, with default signals, stdio on
 * /dev/null, PATH-only environment, and the three descriptors above; all others are closed in it.
 * The caller keeps (and should close) channel_fd and event_fd. -ENOENT, -EACCES: no such program.
 */
int pppd_spawn(const char *program, const struct pppd_options *options, int channel_fd,
	int event_fd, pid_t *ret_pid);

/* pppd(8) EXIT STATUS, those that something is made of; all in words: base/reasons.h */
#define PPPD_EXIT_NEGOTIATION  10
#define PPPD_EXIT_PEER_AUTH    11
#define PPPD_EXIT_IDLE	       12
#define PPPD_EXIT_CONNECT_TIME 13
#define PPPD_EXIT_PEER_DEAD    15
#define PPPD_EXIT_LOOPBACK     17
#define PPPD_EXIT_OWN_AUTH     19
#define PPPD_EXIT_TRAFFIC      20

#endif
