/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Users that log in to us: a file in the syntax of pppd's chap-secrets(5) ("client server secret
 * addresses...", quotes and backslashes, '#' comments, "*" wildcards). Read anew when it changed.
 */
#ifndef CONFIG_USERS_H
#define CONFIG_USERS_H

#include <l2tp/types.h>

struct user_entry {
	char *secret;	  /* NUL terminated; wiped by user_entry_clear */
	bool has_address; /* addresses named one IPv4 address: this user must get it */
	uint32_t address; /* host byte order */
	bool denied;	  /* addresses is "-": no address is acceptable */
};

/*
 * The best line for user and server (exact beats "*", as in pppd). 0 and *ret, -ENOENT no such
 * user, other -errno (-EIO, -EPERM: others can read it) with *ret_problem a static text "PATH:LINE:
 * ..." about the file; NULL: out of memory. With -ENOENT it names the line that this user has for
 * another server, or else the first line that could not be read, or is NULL. *ret is not touched
 * unless 0 is returned. For one thread only.
 */
int users_lookup(const char *path, const char *user, const char *server, struct user_entry *ret,
	const char **ret_problem);
/*
 * The addresses (host byte order, in order) that users of the file must get, those of "*" left out;
 * *ret is valid until the next call of this file's functions. 0, or -errno as above with *ret_len
 * 0.
 */
int users_reserved(const char *path, const uint32_t **ret, size_t *ret_len);
/* What is in a file. Of a line that cannot be used the visitor hears what is wrong with it. */
struct users_visitor {
	/* one that is not a refusal */
	void (*entry)(void *user, unsigned line, const char *client, const char *server);
	void (*bad_line)(void *user, unsigned line, const char *what); /* the first only */
	void *user;
};
/* All entries, in order. 0, or -errno with *ret_problem as users_lookup(). For one thread only. */
int users_visit(const char *path, const struct users_visitor *visitor, const char **ret_problem);
/* Wipes. All zero is allowed. */
void user_entry_clear(struct user_entry *entry);
/* Wipes what is kept of files, e.g. because profiles changed, and at the end. */
void users_forget(void);

#endif
