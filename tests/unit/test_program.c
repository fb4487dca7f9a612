/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Programs of the administrator's, run by a thread: real ones. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "linux/program.h"

#define WAIT_MS 60000

static char dir[] = "/tmp/test_program.XXXXXX";
static char *const env[] = { (char *)"PATH=/usr/bin:/bin", (char *)"L2TP_LINK=office", NULL };

/* A script with this body; the path is good until the next call. */
static const char *script(const char *body, mode_t mode)
{
	static char path[100];
	FILE *file;

	snprintf(path, sizeof(path), "%s/script", dir);
	unlink(path);
	file = fopen(path, "we");
	assert_non_null(file);
	fprintf(file, "#!/bin/sh\n%s\n", body);
	fclose(file);
	assert_int_equal(chmod(path, mode), 0);
	return path;
}

static struct program_result run(const char *path, unsigned seconds)
{
	struct program_result result;
	struct program *program;
	struct pollfd fd = { .events = POLLIN };

	assert_int_equal(program_start(path, env, seconds, &program), 0);
	fd.fd = program_fd(program);
	assert_int_equal(poll(&fd, 1, WAIT_MS), 1);
	program_result(program, &result);
	program_free(program);
	return result;
}

static void test_status_and_words(void **state)
{
	struct program_result result = run(script("exit 0", 0700), 60);

	assert_int_equal(result.error, 0);
	assert_int_equal(result.status, 0);
	assert_false(result.timed_out);
	assert_string_equal(result.words, "");
	result = run(script("echo \"no way to $L2TP_LINK\"; echo more >&2; exit 7", 0700), 60);
	assert_int_equal(result.status, 7);
	assert_string_equal(result.words, "no way to office");
	result = run(script("kill -9 $$", 0700), 60);
	assert_int_equal(result.status, -9);
	/* what is longer than is kept, and without an end */
	result = run(script("head -c 100000 /dev/zero | tr '\\0' x", 0700), 60);
	assert_int_equal(result.status, 0);
	assert_int_equal(strlen(result.words), PROGRAM_WORDS - 1);
}

static void test_what_it_gets(void **state)
{
	/* nothing but the environment that was given, no input, no descriptor of ours */
	int leak = open("/dev/null", O_RDONLY);
	struct program_result result;

	assert_true(leak >= 0);
	result =
		run(script("read x && exit 1; [ \"$(env | grep -c '^HOME=')\" = 0 ] || exit 2\n"
			   "for fd in /proc/$$/fd/[3-9]; do [ -e \"$fd\" ] && exit 3; done; exit 0",
			    0700),
			60);
	assert_int_equal(result.status, 0);
	close(leak);
}

static void test_cannot_be_run(void **state)
{
	assert_int_equal(run("/nowhere/program", 60).error, -ENOENT);
	assert_int_equal(run(script("exit 0", 0600), 60).error, -EACCES);
}

/* It is killed with its children, and its output held open by one of them is not waited for. */
static void test_too_long(void **state)
{
	struct program_result result = run(script("echo begun; sleep 1000 & sleep 1000", 0700), 1);

	assert_true(result.timed_out);
	assert_int_equal(result.status, -9);
	assert_string_equal(result.words, "begun");
}

static void test_leaves_a_child(void **state)
{
	struct program_result result = run(script("sleep 2 & echo done", 0700), 60);

	assert_false(result.timed_out);
	assert_int_equal(result.status, 0);
}

static int begin(void **state)
{
	return mkdtemp(dir) ? 0 : -1;
}

static int end(void **state)
{
	char path[100];

	snprintf(path, sizeof(path), "%s/script", dir);
	unlink(path);
	return rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_status_and_words),
		cmocka_unit_test(test_what_it_gets),
		cmocka_unit_test(test_cannot_be_run),
		cmocka_unit_test(test_too_long),
		cmocka_unit_test(test_leaves_a_child),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
