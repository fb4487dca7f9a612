/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pppd_options.h"

#include <stdlib.h>
#include <string.h>

#include "base/pppd_words.h"
#include "ctl/out/text.h"
#include "keep.h"

#define NAMED_MAX 100 /* files that files name */
#define ARGS_MAX  1   /* no option of pppd takes more */

struct options {
	struct import *im;
	struct profile *profile;
	struct import_file *file;
	struct pppd_words words;
};

/* An option as it stands in a file. */
struct option {
	struct import_line *line;
	const char *word, *arg; /* arg is NULL if it takes none */
	const char *key;	/* of the row: what the row's function makes of it */
};

/* --- what can become of an option --- */

static void take_unneeded(struct options *o, const struct option *option)
{
	account_say(option->line, VERDICT_UNNEEDED, "%s", option->key);
}

static void take_impossible(struct options *o, const struct option *option)
{
	account_say(option->line, VERDICT_IMPOSSIBLE, "%s", option->key);
}

static void take_value(struct options *o, const struct option *option)
{
	draft_set(&o->profile->draft, option->key, option->line, option->arg);
}

static void take_yes(struct options *o, const struct option *option)
{
	draft_set(&o->profile->draft, option->key, option->line, "yes");
}

/* A word as pppd reads it back. To be freed. */
static char *quoted(const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				    "_.,:/+-@%=*";
	char *text, *p;

	if (*word && !word[strspn(word, plain)])
		return keep_text(word);
	p = text = keep_alloc(2 * strlen(word) + 3);
	*p++ = '"';
	for (; *word; word++) {
		if (strchr("\"\\", *word))
			*p++ = '\\';
		*p++ = *word;
	}
	*p = '"';
	return text;
}

/* It stays an option of pppd's. */
static void take_as_is(struct options *o, const struct option *option)
{
	char *arg = option->arg ? quoted(option->arg) : NULL;

	profile_option(
		o->profile, option->line, "%s%s%s", option->word, arg ? " " : "", arg ? arg : "");
	free(arg);
}

static enum method method_of(const char *key)
{
	static const char *const names[METHOD_COUNT] = {
		[METHOD_PAP] = "pap",
		[METHOD_CHAP] = "chap",
		[METHOD_MSCHAP] = "mschap",
		[METHOD_MSCHAPV2] = "mschapv2",
		[METHOD_EAP] = "eap",
	};
	size_t i = 0;

	while (i + 1 < METHOD_COUNT && strcmp(names[i], key) != 0)
		i++;
	return (enum method)i;
}

static void take_require(struct options *o, const struct option *option)
{
	o->profile->login.require[method_of(option->key)] = option->line;
}

static void take_refuse(struct options *o, const struct option *option)
{
	o->profile->login.refuse[method_of(option->key)] = option->line;
}

static void take_auth(struct options *o, const struct option *option)
{
	o->profile->login.any = option->line;
	account_say(o->profile->login.none, VERDICT_UNNEEDED, "'auth' behind it says otherwise");
	o->profile->login.none = NULL;
}

static void take_noauth(struct options *o, const struct option *option)
{
	account_say(o->profile->login.any, VERDICT_UNNEEDED, "'noauth' behind it says otherwise");
	o->profile->login.any = NULL;
	o->profile->login.none = option->line;
}

/* The login's texts, by the row's word. */
static void take_name(struct options *o, const struct option *option)
{
	login_text_set(&o->profile->login.name, option->line, option->arg);
}

static void take_user(struct options *o, const struct option *option)
{
	login_text_set(&o->profile->login.user, option->line, option->arg);
}

static void take_password(struct options *o, const struct option *option)
{
	account_mask(option->line, "%s ******", option->word);
	o->file->has_secrets = true;
	login_text_set(&o->profile->login.password, option->line, option->arg);
}

static void take_chap_secrets(struct options *o, const struct option *option)
{
	login_text_set(&o->profile->login.chap_users, option->line, option->arg);
}

static void take_pap_secrets(struct options *o, const struct option *option)
{
	login_text_set(&o->profile->login.pap_users, option->line, option->arg);
}

static void take_dns(struct options *o, const struct option *option)
{
	profile_dns(o->profile, option->line, option->arg);
}

static void take_mppe(struct options *o, const struct option *option)
{
	profile_mppe(o->profile, option->line, option->key);
}

/* "mppe required,no40,stateless" of pppds with an old patch */
static void take_old_mppe(struct options *o, const struct option *option)
{
	profile_mppe(
		o->profile, option->line, strstr(option->arg, "required") ? "required" : "yes");
}

static void take_ipv6(struct options *o, const struct option *option)
{
	draft_set(&o->profile->draft, "ipv6", option->line, "yes");
	if (option->arg)
		take_as_is(o, option);
}

static bool ends_with(const char *text, const char *end)
{
	size_t len = strlen(text), end_len = strlen(end);

	return len >= end_len && strcmp(text + len - end_len, end) == 0;
}

static void take_plugin(struct options *o, const struct option *option)
{
	static const char *const know_users[] = { "radius.so", "winbind.so", "openl2tp.so" };
	size_t i;

	if (ends_with(option->arg, "pppol2tp.so")) {
		account_say(option->line, VERDICT_UNNEEDED, "l2tpd loads it itself");
		return;
	}
	for (i = 0; i < sizeof(know_users) / sizeof(know_users[0]); i++)
		if (ends_with(option->arg, know_users[i]))
			o->profile->login.plugin = option->line;
	take_as_is(o, option);
}

static void take_file(struct options *o, const struct option *option);

/* --- every option of pppd 2.4 and 2.5 --- */

