/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * For programs: one array of objects a command, on one line; monitor: one object a line. The fields
 * are the daemon's, nothing is added, left out or renamed.
 */
#include <stdio.h>
#include <unistd.h>

#include "ctl/cli.h"

size_t out_json_flags(void)
{
	/* same JSON, but nothing in it that a terminal could take for a command */
	return JSON_COMPACT | (isatty(STDOUT_FILENO) ? JSON_ENSURE_ASCII : 0);
}

static void print(const json_t *value)
{
	json_dumpf(value, stdout, out_json_flags());
	putchar('\n');
}

static void print_one(const json_t *object)
{
	json_t *array = json_pack("[O]", object);

	print(array);
	json_decref(array);
}

static void print_link(const json_t *link, const json_t *tunnels, const json_t *sessions)
{
	(void)tunnels;
	(void)sessions;
	print_one(link);
}

static void print_result(const char *name, const json_t *reply)
{
	(void)name;
	print_one(reply);
}

const struct cli_out out_json = {
	.links = print,
	.tunnels = print,
	.sessions = print,
	.version = print_one,
	.counters = print_one,
	.link = print_link,
	.opened = print_result,
	.closed = print_result,
	.reloaded = print_one,
	.event = print,
	.config = print_one,
	.set = print_result,
	.created = print_result,
};
