/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "mpd.h"

#include <stdlib.h>
#include <string.h>

#include "ctl/console/words.h"
#include "keep.h"
#include "mpd_command.h"

#define COMMANDS_MAX 100000 /* files that load each other a thousand times end, too */
#define LABEL_ENDS   " \t\f:"

/* --- objects --- */

struct mpd_object *mpd_find(const struct mpd *mpd, enum mpd_kind kind, const char *name)
{
	struct mpd_object *o;

	TAILQ_FOREACH (o, &mpd->objects, entry)
		if (o->kind == kind && strcmp(o->name, name) == 0)
			return o;
	return NULL;
}

static void copy_object(struct mpd_object *o, const struct mpd_object *model)
{
	size_t i;

	profile_merge(&o->profile, &model->profile);
	o->type = keep_text(model->type);
	for (i = 0; i < model->actions_len; i++) {
		struct mpd_action action = model->actions[i];

		action.target = keep_text(action.target);
		action.regex = keep_text(action.regex);
		o->actions = keep_grow(o->actions, o->actions_len, sizeof(action));
		o->actions[o->actions_len++] = action;
	}
	o->incoming = model->incoming;
	o->originate = model->originate;
	o->pool = keep_text(model->pool);
	o->pool_from = model->pool_from;
	o->compression = model->compression;
	o->mppc = model->mppc;
	o->e128 = model->e128;
	o->weak = model->weak;
	o->crypt_reqd = model->crypt_reqd;
	o->retries = model->retries;
	o->no_orig_auth = model->no_orig_auth;
}

struct mpd_object *mpd_add(struct mpd *mpd, enum mpd_kind kind, const char *name,
	const struct mpd_object *model, struct import_line *from)
{
	struct mpd_object *o = keep_alloc(sizeof(*o));

	o->kind = kind;
	o->name = keep_text(name);
	o->from = from;
	profile_init(&o->profile);
	if (model)
		copy_object(o, model);
	TAILQ_INSERT_TAIL(&mpd->objects, o, entry);
	return o;
}

static void run_line(struct mpd *mpd, const struct mpd_line *line)
{
	struct words words;
	const char *problem = words_split(line->text, &words);

	if (++mpd->commands > COMMANDS_MAX) {
		account_say(line->line, VERDICT_IMPOSSIBLE,
			"too many commands: is it loaded in a loop?");
	} else if (problem) {
		account_say(line->line, VERDICT_IMPOSSIBLE, "%s", problem);
	} else if (words.count) {
		mpd_command_run(mpd, line->line, &words);
	}
	words_clear(&words);
}

/* --- entries --- */

static struct mpd_line *find_label(struct mpd *mpd, const char *label, bool links)
{
	size_t i;

	for (i = 0; i < mpd->lines_len; i++)
		if (mpd->lines[i].label && strcmp(mpd->lines[i].label, label) == 0 &&
			mpd->lines[i].is_links == links)
			return &mpd->lines[i];
	return NULL;
}

bool mpd_run_label(struct mpd *mpd, const char *label, bool links)
{
	struct mpd_line *entry = find_label(mpd, label, links), *line;

	if (!entry || entry->is_running)
		return false;
	entry->is_run = entry->is_running = true;
	account_say(entry->line, VERDICT_TAKEN, "an entry that is used");
	mpd->depth++;
	for (line = entry + 1; line < mpd->lines + mpd->lines_len && !line->label; line++)
		run_line(mpd, line);
	mpd->depth--;
	entry->is_running = false;
	return true;
}

/* Does the command load the entry? */
static bool loads(const char *command, const char *label)
{
	struct words words;
	bool found = !words_split(command, &words) && words.count >= 2 &&
		     strncmp(words.word[0], "lo", 2) == 0 &&
		     strcmp(words.word[words.count - 1], label) == 0;

	words_clear(&words);
	return found;
}

/* Entries that another one loads do not begin by themselves. */
static void mark_loaded(struct mpd *mpd)
{
	const struct mpd_line *entry = NULL;
	size_t i, j;

	for (i = 0; i < mpd->lines_len; i++) {
		if (mpd->lines[i].label)
			entry = &mpd->lines[i];
		if (!mpd->lines[i].text || strncmp(mpd->lines[i].text, "lo", 2) != 0)
			continue;
		for (j = 0; j < mpd->lines_len; j++)
			if (mpd->lines[j].label && &mpd->lines[j] != entry &&
				loads(mpd->lines[i].text, mpd->lines[j].label))
				mpd->lines[j].is_loaded = true;
	}
}

