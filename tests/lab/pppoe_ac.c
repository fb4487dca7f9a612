// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A bare access concentrator on one interface: src/pppoe and its sockets, every call is accepted,
 *no kernel session is made. For tests of both without PPP in the kernel, and to see what a flood
 *costs.
 *
 *	pppoe_ac IFNAME [PADIS-PER-SECOND [REFUSE]]
 *
 * With REFUSE it refuses all, with that text. At SIGTERM a line of JSON: what it counted, its
 * processor time, and the memory it has.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <time.h>

#include "linux/pppoe_socket.h"
#include "pppoe/discovery.h"

#define FRAMES_MAX 256

static volatile sig_atomic_t stopping;

static void on_signal(int sig)
{
	stopping = sig;
}

static usec_t clock_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_BOOTTIME, &ts);
	return (usec_t)ts.tv_sec * USEC_PER_SEC + (usec_t)ts.tv_nsec / 1000;
}

static void fail(const char *what, int r)
{
	fprintf(stderr, "pppoe_ac: %s: %s\n", what, strerror(-r));
	exit(2);
}

static void carry_out(struct pppoe_ac *ac, int fd, const char *refusal)
{
	const struct pppoe_effect *effect;

	while ((effect = pppoe_ac_next_effect(ac))) {
		switch (effect->type) {
		case PPPOE_EFFECT_SEND:
			pppoe_socket_send(
				fd, (int)effect->port, effect->send.data, effect->send.len);
			break;
		case PPPOE_EFFECT_CALL_WANTED:
			if (refusal)
				pppoe_ac_close(ac, clock_now(), effect->sid,
					PPPOE_TAG_AC_SYSTEM_ERROR, refusal);
			else
				pppoe_ac_accept(ac, clock_now(), effect->sid);
			break;
		case PPPOE_EFFECT_CALL_END:
			break;
		}
	}
}

static void report(const struct pppoe_ac *ac)
{
	struct pppoe_stats s;
	struct rusage usage;

	pppoe_ac_stats(ac, &s);
	getrusage(RUSAGE_SELF, &usage);
	printf("{\"padi\": %llu, \"limited\": %llu, \"pado\": %llu, \"padr\": %llu, "
	       "\"repeated\": %llu, \"bad_cookie\": %llu, \"pads\": %llu, \"refused\": %llu, "
	       "\"held\": %llu, \"padt\": %llu, \"malformed\": %llu, \"sessions\": %u, "
	       "\"cpu_ms\": %ld, \"max_rss_kb\": %ld}\n",
		(unsigned long long)s.padi, (unsigned long long)s.padi_limited,
		(unsigned long long)s.pado, (unsigned long long)s.padr,
		(unsigned long long)s.repeated, (unsigned long long)s.bad_cookie,
		(unsigned long long)s.pads, (unsigned long long)s.refused,
		(unsigned long long)s.held, (unsigned long long)s.padt_received,
		(unsigned long long)s.malformed, s.sessions,
		(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000 +
			(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1000,
		usage.ru_maxrss);
}

static void serve(struct pppoe_ac *ac, int fd, const char *refusal)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	while (!stopping) {
		uint8_t buf[2048];
		ssize_t len = 0;
		int ifindex;

		poll(&p, 1, 1000);
		for (unsigned i = 0; i < FRAMES_MAX; i++) {
			len = pppoe_socket_recv(fd, buf, sizeof(buf), &ifindex);
			if (len < 0)
				break;
			pppoe_ac_input(ac, clock_now(), (unsigned)ifindex, buf, (size_t)len);
			carry_out(ac, fd, refusal);
		}
		if (len < 0 && len != -EAGAIN && len != -EINTR)
			fail("recv", (int)len);
	}
}

int main(int argc, char **argv)
{
	struct pppoe_config config = {
		.ac_name = "pppoe_ac", .any_service = true, .replace = true
	};
	const char *refusal = argc > 3 ? argv[3] : NULL;
	struct pppoe_socket_port port;
	uint8_t seed[PPPOE_SEED_LEN];
	struct pppoe_ac *ac;
	int fd, r;

	if (argc < 2) {
		fprintf(stderr, "usage: pppoe_ac IFNAME [PADIS-PER-SECOND [REFUSE]]\n");
		return 2;
	}
	if (argc > 2)
		config.padi_rate = (unsigned)atoi(argv[2]);
	r = pppoe_socket_port(argv[1], &port);
	if (r < 0)
		fail(argv[1], r);
	r = pppoe_socket_listen(port.ifindex, &fd);
	if (r < 0)
		fail("socket", r);
	if (getrandom(seed, sizeof(seed), 0) != sizeof(seed))
		fail("getrandom", -errno);
	ac = pppoe_ac_new(&config, seed);
	if (!ac || pppoe_ac_set_port(ac, (unsigned)port.ifindex, port.mac, port.mtu) < 0)
		fail("memory", -ENOMEM);
	signal(SIGTERM, on_signal);
	signal(SIGINT, on_signal);
	puts("listening");
	fflush(stdout);
	serve(ac, fd, refusal);
	report(ac);
	pppoe_ac_free(ac);
	return 0;
}
