/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "xl2tpd_build.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ctl/out/text.h"
#include "keep.h"
#include "pppd_options.h"

#define CHAP_SECRETS "/etc/ppp/chap-secrets"
#define PAP_SECRETS  "/etc/ppp/pap-secrets"
#define NETS_MAX     16 /* links that one section becomes at most */

/* --- pppd's options --- */

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static bool any_options_named(const struct xl2tpd *x)
{
	const struct xl_section *s;

	TAILQ_FOREACH (s, &x->sections, entry)
		if (s->options.text)
			return true;
	return false;
}

/* The file of a section: one of --options, or the one that it names; NULL: none. */
static const char *options_path(
	const struct import *im, const struct xl2tpd *x, const struct xl_section *s)
{
	if (!s->options.text && (!im->option_paths_len || any_options_named(x)))
		return NULL;
	if (im->option_paths_len == 1 || !s->options.text)
		return im->option_paths[0];
	for (size_t i = 0; i < im->option_paths_len; i++)
		if (strcmp(base_name(im->option_paths[i]), base_name(s->options.text)) == 0)
			return im->option_paths[i];
	return s->options.text;
}

static struct xl_options *read_options(struct import *im, struct xl2tpd *x, const char *path)
{
	struct secret_file contents;
	struct import_file *file;
	struct xl_options *o;

	TAILQ_FOREACH (o, &x->options, entry)
		if (strcmp(o->path, path) == 0)
			return o;
	o = keep_alloc(sizeof(*o));
	o->path = keep_text(path);
	profile_init(&o->profile);
	TAILQ_INSERT_TAIL(&x->options, o, entry);
	o->error = import_read(im, path, &contents, &file);
	if (!o->error) {
		pppd_options_take(im, file, contents.text, contents.len, &o->profile);
		secret_file_free(&contents);
	}
	return o;
}

/* As xl2tpd has it: its own words first, so that the file has the last. */
static void add_options(
	struct import *im, struct xl2tpd *x, const struct xl_section *s, struct profile *profile)
{
	const char *path = options_path(im, x, s);
	const struct xl_options *o = path ? read_options(im, x, path) : NULL;

	if (!o)
		return;
	if (o->error) {
		account_say(s->options.from, VERDICT_IMPOSSIBLE,
			"%s cannot be read: %s. Name a copy of it: --options FILE", path,
			secret_file_strerror(o->error));
		return;
	}
	account_say(s->options.from, VERDICT_TAKEN, "the options of %s", path);
	profile_merge(profile, &o->profile);
}

/* --- who logs in --- */

/*
 * xl2tpd asks the peer to log in only if both are said, how and that. A server that says how means
 * it, so that is enough here.
 */
static void add_requirements(const struct xl_section *s, struct login *login)
{
	size_t i;

	for (i = 0; i < METHOD_COUNT; i++) {
		if (s->kind == XL_LAC && !s->auth_peer)
			account_say(s->require[i], VERDICT_UNNEEDED,
				"xl2tpd asks for it only with 'require authentication = yes'");
		else if (!login->require[i])
			login->require[i] = s->require[i];
		else
			account_say(s->require[i], VERDICT_UNNEEDED, "pppd's options say so, too");
	}
	if (!login->any && !login->none)
		login->any = s->auth_peer;
	else
		account_say(s->auth_peer, VERDICT_UNNEEDED, "pppd's options have the last word");
	if (s->no_login) {
		account_say(s->no_login, VERDICT_TAKEN, "no user: we do not log in");
		login_text_set(&login->user, NULL, NULL);
		if (s->kind == XL_LAC)
			login_text_set(&login->name, NULL, NULL);
	}
}

static void write_login(struct import *im, const struct xl_section *s, struct profile *profile)
{
	const struct login_source source = { secrets_password, &im->secrets };

	add_requirements(s, &profile->login);
	login_write(&profile->login, s->kind == XL_LNS, CHAP_SECRETS, PAP_SECRETS, &source,
		&profile->draft);
}

/* --- tunnel secrets --- */

/* Our name fits the first column. Without one of the section's own it is the machine's. */
static bool is_us(const struct secret_entry *secret, const struct profile *profile)
{
	const char *hostname = draft_get(&profile->draft, "hostname");

	return secret->kind == SECRET_TUNNEL && (strcmp(secret->first, "*") == 0 || !hostname ||
							strcasecmp(secret->first, hostname) == 0);
}

