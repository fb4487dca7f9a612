/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <l2tpd/ctl.h>

#include "base/log.h"
#include "config/option.h"
#include "config/config.h"
#include "config/option_set.h"
#include "config/save.h"
#include "config/set.h"
#include "config/show.h"
#include "daemon/link/update.h"
#include "daemon/reload.h"

#define LINES_MAX 1000u /* of one SetLink */

/* Its value as text, of a list all that there is; NULL: no memory. */
static char *value_text(const struct option *option, const struct config_link *link)
{
	char *all = NULL, *text, *longer;
	size_t i = 0;

	while (option_format(option, link, i++, &text) == 0) {
		if (!all) {
			all = text;
		} else {
			if (asprintf(&longer, "%s %s", all, text) < 0)
				longer = NULL;
			free(all);
			free(text);
			all = longer;
		}
		if (!all || !(option->flags & OPTION_LIST))
			break;
	}
	return i == 1 && !all ? strdup("") : all;
}

json_t *config_options_json(const struct config_link *link)
{
	const struct option *option = NULL;
	json_t *o = json_object();
	char *text;

	while ((option = option_next(OPTION_LINK, option))) {
		text = value_text(option, link);
		if (!text)
			continue;
		json_object_set_new(o, option->key, json_string(text));
		free(text);
	}
	return o;
}

void config_list_options(struct request *request, const json_t *params, void *user)
{
	const struct option *option = NULL;
	json_t *list = json_array();

	while ((option = option_next(OPTION_LINK, option)))
		json_array_append_new(list,
			json_pack("{s:s, s:s, s:s, s:s, s:b, s:b, s:b}", "key", option->key, "arg",
				option->arg, "help", option->help, "default",
				option->def ? option->def : "", "flag", option->kind == OPTION_BOOL,
				"secret", (option->flags & OPTION_SECRET) != 0, "mpd",
				(option->flags & (OPTION_MPD | OPTION_MPD_LINK)) != 0));
	request_reply(request, json_pack("{s:o}", "options", list));
}

void config_get(struct request *request, const json_t *params, void *user)
{
	const struct daemon *d = user;
	char *text;
	int r = config_show(d->config, &text);

	if (r < 0) {
		request_error(request, CTL_ERR_FAILED, "%s", strerror(-r));
		return;
	}
	request_reply(request, json_pack("{s:s}", "text", text));
	free(text);
}

/* --- SetLink --- */

/* Lines whose words are those of the JSON array; false: it is not of that form. */
static bool lines_valid(const json_t *list)
{
	json_t *line, *word;
	size_t i, j;

	if (!json_is_array(list) || json_array_size(list) > LINES_MAX)
		return false;
	json_array_foreach (list, i, line) {
		if (!json_is_array(line))
			return false;
		json_array_foreach (line, j, word)
			if (!json_is_string(word))
				return false;
	}
	return true;
}

/* The words in one block with the lines, so that one free() does; NULL: no memory. */
static struct set_line *lines_new(const json_t *list)
{
	size_t count = json_array_size(list), words = 0, i, j;
	struct set_line *lines;
	const char **word;
	json_t *line;

	json_array_foreach (list, i, line)
		words += json_array_size(line);
	lines = calloc(1, count * sizeof(*lines) + words * sizeof(*word) + 1);
	if (!lines)
		return NULL;
	word = (const char **)(lines + count);
	for (i = 0; i < count; i++) {
		line = json_array_get(list, i);
		lines[i].words = word;
		lines[i].count = json_array_size(line);
		for (j = 0; j < lines[i].count; j++)
			*word++ = json_string_value(json_array_get(line, j));
	}
	return lines;
}

/* What was set takes effect: tell the link, and the log. 0, or the first -errno. */
static int apply_set(struct request *request, struct link *link, const struct set_result *result)
{
	char keys[400] = "";
	size_t len = 0, i;
	pid_t pid;
	uid_t uid;
	int r = 0;

	request_peer(request, &pid, &uid);
	for (i = 0; i < OPTION_COUNT; i++) {
		int q;

		if (!result->changed[i])
			continue;
		if (len < sizeof(keys))
			len += (size_t)snprintf(keys + len, sizeof(keys) - len, "%s%s",
				len ? ", " : "", option_table[i].key);
		q = link_option_changed(link, option_table[i].key);
		if (q < 0 && !r)
			r = q;
	}
	if (len) {
		log_notice(
			"%s: set at run time by uid %u: %s", link->owner.name, (unsigned)uid, keys);
		reload_note_run_time(link->daemon, link->owner.name, keys);
	}
	return r;
}

