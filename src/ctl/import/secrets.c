/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "secrets.h"

#include <stdlib.h>
#include <string.h>

#include "base/pppd_words.h"
#include "ctl/console/words.h"
#include "keep.h"

/* What is read at the moment. */
struct taking {
	struct secrets *secrets;
	struct account *account;
	struct import_file *file;
	enum secret_kind kind;
};

void secrets_init(struct secrets *secrets)
{
	TAILQ_INIT(secrets);
}

void secrets_clear(struct secrets *secrets)
{
	struct secret_entry *entry;

	while ((entry = TAILQ_FIRST(secrets))) {
		TAILQ_REMOVE(secrets, entry, entry);
		free(entry->first);
		free(entry->second);
		keep_wipe(entry->secret);
		free(entry->address);
		free(entry);
	}
}

enum secret_kind secrets_kind(const char *path, enum secret_kind other)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;

	return strstr(name, "chap") || strstr(name, "pap") ? SECRET_PPP : other;
}

/* A line without its secret. */
static struct import_line *note(const struct taking *taking, unsigned number, const char *shown)
{
	taking->file->has_secrets = true;
	return account_line(taking->account, taking->file, number, shown);
}

static struct secret_entry *add_entry(
	const struct taking *taking, unsigned number, const char *first, const char *second)
{
	struct secret_entry *entry = keep_alloc(sizeof(*entry));

	entry->kind = taking->kind;
	entry->first = keep_text(first);
	entry->second = keep_text(second);
	entry->from = note(taking, number, "");
	account_mask(entry->from, "%s%s%s ******", first, second ? " " : "", second ? second : "");
	TAILQ_INSERT_TAIL(taking->secrets, entry, entry);
	return entry;
}

static void bad_line(const struct taking *taking, unsigned number, const char *why)
{
	account_say(note(taking, number, "******"), VERDICT_IMPOSSIBLE, "%s", why);
}

/* --- l2tp-secrets, as get_secret() of xl2tpd's aaa.c reads it --- */

static void take_tunnel_line(const struct taking *taking, unsigned number, char *line)
{
	static const char blanks[] = " \t\r\v\f";
	char *us, *them, *rest = line, *save = NULL;
	size_t len;

	line[strcspn(line, "#;")] = '\0';
	for (len = strlen(line); len && strchr(blanks, line[len - 1]); len--)
		line[len - 1] = '\0';
	rest += strspn(rest, blanks);
	if (!*rest) {
		taking->file->empty++;
		return;
	}
	us = strtok_r(rest, blanks, &save);
	them = strtok_r(NULL, blanks, &save);
	rest = save ? save + strspn(save, blanks) : NULL;
	if (!them || !rest || !*rest)
		bad_line(taking, number, "a line is: our name, the peer's name, the secret");
	else
		add_entry(taking, number, us, them)->secret = keep_text(rest);
}

static void take_tunnel(const struct taking *taking, const char *text, size_t len)
{
	const char *end = text + len, *newline;
	unsigned number = 0;

	while (text < end) {
		char *line;

		newline = memchr(text, '\n', (size_t)(end - text));
		line = keep_bytes(text, (size_t)((newline ? newline : end) - text));
		take_tunnel_line(taking, ++number, line);
		keep_wipe(line);
		text = newline ? newline + 1 : end;
	}
}

/* --- chap-secrets --- */

/* The words of one line; the secret is there if there are three. */
static void take_ppp_line(const struct taking *taking, struct pppd_words *words)
{
	char *names[2] = { NULL, NULL };
	struct secret_entry *entry = NULL;
	unsigned number = words->line, count = 0;

	words->bad = NULL;
	while (pppd_words_next(words)) {
		if (count < 2) {
			names[count] = keep_text(words->word);
		} else if (count == 2) {
			entry = add_entry(taking, number, names[0], names[1]);
			entry->secret = keep_text(words->word);
		} else if (count == 3) {
			entry->address = keep_text(words->word);
		}
		count++;
	}
	if (words->bad && entry)
		account_say(entry->from, VERDICT_IMPOSSIBLE, "%s", words->bad);
	else if (words->bad || (count && count < 3))
		bad_line(taking, number,
			words->bad ? words->bad : "a line is: client, server, secret, addresses");
	else if (!count)
		taking->file->empty++;
	free(names[0]);
	free(names[1]);
}

static void take_ppp(const struct taking *taking, const char *text, size_t len)
{
	struct pppd_words words = { .p = text, .end = text + len };

	while (words.p < words.end) {
		words.line++;
		take_ppp_line(taking, &words);
		if (words.p < words.end)
			words.p++; /* the newline */
	}
	explicit_bzero(&words, sizeof(words));
}

/* --- mpd.secret, as AuthGetData() of mpd's auth.c reads it --- */

static void take_mpd_line(const struct taking *taking, unsigned number, const char *line)
{
	struct words words;
	const char *problem = words_split(line, &words);

	if (problem || words.count < 2) {
		bad_line(taking, number, problem ? problem : "a line is: user, password, address");
	} else {
		struct secret_entry *entry = add_entry(taking, number, words.word[0], NULL);

		entry->secret = keep_text(words.word[1]);
		entry->address = keep_text(words.word[2]);
	}
	words_clear(&words);
}

static void take_mpd(const struct taking *taking, const char *text, size_t len)
{
	FILE *stream = len ? fmemopen((char *)text, len, "r") : NULL;
	unsigned number = 0, first = 0, before = 0;
	char *line;

	while (stream && (line = line_read(stream, &number, &first))) {
		taking->file->empty += first - before - 1;
		before = number;
		take_mpd_line(taking, first, line);
		line_free(line);
	}
	taking->file->empty += number - before;
	if (stream)
		fclose(stream);
}

void secrets_take(struct secrets *secrets, struct account *account, struct import_file *file,
	enum secret_kind kind, const char *text, size_t len)
{
	const struct taking taking = { secrets, account, file, kind };

	switch (kind) {
	case SECRET_TUNNEL:
		take_tunnel(&taking, text, len);
		break;
	case SECRET_PPP:
		take_ppp(&taking, text, len);
		break;
	case SECRET_MPD:
		take_mpd(&taking, text, len);
		break;
	}
}

char *secrets_password(void *user, const char *name, struct import_line **ret_from)
{
	const struct secrets *secrets = user;
	const struct secret_entry *entry, *best = NULL;

	TAILQ_FOREACH (entry, secrets, entry) {
		if (entry->kind == SECRET_TUNNEL || *entry->secret == '!')
			continue;
		if (strcmp(entry->first, name) == 0) {
			best = entry;
			break;
		}
		if (!best && strcmp(entry->first, "*") == 0)
			best = entry;
	}
	if (!best)
		return NULL;
	*ret_from = best->from;
	return keep_text(best->secret);
}
