/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Values that are lists of words, and those that name other sections. */
#ifndef CONFIG_OPTION_LIST_H
#define CONFIG_OPTION_LIST_H

#include "option_text.h"
#include "option_value.h"

/* Rows of option_ops, see there. */
int option_words_parse(const struct option *option, void *object, const char *text,
	char error[static OPTION_ERROR_LEN]);
/* One that names no way of logging in is an error. */
int option_nets_parse(const struct option *option, void *object, const char *text,
	char error[static OPTION_ERROR_LEN]);
int option_methods_parse(const struct option *option, void *object, const char *text,
	char error[static OPTION_ERROR_LEN]);
void option_words_clear(const struct option *option, void *object);
int option_words_copy(const struct option *option, void *object, const void *from);
int option_words_format(const struct option *option, const void *object, size_t index, char **ret);
int option_methods_format(
	const struct option *option, const void *object, size_t index, char **ret);

int option_source_parse(const struct option *option, void *object, const char *text,
	char error[static OPTION_ERROR_LEN]);
void option_source_clear(const struct option *option, void *object);
int option_source_copy(const struct option *option, void *object, const void *from);
int option_source_format(const struct option *option, const void *object, size_t index, char **ret);

int option_targets_parse(const struct option *option, void *object, const char *text,
	char error[static OPTION_ERROR_LEN]);
void option_targets_clear(const struct option *option, void *object);
int option_targets_copy(const struct option *option, void *object, const void *from);
int option_targets_format(
	const struct option *option, const void *object, size_t index, char **ret);

#endif
