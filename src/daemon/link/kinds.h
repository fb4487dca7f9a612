/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which path and which attachment a call gets: the one place that knows all kinds. */
#ifndef DAEMON_LINK_KINDS_H
#define DAEMON_LINK_KINDS_H

#include "daemon/call/call.h"

/* By call->line and the configuration of its link. */
void kinds_choose(struct call *call);

#endif
