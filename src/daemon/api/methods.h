/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The methods of the control protocol (include/l2tpd/ctl.h): one row each. */
#ifndef DAEMON_API_METHODS_H
#define DAEMON_API_METHODS_H

#include "control/server.h"

/* Ends with a row of NULLs; user of each is the struct daemon. */
extern const struct ctl_method ctl_methods[];

#endif
