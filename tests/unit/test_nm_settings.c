/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What each key of a profile becomes, and what is refused by name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "nm/settings.h"

/* "section.key=value|..." on top of a profile that is good. */
static struct nm_profile *profile_of(const char *base, const char *more)
{
	struct nm_profile *profile = nm_profile_new();
	char *text, *rest, *item;

	assert_true(asprintf(&text, "%s|%s", base, more) >= 0);
	rest = text;
	while ((item = strsep(&rest, "|"))) {
		char *dot = strchr(item, '.'), *value = strchr(item, '=');

		if (!*item)
			continue;
		*dot = *value = '\0';
		assert_int_equal(nm_profile_set(profile, item, dot + 1, value + 1), 0);
	}
	free(text);
	return profile;
}

#define GOOD                                                                                       \
	"connection.id=My office|data.gateway=lns.example|data.user=alice|secrets.password=secret"

/* "[link] key=value ... [ppp] key=value ..." */
static char *shown(const struct nm_settings *settings)
{
	const json_t *lists[] = { settings->link, settings->ppp };
	static const char *const names[] = { "[link]", " [ppp]" };
	char *text = NULL;
	size_t size, i, j;
	json_t *pair;
	FILE *out = open_memstream(&text, &size);

	for (i = 0; i < 2; i++) {
		fputs(names[i], out);
		json_array_foreach (lists[i], j, pair)
			fprintf(out, " %s=%s", json_string_value(json_array_get(pair, 0)),
				json_string_value(json_array_get(pair, 1)));
	}
	fclose(out);
	return text;
}

static char *made(const char *base, const char *more)
{
	struct nm_profile *profile = profile_of(base, more);
	char error[NM_SETTINGS_ERROR] = "";
	struct nm_settings settings;
	char *text;

	if (nm_settings_make(profile, &settings, error) < 0)
		fail_msg("%s: %s", more, error);
	text = shown(&settings);
	nm_settings_clear(&settings);
	nm_profile_free(profile);
	return text;
}

static void expect_made(const char *base, const char *more, const char *expected)
{
	const char *name = strstr(base, "My office") ? "My-office" : "nm";
	char *text = made(base, more), *whole;

	assert_true(asprintf(&whole, "%s option=ipparam nm-l2tpd-service-%s", expected, name) > 0);
	assert_string_equal(text, whole);
	free(text);
	free(whole);
}

/* The key makes exactly these words more, or none. */
static void expect_word(const char *more, const char *word)
{
	char *text = made(GOOD, more), *plain = made(GOOD, ""), *place;

	if (!*word) {
		assert_string_equal(text, plain);
	} else {
		place = strstr(text, word);
		if (!place)
			fail_msg("%s: no '%s' in %s", more, word, text);
		memmove(place, place + strlen(word), strlen(place + strlen(word)) + 1);
		assert_string_equal(text, plain);
	}
	free(text);
	free(plain);
}

static void expect_refused(const char *base, const char *more, const char *error_part)
{
	struct nm_profile *profile = profile_of(base, more);
	char error[NM_SETTINGS_ERROR] = "";
	struct nm_settings settings;

	assert_int_equal(nm_settings_make(profile, &settings, error), -22);
	if (!strstr(error, error_part))
		fail_msg("%s: no '%s' in '%s'", more, error_part, error);
	nm_profile_free(profile);
}

static void test_simple_profile(void **state)
{
	expect_made(GOOD, "",
		"[link] peer=lns.example self=0.0.0.0 1701 max-redial=0 redial-max-delay=15 "
		"[ppp] user=alice password=secret ipv6=yes usepeerdns=yes");
}

