/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A configuration while it is read: first every file by itself (parse.c), then all together
 * (check.c).
 */
#ifndef CONFIG_BUILD_H
#define CONFIG_BUILD_H

#include <l2tpd/config.h>

#include "option.h"

struct config_place {
	const char *file; /* NULL: nowhere; empty: not in a file, messages do not name it */
	unsigned line;
};

/* Where each key of one section was set (first), by the row's index in option_table. */
struct config_places {
	struct config_place of[OPTION_COUNT];
};

struct config_build {
	struct config *config;
	struct config_errors *errors;
	struct config_places *places[OPTION_SECTION_COUNT]; /* as long as the section's array */
	struct config_place secret; /* the first secret or password of the file just parsed */
	struct config_place wrong;  /* of the first error */
	bool failed;		    /* there was an error, reported or not */
	bool no_memory;
};

/* 0 or -ENOMEM */
int config_build_init(struct config_build *build, struct config_errors *errors);
/* What is left after config_build_take() or instead of it. */
void config_build_free(struct config_build *build);
/* The configuration, if there was no error: 0; else -EINVAL or -ENOMEM. */
int config_build_take(struct config_build *build, struct config **ret);

/* "FILE:LINE: ..."; from CONFIG_ERRORS_MAX on they are only counted as failure. */
#define CONFIG_ERRORS_MAX 100
void config_error(struct config_build *build, struct config_place place, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif
