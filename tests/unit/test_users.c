/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Secrets files: pppd's words, the choice of the line, addresses, mistakes, and the cache. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/secret_file.h"

/* Reading is counted, and the clock of the cache is the test's. */
static unsigned reads;

static int counted_read(const char *path, size_t max, struct secret_file *ret)
{
	reads++;
	return secret_file_read(path, max, ret);
}

static time_t clock_offset;

static time_t test_time(time_t *ret)
{
	return (time)(NULL) + clock_offset;
}

#define secret_file_read counted_read
#define time(ret)	 test_time(ret)
#include "config/users.c"
#undef time
#undef secret_file_read

static char dir[] = "/tmp/test_users.XXXXXX";
static char path[sizeof(dir) + 10], other[sizeof(dir) + 10];

static void file_write(const char *name, mode_t mode, const void *text, size_t len)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, len), len);
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
	users_forget();
}

static void users_write(const char *text)
{
	file_write(path, 0640, text, strlen(text));
}

/* "SECRET", "SECRET=ADDRESS", "SECRET-" denied, "?" no such user, "!" and the problem */
static const char *lookup(const char *user, const char *server)
{
	static char result[PATH_MAX + 200];
	struct user_entry entry = { .secret = NULL };
	const char *problem = "untouched";
	int r = users_lookup(path, user, server, &entry, &problem);

	if (r == 0 && entry.has_address)
		snprintf(result, sizeof(result), "%s=%08x", entry.secret, entry.address);
	else if (r == 0)
		snprintf(result, sizeof(result), "%s%s", entry.secret, entry.denied ? "-" : "");
	else if (r == -ENOENT && !problem)
		snprintf(result, sizeof(result), "?");
	else
		snprintf(result, sizeof(result), "%c%s", r == -ENOENT ? '?' : '!',
			strncmp(problem, dir, strlen(dir)) != 0 ? problem : problem + strlen(dir));
	if (r < 0)
		assert_null(entry.secret);
	user_entry_clear(&entry);
	return result;
}

static void test_words(void **state)
{
	static const struct {
		const char *text, *secret;
	} rows[] = {
		{ "u s secret *\n", "secret" },
		{ "u\ts  secret", "secret" },
		{ "\n\n  # comment\n\tu s secret # comment\n", "secret" },
		{ "u s se#comment\n", "se" },
		{ "u s \"se cret\"\n", "se cret" },
		{ "u s 'se \"# cret'\n", "se \"# cret" },
		{ "u s se\"c r\"'e t'\n", "sec re t" },
		{ "u s \"\"\n", "" },
		{ "\"u\" 's' secret\n", "secret" },
		{ "u s se\\ cret\n", "se cret" },
		{ "u s se\\#\\\"\\'\\\\cret\n", "se#\"'\\cret" },
		{ "u s \"a\\\"b\"\n", "a\"b" },
		{ "u s 'a\\'b'\n", "a'b" },
		{ "u s \\a\\b\\f\\n\\r\\t\\s\\q\n", "\a\b\f\n\r\t q" },
		{ "u s \\101\\1018\\7x\n", "AA8\ax" },
		{ "u s \\x41\\x4g\\x411\n", "A\x04gA1" },
		{ "u s \\x4F\\x4f\n", "OO" },
		{ "u \\\n s se\\\ncret\n", "secret" },
		{ "u s secret\r\n", "secret" },
		{ "u s \\ \n", " " },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		users_write(rows[i].text);
		assert_string_equal(lookup("u", "s"), rows[i].secret);
	}
	users_write("a s one\n\"a b\" s two\n");
	assert_string_equal(lookup("a b", "s"), "two");
}

static void test_match(void **state)
{
	users_write("*     *   any\n"
		    "anna  *   client\n"
		    "*     lns server\n"
		    "anna  lns both\n"
		    "anna  lns later\n"
		    "ANNA  *   case\n");
	assert_string_equal(lookup("anna", "lns"), "both");
	assert_string_equal(lookup("anna", "x"), "client");
	assert_string_equal(lookup("bob", "lns"), "server");
	assert_string_equal(lookup("bob", "x"), "any");
	assert_string_equal(lookup("ANNA", "x"), "case");
	/* a named server outweighs a named client, wherever they stand */
	users_write("anna  *   client\n*     lns server\n");
	assert_string_equal(lookup("anna", "lns"), "server");
	users_write("*     lns server\nanna  *   client\n");
	assert_string_equal(lookup("anna", "lns"), "server");
	assert_string_equal(lookup("bob", "x"), "?");
	users_write("");
	assert_string_equal(lookup("anna", "lns"), "?");
	users_write("anna* * x\n");
	assert_string_equal(lookup("anna", "lns"), "?");
}

