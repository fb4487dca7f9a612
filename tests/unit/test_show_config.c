/* SPDX-License-Identifier: GPL-2.0-or-later */
/* "show config", which loads back to what it shows. */
#include "set_rig.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void test_show(void **state)
{
	struct config *config = load(base);
	char *text = shown(config), *error;

	assert_string_equal(text,
		"# What l2tpd works with now. A key that is not here has its default, see "
		"l2tpd.conf(5).\n\n[daemon]\n\n[link a]\npeer = 192.0.2.1\n\n"
		"[link b]\npeer = 192.0.2.2\n"
		"# not shown, and refused like this: put in the secret itself, or use secret-file\n"
		"secret = ******\noriginate = yes\nhidden = yes\nppp = p\n\n[ppp p]\n");
	assert_null(try_load(text, &error));
	assert_non_null(strstr(error, "secret: ******"));
	free(error);
	free(text);
	config_free(config);
}

static void assert_same_object(enum option_section section, const void *a, const void *b)
{
	const struct option *option = NULL;

	while ((option = option_next(section, option))) {
		for (size_t i = 0;; i++) {
			char *x = NULL, *y = NULL;
			int r = option_format(option, a, i, &x);

			assert_int_equal(option_format(option, b, i, &y), r);
			if (r) {
				assert_int_equal(r, -ENOENT);
				break;
			}
			assert_string_equal(x, y);
			free(x);
			free(y);
		}
	}
}

static void assert_same(const struct config *a, const struct config *b)
{
	assert_int_equal(a->links_len, b->links_len);
	assert_int_equal(a->ppps_len, b->ppps_len);
	assert_int_equal(a->pppoes_len, b->pppoes_len);
	assert_int_equal(a->serials_len, b->serials_len);
	assert_int_equal(a->forwards_len, b->forwards_len);
	assert_same_object(OPTION_DAEMON, &a->daemon, &b->daemon);
	for (size_t i = 0; i < a->pppoes_len; i++)
		assert_same_object(OPTION_PPPOE, &a->pppoes[i], &b->pppoes[i]);
	for (size_t i = 0; i < a->serials_len; i++)
		assert_same_object(OPTION_SERIAL, &a->serials[i], &b->serials[i]);
	for (size_t i = 0; i < a->forwards_len; i++)
		assert_same_object(OPTION_FORWARD, &a->forwards[i], &b->forwards[i]);
	for (size_t i = 0; i < a->links_len; i++) {
		assert_string_equal(a->links[i].name, b->links[i].name);
		assert_same_object(OPTION_LINK, &a->links[i], &b->links[i]);
	}
	for (size_t i = 0; i < a->ppps_len; i++) {
		assert_string_equal(a->ppps[i].name, b->ppps[i].name);
		assert_same_object(OPTION_PPP, &a->ppps[i], &b->ppps[i]);
	}
}

/* Keys that need "originate". */
static bool is_placed(const char *key)
{
	return strcmp(key, "autostart") == 0 || strcmp(key, "route") == 0 ||
	       strcmp(key, "ifname") == 0 || strcmp(key, "domain") == 0;
}

/* Values of a row, one for each index until NULL; the default is among them. */
static const char *sample(const struct option *option, unsigned index)
{
	static const char *const by_kind[][5] = {
		[OPTION_BOOL] = { "yes", "no" },
		[OPTION_TEXT] = { "two words", "\xc3\xbc=:;#", "*" },
		[OPTION_WORD] = { "name", "a#b" },
		[OPTION_NAME] = { "p" },
		[OPTION_PATH] = { "/a", "/with blank" },
		[OPTION_TYPE] = { "l2tp" },
		[OPTION_SELF] = { "192.0.2.1", "192.0.2.1 5", "eth0.5 6", "2001:db8::1" },
		[OPTION_PEER] = { "192.0.2.1", "192.0.2.0/24 5", "lns.example.net", "::/0" },
		[OPTION_ADDRESS] = { "10.0.0.1" },
		[OPTION_DNS] = { "192.0.2.53", "192.0.2.53 192.0.2.54" },
		[OPTION_POOL] = { "10.0.0.2", "10.0.0.2-10.0.0.9 10.0.1.1" },
		[OPTION_REQUIRE] = { "none", "pap", "chap-md5", "mschapv2" },
		[OPTION_REDIAL] = { "default", "-1", "0", "7" },
		[OPTION_MPPE] = { "no", "yes", "required" },
		[OPTION_SESSIONS] = { "replace", "deny", "any" },
		[OPTION_LOG_LEVEL] = { "error", "warning", "info", "debug" },
		[OPTION_PROXY] = { "none", "lcp", "auth" },
		[OPTION_WORDS] = { "one", "two words" },
		[OPTION_NETS] = { "10.0.0.0/8", "2001:db8::/32" },
		[OPTION_METHODS] = { "pap", "mschapv2 chap-md5" },
		[OPTION_SOURCE] = { "pppoe:q", "serial:q", "link:q" },
		[OPTION_TARGETS] = { "link:p", "link:p link:r", "link:p/2 link:r/0" },
		[OPTION_LINES] = { "nomppe", "\"a b\" 'c'", "x#y" },
	};
	static char number[32];

	if (option->kind == OPTION_NUMBER) {
		snprintf(number, sizeof(number), "%ld", index ? option->max : option->min);
		return index < 2 ? number : index == 2 && option->def ? option->def : NULL;
	}
	if (index >= 5)
		return NULL;
	return by_kind[option->kind][index];
}

