/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "set_rig.h"

#include <stdlib.h>
#include <string.h>

const char base[] = "[link a]\ntype = l2tp\npeer = 192.0.2.1\n"
		    "[link b]\ntype = l2tp\npeer = 192.0.2.2\noriginate = yes\n"
		    "secret = topsecret\nhidden = yes\nppp = p\n[ppp p]\n";

struct config *try_load(const char *text, char **ret_error)
{
	struct config_errors errors = { 0 };
	struct config *config = NULL;
	struct config_build build;

	assert_int_equal(config_build_init(&build, &errors), 0);
	config_parse(&build, "f", text, strlen(text));
	config_check(&build);
	config_build_take(&build, &config);
	config_build_free(&build);
	if (ret_error)
		*ret_error = errors.len ? strdup(errors.text[0]) : NULL;
	else if (errors.len)
		fail_msg("%s\nof\n%s", errors.text[0], text);
	config_errors_free(&errors);
	return config;
}

struct config *load(const char *text)
{
	struct config *config = try_load(text, NULL);

	assert_non_null(config);
	return config;
}

char *shown(const struct config *config)
{
	char *text = NULL;

	assert_int_equal(config_show(config, &text), 0);
	return text;
}

int set_as(struct config *config, const char *link, const char *lines, struct set_caller caller,
	struct set_result *result)
{
	struct config_link *object = (struct config_link *)config_find_link(config, link);
	const char *words[64];
	struct set_line list[16];
	char *copy = strdup(lines), *rest = copy, *line, *word;
	size_t n = 0, w = 0;
	int r;

	assert_non_null(object);
	while ((line = strsep(&rest, "|"))) {
		list[n].words = words + w;
		list[n].count = 0;
		while ((word = strsep(&line, " "))) {
			if (!*word)
				continue;
			for (char *p = word; *p; p++)
				if (*p == '_')
					*p = ' ';
			words[w++] = strcmp(word, "''") != 0 ? word : "";
			list[n].count++;
		}
		n++;
	}
	r = set_link(config, object, list, n, caller, result);
	free(copy);
	return r;
}

int set(struct config *config, const char *link, const char *lines, bool in_public,
	struct set_result *result)
{
	return set_as(config, link, lines,
		(struct set_caller){ .in_public = in_public, .root = true }, result);
}

void must_set(struct config *config, const char *link, const char *lines)
{
	struct set_result result;
	int r = set(config, link, lines, false, &result);

	if (r)
		fail_msg("%s: %d %s", lines, r, result.error);
}

void assert_shown(const struct config *config, const char *link, const char *key, const char *value)
{
	const struct option *option = option_find(OPTION_LINK, key);
	char *text;

	assert_int_equal(option_format(option, config_find_link(config, link), 0, &text), 0);
	assert_string_equal(text, value);
	free(text);
}
