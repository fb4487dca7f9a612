/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "talkers.h"

#include <string.h>

#define HALVE_EVERY (60 * USEC_PER_SEC)

static void fade(struct talkers *talkers, usec_t now)
{
	unsigned kept = 0;
	uint64_t times;

	if (now < talkers->halved_at + HALVE_EVERY)
		return;
	times = (now - talkers->halved_at) / HALVE_EVERY;
	talkers->halved_at += times * HALVE_EVERY;
	for (unsigned i = 0; i < talkers->count; i++) {
		memcpy(talkers->network[kept], talkers->network[i], sizeof(talkers->network[i]));
		talkers->events[kept] = times < 64 ? talkers->events[i] >> times : 0;
		kept += talkers->events[kept] != 0;
	}
	talkers->count = kept;
	talkers->last = 0;
}

static void network_of(const struct l2tp_addr *addr, uint8_t ret[static 8])
{
	memset(ret, 0, 8);
	if (addr->sa.sa_family == AF_INET)
		memcpy(ret, &addr->in.sin_addr, 3);
	else if (addr->sa.sa_family == AF_INET6)
		memcpy(ret, &addr->in6.sin6_addr, 7);
	ret[7] = (uint8_t)addr->sa.sa_family;
}

static bool is_at(const struct talkers *talkers, unsigned i, const uint8_t network[static 8])
{
	return i < talkers->count && memcmp(talkers->network[i], network, 8) == 0;
}

void talkers_note(struct talkers *talkers, usec_t now, const struct l2tp_addr *addr)
{
	unsigned at = talkers->last, least = 0;
	uint8_t network[8];

	fade(talkers, now);
	network_of(addr, network);
	if (!is_at(talkers, at, network)) {
		for (at = 0; at < talkers->count && !is_at(talkers, at, network); at++)
			if (talkers->events[at] < talkers->events[least])
				least = at;
		if (at == talkers->count) {
			/*
			 * A newcomer inherits what the least had: else two that take turns would
			 * throw each other out.
			 */
			if (at == L2TP_TALKERS_MAX)
				at = least;
			else
				talkers->events[talkers->count++] = 0;
			memcpy(talkers->network[at], network, sizeof(network));
		}
	}
	talkers->events[at]++;
	talkers->last = at;
}

static void describe(const struct talkers *talkers, unsigned i, struct l2tp_talker *ret)
{
	const uint8_t *network = talkers->network[i];

	memset(ret, 0, sizeof(*ret));
	ret->events = talkers->events[i];
	ret->network.sa.sa_family = network[7];
	if (network[7] == AF_INET) {
		ret->width = 24;
		memcpy(&ret->network.in.sin_addr, network, 3);
	} else if (network[7] == AF_INET6) {
		ret->width = 56;
		memcpy(&ret->network.in6.sin6_addr, network, 7);
	}
}

unsigned talkers_read(struct talkers *talkers, usec_t now, struct l2tp_talker *ret, unsigned max)
{
	unsigned order[L2TP_TALKERS_MAX];

	fade(talkers, now);
	for (unsigned i = 0; i < talkers->count; i++) {
		unsigned at = i;

		for (; at && talkers->events[order[at - 1]] < talkers->events[i]; at--)
			order[at] = order[at - 1];
		order[at] = i;
	}
	if (max > talkers->count)
		max = talkers->count;
	for (unsigned i = 0; i < max; i++)
		describe(talkers, order[i], &ret[i]);
	return max;
}
