/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "profile.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct item {
	char *section, *key, *value;
};

struct nm_profile {
	struct item *items;
	size_t len;
};

static void text_free(char *text)
{
	if (text)
		explicit_bzero(text, strlen(text));
	free(text);
}

struct nm_profile *nm_profile_new(void)
{
	return calloc(1, sizeof(struct nm_profile));
}

void nm_profile_free(struct nm_profile *profile)
{
	if (!profile)
		return;
	while (profile->len) {
		struct item *item = &profile->items[--profile->len];

		free(item->section);
		free(item->key);
		text_free(item->value);
	}
	free(profile->items);
	free(profile);
}

static struct item *find_item(
	const struct nm_profile *profile, const char *section, const char *key)
{
	size_t i;

	for (i = 0; i < profile->len; i++)
		if (strcmp(profile->items[i].section, section) == 0 &&
			strcmp(profile->items[i].key, key) == 0)
			return &profile->items[i];
	return NULL;
}

int nm_profile_set(
	struct nm_profile *profile, const char *section, const char *key, const char *value)
{
	struct item *item = find_item(profile, section, key), *items, new;

	new.value = strdup(value);
	if (!new.value)
		return -ENOMEM;
	if (item) {
		text_free(item->value);
		item->value = new.value;
		return 0;
	}
	new.section = strdup(section);
	new.key = strdup(key);
	items = reallocarray(profile->items, profile->len + 1, sizeof(*items));
	if (items)
		profile->items = items;
	if (!new.section || !new.key || !items) {
		free(new.section);
		free(new.key);
		text_free(new.value);
		return -ENOMEM;
	}
	items[profile->len++] = new;
	return 0;
}

const char *nm_profile_get(const struct nm_profile *profile, const char *section, const char *key)
{
	const struct item *item = find_item(profile, section, key);

	return item ? item->value : NULL;
}

const char *nm_profile_item(
	const struct nm_profile *profile, const char *section, size_t index, const char **ret_value)
{
	size_t i;

	for (i = 0; i < profile->len; i++) {
		if (strcmp(profile->items[i].section, section) != 0 || index--)
			continue;
		*ret_value = profile->items[i].value;
		return profile->items[i].key;
	}
	return NULL;
}
