/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The Linux layer as far as it goes without root and without L2TP in the kernel: loopback only.
 * Sockets are in test_udp.c, pppd in test_pppd.c; the rest is tests/lab/linux_selftest.c.
 */
#include "linux_steps.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "linux/alone.h"
#include "linux/monitor.h"
#include "linux/plane_thread.h"
#include "linux/pppox.h"
#include "linux/probe.h"
#include "linux/route.h"
#include "linux/udp.h"

/* --- others --- */

/* friction.md U1: what looks like a leftover is somebody's who lives. */
static void test_alone(void **state)
{
	int first, second, third;

	assert_int_equal(alone_claim(ALONE_PATH, &first), 1);
	alone_settle(first);
	assert_int_equal(alone_claim(ALONE_PATH, &second), 0);
	close(first);
	assert_int_equal(alone_claim(ALONE_PATH, &third), 0);
	close(second);
	close(third);
	assert_int_equal(alone_claim(ALONE_PATH, &first), 1);
	/* one that does not let it go keeps nobody waiting */
	assert_int_equal(alone_claim(ALONE_PATH, &second), 0);
	close(first);
	close(second);
	assert_true(alone_claim("/proc/nowhere", &first) < 0);
	assert_int_equal(first, -1);
}

/* --- plane --- */

static void wait_result(struct plane *plane, struct plane_result *result)
{
	assert_true(readable(plane_fd(plane), WAIT_MS));
	assert_true(plane_next(plane, result));
}

/* Closing needs no family: order, results and the descriptor can be seen without one. */
static void test_plane_close(void **state)
{
	enum { JOBS = 100 };
	struct plane_job job = { .op = PLANE_CLOSE };
	struct plane_result result;
	struct plane *plane;
	int pipes[2];

	assert_int_equal(plane_thread_new(NULL, false, &plane), 0);
	assert_false(readable(plane_fd(plane), 0));
	assert_false(plane_next(plane, &result));
	for (unsigned i = 0; i < JOBS; i++) {
		assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
		close(pipes[0]);
		job.fd = pipes[1];
		job.tid = (uint16_t)i;
		assert_int_equal(plane_submit(plane, &job), 0);
	}
	for (unsigned i = 0; i < JOBS; i++) {
		wait_result(plane, &result);
		assert_int_equal(result.job.tid, i);
		assert_int_equal(result.error, 0);
		assert_int_equal(result.pppox_fd, -1);
		assert_string_equal(result.call, "close");
	}
	assert_false(readable(plane_fd(plane), 0));
	job.fd = -1;
	assert_int_equal(plane_submit(plane, &job), 0);
	wait_result(plane, &result);
	assert_int_equal(result.error, -EBADF);
	/* what still waits is done */
	assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
	job.fd = pipes[1];
	assert_int_equal(plane_submit(plane, &job), 0);
	plane_free(plane);
	assert_int_equal(fcntl(pipes[1], F_GETFD), -1);
	close(pipes[0]);
	plane_free(NULL);
}

/* One whose close takes a second: TCP with data that its peer does not take. */
static int slow_to_close(void)
{
	struct linger linger = { .l_onoff = 1, .l_linger = 1 };
	struct sockaddr_in in = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), fd;
	static char data[1 << 16];
	socklen_t len = sizeof(in);

	assert_int_equal(bind(listener, (struct sockaddr *)&in, sizeof(in)), 0);
	assert_int_equal(listen(listener, 1), 0);
	assert_int_equal(getsockname(listener, (struct sockaddr *)&in, &len), 0);
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&in, len), 0);
	/* nobody accepts it: what is over the receiver's window waits here */
	while (send(fd, data, sizeof(data), MSG_DONTWAIT) > 0)
		;
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)), 0);
	return fd;
}

/* What is slow to end does not keep the daemon; nothing is made any more. */
static void test_plane_stops_in_time(void **state)
{
	enum { JOBS = 30 };
	struct plane_job job = { .op = PLANE_CLOSE };
	int fds[JOBS], left = 0;
	struct plane *plane;

	assert_int_equal(plane_thread_new(NULL, false, &plane), 0);
	for (int i = 0; i < JOBS; i++) {
		job.fd = fds[i] = slow_to_close();
		job.lane.source = (uint64_t)i;
		assert_int_equal(plane_submit(plane, &job), 0);
	}
	job.op = PLANE_TUNNEL_CREATE; /* there is no family: it would crash */
	assert_int_equal(plane_submit(plane, &job), 0);
	plane_free(plane);
	for (int i = 0; i < JOBS; i++)
		left += fcntl(fds[i], F_GETFD) >= 0;
	assert_true(left > JOBS / 2);
}

