/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What keys have to do with each other, in one section and over all files. A key that was set to
 * something wrong has had its message already: here it counts as set.
 */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"
#include "check_forward.h"
#include "config.h"
#include "option_net.h"
#include "option_text.h"

/* One section under the eye. */
struct subject {
	struct config_build *build;
	enum option_section section;
	const struct config_places *places;
	struct config_place begin;
};

static struct config_place place_of(const struct subject *subject, const char *key)
{
	const struct option *option = option_find(subject->section, key);

	return subject->places->of[option - option_table];
}

static bool is_set(const struct subject *subject, const char *key)
{
	return place_of(subject, key).file;
}

/* Where key stands, or else where its section begins. */
static struct config_place place_near(const struct subject *subject, const char *key)
{
	struct config_place place = place_of(subject, key);

	return place.file ? place : subject->begin;
}

/* Pairs of keys of which only one may be there. */
static void check_pairs(const struct subject *subject)
{
	static const char *const pairs[][2] = { { "secret", "secret-file" },
		{ "password", "password-file" } };
	size_t i;

	for (i = 0; i < 2; i++)
		if (option_find(subject->section, pairs[i][0]) && is_set(subject, pairs[i][0]) &&
			is_set(subject, pairs[i][1]))
			config_error(subject->build, place_of(subject, pairs[i][1]),
				"%s: %s is set too; only one of them can be", pairs[i][1],
				pairs[i][0]);
}

static void check_profile(const struct subject *subject, const struct config_link *link)
{
	const struct config *config = subject->build->config;
	struct config_place place = place_of(subject, "ppp");
	struct nearest nearest = { .word = link->ppp };
	size_t i;

	if (!*link->ppp || config_find_ppp(config, link->ppp))
		return;
	for (i = 0; i < config->ppps_len; i++)
		nearest_offer(&nearest, config->ppps[i].name);
	if (nearest.best)
		config_error(subject->build, place, "ppp: there is no [ppp %s]; did you mean '%s'?",
			link->ppp, nearest.best);
	else
		config_error(subject->build, place, "ppp: there is no [ppp %s]", link->ppp);
}

/* Can the peer be dialled? */
static void check_peer(const struct subject *subject, const struct config_link *link)
{
	const struct config_endpoint *self = &link->self, *peer = &link->peer;
	unsigned full = peer->addr.sa.sa_family == AF_INET6 ? 128 : 32;

	if (self->addr.sa.sa_family && peer->addr.sa.sa_family &&
		self->addr.sa.sa_family != peer->addr.sa.sa_family)
		config_error(subject->build, place_of(subject, "peer"),
			"peer: IPv%c, but self is IPv%c", full == 128 ? '6' : '4',
			full == 128 ? '4' : '6');
	if (!link->originate)
		return;
	if (!is_set(subject, "peer"))
		config_error(subject->build, place_of(subject, "originate"),
			"originate: there is no peer to dial");
	else if (peer->addr.sa.sa_family && peer->width < full)
		config_error(subject->build, place_of(subject, "peer"),
			"peer: '%s/%u' is a range and cannot be dialled; name one address, or set "
			"originate = no",
			peer->host, peer->width);
	else if (peer->addr.sa.sa_family && l2tp_addr_is_any(&peer->addr))
		config_error(subject->build, place_of(subject, "peer"),
			"peer: '%s' cannot be dialled; name an address, or set originate = no",
			peer->host);
}

/* Keys that are of one call. */
static void check_placed(const struct subject *subject, const struct config_link *link)
{
	static const char *const keys[] = { "route", "ifname", "domain" };
	const struct config_ppp *ppp = config_find_ppp(subject->build->config, link->ppp);

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (is_set(subject, keys[i]) && !link->originate && link->max_calls != 1)
			config_error(subject->build, place_of(subject, keys[i]),
				"%s: is for one call: that placed from here (originate = yes), or "
				"the only one of a peer (max-calls = 1)",
				keys[i]);
	if (is_set(subject, "domain") && ppp && !ppp->usepeerdns)
		config_error(subject->build, place_of(subject, "domain"),
			"domain: the peer is not asked for name servers: set usepeerdns = yes in "
			"[ppp %s]",
			ppp->name);
}

