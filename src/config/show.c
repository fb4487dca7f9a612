/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "show.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "option_set.h"
#include "parse.h"
#include "section.h"

/* Only the default, which need not be told. -ENOMEM. */
static int is_default(const struct option *option, const void *object, const void *plain)
{
	char *text = NULL, *def = NULL;
	int r = option_format(option, object, 0, &text), q;

	if (r == -ENOMEM)
		return r;
	q = option_format(option, plain, 0, &def);
	/* a list has no default; -ENOENT: it has nothing */
	r = q == -ENOMEM ? q : r == -ENOENT ? 1 : !q && strcmp(text, def) == 0;
	free(text);
	free(def);
	return r;
}

/* "users" alone is taken for a slip: that nobody has to log in must be said. */
static bool says_something(const struct option *option, const void *object)
{
	const struct config_ppp *ppp = object;

	return option->section == OPTION_PPP && strcmp(option->key, "require") == 0 && *ppp->users;
}

/* Blanks around '=', unless they make the line too long, or a comment of what begins with '#'. */
static int show_line(FILE *out, const char *key, const char *value)
{
	char *line;

	if (asprintf(&line, "%s = %s", key, value) < 0)
		return -ENOMEM;
	if (strlen(line) > CONFIG_LINE_MAX || config_line_problem(line))
		fprintf(out, "%s=%s\n", key, value);
	else
		fprintf(out, "%s\n", line);
	free(line);
	return 0;
}

static int show_option(
	FILE *out, const struct option *option, const void *object, const void *plain)
{
	int r = is_default(option, object, plain);
	size_t i;

	if (r < 0 || (r && !says_something(option, object)))
		return r < 0 ? r : 0;
	if (option->flags & OPTION_SECRET)
		fprintf(out,
			"# not shown, and refused like this: put in the %s itself, or use "
			"%s-file\n",
			option->key, option->key);
	for (i = 0, r = 0; !r; i++) {
		char *text;

		r = option_format(option, object, i, &text);
		if (r)
			break;
		r = show_line(out, option->key, text);
		free(text);
	}
	return r == -ENOENT ? 0 : r;
}

static int show_section(
	FILE *out, enum option_section section, const char *name, const void *object)
{
	void *plain = calloc(1, config_section_size_max());
	const struct option *option = NULL;
	int r = plain ? option_reset_all(section, plain) : -ENOMEM;

	fprintf(out, "\n[%s%s%s]\n", option_section_name(section), *name ? " " : "", name);
	while (!r && (option = option_next(section, option)))
		r = show_option(out, option, object, plain);
	if (plain)
		option_clear_all(section, plain);
	free(plain);
	return r;
}

/* All of a kind. */
static int show_sections(FILE *out, const struct config *config, enum option_section section)
{
	int r = 0;

	for (size_t i = 0; !r && i < config_section_count(config, section); i++) {
		const struct config_head *head = config_section_look(config, section, i);

		r = show_section(out, section, head->name, head);
	}
	return r;
}

int config_show(const struct config *config, char **ret)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	int r;

	if (!out)
		return -ENOMEM;
	fputs("# What l2tpd works with now. A key that is not here has its default, see "
	      "l2tpd.conf(5).\n",
		out);
	r = show_section(out, OPTION_DAEMON, "", &config->daemon);
	for (enum option_section section = 0; !r && section < OPTION_DAEMON; section++)
		r = show_sections(out, config, section);
	if (fclose(out) != 0 && !r)
		r = -ENOMEM;
	if (r < 0) {
		free(text);
		return r;
	}
	*ret = text;
	return 0;
}
