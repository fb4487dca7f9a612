/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The transport alone: two of them exchange numbered messages, around the wrap of Ns. */
#ifndef TESTS_SIM_XPORT_H
#define TESTS_SIM_XPORT_H

/* Over a network that loses, doubles and delays so many of 1000. */
void sim_xport(unsigned loss, unsigned dup, unsigned slow);

#endif
