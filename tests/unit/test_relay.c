/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The relay between two UDP sockets of this machine: the test is the peer on one side and the
 * kernel, with pppd behind it, on the other.
 */
#include "wire.h"

#include <dirent.h>
#include <errno.h>
#include <netinet/udp.h>
#include <poll.h>
#include <unistd.h>

#include "linux/relay.h"
#include "linux/udp.h"

#define WAIT_MS	 5000
#define QUIET_MS 50

#define TID	 0x1001
#define SID	 0x2002
#define PEER_TID 0x3003
#define PEER_SID 0x4004
#define LOOP_TID 0x5005
#define LOOP_SID 0x6006

/* One tunnel with one relayed session. */
struct rig {
	struct relay *relay;
	struct relay_tunnel *tunnel;
	struct relay_session *session;
	int tunnel_fd, peer; /* connected to each other */
	int kernel;	     /* the far end of the session's far_fd */
};

static int udp_socket(const char *host, struct l2tp_addr *ret)
{
	int fd;

	assert_int_equal(l2tp_addr_parse(host, 0, ret), 0);
	fd = socket(ret->sa.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, &ret->sa, l2tp_addr_len(ret)), 0);
	assert_int_equal(udp_local(fd, ret), 0);
	return fd;
}

static void join(int a, const struct l2tp_addr *a_addr, int b, const struct l2tp_addr *b_addr)
{
	assert_int_equal(udp_connect(a, b_addr), 0);
	assert_int_equal(udp_connect(b, a_addr), 0);
}

static void add_session(struct rig *rig, uint16_t sid, const struct l2tp_data *how,
	struct relay_session **ret, int *ret_kernel)
{
	struct relay_session_config config = {
		.sid = sid,
		.peer = *how,
		.loop_tid = LOOP_TID,
		.loop_sid = LOOP_SID,
	};
	struct l2tp_addr far, kernel;

	config.peer.peer_tid = PEER_TID;
	config.peer.peer_sid = PEER_SID;
	config.far_fd = udp_socket("127.0.0.1", &far);
	*ret_kernel = udp_socket("127.0.0.1", &kernel);
	join(config.far_fd, &far, *ret_kernel, &kernel);
	assert_int_equal(relay_add_session(rig->relay, rig->tunnel, &config, ret), 0);
}

static void rig_open(struct rig *rig, const char *host, const struct l2tp_data *how)
{
	struct l2tp_addr local, peer;

	assert_int_equal(l2tp_addr_parse(host, 0, &local), 0);
	assert_int_equal(udp_tunnel_open(-1, &local, &rig->tunnel_fd), 0);
	assert_int_equal(udp_local(rig->tunnel_fd, &local), 0);
	rig->peer = udp_socket(host, &peer);
	join(rig->tunnel_fd, &local, rig->peer, &peer);
	assert_int_equal(relay_new(&rig->relay), 0);
	assert_int_equal(relay_add_tunnel(rig->relay, rig->tunnel_fd, TID, &rig->tunnel), 0);
	add_session(rig, SID, how, &rig->session, &rig->kernel);
}

static void rig_close(struct rig *rig)
{
	relay_remove_session(rig->relay, rig->session);
	relay_remove_tunnel(rig->relay, rig->tunnel);
	relay_free(rig->relay);
	close(rig->tunnel_fd);
	close(rig->peer);
	close(rig->kernel);
}

static bool readable(int fd, int ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, ms) == 1;
}

static void put(int fd, const char *hex)
{
	struct wire w = wire_hex(hex);

	assert_int_equal(send(fd, w.data, w.len, 0), (int)w.len);
	wire_free(&w);
}

static void assert_got(int fd, const char *hex)
{
	struct wire w = wire_hex(hex);
	uint8_t buf[70000];

	assert_true(readable(fd, WAIT_MS));
	assert_int_equal(recv(fd, buf, sizeof(buf), 0), (int)w.len);
	assert_memory_equal(buf, w.data, w.len);
	wire_free(&w);
}

static struct relay_stats stats(const struct rig *rig)
{
	struct relay_stats s;

	relay_session_stats(rig->session, &s);
	return s;
}

