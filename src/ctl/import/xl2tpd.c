/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "xl2tpd.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "keep.h"

#define BLANKS " \t\r\v\f"

/* One "KEY = VALUE", with the row of its key. */
struct xl_line {
	struct import_line *line;
	const char *value;
	const char *key; /* of ours, or why */
};

/* "yes", "no" and their likes: 1, 0; -1, as the line says: neither. */
static int yes_or_no(const struct xl_line *line)
{
	static const char *const words[2][3] = { { "no", "n", "false" }, { "yes", "y", "true" } };

	for (int yes = 0; yes < 2; yes++)
		for (size_t i = 0; i < 3; i++)
			if (strcasecmp(line->value, words[yes][i]) == 0)
				return yes;
	account_say(line->line, VERDICT_IMPOSSIBLE, "it is neither yes nor no");
	return -1;
}

/* A line that says yes; what it says otherwise is said by it. */
static struct import_line *if_yes(const struct xl_line *line)
{
	int yes = yes_or_no(line);

	if (yes == 0)
		account_say(line->line, VERDICT_UNNEEDED, "no is the default");
	return yes == 1 ? line->line : NULL;
}

/* --- what becomes of a key --- */

static void xl_unneeded(struct xl2tpd *x, struct xl_section *s, const struct xl_line *line)
{
	account_say(line->line, VERDICT_UNNEEDED, "%s", line->key);
}

static void xl_impossible_yes(struct xl2tpd *x, struct xl_section *s, const struct xl_line *line)
{
	account_say(if_yes(line), VERDICT_IMPOSSIBLE, "%s", line->key);
}

static void xl_value(struct xl2tpd *x, struct xl_section *s, const struct xl_line *line)
{
	draft_set(&s->profile.draft, line->key, line->line, line->value);
}

static void xl_flag(struct xl2tpd *x, struct xl_section *s, const struct xl_line *line)
{
	if (if_yes(line))
		draft_set(&s->profile.draft, line->key, line->line, "yes");
}

static void xl_debug(struct xl2tpd *x, struct xl_section *s, const struct xl_line *line)
{
	if (if_yes(line))
		profile_option(&s->profile, line->line, "debug");
}

static void xl_name(struct xl2tpd *x, struct xl_section *s, const struct xl_line *line)
{
	login_text_set(&s->profile.login.name, line->line, line->value);
}

static void xl_options_file(struct xl2tpd *x, struct xl_section *s, const struct xl_line *line)
{
	login_text_set(&s->options, line->line, line->value);
}

static void xl_require(struct xl2tpd *x, struct xl_section *s, const struct xl_line *line)
{
	enum method method = strcmp(line->key, "pap") == 0 ? METHOD_PAP : METHOD_CHAP;

	s->require[method] = if_yes(line);
}

static void xl_require_login(struct xl2tpd *x, struct xl_section *s, const struct xl_line *line)
{
	s->auth_peer = if_yes(line);
}

static void xl_refuse(struct xl2tpd *x, struct xl_section *s, const struct xl_line *line)
{
	enum method method = strcmp(line->key, "pap") == 0 ? METHOD_PAP : METHOD_CHAP;

	s->profile.login.refuse[method] = if_yes(line);
}

static void xl_refuse_login(struct xl2tpd *x, struct xl_section *s, const struct xl_line *line)
{
	s->no_login = if_yes(line);
}

static void xl_challenge(struct xl2tpd *x, struct xl_section *s, const struct xl_line *line)
{
	s->challenge = if_yes(line);
}

/* A range, or nothing, as the line says. */
static bool take_range(const struct xl_line *line, struct range *ret)
{
	if (range_parse(line->value, ret))
		return true;
	account_say(line->line, VERDICT_IMPOSSIBLE,
		"only addresses, 'A.B.C.D' or 'A.B.C.D-E.F.G.H'; names are not looked up here");
	return false;
}

static void xl_pool(struct xl2tpd *x, struct xl_section *s, const struct xl_line *line)
{
	struct range range;

	if (take_range(line, &range))
		profile_pool(&s->profile, line->line, range);
}

static void xl_no_pool(struct xl2tpd *x, struct xl_section *s, const struct xl_line *line)
{
	struct range range;

	if (!take_range(line, &range))
		return;
	/* the last line that is about an address counts: get_addr() of xl2tpd's aaa.c */
	profile_pool(&s->profile, line->line, range);
	ranges_remove(&s->profile.pool, range);
}

