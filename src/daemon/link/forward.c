/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "forward.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "linux/resolve.h"
#include "ppp/realm.h"

/* One that does not answer is left alone so long, twice as long each time. */
#define DEAD_FIRST (10 * USEC_PER_SEC)
#define DEAD_MAX   (300 * USEC_PER_SEC)

int forwards_new(struct daemon *d)
{
	d->forwards = calloc(1, sizeof(*d->forwards));
	if (!d->forwards)
		return -ENOMEM;
	TAILQ_INIT(&d->forwards->list);
	return 0;
}

/* --- targets --- */

static void target_free(struct target *target)
{
	TAILQ_REMOVE(&target->forward->targets, target, entry);
	sd_event_source_disable_unref(target->resolve_io);
	resolve_free(target->resolve);
	free(target->addrs);
	free(target);
}

void target_unref(struct target *target)
{
	if (--target->refs == 0 && target->removed)
		target_free(target);
}

static bool is_tried(const struct target *target, struct target *const *tried, unsigned tried_len)
{
	for (unsigned i = 0; i < tried_len; i++)
		if (tried[i] == target)
			return true;
	return false;
}

static bool can_be_tried(
	const struct target *target, struct target *const *tried, unsigned tried_len)
{
	const struct link *link = link_find(target->forward->daemon, target->link);

	return !target->removed && link && link->owner.config->originate &&
	       !is_tried(target, tried, tried_len);
}

static bool is_dead(const struct target *target)
{
	return target->dead_until > daemon_now(target->forward->daemon);
}

bool target_has_choice(
	const struct forward *forward, struct target *const *tried, unsigned tried_len)
{
	const struct target *target;

	TAILQ_FOREACH (target, &forward->targets, entry)
		if (can_be_tried(target, tried, tried_len) && !is_dead(target))
			return true;
	return false;
}

/* By weight: whoever has gathered most goes, and pays for all. */
static struct target *choose_by_weight(
	struct forward *forward, struct target *const *tried, unsigned tried_len)
{
	struct target *target, *best = NULL;
	int64_t total = 0;

	TAILQ_FOREACH (target, &forward->targets, entry) {
		if (!target->weight || is_dead(target) || !can_be_tried(target, tried, tried_len))
			continue;
		target->credit += target->weight;
		total += target->weight;
		if (!best || target->credit > best->credit)
			best = target;
	}
	if (best)
		best->credit -= total;
	return best;
}

/* The first that lives; if none does, the one that has been left alone for longest. */
static struct target *choose_in_order(
	struct forward *forward, struct target *const *tried, unsigned tried_len)
{
	struct target *target, *best = NULL;

	TAILQ_FOREACH (target, &forward->targets, entry) {
		if (!can_be_tried(target, tried, tried_len))
			continue;
		if (!is_dead(target))
			return target;
		if (!best || target->dead_until < best->dead_until)
			best = target;
	}
	return best;
}

struct target *target_choose(
	struct forward *forward, struct target *const *tried, unsigned tried_len)
{
	struct target *target = NULL;

	if (forward->config && forward->config->to.weighted)
		target = choose_by_weight(forward, tried, tried_len);
	if (!target)
		target = choose_in_order(forward, tried, tried_len);
	if (target)
		target->refs++;
	return target;
}

void target_alive(struct target *target)
{
	if (target->dead_until)
		log_notice("forward %s: %s answers again", target->forward->name, target->link);
	target->failures = 0;
	target->dead_until = 0;
}

bool target_dead(struct target *target)
{
	struct daemon *d = target->forward->daemon;
	usec_t pause = DEAD_FIRST;

	if (++target->addr_next < target->addrs_len)
		return true;
	target->addr_next = 0;
	if (is_dead(target)) /* many calls may say the same */
		return false;
	for (unsigned i = 0; i < target->failures && pause < DEAD_MAX; i++)
		pause *= 2;
	if (pause > DEAD_MAX)
		pause = DEAD_MAX;
	target->failures++;
	target->dead_until = daemon_now(d) + pause;
	log_warning("forward %s: %s does not answer: not tried for %u s", target->forward->name,
		target->link, (unsigned)(pause / USEC_PER_SEC));
	return false;
}

/* --- which one --- */

/* Any of the patterns; none at all: everything. */
static bool matches(const struct config_words *patterns, const char *text)
{
	for (size_t i = 0; i < patterns->len; i++)
		if (fnmatch(patterns->word[i], text, FNM_CASEFOLD) == 0)
			return true;
	return patterns->len == 0;
}

