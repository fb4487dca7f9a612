/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is missing or does not go together in [pppoe], [serial] and [forward]. */
#ifndef CONFIG_CHECK_FORWARD_H
#define CONFIG_CHECK_FORWARD_H

#include "build.h"

void config_check_forwards(struct config_build *build);

#endif
