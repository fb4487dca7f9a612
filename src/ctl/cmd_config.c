/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd_config.h"

#include <string.h>

#include "cmd_open.h"
#include "cmd_show.h"
#include "ctl/console/console.h"
#include "ctl/console/foreign.h"
#include "links.h"

int cmd_create_link(struct cli *cli, char **argv)
{
	int r = links_create(cli, argv[0], argv[1]);

	return !r && cli->console ? console_made(cli->console, argv[0]) : r;
}

static int set_from_command_line(struct cli *cli, const char *link, char **words)
{
	json_t *line = links_words(words);
	struct ctl_reply reply;
	int r;

	if (!line)
		return CLI_FAILED;
	r = links_set(cli, link, json_pack("[o]", line), true, false, &reply);
	if (r)
		return r;
	r = cli_verdict(cli, 0, &reply);
	if (!r)
		cli->out->set(link, reply.parameters);
	ctl_reply_clear(&reply);
	return r;
}

static bool is_short_for(const char *word, const char *whole)
{
	return *word && strncmp(word, whole, strlen(word)) == 0;
}

int cmd_link(struct cli *cli, char **argv)
{
	if (!argv[0])
		return cmd_show_links(cli, argv);
	if (!argv[1])
		return cmd_show_link(cli, argv);
	if (is_short_for(argv[1], "set")) {
		const char *advice = foreign_advice(argv + 1, NULL);

		if (advice) {
			cli_error("%s", advice);
			return CLI_FAILED;
		}
		return set_from_command_line(cli, argv[0], argv + 2);
	}
	if (!argv[2] && is_short_for(argv[1], "open"))
		return cmd_open(cli, argv);
	if (!argv[2] && is_short_for(argv[1], "close"))
		return cmd_close(cli, argv);
	if (!argv[2] && is_short_for(argv[1], "show"))
		return cmd_show_link(cli, argv);
	cli_error("usage: l2tpctl link NAME set ... | link NAME open | link NAME close | "
		  "link NAME show");
	return CLI_USAGE;
}
