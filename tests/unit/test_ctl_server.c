/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The control server: framing, methods of its own, permission, the socket's file. Kept calls:
 * test_ctl_calls.c. */
#include "ctl_rig.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/un.h>
#include <unistd.h>

/* --- framing --- */

static void test_split_at_every_byte(void **state)
{
	struct fixture *f = *state;
	int fd = client_connect(f);
	size_t len = sizeof(ECHO_HI), i;

	for (i = 1; i < len; i++) {
		client_send(fd, ECHO_HI, i);
		pump(f);
		EXPECT_NOTHING(fd);
		client_send(fd, &ECHO_HI[i], len - i);
		pump(f);
		EXPECT(fd, REPLY_HI);
	}
	for (i = 0; i < len; i++) {
		EXPECT_NOTHING(fd);
		client_send(fd, &ECHO_HI[i], 1);
		pump(f);
	}
	EXPECT(fd, REPLY_HI);
	close(fd);
}

static void test_two_in_one_write(void **state)
{
	static const char two[] = ECHO_HI "\0" CHANGE;
	struct fixture *f = *state;
	int fd = client_connect(f), i;

	client_send(fd, two, sizeof(two));
	pump(f);
	EXPECT(fd, REPLY_HI, EMPTY);
	/* the second one only half */
	client_send(fd, two, sizeof(two) - 5);
	pump(f);
	EXPECT(fd, REPLY_HI);
	client_send(fd, two + sizeof(two) - 5, 5);
	pump(f);
	EXPECT(fd, EMPTY);
	f->calls = 0;
	for (i = 0; i < 100; i++)
		client_say(fd, ECHO_HI);
	pump(f);
	assert_int_equal(f->calls, 100);
	close(fd);
}

static void test_oversized(void **state)
{
	struct fixture *f = *state;
	char *text = malloc(CTL_MAX_REQUEST + 100);
	int fd = client_connect(f), other = client_connect(f);
	size_t sent = 0;

	/* white space up to the limit is still a good request */
	memset(text, ' ', CTL_MAX_REQUEST);
	memcpy(text, CHANGE, strlen(CHANGE));
	text[CTL_MAX_REQUEST] = 0;
	while (sent < CTL_MAX_REQUEST + 1) {
		ssize_t n = send(fd, text + sent, CTL_MAX_REQUEST + 1 - sent, MSG_NOSIGNAL);

		if (n > 0)
			sent += (size_t)n;
		pump(f);
	}
	EXPECT(fd, EMPTY);
	/* no end in sight */
	memset(text, ' ', CTL_MAX_REQUEST + 100);
	for (sent = 0; sent < 4 * CTL_MAX_REQUEST;) {
		ssize_t n = send(fd, text, CTL_MAX_REQUEST, MSG_NOSIGNAL);

		if (n < 0 && errno != EAGAIN)
			break;
		if (n > 0)
			sent += (size_t)n;
		pump(f);
	}
	assert_true(sent < 2 * CTL_MAX_REQUEST);
	expect_closed(fd);
	client_say(other, ECHO_HI);
	pump(f);
	EXPECT(other, REPLY_HI);
	close(other);
	free(text);
}

static void test_garbage(void **state)
{
	static const char *const bad[] = { "", "\x01\xff\xfe", "{", "[]", "null", "17", "\"x\"",
		"{\"method\":\"org.l2tpd.Echo\",\"method\":\"org.l2tpd.Echo\"}",
		"{\"method\":\"\\u0000\"}", "{\"method\":\"\xff\"}", ECHO_HI "x" };
	static const struct {
		const char *request, *parameter;
	} wrong[] = {
		{ "{}", "method" },
		{ "{\"method\":1}", "method" },
		{ "{\"method\":\"org.l2tpd.Echo\",\"parameters\":[]}", "parameters" },
		{ "{\"method\":\"org.l2tpd.Echo\",\"more\":1}", "more" },
		{ "{\"method\":\"org.l2tpd.Echo\",\"oneway\":\"yes\"}", "oneway" },
		{ "{\"method\":\"org.l2tpd.Echo\",\"upgrade\":true}", "upgrade" },
		{ "{\"method\":\"org.l2tpd.Echo\",\"parameters\":null}", "text" },
		{ "{\"method\":\"org.l2tpd.Echo\"}", "text" },
	};
	struct fixture *f = *state;
	int fd = client_connect(f);
	json_t *params;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		client_say(fd, bad[i]);
		pump(f);
		json_decref(expect_error(fd, CTL_ERR_PARAMETER));
	}
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		client_say(fd, wrong[i].request);
		pump(f);
		params = expect_error(fd, CTL_ERR_PARAMETER);
		assert_string_equal(json_string_value(json_object_get(params, "parameter")),
			wrong[i].parameter);
		json_decref(params);
	}
	client_say(fd, ECHO_HI);
	pump(f);
	EXPECT(fd, REPLY_HI);
	close(fd);
}

