/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The daemon's end of a pppd that runs: its socket, signals, what it leaves. Errors are -errno. */
#ifndef LINUX_PPPD_PROCESS_H
#define LINUX_PPPD_PROCESS_H

#include <stddef.h>
#include <sys/types.h>

/* A pair of connected SOCK_SEQPACKET sockets, non-blocking: ours, and the one of pppd's plugin. */
int pppd_socket(int *ret_ours, int *ret_pppds);
/*
 * One message of the plugin (include/l2tpd/plugin.h). Its length; -EAGAIN: none waits; 0 or another
 * -errno: the other end is closed.
 */
ssize_t pppd_receive(int fd, void *buf, size_t size);
/* Answer it; never waits. */
int pppd_send(int fd, const void *buf, size_t len);

/* SIGTERM: PPP says goodbye; SIGKILL. pid is not reaped yet, so it is still its own. */
void pppd_terminate(pid_t pid);
void pppd_kill(pid_t pid);
/* Kill it and wait for its end: for a child that nobody could watch. */
void pppd_kill_and_reap(pid_t pid);
/* Remove /run/IFNAME.pid of a pppd that was killed, if it is its own. ifname may be "". */
void pppd_remove_pid_file(const char *ifname, pid_t pid);

#endif
