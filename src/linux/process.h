/* SPDX-License-Identifier: GPL-2.0-or-later */
/* This process and its machine: what a daemon asks for once, and the small calls of every day. */
#ifndef LINUX_PROCESS_H
#define LINUX_PROCESS_H

#include <stddef.h>
#include <stdint.h>
#include <time.h>

/*
 * Secrets are in memory: no core dump, no ptrace by others of our uid. As many descriptors as the
 * hard limit allows (RLIMIT_NOFILE).
 */
void process_harden(void);
/* Block signals (a list that ends with 0) and SIGCHLD, for sd-event; ignore SIGPIPE. */
void process_block_signals(const int *signals);
/* gethostname(2), "localhost" if there is none. size > 1. */
void process_hostname(char *ret, size_t size);
/* Unpredictable bytes (getrandom(2)). Aborts where there is no randomness. */
void process_random(void *buf, size_t len);
/* Seconds since 1970 (CLOCK_REALTIME), for people; the loop lives by CLOCK_BOOTTIME. */
int64_t process_wall_clock(void);
/* The same to the nanosecond. */
void process_wall_time(struct timespec *ret);
/* How many processors this process may use (sched_getaffinity(2)). */
unsigned process_cpus(void);
/* How many descriptors this process may have (RLIMIT_NOFILE). */
unsigned process_files(void);
/*
 * How many processes and threads may be here: pids.max of our cgroup (systemd's TasksMax), and
 * RLIMIT_NPROC, which does not count for root. UINT_MAX: no limit is known.
 */
unsigned process_tasks(void);
/*
 * sd_notify(3) that never waits: the manager may be slow, and what it did not get is told again
 * soon. Nothing happens without a manager.
 */
void process_notify(const char *state);
/* getpid(2) */
int process_id(void);
/* close(2); -1 is allowed. */
void process_close(int fd);

#endif
