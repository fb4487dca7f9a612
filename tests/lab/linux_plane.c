/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "linux_plane.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "linux/plane_thread.h"
#include "linux/pppox.h"
#include "linux_rig.h"

static struct plane_result next_result(struct plane *plane)
{
	struct plane_result result = { .error = -ETIMEDOUT, .pppox_fd = -1 };

	check(readable(plane_fd(plane), WAIT_MS), "the plane answers");
	check(plane_next(plane, &result), "a result");
	return result;
}

static void submit(struct plane *plane, const struct plane_job *job)
{
	check_is(plane_submit(plane, job), 0, "an order");
}

static struct plane_job session_job(const struct pair *pair, int side, uint16_t sid)
{
	return (struct plane_job){
		.op = PLANE_SESSION_CREATE,
		.tid = pair->tid[side],
		.peer_tid = pair->tid[!side],
		.family = pair->family,
		.session = session_of(pair, side, sid),
	};
}

/* Somebody attaches himself to a session first: then it is not ours, and must not stay. */
static void test_plane_hijack(struct plane *plane, struct pair *pair)
{
	struct plane_job job = session_job(pair, 0, 6100);
	struct plane_result result;
	int fd;

	/* the kernel makes a session that does not exist for anybody who connects */
	check_is(pppox_connect(pair->family, pair->tid[0], 6100, pair->tid[1], 6100, &fd), 0,
		"a stranger's session");
	submit(plane, &job);
	result = next_result(plane);
	check_is(result.error, -EEXIST, "is noticed");
	check(strcmp(result.call, "L2TP_CMD_SESSION_CREATE") == 0, "by %s", result.call);
	close(fd);
}

static void test_plane_sessions(struct plane *plane, struct pair *pair)
{
	struct plane_job job;
	struct plane_result result;
	int pppox[2];

	for (int i = 0; i < 2; i++) {
		job = session_job(pair, i, 6001);
		submit(plane, &job);
	}
	for (int i = 0; i < 2; i++) {
		result = next_result(plane);
		check_is(result.error, 0, "a session by the plane");
		check_is(result.job.session.sid, 6001, "of that id");
		pppox[i] = result.pppox_fd;
		check(pppox[i] >= 0 && fcntl(pppox[i], F_GETFD) & FD_CLOEXEC, "and its socket");
	}
	job.op = PLANE_SESSION_MODIFY;
	job.session.send_seq = true;
	submit(plane, &job);
	check_is(next_result(plane).error, 0, "it is changed");
	job.op = PLANE_CLOSE;
	for (int i = 0; i < 2; i++) {
		job.fd = pppox[i];
		submit(plane, &job);
		check_is(next_result(plane).error, 0, "its socket is closed");
	}
	job = session_job(pair, 0, 6002);
	job.session.tid = 9999;
	submit(plane, &job);
	result = next_result(plane);
	check_is(result.error, -ENODEV, "a session of no tunnel");
	check_is(result.pppox_fd, -1, "has no socket");
	check(strcmp(result.call, "L2TP_CMD_SESSION_CREATE") == 0, "by %s", result.call);
	/* the session is made, but its socket cannot be: the undoing */
	job = session_job(pair, 0, 6003);
	job.peer_tid = 0;
	submit(plane, &job);
	result = next_result(plane);
	check_is(result.error, -EINVAL, "a session whose socket fails");
	check(strcmp(result.call, "connect(AF_PPPOX)") == 0, "by %s", result.call);
	test_plane_hijack(plane, pair);
}

void selftest_plane(bool bind_channel, uint16_t tid)
{
	struct plane_job job = { .op = PLANE_TUNNEL_CREATE };
	struct l2tp_genl *genl, *own;
	struct plane *plane;
	struct pair pair;

	printf("# plane, %s\n", bind_channel ? "binding channels" : "not binding channels");
	pair_sockets(&pair, AF_INET, tid);
	check_is(l2tp_genl_new(&own), 0, "family for this thread");
	check_is(l2tp_genl_new(&genl), 0, "family for the plane");
	check_is(plane_thread_new(genl, bind_channel, &plane), 0, "plane");
	for (int i = 0; i < 2; i++) {
		job.tid = pair.tid[i];
		job.peer_tid = pair.tid[!i];
		job.fd = pair.udp[i];
		submit(plane, &job);
		check_is(next_result(plane).error, 0, "a tunnel by the plane");
	}
	test_plane_sessions(plane, &pair);
	check_no_session(own, "no session is left");

	job.op = PLANE_TUNNEL_DELETE;
	job.tid = pair.tid[1];
	submit(plane, &job);
	check_is(next_result(plane).error, 0, "a tunnel is deleted");
	/* nobody reads this result: it is undone */
	job = session_job(&pair, 0, 6004);
	submit(plane, &job);
	plane_free(plane);
	check_no_session(own, "an unread session is undone");
	check_is(l2tp_genl_tunnel_delete(own, pair.tid[0]), 0, "the other tunnel");
	close(pair.udp[0]);
	close(pair.udp[1]);
	l2tp_genl_free(own);
}
