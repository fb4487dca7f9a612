// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Configuration as files: folders, permissions, secret files; and what we ship, the example and the
 * man page, against the table of options.
 */
#include <l2tpd/config.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "../../src/daemon/option.h"

#define LINK "[link a]\ntype = l2tp\n" /* keys begin at line 3 */
#define PPP  "[ppp p]\n"	       /* at line 2 */
#define X50  "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

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

static char dir[] = "/tmp/test_config_files.XXXXXX";

/* The path is good until the next call. */
static const char *file_write(const char *name, mode_t mode, const char *text)
{
	static char path[PATH_MAX];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	unlink(path);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
	return path;
}

/* what: the errors, with '@' for the folder */
static void check_load(const char *file, const char *conf_d, const char *what)
{
	struct config_errors errors = { 0 };
	struct config *config = NULL;
	char expected[PATH_MAX] = "", *end = expected, *all;
	int r;

	for (; *what; what++) {
		if (*what == '@')
			end = stpcpy(end, dir);
		else
			*end++ = *what;
	}
	*end = '\0';
	r = config_load(file, conf_d, &config, &errors);
	all = join(&errors);
	assert_string_equal(all, expected);
	assert_int_equal(r, *expected ? -EINVAL : 0);
	config_free(config);
	free(all);
	config_errors_free(&errors);
}

static void test_files(void **state)
{
	char path[PATH_MAX], none[PATH_MAX], conf_d[PATH_MAX];

	(void)state;
	strcpy(path, file_write("main", 0644, LINK));
	snprintf(none, sizeof(none), "%s/none", dir);
	snprintf(conf_d, sizeof(conf_d), "%s/conf.d", dir);
	check_load(path, NULL, "");
	check_load(path, none, "");
	check_load(none, none, "@/none:0: cannot be read: No such file or directory");
	check_load(dir, NULL, "@:0: cannot be read: Is a directory");
	check_load(path, path, "@/main:0: cannot be read: Not a directory");

	assert_int_equal(mkdir(conf_d, 0755), 0);
	file_write("conf.d/20.conf", 0644, "[link b]\ntype = l2tp\nppp = p\n");
	file_write("conf.d/10.conf", 0644, "[ppp p]\n");
	file_write("conf.d/.x.conf", 0644, "rubbish");
	file_write("conf.d/x.conf.bak", 0644, "rubbish");
	check_load(path, conf_d, "");
	file_write("conf.d/30.conf", 0644, "\n" LINK "[ppp p]\n");
	check_load(path, conf_d,
		"@/conf.d/30.conf:2: link 'a' is already defined at @/main:1\n"
		"@/conf.d/30.conf:4: ppp 'p' is already defined at @/conf.d/10.conf:1");
	file_write("conf.d/10.conf", 0644, "[daemon]\nmax-tunnels = 5\n[ppp p]\n");
	file_write("conf.d/30.conf", 0644, "[daemon]\nmax-tunnels = 5\n");
	check_load(path, conf_d,
		"@/conf.d/30.conf:2: max-tunnels: already set at @/conf.d/10.conf:2");
}

static void test_permissions(void **state)
{
	static const char secret[] = LINK "hello = 1\nsecret = topsecret\n";
	static const char password[] = PPP "user = x\npassword = topsecret\n";

	(void)state;
	check_load(file_write("s", 0640, secret), NULL, "");
	check_load(file_write("s", 0644, secret), NULL,
		"@/s:4: a secret in a file that others can get at: chmod o-r @/s");
	check_load(file_write("s", 0602, secret), NULL,
		"@/s:4: a secret in a file that others can get at: chmod o-w @/s");
	check_load(file_write("s", 0607, password), NULL,
		"@/s:3: a secret in a file that others can get at: chmod o-rwx @/s");
	check_load(file_write("s", 0644, LINK "secret = \"topsecret\"\n"), NULL,
		"@/s:3: secret: begins with a quote; values are written without quotes\n"
		"@/s:3: a secret in a file that others can get at: chmod o-r @/s");
	check_load(file_write("s", 0644, LINK "secret-file = /x\n"), NULL, "");
}

static void test_secret(void **state)
{
	static const struct {
		const char *text;
		mode_t mode;
		int r;
		const char *secret;
	} rows[] = {
		{ "topsecret", 0600, 0, "topsecret" },
		{ "top secret\nmore\n", 0640, 0, "top secret" },
		{ " x #; \r\n", 0600, 0, " x #; " },
		{ "x\n", 0604, -EPERM, NULL },
		{ "x\n", 0601, -EPERM, NULL },
		{ "", 0600, -EINVAL, NULL },
		{ "\nx\n", 0600, -EINVAL, NULL },
		{ "\r\n", 0600, -EINVAL, NULL },
		{ X50 X50 X50 X50 X50 "12345\n", 0600, 0, X50 X50 X50 X50 X50 "12345" },
		{ X50 X50 X50 X50 X50 "123456\n", 0600, -EINVAL, NULL },
	};
	char *secret = NULL, big[70000], none[PATH_MAX];
	const char *path;
	int fd;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		path = file_write("secret", rows[i].mode, rows[i].text);
		secret = NULL;
		assert_int_equal(config_secret("inline", path, &secret), rows[i].r);
		if (rows[i].secret)
			assert_string_equal(secret, rows[i].secret);
		else
			assert_null(secret);
		config_secret_free(secret);
	}
	assert_int_equal(config_secret("inline", "", &secret), 0);
	assert_string_equal(secret, "inline");
	config_secret_free(secret);
	assert_int_equal(config_secret("", "", &secret), 0);
	assert_null(secret);
	config_secret_free(secret);
	snprintf(none, sizeof(none), "%s/none", dir);
	assert_int_equal(config_secret("", none, &secret), -ENOENT);
	assert_int_equal(config_secret("", dir, &secret), -EISDIR);
	memset(big, 'x', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	assert_int_equal(config_secret("", file_write("secret", 0600, big), &secret), -EFBIG);
	path = file_write("secret", 0600, "");
	fd = open(path, O_WRONLY);
	assert_int_equal(write(fd, "a\0b\n", 4), 4);
	close(fd);
	assert_int_equal(config_secret("", path, &secret), -EINVAL);
}

static int setup(void **state)
{
	(void)state;
	return mkdtemp(dir) ? 0 : -1;
}

static int teardown(void **state)
{
	char command[PATH_MAX];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_permissions),
		cmocka_unit_test(test_secret),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