/* Lines of entries that mpd would not run. */
static void show_others(const struct mpd_line *line)
{
	struct words words;

	if (!words_split(line->text, &words) && words.count)
		mpd_command_show(line->line, &words);
	words_clear(&words);
}

static void tell_of_others(struct mpd *mpd, bool has_default)
{
	const struct mpd_line *label = NULL;
	size_t i;

	for (i = 0; i < mpd->lines_len; i++) {
		if (mpd->lines[i].label)
			label = &mpd->lines[i];
		else if (!label || !label->is_run)
			show_others(&mpd->lines[i]);
		if (!label)
			account_say(mpd->lines[i].line, VERDICT_IMPOSSIBLE,
				"it is before the first label, so mpd never runs it");
		else if (!label->is_run)
			account_say(mpd->lines[i].line, VERDICT_UNNEEDED,
				label->is_links ? "no 'new' makes link \"%s\""
				: has_default	? "'default' does not load entry \"%s\""
						: "nothing loads entry \"%s\"",
				label->label);
	}
}

/* Entries of mpd.links alone: each is a link. */
static void run_links_alone(struct mpd *mpd)
{
	size_t i;

	for (i = 0; i < mpd->lines_len; i++) {
		const struct mpd_line *line = &mpd->lines[i];

		if (!line->label || mpd_find(mpd, MPD_LINK, line->label))
			continue;
		mpd->link = mpd_add(mpd, MPD_LINK, line->label, NULL, line->line);
		mpd->bundle = NULL;
		mpd_run_label(mpd, line->label, true);
	}
}

void mpd_run(struct mpd *mpd)
{
	bool has_conf = false, has_default;
	size_t i;

	for (i = 0; i < mpd->lines_len; i++)
		has_conf |= mpd->lines[i].label && !mpd->lines[i].is_links;
	mark_loaded(mpd);
	mpd_run_label(mpd, "startup", false);
	has_default = mpd_run_label(mpd, "default", false);
	for (i = 0; !has_default && i < mpd->lines_len; i++) {
		struct mpd_line *line = &mpd->lines[i];

		if (!line->label || line->is_links || line->is_loaded || line->is_run)
			continue;
		mpd->link = mpd->bundle = NULL;
		mpd_run_label(mpd, line->label, false);
	}
	if (!has_conf)
		run_links_alone(mpd);
	tell_of_others(mpd, has_default);
}

/* --- files --- */

static void add_line(struct mpd *mpd, const struct mpd_line *line)
{
	mpd->lines = keep_grow(mpd->lines, mpd->lines_len, sizeof(*line));
	mpd->lines[mpd->lines_len++] = *line;
}

/* A line in the first column: mpd takes any for a label. */
static void take_label(struct mpd *mpd, struct mpd_line *line, const char *text)
{
	const char *name = text + strspn(text, LABEL_ENDS);

	line->label = keep_bytes(name, strcspn(name, LABEL_ENDS));
	if (!line_is_label(text) && strpbrk(text, " \t")) {
		account_mask(line->line, "%s ...", line->label);
		account_say(line->line, VERDICT_IMPOSSIBLE,
			"it begins in the first column, so mpd takes it for a label");
	}
	add_line(mpd, line);
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

void mpd_take(
	struct import *im, void *state, struct import_file *file, const char *text, size_t len)
{
	bool is_links = strstr(base_name(file->path), "links") != NULL;
	unsigned number = 0, first = 0, before = 0;
	struct mpd *mpd = state;
	FILE *stream;
	char *line;

	if (strstr(base_name(file->path), "secret")) {
		secrets_take(&im->secrets, &im->account, file, SECRET_MPD, text, len);
		return;
	}
	stream = len ? fmemopen((char *)text, len, "r") : NULL;
	while (stream && (line = line_read(stream, &number, &first))) {
		const char *command = line + strspn(line, " \t");
		bool is_command = command > line;
		struct mpd_line new = { .is_links = is_links };

		file->empty += first - before - 1;
		before = number;
		/* what of a command may be shown is known when it is understood */
		new.line = account_line(&im->account, file, first, is_command ? "..." : line);
		if (is_command) {
			new.text = keep_text(command);
			add_line(mpd, &new);
		} else {
			take_label(mpd, &new, line);
		}
		line_free(line);
	}
	file->empty += number - before;
	if (stream)
		fclose(stream);
}