static void test_plane_family(void **state)
{
	struct plane_job job = { .op = PLANE_TUNNEL_DELETE, .tid = 1 };
	struct plane_result result;
	struct l2tp_genl *genl;
	struct plane *plane;
	int r;

	r = l2tp_genl_new(&genl);
	if (r == -ENOENT)
		leave_out("the kernel has no L2TP");
	assert_int_equal(r, 0);
	assert_int_equal(plane_thread_new(genl, false, &plane), 0);
	assert_int_equal(plane_submit(plane, &job), 0);
	wait_result(plane, &result);
	assert_true(result.error == -EPERM || result.error == -ENODEV);
	assert_string_equal(result.call, "L2TP_CMD_TUNNEL_DELETE");
	plane_free(plane);
}

/* --- netlink --- */

struct seen {
	bool lo, local;
};

static void on_event(void *user, const struct monitor_event *event)
{
	struct l2tp_addr loopback = addr("127.0.0.1", 0);
	struct seen *seen = user;

	if (event->type == MONITOR_LINK && strcmp(event->ifname, "lo") == 0) {
		assert_true(event->ifindex > 0);
		assert_true(event->mtu >= 1280);
		seen->lo = true;
	}
	if (event->type == MONITOR_ADDR && l2tp_addr_same_host(&event->local, &loopback)) {
		assert_int_equal(event->remote.sa.sa_family, AF_UNSPEC);
		seen->local = true;
	}
}

static void test_monitor(void **state)
{
	struct monitor *monitor;
	struct seen seen = { 0 };

	assert_int_equal(monitor_new(&monitor), 0);
	while (readable(monitor_fd(monitor), 200))
		assert_int_equal(monitor_process(monitor, on_event, &seen), 0);
	assert_true(seen.lo);
	assert_true(seen.local);
	monitor_free(monitor);
	monitor_free(NULL);
}

static void on_session(void *user, const struct session_stats *session)
{
}

/* A family that is not there: the kernel's errno ends the dump, and the next may start. */
static void test_stats_error(void **state)
{
	struct stats_stream *stats;
	bool done;
	int r;

	assert_int_equal(stats_new(0xfff0, &stats), 0);
	assert_int_equal(stats_process(stats, on_session, NULL, &done), 0);
	assert_true(done);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(stats_request(stats), 0);
		assert_int_equal(stats_request(stats), -EBUSY);
		do {
			assert_true(readable(stats_fd(stats), WAIT_MS));
			r = stats_process(stats, on_session, NULL, &done);
		} while (!done);
		assert_int_equal(r, -ENOENT);
	}
	stats_free(stats);
	stats_free(NULL);
}

static void test_route_local(void **state)
{
	struct l2tp_addr dst = addr("127.0.0.1", 1701), none = { 0 };
	struct route route;

	assert_int_equal(route_lookup(&dst, &route), 0);
	assert_true(route.ifindex > 0);
	assert_int_equal(route.gateway.sa.sa_family, AF_UNSPEC);
	assert_int_equal(route_pin(&dst, &route), -EADDRNOTAVAIL);
	assert_int_equal(route_lookup(&none, &route), -EAFNOSUPPORT);
	if (have_ip6()) {
		dst = addr("::1", 0);
		assert_int_equal(route_pin(&dst, &route), -EADDRNOTAVAIL);
	}
}

/* --- probe --- */

static bool mentions(const struct probe_finding *findings, size_t n, const char *text)
{
	for (size_t i = 0; i < n; i++) {
		assert_true(findings[i].what[0] != '\0');
		assert_true(findings[i].remedy[0] != '\0');
		if (strstr(findings[i].what, text))
			return true;
	}
	return false;
}

static void test_probe(void **state)
{
	struct probe_finding findings[16];
	size_t n;

	n = probe_machine("/nonexistent/pppd", "/nonexistent/l2tpd.so", findings, 16);
	assert_true(n >= 2 && n <= 16);
	assert_true(mentions(findings, n, "/nonexistent/pppd"));
	assert_true(mentions(findings, n, "/nonexistent/l2tpd.so"));
	if (pppox_probe() < 0)
		assert_true(mentions(findings, n, "the kernel has no L2TP"));
	assert_int_equal(probe_machine("/nonexistent/pppd", NULL, findings, 1), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_alone),
		cmocka_unit_test(test_plane_close),
		cmocka_unit_test(test_plane_stops_in_time),
		cmocka_unit_test(test_plane_family),
		cmocka_unit_test(test_monitor),
		cmocka_unit_test(test_stats_error),
		cmocka_unit_test(test_route_local),
		cmocka_unit_test(test_probe),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
