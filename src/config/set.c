/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "set.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/nearest.h"
#include "check.h"
#include "config.h"
#include "option_net.h"
#include "option_set.h"
#include "parse.h"

/* What a word may be: a row of the table, or one of these two. */
struct choice {
	const char *name;
	const struct option *option; /* NULL: enable or disable */
};

struct setting {
	struct config_link *link; /* the copy that is changed */
	struct config_places places;
	const char *group; /* "l2tp", "link", "phys" */
	const struct set_line *line;
	struct set_caller caller;
	const struct config *config;
	struct set_result *ret;
};

static int set_fail(struct setting *set, int r, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static int set_fail(struct setting *set, int r, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(set->ret->error, sizeof(set->ret->error), fmt, ap);
	va_end(ap);
	return r;
}

/* --- words --- */

#define CHOICES_MAX (OPTION_COUNT + 2)

/* Keys, with enable and disable, or the options that these two take; mpd: only with that flag. */
static size_t gather_choices(bool flags, unsigned mpd, struct choice *choices)
{
	const struct option *option = NULL;
	size_t n = 0;

	if (!flags) {
		choices[n++] = (struct choice){ "enable", NULL };
		choices[n++] = (struct choice){ "disable", NULL };
	}
	while ((option = option_next(OPTION_LINK, option))) {
		if (flags && option->kind != OPTION_BOOL)
			continue;
		/* mpd knows its options after enable and disable only */
		if (mpd && (!(option->flags & mpd) || (!flags && option->kind == OPTION_BOOL)))
			continue;
		choices[n++] = (struct choice){ option->key, option };
	}
	return n;
}

/* Those that word is a short form of, in front; a whole word is meant as it is. Their number. */
static size_t narrow_choices(const char *word, struct choice *choices, size_t n)
{
	size_t len = strlen(word), fit = 0, i;

	for (i = 0; i < n; i++) {
		if (strncasecmp(word, choices[i].name, len) != 0)
			continue;
		if (!choices[i].name[len]) {
			choices[0] = choices[i];
			return 1;
		}
		choices[fit++] = choices[i];
	}
	return fit;
}

static void tell_ambiguous(
	struct setting *set, const char *word, const struct choice *choices, size_t n)
{
	char *error = set->ret->error;
	size_t size = sizeof(set->ret->error), len, i;

	len = (size_t)snprintf(error, size, "%s is ambiguous: ", OPTION_QUOTE(word));
	for (i = 0; i < n && len < size; i++)
		len += (size_t)snprintf(
			error + len, size - len, "%s%s", i ? ", " : "", choices[i].name);
}

static void tell_unknown(struct setting *set, const char *word, bool flags)
{
	struct choice choices[CHOICES_MAX];
	size_t n = gather_choices(flags, 0, choices), i;
	const char *what = flags ? "option to enable or disable" : "key";
	struct nearest nearest = { .word = word };

	if (flags && option_find(OPTION_LINK, word)) {
		set_fail(set, 0, "'%s' has a value: set %s %s %s", word, set->group, word,
			option_find(OPTION_LINK, word)->arg);
		return;
	}
	for (i = 0; i < n; i++)
		nearest_offer(&nearest, choices[i].name);
	if (nearest.best)
		set_fail(set, 0, "unknown %s %s; did you mean '%s'?", what, OPTION_QUOTE(word),
			nearest.best);
	else
		set_fail(set, 0, "unknown %s %s; l2tpd.conf(5) has all keys of [link]", what,
			OPTION_QUOTE(word));
}

static int resolve_word(struct setting *set, const char *word, bool flags, struct choice *ret)
{
	/* an option of mpd's is one in every group: mpd 5 has "set link enable incoming" */
	unsigned flag = flags || strcmp(set->group, "l2tp") == 0 ? OPTION_MPD : OPTION_MPD_LINK;
	struct choice mpd[CHOICES_MAX], all[CHOICES_MAX];
	size_t n_mpd = narrow_choices(word, mpd, gather_choices(flags, flag, mpd));
	size_t n = narrow_choices(word, all, gather_choices(flags, 0, all));

	if (*word && n == 1) {
		*ret = all[0];
		return 0;
	}
	if (*word && n_mpd == 1) {
		*ret = mpd[0];
		return 0;
	}
	if (!*word || n == 0)
		tell_unknown(set, word, flags);
	else if (n_mpd)
		tell_ambiguous(set, word, mpd, n_mpd);
	else
		tell_ambiguous(set, word, all, n);
	return -EINVAL;
}

/* --- values --- */

static void note_change(struct setting *set, const struct option *option)
{
	size_t index = (size_t)(option - option_table);

	set->ret->changed[index] = true;
	set->places.of[index].line = (unsigned)set->ret->line;
}

/*
 * What a file could not hold "show config" could not write: such a value is refused here, too. A
 * secret is never written.
 */
static int check_writable(struct setting *set, const struct option *option, const char *text)
{
	size_t len = strlen(text);
	const char *problem = NULL;
	char *line;

	if (option->flags & OPTION_SECRET || !len)
		return 0;
	if (asprintf(&line, "%s=%s", option->key, text) < 0)
		return -ENOMEM;
	if (strlen(line) > CONFIG_LINE_MAX)
		problem = "too long for a line of the configuration file";
	else if (*text == '"' || *text == '\'')
		problem = "begins with a quote, which no value does";
	else if (strchr(OPTION_BLANKS, *text) || strchr(OPTION_BLANKS, text[len - 1]))
		problem = "begins or ends in a blank, which no value does";
	else if (config_line_problem(line))
		problem = "has ' #' or ' ;' in it, which begins a comment";
	free(line);
	return problem ? set_fail(set, -EINVAL, "%s: %s", option->key, problem) : 0;
}

/* secret and secret-file are two ways to say one thing: the later one is meant. */
static int drop_other_secret(struct setting *set, const struct option *option)
{
	const char *other = strcmp(option->key, "secret") == 0	      ? "secret-file"
			    : strcmp(option->key, "secret-file") == 0 ? "secret"
								      : NULL;

	return other ? option_reset(option_find(OPTION_LINK, other), set->link) : 0;
}

/* The profile whose password a peer of link may ask for; NULL: there is none. */
static const struct config_ppp *with_password(const struct setting *set)
{
	const struct config_ppp *ppp =
		*set->link->ppp ? config_find_ppp(set->config, set->link->ppp) : NULL;

	return ppp && (*ppp->password || *ppp->password_file) ? ppp : NULL;
}

/* A member of the control group may place calls; what root keeps secret stays that. */
static int check_caller(struct setting *set, const struct option *option)
{
	const struct config_ppp *ppp;

	if (set->caller.root)
		return 0;
	if (option->flags & OPTION_ROOT)
		return set_fail(set, -EINVAL, "%s: only root may set it", option->key);
	ppp = option->kind == OPTION_PEER ? with_password(set) : NULL;
	return ppp ? set_fail(set, -EINVAL,
			     "%s: only root may say where the password of [ppp %s] goes",
			     option->key, ppp->name)
		   : 0;
}

static int set_value(struct setting *set, const struct option *option, const char *text)
{
	bool empty = !*text && !option->def;
	char error[OPTION_ERROR_LEN];
	int r;

	r = check_caller(set, option);
	if (!r && empty)
		r = option_reset(option, set->link);
	else if (!r)
		r = check_writable(set, option, text);
	if (!r && !empty) {
		r = option_set(option, set->link, text, error);
		if (r == -EINVAL)
			return set_fail(set, r, "%s", error);
	}
	if (!r && !empty)
		r = drop_other_secret(set, option);
	if (!r)
		note_change(set, option);
	return r;
}

static int tell_usage(struct setting *set, const struct option *option)
{
	return set_fail(set, -EINVAL, "usage: set %s %s %s (%s)", set->group, option->key,
		option->arg, option->help);
}

/* mpd takes a width with its own address and forgets it. */
static int endpoint_value(
	struct setting *set, const struct option *option, const char *const *words, size_t count)
{
	const char *slash = strchr(words[0], '/');
	bool cut = slash && option->kind == OPTION_SELF;
	unsigned long width;
	char *text;
	int r;

	if (cut && !option_digits(
			   slash + 1, strlen(slash + 1), strchr(words[0], ':') ? 128 : 32, &width))
		return set_fail(set, -EINVAL, "%s: %s is not a width", option->key,
			OPTION_QUOTE(slash + 1));
	if (asprintf(&text, "%.*s%s%s", cut ? (int)(slash - words[0]) : (int)strlen(words[0]),
		    words[0], count > 1 ? " " : "", count > 1 ? words[1] : "") < 0)
		return -ENOMEM;
	r = set_value(set, option, text);
	free(text);
	return r;
}

static int secret_value(
	struct setting *set, const struct option *option, const char *const *words, size_t count)
{
	if (count == 0 || strcmp(words[0], "-") == 0)
		return set_fail(set, -ENODATA, "%s: it is not there", option->key);
	if (set->caller.in_public && *words[0])
		return set_fail(set, -EINVAL,
			"%s: on a command line everybody can read it (ps); write 'set %s %s -', "
			"which asks for it or reads it from standard input, or use %s-file",
			option->key, set->group, option->key, option->key);
	return set_value(set, option, words[0]);
}

/* Every word adds to it; an empty one sets back. */
static int set_list(
	struct setting *set, const struct option *option, const char *const *words, size_t count)
{
	int r = 0;

	for (size_t i = 0; !r && i < count; i++)
		r = set_value(set, option, words[i]);
	return r;
}

static int set_key(
	struct setting *set, const struct option *option, const char *const *words, size_t count)
{
	bool endpoint = option->kind == OPTION_SELF || option->kind == OPTION_PEER;

	if (option->flags & OPTION_LIST && count > 0)
		return set_list(set, option, words, count);
	if (count > (endpoint ? 2 : 1))
		return tell_usage(set, option);
	if (option->flags & OPTION_SECRET)
		return secret_value(set, option, words, count);
	if (count == 0)
		return tell_usage(set, option);
	return endpoint ? endpoint_value(set, option, words, count)
			: set_value(set, option, words[0]);
}

static int set_flags(struct setting *set, const char *verb, const char *const *words, size_t count)
{
	const char *value = *verb == 'e' ? "yes" : "no";
	struct choice choice;
	size_t i;
	int r = 0;

	if (count == 0)
		return set_fail(set, -EINVAL, "usage: set %s %s OPTION ...", set->group, verb);
	for (i = 0; !r && i < count; i++) {
		r = resolve_word(set, words[i], true, &choice);
		if (!r)
			r = set_value(set, choice.option, value);
	}
	return r;
}

/* --- lines --- */

static int find_group(struct setting *set)
{
	struct choice groups[] = { { "l2tp", NULL }, { "link", NULL }, { "phys", NULL } };
	const char *word = set->line->count ? set->line->words[0] : "";
	size_t n = *word ? narrow_choices(word, groups, 3) : 0;

	if (n > 1) {
		tell_ambiguous(set, word, groups, n);
		return -EINVAL;
	}
	if (n == 0)
		return set_fail(set, -EINVAL,
			"unknown: set %.40s; there are set l2tp, set link and "
			"set phys",
			word);
	set->group = groups[0].name;
	return 0;
}

static int set_one(struct setting *set)
{
	struct choice choice;
	int r = find_group(set);

	if (r < 0)
		return r;
	if (strcmp(set->group, "l2tp") == 0 && strcmp(set->link->type, "l2tp") != 0)
		return set_fail(set, -EINVAL,
			"Link type is %s, 'l2tp ...' command isn't allowed here! (set link type "
			"l2tp makes it one)",
			*set->link->type ? set->link->type : "not set");
	if (set->line->count < 2)
		return set_fail(set, -EINVAL,
			"usage: set %s KEY VALUE | set %s enable|disable OPTION ...", set->group,
			set->group);
	r = resolve_word(set, set->line->words[1], false, &choice);
	if (r < 0)
		return r;
	return choice.option
		       ? set_key(set, choice.option, set->line->words + 2, set->line->count - 2)
		       : set_flags(set, choice.name, set->line->words + 2, set->line->count - 2);
}

/* For config_check_link(): a key is set if its value is not the default. 0 or -ENOMEM. */
static int find_places(struct setting *set)
{
	struct config_link plain;
	const struct option *option = NULL;
	char *text, *def;
	int r;

	memset(&plain, 0, sizeof(plain));
	r = option_reset_all(OPTION_LINK, &plain);
	while (!r && (option = option_next(OPTION_LINK, option))) {
		r = option_format(option, set->link, 0, &text);
		if (r == -ENOENT) { /* a list with nothing in it */
			r = 0;
			continue;
		}
		if (!r && option->flags & OPTION_LIST) {
			set->places.of[option - option_table].file = "";
			free(text);
			continue;
		}
		if (r)
			break;
		r = option_format(option, &plain, 0, &def);
		if (!r) {
			set->places.of[option - option_table].file =
				strcmp(text, def) != 0 ? "" : NULL;
			free(def);
		}
		free(text);
	}
	option_clear_all(OPTION_LINK, &plain);
	return r;
}

static int check_whole(struct setting *set, const struct config *config)
{
	struct config_errors errors = { 0 };
	/* only looked at */
	struct config_build build = { .config = (struct config *)config, .errors = &errors };
	int r = find_places(set);

	if (r < 0)
		return r;
	config_check_link(&build, set->link, &set->places);
	if (build.failed) {
		r = build.no_memory ? -ENOMEM : -EAGAIN;
		if (errors.len)
			set_fail(set, 0, "%s", errors.text[0]);
		set->ret->line = build.wrong.line;
	}
	config_errors_free(&errors);
	return r;
}

int set_link(const struct config *config, struct config_link *link, const struct set_line *lines,
	size_t count, struct set_caller caller, struct set_result *ret)
{
	struct config_link copy = { .name = link->name, .file = "" };
	struct setting set = { .link = &copy, .caller = caller, .config = config, .ret = ret };
	struct config_link swap;
	int r = option_copy_all(OPTION_LINK, &copy, link);

	memset(ret, 0, sizeof(*ret));
	for (size_t i = 0; !r && i < count; i++) {
		ret->line = i;
		set.line = &lines[i];
		r = set_one(&set);
	}
	if (!r)
		r = check_whole(&set, config);
	if (!r) {
		swap = *link;
		*link = copy;
		link->file = swap.file;
		link->line = swap.line;
		copy = swap;
	}
	if (r == -ENOMEM)
		set_fail(&set, 0, "out of memory");
	option_clear_all(OPTION_LINK, &copy);
	return r;
}
