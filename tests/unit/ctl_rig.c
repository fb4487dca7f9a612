/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl_rig.h"

#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

/* --- who the client is --- */

bool fake_peer;
uid_t fake_uid;
gid_t fake_gid, fake_groups[100];
size_t fake_groups_len;

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
	/* as from a directory with a long list of members */
	if (size < 10000)
		return ERANGE;
	*result = NULL;
	if (strcmp(name, FAKE_GROUP) != 0)
		return 0;
	memset(grp, 0, sizeof(*grp));
	grp->gr_gid = getgid();
	*result = grp;
	return 0;
}

/* --- a server with a few methods --- */

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

	f->calls++;
	request_peer(request, &f->pid, &f->uid);
	request_reply(request, NULL);
}

static void handle_fail(struct request *request, const json_t *params, void *user)
{
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

	request_on_cancel(request, on_cancel, f);
	f->kept[f->kept_len++] = request;
}

static void handle_big(struct request *request, const json_t *params, void *user)
{
	size_t size = (size_t)json_integer_value(json_object_get(params, "size"));
	char *text = malloc(size);

	memset(text, 'x', size);
	request_reply(request, json_pack("{s:s#}", "text", text, (int)size));
	free(text);
}

const struct ctl_method methods[] = {
	{ "org.l2tpd.Echo", false, handle_echo },
	{ "org.l2tpd.Change", true, handle_change },
	{ "org.l2tpd.Fail", false, handle_fail },
	{ "org.l2tpd.Keep", false, handle_keep },
	{ "org.l2tpd.Big", false, handle_big },
	{ NULL, false, NULL },
};

int start(struct fixture *f, const char *group, bool *ret_missing)
{
	return ctl_server_new(f->event, f->path, group, methods, "interface org.l2tpd\n", f,
		&f->server, ret_missing);
}

int setup(void **state)
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

int teardown(void **state)
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
void pump(struct fixture *f)
{
	int r;

	while ((r = sd_event_run(f->event, 0)) > 0)
		;
	assert_int_equal(r, 0);
}

/* --- a client --- */

int client_connect(struct fixture *f)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	strcpy(addr.sun_path, f->path);
	assert_int_equal(connect(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	pump(f);
	return fd;
}

void client_send(int fd, const char *data, size_t len)
{
	assert_int_equal(send(fd, data, len, MSG_NOSIGNAL), len);
}

/* The strings with their NULs. */
void client_say(int fd, const char *text)
{
	client_send(fd, text, strlen(text) + 1);
}

/* What is there: the number of bytes, -1: the connection was closed. */
ssize_t client_read(int fd, char *buf, size_t size)
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
void expect_replies(int fd, const char *const *replies)
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

void expect_closed(int fd)
{
	char c;

	assert_int_equal(client_read(fd, &c, 1), -1);
	close(fd);
}

/* One reply, an error; returns its parameters (decref). */
json_t *expect_error(int fd, const char *error)
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
