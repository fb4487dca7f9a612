/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The client in an event loop against the server in the same loop: neither may ever wait. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include <l2tpd/ctl.h>

#include "control/client_channel.h"
#include "control/server.h"

struct fixture {
	char dir[64], path[96];
	sd_event *event;
	struct ctl_server *server;
	struct ctl_channel *channel;
	struct request *kept;
	char heard[512]; /* what callbacks were told, in order */
	int lost;
	bool free_at_reply, free_at_lost, call_at_reply;
	unsigned cancelled;
};

static void handle_echo(struct request *request, const json_t *params, void *user)
{
	request_reply(request, json_deep_copy(params));
}

static void handle_count(struct request *request, const json_t *params, void *user)
{
	for (int i = 1; i <= 3; i++)
		request_reply_more(request, json_pack("{s:i}", "text", i));
	request_reply(request, json_pack("{s:s}", "text", "end"));
}

static void kept_gone(struct request *request, void *data)
{
	struct fixture *f = data;

	f->kept = NULL;
	f->cancelled++;
}

static void handle_keep(struct request *request, const json_t *params, void *user)
{
	struct fixture *f = user;

	f->kept = request;
	request_on_cancel(request, kept_gone, f);
	request_reply_more(request, json_pack("{s:s}", "text", "kept"));
}

static void handle_fail(struct request *request, const json_t *params, void *user)
{
	request_error(request, CTL_ERR_REFUSED, "no");
}

static const struct ctl_method methods[] = {
	{ "t.Echo", false, handle_echo },
	{ "t.Count", false, handle_count },
	{ "t.Keep", false, handle_keep },
	{ "t.Fail", false, handle_fail },
	{ NULL, false, NULL },
};

static void hear(struct fixture *f, const char *text)
{
	size_t len = strlen(f->heard);

	snprintf(f->heard + len, sizeof(f->heard) - len, "%s%s", len ? " " : "", text);
}

static void on_reply(struct ctl_channel *channel, const struct ctl_reply *reply, void *user)
{
	const json_t *text = json_object_get(reply->parameters, "text");
	struct fixture *f = user;
	char what[64];

	if (reply->error)
		snprintf(what, sizeof(what), "error:%s", ctl_reply_message(reply));
	else if (json_is_integer(text))
		snprintf(what, sizeof(what), "%d", (int)json_integer_value(text));
	else if (json_string_length(text) > 40)
		snprintf(what, sizeof(what), "%zu", json_string_length(text));
	else
		snprintf(what, sizeof(what), "%s", json_string_value(text));
	hear(f, what);
	if (f->call_at_reply) {
		f->call_at_reply = false;
		assert_int_equal(ctl_channel_call(channel, "t.Echo",
					 json_pack("{s:s}", "text", "more"), false, on_reply, f),
			0);
	}
	if (f->free_at_reply) {
		ctl_channel_free(channel);
		f->channel = NULL;
	}
}

static void on_lost(struct ctl_channel *channel, int error, void *user)
{
	struct fixture *f = user;

	f->lost = error;
	hear(f, "lost");
	if (f->free_at_lost) {
		ctl_channel_free(channel);
		f->channel = NULL;
	}
}

