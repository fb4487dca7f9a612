/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The Linux layer against a kernel that has L2TP and PPP: run as root in a lab guest, as it makes
 * tunnels and, in a network namespace of its own, interfaces and routes. One "ok" or "not ok" line
 * a check; exit status 1 if any failed.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/reasons.h"
#include "linux/pppox.h"
#include "linux/probe.h"
#include "linux/monitor.h"
#include "linux/udp.h"
#include "linux/plane_thread.h"
#include "linux_selftest_net.h"
#include "selftest.h"

#define WAIT_MS 5000

static struct l2tp_addr addr(const char *host, uint16_t port)
{
	struct l2tp_addr a = { 0 };

	if (l2tp_addr_parse(host, port, &a) < 0)
		abort();
	return a;
}

static long now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000L + ts.tv_nsec / 1000;
}

/* --- tunnels and sessions --- */

/* Two tunnel ends in one machine: side 0 has tid, side 1 tid + 1. */
struct pair {
	int family;
	uint16_t tid[2];
	int udp[2];
};

static void pair_sockets(struct pair *pair, int family, uint16_t tid)
{
	struct l2tp_addr any = addr(family == AF_INET ? "127.0.0.1" : "::1", 0), local[2];

	*pair = (struct pair){ .family = family, .tid = { tid, (uint16_t)(tid + 1) } };
	for (int i = 0; i < 2; i++) {
		check_is(udp_tunnel_open(-1, &any, &pair->udp[i]), 0, "tunnel socket");
		udp_local(pair->udp[i], &local[i]);
	}
	for (int i = 0; i < 2; i++)
		check_is(udp_connect(pair->udp[i], &local[!i]), 0, "tunnel socket is connected");
}

/* The same, with side 0 as the one that was called: on the listener's port. */
static void pair_accept(struct pair *pair, int listener, int family, uint16_t tid)
{
	const uint8_t control[] = { 0xc8, 0x02, 0, 12, 0, 0, 0, 0, 0, 0, 0, 0 };
	struct l2tp_path path = { .local = addr(family == AF_INET ? "127.0.0.1" : "::1", 0) };
	uint8_t buf[64];

	*pair = (struct pair){ .family = family, .tid = { tid, (uint16_t)(tid + 1) } };
	check_is(udp_tunnel_open(-1, &path.local, &pair->udp[1]), 0, "tunnel socket");
	udp_local(listener, &path.peer);
	check_is(udp_connect(pair->udp[1], &path.peer), 0, "tunnel socket is connected");
	check_is(udp_send(pair->udp[1], NULL, control, sizeof(control)), 0, "it calls");
	check(readable(listener, WAIT_MS), "the listener hears it");
	check_is(udp_recv(listener, buf, sizeof(buf), &path), sizeof(control), "its message");
	check_is(udp_tunnel_accept(listener, &path, &pair->udp[0]), 0, "tunnel socket");
}

static void pair_tunnels(struct pair *pair, struct l2tp_genl *genl)
{
	for (int i = 0; i < 2; i++)
		check_is(l2tp_genl_tunnel_create(genl, pair->tid[i], pair->tid[!i], pair->udp[i]),
			0, "tunnel is created");
}

static void pair_close(struct pair *pair, struct l2tp_genl *genl)
{
	for (int i = 0; i < 2; i++) {
		check_is(l2tp_genl_tunnel_delete(genl, pair->tid[i]), 0, "tunnel is deleted");
		close(pair->udp[i]);
	}
}

static struct l2tp_genl_session session_of(const struct pair *pair, int side, uint16_t sid)
{
	return (struct l2tp_genl_session){
		.tid = pair->tid[side], .sid = sid, .peer_sid = sid, .lns_mode = side == 0
	};
}

/* Session sid on both sides, and its PPPoX sockets. */
static void pair_session(struct pair *pair, struct l2tp_genl *genl, uint16_t sid, int pppox[2])
{
	for (int i = 0; i < 2; i++) {
		struct l2tp_genl_session session = session_of(pair, i, sid);

		pppox[i] = -1;
		check_is(l2tp_genl_session_create(genl, &session), 0, "session is created");
		check_is(pppox_connect(
				 pair->family, pair->tid[i], sid, pair->tid[!i], sid, &pppox[i]),
			0, "PPPoX socket is attached");
	}
}

struct wanted_stats {
	uint16_t tid, sid;
	unsigned seen, all;
	struct session_stats stats;
};

static void on_session(void *user, const struct session_stats *session)
{
	struct wanted_stats *wanted = user;

	wanted->all++;
	if (session->tid == wanted->tid && session->sid == wanted->sid) {
		wanted->stats = *session;
		wanted->seen++;
	}
}

