/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "linux_rig.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "linux/pppox.h"

static unsigned checks;
unsigned failures;

/* --- what every check uses --- */

bool check(bool good, const char *fmt, ...)
{
	va_list ap;

	checks++;
	failures += !good;
	printf("%s %u - ", good ? "ok" : "not ok", checks);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
	fflush(stdout);
	return good;
}

void check_is(long got, long wanted, const char *what)
{
	if (got == wanted)
		check(true, "%s", what);
	else if (got < 0)
		check(false, "%s: %ld (%s), not %ld", what, got, strerror((int)-got), wanted);
	else
		check(false, "%s: %ld, not %ld", what, got, wanted);
}

void run(const char *fmt, ...)
{
	char command[1000];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(command, sizeof(command), fmt, ap);
	va_end(ap);
	if (system(command) != 0) {
		check(false, "command failed: %s", command);
		exit(1);
	}
}

struct l2tp_addr addr(const char *host, uint16_t port)
{
	struct l2tp_addr a = { 0 };

	if (l2tp_addr_parse(host, port, &a) < 0)
		abort();
	return a;
}

bool readable(int fd, int ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, ms) == 1;
}

long now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000L + ts.tv_nsec / 1000;
}

/* --- tunnels and sessions --- */

void pair_sockets(struct pair *pair, int family, uint16_t tid)
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

void pair_accept(struct pair *pair, int listener, int family, uint16_t tid)
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

void pair_tunnels(struct pair *pair, struct l2tp_genl *genl)
{
	for (int i = 0; i < 2; i++)
		check_is(l2tp_genl_tunnel_create(genl, pair->tid[i], pair->tid[!i], pair->udp[i]),
			0, "tunnel is created");
}

void pair_close(struct pair *pair, struct l2tp_genl *genl)
{
	for (int i = 0; i < 2; i++) {
		check_is(l2tp_genl_tunnel_delete(genl, pair->tid[i]), 0, "tunnel is deleted");
		close(pair->udp[i]);
	}
}

struct l2tp_genl_session session_of(const struct pair *pair, int side, uint16_t sid)
{
	return (struct l2tp_genl_session){
		.tid = pair->tid[side], .sid = sid, .peer_sid = sid, .lns_mode = side == 0
	};
}

void pair_session(struct pair *pair, struct l2tp_genl *genl, uint16_t sid, int pppox[2])
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

static void on_session(void *user, const struct session_stats *session)
{
	struct wanted_stats *wanted = user;

	wanted->all++;
	if (session->tid == wanted->tid && session->sid == wanted->sid) {
		wanted->stats = *session;
		wanted->seen++;
	}
}

/* One dump; false: it did not end well. */
static bool ask_stats(struct l2tp_genl *genl, struct wanted_stats *wanted)
{
	static struct stats_stream *stats;
	bool done = false;
	int r = 0;

	wanted->seen = wanted->all = 0;
	if (!stats)
		check_is(stats_new(l2tp_genl_family(genl), &stats), 0, "statistics stream");
	if (stats_request(stats) < 0)
		return false;
	while (!done && readable(stats_fd(stats), WAIT_MS))
		r = stats_process(stats, on_session, wanted, &done);
	return done && (r == 0 || r == -EINTR);
}

void dump_stats(struct l2tp_genl *genl, struct wanted_stats *wanted)
{
	check(ask_stats(genl, wanted), "statistics are asked for, and end well");
}

void check_no_session(struct l2tp_genl *genl, const char *what)
{
	struct wanted_stats left = { 0 };
	long end = now_us() + WAIT_MS * 1000L;
	bool good;

	while ((good = ask_stats(genl, &left)) && left.all && now_us() < end)
		usleep(10000);
	check(good && !left.all, "%s: %u sessions", what, left.all);
}

void check_frame(const int pppox[2], int from)
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

int check_end(void)
{
	printf("1..%u\n# %u failed\n", checks, failures);
	return failures > 0;
}
