/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sd-event in virtual time: the functions of libsystemd that the daemon and its control server use,
 * linked in place of the library's. Descriptors are real and polled; the clock moves only when it
 * is told to; children end when a test says so.
 */
#ifndef RIG_FAKE_EVENT_H
#define RIG_FAKE_EVENT_H

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>
#include <systemd/sd-event.h>

#include <l2tp/types.h>

/* The clock of all loops. */
extern usec_t fake_now;
/* Every n-th call that makes a source fails with -ENOMEM; 0: none does. */
extern unsigned fake_event_fail_every;

/*
 * The longest turn so far: what the system calls of one handler, and of what follows it, would have
 * taken (fake_charge()). Others wait for so long.
 */
extern usec_t fake_longest;

/* Dispatch one source that is ready now; false: none is. */
bool fake_event_step(sd_event *event);
/* When the next timer is due; USEC_INFINITY: there is none. */
usec_t fake_event_next(const sd_event *event);
/* A handler called sd_event_exit(): *ret_code is with what. */
bool fake_event_exited(const sd_event *event, int *ret_code);
/* The child ended; its handler runs with the next step. False: nobody watches it. */
bool fake_event_child(sd_event *event, pid_t pid, int code, int status);
/* Somebody watches this child. */
bool fake_event_has_child(const sd_event *event, pid_t pid);
/* It ended, and its handler has not run yet. */
bool fake_event_child_waits(const sd_event *event, pid_t pid);
/* Sources that exist: a leak shows here. */
unsigned fake_event_sources(const sd_event *event);

#endif
