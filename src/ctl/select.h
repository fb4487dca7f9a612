/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which objects of a list are shown, in which order, or only how many: "link=dialin
 * sort=-rx_bytes". */
#ifndef CTL_SELECT_H
#define CTL_SELECT_H

#include <jansson.h>
#include <stdbool.h>

/* Is it a word of that kind? FIELD=PATTERN, sort=[-]FIELD, count */
bool select_is_word(const char *word);
/*
 * A new array (decref) with what words choose of list; *ret_count: only the number is wanted. An
 * exit code; messages are on stderr. what: "sessions", for messages.
 */
int select_objects(
	const json_t *list, const char *what, char *const *words, json_t **ret, bool *ret_count);

#endif