/* The kernel's frame leaves with Length, and what comes back arrives without what was beyond it. */
static void both_ways(const char *host)
{
	const struct l2tp_data how = { 0 };
	struct rig rig;

	rig_open(&rig, host, &how);
	put(rig.kernel, "0002 5005 6006 ff03 c021 0101 0004");
	assert_got(rig.peer, "4002 0010 3003 4004 ff03 c021 0101 0004");
	put(rig.peer, "4002 0010 1001 2002 ff03 c021 0101 0004 0000 0000 0000");
	assert_got(rig.kernel, "4002 0010 5005 6006 ff03 c021 0101 0004");
	assert_int_equal(stats(&rig).tx_packets, 1);
	assert_int_equal(stats(&rig).tx_bytes, 16);
	assert_int_equal(stats(&rig).rx_packets, 1);
	assert_int_equal(stats(&rig).rx_bytes, 22);
	rig_close(&rig);
}

static void test_both_ways(void **state)
{
	both_ways("127.0.0.1");
}

static void test_both_ways_ip6(void **state)
{
	struct l2tp_addr a;
	int fd;

	assert_int_equal(l2tp_addr_parse("::1", 0, &a), 0);
	fd = socket(AF_INET6, SOCK_DGRAM, 0);
	if (fd >= 0 && bind(fd, &a.sa, l2tp_addr_len(&a)) == 0)
		both_ways("::1");
	close(fd);
}

/* Every form of header, to the kernel's one form. */
static void test_forms(void **state)
{
	static const char *const good[] = {
		"0002 1001 2002 ff03 c021 0101 0004", "4002 0010 1001 2002 ff03 c021 0101 0004",
		"0802 1001 2002 0000 0000 ff03 c021 0101 0004",
		"4902 0014 1001 2002 0001 ffff ff03 c021 0101 0004", /* and P */
		"0202 1001 2002 0000 ff03 c021 0101 0004",
		"0202 1001 2002 0003 aabbcc ff03 c021 0101 0004",
		"4a02 0019 1001 2002 0002 0000 0003 aabbcc ff03 c021 0101 0004 99",
		"35f2 1001 2002 ff03 c021 0101 0004", /* P and every reserved bit */
	};
	static const char *const bad[] = {
		"00",
		"0002",
		"0002 1001",
		"0002 1001 20",
		"0002 1001 2002", /* no frame */
		"0001 1001 2002 ff03",
		"0003 1001 2002 ff03", /* L2F, L2TPv3 */
		"4002 0008 1001 2002 ff03",
		"4002 0007 1001 2002 ff03",
		"4002 0000 1001 2002 ff03",
		"4002 000b 1001 2002 ff03",
		"4002 ffff 1001 2002 ff03",
		"4002 0009 1001",
		"0802 1001 2002 0000",
		"0202 1001 2002 0001",
		"0202 1001 2002",
		"0202 1001 2002 ffff ff03",
		"0002 1001 2003 ff03 c021", /* another session */
		"0002 1002 2002 ff03 c021", /* another tunnel */
		"0002 0000 2002 ff03 c021",
		"0002 1001 0000 ff03 c021",
	};
	const struct l2tp_data how = { .follow = true };
	struct rig rig;

	rig_open(&rig, "127.0.0.1", &how);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		put(rig.peer, bad[i]);
	assert_int_equal(send(rig.peer, "", 0, 0), 0);
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		put(rig.peer, good[i]);
		assert_got(rig.kernel, "4002 0010 5005 6006 ff03 c021 0101 0004");
	}
	assert_false(readable(rig.kernel, QUIET_MS));
	assert_int_equal(stats(&rig).rx_packets, sizeof(good) / sizeof(good[0]));
	rig_close(&rig);
}

