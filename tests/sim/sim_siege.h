/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A server whose clients restart, whose lines are bad for a day, and that is attacked: see
 * unit/flood_rig.h. Each story is made of a seed; what must hold is asserted in it.
 */
#ifndef TESTS_SIM_SIEGE_H
#define TESTS_SIM_SIEGE_H

#include <stdint.h>

/* Somebody floods, in one way or another; those who come get in, those who are there stay. */
void sim_siege(uint64_t seed);
/*
 * A client loses power and says the same or something new; requests in the name of others are
 * forged. It is back soon, and nobody who answers is given up.
 */
void sim_restart(uint64_t seed);
/* A day in which nothing happens on a line that loses a fifth each way. */
void sim_idle(uint64_t seed);

#endif
