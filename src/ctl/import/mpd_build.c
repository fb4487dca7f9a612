/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "mpd_build.h"

#include <stdlib.h>
#include <string.h>

#include "keep.h"

#define USERS "/etc/l2tpd/users"

static bool is_type(const struct mpd_object *link, const char *type)
{
	return link->type && strcmp(link->type, type) == 0;
}

/* --- what a link is for --- */

static const struct mpd_action *action_of(const struct mpd_object *link, int what)
{
	for (size_t i = 0; i < link->actions_len; i++)
		if ((int)link->actions[i].what == what)
			return &link->actions[i];
	return NULL;
}

/* Is it where calls are forwarded to? *ret_from: the line that says so. */
static bool is_target(
	const struct mpd *mpd, const struct mpd_object *link, struct import_line **ret_from)
{
	const struct mpd_object *o;
	size_t i;

	TAILQ_FOREACH (o, &mpd->objects, entry) {
		for (i = 0; i < o->actions_len; i++)
			if (o->actions[i].what == ACTION_FORWARD &&
				strcmp(o->actions[i].target, link->name) == 0) {
				*ret_from = o->actions[i].from;
				return true;
			}
		if (o->kind == MPD_REPEATER && strcmp(o->sides[1], link->name) == 0) {
			*ret_from = o->from;
			return true;
		}
	}
	return false;
}

static bool is_in_repeater(const struct mpd *mpd, const struct mpd_object *link)
{
	const struct mpd_object *o;

	TAILQ_FOREACH (o, &mpd->objects, entry)
		if (o->kind == MPD_REPEATER && (strcmp(o->sides[0], link->name) == 0 ||
						       strcmp(o->sides[1], link->name) == 0))
			return true;
	return false;
}

/* Bundles that name the link: "set bundle links". */
static struct mpd_object *bundle_that_names(const struct mpd *mpd, const struct mpd_object *link)
{
	struct mpd_object *o;
	size_t i;

	TAILQ_FOREACH (o, &mpd->objects, entry)
		for (i = 0; o->kind == MPD_BUNDLE && i < o->links_len; i++)
			if (strcmp(o->links[i], link->name) == 0)
				return o;
	return NULL;
}

static struct mpd_object *bundle_of(const struct mpd *mpd, const struct mpd_object *link)
{
	const struct mpd_action *action = action_of(link, ACTION_BUNDLE);
	struct mpd_object *bundle = action ? mpd_find(mpd, MPD_BUNDLE, action->target) : NULL;

	if (action && !bundle)
		account_say(action->from, VERDICT_IMPOSSIBLE, "there is no bundle \"%s\"",
			action->target);
	else if (action && action->regex)
		account_say(action->from, VERDICT_IMPOSSIBLE,
			"PPP is answered before the login is known, so it is for all logins");
	else if (action)
		account_say(action->from, VERDICT_TAKEN, "its keys are in the [ppp] of the link");
	if (bundle)
		return bundle;
	return link->bundle ? link->bundle : bundle_that_names(mpd, link);
}

/* One address, and not any? */
static bool can_be_dialled(const struct profile *profile)
{
	const char *peer = draft_get(&profile->draft, "peer");
	const char *slash = peer ? strchr(peer, '/') : NULL;

	return peer && strncmp(peer, "0.0.0.0", 7) != 0 &&
	       (!slash || strncmp(slash, "/32", 3) == 0 || strncmp(slash, "/128", 4) == 0);
}

/* --- keys of a link --- */

#define NO_PEER "there is no 'set l2tp peer' of one address"
/* mpd 4 wants "originate"; in mpd 5 a link that has a peer can be opened. */
static struct import_line *who_dials(const struct mpd *mpd, const struct mpd_object *link)
{
	struct import_line *target = NULL;

	if (link->originate || (link->opened && link->is_mpd5))
		return link->originate ? link->originate : link->opened;
	if (link->opened) {
		account_say(link->opened, VERDICT_IMPOSSIBLE,
			"mpd 4 refuses it, too: 'set l2tp enable originate' is missing");
		return NULL;
	}
	if (is_target(mpd, link, &target))
		return target;
	return link->is_mpd5 && !link->is_template && !link->incoming ? link->from : NULL;
}