/* The secret that xl2tpd would find for the peer; NULL: none, or it cannot be told which. */
static const struct secret_entry *secret_of_peer(
	const struct import *im, const struct profile *profile, const char *peer)
{
	const struct secret_entry *secret, *only = NULL;
	unsigned count = 0;

	TAILQ_FOREACH (secret, &im->secrets, entry) {
		if (!is_us(secret, profile))
			continue;
		if (strcmp(secret->second, "*") == 0 || strcasecmp(secret->second, peer) == 0)
			return secret;
		only = secret;
		count++;
	}
	return count == 1 ? only : NULL;
}

/* --- [lac NAME] --- */

static void set_redial(const struct xl_section *s, struct draft *draft)
{
	if (s->autodial)
		draft_set(draft, "autostart", s->autodial, "yes");
	if (!s->redial) {
		account_say(s->timeout.from, VERDICT_UNNEEDED, "it needs 'redial = yes'");
		account_say(s->max_redials.from, VERDICT_UNNEEDED, "it needs 'redial = yes'");
		if (s->autodial)
			draft_set(draft, "max-redial", s->autodial, "-1");
		return;
	}
	if (!s->max_redials.text ||
		!draft_set(draft, "max-redial", s->max_redials.from, s->max_redials.text))
		draft_set(draft, "max-redial", s->redial, "0");
	else
		account_say(s->redial, VERDICT_TAKEN, "max-redial");
	if (s->timeout.text && draft_set(draft, "redial-delay", s->timeout.from, s->timeout.text))
		draft_set(draft, "redial-max-delay", s->timeout.from, s->timeout.text);
}

/* "HOST:PORT" of xl2tpd */
static bool set_peer(const struct login_text *lns, struct draft *draft)
{
	const char *colon = strchr(lns->text, ':');
	int len = (int)(colon ? colon - lns->text : (ptrdiff_t)strlen(lns->text));

	return draft_setf(draft, "peer", lns->from, "%.*s%s%s", len, lns->text, colon ? " " : "",
		colon ? colon + 1 : "");
}

/*
 * xl2tpd has one socket for all: it dials from the port that it listens on, and policies of IPsec
 * often want that.
 */
static void set_self(const struct xl2tpd *x, bool dials, struct draft *draft)
{
	const char *listen = x->listen.text ? x->listen.text : "0.0.0.0";
	const char *port = x->port.text ? x->port.text : "1701";
	struct import_line *from = x->listen.from ? x->listen.from : x->port.from;

	if (!dials && strcmp(port, "1701") == 0) {
		account_say(x->port.from, VERDICT_UNNEEDED, "1701 is where calls are taken");
		if (x->listen.text)
			draft_set(draft, "self", from, listen);
		return;
	}
	if (draft_setf(draft, "self", from, "%s %s", listen, port))
		account_say(x->port.from, VERDICT_TAKEN, "self = %s %s", listen, port);
}

/* What [global] says, and a [link] of it with its [ppp]. */
static void plan_section_link(struct import *im, const struct xl2tpd *x, const struct xl_section *s,
	const char *wanted, struct profile *profile)
{
	struct draft *draft = &profile->draft;
	char *name = plan_name(&im->plan, DRAFT_LINK, wanted);

	set_self(x, s->kind == XL_LAC, draft);
	if (x->retries.text)
		draft_set(draft, "retransmits", x->retries.from, x->retries.text);
	if (draft_has(draft, "hidden") && !draft_has(draft, "secret")) {
		account_say(draft_from(draft, "hidden"), VERDICT_IMPOSSIBLE,
			"hidden needs a secret, and without 'challenge = yes' there is none");
		draft_drop(draft, "hidden");
	}
	account_say(s->from, VERDICT_TAKEN, "[link %s]", name);
	plan_link(&im->plan, name, profile, true);
	free(name);
}

static const struct login_text *lns_of(const struct xl2tpd *x, const struct xl_section *s)
{
	const struct xl_section *other;

	if (s->lns.text)
		return &s->lns;
	TAILQ_FOREACH (other, &x->sections, entry)
		if (other->kind == XL_LAC && other->is_default && other->lns.text)
			return &other->lns;
	return NULL;
}

static void set_lac_secret(struct import *im, const struct xl_section *s,
	const struct login_text *lns, struct profile *profile)
{
	const struct secret_entry *secret;

	if (!s->challenge)
		return;
	secret = secret_of_peer(im, profile, lns->text);
	if (secret)
		draft_set(&profile->draft, "secret", secret->from, secret->secret);
	else
		draft_lacks(&profile->draft, "secret", s->challenge);
	account_say(s->challenge, VERDICT_TAKEN, "secret: the peer must prove that it has it");
}

