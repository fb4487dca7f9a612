/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * strangers MODE RATE SECONDS NETWORKS TARGET
 *
 * Peers that keep to the protocol and want to keep others out: from 10.200.N.1 for N below
 * NETWORKS, which must be local here, to TARGET port 1701, together RATE times a second:
 *
 *   request  ask for a tunnel and do not go on
 *   leave    open a tunnel and leave it
 *   silent   open a tunnel with a call that never speaks PPP
 *   churn    in one tunnel each, place calls and end them at once
 *
 * Says at the end how many requests there were, tunnels that came up, and calls. For the lab, see
 * cases/test_strangers.py.
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <l2tp/core.h>

#define NETWORKS_MAX 250
#define AVP_TID	     9

enum mode { REQUEST, LEAVE, SILENT, CHURN };
static const char *const modes[] = { "request", "leave", "silent", "churn" };

struct stranger {
	int fd;
	struct l2tp_path path;
	struct l2tp_core *core;
	uint16_t tid; /* CHURN: its tunnel; 0: not up yet */
	bool asked;
	uint8_t request[512];
	size_t request_len;
};

static enum mode mode;
static unsigned long tried, tunnels, calls;

static usec_t now_usec(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (usec_t)ts.tv_sec * USEC_PER_SEC + (usec_t)ts.tv_nsec / 1000;
}

static void fill_random(void *user, void *buf, size_t len)
{
	if (getrandom(buf, len, 0) != (ssize_t)len)
		err(1, "getrandom");
}

static void place_call(struct stranger *s, uint16_t tid)
{
	struct l2tp_call_params params = { .calling = "1" };
	int sid = l2tp_core_place_call(s->core, now_usec(), tid, &params);
	struct l2tp_reason reason = { .result = L2TP_CDN_ADMIN };

	if (sid <= 0)
		return;
	calls++;
	if (mode == CHURN)
		l2tp_core_close_session(s->core, now_usec(), tid, (uint16_t)sid, &reason);
}

static void send_datagram(struct stranger *s, const uint8_t *data, size_t len)
{
	if (s->request_len == 0 && len <= sizeof(s->request)) {
		memcpy(s->request, data, len);
		s->request_len = len;
	}
	/* what the network cannot carry is lost, as it may be */
	(void)!send(s->fd, data, len, MSG_DONTWAIT);
}

static void tunnel_up(struct stranger *s, uint16_t tid)
{
	tunnels++;
	if (mode == SILENT)
		place_call(s, tid);
	if (mode == CHURN)
		s->tid = tid;
}

static void run_effects(struct stranger *s)
{
	const struct l2tp_effect *e;

	while ((e = l2tp_core_next_effect(s->core))) {
		switch (e->type) {
		case L2TP_EFFECT_SEND:
			send_datagram(s, e->send.data, e->send.len);
			break;
		case L2TP_EFFECT_TUNNEL_UP:
			tunnel_up(s, e->tid);
			break;
		case L2TP_EFFECT_TUNNEL_DOWN:
			if (e->tid == s->tid)
				s->tid = 0;
			s->asked = false;
			break;
		case L2TP_EFFECT_SESSION_CREATE:
			l2tp_core_session_ready(s->core, now_usec(), e->tid, e->sid, 0, NULL);
			break;
		default:
			break;
		}
	}
}

static void open_tunnel(struct stranger *s)
{
	struct l2tp_tunnel_params params = { .hostname = "stranger", .linger = USEC_INFINITY };

	if (l2tp_core_open_tunnel(s->core, now_usec(), &s->path, &params) > 0)
		tried++;
	run_effects(s);
}