/* key, value, what it makes beside the rest */
static const char *const keys[][3] = {
	{ "user-auth-type", "password", "" },
	{ "user-ca", "/a", "" },
	{ "user-cert", "/a", "" },
	{ "user-key", "/a", "" },
	{ "xl2tpd-max-retries", "9", " retransmits=9" },
	{ "mtu", "1380", " mtu=1380" },
	{ "mru", "1390", " mru=1390" },
	{ "mrru", "1600", " option=multilink option=mrru 1600" },
	{ "refuse-eap", "yes", "" },
	{ "refuse-pap", "yes", " option=refuse-pap" },
	{ "refuse-pap", "no", " auth=mschapv2 chap-md5 pap" },
	{ "refuse-chap", "yes", " option=refuse-chap" },
	{ "refuse-mschap", "yes", " option=refuse-mschap" },
	{ "refuse-mschapv2", "yes", " option=refuse-mschap-v2" },
	{ "require-mppe", "yes", " mppe=required" },
	{ "require-mppe-128", "yes", " mppe=required" },
	{ "require-mppe-40", "no", "" },
	{ "mppe-stateful", "yes", " option=mppe-stateful" },
	{ "nobsdcomp", "yes", "" },
	{ "nodeflate", "yes", "" },
	{ "no-vj-comp", "yes", "" },
	{ "nopcomp", "yes", "" },
	{ "noaccomp", "yes", "" },
	{ "lcp-echo-failure", "5", " lcp-echo-failure=5" },
	{ "lcp-echo-failure", "0", " lcp-echo-interval=0" },
	{ "lcp-echo-interval", "30", " lcp-echo-interval=30" },
	{ "lcp-echo-interval", "0", " lcp-echo-interval=0" },
	{ "ipcp-peer-ip", "10.0.0.1", "" },
	{ "unit", "3", "" },
	{ "ipsec-enabled", "no", "" },
	{ "machine-auth-type", "psk", "" },
	{ "machine-ca", "/a", "" },
	{ "machine-cert", "/a", "" },
	{ "machine-key", "/a", "" },
	{ "ipsec-remote-id", "@x", "" },
	{ "ipsec-gateway-id", "@x", "" },
	{ "ipsec-group-name", "x", "" },
	{ "ipsec-psk", "0sAA", "" },
	{ "ipsec-ike", "aes256", "" },
	{ "ipsec-esp", "aes256", "" },
	{ "ipsec-ikelifetime", "3600", "" },
	{ "ipsec-salifetime", "3600", "" },
	{ "ipsec-forceencaps", "yes", "" },
	{ "ipsec-ipcomp", "yes", "" },
	{ "ipsec-ikev2", "yes", "" },
	{ "ipsec-pfs", "no", "" },
	{ "password-flags", "1", "" },
	{ "user-certpass-flags", "1", "" },
	{ "ipsec-psk-flags", "1", "" },
	{ "machine-certpass-flags", "4", "" },
	/* as an editor leaves it behind */
	{ "mtu", "", "" },
};

static void test_every_key_of_nm_l2tp(void **state)
{
	char more[100];
	size_t i;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		snprintf(more, sizeof(more), "data.%s=%s", keys[i][0], keys[i][1]);
		expect_word(more, keys[i][2]);
	}
}

/* "machine-ca" is told as machine-*: those keys have no meaning yet. */
static void test_manual_has_every_key(void **state)
{
	char path[4096], *text = calloc(1, 65536), name[64];
	size_t i;
	FILE *file;

	snprintf(path, sizeof(path), "%s/man/l2tpd-nm.8", getenv("L2TPD_SOURCE"));
	file = fopen(path, "r");
	assert_non_null(file);
	assert_true(fread(text, 1, 65535, file) > 0);
	fclose(file);
	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		snprintf(name, sizeof(name), "%s", keys[i][0]);
		if (strncmp(name, "ipsec-", 6) == 0 && strcmp(name, "ipsec-enabled") != 0)
			strcpy(name, "ipsec-*");
		else if (strncmp(name, "machine-", 8) == 0)
			strcpy(name, "machine-*");
		else if (strcmp(name, "user-certpass-flags") == 0)
			strcpy(name, "user-cert");
		if (!strstr(text, name))
			fail_msg("l2tpd-nm(8) does not tell of %s", name);
	}
	free(text);
}

static void test_flags_that_are_off_make_nothing(void **state)
{
	static const char *const flags[] = { "refuse-eap", "refuse-chap", "refuse-mschap",
		"refuse-mschapv2", "require-mppe", "require-mppe-40", "require-mppe-128",
		"mppe-stateful", "nobsdcomp", "nodeflate", "no-vj-comp", "nopcomp", "noaccomp",
		"ephemeral-port", "ipsec-enabled" };
	char more[100];
	size_t i;

	for (i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		snprintf(more, sizeof(more), "data.%s=no", flags[i]);
		expect_word(more, "");
		snprintf(more, sizeof(more), "data.%s=true", flags[i]);
		expect_refused(GOOD, more, "neither yes nor no");
	}
}

static void test_our_own_keys(void **state)
{
	expect_word("data.hostname=laptop", " hostname=laptop");
	expect_word("data.length=yes", " length=yes");
	expect_word("data.dataseq=no", " dataseq=no");
	expect_word("data.l2tp-secret-flags=1", "");
	expect_word("secrets.l2tp-secret=tunnel # secret", " secret=tunnel # secret");
	expect_word("data.redial=yes", "");
	expect_word("data.redial=60", "");
	expect_made(GOOD, "data.redial=no",
		"[link] peer=lns.example self=0.0.0.0 1701 "
		"[ppp] user=alice password=secret ipv6=yes usepeerdns=yes");
	expect_refused(GOOD, "data.redial=maybe", "redial: 'maybe' is not yes, no or a number");
}

