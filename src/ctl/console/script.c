/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files of commands. With labels, as mpd has them, a file consists of entries:
 *
 *   NAME:
 *   	command
 *   	command
 *
 * and one of them is run; without, all of it. The first line tells which of both it is. The first
 * error ends it.
 */
#include "script.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/links.h"
#include "ctl/out/text.h"
#include "words.h"

struct entry {
	char *line;
	unsigned number;
};

struct script {
	struct entry *lines;
	size_t count;
};

static void script_clear(struct script *script)
{
	while (script->count)
		line_free(script->lines[--script->count].line);
	free(script->lines);
	script->lines = NULL;
}

/* Steals line; false: no memory. */
static bool script_add(struct script *script, char *line, unsigned number)
{
	struct entry *more = reallocarray(script->lines, script->count + 1, sizeof(*script->lines));

	if (!more) {
		line_free(line);
		return false;
	}
	script->lines = more;
	more[script->count++] = (struct entry){ line, number };
	return true;
}

static bool has_label(const struct script *script, const char *label)
{
	size_t i;

	for (i = 0; i < script->count; i++) {
		size_t len = line_is_label(script->lines[i].line);

		if (len && strlen(label) == len && strncmp(script->lines[i].line, label, len) == 0)
			return true;
	}
	return false;
}

static int run_one(struct console *console, const struct entry *entry)
{
	console->line = entry->number;
	return console_run_line(console, entry->line);
}

/* An entry of mpd.links is about the link it is named after. */
static int select_by_label(struct console *console, const char *label)
{
	bool exists;
	int r;

	if (console->link)
		return CLI_DONE;
	r = links_exists(console->cli, label, &exists);
	return !r && exists ? console_select(console, label) : r;
}

static int run_entry(struct console *console, const struct script *script, const char *label)
{
	bool inside = false;
	size_t i;
	int r = select_by_label(console, label);

	console->label = label;
	for (i = 0; !r && !console->quit && i < script->count; i++) {
		const char *line = script->lines[i].line;
		size_t len = line_is_label(line);

		if (len)
			inside = strlen(label) == len && strncmp(line, label, len) == 0;
		else if (inside)
			r = run_one(console, &script->lines[i]);
	}
	return r ? r : console_finish_set(console);
}

static void complain_about_file(const char *file)
{
	static char prefix[4200];

	snprintf(prefix, sizeof(prefix), "%s: ", file);
	cli_error_prefix(prefix);
}

static char *labels_of(const struct script *script)
{
	char *all = NULL;
	size_t i, size;
	FILE *out = open_memstream(&all, &size);

	for (i = 0; out && i < script->count; i++) {
		size_t len = line_is_label(script->lines[i].line);

		if (len)
			fprintf(out, "%s%.*s", ftell(out) ? ", " : "", (int)len,
				script->lines[i].line);
	}
	if (out)
		fclose(out);
	return all;
}

/* mpd runs "startup", and then "default". */
static int run_default(struct console *console, const struct script *script)
{
	char *all, *only;
	size_t i, labels = 0, len = 0, at = 0;
	int r = CLI_DONE;

	for (i = 0; i < script->count; i++) {
		if (!line_is_label(script->lines[i].line))
			continue;
		labels++;
		at = i;
		len = line_is_label(script->lines[i].line);
	}
	if (has_label(script, "startup"))
		r = run_entry(console, script, "startup");
	if (!r && has_label(script, "default"))
		return run_entry(console, script, "default");
	if (r || has_label(script, "startup"))
		return r;
	if (labels == 1) {
		only = text_printf("%.*s", (int)len, script->lines[at].line);
		r = run_entry(console, script, only);
		console->label = NULL;
		free(only);
		return r;
	}
	all = labels_of(script);
	cli_error("which of its entries? %s", all ? all : "");
	free(all);
	return CLI_FAILED;
}

