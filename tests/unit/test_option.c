/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rows of the option table one at a time, as "l2tpctl set" and "show config" use them. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <l2tpd/config.h>

#include "config/option_set.h"

union object {
	struct config_link link;
	struct config_ppp ppp;
	struct config_pppoe pppoe;
	struct config_serial serial;
	struct config_forward forward;
	struct config_daemon daemon;
};

#define EACH_SECTION(section)                                                                      \
	for (enum option_section section = OPTION_LINK; section < OPTION_SECTION_COUNT; section++)

/* All values of a field, each followed by '|'. */
static char *show(const struct option *option, const void *object)
{
	static char all[2000];
	char *text;
	int r = 0;

	all[0] = '\0';
	for (size_t i = 0; !r; i++) {
		r = option_format(option, object, i, &text);
		if (!r) {
			strcat(strcat(all, text), "|");
			free(text);
		}
	}
	assert_int_equal(r, -ENOENT);
	return all;
}

/* What is in the table makes sense, and every default is taken by its own row. */
static void test_table(void **state)
{
	size_t count = 0;

	EACH_SECTION(section)
	{
		const struct option *option = NULL;

		while ((option = option_next(section, option))) {
			char error[OPTION_ERROR_LEN];
			union object object;

			memset(&object, 0, sizeof(object));
			count++;
			assert_ptr_equal(option_find(section, option->key), option);
			assert_non_null(option->arg);
			assert_true(strlen(option->help) > 3 && strlen(option->help) < 100);
			assert_true(
				!(option->flags & OPTION_SECRET) || option->kind == OPTION_TEXT);
			assert_true((option->kind == OPTION_NUMBER ||
					    option->kind == OPTION_REDIAL) == !!option->unit);
			if (option->def)
				assert_int_equal(
					option_set(option, &object, option->def, error), 0);
			option_clear(option, &object);
			assert_int_equal(option_reset(option, &object), 0);
			if (option->def)
				assert_memory_equal(
					show(option, &object), option->def, strlen(option->def));
			option_clear_all(section, &object);
		}
	}
	assert_int_equal(count, OPTION_COUNT);
	assert_null(option_find(OPTION_LINK, "user"));
}

static const struct {
	enum option_section section;
	const char *key, *text, *shown;
} round_trips[] = {
	{ OPTION_LINK, "self", "192.0.2.1 \t 1701", "192.0.2.1 1701|" },
	{ OPTION_LINK, "self", "eth0", "eth0|" },
	{ OPTION_LINK, "self", "192.0.2.1 0", "192.0.2.1|" },
	{ OPTION_LINK, "peer", "192.0.2.0/24 17", "192.0.2.0/24 17|" },
	{ OPTION_LINK, "peer", "192.0.2.1/32", "192.0.2.1|" },
	{ OPTION_LINK, "peer", "0.0.0.0/0", "0.0.0.0/0|" },
	{ OPTION_LINK, "peer", "2001:db8::/32", "2001:db8::/32|" },
	{ OPTION_LINK, "peer", "fe80::1%eth0.5 1701", "fe80::1%eth0.5 1701|" },
	{ OPTION_LINK, "peer", "lns.example.net", "lns.example.net|" },
	{ OPTION_LINK, "secret", "topsecret", "******|" },
	{ OPTION_LINK, "secret-file", "/x y", "/x y|" },
	{ OPTION_LINK, "callednum", "", "|" },
	{ OPTION_LINK, "incoming", "On", "yes|" },
	{ OPTION_LINK, "incoming", "1", "yes|" },
	{ OPTION_LINK, "dataseq", "FALSE", "no|" },
	{ OPTION_LINK, "hello", "0060", "60|" },
	{ OPTION_LINK, "max-redial", "-1", "-1|" },
	{ OPTION_LINK, "max-redial", "DEFAULT", "default|" },
	{ OPTION_PPP, "password", "topsecret", "******|" },
	{ OPTION_PPP, "require", "PAP", "pap|" },
	{ OPTION_PPP, "address", "10.0.0.1", "10.0.0.1|" },
	{ OPTION_PPP, "pool", "10.0.0.2-10.0.0.9\t10.0.1.1", "10.0.0.2-10.0.0.9|10.0.1.1|" },
	{ OPTION_PPP, "dns", "192.0.2.1  192.0.2.2", "192.0.2.1|192.0.2.2|" },
	{ OPTION_PPP, "mtu", "0", "0|" },
	{ OPTION_PPP, "option", "ipparam 'a b'", "ipparam 'a b'|" },
	{ OPTION_DAEMON, "log-level", "err", "error|" },
	{ OPTION_DAEMON, "log-level", "Debug", "debug|" },
};

