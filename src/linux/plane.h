/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel plane: what the kernel does for us, as messages. Jobs go in, results come back later.
 * Those of one peer are done, and answered, strictly in order; peers take turns, so that one who
 * makes a thousand tunnels keeps nobody waiting. Who carries them out is a backend: a thread
 * (plane_thread.h), or a script in tests.
 */
#ifndef LINUX_PLANE_H
#define LINUX_PLANE_H

#include <l2tp/types.h>

#include "l2tp_genl.h"
#include "loopback.h"
#include "ppp_channel.h"

enum plane_op {
	PLANE_TUNNEL_CREATE,  /* tid, peer_tid, fd (stays the caller's) */
	PLANE_TUNNEL_DELETE,  /* tid */
	PLANE_SESSION_CREATE, /* session, peer_tid, family: kernel session and PPPoX socket */
	PLANE_LOOPBACK_OPEN,  /* session is the caller's to know it by: a loopback for its relay */
	PLANE_SESSION_MODIFY, /* session */
	PLANE_LEG_OPEN, /* cookie, fd or pppoe: a line's PPP channel, for frames and bridges */
	PLANE_CLOSE,	/* fd: closed where last closes may block */
};

/* Whose a job is; all zero: of this machine itself. See plane_lane(). */
struct plane_lane {
	uint64_t network, source;
};

#define PLANE_LANE_OWN ((struct plane_lane){ 0 })

struct plane_job {
	enum plane_op op;
	struct plane_lane lane;
	uint16_t tid, peer_tid;
	int fd;
	int family; /* AF_INET, AF_INET6: of the tunnel socket */
	struct l2tp_genl_session session;
	uint64_t cookie; /* LEG_OPEN: the caller's, to know the result by */
	/*
	 * LEG_OPEN: fd is a line (PPPoX socket, tty) that is the plane's from now on, closed if
	 * nothing comes of it; or -1, and the kernel's PPPoE session is made first.
	 */
	struct {
		int ifindex;
		uint16_t sid;
		uint8_t mac[6];
	} pppoe;
};

struct plane_result {
	struct plane_job job;
	int error;	  /* 0 or -errno */
	const char *call; /* static: what failed, for the log ("L2TP_CMD_SESSION_CREATE") */
	/* SESSION_CREATE: now the caller's; -1 on error (and then no session is left) */
	int pppox_fd;
	struct loopback loopback; /* LOOPBACK_OPEN: the same */
	struct ppp_leg leg;	  /* LEG_OPEN: the same */
};

struct plane;

struct plane_backend {
	int (*submit)(struct plane *plane, const struct plane_job *job);
	int (*fd)(const struct plane *plane);
	bool (*next)(struct plane *plane, struct plane_result *ret);
	void (*free)(struct plane *plane);
};
/* The first member of what a backend makes. */
struct plane {
	const struct plane_backend *backend;
};

/* The lane of a peer: an IPv4 address in its /24, or an IPv6 /64 in its /56. */
struct plane_lane plane_lane(const struct l2tp_addr *peer);
/* Copies the job. 0 or -ENOMEM. */
int plane_submit(struct plane *plane, const struct plane_job *job);
/* Readable while a result waits. */
int plane_fd(const struct plane *plane);
/* The next result; false: none waits (and plane_fd() is quiet until the next). */
bool plane_next(struct plane *plane, struct plane_result *ret);
/*
 * Ends and closes what still waits to be, as long as that is done in a second; makes nothing new.
 * What is left then goes with this process. Unread results are undone (sockets closed). NULL is
 * allowed.
 */
void plane_free(struct plane *plane);
/* Close both descriptors of a leg there, the line first: its session and a bridge end with that. */
void plane_close_leg(struct plane *plane, struct plane_lane lane, struct ppp_leg *leg);
/* Close fd behind all jobs of the lane so far; plane NULL, or no memory: at once. */
void plane_close(struct plane *plane, struct plane_lane lane, int fd);

#endif
