/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One thread that makes the blocking kernel calls, strictly in the order they were ordered. Results
 * come back in the same order; worker_fd() is readable while any waits.
 */
#ifndef LINUX_PLANE_H
#define LINUX_PLANE_H

#include <l2tp/types.h>

#include "loopback.h"

enum worker_op {
	WORKER_TUNNEL_CREATE,  /* tid, peer_tid, fd (stays the caller's) */
	WORKER_TUNNEL_DELETE,  /* tid */
	WORKER_SESSION_CREATE, /* session, peer_tid, family: kernel session and PPPoX socket */
	WORKER_LOOPBACK_OPEN,  /* session is the caller's to know it by: a loopback for its relay */
	WORKER_SESSION_MODIFY, /* session */
	WORKER_SESSION_DELETE, /* session.tid, session.sid */
	WORKER_CLOSE,	       /* fd: closed by the thread, where last closes may block */
};

struct worker_job {
	enum worker_op op;
	uint16_t tid, peer_tid;
	int fd;
	int family; /* AF_INET, AF_INET6: of the tunnel socket */
	struct l2tp_genl_session session;
	uint64_t cookie; /* the caller's */
};

struct worker_result {
	struct worker_job job;
	int error;	  /* 0 or -errno */
	const char *call; /* static: what failed, for the log ("L2TP_CMD_SESSION_CREATE") */
	int pppox_fd; /* SESSION_CREATE: now the caller's; -1 on error (and then no session is left)
		       */
	struct loopback loopback; /* LOOPBACK_OPEN: the same */
};

struct worker;

/*
 * Takes genl over if it succeeds. bind_channel: call pppox_channel() on every new socket (see
 * probe_drain).
 */
int worker_new(struct l2tp_genl *genl, bool bind_channel, struct worker **ret);
/* Does all jobs still waiting, then ends the thread; unread results are undone (sockets closed). */
void worker_free(struct worker *worker);
int worker_fd(const struct worker *worker);
/* Copies the job. 0 or -ENOMEM. */
int worker_submit(struct worker *worker, const struct worker_job *job);
/* The next result; false: none waits (and worker_fd() is quiet until the next). */
bool worker_next(struct worker *worker, struct worker_result *ret);

#endif
