/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "mpd_set.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ctl/out/text.h"
#include "keep.h"
#include "mpd_options.h"

/* --- common --- */

static void take_unneeded(const struct mpd_command *c)
{
	account_say(c->line, VERDICT_UNNEEDED, "%s", c->key);
}

static void take_impossible(const struct mpd_command *c)
{
	account_say(c->line, VERDICT_IMPOSSIBLE, "%s", c->key);
}

/* The first argument; NULL, as the line says: there is none. */
static const char *argument(const struct mpd_command *c)
{
	if (!c->count)
		account_say(c->line, VERDICT_IMPOSSIBLE, "mpd refuses it: there is no value");
	return c->args[0];
}

static struct profile *link_profile(const struct mpd_command *c)
{
	return &c->mpd->link->profile;
}

static struct profile *bundle_profile(const struct mpd_command *c)
{
	return &c->mpd->bundle->profile;
}

/* Keys of the link, and of the bundle. */
static void take_link_value(const struct mpd_command *c)
{
	const char *value = argument(c);

	if (value)
		draft_set(&link_profile(c)->draft, c->key, c->line, value);
}

static void take_bundle_value(const struct mpd_command *c)
{
	const char *value = argument(c);

	if (value)
		draft_set(&bundle_profile(c)->draft, c->key, c->line, value);
}

static void take_text(const struct mpd_command *c, struct login_text *to)
{
	const char *value = argument(c);

	if (value)
		login_text_set(to, c->line, value);
}

/* --- set link, set phys --- */

static void take_type(const struct mpd_command *c)
{
	const char *type = argument(c);

	if (!type)
		return;
	keep_replace(&c->mpd->link->type, type);
	account_say(c->line, VERDICT_TAKEN, "type");
}

static void add_action(const struct mpd_command *c, int what, const char *target, const char *regex)
{
	struct mpd_object *link = c->mpd->link;

	link->actions = keep_grow(link->actions, link->actions_len, sizeof(*link->actions));
	link->actions[link->actions_len].what = what;
	link->actions[link->actions_len].target = keep_text(target);
	link->actions[link->actions_len].regex = keep_text(regex);
	link->actions[link->actions_len++].from = c->line;
}

static void take_action_bundle(const struct mpd_command *c)
{
	const char *target = argument(c);

	if (target)
		add_action(c, ACTION_BUNDLE, target, c->args[1]);
}

static void take_action_forward(const struct mpd_command *c)
{
	const char *target = argument(c);

	if (target)
		add_action(c, ACTION_FORWARD, target, c->args[1]);
}

static void take_action_drop(const struct mpd_command *c)
{
	add_action(c, ACTION_DROP, NULL, c->args[0]);
}

static void take_action_clear(const struct mpd_command *c)
{
	struct mpd_object *link = c->mpd->link;

	while (link->actions_len) {
		struct mpd_action *action = &link->actions[--link->actions_len];

		account_say(action->from, VERDICT_UNNEEDED, "it is cleared at %s:%u",
			c->line->file->path, c->line->number);
		free(action->target);
		free(action->regex);
	}
	account_say(c->line, VERDICT_TAKEN, "no actions so far");
}

/* "set link keep-alive SECONDS MAX": dead after MAX seconds without an answer */
static void take_keep_alive(const struct mpd_command *c)
{
	struct draft *draft = &link_profile(c)->draft;
	long every = c->count == 2 ? strtol(c->args[0], NULL, 10) : -1, limit;

	if (every < 0 || every > 3600) {
		account_say(c->line, VERDICT_IMPOSSIBLE,
			"seconds between questions, and until the end");
		return;
	}
	limit = strtol(c->args[1], NULL, 10);
	draft_setf(draft, "lcp-echo-interval", c->line, "%ld", every);
	if (every) {
		limit = limit < every ? 1 : limit / every;
		draft_setf(draft, "lcp-echo-failure", c->line, "%ld", limit > 100 ? 100 : limit);
	}
}

static void take_fsm_timeout(const struct mpd_command *c)
{
	const char *seconds = argument(c);

	if (seconds && seconds[strspn(seconds, "0123456789")] == '\0')
		profile_option(link_profile(c), c->line, "%s %s", c->key, seconds);
	else if (seconds)
		account_say(c->line, VERDICT_IMPOSSIBLE, "it is no number of seconds");
}

/* --- set l2tp --- */

