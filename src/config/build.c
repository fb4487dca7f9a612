/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "option_set.h"

void config_error(struct config_build *build, struct config_place place, const char *fmt, ...)
{
	struct config_errors *errors = build->errors;
	char **text, *what = NULL;
	va_list ap;

	if (!build->failed)
		build->wrong = place;
	build->failed = true;
	if (errors->len >= CONFIG_ERRORS_MAX)
		return;
	text = reallocarray(errors->text, errors->len + 1, sizeof(*text));
	if (text)
		errors->text = text;
	va_start(ap, fmt);
	if (!text || vasprintf(&what, fmt, ap) < 0) {
		what = NULL;
		build->no_memory = true;
	} else if (!*place.file) {
		text[errors->len++] = what;
		what = NULL;
	} else if (asprintf(&text[errors->len], "%s:%u: %s", place.file, place.line, what) < 0) {
		build->no_memory = true;
	} else {
		errors->len++;
	}
	va_end(ap);
	free(what);
}

int config_build_init(struct config_build *build, struct config_errors *errors)
{
	memset(build, 0, sizeof(*build));
	build->errors = errors;
	build->config = calloc(1, sizeof(*build->config));
	build->places[OPTION_DAEMON] = calloc(1, sizeof(*build->places[OPTION_DAEMON]));
	if (!build->config || !build->places[OPTION_DAEMON] ||
		option_reset_all(OPTION_DAEMON, &build->config->daemon) < 0) {
		config_build_free(build);
		return -ENOMEM;
	}
	return 0;
}

void config_build_free(struct config_build *build)
{
	for (size_t i = 0; i < OPTION_SECTION_COUNT; i++)
		free(build->places[i]);
	config_free(build->config);
	memset(build, 0, sizeof(*build));
}

int config_build_take(struct config_build *build, struct config **ret)
{
	int r = build->no_memory ? -ENOMEM : build->failed ? -EINVAL : 0;

	if (!r) {
		*ret = build->config;
		build->config = NULL;
	}
	return r;
}
