/* SPDX-License-Identifier: GPL-2.0-or-later */
/* PPP profiles: which one a link has, and the addresses that calls lease from their pools. */
#ifndef DAEMON_ATTACH_PROFILE_H
#define DAEMON_ATTACH_PROFILE_H

#include "daemon/call/call.h"

/* 0 or -ENOMEM; sets d->profiles. */
int profiles_new(struct daemon *d);
/* All leases were given back. */
void profiles_free(struct daemon *d);
/* Make pools follow d->config; leases of running calls stay. */
void profiles_update(struct daemon *d);

/* The profile that a link (or the link of a call) names; NULL: none, or the link is gone. */
const struct config_ppp *profile_of(const struct daemon *d, const struct config_link *link);

/* An IPv4 address that is one call's. */
struct lease;

/*
 * An address of the profile's pool for call, which is no user's own. 0 and *ret (NULL: the profile
 * has no pool), -ENOSPC: all are in use, -ENOMEM.
 */
int lease_take(struct call *call, const struct config_ppp *ppp, struct lease **ret);
/*
 * This address (host byte order) instead of *lease, which may be NULL. -EBUSY: another call has it;
 * then, and with -ENOMEM, *lease stays.
 */
int lease_take_address(
	struct call *call, const struct config_ppp *ppp, uint32_t address, struct lease **lease);
/* NULL is allowed. */
void lease_release(struct daemon *d, struct lease *lease);
/* Host byte order. */
uint32_t lease_address(const struct lease *lease);

#endif
