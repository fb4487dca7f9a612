/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The text of one file: sections, keys, values, each by its row of options.def.
 */
#ifndef CONFIG_PARSE_H
#define CONFIG_PARSE_H

#include "build.h"

/* Bytes of the longest line. */
#define CONFIG_LINE_MAX 16384

/*
 * Read the text of one file. name is what messages call it; it is copied into config->files.
 * Touches no file, so that tests and fuzzers can call it.
 */
void config_parse(struct config_build *build, const char *name, const char *text, size_t len);
/* What is wrong with a line "key = value" as such; NULL: nothing. */
const char *config_line_problem(const char *line);

#endif
