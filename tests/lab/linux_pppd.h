/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two real pppds over all of it. */
#ifndef TESTS_LINUX_PPPD_H
#define TESTS_LINUX_PPPD_H

#include <stdbool.h>

#include "linux/l2tp_genl.h"

/* drains: asking for the channel loses no frames on this kernel. */
void selftest_pppd(struct l2tp_genl *genl, bool drains);

#endif
