/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the two simulations share: chance, which a seed determines, and failure, which names the
 * seed.
 */
#ifndef TESTS_SIM_H
#define TESTS_SIM_H

#include <stdbool.h>
#include <stdint.h>

#include <l2tp/types.h>

#define SEC   USEC_PER_SEC
#define MSEC  USEC_PER_MSEC
#define NODES 2

/* A number below limit; true in so many of 1000 cases. */
uint64_t below(uint64_t limit);
bool chance(unsigned per_mille);
uint64_t sim_draw(uint64_t *state);
void fail(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

#define CHECK(condition, ...)                                                                      \
	do {                                                                                       \
		if (!(condition))                                                                  \
			fail(__VA_ARGS__);                                                         \
	} while (0)

/* The transport alone, over a network that loses, doubles and delays so many of 1000. */
void sim_xport(unsigned loss, unsigned dup, unsigned slow);

#endif