static void test_round_trip(void **state)
{
	for (size_t i = 0; i < sizeof(round_trips) / sizeof(round_trips[0]); i++) {
		const struct option *option =
			option_find(round_trips[i].section, round_trips[i].key);
		char error[OPTION_ERROR_LEN], again[2000], *item, *rest = again;
		union object object, copy;

		memset(&object, 0, sizeof(object));
		assert_int_equal(option_reset_all(round_trips[i].section, &object), 0);
		assert_int_equal(option_set(option, &object, round_trips[i].text, error), 0);
		strcpy(again, show(option, &object));
		assert_string_equal(again, round_trips[i].shown);
		/* a copy has it, and is one */
		memset(&copy, 0, sizeof(copy));
		assert_int_equal(option_copy_all(round_trips[i].section, &copy, &object), 0);
		assert_int_equal(option_reset(option, &object), 0);
		assert_string_equal(show(option, &copy), round_trips[i].shown);
		option_clear_all(round_trips[i].section, &copy);
		/* what is shown can be set, and is shown alike; but a secret is not shown */
		if (option->flags & OPTION_SECRET) {
			assert_int_equal(option_set(option, &object, OPTION_MASK, error), -EINVAL);
			option_clear_all(round_trips[i].section, &object);
			continue;
		}
		while ((item = strsep(&rest, "|")) && rest)
			assert_int_equal(option_set(option, &object, item, error), 0);
		assert_string_equal(show(option, &object), round_trips[i].shown);
		option_clear_all(round_trips[i].section, &object);
	}
}

/* A value that is refused leaves the field as it was, whatever the kind. */
static void test_refused(void **state)
{
	static const struct {
		enum option_section section;
		const char *key, *good, *bad, *error;
	} rows[] = {
		{ OPTION_LINK, "self", "192.0.2.1 5", "192.0.2.2 x",
			"self: 'x' is not a port from 0 to 65535" },
		{ OPTION_LINK, "hello", "7", "", "hello: has no value" },
		{ OPTION_LINK, "hello", "7", "8\n",
			"hello: holds a control character or is not UTF-8" },
		{ OPTION_LINK, "secret", "good", "topsecret\x7f",
			"secret: holds a control character or is not UTF-8" },
		{ OPTION_LINK, "length", "no", "sure", "length: 'sure' is neither yes nor no" },
		{ OPTION_LINK, "max-redial", "3", "x",
			"max-redial: 'x' is neither 'default' nor a number of tries from -1 to "
			"1000000" },
		{ OPTION_PPP, "require", "pap", "x",
			"require: 'x' is not one of none, pap, chap-md5, mschapv2" },
		{ OPTION_PPP, "pool", "10.0.0.2", "10.0.0.3 x",
			"pool: 'x' is not the IPv4 address of a host" },
		{ OPTION_PPP, "dns", "192.0.2.1", "192.0.2.2 192.0.2.3",
			"dns: there is room for two name servers only" },
		{ OPTION_PPP, "option", "nomppe", "\"x", "option: a quote is not closed" },
		{ OPTION_DAEMON, "log-level", "debug", "x",
			"log-level: 'x' is not one of error, warning, notice, info, debug" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct option *option = option_find(rows[i].section, rows[i].key);
		char error[OPTION_ERROR_LEN], before[2000];
		union object object;

		memset(&object, 0, sizeof(object));
		assert_int_equal(option_reset_all(rows[i].section, &object), 0);
		assert_int_equal(option_set(option, &object, rows[i].good, error), 0);
		strcpy(before, show(option, &object));
		assert_int_equal(option_set(option, &object, rows[i].bad, error), -EINVAL);
		assert_string_equal(error, rows[i].error);
		assert_string_equal(show(option, &object), before);
		option_clear_all(rows[i].section, &object);
	}
}

/* No message about a secret has any of it, however it was wrong. */
static void test_secret_not_told(void **state)
{
	static const char *const tails[] = { "\n", "\xff", "\x01" };

	EACH_SECTION(section)
	{
		const struct option *option = NULL;

		while ((option = option_next(section, option))) {
			char error[OPTION_ERROR_LEN], text[400];
			union object object;

			memset(&object, 0, sizeof(object));
			if (!(option->flags & OPTION_SECRET))
				continue;
			for (size_t i = 0; i < 3; i++) {
				snprintf(text, sizeof(text), "topsecret%s", tails[i]);
				assert_int_equal(option_set(option, &object, text, error), -EINVAL);
				assert_null(strstr(error, "tops"));
			}
			memset(text, 'x', 300);
			text[300] = '\0';
			assert_int_equal(option_set(option, &object, text, error), -EINVAL);
			assert_null(strstr(error, "xx"));
			option_clear(option, &object);
		}
	}
}

static void test_lists_add(void **state)
{
	const struct option *option = option_find(OPTION_PPP, "option");
	char error[OPTION_ERROR_LEN], *text;
	struct config_ppp ppp;

	memset(&ppp, 0, sizeof(ppp));
	assert_int_equal(option_set(option, &ppp, "a", error), 0);
	assert_int_equal(option_set(option, &ppp, "b", error), 0);
	assert_string_equal(show(option, &ppp), "a|b|");
	assert_int_equal(option_format(option, &ppp, 2, &text), -ENOENT);
	assert_int_equal(option_reset(option, &ppp), 0);
	assert_string_equal(show(option, &ppp), "");
	option_clear(option, &ppp);
}

static void test_nearest(void **state)
{
	assert_string_equal(option_nearest(OPTION_LINK, "redial-dealy"), "redial-delay");
	assert_null(option_nearest(OPTION_LINK, "completely-different"));
	assert_null(option_nearest(OPTION_LINK, "x"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_secret_not_told),
		cmocka_unit_test(test_lists_add),
		cmocka_unit_test(test_nearest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
