/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Challenges that we send (RFC 2661 5.1.1): half of one is random, the other half says, to us
 * only, that it is ours. A peer without the secret could open a tunnel to us just to have the
 * challenge answered that we sent it in another one, and every request is asked for that.
 */
#ifndef PROTO_CHALLENGE_H
#define PROTO_CHALLENGE_H

#include "core_priv.h"

#define CHALLENGE_LEN 16

void challenge_make(const struct l2tp_core *core, uint8_t ret[static CHALLENGE_LEN]);
bool challenge_is_ours(const struct l2tp_core *core, struct l2tp_span challenge);

#endif
