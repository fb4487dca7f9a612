/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "option_list.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <l2tpd/config.h>

#include "option_net.h"

static const char *const source_kinds[] = { [SOURCE_NONE] = "",
	[SOURCE_PPPOE] = "pppoe",
	[SOURCE_SERIAL] = "serial",
	[SOURCE_LINK] = "link" };

/* --- words --- */

static void words_free(struct config_words *words)
{
	while (words->len)
		free(words->word[--words->len]);
	free(words->word);
	words->word = NULL;
}

/* 0 or -ENOMEM */
static int words_add(struct config_words *words, const char *word, size_t len)
{
	char *copy = strndup(word, len);
	char **more = reallocarray(words->word, words->len + 1, sizeof(*more));

	if (more)
		words->word = more;
	if (!copy || !more) {
		free(copy);
		return -ENOMEM;
	}
	words->word[words->len++] = copy;
	return 0;
}

static int words_copy(struct config_words *words, const struct config_words *from)
{
	int r = 0;

	for (size_t i = 0; !r && i < from->len; i++)
		r = words_add(words, from->word[i], strlen(from->word[i]));
	return r;
}

int option_words_parse(const struct option *option, void *object, const char *text,
	char error[static OPTION_ERROR_LEN])
{
	struct config_words *field = option_field(option, object), words = { 0 };
	const char *word;
	size_t len;
	int r = words_copy(&words, field);

	while (!r && (word = option_word(&text, &len)))
		r = len <= (size_t)option->max ? words_add(&words, word, len)
					       : option_fail(error, "%s is longer than %ld bytes",
							 option_quote(word, len).text, option->max);
	if (r < 0) {
		words_free(&words);
		return r;
	}
	words_free(field);
	*field = words;
	return 0;
}

void option_words_clear(const struct option *option, void *object)
{
	words_free(option_field(option, object));
}

int option_words_copy(const struct option *option, void *object, const void *from)
{
	struct config_words *field = option_field(option, object), words = { 0 };

	if (words_copy(&words, option_value(option, from)) < 0) {
		words_free(&words);
		return -ENOMEM;
	}
	words_free(field);
	*field = words;
	return 0;
}

int option_words_format(const struct option *option, const void *object, size_t index, char **ret)
{
	const struct config_words *field = option_value(option, object);

	return index < field->len ? option_give_text(field->word[index], ret) : -ENOENT;
}

/* 0, or what option_fail() says. */
static int net_check(const char *word, size_t len, char error[static OPTION_ERROR_LEN])
{
	char text[L2TP_ADDR_STRLEN + 8];
	struct l2tp_addr addr;
	unsigned width;
	int r = -EINVAL;

	if (len < sizeof(text)) {
		snprintf(text, sizeof(text), "%.*s", (int)len, word);
		r = option_net(text, &addr, &width);
	}
	if (r == -ERANGE)
		return option_fail(error,
			"%s has more bits than its width: it is an address in "
			"that network",
			option_quote(word, len).text);
	return r < 0 ? option_fail(error, "%s is not a network (ADDR/WIDTH)",
			       option_quote(word, len).text)
		     : 0;
}

int option_nets_parse(const struct option *option, void *object, const char *text,
	char error[static OPTION_ERROR_LEN])
{
	const char *rest = text, *word;
	size_t len;
	int r = 0;

	while (!r && (word = option_word(&rest, &len)))
		r = net_check(word, len, error);
	return r < 0 ? r : option_words_parse(option, object, text, error);
}

int option_methods_parse(const struct option *option, void *object, const char *text,
	char error[static OPTION_ERROR_LEN])
{
	static const char *const methods[] = { "mschapv2", "chap-md5", "pap" };
	struct config_words *field = option_field(option, object), words = { 0 };
	const char *word;
	size_t len, i;
	int r = 0;

	while (!r && (word = option_word(&text, &len))) {
		for (i = 0; i < 3; i++)
			if (strlen(methods[i]) == len && memcmp(methods[i], word, len) == 0)
				break;
		r = i < 3 ? words_add(&words, word, len)
			  : option_fail(error, "%s is not one of mschapv2, chap-md5, pap",
				    option_quote(word, len).text);
	}
	if (r < 0) {
		words_free(&words);
		return r;
	}
	words_free(field);
	*field = words;
	return 0;
}

int option_methods_format(const struct option *option, const void *object, size_t index, char **ret)
{
	const struct config_words *field = option_value(option, object);
	char text[64] = "";
	size_t len = 0;

	for (size_t i = 0; i < field->len && len < sizeof(text); i++)
		len += (size_t)snprintf(
			text + len, sizeof(text) - len, "%s%s", i ? " " : "", field->word[i]);
	return index ? -ENOENT : option_give_text(text, ret);
}

/* --- names of sections --- */

