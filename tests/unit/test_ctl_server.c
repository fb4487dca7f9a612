/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The control server in a real event loop on a real socket; only who the client is comes from here:
 * getsockopt() and getgrnam_r() below are linked in place of libc's.
 */
#include <errno.h>
#include <grp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include <l2tpd/ctl.h>

#include "control/server.h"

#define FAKE_GROUP "l2tpd-test"

/* --- who the client is --- */

static bool fake_peer;
static uid_t fake_uid;
static gid_t fake_gid, fake_groups[100];
static size_t fake_groups_len;

int getsockopt(int fd, int level, int name, void *value, socklen_t *len)
{
	socklen_t need = (socklen_t)(fake_groups_len * sizeof(gid_t));

	if (fake_peer && level == SOL_SOCKET && name == SO_PEERCRED) {
		struct ucred cred = { .pid = 4711, .uid = fake_uid, .gid = fake_gid };

		memcpy(value, &cred, sizeof(cred));
		return 0;
	}
	if (fake_peer && level == SOL_SOCKET && name == SO_PEERGROUPS) {
		if (*len < need) {
			*len = need;
			errno = ERANGE;
			return -1;
		}
		*len = need;
		memcpy(value, fake_groups, need);
		return 0;
	}
	return (int)syscall(SYS_getsockopt, fd, level, name, value, len);
}

int getgrnam_r(const char *name, struct group *grp, char *buf, size_t size, struct group **result)
{
	(void)buf;
	/* as from a directory with a long list of members */
	if (size < 10000)
		return ERANGE;
	*result = NULL;
	if (strcmp(name, FAKE_GROUP))
		return 0;
	memset(grp, 0, sizeof(*grp));
	grp->gr_gid = getgid();
	*result = grp;
	return 0;
}

/* --- a server with a few methods --- */

struct fixture {
	char dir[64], path[96];
	sd_event *event;
	struct ctl_server *server;
	struct request *kept[4];
	unsigned kept_len, cancelled, calls;
	pid_t pid;
	uid_t uid;
};

static void handle_echo(struct request *request, const json_t *params, void *user)
{
	struct fixture *f = user;

	f->calls++;
	if (!json_object_get(params, "text"))
		request_bad_parameter(request, "text");
	else
		request_reply(request, json_deep_copy(params));
}

static void handle_change(struct request *request, const json_t *params, void *user)
{
	struct fixture *f = user;

	(void)params;
	f->calls++;
	request_peer(request, &f->pid, &f->uid);
	request_reply(request, NULL);
}

static void handle_fail(struct request *request, const json_t *params, void *user)
{
	(void)params;
	(void)user;
	request_error(request, CTL_ERR_FAILED, "number %d, name %s", 42, "caf\xe9");
}

static void on_cancel(struct request *request, void *data)
{
	struct fixture *f = data;

	f->cancelled++;
	/* must not be done, must not harm */
	request_reply_more(request, NULL);
	request_reply(request, NULL);
}

static void handle_keep(struct request *request, const json_t *params, void *user)
{
	struct fixture *f = user;

	(void)params;
	request_on_cancel(request, on_cancel, f);
	f->kept[f->kept_len++] = request;
}

static void handle_big(struct request *request, const json_t *params, void *user)
{
	size_t size = (size_t)json_integer_value(json_object_get(params, "size"));
	char *text = malloc(size);

	(void)user;
	memset(text, 'x', size);
	request_reply(request, json_pack("{s:s#}", "text", text, (int)size));
	free(text);
}

static const struct ctl_method methods[] = {
	{ "org.l2tpd.Echo", false, handle_echo },
	{ "org.l2tpd.Change", true, handle_change },
	{ "org.l2tpd.Fail", false, handle_fail },
	{ "org.l2tpd.Keep", false, handle_keep },
	{ "org.l2tpd.Big", false, handle_big },
	{ NULL, false, NULL },
};

#define ECHO_HI	  "{\"method\":\"org.l2tpd.Echo\",\"parameters\":{\"text\":\"hi\"}}"
#define REPLY_HI  "{\"parameters\":{\"text\":\"hi\"}}"
#define KEEP	  "{\"method\":\"org.l2tpd.Keep\"}"
#define KEEP_MORE "{\"method\":\"org.l2tpd.Keep\",\"more\":true}"
#define CHANGE	  "{\"method\":\"org.l2tpd.Change\"}"
#define EMPTY	  "{\"parameters\":{}}"