static const struct row {
	const char *word;
	unsigned args;
	void (*take)(struct options *o, const struct option *option);
	const char *key; /* of our configuration, or why */
} rows[] = {
#define PPPD_OPTION(...) { __VA_ARGS__ },
#include "pppd_options.def"
#undef PPPD_OPTION
};

/* --- files --- */

static const struct row *find_option(const char *word)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(rows[i].word, word) == 0)
			return &rows[i];
	return NULL;
}

/* "LOCAL:REMOTE", either may be missing. False: it is something else. */
static bool take_addresses(struct options *o, struct import_line *line, const char *word)
{
	const char *colon = strchr(word, ':');
	char *local;
	struct range remote;
	uint32_t address;
	bool good;

	if (!colon)
		return false;
	local = keep_bytes(word, (size_t)(colon - word));
	good = (!*local || range_address(local, &address)) &&
	       (!colon[1] || range_address(colon + 1, &remote.first));
	if (good && *local)
		draft_set(&o->profile->draft, "address", line, local);
	if (good && colon[1]) {
		remote.last = remote.first;
		profile_pool(o->profile, line, remote);
	}
	free(local);
	return good;
}

/* The next word; one that is not on this line is on the next that has any. */
static bool next_word(struct options *o)
{
	while (!pppd_words_next(&o->words)) {
		if (o->words.p >= o->words.end || o->words.bad)
			return false;
		o->words.p++;
		o->words.line++;
	}
	return true;
}

/* The words that are left of the line, each as pppd reads it back. To be freed. */
static char *rest_of_line(struct options *o)
{
	char *rest = keep_text(""), *word, *more;

	while (pppd_words_next(&o->words) && !o->words.bad) {
		word = quoted(o->words.word);
		more = text_printf("%s %s", rest, word);
		free(word);
		keep_wipe(rest);
		rest = more;
	}
	return rest;
}

static void skip_line(struct options *o)
{
	const char *newline = memchr(o->words.p, '\n', (size_t)(o->words.end - o->words.p));

	o->words.p = newline ? newline : o->words.end;
}

/* An option that pppd 2.4 and 2.5 do not have: of a plugin, or of a patch. */
static void take_unknown(struct options *o, struct import_line *line, const char *word)
{
	char *rest = rest_of_line(o), *option = quoted(word);

	account_mask(line, "%s%s", word, rest);
	if (o->words.bad)
		account_say(line, VERDICT_IMPOSSIBLE, "%s", o->words.bad);
	else if (*word == '/' || !word[strspn(word, "0123456789")])
		account_say(line, VERDICT_UNNEEDED, "there is no serial line");
	else
		profile_option(o->profile, line, "%s%s", option, rest);
	keep_wipe(rest);
	free(option);
}

/* o->words.word is an option; its argument comes next. */
static void take_option(struct options *o)
{
	char *word = keep_text(o->words.word);
	const struct row *row = find_option(word);
	struct import_line *line = account_line(&o->im->account, o->file, o->words.line, word);
	struct option option = { .line = line, .word = word, .key = row ? row->key : NULL };

	if (!row) {
		if (!take_addresses(o, line, word))
			take_unknown(o, line, word);
	} else if (row->args && !next_word(o)) {
		account_say(line, VERDICT_IMPOSSIBLE, "its value is missing");
	} else {
		char *arg = row->args ? keep_text(o->words.word) : NULL;

		if (arg)
			account_mask(line, "%s %s", word, arg);
		option.arg = arg;
		row->take(o, &option);
		keep_wipe(arg);
	}
	free(word);
}

static void take_line(struct options *o)
{
	bool empty = true;

	o->words.bad = NULL;
	while (pppd_words_next(&o->words) && !o->words.bad) {
		empty = false;
		take_option(o);
	}
	if (o->words.bad) {
		account_say(account_line(&o->im->account, o->file, o->words.line, "..."),
			VERDICT_IMPOSSIBLE, "%s", o->words.bad);
		skip_line(o);
	} else if (empty) {
		o->file->empty++;
	}
}

void pppd_options_take(struct import *im, struct import_file *file, const char *text, size_t len,
	struct profile *profile)
{
	struct options *o = keep_alloc(sizeof(*o));

	o->im = im;
	o->profile = profile;
	o->file = file;
	o->words.p = text;
	o->words.end = text + len;
	while (o->words.p < o->words.end) {
		o->words.line++;
		take_line(o);
		if (o->words.p < o->words.end)
			o->words.p++; /* the newline */
	}
	explicit_bzero(o, sizeof(*o));
	free(o);
}

static void take_file(struct options *o, const struct option *option)
{
	struct secret_file contents;
	const struct import_file *outer;
	struct import_file *file;
	int r;

	for (outer = o->file; outer; outer = outer->named_by) {
		if (strcmp(outer->path, option->arg) == 0) {
			account_say(option->line, VERDICT_IMPOSSIBLE,
				"the file names itself: pppd would not come to its end");
			return;
		}
	}
	if (o->im->named == NAMED_MAX) {
		account_say(option->line, VERDICT_IMPOSSIBLE,
			"more than %d files are named by others", NAMED_MAX);
		return;
	}
	r = import_read(o->im, option->arg, &contents, &file);
	if (r < 0) {
		account_say(option->line, VERDICT_IMPOSSIBLE, "it cannot be read: %s",
			secret_file_strerror(r));
		return;
	}
	account_say(option->line, VERDICT_TAKEN, "its options");
	o->im->named++;
	file->named_by = o->file;
	pppd_options_take(o->im, file, contents.text, contents.len, o->profile);
	secret_file_free(&contents);
}
