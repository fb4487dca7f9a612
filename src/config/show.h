/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CONFIG_SHOW_H
#define CONFIG_SHOW_H

#include <l2tpd/config.h>

/*
 * The configuration as a file that loads to the same, malloc'ed: everything that is not the
 * default, secrets as ****** (which loading refuses). 0 or -ENOMEM.
 */
int config_show(const struct config *config, char **ret);

#endif
