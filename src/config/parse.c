/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What other readers of such files cut, join or skip without a word (indented lines, comments
 * behind values, lines without '=') is a mistake here, with its line: half a secret is worse than
 * none.
 */
#include "parse.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"
#include "base/utf8.h"
#include "config.h"
#include "option_set.h"
#include "section.h"

#define KEY_CHARS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"

enum where {
	BEFORE_SECTIONS,
	IN_SECTION,
	IN_BAD_SECTION, /* its header was wrong: what is in it is not looked at */
};

struct reader {
	struct config_build *build;
	const char *text;
	size_t left;
	struct config_place place; /* of the present line */
	enum where where;
	enum option_section section;
	size_t index; /* of the section in its array */
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static const char *skip_blanks(const char *p)
{
	return p + strspn(p, OPTION_BLANKS);
}

static struct config_places *reader_places(struct reader *reader)
{
	return &reader->build->places[reader->section][reader->index];
}

static void *reader_object(struct reader *reader)
{
	return config_section_at(reader->build->config, reader->section, reader->index);
}

static void begin_named(struct reader *reader, const char *name)
{
	struct config_build *build = reader->build;
	const struct config_head *old = config_section_find(build->config, reader->section, name);

	if (old) {
		config_error(build, reader->place, "%s '%s' is already defined at %s:%u",
			option_section_name(reader->section), name, old->file, old->line);
		return;
	}
	reader->index = config_section_count(build->config, reader->section);
	if (config_section_add(build, reader->section, name, reader->place) < 0)
		build->no_memory = true;
	else
		reader->where = IN_SECTION;
}

/* Anything but a section that can be read. */
static void refuse_section(struct reader *reader, const char *kind)
{
	struct nearest nearest = { .word = kind };
	size_t i;

	for (i = 0; i < OPTION_SECTION_COUNT; i++)
		nearest_offer(&nearest, option_section_name((enum option_section)i));
	if (!nearest.best)
		config_error(reader->build, reader->place,
			"unknown section '%s'; there are [link NAME], [ppp NAME], [pppoe NAME], "
			"[serial NAME], "
			"[forward NAME] and [daemon]",
			kind);
	else
		config_error(reader->build, reader->place,
			"unknown section '%s'; did you mean '%s'?", kind, nearest.best);
}

static void begin_section(struct reader *reader, const char *kind, const char *name)
{
	size_t i;

	reader->where = IN_BAD_SECTION;
	for (i = 0; i < OPTION_SECTION_COUNT; i++)
		if (strcmp(kind, option_section_name((enum option_section)i)) == 0)
			break;
	if (i == OPTION_SECTION_COUNT) {
		refuse_section(reader, kind);
		return;
	}
	reader->section = (enum option_section)i;
	reader->index = 0;
	if (reader->section == OPTION_DAEMON) {
		if (*name)
			config_error(reader->build, reader->place, "[daemon] takes no name");
		else
			reader->where = IN_SECTION;
		return;
	}
	if (!*name)
		config_error(reader->build, reader->place, "name is missing: [%s NAME]", kind);
	else if (!option_name_valid(name))
		config_error(reader->build, reader->place,
			"'%s' is not a name (1 to %d of A-Z a-z 0-9 _ . -)", name, OPTION_NAME_MAX);
	else
		begin_named(reader, name);
}

/* line: "[KIND NAME]", NUL terminated */
static void read_header(struct reader *reader, char *line)
{
	char *kind = line + 1, *end = strchr(line, ']'), *name;

	reader->where = IN_BAD_SECTION;
	if (!end || *skip_blanks(end + 1)) {
		config_error(reader->build, reader->place, "a section is written '[KIND NAME]'%s",
			end ? ", with nothing behind it" : "");
		return;
	}
	while (end > kind && is_blank(end[-1]))
		end--;
	*end = '\0';
	kind += strspn(kind, OPTION_BLANKS);
	name = kind + strcspn(kind, OPTION_BLANKS);
	if (*name)
		*name++ = '\0';
	begin_section(reader, kind, skip_blanks(name));
}

const char *config_line_problem(const char *line)
{
	size_t separator = strcspn(line, "=:");
	const char *p;

	for (p = line + 1; *p; p++)
		if (is_blank(p[-1]) && (*p == ';' || *p == '#'))
			return "a comment behind a value; it needs a line of its own";
	if (line[separator] != '=')
		return "neither 'KEY = VALUE' nor '[SECTION]'";
	if (!separator)
		return "no key before '='";
	return NULL;
}

static void unknown_key(struct reader *reader, const char *key)
{
	const char *near = option_nearest(reader->section, key);
	const char *section = option_section_name(reader->section);
	size_t i;

	/* what does not look like a key may be half of a secret */
	if (key[strspn(key, KEY_CHARS)]) {
		config_error(reader->build, reader->place, "what stands before '=' is not a key");
		return;
	}
	for (i = 0; i < OPTION_SECTION_COUNT; i++) {
		if (!option_find((enum option_section)i, key))
			continue;
		config_error(reader->build, reader->place, "'%s' is a key of [%s], not of [%s]",
			key, option_section_name((enum option_section)i), section);
		return;
	}
	if (near)
		config_error(reader->build, reader->place, "unknown key '%s'; did you mean '%s'?",
			key, near);
	else
		config_error(
			reader->build, reader->place, "unknown key '%.64s' in [%s]", key, section);
}

static void note_line(struct config_ppp *ppp, unsigned line)
{
	if (ppp->option_len && !ppp->option_line[ppp->option_len - 1])
		ppp->option_line[ppp->option_len - 1] = line;
}

static void set_key(struct reader *reader, const struct option *option, const char *value)
{
	struct config_place *place = &reader_places(reader)->of[option - option_table];
	char error[OPTION_ERROR_LEN];
	int r;

	if (place->file && !(option->flags & OPTION_LIST)) {
		config_error(reader->build, reader->place, "%s: already set at %s:%u", option->key,
			place->file, place->line);
		return;
	}
	if (!place->file)
		*place = reader->place;
	if (option->flags & OPTION_SECRET && !reader->build->secret.file)
		reader->build->secret = reader->place;
	if ((*value == '"' || *value == '\'') && option->kind != OPTION_LINES) {
		config_error(reader->build, reader->place,
			"%s: begins with a quote; values are written without quotes", option->key);
		return;
	}
	r = option_set(option, reader_object(reader), value, error);
	if (r == -ENOMEM)
		reader->build->no_memory = true;
	else if (r < 0)
		config_error(reader->build, reader->place, "%s", error);
	else if (option->kind == OPTION_LINES)
		note_line(reader_object(reader), reader->place.line);
}

/* line: "KEY = VALUE", in which nothing is wrong */
static void read_key(struct reader *reader, char *line)
{
	char *separator = strchr(line, '='), *end = separator;
	const char *value = skip_blanks(separator + 1);
	const struct option *option;

	while (end > line && is_blank(end[-1]))
		end--;
	*end = '\0';
	switch (reader->where) {
	case BEFORE_SECTIONS:
		config_error(reader->build, reader->place, "a key before the first [section]");
		break;
	case IN_BAD_SECTION:
		break;
	case IN_SECTION:
		option = option_find(reader->section, line);
		if (option)
			set_key(reader, option, value);
		else
			unknown_key(reader, line);
		break;
	}
}

/* line: without its end and the blanks before that */
static void read_line(struct reader *reader, char *line, size_t len)
{
	const char *begin = skip_blanks(line), *problem = NULL;

	if (memchr(line, '\0', len))
		problem = "a NUL byte";
	else if (!*begin || *begin == '#' || *begin == ';')
		return;
	else if (!utf8_is_text(line, len))
		problem = "a control character, or text that is not UTF-8";
	else if (begin > line)
		problem = "begins with a blank (a value cannot go on in the next line)";
	else if (*line != '[')
		problem = config_line_problem(line);

	if (problem)
		config_error(reader->build, reader->place, "%s", problem);
	else if (*line == '[')
		read_header(reader, line);
	else
		read_key(reader, line);
}

/* The length of the next line without its end; reader->text is behind it then. */
static size_t next_line(struct reader *reader, const char **ret)
{
	const char *text = reader->text, *newline = memchr(text, '\n', reader->left);
	size_t len = newline ? (size_t)(newline - text) : reader->left;

	reader->place.line++;
	reader->text += len + (newline ? 1 : 0);
	reader->left -= len + (newline ? 1 : 0);
	if (reader->place.line == 1 && len >= strlen(UTF8_BOM) &&
		memcmp(text, UTF8_BOM, strlen(UTF8_BOM)) == 0) {
		text += strlen(UTF8_BOM);
		len -= strlen(UTF8_BOM);
	}
	if (len && text[len - 1] == '\r')
		len--;
	*ret = text;
	return len;
}

static bool is_comment(const char *text, size_t len)
{
	size_t i = 0;

	while (i < len && is_blank(text[i]))
		i++;
	return i < len && (text[i] == '#' || text[i] == ';');
}

static void read_lines(struct reader *reader, char line[static CONFIG_LINE_MAX + 1])
{
	const char *text;
	size_t len;

	while (reader->left && !reader->build->no_memory) {
		len = next_line(reader, &text);
		if (len > CONFIG_LINE_MAX) {
			if (!is_comment(text, len))
				config_error(reader->build, reader->place, "longer than %d bytes",
					CONFIG_LINE_MAX);
			continue;
		}
		while (len && is_blank(text[len - 1]))
			len--;
		memcpy(line, text, len);
		line[len] = '\0';
		read_line(reader, line, len);
		explicit_bzero(line, len); /* there may have been a secret in it */
	}
}

void config_parse(struct config_build *build, const char *name, const char *text, size_t len)
{
	struct config *config = build->config;
	struct reader reader = { .build = build, .text = text, .left = len };
	char **files, *line;

	if (build->no_memory) /* there may be half a section */
		return;
	memset(&build->secret, 0, sizeof(build->secret));
	files = reallocarray(config->files, config->files_len + 1, sizeof(*files));
	if (files)
		config->files = files;
	if (!files || !(files[config->files_len] = strdup(name))) {
		build->no_memory = true;
		return;
	}
	reader.place.file = files[config->files_len++];
	line = malloc(CONFIG_LINE_MAX + 1);
	if (line)
		read_lines(&reader, line);
	else
		build->no_memory = true;
	free(line);
}
