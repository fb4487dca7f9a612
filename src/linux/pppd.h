/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pppd as a child: its options in one memfd, no secret in argv, clean descriptors.
 */
#ifndef LINUX_PPPD_H
#define LINUX_PPPD_H

#include <stdbool.h>
#include <sys/types.h>

#include "pppd_options.h"

/* Descriptors as the child has them. */
#define PPPD_CHANNEL_FD 3 /* PPPoX socket */
#define PPPD_OPTIONS_FD 4 /* memfd */
#define PPPD_EVENT_FD	5 /* SOCK_SEQPACKET to the daemon, for the plugin */

/*
 * The first lines of the options file of a call: the two sockets, and where words go. What is in
 * /etc/ppp/options about them counts less. After "pppol2tp" pppd does not know the words of a
 * serial line any more ("lock", "crtscts", "modem", "local" and their contraries): they are errors
 * then.
 */
extern const char *const pppd_call_head;

struct pppd_start {
	const char *program;
	const struct pppd_plugins *plugins;
	/* All stay the caller's. -1: the child has /dev/null there. */
	int channel_fd;
	int options_fd; /* pppd_options_file() */
	int event_fd;
	int log_fd; /* the child's stdout and stderr; pppd_log.h */
	int nice;   /* added to the caller's nice level; up to 19 in all */
	bool waits; /* a ready-made pppd (pppd_ready.h): channel_fd is where orders come from */
};

/*
 * Start "pppd plugin ... file /proc/self/fd/4" in a process group of its own, with default signals,
 * stdin on /dev/null, a PATH-only environment, and the descriptors above; all others are closed in
 * it. Holds the calling thread until the child has exec'd, hundreds of milliseconds
 * on a busy machine. 0 or -errno; -ENOENT, -EACCES: no such program.
 */
int pppd_exec(const struct pppd_start *start, pid_t *ret_pid);

/* pppd(8) EXIT STATUS, those that something is made of; all in words: base/reasons.h */
#define PPPD_EXIT_OPTIONS      2
#define PPPD_EXIT_NEGOTIATION  10
#define PPPD_EXIT_PEER_AUTH    11
#define PPPD_EXIT_IDLE	       12
#define PPPD_EXIT_CONNECT_TIME 13
#define PPPD_EXIT_PEER_DEAD    15
#define PPPD_EXIT_LOOPBACK     17
#define PPPD_EXIT_OWN_AUTH     19
#define PPPD_EXIT_TRAFFIC      20

#endif