static void set_dialling(const struct mpd *mpd, const struct mpd_object *link,
	const struct mpd_object *bundle, struct profile *profile)
{
	struct import_line *dials = who_dials(mpd, link);
	struct draft *draft = &profile->draft;

	if (dials && can_be_dialled(profile)) {
		draft_set(draft, "originate", dials, "yes");
	} else {
		account_say(link->opened, VERDICT_IMPOSSIBLE, NO_PEER);
		account_say(link->originate, VERDICT_IMPOSSIBLE, NO_PEER);
		return;
	}
	if (link->opened)
		draft_set(draft, "autostart", link->opened, "yes");
	if (draft_has(draft, "max-redial"))
		return;
	if (bundle && bundle->retries)
		draft_set(draft, "max-redial", bundle->retries, "0");
	else if (link->opened)
		draft_set(draft, "max-redial", link->opened, "-1");
}

static void set_answering(const struct mpd_object *link, struct profile *profile)
{
	if (!link->incoming)
		return;
	draft_set(&profile->draft, "incoming", link->incoming, "yes");
	if (!link->is_template && !draft_has(&profile->draft, "max-calls"))
		draft_set(&profile->draft, "max-calls", link->from, "1");
}

/* Where many callers come, none of them is the one that a route or a name is for. */
static void drop_of_one_call(const struct mpd_object *bundle, struct draft *draft)
{
	static const char why[] = "any number of callers come; a program of up can see to it";

	if (draft_has(draft, "originate") || strcmp(draft_get(draft, "max-calls") ?: "", "1") == 0)
		return;
	account_say(draft_from(draft, "ifname"), VERDICT_IMPOSSIBLE, "ifname: %s", why);
	for (size_t i = 0; bundle && i < bundle->routes_len; i++)
		account_say(bundle->routes[i], VERDICT_IMPOSSIBLE, "route: %s", why);
	draft_drop(draft, "ifname");
	draft_drop(draft, "route");
}

/* "crypt-reqd" is never passed over: the call ends if it cannot be had. */
static void set_mppe(const struct mpd_object *bundle, struct profile *profile)
{
	struct import_line *reqd = bundle ? bundle->crypt_reqd : NULL;
	struct import_line *wanted = bundle && bundle->compression ? bundle->mppc : NULL;

	if (!bundle)
		return;
	if (bundle->weak && !(wanted && bundle->e128))
		account_say(bundle->weak, VERDICT_IMPOSSIBLE, "there is only MPPE with 128 bit");
	else
		account_say(bundle->weak, VERDICT_UNNEEDED, "there is only MPPE with 128 bit");
	if (reqd) {
		profile_mppe(profile, reqd, "required");
		account_say(bundle->compression, VERDICT_TAKEN, "mppe = required");
		account_say(bundle->mppc, VERDICT_TAKEN, "mppe = required");
		account_say(bundle->e128, VERDICT_TAKEN, "mppe = required");
	} else if (wanted && (bundle->e128 || !bundle->weak)) {
		profile_mppe(profile, wanted, "yes");
		account_say(bundle->compression, VERDICT_TAKEN, "mppe = yes");
		account_say(bundle->e128, VERDICT_TAKEN, "mppe = yes");
	} else {
		account_say(bundle->compression, VERDICT_UNNEEDED,
			"only MPPE would come of it, and 'set ccp yes mppc' is missing");
	}
}

static void set_pool(
	const struct mpd *mpd, const struct mpd_object *bundle, struct profile *profile)
{
	const struct mpd_pool *pool;
	bool found = false;

	if (!bundle || !bundle->pool)
		return;
	TAILQ_FOREACH (pool, &mpd->pools, entry) {
		if (strcmp(pool->name, bundle->pool) != 0)
			continue;
		found = true;
		profile_pool(profile, pool->from, pool->range);
		profile_pool(profile, bundle->pool_from, pool->range);
	}
	if (!found)
		account_say(bundle->pool_from, VERDICT_IMPOSSIBLE,
			"no 'set ippool add %s' says what is in it", bundle->pool);
}

