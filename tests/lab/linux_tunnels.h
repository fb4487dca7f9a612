/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tunnels and sessions of the kernel: made, used, changed, refused. */
#ifndef TESTS_LINUX_TUNNELS_H
#define TESTS_LINUX_TUNNELS_H

#include "linux/l2tp_genl.h"

void selftest_tunnels(struct l2tp_genl *genl);

#endif
