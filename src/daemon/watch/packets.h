/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Control messages in words for those who monitor them, hidden attributes included. */
#ifndef DAEMON_WATCH_PACKETS_H
#define DAEMON_WATCH_PACKETS_H

#include "daemon/tap.h"

extern const struct tap packets_tap;

#endif
