/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which words may come next. Commands are those of the command table, options those of the daemon's
 * (ListOptions): nothing here knows one by name.
 */
#include "complete.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <l2tpd/ctl.h>

#include "ctl/out/screen.h"
#include "ctl/out/text.h"

static const struct {
	const char *word, *help;
} own_words[] = {
	{ "link", "select a link: link NAME; without a name: list them" },
	{ "set", "change an option of the selected link" },
	{ "load", "run commands of a file: load FILE [LABEL]" },
	{ "help", "what may come next: help [WORD ...]" },
	{ "exit", "leave" },
};
#define OWN_COUNT (sizeof(own_words) / sizeof(own_words[0]))

/* Once each. */
static void add_candidate(struct candidates *to, const char *word, size_t len, const char *help)
{
	struct candidate *more;
	size_t i;

	for (i = 0; word && i < to->count; i++)
		if (to->list[i].word && strlen(to->list[i].word) == len &&
			strncmp(to->list[i].word, word, len) == 0)
			return;
	more = reallocarray(to->list, to->count + 1, sizeof(*more));
	if (!more)
		return;
	to->list = more;
	more[to->count].word = word ? text_printf("%.*s", (int)len, word) : NULL;
	more[to->count++].help = text_printf("%s", help);
}

void complete_clear(struct candidates *candidates)
{
	while (candidates->count) {
		free(candidates->list[--candidates->count].word);
		free(candidates->list[candidates->count].help);
	}
	free(candidates->list);
	candidates->list = NULL;
}

void complete_filter(struct candidates *candidates, const char *word)
{
	size_t len = strlen(word), i, n = 0;

	for (i = 0; i < candidates->count; i++) {
		struct candidate *c = &candidates->list[i];

		if (c->word ? strncasecmp(c->word, word, len) == 0 : !len) {
			candidates->list[n++] = *c;
		} else {
			free(c->word);
			free(c->help);
		}
	}
	candidates->count = n;
}

void complete_print(const struct candidates *candidates)
{
	size_t i;
	int widest = 0;

	for (i = 0; i < candidates->count; i++) {
		int len = (int)strlen(candidates->list[i].word ? candidates->list[i].word : "");

		widest = len > widest ? len : widest;
	}
	for (i = 0; i < candidates->count; i++) {
		const char *word = candidates->list[i].word;
		char *help;

		fputs("  ", stdout);
		text_put(stdout, word ? word : "");
		printf("%*s", widest - (int)strlen(word ? word : "") + 2, "");
		help = text_harmless(candidates->list[i].help);
		screen_wrap(help, (size_t)widest + 4, (size_t)widest + 4);
		free(help);
	}
	if (!candidates->count)
		puts("  (nothing that is known)");
	fflush(stdout);
}

/* --- the daemon's words --- */

/* An array of a reply, or NULL: no matter why. */
static json_t *ask_daemon(struct console *console, const char *method, const char *key)
{
	struct cli *cli = console->cli;
	struct ctl_reply reply;
	json_t *list;

	if (!cli->client && ctl_client_connect(cli->socket, &cli->client) < 0)
		return NULL;
	if (ctl_client_call(cli->client, method, NULL, &reply) < 0) {
		ctl_client_free(cli->client);
		cli->client = NULL;
		return NULL;
	}
	list = json_incref(json_object_get(reply.parameters, key));
	ctl_reply_clear(&reply);
	return list;
}

static const char *string_of(const json_t *object, const char *key)
{
	const char *value = json_string_value(json_object_get(object, key));

	return value ? value : "";
}

static void add_links(struct console *console, struct candidates *to)
{
	json_t *links = ask_daemon(console, CTL_LIST_LINKS, "links"), *link;
	size_t i;

	json_array_foreach (links, i, link) {
		char *help =
			text_printf("%s %s", string_of(link, "state"), string_of(link, "peer"));

		add_candidate(to, string_of(link, "name"), strlen(string_of(link, "name")), help);
		free(help);
	}
	json_decref(links);
}

static void add_options(struct console *console, bool flags_only, struct candidates *to)
{
	json_t *options = ask_daemon(console, CTL_LIST_OPTIONS, "options"), *option;
	size_t i;

	json_array_foreach (options, i, option) {
		const char *key = string_of(option, "key"), *def = string_of(option, "default");
		char *help;

		if (flags_only && !json_is_true(json_object_get(option, "flag")))
			continue;
		help = text_printf("%s: %s%s%s%s", string_of(option, "arg"),
			string_of(option, "help"), *def ? " (default " : "", def, *def ? ")" : "");
		add_candidate(to, key, strlen(key), help);
		free(help);
	}
	json_decref(options);
}

