/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Values of the fields that the rows of options.def stand for. "object" is the struct that a
 * section is kept in: config_link, config_ppp or config_daemon.
 */
#ifndef CONFIG_OPTION_SET_H
#define CONFIG_OPTION_SET_H

#include "option.h"
#include "option_text.h"

/*
 * Set the field from text; a list gets one more line (option_reset first to replace it). The old
 * value is freed, a secret is wiped. 0; -EINVAL with error = "key: what is wrong" and the field
 * untouched; -ENOMEM likewise. A secret does not get into error.
 */
int option_set(const struct option *option, void *object, const char *text,
	char error[static OPTION_ERROR_LEN]);
/* Back to the default. The object must be all zero or have been through here. 0 or -ENOMEM. */
int option_reset(const struct option *option, void *object);
/* All fields of a section to their defaults. 0 or -ENOMEM. */
int option_reset_all(enum option_section section, void *object);
/* Free what fields hold, wiping it; they are zero then. */
void option_clear(const struct option *option, void *object);
void option_clear_all(enum option_section section, void *object);
/* The values of another object of the section. 0, or -ENOMEM, and some are copied. */
int option_copy_all(enum option_section section, void *object, const void *from);
/*
 * The value as option_set takes it, malloc'ed; a secret that is set as ******. index counts the
 * items of a list, -ENOENT says that there is no such; everything else has index 0 only, and is ""
 * if nothing is set. -ENOMEM.
 */
int option_format(const struct option *option, const void *object, size_t index, char **ret);

#endif
