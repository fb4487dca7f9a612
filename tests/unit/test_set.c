/* SPDX-License-Identifier: GPL-2.0-or-later */
/* "set" at run time in mpd's grammar. */
#include "set_rig.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- grammar --- */

static const struct {
	const char *lines, *key, *value;
} mpd_words[] = {
	{ "l2tp self 192.0.2.9", "self", "192.0.2.9" },
	{ "l2tp self 192.0.2.9 1702", "self", "192.0.2.9 1702" },
	{ "l2tp self 192.0.2.9 1702|l2tp self 192.0.2.9", "self", "192.0.2.9" },
	{ "l2tp self 192.0.2.9/24", "self", "192.0.2.9" },
	{ "l2tp self 192.0.2.9/24 1702", "self", "192.0.2.9 1702" },
	{ "l2tp peer ''|l2tp self 2001:db8::9/64", "self", "2001:db8::9" },
	{ "l2tp self 0.0.0.0", "self", "0.0.0.0" },
	{ "l2tp self eth0 1702", "self", "eth0 1702" },
	{ "l2tp self eth0|l2tp self ''", "self", "" },
	{ "l2tp peer 192.0.2.7", "peer", "192.0.2.7" },
	{ "l2tp peer 192.0.2.7 1702", "peer", "192.0.2.7 1702" },
	{ "l2tp peer 192.0.2.7 1702|l2tp peer 192.0.2.7", "peer", "192.0.2.7" },
	{ "l2tp peer 192.0.2.0/24", "peer", "192.0.2.0/24" },
	{ "l2tp peer 192.0.2.0/24 1702", "peer", "192.0.2.0/24 1702" },
	{ "l2tp peer 0.0.0.0/0", "peer", "0.0.0.0/0" },
	{ "l2tp peer 2001:db8::/32", "peer", "2001:db8::/32" },
	{ "l2tp peer lns.example.net", "peer", "lns.example.net" },
	{ "l2tp hostname lac1", "hostname", "lac1" },
	{ "l2tp hostname lac1|l2tp hostname ''", "hostname", "" },
	{ "l2tp secret s3cret", "secret", "******" },
	{ "l2tp secret s3cret|l2tp secret ''", "secret", "" },
	{ "l2tp callingnum 5550000", "callingnum", "5550000" },
	{ "l2tp callednum 555_1212", "callednum", "555 1212" },
	{ "l2tp callednum 1|l2tp callednum ''", "callednum", "" },
	{ "l2tp enable originate", "originate", "yes" },
	{ "l2tp enable originate|l2tp disable originate", "originate", "no" },
	{ "l2tp enable incoming", "incoming", "yes" },
	{ "l2tp enable outcall", "outcall", "yes" },
	{ "l2tp disable dataseq", "dataseq", "no" },
	{ "l2tp disable dataseq|l2tp enable dataseq", "dataseq", "yes" },
	{ "l2tp enable length", "length", "yes" },
	{ "l2tp enable length|l2tp disable length", "length", "no" },
	{ "l2tp secret x|l2tp enable hidden", "hidden", "yes" },
	{ "l2tp enable hidden|l2tp secret x", "hidden", "yes" },
	{ "l2tp secret x|l2tp enable hidden incoming outcall", "outcall", "yes" },
	{ "phys type l2tp", "type", "l2tp" },
	{ "link type l2tp", "type", "l2tp" },
	{ "link max-redial -1", "max-redial", "-1" },
	{ "link max-redial 3", "max-redial", "3" },
	{ "link redial-delay 7", "redial-delay", "7" },
	{ "link enable incoming", "incoming", "yes" },
	/* ours, the same way */
	{ "l2tp hello 30", "hello", "30" },
	{ "link hello 30", "hello", "30" },
	{ "l2tp originate yes", "originate", "yes" },
	{ "l2tp dataseq off", "dataseq", "no" },
	{ "l2tp ppp p", "ppp", "p" },
	{ "l2tp ppp p|l2tp ppp ''", "ppp", "" },
	{ "l2tp enable tie-breaker", "tie-breaker", "yes" },
	{ "l2tp secret-file /x", "secret-file", "/x" },
	{ "l2tp secret x|l2tp secret-file /x", "secret", "" },
	{ "l2tp secret-file /x|l2tp secret x", "secret-file", "" },
	/* short, in any case; mpd's words win over ours that begin alike */
	{ "l2 sel 192.0.2.9", "self", "192.0.2.9" },
	{ "L2TP PEER 192.0.2.7", "peer", "192.0.2.7" },
	{ "l2tp pe 192.0.2.7", "peer", "192.0.2.7" },
	{ "l2tp p 192.0.2.7", "peer", "192.0.2.7" },
	{ "l2tp h lac1", "hostname", "lac1" },
	{ "l2tp en Orig", "originate", "yes" },
	{ "l2tp d da", "dataseq", "no" },
	{ "li ty l2tp", "type", "l2tp" },
	{ "p t l2tp", "type", "l2tp" },
	{ "l2tp secret x|l2tp e h", "hidden", "yes" },
};

