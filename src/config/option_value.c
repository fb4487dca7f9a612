/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Text to value and back, one function a kind. Every parser builds the whole value before it
 * touches the field. Messages quote what was written, but for secrets and pppd's option lines.
 */
#include "option_value.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <syslog.h>

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

int option_fail(char error[static OPTION_ERROR_LEN], const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(error, OPTION_ERROR_LEN, fmt, ap);
	va_end(ap);
	return -EINVAL;
}

struct option_quoted option_quote(const char *text, size_t len)
{
	struct option_quoted quoted;
	size_t cut = len;

	if (cut > OPTION_QUOTE_MAX) {
		cut = OPTION_QUOTE_MAX;
		while (cut && ((unsigned char)text[cut] & 0xc0) == 0x80)
			cut--;
	}
	snprintf(quoted.text, sizeof(quoted.text), "'%.*s%s'", (int)cut, text,
		cut < len ? "..." : "");
	return quoted;
}
void option_free_text(char *text)
{
	if (text)
		explicit_bzero(text, strlen(text));
	free(text);
}

const char *option_word(const char **text, size_t *ret_len)
{
	const char *word = *text + strspn(*text, OPTION_BLANKS);

	*ret_len = strcspn(word, OPTION_BLANKS);
	*text = word + *ret_len;
	return *ret_len ? word : NULL;
}

bool option_digits(const char *text, size_t len, unsigned long max, unsigned long *ret)
{
	unsigned long value = 0;
	size_t i;

	for (i = 0; i < len; i++) {
		if (!isdigit((unsigned char)text[i]))
			return false;
		value = value * 10 + (unsigned long)(text[i] - '0');
		if (value > max)
			return false;
	}
	*ret = value;
	return len > 0;
}

static int bool_parse(const struct option *option, bool *field, const char *text,
	char error[static OPTION_ERROR_LEN])
{
	static const struct word words[] = { { "yes", 1 }, { "no", 0 }, { "true", 1 },
		{ "false", 0 }, { "on", 1 }, { "off", 0 }, { "1", 1 }, { "0", 0 }, { NULL, 0 } };
	const struct word *word;

	for (word = words; word->text; word++)
		if (!strcasecmp(text, word->text))
			break;
	if (!word->text)
		return option_fail(error, "%s is neither yes nor no", OPTION_QUOTE(text));
	*field = word->value;
	return 0;
}