static void xl_assign(struct xl2tpd *x, struct xl_section *s, const struct xl_line *line)
{
	int yes = yes_or_no(line);

	s->no_pool = yes == 0 ? line->line : NULL;
	if (yes == 1)
		account_say(line->line, VERDICT_UNNEEDED, "a pool is there to give addresses");
}

static void add_peers(struct xl_section *s, struct import_line *from)
{
	s->peers_from = keep_grow(s->peers_from, s->peers_from_len, sizeof(*s->peers_from));
	s->peers_from[s->peers_from_len++] = from;
}

static void xl_peers(struct xl2tpd *x, struct xl_section *s, const struct xl_line *line)
{
	struct range range;

	if (!take_range(line, &range))
		return;
	add_peers(s, line->line);
	ranges_add(&s->peers, range);
}

static void xl_no_peers(struct xl2tpd *x, struct xl_section *s, const struct xl_line *line)
{
	struct range range;

	if (!take_range(line, &range))
		return;
	add_peers(s, line->line);
	ranges_remove(&s->peers, range);
}

static void xl_local_range(struct xl2tpd *x, struct xl_section *s, const struct xl_line *line)
{
	char text[RANGE_STRLEN];
	struct range range;

	if (!take_range(line, &range))
		return;
	range.last = range.first;
	range_format(range, text);
	if (draft_set(&s->profile.draft, "address", line->line, text))
		account_say(line->line, VERDICT_UNNEEDED,
			"one address of ours is enough for any number of calls");
}

static void xl_remote(struct xl2tpd *x, struct xl_section *s, const struct xl_line *line)
{
	struct range range;

	if (take_range(line, &range))
		profile_pool(&s->profile, line->line, range);
}

static void xl_lns(struct xl2tpd *x, struct xl_section *s, const struct xl_line *line)
{
	if (s->lns.text)
		account_say(line->line, VERDICT_UNNEEDED,
			"xl2tpd itself calls the first; a name with several addresses is dialled "
			"until one answers");
	else
		login_text_set(&s->lns, line->line, line->value);
}

static void xl_autodial(struct xl2tpd *x, struct xl_section *s, const struct xl_line *line)
{
	s->autodial = if_yes(line);
}

static void xl_redial(struct xl2tpd *x, struct xl_section *s, const struct xl_line *line)
{
	s->redial = if_yes(line);
}

static void xl_timeout(struct xl2tpd *x, struct xl_section *s, const struct xl_line *line)
{
	login_text_set(&s->timeout, line->line, line->value);
}

static void xl_max_redials(struct xl2tpd *x, struct xl_section *s, const struct xl_line *line)
{
	login_text_set(&s->max_redials, line->line, line->value);
}

static void xl_listen(struct xl2tpd *x, struct xl_section *s, const struct xl_line *line)
{
	login_text_set(&x->listen, line->line, line->value);
}

static void xl_port(struct xl2tpd *x, struct xl_section *s, const struct xl_line *line)
{
	login_text_set(&x->port, line->line, line->value);
}

static void xl_retries(struct xl2tpd *x, struct xl_section *s, const struct xl_line *line)
{
	login_text_set(&x->retries, line->line, line->value);
}

static void xl_auth_file(struct xl2tpd *x, struct xl_section *s, const struct xl_line *line)
{
	login_text_set(&x->auth_file, line->line, line->value);
}

static void xl_access(struct xl2tpd *x, struct xl_section *s, const struct xl_line *line)
{
	x->access_control = if_yes(line);
}

#define BOTH	 (XL_LNS | XL_LAC)
#define MONITOR	 "'l2tpctl monitor --packets' shows control messages, log-level = debug the rest"
#define PLANE	 "the kernel carries data"
#define NO_FLOW	 "calls have no window, in xl2tpd neither"
#define NO_SPEED "speeds that are told limit nothing"
#define RANDOM	 "random numbers are the kernel's"
#define UNIX                                                                                       \
	"users are in a file, or a plugin of pppd knows them: 'option = plugin ...'; "             \
	"write a users file"

