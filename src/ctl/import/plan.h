/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sections of the configuration that an importer prints, in order. */
#ifndef CTL_IMPORT_PLAN_H
#define CTL_IMPORT_PLAN_H

#include "draft.h"
#include "login.h"
#include "ranges.h"

/* What an importer knows of one link and of how PPP is spoken on it. Begin with profile_init(). */
struct profile {
	struct draft draft;
	struct login login;
	struct ranges pool; /* addresses for peers */
	struct import_line **pool_from;
	size_t pool_from_len;
};

void profile_init(struct profile *profile);
void profile_clear(struct profile *profile);
/* Also have what other has; it is left as it is. */
void profile_merge(struct profile *profile, const struct profile *other);
/* Addresses for peers, as a line says; it is told what became of them when they are printed. */
void profile_pool(struct profile *profile, struct import_line *from, struct range range);
/* One more line of pppd's options. */
void profile_option(struct profile *profile, struct import_line *from, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* A name server for peers: there are two at most, and each once. */
void profile_dns(struct profile *profile, struct import_line *from, const char *address);
/* mppe = value, unless something stronger is set: no, yes, required. */
void profile_mppe(struct profile *profile, struct import_line *from, const char *value);

struct plan_section {
	TAILQ_ENTRY(plan_section) entry;
	enum draft_section section;
	char *name;
	struct draft draft;
	/* of a [ppp] section: what it was made from, by which its like is known */
	struct draft asked;
	struct ranges pool;
};
struct plan {
	TAILQ_HEAD(plan_sections, plan_section) sections;
	struct ranges taken; /* by the pools so far */
};

void plan_init(struct plan *plan);
void plan_clear(struct plan *plan);
/*
 * A name for a section: like the one wanted, but of characters that names have, and not in use yet
 * (a [link] and its [ppp] have one). To be freed.
 */
char *plan_name(const struct plan *plan, enum draft_section section, const char *wanted);
/*
 * A [link] of that name with the keys of the profile. with_ppp: also a [ppp] section, of the same
 * name, or the one that there is already with the same keys. No address gets into two pools: what
 * is in one already is not possible, as its line says.
 */
void plan_link(struct plan *plan, const char *name, const struct profile *profile, bool with_ppp);
/* Any other section, with the keys that draft has of it. */
void plan_other(
	struct plan *plan, enum draft_section section, const char *name, const struct draft *draft);

bool plan_is_empty(const struct plan *plan);
bool plan_has_secret(const struct plan *plan);
/* True: files with secrets have to be made. */
bool plan_print(const struct plan *plan, FILE *out);

#endif
