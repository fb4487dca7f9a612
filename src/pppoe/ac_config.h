/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PPPOE_AC_CONFIG_H
#define PPPOE_AC_CONFIG_H

#include "discovery.h"

/* A copy with defaults in place of zeros, and all its strings; NULL when out of memory. */
struct pppoe_config *pppoe_config_copy(const struct pppoe_config *config);
/* Of such a copy; NULL is allowed. */
void pppoe_config_free(struct pppoe_config *copy);

#endif