static const struct xl_word {
	const char *word;
	unsigned where;
	void (*take)(struct xl2tpd *x, struct xl_section *s, const struct xl_line *line);
	const char *key; /* of ours, or why */
} xl_words[] = {
	{ "listen-addr", XL_GLOBAL, xl_listen, NULL },
	{ "port", XL_GLOBAL, xl_port, NULL },
	{ "auth file", XL_GLOBAL, xl_auth_file, NULL },
	{ "access control", XL_GLOBAL, xl_access, NULL },
	{ "max retries", XL_GLOBAL, xl_retries, NULL },
	{ "cap backoff", XL_GLOBAL, xl_unneeded, "retransmissions are 8 s apart at most" },
	{ "rand source", XL_GLOBAL, xl_unneeded, RANDOM },
	{ "force userspace", XL_GLOBAL, xl_unneeded, PLANE },
	{ "ipsec saref", XL_GLOBAL, xl_impossible_yes,
		"Linux has no SAref; clients behind one NAT need marks or another port each" },
	{ "saref refinfo", XL_GLOBAL, xl_unneeded, "Linux has no SAref" },
	{ "debug avp", XL_GLOBAL, xl_unneeded, MONITOR },
	{ "debug network", XL_GLOBAL, xl_unneeded, MONITOR },
	{ "debug packet", XL_GLOBAL, xl_unneeded, MONITOR },
	{ "debug tunnel", XL_GLOBAL, xl_unneeded, MONITOR },
	{ "debug state", XL_GLOBAL, xl_unneeded, MONITOR },
	{ "exclusive", XL_LNS, xl_impossible_yes, "tunnels of one peer are not limited to one" },
	{ "ip range", XL_LNS, xl_pool, NULL },
	{ "no ip range", XL_LNS, xl_no_pool, NULL },
	{ "assign ip", XL_LNS, xl_assign, NULL },
	{ "lac", XL_LNS, xl_peers, NULL },
	{ "no lac", XL_LNS, xl_no_peers, NULL },
	{ "local ip range", XL_LNS, xl_local_range, NULL },
	{ "unix authentication", XL_LNS, xl_impossible_yes, UNIX },
	{ "unix auth", XL_LNS, xl_impossible_yes, UNIX },
	{ "lns", XL_LAC, xl_lns, NULL },
	{ "autodial", XL_LAC, xl_autodial, NULL },
	{ "redial", XL_LAC, xl_redial, NULL },
	{ "redial timeout", XL_LAC, xl_timeout, NULL },
	{ "max redials", XL_LAC, xl_max_redials, NULL },
	{ "remote ip", XL_LAC, xl_remote, NULL },
	{ "defaultroute", XL_LAC, xl_flag, "defaultroute" },
	{ "local ip", BOTH, xl_value, "address" },
	{ "hostname", BOTH, xl_value, "hostname" },
	{ "hidden bit", BOTH, xl_flag, "hidden" },
	{ "length bit", BOTH, xl_unneeded,
		"the kernel sends no Length, in xl2tpd neither; for a peer that insists: length = "
		"yes" },
	{ "require pap", BOTH, xl_require, "pap" },
	{ "require chap", BOTH, xl_require, "chap" },
	{ "require authentication", BOTH, xl_require_login, NULL },
	{ "require auth", BOTH, xl_require_login, NULL },
	{ "refuse pap", BOTH, xl_refuse, "pap" },
	{ "refuse chap", BOTH, xl_refuse, "chap" },
	{ "refuse authentication", BOTH, xl_refuse_login, NULL },
	{ "refuse auth", BOTH, xl_refuse_login, NULL },
	{ "name", BOTH, xl_name, NULL },
	{ "ppp debug", BOTH, xl_debug, NULL },
	{ "pass peer", BOTH, xl_unneeded, "pppd's scripts get $L2TP_PEER" },
	{ "pppoptfile", BOTH, xl_options_file, NULL },
	{ "call rws", BOTH, xl_unneeded, NO_FLOW },
	{ "flow bit", BOTH, xl_unneeded, NO_FLOW },
	{ "tunnel rws", BOTH, xl_unneeded, "the window of control messages is large enough" },
	{ "challenge", BOTH, xl_challenge, NULL },
	{ "tx bps", BOTH, xl_unneeded, NO_SPEED },
	{ "rx bps", BOTH, xl_unneeded, NO_SPEED },
	{ "bps", BOTH, xl_unneeded, NO_SPEED },
};

/* --- lines --- */

