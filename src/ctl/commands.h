/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CTL_COMMANDS_H
#define CTL_COMMANDS_H

#include "cli.h"

/* The words of a command line, argv[0] aside: options and a command. An exit code. */
int commands_run(struct cli *cli, int argc, char **argv);
/* The commands, by index: words and help; false: no more. */
bool commands_row(
	size_t index, const char **ret_words, const char **ret_args, const char **ret_help);

#endif
