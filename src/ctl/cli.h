/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * l2tpctl: what its commands share.
 */
#ifndef CTL_CLI_H
#define CTL_CLI_H

#include <jansson.h>
#include <stdbool.h>

#include "control/client.h"

enum cli_exit {
	CLI_DONE = 0,
	CLI_FAILED = 1, /* refused or failed: the reason is on stderr */
	CLI_USAGE = 2,
	CLI_UNREACHABLE = 3, /* no daemon, or it went away */
};

/* How results are written to stdout. JSON: what the daemon sent and nothing else. */
struct cli_out {
	void (*links)(const json_t *links);
	void (*tunnels)(const json_t *tunnels);
	void (*sessions)(const json_t *sessions);
	void (*version)(const json_t *reply);
	void (*counters)(const json_t *counters);
	/* one link; tunnels and sessions are those of all links */
	void (*link)(const json_t *link, const json_t *tunnels, const json_t *sessions);
	void (*opened)(const char *name, const json_t *reply);
	void (*closed)(const char *target, const json_t *reply);
	void (*reloaded)(const json_t *reply);
	void (*event)(const json_t *event);
	void (*config)(const json_t *reply);
	void (*set)(const char *link, const json_t *reply);
	void (*created)(const char *link, const json_t *reply);
};
extern const struct cli_out out_text, out_json;

/* Flags for json_dumpf() to stdout. */
size_t out_json_flags(void);

struct console;

struct cli {
	const char *socket;
	const struct cli_out *out;
	bool no_wait;
	bool packets;		   /* monitor */
	const char *secret_file;   /* decode; NULL: none */
	unsigned port;		   /* decode; 0: L2TP's */
	struct ctl_client *client; /* NULL until the first call */
	struct console *console;   /* the command comes from there; NULL: from the command line */
};

/* --- main.c --- */

/* One line on stderr, "l2tpctl: ..."; control characters in it are made harmless. */
void cli_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* What such lines begin with instead of "l2tpctl: "; borrowed. NULL: that again. */
void cli_error_prefix(const char *prefix);
/* The same for what need not stop anybody: "... warning: ". */
void cli_warning(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* 0, or CLI_UNREACHABLE with its reason on stderr. */
int cli_connect(struct cli *cli);
/* The exit code for a call that gave r and, if r >= 0, reply; the reason is on stderr. */
int cli_verdict(const struct cli *cli, int r, const struct ctl_reply *reply);
/* Connect if need be and call: 0 and *ret, which may hold an error of the daemon, or an exit code.
 */
int cli_call_raw(struct cli *cli, const char *method, json_t *params, struct ctl_reply *ret);
/* The same, but every error is said on stderr; 0 and *ret (clear it), or an exit code with its
 * reason on stderr. */
int cli_call(struct cli *cli, const char *method, json_t *params, struct ctl_reply *ret);

/* The words of a command line, argv[0] aside: options and a command. An exit code. */
int cli_run(struct cli *cli, int argc, char **argv);
/* The commands, by index: words and help; false: no more. */
bool cli_command(
	size_t index, const char **ret_words, const char **ret_args, const char **ret_help);
/* Ctrl-C in the console: what is waited for is given up. The flag is set then. */
bool cli_interrupted(void);
const volatile sig_atomic_t *cli_stop_flag(void);

/* Nobody reads what we write ("| head" has enough). */
bool cli_stdout_closed(void);

/* --- cmd_*.c: argv are the words after the command's own; the number of them was checked --- */

int cmd_open(struct cli *cli, char **argv);
int cmd_close(struct cli *cli, char **argv);
int cmd_show_links(struct cli *cli, char **argv);
int cmd_show_link(struct cli *cli, char **argv);
int cmd_show_tunnels(struct cli *cli, char **argv);
int cmd_show_sessions(struct cli *cli, char **argv);
int cmd_show_version(struct cli *cli, char **argv);
int cmd_show_counters(struct cli *cli, char **argv);
int cmd_monitor(struct cli *cli, char **argv);
int cmd_reload(struct cli *cli, char **argv);
int cmd_check(struct cli *cli, char **argv);
int cmd_decode(struct cli *cli, char **argv);
int cmd_show_config(struct cli *cli, char **argv);
int cmd_link(struct cli *cli, char **argv);
int cmd_create_link(struct cli *cli, char **argv);
int cmd_console(struct cli *cli, char **argv);
int cmd_import(struct cli *cli, char **argv); /* import/import.c */

/* --- cmd_config.c --- */

/* A link as ListLinks has it: 0 and *ret (json_decref it; NULL: there is none of that name), or an
 * exit code with its reason on stderr. */
int cli_link_get(struct cli *cli, const char *name, json_t **ret);
/* Is there a link of that name? 0 and *ret, or an exit code with its reason on stderr. */
int cli_link_exists(struct cli *cli, const char *name, bool *ret);
/*
 * SetLink with lines, an array of arrays of words, which is stolen; asks for a secret if one is
 * wanted. 0 and *ret, which may hold an error of the daemon; or an exit code with its reason on
 * stderr.
 */
int cli_set_lines(struct cli *cli, const char *link, json_t *lines, bool in_public,
	bool script_on_stdin, struct ctl_reply *ret);
/* Words as JSON; NULL: one is not UTF-8, as said on stderr. */
json_t *cli_words(char **words);
int cli_create_link(struct cli *cli, const char *name, const char *type);

/* --- secret.c --- */

/* NULL: there was none, as said on stderr. Wipe and free with cli_secret_free(). */
char *cli_read_secret(const char *prompt, bool script_on_stdin);
void cli_secret_free(char *secret);

#endif
