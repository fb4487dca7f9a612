/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "mpd_command.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ctl/out/text.h"
#include "keep.h"
#include "mpd_set.h"

#define DEPTH_MAX 20 /* of load, as mpd */

/* --- commands but "set" --- */

/* Types of links of mpd. */
static bool is_device(const char *type)
{
	static const char *const types[] = { "l2tp", "pptp", "pppoe", "modem", "tcp", "udp", "ng" };

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (strcmp(types[i], type) == 0)
			return true;
	return false;
}

/* "create link|bundle [static|template] NAME TYPE|TEMPLATE" */
static void take_create(const struct mpd_command *c)
{
	enum mpd_kind kind = strcmp(c->key, "link") == 0 ? MPD_LINK : MPD_BUNDLE;
	bool is_template = c->count && strcmp(c->args[0], "template") == 0;
	int at = is_template || (c->count && strcmp(c->args[0], "static") == 0);
	const char *name = c->count > at ? c->args[at] : NULL;
	const char *model_name = name && c->count > at + 1 ? c->args[at + 1] : NULL;
	const struct mpd_object *model = model_name ? mpd_find(c->mpd, kind, model_name) : NULL;
	struct mpd_object *o;

	c->mpd->link = c->mpd->bundle = NULL;
	if (!name || (kind == MPD_LINK && !model_name)) {
		account_say(
			c->line, VERDICT_IMPOSSIBLE, "mpd refuses it: a name or a type is missing");
		return;
	}
	if (mpd_find(c->mpd, kind, name)) {
		account_say(c->line, VERDICT_IMPOSSIBLE, "mpd refuses it: there is \"%s\" already",
			name);
		return;
	}
	if (kind == MPD_BUNDLE && model_name && !model)
		account_say(c->line, VERDICT_IMPOSSIBLE, "there is no template \"%s\"", model_name);
	if (kind == MPD_LINK && !model && !is_device(model_name)) {
		account_say(c->line, VERDICT_IMPOSSIBLE,
			"mpd refuses it: there is no type and no template \"%s\"", model_name);
		return;
	}
	o = mpd_add(c->mpd, kind, name, model, c->line);
	o->is_template = is_template;
	o->is_mpd5 = true;
	if (kind == MPD_LINK && !model)
		keep_replace(&o->type, model_name);
	if (kind == MPD_LINK)
		c->mpd->link = o;
	else
		c->mpd->bundle = o;
}

/* A link of mpd 4, with what mpd.links says of it. */
static struct mpd_object *add_old_link(const struct mpd_command *c, const char *name)
{
	struct mpd_object *o = mpd_find(c->mpd, MPD_LINK, name);

	if (o)
		return o;
	o = mpd_add(c->mpd, MPD_LINK, name, NULL, c->line);
	c->mpd->link = o;
	if (!mpd_run_label(c->mpd, name, true))
		mpd_run_label(c->mpd, name, false);
	return o;
}

/* "new [-i IFACE] BUNDLE LINK ..." */
static void take_new(const struct mpd_command *c)
{
	char *const *args = c->args;
	struct mpd_object *bundle, *first = NULL, *link;
	int count = c->count;

	if (count >= 2 && strcmp(args[0], "-i") == 0) {
		args += 2;
		count -= 2;
	}
	if (count < 2) {
		account_say(c->line, VERDICT_IMPOSSIBLE,
			"mpd refuses it: new [-i IFACE] BUNDLE LINK ...");
		return;
	}
	if (count > 2)
		account_say(c->line, VERDICT_IMPOSSIBLE,
			"there is no multilink: each link carries calls of its own");
	bundle = mpd_add(c->mpd, MPD_BUNDLE, args[0], NULL, c->line);
	for (args++; *args; args++) {
		link = add_old_link(c, *args);
		link->bundle = bundle;
		first = first ? first : link;
	}
	c->mpd->bundle = bundle;
	c->mpd->link = first;
}

/* "rnew REPEATER LINK LINK" */
static void take_rnew(const struct mpd_command *c)
{
	struct mpd_object *repeater;

	if (c->count != 3) {
		account_say(c->line, VERDICT_IMPOSSIBLE, "mpd refuses it: rnew REPEATER LINK LINK");
		return;
	}
	repeater = mpd_add(c->mpd, MPD_REPEATER, c->args[0], NULL, c->line);
	for (size_t i = 0; i < 2; i++) {
		add_old_link(c, c->args[1 + i]);
		repeater->sides[i] = keep_text(c->args[1 + i]);
	}
	c->mpd->link = mpd_find(c->mpd, MPD_LINK, c->args[1]);
	c->mpd->bundle = NULL;
}

