/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One end of the reliable transport; the test is its clock and the other end. */
#ifndef TESTS_XPORT_RIG_H
#define TESTS_XPORT_RIG_H

#include "core_rig.h"
#include "xport.h"

/* cmocka's set-up and tear-down: *state is a transport that has said nothing yet. */
int xport_setup(void **state);
int xport_teardown(void **state);

/* What the transport is made with. */
extern const struct xport_params xport_defaults;

uint16_t get16(const uint8_t *at);

/* As if it had run for so long. */
void start_at(struct xport *x, uint16_t ns, uint16_t nr);

/* So many messages to send. */
void push(struct xport *x, unsigned count);
/* Send all that may be sent; how many. */
unsigned sent(struct xport *x, usec_t now);

/* A ZLB, or a message with that number, of the other end. */
enum xport_rx ack(struct xport *x, usec_t now, uint16_t nr);
enum xport_rx message(struct xport *x, uint16_t ns);

#endif