/* The key with what it needs. */
static void put_needed(char *text, size_t size, const struct option *option, const char *value)
{
	static const char *const sections[] = { "[link p]\ntype = l2tp\n", "[ppp q]\n",
		"[pppoe q]\n", "[serial q]\n", "[forward f]\n", "[daemon]\n" };
	static const char around[] = "[link p]\npeer = 192.0.2.1\noriginate = yes\n"
				     "[link r]\npeer = 192.0.2.2\noriginate = yes\n"
				     "[link q]\nincoming = yes\n"
				     "[pppoe q]\ninterface = eth0\n[serial q]\ndevice = /d\n";
	bool forward = option->section == OPTION_FORWARD;

	/* with what it needs */
	snprintf(text, size, "%s%s = %s\n%s%s%s%s%s%s", sections[option->section], option->key,
		value, strcmp(option->key, "originate") == 0 ? "peer = 192.0.2.1\n" : "",
		is_placed(option->key) ? "peer = 192.0.2.1\noriginate = yes\n" : "",
		strcmp(option->key, "hidden") == 0 ? "secret-file = /s\n" : "",
		strcmp(option->key, "user") == 0	    ? "password-file = /s\n"
		: strcmp(option->key, "password-file") == 0 ? "user = u\n"
		: strcmp(option->key, "pool") == 0	    ? "address = 10.0.0.1\n"
		: strcmp(option->key, "require") == 0	    ? "users = /u\n"
		: strcmp(option->key, "users") == 0	    ? "require = pap\n"
		: strcmp(option->key, "mppe") == 0	    ? "user = u\npassword-file = /s\n"
							    : "",
		strcmp(option->key, "redial-delay") == 0 ? "redial-max-delay = 86400\n" : "",
		strcmp(option->key, "redial-max-delay") == 0 ? "redial-delay = 1\n" : "");
	if (option->section == OPTION_LINK)
		strcat(text, "[ppp p]\n");
	if (option->section == OPTION_PPPOE && strcmp(option->key, "interface") != 0)
		strcat(text, "interface = eth0\n");
	if (option->section == OPTION_SERIAL && strcmp(option->key, "device") != 0)
		strcat(text, "device = /d\n");
	if (forward && strcmp(option->key, "from") != 0)
		strcat(text, "from = pppoe:q\n");
	if (forward && strcmp(option->key, "to") != 0)
		strcat(text, "to = link:p\n");
	if (forward && (strcmp(option->key, "realm") == 0 || strcmp(option->key, "auth") == 0))
		strcat(text, "proxy = auth\n");
	if (forward)
		strcat(text, around);
}

/* Every value of every key alone, as far as the key is good alone. */
static void test_every_key_comes_back(void **state)
{
	unsigned tried = 0, good = 0;

	for (const struct option *option = option_table; option < option_table + OPTION_COUNT;
		option++) {
		const char *value;
		bool once = false;

		if (option->flags & OPTION_SECRET || strcmp(option->key, "type") == 0)
			continue;
		for (unsigned i = 0; (value = sample(option, i)); i++) {
			char text[1200], *again, *error;
			struct config *config, *reloaded;

			put_needed(text, sizeof(text), option, value);
			tried++;
			config = try_load(text, &error);
			if (!config)
				fail_msg("%s: %s", text, error);
			once = true;
			good++;
			again = shown(config);
			reloaded = load(again);
			assert_same(config, reloaded);
			free(again);
			config_free(config);
			config_free(reloaded);
		}
		assert_true(once);
	}
	assert_int_equal(tried, good);
	assert_true(good > 2 * OPTION_COUNT);
}