static void take_select(const struct mpd_command *c)
{
	enum mpd_kind kind = strcmp(c->key, "bundle") == 0 ? MPD_BUNDLE : MPD_LINK;
	struct mpd_object *o = c->count ? mpd_find(c->mpd, kind, c->args[0]) : NULL;

	if (!o) {
		account_say(c->line, VERDICT_IMPOSSIBLE, "there is no %s of that name", c->key);
		return;
	}
	account_say(c->line, VERDICT_TAKEN, "what follows is about it");
	if (kind == MPD_BUNDLE) {
		c->mpd->bundle = o;
		return;
	}
	c->mpd->link = o;
	if (o->bundle)
		c->mpd->bundle = o->bundle;
}

/* Of a bundle: all links that it dials. */
static void take_open(const struct mpd_command *c)
{
	struct mpd_object *o;
	size_t i;

	if (c->mpd->link) {
		c->mpd->link->opened = c->line;
		return;
	}
	if (!c->mpd->bundle) {
		account_say(c->line, VERDICT_IMPOSSIBLE, "mpd refuses it: no link is selected");
		return;
	}
	for (i = 0; i < c->mpd->bundle->links_len; i++) {
		o = mpd_find(c->mpd, MPD_LINK, c->mpd->bundle->links[i]);
		if (o)
			o->opened = c->line;
	}
	c->mpd->bundle->opened = c->line;
}

static void take_close(const struct mpd_command *c)
{
	if (c->mpd->link) {
		account_say(c->mpd->link->opened, VERDICT_UNNEEDED, "'close' comes after it");
		c->mpd->link->opened = NULL;
	}
	account_say(c->line, VERDICT_UNNEEDED, "a link is closed until it is opened");
}

static void take_load(const struct mpd_command *c)
{
	const char *label = c->count ? c->args[c->count - 1] : "";
	const struct mpd *mpd = c->mpd;

	if (mpd->depth >= DEPTH_MAX)
		account_say(c->line, VERDICT_IMPOSSIBLE,
			"it goes deeper than %d, mpd refuses it, too", DEPTH_MAX);
	else if (mpd_run_label(c->mpd, label, false) || mpd_run_label(c->mpd, label, true))
		account_say(c->line, VERDICT_TAKEN, "its entry");
	else
		account_say(c->line, VERDICT_IMPOSSIBLE,
			"there is no entry \"%s\" in the files that were named, or it loads itself",
			label);
}

static void take_unneeded(const struct mpd_command *c)
{
	account_say(c->line, VERDICT_UNNEEDED, "%s", c->key);
}

static void take_impossible(const struct mpd_command *c)
{
	account_say(c->line, VERDICT_IMPOSSIBLE, "%s", c->key);
}

static const struct mpd_row rows[] = {
	{ "create link", NEED_NOTHING, take_create, "link" },
	{ "create bundle", NEED_NOTHING, take_create, "bundle" },
	{ "new", NEED_NOTHING, take_new, NULL },
	{ "rnew", NEED_NOTHING, take_rnew, NULL },
	{ "link", NEED_NOTHING, take_select, "link" },
	{ "phys", NEED_NOTHING, take_select, "link" },
	{ "bundle", NEED_NOTHING, take_select, "bundle" },
	{ "open", NEED_NOTHING, take_open, NULL },
	{ "close", NEED_NOTHING, take_close, NULL },
	{ "load", NEED_NOTHING, take_load, NULL },
	{ "log", NEED_NOTHING, take_unneeded, "log-level in [daemon] says what is logged" },
	{ "show", NEED_NOTHING, take_unneeded, "it shows something only" },
	{ "help", NEED_NOTHING, take_unneeded, "it shows something only" },
	{ "null", NEED_NOTHING, take_unneeded, "it does nothing" },
	{ "exit", NEED_NOTHING, take_unneeded, "it is the console's" },
	{ "quit", NEED_NOTHING, take_impossible, "it would end mpd" },
	{ "shutdown", NEED_NOTHING, take_impossible, "it would end mpd" },
	{ "session", NEED_NOTHING, take_unneeded, "it is the console's" },
	{ "msession", NEED_NOTHING, take_unneeded, "it is the console's" },
	{ "authname", NEED_NOTHING, take_unneeded, "it is the console's" },
	{ "iface", NEED_NOTHING, take_unneeded, "it is the console's" },
	{ "repeater", NEED_NOTHING, take_unneeded, "it is the console's" },
	{ "destroy", NEED_NOTHING, take_impossible, "leave out what it destroys" },
	{ "unset", NEED_NOTHING, take_impossible, "leave out what it takes back" },
	{ "custom", NEED_NOTHING, take_impossible, "mpd's own extensions are not known here" },
};

