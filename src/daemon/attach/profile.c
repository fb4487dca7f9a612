/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "profile.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "config/users.h"
#include "pool.h"

struct profile {
	LIST_ENTRY(profile) entry;
	char name[64];
	struct pool *pool;
};

struct lease {
	UT_hash_handle hh;
	uint32_t address; /* key, host byte order */
	char profile[64];
};

struct profiles {
	LIST_HEAD(, profile) list; /* those with a pool */
	struct lease *leases;
};

int profiles_new(struct daemon *d)
{
	d->profiles = calloc(1, sizeof(*d->profiles));
	return d->profiles ? 0 : -ENOMEM;
}

const struct config_ppp *profile_of(const struct daemon *d, const struct config_link *link)
{
	if (link && link->own_ppp)
		return link->own_ppp;
	if (!link || !*link->ppp)
		return NULL;
	return config_find_ppp(d->config, link->ppp);
}

/* --- pools --- */

static struct profile *profile_find(const struct daemon *d, const char *name)
{
	struct profile *profile;

	LIST_FOREACH (profile, &d->profiles->list, entry)
		if (strcmp(profile->name, name) == 0)
			return profile;
	return NULL;
}

static void profile_free(struct profile *profile)
{
	LIST_REMOVE(profile, entry);
	pool_free(profile->pool);
	free(profile);
}

static void profile_add(struct daemon *d, const struct config_ppp *ppp)
{
	struct profile *profile = calloc(1, sizeof(*profile));
	struct lease *lease, *tmp;

	if (profile)
		profile->pool = pool_new(ppp->pool, ppp->pool_len);
	if (!profile || !profile->pool) {
		log_error("[ppp %s]: no memory for its pool", ppp->name);
		free(profile);
		return;
	}
	snprintf(profile->name, sizeof(profile->name), "%s", ppp->name);
	LIST_INSERT_HEAD(&d->profiles->list, profile, entry);
	HASH_ITER (hh, d->profiles->leases, lease, tmp)
		if (strcmp(lease->profile, ppp->name) == 0)
			pool_take_address(profile->pool, lease->address);
}

void profiles_update(struct daemon *d)
{
	while (!LIST_EMPTY(&d->profiles->list))
		profile_free(LIST_FIRST(&d->profiles->list));
	for (size_t i = 0; i < d->config->ppps_len; i++)
		if (d->config->ppps[i].pool_len > 0)
			profile_add(d, &d->config->ppps[i]);
}

void profiles_free(struct daemon *d)
{
	if (!d->profiles)
		return;
	while (!LIST_EMPTY(&d->profiles->list))
		profile_free(LIST_FIRST(&d->profiles->list));
	free(d->profiles);
	d->profiles = NULL;
}

/* --- leases --- */

static struct lease *lease_find(const struct daemon *d, uint32_t address)
{
	struct lease *lease;

	HASH_FIND(hh, d->profiles->leases, &address, sizeof(address), lease);
	return lease;
}

static struct lease *lease_new(struct daemon *d, const struct config_ppp *ppp, uint32_t address)
{
	struct lease *lease = calloc(1, sizeof(*lease));

	if (!lease)
		return NULL;
	lease->address = address;
	snprintf(lease->profile, sizeof(lease->profile), "%s", ppp->name);
	HASH_ADD(hh, d->profiles->leases, address, sizeof(lease->address), lease);
	if (lease->hh.tbl)
		return lease;
	free(lease);
	return NULL;
}

int lease_take(struct call *call, const struct config_ppp *ppp, struct lease **ret)
{
	struct daemon *d = call->daemon;
	struct profile *profile = profile_find(d, ppp->name);
	const struct l2tp_addr *peer = &call->conn->path.peer;
	const uint32_t *reserved = NULL;
	uint32_t avoid[2], address;
	size_t n = 0, reserved_len = 0;
	int r;

	if (!profile) {
		*ret = NULL;
		return 0;
	}
	/* never the tunnel's own ends: the PPP route would swallow the tunnel */
	if (ppp->address.sa.sa_family == AF_INET)
		avoid[n++] = ntohl(ppp->address.in.sin_addr.s_addr);
	if (peer->sa.sa_family == AF_INET)
		avoid[n++] = ntohl(peer->in.sin_addr.s_addr);
	if (*ppp->users)
		users_reserved(ppp->users, &reserved, &reserved_len);
	pool_reserve(profile->pool, reserved, reserved_len);
	r = pool_take(profile->pool, avoid, n, &address);
	pool_reserve(profile->pool, NULL, 0);
	if (r < 0)
		return r;
	*ret = lease_new(d, ppp, address);
	if (*ret)
		return 0;
	pool_put(profile->pool, address);
	return -ENOMEM;
}

int lease_take_address(
	struct call *call, const struct config_ppp *ppp, uint32_t address, struct lease **lease)
{
	struct daemon *d = call->daemon;
	struct profile *profile = profile_find(d, ppp->name);
	struct lease *taken;

	if (*lease && (*lease)->address == address)
		return 0;
	if (lease_find(d, address))
		return -EBUSY;
	taken = lease_new(d, ppp, address);
	if (!taken)
		return -ENOMEM;
	if (profile)
		pool_take_address(profile->pool, address); /* -ERANGE: not of the pool; fine */
	lease_release(d, *lease);
	*lease = taken;
	return 0;
}

void lease_release(struct daemon *d, struct lease *lease)
{
	struct profile *profile;

	if (!lease)
		return;
	profile = profile_find(d, lease->profile);
	if (profile)
		pool_put(profile->pool, lease->address);
	HASH_DEL(d->profiles->leases, lease);
	free(lease);
}

uint32_t lease_address(const struct lease *lease)
{
	return lease->address;
}
