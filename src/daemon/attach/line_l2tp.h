/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A call of another tunnel as a line: a tunnel switch. Attached to the call that came in. */
#ifndef DAEMON_ATTACH_LINE_L2TP_H
#define DAEMON_ATTACH_LINE_L2TP_H

#include "daemon/call/attachment.h"

extern const struct attachment_kind attachment_line;

#endif