static void test_numbers(void **state)
{
	const struct l2tp_data how = { .send_seq = true };
	struct rig rig;

	rig_open(&rig, "127.0.0.1", &how);
	put(rig.kernel, "0002 5005 6006 ff03 0001");
	assert_got(rig.peer, "4802 0010 3003 4004 0000 0000 ff03 0001");
	put(rig.peer, "0802 1001 2002 0003 0000 ff03 0002");
	assert_got(rig.kernel, "4002 000c 5005 6006 ff03 0002");
	put(rig.peer, "0802 1001 2002 0001 0000 ff03 0003");
	put(rig.peer, "0802 1001 2002 0003 0000 ff03 0004");
	put(rig.peer, "0802 1001 2002 0004 0000 ff03 0005");
	assert_got(rig.kernel, "4002 000c 5005 6006 ff03 0005");
	put(rig.kernel, "0002 5005 6006 ff03 0006");
	assert_got(rig.peer, "4802 0010 3003 4004 0001 0005 ff03 0006");
	assert_int_equal(stats(&rig).rx_seq_discards, 2);
	assert_int_equal(stats(&rig).rx_oos_packets, 1);

	/* live: unnumbered from here on */
	relay_set_seq(rig.relay, rig.session, false, false, false);
	assert_false(stats(&rig).send_seq);
	put(rig.kernel, "0002 5005 6006 ff03 0007");
	assert_got(rig.peer, "4002 000c 3003 4004 ff03 0007");
	/* required: what is not numbered is dropped */
	relay_set_seq(rig.relay, rig.session, true, false, true);
	put(rig.peer, "0002 1001 2002 ff03 0008");
	put(rig.peer, "0802 1001 2002 0005 0000 ff03 0009");
	assert_got(rig.kernel, "4002 000c 5005 6006 ff03 0009");
	put(rig.kernel, "0002 5005 6006 ff03 000a");
	assert_got(rig.peer, "4802 0010 3003 4004 0002 0006 ff03 000a");
	assert_int_equal(stats(&rig).rx_seq_discards, 3);
	rig_close(&rig);
}

/* Control messages come out as from udp_recv(), in order, whatever data is around them. */
static void test_control_is_handed_over(void **state)
{
	const struct l2tp_data how = { 0 };
	struct l2tp_addr local, peer;
	struct l2tp_path path;
	uint8_t buf[64];
	struct rig rig;

	rig_open(&rig, "127.0.0.1", &how);
	assert_int_equal(relay_recv(rig.relay, buf, sizeof(buf), &path), -EAGAIN);
	for (uint8_t i = 0; i < 40; i++) {
		uint8_t hello[] = { 0xc8, 2, 0, 12, 0x10, 1, 0, 0, 0, i, 0, 0 };

		put(rig.peer, "0002 1001 2002 ff03 0001");
		assert_int_equal(send(rig.peer, hello, sizeof(hello), 0), sizeof(hello));
	}
	for (uint8_t i = 0; i < 40; i++) {
		assert_true(readable(relay_fd(rig.relay), WAIT_MS));
		assert_int_equal(relay_recv(rig.relay, buf, sizeof(buf), &path), 12);
		assert_int_equal(buf[9], i);
		assert_got(rig.kernel, "4002 000c 5005 6006 ff03 0001");
	}
	assert_int_equal(udp_local(rig.tunnel_fd, &local), 0);
	assert_int_equal(udp_local(rig.peer, &peer), 0);
	assert_true(l2tp_addr_equal(&path.local, &local));
	assert_true(l2tp_addr_equal(&path.peer, &peer));
	put(rig.peer, "c802 000c 1001 0000 0000 0000");
	assert_true(readable(relay_fd(rig.relay), WAIT_MS));
	assert_int_equal(relay_recv(rig.relay, buf, 11, &path), -EMSGSIZE);
	rig_close(&rig);
}

/* Two sessions of one tunnel, packets of both in one batch. */
static void test_two_sessions(void **state)
{
	const struct l2tp_data how = { 0 };
	struct relay_session *second;
	struct rig rig;
	int kernel;

	rig_open(&rig, "127.0.0.1", &how);
	add_session(&rig, SID + 1, &how, &second, &kernel);
	for (int i = 0; i < 50; i++) {
		put(rig.peer, "0002 1001 2002 ff03 0001");
		put(rig.peer, "0002 1001 2003 ff03 0002");
		put(rig.peer, "0002 1001 2003 ff03 0003");
	}
	for (int i = 0; i < 50; i++) {
		assert_got(rig.kernel, "4002 000c 5005 6006 ff03 0001");
		assert_got(kernel, "4002 000c 5005 6006 ff03 0002");
		assert_got(kernel, "4002 000c 5005 6006 ff03 0003");
	}
	relay_remove_session(rig.relay, second);
	put(rig.peer, "0002 1001 2003 ff03 0002");
	put(rig.peer, "0002 1001 2002 ff03 0001");
	assert_got(rig.kernel, "4002 000c 5005 6006 ff03 0001");
	assert_false(readable(kernel, 0));
	close(kernel);
	rig_close(&rig);
}

