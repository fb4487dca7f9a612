/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the parts of the simulation share: chance, which a seed determines, failure, which names the
 * seed, and the world of one run.
 */
#ifndef TESTS_SIM_H
#define TESTS_SIM_H

#include <stdbool.h>
#include <stdint.h>

#include <l2tp/core.h>

#define SEC   USEC_PER_SEC
#define MSEC  USEC_PER_MSEC
#define NODES 2

/* A number below limit; true in so many of 1000 cases. */
uint64_t below(uint64_t limit);
bool chance(unsigned per_mille);
uint64_t sim_draw(uint64_t *state);
void fail(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

#define CHECK(condition, ...)                                                                      \
	do {                                                                                       \
		if (!(condition))                                                                  \
			fail(__VA_ARGS__);                                                         \
	} while (0)

enum kind { EV_PACKET, EV_ANSWER, EV_READY, EV_NO_TUNNEL, EV_OP };
enum op {
	OP_OPEN,
	OP_CALL,
	OP_CLOSE_CALL,
	OP_CLOSE_TUNNEL,
	OP_SILENCE,
	OP_SPEAK,
	OP_DATA,
	OP_NEWS,
	OP_SLEEP,
	OP_COUNT
};

struct event {
	usec_t at;
	uint64_t order;
	enum kind kind;
	unsigned node;
	uint16_t tid, sid;
	enum op op;
	struct l2tp_path path;
	size_t len;
	uint8_t data[];
};

/* What the caller of a core knows about its objects. */
struct known_session {
	bool exists, placed, offered, created, ready, up;
	uint16_t tid;
};
struct known_tunnel {
	bool exists, up, down;
	unsigned sessions;
	uint32_t last_serial;
	bool any_serial;
};

struct node {
	struct l2tp_core *core;
	struct l2tp_addr addr;
	uint64_t random;
	uint16_t next_port;
	bool silent;
	usec_t ahead; /* of sim.now: its clock went on while it slept */
	struct known_tunnel *tunnels;
	struct known_session *sessions;
	unsigned placed, ups, refused, failed, closed, tunnel_ups;
};

struct sim {
	uint64_t seed, random, order;
	usec_t now;
	struct event **heap;
	size_t count, room;
	struct node nodes[NODES];
	unsigned loss, dup, slow;  /* per mille; slow: delayed so much that it is overtaken */
	usec_t delay, local_delay; /* of the network, and of the caller's answers */
	unsigned refuse, kernel_error, tunnel_error; /* per mille */
	unsigned forge;				     /* so many datagrams also come from a forger */
	bool other_port, silence, slept, tunnel_closed, perfect;
	bool crossed; /* both open at the same moment, and nobody opens again */
	uint8_t secret[NODES][8];
	bool has_secret[NODES], same_secret;
	struct l2tp_tunnel_params params[NODES];
};
extern struct sim sim;

/* Over all seeds. */
struct ties {
	unsigned seen, single; /* ties with tie breakers; those that ended with one tunnel */
};
extern struct ties sim_ties;
extern uint64_t total_messages;
extern bool verbose;

/* What happened at a node, with -v. */
void say(unsigned node, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A node's time: sim.now and what its machine has slept. */
usec_t clock_of(unsigned n);

#endif
