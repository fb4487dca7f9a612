/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Texts through the parser and the checks: every message there is, word for word. */
#include <l2tpd/config.h>

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <cmocka.h>

#include "config/build.h"
#include "config/check.h"
#include "config/config.h"
#include "config/option_set.h"
#include "config/parse.h"

#define LINK "[link a]\ntype = l2tp\n" /* keys begin at line 3 */
#define PPP  "[ppp p]\n"	       /* at line 2 */
#define X10  "xxxxxxxxxx"
#define X50  X10 X10 X10 X10 X10

static char *join(const struct config_errors *errors)
{
	size_t i, size = 1;
	char *all;

	for (i = 0; i < errors->len; i++)
		size += strlen(errors->text[i]) + 1;
	all = calloc(1, size);
	assert_non_null(all);
	for (i = 0; i < errors->len; i++)
		sprintf(all + strlen(all), "%s%s", i ? "\n" : "", errors->text[i]);
	return all;
}

/* The configuration of text, as the file "f"; NULL if there are errors, which must be as expected.
 */
static struct config *parse(const char *text, size_t len, const char *expected)
{
	struct config_errors errors = { 0 };
	struct config *config = NULL;
	struct config_build build;
	char *all;
	int r;

	assert_int_equal(config_build_init(&build, &errors), 0);
	config_parse(&build, "f", text, len);
	config_check(&build);
	r = config_build_take(&build, &config);
	config_build_free(&build);
	all = join(&errors);
	if (strcmp(all, expected) != 0)
		print_error("of:\n%s\n", text);
	assert_string_equal(all, expected);
	assert_int_equal(r, *expected ? -EINVAL : 0);
	assert_true(!config == !!*expected);
	free(all);
	config_errors_free(&errors);
	return config;
}

static struct config *good(const char *text)
{
	return parse(text, strlen(text), "");
}

struct row {
	const char *text, *errors;
};

static void check_rows(const struct row *rows, size_t len)
{
	for (size_t i = 0; i < len; i++)
		config_free(parse(rows[i].text, strlen(rows[i].text), rows[i].errors));
}
#define CHECK_ROWS(rows) check_rows(rows, sizeof(rows) / sizeof(rows[0]))

static const struct row lines_rows[] = {
	{ "", "" },
	{ "\n \t\n\r\n# comment\n; comment\n  # indented\n", "" },
	{ "# \xff\x01 " X50 X50 X50 X50 "\n", "" },
	{ "\xef\xbb\xbf[daemon]\r\nmax-tunnels\t=\t5\t\r\n", "" },
	{ "[daemon]\nmax-tunnels=5", "" },
	{ "hello = 1\n[daemon]\n", "f:1: a key before the first [section]" },
	{ LINK "  hello = 1\n",
		"f:3: begins with a blank (a value cannot go on in the next line)" },
	{ LINK "peer = x\n\ty\n",
		"f:4: begins with a blank (a value cannot go on in the next line)" },
	{ " [daemon]\n", "f:1: begins with a blank (a value cannot go on in the next line)" },
	{ LINK "hello = 1 ; one\n", "f:3: a comment behind a value; it needs a line of its own" },
	{ LINK "hello = 1 # one\n", "f:3: a comment behind a value; it needs a line of its own" },
	{ LINK "secret = ;x\n", "f:3: a comment behind a value; it needs a line of its own" },
	{ LINK "secret=;x#y;z\n", "" },
	{ LINK "hello\n", "f:3: neither 'KEY = VALUE' nor '[SECTION]'" },
	{ LINK "secret topsecret\n", "f:3: neither 'KEY = VALUE' nor '[SECTION]'" },
	{ LINK "secret: top=secret\n", "f:3: neither 'KEY = VALUE' nor '[SECTION]'" },
	{ LINK "= 1\n", "f:3: no key before '='" },
	{ LINK "secret topsecret = x\n", "f:3: what stands before '=' is not a key" },
	{ LINK "hello =\n", "f:3: hello: has no value" },
	{ LINK "secret = \n", "f:3: secret: has no value" },
	{ LINK "callingnum =\ncallednum =\n", "" },
	{ LINK "secret = \"topsecret\"\n",
		"f:3: secret: begins with a quote; values are written without quotes" },
	{ LINK "hostname = 'x'\n",
		"f:3: hostname: begins with a quote; values are written without quotes" },
	{ LINK "secret = \xfftop\n", "f:3: a control character, or text that is not UTF-8" },
	{ LINK "secret = t\x01op\n", "f:3: a control character, or text that is not UTF-8" },
	{ LINK "secret = \xc0\x80\n", "f:3: a control character, or text that is not UTF-8" },
	{ LINK "secret = \xed\xa0\x80\n", "f:3: a control character, or text that is not UTF-8" },
	{ LINK "secret = \xf4\x90\x80\x80\n",
		"f:3: a control character, or text that is not UTF-8" },
	{ LINK "secret = \xe2\x82\n", "f:3: a control character, or text that is not UTF-8" },
	{ LINK "callingnum = \xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\n", "" },
	/* what is long is not cut, and the row of the key judges it */
	{ LINK "secret = " X50 X50 X50 X50 X50 "12345\n", "" },
	{ LINK "secret = " X50 X50 X50 X50 X50 "12345\r\n", "" },
	{ LINK "secret = " X50 X50 X50 X50 X50 "123456\n", "f:3: secret: longer than 255 bytes" },
	{ LINK X50 X50 " = 1\n", "f:3: unknown key '" X50 X10 "xxxx' in [link]" },
};