static void build_lac(struct import *im, struct xl2tpd *x, const struct xl_section *s)
{
	const struct login_text *lns = lns_of(x, s);
	struct profile profile;

	if (s->is_default) {
		account_say(s->from, VERDICT_UNNEEDED,
			"xl2tpd takes only lns from it, for sections that have none");
		return;
	}
	if (!lns) {
		account_say(s->from, VERDICT_IMPOSSIBLE, "it has no lns, so it cannot be dialled");
		return;
	}
	profile_init(&profile);
	profile_merge(&profile, &s->profile);
	add_options(im, x, s, &profile);
	if (set_peer(lns, &profile.draft)) {
		draft_set(&profile.draft, "originate", lns->from, "yes");
		set_lac_secret(im, s, lns, &profile);
		set_redial(s, &profile.draft);
		write_login(im, s, &profile);
		plan_section_link(im, x, s, s->name, &profile);
	} else {
		account_say(s->from, VERDICT_IMPOSSIBLE, "its lns cannot be dialled");
	}
	profile_clear(&profile);
}

/* --- [lns NAME] --- */

/* The secret for a peer by its name, which is taken before the one for all. */
static void plan_named_peer(struct import *im, const struct xl2tpd *x, const struct xl_section *s,
	const struct profile *profile, const struct secret_entry *secret)
{
	struct profile copy;
	char *name = text_printf("%s-%s", s->name, secret->second);

	profile_init(&copy);
	profile_merge(&copy, profile);
	if (draft_set(&copy.draft, "peer-hostname", secret->from, secret->second) &&
		draft_set(&copy.draft, "secret", secret->from, secret->secret))
		plan_section_link(im, x, s, name, &copy);
	profile_clear(&copy);
	free(name);
}

/*
 * The links of a section for one net of peers, with the secrets that l2tp-secrets has for them: the
 * first line that fits counts there, so what stands behind a line for all is never used.
 */
static void plan_peers(struct import *im, const struct xl2tpd *x, const struct xl_section *s,
	struct profile *profile)
{
	const struct secret_entry *secret;
	bool named = false;

	TAILQ_FOREACH (secret, &im->secrets, entry) {
		if (!s->challenge || !is_us(secret, profile))
			continue;
		if (strcmp(secret->second, "*") == 0)
			break;
		plan_named_peer(im, x, s, profile, secret);
		named = true;
	}
	if (secret)
		draft_set(&profile->draft, "secret", secret->from, secret->secret);
	else if (s->challenge && !named)
		draft_lacks(&profile->draft, "secret", s->challenge);
	account_say(s->challenge, VERDICT_TAKEN, "secret: the peer must prove that it has it");
	if (secret || !named)
		plan_section_link(im, x, s, s->name, profile);
}

static void say_of_peers(const struct xl_section *s, enum verdict verdict, const char *text)
{
	for (size_t i = 0; i < s->peers_from_len; i++)
		account_say(s->peers_from[i], verdict, "%s", text);
}

/* A link for each network that the peers of a section are. */
static void plan_nets(struct import *im, const struct xl2tpd *x, const struct xl_section *s,
	const struct profile *profile)
{
	unsigned count = 0;
	size_t i;

	for (i = 0; i < s->peers.len; i++) {
		struct range left = s->peers.list[i];
		bool more = true;

		while (more && count < NETS_MAX) {
			char net[RANGE_STRLEN], text[RANGE_STRLEN + 16];
			struct profile copy;

			more = range_network(&left, net);
			snprintf(text, sizeof(text), "peer = %s", net);
			say_of_peers(s, VERDICT_TAKEN, text);
			profile_init(&copy);
			profile_merge(&copy, profile);
			draft_set(&copy.draft, "peer", NULL, net);
			plan_peers(im, x, s, &copy);
			profile_clear(&copy);
			count++;
		}
		if (more)
			say_of_peers(s, VERDICT_IMPOSSIBLE,
				"they are more networks than links are made for; the rest may not "
				"call: write links with peer = NETWORK/WIDTH for it");
	}
}

/* Who may call, as get_lns() of xl2tpd's aaa.c decides it. */
static void plan_callers(struct import *im, const struct xl2tpd *x, const struct xl_section *s,
	struct profile *profile)
{
	bool everybody = s->is_default && !x->access_control;

