/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The log never waits for who reads it, and says what was lost. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/log.h"
#include "base/log_out.h"

#define LINE  "a line of the log, as long as they are: 0123456789\n"
#define LINES 5000 /* more than a pipe or a socket takes */

/* All that waits at fd, as text for free(). */
static char *read_all(int fd)
{
	size_t size = 1 << 20, len = 0;
	char *text = malloc(size);
	ssize_t n;

	assert_non_null(text);
	assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
	while ((n = read(fd, text + len, size - 1 - len)) > 0)
		len += (size_t)n;
	assert_true(n < 0 && errno == EAGAIN);
	text[len] = '\0';
	return text;
}

static unsigned count_lines(const char *text, const char *line)
{
	unsigned n = 0;

	while ((text = strstr(text, line))) {
		n++;
		text += strlen(line);
	}
	return n;
}

/* fds: where the reader and the log are. Nobody reads, then somebody does. */
static void stand_still(const int fds[static 2])
{
	struct log_out out;
	unsigned got;
	char *text, lost[80];

	log_out_open(&out, fds[1]);
	/* others have the same open file, and wait */
	assert_false(fcntl(fds[1], F_GETFL) & O_NONBLOCK);
	for (unsigned i = 0; i < LINES; i++)
		log_out_line(&out, "<6>", LINE, strlen(LINE));
	text = read_all(fds[0]);
	got = count_lines(text, LINE);
	free(text);
	assert_true(got > 100 && got < LINES);

	log_out_line(&out, "<6>", LINE, strlen(LINE));
	log_out_line(&out, "<6>", LINE, strlen(LINE));
	text = read_all(fds[0]);
	snprintf(lost, sizeof(lost), "<6>%u lines of this log were lost", LINES - got);
	assert_ptr_equal(strstr(text, lost), text);
	assert_int_equal(count_lines(text, LINE), 2);
	assert_int_equal(count_lines(text, "lost"), 1);
	free(text);
	log_out_close(&out, fds[1]);
	close(fds[0]);
	close(fds[1]);
}

static void test_pipe(void **state)
{
	int fds[2];

	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	stand_still(fds);
}

static void test_socket(void **state)
{
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
	stand_still(fds);
}

/* A terminal that was stopped (Ctrl-S); it may take a part of a line. */
static void test_terminal(void **state)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), slave;
	struct log_out out;
	char *text;

	assert_true(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0);
	slave = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_true(slave >= 0);
	log_out_open(&out, slave);
	for (unsigned i = 0; i < LINES; i++)
		log_out_line(&out, "", LINE, strlen(LINE));
	assert_true(out.lost > 0 && out.lost < LINES);
	free(read_all(master));
	log_out_line(&out, "", LINE, strlen(LINE));
	text = read_all(master);
	assert_non_null(strstr(text, "lines of this log were lost"));
	/* its own line, not the rest of one that was cut */
	assert_int_equal(count_lines(text, "\na line of the log"), 1);
	free(text);
	log_out_close(&out, slave);
	close(slave);
	close(master);
}

/* /dev/full: no room on the disk. */
static void test_full(void **state)
{
	int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
	struct log_out out;

	assert_true(fd >= 0);
	log_out_open(&out, fd);
	log_out_line(&out, "", LINE, strlen(LINE));
	log_out_line(&out, "", LINE, strlen(LINE));
	assert_int_equal(out.lost, 2);
	log_out_close(&out, fd);
	close(fd);
}

/* Nothing is there any more, or never was. */
static void test_gone(void **state)
{
	struct log_out out;
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
	log_out_open(&out, fds[1]);
	close(fds[0]);
	log_out_line(&out, "", LINE, strlen(LINE)); /* no SIGPIPE */
	assert_int_equal(out.lost, 1);
	close(fds[1]);
	log_out_open(&out, -1);
	log_out_line(&out, "", LINE, strlen(LINE));
	assert_int_equal(out.lost, 1);
}

/* Where the journal listens it gets fields, and plain lines go where they went. */
static void test_journal(void **state)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	struct log_about about = {
		.link = "office", .user = "alice", .peer = "192.0.2.1", .tunnel = 7, .session = 4711
	};
	char dir[] = "/tmp/test_log_out.XXXXXX", text[4096];
	int journal = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	ssize_t n;

	assert_non_null(mkdtemp(dir));
	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/journal", dir);
	assert_int_equal(bind(journal, (struct sockaddr *)&addr, sizeof(addr)), 0);
	log_to_journal(addr.sun_path);
	log_write_about(LOG_NOTICE, &about, "session %u is up", 4711u);
	n = recv(journal, text, sizeof(text) - 1, MSG_DONTWAIT);
	assert_true(n > 0);
	text[n] = '\0';
	assert_string_equal(text,
		"MESSAGE=session 4711 is up\nPRIORITY=5\nSYSLOG_IDENTIFIER=l2tpd\nLINK=office\n"
		"USER=alice\nPEER=192.0.2.1\nTUNNEL=7\nSESSION=4711\n");
	/* a second line in a field would be another field */
	about = (struct log_about){ .link = "a\nMESSAGE=lie" };
	log_write_about(LOG_NOTICE, &about, "x");
	n = recv(journal, text, sizeof(text) - 1, MSG_DONTWAIT);
	assert_true(n > 0);
	text[n] = '\0';
	assert_null(strstr(text, "lie"));
	log_write_about(LOG_DEBUG, &about, "not wanted");
	log_write(LOG_NOTICE, "plain, to stderr");
	assert_true(recv(journal, text, sizeof(text), MSG_DONTWAIT) < 0);
	close(journal);
	/* it is gone: what is said is not lost */
	log_write_about(LOG_NOTICE, &about, "to stderr, too");
	unlink(addr.sun_path);
	rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pipe),
		cmocka_unit_test(test_socket),
		cmocka_unit_test(test_terminal),
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_gone),
		cmocka_unit_test(test_journal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