/* mpd's commands, in its words and in all forms its manual gives. */
static void test_mpd_words(void **state)
{
	for (size_t i = 0; i < sizeof(mpd_words) / sizeof(mpd_words[0]); i++) {
		struct config *config = load(base);

		must_set(config, "a", mpd_words[i].lines);
		assert_shown(config, "a", mpd_words[i].key, mpd_words[i].value);
		config_free(config);
	}
}

struct bad {
	const char *link, *lines;
	int r;
	size_t line;
	const char *error;
};

/* Nothing changed, and the message is the one. */
static void check_bad(const struct bad *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct config *config = load(base);
		struct set_result result;
		char *before = shown(config), *after;

		if (set(config, rows[i].link, rows[i].lines, false, &result) != rows[i].r)
			fail_msg("%s: %s", rows[i].lines, result.error);
		assert_string_equal(result.error, rows[i].error);
		assert_int_equal(result.line, rows[i].line);
		after = shown(config);
		assert_string_equal(before, after);
		assert_string_equal(config_find_link(config, "b")->secret, "topsecret");
		free(before);
		free(after);
		config_free(config);
	}
}
#define CHECK_BAD(rows) check_bad(rows, sizeof(rows) / sizeof(rows[0]))

static const struct bad wrong_lines[] = {
	{ "a", "l2tp enable hiden", -EINVAL, 0,
		"unknown option to enable or disable 'hiden'; did you mean 'hidden'?" },
	{ "a", "l2tp enable o", -EINVAL, 0, "'o' is ambiguous: originate, outcall" },
	{ "a", "l2tp enable r", -EINVAL, 0,
		"unknown option to enable or disable 'r'; l2tpd.conf(5) has all keys of "
		"[link]" },
	{ "a", "l2tp disable hello", -EINVAL, 0, "'hello' has a value: set l2tp hello N" },
	{ "a", "l2tp enable", -EINVAL, 0, "usage: set l2tp enable OPTION ..." },
	{ "a", "l2tp enable incoming hiden", -EINVAL, 0,
		"unknown option to enable or disable 'hiden'; did you mean 'hidden'?" },
	{ "a", "l2tp s 192.0.2.9", -EINVAL, 0, "'s' is ambiguous: self, secret" },
	{ "a", "l2tp c 5", -EINVAL, 0, "'c' is ambiguous: callingnum, callednum" },
	{ "a", "l2tp re 5", -EINVAL, 0,
		"'re' is ambiguous: reorder-timeout, retransmits, "
		"redial-delay, redial-max-delay" },
	{ "a", "l2tp pear 192.0.2.9", -EINVAL, 0, "unknown key 'pear'; did you mean 'peer'?" },
	{ "a", "l2tp '' x", -EINVAL, 0, "unknown key ''; l2tpd.conf(5) has all keys of [link]" },
	{ "a", "l2tp hello 99999", -EINVAL, 0,
		"hello: '99999' is not a number of seconds from 0 to 3600" },
	{ "a", "l2tp hello", -EINVAL, 0,
		"usage: set l2tp hello N (silence before the peer is asked whether it is "
		"still there; 0: never ask)" },
	{ "a", "link hello 1 2", -EINVAL, 0,
		"usage: set link hello N (silence before the peer is asked whether it is "
		"still there; 0: never ask)" },
	{ "a", "l2tp hello ''", -EINVAL, 0, "hello: has no value" },
	{ "a", "l2tp type ''", -EINVAL, 0, "type: has no value" },
	{ "a", "l2tp peer", -EINVAL, 0,
		"usage: set l2tp peer ADDR[/WIDTH]|NAME [PORT] (address of the peer to "
		"dial, or of the peers that may call)" },
	{ "a", "l2tp peer 192.0.2.9 1 2", -EINVAL, 0,
		"usage: set l2tp peer ADDR[/WIDTH]|NAME [PORT] (address of the peer to "
		"dial, or of the peers that may call)" },
	{ "a", "l2tp peer 192.0.2.9 70000", -EINVAL, 0,
		"peer: '70000' is not a port from 0 to 65535" },
	{ "a", "l2tp peer 192.0.2.9/33", -EINVAL, 0, "peer: '33' is not a width from 0 to 32" },
	{ "a", "l2tp self 192.0.2.9/33", -EINVAL, 0, "self: '33' is not a width" },
	{ "a", "l2tp self 192.0.2.999", -EINVAL, 0,
		"self: '192.0.2.999' is neither an address nor a name" },
	{ "a", "l2tp originate maybe", -EINVAL, 0, "originate: 'maybe' is neither yes nor no" },
	{ "a", "link type pptp", -EINVAL, 0, "type: 'pptp' is not 'l2tp'" },
	{ "a", "l peer 192.0.2.9", -EINVAL, 0, "'l' is ambiguous: l2tp, link" },
	{ "a", "iface x", -EINVAL, 0,
		"unknown: set iface; there are set l2tp, set link and set phys" },
	{ "a", "l2tp", -EINVAL, 0,
		"usage: set l2tp KEY VALUE | set l2tp enable|disable OPTION ..." },
	{ "a", "l2tp hello 5|l2tp hostname x|l2tp hello x", -EINVAL, 2,
		"hello: 'x' is not a number of seconds from 0 to 3600" },
	{ "a", "l2tp hostname 'x", -EINVAL, 0,
		"hostname: begins with a quote, which no value does" },
	{ "a", "l2tp callednum _5", -EINVAL, 0,
		"callednum: begins or ends in a blank, which no value does" },
	{ "a", "l2tp callednum 5_#6", -EINVAL, 0,
		"callednum: has ' #' or ' ;' in it, which begins a comment" },
};

