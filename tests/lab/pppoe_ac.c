/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A bare access concentrator on one interface: src/pppoe and its sockets. For tests of both without
 * PPP in the kernel, to see what a flood costs, and what calls cost that end in a pppd each.
 *
 *	pppoe_ac IFNAME [OPTION VALUE]...
 *	  rate N	PADIs answered a second, default all
 *	  refuse TEXT	every call; else each is accepted, and no kernel session is made
 *	  pppd FILE	of its options; each call gets one, which makes its kernel session
 *
 * At SIGTERM a line of JSON: what it counted, its processor time, and the memory it has.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "linux/pppoe_socket.h"
#include "pppoe/discovery.h"

#define FRAMES_MAX 256

static volatile sig_atomic_t stopping;
static const char *ifname, *refusal, *pppd_file;

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

/* It lasts as long as the call; nobody waits for it. */
static void start_pppd(const struct pppoe_ac *ac, uint16_t sid)
{
	char session[64], nic[64];
	struct pppoe_info info;

	if (!pppoe_ac_info(ac, sid, &info) || fork() != 0)
		return;
	snprintf(session, sizeof(session), "%u:%02x:%02x:%02x:%02x:%02x:%02x", sid, info.mac[0],
		info.mac[1], info.mac[2], info.mac[3], info.mac[4], info.mac[5]);
	snprintf(nic, sizeof(nic), "nic-%s", ifname);
	execl("/usr/sbin/pppd", "pppd", "plugin", "rp-pppoe.so", "rp_pppoe_sess", session, nic,
		"file", pppd_file, "nodetach", (char *)NULL);
	_exit(127);
}

static void answer_call(struct pppoe_ac *ac, uint16_t sid)
{
	if (refusal) {
		pppoe_ac_close(ac, clock_now(), sid, PPPOE_TAG_AC_SYSTEM_ERROR, refusal);
		return;
	}
	if (pppd_file)
		start_pppd(ac, sid);
	pppoe_ac_accept(ac, clock_now(), sid);
}

static void carry_out(struct pppoe_ac *ac, int fd)
{
	const struct pppoe_effect *effect;

	while ((effect = pppoe_ac_next_effect(ac))) {
		switch (effect->type) {
		case PPPOE_EFFECT_SEND:
			pppoe_socket_send(
				fd, (int)effect->port, effect->send.data, effect->send.len);
			break;
		case PPPOE_EFFECT_CALL_WANTED:
			answer_call(ac, effect->sid);
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

static void serve(struct pppoe_ac *ac, int fd)
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
			carry_out(ac, fd);
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
	struct pppoe_socket_port port;
	uint8_t seed[PPPOE_SEED_LEN];
	struct pppoe_ac *ac;
	int fd, r;

	if (argc < 2) {
		fprintf(stderr, "usage: pppoe_ac IFNAME [OPTION VALUE]...\n");
		return 2;
	}
	ifname = argv[1];
	for (int i = 2; i + 1 < argc; i += 2) {
		if (strcmp(argv[i], "rate") == 0)
			config.padi_rate = (unsigned)atoi(argv[i + 1]);
		else if (strcmp(argv[i], "refuse") == 0)
			refusal = argv[i + 1];
		else if (strcmp(argv[i], "pppd") == 0)
			pppd_file = argv[i + 1];
		else
			fail(argv[i], -EINVAL);
	}
	r = pppoe_socket_port(ifname, &port);
	if (r < 0)
		fail(ifname, r);
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
	signal(SIGCHLD, SIG_IGN);
	puts("listening");
	fflush(stdout);
	serve(ac, fd);
	report(ac);
	pppoe_ac_free(ac);
	return 0;
}
