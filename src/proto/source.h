/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whose tunnels they are: a source (an IPv4 address, an IPv6 /64) in its network (/24, /56), with
 * the counts that limits look at, and the tunnels that may have to give way, oldest first.
 *
 * Everything is constant in time. Which network has most tunnels of a group is known by powers of
 * two: networks with 1, with 2 or 3, with 4 to 7 ... are in a queue each.
 */
#ifndef PROTO_SOURCE_H
#define PROTO_SOURCE_H

#include <sys/queue.h>

#include <l2tp/core.h>

#include "ring.h"

#define SOURCE_BUCKETS 16384u
#define SOURCE_LEVELS  16u
/* Rank of a tunnel that never gives way to a stranger's. */
#define RANK_KEPT L2TP_RANK_COUNT

/* Ranks that share a limit. */
enum source_group { SOURCE_CLOSING, SOURCE_HALF_OPEN, SOURCE_IDLE };
#define SOURCE_GROUPS 3

struct l2tp_core;

struct source {
	struct source *next;	/* in its hash bucket */
	struct source *network; /* NULL: it is a network itself */
	uint64_t prefix;
	uint32_t refs;	 /* tunnels, or sources of a network */
	uint8_t kind;	 /* enum source_kind in source.c */
	uint16_t opened; /* tunnels that peers opened */
	uint16_t calls;	 /* that peers placed */
	uint16_t count[L2TP_RANK_COUNT];
	uint16_t oldest[L2TP_RANK_COUNT]; /* rings of tunnels */
	/* Datagrams of a source that fit none of its tunnels, within a minute; see source_strange()
	 */
	uint16_t strange;
	uint32_t strange_since; /* s */
};

struct source_network {
	struct source source;
	TAILQ_ENTRY(source_network) level[SOURCE_GROUPS];
};
TAILQ_HEAD(source_network_list, source_network);

struct sources {
	struct source *buckets[SOURCE_BUCKETS];
	struct source_network_list levels[SOURCE_GROUPS][SOURCE_LEVELS];
	uint32_t busy[SOURCE_GROUPS]; /* bit n: levels[][n] is not empty */
	unsigned listed[SOURCE_GROUPS];
	usec_t guessed_until; /* no source is after that */
};

/* Of a tunnel. */
struct source_place {
	struct source *source; /* NULL: not yet */
	struct ring_link in_source, in_network;
	uint8_t rank; /* enum l2tp_rank, or RANK_KEPT: in no ring */
	bool opened;  /* counted as one that a peer opened */
	bool idle;    /* counted as that in the statistics; see admit_rank() */
};

void sources_init(struct sources *sources);
/* Of a core that ends, whose tunnels are not asked any more. */
void sources_free(struct sources *sources);

/* The source of an address, made if need be, with one reference more. NULL: out of memory. */
struct source *source_get(struct l2tp_core *core, const struct l2tp_addr *addr);
void source_put(struct l2tp_core *core, struct source *source);

/* t, which has an id, takes over the caller's reference. opened: by its peer. */
void source_join(struct l2tp_core *core, struct tunnel *t, struct source *source, bool opened);
/* t goes. */
void source_leave(struct l2tp_core *core, struct tunnel *t);
/* t has another rank now. */
void source_rank(struct l2tp_core *core, struct tunnel *t, unsigned rank);
/* A call that a peer placed in t came or went. */
void source_call(struct tunnel *t, int change);

/* The scope's part that source belongs to; NULL: all. */
struct source *source_at(struct source *source, enum l2tp_scope scope);
unsigned source_count(const struct source *source, enum source_group group);
/*
 * The tunnel of a group that gives way first: in that source or network, or, NULL, in the network
 * with most of them. NULL: none.
 */
struct tunnel *source_oldest(
	const struct l2tp_core *core, const struct source *at, enum source_group group);

/*
 * A datagram came from addr that fits no tunnel, or not the numbers of the one it names. Somebody
 * may be guessing in the name of a peer; he is known by the number of guesses.
 */
void source_strange(struct l2tp_core *core, const struct l2tp_addr *addr);
/* So many came within the last minute from the source of t that it should believe little. */
bool source_is_guessed(const struct l2tp_core *core, const struct tunnel *t);

#endif