static int run_labels(struct console *console, const struct script *script, const char *label)
{
	char *all;
	size_t i;

	for (i = 0; i < script->count; i++) {
		const char *line = script->lines[i].line;

		if (line_is_label(line) || *line == ' ' || *line == '\t')
			continue;
		console->line = script->lines[i].number;
		cli_error("line %u is neither a label, 'NAME:', nor a command of an entry, which "
			  "begins with a blank",
			console->line);
		return CLI_FAILED;
	}
	if (!label)
		return run_default(console, script);
	if (has_label(script, label))
		return run_entry(console, script, label);
	all = labels_of(script);
	complain_about_file(console->file);
	cli_error("there is no entry \"%s\" in it; there are: %s", label, all ? all : "");
	free(all);
	return CLI_FAILED;
}

/* All lines as they come, so that a program may write them one by one. */
static int run_stream(struct console *console, FILE *file, char *line, unsigned *number)
{
	unsigned first = *number;
	int r = CLI_DONE;

	while (line) {
		struct entry entry = { line, first };

		r = run_one(console, &entry);
		fflush(stdout);
		line_free(line);
		if (r || console->quit)
			break;
		line = line_read(file, number, &first);
	}
	return r ? r : console_finish_set(console);
}

static int run_file(struct console *console, FILE *file, const char *label)
{
	struct script script = { 0 };
	unsigned number = 0, first = 0;
	char *line = line_read(file, &number, &first);
	bool memory = true;
	int r;

	if (!line || !line_is_label(line)) {
		if (label)
			cli_error("it has no entries, so there is no \"%s\"", label);
		r = label ? CLI_FAILED : run_stream(console, file, line, &number);
		if (label)
			line_free(line);
		return r;
	}
	for (; memory && line; line = line_read(file, &number, &first))
		memory = script_add(&script, line, first);
	if (!memory)
		cli_error("%s", strerror(ENOMEM));
	console->script = &script;
	r = memory ? run_labels(console, &script, label) : CLI_FAILED;
	console->script = NULL;
	script_clear(&script);
	return r;
}

bool script_has_label(const struct console *console, const char *label)
{
	return console->script && has_label(console->script, label);
}

int script_run_label(struct console *console, const char *label)
{
	const char *old = console->label;
	int r = run_labels(console, console->script, label);

	console->label = old;
	return r;
}

/* --- where from --- */

static int script_open(const char *path, FILE **ret)
{
	FILE *file = path ? fopen(path, "re") : stdin;

	if (!file) {
		cli_error("cannot be read: %s", strerror(errno));
		return CLI_FAILED;
	}
	*ret = file;
	return CLI_DONE;
}

int script_run(struct console *console, const char *path, const char *label)
{
	struct console old = *console;
	const char *name = path ? path : "(standard input)";
	FILE *file;
	int r;

	complain_about_file(name);
	r = script_open(path, &file);
	if (r)
		return r;
	if (!path)
		setvbuf(stdin, NULL, _IONBF, 0); /* what a command reads is not ours */
	console->file = name;
	console->path = path;
	console->script = NULL;
	r = run_file(console, file, label);
	if (!r && ferror(file)) {
		complain_about_file(name);
		cli_error("cannot be read: %s", strerror(EIO));
		r = CLI_FAILED;
	}
	if (path)
		fclose(file);
	console->file = old.file;
	console->path = old.path;
	console->label = old.label;
	console->line = old.line;
	console->script = old.script;
	return r;
}

int script_run_entry(struct console *console, const char *path, const char *label, bool *ret_found)
{
	struct script script = { 0 };
	unsigned number = 0, first;
	FILE *file = fopen(path, "re");
	char *line;

	*ret_found = false;
	if (!file)
		return CLI_DONE;
	while ((line = line_read(file, &number, &first)) && script_add(&script, line, first))
		;
	fclose(file);
	*ret_found = has_label(&script, label);
	script_clear(&script);
	return *ret_found ? script_run(console, path, label) : CLI_DONE;
}
