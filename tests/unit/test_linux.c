// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The Linux layer as far as it goes without root and without L2TP in the kernel: loopback only. The
 * rest is tests/lab/linux_selftest.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/udp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "linux/monitor.h"
#include "linux/pppox.h"
#include "linux/probe.h"
#include "linux/route.h"
#include "linux/udp.h"
#include "linux/plane.h"

#define WAIT_MS 5000

static const uint8_t control_msg[] = { 0xc8, 0x02, 0, 12, 0, 0, 0, 0, 0, 0, 0, 0 };
static const uint8_t data_msg[] = { 0x00, 0x02, 0, 1, 0, 1, 0xff, 0x03, 0xc0, 0x21, 1, 1, 0, 4 };

static struct l2tp_addr addr(const char *host, uint16_t port)
{
	struct l2tp_addr a = { 0 };

	assert_int_equal(l2tp_addr_parse(host, port, &a), 0);
	return a;
}

static uint16_t local_port(int fd)
{
	struct l2tp_addr a;

	assert_int_equal(udp_local(fd, &a), 0);
	return l2tp_addr_port(&a);
}

static bool readable(int fd, int ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, ms) == 1;
}

/* A peer: a plain socket, not of the layer under test. */
static int peer_socket(const char *host)
{
	struct l2tp_addr a = addr(host, 0);
	int fd = socket(a.sa.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, &a.sa, l2tp_addr_len(&a)), 0);
	return fd;
}

static void peer_send(int fd, const struct l2tp_addr *to, const void *data, size_t len)
{
	assert_int_equal(sendto(fd, data, len, 0, &to->sa, l2tp_addr_len(to)), (int)len);
}

static bool have_ip6(void)
{
	struct l2tp_addr a = addr("::1", 0);
	int fd = socket(AF_INET6, SOCK_DGRAM, 0);
	bool ok = fd >= 0 && bind(fd, &a.sa, l2tp_addr_len(&a)) == 0;

	if (fd >= 0)
		close(fd);
	return ok;
}

/* --- udp --- */

/* A listener on self hears what was sent to host, and answers from there. */
static void exchange(const char *self, const char *host)
{
	struct l2tp_addr to = addr(self, 0), from = { 0 };
	socklen_t from_len = sizeof(from);
	struct l2tp_path path;
	uint8_t buf[64];
	int fd, peer = peer_socket(host);

	assert_int_equal(udp_listen(&to, &fd), 0);
	assert_int_equal(udp_recv(fd, buf, sizeof(buf), &path), -EAGAIN);
	to = addr(host, local_port(fd));
	peer_send(peer, &to, control_msg, sizeof(control_msg));
	assert_true(readable(fd, WAIT_MS));
	assert_int_equal(udp_recv(fd, buf, sizeof(buf), &path), sizeof(control_msg));
	assert_memory_equal(buf, control_msg, sizeof(control_msg));
	assert_true(l2tp_addr_equal(&path.local, &to));
	from = addr(host, local_port(peer));
	assert_true(l2tp_addr_equal(&path.peer, &from));

	assert_int_equal(udp_send(fd, &path, "answer", 6), 0);
	assert_true(readable(peer, WAIT_MS));
	assert_int_equal(recvfrom(peer, buf, sizeof(buf), 0, &from.sa, &from_len), 6);
	assert_true(l2tp_addr_equal(&from, &to));
	close(peer);
	close(fd);
}

/* cmocka's skip() is "not ok ... # SKIP" in TAP, which readers of TAP take for a failure. */
#define leave_out(why)                                                                             \
	do {                                                                                       \
		fprintf(stderr, "# %s left out: %s\n", __func__, why);                             \
		return;                                                                            \
	} while (0)

static void test_exchange(void **state)
{
	(void)state;
	exchange("127.0.0.1", "127.0.0.1");
	exchange("0.0.0.0", "127.0.0.1");
	/* an address of the loopback net that is nobody's default: only pktinfo gets this right */
	exchange("0.0.0.0", "127.0.0.2");
}

static void test_exchange_ip6(void **state)
{
	(void)state;
	if (!have_ip6())
		leave_out("no IPv6");
	exchange("::1", "::1");
	exchange("::", "::1");
}

/* Both wildcards on one port do not disturb each other. */
static void test_v6only(void **state)
{
	struct l2tp_addr a = addr("0.0.0.0", 0), b;
	int fd4, fd6;

	(void)state;
	if (!have_ip6())
		leave_out("no IPv6");
	assert_int_equal(udp_listen(&a, &fd4), 0);
	b = addr("::", local_port(fd4));
	assert_int_equal(udp_listen(&b, &fd6), 0);
	close(fd4);
	close(fd6);
}

