/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The caller of each core: hands it what happens, and does what its effects ask for. */
#ifndef TESTS_SIM_CALLER_H
#define TESTS_SIM_CALLER_H

#include "sim.h"

/* Why a script ends a call or tunnel. */
extern const struct l2tp_reason hang_up;

/* Takes, checks and obeys all effects of a node's core. */
void drain(unsigned n);

/* Lets events happen and deadlines pass up to that time, which is the time afterwards. */
void run_until(usec_t end);

#endif
