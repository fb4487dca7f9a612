/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every parser builds the whole value before it touches the field. Messages quote what was written,
 * but for secrets and pppd's option lines.
 */
#include "option_value.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <syslog.h>

#include <l2tpd/config.h>

#include "option_list.h"
#include "option_net.h"

struct word {
	const char *text;
	int value;
};

static const struct word require_words[] = {
	{ "none", REQUIRE_NONE },
	{ "pap", REQUIRE_PAP },
	{ "chap-md5", REQUIRE_CHAP_MD5 },
	{ "mschapv2", REQUIRE_MSCHAPV2 },
	{ NULL, 0 },
};

static const struct word mppe_words[] = {
	{ "no", MPPE_NO },
	{ "yes", MPPE_YES },
	{ "required", MPPE_REQUIRED },
	{ NULL, 0 },
};

static const struct word sessions_words[] = {
	{ "fixed", SESSIONS_FIXED },
	{ "replace", SESSIONS_REPLACE },
	{ "deny", SESSIONS_DENY },
	{ "any", SESSIONS_ANY },
	{ NULL, 0 },
};

static const struct word proxy_words[] = {
	{ "none", PROXY_NONE },
	{ "lcp", PROXY_LCP },
	{ "auth", PROXY_AUTH },
	{ NULL, 0 },
};

/* The first word of a level is the one that is shown. */
static const struct word log_level_words[] = {
	{ "error", LOG_ERR },
	{ "err", LOG_ERR },
	{ "warning", LOG_WARNING },
	{ "notice", LOG_NOTICE },
	{ "info", LOG_INFO },
	{ "debug", LOG_DEBUG },
	{ NULL, 0 },
};

/* --- fields whose bytes are all there is to them --- */

static void plain_clear(const struct option *option, void *object)
{
	memset(option_field(option, object), 0, option_ops[option->kind].size);
}

static int plain_copy(const struct option *option, void *object, const void *from)
{
	memcpy(option_field(option, object), option_value(option, from),
		option_ops[option->kind].size);
	return 0;
}

static int bool_parse(const struct option *option, void *object, const char *text,
	char error[static OPTION_ERROR_LEN])
{
	static const struct word words[] = { { "yes", 1 }, { "no", 0 }, { "true", 1 },
		{ "false", 0 }, { "on", 1 }, { "off", 0 }, { "1", 1 }, { "0", 0 }, { NULL, 0 } };
	bool *field = option_field(option, object);
	const struct word *word;

	for (word = words; word->text; word++)
		if (strcasecmp(text, word->text) == 0)
			break;
	if (!word->text)
		return option_fail(error, "%s is neither yes nor no", OPTION_QUOTE(text));
	*field = word->value;
	return 0;
}

static int bool_format(const struct option *option, const void *object, size_t index, char **ret)
{
	const bool *field = option_value(option, object);

	return option_give_text(*field ? "yes" : "no", ret);
}

static int number_parse(const struct option *option, void *object, const char *text,
	char error[static OPTION_ERROR_LEN])
{
	unsigned *field = option_field(option, object);
	unsigned long value;
	bool zero = option->flags & OPTION_ZERO;

	if (option_digits(text, strlen(text), (unsigned long)option->max, &value) &&
		(value >= (unsigned long)option->min || (zero && !value))) {
		*field = (unsigned)value;
		return 0;
	}
	return option_fail(error, "%s is %s a number of %s from %ld to %ld", OPTION_QUOTE(text),
		zero ? "neither 0 nor" : "not", option->unit, option->min, option->max);
}

static int number_format(const struct option *option, const void *object, size_t index, char **ret)
{
	const unsigned *field = option_value(option, object);
	char text[16];

	snprintf(text, sizeof(text), "%u", *field);
	return option_give_text(text, ret);
}

static int redial_parse(const struct option *option, void *object, const char *text,
	char error[static OPTION_ERROR_LEN])
{
	int *field = option_field(option, object);
	unsigned long value;

	if (strcasecmp(text, "default") == 0)
		*field = CONFIG_REDIAL_DEFAULT;
	else if (strcmp(text, "-1") == 0)
		*field = -1;
	else if (option_digits(text, strlen(text), (unsigned long)option->max, &value))
		*field = (int)value;
	else
		return option_fail(error,
			"%s is neither 'default' nor a number of %s from %ld to %ld",
			OPTION_QUOTE(text), option->unit, option->min, option->max);
	return 0;
}

