/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAEMON_LINK_LINK_H
#define DAEMON_LINK_LINK_H

#include "daemon/daemon.h"

/* One dial, from name to call; ends in link_call_up() or, after all addresses, in a redial. */
void link_dial(struct link *link);

#endif