static void test_lines(void **state)
{
	static const char nul[] = LINK "hello = 1\0secret\nhello = 2\n# \0\n";
	struct config *config;

	CHECK_ROWS(lines_rows);
	parse(nul, sizeof(nul) - 1, "f:3: a NUL byte\nf:5: a NUL byte");
	config = good(LINK "secret=;x#y;z=: \n");
	assert_string_equal(config->links[0].secret, ";x#y;z=:");
	config_free(config);
}

/* Lines may be very long, but not without end. */
static void test_longest_line(void **state)
{
	static const char *const heads[] = { LINK "secret-file = /", LINK "# ", LINK " ; " };
	static char text[CONFIG_LINE_MAX + 100];

	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
		size_t last = strlen(LINK) + CONFIG_LINE_MAX;

		memset(text, 'x', sizeof(text));
		memcpy(text, heads[i], strlen(heads[i]));
		memcpy(text + last, "\r\n", 2);
		config_free(parse(text, last + 2, ""));
		memcpy(text + last, "x\nhello = 1x\n", 13);
		config_free(parse(text, last + 13,
			i ? "f:4: hello: '1x' is not a number of seconds from 0 to 3600"
			  : "f:3: longer than 16384 bytes\n"
			    "f:4: hello: '1x' is not a number of seconds from 0 to 3600"));
	}
}

