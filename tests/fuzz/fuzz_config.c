/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bytes as the text of a configuration file, and as a file of users. Messages must be one line of
 * clean text each; what was understood must mean the same when it is written out and read again.
 */
#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "config/build.h"
#include "config/check.h"
#include "config/config.h"
#include "config/option_set.h"
#include "config/parse.h"
#include "config/show.h"
#include "config/users.c" /* its parser has no other way in that needs no file */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_option(const struct option *option, void *object)
{
	char *first, *again, error[OPTION_ERROR_LEN];
	size_t i;

	if (option->flags & OPTION_SECRET)
		return;
	for (i = 0; !option_format(option, object, i, &first); i++) {
		union {
			struct config_link link;
			struct config_ppp ppp;
			struct config_daemon daemon;
		} copy;

		assert(utf8_is_text(first, strlen(first)));
		memset(&copy, 0, sizeof(copy));
		if (*first) {
			assert(!option_set(option, &copy, first, error));
			assert(!option_format(option, &copy, 0, &again));
			assert(strcmp(first, again) == 0);
			free(again);
		}
		option_clear(option, &copy);
		free(first);
	}
}

static void check_section(enum option_section section, void *object)
{
	const struct option *option = NULL;

	while ((option = option_next(section, option)))
		check_option(option, object);
}

static void check_config(struct config *config)
{
	size_t i;

	for (i = 0; i < config->links_len; i++) {
		assert(option_name_valid(config->links[i].name));
		assert(config_find_link(config, config->links[i].name) == &config->links[i]);
		check_section(OPTION_LINK, &config->links[i]);
	}
	for (i = 0; i < config->ppps_len; i++) {
		assert(option_name_valid(config->ppps[i].name));
		check_section(OPTION_PPP, &config->ppps[i]);
	}
	check_section(OPTION_DAEMON, &config->daemon);
}

/* "show config" loads back to the same, but for secrets, which are refused. */
static void check_shown(const struct config *config)
{
	struct config_errors errors = { 0 };
	struct config *again = NULL;
	struct config_build build;
	char *text, *text_again;

	if (config_show(config, &text))
		return;
	assert(!config_build_init(&build, &errors));
	config_parse(&build, "f", text, strlen(text));
	config_check(&build);
	if (!config_build_take(&build, &again)) {
		assert(!config_show(again, &text_again));
		assert(strcmp(text, text_again) == 0);
		free(text_again);
	} else {
		assert(strstr(text, " = " OPTION_MASK "\n"));
		for (size_t i = 0; i < errors.len; i++)
			assert(strstr(errors.text[i], OPTION_MASK));
	}
	config_build_free(&build);
	config_free(again);
	config_errors_free(&errors);
	free(text);
}

static void fuzz_config(const char *text, size_t size)
{
	struct config_errors errors = { 0 };
	struct config *config = NULL;
	struct config_build build;
	size_t i;
	int r;

	if (config_build_init(&build, &errors) < 0)
		return;
	config_parse(&build, "f", text, size);
	config_check(&build);
	r = config_build_take(&build, &config);
	config_build_free(&build);
	assert(r == 0 || r == -EINVAL || r == -ENOMEM);
	assert((r == -EINVAL) == (errors.len > 0) || r == -ENOMEM);
	for (i = 0; i < errors.len; i++) {
		assert(strncmp(errors.text[i], "f:", 2) == 0);
		assert(utf8_is_text(errors.text[i], strlen(errors.text[i])));
	}
	if (!r) {
		check_config(config);
		check_shown(config);
	}
	config_free(config);
	config_errors_free(&errors);
}

static void fuzz_users(const char *text, size_t size)
{
	struct users_file file = { .next = NULL };
	size_t i;

	if (!lines_scan(&file, text, size)) {
		for (i = 0; i < file.len; i++) {
			const struct line *line = &file.lines[i];

			assert(line->secret + strlen(line->secret) + 1 ==
				line->client + line->size);
			line_quality(line, "user", "server");
		}
		assert(!file.bad_line == !file.bad);
	}
	lines_free(&file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size ? size : 1); /* no byte more than there are */

	if (!text)
		return 0;
	if (size)
		memcpy(text, data, size);
	fuzz_config(text, size);
	fuzz_users(text, size);
	free(text);
	return 0;
}