static int number_parse(const struct option *option, unsigned *field, const char *text,
	char error[static OPTION_ERROR_LEN])
{
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

static int redial_parse(const struct option *option, int *field, const char *text,
	char error[static OPTION_ERROR_LEN])
{
	unsigned long value;

	if (!strcasecmp(text, "default"))
		*field = CONFIG_REDIAL_DEFAULT;
	else if (!strcmp(text, "-1"))
		*field = -1;
	else if (option_digits(text, strlen(text), (unsigned long)option->max, &value))
		*field = (int)value;
	else
		return option_fail(error,
			"%s is neither 'default' nor a number of %s from %ld to %ld",
			OPTION_QUOTE(text), option->unit, option->min, option->max);
	return 0;
}

static int word_parse(
	const struct word *words, const char *text, int *ret, char error[static OPTION_ERROR_LEN])
{
	char all[160] = "";
	const struct word *word;
	size_t len = 0;

	for (word = words; word->text; word++) {
		if (!strcasecmp(text, word->text)) {
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

static const char *word_text(const struct word *words, int value)
{
	while (words->text && words->value != value)
		words++;
	return words->text ? words->text : "";
}

static int text_check(
	const struct option *option, const char *text, char error[static OPTION_ERROR_LEN])
{
	if (!*text)
		return 0;
	if (option->max && strlen(text) > (size_t)option->max)
		return option_fail(error, "longer than %ld bytes", option->max);
	if (option->flags & OPTION_SECRET && !strcmp(text, OPTION_MASK))
		return option_fail(error,
			"%s stands for a secret that is not shown; write the secret itself, or use "
			"%s-file",
			OPTION_MASK, option->key);
	if (option->kind == OPTION_WORD && text[strcspn(text, OPTION_BLANKS)])
		return option_fail(error, "%s has a blank in it", OPTION_QUOTE(text));
	if (option->kind == OPTION_NAME && !option_name_valid(text))
		return option_fail(error, "%s is not a name (1 to %d of A-Z a-z 0-9 _ . -)",
			OPTION_QUOTE(text), OPTION_NAME_MAX);
	if (option->kind == OPTION_PATH && *text != '/')
		return option_fail(error, "%s is not an absolute path", OPTION_QUOTE(text));
	if (option->kind == OPTION_TYPE && strcmp(text, "l2tp"))
		return option_fail(error, "%s is not 'l2tp'", OPTION_QUOTE(text));
	return 0;
}

static int text_parse(const struct option *option, char **field, const char *text,
	char error[static OPTION_ERROR_LEN])
{
	int r = text_check(option, text, error);
	char *copy;

	if (r < 0)
		return r;
	copy = strdup(text);
	if (!copy)
		return -ENOMEM;
	option_free_text(*field);
	*field = copy;
	return 0;
}

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
	if (p && len == 8 && !memcmp(p, "password", len))
		return "a password belongs in the key 'password' or 'password-file'";
	return NULL;
}

static int lines_parse(
	struct config_ppp *ppp, const char *text, char error[static OPTION_ERROR_LEN])
{
	const char *problem = pppd_line_problem(text);
	char **lines, *copy;

	if (!*text)
		return 0;
	if (problem)
		return option_fail(error, "%s", problem);
	copy = strdup(text);
	lines = reallocarray(ppp->option, ppp->option_len + 1, sizeof(*lines));
	if (lines)
		ppp->option = lines;
	if (!copy || !lines) {
		free(copy);
		return -ENOMEM;
	}
	lines[ppp->option_len++] = copy;
	return 0;
}

int option_value_parse(const struct option *option, void *object, const char *text,
	char error[static OPTION_ERROR_LEN])
{
	void *field = (char *)object + option->offset;
	int r, value;

	switch (option->kind) {
	case OPTION_BOOL:
		return bool_parse(option, field, text, error);
	case OPTION_NUMBER:
		return number_parse(option, field, text, error);
	case OPTION_REDIAL:
		return redial_parse(option, field, text, error);
	case OPTION_TEXT:
	case OPTION_WORD:
	case OPTION_NAME:
	case OPTION_PATH:
	case OPTION_TYPE:
		return text_parse(option, field, text, error);
	case OPTION_SELF:
	case OPTION_PEER:
		return option_endpoint_parse(option, field, text, error);
	case OPTION_ADDRESS:
		return option_address_parse(field, text, error);
	case OPTION_DNS:
		return option_dns_parse(field, text, error);
	case OPTION_POOL:
		return option_pool_parse(object, text, error);
	case OPTION_REQUIRE:
		r = word_parse(require_words, text, &value, error);
		if (!r)
			*(enum config_require *)field = (enum config_require)value;
		return r;
	case OPTION_LOG_LEVEL:
		return word_parse(log_level_words, text, field, error);
	case OPTION_LINES:
		return lines_parse(object, text, error);
	}
	return option_fail(error, "unknown kind");
}

void option_clear(const struct option *option, void *object)
{
	void *field = (char *)object + option->offset;
	struct config_ppp *ppp = object;

	switch (option->kind) {
	case OPTION_BOOL:
		*(bool *)field = false;
		break;
	case OPTION_NUMBER:
		*(unsigned *)field = 0;
		break;
	case OPTION_REDIAL:
	case OPTION_LOG_LEVEL:
		*(int *)field = 0;
		break;
	case OPTION_REQUIRE:
		*(enum config_require *)field = REQUIRE_NONE;
		break;
	case OPTION_TEXT:
	case OPTION_WORD:
	case OPTION_NAME:
	case OPTION_PATH:
	case OPTION_TYPE:
		option_free_text(*(char **)field);
		*(char **)field = NULL;
		break;
	case OPTION_SELF:
	case OPTION_PEER:
		free(((struct config_endpoint *)field)->host);
		memset(field, 0, sizeof(struct config_endpoint));
		break;
	case OPTION_ADDRESS:
		memset(field, 0, sizeof(struct l2tp_addr));
		break;
	case OPTION_DNS:
		memset(field, 0, sizeof(struct l2tp_addr[2]));
		break;
	case OPTION_POOL:
		free(ppp->pool);
		ppp->pool = NULL;
		ppp->pool_len = 0;
		break;
	case OPTION_LINES:
		while (ppp->option_len)
			option_free_text(ppp->option[--ppp->option_len]);
		free(ppp->option);
		ppp->option = NULL;
		break;
	}
}

/* --- copies --- */

static int string_copy(char **field, const char *from)
{
	char *copy = from ? strdup(from) : NULL;

	if (from && !copy)
		return -ENOMEM;
	option_free_text(*field);
	*field = copy;
	return 0;
}

static int endpoint_copy(struct config_endpoint *field, const struct config_endpoint *from)
{
	char *host = from->host ? strdup(from->host) : NULL;

	if (from->host && !host)
		return -ENOMEM;
	free(field->host);
	*field = *from;
	field->host = host;
	return 0;
}

static int pool_copy(struct config_ppp *ppp, const struct config_ppp *from)
{
	struct config_range *pool = NULL;

	if (from->pool_len) {
		pool = calloc(from->pool_len, sizeof(*pool));
		if (!pool)
			return -ENOMEM;
		memcpy(pool, from->pool, from->pool_len * sizeof(*pool));
	}
	free(ppp->pool);
	ppp->pool = pool;
	ppp->pool_len = from->pool_len;
	return 0;
}

static int lines_copy(
	const struct option *option, struct config_ppp *ppp, const struct config_ppp *from)
{
	struct config_ppp copy = { .option_len = 0 };
	char error[OPTION_ERROR_LEN];
	size_t i;
	int r = 0;

	for (i = 0; !r && i < from->option_len; i++)
		r = lines_parse(&copy, from->option[i], error);
	if (r < 0) {
		option_clear(option, &copy);
		return -ENOMEM; /* a line that was good is good */
	}
	option_clear(option, ppp);
	ppp->option = copy.option;
	ppp->option_len = copy.option_len;
	return 0;
}

int option_value_copy(const struct option *option, void *object, const void *from)
{
	void *field = (char *)object + option->offset;
	const void *value = (const char *)from + option->offset;

	switch (option->kind) {
	case OPTION_BOOL:
		*(bool *)field = *(const bool *)value;
		return 0;
	case OPTION_NUMBER:
		*(unsigned *)field = *(const unsigned *)value;
		return 0;
	case OPTION_REDIAL:
	case OPTION_LOG_LEVEL:
		*(int *)field = *(const int *)value;
		return 0;
	case OPTION_REQUIRE:
		*(enum config_require *)field = *(const enum config_require *)value;
		return 0;
	case OPTION_TEXT:
	case OPTION_WORD:
	case OPTION_NAME:
	case OPTION_PATH:
	case OPTION_TYPE:
		return string_copy(field, *(char *const *)value);
	case OPTION_SELF:
	case OPTION_PEER:
		return endpoint_copy(field, value);
	case OPTION_ADDRESS:
		memcpy(field, value, sizeof(struct l2tp_addr));
		return 0;
	case OPTION_DNS:
		memcpy(field, value, sizeof(struct l2tp_addr[2]));
		return 0;
	case OPTION_POOL:
		return pool_copy(object, from);
	case OPTION_LINES:
		return lines_copy(option, object, from);
	}
	return 0;
}

/* Room for every value that is not a string. */
#define VALUE_STRLEN L2TP_ADDR_STRLEN

static const char *address_text(const struct l2tp_addr *addr, char buf[static VALUE_STRLEN])
{
	return addr->sa.sa_family ? l2tp_addr_format_host(addr, buf) : "";
}

static const char *redial_text(int value, char buf[static VALUE_STRLEN])
{
	if (value == CONFIG_REDIAL_DEFAULT)
		return "default";
	snprintf(buf, VALUE_STRLEN, "%d", value);
	return buf;
}

static const char *string_text(const struct option *option, const char *text)
{
	if (!text)
		return "";
	return option->flags & OPTION_SECRET && *text ? OPTION_MASK : text;
}

/* One line of a list; NULL: there is no such line. */
static const char *list_text(const struct option *option, const struct config_ppp *ppp,
	size_t index, char buf[static VALUE_STRLEN])
{
	if (option->kind == OPTION_LINES)
		return index < ppp->option_len ? ppp->option[index] : NULL;
	if (option->kind == OPTION_DNS)
		return index < 2 && ppp->dns[index].sa.sa_family
			       ? address_text(&ppp->dns[index], buf)
			       : NULL;
	if (index >= ppp->pool_len)
		return NULL;
	option_range_format(&ppp->pool[index], buf);
	return buf;
}

int option_value_format(const struct option *option, const void *object, size_t index, char **ret)
{
	const void *field = (const char *)object + option->offset;
	char buf[VALUE_STRLEN], *copy;
	const char *text = NULL;

	switch (option->kind) {
	case OPTION_BOOL:
		text = *(const bool *)field ? "yes" : "no";
		break;
	case OPTION_NUMBER:
		snprintf(buf, sizeof(buf), "%u", *(const unsigned *)field);
		text = buf;
		break;
	case OPTION_REDIAL:
		text = redial_text(*(const int *)field, buf);
		break;
	case OPTION_TEXT:
	case OPTION_WORD:
	case OPTION_NAME:
	case OPTION_PATH:
	case OPTION_TYPE:
		text = string_text(option, *(char *const *)field);
		break;
	case OPTION_SELF:
	case OPTION_PEER:
		return option_endpoint_format(field, ret);
	case OPTION_ADDRESS:
		text = address_text(field, buf);
		break;
	case OPTION_REQUIRE:
		text = word_text(require_words, (int)*(const enum config_require *)field);
		break;
	case OPTION_LOG_LEVEL:
		text = word_text(log_level_words, *(const int *)field);
		break;
	case OPTION_DNS:
	case OPTION_POOL:
	case OPTION_LINES:
		text = list_text(option, object, index, buf);
		break;
	}
	if (!text)
		return -ENOENT;
	copy = strdup(text);
	if (!copy)
		return -ENOMEM;
	*ret = copy;
	return 0;
}
