/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of commands, the help that is made of it, and the command line that is read by it.
 */
#include "commands.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <l2tpd/ctl.h>

#include "base/nearest.h"
#include "cmd_config.h"
#include "cmd_console.h"
#include "cmd_daemon.h"
#include "cmd_monitor.h"
#include "cmd_open.h"
#include "cmd_show.h"
#include "ctl/decode/decode.h"
#include "ctl/import/cmd_import.h"
#include "ctl/out/out_json.h"
#include "ctl/out/screen.h"
#include "ctl/out/text.h"
#include "select.h"
#include "version.h"

#define CHOICE "[FIELD=PATTERN ...]"

static const struct command {
	const char *words; /* any unique prefix of each will do */
	const char *args;  /* as the help shows them */
	int count;	   /* of words that follow */
	int (*run)(struct cli *cli, char **argv);
	const char *help;
	int more;     /* words than count may follow */
	bool chooses; /* and they are those of select.h */
} commands[] = {
	{ "open", "LINK [--no-wait]", 1, cmd_open, "bring a link up; wait until it is, or failed" },
	{ "close", "LINK|SESSION|USER", 1, cmd_close,
		"end all calls of a link, one by its id, or those of a user" },
	{ "show links", CHOICE, 0, cmd_show_links, "links and their states", 100, true },
	{ "show link", "NAME", 1, cmd_show_link, "one link, its tunnels and calls in detail" },
	{ "show tunnels", CHOICE, 0, cmd_show_tunnels, "control connections", 100, true },
	{ "show sessions", CHOICE, 0, cmd_show_sessions, "calls", 100, true },
	{ "show session", "ID", 1, cmd_show_session, "one call in detail" },
	{ "show forwards", CHOICE, 0, cmd_show_forwards, "what is forwarded, and to whom", 100,
		true },
	{ "show pppoe", CHOICE, 0, cmd_show_pppoe, "calls of PPPoE clients", 100, true },
	{ "show version", "", 0, cmd_show_version, "versions of this program and the daemon" },
	{ "show counters", "", 0, cmd_show_counters,
		"control messages, and datagrams dropped by reason" },
	{ "monitor", "[--packets]", 0, cmd_monitor, "events as they happen, until interrupted" },
	{ "reload", "", 0, cmd_reload, "let the daemon read its configuration again" },
	{ "save", "", 0, cmd_save, "write what was set at run time into the files" },
	{ "check", "FILE", 1, cmd_check, "check a configuration file; needs no daemon" },
	{ "decode", "FILE|HEX", 1, cmd_decode,
		"L2TP packets of a capture or in hexadecimal, in words; needs no daemon" },
	{ "link", "[NAME [set ...]]", 0, cmd_link, "set options of a link; see l2tpctl(8)", 1000 },
	{ "show config", "", 0, cmd_show_config, "the configuration in force, as a file" },
	{ "create link static", "NAME l2tp|LINK", 2, cmd_create_link,
		"a new link, with nothing or with all that LINK has, until the next reload" },
	{ "create link template", "NAME l2tp|LINK", 2, cmd_create_link,
		"the same: every link takes any number of calls" },
	{ "import", "mpd|xl2tpd FILE ... [--secrets FILE] [--options FILE]", 2, cmd_import,
		"a configuration from files of mpd or xl2tpd; needs no daemon", 1000 },
	{ "console", "[FILE [LABEL]]", 0, cmd_console,
		"commands from a terminal, a file or standard input", 2 },
};
#define COMMAND_COUNT (sizeof(commands) / sizeof(commands[0]))

bool commands_row(
	size_t index, const char **ret_words, const char **ret_args, const char **ret_help)
{
	if (index >= COMMAND_COUNT)
		return false;
	*ret_words = commands[index].words;
	*ret_args = commands[index].args;
	*ret_help = commands[index].help;
	return true;
}

/* Where the help's right column begins. */
#define HELP_COLUMN 28

static void help_row(const char *left, const char *help)
{
	size_t at = 2 + strlen(left);

	printf("  %s", left);
	if (at + 1 > HELP_COLUMN) {
		putchar('\n');
		at = 0;
	}
	printf("%*s", (int)(HELP_COLUMN - at), "");
	screen_wrap(help, HELP_COLUMN, HELP_COLUMN);
}

