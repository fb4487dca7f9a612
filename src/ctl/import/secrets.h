/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files of secrets: xl2tpd's l2tp-secrets, pppd's chap-secrets and pap-secrets, mpd's mpd.secret.
 */
#ifndef CTL_IMPORT_SECRETS_H
#define CTL_IMPORT_SECRETS_H

#include "account.h"

enum secret_kind {
	SECRET_TUNNEL, /* us, them, secret */
	SECRET_PPP,    /* client, server, secret, address... */
	SECRET_MPD,    /* user, password, address */
};

struct secret_entry {
	TAILQ_ENTRY(secret_entry) entry;
	enum secret_kind kind;
	char *first, *second; /* names; second is NULL for mpd */
	char *secret;
	char *address; /* NULL: none */
	struct import_line *from;
};
TAILQ_HEAD(secrets, secret_entry);

void secrets_init(struct secrets *secrets);
void secrets_clear(struct secrets *secrets);

/* Which kind of file a name stands for: pppd's own by theirs, others are of the kind given. */
enum secret_kind secrets_kind(const char *path, enum secret_kind other);
/* The entries of a file. What cannot be read its line says. */
void secrets_take(struct secrets *secrets, struct account *account, struct import_file *file,
	enum secret_kind kind, const char *text, size_t len);
/*
 * The password that a user of PPP has, a copy; NULL: none. The user's own entry is better than one
 * for everybody. For struct login_source: user is a struct secrets.
 */
char *secrets_password(void *user, const char *name, struct import_line **ret_from);

#endif
