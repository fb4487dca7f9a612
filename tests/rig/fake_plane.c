/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel plane of the machine, and its relay. */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "fake_linux.h"
#include "fake_priv.h"
#include "linux/plane_thread.h"
#include "linux/process.h"
#include "linux/relay.h"
#include "rig_alloc.h"

struct fake_job {
	STAILQ_ENTRY(fake_job) entry;
	struct plane_result result;
};

struct fake_plane {
	struct plane plane; /* first */
	int fd;
	STAILQ_HEAD(, fake_job) done;
};

/* A descriptor whose last close ends something in the kernel. */
struct fake_end {
	TAILQ_ENTRY(fake_end) entry;
	int fd;	   /* -1: only pppd has it */
	pid_t pid; /* of that pppd */
	unsigned *count;
};

static TAILQ_HEAD(, fake_end) ends = TAILQ_HEAD_INITIALIZER(ends);

static int end_new(unsigned *count)
{
	struct fake_end *end = calloc(1, sizeof(*end));

	assert(end);
	end->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	assert(end->fd >= 0);
	end->count = count;
	++*count;
	TAILQ_INSERT_TAIL(&ends, end, entry);
	return end->fd;
}

int fake_plane_session(unsigned *count)
{
	return end_new(count);
}

static void end_over(struct fake_end *end)
{
	--*end->count;
	TAILQ_REMOVE(&ends, end, entry);
	free(end);
}

void fake_plane_handed(int fd, pid_t pid)
{
	struct fake_end *end;

	TAILQ_FOREACH (end, &ends, entry) {
		if (end->fd != fd)
			continue;
		end->fd = -1;
		end->pid = pid;
		return;
	}
}

void fake_plane_pppd_gone(pid_t pid)
{
	struct fake_end *end, *next;

	for (end = TAILQ_FIRST(&ends); end; end = next) {
		next = TAILQ_NEXT(end, entry);
		if (end->fd < 0 && end->pid == pid)
			end_over(end);
	}
}

bool fake_plane_closed(int fd)
{
	struct fake_end *end;

	TAILQ_FOREACH (end, &ends, entry)
		if (end->fd == fd)
			break;
	if (!end)
		return false;
	end_over(end);
	return true;
}

static void do_job(struct plane_result *result)
{
	const struct plane_job *job = &result->job;

	result->error = machine.plane_error[job->op];
	result->call = "a call of the kernel";
	switch (job->op) {
	case PLANE_TUNNEL_CREATE:
		machine.kernel_tunnels += result->error == 0;
		break;
	case PLANE_TUNNEL_DELETE:
		machine.kernel_tunnels--;
		break;
	case PLANE_SESSION_CREATE:
		if (result->error == 0)
			result->pppox_fd = end_new(&machine.kernel_sessions);
		break;
	case PLANE_LOOPBACK_OPEN:
		if (result->error)
			break;
		result->loopback.tunnel_fd = end_new(&machine.loopbacks);
		result->loopback.far_fd = eventfd(0, EFD_CLOEXEC);
		result->loopback.pppox_fd = end_new(&machine.kernel_sessions);
		break;
	case PLANE_SESSION_MODIFY:
		break;
	case PLANE_LEG_OPEN:
		if (result->error == 0)
			result->error = fake_leg_open(job, &result->leg);
		else
			process_close(job->fd);
		break;
	case PLANE_CLOSE:
		process_close(job->fd);
		break;
	}
}

static int plane_take(struct plane *plane, const struct plane_job *job)
{
	struct fake_plane *fake = (struct fake_plane *)plane;
	struct fake_job *order;

	if (machine.plane_no_memory && job->op != PLANE_CLOSE)
		return -ENOMEM;
	order = calloc(1, sizeof(*order));
	assert(order);
	order->result.job = *job;
	order->result.pppox_fd = -1;
	order->result.loopback = LOOPBACK_NONE;
	order->result.leg = PPP_LEG_NONE;
	fake_elsewhere(true);
	do_job(&order->result);
	fake_elsewhere(false);
	STAILQ_INSERT_TAIL(&fake->done, order, entry);
	eventfd_write(fake->fd, 1);
	return 0;
}

static int plane_descriptor(const struct plane *plane)
{
	return ((const struct fake_plane *)plane)->fd;
}

