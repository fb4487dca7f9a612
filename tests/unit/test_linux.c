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
#include "linux/pppd.h"
#include "linux/pppox.h"
#include "linux/probe.h"
#include "linux/route.h"
#include "linux/udp.h"
#include "linux/plane_thread.h"

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

/* --- pppd options --- */

static void expect_text(struct pppd_options *options, const char *text)
{
	assert_int_equal(options->error, 0);
	assert_int_equal(options->len, strlen(text));
	assert_memory_equal(options->text, text, options->len);
	pppd_options_clear(options);
	assert_null(options->text);
}

static void test_options(void **state)
{
	struct pppd_options options = { 0 };

	(void)state;
	pppd_options_add(&options, "noauth");
	pppd_options_addf(&options, "mtu %d", 1400);
	pppd_options_add_value(&options, "user", "");
	pppd_options_add_value(&options, "password", "a b#c'd\"e\\f\xc3\xa4");
	expect_text(&options, "noauth\nmtu 1400\nuser \"\"\n"
			      "password \"a b#c'd\\\"e\\\\f\xc3\xa4\"\n");
}

static void expect_options_error(const char *line, const char *value, int error)
{
	struct pppd_options options = { 0 };
	pid_t pid;

	if (value)
		pppd_options_add_value(&options, line, value);
	else
		pppd_options_add(&options, line);
	assert_int_equal(options.error, error);
	pppd_options_add(&options, "noauth"); /* the first error sticks */
	assert_int_equal(options.error, error);
	assert_int_equal(pppd_spawn("/bin/true", &options, 0, 0, &pid), error);
	pppd_options_clear(&options);
	assert_int_equal(options.error, 0);
}

static void test_options_errors(void **state)
{
	char longest[1024 + 1];

	(void)state;
	expect_options_error("noauth\nplugin evil.so", NULL, -EINVAL);
	expect_options_error("user", "a\nplugin evil.so", -EINVAL);
	expect_options_error("user", "a\tb", -EINVAL);
	expect_options_error("user", "a\x7f", -EINVAL);
	expect_options_error("us\ner", "a", -EINVAL);
	memset(longest, 'x', sizeof(longest) - 1);
	longest[1024] = '\0';
	expect_options_error("user", longest, -E2BIG);
}

static void test_options_growth(void **state)
{
	struct pppd_options options = { 0 };
	char value[1024];

	(void)state;
	memset(value, '"', sizeof(value) - 1); /* the longest word, all of it escaped */
	value[sizeof(value) - 1] = '\0';
	for (int i = 0; i < 20; i++)
		pppd_options_add_value(&options, "user", value);
	assert_int_equal(options.error, 0);
	assert_int_equal(options.len, 20 * (strlen("user \"\"\n") + 2 * strlen(value)));
	pppd_options_clear(&options);
}

/* Let the real pppd read a file of one word: it complains about it and so says how it read it. */
static void expect_pppd_reads(const char *word)
{
	struct pppd_options options = { 0 };
	char path[] = "/tmp/test_linux-XXXXXX", command[200], expected[1200], line[2048];
	bool found = false;
	FILE *out;
	int fd;

	pppd_options_add_value(&options, "", word);
	assert_int_equal(options.error, 0);
	fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, options.text, options.len), (int)options.len);
	close(fd);
	pppd_options_clear(&options);
	snprintf(command, sizeof(command), "pppd file %s 2>&1 </dev/null", path);
	snprintf(expected, sizeof(expected), "unrecognized option '%s'\n", word);
	out = popen(command, "r");
	assert_non_null(out);
	while (fgets(line, sizeof(line), out))
		found = found || strstr(line, expected);
	pclose(out);
	unlink(path);
	if (!found)
		fail_msg("pppd did not read back: %s", word);
}

static void test_options_real_pppd(void **state)
{
	(void)state;
	/*
	 * It wants root even to read options; without effect here, as no option is valid. A word
	 * with a colon would be taken for addresses, one with a slash for a device.
	 */
	if (geteuid() != 0 || access("/usr/sbin/pppd", X_OK) < 0)
		leave_out("no pppd, or not root");
	expect_pppd_reads("plain");
	expect_pppd_reads(" two  words ");
	expect_pppd_reads("#no comment");
	expect_pppd_reads("\"quoted\" 'and' \\escaped\\\\");
	expect_pppd_reads("\\n \\x41 \\101 \\s \\");
	expect_pppd_reads("p\xc3\xa4ss\xe2\x82\xac $HOME `id` %s !@^&*(){}[]|;,.<>?~=+-");
}