/* A dump; wanted says what it gave of the session in it. */
static void dump_stats(struct l2tp_genl *genl, struct wanted_stats *wanted)
{
	static struct stats_stream *stats;
	bool done = false;
	int r = 0;

	wanted->seen = wanted->all = 0;
	if (!stats)
		check_is(stats_new(l2tp_genl_family(genl), &stats), 0, "statistics stream");
	check_is(stats_request(stats), 0, "statistics are asked for");
	while (!done && readable(stats_fd(stats), WAIT_MS))
		r = stats_process(stats, on_session, wanted, &done);
	check(done && (r == 0 || r == -EINTR), "statistics end well (%d)", r);
}

/* A PPP frame goes in on one side, and what comes out on the other is the same. */
static void check_frame(const int pppox[2], int from)
{
	const uint8_t frame[] = { 0xc0, 0x21, 9, 1, 0, 12, 1, 2, 3, 4, 'd', 'a', 't', 'a' };
	uint8_t buf[64];
	ssize_t len;

	check_is(send(pppox[from], frame, sizeof(frame), 0), sizeof(frame), "a frame is sent");
	if (!check(readable(pppox[!from], WAIT_MS), "a frame arrives"))
		return;
	len = recv(pppox[!from], buf, sizeof(buf), 0);
	check(len == sizeof(frame) && memcmp(buf, frame, sizeof(frame)) == 0, "it is the same");
}

static void test_tunnel_errors(struct l2tp_genl *genl, struct pair *pair)
{
	struct l2tp_addr any = addr("127.0.0.1", 0);
	int other;

	udp_tunnel_open(-1, &any, &other);
	check_is(l2tp_genl_tunnel_create(genl, pair->tid[0], 7, other), -EEXIST,
		"the id of a tunnel is not given twice");
	check_is(l2tp_genl_tunnel_create(genl, 9999, 7, pair->udp[0]), -EBUSY,
		"a socket is not two tunnels");
	check_is(l2tp_genl_tunnel_delete(genl, 9999), -ENODEV, "and leaves nothing behind");
	check_is(l2tp_genl_tunnel_create(genl, 0, 7, other), -EINVAL, "tunnel id 0");
	check_is(l2tp_genl_tunnel_create(genl, 9999, 7, 999), -EBADF, "a closed descriptor");
	check_is(l2tp_genl_tunnel_create(genl, 9999, 7, -1), -EBADF, "no descriptor");
	check_is(l2tp_genl_tunnel_create(genl, 9999, 7, STDIN_FILENO), -ENOTSOCK, "not a socket");
	check_is(l2tp_genl_tunnel_delete(genl, 9999), -ENODEV, "and leave nothing behind");
	close(other);
}

static void test_session_errors(struct l2tp_genl *genl, struct pair *pair, uint16_t sid)
{
	struct l2tp_genl_session session = session_of(pair, 0, sid);
	int fd = -3;

	check_is(l2tp_genl_session_create(genl, &session), -EEXIST,
		"a session id is not given twice");
	check_is(pppox_connect(pair->family, pair->tid[0], sid, pair->tid[1], sid, &fd), -EEXIST,
		"nobody attaches to a session twice");
	check_is(pppox_connect(pair->family, pair->tid[0], 0, pair->tid[1], 0, &fd), -EINVAL,
		"no tunnel is made by a PPPoX socket");
	check_is(pppox_connect(pair->family, 9999, 1, 1, 1, &fd), -ENOENT, "no such tunnel");
	check_is(fd, -3, "nothing is returned on error");
	session.tid = 9999;
	check_is(l2tp_genl_session_create(genl, &session), -ENODEV, "a session of no tunnel");
	check_is(l2tp_genl_session_modify(genl, &session), -ENODEV, "to change no session");
	check_is(l2tp_genl_session_delete(genl, 9999, 1), -ENODEV, "to delete no session");
	session = session_of(pair, 0, 0);
	check_is(l2tp_genl_session_create(genl, &session), -EINVAL, "session id 0");
}