void config_check_link(
	struct config_build *build, struct config_link *link, const struct config_places *places)
{
	const struct subject link_subject = { build, OPTION_LINK, places,
		{ link->file, link->line } };
	const struct subject *subject = &link_subject;

	check_pairs(subject);
	check_profile(subject, link);
	check_peer(subject, link);
	check_placed(subject, link);
	if (link->hidden && !is_set(subject, "secret") && !is_set(subject, "secret-file"))
		config_error(
			build, place_of(subject, "hidden"), "hidden: needs secret or secret-file");
	if (link->autostart && !link->originate)
		config_error(
			build, place_of(subject, "autostart"), "autostart: needs originate = yes");
	if (link->redial_delay <= link->redial_max_delay)
		return;
	if (is_set(subject, "redial-max-delay"))
		config_error(build, place_near(subject, "redial-delay"),
			"redial-delay: %u is more than redial-max-delay, %u", link->redial_delay,
			link->redial_max_delay);
	else
		link->redial_max_delay = link->redial_delay;
}

static bool brings_plugin(const struct config_ppp *ppp)
{
	size_t i, len;

	for (i = 0; i < ppp->option_len; i++) {
		const char *line = ppp->option[i], *word = option_word(&line, &len);

		if (word && len == 6 && memcmp(word, "plugin", len) == 0)
			return true;
	}
	return false;
}

/* The option line that switches MPPE off; NULL: none. pppd would go on in clear. */
static const char *no_mppe(const struct config_ppp *ppp)
{
	static const char *const words[] = { "noccp", "-ccp", "nomppe", "-mppe", "nomppe-128",
		"-mppe-128" };

	for (size_t i = 0; i < ppp->option_len; i++) {
		const char *line = ppp->option[i], *word;
		size_t len;

		while ((word = option_word(&line, &len)))
			for (size_t j = 0; j < sizeof(words) / sizeof(words[0]); j++)
				if (strlen(words[j]) == len && memcmp(word, words[j], len) == 0)
					return words[j];
	}
	return NULL;
}

/* Its keys come from MS-CHAPv2. */
static void check_mppe(const struct subject *subject, const struct config_ppp *ppp)
{
	if (ppp->mppe == MPPE_NO)
		return;
	if (ppp->require == REQUIRE_PAP || ppp->require == REQUIRE_CHAP_MD5)
		config_error(subject->build, place_of(subject, "mppe"),
			"mppe: its keys come from MS-CHAPv2: set require = mschapv2");
	else if (ppp->require == REQUIRE_NONE && !is_set(subject, "user"))
		config_error(subject->build, place_of(subject, "mppe"),
			"mppe: its keys come from a login: set require = mschapv2, or user and "
			"password");
	if (no_mppe(ppp))
		config_error(subject->build, place_of(subject, "option"),
			"option: '%s' switches off what mppe asks for", no_mppe(ppp));
}

static void check_ppp(const struct subject *subject, const struct config_ppp *ppp)
{
	bool password = is_set(subject, "password") || is_set(subject, "password-file");

	check_pairs(subject);
	if (is_set(subject, "user") && !password)
		config_error(subject->build, place_of(subject, "user"),
			"user: without password or password-file");
	if (!is_set(subject, "user") && password) {
		const char *key = is_set(subject, "password") ? "password" : "password-file";

		config_error(subject->build, place_of(subject, key), "%s: without user", key);
	}
	if (ppp->require != REQUIRE_NONE && !is_set(subject, "users") && !brings_plugin(ppp))
		config_error(subject->build, place_of(subject, "require"),
			"require: without users (or an option line that loads a plugin such as "
			"radius.so)");
	if (is_set(subject, "users") && !is_set(subject, "require"))
		config_error(subject->build, place_of(subject, "users"),
			"users: without require = pap, chap-md5 or mschapv2 nobody has to log in");
	if (is_set(subject, "pool") && !is_set(subject, "address"))
		config_error(subject->build, place_of(subject, "pool"),
			"pool: without address, our own");
	check_mppe(subject, ppp);
	if (ppp->ipv6 && ppp->mtu && ppp->mtu < 1280)
		config_error(
			subject->build, place_of(subject, "mtu"), "mtu: IPv6 needs 1280 or more");
}

