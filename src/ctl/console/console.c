/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "console.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include <l2tpd/ctl.h>

#include "complete.h"
#include "ctl/links.h"
#include "foreign.h"
#include "script.h"
#include "words.h"

#define DEPTH_MAX 20 /* of load, as mpd */

/* Where a message is about: "FILE:LINE: "; on a terminal the user knows. */
static void complain_at(const struct console *console, unsigned line)
{
	static char prefix[4200];

	if (console->file)
		snprintf(prefix, sizeof(prefix), "%s:%u: ", console->file, line);
	else
		*prefix = '\0';
	cli_error_prefix(prefix);
}

/* The words are a short form of whole; case counts for links only. */
static bool is_short(const char *word, const char *whole, size_t least)
{
	size_t len = strlen(word);

	return len >= least && len <= strlen(whole) && strncasecmp(word, whole, len) == 0;
}

int console_select(struct console *console, const char *link)
{
	char *copy = strdup(link);

	if (!copy) {
		cli_error("%s", strerror(ENOMEM));
		return CLI_FAILED;
	}
	free(console->link);
	console->link = copy;
	return CLI_DONE;
}

int console_made(struct console *console, const char *link)
{
	if (!console->made)
		console->made = json_object();
	json_object_set_new(console->made, link, json_true());
	return console_select(console, link);
}

static int select_existing(struct console *console, const char *name)
{
	bool exists;
	int r = links_exists(console->cli, name, &exists);

	if (r)
		return r;
	if (!exists) {
		cli_error(
			"there is no link \"%s\" ('link' lists them; 'create link static %s l2tp' "
			"makes it)",
			name, name);
		return CLI_FAILED;
	}
	return console_select(console, name);
}

/* --- set --- */

int console_finish_set(struct console *console)
{
	unsigned line = console->line;

	if (!console->pending)
		return CLI_DONE;
	json_decref(console->pending);
	console->pending = NULL;
	json_decref(console->pending_lines);
	console->pending_lines = NULL;
	complain_at(console, console->pending_line);
	cli_error("%s", console->pending_why);
	complain_at(console, line);
	free(console->pending_why);
	console->pending_why = NULL;
	return CLI_FAILED;
}

/*
 * One more line. In a script, keys may come in any order: lines that are good by themselves wait
 * for those that complete them.
 */
static int set_line(struct console *console, json_t *line)
{
	json_t *lines = console->pending ? console->pending : json_array();
	struct ctl_reply reply;
	int r;

	json_array_append_new(lines, line);
	console->pending = NULL;
	if (!console->pending_lines)
		console->pending_lines = json_array();
	json_array_append_new(console->pending_lines, json_integer(console->line));
	r = links_set(console->cli, console->link, json_incref(lines), false,
		console->file && !console->path, &reply);
	if (!r && console->file && reply.error && strcmp(reply.error, CTL_ERR_INCOMPLETE) == 0) {
		console->pending = lines;
		free(console->pending_why);
		console->pending_why = strdup(ctl_reply_message(&reply));
		console->pending_line = (unsigned)json_integer_value(json_array_get(
			console->pending_lines,
			(size_t)json_integer_value(json_object_get(reply.parameters, "line"))));
		ctl_reply_clear(&reply);
		return CLI_DONE;
	}
	json_decref(console->pending_lines);
	console->pending_lines = NULL;
	if (!r) {
		r = cli_verdict(console->cli, 0, &reply);
		if (!r)
			console->cli->out->set(console->link, reply.parameters);
		ctl_reply_clear(&reply);
	}
	json_decref(lines);
	return r;
}

/* "set phys type l2tp" in an entry of mpd.links: the entry is the link. */
static int declare_link(struct console *console, char **words)
{
	bool declares = console->label &&
			(is_short(words[0], "phys", 1) || is_short(words[0], "link", 2)) &&
			words[1] && is_short(words[1], "type", 1) && words[2] &&
			strcasecmp(words[2], "l2tp") == 0 && !words[3];
	int r;

	if (!declares) {
		cli_error("no link is selected: 'link NAME' does, 'create link static NAME l2tp' "
			  "makes one");
		return CLI_FAILED;
	}
	r = links_create(console->cli, console->label, "l2tp");
	return r ? r : console_select(console, console->label);
}