static void set_login(struct import *im, const struct mpd_object *link, struct profile *profile)
{
	const struct login_source source = { secrets_password, &im->secrets };
	struct login *login = &profile->login;
	bool dials = draft_has(&profile->draft, "originate");
	struct import_line *from = NULL;
	char *password;

	if (link->no_orig_auth && link->incoming) {
		account_say(link->no_orig_auth, VERDICT_IMPOSSIBLE,
			"whoever calls: require is for both directions");
	} else if (link->no_orig_auth) {
		account_say(link->no_orig_auth, VERDICT_TAKEN, "no require");
		memset(login->require, 0, sizeof(login->require));
	}
	password = login->user.text && !dials && !login->password.text
			   ? secrets_password(&im->secrets, login->user.text, &from)
			   : NULL;
	if (login->user.text && !dials && !login->password.text && !password) {
		account_say(login->user.from, VERDICT_UNNEEDED,
			"it is for our own login, and who calls us asks for none");
		login_text_set(&login->user, NULL, NULL);
	}
	keep_wipe(password);
	login_write(login, link->incoming != NULL, USERS, USERS, &source, &profile->draft);
}

/* --- sections --- */

static bool is_used(const struct mpd *mpd, const struct mpd_object *link)
{
	struct import_line *from;

	return !link->is_template || link->incoming || is_target(mpd, link, &from) ||
	       bundle_that_names(mpd, link);
}

static void build_l2tp(struct import *im, const struct mpd *mpd, struct mpd_object *link)
{
	const struct mpd_object *bundle = bundle_of(mpd, link);
	const struct mpd_action *drop = action_of(link, ACTION_DROP);
	bool is_side = action_of(link, ACTION_FORWARD) || is_in_repeater(mpd, link);
	struct import_line *from;
	struct profile profile;

	profile_init(&profile);
	if (bundle)
		profile_merge(&profile, &bundle->profile);
	profile_merge(&profile, &link->profile);
	if (drop)
		account_say(drop->from, VERDICT_IMPOSSIBLE,
			"who may call is said by peer, secret, and by users");
	set_dialling(mpd, link, bundle, &profile);
	set_answering(link, &profile);
	drop_of_one_call(bundle, &profile.draft);
	set_mppe(bundle, &profile);
	set_pool(mpd, bundle, &profile);
	set_login(im, link, &profile);
	if (mpd->linger.text)
		draft_set(&profile.draft, "linger", mpd->linger.from,
			strcmp(mpd->linger.text, "0") == 0 ? "1" : mpd->linger.text);
	if (draft_get(&profile.draft, "hidden") && !draft_has(&profile.draft, "secret")) {
		account_say(draft_from(&profile.draft, "hidden"), VERDICT_UNNEEDED,
			"without a secret mpd hides nothing");
		draft_drop(&profile.draft, "hidden");
	}
	is_side |= is_target(mpd, link, &from);
	link->section = plan_name(&im->plan, DRAFT_LINK, link->name);
	account_say(link->from, VERDICT_TAKEN, "[link %s]", link->section);
	account_say(bundle ? bundle->from : NULL, VERDICT_TAKEN, "[ppp %s]", link->section);
	plan_link(&im->plan, link->section, &profile, !is_side);
	profile_clear(&profile);
}

static const char *kind_of(const struct mpd_object *link)
{
	return is_type(link, "pppoe") ? "pppoe" : is_type(link, "modem") ? "serial" : "link";
}

/* A line whose calls are forwarded. */
static void build_line(struct import *im, struct mpd_object *link, enum draft_section section)
{
	const struct mpd_action *local = action_of(link, ACTION_BUNDLE);

	link->section = plan_name(&im->plan, section, link->name);
	plan_other(&im->plan, section, link->section, &link->profile.draft);
	account_say(link->from, VERDICT_TAKEN, "[%s %s]", kind_of(link), link->section);
	account_say(link->incoming, VERDICT_TAKEN, "its calls are forwarded");
	account_say(local ? local->from : NULL, VERDICT_IMPOSSIBLE,
		"calls of such a line are forwarded, and never answered here");
}

static void build_link(struct import *im, const struct mpd *mpd, struct mpd_object *link)
{
	bool forwards = action_of(link, ACTION_FORWARD) || is_in_repeater(mpd, link);

	if (!is_used(mpd, link)) {
		account_say(link->from, VERDICT_UNNEEDED,
			"a template: what is made from it has what it says");
		return;
	}
	if (is_type(link, "l2tp"))
		build_l2tp(im, mpd, link);
	else if (is_type(link, "pppoe") && forwards)
		build_line(im, link, DRAFT_PPPOE);
	else if (is_type(link, "modem") && forwards)
		build_line(im, link, DRAFT_SERIAL);
	else if (!link->type)
		account_say(link->from, VERDICT_IMPOSSIBLE,
			"link \"%s\" has no type: 'set link type l2tp' is missing (in mpd.links?)",
			link->name);
	else
		account_say(link->from, VERDICT_IMPOSSIBLE,
			"link \"%s\" is of type %s, and not L2TP; it is left out", link->name,
			link->type);
}

