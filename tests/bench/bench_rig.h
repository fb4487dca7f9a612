/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A core under load: peers made of a few numbers, and the part of the daemon that answers effects.
 *
 * Datagrams are made before the clock starts, in a batch; then it runs for the whole batch, so that
 * reading it costs nothing. In the clock is what the daemon would do with a datagram, less the
 * system calls: copy it as recvmsg() would, feed it, obey every effect, ask for the next deadline.
 */
#ifndef TESTS_BENCH_RIG_H
#define TESTS_BENCH_RIG_H

#include <l2tp/core.h>

#define SEC	  USEC_PER_SEC
#define BATCH_MAX 256u

struct peer {
	struct l2tp_path path; /* as the core sees it */
	uint16_t tid, core_tid;
	uint16_t sid, core_sid; /* of its latest call */
	uint16_t ns, nr;
	uint16_t kept;	/* length of sccrp */
	uint8_t *sccrp; /* as it came; room for SCCRP_MAX while a tunnel is set up, else NULL */
};
#define SCCRP_MAX 512u

struct rig {
	struct l2tp_core *core;
	usec_t now;
	uint64_t random;
	struct l2tp_secret secret; /* data NULL: nothing authenticated, nothing hidden */
	usec_t hello;
	uint16_t next_tid, next_sid;
	uint32_t next_addr;
	struct peer **of_tid; /* by the core's tunnel id */
	struct peer *current; /* whose datagram is being fed */
	uint64_t ns;	      /* of processor time, in the clock */
	uint64_t messages;    /* fed in the clock; or what else the caller counts */
};

struct batch {
	unsigned count;
	size_t used;
	struct {
		struct peer *peer;
		struct l2tp_path path;
		size_t at, len;
	} list[BATCH_MAX];
	uint8_t bytes[BATCH_MAX * 512];
};

/* Processor time of this process, ns. */
uint64_t clock_ns(void);
void die(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));
void *need(size_t count, size_t size);
uint64_t draw(uint64_t *state);

/* limits NULL: room for whatever fits into the ids. hide: with a secret and hidden attributes. */
struct rig *rig_new(bool hide, usec_t hello, const struct l2tp_limits *limits);
/* So many peers with an address each; nothing is sent. */
struct peer *rig_peers(struct rig *rig, unsigned count);
/* Another address for one of them. */
void rig_address(struct rig *rig, struct peer *peer);

/* A message of peer at the end of batch, numbered; msg's header is filled in here. */
void batch_add(struct rig *rig, struct batch *batch, struct peer *peer, struct l2tp_msg *msg,
	uint16_t sid);
/* Bytes as they are. */
void batch_add_raw(struct batch *batch, struct peer *peer, const uint8_t *data, size_t len);
/* Feed all of it, in the clock, each after step more microseconds; empties the batch. */
void batch_run(struct rig *rig, struct batch *batch, usec_t step);

/* Obey all effects. */
void rig_drain(struct rig *rig);
/* Everything that is due by then, in the clock. */
void rig_sleep(struct rig *rig, usec_t wait);
/* Our Hello is due at the next deadlines: so many of them, each acknowledged at once. */
void rig_hellos_due(struct rig *rig, unsigned count);

/* Whole exchanges of count peers, at most BATCH_MAX, side by side; in the clock. */
void rig_open_tunnels(struct rig *rig, struct peer *peers, unsigned count);
void rig_close_tunnels(struct rig *rig, struct peer *peers, unsigned count);
void rig_open_calls(struct rig *rig, struct peer *peers, unsigned count);
void rig_close_calls(struct rig *rig, struct peer *peers, unsigned count);
/* An SCCRQ from a new tunnel of peer. */
void rig_add_sccrq(struct rig *rig, struct batch *batch, struct peer *peer);

#endif