/* Options of PPP go, with a warning; *ret_left is what is ours. */
static bool drop_ppp_flags(char **words)
{
	bool dropped = false;
	char **to;

	if (!words[0] || !words[1] || !is_short(words[0], "link", 2) ||
		(!is_short(words[1], "enable", 1) && !is_short(words[1], "disable", 1)))
		return false;
	for (to = words + 2, words += 2; *words; words++) {
		if (foreign_link_flag(*words)) {
			cli_warning("'set link ... %s' is not used here: what PPP asks for and "
				    "accepts is in the link's [ppp] section (require, option)",
				*words);
			dropped = true;
		} else {
			*to++ = *words;
		}
	}
	*to = NULL;
	return dropped;
}

/* words: behind "set" */
static int run_set(struct console *console, char **words)
{
	json_t *line;
	int r;

	if (!words[0]) {
		cli_error("usage: set l2tp KEY VALUE | set l2tp enable|disable OPTION ...");
		return CLI_USAGE;
	}
	if (drop_ppp_flags(words) && !words[2])
		return CLI_DONE;
	if (!console->link) {
		r = declare_link(console, words);
		if (r)
			return r;
	}
	line = links_words(words);
	return line ? set_line(console, line) : CLI_FAILED;
}

/* --- load, new --- */

static int run_load(struct console *console, char **argv)
{
	const char *file = argv[1] ? argv[0] : console->path, *label = argv[1] ? argv[1] : argv[0];
	const char *old_label = console->label;
	bool here = label && !argv[1] && console->script;
	int r;

	if (!label || (argv[1] && argv[2]) || (!file && console->file && !here)) {
		cli_error("usage: load FILE LABEL, or in a file load LABEL");
		return CLI_USAGE;
	}
	if (!file && !here) { /* on a terminal */
		file = label;
		label = NULL;
	}
	if (console->depth == DEPTH_MAX) {
		cli_error("load goes deeper than %d: does \"%s\" load itself?", DEPTH_MAX,
			label ? label : file);
		return CLI_FAILED;
	}
	console->depth++;
	r = here ? script_run_label(console, label) : script_run(console, file, label);
	console->depth--;
	console->label = old_label;
	return r;
}

/* The entry of a link: in this file (mpd 5), or in mpd.links beside it (mpd 4). */
static int run_link_entry(struct console *console, const char *link)
{
	const char *slash = console->path ? strrchr(console->path, '/') : NULL;
	char *links = NULL;
	bool found = false;
	int r;

	if (!console->script || console->depth == DEPTH_MAX)
		return CLI_DONE;
	console->depth++;
	found = script_has_label(console, link);
	r = found ? script_run_label(console, link) : CLI_DONE;
	if (!found && console->path &&
		asprintf(&links, "%.*smpd.links", slash ? (int)(slash + 1 - console->path) : 0,
			console->path) >= 0) {
		if (access(links, R_OK) == 0)
			r = script_run_entry(console, links, link, &found);
		free(links);
	}
	console->depth--;
	return r;
}

/* mpd 4: "new [-i IFACE] BUNDLE LINK ..." makes links, and the first of them the present one. */
static int run_new(struct console *console, char **argv)
{
	char *first;
	int r = CLI_DONE;

	if (argv[0] && strcmp(argv[0], "-i") == 0 && argv[1])
		argv += 2;
	if (!argv[0] || !argv[1]) {
		cli_error("usage: new [-i INTERFACE] BUNDLE LINK ...");
		return CLI_USAGE;
	}
	cli_warning("'new': there are no bundles here: a [ppp PROFILE] section takes the place of "
		    "\"%s\", and 'set link ppp PROFILE' chooses it; the link is made and selected",
		argv[0]);
	first = argv[1];
	for (argv++; !r && *argv; argv++) {
		bool exists;

		r = links_exists(console->cli, *argv, &exists);
		if (!r && !exists)
			r = links_create(console->cli, *argv, "l2tp");
		if (!r)
			r = console_select(console, *argv);
		if (!r)
			r = run_link_entry(console, *argv);
	}
	return r ? r : console_select(console, first);
}

