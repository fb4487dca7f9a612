/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A kernel tunnel of this process to itself. */
#include "loopback.h"

#include <errno.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "pppox.h"

/* Ids of other programs are no business of ours: another is tried. */
#define ID_TRIES 16

/*
 * Hear nothing. On the tunnel's own socket it stays: the filter runs after encap_rcv, so it only
 * drops what the kernel does not take as data of the session, and nobody would ever read.
 */
static int deafen(int fd)
{
	static struct sock_filter code[] = { BPF_STMT(BPF_RET | BPF_K, 0) };
	struct sock_fprog prog = { .len = 1, .filter = code };

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog)) < 0 ? -errno : 0;
}

static int undeafen(int fd)
{
	int unused = 0;

	return setsockopt(fd, SOL_SOCKET, SO_DETACH_FILTER, &unused, sizeof(unused)) < 0 ? -errno
											 : 0;
}

static int bound_socket(struct sockaddr_in *ret_addr, int *ret_fd)
{
	struct sockaddr_in addr = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	socklen_t len = sizeof(addr);
	int fd, r;

	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	r = deafen(fd);
	if (r == 0 && (bind(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0 ||
			      getsockname(fd, (struct sockaddr *)&addr, &len) < 0))
		r = -errno;
	if (r < 0) {
		close(fd);
		return r;
	}
	*ret_addr = addr;
	*ret_fd = fd;
	return 0;
}

static int open_sockets(struct loopback *lb, const char **call)
{
	struct sockaddr_in near, far;
	int r;

	*call = "UDP socket on 127.0.0.1";
	r = bound_socket(&near, &lb->tunnel_fd);
	if (r == 0)
		r = bound_socket(&far, &lb->far_fd);
	if (r < 0)
		return r;
	*call = "connect() on 127.0.0.1";
	if (connect(lb->tunnel_fd, (struct sockaddr *)&far, sizeof(far)) < 0 ||
		connect(lb->far_fd, (struct sockaddr *)&near, sizeof(near)) < 0)
		return -errno;
	return undeafen(lb->far_fd);
}

static uint16_t random_id(void)
{
	uint16_t id = 0;

	while (id == 0)
		if (getrandom(&id, sizeof(id), 0) != sizeof(id))
			id = 0;
	return id;
}

static int create_tunnel(struct l2tp_genl *genl, struct loopback *lb)
{
	int r = -EEXIST;

	for (int i = 0; i < ID_TRIES && r == -EEXIST; i++) {
		uint16_t tid = random_id();

		r = l2tp_genl_tunnel_create(genl, tid, tid, lb->tunnel_fd);
		if (r == 0)
			lb->tid = tid;
	}
	return r;
}

static int create_session(struct l2tp_genl *genl, struct loopback *lb)
{
	/* lns_mode: the kernel's numbers do not follow ours */
	struct l2tp_genl_session session = { .tid = lb->tid, .lns_mode = true };
	int r;

	session.sid = session.peer_sid = random_id();
	r = l2tp_genl_session_create(genl, &session);
	if (r == 0)
		lb->sid = session.sid;
	return r;
}

int loopback_open(struct l2tp_genl *genl, struct loopback *ret, const char **ret_call)
{
	struct loopback lb = LOOPBACK_NONE;
	int r;

	r = open_sockets(&lb, ret_call);
	if (r == 0) {
		*ret_call = "L2TP_CMD_TUNNEL_CREATE on 127.0.0.1";
		r = create_tunnel(genl, &lb);
	}
	if (r == 0) {
		*ret_call = "L2TP_CMD_SESSION_CREATE";
		r = create_session(genl, &lb);
	}
	if (r == 0) {
		*ret_call = "connect(AF_PPPOX)";
		r = pppox_connect(AF_INET, lb.tid, lb.sid, lb.tid, lb.sid, &lb.pppox_fd);
	}
	if (r < 0) {
		loopback_close(genl, &lb);
		return r;
	}
	*ret = lb;
	return 0;
}

void loopback_close(struct l2tp_genl *genl, struct loopback *lb)
{
	if (lb->sid)
		l2tp_genl_session_delete(genl, lb->tid, lb->sid);
	if (lb->pppox_fd >= 0)
		close(lb->pppox_fd);
	if (lb->tid)
		l2tp_genl_tunnel_delete(genl, lb->tid);
	if (lb->tunnel_fd >= 0)
		close(lb->tunnel_fd);
	if (lb->far_fd >= 0)
		close(lb->far_fd);
	*lb = LOOPBACK_NONE;
}
