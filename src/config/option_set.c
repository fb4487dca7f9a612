/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "option_set.h"

#include <errno.h>
#include <stdio.h>

#include "base/utf8.h"
#include "option_value.h"

static int parse_value(const struct option *option, void *object, const char *text,
	char error[static OPTION_ERROR_LEN])
{
	return option_ops[option->kind].parse(option, object, text, error);
}

int option_set(const struct option *option, void *object, const char *text,
	char error[static OPTION_ERROR_LEN])
{
	char what[OPTION_ERROR_LEN];
	int r = -EINVAL;

	if (!utf8_is_text(text, strlen(text)))
		snprintf(what, sizeof(what), "holds a control character or is not UTF-8");
	else if (!*text && !(option->flags & OPTION_EMPTY))
		snprintf(what, sizeof(what), "has no value");
	else
		r = parse_value(option, object, text, what);
	if (r == -ENOMEM)
		snprintf(what, sizeof(what), "out of memory");
	if (r < 0)
		snprintf(error, OPTION_ERROR_LEN, "%s: %.*s", option->key,
			(int)(OPTION_ERROR_LEN - 40), what);
	return r;
}

int option_reset(const struct option *option, void *object)
{
	char error[OPTION_ERROR_LEN];
	int r;

	option_clear(option, object);
	r = parse_value(option, object, option->def ? option->def : "", error);
	/* a default that its own row refuses is a mistake of the table; the tests set them all */
	return r == -ENOMEM ? r : 0;
}

int option_reset_all(enum option_section section, void *object)
{
	const struct option *option = NULL;
	int r;

	while ((option = option_next(section, option))) {
		r = option_reset(option, object);
		if (r < 0)
			return r;
	}
	return 0;
}

void option_clear(const struct option *option, void *object)
{
	option_ops[option->kind].clear(option, object);
}

void option_clear_all(enum option_section section, void *object)
{
	const struct option *option = NULL;

	while ((option = option_next(section, option)))
		option_clear(option, object);
}

int option_copy_all(enum option_section section, void *object, const void *from)
{
	const struct option *option = NULL;
	int r = 0;

	while (!r && (option = option_next(section, option)))
		r = option_ops[option->kind].copy(option, object, from);
	return r;
}

int option_format(const struct option *option, const void *object, size_t index, char **ret)
{
	if (index && !(option->flags & OPTION_LIST))
		return -ENOENT;
	return option_ops[option->kind].format(option, object, index, ret);
}