/* --- commands --- */

static int run_help(struct console *console, char **argv)
{
	struct candidates candidates = { 0 };
	int count = 0;

	while (argv[count])
		count++;
	complete_gather(console, argv, count, &candidates);
	complete_print(&candidates);
	complete_clear(&candidates);
	return CLI_DONE;
}

/* Layers of mpd's "open" and "close": here the link is all of them. */
static bool is_layer(const char *word)
{
	static const char *const layers[] = { "iface", "ipcp", "ipv6cp", "ccp", "ecp", "bund",
		"bundle", "link", "lcp", "phys", "device", NULL };
	size_t i;

	for (i = 0; layers[i]; i++)
		if (strcasecmp(word, layers[i]) == 0)
			return true;
	return false;
}

/*
 * What "open", "close" and "show link" are about if it is not said. argv has room for two words
 * more.
 */
static void add_selected(const struct console *console, int *argc, char **argv)
{
	static char show[] = "show", link[] = "link", links[] = "links", tunnels[] = "tunnels";
	bool shows = is_short(argv[0], "show", 1) && *argc == 2;
	int plain = 0; /* words that are no options */

	if (shows && (strcasecmp(argv[1], "phys") == 0 || strcasecmp(argv[1], "device") == 0))
		argv[1] = link;
	else if (shows && strcasecmp(argv[1], "summary") == 0)
		argv[1] = links;
	else if (shows && strcasecmp(argv[1], "l2tp") == 0)
		argv[1] = tunnels;
	if (!console->link)
		return;
	if (is_short(argv[0], "open", 1) || is_short(argv[0], "close", 2)) {
		for (int i = 1; i < *argc; i++)
			plain += *argv[i] != '-';
		if (plain == 1 && is_layer(argv[*argc - 1])) {
			(*argc)--;
			plain = 0;
		}
		if (plain == 0)
			argv[(*argc)++] = console->link;
	} else if (shows && strcmp(argv[1], "link") == 0) {
		argv[0] = show;
		argv[(*argc)++] = console->link;
	}
	argv[*argc] = NULL;
}

/*
 * mpd 5 dropped "originate": there "open" is enough, so here it means both for links that "create
 * link" made. Other files are told which line they lack.
 */
static int allow_open(struct console *console, int argc, char **argv)
{
	const char *name = NULL;
	json_t *link, *lines;
	struct ctl_reply reply;
	int r;

	for (int i = 1; i < argc; i++)
		if (*argv[i] != '-')
			name = argv[i];
	if (!name)
		return CLI_DONE;
	if (console->made && json_object_get(console->made, name)) {
		lines = json_pack("[[s, s, s]]", "l2tp", "enable", "originate");
		r = links_set(console->cli, name, lines, false, false, &reply);
		if (r)
			return r;
		r = cli_verdict(console->cli, 0, &reply);
		ctl_reply_clear(&reply);
		return r;
	}
	r = console->file ? links_get(console->cli, name, &link) : CLI_DONE;
	if (r || !console->file)
		return r;
	if (json_is_false(json_object_get(link, "originate"))) {
		cli_error(
			"'open': link %s may not be opened: 'set l2tp enable originate' is missing "
			"before it (or 'originate = yes' in [link %s])",
			name, name);
		r = CLI_FAILED;
	}
	json_decref(link);
	return r;
}

