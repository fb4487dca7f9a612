/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A connection profile as NetworkManager hands it over: section, key and value, all text. Sections
 * are those of nm-settings(5) ("vpn", "ipv4", ...) and two of our own: "data" is vpn.data,
 * "secrets" is vpn.secrets.
 */
#ifndef NM_PROFILE_H
#define NM_PROFILE_H

#include <stddef.h>

struct nm_profile;

/* NULL: no memory. */
struct nm_profile *nm_profile_new(void);
/* Wipes what it holds. NULL is allowed. */
void nm_profile_free(struct nm_profile *profile);
/* Copies all three; an older value is replaced. 0 or -ENOMEM. */
int nm_profile_set(
	struct nm_profile *profile, const char *section, const char *key, const char *value);
/* NULL: not there. */
const char *nm_profile_get(const struct nm_profile *profile, const char *section, const char *key);
/* The index-th item of a section; NULL: there are not so many. */
const char *nm_profile_item(const struct nm_profile *profile, const char *section, size_t index,
	const char **ret_value);

#endif
