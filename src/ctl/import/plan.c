/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plan.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/out/text.h"
#include "keep.h"

#define POOL_MAX     ((uint64_t)1 << 24) /* addresses of one [ppp] section */
#define NAME_MAX_LEN 63
#define NAME_CHARS   "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-"

/* --- profiles --- */

void profile_init(struct profile *profile)
{
	memset(profile, 0, sizeof(*profile));
	draft_init(&profile->draft);
}

void profile_clear(struct profile *profile)
{
	draft_clear(&profile->draft);
	login_wipe(&profile->login);
	ranges_clear(&profile->pool);
	free(profile->pool_from);
	profile->pool_from = NULL;
}

static void add_pool_line(struct profile *profile, struct import_line *from)
{
	for (size_t i = 0; i < profile->pool_from_len; i++)
		if (profile->pool_from[i] == from)
			return;
	profile->pool_from =
		keep_grow(profile->pool_from, profile->pool_from_len, sizeof(*profile->pool_from));
	profile->pool_from[profile->pool_from_len++] = from;
}

void profile_merge(struct profile *profile, const struct profile *other)
{
	size_t i;

	draft_merge(&profile->draft, &other->draft);
	login_merge(&profile->login, &other->login);
	for (i = 0; i < other->pool.len; i++)
		ranges_add(&profile->pool, other->pool.list[i]);
	for (i = 0; i < other->pool_from_len; i++)
		add_pool_line(profile, other->pool_from[i]);
}

void profile_pool(struct profile *profile, struct import_line *from, struct range range)
{
	ranges_add(&profile->pool, range);
	add_pool_line(profile, from);
}

void profile_option(struct profile *profile, struct import_line *from, const char *fmt, ...)
{
	va_list ap;
	char *text;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		text = keep_text("");
	va_end(ap);
	draft_set(&profile->draft, "option", from, text);
	keep_wipe(text);
}

void profile_dns(struct profile *profile, struct import_line *from, const char *address)
{
	const struct draft_key *key;
	unsigned count = 0;

	TAILQ_FOREACH (key, &profile->draft.keys, entry) {
		if (!draft_is(key, "dns"))
			continue;
		count++;
		if (strcmp(key->value, address) == 0)
			return;
	}
	if (count >= 2)
		account_say(from, VERDICT_IMPOSSIBLE, "dns has room for two addresses: without %s",
			address);
	else
		draft_set(&profile->draft, "dns", from, address);
}

void profile_mppe(struct profile *profile, struct import_line *from, const char *value)
{
	static const char *const order[] = { "no", "yes", "required", NULL };
	const char *old = draft_get(&profile->draft, "mppe");
	size_t i;

	for (i = 0; old && order[i]; i++) {
		if (strcmp(order[i], old) == 0)
			break;
		if (strcmp(order[i], value) == 0) {
			account_say(from, VERDICT_UNNEEDED, "mppe = %s says more", old);
			return;
		}
	}
	draft_set(&profile->draft, "mppe", from, value);
}

/* --- sections --- */

void plan_init(struct plan *plan)
{
	memset(plan, 0, sizeof(*plan));
	TAILQ_INIT(&plan->sections);
}

void plan_clear(struct plan *plan)
{
	struct plan_section *section;

	while ((section = TAILQ_FIRST(&plan->sections))) {
		TAILQ_REMOVE(&plan->sections, section, entry);
		draft_clear(&section->draft);
		draft_clear(&section->asked);
		ranges_clear(&section->pool);
		free(section->name);
		free(section);
	}
	ranges_clear(&plan->taken);
}

static bool name_is_used(const struct plan *plan, enum draft_section section, const char *name)
{
	const struct plan_section *s;
	bool link = section == DRAFT_LINK || section == DRAFT_PPP;

	TAILQ_FOREACH (s, &plan->sections, entry)
		if ((s->section == section ||
			    (link && (s->section == DRAFT_LINK || s->section == DRAFT_PPP))) &&
			strcmp(s->name, name) == 0)
			return true;
	return false;
}

char *plan_name(const struct plan *plan, enum draft_section section, const char *wanted)
{
	char *base = text_printf("%.*s", NAME_MAX_LEN - 7, *wanted ? wanted : "link"), *name, *p;
	unsigned number = 1;

	for (p = base; *p; p++)
		if (!strchr(NAME_CHARS, *p))
			*p = '_';
	name = text_printf("%s", base);
	while (name_is_used(plan, section, name)) {
		free(name);
		name = text_printf("%s-%u", base, ++number);
	}
	free(base);
	return name;
}

static struct plan_section *add_section(
	struct plan *plan, enum draft_section section, const char *name)
{
	struct plan_section *added = keep_alloc(sizeof(*added));

	added->section = section;
	added->name = keep_text(name);
	draft_init(&added->draft);
	draft_init(&added->asked);
	TAILQ_INSERT_TAIL(&plan->sections, added, entry);
	return added;
}

