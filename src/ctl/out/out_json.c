/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "out_json.h"

#include <stdio.h>
#include <unistd.h>

size_t out_json_flags(void)
{
	/* same JSON, but nothing in it that a terminal could take for a command */
	return JSON_COMPACT | JSON_REAL_PRECISION(10) |
	       (isatty(STDOUT_FILENO) ? JSON_ENSURE_ASCII : 0);
}

static void print_value(const json_t *value)
{
	json_dumpf(value, stdout, out_json_flags());
	putchar('\n');
}

static void print_one(const json_t *object)
{
	json_t *array = json_pack("[O]", object);

	print_value(array);
	json_decref(array);
}

static void print_link(const json_t *link, const json_t *tunnels, const json_t *sessions)
{
	print_one(link);
}

static void print_count(size_t count, const char *what)
{
	json_t *o = json_pack("[{s:I}]", "count", (json_int_t)count);

	print_value(o);
	json_decref(o);
}

static void print_nothing(size_t count, size_t of, const char *what)
{
}

static void print_result(const char *name, const json_t *reply)
{
	print_one(reply);
}

const struct cli_out out_json = {
	.links = print_value,
	.tunnels = print_value,
	.sessions = print_value,
	.session = print_one,
	.count = print_count,
	.chosen = print_nothing,
	.forwards = print_value,
	.pppoe = print_value,
	.version = print_one,
	.counters = print_one,
	.link = print_link,
	.opened = print_result,
	.closed = print_result,
	.reloaded = print_one,
	.saved = print_one,
	.event = print_value,
	.config = print_one,
	.set = print_result,
	.created = print_result,
};
