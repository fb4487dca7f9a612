/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What peers ask for, tunnels and calls, is taken by a link or refused. */
#ifndef DAEMON_LINK_ANSWER_H
#define DAEMON_LINK_ANSWER_H

#include "daemon/input.h"

extern const struct policy answer_policy;

#endif
