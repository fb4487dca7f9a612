/* SPDX-License-Identifier: GPL-2.0-or-later */
/* "save": what was set at run time goes into the files, and everything else stays. */
#include <errno.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "config/config.h"
#include "config/load.h"
#include "config/save.h"
#include "set_rig.h"

static char dir[] = "/tmp/test_save.XXXXXX";
static char main_file[PATH_MAX], conf_d[PATH_MAX], office_file[PATH_MAX];

#define MAIN                                                                                       \
	"# the first file\n[daemon]\nlog-level = info\n\n[link a]\npeer = 192.0.2.1\n"             \
	"originate = yes\n# of a\nhello = 5\n\n[ppp p]\nuser = u\npassword-file = /x\n"
#define OFFICE                                                                                     \
	"[link office]   \n  # why\npeer=192.0.2.9 1701\noriginate = yes\nroute = 10.0.0.0/8\n"    \
	"route = 10.1.0.0/16\nppp = p"

static void put(const char *path, const char *text, mode_t mode)
{
	FILE *file = fopen(path, "we");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	assert_int_equal(chmod(path, mode), 0);
}

static void assert_file(const char *path, const char *text)
{
	static char have[4096];
	FILE *file = fopen(path, "re");
	size_t n;

	assert_non_null(file);
	n = fread(have, 1, sizeof(have) - 1, file);
	have[n] = '\0';
	fclose(file);
	assert_string_equal(have, text);
}

static struct config *begin(void)
{
	struct config_errors errors = { 0 };
	struct config *config = NULL;

	put(main_file, MAIN, 0640);
	put(office_file, OFFICE, 0600);
	if (config_load(main_file, conf_d, &config, &errors) < 0)
		fail_msg("%s", errors.text[0]);
	return config;
}

static void must_save(const struct config *config, bool something)
{
	struct why why = { "" };
	char *text = NULL;

	if (config_save(config, main_file, conf_d, &text, &why) < 0)
		fail_msg("%s", why.text);
	if (something)
		assert_non_null(strstr(text, "link "));
	else
		assert_string_equal(text, "");
	free(text);
}

/* What the files say then is what is in force. */
static void assert_in_force(const struct config *config)
{
	struct config_errors errors = { 0 };
	struct config *files = NULL;
	char *a, *b;

	assert_int_equal(config_load(main_file, conf_d, &files, &errors), 0);
	assert_int_equal(config_show(config, &a), 0);
	assert_int_equal(config_show(files, &b), 0);
	assert_string_equal(a, b);
	free(a);
	free(b);
	config_free(files);
}

static void test_nothing(void **state)
{
	struct config *config = begin();

	must_save(config, false);
	assert_file(main_file, MAIN);
	assert_file(office_file, OFFICE);
	config_free(config);
}

static void test_keys(void **state)
{
	struct config *config = begin();
	struct stat st;

	must_set(config, "office",
		"l2tp peer 192.0.2.10|l2tp hostname laptop|l2tp route ''|l2tp route 10.9.0.0/16 "
		"10.8.0.0/16|l2tp disable dataseq");
	must_set(config, "a", "l2tp hello 60"); /* the default: its line goes */
	must_save(config, true);
	assert_file(office_file,
		"[link office]   \n  # why\npeer = 192.0.2.10\noriginate = yes\n"
		"route = 10.9.0.0/16\nroute = 10.8.0.0/16\nppp = p\nhostname = laptop\n"
		"dataseq = no\n");
	assert_file(main_file,
		"# the first file\n[daemon]\nlog-level = info\n\n[link a]\npeer = 192.0.2.1\n"
		"originate = yes\n# of a\n\n[ppp p]\nuser = u\npassword-file = /x\n");
	assert_int_equal(stat(main_file, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	assert_in_force(config);
	must_save(config, false);
	config_free(config);
}

static void test_new_link_and_secret(void **state)
{
	struct config *config = begin();
	struct why why = { "" };
	char *text = NULL;

	assert_int_equal(config_add_link(config, "new", "l2tp"), 0);
	must_set(config, "new", "l2tp peer 192.0.2.44|l2tp enable originate|l2tp secret s3cret");
	must_save(config, true);
	assert_file(office_file, OFFICE "\n\n[link new]\npeer = 192.0.2.44\n"
					"secret = s3cret\noriginate = yes\n");
	assert_in_force(config);
	/* not into a file that others read */
	must_set(config, "a", "l2tp secret more");
	assert_int_equal(chmod(main_file, 0644), 0);
	assert_int_equal(config_save(config, main_file, conf_d, &text, &why), -EPERM);
	assert_non_null(strstr(why.text, "others can read"));
	assert_file(main_file, MAIN);
	config_free(config);
}

static void test_files_are_broken(void **state)
{
	struct config *config = begin();
	struct why why = { "" };
	char *text = NULL;

	must_set(config, "a", "l2tp hello 7");
	put(main_file, "[link a\n", 0600);
	assert_int_equal(config_save(config, main_file, conf_d, &text, &why), -EINVAL);
	assert_non_null(strstr(why.text, "the files cannot be read as they are: "));
	assert_file(main_file, "[link a\n");
	config_free(config);
}

static int make_dir(void **state)
{
	if (!mkdtemp(dir))
		return -1;
	snprintf(main_file, sizeof(main_file), "%s/l2tpd.conf", dir);
	snprintf(conf_d, sizeof(conf_d), "%s/conf.d", dir);
	snprintf(office_file, sizeof(office_file), "%s/conf.d/office.conf", dir);
	return mkdir(conf_d, 0700);
}

static int remove_dir(void **state)
{
	unlink(main_file);
	unlink(office_file);
	rmdir(conf_d);
	return rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_new_link_and_secret),
		cmocka_unit_test(test_files_are_broken),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
