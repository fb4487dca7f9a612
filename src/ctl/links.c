/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "links.h"

#include <string.h>

#include <l2tpd/ctl.h>

#include "base/secret_file.h"
#include "secret.h"

json_t *links_words(char **words)
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

int links_get(struct cli *cli, const char *name, json_t **ret)
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

int links_exists(struct cli *cli, const char *name, bool *ret)
{
	json_t *link;
	int r = links_get(cli, name, &link);

	if (r)
		return r;
	*ret = link != NULL;
	json_decref(link);
	return CLI_DONE;
}

int links_create(struct cli *cli, const char *name, const char *type)
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

/* The secret that a line lacks: one word more, or in place of "-". False: there is none. */
static bool add_secret(json_t *line, bool script_on_stdin)
{
	size_t last = json_array_size(line) - 1;
	const char *word = json_string_value(json_array_get(line, last));
	char *secret;

	/* only where the user asked for it may something other than a terminal give it */
	if ((!word || strcmp(word, "-") != 0) && !cli_terminal()) {
		cli_error("the secret is missing: 'set l2tp secret -' reads it from standard "
			  "input");
		return false;
	}
	secret = cli_read_secret("Secret: ", script_on_stdin);
	if (!secret)
		return false;
	if (word && strcmp(word, "-") == 0)
		json_array_remove(line, last);
	if (json_array_append_new(line, json_string(secret)) < 0) {
		cli_error("the secret is not UTF-8 text");
		secret_free(secret);
		return false;
	}
	secret_free(secret);
	return true;
}

int links_set(struct cli *cli, const char *link, json_t *lines, bool in_public,
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
		if (!reply.error || strcmp(reply.error, CTL_ERR_NEED_SECRET) != 0) {
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
