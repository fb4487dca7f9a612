/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The control protocol fed with bytes of a client, in pieces, over a socket. Beyond not
 * crashing: what it answers is varlink, and when the client is gone nothing of its requests is
 * left.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <l2tpd/ctl.h>

#include "control/request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CHECK(condition)                                                                           \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);            \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

static struct ctl_service service;
static unsigned kept; /* requests without a last reply */

static void handle_echo(struct request *request, const json_t *params, void *user)
{
	const char *text = json_string_value(json_object_get(params, "text"));

	if (text)
		request_reply(request, json_deep_copy(params));
	else
		request_bad_parameter(request, "text");
}

static void handle_fail(struct request *request, const json_t *params, void *user)
{
	const char *text = json_string_value(json_object_get(params, "text"));

	request_error(request, CTL_ERR_FAILED, "%s", text ? text : "no text");
}

static void on_cancel(struct request *request, void *data)
{
	kept--;
}

static void handle_keep(struct request *request, const json_t *params, void *user)
{
	json_int_t i, n = json_integer_value(json_object_get(params, "replies"));

	kept++;
	request_on_cancel(request, on_cancel, NULL);
	for (i = 0; i < n && i < 100; i++)
		request_reply_more(request, json_pack("{s:I}", "n", i));
	if (n) {
		kept--;
		request_reply(request, NULL);
	}
}

static const struct ctl_method methods[] = {
	{ "org.l2tpd.Echo", false, handle_echo },
	{ "org.l2tpd.Fail", true, handle_fail },
	{ "org.l2tpd.Keep", false, handle_keep },
	{ NULL, false, NULL },
};

static void clean_up(void)
{
	request_close_all(&service);
	sd_event_unref(service.event);
}

static void start(void)
{
	TAILQ_INIT(&service.callers);
	service.methods = methods;
	service.idl = "interface org.l2tpd\n";
	CHECK(sd_event_new(&service.event) >= 0);
	atexit(clean_up);
}

static void pump(void)
{
	int r;

	while ((r = sd_event_run(service.event, 0)) > 0)
		;
	CHECK(r == 0);
}

/* Without a server: who may connect is not what is tried here. */
static int client_connect(bool may_change)
{
	const struct ucred peer = { 0 };
	int fds[2];

	CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds) == 0);
	CHECK(request_accept(&service, fds[1], &peer, may_change) == 0);
	return fds[0];
}

static void check_reply(const char *text)
{
	json_t *reply = json_loads(text, 0, NULL), *error = json_object_get(reply, "error");

	CHECK(json_is_object(reply));
	CHECK(json_is_object(json_object_get(reply, "parameters")));
	CHECK(!error ||
		json_is_string(json_object_get(json_object_get(reply, "parameters"), "message")));
	json_decref(reply);
}

struct answer {
	char *data;
	size_t len, size;
};

/* Read what is there; false: the server closed the connection. */
static bool client_read(int fd, struct answer *a)
{
	for (;;) {
		ssize_t n;

		if (a->size - a->len < 4096) {
			a->size = a->size * 2 + 8192;
			a->data = realloc(a->data, a->size);
			CHECK(a->data);
		}
		n = recv(fd, a->data + a->len, a->size - a->len, 0);
		if (n <= 0)
			return n < 0 && errno == EAGAIN;
		a->len += (size_t)n;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* pieces of any size by the input itself, but not too many */
	size_t piece = size ? 1 + data[size / 2] * (size_t)data[size - 1] + size / 50 : 1, pos;
	struct answer answer = { 0 };
	bool open = true;
	int fd;

	if (!service.event)
		start();
	fd = client_connect(size % 4 != 0);
	while (size && open) {
		size_t len = piece < size ? piece : size;
		ssize_t n = send(fd, data, len, MSG_NOSIGNAL);

		pump();
		open = client_read(fd, &answer) && (n >= 0 || errno == EAGAIN);
		if (n < 0)
			break; /* a request is kept, nothing more is taken */
		data += n;
		size -= (size_t)n;
	}
	if (open)
		shutdown(fd, SHUT_WR);
	pump();
	while (client_read(fd, &answer) && !kept)
		pump();
	for (pos = 0; pos < answer.len; pos += strlen(answer.data + pos) + 1) {
		CHECK(memchr(answer.data + pos, 0, answer.len - pos));
		check_reply(answer.data + pos);
	}
	free(answer.data);
	close(fd);
	pump();
	CHECK(kept == 0);
	return 0;
}