/* --- pppd spawn: this program plays pppd --- */

#define REPORT_SIZE 8192

static void report_fds(char *report)
{
	char path[64], target[256], line[400];
	ssize_t len;

	/* no opendir(): it would open a descriptor of its own */
	for (int fd = 0; fd < 256; fd++) {
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		len = readlink(path, target, sizeof(target) - 1);
		if (len < 0)
			continue;
		target[len] = '\0';
		snprintf(line, sizeof(line), "fd %d %s%s\n", fd, target,
			fcntl(fd, F_GETFD) ? " cloexec" : "");
		strcat(report, line);
	}
}

static void report_status(char *report)
{
	char line[300];
	FILE *file = fopen("/proc/self/status", "re");

	while (file && fgets(line, sizeof(line), file))
		if (strncmp(line, "SigBlk", 6) == 0 || strncmp(line, "SigIgn", 6) == 0)
			strcat(report, line);
	if (file)
		fclose(file);
}

static int play_pppd(int argc, char **argv)
{
	static char report[REPORT_SIZE];
	char line[1200];
	char text[1000] = "";
	FILE *file;

	report_fds(report);
	report_status(report);
	for (int i = 1; i < argc; i++)
		sprintf(report + strlen(report), "arg %s\n", argv[i]);
	for (char **env = environ; *env; env++)
		sprintf(report + strlen(report), "env %s\n", *env);
	sprintf(report + strlen(report), "leader %d\n", getsid(0) == getpid());
	sprintf(report + strlen(report), "seals %x\n", fcntl(PPPD_OPTIONS_FD, F_GET_SEALS));
	file = fopen(argv[2], "re");
	if (file) {
		text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
		fclose(file);
	}
	snprintf(line, sizeof(line), "options <%s>\n", text);
	strcat(report, line);
	(void)!write(PPPD_CHANNEL_FD, "channel", 7);
	(void)!write(PPPD_EVENT_FD, report, strlen(report));
	return 11;
}

static void expect_line(const char *report, const char *line)
{
	if (!strstr(report, line))
		fail_msg("no \"%s\" in:\n%s", line, report);
}

static void expect_report(const char *report)
{
	const char *at = report;
	char expected[64];
	int fds = 0;

	while ((at = strstr(at, "fd "))) {
		if (at == report || at[-1] == '\n')
			fds++;
		at++;
	}
	assert_int_equal(fds, 6);
	expect_line(report, "fd 0 /dev/null\nfd 1 /dev/null\nfd 2 /dev/null\nfd 3 socket:");
	expect_line(report, "\nfd 4 /memfd:pppd-options (deleted)\nfd 5 socket:");
	assert_null(strstr(report, "cloexec"));
	expect_line(report, "SigBlk:\t0000000000000000\n");
	/* posix_spawn() of glibc ignores its two internal signals, 32 and 33, whatever it is told
	 */
	if (!strstr(report, "SigIgn:\t0000000180000000\n"))
		expect_line(report, "SigIgn:\t0000000000000000\n");
	expect_line(report, "arg file\narg /proc/self/fd/4\nenv PATH=");
	expect_line(report, "\nleader 1\n");
	snprintf(expected, sizeof(expected), "seals %x\n",
		F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL);
	/* a file that cannot be executed has one seal more */
	if (!strstr(report, expected))
		expect_line(report, "seals 2f\n");
	expect_line(report, "options <user \"x y\"\n>");
}

static int move_fd(int fd, int to)
{
	if (to < 0)
		to = fcntl(fd, F_DUPFD_CLOEXEC, 20);
	else
		to = dup2(fd, to);
	assert_true(to >= 0);
	close(fd);
	return to;
}