static void set_done(struct request *request, struct link *link, const struct set_result *result)
{
	int r = apply_set(request, link, result);
	char text[300] = "";

	if (r < 0)
		snprintf(text, sizeof(text), "%s: set, but no calls can be taken: %s (see the log)",
			link->owner.name, strerror(-r));
	else if (link->owner.calls_len)
		snprintf(text, sizeof(text),
			"%s: takes effect with the next call (there %s %u now, which go%s on as "
			"begun)",
			link->owner.name, link->owner.calls_len == 1 ? "is" : "are",
			link->owner.calls_len, link->owner.calls_len == 1 ? "es" : "");
	request_reply(request, json_pack("{s:s}", "message", text));
}

static void set_failed(
	struct request *request, const struct link *link, int r, const struct set_result *result)
{
	const char *error = r == -ENODATA  ? CTL_ERR_NEED_SECRET
			    : r == -EAGAIN ? CTL_ERR_INCOMPLETE
			    : r == -ENOMEM ? CTL_ERR_FAILED
					   : CTL_ERR_REFUSED;
	char text[SET_ERROR_LEN + 80];

	snprintf(text, sizeof(text), "link %s: %s", link->owner.name, result->error);
	request_error_in_line(request, error, result->line, text);
}

void config_set_link(struct request *request, const json_t *params, void *user)
{
	const char *name = json_string_value(json_object_get(params, "link"));
	const json_t *list = json_object_get(params, "lines");
	struct set_caller caller = { .in_public = json_is_true(json_object_get(params, "public")),
		.root = request_of_owner(request) };
	struct daemon *d = user;
	struct link *link = name ? link_find(d, name) : NULL;
	struct set_result result;
	struct set_line *lines;
	int r;

	if (!name || !lines_valid(list)) {
		request_bad_parameter(request, name ? "lines" : "link");
		return;
	}
	if (!link) {
		request_error(request, CTL_ERR_NOT_FOUND, "there is no link \"%s\"", name);
		return;
	}
	if (link->transient) {
		request_error(request, CTL_ERR_REFUSED,
			"link %s belongs to the program that made it, and is not changed", name);
		return;
	}
	lines = lines_new(list);
	if (!lines) {
		request_error(request, CTL_ERR_FAILED, "%s", strerror(ENOMEM));
		return;
	}
	/* links point to their configuration as const; here its owner changes it */
	r = set_link(d->config, (struct config_link *)link->owner.config, lines,
		json_array_size(list), caller, &result);
	free(lines);
	if (r < 0)
		set_failed(request, link, r, &result);
	else
		set_done(request, link, &result);
}

/* --- Save --- */

void config_save_files(struct request *request, const json_t *params, void *user)
{
	struct daemon *d = user;
	struct why why;
	char *said;
	pid_t pid;
	uid_t uid;

	if (config_save(d->config, d->config_file, d->config_dir, &said, &why) < 0) {
		request_error(request, CTL_ERR_FAILED, "%s", why.text);
		return;
	}
	request_peer(request, &pid, &uid);
	if (*said)
		log_notice("configuration written by order of uid %u", (unsigned)uid);
	reload_forget_run_time(d);
	request_reply(request, json_pack("{s:s}", "message", said));
	free(said);
}

/* --- CreateLink --- */

void config_create_link(struct request *request, const json_t *params, void *user)
{
	const char *name = json_string_value(json_object_get(params, "link"));
	const char *type = json_string_value(json_object_get(params, "type"));
	struct daemon *d = user;
	pid_t pid;
	uid_t uid;
	int r;

	if (!name || !type) {
		request_bad_parameter(request, name ? "type" : "link");
		return;
	}
	if (!option_name_valid(name)) {
		request_error(request, CTL_ERR_REFUSED,
			"\"%s\" is not a name (1 to %d of A-Z a-z 0-9 _ . -)", name,
			OPTION_NAME_MAX);
		return;
	}
	if (link_find(d, name)) {
		request_error(request, CTL_ERR_REFUSED, "there is a link \"%s\" already", name);
		return;
	}
	r = config_add_link(d->config, name, type);
	/* also after a failure: the links' configurations may have moved */
	links_update(d);
	if (r == -EINVAL) {
		request_error(request, CTL_ERR_REFUSED,
			"\"%s\" is neither l2tp, the only type of links, nor a link to copy", type);
		return;
	}
	if (r < 0) {
		request_error(request, CTL_ERR_FAILED, "%s", strerror(-r));
		return;
	}
	request_peer(request, &pid, &uid);
	log_notice("%s: link made at run time by uid %u", name, (unsigned)uid);
	reload_note_run_time(d, name, "the link");
	request_reply(request, NULL);
}
