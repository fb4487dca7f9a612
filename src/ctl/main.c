/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <getopt.h>
#include <grp.h>
#include <locale.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <l2tpd/ctl.h>

#include "cli.h"
#include "ctl/console/console.h"
#include "ctl/out/text.h"
#include "version.h"

static const struct command {
	const char *words; /* any unique prefix of each will do */
	const char *args;  /* as the help shows them */
	int count;	   /* of words that follow */
	int (*run)(struct cli *cli, char **argv);
	const char *help;
	int more; /* words than count may follow */
} commands[] = {
	{ "open", "LINK [--no-wait]", 1, cmd_open, "bring a link up; wait until it is, or failed" },
	{ "close", "LINK|SESSION", 1, cmd_close, "end all calls of a link, or one call by its id" },
	{ "show links", "", 0, cmd_show_links, "links and their states" },
	{ "show link", "NAME", 1, cmd_show_link, "one link, its tunnels and calls in detail" },
	{ "show tunnels", "", 0, cmd_show_tunnels, "control connections" },
	{ "show sessions", "", 0, cmd_show_sessions, "calls" },
	{ "show version", "", 0, cmd_show_version, "versions of this program and the daemon" },
	{ "show counters", "", 0, cmd_show_counters,
		"control messages, and datagrams dropped by reason" },
	{ "monitor", "[--packets]", 0, cmd_monitor, "events as they happen, until interrupted" },
	{ "reload", "", 0, cmd_reload, "let the daemon read its configuration again" },
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

#define PREFIX	      "l2tpctl: "
static const char *error_prefix = PREFIX;

void cli_error_prefix(const char *prefix)
{
	error_prefix = prefix ? prefix : PREFIX;
}

static void complain_about(const char *kind, const char *fmt, va_list ap)
{
	char *text = NULL;

	if (vasprintf(&text, fmt, ap) < 0)
		text = NULL;
	fflush(stdout); /* what came before is read before */
	text_put(stderr, error_prefix);
	fputs(kind, stderr);
	text_put(stderr, text ? text : fmt);
	fputc('\n', stderr);
	free(text);
}

void cli_error(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	complain_about("", fmt, ap);
	va_end(ap);
}

void cli_warning(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	complain_about("warning: ", fmt, ap);
	va_end(ap);
}

bool cli_command(size_t index, const char **ret_words, const char **ret_args, const char **ret_help)
{
	if (index >= COMMAND_COUNT)
		return false;
	*ret_words = commands[index].words;
	*ret_args = commands[index].args;
	*ret_help = commands[index].help;
	return true;
}

/* --- the daemon --- */

/* Who may connect, by the socket file. */
static void say_no_permission(const char *path)
{
	struct stat st;
	const struct group *group = NULL;

	if (stat(path, &st) == 0 && (st.st_mode & S_IWGRP) && st.st_gid != 0)
		group = getgrgid(st.st_gid);
	if (group)
		cli_error("no permission to use %s: be root or a member of the group \"%s\"", path,
			group->gr_name);
	else
		cli_error("no permission to use %s: be root or a member of the group that "
			  "control-group names in the daemon's configuration",
			path);
}

int cli_connect(struct cli *cli)
{
	int r = cli->client ? 0 : ctl_client_connect(cli->socket, &cli->client);

	switch (-r) {
	case 0:
		if (cli->console)
			ctl_client_stop_on(cli->client, cli_stop_flag());
		return CLI_DONE;
	case ENOENT:
	case ENOTDIR:
	case ECONNREFUSED:
		cli_error("no daemon answers at %s: is l2tpd running? (-s SOCKET if its socket is "
			  "elsewhere)",
			cli->socket);
		break;
	case EACCES:
	case EPERM:
		say_no_permission(cli->socket);
		break;
	default:
		cli_error("cannot connect to %s: %s", cli->socket, strerror(-r));
		break;
	}
	return CLI_UNREACHABLE;
}

int cli_verdict(const struct cli *cli, int r, const struct ctl_reply *reply)
{
	if (r >= 0 && !reply->error)
		return CLI_DONE;
	if (r >= 0) {
		cli_error("%s", ctl_reply_message(reply));
		return CLI_FAILED;
	}
	if (r == -EINTR) {
		cli_error("interrupted: not waited for any more");
		return CLI_FAILED;
	}
	if (r == -ECONNRESET) {
		cli_error("the daemon at %s closed the connection: it stopped, or was restarted",
			cli->socket);
		return CLI_UNREACHABLE;
	}
	if (r == -EBADMSG)
		cli_error("what answers at %s is not l2tpd", cli->socket);
	else
		cli_error("talking to the daemon at %s failed: %s", cli->socket, strerror(-r));
	return CLI_FAILED;
}

int cli_call_raw(struct cli *cli, const char *method, json_t *params, struct ctl_reply *ret)
{
	struct ctl_reply reply = { 0 };
	int r = cli_connect(cli);

	if (r) {
		json_decref(params);
		return r;
	}
	r = ctl_client_call(cli->client, method, params, &reply);
	if (r < 0) {
		/* what comes now may belong to this call: the next one starts afresh */
		ctl_client_free(cli->client);
		cli->client = NULL;
		return cli_verdict(cli, r, NULL);
	}
	*ret = reply;
	return CLI_DONE;
}

int cli_call(struct cli *cli, const char *method, json_t *params, struct ctl_reply *ret)
{
	struct ctl_reply reply;
	int code = cli_call_raw(cli, method, params, &reply);

	if (code)
		return code;
	code = cli_verdict(cli, 0, &reply);
	if (code)
		ctl_reply_clear(&reply);
	else
		*ret = reply;
	return code;
}

/* --- the command line --- */

bool cli_stdout_closed(void)
{
	struct pollfd out = { .fd = STDOUT_FILENO };

	return poll(&out, 1, 0) > 0 && (out.revents & POLLERR);
}

static int print_help(void)
{
	size_t i;

	printf("usage: l2tpctl [-s SOCKET] [--json] COMMAND\n\n");
	for (i = 0; i < COMMAND_COUNT; i++) {
		const struct command *c = &commands[i];
		int n = printf("  %s%s%s", c->words, *c->args ? " " : "", c->args);

		printf("%*s%s\n", n < 28 ? 28 - n : 1, "", c->help);
	}
	printf("\nWords of commands may be shortened as long as they stay unique.\n\n"
	       "  -s, --socket SOCKET       control socket (" CTL_DEFAULT_SOCKET ")\n"
	       "      --json                print what the daemon sent as JSON\n"
	       "      --no-wait             open: do not wait until the link is up\n"
	       "      --packets             monitor: show control messages, too\n"
	       "      --secret-file PATH    decode: the tunnel's secret, for hidden attributes\n"
	       "      --port PORT           decode: L2TP's UDP port in the capture (1701)\n"
	       "  -h, --help                this text\n"
	       "  -V, --version             version of this program\n");
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
		if (!*argv[n] || strlen(argv[n]) > len || strncmp(argv[n], word, strlen(argv[n])))
			return n ? -1 : 0;
		n++;
		word += len;
		word += *word == ' ';
	}
	return n;
}