static bool is_short(const char *word, const char *whole)
{
	return *word && strlen(word) <= strlen(whole) &&
	       strncasecmp(word, whole, strlen(word)) == 0;
}

/* The value of a key: its name in capitals tells what it is; yes and no can be inserted. */
static void add_value(struct console *console, const char *key, struct candidates *to)
{
	json_t *options = ask_daemon(console, CTL_LIST_OPTIONS, "options"), *option;
	size_t i;

	json_array_foreach (options, i, option) {
		char *help;

		if (!is_short(key, string_of(option, "key")))
			continue;
		if (json_is_true(json_object_get(option, "flag"))) {
			add_candidate(to, "yes", 3, string_of(option, "help"));
			add_candidate(to, "no", 2, "the opposite");
			continue;
		}
		help = text_printf("%s: %s", string_of(option, "arg"), string_of(option, "help"));
		add_candidate(to, NULL, 0, help);
		free(help);
	}
	json_decref(options);
}

/* --- by position --- */

/* words are those behind "set" */
static void gather_set(struct console *console, char **words, int count, struct candidates *to)
{
	if (count == 0) {
		add_candidate(to, "l2tp", 4, "any key of [link] in l2tpd.conf(5)");
		add_candidate(
			to, "link", 4, "the same, as mpd has it: type, max-redial, redial-delay");
		add_candidate(to, "phys", 4, "the same, as mpd 4 has it: type");
	} else if (count == 1) {
		add_candidate(to, "enable", 6, "set options to yes: enable OPTION ...");
		add_candidate(to, "disable", 7, "set options to no: disable OPTION ...");
		add_options(console, false, to);
	} else if (is_short(words[1], "enable") || is_short(words[1], "disable")) {
		add_options(console, true, to);
	} else if (count == 2) {
		add_value(console, words[1], to);
	}
}

/* words are those behind "link" */
static void gather_link(struct console *console, char **words, int count, struct candidates *to)
{
	if (count == 0) {
		add_links(console, to);
	} else if (count == 1) {
		add_candidate(to, "set", 3, "change an option");
		add_candidate(to, "open", 4, "bring it up");
		add_candidate(to, "close", 5, "end its calls");
		add_candidate(to, "show", 4, "everything about it");
	} else if (is_short(words[1], "set")) {
		gather_set(console, words + 2, count - 2, to);
	}
}

/* Words of the command table that go on as words do; *ret_name: one wants a LINK next. */
static void gather_commands(
	struct console *console, char **words, int count, struct candidates *to, bool *ret_name)
{
	const char *row, *args, *help;
	size_t i;

	for (i = 0; console->cli->row(i, &row, &args, &help); i++) {
		int n = 0;

		while (n < count && *row) {
			size_t len = strcspn(row, " ");

			if (!*words[n] || strlen(words[n]) > len ||
				strncmp(words[n], row, strlen(words[n])) != 0)
				break;
			n++;
			row += len;
			row += *row == ' ';
		}
		if (n == count && *row && strncmp(row, "console", 7) != 0)
			add_candidate(to, row, strcspn(row, " "), help);
		else if (n == count && !*row &&
			 (strncmp(args, "LINK", 4) == 0 || strncmp(args, "NAME", 4) == 0))
			*ret_name = *args == 'L' || (count == 2 && is_short(words[0], "show"));
	}
}

void complete_gather(struct console *console, char **words, int count, struct candidates *ret)
{
	bool name = false;
	size_t i;

	if (count && is_short(words[0], "help")) {
		complete_gather(console, words + 1, count - 1, ret);
		return;
	}
	if (count && strlen(words[0]) > 1 && is_short(words[0], "set")) {
		gather_set(console, words + 1, count - 1, ret);
		return;
	}
	if (count && strlen(words[0]) > 1 && is_short(words[0], "link")) {
		gather_link(console, words + 1, count - 1, ret);
		return;
	}
	for (i = 0; !count && i < OWN_COUNT; i++)
		add_candidate(ret, own_words[i].word, strlen(own_words[i].word), own_words[i].help);
	gather_commands(console, words, count, ret, &name);
	if (name)
		add_links(console, ret);
}
