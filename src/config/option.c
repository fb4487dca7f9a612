/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of options.def and what can be done with a row.
 */
#include "option.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <l2tpd/config.h>

#include "base/nearest.h"
#include "base/utf8.h"

#ifndef L2TPD_PPPD_PLUGIN
#include "version.h" /* made by meson */
#endif

#define STRUCT_LINK   struct config_link
#define STRUCT_PPP    struct config_ppp
#define STRUCT_DAEMON struct config_daemon

/* The types of the fields, by the kind of the row. */
#define FIELD_BOOL	bool
#define FIELD_NUMBER	unsigned
#define FIELD_REDIAL	int
#define FIELD_TEXT	char *
#define FIELD_WORD	char *
#define FIELD_NAME	char *
#define FIELD_PATH	char *
#define FIELD_TYPE	char *
#define FIELD_SELF	struct config_endpoint
#define FIELD_PEER	struct config_endpoint
#define FIELD_ADDRESS	struct l2tp_addr
#define FIELD_DNS	struct l2tp_addr[2]
#define FIELD_POOL	struct config_range *
#define FIELD_REQUIRE	enum config_require
#define FIELD_LOG_LEVEL int
#define FIELD_LINES	char **

#define OPTION(sect, key, field, kind, ...)                                                        \
	_Static_assert(__builtin_types_compatible_p(                                               \
			       __typeof__(((STRUCT_##sect *)NULL)->field), FIELD_##kind),          \
		"type of the field for " key);
#include "options.def"
#undef OPTION

const struct option option_table[OPTION_COUNT] = {
#define OPTION(sect, key, field, kind, def, min, max, unit, flags, arg, help)                      \
	{ OPTION_##sect, key, OPTION_##kind, offsetof(STRUCT_##sect, field), def, min, max, unit,  \
		flags, arg, help },
#include "options.def"
#undef OPTION
};

const char *option_section_name(enum option_section section)
{
	switch (section) {
	case OPTION_LINK:
		return "link";
	case OPTION_PPP:
		return "ppp";
	case OPTION_DAEMON:
		return "daemon";
	}
	return "";
}

const struct option *option_next(enum option_section section, const struct option *prev)
{
	const struct option *end = option_table + OPTION_COUNT;
	const struct option *option = prev ? prev + 1 : option_table;

	while (option < end && option->section != section)
		option++;
	return option < end ? option : NULL;
}

const struct option *option_find(enum option_section section, const char *key)
{
	const struct option *option = NULL;

	while ((option = option_next(section, option)))
		if (!strcmp(option->key, key))
			return option;
	return NULL;
}

const char *option_nearest(enum option_section section, const char *key)
{
	const struct option *option = NULL;
	struct nearest nearest = { .word = key };

	while ((option = option_next(section, option)))
		nearest_offer(&nearest, option->key);
	return nearest.best;
}

bool option_name_valid(const char *name)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789_.-";
	size_t len = strlen(name);

	return len && len <= OPTION_NAME_MAX && strspn(name, allowed) == len;
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
		r = option_value_parse(option, object, text, what);
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
	r = option_value_parse(option, object, option->def ? option->def : "", error);
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

void option_clear_all(enum option_section section, void *object)
{
	const struct option *option = NULL;

	while ((option = option_next(section, option)))
		option_clear(option, object);
}

int option_copy(const struct option *option, void *object, const void *from)
{
	return option_value_copy(option, object, from);
}

int option_copy_all(enum option_section section, void *object, const void *from)
{
	const struct option *option = NULL;
	int r = 0;

	while (!r && (option = option_next(section, option)))
		r = option_value_copy(option, object, from);
	return r;
}

int option_format(const struct option *option, const void *object, size_t index, char **ret)
{
	if (index && !(option->flags & OPTION_LIST))
		return -ENOENT;
	return option_value_format(option, object, index, ret);
}
