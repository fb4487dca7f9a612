/* SPDX-License-Identifier: GPL-2.0-or-later */
/* link NAME set, create link: options at run time */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <l2tpd/ctl.h>

#include "cli.h"
#include "ctl/console/console.h"

json_t *cli_words(char **words)
{
	json_t *array = json_array();

	for (; *words; words++) {
		json_t *word = json_string(*words);

		if (!word) {
			cli_error("\"%s\" is not UTF-8 text", *words);
			json_decref(array);
			return NULL;
		}
		json_array_append_new(array, word);
	}
	return array;
}

int cli_link_get(struct cli *cli, const char *name, json_t **ret)
{
	struct ctl_reply reply;
	json_t *links, *link;
	size_t i;
	int r = cli_call(cli, CTL_LIST_LINKS, NULL, &reply);

	if (r)
		return r;
	links = json_object_get(reply.parameters, "links");
	*ret = NULL;
	json_array_foreach (links, i, link) {
		const char *other = json_string_value(json_object_get(link, "name"));

		if (!*ret && other && strcmp(other, name) == 0)
			*ret = json_incref(link);
	}
	ctl_reply_clear(&reply);
	return CLI_DONE;
}

int cli_link_exists(struct cli *cli, const char *name, bool *ret)
{
	json_t *link;
	int r = cli_link_get(cli, name, &link);

	if (r)
		return r;
	*ret = link != NULL;
	json_decref(link);
	return CLI_DONE;
}

int cli_create_link(struct cli *cli, const char *name, const char *type)
{
	json_t *params = json_pack("{s:s, s:s}", "link", name, "type", type);
	struct ctl_reply reply;
	int r;

	if (!params) {
		cli_error("\"%s\" is not UTF-8 text", name);
		return CLI_FAILED;
	}
	r = cli_call(cli, CTL_CREATE_LINK, params, &reply);
	if (r)
		return r;
	cli->out->created(name, reply.parameters);
	ctl_reply_clear(&reply);
	return CLI_DONE;
}

int cmd_create_link(struct cli *cli, char **argv)
{
	int r = cli_create_link(cli, argv[0], argv[1]);

	return !r && cli->console ? console_made(cli->console, argv[0]) : r;
}

/* The secret that a line lacks: one word more, or in place of "-". False: there is none. */
static bool add_secret(json_t *line, bool script_on_stdin)
{
	size_t last = json_array_size(line) - 1;
	const char *word = json_string_value(json_array_get(line, last));
	char *secret;

	/* only where the user asked for it may something other than a terminal give it */
	if ((!word || strcmp(word, "-")) && !cli_terminal()) {
		cli_error("the secret is missing: 'set l2tp secret -' reads it from standard "
			  "input");
		return false;
	}
	secret = cli_read_secret("Secret: ", script_on_stdin);
	if (!secret)
		return false;
	if (word && !strcmp(word, "-"))
		json_array_remove(line, last);
	if (json_array_append_new(line, json_string(secret)) < 0) {
		cli_error("the secret is not UTF-8 text");
		cli_secret_free(secret);
		return false;
	}
	cli_secret_free(secret);
	return true;
}

int cli_set_lines(struct cli *cli, const char *link, json_t *lines, bool in_public,
	bool script_on_stdin, struct ctl_reply *ret)
{
	struct ctl_reply reply = { 0 };
	int r;

	for (;;) {
		json_t *params = json_pack("{s:s, s:O}", "link", link, "lines", lines), *line;

		if (params && in_public)
			json_object_set_new(params, "public", json_true());
		if (!params) {
			cli_error("\"%s\" is not UTF-8 text", link);
			r = CLI_FAILED;
			break;
		}
		r = cli_call_raw(cli, CTL_SET_LINK, params, &reply);
		if (r)
			break;
		if (!reply.error || strcmp(reply.error, CTL_ERR_NEED_SECRET)) {
			*ret = reply;
			break;
		}
		line = json_array_get(lines,
			(size_t)json_integer_value(json_object_get(reply.parameters, "line")));
		ctl_reply_clear(&reply);
		in_public = false; /* what follows nobody else has seen */
		if (!line || !add_secret(line, script_on_stdin)) {
			r = CLI_FAILED;
			break;
		}
	}
	json_decref(lines);
	return r;
}

static int set_from_command_line(struct cli *cli, const char *link, char **words)
{
	json_t *line = cli_words(words);
	struct ctl_reply reply;
	int r;

	if (!line)
		return CLI_FAILED;
	r = cli_set_lines(cli, link, json_pack("[o]", line), true, false, &reply);
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
	return *word && !strncmp(word, whole, strlen(word));
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