static void test_sections(void **state)
{
	static const struct row rows[] = {
		{ "[pppoe lan]\ninterface = eth0\n", "" },
		{ "[pppoe lan]\n",
			"f:1: interface is missing: Ethernet interfaces and VLANs to listen on; * "
			"and ? stand for anything" },
		{ "[daemon]\n[serial x]\n",
			"f:2: device is missing: the line on which a caller speaks PPP" },
		{ "[forwards x]", "f:1: unknown section 'forwards'; did you mean 'forward'?" },
		{ "[links corp]\nhello = x\n",
			"f:1: unknown section 'links'; did you mean 'link'?" },
		{ "[deamon]\n", "f:1: unknown section 'deamon'; did you mean 'daemon'?" },
		{ "[global]\n", "f:1: unknown section 'global'; there are [link NAME], [ppp NAME], "
				"[pppoe NAME], [serial NAME], [forward NAME] and [daemon]" },
		{ "[]\n",
			"f:1: unknown section ''; there are [link NAME], [ppp NAME], [pppoe NAME], "
			"[serial NAME], [forward NAME] and [daemon]" },
		{ "[ link\ta ] \ntype = l2tp\n", "" },
		{ "[link]\n", "f:1: name is missing: [link NAME]" },
		{ "[ppp ]\n", "f:1: name is missing: [ppp NAME]" },
		{ "[link a b]\n", "f:1: 'a b' is not a name (1 to 63 of A-Z a-z 0-9 _ . -)" },
		{ "[ppp " X50 X10 "1234]\n",
			"f:1: '" X50 X10 "1234' is not a name (1 to 63 of A-Z a-z 0-9 _ . -)" },
		{ "[ppp " X50 X10 "123]\n", "" },
		{ "[daemon x]\n", "f:1: [daemon] takes no name" },
		{ "[daemon\n", "f:1: a section is written '[KIND NAME]'" },
		{ "[daemon] # x\n",
			"f:1: a section is written '[KIND NAME]', with nothing behind it" },
		{ LINK "[daemon]\n" LINK, "f:4: link 'a' is already defined at f:1" },
		{ PPP PPP, "f:2: ppp 'p' is already defined at f:1" },
		{ "[daemon]\nmax-tunnels = 5\n[daemon]\nmax-half-open = 5\n", "" },
		{ "[daemon]\nmax-tunnels = 5\n[daemon]\nmax-tunnels = 6\n",
			"f:4: max-tunnels: already set at f:2" },
		{ LINK "hello = 1\nhello = 1\n", "f:4: hello: already set at f:3" },
		{ LINK "hello = x\nhello = 1\n",
			"f:3: hello: 'x' is not a number of seconds from 0 to 3600\n"
			"f:4: hello: already set at f:3" },
		{ LINK "secret = one\nsecret = two\n", "f:4: secret: already set at f:3" },
		{ LINK "hostnam = x\n", "f:3: unknown key 'hostnam'; did you mean 'hostname'?" },
		{ LINK "secret_file = /x\n",
			"f:3: unknown key 'secret_file'; did you mean 'secret-file'?" },
		{ LINK "hlelo = 5\n", "f:3: unknown key 'hlelo'; did you mean 'hello'?" },
		{ LINK "frobnicate = 5\n", "f:3: unknown key 'frobnicate' in [link]" },
		{ LINK "user = x\n", "f:3: 'user' is a key of [ppp], not of [link]" },
		{ "[daemon]\nhello = 5\n", "f:2: 'hello' is a key of [link], not of [daemon]" },
	};

	CHECK_ROWS(rows);
}