static bool takes(const struct forward *forward, const struct line *line)
{
	const struct config_forward *config = forward->config;

	return config && config->from.kind == line->kind->source &&
	       strcmp(config->from.name, line->section) == 0 &&
	       matches(&config->services, line->called) &&
	       matches(&config->callingnums, line->calling);
}

static bool has_realm(const struct forward *forward, const struct line *line)
{
	struct l2tp_span name = { .data = (const uint8_t *)line->user,
		.len = (uint16_t)strlen(line->user) };

	for (size_t i = 0; i < forward->config->realms.len; i++)
		if (realm_matches(name, forward->config->realms.word[i]))
			return true;
	return false;
}

struct forward *forward_find(struct daemon *d, const struct line *line, bool known)
{
	struct forward *forward, *any = NULL;

	TAILQ_FOREACH (forward, &d->forwards->list, entry) {
		if (!takes(forward, line))
			continue;
		if (!known || has_realm(forward, line))
			return forward;
		if (!any && !forward->config->realms.len)
			any = forward;
	}
	return any;
}

/* --- configuration --- */

static void keep_target(struct forward *forward, const struct config_target *config)
{
	struct target *target;

	TAILQ_FOREACH (target, &forward->targets, entry)
		if (strcmp(target->link, config->link) == 0)
			break;
	if (target) {
		TAILQ_REMOVE(&forward->targets, target, entry);
	} else {
		target = calloc(1, sizeof(*target));
		if (!target) {
			log_error("forward %s: out of memory", forward->name);
			return;
		}
		target->forward = forward;
		snprintf(target->link, sizeof(target->link), "%s", config->link);
		TAILQ_INIT(&target->waiting);
	}
	target->removed = false;
	target->weight = config->weight;
	target->resolved = 0; /* the link may have another peer */
	TAILQ_INSERT_TAIL(&forward->targets, target, entry);
}

static void update_targets(struct forward *forward)
{
	struct target *target, *next;

	TAILQ_FOREACH (target, &forward->targets, entry)
		target->removed = true;
	for (size_t i = 0; forward->config && i < forward->config->to.len; i++)
		keep_target(forward, &forward->config->to.list[i]);
	for (target = TAILQ_FIRST(&forward->targets); target; target = next) {
		next = TAILQ_NEXT(target, entry);
		if (target->removed && target->refs == 0)
			target_free(target);
	}
}

static void keep_or_add(struct daemon *d, const struct config_forward *config)
{
	struct forward *forward;

	TAILQ_FOREACH (forward, &d->forwards->list, entry)
		if (strcmp(forward->name, config->name) == 0)
			break;
	if (forward) {
		TAILQ_REMOVE(&d->forwards->list, forward, entry);
	} else {
		forward = calloc(1, sizeof(*forward));
		if (!forward) {
			log_error("forward %s: out of memory", config->name);
			return;
		}
		forward->daemon = d;
		snprintf(forward->name, sizeof(forward->name), "%s", config->name);
		TAILQ_INIT(&forward->targets);
		LIST_INIT(&forward->calls);
	}
	forward->config = config;
	update_targets(forward);
	TAILQ_INSERT_TAIL(&d->forwards->list, forward, entry);
}

/* One that is in no configuration and has no calls is freed. */
static void settle(struct forward *forward)
{
	if (forward->config || forward->calls_len)
		return;
	update_targets(forward);
	if (!TAILQ_EMPTY(&forward->targets))
		return;
	TAILQ_REMOVE(&forward->daemon->forwards->list, forward, entry);
	free(forward);
}

void forwards_update(struct daemon *d)
{
	struct forward *forward, *next;

	TAILQ_FOREACH (forward, &d->forwards->list, entry)
		forward->config = NULL;
	for (size_t i = 0; d->config && i < d->config->forwards_len; i++)
		keep_or_add(d, &d->config->forwards[i]);
	for (forward = TAILQ_FIRST(&d->forwards->list); forward; forward = next) {
		next = TAILQ_NEXT(forward, entry);
		settle(forward);
	}
}

void forwards_free(struct daemon *d)
{
	struct forward *forward;

	if (!d->forwards)
		return;
	while ((forward = TAILQ_FIRST(&d->forwards->list))) {
		forward->config = NULL;
		settle(forward);
	}
	free(d->forwards);
	d->forwards = NULL;
}