static int print_help(void)
{
	static const char *const options[][2] = {
		{ "-s, --socket SOCKET", "control socket (" CTL_DEFAULT_SOCKET ")" },
		{ "    --json", "print what the daemon sent as JSON" },
		{ "    --no-wait", "open: do not wait until the link is up" },
		{ "    --packets", "monitor: show control messages, too" },
		{ "    --secret-file PATH", "decode: the tunnel's secret, for hidden attributes" },
		{ "    --port PORT", "decode: L2TP's UDP port in the capture (1701)" },
		{ "-h, --help", "this text" },
		{ "-V, --version", "version of this program" },
	};
	size_t i;

	printf("usage: l2tpctl [-s SOCKET] [--json] COMMAND\n\n");
	for (i = 0; i < COMMAND_COUNT; i++) {
		const struct command *c = &commands[i];
		char *left = text_printf("%s%s%s", c->words, *c->args ? " " : "", c->args);

		help_row(left, c->help);
		free(left);
	}
	putchar('\n');
	screen_wrap(
		"Words of commands may be shortened as long as they stay unique. FIELD is a name "
		"of --json's, PATTERN may have * and ?: show sessions link=dialin user=al*. "
		"sort=FIELD and sort=-FIELD put in order, count tells only how many.",
		0, 0);
	putchar('\n');
	for (i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		help_row(options[i][0], options[i][1]);
	return CLI_DONE;
}

/*
 * How the words of the user fit a command: the number of its words if they are a prefix of each,
 * 0 if not even the first fits, and -1 if the first do and the rest is missing or wrong.
 */
static int match_words(const struct command *command, int argc, char **argv)
{
	const char *word = command->words;
	int n = 0;

	while (*word) {
		size_t len = strcspn(word, " ");

		if (n == argc)
			return n ? -1 : 0;
		if (!*argv[n] || strlen(argv[n]) > len ||
			strncmp(argv[n], word, strlen(argv[n])) != 0)
			return n ? -1 : 0;
		n++;
		word += len;
		word += *word == ' ';
	}
	return n;
}

/* All commands that could have been meant, in one line. */
static int tell_commands(const struct cli *cli, const char *what, const bool *meant)
{
	const char *program = cli->console ? "" : "l2tpctl ", *separator = "";
	char *all = NULL;
	size_t size, i;
	FILE *out = open_memstream(&all, &size);

	for (i = 0; out && i < COMMAND_COUNT; i++) {
		if (!meant[i])
			continue;
		fprintf(out, "%s%s%s%s%s", separator, program, commands[i].words,
			*commands[i].args ? " " : "", commands[i].args);
		separator = " | ";
	}
	if (out)
		fclose(out);
	cli_error("%s: %s", what, all ? all : "");
	free(all);
	return CLI_USAGE;
}

/* The words behind a command's own are such as it takes. */
static bool words_fit(const struct command *command, int rest, char **argv)
{
	if (rest < command->count || rest > command->count + command->more)
		return false;
	for (int i = 0; command->chooses && i < rest; i++)
		if (!select_is_word(argv[i]))
			return false;
	return true;
}

/* Is the whole of the command written, not only the beginnings of its words? */
static bool is_exact(const struct command *command, int words, char **argv)
{
	size_t len = 0;

	for (int i = 0; i < words; i++)
		len += strlen(argv[i]) + (i > 0);
	return len == strlen(command->words);
}

/* The first words differ, and what is written there may be either. */
static bool begins_otherwise(const struct command *a, const struct command *b, const char *first)
{
	size_t len = strcspn(a->words, " ");

	return strlen(first) < len &&
	       (strcspn(b->words, " ") != len || strncmp(a->words, b->words, len) != 0);
}

static int unknown_command(const struct cli *cli, const char *word)
{
	struct nearest nearest = { .word = word };

	for (size_t i = 0; i < COMMAND_COUNT; i++) {
		char *first = text_printf(
			"%.*s", (int)strcspn(commands[i].words, " "), commands[i].words);
		bool is_best = false;

		nearest_offer(&nearest, first);
		is_best = nearest.best == first;
		if (is_best) /* the table's stays */
			nearest.best = commands[i].words;
		free(first);
	}
	if (nearest.best)
		cli_error("unknown command \"%s\"; did you mean \"%.*s\"?", word,
			(int)strcspn(nearest.best, " "), nearest.best);
	else
		cli_error("unknown command \"%s\"; %s lists all", word,
			cli->console ? "help" : "l2tpctl --help");
	return CLI_USAGE;
}

static int find_command(
	const struct cli *cli, int argc, char **argv, const struct command **ret, int *ret_words)
{
	bool fits[COMMAND_COUNT] = { false }, other[COMMAND_COUNT] = { false };
	unsigned fit_count = 0, other_count = 0;
	size_t i;

	for (i = 0; i < COMMAND_COUNT; i++) {
		int n = match_words(&commands[i], argc, argv);
		int rest = argc - n - commands[i].count;

		if (n > 0 && words_fit(&commands[i], argc - n, argv + n)) {
			*ret = &commands[i];
			*ret_words = n;
			if (is_exact(&commands[i], n, argv))
				return CLI_DONE;
			fits[i] = true;
			fit_count++;
		} else if (n != 0) {
			/* too few words, not too many, may still be what was meant */
			other[i] = n < 0 || rest <= commands[i].more;
			other_count++;
		}
	}
	for (i = 0; fit_count == 1 && i < COMMAND_COUNT; i++)
		if (other[i] && begins_otherwise(*ret, &commands[i], argv[0]))
			fits[i] = true;
	for (i = fit_count = 0; i < COMMAND_COUNT; i++)
		fit_count += fits[i];
	if (fit_count == 1)
		return CLI_DONE;
	if (fit_count > 1)
		return tell_commands(cli, "ambiguous", fits);
	for (i = 0; other_count && i < COMMAND_COUNT; i++)
		other[i] = match_words(&commands[i], argc, argv) != 0;
	if (other_count)
		return tell_commands(cli, "usage", other);
	return unknown_command(cli, argv[0]);
}

/*
 * Behind "link NAME set" there are values, such as -1, and "import" has options of its own; the
 * number of words before them.
 */
static int options_end(int argc, char **argv)
{
	if (argc > 1 && *argv[1] && strncmp("import", argv[1], strlen(argv[1])) == 0)
		return 2;
	for (int i = 3; i < argc; i++)
		if (strncmp("set", argv[i], strlen(argv[i])) == 0 && *argv[i] &&
			strncmp("link", argv[i - 2], strlen(argv[i - 2])) == 0 && *argv[i - 2])
			return i;
	return argc;
}

enum { OPT_JSON = 256, OPT_NO_WAIT, OPT_PACKETS, OPT_SECRET_FILE, OPT_PORT };

/* 1..65535, or 0 */
static unsigned parse_port(const char *text)
{
	char *end;
	unsigned long port = strtoul(text, &end, 10);

	return *text >= '0' && *text <= '9' && !*end && port <= 65535 ? (unsigned)port : 0;
}

/* 0, or an exit code + 1: done already. */
static int parse_options(struct cli *cli, int argc, char **argv)
{
	static const struct option options[] = {
		{ "socket", required_argument, NULL, 's' },
		{ "json", no_argument, NULL, OPT_JSON },
		{ "no-wait", no_argument, NULL, OPT_NO_WAIT },
		{ "packets", no_argument, NULL, OPT_PACKETS },
		{ "secret-file", required_argument, NULL, OPT_SECRET_FILE },
		{ "port", required_argument, NULL, OPT_PORT },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ 0 },
	};
	int c;

	opterr = 0;
	while ((c = getopt_long(argc, argv, ":s:hV", options, NULL)) != -1) {
		switch (c) {
		case 's':
			cli->socket = optarg;
			break;
		case OPT_JSON:
			cli->out = &out_json;
			break;
		case OPT_NO_WAIT:
			cli->no_wait = true;
			break;
		case OPT_PACKETS:
			cli->packets = true;
			break;
		case OPT_SECRET_FILE:
			cli->secret_file = optarg;
			break;
		case OPT_PORT:
			cli->port = parse_port(optarg);
			if (cli->port)
				break;
			cli_error("--port: \"%s\" is no port, 1 to 65535", optarg);
			return CLI_USAGE + 1;
		case 'h':
			return print_help() + 1;
		case 'V':
			printf("l2tpctl %s\n", L2TPD_VERSION);
			return CLI_DONE + 1;
		case ':':
			cli_error("%s needs a value; see l2tpctl --help", argv[optind - 1]);
			return CLI_USAGE + 1;
		default:
			cli_error("unknown option %s; see l2tpctl --help", argv[optind - 1]);
			return CLI_USAGE + 1;
		}
	}
	return 0;
}