static void test_redial_seconds(void **state)
{
	static const struct {
		const char *more;
		unsigned seconds;
	} cases[] = { { "", 600 }, { "data.redial=yes", 600 }, { "data.redial=no", 0 },
		{ "data.redial=45", 45 } };
	struct nm_settings settings;
	char error[NM_SETTINGS_ERROR];
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct nm_profile *profile = profile_of(GOOD, cases[i].more);

		assert_int_equal(nm_settings_make(profile, &settings, error), 0);
		assert_int_equal(settings.redial_s, cases[i].seconds);
		nm_settings_clear(&settings);
		nm_profile_free(profile);
	}
}

static void test_unknown_keys_are_named(void **state)
{
	expect_refused(GOOD, "data.gatewy=x", "unknown key 'gatewy' in vpn.data");
	expect_refused(GOOD, "data.ipsec=yes", "unknown key 'ipsec' in vpn.data");
	expect_refused(GOOD, "data.l2tp-secret=x", "unknown key 'l2tp-secret' in vpn.data");
	expect_refused(GOOD, "secrets.pasword=x", "unknown key 'pasword' in vpn.secrets");
	expect_word("secrets.no-secret=true", "");
	expect_word("secrets.user-certpass=x", "");
	expect_word("secrets.ipsec-psk=x", "");
	expect_word("secrets.machine-certpass=x", "");
}

static void test_ipsec_is_refused(void **state)
{
	expect_refused(GOOD, "data.ipsec-enabled=yes", "asks for IPsec");
	/* before anything else that may be wrong with it */
	expect_refused("data.ipsec-enabled=yes", "data.nonsense=1", "asks for IPsec");
	expect_refused(GOOD, "data.ipsec-enabled=yes|data.machine-auth-type=tls", "asks for IPsec");
}

static void test_what_else_cannot_be(void **state)
{
	expect_refused(GOOD, "data.user-auth-type=tls", "EAP-TLS");
	expect_refused(GOOD, "data.user-auth-type=card", "neither password nor tls");
	expect_refused(GOOD, "data.require-mppe-40=yes", "40 bits protect nothing");
	expect_refused(GOOD, "ipv4.method=disabled|ipv6.method=disabled", "switched off");
	expect_refused(GOOD, "data.mtu=big", "mtu: 'big' is not a number");
	expect_refused(GOOD, "data.mtu=-1", "mtu: '-1' is not a number");
	expect_refused(GOOD, "data.lcp-echo-interval= 5", "is not a number");
}

static void test_gateway(void **state)
{
	expect_refused("data.user=a|secrets.password=b", "", "gateway: it is missing");
	expect_refused(GOOD, "data.gateway=", "gateway: it is missing");
	expect_refused(GOOD, "data.gateway=192.0.2.1 1702", "is not a name or address");
	expect_refused(GOOD, "data.gateway=192.0.2.0/24", "is not a name or address");
	expect_made("data.gateway=2001:db8::1", "",
		"[link] peer=2001:db8::1 self=:: 1701 max-redial=0 redial-max-delay=15 "
		"[ppp] ipv6=yes usepeerdns=yes");
	expect_made("data.gateway=[2001:db8::1]", "data.ephemeral-port=yes",
		"[link] peer=2001:db8::1 max-redial=0 redial-max-delay=15 "
		"[ppp] ipv6=yes usepeerdns=yes");
}

static void test_port(void **state)
{
	struct nm_profile *profile = profile_of(GOOD, "");
	char error[NM_SETTINGS_ERROR], *text;
	struct nm_settings settings;

	assert_int_equal(nm_settings_make(profile, &settings, error), 0);
	assert_true(settings.fixed_port);
	assert_int_equal(nm_settings_free_port(&settings), 0);
	assert_false(settings.fixed_port);
	text = shown(&settings);
	assert_string_equal(text, "[link] peer=lns.example max-redial=0 redial-max-delay=15 "
				  "[ppp] user=alice password=secret ipv6=yes usepeerdns=yes "
				  "option=ipparam nm-l2tpd-service-My-office");
	free(text);
	nm_settings_clear(&settings);
	nm_profile_free(profile);
}

