/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * "import": the files of another L2TP program become a configuration of ours.
 *
 *   cmd_import.c    the command line         import.c         files, what is printed
 *   account.c       every line that was read, and what became of it
 *   draft.c         keys of our configuration as they are collected, and which values they can have
 *   plan.c          the sections that are printed
 *   login.c         who logs in to whom
 *   ranges.c        sets of addresses
 *   xl2tpd.c        xl2tpd.conf: sections and keys    xl2tpd_build.c   sections of ours from them
 *   mpd.c           mpd.conf, mpd.links: entries, objects    mpd_set.c  "set ..."    mpd_build.c
 *   pppd_options.c  pppd's options                    secrets.c        files of secrets
 */
#ifndef CTL_IMPORT_IMPORT_H
#define CTL_IMPORT_IMPORT_H

#include "base/secret_file.h"
#include "plan.h"
#include "secrets.h"

struct import {
	struct account account;
	struct plan plan;
	struct secrets secrets;			   /* of all files of secrets */
	const char **secret_paths, **option_paths; /* --secrets, --options; borrowed */
	size_t secret_paths_len, option_paths_len;
	char *users;	  /* lines of a users file that has to be made; NULL: none */
	bool needs_users; /* that file */
	unsigned named;	  /* files that files named */
};

void import_init(struct import *im);
void import_clear(struct import *im);
/*
 * Read a file that may hold secrets, and note that it was read. 0 and both, free *ret by
 * secret_file_free(); or -errno.
 */
int import_read(struct import *im, const char *path, struct secret_file *ret,
	struct import_file **ret_file);
/*
 * The importers: what the text of a file says gets into the account, and with import_..._build()
 * into the plan. Text needs no NUL at its end.
 */
struct import_format {
	const char *name;
	/* one of the files that were named; may be called several times */
	void (*take)(struct import *im, void *state, struct import_file *file, const char *text,
		size_t len);
	void (*build)(struct import *im, void *state);
	void *(*state_new)(void);
	void (*state_free)(void *state);
};

/* All that is printed on stdout. */
void import_print(const struct import *im, const char *format, FILE *out);

#endif
