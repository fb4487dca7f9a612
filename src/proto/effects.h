/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The queue of effects: what the core wants done, in order. Every effect owns its bytes and
 * strings, so it stays true when the object it speaks of is long gone.
 */
#ifndef PROTO_EFFECTS_H
#define PROTO_EFFECTS_H

#include <sys/queue.h>

#include <l2tp/core.h>

struct effect_node {
	STAILQ_ENTRY(effect_node) link;
	bool is_spare;
	struct l2tp_effect effect;
	uint8_t bytes[];
};

/* Kept for when there is no memory: so many effects, each with so much room. */
#define EFFECTS_SPARE	    64
#define EFFECTS_SPARE_EXTRA 256

struct effects {
	STAILQ_HEAD(, effect_node) queue, spare;
	unsigned spare_len;
	struct effect_node *current; /* the one the caller is looking at */
};

/* 0 or -ENOMEM; effects_free() in any case. */
int effects_init(struct effects *effects);
void effects_free(struct effects *effects);
const struct l2tp_effect *effects_next(struct effects *effects);

/*
 * Append an effect with room for extra bytes. The caller fills it. Never NULL: an effect that is
 * lost is a session nobody ends. Without memory one of the spare ones is taken; when they are used
 * up as well, there is nothing sensible left to do.
 */
struct effect_node *effects_add(struct effects *effects, enum l2tp_effect_type type, size_t extra);
/* The same for what may be lost as the network loses it; NULL when out of memory. */
struct effect_node *effects_try(struct effects *effects, enum l2tp_effect_type type, size_t extra);

#endif