static int redial_format(const struct option *option, const void *object, size_t index, char **ret)
{
	const int *field = option_value(option, object);
	char text[16];

	if (*field == CONFIG_REDIAL_DEFAULT)
		return option_give_text("default", ret);
	snprintf(text, sizeof(text), "%d", *field);
	return option_give_text(text, ret);
}

/* --- words --- */

static int word_find(
	const struct word *words, const char *text, int *ret, char error[static OPTION_ERROR_LEN])
{
	char all[160] = "";
	const struct word *word;
	size_t len = 0;

	for (word = words; word->text; word++) {
		if (strcasecmp(text, word->text) == 0) {
			*ret = word->value;
			return 0;
		}
		if (word > words && word->value == word[-1].value)
			continue;
		len += (size_t)snprintf(
			all + len, sizeof(all) - len, "%s%s", len ? ", " : "", word->text);
	}
	return option_fail(error, "%s is not one of %s", OPTION_QUOTE(text), all);
}

static int word_format(const struct word *words, int value, char **ret)
{
	while (words->text && words->value != value)
		words++;
	return option_give_text(words->text ? words->text : "", ret);
}

static int require_parse(const struct option *option, void *object, const char *text,
	char error[static OPTION_ERROR_LEN])
{
	enum config_require *field = option_field(option, object);
	int value, r = word_find(require_words, text, &value, error);

	if (!r)
		*field = (enum config_require)value;
	return r;
}

static int require_format(const struct option *option, const void *object, size_t index, char **ret)
{
	const enum config_require *field = option_value(option, object);

	return word_format(require_words, (int)*field, ret);
}

static int mppe_parse(const struct option *option, void *object, const char *text,
	char error[static OPTION_ERROR_LEN])
{
	enum config_mppe *field = option_field(option, object);
	int value, r = word_find(mppe_words, text, &value, error);

	if (!r)
		*field = (enum config_mppe)value;
	return r;
}

static int mppe_format(const struct option *option, const void *object, size_t index, char **ret)
{
	const enum config_mppe *field = option_value(option, object);

	return word_format(mppe_words, (int)*field, ret);
}

static int sessions_parse(const struct option *option, void *object, const char *text,
	char error[static OPTION_ERROR_LEN])
{
	enum config_sessions *field = option_field(option, object);
	int value, r = word_find(sessions_words, text, &value, error);

	if (!r)
		*field = (enum config_sessions)value;
	return r;
}

static int sessions_format(
	const struct option *option, const void *object, size_t index, char **ret)
{
	const enum config_sessions *field = option_value(option, object);

	return word_format(sessions_words, (int)*field, ret);
}

static int proxy_parse(const struct option *option, void *object, const char *text,
	char error[static OPTION_ERROR_LEN])
{
	enum config_proxy *field = option_field(option, object);
	int value, r = word_find(proxy_words, text, &value, error);

	if (!r)
		*field = (enum config_proxy)value;
	return r;
}

static int proxy_format(const struct option *option, const void *object, size_t index, char **ret)
{
	const enum config_proxy *field = option_value(option, object);

	return word_format(proxy_words, (int)*field, ret);
}

static int log_level_parse(const struct option *option, void *object, const char *text,
	char error[static OPTION_ERROR_LEN])
{
	return word_find(log_level_words, text, option_field(option, object), error);
}

static int log_level_format(
	const struct option *option, const void *object, size_t index, char **ret)
{
	const int *field = option_value(option, object);

	return word_format(log_level_words, *field, ret);
}

/* --- texts --- */

static int text_parse(const struct option *option, void *object, const char *text,
	char error[static OPTION_ERROR_LEN])
{
	char **field = option_field(option, object), *copy;

	if (option->max && strlen(text) > (size_t)option->max)
		return option_fail(error, "longer than %ld bytes", option->max);
	if (option->flags & OPTION_SECRET && strcmp(text, OPTION_MASK) == 0)
		return option_fail(error,
			"%s stands for a secret that is not shown; write the secret itself, or use "
			"%s-file",
			OPTION_MASK, option->key);
	copy = strdup(text);
	if (!copy)
		return -ENOMEM;
	option_free_text(*field);
	*field = copy;
	return 0;
}