/* "ADDR[/WIDTH] [PORT]" */
static void take_endpoint(const struct mpd_command *c)
{
	struct draft *draft = &link_profile(c)->draft;
	bool is_self = strcmp(c->key, "self") == 0;
	const char *port = c->count > 1 ? c->args[1] : "0";
	const char *value = argument(c);
	char *host;

	if (!value)
		return;
	host = keep_text(value);
	if (is_self && strchr(host, '/'))
		*strchr(host, '/') = '\0';
	if (strcmp(port, "0") != 0) {
		draft_setf(draft, c->key, c->line, "%s %s", host, port);
	} else if (strcmp(host, "0.0.0.0") == 0 || strcmp(host, "0.0.0.0/0") == 0) {
		draft_drop(draft, c->key);
		account_say(c->line, VERDICT_UNNEEDED, "any address is the default");
	} else {
		draft_set(draft, c->key, c->line, host);
	}
	free(host);
}

static void take_secret(const struct mpd_command *c)
{
	const char *secret = argument(c);

	if (!secret)
		return;
	if (*secret) {
		draft_set(&link_profile(c)->draft, "secret", c->line, secret);
		return;
	}
	draft_drop(&link_profile(c)->draft, "secret");
	account_say(c->line, VERDICT_UNNEEDED, "no secret is the default");
}

/* Numbers and names that may be empty, which is the default. */
static void take_number(const struct mpd_command *c)
{
	if (c->count && !*c->args[0]) {
		draft_drop(&link_profile(c)->draft, c->key);
		account_say(c->line, VERDICT_UNNEEDED, "nothing is the default");
	} else {
		take_link_value(c);
	}
}

/* "*" and "" are any service. */
static void take_service(const struct mpd_command *c)
{
	if (c->count && strcmp(c->args[0], "*") == 0)
		account_say(c->line, VERDICT_UNNEEDED, "any service is the default");
	else
		take_number(c);
}

/* --- set auth --- */

static void take_authname(const struct mpd_command *c)
{
	take_text(c, &link_profile(c)->login.user);
}

static void take_password(const struct mpd_command *c)
{
	take_text(c, &link_profile(c)->login.password);
}

/* "set bundle authname" of mpd 3 */
static void take_old_authname(const struct mpd_command *c)
{
	take_text(c, &bundle_profile(c)->login.user);
}

static void take_old_password(const struct mpd_command *c)
{
	take_text(c, &bundle_profile(c)->login.password);
}

static void take_max_logins(const struct mpd_command *c)
{
	const char *number = argument(c);

	if (number && strcmp(number, "1") == 0)
		draft_set(&link_profile(c)->draft, "single-session", c->line, "deny");
	else if (number && strcmp(number, "0") == 0)
		account_say(c->line, VERDICT_UNNEEDED, "no limit is the default");
	else if (number)
		account_say(c->line, VERDICT_IMPOSSIBLE,
			"a user may log in once (single-session = deny), or any number of times");
}

/* --- set iface, set ipcp, set ippool --- */

/* One key has all routes. */
static void take_route(const struct mpd_command *c)
{
	struct draft *draft = &bundle_profile(c)->draft;
	struct import_line *from = draft_from(draft, "route");
	const char *net = argument(c), *old = draft_get(draft, "route");
	char *both;

	if (!net)
		return;
	if (strcmp(net, "default") == 0 || strcmp(net, "0.0.0.0/0") == 0) {
		draft_set(draft, "defaultroute", c->line, "yes");
		return;
	}
	both = old ? text_printf("%s %s", old, net) : keep_text(net);
	if (draft_problem("route", both)) {
		account_say(
			c->line, VERDICT_IMPOSSIBLE, "as route: %s", draft_problem("route", both));
	} else {
		account_say(from, VERDICT_TAKEN, "route");
		draft_drop(draft, "route");
		draft_set(draft, "route", c->line, both);
		if (c->mpd->bundle->routes_len < MPD_ROUTES_MAX)
			c->mpd->bundle->routes[c->mpd->bundle->routes_len++] = c->line;
	}
	keep_wipe(both);
}

static void take_script(const struct mpd_command *c)
{
	take_bundle_value(c);
	if (draft_has(&bundle_profile(c)->draft, c->key))
		account_say(c->line, VERDICT_TAKEN,
			"what it is called with is not the same: see l2tpd.conf(5)");
}

static void take_timeout(const struct mpd_command *c)
{
	const char *seconds = argument(c);

	if (!seconds)
		return;
	if (strcmp(seconds, "0") == 0)
		account_say(c->line, VERDICT_UNNEEDED, "no limit is the default");
	else if (seconds[strspn(seconds, "0123456789")] == '\0')
		profile_option(bundle_profile(c), c->line, "%s %s", c->key, seconds);
	else
		account_say(c->line, VERDICT_IMPOSSIBLE, "it is no number of seconds");
}

static void take_dns(const struct mpd_command *c)
{
	draft_drop(&bundle_profile(c)->draft, "dns");
	for (int i = 0; i < c->count; i++)
		profile_dns(bundle_profile(c), c->line, c->args[i]);
}