static void test_deep_nesting(void **state)
{
	struct fixture *f = *state;
	size_t len = 100000;
	char *text = malloc(len + 1);
	int fd = client_connect(f);

	memset(text, '[', len);
	text[len] = 0;
	client_say(fd, text);
	pump(f);
	json_decref(expect_error(fd, CTL_ERR_PARAMETER));
	close(fd);
	free(text);
}

/* --- methods --- */

static void test_unknown_method(void **state)
{
	struct fixture *f = *state;
	int fd = client_connect(f);
	json_t *params;

	client_say(fd, "{\"method\":\"org.l2tpd.Nothing\"}");
	pump(f);
	params = expect_error(fd, CTL_ERR_METHOD);
	assert_string_equal(
		json_string_value(json_object_get(params, "method")), "org.l2tpd.Nothing");
	json_decref(params);
	close(fd);
}

static void test_error_text(void **state)
{
	struct fixture *f = *state;
	int fd = client_connect(f);
	json_t *params;

	client_say(fd, "{\"method\":\"org.l2tpd.Fail\"}");
	pump(f);
	params = expect_error(fd, CTL_ERR_FAILED);
	/* bytes that are not UTF-8 do not cost the message */
	assert_string_equal(
		json_string_value(json_object_get(params, "message")), "number 42, name caf?");
	json_decref(params);
	close(fd);
}

static void test_service_interface(void **state)
{
	struct fixture *f = *state;
	int fd = client_connect(f);
	char buf[4096];
	json_t *reply;

	client_say(fd, "{\"method\":\"org.varlink.service.GetInfo\"}");
	pump(f);
	assert_true(client_read(fd, buf, sizeof(buf)) > 0);
	reply = json_loads(buf, 0, NULL);
	assert_string_equal(
		json_string_value(json_array_get(
			json_object_get(json_object_get(reply, "parameters"), "interfaces"), 1)),
		"org.l2tpd");
	json_decref(reply);

	client_say(fd, "{\"method\":\"org.varlink.service.GetInterfaceDescription\","
		       "\"parameters\":{\"interface\":\"org.l2tpd\"}}");
	pump(f);
	EXPECT(fd, "{\"parameters\":{\"description\":\"interface org.l2tpd\\n\"}}");

	client_say(fd, "{\"method\":\"org.varlink.service.GetInterfaceDescription\","
		       "\"parameters\":{\"interface\":\"org.varlink.service\"}}");
	pump(f);
	assert_true(client_read(fd, buf, sizeof(buf)) > 0);
	assert_non_null(strstr(buf, "interface org.varlink.service\\n"));

	client_say(fd, "{\"method\":\"org.varlink.service.GetInterfaceDescription\","
		       "\"parameters\":{\"interface\":\"org.other\"}}");
	pump(f);
	json_decref(expect_error(fd, "org.varlink.service.InterfaceNotFound"));

	client_say(fd, "{\"method\":\"org.varlink.service.GetInterfaceDescription\"}");
	pump(f);
	json_decref(expect_error(fd, CTL_ERR_PARAMETER));
	close(fd);
}

/* --- permission --- */

static void expect_change(struct fixture *f, bool allowed)
{
	int fd = client_connect(f);

	f->calls = 0;
	client_say(fd, ECHO_HI);
	pump(f);
	EXPECT(fd, REPLY_HI);
	client_say(fd, CHANGE);
	pump(f);
	if (allowed)
		EXPECT(fd, EMPTY);
	else
		json_decref(expect_error(fd, CTL_ERR_REFUSED));
	assert_int_equal(f->calls, allowed ? 2 : 1);
	close(fd);
	pump(f);
}

static void test_permission(void **state)
{
	struct fixture *f = *state;
	size_t i;

	fake_peer = true;
	fake_uid = geteuid() + 1;
	fake_gid = getgid() + 1;
	fake_groups_len = 0;
	expect_change(f, false);
	for (i = 0; i < 10; i++)
		fake_groups[i] = getgid() + 2 + (gid_t)i;
	fake_groups_len = 10;
	expect_change(f, false);
	fake_groups[9] = getgid();
	expect_change(f, true);
	assert_int_equal(f->pid, 4711);
	assert_int_equal(f->uid, fake_uid);
	/* more groups than were expected */
	for (i = 9; i < 100; i++)
		fake_groups[i] = getgid() + 2 + (gid_t)i;
	fake_groups_len = 100;
	expect_change(f, false);
	fake_groups[99] = getgid();
	expect_change(f, true);
	fake_groups_len = 0;
	fake_gid = getgid();
	expect_change(f, true);
	fake_gid = getgid() + 1;
	fake_uid = 0;
	expect_change(f, true);
	fake_uid = geteuid();
	expect_change(f, true);
}

