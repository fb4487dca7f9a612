/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What cannot be seen in one line: what is missing, and what does not go together.
 */
#ifndef CONFIG_CHECK_H
#define CONFIG_CHECK_H

#include "build.h"

/* All that was read. */
void config_check(struct config_build *build);
/* One link, which build->config need not have; places tells what is set. */
void config_check_link(
	struct config_build *build, struct config_link *link, const struct config_places *places);

#endif
