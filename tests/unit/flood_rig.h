/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A server under attack in virtual time: one core that everybody may reach, honest clients that are
 * cores themselves and repeat as RFC 2661 says, and whatever an attacker sends, in whose name he
 * likes. Used by tests of flooding and by the simulation.
 */
#ifndef TESTS_FLOOD_RIG_H
#define TESTS_FLOOD_RIG_H

#include <l2tp/core.h>

#define SEC	    USEC_PER_SEC
#define MSEC	    USEC_PER_MSEC
#define CLIENTS_MAX 32u

/* An honest client: opens a tunnel and places a call in it. */
struct flood_client {
	struct l2tp_core *core;
	struct l2tp_addr addr;
	uint64_t random;
	usec_t open_at, up_at; /* up_at: the call is up; 0: never was */
	usec_t last_sent;      /* when it sent its last SCCRQ */
	unsigned requests;     /* SCCRQs it sent */
	unsigned lost;	       /* times a tunnel or call ended that was up */
	uint16_t tid;	       /* 0: could not be opened */
	int sid;	       /* or why there is no call */
	char why[160];	       /* of the last end */
};

struct flood_packet;

struct flood {
	struct l2tp_core *lns;
	struct l2tp_tunnel_params params; /* of the server */
	struct l2tp_addr addr;
	usec_t now, delay; /* of the network, one way */
	unsigned loss;	   /* per mille */
	uint64_t random;
	struct flood_client clients[CLIENTS_MAX];
	unsigned count;
	struct flood_packet *packets; /* in the order of their time */
	/* The attacker's turn, every so often from attack_at on; NULL: nobody attacks. */
	void (*attack)(struct flood *flood);
	usec_t attack_at, attack_every;
	/* Something was sent to an address that is no client's; may be NULL. */
	void (*answer)(struct flood *flood, const struct l2tp_addr *to, const struct l2tp_msg *msg);
	/* Every effect, before it is obeyed; client: -1 for the server's. May be NULL. */
	void (*watch)(struct flood *flood, int client, const struct l2tp_effect *effect);
	void *user;
	uint64_t to_strangers, from_strangers; /* octets */
	unsigned offers, tunnels_up;	       /* of strangers, too */
};

uint64_t flood_draw(uint64_t *state);
/* A number below limit. */
uint64_t flood_below(struct flood *flood, uint64_t limit);

/* secret: NULL or what all share. */
struct flood *flood_new(uint64_t seed, const struct l2tp_limits *limits, const char *secret);
void flood_free(struct flood *flood);

/* A client at that address opens its tunnel in wait from now. */
struct flood_client *flood_client(struct flood *flood, const char *host, usec_t wait);
/* It loses its memory, and power: it is as new, and opens again in wait, with the same numbers. */
void flood_restart(struct flood *flood, struct flood_client *client, uint64_t random, usec_t wait);
/* It asks and answers nothing any more. */
void flood_vanish(struct flood *flood, struct flood_client *client);

void flood_run(struct flood *flood, usec_t time);
/* Every core is told to close its tunnels. */
void flood_close_all(struct flood *flood);

/* An attacker's datagram arrives: a message with these numbers, of whoever. */
void flood_say(struct flood *flood, const struct l2tp_addr *from, struct l2tp_msg *msg,
	uint16_t tid, uint16_t sid, uint16_t ns, uint16_t nr);
void flood_bytes(
	struct flood *flood, const struct l2tp_addr *from, const uint8_t *data, size_t len);
/* An SCCRQ without frills. */
void flood_sccrq(struct flood *flood, const struct l2tp_addr *from, uint16_t tid);
struct l2tp_addr flood_addr(uint32_t host, uint16_t port); /* IPv4, host byte order */

#endif