static void test_session_id_is_taken(void **state)
{
	struct relay_session_config config = { .sid = SID };
	const struct l2tp_data how = { 0 };
	struct relay_session *session;
	struct rig rig;

	rig_open(&rig, "127.0.0.1", &how);
	config.far_fd = dup(rig.kernel);
	assert_int_equal(relay_add_session(rig.relay, rig.tunnel, &config, &session), -EEXIST);
	close(config.far_fd);
	rig_close(&rig);
}

/* The largest frame passes, one that does not fit into a buffer is not cut but dropped. */
static void test_large(void **state)
{
	static uint8_t big[RELAY_MAX_DATAGRAM + 1], got[70000];
	const struct l2tp_data how = { .send_seq = true };
	const size_t frame = RELAY_MAX_DATAGRAM - 6;
	struct rig rig;

	rig_open(&rig, "127.0.0.1", &how);
	memset(big, 0x5a, sizeof(big));
	memcpy(big, "\0\2\x50\5\x60\6", 6);
	assert_int_equal(send(rig.kernel, big, sizeof(big), 0), sizeof(big));
	assert_int_equal(send(rig.kernel, big, sizeof(big) - 1, 0), sizeof(big) - 1);
	assert_true(readable(rig.peer, WAIT_MS));
	assert_int_equal(recv(rig.peer, got, sizeof(got), 0), (int)(12 + frame));
	assert_int_equal(got[2] << 8 | got[3], (int)(12 + frame));
	assert_memory_equal(got + 12, big + 6, frame);
	assert_false(readable(rig.peer, QUIET_MS));
	memcpy(big, "\0\2\x10\1\x20\2", 6);
	assert_int_equal(send(rig.peer, big, sizeof(big), 0), sizeof(big));
	assert_int_equal(send(rig.peer, big, sizeof(big) - 1, 0), sizeof(big) - 1);
	assert_true(readable(rig.kernel, WAIT_MS));
	assert_int_equal(recv(rig.kernel, got, sizeof(got), 0), (int)(8 + frame));
	assert_false(readable(rig.kernel, QUIET_MS));
	rig_close(&rig);
}

/* Bursts leave in few system calls, each datagram as it is. */
static void bursts(struct rig *rig)
{
	uint8_t frame[1400] = { 0x00, 0x02, 0x50, 0x05, 0x60, 0x06 }, got[2000];

	for (unsigned i = 0; i < 300; i++) {
		size_t len = i % 10 == 9 ? 100 + i : i % 7 == 0 ? 20 : sizeof(frame);

		frame[6] = (uint8_t)(i >> 8);
		frame[7] = (uint8_t)i;
		assert_int_equal(send(rig->kernel, frame, len, 0), (int)len);
		if (i % 50 < 49)
			continue;
		for (unsigned k = i - 49; k <= i; k++) {
			len = k % 10 == 9 ? 100 + k : k % 7 == 0 ? 20 : sizeof(frame);
			assert_true(readable(rig->peer, WAIT_MS));
			assert_int_equal(recv(rig->peer, got, sizeof(got), 0), (int)len + 2);
			assert_int_equal(got[2] << 8 | got[3], (int)len + 2);
			assert_int_equal(got[8] << 8 | got[9], (int)k);
		}
	}
}

static void test_bursts(void **state)
{
	const struct l2tp_data how = { 0 };
	struct rig rig;
	int one = 1;

	rig_open(&rig, "127.0.0.1", &how);
	bursts(&rig);
	/* without checksums the kernel does not segment */
	assert_int_equal(setsockopt(rig.tunnel_fd, SOL_SOCKET, SO_NO_CHECK, &one, sizeof(one)), 0);
	bursts(&rig);
	assert_int_equal(stats(&rig).tx_packets, 600);
	assert_int_equal(stats(&rig).tx_errors, 0);
	rig_close(&rig);
}

