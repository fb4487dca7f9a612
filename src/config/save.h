/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What was set at run time goes back into the files: only the keys of links that differ, in the
 * sections where they stand, and links that were made at the end of the last file. Everything else
 * in the files stays as it is.
 */
#ifndef CONFIG_SAVE_H
#define CONFIG_SAVE_H

#include <l2tpd/config.h>

#include "base/why.h"

/*
 * file and dir as config_load() takes them. 0 and *ret_said (free it): what was changed, a line
 * each, "" if nothing was; or -errno with a sentence in why. A file is written anew beside the old
 * one and takes its place, with its owner and mode; those before it may have been written then.
 */
int config_save(const struct config *config, const char *file, const char *dir, char **ret_said,
	struct why *why);

#endif