/* Sequence numbers: as LNS we decide, and the LAC side follows. */
static void test_modify(struct l2tp_genl *genl, struct pair *pair, uint16_t sid, int pppox[2])
{
	struct l2tp_genl_session session = session_of(pair, 0, sid);
	struct wanted_stats lns = { .tid = pair->tid[0], .sid = sid };
	struct wanted_stats lac = { .tid = pair->tid[1], .sid = sid };

	dump_stats(genl, &lns);
	check_is(lns.seen, 1, "the session is listed once");
	check(!lns.stats.send_seq && !lns.stats.recv_seq && lns.stats.lns_mode, "its flags");
	check(lns.stats.tx_packets == 1 && lns.stats.rx_packets == 1, "its packets");
	/* 6 L2TP + 2 address and control + 14; received bytes too have the L2TP header in them */
	check(lns.stats.tx_bytes == 22, "its bytes sent: %llu",
		(unsigned long long)lns.stats.tx_bytes);
	check(lns.stats.rx_bytes == 22, "its bytes received: %llu",
		(unsigned long long)lns.stats.rx_bytes);

	session.send_seq = true;
	session.recv_seq = true;
	session.reorder_ms = 100;
	check_is(l2tp_genl_session_modify(genl, &session), 0, "sequence numbers are switched on");
	check_frame(pppox, 0);
	dump_stats(genl, &lns);
	check(lns.stats.send_seq && lns.stats.recv_seq && lns.stats.lns_mode, "the LNS has them");
	dump_stats(genl, &lac);
	check(lac.stats.send_seq && !lac.stats.lns_mode, "the LAC follows");
	check_frame(pppox, 1);
	session.send_seq = false;
	session.recv_seq = false;
	session.reorder_ms = 0;
	check_is(l2tp_genl_session_modify(genl, &session), 0, "sequence numbers are switched off");
	check_frame(pppox, 0);
	dump_stats(genl, &lac);
	check(!lac.stats.send_seq, "the LAC follows");
}

/* Control passes by the kernel tunnel; data of no session ends there. */
static void test_filter(struct pair *pair)
{
	const uint8_t control[] = { 0xc8, 0x02, 0, 12, 0, 0, 0, 0, 0, 0, 0, 0 };
	const uint8_t stray[] = { 0, 2, 0, 1, 0x77, 0x77, 0xff, 3, 0xc0, 0x21, 1, 1, 0, 4 };
	struct l2tp_path path;
	uint8_t buf[64];

	check_is(udp_send(pair->udp[0], NULL, stray, sizeof(stray)), 0, "stray data is sent");
	check_is(udp_send(pair->udp[0], NULL, control, sizeof(control)), 0, "control is sent");
	check(readable(pair->udp[1], WAIT_MS), "something arrives");
	check_is(udp_recv(pair->udp[1], buf, sizeof(buf), &path), sizeof(control), "the control");
	check_is(udp_recv(pair->udp[1], buf, sizeof(buf), &path), -EAGAIN, "and nothing else");
	check(udp_path_mtu(pair->udp[0]) > 1280, "path MTU");
}

static void on_tunnel_id(void *user, uint32_t tid)
{
	unsigned *sum = user;

	*sum += tid;
}

static void test_family(struct l2tp_genl *genl, int family, uint16_t tid)
{
	struct wanted_stats gone = { .tid = tid, .sid = 5001 };
	struct pair pair;
	int pppox[2];
	unsigned sum = 0;

	printf("# tunnels over IPv%c\n", family == AF_INET ? '4' : '6');
	pair_sockets(&pair, family, tid);
	pair_tunnels(&pair, genl);
	test_filter(&pair);
	pair_session(&pair, genl, 5001, pppox);
	check_frame(pppox, 0);
	check_frame(pppox, 1);
	test_tunnel_errors(genl, &pair);
	test_session_errors(genl, &pair, 5001);
	test_modify(genl, &pair, 5001, pppox);
	check_is(l2tp_genl_tunnel_ids(genl, on_tunnel_id, &sum), 0, "tunnels are listed");
	check_is(sum, tid + tid + 1, "they are the two");
	check(pppox_channel(pppox[0]) > 0, "PPP channel");

	check_is(l2tp_genl_session_delete(genl, tid, 5001), 0, "session is deleted");
	for (int i = 0; i < 2; i++)
		close(pppox[i]);
	usleep(200000);
	dump_stats(genl, &gone);
	check_is(gone.all, 0, "no session is left");
	pair_close(&pair, genl);
}

/* Many tunnels on one port: the kernel must find the right one for data. */
static void test_shared_port(struct l2tp_genl *genl, int family, uint16_t tid)
{
	enum { PAIRS = 3 };
	struct l2tp_addr any = addr(family == AF_INET ? "127.0.0.1" : "::1", 0);
	struct pair pair[PAIRS];
	int pppox[PAIRS][2], listener;

	printf("# one port over IPv%c\n", family == AF_INET ? '4' : '6');
	check_is(udp_listen(&any, &listener), 0, "listener");
	for (int i = 0; i < PAIRS; i++) {
		pair_accept(&pair[i], listener, family, (uint16_t)(tid + 2 * i));
		pair_tunnels(&pair[i], genl);
		pair_session(&pair[i], genl, (uint16_t)(5100 + i), pppox[i]);
	}
	for (int i = 0; i < PAIRS; i++) {
		check_frame(pppox[i], 0);
		check_frame(pppox[i], 1);
		test_filter(&pair[i]);
	}
	for (int i = 0; i < PAIRS; i++) {
		close(pppox[i][0]);
		close(pppox[i][1]);
		pair_close(&pair[i], genl);
	}
	close(listener);
}

