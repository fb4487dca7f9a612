/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Keys of our configuration while an importer collects them: each with its value and the line it
 * comes from. One draft holds keys of several sections; a key is in one section only. A value that
 * our file cannot hold is not taken, and its line says so: what is printed loads.
 */
#ifndef CTL_IMPORT_DRAFT_H
#define CTL_IMPORT_DRAFT_H

#include "account.h"

enum draft_section {
	DRAFT_LINK,
	DRAFT_PPP,
	DRAFT_PPPOE,
	DRAFT_SERIAL,
	DRAFT_FORWARD,
};

struct draft_key {
	TAILQ_ENTRY(draft_key) entry;
	const struct draft_row *row;
	char *value; /* NULL: a secret that is not known here */
	struct import_line *from;
};
/* Begin with draft_init(). */
struct draft {
	TAILQ_HEAD(draft_keys, draft_key) keys;
};

void draft_init(struct draft *draft);
void draft_clear(struct draft *draft);

/*
 * Set a key, which takes the place of the value it has; a key that can stand several times gets one
 * more. from may be NULL: a value that stands on no line. False: the value cannot be, as from says.
 */
bool draft_set(struct draft *draft, const char *key, struct import_line *from, const char *value);
bool draft_setf(struct draft *draft, const char *key, struct import_line *from, const char *fmt,
	...) __attribute__((format(printf, 4, 5)));
/* A secret that is needed, but is not in the files that were read. */
void draft_lacks(struct draft *draft, const char *key, struct import_line *from);
bool draft_is(const struct draft_key *key, const char *name);
/* The value; NULL: not set. */
const char *draft_get(const struct draft *draft, const char *key);
/* Is it set, also to a secret that is not known? */
bool draft_has(const struct draft *draft, const char *key);
/* The line that set it; NULL: not set, or set without one. */
struct import_line *draft_from(const struct draft *draft, const char *key);
void draft_drop(struct draft *draft, const char *key);
/* Also have the keys of other; its lines are not told that theirs are replaced. */
void draft_merge(struct draft *draft, const struct draft *other);
/* Have both the same keys and values of the section? */
bool draft_equal(const struct draft *a, const struct draft *b, enum draft_section section);
bool draft_has_secret(const struct draft *draft);

/*
 * What cannot be the value of a key, in words; NULL: it can. A key that there is not can have no
 * value.
 */
const char *draft_problem(const char *key, const char *value);

/* Tell the lines of a section's keys that they were taken, by a section that is printed already. */
void draft_tell(const struct draft *draft, enum draft_section section);
/*
 * Print the keys of a section as "[KIND NAME]" with lines "KEY = VALUE", in the order of the
 * manual, and tell their lines that they were taken. A secret is printed if its file may show it;
 * else as "KEY-file = PATH" with a comment that says what belongs there. True: there was such a
 * file.
 */
bool draft_print(
	const struct draft *draft, enum draft_section section, const char *name, FILE *out);

#endif