static void test_addresses(void **state)
{
	static const struct {
		const char *addresses, *result;
	} rows[] = {
		{ "", "x" },
		{ "*", "x" },
		{ "-", "x-" },
		{ "10.0.0.5", "x=0a000005" },
		{ "10.0.0.5 10.0.0.6", "x=0a000005" },
		{ "10.0.0.5 -", "x=0a000005" },
		{ "* 10.0.0.5", "x" },
		{ "- 10.0.0.5", "x-" },
		{ "10.0.0.0/24", "x" },
		{ "10.0.0.0/24+ 10.1.0.5", "x=0a010005" },
		{ "!10.0.0.1 *", "x" },
		{ "some.name", "x" },
		{ "-- mtu 1400 10.0.0.5", "x" },
		{ "10.0.0.5 -- mtu 1400", "x=0a000005" },
		{ "# 10.0.0.5", "x" },
		{ "2001:db8::1", "x" },
	};
	char text[200];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		snprintf(text, sizeof(text), "u s x %s\nv s y\n", rows[i].addresses);
		users_write(text);
		assert_string_equal(lookup("u", "s"), rows[i].result);
		assert_string_equal(lookup("v", "s"), "y");
	}
}

static void test_mistakes(void **state)
{
	static const char nul[] = "u s a\0b\nv s x\n";
	char text[3000], expected[300];

	users_write("u s 'x\nv s y\n");
	assert_string_equal(lookup("u", "s"), "?/users:1: a quote is not closed");
	assert_string_equal(lookup("v", "s"), "y");
	users_write("v s it's\n");
	assert_string_equal(lookup("v", "s"), "?/users:1: a quote is not closed");
	users_write("v s x \"10.0.0.1\n");
	assert_string_equal(lookup("v", "s"), "?/users:1: a quote is not closed");
	users_write("# x\nu \\\n s\nv s\n\nw s y\n");
	assert_string_equal(lookup("u", "s"),
		"?/users:2: no secret; a line is CLIENT SERVER SECRET ADDRESS...");
	assert_string_equal(lookup("w", "s"), "y");
	users_write("x s x\nu\n");
	assert_string_equal(lookup("u", "s"),
		"?/users:2: no secret; a line is CLIENT SERVER SECRET ADDRESS...");
	users_write("u s x\\");
	assert_string_equal(lookup("u", "s"), "?/users:1: ends in a backslash");
	users_write("u s x\\0\n");
	assert_string_equal(lookup("u", "s"), "?/users:1: a NUL byte");
	file_write(path, 0600, nul, sizeof(nul) - 1);
	assert_string_equal(lookup("u", "s"), "?/users:1: a NUL byte");
	assert_string_equal(lookup("v", "s"), "x");
	memset(text, 'x', sizeof(text));
	memcpy(text, "u s ", 4);
	strcpy(text + 4 + PPPD_WORD_MAX, "\n");
	users_write(text);
	text[4 + PPPD_WORD_MAX] = '\0';
	assert_string_equal(lookup("u", "s"), text + 4);
	strcpy(text + 4 + PPPD_WORD_MAX, "x\n");
	users_write(text);
	assert_string_equal(lookup("u", "s"), "?/users:1: a word is too long");

	file_write(path, 0644, "u s x\n", 6);
	snprintf(expected, sizeof(expected),
		"!/users:0: secrets in a file that others can get at: chmod o-r %s", path);
	assert_string_equal(lookup("u", "s"), expected);
	assert_int_equal(unlink(path), 0);
	assert_string_equal(
		lookup("u", "s"), "!/users:0: cannot be read: No such file or directory");
}

static void test_other_server(void **state)
{
	users_write("x\nu vpn x\nu ppp y\n* s z\n");
	assert_string_equal(lookup("v", "s"), "z");
	users_write("x\nu vpn x\nu ppp y\n");
	assert_string_equal(lookup("u", "vpn"), "x");
	/* the first of them is told, and rather than a mistake elsewhere */
	assert_string_equal(lookup("u", "lns1"), "?/users:2: this user is for the server \"vpn\", "
						 "but we are \"lns1\": write * in its "
						 "place, or set auth-name");
	assert_string_equal(lookup("v", "lns1"),
		"?/users:1: no secret; a line is CLIENT SERVER SECRET ADDRESS...");
}