/* Any mixture that loads comes back as it was; the seed is told on failure by the text. */
static void test_any_mixture_comes_back(void **state)
{
	unsigned good = 0;

	srandom(20261122);
	for (unsigned round = 0; round < 3000; round++) {
		static const char *const heads[] = { "[link a]\ntype = l2tp\n",
			"[link b]\ntype = l2tp\n", "[ppp p]\n", "[daemon]\n" };
		char *text, *again, *error = NULL;
		struct config *config, *reloaded;
		size_t size;
		FILE *out = open_memstream(&text, &size);

		for (size_t s = 0; s < 4; s++) {
			enum option_section section = s < 2    ? OPTION_LINK
						      : s == 2 ? OPTION_PPP
							       : OPTION_DAEMON;
			const struct option *option = NULL;

			fputs(heads[s], out);
			while ((option = option_next(section, option))) {
				const char *value = sample(option, (unsigned)random() % 4);

				if (!value || random() % 4 || option->flags & OPTION_SECRET ||
					strcmp(option->key, "type") == 0)
					continue;
				fprintf(out, "%s = %s\n", option->key, value);
			}
		}
		fclose(out);
		config = try_load(text, &error);
		if (config) {
			good++;
			again = shown(config);
			reloaded = load(again);
			assert_same(config, reloaded);
			free(again);
			config_free(reloaded);
		}
		config_free(config);
		free(error);
		free(text);
	}
	assert_true(good > 100);
}

/* What was set at run time is shown as a file could have it, key by key. */
static void test_what_is_set_comes_back(void **state)
{
	const struct option *option = NULL;

	while ((option = option_next(OPTION_LINK, option))) {
		const char *value;

		if (option->flags & OPTION_SECRET)
			continue;
		for (unsigned i = 0; (value = sample(option, i)); i++) {
			struct config *config = load(
					      "[link a]\ntype = l2tp\nsecret-file = /s\n[ppp p]\n"),
				      *reloaded;
			struct config_link *link =
				(struct config_link *)config_find_link(config, "a");
			const char *words[] = { "l2tp", option->key, value, NULL },
				   *more[] = { "l2tp", "enable", "originate" },
				   *delay[] = { "l2tp", "redial-max-delay", "86400" },
				   *peer[] = { "l2tp", "peer", "192.0.2.1" };
			const char *blank = strchr(value, ' ');
			char *first = strndup(value, blank ? (size_t)(blank - value) : 99), *text;
			struct set_line lines[] = { { words, 3 }, { more, 3 }, { peer, 3 } };
			struct set_result result;
			size_t count = is_placed(option->key) ? 3 : 1;
			int r;

			if (strcmp(option->key, "redial-delay") == 0) {
				lines[1].words = delay;
				count = 2;
			} else if (strcmp(option->key, "originate") == 0) {
				lines[1].words = peer;
				count = 2;
			}
			if (blank && (option->kind == OPTION_SELF || option->kind == OPTION_PEER)) {
				words[2] = first;
				words[3] = blank + 1;
				lines[0].count = 4;
			}
			r = set_link(config, link, lines, count,
				(struct set_caller){ .in_public = true, .root = true }, &result);
			if (r)
				fail_msg("%s = %s: %s", option->key, value, result.error);
			text = shown(config);
			reloaded = load(text);
			assert_same(config, reloaded);
			free(text);
			free(first);
			config_free(config);
			config_free(reloaded);
		}
	}
}

/* What only a line without blanks around its '=' can hold. */
static void test_odd_values_come_back(void **state)
{
	static const char format[] = "[link a]\ntype=l2tp\nhostname=#x\ncallednum=;y\n"
				     "peer-hostname=%0255d\nsecret-file=/%0*d\n";
	static char text[CONFIG_LINE_MAX + 1000];
	char *again;
	struct config *config, *reloaded;
	struct set_result result;

	snprintf(text, sizeof(text), format, 0, CONFIG_LINE_MAX - 13, 0);
	config = load(text);
	again = shown(config);
	reloaded = load(again);
	assert_same(config, reloaded);
	must_set(config, "a", "l2tp hostname #z");
	free(again);
	config_free(reloaded);
	again = shown(config);
	reloaded = load(again);
	assert_same(config, reloaded);
	snprintf(text, sizeof(text), "l2tp secret-file /%0*d", CONFIG_LINE_MAX - 12, 0);
	assert_int_equal(set(config, "a", text, false, &result), -EINVAL);
	assert_string_equal(
		result.error, "secret-file: too long for a line of the configuration file");
	free(again);
	config_free(config);
	config_free(reloaded);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_show),
		cmocka_unit_test(test_every_key_comes_back),
		cmocka_unit_test(test_any_mixture_comes_back),
		cmocka_unit_test(test_what_is_set_comes_back),
		cmocka_unit_test(test_odd_values_come_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