static void test_listen_errors(void **state)
{
	struct l2tp_addr none = { 0 }, a = addr("127.0.0.1", 0);
	int fd, other = -5;

	(void)state;
	assert_int_equal(udp_listen(&none, &other), -EAFNOSUPPORT);
	assert_int_equal(udp_listen(&a, &fd), 0);
	a = addr("127.0.0.1", local_port(fd));
	assert_int_equal(udp_listen(&a, &other), -EADDRINUSE);
	a = addr("192.0.2.1", 0);
	assert_int_equal(udp_listen(&a, &other), -EADDRNOTAVAIL);
	assert_int_equal(other, -5);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
	close(fd);
}

static void test_truncated(void **state)
{
	struct l2tp_addr to = addr("127.0.0.1", 0);
	struct l2tp_path path;
	uint8_t buf[4];
	int fd, peer = peer_socket("127.0.0.1");

	(void)state;
	assert_int_equal(udp_listen(&to, &fd), 0);
	to = addr("127.0.0.1", local_port(fd));
	peer_send(peer, &to, control_msg, sizeof(control_msg));
	assert_true(readable(fd, WAIT_MS));
	assert_int_equal(udp_recv(fd, buf, sizeof(buf), &path), -EMSGSIZE);
	close(peer);
	close(fd);
}

static void expect_only_control(int fd, const struct l2tp_addr *to, int peer)
{
	struct l2tp_path path;
	uint8_t buf[64];

	peer_send(peer, to, "", 0);
	peer_send(peer, to, data_msg, sizeof(data_msg));
	peer_send(peer, to, control_msg, sizeof(control_msg));
	assert_true(readable(fd, WAIT_MS));
	assert_int_equal(udp_recv(fd, buf, sizeof(buf), &path), sizeof(control_msg));
	assert_int_equal(buf[0], 0xc8);
	assert_int_equal(udp_recv(fd, buf, sizeof(buf), &path), -EAGAIN);
}

static void test_t_bit_filter(void **state)
{
	struct l2tp_addr any = addr("127.0.0.1", 0), to;
	int listener, tunnel, peer = peer_socket("127.0.0.1");

	(void)state;
	assert_int_equal(udp_listen(&any, &listener), 0);
	to = addr("127.0.0.1", local_port(listener));
	expect_only_control(listener, &to, peer);

	assert_int_equal(udp_tunnel_open(-1, &any, &tunnel), 0);
	to = addr("127.0.0.1", local_port(tunnel));
	expect_only_control(tunnel, &to, peer);
	close(tunnel);
	close(listener);
	close(peer);
}

static void expect_checksums(int fd, int family)
{
	int off = -1;
	socklen_t len = sizeof(off);

	assert_int_equal(getsockopt(fd, SOL_SOCKET, SO_NO_CHECK, &off, &len), 0);
	assert_int_equal(off, 0);
	if (family != AF_INET6)
		return;
	assert_int_equal(getsockopt(fd, IPPROTO_UDP, UDP_NO_CHECK6_TX, &off, &len), 0);
	assert_int_equal(off, 0);
}

/* RFC 2661 8.1: on by default, for control and (the kernel sends it by the same socket) data. */
static void test_pitfall_26_checksums_are_on(void **state)
{
	static const char *const hosts[] = { "127.0.0.1", "::1" };

	(void)state;
	for (int i = 0; i < (have_ip6() ? 2 : 1); i++) {
		struct l2tp_addr any = addr(hosts[i], 0);
		int family = any.sa.sa_family, peer = peer_socket(hosts[i]), fd[3];
		struct l2tp_path path = { .peer = addr(hosts[i], local_port(peer)) };

		assert_int_equal(udp_listen(&any, &fd[0]), 0);
		assert_int_equal(udp_tunnel_open(-1, &any, &fd[1]), 0);
		path.local = addr(hosts[i], local_port(fd[0]));
		assert_int_equal(udp_tunnel_accept(fd[0], &path, &fd[2]), 0);
		for (int j = 0; j < 3; j++) {
			expect_checksums(fd[j], family);
			close(fd[j]);
		}
		close(peer);
	}
}

