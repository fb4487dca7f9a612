/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ppp_starting.h"

#include <errno.h>
#include <stdlib.h>

/* A peer that speaks PPP has agreed on LCP by then, if it did not wait before. */
#define SILENT (5 * USEC_PER_SEC)

/* A network's calls of one link. */
struct starting_network {
	UT_hash_handle hh; /* by key */
	struct starting_key {
		uint64_t network; /* struct plane_lane */
		uint64_t link;	  /* the owner's id */
	} key;
	TAILQ_HEAD(, ppp) calls; /* the oldest first */
	unsigned len;
};

struct ppp_starting {
	struct starting_network *networks;
	uint64_t gave_way;
	unsigned ending; /* of those: their pppds are still there */
	unsigned ending_most;
};

int ppp_starting_new(struct daemon *d)
{
	d->ppp_starting = calloc(1, sizeof(*d->ppp_starting));
	return d->ppp_starting ? 0 : -ENOMEM;
}

void ppp_starting_free(struct daemon *d)
{
	free(d->ppp_starting);
	d->ppp_starting = NULL;
}

uint64_t ppp_starting_gave_way(const struct daemon *d)
{
	return d->ppp_starting->gave_way;
}

static struct starting_network *network_of(struct ppp_starting *all, const struct call *call)
{
	struct starting_key key = { .network = call->conn->lane.network, .link = call->owner->id };
	struct starting_network *network;

	HASH_FIND(hh, all->networks, &key, sizeof(key), network);
	if (network)
		return network;
	network = calloc(1, sizeof(*network));
	if (!network)
		return NULL;
	network->key = key;
	TAILQ_INIT(&network->calls);
	HASH_ADD(hh, all->networks, key, sizeof(network->key), network);
	if (network->hh.tbl)
		return network;
	free(network);
	return NULL;
}

/* How many there are of a link, and which network has most of them. */
static unsigned count(const struct ppp_starting *all, uint64_t link, struct starting_network **most)
{
	struct starting_network *network, *tmp;
	unsigned sum = 0;

	*most = NULL;
	HASH_ITER (hh, all->networks, network, tmp) {
		if (network->key.link != link)
			continue;
		sum += network->len;
		if (!*most || network->len > (*most)->len)
			*most = network;
	}
	return sum;
}

/* The oldest whose peer does not speak PPP, it seems; NULL: all may be on their way. */
static struct ppp *silent(const struct ppp_starting *all, uint64_t link, usec_t now)
{
	struct starting_network *network, *tmp;
	struct ppp *ppp, *oldest = NULL;

	HASH_ITER (hh, all->networks, network, tmp) {
		if (network->key.link != link)
			continue;
		TAILQ_FOREACH (ppp, &network->calls, starting)
			if (ppp->layer == PPP_LCP)
				break;
		if (ppp && now - ppp->starting_since >= SILENT &&
			(!oldest || ppp->starting_since < oldest->starting_since))
			oldest = ppp;
	}
	return oldest;
}

static void give_way(struct ppp_starting *all, struct ppp *ppp, unsigned limit)
{
	struct l2tp_reason reason = { .who = L2TP_WHO_LOCAL,
		.result = L2TP_CDN_NO_FACILITY_TEMP,
		.text = "gave way to a newer call: too many have not logged in (max-starting)" };

	all->gave_way++;
	all->ending++;
	all->ending_most = limit;
	ppp->gave_way = true;
	ppp_starting_leave(ppp);
	call_end(ppp->call, &reason);
}

int ppp_starting_join(struct ppp *ppp)
{
	struct call *call = ppp->call;
	struct ppp_starting *all = call->daemon->ppp_starting;
	unsigned limit = call->owner->config ? call->owner->config->max_starting : 0;
	struct starting_network *network, *most;

	if (!call->incoming)
		return 0;
	network = network_of(all, call);
	if (!network)
		return -ENOMEM;
	TAILQ_INSERT_TAIL(&network->calls, ppp, starting);
	network->len++;
	ppp->starting_network = network;
	ppp->starting_since = daemon_now(call->daemon);
	while (limit && count(all, call->owner->id, &most) > limit) {
		struct ppp *victim = silent(all, call->owner->id, ppp->starting_since);

		give_way(all, victim ? victim : TAILQ_FIRST(&most->calls), limit);
	}
	return 0;
}

void ppp_starting_leave(struct ppp *ppp)
{
	struct starting_network *network = ppp->starting_network;

	if (!network)
		return;
	ppp->starting_network = NULL;
	TAILQ_REMOVE(&network->calls, ppp, starting);
	if (--network->len)
		return;
	HASH_DEL(ppp->call->daemon->ppp_starting->networks, network);
	free(network);
}

bool ppp_starting_over(struct ppp *ppp)
{
	ppp_starting_leave(ppp);
	if (!ppp->gave_way)
		return false;
	ppp->call->daemon->ppp_starting->ending--;
	return true;
}

bool ppp_starting_has_room(const struct daemon *d)
{
	const struct ppp_starting *all = d->ppp_starting;

	return !all->ending || all->ending < all->ending_most;
}
