/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who logs in to whom: what pppd and mpd say in many words becomes user, require, users and so on.
 */
#ifndef CTL_IMPORT_LOGIN_H
#define CTL_IMPORT_LOGIN_H

#include "draft.h"

enum method { METHOD_PAP, METHOD_CHAP, METHOD_MSCHAP, METHOD_MSCHAPV2, METHOD_EAP };
#define METHOD_COUNT 5

/* A text and the line it stands on. */
struct login_text {
	char *text;
	struct import_line *from;
};

/* All zero: nobody logs in. The lines belong to the account. */
struct login {
	struct import_line
		*require[METHOD_COUNT];		  /* the peer must log in by this; NULL: not said */
	struct import_line *refuse[METHOD_COUNT]; /* we do not log in by this */
	struct import_line *accept_pap;		  /* we do by PAP: said, not only not refused */
	struct import_line *any;		  /* the peer must log in somehow */
	struct import_line *none;		  /* it need not */
	struct import_line *plugin;		  /* a plugin of pppd knows the users */
	struct login_text name;			  /* ours, for both directions */
	struct login_text user, password;	  /* our login, where it differs */
	struct login_text chap_users,
		pap_users; /* files of users, if they are not the usual ones */
};

void login_wipe(struct login *login);
void login_text_set(struct login_text *to, struct import_line *from, const char *text);
/* Also have what other has; both are left. */
void login_merge(struct login *login, const struct login *other);

/* The password for a user; NULL: not known. To be freed by keep_wipe(). */
struct login_source {
	char *(*password)(void *user, const char *name, struct import_line **ret_from);
	void *user;
};

/*
 * Write it into draft. server: calls of peers are taken, so name is what we are called when they
 * log in; else it is what we log in as. chap_users and pap_users: files in chap-secrets' syntax
 * that users are in if nothing else is said.
 */
void login_write(const struct login *login, bool server, const char *chap_users,
	const char *pap_users, const struct login_source *source, struct draft *draft);

#endif