static void test_byte_order_marks(void **state)
{
	users_write("\xef\xbb\xbfu s x\nv s y\n");
	assert_string_equal(lookup("u", "s"), "x");
	assert_string_equal(lookup("v", "s"), "y");
	users_write("\xef\xbb\xbf");
	assert_string_equal(lookup("u", "s"), "?");
	users_write("\xff\xfeu");
	assert_string_equal(
		lookup("u", "s"), "!/users:0: cannot be read: it is UTF-16 text: save it as UTF-8");
	users_write("\xfe\xffu");
	assert_string_equal(
		lookup("u", "s"), "!/users:0: cannot be read: it is UTF-16 text: save it as UTF-8");
}

static void test_indirect(void **state)
{
	char text[200], expected[300];

	snprintf(text, sizeof(text), "u s @%s 10.0.0.5\nv s @x\n", other);
	users_write(text);
	assert_string_equal(lookup("v", "s"), "@x");
	assert_string_equal(
		lookup("u", "s"), "!/other:0: cannot be read: No such file or directory");
	file_write(other, 0600, "\n\n'top secret' x\n", 17);
	assert_string_equal(lookup("u", "s"), "top secret=0a000005");
	file_write(other, 0600, "\n", 1);
	assert_string_equal(lookup("u", "s"), "!/other:2: there is no secret");
	file_write(other, 0600, "\n'x\n", 4);
	assert_string_equal(lookup("u", "s"), "!/other:2: a quote is not closed");
	file_write(other, 0604, "x\n", 2);
	snprintf(expected, sizeof(expected),
		"!/other:0: secrets in a file that others can get at: chmod o-r %s", other);
	assert_string_equal(lookup("u", "s"), expected);
}

static void test_cache(void **state)
{
	char expected[300];

	users_write("u s one\n");
	/* just written: not trusted to stay as it is */
	clock_offset = 0;
	reads = 0;
	assert_string_equal(lookup("u", "s"), "one");
	assert_string_equal(lookup("u", "s"), "one");
	assert_int_equal(reads, 2);
	clock_offset = 10;
	for (int i = 0; i < 1000; i++)
		assert_string_equal(lookup("u", "s"), "one");
	assert_int_equal(reads, 3);

	/* rewritten in place, the same size */
	int fd = open(path, O_WRONLY);
	assert_int_equal(write(fd, "u s two\n", 8), 8);
	close(fd);
	assert_string_equal(lookup("u", "s"), "two");
	assert_string_equal(lookup("u", "s"), "two");
	assert_int_equal(reads, 4);

	/* replaced by rename */
	fd = open(other, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_int_equal(fchmod(fd, 0600), 0);
	assert_int_equal(write(fd, "u s new\n", 8), 8);
	close(fd);
	assert_int_equal(rename(other, path), 0);
	assert_string_equal(lookup("u", "s"), "new");
	assert_int_equal(reads, 5);

	/* made readable to others, and again not */
	assert_int_equal(chmod(path, 0604), 0);
	snprintf(expected, sizeof(expected),
		"!/users:0: secrets in a file that others can get at: chmod o-r %s", path);
	assert_string_equal(lookup("u", "s"), expected);
	assert_int_equal(chmod(path, 0600), 0);
	assert_string_equal(lookup("u", "s"), "new");

	/* gone and back */
	assert_int_equal(rename(path, other), 0);
	assert_string_equal(
		lookup("u", "s"), "!/users:0: cannot be read: No such file or directory");
	assert_int_equal(rename(other, path), 0);
	assert_string_equal(lookup("u", "s"), "new");
	reads = 0;
	assert_string_equal(lookup("u", "s"), "new");
	assert_int_equal(reads, 0);
	users_forget();
	assert_string_equal(lookup("u", "s"), "new");
	assert_int_equal(reads, 1);
	clock_offset = 0;
}

static int setup(void **state)
{
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/users", dir);
	snprintf(other, sizeof(other), "%s/other", dir);
	return 0;
}

/* Those that somebody must get, in order; "*" is everybody. */
static void test_reserved(void **state)
{
	const uint32_t *addresses;
	size_t len;

	users_write("a * x 10.0.0.9\nb * x *\n* * x 10.0.0.1\nc * x 10.0.0.3\nd * x -\n");
	assert_int_equal(users_reserved(path, &addresses, &len), 0);
	assert_int_equal(len, 2);
	assert_int_equal(addresses[0], 0x0a000003);
	assert_int_equal(addresses[1], 0x0a000009);
	unlink(path);
	users_forget();
	assert_int_equal(users_reserved(path, &addresses, &len), -EIO);
	assert_int_equal(len, 0);
}

static int teardown(void **state)
{
	users_forget();
	unlink(path);
	unlink(other);
	return rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_match),
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_mistakes),
		cmocka_unit_test(test_other_server),
		cmocka_unit_test(test_byte_order_marks),
		cmocka_unit_test(test_indirect),
		cmocka_unit_test(test_cache),
		cmocka_unit_test(test_reserved),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
