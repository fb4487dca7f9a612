/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The files that a configuration names, opened as a call would. */
#ifndef CONFIG_CHECK_FILES_H
#define CONFIG_CHECK_FILES_H

#include "build.h"

/*
 * Each that cannot be used, or has something in it that cannot, is an error of build, with the
 * remedy. Also what users say of addresses, against each other and the pools.
 */
void config_check_files(struct config_build *build);

#endif