static void test_wrong_lines(void **state)
{
	CHECK_BAD(wrong_lines);
}

/* What the lines make of the link must be whole; what more lines could mend is told as such. */
static void test_whole_link(void **state)
{
	static const struct bad rows[] = {
		{ "a", "l2tp enable hidden", -EAGAIN, 0, "hidden: needs secret or secret-file" },
		{ "a", "l2tp hello 5|l2tp enable hidden|l2tp hello 6", -EAGAIN, 1,
			"hidden: needs secret or secret-file" },
		{ "b", "l2tp secret ''", -EAGAIN, 0, "hidden: needs secret or secret-file" },
		{ "a", "l2tp enable autostart", -EAGAIN, 0, "autostart: needs originate = yes" },
		{ "a", "l2tp peer ''|l2tp enable originate", -EAGAIN, 1,
			"originate: there is no peer to dial" },
		{ "b", "l2tp peer 192.0.2.0/24", -EAGAIN, 0,
			"peer: '192.0.2.0/24' is a range and cannot be dialled; name one address, "
			"or set originate = no" },
		{ "b", "l2tp ppp q", -EAGAIN, 0, "ppp: there is no [ppp q]; did you mean 'p'?" },
		{ "b", "link redial-delay 99", 0, 0, NULL },
		{ "b", "link redial-max-delay 9|link redial-delay 99", -EAGAIN, 1,
			"redial-delay: 99 is more than redial-max-delay, 9" },
		{ "b", "l2tp self 2001:db8::1", -EAGAIN, 0, "peer: IPv4, but self is IPv6" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct config *config = load(base);

		if (rows[i].error)
			check_bad(&rows[i], 1);
		else
			must_set(config, rows[i].link, rows[i].lines);
		config_free(config);
	}
}

static void test_changed_keys(void **state)
{
	struct config *config = load(base);
	struct set_result result;
	size_t count = 0;

	assert_int_equal(
		set(config, "b", "l2tp hello 5|l2tp enable incoming outcall", false, &result), 0);
	for (size_t i = 0; i < OPTION_COUNT; i++) {
		const char *key = option_table[i].key;

		if (!result.changed[i])
			continue;
		count++;
		assert_true(strcmp(key, "hello") == 0 || strcmp(key, "incoming") == 0 ||
			    strcmp(key, "outcall") == 0);
	}
	assert_int_equal(count, 3);
	/* where the section stands in its file is still known */
	assert_string_equal(config_find_link(config, "b")->file, "f");
	assert_int_equal(config_find_link(config, "b")->line, 4);
	config_free(config);
}

/* mpd: "These commands ... are only valid if the currently active link has type l2tp." */
static void test_other_type(void **state)
{
	struct config *config = load(base);
	struct config_link *link = (struct config_link *)config_find_link(config, "a");
	struct set_result result;

	free(link->type);
	link->type = strdup("pppoe");
	assert_int_equal(set(config, "a", "l2tp hello 5", false, &result), -EINVAL);
	assert_string_equal(result.error,
		"Link type is pppoe, 'l2tp ...' command isn't allowed here! (set link type l2tp "
		"makes it one)");
	assert_int_equal(link->hello, 60);
	must_set(config, "a", "link type l2tp|l2tp hello 5");
	assert_int_equal(link->hello, 5);
	config_free(config);
}

/* --- secrets --- */

static void test_secrets(void **state)
{
	static const struct {
		const char *line;
		bool in_public;
		int r;
	} rows[] = {
		{ "l2tp secret", false, -ENODATA },
		{ "l2tp secret -", false, -ENODATA },
		{ "l2tp secret", true, -ENODATA },
		{ "l2tp secret -", true, -ENODATA },
		{ "l2tp sec newsecret", true, -EINVAL },
		{ "l2tp secret newsecret", true, -EINVAL },
		{ "l2tp secret newsecret x", false, -EINVAL },
		{ "l2tp secret newsecret\x7f", false, -EINVAL },
		{ "l2tp s newsecret", false, -EINVAL },
		{ "l2tp secert newsecret", true, -EINVAL },
		{ "l2tp secret ******", false, -EINVAL },
		{ "l2tp secret-file /newsecret", true, 0 },
		{ "l2tp secret ''|l2tp disable hidden", true, 0 },
		{ "l2tp secret newsecret", false, 0 },
		{ "l2tp secret \"new_#secret", false, 0 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct config *config = load(base);
		struct set_result result;

		assert_int_equal(
			set(config, "b", rows[i].line, rows[i].in_public, &result), rows[i].r);
		assert_null(strstr(result.error, "newsecret"));
		if (rows[i].r)
			assert_string_equal(config_find_link(config, "b")->secret, "topsecret");
		if (rows[i].r == -EINVAL && rows[i].in_public && rows[i].line[7] == 'c')
			assert_non_null(strstr(result.error,
				rows[i].line[8] == 'e' ? "did you mean" : "set l2tp secret -"));
		config_free(config);
	}
}

/* A member of the control group may not send a password where he likes, nor name files and
 * profiles. */
static void test_group_gets_no_secret(void **state)
{
	static const struct {
		const char *lines, *error;
	} rows[] = {
		{ "l2tp peer 203.0.113.66",
			"peer: only root may say where the password of [ppp p] goes" },
		{ "link ppp other", "ppp: only root may set it" },
		{ "l2tp secret-file /dev/watchdog", "secret-file: only root may set it" },
		{ "l2tp up /tmp/evil", "up: only root may set it" },
		{ "l2tp route 0.0.0.0/0", "route: only root may set it" },
		{ "l2tp hostname x|l2tp enable length|l2tp secret new", NULL },
	};
	static const char text[] = "[link b]\npeer = 192.0.2.2\noriginate = yes\nppp = p\n"
				   "[link c]\npeer = 192.0.2.2\noriginate = yes\nppp = other\n"
				   "[ppp p]\nuser = u\npassword-file = /x\n[ppp other]\n";

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct config *config = load(text);
		struct set_result result;
		int r = set_as(config, "b", rows[i].lines, (struct set_caller){ 0 }, &result);

		assert_int_equal(r, rows[i].error ? -EINVAL : 0);
		assert_string_equal(result.error, rows[i].error ? rows[i].error : "");
		if (rows[i].error)
			assert_shown(config, "b", "peer", "192.0.2.2");
		/* where there is no password he may, and root may all of it */
		assert_int_equal(set_as(config, "c", "l2tp peer 203.0.113.66",
					 (struct set_caller){ 0 }, &result),
			0);
		must_set(config, "b", rows[i].lines);
		config_free(config);
	}
}

/* What stands for a secret is none, wherever it is read. */
static void test_mask_is_no_secret(void **state)
{
	static const char *const texts[] = { "[link a]\ntype = l2tp\nsecret = ******\n",
		"[ppp p]\nuser = u\npassword = ******\n" };
	char *error;

	assert_null(try_load(texts[0], &error));
	assert_string_equal(error,
		"f:3: secret: ****** stands for a secret that is not shown; write "
		"the secret itself, or use secret-file");
	free(error);
	assert_null(try_load(texts[1], &error));
	assert_string_equal(error, "f:3: password: ****** stands for a secret that is not shown; "
				   "write the secret itself, or use password-file");
	free(error);
	config_free(load("[link a]\ntype = l2tp\nhostname = ******\nsecret = *******\n"));
}

static void test_add_link(void **state)
{
	struct config *config = load(base);

	assert_int_equal(config_add_link(config, "c", "pppoe"), -EINVAL);
	assert_int_equal(config->links_len, 2);
	assert_int_equal(config_add_link(config, "c", "l2tp"), 0);
	assert_int_equal(config->links_len, 3);
	must_set(config, "c", "l2tp peer 192.0.2.9|l2tp enable originate");
	assert_shown(config, "c", "peer", "192.0.2.9");
	assert_shown(config, "c", "dataseq", "yes");
	/* as mpd 5: with all that another one has, and from then on for itself */
	must_set(config, "c", "l2tp secret s3cret|l2tp enable hidden|link max-redial 3");
	assert_int_equal(config_add_link(config, "d", "c"), 0);
	assert_shown(config, "d", "type", "l2tp");
	assert_shown(config, "d", "peer", "192.0.2.9");
	assert_shown(config, "d", "hidden", "yes");
	assert_shown(config, "d", "max-redial", "3");
	assert_string_equal(config_find_link(config, "d")->secret, "s3cret");
	must_set(config, "d", "l2tp peer 192.0.2.10");
	assert_shown(config, "c", "peer", "192.0.2.9");
	assert_int_equal(config_add_link(config, "e", "nowhere"), -EINVAL);
	assert_int_equal(config->links_len, 4);
	config_free(config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mpd_words),
		cmocka_unit_test(test_wrong_lines),
		cmocka_unit_test(test_whole_link),
		cmocka_unit_test(test_changed_keys),
		cmocka_unit_test(test_other_type),
		cmocka_unit_test(test_secrets),
		cmocka_unit_test(test_group_gets_no_secret),
		cmocka_unit_test(test_mask_is_no_secret),
		cmocka_unit_test(test_add_link),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