/* Frames that wait in the socket must not be lost on the way to pppd. */
static void test_drain(struct l2tp_genl *genl)
{
	bool drains = false, by_socket = false;
	unsigned sum = 0;
	long start = now_us();
	int r = probe_drain(genl, &drains);

	check_is(r, 0, "probe for draining");
	printf("# PPPIOCGCHAN %s, %ld us\n", drains ? "drains the socket" : "loses frames",
		now_us() - start);
	usleep(200000);
	l2tp_genl_tunnel_ids(genl, on_tunnel_id, &sum);
	check_is(sum, 0, "the probe leaves no tunnel behind");
	start = now_us();
	check_is(probe_by_socket(genl, &by_socket), 0, "probe for ids");
	printf("# sessions are found by %s, %ld us\n", by_socket ? "socket" : "ids",
		now_us() - start);
	usleep(200000);
	l2tp_genl_tunnel_ids(genl, on_tunnel_id, &sum);
	check_is(sum, 0, "nor does that one");
}

/* --- plane --- */

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

static void test_worker(bool bind_channel, uint16_t tid)
{
	struct plane_job job = { .op = PLANE_TUNNEL_CREATE };
	struct wanted_stats left = { 0 };
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
	usleep(200000);
	dump_stats(own, &left);
	check_is(left.all, 0, "no session is left");

	job.op = PLANE_TUNNEL_DELETE;
	job.tid = pair.tid[1];
	submit(plane, &job);
	check_is(next_result(plane).error, 0, "a tunnel is deleted");
	/* nobody reads this result: it is undone */
	job = session_job(&pair, 0, 6004);
	submit(plane, &job);
	plane_free(plane);
	usleep(200000);
	dump_stats(own, &left);
	check_is(left.all, 0, "an unread session is undone");
	check_is(l2tp_genl_tunnel_delete(own, pair.tid[0]), 0, "the other tunnel");
	close(pair.udp[0]);
	close(pair.udp[1]);
	l2tp_genl_free(own);
}

/* --- the machine --- */

static void test_probe(void)
{
	struct probe_finding findings[16];
	size_t n;

	n = probe_machine("/usr/sbin/pppd", NULL, findings, 16);
	for (size_t i = 0; i < n; i++)
		printf("# finding: %s; %s\n", findings[i].what, findings[i].remedy);
	check_is((long)n, 0, "nothing is missing");
	/* a blacklist is found, and its file named */
	run("mkdir -p /run/modprobe.d && echo 'blacklist l2tp-ppp' >/run/modprobe.d/no-l2tp.conf");
	run("modprobe -r l2tp_ppp l2tp_netlink && printf 'install %%s /bin/false\\n' "
	    "net-pf-24-proto-1 l2tp_ppp >>/run/modprobe.d/no-l2tp.conf");
	n = probe_machine("/usr/sbin/pppd", NULL, findings, 16);
	check(n > 0 && findings[0].fatal, "a missing module is fatal");
	for (size_t i = 0; i < n; i++)
		printf("# finding: %s; %s\n", findings[i].what, findings[i].remedy);
	check(n > 0 && strstr(findings[0].remedy, "/run/modprobe.d/no-l2tp.conf"),
		"the file that forbids it is named");
	run("rm /run/modprobe.d/no-l2tp.conf && modprobe l2tp_ppp");
}

int main(void)
{
	struct l2tp_genl *genl;
	struct utsname uts;

	setvbuf(stdout, NULL, _IOLBF, 0);
	uname(&uts);
	printf("# kernel %s\n", uts.release);
	test_probe();
	check_is(pppox_probe(), 0, "PPPoX sockets");
	check_is(l2tp_genl_new(&genl), 0, "generic netlink family");
	if (selftest_failed())
		return 1;
	test_family(genl, AF_INET, 300);
	test_family(genl, AF_INET6, 310);
	test_shared_port(genl, AF_INET, 340);
	test_shared_port(genl, AF_INET6, 350);
	test_drain(genl);
	test_worker(false, 320);
	test_worker(true, 330);
	l2tp_genl_free(genl);
	if (unshare(CLONE_NEWNET) < 0)
		check(false, "network namespace");
	else
		selftest_network();
	return selftest_end();
}
