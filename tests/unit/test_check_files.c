/* SPDX-License-Identifier: GPL-2.0-or-later */
/* "l2tpd --check" opens what a call would open, and says what is wrong with it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/config.h"
#include "config/load.h"
#include "config/users.h"

#define LINK "[link l]\nincoming = yes\nppp = p\n"

static char dir[] = "/tmp/test_check.XXXXXX";

/* "DIR/NAME", in one of two places that take turns. */
static const char *in_dir(const char *name)
{
	static char paths[2][80];
	static unsigned turn;

	turn ^= 1;
	snprintf(paths[turn], sizeof(paths[turn]), "%s/%s", dir, name);
	return paths[turn];
}

static void file_write(const char *name, mode_t mode, const char *text)
{
	int fd = open(in_dir(name), O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
	users_forget();
}

/* @ in config is the folder. NULL: nothing wrong; else the message, which begins with FILE:. */
static void assert_check(const char *config, const char *expected)
{
	struct config_errors errors = { 0 };
	struct config *loaded = NULL;
	char text[2000], wanted[600];
	size_t len = 0;

	for (; *config; config++)
		len += (size_t)snprintf(text + len, sizeof(text) - len,
			*config == '@' ? "%s" : "%.1s", *config == '@' ? dir : config);
	file_write("conf", 0600, text);
	config_load_with_files(in_dir("conf"), NULL, &loaded, &errors);
	if (expected) {
		assert_null(loaded);
		assert_int_equal(errors.len, 1);
		len = 0;
		for (; *expected; expected++)
			len += (size_t)snprintf(wanted + len, sizeof(wanted) - len,
				*expected == '@' ? "%s" : "%.1s",
				*expected == '@' ? dir : expected);
		assert_string_equal(errors.text[0], wanted);
	} else {
		assert_int_equal(errors.len, 0);
		assert_non_null(loaded);
	}
	config_errors_free(&errors);
	config_free(loaded);
}

static void test_secrets(void **state)
{
	static const char link[] =
		"[daemon]\npppd = /bin/true\n" LINK "secret-file = @/secret\n[ppp p]\n";
	static const char ppp[] = "[ppp p]\nuser = u\npassword-file = @/secret\n";

	unlink(in_dir("secret"));
	assert_check(link, "@/conf:6: secret-file: @/secret: there is no such file");
	assert_check(ppp, "@/conf:3: password-file: @/secret: there is no such file");
	file_write("secret", 0644, "x\n");
	assert_check(link, "@/conf:6: secret-file: @/secret: others can read it: chmod o-rwx it");
	file_write("secret", 0600, "\n");
	assert_check(link, "@/conf:6: secret-file: @/secret: its first line is empty, longer than "
			   "255 bytes, or not text");
	file_write("secret", 0600, "x\n");
	assert_check(link, NULL);
	assert_check(ppp, NULL);
}

#define SERVER "[ppp p]\nrequire = mschapv2\nusers = @/users\naddress = 10.0.0.1\n"

static void test_users(void **state)
{
	unlink(in_dir("users"));
	assert_check(
		SERVER, "@/conf:3: users: @/users:0: cannot be read: No such file or directory");
	file_write("users", 0604, "bob * x\n");
	assert_check(SERVER, "@/conf:3: users: @/users:0: secrets in a file that others can get "
			     "at: chmod o-r @/users");
	file_write("users", 0600, "bob * x 10.0.0.2\nann * x 10.0.0.2\n");
	assert_check(SERVER, "@/conf:3: users: @/users: the address 10.0.0.2 stands in several "
			     "lines; only one caller at a time can have it");
	file_write("users", 0600, "bob * x 10.0.0.1\n");
	assert_check(SERVER, "@/conf:3: users: @/users: the address 10.0.0.1 of a user is ours");
	file_write("users", 0600, "bob * x 10.0.0.7\n* * x 10.0.0.7\nann * x\n");
	assert_check(SERVER "pool = 10.0.0.2-10.0.0.9\n", NULL);
	assert_check(SERVER "[ppp q]\naddress = 10.0.0.1\npool = 10.0.0.2-10.0.0.9\n",
		"@/conf:3: users: @/users: the address 10.0.0.7 of a user is in the pool of [ppp "
		"q], which would give it to others");
}

#define HOOKED "[daemon]\npppd = /bin/true\n" LINK "up = @/up\ndown = /bin/true\n[ppp p]\n"

static void test_hooks(void **state)
{
	unlink(in_dir("up"));
	assert_check(HOOKED, "@/conf:6: up: @/up: No such file or directory");
	file_write("up", 0644, "#!/bin/sh\n");
	assert_check(HOOKED, "@/conf:6: up: @/up: Permission denied: chmod +x it");
	file_write("up", 0755, "#!/bin/sh\n");
	assert_check(HOOKED, NULL);
	unlink(in_dir("up"));
}

static void test_programs(void **state)
{
	static const char without[] = "[daemon]\npppd = @/pppd\npppd-plugin = @/plugin\n";
	char with[300];

	snprintf(with, sizeof(with), "%s" LINK "[ppp p]\n", without);
	file_write("plugin", 0644, "");
	unlink(in_dir("pppd"));
	assert_check(without, NULL); /* no link needs it */
	assert_check(with, "@/conf:2: pppd: @/pppd: No such file or directory. Install the package "
			   "\"ppp\", or correct \"pppd\" in [daemon]");
	file_write("pppd", 0755, "");
	assert_check(with, NULL);
	unlink(in_dir("plugin"));
	assert_check(with, "@/conf:3: pppd-plugin: @/plugin: No such file or directory. Install "
			   "l2tpd's plugin, or correct \"pppd-plugin\" in [daemon]");
}

/* friction.md: what a link cannot do. */
static void test_uses(void **state)
{
	static const char programs[] = "[daemon]\npppd = @/pppd\n";
	char text[300];

	file_write("pppd", 0755, "");
	snprintf(text, sizeof(text), "%s[link l]\npeer = 192.0.2.1\nppp = p\n[ppp p]\n", programs);
	assert_check(text, "@/conf:3: link l: neither originate nor incoming is set: it can "
			   "neither place nor take calls");
	snprintf(text, sizeof(text), "%s[link l]\nincoming = yes\n[ppp p]\n", programs);
	assert_check(text, "@/conf:3: link l: nobody answers PPP in its calls: name a [ppp] "
			   "section with ppp");
}

static int set_up(void **state)
{
	return mkdtemp(dir) ? 0 : -1;
}

static int tear_down(void **state)
{
	static const char *const names[] = { "conf", "secret", "users", "pppd", "plugin" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		unlink(in_dir(names[i]));
	return rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_secrets),
		cmocka_unit_test(test_users),
		cmocka_unit_test(test_hooks),
		cmocka_unit_test(test_programs),
		cmocka_unit_test(test_uses),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