static const struct row values_rows[] = {
	{ LINK "hello = 5x\n", "f:3: hello: '5x' is not a number of seconds from 0 to 3600" },
	{ LINK "hello = -1\n", "f:3: hello: '-1' is not a number of seconds from 0 to 3600" },
	{ LINK "hello = 3601\n", "f:3: hello: '3601' is not a number of seconds from 0 to 3600" },
	{ LINK "hello = 99999999999999999999999\n", "f:3: hello: '99999999999999999999999' "
						    "is not a number of seconds from 0 to "
						    "3600" },
	{ LINK "reorder-timeout = 10001\n",
		"f:3: reorder-timeout: '10001' is not a number of milliseconds from 0 to "
		"10000" },
	{ LINK "retransmits = 0\n",
		"f:3: retransmits: '0' is not a number of tries from 1 to 100" },
	{ LINK "max-redial = -2\n",
		"f:3: max-redial: '-2' is neither 'default' nor a number of tries from -1 "
		"to 1000000" },
	{ LINK "dataseq = maybe\n", "f:3: dataseq: 'maybe' is neither yes nor no" },
	{ LINK "length = sure\n", "f:3: length: 'sure' is neither yes nor no" },
	{ LINK "length = on\noutcall = yes\n", "" },
	{ LINK "peer-hostname = *.example\n", "" },
	{ LINK "peer-hostname = a b\n", "f:3: peer-hostname: 'a b' has a blank in it" },
	{ "[link a]\ntype = pptp\n", "f:2: type: 'pptp' is not 'l2tp'" },
	{ LINK "hostname = a b\n", "f:3: hostname: 'a b' has a blank in it" },
	{ LINK "callednum = " X50 X10 "1234\n", "f:3: callednum: longer than 63 bytes" },
	{ LINK "secret-file = x\n", "f:3: secret-file: 'x' is not an absolute path" },
	{ LINK "ppp = a/b\n", "f:3: ppp: 'a/b' is not a name (1 to 63 of A-Z a-z 0-9 _ . -)" },
	{ LINK "peer = 192.0.2.1:1701\n",
		"f:3: peer: '192.0.2.1:1701' is not an address; the port stands after a "
		"blank" },
	{ LINK "peer = [2001:db8::1] 1701\n",
		"f:3: peer: '[2001:db8::1]' is not an address; the port stands after a "
		"blank" },
	{ LINK "peer = 192.0.2.256\n",
		"f:3: peer: '192.0.2.256' is neither an address nor a name" },
	{ LINK "peer = a$b\n", "f:3: peer: 'a$b' is neither an address nor a name" },
	{ LINK "peer = x/8\n", "f:3: peer: a /WIDTH needs an address before it" },
	{ LINK "peer = 192.0.2.0/33\n", "f:3: peer: '33' is not a width from 0 to 32" },
	{ LINK "peer = 2001:db8::/129\n", "f:3: peer: '129' is not a width from 0 to 128" },
	{ LINK "peer = 192.0.2.0/\n", "f:3: peer: '' is not a width from 0 to 32" },
	{ LINK "peer = x 65536\n", "f:3: peer: '65536' is not a port from 0 to 65535" },
	{ LINK "peer = x y\n", "f:3: peer: 'y' is not a port from 0 to 65535" },
	{ LINK "peer = x 1 2\n", "f:3: peer: 'x 1 2' is not ADDR[/WIDTH]|NAME [PORT]" },
	{ LINK "self = x 1 2\n", "f:3: self: 'x 1 2' is not ADDR|IFNAME [PORT]" },
	{ LINK "self = 192.0.2.1/24\n", "f:3: self: takes no /WIDTH" },
	{ PPP "require = chap\n",
		"f:2: require: 'chap' is not one of none, pap, chap-md5, mschapv2" },
	{ PPP "address = 2001:db8::1\n",
		"f:2: address: '2001:db8::1' is not the IPv4 address of a host" },
	{ PPP "address = 127.0.0.1\n",
		"f:2: address: '127.0.0.1' is not the IPv4 address of a host" },
	{ PPP "address = 224.0.0.1\n",
		"f:2: address: '224.0.0.1' is not the IPv4 address of a host" },
	{ PPP "dns = 192.0.2.1 192.0.2.2\ndns = 192.0.2.3\n",
		"f:3: dns: there is room for two name servers only" },
	{ PPP "dns = 2001:db8::1\n", "f:2: dns: '2001:db8::1' is not the IPv4 address of a host" },
	{ PPP "address = 10.0.0.1\npool = 10.0.0.9-10.0.0.2\n",
		"f:3: pool: '10.0.0.9-10.0.0.2' ends before it begins" },
	{ PPP "address = 10.0.0.1\npool = 10.0.0.2-10.0.0.\n",
		"f:3: pool: '10.0.0.' is not the IPv4 address of a host" },
	{ PPP "address = 10.0.0.1\npool = 10.0.0.2-9\n",
		"f:3: pool: '9' is not the IPv4 address of a host" },
	{ PPP "address = 10.0.0.1\npool = 10.0.1.0/24 10.2.0.0/31 10.3.0.1/32\n", "" },
	{ PPP "address = 10.0.0.1\npool = 10.0.1.5/24\n",
		"f:3: pool: '10.0.1.5/24' is an address inside of a network; the network begins at "
		"10.0.1.0" },
	{ PPP "address = 10.0.0.1\npool = 10.0.1.0/33\n",
		"f:3: pool: '10.0.1.0/33' is not a network: its width goes from 1 to 32" },
	{ PPP "address = 10.0.0.1\npool = 10.0.1.0/\n",
		"f:3: pool: '10.0.1.0/' is not a network: its width goes from 1 to 32" },
	{ PPP "address = 10.0.0.1\npool = x/24\n",
		"f:3: pool: 'x' is not the IPv4 address of a network" },
	{ PPP "address = 10.0.0.1\npool = 64.0.0.0/2\n",
		"f:3: pool: '64.0.0.0/2' goes over 127.0.0.0" },
	{ PPP "address = 10.0.0.1\npool = 192.0.0.0/2\n",
		"f:3: pool: '192.0.0.0/2' goes over 224.0.0.0" },
	{ PPP "address = 10.0.0.1\npool = 2001:db8::1-2001:db8::2\n",
		"f:3: pool: '2001:db8::1' is not the IPv4 address of a host" },
	{ PPP "address = 10.0.0.1\npool = 126.0.0.1-128.0.0.1\n",
		"f:3: pool: '126.0.0.1-128.0.0.1' goes over 127.0.0.0" },
	{ PPP "address = 10.0.0.1\npool = 11.0.0.0-11.255.255.255\n", "" },
	{ PPP "address = 10.0.0.1\npool = 11.0.0.0-11.255.255.255\npool = 12.0.0.0\n",
		"f:4: pool: more than 16777216 addresses" },
	{ PPP "mtu = 100\n",
		"f:2: mtu: '100' is neither 0 nor a number of bytes from 128 to 16384" },
	{ PPP "option = connect 'x\n", "f:2: option: a quote is not closed" },
	{ PPP "option = mtu 1400 \\\n", "f:2: option: ends in a backslash" },
	{ PPP "option = password topsecret\n",
		"f:2: option: a password belongs in the key 'password' or "
		"'password-file'" },
	{ PPP "option = \"ipparam\" \"it's\" a\\'b\n", "" },
	{ "[daemon]\nlog-level = loud\n", "f:2: log-level: 'loud' is not one of error, "
					  "warning, notice, info, debug" },
	{ "[daemon]\ncontrol-group = a b\n",
		"f:2: control-group: 'a b' is not a name (1 to 63 of A-Z a-z 0-9 _ . -)" },
	{ "[daemon]\npppd = pppd\n", "f:2: pppd: 'pppd' is not an absolute path" },
	/* long values are quoted up to 64 bytes, and not through a character */
	{ LINK "hello = " X50 X10 "123\xc3\xa4" X10 "\n",
		"f:3: hello: '" X50 X10 "123...' is not a number of seconds from 0 to 3600" },
};