static void test_login(void **state)
{
	char *text = made(GOOD, "data.domain=CORP");

	assert_non_null(strstr(text, " user=CORP\\alice password=secret"));
	free(text);
	text = made("data.gateway=x|vpn.user-name=bob|secrets.password=p", "");
	assert_non_null(strstr(text, " user=bob password=p"));
	free(text);
	expect_refused("data.gateway=x|data.user=a", "", "password: it is missing");
	expect_refused("data.gateway=x|data.user=a|data.password-flags=1", "", "it is missing");
	/* a server that asks nobody */
	text = made("data.gateway=x|data.user=a|data.password-flags=4", "");
	assert_null(strstr(text, "user="));
	free(text);
}

static void test_addresses(void **state)
{
	static const char base[] = "data.gateway=x|data.ephemeral-port=yes|data.redial=no";

	expect_made(base, "ipv6.method=disabled", "[link] peer=x [ppp] ipv6=no usepeerdns=yes");
	expect_made(base, "ipv6.method=ignore", "[link] peer=x [ppp] ipv6=no usepeerdns=yes");
	expect_made(base, "ipv4.ignore-auto-dns=true", "[link] peer=x [ppp] ipv6=yes");
	expect_made(
		base, "ipv4.ignore-auto-dns=false", "[link] peer=x [ppp] ipv6=yes usepeerdns=yes");
	expect_made(base, "ipv4.method=disabled", "[link] peer=x [ppp] ipv6=yes option=noip");
	expect_made(base, "ipv4.method=auto|ipv4.address=10.0.0.5",
		"[link] peer=x [ppp] ipv6=yes usepeerdns=yes");
	expect_made(base, "ipv4.method=manual|ipv4.address=10.0.0.5",
		"[link] peer=x [ppp] ipv6=yes usepeerdns=yes address=10.0.0.5");
	expect_made(base, "ipv4.method=manual|ipv4.address=10.0.0.5|data.ipcp-peer-ip=10.0.0.1",
		"[link] peer=x [ppp] ipv6=yes usepeerdns=yes address=10.0.0.5 "
		"option=10.0.0.5:10.0.0.1");
	expect_refused(base,
		"ipv4.method=manual|ipv4.address=10.0.0.5|data.ipcp-peer-ip=1 connect evil",
		"is not an IPv4 address");
}

static void test_name(void **state)
{
	static const char *const cases[][2] = { { "My office", "My-office" },
		{ "B\xc3\xbcro/1", "B--ro-1" }, { "", "nm" },
		{ "123456789012345678901234567890123456789012345678901234567890abcdef",
			"12345678901234567890123456789012345678901234567890123456789" } };
	struct nm_settings settings;
	char error[NM_SETTINGS_ERROR];
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct nm_profile *profile = profile_of(GOOD, "");

		nm_profile_set(profile, "connection", "id", cases[i][0]);
		assert_int_equal(nm_settings_make(profile, &settings, error), 0);
		assert_string_equal(settings.name, cases[i][1]);
		nm_settings_clear(&settings);
		nm_profile_free(profile);
	}
}

static void expect_need(const char *items, bool need)
{
	struct nm_profile *profile = profile_of(items, "");

	if (nm_settings_need_secrets(profile) != need)
		fail_msg("%s: not %d", items, need);
	nm_profile_free(profile);
}

static void test_needed_secrets(void **state)
{
	expect_need(GOOD, false);
	expect_need("data.gateway=x", false);
	expect_need("data.user=a", true);
	expect_need("vpn.user-name=a", true);
	expect_need("data.user=a|data.password-flags=0", true);
	expect_need("data.user=a|data.password-flags=2", true);
	expect_need("data.user=a|data.password-flags=4", false);
	expect_need("data.user=a|data.password-flags=6", false);
	expect_need("data.user=a|secrets.password=", true);
	expect_need(GOOD "|data.l2tp-secret-flags=1", true);
	expect_need(GOOD "|data.l2tp-secret-flags=0", false);
	expect_need(GOOD "|data.l2tp-secret-flags=1|secrets.l2tp-secret=x", false);
	/* it is refused: nobody has to type for that */
	expect_need("data.user=a|data.ipsec-enabled=yes", false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_simple_profile),
		cmocka_unit_test(test_every_key_of_nm_l2tp),
		cmocka_unit_test(test_manual_has_every_key),
		cmocka_unit_test(test_flags_that_are_off_make_nothing),
		cmocka_unit_test(test_our_own_keys),
		cmocka_unit_test(test_redial_seconds),
		cmocka_unit_test(test_unknown_keys_are_named),
		cmocka_unit_test(test_ipsec_is_refused),
		cmocka_unit_test(test_what_else_cannot_be),
		cmocka_unit_test(test_gateway),
		cmocka_unit_test(test_port),
		cmocka_unit_test(test_login),
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_name),
		cmocka_unit_test(test_needed_secrets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
