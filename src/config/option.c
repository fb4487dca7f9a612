/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "option.h"

#include <string.h>

#include <l2tpd/config.h>

#include "base/nearest.h"

#ifndef L2TPD_PPPD_PLUGIN
#include "version.h" /* made by meson */
#endif

#define STRUCT_LINK    struct config_link
#define STRUCT_PPP     struct config_ppp
#define STRUCT_PPPOE   struct config_pppoe
#define STRUCT_SERIAL  struct config_serial
#define STRUCT_FORWARD struct config_forward
#define STRUCT_DAEMON  struct config_daemon

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
#define FIELD_MPPE	enum config_mppe
#define FIELD_SESSIONS	enum config_sessions
#define FIELD_LOG_LEVEL int
#define FIELD_PROXY	enum config_proxy
#define FIELD_WORDS	struct config_words
#define FIELD_NETS	struct config_words
#define FIELD_METHODS	struct config_words
#define FIELD_SOURCE	struct config_source
#define FIELD_TARGETS	struct config_targets
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
	case OPTION_PPPOE:
		return "pppoe";
	case OPTION_SERIAL:
		return "serial";
	case OPTION_FORWARD:
		return "forward";
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
		if (strcmp(option->key, key) == 0)
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
