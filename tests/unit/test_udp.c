/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sockets of tunnels: what they let in, who owns which port, checksums. Loopback only, without
 * root. */
#include "linux_steps.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/udp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "linux/udp.h"

static const uint8_t control_msg[] = { 0xc8, 0x02, 0, 12, 0, 0, 0, 0, 0, 0, 0, 0 };
static const uint8_t data_msg[] = { 0x00, 0x02, 0, 1, 0, 1, 0xff, 0x03, 0xc0, 0x21, 1, 1, 0, 4 };

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

static void test_exchange(void **state)
{
	exchange("127.0.0.1", "127.0.0.1");
	exchange("0.0.0.0", "127.0.0.1");
	/* an address of the loopback net that is nobody's default: only pktinfo gets this right */
	exchange("0.0.0.0", "127.0.0.2");
}

static void test_exchange_ip6(void **state)
{
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
	many_peers("0.0.0.0", "127.0.0.2", "127.0.0.1");
	many_peers("127.0.0.1", "127.0.0.1", "127.0.0.1");
	if (have_ip6()) {
		many_peers("::", "::1", "::1");
		many_peers("::1", "::1", "::1");
	}
}

/* Two links with one fixed port and no listener there: the second tunnel stands beside the first.
 */
static void test_two_tunnels_of_a_port(void **state)
{
	struct l2tp_addr here = addr("127.0.0.1", 0);
	int first, second;

	assert_int_equal(udp_tunnel_open(-1, &here, &first), 0);
	l2tp_addr_set_port(&here, local_port(first));
	assert_int_equal(udp_tunnel_open(-1, &here, &second), -EADDRINUSE);
	assert_int_equal(udp_tunnel_open(first, &here, &second), 0);
	assert_int_equal(local_port(second), local_port(first));
	close(first);
	close(second);
}

static void test_tunnel_open(void **state)
{
	struct l2tp_addr any = addr("127.0.0.1", 0), other_addr, got;
	int listener, fd, peer = peer_socket("127.0.0.1"), other = peer_socket("127.0.0.1");
	struct l2tp_path path = { .peer = addr("127.0.0.1", local_port(peer)) };
	uint8_t buf[64];

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

/* friction.md: what ICMP says of a tunnel's first request is heard at once, and only of that. */
static void test_refused(void **state)
{
	struct l2tp_path path = { .local = addr("127.0.0.1", 0) };
	struct l2tp_addr here = addr("127.0.0.1", 0);
	int fd, peer = peer_socket("127.0.0.1");
	struct udp_refusal refusal;
	uint8_t buf[64];

	path.peer = addr("127.0.0.1", local_port(peer));
	close(peer);
	assert_int_equal(udp_tunnel_open(-1, &here, &fd), 0);
	assert_int_equal(udp_refused(fd, &refusal), -EAGAIN);
	assert_int_equal(udp_send(fd, &path, "x", 1), 0);
	assert_true(readable(fd, WAIT_MS));
	assert_int_equal(udp_refused(fd, &refusal), 0);
	assert_int_equal(refusal.error, ECONNREFUSED);
	assert_false(refusal.prohibited);
	assert_true(l2tp_addr_equal(&refusal.who, &here));
	assert_int_equal(udp_refused(fd, &refusal), -EAGAIN);
	assert_int_equal(udp_send(fd, &path, "x", 1), 0);
	assert_int_equal(udp_connect(fd, &path.peer), 0);
	assert_int_equal(udp_refused(fd, &refusal), -EAGAIN);
	udp_recv(fd, buf, sizeof(buf), &path);
	assert_int_equal(udp_recv(fd, buf, sizeof(buf), &path), -EAGAIN);
	close(fd);
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
		cmocka_unit_test(test_two_tunnels_of_a_port),
		cmocka_unit_test(test_tunnel_open),
		cmocka_unit_test(test_soft_error),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