/* The same from any place of the two sources, also those that are targets. */
static void spawn_from(int channel_at, int event_at)
{
	struct pppd_options options = { 0 };
	int channel[2], event[2], status;
	char report[REPORT_SIZE], self[256], small[16];
	ssize_t len;
	pid_t pid;

	len = readlink("/proc/self/exe", self, sizeof(self) - 1);
	assert_true(len > 0);
	self[len] = '\0';
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, channel), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, event), 0);
	if (channel_at >= 0) {
		/* out of each other's way first */
		for (int i = 0; i < 2; i++) {
			channel[i] = move_fd(channel[i], -1);
			event[i] = move_fd(event[i], -1);
		}
		channel[1] = move_fd(channel[1], channel_at);
		event[1] = move_fd(event[1], event_at);
	}
	pppd_options_add_value(&options, "user", "x y");
	assert_int_equal(pppd_spawn(self, &options, channel[1], event[1], &pid), 0);
	pppd_options_clear(&options);
	close(channel[1]);
	close(event[1]);
	assert_true(readable(event[0], WAIT_MS));
	len = recv(event[0], report, sizeof(report) - 1, 0);
	assert_true(len > 0);
	report[len] = '\0';
	expect_report(report);
	assert_int_equal(recv(channel[0], small, sizeof(small), 0), 7);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 11);
	close(channel[0]);
	close(event[0]);
}

static void test_spawn(void **state)
{
	sigset_t block, old;
	int leak;

	(void)state;
	/* nothing of all this may reach the child */
	leak = open("/dev/zero", O_RDONLY);
	assert_true(leak >= 0);
	assert_true(dup2(leak, 100) == 100);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	sigfillset(&block);
	sigprocmask(SIG_SETMASK, &block, &old);
	setenv("LEAK", "secret", 1);
	spawn_from(-1, -1);
	sigprocmask(SIG_SETMASK, &old, NULL);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGHUP, SIG_DFL);
	close(leak);
	close(100);
}

static unsigned count_fds(void)
{
	unsigned n = 0;

	for (int fd = 0; fd < 256; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

static void test_spawn_collisions(void **state)
{
	static const int places[][2] = { { 3, 5 }, { 5, 3 }, { 4, 3 }, { 5, 4 }, { 4, 5 }, { 3, 4 },
		{ 0, 1 }, { 5, 2 } };

	(void)state;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		for (int fd = 0; fd < 2; fd++)
			if (places[i][fd] > 2 && fcntl(places[i][fd], F_GETFD) >= 0)
				leave_out("a descriptor of the places is in use");
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		int saved[3];

		for (int fd = 0; fd < 3; fd++)
			saved[fd] = fcntl(fd, F_DUPFD_CLOEXEC, 50);
		spawn_from(places[i][0], places[i][1]);
		for (int fd = 0; fd < 3; fd++) {
			dup2(saved[fd], fd);
			close(saved[fd]);
		}
	}
}

static void test_spawn_errors(void **state)
{
	struct pppd_options options = { 0 };
	pid_t pid = -7;
	unsigned before = count_fds();

	(void)state;
	pppd_options_add(&options, "noauth");
	assert_int_equal(pppd_spawn("/nonexistent/pppd", &options, 0, 0, &pid), -ENOENT);
	assert_int_equal(pppd_spawn("/etc/passwd", &options, 0, 0, &pid), -EACCES);
	assert_int_equal(pppd_spawn("/bin/true", &options, -1, 0, &pid), -EBADF);
	assert_int_equal(pppd_spawn("/bin/true", &options, 0, -1, &pid), -EBADF);
	assert_int_equal(pid, -7);
	assert_int_equal(count_fds(), before); /* no descriptor was left behind */
	pppd_options_clear(&options);
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

	(void)state;
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

static void test_plane_family(void **state)
{
	struct plane_job job = { .op = PLANE_TUNNEL_DELETE, .tid = 1 };
	struct plane_result result;
	struct l2tp_genl *genl;
	struct plane *plane;
	int r;

	(void)state;
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

int main(int argc, char **argv)
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
		cmocka_unit_test(test_options),
		cmocka_unit_test(test_options_errors),
		cmocka_unit_test(test_options_growth),
		cmocka_unit_test(test_options_real_pppd),
		cmocka_unit_test(test_spawn),
		cmocka_unit_test(test_spawn_collisions),
		cmocka_unit_test(test_spawn_errors),
		cmocka_unit_test(test_plane_close),
		cmocka_unit_test(test_plane_family),
		cmocka_unit_test(test_monitor),
		cmocka_unit_test(test_stats_error),
		cmocka_unit_test(test_route_local),
		cmocka_unit_test(test_probe),
	};

	if (argc == 3 && strcmp(argv[1], "file") == 0)
		return play_pppd(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
