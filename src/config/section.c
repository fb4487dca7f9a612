/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "section.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "option_set.h"

struct section {
	size_t array, len; /* offsets of the two fields of struct config */
	size_t size;	   /* of one; 0: [daemon] */
};

#define SECTION(type, field)                                                                       \
	{                                                                                          \
		offsetof(struct config, field), offsetof(struct config, field##_len),              \
			sizeof(struct type)                                                        \
	}
#define SAME_HEAD(type)                                                                            \
	_Static_assert(                                                                            \
		offsetof(struct type, name) == offsetof(struct config_head, name) &&               \
			offsetof(struct type, file) == offsetof(struct config_head, file) &&       \
			offsetof(struct type, line) == offsetof(struct config_head, line),         \
		"head of struct " #type)

SAME_HEAD(config_link);
SAME_HEAD(config_ppp);
SAME_HEAD(config_pppoe);
SAME_HEAD(config_serial);
SAME_HEAD(config_forward);

static const struct section sections[OPTION_SECTION_COUNT] = {
	[OPTION_LINK] = SECTION(config_link, links),
	[OPTION_PPP] = SECTION(config_ppp, ppps),
	[OPTION_PPPOE] = SECTION(config_pppoe, pppoes),
	[OPTION_SERIAL] = SECTION(config_serial, serials),
	[OPTION_FORWARD] = SECTION(config_forward, forwards),
};

static void **array_of(struct config *config, enum option_section section)
{
	return (void **)((char *)config + sections[section].array);
}

static size_t *len_of(struct config *config, enum option_section section)
{
	return (size_t *)((char *)config + sections[section].len);
}

size_t config_section_count(const struct config *config, enum option_section section)
{
	return sections[section].size ? *len_of((struct config *)config, section) : 1;
}

void *config_section_at(struct config *config, enum option_section section, size_t index)
{
	if (!sections[section].size)
		return &config->daemon;
	return (char *)*array_of(config, section) + index * sections[section].size;
}

const void *config_section_look(
	const struct config *config, enum option_section section, size_t index)
{
	return config_section_at((struct config *)config, section, index);
}

const struct config_head *config_section_find(
	const struct config *config, enum option_section section, const char *name)
{
	for (size_t i = 0; i < config_section_count(config, section); i++) {
		const struct config_head *head = config_section_look(config, section, i);

		if (strcmp(head->name, name) == 0)
			return head;
	}
	return NULL;
}

size_t config_section_size_max(void)
{
	size_t max = sizeof(struct config_daemon);

	for (size_t i = 0; i < OPTION_SECTION_COUNT; i++)
		if (sections[i].size > max)
			max = sections[i].size;
	return max;
}

/* The array with room for one more item, that one all zero; NULL: no memory, and it is as it was.
 */
static void *grow(void *array, size_t len, size_t size)
{
	void *more = reallocarray(array, len + 1, size);

	if (more)
		memset((char *)more + len * size, 0, size);
	return more;
}

int config_section_add(struct config_build *build, enum option_section section, const char *name,
	struct config_place place)
{
	void **array = array_of(build->config, section);
	size_t *len = len_of(build->config, section);
	struct config_places *places;
	struct config_head *head;
	void *more;

	more = grow(*array, *len, sections[section].size);
	if (!more)
		return -ENOMEM;
	*array = more;
	places = grow(build->places[section], *len, sizeof(*places));
	if (!places)
		return -ENOMEM;
	build->places[section] = places;
	head = config_section_at(build->config, section, (*len)++);
	head->name = strdup(name);
	head->file = place.file;
	head->line = place.line;
	return head->name ? option_reset_all(section, head) : -ENOMEM;
}

void config_sections_free(struct config *config)
{
	for (enum option_section section = 0; section < OPTION_SECTION_COUNT; section++) {
		for (size_t i = 0; i < config_section_count(config, section); i++) {
			option_clear_all(section, config_section_at(config, section, i));
			if (sections[section].size)
				free(((struct config_head *)config_section_at(config, section, i))
						->name);
		}
		if (sections[section].size) {
			free(*array_of(config, section));
			*array_of(config, section) = NULL;
			*len_of(config, section) = 0;
		}
	}
}
