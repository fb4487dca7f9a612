/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <l2tpd/ctl.h>

struct ctl_client {
	int fd;
	char *data; /* received */
	size_t len, size;
	size_t scanned; /* bytes of data without a NUL */
	char *out;	/* queued, from out_start to out_end */
	size_t out_start, out_end;
	const volatile sig_atomic_t *stop;
};

static int connect_with(const char *path, int flags, struct ctl_client **ret)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	struct ctl_client *client;
	int r = 0;

	if (strlen(path) >= sizeof(addr.sun_path))
		return -ENAMETOOLONG;
	strcpy(addr.sun_path, path);
	client = calloc(1, sizeof(*client));
	if (!client)
		return -ENOMEM;
	client->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
	if (client->fd < 0 || connect(client->fd, (const struct sockaddr *)&addr, sizeof(addr)) < 0)
		r = -errno;
	if (r < 0) {
		ctl_client_free(client);
		return r;
	}
	*ret = client;
	return 0;
}

int ctl_client_connect(const char *path, struct ctl_client **ret)
{
	return connect_with(path, 0, ret);
}

int ctl_client_open(const char *path, struct ctl_client **ret)
{
	return connect_with(path, SOCK_NONBLOCK, ret);
}

/* There may be a secret in it. */
static void forget_out(struct ctl_client *client)
{
	if (client->out)
		explicit_bzero(client->out, client->out_end);
	free(client->out);
	client->out = NULL;
	client->out_start = client->out_end = 0;
}

void ctl_client_free(struct ctl_client *client)
{
	if (!client)
		return;
	forget_out(client);
	if (client->fd >= 0)
		close(client->fd);
	free(client->data);
	free(client);
}

void ctl_client_stop_on(struct ctl_client *client, const volatile sig_atomic_t *flag)
{
	client->stop = flag;
}

int ctl_client_fd(const struct ctl_client *client)
{
	return client->fd;
}

static int send_all(int fd, const char *data, size_t len)
{
	while (len) {
		ssize_t n = send(fd, data, len, MSG_NOSIGNAL);

		if (n >= 0) {
			data += n;
			len -= (size_t)n;
		} else if (errno == EPIPE) {
			return -ECONNRESET;
		} else if (errno != EINTR) {
			return -errno;
		}
	}
	return 0;
}

/* A request as text; params is stolen. NULL: no memory, or not UTF-8. */
static char *request_text(const char *method, json_t *params, bool more)
{
	json_t *request = json_pack("{s:s}", "method", method);
	char *text = NULL;

	if (request && params)
		json_object_set(request, "parameters", params);
	json_decref(params);
	if (request && more)
		json_object_set_new(request, "more", json_true());
	if (request)
		text = json_dumps(request, JSON_COMPACT);
	json_decref(request);
	return text;
}

int ctl_client_queue(struct ctl_client *client, const char *method, json_t *params, bool more)
{
	char *text = request_text(method, params, more), *out;
	size_t left = client->out_end - client->out_start, len;

	if (!text)
		return -ENOMEM;
	len = strlen(text) + 1;
	out = malloc(left + len);
	if (out) {
		if (left)
			memcpy(out, client->out + client->out_start, left);
		memcpy(out + left, text, len);
		forget_out(client);
		client->out = out;
		client->out_end = left + len;
	}
	explicit_bzero(text, len);
	free(text);
	return out ? ctl_client_flush(client) : -ENOMEM;
}

int ctl_client_flush(struct ctl_client *client)
{
	while (client->out_start < client->out_end) {
		ssize_t n = send(client->fd, client->out + client->out_start,
			client->out_end - client->out_start, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n >= 0)
			client->out_start += (size_t)n;
		else if (errno == EAGAIN)
			return 1;
		else if (errno != EINTR)
			return errno == EPIPE ? -ECONNRESET : -errno;
	}
	forget_out(client);
	return 0;
}

int ctl_client_send(struct ctl_client *client, const char *method, json_t *params, bool more)
{
	char *text = request_text(method, params, more);
	int r = -ENOMEM;

	if (text) {
		r = send_all(client->fd, text, strlen(text) + 1);
		explicit_bzero(text, strlen(text)); /* there may be a secret in it */
	}
	free(text);
	return r;
}

/* 0: *ret is filled, or -errno. */
static int parse_reply(const char *text, size_t len, struct ctl_reply *ret)
{
	json_t *message = json_loadb(text, len, 0, NULL);
	json_t *params = json_object_get(message, "parameters");
	json_t *error = json_object_get(message, "error");
	struct ctl_reply reply = { .continues =
					   json_is_true(json_object_get(message, "continues")) };
	int r = -EBADMSG;

	if (!json_is_object(message) || (params && !json_is_object(params)) ||
		(error && !json_is_string(error)))
		goto out;
	r = -ENOMEM;
	if (error) {
		reply.error = strdup(json_string_value(error));
		if (!reply.error)
			goto out;
	}
	reply.parameters = params ? json_incref(params) : json_object();
	if (!reply.parameters) {
		free(reply.error);
		goto out;
	}
	*ret = reply;
	r = 0;
out:
	json_decref(message);
	return r;
}

/* 1 if a whole message was buffered, 0 if not, -errno. */
static int take_message(struct ctl_client *client, struct ctl_reply *ret)
{
	size_t len = client->scanned;
	const char *nul =
		client->len > len ? memchr(client->data + len, 0, client->len - len) : NULL;
	int r;

	client->scanned = client->len;
	if (!nul)
		return client->len > CTL_MAX_MESSAGE ? -EBADMSG : 0;
	len = (size_t)(nul - client->data);
	r = parse_reply(client->data, len, ret);
	client->len -= len + 1;
	client->scanned = 0;
	memmove(client->data, nul + 1, client->len);
	return r < 0 ? r : 1;
}

/* 1: got something, 0: nothing there (never if wait), -errno. */
static int read_some(struct ctl_client *client, bool wait)
{
	ssize_t n;

	if (client->len == client->size) {
		size_t size = client->size ? client->size * 2 : 4096;
		char *data = realloc(client->data, size);

		if (!data)
			return -ENOMEM;
		client->data = data;
		client->size = size;
	}
	do {
		n = recv(client->fd, client->data + client->len, client->size - client->len,
			wait ? 0 : MSG_DONTWAIT);
	} while (n < 0 && errno == EINTR && !(client->stop && *client->stop));
	if (n < 0)
		return errno == EAGAIN ? 0 : -errno;
	if (n == 0)
		return -ECONNRESET;
	client->len += (size_t)n;
	return 1;
}

int ctl_client_receive(struct ctl_client *client, bool wait, struct ctl_reply *ret)
{
	int r;

	while ((r = take_message(client, ret)) == 0) {
		r = read_some(client, wait);
		if (r <= 0)
			break;
	}
	return r;
}

int ctl_client_call(
	struct ctl_client *client, const char *method, json_t *params, struct ctl_reply *ret)
{
	int r = ctl_client_send(client, method, params, false);

	if (r == 0)
		r = ctl_client_receive(client, true, ret);
	return r < 0 ? r : 0;
}

const char *ctl_reply_message(const struct ctl_reply *reply)
{
	const char *message;

	if (!reply->error)
		return NULL;
	if (strcmp(reply->error, CTL_ERR_METHOD) == 0)
		return "the daemon does not know this command: is it older than this program?";
	message = json_string_value(json_object_get(reply->parameters, "message"));
	return message && *message ? message : reply->error;
}

void ctl_reply_clear(struct ctl_reply *reply)
{
	free(reply->error);
	json_decref(reply->parameters);
	memset(reply, 0, sizeof(*reply));
}
