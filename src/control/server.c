/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* Beyond so many, only root gets in. */
#define CTL_MAX_CONNECTIONS 256
/* A group's entry with all its members is not longer. */
#define CTL_MAX_GROUP_ENTRY (1u << 20)

struct ctl_server {
	struct ctl_service service;
	int fd;
	int spare; /* given up for a moment when no other descriptor is to be had */
	sd_event_source *io;
	/* the rate limit of io needs sd-event's timer of this clock, which costs a descriptor: now
	 */
	sd_event_source *timer;
	char *path;
	dev_t dev; /* of the socket file we made */
	ino_t ino;
	bool has_group;
	gid_t group;
};

/* --- accepting --- */

/* The kernel's word on the groups the client had when it connected. */
static bool peer_in_group(int fd, const struct ucred *peer, gid_t group)
{
	socklen_t len = 64 * sizeof(gid_t);
	gid_t *groups, *grown;
	bool found = false;
	size_t i;

	if (peer->gid == group)
		return true;
	groups = malloc(len);
	if (groups && getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &len) < 0) {
		/* ERANGE: len is now what it takes */
		grown = errno == ERANGE ? realloc(groups, len) : NULL;
		if (grown)
			groups = grown;
		if (!grown || getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &len) < 0)
			len = 0;
	}
	for (i = 0; groups && i < len / sizeof(gid_t) && !found; i++)
		found = groups[i] == group;
	free(groups);
	return found;
}

static bool peer_may_change(const struct ctl_server *server, int fd, const struct ucred *peer)
{
	/* a daemon without privileges obeys its own user */
	return peer->uid == 0 || peer->uid == geteuid() ||
	       (server->has_group && peer_in_group(fd, peer, server->group));
}

static int open_spare(void)
{
	return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

/* No descriptors: who waits is told by a connection that ends, else the loop would spin. */
static void turn_away(struct ctl_server *server)
{
	if (server->spare < 0)
		return;
	close(server->spare);
	close(accept4(server->fd, NULL, NULL, SOCK_CLOEXEC));
	server->spare = open_spare();
}

static int server_on_io(sd_event_source *source, int listen_fd, uint32_t revents, void *user)
{
	struct ctl_server *server = user;
	struct ucred peer;
	socklen_t len = sizeof(peer);
	int fd = accept4(listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd < 0 && (errno == EMFILE || errno == ENFILE))
		turn_away(server);
	if (fd < 0)
		return 0; /* or the client left */
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) < 0 ||
		(server->service.caller_count >= CTL_MAX_CONNECTIONS && peer.uid != 0) ||
		request_accept(&server->service, fd, &peer, peer_may_change(server, fd, &peer)) < 0)
		close(fd);
	return 0;
}

/* --- the socket file --- */

static int group_lookup(const char *name, bool *ret_found, gid_t *ret_gid)
{
	struct group grp, *result = NULL;
	size_t size = 1024;
	char *buf = NULL;
	int r = ERANGE;

	while (r == ERANGE && size < CTL_MAX_GROUP_ENTRY) {
		free(buf);
		size *= 4;
		buf = malloc(size);
		if (!buf)
			return -ENOMEM;
		r = getgrnam_r(name, &grp, buf, size, &result);
	}
	*ret_found = r == 0 && result;
	if (*ret_found)
		*ret_gid = grp.gr_gid;
	free(buf);
	return 0;
}

static void make_parent(const char *path)
{
	char *dir = strdup(path);
	char *slash = dir ? strrchr(dir, '/') : NULL;

	if (slash && slash != dir) {
		*slash = 0;
		mkdir(dir, 0755); /* bind() tells if it is not there after this */
	}
	free(dir);
}

/* Nobody listens on the socket at addr any more: remove it. 0, -EADDRINUSE, or -errno. */
static int remove_stale(const struct sockaddr_un *addr)
{
	struct stat st;
	int fd, r = 0;

	if (lstat(addr->sun_path, &st) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISSOCK(st.st_mode))
		return -ENOTSOCK;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (const struct sockaddr *)addr, sizeof(*addr)) == 0 || errno == EAGAIN)
		r = -EADDRINUSE;
	else if (errno != ECONNREFUSED || unlink(addr->sun_path) < 0)
		r = -errno;
	close(fd);
	return r;
}

static int server_bind(struct ctl_server *server)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	struct stat st;
	int r;

	if (strlen(server->path) >= sizeof(addr.sun_path))
		return -ENAMETOOLONG;
	strcpy(addr.sun_path, server->path);
	make_parent(server->path);
	r = remove_stale(&addr);
	if (r < 0)
		return r;
	server->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (server->fd < 0)
		return -errno;
	/* unix(7): the file gets the socket's mode; nobody else may connect before chown */
	if (fchmod(server->fd, 0600) < 0 ||
		bind(server->fd, (const struct sockaddr *)&addr, sizeof(addr)) < 0 ||
		lstat(server->path, &st) < 0)
		return -errno;
	server->dev = st.st_dev;
	server->ino = st.st_ino;
	if (server->has_group) {
		if (lchown(server->path, (uid_t)-1, server->group) == 0) {
			if (chmod(server->path, 0660) < 0)
				return -errno;
		} else if (geteuid() == 0) {
			return -errno;
		} /* else: a daemon without privileges is for its own user */
	}
	return listen(server->fd, 128) < 0 ? -errno : 0;
}

/* Its time never comes. */
static int server_on_time(sd_event_source *source, uint64_t usec, void *user)
{
	return 0;
}

static int server_start(struct ctl_server *server)
{
	int r = server_bind(server);

	if (r < 0)
		return r;
	r = sd_event_add_io(
		server->service.event, &server->io, server->fd, EPOLLIN, server_on_io, server);
	if (r < 0)
		return r;
	sd_event_source_set_description(server->io, "control-listener");
	r = sd_event_add_time(server->service.event, &server->timer, CLOCK_MONOTONIC, UINT64_MAX, 0,
		server_on_time, server);
	return r < 0 ? r : sd_event_source_set_ratelimit(server->io, 1000000, 2000);
}

int ctl_server_new(sd_event *event, const char *path, const char *group,
	const struct ctl_method *methods, const char *idl, void *user, struct ctl_server **ret,
	bool *ret_group_missing)
{
	struct ctl_server *server = calloc(1, sizeof(*server));
	int r = -ENOMEM;

	if (!server)
		return r;
	TAILQ_INIT(&server->service.callers);
	server->fd = -1;
	server->spare = open_spare();
	server->service.event = sd_event_ref(event);
	server->service.methods = methods;
	server->service.idl = idl;
	server->service.user = user;
	server->path = strdup(path);
	if (server->path)
		r = group_lookup(group, &server->has_group, &server->group);
	if (r >= 0)
		r = server_start(server);
	if (r < 0) {
		ctl_server_free(server);
		return r;
	}
	if (ret_group_missing)
		*ret_group_missing = !server->has_group;
	*ret = server;
	return 0;
}

void ctl_server_free(struct ctl_server *server)
{
	struct stat st;

	if (!server)
		return;
	sd_event_source_disable_unref(server->io);
	sd_event_source_disable_unref(server->timer);
	request_close_all(&server->service);
	/* not the file of a daemon that came after us */
	if (server->ino && lstat(server->path, &st) == 0 && st.st_dev == server->dev &&
		st.st_ino == server->ino)
		unlink(server->path);
	if (server->fd >= 0)
		close(server->fd);
	if (server->spare >= 0)
		close(server->spare);
	sd_event_unref(server->service.event);
	free(server->path);
	free(server);
}