/* Nobody listens any more: what ICMP says must not stop the relay. */
static void test_peer_is_gone(void **state)
{
	const struct l2tp_data how = { 0 };
	struct l2tp_addr peer, local;
	struct rig rig;

	rig_open(&rig, "127.0.0.1", &how);
	assert_int_equal(udp_local(rig.peer, &peer), 0);
	assert_int_equal(udp_local(rig.tunnel_fd, &local), 0);
	close(rig.peer);
	for (int i = 0; i < 10; i++)
		put(rig.kernel, "0002 5005 6006 ff03 0001");
	usleep(QUIET_MS * 1000);
	rig.peer = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(rig.peer, &peer.sa, l2tp_addr_len(&peer)), 0);
	assert_int_equal(udp_connect(rig.peer, &local), 0);
	put(rig.kernel, "0002 5005 6006 ff03 0002");
	assert_got(rig.peer, "4002 000c 3003 4004 ff03 0002");
	rig_close(&rig);
}

static unsigned open_files(void)
{
	DIR *dir = opendir("/proc/self/fd");
	unsigned n = 0;

	assert_non_null(dir);
	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

static int option(int fd, int level, int name)
{
	socklen_t len = sizeof(int);
	int value = -1;

	assert_int_equal(getsockopt(fd, level, name, &value, &len), 0);
	return value;
}

/* The tunnel's socket is given back as it was, and nothing stays open. */
static void test_the_socket_comes_back(void **state)
{
	const struct l2tp_data how = { 0 };
	unsigned before = open_files();
	struct l2tp_path path;
	uint8_t buf[64];
	struct rig rig;

	rig_open(&rig, "127.0.0.1", &how);
	assert_int_equal(option(rig.tunnel_fd, SOL_SOCKET, SO_NO_CHECK), 0);
	assert_int_equal(option(rig.tunnel_fd, IPPROTO_IP, IP_MTU_DISCOVER), IP_PMTUDISC_DONT);
	relay_remove_session(rig.relay, rig.session);
	relay_remove_tunnel(rig.relay, rig.tunnel);
	assert_int_equal(option(rig.tunnel_fd, IPPROTO_IP, IP_MTU_DISCOVER), IP_PMTUDISC_WANT);
	put(rig.peer, "0002 1001 2002 ff03 0001"); /* filtered again */
	put(rig.peer, "c802 000c 1001 0000 0000 0000");
	assert_true(readable(rig.tunnel_fd, WAIT_MS));
	assert_int_equal(udp_recv(rig.tunnel_fd, buf, sizeof(buf), &path), 12);
	assert_int_equal(udp_recv(rig.tunnel_fd, buf, sizeof(buf), &path), -EAGAIN);
	relay_free(rig.relay);
	close(rig.tunnel_fd);
	close(rig.peer);
	close(rig.kernel);
	assert_int_equal(open_files(), before);
	relay_free(NULL);
}

/* Sessions come and go while others are busy: orders are carried out between batches. */
static void test_orders_under_load(void **state)
{
	const struct l2tp_data how = { .send_seq = true };
	struct relay_session *second;
	struct rig rig;
	int kernel;

	rig_open(&rig, "127.0.0.1", &how);
	for (int i = 0; i < 200; i++) {
		for (int k = 0; k < 20; k++) {
			put(rig.peer, "0002 1001 2002 ff03 0001");
			put(rig.peer, "0002 1001 2003 ff03 0001");
			put(rig.kernel, "0002 5005 6006 ff03 0001");
		}
		add_session(&rig, SID + 1, &how, &second, &kernel);
		put(kernel, "0002 5005 6006 ff03 0001");
		relay_set_seq(rig.relay, rig.session, i & 1, false, false);
		relay_remove_session(rig.relay, second);
		close(kernel);
	}
	assert_true(stats(&rig).rx_packets > 0);
	rig_close(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_both_ways),
		cmocka_unit_test(test_both_ways_ip6),
		cmocka_unit_test(test_forms),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_control_is_handed_over),
		cmocka_unit_test(test_two_sessions),
		cmocka_unit_test(test_session_id_is_taken),
		cmocka_unit_test(test_large),
		cmocka_unit_test(test_bursts),
		cmocka_unit_test(test_peer_is_gone),
		cmocka_unit_test(test_the_socket_comes_back),
		cmocka_unit_test(test_orders_under_load),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
