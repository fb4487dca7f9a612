/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAEMON_CALL_PATH_KERNEL_H
#define DAEMON_CALL_PATH_KERNEL_H

#include "path.h"

/* The kernel carries every data packet: a session of the tunnel's kernel object. */
extern const struct path_kind path_kernel;

#endif
