/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside config*.c: a configuration while it is read.
 *
 *   config.c        files  ->  config_parse()   text of one file  ->  config_check()   all together
 */
#ifndef CONFIG_BUILD_H
#define CONFIG_BUILD_H

#include <l2tpd/config.h>

#include "option.h"

/* Longest line. inih's own buffer has 200 bytes unless it was built otherwise. */
#define CONFIG_LINE_MAX 197

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
	struct config_places *link_places, *ppp_places; /* as long as links and ppps */
	struct config_places daemon_places;
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

/*
 * Read the text of one file. name is what messages call it; it is copied into config->files.
 * Touches no file, so that tests and fuzzers can call it.
 */
void config_parse(struct config_build *build, const char *name, const char *text, size_t len);
/* What is wrong with a line "key = value" as such; NULL: nothing. */
const char *config_line_problem(const char *line);
/* What cannot be seen in one line: what is missing, and what does not go together. */
void config_check(struct config_build *build);
/* The same for one link, which build->config need not have; places tells what is set. */
void config_check_link(
	struct config_build *build, struct config_link *link, const struct config_places *places);

#endif
