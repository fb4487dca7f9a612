/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <locale.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <l2tpd/ctl.h>

#include "commands.h"
#include "ctl/out/out_text.h"

/* There may be a secret in what is sent. */
static void wiping_free(void *p)
{
	if (p)
		explicit_bzero(p, malloc_usable_size(p));
	free(p);
}

int main(int argc, char **argv)
{
	struct cli cli = {
		.socket = CTL_DEFAULT_SOCKET,
		.out = &out_text,
		.run = commands_run,
		.row = commands_row,
	};
	int code;

	setlocale(LC_CTYPE, "");
	/* a reader that has enough ("| head") ends us without a word */
	signal(SIGPIPE, SIG_IGN);
	json_set_alloc_funcs(malloc, wiping_free);
	code = commands_run(&cli, argc, argv);
	ctl_client_free(cli.client);
	errno = EIO; /* if what failed was an earlier write */
	if ((fflush(stdout) != 0 || ferror(stdout)) && code == CLI_DONE && !cli_stdout_closed()) {
		cli_error("cannot write: %s", strerror(errno));
		code = CLI_FAILED;
	}
	return code;
}