static int start(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	strcpy(f->dir, "/tmp/l2tpd-channel-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	snprintf(f->path, sizeof(f->path), "%s/control", f->dir);
	assert_true(sd_event_new(&f->event) >= 0);
	assert_int_equal(
		ctl_server_new(f->event, f->path, "none", methods, "", f, &f->server, NULL), 0);
	assert_int_equal(ctl_channel_new(f->event, f->path, on_lost, f, &f->channel), 0);
	*state = f;
	return 0;
}

static int stop(void **state)
{
	struct fixture *f = *state;

	ctl_channel_free(f->channel);
	ctl_server_free(f->server);
	sd_event_unref(f->event);
	rmdir(f->dir);
	free(f);
	return 0;
}

static void call(struct fixture *f, const char *method, const char *text, bool more)
{
	assert_int_equal(ctl_channel_call(f->channel, method, json_pack("{s:s}", "text", text),
				 more, on_reply, f),
		0);
}

/* Run until that much was heard. */
static void expect(struct fixture *f, const char *heard)
{
	for (unsigned i = 0; strlen(f->heard) < strlen(heard) && i < 10000; i++)
		if (sd_event_run(f->event, 10 * 1000) < 0)
			break;
	assert_string_equal(f->heard, heard);
}

/* Nothing more happens. */
static void settle(struct fixture *f)
{
	while (sd_event_run(f->event, 20 * 1000) > 0)
		;
}

static void test_replies_in_order(void **state)
{
	struct fixture *f = *state;

	call(f, "t.Echo", "one", false);
	call(f, "t.Count", "", true);
	call(f, "t.Fail", "", false);
	call(f, "t.Echo", "two", false);
	expect(f, "one 1 2 3 end error:no two");
}

/* Far more than a socket takes at once, both ways, in one thread. */
static void test_large_messages_do_not_wait(void **state)
{
	struct fixture *f = *state;
	char *text = malloc(900001);

	memset(text, 'x', 900000);
	text[900000] = '\0';
	call(f, "t.Echo", text, false);
	call(f, "t.Echo", text, false);
	call(f, "t.Echo", "end", false);
	free(text);
	expect(f, "900000 900000 end");
}

static void test_callback_may_call(void **state)
{
	struct fixture *f = *state;

	f->call_at_reply = true;
	call(f, "t.Echo", "one", false);
	expect(f, "one more");
}

/* With replies behind it that are buffered already. */
static void test_callback_may_free(void **state)
{
	struct fixture *f = *state;

	f->free_at_reply = true;
	call(f, "t.Count", "", true);
	expect(f, "1");
	settle(f);
	assert_null(f->channel);
	assert_string_equal(f->heard, "1");
}

static void test_free_cancels_at_the_server(void **state)
{
	struct fixture *f = *state;

	call(f, "t.Keep", "", true);
	expect(f, "kept");
	assert_non_null(f->kept);
	ctl_channel_free(f->channel);
	f->channel = NULL;
	settle(f);
	assert_int_equal(f->cancelled, 1);
}

static void test_lost(void **state)
{
	struct fixture *f = *state;

	call(f, "t.Keep", "", true);
	expect(f, "kept");
	ctl_server_free(f->server);
	f->server = NULL;
	f->free_at_lost = true;
	expect(f, "kept lost");
	assert_int_equal(f->lost, -ECONNRESET);
	assert_null(f->channel);
}

/* A call after the end is told once, and later calls say it. */
static void test_call_after_the_end(void **state)
{
	struct fixture *f = *state;

	ctl_server_free(f->server);
	f->server = NULL;
	call(f, "t.Echo", "one", false);
	expect(f, "lost");
	settle(f);
	assert_string_equal(f->heard, "lost");
	assert_int_equal(ctl_channel_call(f->channel, "t.Echo", NULL, false, on_reply, f), f->lost);
}

static void test_no_daemon(void **state)
{
	struct fixture *f = *state;
	struct ctl_channel *other;

	assert_int_equal(ctl_channel_new(f->event, "/nonexistent/x", on_lost, f, &other), -ENOENT);
}

/* A program that is no l2tpd: it speaks without being asked. */
static void test_unasked(void **state)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	struct fixture *f = *state;
	struct ctl_channel *other;
	int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), fd;

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/other", f->dir);
	assert_int_equal(bind(listener, (struct sockaddr *)&addr, sizeof(addr)), 0);
	assert_int_equal(listen(listener, 1), 0);
	assert_int_equal(ctl_channel_new(f->event, addr.sun_path, on_lost, f, &other), 0);
	fd = accept(listener, NULL, NULL);
	assert_int_equal(write(fd, "{\"parameters\":{}}", 18), 18);
	expect(f, "lost");
	assert_int_equal(f->lost, -EBADMSG);
	ctl_channel_free(other);
	close(fd);
	close(listener);
	unlink(addr.sun_path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_replies_in_order, start, stop),
		cmocka_unit_test_setup_teardown(test_large_messages_do_not_wait, start, stop),
		cmocka_unit_test_setup_teardown(test_callback_may_call, start, stop),
		cmocka_unit_test_setup_teardown(test_callback_may_free, start, stop),
		cmocka_unit_test_setup_teardown(test_free_cancels_at_the_server, start, stop),
		cmocka_unit_test_setup_teardown(test_lost, start, stop),
		cmocka_unit_test_setup_teardown(test_call_after_the_end, start, stop),
		cmocka_unit_test_setup_teardown(test_no_daemon, start, stop),
		cmocka_unit_test_setup_teardown(test_unasked, start, stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