static int start(struct fixture *f, const char *group, bool *ret_missing)
{
	return ctl_server_new(f->event, f->path, group, methods, "interface org.l2tpd\n", f,
		&f->server, ret_missing);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	bool missing = true;

	strcpy(f->dir, "/tmp/test-ctl-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	/* the last directory is made by the server */
	snprintf(f->path, sizeof(f->path), "%s/run/control", f->dir);
	assert_true(sd_event_new(&f->event) >= 0);
	assert_int_equal(start(f, FAKE_GROUP, &missing), 0);
	assert_false(missing);
	fake_peer = false;
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	char run[80];

	ctl_server_free(f->server);
	sd_event_unref(f->event);
	snprintf(run, sizeof(run), "%s/run", f->dir);
	unlink(f->path);
	assert_int_equal(rmdir(run), 0);
	assert_int_equal(rmdir(f->dir), 0);
	free(f);
	return 0;
}

/* Run the loop until nothing is left to do. */
static void pump(struct fixture *f)
{
	int r;

	while ((r = sd_event_run(f->event, 0)) > 0)
		;
	assert_int_equal(r, 0);
}

/* --- a client --- */

static int client_connect(struct fixture *f)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	strcpy(addr.sun_path, f->path);
	assert_int_equal(connect(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	pump(f);
	return fd;
}

static void client_send(int fd, const char *data, size_t len)
{
	assert_int_equal(send(fd, data, len, MSG_NOSIGNAL), len);
}

/* The strings with their NULs. */
static void client_say(int fd, const char *text)
{
	client_send(fd, text, strlen(text) + 1);
}

/* What is there: the number of bytes, -1: the connection was closed. */
static ssize_t client_read(int fd, char *buf, size_t size)
{
	ssize_t n = recv(fd, buf, size, 0);

	if (n == 0 || (n < 0 && errno == ECONNRESET))
		return -1;
	if (n < 0) {
		assert_int_equal(errno, EAGAIN);
		return 0;
	}
	return n;
}

/* Exactly these replies are there, and no more. */
static void expect_replies(int fd, const char *const *replies)
{
	static char buf[65536];
	size_t pos = 0;
	ssize_t n = client_read(fd, buf, sizeof(buf));

	assert_true(n >= 0);
	for (; *replies; replies++) {
		assert_true(pos < (size_t)n);
		assert_string_equal(buf + pos, *replies);
		pos += strlen(*replies) + 1;
	}
	assert_int_equal(pos, n);
}
#define EXPECT(fd, ...)	   expect_replies(fd, (const char *const[]){ __VA_ARGS__, NULL })
#define EXPECT_NOTHING(fd) expect_replies(fd, (const char *const[]){ NULL })

static void expect_closed(int fd)
{
	char c;

	assert_int_equal(client_read(fd, &c, 1), -1);
	close(fd);
}

/* One reply, an error; returns its parameters (decref). */
static json_t *expect_error(int fd, const char *error)
{
	char buf[4096];
	ssize_t n = client_read(fd, buf, sizeof(buf));
	json_t *reply, *params;

	assert_true(n > 1 && buf[n - 1] == 0 && strlen(buf) + 1 == (size_t)n);
	reply = json_loads(buf, 0, NULL);
	assert_non_null(reply);
	assert_string_equal(json_string_value(json_object_get(reply, "error")), error);
	params = json_incref(json_object_get(reply, "parameters"));
	assert_true(json_string_length(json_object_get(params, "message")) > 0);
	json_decref(reply);
	return params;
}

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

/* --- kept calls --- */

static void test_kept_call_blocks_later_ones(void **state)
{
	static const char three[] = KEEP "\0" ECHO_HI "\0" KEEP;
	struct fixture *f = *state;
	int fd = client_connect(f), other = client_connect(f);

	client_send(fd, three, sizeof(three));
	pump(f);
	EXPECT_NOTHING(fd);
	assert_int_equal(f->kept_len, 1);
	assert_int_equal(f->calls, 0);
	client_say(other, ECHO_HI);
	pump(f);
	EXPECT(other, REPLY_HI);
	request_reply(f->kept[0], json_pack("{s:i}", "n", 1));
	pump(f);
	EXPECT(fd, "{\"parameters\":{\"n\":1}}", REPLY_HI);
	assert_int_equal(f->kept_len, 2);
	request_error(f->kept[1], CTL_ERR_NOT_FOUND, "no such link");
	pump(f);
	EXPECT(fd, "{\"error\":\"org.l2tpd.NotFound\","
		   "\"parameters\":{\"message\":\"no such link\"}}");
	assert_int_equal(f->cancelled, 0);
	close(fd);
	close(other);
}

static void test_cancel_on_disconnect(void **state)
{
	struct fixture *f = *state;
	int fd = client_connect(f);

	client_say(fd, KEEP);
	pump(f);
	assert_int_equal(f->kept_len, 1);
	close(fd);
	pump(f);
	assert_int_equal(f->cancelled, 1);

	/* also with requests that wait behind it */
	fd = client_connect(f);
	client_say(fd, KEEP);
	client_say(fd, ECHO_HI);
	pump(f);
	client_say(fd, ECHO_HI);
	close(fd);
	pump(f);
	assert_int_equal(f->cancelled, 2);
	assert_int_equal(f->calls, 0);
}

static void test_cancel_on_free(void **state)
{
	struct fixture *f = *state;
	int fd = client_connect(f), other = client_connect(f);

	client_say(fd, KEEP);
	client_say(other, KEEP_MORE);
	pump(f);
	request_reply_more(f->kept[1], NULL);
	ctl_server_free(f->server);
	f->server = NULL;
	assert_int_equal(f->cancelled, 2);
	expect_closed(fd);
	EXPECT(other, "{\"parameters\":{},\"continues\":true}");
	expect_closed(other);
	assert_int_equal(access(f->path, F_OK), -1);
}

static void test_reply_to_gone_client(void **state)
{
	struct fixture *f = *state;
	int fd = client_connect(f);

	/* the client went away, and the answer comes before the loop saw that */
	client_say(fd, KEEP);
	pump(f);
	close(fd);
	request_reply(f->kept[0], NULL);
	pump(f);
	assert_int_equal(f->cancelled, 0);

	fd = client_connect(f);
	client_say(fd, KEEP_MORE);
	pump(f);
	close(fd);
	request_reply_more(f->kept[1], NULL);
	assert_int_equal(f->cancelled, 0); /* never from inside a reply */
	request_reply_more(f->kept[1], NULL);
	pump(f);
	assert_int_equal(f->cancelled, 1);
}

static void test_half_close(void **state)
{
	static const char two[] = KEEP "\0" ECHO_HI;
	struct fixture *f = *state;
	int fd = client_connect(f);

	/* as "nc -N" does: the answers are still wanted */
	client_send(fd, two, sizeof(two));
	shutdown(fd, SHUT_WR);
	pump(f);
	assert_int_equal(f->kept_len, 1);
	assert_int_equal(f->cancelled, 0);
	request_reply(f->kept[0], NULL);
	pump(f);
	EXPECT(fd, EMPTY, REPLY_HI);
	expect_closed(fd);

	/* the end in the middle of a request */
	fd = client_connect(f);
	client_send(fd, ECHO_HI, 10);
	shutdown(fd, SHUT_WR);
	pump(f);
	expect_closed(fd);
}

static void test_more(void **state)
{
	struct fixture *f = *state;
	int fd = client_connect(f), other = client_connect(f), i;

	client_say(fd, KEEP_MORE);
	pump(f);
	client_say(other, KEEP);
	pump(f);
	assert_true(request_wants_more(f->kept[0]));
	assert_false(request_wants_more(f->kept[1]));
	for (i = 0; i < 2; i++) {
		request_reply_more(f->kept[0], json_pack("{s:i}", "n", i));
		request_reply_more(f->kept[1], json_pack("{s:i}", "n", i));
	}
	pump(f);
	EXPECT(fd, "{\"parameters\":{\"n\":0},\"continues\":true}",
		"{\"parameters\":{\"n\":1},\"continues\":true}");
	EXPECT_NOTHING(other);
	request_reply(f->kept[0], NULL);
	request_reply(f->kept[1], NULL);
	pump(f);
	EXPECT(fd, EMPTY);
	EXPECT(other, EMPTY);
	client_say(fd, ECHO_HI);
	pump(f);
	EXPECT(fd, REPLY_HI);
	close(fd);
	close(other);
}

static void test_oneway(void **state)
{
	static const char two[] = "{\"method\":\"org.l2tpd.Change\",\"oneway\":true}\0"
				  "{\"method\":\"org.l2tpd.Fail\",\"oneway\":true}\0" ECHO_HI;
	struct fixture *f = *state;
	int fd = client_connect(f);

	client_send(fd, two, sizeof(two));
	pump(f);
	assert_int_equal(f->calls, 2);
	EXPECT(fd, REPLY_HI);
	/* sent, and gone at once */
	client_send(fd, two, sizeof(two));
	close(fd);
	pump(f);
	assert_int_equal(f->calls, 4);
}

/* --- readers that are slow, replies that are long --- */

static void test_slow_reader_is_dropped(void **state)
{
	struct fixture *f = *state;
	int fd = client_connect(f), other = client_connect(f), i;
	char text[1001];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = 0;
	client_say(fd, KEEP_MORE);
	client_say(other, KEEP_MORE);
	pump(f);
	assert_int_equal(f->kept_len, 2);
	for (i = 0; i < 10000 && !f->cancelled; i++) {
		char buf[4096];

		request_reply_more(f->kept[0], json_pack("{s:s}", "text", text));
		assert_int_equal(f->cancelled, 0);
		request_reply_more(f->kept[1], json_pack("{s:s}", "text", text));
		pump(f);
		assert_true(client_read(other, buf, sizeof(buf)) > 0);
	}
	/* dropped after a bounded queue, but not before a monitor could have been just busy */
	assert_int_equal(f->cancelled, 1);
	assert_in_range(i, 1000, 5000);
	client_say(other, ECHO_HI);
	request_reply(f->kept[1], NULL);
	pump(f);
	EXPECT(other, EMPTY, REPLY_HI);
	close(fd);
	close(other);
}

/* Read one reply of any length; its length without the NUL. */
static size_t read_long(struct fixture *f, int fd)
{
	static char buf[1 << 16];
	size_t len = 0;

	for (;;) {
		ssize_t n = recv(fd, buf, sizeof(buf), MSG_PEEK);
		const char *nul;

		if (n < 0) {
			assert_int_equal(errno, EAGAIN);
			pump(f);
			continue;
		}
		assert_true(n > 0);
		nul = memchr(buf, 0, (size_t)n);
		if (nul)
			n = nul - buf + 1;
		assert_int_equal(recv(fd, buf, (size_t)n, 0), n);
		len += (size_t)n;
		if (nul)
			return len - 1;
	}
}

static void test_long_replies(void **state)
{
	static const char two[] =
		"{\"method\":\"org.l2tpd.Big\",\"parameters\":{\"size\":8000000}}\0"
		"{\"method\":\"org.l2tpd.Big\",\"parameters\":{\"size\":17000000}}";
	struct fixture *f = *state;
	int fd = client_connect(f), i;

	client_send(fd, two, sizeof(two));
	/* nobody reads: no more than one reply is made */
	for (i = 0; i < 10; i++)
		client_say(fd, ECHO_HI);
	pump(f);
	assert_int_equal(f->calls, 0);
	assert_int_equal(read_long(f, fd), 8000000 + strlen("{\"parameters\":{\"text\":\"\"}}"));
	pump(f);
	/* over CTL_MAX_MESSAGE: an error of CTL_ERR_FAILED */
	assert_in_range(read_long(f, fd), 1, 200);
	pump(f);
	assert_int_equal(f->calls, 10);
	for (i = 0; i < 10; i++)
		assert_int_equal(read_long(f, fd), strlen(REPLY_HI));
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
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		TEST(test_split_at_every_byte),
		TEST(test_two_in_one_write),
		TEST(test_oversized),
		TEST(test_garbage),
		TEST(test_deep_nesting),
		TEST(test_unknown_method),
		TEST(test_error_text),
		TEST(test_service_interface),
		TEST(test_kept_call_blocks_later_ones),
		TEST(test_cancel_on_disconnect),
		TEST(test_cancel_on_free),
		TEST(test_reply_to_gone_client),
		TEST(test_half_close),
		TEST(test_more),
		TEST(test_oneway),
		TEST(test_slow_reader_is_dropped),
		TEST(test_long_replies),
		TEST(test_permission),
		TEST(test_missing_group),
		TEST(test_socket_file),
		TEST(test_stale_socket),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