/* The first request once more, with another tunnel id: nothing is kept of it here. */
static void request_again(struct stranger *s)
{
	size_t at = 12;

	if (!s->request_len)
		open_tunnel(s);
	while (at + 8 <= s->request_len) {
		size_t len = (s->request[at] & 3u) << 8 | s->request[at + 1];

		if (len < 6)
			break;
		if (s->request[at + 5] == AVP_TID)
			fill_random(NULL, s->request + at + 6, 2);
		at += len;
	}
	send_datagram(s, s->request, s->request_len);
	tried++;
}

static void do_one(struct stranger *s)
{
	switch (mode) {
	case REQUEST:
		request_again(s);
		break;
	case LEAVE:
	case SILENT:
		open_tunnel(s);
		break;
	case CHURN:
		if (s->tid)
			place_call(s, s->tid);
		else if (!s->asked)
			open_tunnel(s);
		s->asked = true;
		run_effects(s);
		break;
	}
}

static void hear(struct stranger *s)
{
	uint8_t buf[2048];
	struct l2tp_span host;
	ssize_t n;

	while ((n = recv(s->fd, buf, sizeof(buf), MSG_DONTWAIT)) > 0)
		if (mode != REQUEST)
			l2tp_core_input(s->core, now_usec(), &s->path, buf, (size_t)n, &host);
	if (mode != REQUEST && l2tp_core_next_timeout(s->core) <= now_usec())
		l2tp_core_timeout(s->core, now_usec());
	run_effects(s);
}

static void begin(struct stranger *s, unsigned network, const char *target)
{
	struct l2tp_limits limits = L2TP_LIMITS_DEFAULT;
	struct l2tp_env env = { .random = fill_random };
	char addr[32];

	snprintf(addr, sizeof(addr), "10.200.%u.1", network);
	if (l2tp_addr_parse(addr, L2TP_PORT, &s->path.local) < 0 ||
		l2tp_addr_parse(target, L2TP_PORT, &s->path.peer) < 0)
		errx(2, "%s is not an address", target);
	s->core = l2tp_core_new(&env, &limits);
	s->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (!s->core || s->fd < 0 || bind(s->fd, &s->path.local.sa, sizeof(s->path.local.in)) < 0 ||
		connect(s->fd, &s->path.peer.sa, sizeof(s->path.peer.in)) < 0)
		err(1, "%s", addr);
}

static void flood(struct stranger *all, unsigned networks, unsigned rate, unsigned seconds)
{
	usec_t start = now_usec(), end = start + seconds * USEC_PER_SEC, now;
	uint64_t done = 0;
	unsigned next = 0;

	while ((now = now_usec()) < end) {
		uint64_t due = (now - start) * rate / USEC_PER_SEC;

		/* a machine that is late does not catch up in one go */
		for (unsigned i = 0; done < due && i < 64; i++, done++)
			do_one(&all[next++ % networks]);
		for (unsigned i = 0; i < networks; i++)
			hear(&all[i]);
		poll(NULL, 0, 1);
	}
}

int main(int argc, char **argv)
{
	static struct stranger all[NETWORKS_MAX];
	unsigned rate, seconds, networks;

	if (argc != 6)
		errx(2, "usage: strangers request|leave|silent|churn RATE SECONDS NETWORKS TARGET");
	while (strcmp(modes[mode], argv[1]) != 0)
		if (++mode > CHURN)
			errx(2, "unknown mode %s", argv[1]);
	rate = (unsigned)strtoul(argv[2], NULL, 10);
	seconds = (unsigned)strtoul(argv[3], NULL, 10);
	networks = (unsigned)strtoul(argv[4], NULL, 10);
	if (networks < 1 || networks > NETWORKS_MAX)
		errx(2, "1 to %d networks", NETWORKS_MAX);
	for (unsigned i = 0; i < networks; i++)
		begin(&all[i], i, argv[5]);
	flood(all, networks, rate, seconds);
	printf("%lu requests, %lu tunnels, %lu calls\n", tried, tunnels, calls);
	for (unsigned i = 0; i < networks; i++)
		l2tp_core_free(all[i].core);
	return 0;
}
