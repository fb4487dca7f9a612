/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A ready-made pppd: one that has loaded its plugins and waits for orders (include/l2tpd/zygote.h).
 * Its copies cost neither exec nor linking and share its memory. It has to be of use only: whatever
 * is strange about it is an error here, and the caller starts pppd as ever (pppd.h).
 *
 * These functions wait; pppd_starter.h has a thread for them. That thread is the parent of the
 * ready-made pppd and of its copies for the kernel: if it ends they are told as if the daemon had
 * died (PR_SET_PDEATHSIG).
 */
#ifndef LINUX_PPPD_READY_H
#define LINUX_PPPD_READY_H

#include <stdbool.h>
#include <stddef.h>

#include "pppd.h"

struct pppd_ready;

/*
 * Starts one; it is not waited for. stop_fd (the caller's, -1: none): once it is readable, no
 * function waits for it any longer, as if the time were over. 0 or -errno of pppd_exec().
 */
int pppd_ready_new(const char *program, const struct pppd_plugins *plugins, int stop_fd,
	struct pppd_ready **ret);
/* Kills it, not its copies, and reaps it. */
void pppd_ready_free(struct pppd_ready *ready);

/* Readable: look at it with pppd_ready_is_alive(). */
int pppd_ready_fd(const struct pppd_ready *ready);
/* Does it still wait? false: *text says what became of it. */
bool pppd_ready_is_alive(struct pppd_ready *ready, char *text, size_t size);
/* Would one started now be the same? Its program, plugins with a path, pppd's own option files. */
bool pppd_ready_is_current(const struct pppd_ready *ready);

/*
 * One copy, with all descriptors of start (which stay the caller's; program and plugins are not
 * looked at). Waits at most limit_ms for each of: the pppd is ready, it has answered, it has died.
 *
 * 0: *ret_pid is a child of this process, not reaped, perhaps dead already.
 * -errno: no copy lives, so the call may be started in another way; is_alive() tells whether this
 * ready-made pppd is of use still.
 * -EBADE: a copy may live that we cannot name; nothing may be started on the same channel.
 */
int pppd_ready_order(
	struct pppd_ready *ready, const struct pppd_start *start, int limit_ms, pid_t *ret_pid);

#endif
