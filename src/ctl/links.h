/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Links of the daemon: what commands and the console do to them.
 */
#ifndef CTL_LINKS_H
#define CTL_LINKS_H

#include "cli.h"

/* A link as ListLinks has it: 0 and *ret (json_decref it; NULL: there is none of that name), or an
 * exit code with its reason on stderr. */
int links_get(struct cli *cli, const char *name, json_t **ret);
/* Is there a link of that name? 0 and *ret, or an exit code with its reason on stderr. */
int links_exists(struct cli *cli, const char *name, bool *ret);
/* A new link; says so. An exit code. */
int links_create(struct cli *cli, const char *name, const char *type);
/*
 * SetLink with lines, an array of arrays of words, which is stolen; asks for a secret if one is
 * wanted. 0 and *ret, which may hold an error of the daemon; or an exit code with its reason on
 * stderr.
 */
int links_set(struct cli *cli, const char *link, json_t *lines, bool in_public,
	bool script_on_stdin, struct ctl_reply *ret);
/* Words as JSON; NULL: one is not UTF-8, as said on stderr. */
json_t *links_words(char **words);

#endif
