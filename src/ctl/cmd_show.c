/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd_show.h"

#include <stdio.h>
#include <string.h>

#include <l2tpd/ctl.h>

#include "select.h"

/* 0 and *ret, the array called key of method's reply (decref it), or an exit code. */
static int get_list(struct cli *cli, const char *method, const char *key, json_t **ret)
{
	struct ctl_reply reply;
	json_t *list;
	int r = cli_call(cli, method, NULL, &reply);

	if (r)
		return r;
	list = json_incref(json_object_get(reply.parameters, key));
	ctl_reply_clear(&reply);
	if (!json_is_array(list)) {
		json_decref(list);
		cli_error("the daemon sent no list of %s", key);
		return CLI_FAILED;
	}
	*ret = list;
	return CLI_DONE;
}

static bool is_filter(const char *word)
{
	return strchr(word, '=') && strncmp(word, "sort=", 5) != 0;
}

/* words: of select.h */
static int show_list(struct cli *cli, const char *method, const char *key, char **words,
	void (*print)(const json_t *list))
{
	json_t *list, *chosen = NULL;
	bool count, filtered = false;
	int r = get_list(cli, method, key, &list);

	if (r)
		return r;
	for (size_t i = 0; words[i]; i++)
		filtered |= is_filter(words[i]);
	r = select_objects(list, key, words, &chosen, &count);
	if (!r && count)
		cli->out->count(json_array_size(chosen), key);
	else if (!r)
		print(chosen);
	if (!r && !count && filtered && json_array_size(chosen))
		cli->out->chosen(json_array_size(chosen), json_array_size(list), key);
	json_decref(chosen);
	json_decref(list);
	return r;
}

int cmd_show_links(struct cli *cli, char **argv)
{
	return show_list(cli, CTL_LIST_LINKS, "links", argv, cli->out->links);
}

int cmd_show_tunnels(struct cli *cli, char **argv)
{
	return show_list(cli, CTL_LIST_TUNNELS, "tunnels", argv, cli->out->tunnels);
}

int cmd_show_sessions(struct cli *cli, char **argv)
{
	return show_list(cli, CTL_LIST_SESSIONS, "sessions", argv, cli->out->sessions);
}

int cmd_show_forwards(struct cli *cli, char **argv)
{
	return show_list(cli, CTL_LIST_FORWARDS, "forwards", argv, cli->out->forwards);
}

int cmd_show_pppoe(struct cli *cli, char **argv)
{
	return show_list(cli, CTL_LIST_PPPOE, "pppoe", argv, cli->out->pppoe);
}

int cmd_show_session(struct cli *cli, char **argv)
{
	json_t *sessions, *session;
	size_t i;
	int r = get_list(cli, CTL_LIST_SESSIONS, "sessions", &sessions);

	if (r)
		return r;
	r = CLI_FAILED;
	json_array_foreach (sessions, i, session) {
		json_int_t id = json_integer_value(json_object_get(session, "id"));
		char text[24];

		snprintf(text, sizeof(text), "%lld", (long long)id);
		if (r && strcmp(text, argv[0]) == 0) {
			cli->out->session(session);
			r = CLI_DONE;
		}
	}
	if (r)
		cli_error("no session \"%s\"", argv[0]);
	json_decref(sessions);
	return r;
}

int cmd_show_version(struct cli *cli, char **argv)
{
	struct ctl_reply reply;
	int r = cli_call(cli, CTL_GET_VERSION, NULL, &reply);

	if (r)
		return r;
	cli->out->version(reply.parameters);
	ctl_reply_clear(&reply);
	return CLI_DONE;
}

int cmd_show_counters(struct cli *cli, char **argv)
{
	struct ctl_reply reply;
	const json_t *counters;
	int r = cli_call(cli, CTL_GET_COUNTERS, NULL, &reply);

	if (r)
		return r;
	counters = json_object_get(reply.parameters, "counters");
	if (json_is_object(counters)) {
		cli->out->counters(counters);
	} else {
		cli_error("the daemon sent no counters");
		r = CLI_FAILED;
	}
	ctl_reply_clear(&reply);
	return r;
}

int cmd_show_link(struct cli *cli, char **argv)
{
	json_t *links = NULL, *tunnels = NULL, *sessions = NULL, *link;
	const json_t *found = NULL;
	size_t i;
	int r = get_list(cli, CTL_LIST_LINKS, "links", &links);

	if (r)
		return r;
	json_array_foreach (links, i, link) {
		const char *name = json_string_value(json_object_get(link, "name"));

		if (name && strcmp(name, argv[0]) == 0)
			found = link;
	}
	if (!found) {
		cli_error("no link \"%s\"", argv[0]);
		r = CLI_FAILED;
	}
	if (!r)
		r = get_list(cli, CTL_LIST_TUNNELS, "tunnels", &tunnels);
	if (!r)
		r = get_list(cli, CTL_LIST_SESSIONS, "sessions", &sessions);
	if (!r)
		cli->out->link(found, tunnels, sessions);
	json_decref(links);
	json_decref(tunnels);
	json_decref(sessions);
	return r;
}

int cmd_show_config(struct cli *cli, char **argv)
{
	struct ctl_reply reply;
	int r = cli_call(cli, CTL_GET_CONFIG, NULL, &reply);

	if (r)
		return r;
	cli->out->config(reply.parameters);
	ctl_reply_clear(&reply);
	return CLI_DONE;
}
