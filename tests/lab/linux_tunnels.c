/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "linux_tunnels.h"

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "linux/pppox.h"
#include "linux/probe.h"
#include "linux_rig.h"

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
	check_no_session(genl, "no session is left");
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
	bool drains = false;
	unsigned sum = 0;
	long start = now_us();
	int r = probe_drain(genl, &drains);

	check_is(r, 0, "probe for draining");
	printf("# PPPIOCGCHAN %s, %ld us\n", drains ? "drains the socket" : "loses frames",
		now_us() - start);
	/* the kernel frees it a little after its socket */
	do {
		sum = 0;
		check(l2tp_genl_tunnel_ids(genl, on_tunnel_id, &sum) == 0, "tunnels are listed");
	} while (sum && now_us() - start < WAIT_MS * 1000L && usleep(10000) == 0);
	check_is(sum, 0, "the probe leaves no tunnel behind");
}

void selftest_tunnels(struct l2tp_genl *genl)
{
	test_family(genl, AF_INET, 300);
	test_family(genl, AF_INET6, 310);
	test_shared_port(genl, AF_INET, 340);
	test_shared_port(genl, AF_INET6, 350);
	test_drain(genl);
}
