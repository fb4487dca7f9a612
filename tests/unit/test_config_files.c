/* SPDX-License-Identifier: GPL-2.0-or-later */
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

#include "base/secret_file.h"
#include "config/check_users.h"
#include "config/config.h"
#include "config/load.h"
#include "config/option.h"

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
	check_load(
		path, conf_d, "@/conf.d/30.conf:2: max-tunnels: already set at @/conf.d/10.conf:2");
}

static void test_permissions(void **state)
{
	static const char secret[] = LINK "hello = 1\nsecret = topsecret\n";
	static const char password[] = PPP "user = x\npassword = topsecret\n";

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

/* A configuration names programs that run as root. */
static void test_writers(void **state)
{
	static const char text[] = LINK "hello = 1\n";
	const char *path = file_write("w", 0664, text);
	struct stat st = { .st_mode = S_IFREG | 0644 };

	check_load(path, NULL, "");
	check_load(file_write("w", 0646, text), NULL,
		"@/w:0: others may write to it, and it says what runs as root: chown root @/w; "
		"chmod o-w @/w");
	assert_null(secret_file_written_by(&st));
	st.st_uid = geteuid() + 1;
	assert_string_equal(secret_file_written_by(&st), "it belongs to another user");
}

/* What waits for ever, or does something when it is opened, is not opened. */
static void test_regular_files_only(void **state)
{
	const char *path = file_write("s", 0600, "");
	struct secret_file file;
	char *secret = NULL;

	unlink(path);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(secret_file_read(path, SECRET_FILE_MAX, &file), -EBADFD);
	assert_int_equal(config_secret(NULL, path, &secret), -EBADFD);
	check_load(path, NULL, "@/s:0: cannot be read: it is not a regular file");
	assert_int_equal(secret_file_read("/dev/zero", SECRET_FILE_MAX, &file), -EBADFD);
	assert_int_equal(secret_file_read("/dev", SECRET_FILE_MAX, &file), -EISDIR);
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
		{ "\xef\xbb\xbftop secret\r\n", 0600, 0, "top secret" },
		{ "\xff\xfet", 0600, -EILSEQ, NULL },
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

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		path = file_write("secret", rows[i].mode, rows[i].text);
		secret = NULL;
		assert_int_equal(config_secret("inline", path, &secret), rows[i].r);
		if (rows[i].secret)
			assert_string_equal(secret, rows[i].secret);
		else
			assert_null(secret);
		secret_free(secret);
	}
	assert_int_equal(config_secret("inline", "", &secret), 0);
	assert_string_equal(secret, "inline");
	secret_free(secret);
	assert_int_equal(config_secret("", "", &secret), 0);
	assert_null(secret);
	secret_free(secret);
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

/* --- what is shipped --- */

/* A file of the source tree; meson tells where that is. */
static char *source_read(const char *name)
{
	const char *root = getenv("L2TPD_SOURCE");
	char path[PATH_MAX], *text = calloc(1, 100000);
	FILE *file;

	if (root)
		snprintf(path, sizeof(path), "%s/%s", root, name);
	else /* the compiler was called in the source tree */
		snprintf(path, sizeof(path), "%.*s../../%s",
			(int)(strlen(__FILE__) - strlen("test_config_files.c")), __FILE__, name);
	file = fopen(path, "re");
	if (!file)
		fail_msg("%s: %s (set L2TPD_SOURCE)", path, strerror(errno));
	assert_true(fread(text, 1, 99999, file) > 0);
	fclose(file);
	return text;
}

/* Loaded from a file; NULL: has mistakes, which were printed. */
static struct config *load_text(const char *text)
{
	struct config_errors errors = { 0 };
	struct config *config = NULL;

	config_load(file_write("shipped", 0600, text), NULL, &config, &errors);
	for (size_t i = 0; i < errors.len; i++)
		print_error("%s\n", errors.text[i]);
	config_errors_free(&errors);
	return config;
}

/* What "--check" says of users; '@' is the folder and ~ this machine's name. */
static void check_users(const char *conf, const char *what)
{
	struct config_errors errors = { 0 };
	struct config *config = NULL;
	char text[2000], expected[2000] = "", *end = text, machine[256] = "", *all;
	int r;

	for (; *conf; conf++)
		end = *conf == '@' ? stpcpy(end, dir) : (*end++ = *conf, end);
	*end = '\0';
	gethostname(machine, sizeof(machine) - 1);
	for (end = expected; *what; what++)
		end = *what == '@'   ? stpcpy(end, dir)
		      : *what == '~' ? stpcpy(end, machine)
				     : (*end++ = *what, end);
	*end = '\0';
	assert_int_equal(config_load(file_write("c", 0600, text), NULL, &config, &errors), 0);
	r = config_check_users(config, &errors);
	all = join(&errors);
	assert_string_equal(all, expected);
	assert_int_equal(r, *expected ? -EINVAL : 0);
	config_free(config);
	free(all);
	config_errors_free(&errors);
}

static void test_users_for_other_servers(void **state)
{
	static const char plain[] = LINK "ppp = p\n[ppp p]\nrequire = pap\nusers = @/users\n";
	static const char named[] =
		LINK "ppp = p\nhostname = lns1\n[ppp p]\nrequire = pap\nusers = @/users\n";
	static const char two[] = LINK "ppp = p\nhostname = lns1\n[link b]\ntype = l2tp\nppp = q\n"
				       "[ppp p]\nrequire = pap\nusers = @/users\n"
				       "[ppp q]\nrequire = pap\nusers = @/users\nauth-name = vpn\n";

	unlink(file_write("users", 0600, ""));
	check_users(plain, ""); /* it is on another machine */
	file_write("users", 0600, "u * x\n");
	check_users(plain, "");
	file_write("users", 0600, "u * x\n\nv vpn x\nw lns1 x\nq 'x\n");
	check_users(plain,
		"@/users:5: a quote is not closed; the line is passed over\n"
		"@/users:3: user \"v\" is for the server \"vpn\", but we are \"~\": write * in its "
		"place, or auth-name = vpn in [ppp p]\n"
		"@/users:4: user \"w\" is for the server \"lns1\", but we are \"~\": write * in "
		"its "
		"place, or auth-name = lns1 in [ppp p]");
	file_write("users", 0600, "u * x\n\nv vpn x\nw lns1 x\n");
	check_users(named,
		"@/users:3: user \"v\" is for the server \"vpn\", but we are \"lns1\": write * in "
		"its place, or auth-name = vpn in [ppp p]");
	check_users(two, "");
	file_write("users", 0604, "u * x\n");
	check_users(two, "@/users:0: secrets in a file that others can get at: chmod o-r @/users");
}

/* The example changes nothing as it is, and is good when all of it is put in force. */
static void test_example(void **state)
{
	char *text = source_read("data/l2tpd.conf"), *line;
	struct config *config = load_text(text);

	assert_non_null(config);
	assert_int_equal(config->links_len + config->ppps_len, 0);
	config_free(config);
	for (line = text; line && *line; line = strchr(line, '\n'), line = line ? line + 1 : NULL) {
		assert_true(*line == '#' || *line == '\n');
		if (*line == '#' && line[1] != ' ' && line[1] != '\n')
			*line++ = '\n';
	}
	config = load_text(text);
	assert_non_null(config);
	assert_int_equal(config->links_len, 2);
	assert_int_equal(config->ppps_len, 2);
	config_free(config);
	free(text);
}

/* The man page says of an option what its row says. body: up to the next item that has one. */
static void check_man_item(const struct option *option, const char *body)
{
	char expected[200];

	if (option->def && strcmp(option->key, "pppd-plugin") != 0) {
		snprintf(expected, sizeof(expected), "\nDefault: %s.\n", option->def);
		if (!strstr(body, expected))
			fail_msg("%s: not in the man page:%s", option->key, expected);
	} else if (strstr(body, "\nDefault:")) {
		fail_msg("%s: the man page tells a default", option->key);
	}
	if (!option->unit)
		return;
	snprintf(expected, sizeof(expected), "\n%ld to %ld %s.\n", option->min, option->max,
		option->unit);
	if (!strstr(body, expected))
		fail_msg("%s: not in the man page:%s", option->key, expected);
}

/* list: the items of a section; cut up on the way */
static void check_man_section(enum option_section section, char *list)
{
	const struct option *option = NULL;
	char head[100], body[4000];

	while ((option = option_next(section, option))) {
		char *text, *next;

		snprintf(head, sizeof(head), "\n.It Cm %s No = Ar %s\n", option->key, option->arg);
		if (strncmp(list, head, strlen(head)) != 0)
			fail_msg("man page: not%sbut%.60s", head, list);
		list += strlen(head) - 1;
		/* keys that are described together have one text: that of the last of them */
		for (text = list; strncmp(text, "\n.It ", 5) == 0; text = strchr(text + 1, '\n'))
			;
		next = strstr(text, "\n.It ");
		snprintf(body, sizeof(body), "%.*s\n",
			(int)(next ? (size_t)(next - text) : strlen(text)), text);
		check_man_item(option, body);
		if (text == list)
			list = next ? next : list + strlen(list);
	}
	assert_string_equal(list, "");
}

static void test_man_keys(void **state)
{
	static const char *const heads[OPTION_SECTION_COUNT] = { "\n.Ss [link NAME]\n",
		"\n.Ss [ppp NAME]\n", "\n.Ss [pppoe NAME]\n", "\n.Ss [serial NAME]\n",
		"\n.Ss [forward NAME]\n", "\n.Ss [daemon]\n" };
	char *text = source_read("man/l2tpd.conf.5");

	for (size_t i = 0; i < OPTION_SECTION_COUNT; i++) {
		char *list = strstr(text, heads[i]), *end;

		assert_non_null(list);
		list = strstr(list, "\n.It ");
		end = strstr(list, "\n.El\n");
		assert_non_null(end);
		*end = '\0';
		check_man_section((enum option_section)i, list);
		*end = '\n';
	}
	free(text);
}

static void test_man_examples(void **state)
{
	static const char begin[] = "\n.Bd -literal -offset indent\n", over[] = "\n.Ed\n";
	char *text = source_read("man/l2tpd.conf.5"), *block = text, *end;
	unsigned count = 0;

	while ((block = strstr(block, begin))) {
		struct config *config;

		block += strlen(begin);
		end = strstr(block, over);
		assert_non_null(end);
		end[1] = '\0';
		config = load_text(block);
		assert_non_null(config);
		config_free(config);
		block = end + 2;
		count++;
	}
	assert_int_equal(count, 3);
	free(text);
}

static int setup(void **state)
{
	return mkdtemp(dir) ? 0 : -1;
}

static int teardown(void **state)
{
	char command[PATH_MAX];

	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_permissions),
		cmocka_unit_test(test_writers),
		cmocka_unit_test(test_regular_files_only),
		cmocka_unit_test(test_secret),
		cmocka_unit_test(test_users_for_other_servers),
		cmocka_unit_test(test_example),
		cmocka_unit_test(test_man_keys),
		cmocka_unit_test(test_man_examples),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