static void test_values(void **state)
{
	CHECK_ROWS(values_rows);
}

static const struct row checks_rows[] = {
	{ "[link a]\n", "" },
	{ LINK, "" },
	{ LINK "ppp = offcie\n[ppp office]\n[ppp x]\n",
		"f:3: ppp: there is no [ppp offcie]; did you mean 'office'?" },
	{ LINK "ppp = office\n", "f:3: ppp: there is no [ppp office]" },
	{ LINK "originate = yes\n", "f:3: originate: there is no peer to dial" },
	{ LINK "originate = yes\npeer = 300.1.1.1\n",
		"f:4: peer: '300.1.1.1' is neither an address nor a name" },
	{ LINK "originate = yes\npeer = 10.0.0.0/8\n",
		"f:4: peer: '10.0.0.0/8' is a range and cannot be dialled; name one "
		"address, or set originate = no" },
	{ LINK "originate = yes\npeer = 2001:db8::/64\n",
		"f:4: peer: '2001:db8::/64' is a range and cannot be dialled; name one "
		"address, or set originate = no" },
	{ LINK "originate = yes\npeer = 0.0.0.0\n",
		"f:4: peer: '0.0.0.0' cannot be dialled; name an address, or set "
		"originate = no" },
	{ LINK "originate = yes\npeer = 10.0.0.0/32\n", "" },
	{ LINK "incoming = yes\npeer = 10.0.0.0/8\n", "" },
	{ LINK "self = 192.0.2.1\npeer = 2001:db8::1\n", "f:4: peer: IPv6, but self is IPv4" },
	{ LINK "self = ::\npeer = 192.0.2.1\n", "f:4: peer: IPv4, but self is IPv6" },
	{ LINK "self = eth0\npeer = 192.0.2.1\n", "" },
	{ LINK "secret = x\nsecret-file = /x\n",
		"f:4: secret-file: secret is set too; only one of them can be" },
	{ LINK "hidden = yes\n", "f:3: hidden: needs secret or secret-file" },
	{ LINK "hidden = yes\nsecret = x\n", "" },
	{ LINK "hidden = yes\nsecret-file = /x\n", "" },
	{ LINK "autostart = yes\n", "f:3: autostart: needs originate = yes" },
	{ LINK "autostart = yes\npeer = x\noriginate = yes\n", "" },
	{ LINK "redial-delay = 90\nredial-max-delay = 80\n",
		"f:3: redial-delay: 90 is more than redial-max-delay, 80" },
	{ LINK "redial-delay = 90\n", "" },
	{ PPP "user = u\n", "f:2: user: without password or password-file" },
	{ PPP "user = u\npassword = x\n", "" },
	{ PPP "user = u\npassword-file = /x\n", "" },
	{ PPP "password = topsecret\n", "f:2: password: without user" },
	{ PPP "password-file = /x\n", "f:2: password-file: without user" },
	{ PPP "user = u\npassword = x\npassword-file = /x\n",
		"f:4: password-file: password is set too; only one of them can be" },
	{ PPP "require = pap\n",
		"f:2: require: without users (or an option line that loads a plugin such "
		"as radius.so)" },
	{ PPP "require = pap\noption = plugins\n",
		"f:2: require: without users (or an option line that loads a plugin such "
		"as radius.so)" },
	{ PPP "require = pap\noption = plugin radius.so\n", "" },
	{ PPP "require = mschapv2\nusers = /x\n", "" },
	{ PPP "users = /x\n",
		"f:2: users: without require = pap, chap-md5 or mschapv2 nobody has to "
		"log in" },
	{ PPP "users = /x\nrequire = none\n", "" },
	{ PPP "mppe = required\n",
		"f:2: mppe: its keys come from a login: set require = mschapv2, or user and "
		"password" },
	{ PPP "mppe = yes\nrequire = pap\nusers = /x\n",
		"f:2: mppe: its keys come from MS-CHAPv2: set require = mschapv2" },
	{ PPP "mppe = required\nrequire = mschapv2\nusers = /x\n", "" },
	{ PPP "mppe = required\nuser = u\npassword = x\n", "" },
	{ PPP "mppe = yes\nuser = u\npassword = x\noption = idle 5\noption = lock noccp\n",
		"f:5: option: 'noccp' switches off what mppe asks for" },
	{ PPP "option = noccp\n", "" },
	{ PPP "mppe = maybe\n", "f:2: mppe: 'maybe' is not one of no, yes, required" },
	{ PPP "single-session = one\n",
		"f:2: single-session: 'one' is not one of fixed, replace, deny, any" },
	{ PPP "pool = 10.0.0.2\n", "f:2: pool: without address, our own" },
	{ PPP "mtu = 1279\nipv6 = yes\n", "f:2: mtu: IPv6 needs 1280 or more" },
	{ PPP "mtu = 1280\nipv6 = yes\n", "" },
	/* ranges of one profile may overlap, those of two may not */
	{ PPP "address = 10.0.0.1\npool = 10.0.0.2-10.0.0.9 10.0.0.5-10.0.0.20\n", "" },
	{ PPP "address = 10.0.0.1\npool = 10.0.0.2-10.0.0.9\n[ppp q]\n"
	      "address = 10.0.0.1\npool = 10.0.0.10-10.0.0.20\n",
		"" },
	{ PPP "address = 10.0.0.1\npool = 10.0.0.2-10.0.0.9\n[ppp q]\n"
	      "address = 10.0.0.1\npool = 10.0.1.0 10.0.0.9-10.0.0.20\n",
		"f:6: pool: 10.0.0.9-10.0.0.20 overlaps the pool of [ppp p] at f:3" },
	/* of a network: all but the first and the last, but both of two (RFC 3021) */
	{ PPP "address = 10.0.0.1\npool = 10.1.0.0/24 10.2.0.0/31 10.3.0.1/32\n[ppp q]\n"
	      "address = 10.0.0.1\npool = 10.1.0.0 10.1.0.255 10.2.0.2 10.3.0.0 10.3.0.2\n",
		"" },
	{ PPP "address = 10.0.0.1\npool = 10.1.0.0/24\n[ppp q]\naddress = 10.0.0.1\n"
	      "pool = 10.1.0.1\n",
		"f:6: pool: 10.1.0.1 overlaps the pool of [ppp p] at f:3" },
	{ PPP "address = 10.0.0.1\npool = 10.1.0.0/24\n[ppp q]\naddress = 10.0.0.1\n"
	      "pool = 10.1.0.254\n",
		"f:6: pool: 10.1.0.254 overlaps the pool of [ppp p] at f:3" },
	{ PPP "address = 10.0.0.1\npool = 10.2.0.0/31\n[ppp q]\naddress = 10.0.0.1\n"
	      "pool = 10.2.0.1\n",
		"f:6: pool: 10.2.0.1 overlaps the pool of [ppp p] at f:3" },
	{ PPP "address = 10.0.0.1\npool = 10.0.0.0-10.0.0.255\n[ppp q]\n"
	      "address = 10.0.0.1\npool = 10.0.0.10-10.0.0.20\n[ppp r]\n"
	      "address = 10.0.0.1\npool = 10.0.0.200\n[ppp s]\naddress = 10.0.0.1\n"
	      "pool = 9.0.0.0-9.0.0.9 10.1.0.0-10.1.0.9\n",
		"f:6: pool: 10.0.0.10-10.0.0.20 overlaps the pool of [ppp p] at f:3\n"
		"f:9: pool: 10.0.0.200 overlaps the pool of [ppp p] at f:3" },
	/* q's range goes furthest, but r's address is in p's */
	{ PPP "address = 10.0.0.1\npool = 10.0.0.0-10.0.0.99\n[ppp q]\n"
	      "address = 10.0.0.1\npool = 10.0.0.50-10.0.0.150\n[ppp r]\n"
	      "address = 10.0.0.1\npool = 10.0.0.99\n",
		"f:6: pool: 10.0.0.50-10.0.0.150 overlaps the pool of [ppp p] at f:3\n"
		"f:9: pool: 10.0.0.99 overlaps the pool of [ppp q] at f:6" },
};

