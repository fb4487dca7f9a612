/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Events in the order of their time, and the network that is made of them. */
#ifndef TESTS_SIM_NET_H
#define TESTS_SIM_NET_H

#include "sim.h"

/* An event that sim.heap owns from now on, with len octets of data, all 0; events of one time
 * happen in the order they were added. */
struct event *event_add(usec_t at, enum kind kind, unsigned node, size_t len);

/* The first one; there must be one. The caller frees it. */
struct event *event_take(void);

/* A datagram that a node sends: it may get lost, come twice, late, or from a forger as well. */
void transmit(unsigned from, const struct l2tp_effect *effect);

#endif
