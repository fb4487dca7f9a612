/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a profile means for l2tpd: the keys of vpn.data, those of NetworkManager-l2tp with their
 * meaning and a few of our own (l2tpd-nm(8)), as keys of [link] and [ppp].
 */
#ifndef NM_SETTINGS_H
#define NM_SETTINGS_H

#include <jansson.h>
#include <stdbool.h>

#include "profile.h"

#define NM_SETTINGS_ERROR 320

/* Names in vpn.secrets. */
#define NM_SECRET_PASSWORD "password"
#define NM_SECRET_TUNNEL   "l2tp-secret"
/* NetworkManager-l2tp's auth dialog: "there is nothing to ask" */
#define NM_SECRET_NONE "no-secret"

struct nm_settings {
	char *name;	    /* of the link: what is left of the profile's id */
	json_t *link, *ppp; /* as AddTransientLink takes them */
	unsigned redial_s;  /* how long a connection that was up is tried again; 0: not at all */
	bool fixed_port;    /* source port 1701 is asked for; another one does if that is taken */
	bool tunnel_secret; /* there is one */
};

/* 0 and *ret, for nm_settings_clear(); -EINVAL with a sentence for people in error, or -ENOMEM. */
int nm_settings_make(const struct nm_profile *profile, struct nm_settings *ret,
	char error[static NM_SETTINGS_ERROR]);
/* Any port will do. 0 or -ENOMEM. */
int nm_settings_free_port(struct nm_settings *settings);
/* Do both log in with the same password and prove the same tunnel secret? */
bool nm_settings_same_secrets(const struct nm_settings *a, const struct nm_settings *b);
/* Wipes what it holds, if JSON is freed by a function that does (json_set_alloc_funcs). */
void nm_settings_clear(struct nm_settings *settings);
/*
 * Is a secret (NM_SECRET_PASSWORD, NM_SECRET_TUNNEL) missing? A password is if there is a user; a
 * tunnel secret if its flags say that it is asked for.
 */
bool nm_settings_lack_secret(const struct nm_profile *profile, const char *name);
/* Is any? */
bool nm_settings_need_secrets(const struct nm_profile *profile);

#endif
