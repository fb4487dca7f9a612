/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * l2tpctl: what its commands share: how it is called, messages, calls to the daemon.
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
	void (*forwards)(const json_t *forwards);
	void (*pppoe)(const json_t *pppoe);
	void (*sessions)(const json_t *sessions);
	void (*session)(const json_t *session);
	/* what: "sessions"; chosen: after a list that is not of all of them */
	void (*count)(size_t count, const char *what);
	void (*chosen)(size_t count, size_t of, const char *what);
	void (*version)(const json_t *reply);
	void (*counters)(const json_t *counters);
	/* one link; tunnels and sessions are those of all links */
	void (*link)(const json_t *link, const json_t *tunnels, const json_t *sessions);
	void (*opened)(const char *name, const json_t *reply);
	void (*closed)(const char *target, const json_t *reply);
	void (*reloaded)(const json_t *reply);
	void (*saved)(const json_t *reply);
	void (*event)(const json_t *event);
	void (*config)(const json_t *reply);
	void (*set)(const char *link, const json_t *reply);
	void (*created)(const char *link, const json_t *reply);
};

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
	/* commands_run() and commands_row(), for the console */
	int (*run)(struct cli *cli, int argc, char **argv);
	bool (*row)(
		size_t index, const char **ret_words, const char **ret_args, const char **ret_help);
};

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

/* Nobody reads what we write ("| head" has enough). */
bool cli_stdout_closed(void);
/* A terminal is there to ask. */
bool cli_terminal(void);

/* From now on Ctrl-C does not end the program: what is waited for is given up. */
void cli_catch_interrupt(void);
/* Ctrl-C was pressed since cli_forget_interrupt(). */
bool cli_interrupted(void);
void cli_forget_interrupt(void);

#endif