static void plan_forward(struct import *im, const char *wanted, const struct mpd_object *in,
	const struct mpd_object *out, const char *realm, bool login, struct import_line *from)
{
	struct draft draft;
	char *name;

	if (!in->section || !out->section) {
		account_say(from, VERDICT_IMPOSSIBLE, "one of its two sides is left out");
		return;
	}
	draft_init(&draft);
	draft_setf(&draft, "from", from, "%s:%s", kind_of(in), in->section);
	draft_setf(&draft, "to", from, "link:%s", out->section);
	if (login)
		draft_set(&draft, "proxy", from, "auth");
	if (realm)
		draft_set(&draft, "realm", from, realm);
	name = plan_name(&im->plan, DRAFT_FORWARD, wanted);
	plan_other(&im->plan, DRAFT_FORWARD, name, &draft);
	free(name);
	draft_clear(&draft);
}

/* "@corp\\.net$" or "corp\\.net": the realm that it stands for; NULL: it is more than that. */
static char *realm_of(const char *regex)
{
	char *realm = keep_alloc(strlen(regex) + 1), *p = realm;

	for (regex += *regex == '@'; *regex && !(*regex == '$' && !regex[1]); regex++) {
		if (*regex == '\\' && regex[1] == '.')
			continue;
		if (strchr("^$*+?[](){}|\\", *regex)) {
			free(realm);
			return NULL;
		}
		*p++ = *regex;
	}
	return realm;
}

/* Callers have to say who they are before it is known where to: mpd asks them, too. */
static bool asks_login(const struct mpd_object *link)
{
	for (size_t i = 0; i < link->actions_len; i++)
		if (link->actions[i].what == ACTION_FORWARD && link->actions[i].regex)
			return !is_type(link, "l2tp"); /* there the LAC has asked */
	return false;
}

static void build_action(struct import *im, const struct mpd *mpd, const struct mpd_object *link,
	const struct mpd_action *action)
{
	const struct mpd_object *to = mpd_find(mpd, MPD_LINK, action->target);
	char *realm = action->regex ? realm_of(action->regex) : NULL;

	if (!to || !is_type(to, "l2tp")) {
		account_say(action->from, VERDICT_IMPOSSIBLE,
			"\"%s\" is no link of type l2tp, and calls are forwarded to such only",
			action->target);
	} else if (action->regex && !realm) {
		account_say(action->from, VERDICT_IMPOSSIBLE,
			"calls are forwarded by realm, as in user@realm, and not by a pattern");
	} else {
		plan_forward(im, link->name, link, to, realm, asks_login(link), action->from);
	}
	free(realm);
}

static void build_forwards(struct import *im, const struct mpd *mpd, const struct mpd_object *link)
{
	size_t i;

	if (!is_used(mpd, link))
		return;
	for (i = 0; i < link->actions_len; i++)
		if (link->actions[i].what == ACTION_FORWARD)
			build_action(im, mpd, link, &link->actions[i]);
}

static void build_repeater(
	struct import *im, const struct mpd *mpd, const struct mpd_object *repeater)
{
	const struct mpd_object *in = mpd_find(mpd, MPD_LINK, repeater->sides[0]);
	const struct mpd_object *out = mpd_find(mpd, MPD_LINK, repeater->sides[1]);

	/* in mpd 4 either side may begin */
	if (in && out && !is_type(out, "l2tp") && is_type(in, "l2tp")) {
		const struct mpd_object *other = in;

		in = out;
		out = other;
	}
	if (in && out && is_type(out, "l2tp"))
		plan_forward(im, repeater->name, in, out, NULL, false, repeater->from);
	else
		account_say(repeater->from, VERDICT_IMPOSSIBLE,
			"one of its two sides has to be of type l2tp");
}

/* --- users --- */

static bool users_are_needed(const struct import *im)
{
	const struct plan_section *section;
	const char *path;

	TAILQ_FOREACH (section, &im->plan.sections, entry) {
		path = section->section == DRAFT_PPP ? draft_get(&section->draft, "users") : NULL;
		if (path && strcmp(path, USERS) == 0)
			return true;
	}
	return false;
}

