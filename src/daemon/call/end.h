/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Why a call ended: what the peer is told, what people are told. */
#ifndef DAEMON_CALL_END_H
#define DAEMON_CALL_END_H

#include "call.h"

/* What a peer is told of an end that we ordered for this reason (RFC 3145: by the administrator).
 */
struct l2tp_reason end_ordered(const struct l2tp_reason *reason);
/* Everything that is known about the end of the call, in one sentence. */
struct outcome *end_describe(const struct call *call);

#endif