/* All commands that could have been meant, in one line. */
static int complain(const char *what, const bool *meant)
{
	const char *separator = "";
	const char *program = strcmp(error_prefix, PREFIX) ? "" : "l2tpctl ";
	size_t i;

	fflush(stdout);
	text_put(stderr, error_prefix);
	fprintf(stderr, "%s: ", what);
	for (i = 0; i < COMMAND_COUNT; i++) {
		if (!meant[i])
			continue;
		fprintf(stderr, "%s%s%s%s%s", separator, program, commands[i].words,
			*commands[i].args ? " " : "", commands[i].args);
		separator = " | ";
	}
	fputc('\n', stderr);
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

		if (n > 0 && rest >= 0 && rest <= commands[i].more) {
			fits[i] = true;
			*ret = &commands[i];
			*ret_words = n;
			fit_count++;
		} else if (n != 0) {
			other[i] = true;
			other_count++;
		}
	}
	if (fit_count == 1)
		return CLI_DONE;
	if (fit_count > 1)
		return complain("ambiguous", fits);
	if (other_count)
		return complain("usage", other);
	cli_error("unknown command \"%s\"; %s lists all", argv[0],
		cli->console ? "help" : "l2tpctl --help");
	return CLI_USAGE;
}

/*
 * Behind "link NAME set" there are values, such as -1, and "import" has options of its own; the
 * number of words before them.
 */
static int options_end(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "import") == 0)
		return 2;
	for (int i = 3; i < argc; i++)
		if (!strncmp("set", argv[i], strlen(argv[i])) && *argv[i] &&
			!strncmp("link", argv[i - 2], strlen(argv[i - 2])) && *argv[i - 2])
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

int cli_run(struct cli *cli, int argc, char **argv)
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

/* There may be a secret in what is sent. */
static void wiping_free(void *p)
{
	if (p)
		explicit_bzero(p, malloc_usable_size(p));
	free(p);
}

int main(int argc, char **argv)
{
	struct cli cli = { .socket = CTL_DEFAULT_SOCKET, .out = &out_text };
	int code;

	setlocale(LC_CTYPE, "");
	/* a reader that has enough ("| head") ends us without a word */
	signal(SIGPIPE, SIG_IGN);
	json_set_alloc_funcs(malloc, wiping_free);
	code = cli_run(&cli, argc, argv);
	ctl_client_free(cli.client);
	errno = EIO; /* if what failed was an earlier write */
	if ((fflush(stdout) != 0 || ferror(stdout)) && code == CLI_DONE && !cli_stdout_closed()) {
		cli_error("cannot write: %s", strerror(errno));
		code = CLI_FAILED;
	}
	return code;
}