static void test_checks(void **state)
{
	CHECK_ROWS(checks_rows);
}

static void test_defaults(void **state)
{
	struct config *config = good(LINK PPP);
	const struct config_link *link = config_find_link(config, "a");
	const struct config_ppp *ppp = config_find_ppp(config, "p");
	const struct config_daemon *daemon = &config->daemon;

	assert_non_null(link);
	assert_null(config_find_link(config, "p"));
	assert_string_equal(link->file, "f");
	assert_int_equal(link->line, 1);
	assert_string_equal(link->type, "l2tp");
	assert_string_equal(link->self.host, "");
	assert_int_equal(link->self.addr.sa.sa_family, AF_UNSPEC);
	assert_string_equal(link->peer.host, "");
	assert_int_equal(link->peer.width, 0);
	assert_int_equal(link->peer.port, 0);
	assert_string_equal(link->hostname, "");
	assert_string_equal(link->secret, "");
	assert_string_equal(link->secret_file, "");
	assert_string_equal(link->callingnum, "");
	assert_string_equal(link->ppp, "");
	assert_false(link->originate || link->incoming || link->outcall || link->hidden ||
		     link->length || link->autostart);
	assert_true(link->dataseq);
	assert_int_equal(link->reorder_ms, 50);
	assert_int_equal(link->hello, 60);
	assert_int_equal(link->retransmits, 5);
	assert_int_equal(link->setup_timeout, 60);
	assert_int_equal(link->linger, 10);
	assert_int_equal(link->max_redial, CONFIG_REDIAL_DEFAULT);
	assert_int_equal(link->redial_delay, 1);
	assert_int_equal(link->redial_max_delay, 60);
	assert_int_equal(link->max_calls, 0);

	assert_non_null(ppp);
	assert_int_equal(ppp->line, 3);
	assert_string_equal(ppp->user, "");
	assert_int_equal(ppp->require, REQUIRE_NONE);
	assert_int_equal(ppp->address.sa.sa_family, AF_UNSPEC);
	assert_int_equal(ppp->pool_len + ppp->option_len, 0);
	assert_int_equal(ppp->mtu + ppp->mru, 0);
	assert_false(ppp->defaultroute || ppp->ipv6 || ppp->usepeerdns);
	assert_int_equal(ppp->echo_interval, 20);
	assert_int_equal(ppp->echo_failure, 4);

	assert_string_equal(daemon->control_group, "l2tpd");
	assert_int_equal(daemon->log_level, LOG_INFO);
	assert_string_equal(daemon->pppd, "/usr/sbin/pppd");
	assert_int_equal(daemon->pppd_plugin[0], '/');
	assert_false(daemon->pppd_debug);
	assert_int_equal(daemon->max_tunnels, 20000);
	assert_int_equal(daemon->max_half_open, 4000);
	assert_int_equal(daemon->max_half_open_per_source, 256);
	config_free(config);
}