/* A word as pppd's files have it. */
static void put_word(FILE *out, const char *word)
{
	fputc('"', out);
	for (; *word; word++) {
		if (strchr("\"\\", *word))
			fputc('\\', out);
		fputc(*word, out);
	}
	fputc('"', out);
}

/* The only address that mpd would give; NULL: one of the pool. */
static char *address_of(const struct secret_entry *entry)
{
	char *address =
		entry->address ? keep_bytes(entry->address, strcspn(entry->address, "/")) : NULL;
	uint32_t value;

	if (address && (!range_address(address, &value) || !value)) {
		free(address);
		return NULL;
	}
	return address;
}

static void put_user(const struct secret_entry *entry, FILE *out)
{
	char *address = address_of(entry);

	put_word(out, entry->first);
	fputs(" * ", out);
	put_word(out, entry->secret);
	fprintf(out, " %s\n", address ? address : "*");
	free(address);
}

/* mpd.secret as a users file. Who is only our own login there is no user of ours. */
static void build_users(struct import *im)
{
	const struct secret_entry *entry;
	char *text = NULL;
	size_t size = 0;
	FILE *out = users_are_needed(im) ? open_memstream(&text, &size) : NULL;
	bool any = false;

	if (!out)
		return;
	im->needs_users = true;
	TAILQ_FOREACH (entry, &im->secrets, entry) {
		if (entry->kind != SECRET_MPD)
			continue;
		if (*entry->secret == '!') {
			account_say(entry->from, VERDICT_IMPOSSIBLE,
				"no program is asked for passwords; a plugin of pppd can do that");
		} else if (strpbrk(entry->secret, "\n\r") || strpbrk(entry->first, "\n\r")) {
			account_say(entry->from, VERDICT_IMPOSSIBLE, "it has a line break in it");
		} else {
			account_say(entry->from, VERDICT_TAKEN,
				entry->from->file->show_secrets ? "a line of " USERS
								: "a line for " USERS
								  "; --secrets FILE prints it");
			if (entry->from->file->show_secrets) {
				put_user(entry, out);
				any = true;
			}
		}
	}
	fclose(out);
	if (any)
		im->users = text;
	else
		free(text);
}

/* --- all of it --- */

static void build_from_mpd(struct import *im, void *state)
{
	struct mpd *mpd = state;
	struct mpd_object *o;

	mpd_run(mpd);
	TAILQ_FOREACH (o, &mpd->objects, entry)
		if (o->kind == MPD_LINK)
			build_link(im, mpd, o);
	TAILQ_FOREACH (o, &mpd->objects, entry) {
		if (o->kind == MPD_LINK)
			build_forwards(im, mpd, o);
		else if (o->kind == MPD_REPEATER)
			build_repeater(im, mpd, o);
	}
	build_users(im);
}

static void *mpd_new(void)
{
	struct mpd *mpd = keep_alloc(sizeof(*mpd));

	TAILQ_INIT(&mpd->objects);
	TAILQ_INIT(&mpd->pools);
	return mpd;
}

static void object_free(struct mpd_object *o)
{
	size_t i;

	for (i = 0; i < o->actions_len; i++) {
		free(o->actions[i].target);
		free(o->actions[i].regex);
	}
	free(o->actions);
	for (i = 0; i < o->links_len; i++)
		free(o->links[i]);
	free(o->links);
	free(o->sides[0]);
	free(o->sides[1]);
	free(o->pool);
	free(o->type);
	free(o->name);
	free(o->section);
	profile_clear(&o->profile);
	free(o);
}

static void mpd_free(void *state)
{
	struct mpd *mpd = state;
	struct mpd_object *o;
	struct mpd_pool *pool;

	while ((o = TAILQ_FIRST(&mpd->objects))) {
		TAILQ_REMOVE(&mpd->objects, o, entry);
		object_free(o);
	}
	while ((pool = TAILQ_FIRST(&mpd->pools))) {
		TAILQ_REMOVE(&mpd->pools, pool, entry);
		free(pool->name);
		free(pool);
	}
	while (mpd->lines_len) {
		keep_wipe(mpd->lines[--mpd->lines_len].text);
		free(mpd->lines[mpd->lines_len].label);
	}
	free(mpd->lines);
	free(mpd->linger.text);
	free(mpd);
}

const struct import_format import_mpd = {
	.name = "mpd",
	.take = mpd_take,
	.build = build_from_mpd,
	.state_new = mpd_new,
	.state_free = mpd_free,
};
