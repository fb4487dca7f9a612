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

#define DISTANCE_MAX 64 /* words from here on are never near */

unsigned option_distance(const char *word, const char *other)
{
	/* rows i - 2, i - 1 and i of the matrix; neighbours swapped count as one edit */
	unsigned rows[3][DISTANCE_MAX + 1];
	unsigned *before = rows[0], *last = rows[1], *row = rows[2], *swap;
	size_t len = strlen(word), other_len = strlen(other), i, j;

	if (len >= DISTANCE_MAX || other_len >= DISTANCE_MAX)
		return DISTANCE_MAX;
	for (j = 0; j <= other_len; j++)
		last[j] = (unsigned)j;
	for (i = 1; i <= len; i++) {
		row[0] = (unsigned)i;
		for (j = 1; j <= other_len; j++) {
			unsigned d = last[j - 1] + (word[i - 1] != other[j - 1]);

			if (last[j] + 1 < d)
				d = last[j] + 1;
			if (row[j - 1] + 1 < d)
				d = row[j - 1] + 1;
			if (i > 1 && j > 1 && word[i - 1] == other[j - 2] &&
				word[i - 2] == other[j - 1] && before[j - 2] + 1 < d)
				d = before[j - 2] + 1;
			row[j] = d;
		}
		swap = before;
		before = last;
		last = row;
		row = swap;
	}
	return last[other_len];
}

bool option_is_near(const char *word, unsigned distance)
{
	return distance <= 1 + strlen(word) / 4;
}

const struct option *option_nearest(enum option_section section, const char *key)
{
	const struct option *option = NULL, *best = NULL;
	unsigned best_distance = 0;

	while ((option = option_next(section, option))) {
		unsigned distance = option_distance(key, option->key);

		if (option_is_near(key, distance) && (!best || distance < best_distance)) {
			best = option;
			best_distance = distance;
		}
	}
	return best;
}

bool option_name_valid(const char *name)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789_.-";
	size_t len = strlen(name);

	return len && len <= OPTION_NAME_MAX && strspn(name, allowed) == len;
}

/* Length of the UTF-8 character at p, 0 if it is none (RFC 3629: no surrogates, no long forms). */
static size_t utf8_len(const unsigned char *p, size_t len)
{
	uint32_t c;
	size_t n, i;

	if (p[0] < 0x80)
		return 1;
	n = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
	if (p[0] < 0xc2 || p[0] > 0xf4 || n > len)
		return 0;
	c = p[0] & (0xffu >> (n + 1));
	for (i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3f);
	}
	if (n == 2 && c < 0xa0) /* control characters of ISO 8859 */
		return 0;
	if ((n == 3 && (c < 0x800 || (c >= 0xd800 && c < 0xe000))) ||
		(n == 4 && (c < 0x10000 || c > 0x10ffff)))
		return 0;
	return n;
}

bool option_text_valid(const char *text, size_t len)
{
	const unsigned char *p = (const unsigned char *)text, *end = p + len;
	size_t n;

	for (; p < end; p += n) {
		if ((*p < 0x20 && *p != '\t') || *p == 0x7f)
			return false;
		n = utf8_len(p, (size_t)(end - p));
		if (!n)
			return false;
	}
	return true;
}

int option_set(const struct option *option, void *object, const char *text,
	char error[static OPTION_ERROR_LEN])
{
	char what[OPTION_ERROR_LEN];
	int r = -EINVAL;

	if (!option_text_valid(text, strlen(text)))
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