static void text_clear(const struct option *option, void *object)
{
	char **field = option_field(option, object);

	option_free_text(*field);
	*field = NULL;
}

static int text_copy(const struct option *option, void *object, const void *from)
{
	char *const *value = option_value(option, from);
	char **field = option_field(option, object);
	char *copy = *value ? strdup(*value) : NULL;

	if (*value && !copy)
		return -ENOMEM;
	option_free_text(*field);
	*field = copy;
	return 0;
}

static int text_format(const struct option *option, const void *object, size_t index, char **ret)
{
	char *const *value = option_value(option, object);
	const char *text = *value ? *value : "";

	return option_give_text(option->flags & OPTION_SECRET && *text ? OPTION_MASK : text, ret);
}

static int one_word_parse(const struct option *option, void *object, const char *text,
	char error[static OPTION_ERROR_LEN])
{
	if (text[strcspn(text, OPTION_BLANKS)])
		return option_fail(error, "%s has a blank in it", OPTION_QUOTE(text));
	return text_parse(option, object, text, error);
}

static int name_parse(const struct option *option, void *object, const char *text,
	char error[static OPTION_ERROR_LEN])
{
	if (*text && !option_name_valid(text))
		return option_fail(error, "%s is not a name (1 to %d of A-Z a-z 0-9 _ . -)",
			OPTION_QUOTE(text), OPTION_NAME_MAX);
	return text_parse(option, object, text, error);
}

static int path_parse(const struct option *option, void *object, const char *text,
	char error[static OPTION_ERROR_LEN])
{
	if (*text && *text != '/')
		return option_fail(error, "%s is not an absolute path", OPTION_QUOTE(text));
	return text_parse(option, object, text, error);
}

static int type_parse(const struct option *option, void *object, const char *text,
	char error[static OPTION_ERROR_LEN])
{
	if (*text && strcmp(text, "l2tp") != 0)
		return option_fail(error, "%s is not 'l2tp'", OPTION_QUOTE(text));
	return text_parse(option, object, text, error);
}

/* --- pppd's option lines --- */

/* By pppd's rules an open quote or a last backslash would swallow the option that comes next. */
static const char *pppd_line_problem(const char *text)
{
	const char *p;
	size_t len;
	char quoted = 0;

	for (p = text; *p; p++) {
		if (*p == '\\') {
			if (!*++p)
				return "ends in a backslash";
		} else if (quoted) {
			if (*p == quoted)
				quoted = 0;
		} else if (*p == '"' || *p == '\'') {
			quoted = *p;
		} else if (*p == '#' && (p == text || strchr(OPTION_BLANKS, p[-1]))) {
			break; /* pppd's comment */
		}
	}
	if (quoted)
		return "a quote is not closed";
	p = text;
	p = option_word(&p, &len);
	if (p && len == 8 && memcmp(p, "password", len) == 0)
		return "a password belongs in the key 'password' or 'password-file'";
	return NULL;
}

/* Appends; 0 or -ENOMEM. */
static int lines_add(struct config_ppp *ppp, const char *line, unsigned number)
{
	char *copy = strdup(line);
	char **lines = reallocarray(ppp->option, ppp->option_len + 1, sizeof(*lines));
	unsigned *numbers = reallocarray(ppp->option_line, ppp->option_len + 1, sizeof(*numbers));

	if (lines)
		ppp->option = lines;
	if (numbers)
		ppp->option_line = numbers;
	if (!copy || !lines || !numbers) {
		free(copy);
		return -ENOMEM;
	}
	numbers[ppp->option_len] = number;
	lines[ppp->option_len++] = copy;
	return 0;
}

static int lines_parse(const struct option *option, void *object, const char *text,
	char error[static OPTION_ERROR_LEN])
{
	const char *problem = pppd_line_problem(text);

	if (!*text)
		return 0;
	if (problem)
		return option_fail(error, "%s", problem);
	return lines_add(object, text, 0);
}