/* What another user of the machine would try. SO_REUSEPORT would help only him who has our uid. */
static void expect_no_hijack(const char *host, uint16_t port)
{
	struct l2tp_addr a = addr(host, port);
	int fd, one = 1, status;
	pid_t pid;

	fd = socket(a.sa.sa_family, SOCK_DGRAM, 0);
	assert_true(fd >= 0);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)), 0);
	assert_int_equal(bind(fd, &a.sa, l2tp_addr_len(&a)), -1);
	assert_int_equal(errno, EADDRINUSE);
	close(fd);
	if (geteuid() != 0)
		return;
	pid = fork();
	if (pid == 0) {
		if (setuid(65534) < 0)
			_exit(2);
		fd = socket(a.sa.sa_family, SOCK_DGRAM, 0);
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
		setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof(one));
		_exit(bind(fd, &a.sa, l2tp_addr_len(&a)) < 0 && errno == EADDRINUSE ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

/* Many peers on one port: each has its own socket, strangers stay with the listener. */
static void many_peers(const char *self, const char *host, const char *stranger_host)
{
	enum { PEERS = 20 };
	struct l2tp_addr any = addr(self, 0), to, again;
	int listener, other, tunnel[PEERS], peer[PEERS], stranger = peer_socket(stranger_host);
	struct l2tp_path path;
	uint8_t buf[64];

	assert_int_equal(udp_listen(&any, &listener), 0);
	to = addr(host, local_port(listener));
	expect_no_hijack(self, local_port(listener));
	for (int i = 0; i < PEERS; i++) {
		peer[i] = peer_socket(stranger_host);
		peer_send(peer[i], &to, control_msg, sizeof(control_msg));
		assert_true(readable(listener, WAIT_MS));
		assert_true(udp_recv(listener, buf, sizeof(buf), &path) > 0);
		assert_int_equal(udp_tunnel_accept(listener, &path, &tunnel[i]), 0);
		expect_no_hijack(self, local_port(listener));
		expect_no_hijack(host, local_port(listener));
	}
	for (int i = 0; i < PEERS; i++) {
		peer_send(peer[i], &to, control_msg, sizeof(control_msg));
		assert_true(readable(tunnel[i], WAIT_MS));
		assert_true(udp_recv(tunnel[i], buf, sizeof(buf), &path) > 0);
		assert_true(l2tp_addr_equal(&path.local, &to));
		assert_int_equal(l2tp_addr_port(&path.peer), local_port(peer[i]));
		assert_int_equal(udp_send(tunnel[i], NULL, "x", 1), 0);
		assert_true(readable(peer[i], WAIT_MS));
	}
	peer_send(stranger, &to, control_msg, sizeof(control_msg));
	assert_true(readable(listener, WAIT_MS));
	/* a second daemon may not listen, nor may we by mistake; but again, if the listener went */
	again = addr(self, local_port(listener));
	assert_int_equal(udp_listen(&again, &other), -EADDRINUSE);
	close(listener);
	assert_int_equal(udp_listen(&again, &other), -EADDRINUSE);
	expect_no_hijack(host, l2tp_addr_port(&again));
	assert_int_equal(udp_listen_again(&again, &other), 0);
	peer_send(stranger, &to, control_msg, sizeof(control_msg));
	assert_true(readable(other, WAIT_MS));
	for (int i = 0; i < PEERS; i++) {
		close(tunnel[i]);
		close(peer[i]);
	}
	close(stranger);
	close(other);
}

static void test_tunnel_accept(void **state)
{
	(void)state;
	many_peers("0.0.0.0", "127.0.0.2", "127.0.0.1");
	many_peers("127.0.0.1", "127.0.0.1", "127.0.0.1");
	if (have_ip6()) {
		many_peers("::", "::1", "::1");
		many_peers("::1", "::1", "::1");
	}
}

static void test_tunnel_open(void **state)
{
	struct l2tp_addr any = addr("127.0.0.1", 0), other_addr, got;
	int listener, fd, peer = peer_socket("127.0.0.1"), other = peer_socket("127.0.0.1");
	struct l2tp_path path = { .peer = addr("127.0.0.1", local_port(peer)) };
	uint8_t buf[64];

	(void)state;
	/* a port of its own: nobody may bind over it */
	assert_int_equal(udp_tunnel_open(-1, &any, &fd), 0);
	expect_no_hijack("127.0.0.1", local_port(fd));
	assert_int_equal(udp_path_mtu(fd), -ENOTCONN);
	assert_int_equal(udp_send(fd, &path, "x", 1), 0);
	/* the peer answers from another port, and that one is latched */
	got = addr("127.0.0.1", local_port(fd));
	peer_send(other, &got, control_msg, sizeof(control_msg));
	assert_true(readable(fd, WAIT_MS));
	assert_true(udp_recv(fd, buf, sizeof(buf), &path) > 0);
	other_addr = addr("127.0.0.1", local_port(other));
	assert_true(l2tp_addr_equal(&path.peer, &other_addr));
	assert_int_equal(udp_connect(fd, &path.peer), 0);
	assert_int_equal(udp_send(fd, NULL, "x", 1), 0);
	assert_true(readable(other, WAIT_MS));
	assert_true(udp_path_mtu(fd) >= 1280);
	close(fd);

	/* the listener's port */
	assert_int_equal(udp_listen(&any, &listener), 0);
	any = addr("127.0.0.1", local_port(listener));
	assert_int_equal(udp_tunnel_open(-1, &any, &fd), -EADDRINUSE);
	assert_int_equal(udp_tunnel_open(listener, &any, &fd), 0);
	assert_int_equal(local_port(fd), local_port(listener));
	expect_no_hijack("127.0.0.1", local_port(listener));
	close(fd);
	close(listener);
	close(peer);
	close(other);
}

/* A peer that is not there: the error of one datagram must not cost the next. */
static void test_soft_error(void **state)
{
	struct l2tp_addr any = addr("127.0.0.1", 0), gone;
	int fd, peer = peer_socket("127.0.0.1");
	struct l2tp_path path;
	uint8_t buf[64];

	(void)state;
	gone = addr("127.0.0.1", local_port(peer));
	close(peer);
	assert_int_equal(udp_tunnel_open(-1, &any, &fd), 0);
	assert_int_equal(udp_connect(fd, &gone), 0);
	for (int i = 0; i < 3; i++)
		assert_int_equal(udp_send(fd, NULL, "x", 1), 0);
	assert_int_equal(udp_recv(fd, buf, sizeof(buf), &path), -ECONNREFUSED);
	assert_int_equal(udp_recv(fd, buf, sizeof(buf), &path), -EAGAIN);
	close(fd);
}

/* --- worker --- */

static void wait_result(struct worker *worker, struct worker_result *result)
{
	assert_true(readable(worker_fd(worker), WAIT_MS));
	assert_true(worker_next(worker, result));
}

/* Closing needs no family: order, results and the descriptor can be seen without one. */
static void test_worker_close(void **state)
{
	enum { JOBS = 100 };
	struct worker_job job = { .op = WORKER_CLOSE };
	struct worker_result result;
	struct worker *worker;
	int pipes[2];

	(void)state;
	assert_int_equal(worker_new(NULL, false, &worker), 0);
	assert_false(readable(worker_fd(worker), 0));
	assert_false(worker_next(worker, &result));
	for (unsigned i = 0; i < JOBS; i++) {
		assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
		close(pipes[0]);
		job.fd = pipes[1];
		job.cookie = i;
		assert_int_equal(worker_submit(worker, &job), 0);
	}
	for (unsigned i = 0; i < JOBS; i++) {
		wait_result(worker, &result);
		assert_int_equal(result.job.cookie, i);
		assert_int_equal(result.error, 0);
		assert_int_equal(result.pppox_fd, -1);
		assert_string_equal(result.call, "close");
	}
	assert_false(readable(worker_fd(worker), 0));
	job.fd = -1;
	assert_int_equal(worker_submit(worker, &job), 0);
	wait_result(worker, &result);
	assert_int_equal(result.error, -EBADF);
	/* what still waits is done */
	assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
	job.fd = pipes[1];
	assert_int_equal(worker_submit(worker, &job), 0);
	worker_free(worker);
	assert_int_equal(fcntl(pipes[1], F_GETFD), -1);
	close(pipes[0]);
	worker_free(NULL);
}

static void test_worker_family(void **state)
{
	struct worker_job job = { .op = WORKER_TUNNEL_DELETE, .tid = 1 };
	struct worker_result result;
	struct l2tp_genl *genl;
	struct worker *worker;
	int r;

	(void)state;
	r = l2tp_genl_new(&genl);
	if (r == -ENOENT)
		leave_out("the kernel has no L2TP");
	assert_int_equal(r, 0);
	assert_int_equal(worker_new(genl, false, &worker), 0);
	assert_int_equal(worker_submit(worker, &job), 0);
	wait_result(worker, &result);
	assert_true(result.error == -EPERM || result.error == -ENODEV);
	assert_string_equal(result.call, "L2TP_CMD_TUNNEL_DELETE");
	worker_free(worker);
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

	(void)state;
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
	(void)user;
	(void)session;
}

/* A family that is not there: the kernel's errno ends the dump, and the next may start. */
static void test_stats_error(void **state)
{
	struct stats_stream *stats;
	bool done;
	int r;

	(void)state;
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

	(void)state;
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

	(void)state;
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
		cmocka_unit_test(test_exchange),
		cmocka_unit_test(test_exchange_ip6),
		cmocka_unit_test(test_v6only),
		cmocka_unit_test(test_listen_errors),
		cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_t_bit_filter),
		cmocka_unit_test(test_pitfall_26_checksums_are_on),
		cmocka_unit_test(test_tunnel_accept),
		cmocka_unit_test(test_tunnel_open),
		cmocka_unit_test(test_soft_error),
		cmocka_unit_test(test_worker_close),
		cmocka_unit_test(test_worker_family),
		cmocka_unit_test(test_monitor),
		cmocka_unit_test(test_stats_error),
		cmocka_unit_test(test_route_local),
		cmocka_unit_test(test_probe),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