struct owned_range {
	struct config_range range;
	size_t ppp;
};

static int by_address(const void *a, const void *b)
{
	const struct owned_range *x = a, *y = b;

	if (x->range.first != y->range.first)
		return x->range.first < y->range.first ? -1 : 1;
	return x->ppp < y->ppp ? -1 : x->ppp > y->ppp;
}

static struct subject ppp_subject(struct config_build *build, size_t i)
{
	const struct config_ppp *ppp = &build->config->ppps[i];

	return (struct subject){ build, OPTION_PPP, &build->places[OPTION_PPP][i],
		{ ppp->file, ppp->line } };
}

static void overlap_error(
	struct config_build *build, const struct owned_range *a, const struct owned_range *b)
{
	const struct owned_range *later = a->ppp > b->ppp ? a : b;
	const struct owned_range *earlier = later == a ? b : a;
	struct subject subject = ppp_subject(build, later->ppp);
	struct subject other = ppp_subject(build, earlier->ppp);
	struct config_place place = place_of(&other, "pool");
	char text[OPTION_RANGE_STRLEN];

	option_range_format(&later->range, text);
	config_error(build, place_of(&subject, "pool"),
		"pool: %s overlaps the pool of [ppp %s] at %s:%u", text,
		build->config->ppps[earlier->ppp].name, place.file, place.line);
}

/* No address may be in the pools of two profiles. One pass over all ranges in order. */
static void check_overlaps(struct config_build *build)
{
	const struct config *config = build->config;
	struct owned_range *ranges, *reach = NULL, *other = NULL;
	size_t len = 0, n = 0, i, j;

	for (i = 0; i < config->ppps_len; i++)
		len += config->ppps[i].pool_len;
	ranges = calloc(len ? len : 1, sizeof(*ranges));
	if (!ranges) {
		build->no_memory = true;
		return;
	}
	for (i = 0; i < config->ppps_len; i++)
		for (j = 0; j < config->ppps[i].pool_len; j++)
			ranges[n++] = (struct owned_range){ config->ppps[i].pool[j], i };
	qsort(ranges, n, sizeof(*ranges), by_address);
	for (i = 0; i < n; i++) {
		/* reach: goes furthest so far; other: the furthest of any other profile */
		struct owned_range *range = &ranges[i], *hit = NULL;

		if (reach && reach->ppp != range->ppp && reach->range.last >= range->range.first)
			hit = reach;
		else if (other && other->ppp != range->ppp &&
			 other->range.last >= range->range.first)
			hit = other;
		if (hit)
			overlap_error(build, range, hit);
		if (!reach || range->range.last > reach->range.last) {
			if (reach && reach->ppp != range->ppp)
				other = reach;
			reach = range;
		} else if (range->ppp != reach->ppp &&
			   (!other || range->range.last > other->range.last)) {
			other = range;
		}
	}
	free(ranges);
}

void config_check(struct config_build *build)
{
	struct config *config = build->config;
	size_t i;

	if (build->no_memory) /* there may be half a section */
		return;
	for (i = 0; i < config->links_len; i++)
		config_check_link(build, &config->links[i], &build->places[OPTION_LINK][i]);
	for (i = 0; i < config->ppps_len; i++) {
		struct subject subject = ppp_subject(build, i);

		check_ppp(&subject, &config->ppps[i]);
	}
	check_overlaps(build);
	config_check_forwards(build);
}