static const char everything[] = "[link a.b-c_d]\n"
				 "type = l2tp\n"
				 "self = 192.0.2.1 1702\n"
				 "peer = 198.51.100.0/24 1703\n"
				 "hostname = lns.example.net\n"
				 "secret-file = /etc/l2tpd/a b\n"
				 "callingnum = 1 2\n"
				 "incoming = TRUE\n"
				 "dataseq = off\n"
				 "ppp = office\n"
				 "max-redial = 7\n"
				 "redial-delay = 90\n"
				 "[link v6]\n"
				 "type = l2tp\n"
				 "self = eth0.100\n"
				 "peer = fe80::1%eth0\n"
				 "originate = yes\n"
				 "max-redial = default\n"
				 "[ppp office]\n"
				 "require = MSCHAPv2\n"
				 "users = /etc/l2tpd/users\n"
				 "address = 10.0.0.1\n"
				 "pool = 10.0.0.2-10.0.0.9 10.0.1.7\n"
				 "pool = 10.0.2.0-10.0.2.255\n"
				 "dns = 192.0.2.53\n"
				 "dns = 192.0.2.54\n"
				 "option = nomppe\n"
				 "option = ipparam \"a b\"\n"
				 "[daemon]\n"
				 "log-level = warning\n";

static void test_everything(void **state)
{
	struct config *config = good(everything);
	const struct config_link *link = config_find_link(config, "a.b-c_d");
	const struct config_ppp *ppp = config_find_ppp(config, "office");
	char text[L2TP_ADDR_STRLEN];

	assert_string_equal(link->self.host, "192.0.2.1");
	assert_int_equal(link->self.addr.sa.sa_family, AF_INET);
	assert_int_equal(link->self.width, 32);
	assert_int_equal(link->self.port, 1702);
	assert_string_equal(link->peer.host, "198.51.100.0");
	assert_int_equal(link->peer.width, 24);
	assert_int_equal(link->peer.port, 1703);
	assert_string_equal(l2tp_addr_format(&link->peer.addr, text), "198.51.100.0:0");
	assert_string_equal(link->secret_file, "/etc/l2tpd/a b");
	assert_string_equal(link->callingnum, "1 2");
	assert_true(link->incoming && !link->dataseq);
	assert_int_equal(link->max_redial, 7);
	assert_int_equal(link->redial_max_delay, 90);
	link = config_find_link(config, "v6");
	assert_string_equal(link->self.host, "eth0.100");
	assert_string_equal(link->peer.host, "fe80::1%eth0");
	assert_int_equal(link->peer.addr.sa.sa_family, AF_UNSPEC);
	assert_int_equal(link->max_redial, CONFIG_REDIAL_DEFAULT);
	assert_int_equal(ppp->require, REQUIRE_MSCHAPV2);
	assert_int_equal(ppp->pool_len, 3);
	assert_int_equal(ppp->pool[0].first, 0x0a000002);
	assert_int_equal(ppp->pool[0].last, 0x0a000009);
	assert_int_equal(ppp->pool[1].first, 0x0a000107);
	assert_int_equal(ppp->pool[1].last, 0x0a000107);
	assert_int_equal(ppp->pool[2].last, 0x0a0002ff);
	assert_string_equal(l2tp_addr_format_host(&ppp->dns[1], text), "192.0.2.54");
	assert_int_equal(ppp->option_len, 2);
	assert_string_equal(ppp->option[1], "ipparam \"a b\"");
	assert_int_equal(config->daemon.log_level, LOG_WARNING);
	config_free(config);
}

static void test_too_many_errors(void **state)
{
	static const char line[] = "x = 1\n";
	struct config_errors errors = { 0 };
	struct config_build build;
	char text[300 * sizeof(line)] = "[daemon]\n";
	struct config *config = NULL;

	for (int i = 0; i < 200; i++)
		strcat(text, line);
	assert_int_equal(config_build_init(&build, &errors), 0);
	config_parse(&build, "f", text, strlen(text));
	assert_int_equal(config_build_take(&build, &config), -EINVAL);
	assert_null(config);
	assert_int_equal(errors.len, CONFIG_ERRORS_MAX);
	config_build_free(&build);
	config_errors_free(&errors);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_longest_line),
		cmocka_unit_test(test_sections),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_checks),
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_everything),
		cmocka_unit_test(test_too_many_errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
