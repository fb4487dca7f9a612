/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sections as arrays of structs: what is the same for all that have a name. [daemon] is one of its
 * own without a name.
 */
#ifndef CONFIG_SECTION_H
#define CONFIG_SECTION_H

#include "build.h"

/* How the struct of every section with a name begins. */
struct config_head {
	char *name;
	const char *file; /* where it begins */
	unsigned line;
};

/* How many the configuration has. */
size_t config_section_count(const struct config *config, enum option_section section);
/* The one of that number, which must be there; its head, but for OPTION_DAEMON. */
void *config_section_at(struct config *config, enum option_section section, size_t index);
const void *config_section_look(
	const struct config *config, enum option_section section, size_t index);
/* By name; NULL: none. */
const struct config_head *config_section_find(
	const struct config *config, enum option_section section, const char *name);
/* The greatest size of them all. */
size_t config_section_size_max(void);
/*
 * One more of that name at the end, with defaults, and its places. 0 or -ENOMEM (then there may be
 * half of one, which config_free() knows how to free).
 */
int config_section_add(struct config_build *build, enum option_section section, const char *name,
	struct config_place place);
/* Free what all of them hold, and the arrays. */
void config_sections_free(struct config *config);

#endif
