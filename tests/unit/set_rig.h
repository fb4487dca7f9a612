/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A configuration made of text, changed by lines of "set", and told again. */
#ifndef TESTS_SET_RIG_H
#define TESTS_SET_RIG_H

#include <l2tpd/config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "config/build.h"
#include "config/check.h"
#include "config/config.h"
#include "config/option_set.h"
#include "config/parse.h"
#include "config/set.h"
#include "config/show.h"

/* Two links, a and b, as the file "f". */
extern const char base[];

/* Of a file with this text; NULL if it is none. The first error (free), or NULL; without
 * ret_error there must be none. */
struct config *try_load(const char *text, char **ret_error);
struct config *load(const char *text);

/* What "show config" says (free). */
char *shown(const struct config *config);

/* Lines with '|' between them, words with blanks; '' is the empty word, '_' in one a blank. */
int set_as(struct config *config, const char *link, const char *lines, struct set_caller caller,
	struct set_result *result);
/* By root. */
int set(struct config *config, const char *link, const char *lines, bool in_public,
	struct set_result *result);
void must_set(struct config *config, const char *link, const char *lines);

/* "key value" of link, as a file would have it */
void assert_shown(
	const struct config *config, const char *link, const char *key, const char *value);

#endif