/* One of the command table. */
static int run_command(struct console *console, int argc, char **argv)
{
	struct cli *cli = console->cli, copy = *cli;
	char *line[WORDS_MAX + 4];
	int r;

	copy.no_wait = cli->no_wait && is_short(argv[0], "open", 1);
	line[0] = argv[-1]; /* where a program's name stands, or another word */
	memcpy(line + 1, argv, ((size_t)argc + 1) * sizeof(*line));
	add_selected(console, &argc, line + 1);
	r = is_short(argv[0], "open", 1) ? allow_open(console, argc, line + 1) : CLI_DONE;
	copy.client = cli->client;
	if (!r)
		r = cli->run(&copy, argc + 1, line);
	cli->client = copy.client;
	/* replies may be on their way that nobody waits for any more */
	if (cli_interrupted() || is_short(argv[0], "monitor", 1)) {
		ctl_client_free(cli->client);
		cli->client = NULL;
	}
	return r;
}

static int run_link(struct console *console, char **argv);

/* Words that only the console has, or has otherwise; all in one row: it also says what may be
 * shortened. */
static const struct {
	const char *word;
	size_t least;
	int (*run)(struct console *console, char **argv);
} own_words[] = {
	{ "set", 2, run_set },
	{ "link", 2, run_link },
	{ "load", 2, run_load },
	{ "new", 1, run_new },
	{ "help", 1, run_help },
	{ "?", 1, run_help },
};

static int run_words(struct console *console, int argc, char **argv)
{
	const char *advice;
	bool stop = false;
	size_t i;

	if (is_short(argv[0], "exit", 2) || is_short(argv[0], "quit", 1)) {
		console->quit = true;
		return CLI_DONE;
	}
	if (strcasecmp(argv[0], "null") == 0)
		return CLI_DONE;
	advice = foreign_advice(argv, &stop);
	if (advice && console->file && !stop) {
		cli_warning("%s", advice);
		return CLI_DONE;
	}
	if (advice) {
		cli_error("%s", advice);
		return CLI_FAILED;
	}
	for (i = 0; i < sizeof(own_words) / sizeof(own_words[0]); i++)
		if (is_short(argv[0], own_words[i].word, own_words[i].least))
			return own_words[i].run(console, argv + 1);
	return run_command(console, argc, argv);
}

/* "link": a list, "link NAME": select, "link NAME COMMAND ...": for this command only */
static int run_link(struct console *console, char **argv)
{
	char *old = console->link;
	int r, argc = 0;

	if (!argv[0])
		return run_command(console, 1, argv - 1);
	if (!argv[1])
		return select_existing(console, argv[0]);
	while (argv[argc])
		argc++;
	console->link = NULL;
	r = select_existing(console, argv[0]);
	if (!r)
		r = run_words(console, argc - 1, argv + 1);
	if (!r && console->file)
		r = console_finish_set(console);
	free(console->link);
	console->link = old;
	return r;
}

/* Everything but "set" wants to see what was set, whole. */
static bool goes_on_setting(const struct words *words)
{
	const char *first = words->count ? words->word[0] : "";

	return is_short(first, "set", 2) ||
	       foreign_advice((char *const *)words->word, NULL) != NULL;
}

int console_run_line(struct console *console, const char *line)
{
	struct words words;
	const char *problem = words_split(line, &words);
	char *argv[WORDS_MAX + 2], program[] = "l2tpctl";
	int r = CLI_DONE;

	cli_forget_interrupt();
	complain_at(console, console->line);
	if (problem) {
		cli_error("%s", problem);
		r = CLI_USAGE;
	} else if (words.count && *words.word[0] != '#') {
		if (words.open_quote)
			cli_warning("a quote is not closed: its word goes to the end of the line");
		if (!goes_on_setting(&words))
			r = console_finish_set(console);
		argv[0] = program;
		memcpy(argv + 1, words.word, ((size_t)words.count + 1) * sizeof(*argv));
		if (!r)
			r = run_words(console, words.count, argv + 1);
	}
	words_clear(&words);
	return r;
}