	if (everybody) {
		say_of_peers(s, VERDICT_UNNEEDED,
			"without 'access control = yes' everybody may call [lns default]");
		plan_peers(im, x, s, profile);
	} else if (s->peers.len) {
		account_say(s->is_default ? x->access_control : NULL, VERDICT_TAKEN, "peer");
		plan_nets(im, x, s, profile);
	} else {
		account_say(s->from, VERDICT_IMPOSSIBLE,
			"no 'lac' says who may call, so xl2tpd never uses it; the link has "
			"incoming = no until it has a peer");
		draft_set(&profile->draft, "incoming", NULL, "no");
		plan_peers(im, x, s, profile);
	}
}

static void build_lns(struct import *im, struct xl2tpd *x, const struct xl_section *s)
{
	struct profile profile;

	profile_init(&profile);
	profile_merge(&profile, &s->profile);
	if (s->no_pool) {
		account_say(s->no_pool, VERDICT_TAKEN, "no pool");
		ranges_clear(&profile.pool);
	}
	add_options(im, x, s, &profile);
	write_login(im, s, &profile);
	draft_set(&profile.draft, "incoming", s->from, "yes");
	plan_callers(im, x, s, &profile);
	profile_clear(&profile);
}

/* --- all of it --- */

/* A file of users that stays where it is. */
static void tell_users(struct import *im)
{
	const struct plan_section *section;
	const struct secret_entry *secret;
	const char *path;

	TAILQ_FOREACH (section, &im->plan.sections, entry) {
		path = section->section == DRAFT_PPP ? draft_get(&section->draft, "users") : NULL;
		TAILQ_FOREACH (secret, &im->secrets, entry)
			if (path && secret->kind == SECRET_PPP &&
				strcmp(base_name(secret->from->file->path), base_name(path)) == 0)
				account_say(secret->from, VERDICT_TAKEN, "users = %s", path);
	}
}

static void tell_globals(const struct import *im, const struct xl2tpd *x)
{
	const struct secret_entry *secret;
	bool challenges = false;
	const struct xl_section *s;

	TAILQ_FOREACH (s, &x->sections, entry)
		challenges |= s->challenge != NULL;
	TAILQ_FOREACH (secret, &im->secrets, entry)
		if (secret->kind == SECRET_TUNNEL && !challenges)
			account_say(secret->from, VERDICT_UNNEEDED,
				"no section has 'challenge = yes'; if the peer asks for it, add "
				"secret to the link");
	account_say(x->access_control, VERDICT_UNNEEDED, "a link takes calls of its peer only");
	account_say(x->auth_file.from, VERDICT_UNNEEDED,
		"'--secrets %s' has its secrets printed, where 'challenge = yes' wants them",
		x->auth_file.text ? x->auth_file.text : "");
}

static void build_from_xl2tpd(struct import *im, void *state)
{
	struct xl2tpd *x = state;
	const struct xl_section *s;

	TAILQ_FOREACH (s, &x->sections, entry) {
		if (s->kind == XL_LAC)
			build_lac(im, x, s);
		else
			build_lns(im, x, s);
	}
	tell_users(im);
	tell_globals(im, x);
}

static void *xl2tpd_new(void)
{
	struct xl2tpd *x = keep_alloc(sizeof(*x));

	TAILQ_INIT(&x->sections);
	TAILQ_INIT(&x->options);
	return x;
}

static void section_free(struct xl_section *s)
{
	profile_clear(&s->profile);
	free(s->name);
	free(s->options.text);
	free(s->lns.text);
	free(s->timeout.text);
	free(s->max_redials.text);
	ranges_clear(&s->peers);
	free(s->peers_from);
	free(s);
}

static void xl2tpd_free(void *state)
{
	struct xl2tpd *x = state;
	struct xl_section *s;
	struct xl_options *o;

	while ((s = TAILQ_FIRST(&x->sections))) {
		TAILQ_REMOVE(&x->sections, s, entry);
		section_free(s);
	}
	while ((o = TAILQ_FIRST(&x->options))) {
		TAILQ_REMOVE(&x->options, o, entry);
		profile_clear(&o->profile);
		free(o->path);
		free(o);
	}
	free(x->listen.text);
	free(x->port.text);
	free(x->retries.text);
	free(x->auth_file.text);
	free(x);
}

const struct import_format import_xl2tpd = {
	.name = "xl2tpd",
	.take = xl2tpd_take,
	.build = build_from_xl2tpd,
	.state_new = xl2tpd_new,
	.state_free = xl2tpd_free,
};
