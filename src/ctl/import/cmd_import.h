/* SPDX-License-Identifier: GPL-2.0-or-later */
/* "import ...": the command line, the files that it names, where the output may go. */
#ifndef CTL_IMPORT_CMD_IMPORT_H
#define CTL_IMPORT_CMD_IMPORT_H

#include "ctl/cli.h"

/* argv are the words after "import", at least two; asks no daemon. An exit code. */
int cmd_import(struct cli *cli, char **argv);

#endif