/* Options that one command has must not be lost on another. */
static int check_options(const struct cli *cli, int (*command)(struct cli *cli, char **argv))
{
	const struct {
		bool given;
		int (*command)(struct cli *cli, char **argv);
		const char *option, *words;
	} own[] = {
		{ cli->no_wait && command != cmd_console && command != cmd_link, cmd_open,
			"no-wait", "open" },
		{ cli->packets, cmd_monitor, "packets", "monitor" },
		{ cli->secret_file, cmd_decode, "secret-file", "decode" },
		{ cli->port, cmd_decode, "port", "decode" },
	};

	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
		if (own[i].given && command != own[i].command) {
			cli_error("--%s goes with %s only", own[i].option, own[i].words);
			return CLI_USAGE;
		}
	}
	return CLI_DONE;
}

int commands_run(struct cli *cli, int argc, char **argv)
{
	const struct command *command = NULL;
	int r, words = 0;

	optind = 0; /* from the start */
	r = parse_options(cli, options_end(argc, argv), argv);
	if (r)
		return r - 1;
	argc -= optind;
	argv += optind;
	if (argc == 0 && !cli->console && cli_terminal())
		return cmd_console(cli, argv);
	if (argc == 0) {
		cli_error("no command; l2tpctl --help lists all");
		return CLI_USAGE;
	}
	r = find_command(cli, argc, argv, &command, &words);
	if (r)
		return r;
	r = check_options(cli, command->run);
	if (r)
		return r;
	return command->run(cli, argv + words);
}
