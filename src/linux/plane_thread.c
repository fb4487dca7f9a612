/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The thread that makes the blocking kernel calls. */
#include "plane_thread.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/queue.h>
#include <time.h>
#include <unistd.h>

#include "fair_queue.h"
#include "pppoe_socket.h"
#include "pppox.h"
#include "probe.h"
#include "thread.h"

/* plane_free() waits no longer for what is to be ended. */
#define STOP_SECONDS 1

/* Job and result in one, so that a job that was taken can always be answered. */
struct order {
	struct fair_item item; /* first */
	struct plane_result result;
};

struct worker {
	struct plane plane;	/* first */
	struct l2tp_genl *genl; /* the thread's alone */
	bool bind_channel;
	int fd; /* eventfd, readable while done is not empty */
	pthread_t thread;

	pthread_mutex_t lock; /* of all below */
	pthread_cond_t wake;
	struct fair_queue todo;
	STAILQ_HEAD(, fair_item) done;
	bool stop;
	struct timespec stop_at; /* CLOCK_MONOTONIC */
};

/*
 * The session first: before the fix of CVE-2026-68398 (6.1.183, 6.12.101) closing the socket while
 * data arrives was a use after free.
 */
static void session_undo(struct worker *worker, const struct l2tp_genl_session *session, int fd)
{
	l2tp_genl_session_delete(worker->genl, session->tid, session->sid);
	if (fd >= 0)
		close(fd);
}

static void session_create(struct worker *worker, struct plane_result *result)
{
	const struct plane_job *job = &result->job;
	const struct l2tp_genl_session *session = &job->session;
	int fd = -1, r;

	result->call = "L2TP_CMD_SESSION_CREATE";
	r = l2tp_genl_session_create(worker->genl, session);
	if (r < 0) {
		result->error = r;
		return;
	}
	/* at once: until then any local user may attach himself to the session */
	result->call = "connect(AF_PPPOX)";
	r = pppox_connect(
		job->family, session->tid, session->sid, job->peer_tid, session->peer_sid, &fd);
	if (r == 0 && worker->bind_channel) {
		result->call = "PPPIOCGCHAN";
		r = pppox_channel(fd);
	}
	if (r < 0) {
		session_undo(worker, session, fd);
		result->error = r;
		return;
	}
	result->pppox_fd = fd;
}

static void loopback_create(struct worker *worker, struct plane_result *result)
{
	struct loopback lb;
	int r = loopback_open(worker->genl, &lb, &result->call);

	if (r == 0 && worker->bind_channel) {
		result->call = "PPPIOCGCHAN";
		r = pppox_channel(lb.pppox_fd);
		if (r < 0)
			loopback_close(worker->genl, &lb);
	}
	result->error = r < 0 ? r : 0;
	if (r >= 0)
		result->loopback = lb;
}

static void leg_create(struct plane_result *result)
{
	const struct plane_job *job = &result->job;
	int line = job->fd;

	if (line < 0) {
		result->call = "connect(PPPoE)";
		result->error = pppoe_socket_connect(
			job->pppoe.ifindex, job->pppoe.sid, job->pppoe.mac, &line);
		if (result->error < 0)
			return;
	}
	result->call = "PPPIOCATTCHAN";
	result->error = ppp_leg_open(line, &result->leg);
	if (result->error < 0)
		close(line);
}

static void carry_out(struct worker *worker, struct plane_result *result)
{
	const struct plane_job *job = &result->job;

	switch (job->op) {
	case PLANE_TUNNEL_CREATE:
		result->call = "L2TP_CMD_TUNNEL_CREATE";
		result->error =
			l2tp_genl_tunnel_create(worker->genl, job->tid, job->peer_tid, job->fd);
		break;
	case PLANE_TUNNEL_DELETE:
		result->call = "L2TP_CMD_TUNNEL_DELETE";
		result->error = l2tp_genl_tunnel_delete(worker->genl, job->tid);
		break;
	case PLANE_SESSION_CREATE:
		session_create(worker, result);
		break;
	case PLANE_LOOPBACK_OPEN:
		loopback_create(worker, result);
		break;
	case PLANE_SESSION_MODIFY:
		result->call = "L2TP_CMD_SESSION_MODIFY";
		result->error = l2tp_genl_session_modify(worker->genl, &job->session);
		break;
	case PLANE_LEG_OPEN:
		leg_create(result);
		break;
	case PLANE_CLOSE:
		result->call = "close";
		result->error = close(job->fd) < 0 ? -errno : 0;
		break;
	}
}

static bool makes_something(enum plane_op op)
{
	switch (op) {
	case PLANE_TUNNEL_CREATE:
	case PLANE_SESSION_CREATE:
	case PLANE_LOOPBACK_OPEN:
	case PLANE_SESSION_MODIFY:
	case PLANE_LEG_OPEN:
		return true;
	case PLANE_TUNNEL_DELETE:
	case PLANE_CLOSE:
		break;
	}
	return false;
}

/* There is no time for it any more. Descriptors are left to the end of this process. */
static bool is_skipped(const struct worker *worker, enum plane_op op)
{
	struct timespec now;

	if (!worker->stop)
		return false;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return makes_something(op) || now.tv_sec > worker->stop_at.tv_sec ||
	       (now.tv_sec == worker->stop_at.tv_sec && now.tv_nsec >= worker->stop_at.tv_nsec);
}

