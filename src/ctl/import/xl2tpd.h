/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xl2tpd.conf(5) as file.c of xl2tpd reads it: what the sections say, before it becomes ours. */
#ifndef CTL_IMPORT_XL2TPD_H
#define CTL_IMPORT_XL2TPD_H

#include "import.h"

enum xl_kind { XL_GLOBAL = 1, XL_LNS = 2, XL_LAC = 4 }; /* also as a mask */

struct xl_section {
	TAILQ_ENTRY(xl_section) entry;
	enum xl_kind kind;
	char *name;
	bool is_default;	  /* [lns default], [lac default] */
	struct import_line *from; /* its header */
	struct profile profile;	  /* keys of ours that a line gives directly, and names */
	struct import_line *require[METHOD_COUNT]; /* "require chap = yes" */
	struct import_line *auth_peer;		   /* "require authentication = yes" */
	struct import_line *no_login;		   /* "refuse authentication = yes" */
	struct login_text options;		   /* pppoptfile */
	struct import_line *challenge, *no_pool;   /* "challenge = yes", "assign ip = no" */
	/* LNS: who may call */
	struct ranges peers;
	struct import_line **peers_from;
	size_t peers_from_len;
	/* LAC */
	struct login_text lns;
	struct import_line *autodial, *redial;
	struct login_text timeout, max_redials;
};

/* A file of pppd's options: several sections may name it. */
struct xl_options {
	TAILQ_ENTRY(xl_options) entry;
	char *path;
	struct profile profile;
	int error; /* -errno: it could not be read */
};

struct xl2tpd {
	TAILQ_HEAD(, xl_section) sections;
	TAILQ_HEAD(, xl_options) options;
	struct login_text listen, port, retries, auth_file;
	struct import_line *access_control;
	struct xl_section *current; /* NULL: [global], or none */
	bool in_global;
};

void xl2tpd_take(
	struct import *im, void *state, struct import_file *file, const char *text, size_t len);

#endif