static struct xl_section *find_section(
	struct xl2tpd *x, enum xl_kind kind, const char *name, struct import_line *from)
{
	struct xl_section *s;

	TAILQ_FOREACH (s, &x->sections, entry)
		if (s->kind == kind && strcasecmp(s->name, name) == 0)
			return s;
	s = keep_alloc(sizeof(*s));
	s->kind = kind;
	s->name = keep_text(name);
	s->is_default = strcasecmp(name, "default") == 0;
	s->from = from;
	profile_init(&s->profile);
	TAILQ_INSERT_TAIL(&x->sections, s, entry);
	return s;
}

/* "[KIND NAME]" */
static void take_header(struct xl2tpd *x, struct import_line *line, char *text)
{
	char *end = strchr(text, ']'), *name;

	x->current = NULL;
	x->in_global = false;
	if (!end) {
		account_say(line, VERDICT_IMPOSSIBLE, "there is no ']'");
		return;
	}
	*end = '\0';
	text++;
	name = strchr(text, ' ');
	if (name)
		*name++ = '\0';
	x->in_global = strcasecmp(text, "global") == 0;
	if (x->in_global)
		account_say(line, VERDICT_UNNEEDED, "what it says goes to every link");
	else if (strcasecmp(text, "lns") == 0)
		x->current = find_section(x, XL_LNS, name ? name : "lns", line);
	else if (strcasecmp(text, "lac") == 0)
		x->current = find_section(x, XL_LAC, name ? name : "lac", line);
	else
		account_say(line, VERDICT_IMPOSSIBLE,
			"xl2tpd knows [global], [lns NAME] and [lac NAME]");
}

static const struct xl_word *find_word(const char *word)
{
	for (size_t i = 0; i < sizeof(xl_words) / sizeof(xl_words[0]); i++)
		if (strcasecmp(xl_words[i].word, word) == 0)
			return &xl_words[i];
	return NULL;
}

static void take_key(
	struct xl2tpd *x, struct import_line *from, const char *word, const char *value)
{
	const struct xl_word *row = find_word(word);
	unsigned where = x->in_global ? XL_GLOBAL : x->current ? x->current->kind : 0;
	const struct xl_line line = { from, value, row ? row->key : NULL };

	if (!row) {
		account_mask(from, "%s = ...", word);
		account_say(from, VERDICT_IMPOSSIBLE, "xl2tpd has no such key");
	} else if (!where) {
		account_say(from, VERDICT_IMPOSSIBLE, "it is in no section that xl2tpd knows");
	} else if (!(row->where & where)) {
		account_say(from, VERDICT_IMPOSSIBLE, "xl2tpd does not take it in this section");
	} else {
		row->take(x, x->current, &line);
	}
}

/* text: without its newline; it is cut up. */
static void take_line(
	struct import *im, struct xl2tpd *x, struct import_file *file, unsigned number, char *text)
{
	struct import_line *line;
	char *value;
	size_t len;

	text[strcspn(text, ";")] = '\0';
	text += strspn(text, BLANKS);
	for (len = strlen(text); len && strchr(BLANKS, text[len - 1]); len--)
		text[len - 1] = '\0';
	if (!len || *text == '#') {
		file->empty++;
		return;
	}
	line = account_line(&im->account, file, number, text);
	if (*text == '[') {
		take_header(x, line, text);
		return;
	}
	value = strchr(text, '=');
	if (!value) {
		account_mask(line, "...");
		account_say(
			line, VERDICT_IMPOSSIBLE, "it is neither 'KEY = VALUE' nor '[SECTION]'");
		return;
	}
	for (len = (size_t)(value - text); len && strchr(BLANKS, text[len - 1]); len--)
		;
	*value++ = '\0';
	text[len] = '\0';
	take_key(x, line, text, value + strspn(value, BLANKS));
}

void xl2tpd_take(
	struct import *im, void *state, struct import_file *file, const char *text, size_t len)
{
	const char *end = text + len, *newline;
	struct xl2tpd *x = state;
	unsigned number = 0;

	x->current = NULL;
	x->in_global = false;
	while (text < end) {
		char *line;

		newline = memchr(text, '\n', (size_t)(end - text));
		line = keep_bytes(text, (size_t)((newline ? newline : end) - text));
		take_line(im, x, file, ++number, line);
		keep_wipe(line);
		text = newline ? newline + 1 : end;
	}
}
