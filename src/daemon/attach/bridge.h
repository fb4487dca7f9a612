/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Attached to a call that carries a line (call->line): both are joined in the kernel, without pppd.
 */
#ifndef DAEMON_ATTACH_BRIDGE_H
#define DAEMON_ATTACH_BRIDGE_H

#include "daemon/call/attachment.h"

extern const struct attachment_kind attachment_bridge;

#endif