static bool plane_result(struct plane *plane, struct plane_result *ret)
{
	struct fake_plane *fake = (struct fake_plane *)plane;
	struct fake_job *order = machine.plane_held ? NULL : STAILQ_FIRST(&fake->done);
	eventfd_t count;

	if (!order) {
		eventfd_read(fake->fd, &count);
		return false;
	}
	STAILQ_REMOVE_HEAD(&fake->done, entry);
	*ret = order->result;
	free(order);
	return true;
}

static void plane_end(struct plane *plane)
{
	struct fake_plane *fake = (struct fake_plane *)plane;
	struct plane_result result;

	machine.plane_held = false;
	while (plane_result(plane, &result)) {
		process_close(result.pppox_fd);
		process_close(result.loopback.pppox_fd);
		process_close(result.loopback.far_fd);
		process_close(result.loopback.tunnel_fd);
		process_close(result.leg.line);
		process_close(result.leg.fd);
	}
	/* what is left of tunnels goes with the process */
	machine.kernel_tunnels = 0;
	close(fake->fd);
	free(fake);
}

static struct fake_plane *the_plane;

int plane_thread_open(struct plane **ret, struct plane_traits *ret_traits)
{
	static const struct plane_backend backend = { .submit = plane_take,
		.fd = plane_descriptor,
		.next = plane_result,
		.free = plane_end };
	struct fake_plane *fake = calloc(1, sizeof(*fake));

	fake_charge(20000);
	assert(fake);
	fake->plane.backend = &backend;
	fake->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	STAILQ_INIT(&fake->done);
	the_plane = fake;
	*ret = &fake->plane;
	*ret_traits = (struct plane_traits){
		.family = 27, .drains = true, .by_socket = machine.by_socket
	};
	return 0;
}

void machine_release_plane(void)
{
	machine.plane_held = false;
	if (the_plane)
		eventfd_write(the_plane->fd, 1);
}

/* --- relay: takes sessions and carries nothing --- */

struct relay {
	int fd;
	unsigned tunnels, sessions;
};
struct relay_tunnel {
	int fd;
};
struct relay_session {
	struct relay_session_config config;
};

int relay_new(struct relay **ret)
{
	fake_charge(500);
	*ret = calloc(1, sizeof(**ret));
	assert(*ret);
	(*ret)->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return 0;
}

void relay_free(struct relay *relay)
{
	if (!relay)
		return;
	assert(!relay->tunnels && !relay->sessions);
	close(relay->fd);
	free(relay);
}

int relay_fd(const struct relay *relay)
{
	return relay->fd;
}

ssize_t relay_recv(struct relay *relay, uint8_t *buf, size_t size, struct l2tp_path *ret_path)
{
	fake_charge(10);
	return -EAGAIN;
}

int relay_add_tunnel(struct relay *relay, int fd, uint16_t tid, struct relay_tunnel **ret)
{
	fake_charge(50);
	*ret = calloc(1, sizeof(**ret));
	assert(*ret);
	(*ret)->fd = fd;
	relay->tunnels++;
	return 0;
}

void relay_remove_tunnel(struct relay *relay, struct relay_tunnel *tunnel)
{
	relay->tunnels--;
	free(tunnel);
}

int relay_add_session(struct relay *relay, struct relay_tunnel *tunnel,
	const struct relay_session_config *config, struct relay_session **ret)
{
	fake_charge(50);
	*ret = calloc(1, sizeof(**ret));
	assert(*ret);
	(*ret)->config = *config;
	relay->sessions++;
	return 0;
}

void relay_remove_session(struct relay *relay, struct relay_session *session)
{
	fake_charge(50);
	relay->sessions--;
	close(session->config.far_fd);
	free(session);
}

void relay_set_seq(struct relay *relay, struct relay_session *session, bool send_seq, bool follow,
	bool require_seq)
{
	session->config.peer.send_seq = send_seq;
	session->config.peer.require_seq = require_seq;
}

void relay_session_stats(const struct relay_session *session, struct relay_stats *ret)
{
	*ret = (struct relay_stats){
		.tx_packets = 7, .tx_bytes = 700, .send_seq = session->config.peer.send_seq
	};
}
