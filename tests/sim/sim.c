/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two whole cores in virtual time, joined by a network that loses, doubles, delays and reorders,
 * and driven by a script made of a seed: open (also both at once, with ties), calls, closes, kernel
 * errors, refusals, silence, news of the line, a machine that sleeps, a forger. Some seeds tell
 * other stories besides: of floods, restarts, and of a day of silence; see sim_siege.h.
 *
 *	sim [--seeds FROM-TO] [--loss PERCENT] [-v]
 *
 * A failing seed is printed and does the same again. What must hold is in the functions named
 * check_*.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim.h"
#include "sim_caller.h"
#include "sim_check.h"
#include "sim_net.h"
#include "sim_siege.h"
#include "sim_xport.h"

#define SIEGE_EVERY   8u /* seeds */
#define RESTART_EVERY 4u
#define IDLE_EVERY    40u

#define SCRIPT	      (60 * SEC)   /* the script is played in this time */
#define QUIET	      (300 * SEC)  /* then the network is perfect; after this both sides agree */
#define THE_END	      (2000 * SEC) /* and after this nothing may be left */

struct sim sim;
bool verbose;
uint64_t total_messages;
struct ties sim_ties;

uint64_t sim_draw(uint64_t *state)
{
	uint64_t x = *state += UINT64_C(0x9e3779b97f4a7c15);

	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

uint64_t below(uint64_t limit)
{
	return limit ? sim_draw(&sim.random) % limit : 0;
}

bool chance(unsigned per_mille)
{
	return below(1000) < per_mille;
}

static void env_random(void *user, void *buf, size_t len)
{
	struct node *node = user;
	uint8_t *out = buf;

	for (size_t i = 0; i < len; i++)
		out[i] = (uint8_t)sim_draw(&node->random);
}

void say(unsigned node, const char *format, ...)
{
	va_list args;

	if (!verbose)
		return;
	printf("%12.6f %c ", (double)sim.now / 1e6, 'A' + (int)node);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
}

void fail(const char *format, ...)
{
	va_list args;

	fflush(stdout);
	fprintf(stderr, "sim: seed %" PRIu64 " at %.6f s: ", sim.seed, (double)sim.now / 1e6);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fprintf(stderr, "\n");
	exit(1);
}

usec_t clock_of(unsigned n)
{
	return sim.now + sim.nodes[n].ahead;
}

static void set_up_params(unsigned n, bool hide)
{
	struct l2tp_tunnel_params *params = &sim.params[n];

	*params = (struct l2tp_tunnel_params){
		.hostname = n ? "lns.example" : "lac.example",
		.vendor = chance(500) ? "sim" : NULL,
		.receive_window = (uint16_t)(1 + below(64)),
		.hello = (5 + below(55)) * SEC,
		.max_retransmits = (unsigned)(3 + below(5)),
		.retransmit = (200 + below(1000)) * MSEC,
		.linger = chance(500) ? USEC_INFINITY : (1 + below(100)) * SEC,
		.tie_breaker = chance(300),
		.cookie = n + 1,
	};
	if (!sim.has_secret[n])
		return;
	params->secret.data = sim.secret[n];
	params->secret.len = sizeof(sim.secret[n]);
	params->hide = hide;
}

static void set_up(uint64_t seed, int loss)
{
	static const struct l2tp_limits limits = L2TP_LIMITS_DEFAULT;
	bool hide;

	sim.seed = sim.random = seed;
	sim.now = 1000 * SEC;
	sim.loss = loss >= 0 ? (unsigned)loss * 10 : chance(300) ? 0 : (unsigned)below(400);
	sim.dup = chance(300) ? 0 : (unsigned)below(200);
	sim.slow = chance(500) ? 0 : (unsigned)below(100);
	sim.delay = 1 + below(chance(100) ? 2 * SEC : 100 * MSEC);
	sim.local_delay = 1 + below(50 * MSEC);
	sim.refuse = chance(500) ? 0 : (unsigned)below(300);
	sim.kernel_error = chance(500) ? 0 : (unsigned)below(300);
	sim.tunnel_error = chance(900) ? 0 : (unsigned)below(300);
	sim.forge = chance(700) ? 0 : (unsigned)below(500);
	sim.other_port = chance(200);
	sim.silence = chance(150);
	sim.has_secret[0] = sim.has_secret[1] = chance(500);
	sim.same_secret = !chance(50);
	memset(sim.secret, 's', sizeof(sim.secret));
	if (!sim.same_secret) {
		sim.has_secret[below(2)] = true;
		sim.secret[0][0] = 'x';
	}
	hide = chance(300);
	for (unsigned i = 0; i < NODES; i++) {
		struct node *node = &sim.nodes[i];
		struct l2tp_env env = { .user = node, .random = env_random };
		struct known_tunnel *tunnels = node->tunnels;
		struct known_session *sessions = node->sessions;

		*node = (struct node){ .tunnels = tunnels,
			.sessions = sessions,
			.random = seed * NODES + i,
			.next_port = 40000 };
		l2tp_addr_parse(i ? "192.0.2.2" : "192.0.2.1", L2TP_PORT, &node->addr);
		set_up_params(i, hide);
		node->core = l2tp_core_new(&env, &limits);
		if (!node->core)
			abort();
	}
}

static void plan(enum op op, unsigned node, usec_t at)
{
	event_add(sim.now + at, EV_OP, node, 0)->op = op;
}

static void write_script(void)
{
	unsigned opener = (unsigned)below(NODES);
	/* with the network slower than a retransmission, many calls would take their time */
	unsigned calls = (unsigned)below(chance(100) && sim.delay < SEC / 10 ? 200 : 12);
	unsigned closes = chance(500) ? 0 : (unsigned)below(calls + 1);

	plan(OP_OPEN, opener, 0);
	sim.crossed = chance(200);
	if (sim.crossed)
		plan(OP_OPEN, !opener, 0);
	else if (chance(150))
		plan(OP_OPEN, !opener, below(100 * MSEC));
	if (!sim.crossed && chance(200))
		plan(OP_OPEN, (unsigned)below(NODES), below(SCRIPT));
	for (unsigned i = 0; i < calls; i++)
		plan(OP_CALL, chance(800) ? opener : !opener, chance(500) ? 1 : below(SCRIPT / 2));
	for (unsigned i = 0; i < closes; i++)
		plan(OP_CLOSE_CALL, (unsigned)below(NODES), below(SCRIPT));
	if (chance(200))
		plan(OP_CLOSE_TUNNEL, (unsigned)below(NODES), below(SCRIPT));
	if (sim.silence) {
		unsigned node = (unsigned)below(NODES);
		usec_t at = below(SCRIPT);

		plan(OP_SILENCE, node, at);
		plan(OP_SPEAK, node, at + below(50 * SEC));
	}
	if (chance(100))
		plan(OP_SLEEP, (unsigned)below(NODES), below(SCRIPT));
	for (unsigned i = 0; i < 8; i++)
		plan(OP_NEWS, (unsigned)below(NODES), below(SCRIPT));
	for (unsigned i = 0; i < 3; i++)
		plan(OP_DATA, (unsigned)below(NODES), below(SCRIPT));
}

static void close_all(unsigned n)
{
	struct node *node = &sim.nodes[n];
	uint16_t tid = 0;

	while ((tid = l2tp_core_next_tunnel(node->core, tid)))
		l2tp_core_close_tunnel(node->core, clock_of(n), tid, &hang_up);
	drain(n);
}

static void run_seed(uint64_t seed, int loss)
{
	struct known_tunnel *tunnels[NODES];
	struct known_session *sessions[NODES];

	for (unsigned i = 0; i < NODES; i++) {
		tunnels[i] = sim.nodes[i].tunnels;
		sessions[i] = sim.nodes[i].sessions;
	}
	free(sim.heap);
	memset(&sim, 0, sizeof(sim));
	for (unsigned i = 0; i < NODES; i++) {
		sim.nodes[i].tunnels = tunnels[i] ? tunnels[i] : calloc(65536, sizeof(**tunnels));
		sim.nodes[i].sessions =
			sessions[i] ? sessions[i] : calloc(65536, sizeof(**sessions));
		if (!sim.nodes[i].tunnels || !sim.nodes[i].sessions)
			abort();
	}
	set_up(seed, loss);
	write_script();
	run_until(1000 * SEC + SCRIPT);
	run_until(1000 * SEC + SCRIPT + 60 * SEC);
	sim.perfect = true;
	/* an answer that takes longer than a retransmission cycle is none */
	if (sim.delay > SEC / 10)
		sim.delay = SEC / 10;
	for (unsigned i = 0; i < NODES; i++)
		sim.nodes[i].silent = false;
	run_until(1000 * SEC + SCRIPT + QUIET);
	check_agreement();
	check_success();
	close_all((unsigned)below(NODES));
	run_until(1000 * SEC + THE_END);
	check_empty();
	for (unsigned i = 0; i < NODES; i++)
		l2tp_core_free(sim.nodes[i].core);
}

static int usage(void)
{
	fprintf(stderr, "usage: sim [--seeds FROM-TO] [--loss PERCENT] [-v]\n");
	return 2;
}

int main(int argc, char **argv)
{
	uint64_t from = 1, to = 2000;
	int loss = -1;

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "-v") == 0) {
			verbose = true;
		} else if (strcmp(argv[i], "--seeds") == 0 && i + 1 < argc) {
			int got = sscanf(argv[++i], "%" SCNu64 "-%" SCNu64, &from, &to);

			if (got < 1)
				return usage();
			if (got == 1)
				to = from;
		} else if (strcmp(argv[i], "--loss") == 0 && i + 1 < argc) {
			loss = atoi(argv[++i]);
			if (loss < 0 || loss > 100)
				return usage();
		} else {
			return usage();
		}
	}
	for (uint64_t seed = from; seed <= to; seed++) {
		run_seed(seed, loss);
		if (sim.loss < 600)
			sim_xport(sim.loss, sim.dup, sim.slow);
		/* these take longer, and choose their losses themselves */
		if (loss < 0 && seed % SIEGE_EVERY == 0)
			sim_siege(seed);
		if (loss < 0 && seed % RESTART_EVERY == 0)
			sim_restart(seed);
		if (loss < 0 && seed % IDLE_EVERY == 0)
			sim_idle(seed);
	}
	for (unsigned i = 0; i < NODES; i++) {
		free(sim.nodes[i].tunnels);
		free(sim.nodes[i].sessions);
	}
	free(sim.heap);
	if (sim_ties.seen > 20 && sim_ties.single * 10 < sim_ties.seen * 9) {
		fprintf(stderr, "sim: one tunnel in only %u of %u ties\n", sim_ties.single,
			sim_ties.seen);
		return 1;
	}
	printf("sim: seeds %" PRIu64 "-%" PRIu64 " passed, %" PRIu64 " messages\n", from, to,
		total_messages);
	return 0;
}
