/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd_console.h"

#include <stdlib.h>
#include <string.h>

#include "ctl/console/console.h"
#include "ctl/console/edit.h"
#include "ctl/console/script.h"

int cmd_console(struct cli *cli, char **argv)
{
	struct console console = { .cli = cli };
	int r;

	if (cli->console) {
		cli_error("this is the console; 'load FILE [LABEL]' runs a file");
		return CLI_USAGE;
	}
	cli->console = &console;
	console.edit = !argv[0] && cli_terminal();
	if (console.edit) {
		cli_catch_interrupt();
		r = edit_run(&console);
	} else {
		bool from_stdin = !argv[0] || strcmp(argv[0], "-") == 0;

		r = script_run(&console, from_stdin ? NULL : argv[0], argv[0] ? argv[1] : NULL);
		/* a wrong line is a failure of the script, not of l2tpctl's command line */
		r = r == CLI_USAGE ? CLI_FAILED : r;
	}
	cli_error_prefix(NULL);
	cli->console = NULL;
	json_decref(console.made);
	json_decref(console.pending);
	json_decref(console.pending_lines);
	free(console.pending_why);
	free(console.link);
	return r;
}
