/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mpd.conf, mpd.links of mpd 4 and mpd 5's mpd.conf: entries are run as mpd runs them, and what
 * their commands say is kept with the objects that they are about.
 */
#ifndef CTL_IMPORT_MPD_H
#define CTL_IMPORT_MPD_H

#include "import.h"

enum mpd_kind { MPD_LINK, MPD_BUNDLE, MPD_REPEATER };

/* "set link action ..." */
struct mpd_action {
	enum { ACTION_BUNDLE, ACTION_FORWARD, ACTION_DROP } what;
	char *target; /* NULL for drop */
	char *regex;  /* of logins; NULL: all */
	struct import_line *from;
};

/* A link, a bundle or a repeater; or a template of one of the first two. */
#define MPD_ROUTES_MAX 32

struct mpd_object {
	TAILQ_ENTRY(mpd_object) entry;
	enum mpd_kind kind;
	char *name;
	bool is_template;
	bool is_mpd5;		  /* "create" made it */
	char *type;		  /* of a link; NULL: not said */
	struct import_line *from; /* that made it */
	char *section;		  /* the name of its section of ours; NULL: it has none */
	struct profile profile;
	struct mpd_action *actions; /* of a link */
	size_t actions_len;
	struct mpd_object *bundle;    /* of a link of mpd 4 */
	char *sides[2];		      /* of a repeater of mpd 4 */
	struct import_line *opened;   /* "open"; NULL: it is not */
	struct import_line *incoming; /* enabled; NULL: it is not */
	struct import_line *originate;
	/* of a bundle */
	char *pool; /* "set ipcp ranges A ippool POOL" */
	struct import_line *pool_from;
	bool any_peer;					      /* the peer may have any address */
	struct import_line *compression, *mppc, *e128, *weak; /* weak: e40, e56 */
	struct import_line *crypt_reqd;
	struct import_line *retries;		    /* "set bundle no noretry": redial for ever */
	struct import_line *no_orig_auth;	    /* who calls need not log in */
	struct import_line *routes[MPD_ROUTES_MAX]; /* "set iface route", as many as are told of */
	size_t routes_len;
	char **links; /* "set bundle links" */
	size_t links_len;
};

/* "set ippool add" */
struct mpd_pool {
	TAILQ_ENTRY(mpd_pool) entry;
	char *name;
	struct range range;
	struct import_line *from;
};

/* One line of a file, which is a label, or a command of the entry above it. */
struct mpd_line {
	char *text;  /* the command; NULL: a label */
	char *label; /* NULL: a command */
	struct import_line *line;
	bool is_links;		 /* of mpd.links, where entries are links */
	bool is_run, is_running; /* of a label */
	bool is_loaded;		 /* of a label: a line of another entry does */
};

struct mpd {
	struct mpd_line *lines;
	size_t lines_len;
	TAILQ_HEAD(mpd_objects, mpd_object) objects;
	TAILQ_HEAD(, mpd_pool) pools;
	struct mpd_object *link, *bundle; /* selected; NULL: none */
	unsigned depth;			  /* of load */
	unsigned commands;		  /* that were run */
	struct login_text linger;	  /* "set global l2tptimeout" */
};

/* A command: the words behind those of its row. */
struct mpd_command {
	struct mpd *mpd;
	struct import_line *line;
	char *const *args; /* ends with NULL */
	int count;
	const char *key; /* of the row: a key of ours, or why */
};

/* What a command needs to be selected. */
enum mpd_need { NEED_NOTHING, NEED_LINK, NEED_BUNDLE };

/* A command of mpd's, by its words written out; each may be shortened as long as it is unique. */
struct mpd_row {
	const char *words;
	enum mpd_need need;
	void (*take)(const struct mpd_command *command);
	const char *key;
	int mask; /* the argument with this number, from 1, is a secret; -N: N and all behind may be
		   */
};

struct mpd_object *mpd_find(const struct mpd *mpd, enum mpd_kind kind, const char *name);
/* Run all entries that mpd would run. */
void mpd_run(struct mpd *mpd);
/* Run the entry of that name, in mpd.links or in any file. False: there is none. */
bool mpd_run_label(struct mpd *mpd, const char *label, bool links);

/* One more link or bundle, selected; with all that model has, which may be NULL. */
struct mpd_object *mpd_add(struct mpd *mpd, enum mpd_kind kind, const char *name,
	const struct mpd_object *model, struct import_line *from);

/* Part of struct import_format: mpd.conf, mpd.links or mpd.secret, by the name of the file. */
void mpd_take(
	struct import *im, void *state, struct import_file *file, const char *text, size_t len);

#endif