static void lines_clear(const struct option *option, void *object)
{
	struct config_ppp *ppp = object;

	while (ppp->option_len)
		option_free_text(ppp->option[--ppp->option_len]);
	free(ppp->option);
	free(ppp->option_line);
	ppp->option = NULL;
	ppp->option_line = NULL;
}

static int lines_copy(const struct option *option, void *object, const void *from)
{
	const struct config_ppp *other = from;
	struct config_ppp *ppp = object, copy = { .option_len = 0 };
	size_t i;
	int r = 0;

	for (i = 0; !r && i < other->option_len; i++)
		r = lines_add(&copy, other->option[i], other->option_line[i]);
	if (r < 0) {
		lines_clear(option, &copy);
		return r;
	}
	lines_clear(option, ppp);
	ppp->option = copy.option;
	ppp->option_line = copy.option_line;
	ppp->option_len = copy.option_len;
	return 0;
}

static int lines_format(const struct option *option, const void *object, size_t index, char **ret)
{
	const struct config_ppp *ppp = object;

	return index < ppp->option_len ? option_give_text(ppp->option[index], ret) : -ENOENT;
}

/* --- the rows --- */

const struct option_ops option_ops[OPTION_KIND_COUNT] = {
	[OPTION_BOOL] = { bool_parse, plain_clear, plain_copy, bool_format, sizeof(bool) },
	[OPTION_NUMBER] = { number_parse, plain_clear, plain_copy, number_format,
		sizeof(unsigned) },
	[OPTION_REDIAL] = { redial_parse, plain_clear, plain_copy, redial_format, sizeof(int) },
	[OPTION_TEXT] = { text_parse, text_clear, text_copy, text_format },
	[OPTION_WORD] = { one_word_parse, text_clear, text_copy, text_format },
	[OPTION_NAME] = { name_parse, text_clear, text_copy, text_format },
	[OPTION_PATH] = { path_parse, text_clear, text_copy, text_format },
	[OPTION_TYPE] = { type_parse, text_clear, text_copy, text_format },
	[OPTION_SELF] = { option_endpoint_parse, option_endpoint_clear, option_endpoint_copy,
		option_endpoint_format },
	[OPTION_PEER] = { option_endpoint_parse, option_endpoint_clear, option_endpoint_copy,
		option_endpoint_format },
	[OPTION_ADDRESS] = { option_address_parse, plain_clear, plain_copy, option_address_format,
		sizeof(struct l2tp_addr) },
	[OPTION_DNS] = { option_dns_parse, plain_clear, plain_copy, option_dns_format,
		sizeof(struct l2tp_addr[2]) },
	[OPTION_POOL] = { option_pool_parse, option_pool_clear, option_pool_copy,
		option_pool_format },
	[OPTION_REQUIRE] = { require_parse, plain_clear, plain_copy, require_format,
		sizeof(enum config_require) },
	[OPTION_MPPE] = { mppe_parse, plain_clear, plain_copy, mppe_format,
		sizeof(enum config_mppe) },
	[OPTION_SESSIONS] = { sessions_parse, plain_clear, plain_copy, sessions_format,
		sizeof(enum config_sessions) },
	[OPTION_LOG_LEVEL] = { log_level_parse, plain_clear, plain_copy, log_level_format,
		sizeof(int) },
	[OPTION_PROXY] = { proxy_parse, plain_clear, plain_copy, proxy_format,
		sizeof(enum config_proxy) },
	[OPTION_WORDS] = { option_words_parse, option_words_clear, option_words_copy,
		option_words_format },
	[OPTION_NETS] = { option_nets_parse, option_words_clear, option_words_copy,
		option_words_format },
	[OPTION_METHODS] = { option_methods_parse, option_words_clear, option_words_copy,
		option_methods_format },
	[OPTION_SOURCE] = { option_source_parse, option_source_clear, option_source_copy,
		option_source_format },
	[OPTION_TARGETS] = { option_targets_parse, option_targets_clear, option_targets_copy,
		option_targets_format },
	[OPTION_LINES] = { lines_parse, lines_clear, lines_copy, lines_format },
};
