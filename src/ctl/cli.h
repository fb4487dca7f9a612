/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * l2tpctl: what its commands share.
 */
#ifndef CTL_CLI_H
#define CTL_CLI_H

#include <jansson.h>
#include <stdbool.h>

#include "client.h"

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
};
extern const struct cli_out out_text, out_json;

/* Flags for json_dumpf() to stdout. */
size_t out_json_flags(void);

struct cli {
	const char *socket;
	const struct cli_out *out;
	bool no_wait;
	bool packets;		   /* monitor */
	const char *secret_file;   /* decode; NULL: none */
	unsigned port;		   /* decode; 0: L2TP's */
	struct ctl_client *client; /* NULL until the first call */
};

/* --- main.c --- */

/* One line on stderr, "l2tpctl: ..."; control characters in it are made harmless. */
void cli_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* 0, or CLI_UNREACHABLE with its reason on stderr. */
int cli_connect(struct cli *cli);
/* The exit code for a call that gave r and, if r >= 0, reply; the reason is on stderr. */
int cli_verdict(const struct cli *cli, int r, const struct ctl_reply *reply);
/* Connect if need be and call; 0 and *ret (clear it), or an exit code with its reason on stderr. */
int cli_call(struct cli *cli, const char *method, json_t *params, struct ctl_reply *ret);

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

#endif
