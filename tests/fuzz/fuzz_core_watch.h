/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a caller of the core may see, and in which order; and that its counts are true. */
#ifndef FUZZ_CORE_WATCH_H
#define FUZZ_CORE_WATCH_H

#include <stdio.h>
#include <stdlib.h>

#include <l2tp/core.h>

#define CHECK(condition)                                                                           \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);            \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

struct core_watch {
	struct l2tp_core *core;
	unsigned tunnels_down; /* seen; the fuzzer sets it back */
	bool oom;	       /* memory failed at some time: a trace may be missing */
};
extern struct core_watch core_watch;

/* A new core with the limits of fuzz_core.c. */
void watch_begin(struct l2tp_core *core);
/* An order of ours made one. */
void watch_tunnel(uint16_t tid);
void watch_session(uint16_t sid);
/* Take all effects. */
void watch_drain(void);
/* The counts that limits look at are those of the tunnels there are, and below the limits. */
void watch_counts(void);
/* Tunnels that ended for a reason that is no fault of theirs, so far. */
uint64_t watch_innocent_ends(void);
/* Everything that began has ended. */
bool watch_is_empty(void);

#endif