static void take_wins(const struct mpd_command *c)
{
	uint32_t address;

	for (int i = 0; i < c->count; i++)
		if (range_address(c->args[i], &address))
			profile_option(bundle_profile(c), c->line, "ms-wins %s", c->args[i]);
		else
			account_say(c->line, VERDICT_IMPOSSIBLE, "it is not an IPv4 address");
}

/* "A.B.C.D[/WIDTH]"; false: it is none */
static bool parse_net(const char *text, struct range *ret, bool *ret_whole)
{
	char *address = keep_bytes(text, strcspn(text, "/"));
	const char *width = strchr(text, '/');
	bool good = range_address(address, &ret->first);

	ret->last = ret->first;
	*ret_whole = !width || strcmp(width, "/32") == 0;
	free(address);
	return good;
}

static void take_own_address(const struct mpd_command *c, const char *text)
{
	struct draft *draft = &bundle_profile(c)->draft;
	char address[RANGE_STRLEN];
	struct range range;
	bool whole;

	if (!parse_net(text, &range, &whole)) {
		account_say(c->line, VERDICT_IMPOSSIBLE, "'%s' is not an address", text);
	} else if (!range.first) {
		draft_drop(draft, "address");
		account_say(c->line, VERDICT_UNNEEDED, "our address: the peer tells it");
	} else {
		range_format(range, address);
		draft_set(draft, "address", c->line, address);
	}
}

static void take_peer_address(const struct mpd_command *c, const char *text)
{
	struct range range;
	bool whole;

	if (!parse_net(text, &range, &whole)) {
		account_say(c->line, VERDICT_IMPOSSIBLE, "'%s' is not an address", text);
		return;
	}
	if (!range.first) {
		account_say(c->line, VERDICT_UNNEEDED, "the peer's address: it may have any");
		return;
	}
	profile_pool(bundle_profile(c), c->line, range);
	if (!whole)
		account_say(c->line, VERDICT_IMPOSSIBLE, "the peer may have no other address of %s",
			text);
}

/* "set ipcp ranges SELF PEER", each an address with a width, or "ippool NAME" */
static void take_ranges(const struct mpd_command *c)
{
	struct mpd_object *bundle = c->mpd->bundle;
	int at = 1;

	ranges_clear(&bundle->profile.pool);
	bundle->profile.pool_from_len = 0;
	keep_replace(&bundle->pool, NULL);
	bundle->pool_from = NULL;
	if (c->count < 2) {
		account_say(c->line, VERDICT_IMPOSSIBLE, "mpd refuses it: an address is missing");
		return;
	}
	if (strcmp(c->args[0], "ippool") == 0) {
		account_say(c->line, VERDICT_IMPOSSIBLE,
			"our own address is one for all calls: set address");
		at = 2;
	} else {
		take_own_address(c, c->args[0]);
	}
	if (c->count > at + 1 && strcmp(c->args[at], "ippool") == 0) {
		keep_replace(&bundle->pool, c->args[at + 1]);
		bundle->pool_from = c->line;
	} else if (c->count > at) {
		take_peer_address(c, c->args[at]);
	}
}

static void take_pool(const struct mpd_command *c)
{
	struct mpd_pool *pool;
	struct range range;

	if (c->count != 3 || !range_address(c->args[1], &range.first) ||
		!range_address(c->args[2], &range.last) || range.last < range.first) {
		account_say(c->line, VERDICT_IMPOSSIBLE,
			"mpd refuses it: a name, the first and the "
			"last address");
		return;
	}
	pool = keep_alloc(sizeof(*pool));
	pool->name = keep_text(c->args[0]);
	pool->range = range;
	pool->from = c->line;
	TAILQ_INSERT_TAIL(&c->mpd->pools, pool, entry);
}

static void take_bundle_links(const struct mpd_command *c)
{
	struct mpd_object *bundle = c->mpd->bundle;

	for (int i = 0; i < c->count; i++) {
		bundle->links = keep_grow(bundle->links, bundle->links_len, sizeof(*bundle->links));
		bundle->links[bundle->links_len++] = keep_text(c->args[i]);
	}
	account_say(c->line, c->count > 1 ? VERDICT_IMPOSSIBLE : VERDICT_TAKEN,
		c->count > 1 ? "there is no multilink: each link carries calls of its own"
			     : "what this bundle says is about that link");
}

/* --- the rest --- */

static void take_linger(const struct mpd_command *c)
{
	take_text(c, &c->mpd->linger);
}

const struct mpd_row mpd_set_rows[] = {
#define MPD_SET(...) { __VA_ARGS__ },
#include "mpd_set.def"
#undef MPD_SET
};
const size_t mpd_set_rows_len = sizeof(mpd_set_rows) / sizeof(mpd_set_rows[0]);
