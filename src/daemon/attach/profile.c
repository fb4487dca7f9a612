/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/daemon.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"

const struct config_ppp *profile_config(const struct daemon *d, const struct link *link)
{
	if (!link->config || !*link->config->ppp)
		return NULL;
	return config_find_ppp(link->owner ? link->owner->config : d->config, link->config->ppp);
}

static struct profile *profile_find(const struct daemon *d, const char *name)
{
	struct profile *profile;

	LIST_FOREACH (profile, &d->profiles, entry)
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
	struct call *call, *tmp;

	if (profile)
		profile->pool = pool_new(ppp->pool, ppp->pool_len);
	if (!profile || !profile->pool) {
		log_error("[ppp %s]: no memory for its pool", ppp->name);
		free(profile);
		return;
	}
	snprintf(profile->name, sizeof(profile->name), "%s", ppp->name);
	LIST_INSERT_HEAD(&d->profiles, profile, entry);
	HASH_ITER (hh, d->calls, call, tmp)
		if (call->has_lease && strcmp(call->lease_profile, ppp->name) == 0)
			pool_take_address(profile->pool, call->lease);
}

void profiles_update(struct daemon *d)
{
	while (!LIST_EMPTY(&d->profiles))
		profile_free(LIST_FIRST(&d->profiles));
	for (size_t i = 0; d->config && i < d->config->ppps_len; i++)
		if (d->config->ppps[i].pool_len > 0)
			profile_add(d, &d->config->ppps[i]);
}

static void lease(struct call *call, const struct config_ppp *ppp, uint32_t address)
{
	call->has_lease = true;
	call->lease = address;
	snprintf(call->lease_profile, sizeof(call->lease_profile), "%s", ppp->name);
}

int profile_lease(struct call *call, const struct config_ppp *ppp)
{
	struct profile *profile = profile_find(call->daemon, ppp->name);
	uint32_t avoid[2], address;
	size_t n = 0;
	int r;

	if (!profile)
		return 0;
	/* never the tunnel's own ends: the PPP route would swallow the tunnel */
	if (ppp->address.sa.sa_family == AF_INET)
		avoid[n++] = ntohl(ppp->address.in.sin_addr.s_addr);
	if (call->conn->path.peer.sa.sa_family == AF_INET)
		avoid[n++] = ntohl(call->conn->path.peer.in.sin_addr.s_addr);
	r = pool_take(profile->pool, avoid, n, &address);
	if (r == 0)
		lease(call, ppp, address);
	return r;
}

int profile_lease_address(struct call *call, const struct config_ppp *ppp, uint32_t address)
{
	struct profile *profile = profile_find(call->daemon, ppp->name);
	struct call *other, *tmp;

	HASH_ITER (hh, call->daemon->calls, other, tmp)
		if (other != call && other->has_lease && other->lease == address)
			return -EBUSY;
	profile_release(call);
	if (profile)
		pool_take_address(profile->pool, address); /* -ERANGE: not a pool address; fine */
	lease(call, ppp, address);
	return 0;
}

void profile_release(struct call *call)
{
	struct profile *profile;

	if (!call->has_lease)
		return;
	call->has_lease = false;
	profile = profile_find(call->daemon, call->lease_profile);
	if (profile)
		pool_put(profile->pool, call->lease);
}
