/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * RFC 5515 4: a LAC tells changes of a call's speed (CSUN), a LNS asks for it (CSURQ). Both
 * messages may name many calls of the tunnel, belong to no state machine, and cost nobody a call.
 */
#ifndef PROTO_SESSION_SPEED_H
#define PROTO_SESSION_SPEED_H

#include "session.h"

/* A CSUN or CSURQ arrived on t. What it says of calls it cannot be about is passed over. */
void session_speed_input(struct l2tp_core *core, struct tunnel *t, const struct l2tp_msg *msg);
/* As LAC, the speeds in bit/s. */
void session_speed_send(struct l2tp_core *core, struct session *s, uint32_t tx, uint32_t rx);
/* As LNS. */
void session_speed_ask(struct l2tp_core *core, struct session *s);

#endif