/* The [ppp] section that says the same. */
static const struct plan_section *same_ppp(const struct plan *plan, const struct profile *profile)
{
	const struct plan_section *section;

	TAILQ_FOREACH (section, &plan->sections, entry)
		if (section->section == DRAFT_PPP && ranges_equal(&section->pool, &profile->pool) &&
			draft_equal(&section->asked, &profile->draft, DRAFT_PPP))
			return section;
	return NULL;
}

static void say_of_pool(const struct profile *profile, enum verdict verdict, const char *text)
{
	for (size_t i = 0; i < profile->pool_from_len; i++)
		account_say(profile->pool_from[i], verdict, "%s", text);
}

/* The pool without our own address, and without what others have. */
static void write_pool(struct plan *plan, const struct profile *profile, struct draft *draft)
{
	const char *address = draft_get(draft, "address");
	struct ranges pool = { 0 };
	char text[RANGE_STRLEN];
	uint64_t count = 0;
	struct range own;
	size_t i;

	if (profile->pool.len && !address) {
		say_of_pool(profile, VERDICT_IMPOSSIBLE,
			"a pool needs address, our own address, which no line has");
		return;
	}
	for (i = 0; i < profile->pool.len; i++) {
		if (ranges_meet(&plan->taken, profile->pool.list[i]))
			say_of_pool(profile, VERDICT_IMPOSSIBLE,
				"an address of it is in the pool of another section, which has it");
		ranges_add(&pool, profile->pool.list[i]);
	}
	if (address && range_address(address, &own.first)) {
		own.last = own.first;
		ranges_remove(&pool, own);
	}
	for (i = 0; i < plan->taken.len; i++)
		ranges_remove(&pool, plan->taken.list[i]);
	for (i = 0; i < pool.len; i++) {
		const char *problem;

		count += (uint64_t)pool.list[i].last - pool.list[i].first + 1;
		range_format(pool.list[i], text);
		problem = count > POOL_MAX ? "a pool has 16777216 addresses at most"
					   : draft_problem("pool", text);
		if (problem) {
			say_of_pool(profile, VERDICT_IMPOSSIBLE, problem);
			continue;
		}
		draft_set(draft, "pool", NULL, text);
		ranges_add(&plan->taken, pool.list[i]);
		say_of_pool(profile, VERDICT_TAKEN, "pool");
	}
	ranges_clear(&pool);
}

/* What l2tpd refuses together. */
static void part_keys(struct draft *draft)
{
	const char *mtu = draft_get(draft, "mtu"), *ipv6 = draft_get(draft, "ipv6");

	if (mtu && ipv6 && strcmp(ipv6, "yes") == 0 && strtol(mtu, NULL, 10) < 1280) {
		account_say(draft_from(draft, "mtu"), VERDICT_IMPOSSIBLE,
			"IPv6 needs an mtu of 1280 or more");
		draft_drop(draft, "mtu");
	}
}

static void add_ppp(struct plan *plan, const char *name, const struct profile *profile)
{
	struct plan_section *ppp = add_section(plan, DRAFT_PPP, name);

	draft_merge(&ppp->draft, &profile->draft);
	part_keys(&ppp->draft);
	draft_merge(&ppp->asked, &profile->draft);
	for (size_t i = 0; i < profile->pool.len; i++)
		ranges_add(&ppp->pool, profile->pool.list[i]);
	write_pool(plan, profile, &ppp->draft);
}

void plan_link(struct plan *plan, const char *name, const struct profile *profile, bool with_ppp)
{
	const struct plan_section *ppp = with_ppp ? same_ppp(plan, profile) : NULL;
	struct plan_section *link = add_section(plan, DRAFT_LINK, name);

	draft_merge(&link->draft, &profile->draft);
	draft_set(&link->draft, "type", NULL, "l2tp");
	if (with_ppp)
		draft_set(&link->draft, "ppp", NULL, ppp ? ppp->name : name);
	if (ppp) {
		draft_tell(&profile->draft, DRAFT_PPP);
		if (draft_has(&ppp->draft, "pool"))
			say_of_pool(profile, VERDICT_TAKEN, "pool");
	} else if (with_ppp) {
		add_ppp(plan, name, profile);
	}
}

void plan_other(
	struct plan *plan, enum draft_section section, const char *name, const struct draft *draft)
{
	draft_merge(&add_section(plan, section, name)->draft, draft);
}

bool plan_is_empty(const struct plan *plan)
{
	return TAILQ_EMPTY(&plan->sections);
}

bool plan_has_secret(const struct plan *plan)
{
	const struct plan_section *section;

	TAILQ_FOREACH (section, &plan->sections, entry)
		if (draft_has_secret(&section->draft))
			return true;
	return false;
}

bool plan_print(const struct plan *plan, FILE *out)
{
	const struct plan_section *section;
	bool files = false;

	TAILQ_FOREACH (section, &plan->sections, entry)
		files |= draft_print(&section->draft, section->section, section->name, out);
	return files;
}
