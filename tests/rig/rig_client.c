/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Clients of the daemon's control socket. Who they are comes from getsockopt() below. */
#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "daemon_rig.h"

int getsockopt(int fd, int level, int name, void *value, socklen_t *len)
{
	struct ucred cred = { .pid = 4712, .uid = 0, .gid = 0 };

	if (level == SOL_SOCKET && name == SO_PEERCRED) {
		memcpy(value, &cred, sizeof(cred));
		return 0;
	}
	return (int)syscall(SYS_getsockopt, fd, level, name, value, len);
}

int rig_client(struct rig *rig)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	assert(fd >= 0);
	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", rig->socket);
	assert(connect(fd, (struct sockaddr *)&addr, sizeof(addr)) == 0);
	return fd;
}

static int format_request(char *buf, size_t size, const char *method, const char *params)
{
	int n = snprintf(buf, size, "{\"method\":\"%s\",\"more\":%s,\"parameters\":%s}", method,
		strstr(method, "Monitor") ? "true" : "false", params);

	assert(n > 0 && (size_t)n < size);
	return n + 1;
}

void rig_try_send(int fd, const char *method, const char *params)
{
	char request[4096];
	int n = format_request(request, sizeof(request), method, params);

	if (send(fd, request, (size_t)n, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		return; /* as a client whose daemon left */
}

void rig_send(int fd, const char *method, const char *params)
{
	char request[4096];
	int n = format_request(request, sizeof(request), method, params);

	assert(send(fd, request, (size_t)n, MSG_NOSIGNAL) == n);
}

void rig_request(struct rig *rig, int fd, const char *method, const char *params)
{
	rig_send(fd, method, params);
	rig_pump(rig);
}

json_t *rig_reply(struct rig *rig, int fd)
{
	static char buf[1 << 20];
	size_t len = 0;

	rig_pump(rig);
	while (len < sizeof(buf) && recv(fd, buf + len, 1, MSG_DONTWAIT) == 1)
		if (!buf[len++])
			return json_loads(buf, 0, NULL);
	assert(len == 0);
	return NULL;
}

json_t *rig_exchange(struct rig *rig, const char *method, const char *params)
{
	int fd = rig_client(rig);
	json_t *reply;

	rig_request(rig, fd, method, params);
	reply = rig_reply(rig, fd);
	close(fd);
	rig_pump(rig);
	return reply;
}

const char *rig_error(const json_t *reply)
{
	const char *error = json_string_value(json_object_get(reply, "error"));
	const char *dot = error ? strrchr(error, '.') : NULL;

	return dot ? dot + 1 : "";
}

const char *rig_message(const json_t *reply)
{
	const json_t *params = json_object_get(reply, "parameters");
	const char *message = json_string_value(json_object_get(params, "message"));

	return message ? message : "";
}