int option_source_parse(const struct option *option, void *object, const char *text,
	char error[static OPTION_ERROR_LEN])
{
	struct config_source *field = option_field(option, object);
	const char *colon = strchr(text, ':');
	size_t kind = SOURCE_NONE;
	char *name = NULL;

	for (size_t i = SOURCE_PPPOE; colon && i <= SOURCE_LINK; i++)
		if (strlen(source_kinds[i]) == (size_t)(colon - text) &&
			memcmp(source_kinds[i], text, (size_t)(colon - text)) == 0)
			kind = i;
	if (*text && (kind == SOURCE_NONE || !option_name_valid(colon + 1)))
		return option_fail(error,
			"%s is none of pppoe:NAME, serial:NAME and link:NAME, each the name of a "
			"section",
			OPTION_QUOTE(text));
	if (*text) {
		name = strdup(colon + 1);
		if (!name)
			return -ENOMEM;
	}
	free(field->name);
	*field = (struct config_source){ .kind = (enum config_source_kind)kind, .name = name };
	return 0;
}

void option_source_clear(const struct option *option, void *object)
{
	struct config_source *field = option_field(option, object);

	free(field->name);
	*field = (struct config_source){ .kind = SOURCE_NONE };
}

int option_source_copy(const struct option *option, void *object, const void *from)
{
	const struct config_source *value = option_value(option, from);
	struct config_source *field = option_field(option, object);
	char *name = value->name ? strdup(value->name) : NULL;

	if (value->name && !name)
		return -ENOMEM;
	free(field->name);
	*field = (struct config_source){ .kind = value->kind, .name = name };
	return 0;
}

int option_source_format(const struct option *option, const void *object, size_t index, char **ret)
{
	const struct config_source *field = option_value(option, object);

	if (field->kind == SOURCE_NONE)
		return option_give_text("", ret);
	return asprintf(ret, "%s:%s", source_kinds[field->kind], field->name) < 0 ? -ENOMEM : 0;
}

/* --- targets --- */

static void targets_free(struct config_targets *targets)
{
	while (targets->len)
		free(targets->list[--targets->len].link);
	free(targets->list);
	*targets = (struct config_targets){ .len = 0 };
}

static int targets_add(
	struct config_targets *targets, const char *link, size_t len, unsigned weight)
{
	char *copy = strndup(link, len);
	struct config_target *more = reallocarray(targets->list, targets->len + 1, sizeof(*more));

	if (more)
		targets->list = more;
	if (!copy || !more) {
		free(copy);
		return -ENOMEM;
	}
	targets->list[targets->len++] = (struct config_target){ .link = copy, .weight = weight };
	return 0;
}

static int targets_copy(struct config_targets *targets, const struct config_targets *from)
{
	int r = 0;

	targets->weighted = from->weighted;
	for (size_t i = 0; !r && i < from->len; i++)
		r = targets_add(targets, from->list[i].link, strlen(from->list[i].link),
			from->list[i].weight);
	return r;
}

/* "link:NAME[/WEIGHT]" */
static int target_parse(const struct option *option, struct config_targets *targets,
	const char *word, size_t len, char error[static OPTION_ERROR_LEN])
{
	const char *slash = memchr(word, '/', len);
	size_t end = slash ? (size_t)(slash - word) : len;
	char name[OPTION_NAME_MAX + 1] = "";
	unsigned long weight = 1;

	if (end > 5 && end - 5 <= OPTION_NAME_MAX && memcmp(word, "link:", 5) == 0)
		memcpy(name, word + 5, end - 5);
	if (!option_name_valid(name))
		return option_fail(error, "%s is not link:NAME or link:NAME/WEIGHT",
			option_quote(word, len).text);
	if (slash && !option_digits(slash + 1, len - end - 1, (unsigned long)option->max, &weight))
		return option_fail(error, "%s: the weight is not a number from 0 to %ld",
			option_quote(word, len).text, option->max);
	targets->weighted |= slash != NULL;
	for (size_t i = 0; i < targets->len; i++)
		if (strcmp(targets->list[i].link, name) == 0)
			return option_fail(error, "'%s' is in it twice", name);
	return targets_add(targets, name, strlen(name), (unsigned)weight);
}

int option_targets_parse(const struct option *option, void *object, const char *text,
	char error[static OPTION_ERROR_LEN])
{
	struct config_targets *field = option_field(option, object), targets = { .len = 0 };
	const char *word;
	size_t len;
	int r = targets_copy(&targets, field);

	while (!r && (word = option_word(&text, &len)))
		r = target_parse(option, &targets, word, len, error);
	if (r < 0) {
		targets_free(&targets);
		return r;
	}
	targets_free(field);
	*field = targets;
	return 0;
}

void option_targets_clear(const struct option *option, void *object)
{
	targets_free(option_field(option, object));
}

int option_targets_copy(const struct option *option, void *object, const void *from)
{
	struct config_targets *field = option_field(option, object), targets = { .len = 0 };

	if (targets_copy(&targets, option_value(option, from)) < 0) {
		targets_free(&targets);
		return -ENOMEM;
	}
	targets_free(field);
	*field = targets;
	return 0;
}

int option_targets_format(const struct option *option, const void *object, size_t index, char **ret)
{
	const struct config_targets *field = option_value(option, object);
	const struct config_target *target = field->list + index;
	int r;

	if (index >= field->len)
		return -ENOENT;
	r = field->weighted ? asprintf(ret, "link:%s/%u", target->link, target->weight)
			    : asprintf(ret, "link:%s", target->link);
	return r < 0 ? -ENOMEM : 0;
}