static void test_missing_group(void **state)
{
	struct fixture *f = *state;
	bool missing = false;
	struct stat st;

	ctl_server_free(f->server);
	f->server = NULL;
	assert_int_equal(start(f, "no-such-group", &missing), 0);
	assert_true(missing);
	assert_int_equal(stat(f->path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	/* a group of number 0 or -1 is not meant */
	fake_peer = true;
	fake_uid = geteuid() + 1;
	fake_groups_len = 0;
	fake_gid = 0;
	expect_change(f, false);
	fake_gid = (gid_t)-1;
	expect_change(f, false);
}

/* --- no descriptors (attacks.md 2) --- */

static bool is_closed(int fd)
{
	char buf[16];

	return recv(fd, buf, sizeof(buf), MSG_DONTWAIT | MSG_PEEK) == 0;
}

/* One whom nobody has accepted yet. */
static int one_that_waits(const struct fixture *f)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	strcpy(addr.sun_path, f->path);
	assert_int_equal(connect(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	return fd;
}

/* More clients than descriptors: the loop goes on, who cannot be served is told, others are later.
 */
static void test_no_descriptors(void **state)
{
	enum { CLIENTS = 40, LEFT = 4 };
	struct fixture *f = *state;
	int clients[CLIENTS], next, turned_away = 0;
	struct rlimit before, few;

	for (int i = 0; i < CLIENTS; i++)
		clients[i] = one_that_waits(f);
	next = dup(0);
	close(next);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	few = before;
	few.rlim_cur = (rlim_t)next + LEFT;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	pump(f);
	for (int i = 0; i < CLIENTS; i++)
		turned_away += is_closed(clients[i]);
	assert_int_equal(turned_away, CLIENTS - LEFT);
	for (int i = 0; i < CLIENTS; i++) {
		if (is_closed(clients[i])) {
			close(clients[i]);
			continue;
		}
		client_say(clients[i], ECHO_HI);
		pump(f);
		EXPECT(clients[i], REPLY_HI);
		close(clients[i]);
	}
	pump(f);
	next = client_connect(f);
	client_say(next, ECHO_HI);
	pump(f);
	EXPECT(next, REPLY_HI);
	close(next);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
}

/* --- the socket file --- */

static void test_socket_file(void **state)
{
	struct fixture *f = *state;
	struct ctl_server *second = NULL;
	struct stat st;
	int fd;

	assert_int_equal(stat(f->path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0660);
	assert_int_equal(st.st_gid, getgid());
	/* one that lives */
	assert_int_equal(
		ctl_server_new(f->event, f->path, FAKE_GROUP, methods, "", f, &second, NULL),
		-EADDRINUSE);
	assert_null(second);
	fd = client_connect(f);
	client_say(fd, ECHO_HI);
	pump(f);
	EXPECT(fd, REPLY_HI);
	close(fd);
	/* ours was replaced by somebody's: not to be removed */
	unlink(f->path);
	assert_int_equal(mknod(f->path, S_IFREG | 0600, 0), 0);
	ctl_server_free(f->server);
	f->server = NULL;
	assert_int_equal(access(f->path, F_OK), 0);
	/* not a socket: not ours to remove either */
	assert_int_equal(start(f, FAKE_GROUP, NULL), -ENOTSOCK);
	assert_int_equal(access(f->path, F_OK), 0);
}

static void test_stale_socket(void **state)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	struct fixture *f = *state;
	char path[200];
	int fd;

	ctl_server_free(f->server);
	f->server = NULL;
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	strcpy(addr.sun_path, f->path);
	assert_int_equal(bind(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	close(fd);
	assert_int_equal(start(f, FAKE_GROUP, NULL), 0);
	fd = client_connect(f);
	client_say(fd, ECHO_HI);
	pump(f);
	EXPECT(fd, REPLY_HI);
	close(fd);

	memset(path, 'x', sizeof(path) - 1);
	path[sizeof(path) - 1] = 0;
	assert_int_equal(ctl_server_new(f->event, path, FAKE_GROUP, methods, "", f, NULL, NULL),
		-ENAMETOOLONG);
	assert_int_equal(ctl_server_new(f->event, "/proc/no/control", FAKE_GROUP, methods, "", f,
				 NULL, NULL),
		-ENOENT);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_split_at_every_byte),
		TEST(test_two_in_one_write),
		TEST(test_oversized),
		TEST(test_garbage),
		TEST(test_deep_nesting),
		TEST(test_unknown_method),
		TEST(test_error_text),
		TEST(test_service_interface),
		TEST(test_permission),
		TEST(test_missing_group),
		TEST(test_no_descriptors),
		TEST(test_socket_file),
		TEST(test_stale_socket),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