static void *worker_thread(void *arg)
{
	struct worker *worker = arg;
	struct order *order;
	bool skip;

	pthread_mutex_lock(&worker->lock);
	for (;;) {
		order = (struct order *)fair_queue_next(&worker->todo);
		if (!order && worker->stop)
			break;
		if (!order) {
			pthread_cond_wait(&worker->wake, &worker->lock);
			continue;
		}
		skip = is_skipped(worker, order->result.job.op);
		pthread_mutex_unlock(&worker->lock);
		if (skip)
			order->result.error = -ECANCELED;
		else
			carry_out(worker, &order->result);
		pthread_mutex_lock(&worker->lock);
		STAILQ_INSERT_TAIL(&worker->done, &order->item, entry);
		eventfd_write(worker->fd, 1);
	}
	pthread_mutex_unlock(&worker->lock);
	return NULL;
}

static bool worker_next(struct plane *plane, struct plane_result *ret)
{
	struct worker *worker = (struct worker *)plane;
	struct order *order;
	eventfd_t count;

	pthread_mutex_lock(&worker->lock);
	order = (struct order *)STAILQ_FIRST(&worker->done);
	if (order)
		STAILQ_REMOVE_HEAD(&worker->done, entry);
	if (STAILQ_EMPTY(&worker->done))
		eventfd_read(worker->fd, &count);
	pthread_mutex_unlock(&worker->lock);
	if (!order)
		return false;
	*ret = order->result;
	free(order);
	return true;
}

static void worker_free(struct plane *plane)
{
	struct worker *worker = (struct worker *)plane;
	struct plane_result result;

	pthread_mutex_lock(&worker->lock);
	worker->stop = true;
	clock_gettime(CLOCK_MONOTONIC, &worker->stop_at);
	worker->stop_at.tv_sec += STOP_SECONDS;
	pthread_cond_signal(&worker->wake);
	pthread_mutex_unlock(&worker->lock);
	pthread_join(worker->thread, NULL);
	while (worker_next(plane, &result)) {
		if (result.pppox_fd >= 0)
			session_undo(worker, &result.job.session, result.pppox_fd);
		loopback_close(worker->genl, &result.loopback);
		ppp_leg_close(&result.leg);
	}
	l2tp_genl_free(worker->genl);
	close(worker->fd);
	pthread_cond_destroy(&worker->wake);
	pthread_mutex_destroy(&worker->lock);
	free(worker);
}

static int worker_fd(const struct plane *plane)
{
	return ((const struct worker *)plane)->fd;
}

static int worker_submit(struct plane *plane, const struct plane_job *job)
{
	struct worker *worker = (struct worker *)plane;
	struct order *order;
	int r;

	order = calloc(1, sizeof(*order));
	if (!order)
		return -ENOMEM;
	order->item.network = job->lane.network;
	order->item.source = job->lane.source;
	order->result.job = *job;
	order->result.pppox_fd = -1;
	order->result.loopback = LOOPBACK_NONE;
	order->result.leg = PPP_LEG_NONE;
	pthread_mutex_lock(&worker->lock);
	r = fair_queue_add(&worker->todo, &order->item);
	pthread_cond_signal(&worker->wake);
	pthread_mutex_unlock(&worker->lock);
	if (r < 0)
		free(order);
	return r;
}

int plane_thread_new(struct l2tp_genl *genl, bool bind_channel, struct plane **ret)
{
	static const struct plane_backend backend = {
		.submit = worker_submit, .fd = worker_fd, .next = worker_next, .free = worker_free
	};
	struct worker *worker;
	int r;

	worker = calloc(1, sizeof(*worker));
	if (!worker)
		return -ENOMEM;
	worker->plane.backend = &backend;
	worker->genl = genl;
	worker->bind_channel = bind_channel;
	fair_queue_init(&worker->todo);
	STAILQ_INIT(&worker->done);
	pthread_mutex_init(&worker->lock, NULL);
	pthread_cond_init(&worker->wake, NULL);
	worker->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	r = worker->fd < 0 ? -errno
			   : thread_start(worker_thread, worker, "kernel-worker", &worker->thread);
	if (r < 0) {
		if (worker->fd >= 0)
			close(worker->fd);
		pthread_cond_destroy(&worker->wake);
		pthread_mutex_destroy(&worker->lock);
		free(worker);
		return r;
	}
	*ret = &worker->plane;
	return 0;
}

int plane_thread_open(struct plane **ret, struct plane_traits *ret_traits)
{
	struct plane_traits traits = { 0 };
	struct l2tp_genl *genl = NULL;
	int r;

	r = pppox_probe();
	if (r < 0)
		return r;
	r = l2tp_genl_new(&genl);
	if (r < 0)
		return r;
	traits.family = l2tp_genl_family(genl);
	r = probe_drain(genl, &traits.drains);
	if (r == 0)
		r = probe_by_socket(genl, &traits.by_socket);
	if (r == 0)
		r = plane_thread_new(genl, !traits.drains, ret);
	if (r < 0) {
		l2tp_genl_free(genl);
		return r;
	}
	*ret_traits = traits;
	return 0;
}