/* --- finding them --- */

/* How many words of the row the user's words fit; 0: they do not. *ret_exact: each is whole. */
static int fits(const char *row, char *const *words, bool *ret_exact)
{
	int n = 0;

	*ret_exact = true;
	while (*row) {
		size_t len = strcspn(row, " "), own;

		if (!words[n])
			return 0;
		own = strlen(words[n]);
		if (!own || own > len || strncasecmp(words[n], row, own) != 0)
			return 0;
		*ret_exact &= own == len;
		n++;
		row += len;
		row += *row == ' ';
	}
	return n;
}

/* Is b a more particular form of a, as "set radius server" of "set radius"? */
static bool covers(const struct mpd_row *a, const struct mpd_row *b)
{
	size_t len = strlen(a->words);

	return strncmp(a->words, b->words, len) == 0 && b->words[len] == ' ';
}

/* The only row that words can mean, or the one that they are; NULL: none, or *ret_many. */
static const struct mpd_row *find_row(
	const struct mpd_row *list, size_t len, char *const *words, int *ret_words, bool *ret_many)
{
	const struct mpd_row *found = NULL;
	bool exact;
	size_t i;

	*ret_many = false;
	for (i = 0; i < len; i++) {
		int n = fits(list[i].words, words, &exact);

		if (!n || (found && covers(&list[i], found)))
			continue;
		*ret_many |= found && !covers(found, &list[i]);
		found = &list[i];
		*ret_words = n;
		if (exact) {
			*ret_many = false;
			break;
		}
	}
	return *ret_many ? NULL : found;
}

static bool is_set(const char *word)
{
	return strlen(word) >= 2 && strncasecmp(word, "set", strlen(word)) == 0;
}

/*
 * The words as they are shown: without what the row of the command says is a secret. Of what is not
 * understood only the first two words are, which are the program's; *row is NULL then.
 */
static void show_words(
	struct import_line *line, const struct words *words, const struct mpd_row *row, int depth)
{
	char *text = keep_text("");
	int i;

	for (i = 0; i < words->count && (row || i < 2); i++) {
		int argument = i - depth + 1, mask = row ? row->mask : 0;
		bool secret = mask < 0 ? argument >= -mask : mask && argument == mask;
		bool quote = !*words->word[i] || words->word[i][strcspn(words->word[i], " \t")];
		const char *mark = quote && !secret ? "\"" : "";
		char *more = text_printf("%s%s%s%s%s", text, i ? " " : "", mark,
			secret ? "******" : words->word[i], mark);

		keep_wipe(text);
		text = more;
	}
	account_mask(line, "%s%s", text, row ? "" : " ...");
	keep_wipe(text);
	if (row && row->mask > 0)
		line->file->has_secrets = true;
}

/* The row of a command, and the line as it is shown. NULL: it is not understood, or *ret_many. */
static const struct mpd_row *understand(
	struct import_line *line, const struct words *words, int *ret_depth, bool *ret_many)
{
	bool set = is_set(words->word[0]);
	const struct mpd_row *row = find_row(set ? mpd_set_rows : rows,
		set ? mpd_set_rows_len : sizeof(rows) / sizeof(rows[0]), words->word, ret_depth,
		ret_many);

	show_words(line, words, row, *ret_depth);
	return row;
}

static const char *what_is_missing(const struct mpd *mpd, enum mpd_need need)
{
	switch (need) {
	case NEED_NOTHING:
		return NULL;
	case NEED_LINK:
		return mpd->link ? NULL : "mpd refuses it: no link is selected";
	case NEED_BUNDLE:
		return mpd->bundle ? NULL : "mpd refuses it: no bundle is selected";
	}
	return NULL;
}

void mpd_command_run(struct mpd *mpd, struct import_line *line, const struct words *words)
{
	struct mpd_command c = { .mpd = mpd, .line = line };
	const struct mpd_row *row;
	const char *missing;
	int depth = 0;
	bool many;

	row = understand(line, words, &depth, &many);
	if (!row) {
		account_say(line, VERDICT_IMPOSSIBLE, "%s",
			many ? "it can mean several commands of mpd" : "mpd has no such command");
		return;
	}
	missing = what_is_missing(mpd, row->need);
	if (missing) {
		account_say(line, VERDICT_IMPOSSIBLE, "%s", missing);
		return;
	}
	c.args = words->word + depth;
	c.count = words->count - depth;
	c.key = row->key;
	row->take(&c);
}

void mpd_command_show(struct import_line *line, const struct words *words)
{
	int depth = 0;
	bool many;

	understand(line, words, &depth, &many);
}
