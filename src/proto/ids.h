/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Local ids: unpredictable numbers 1..65535 (RFC 2661 9.1), each with the object it stands for.
 *
 * A freed id rests before it is given out again: kernels before 6.12 tear a tunnel or session down
 * lazily, and a late message of the old object must not reach a new one.
 */
#ifndef PROTO_IDS_H
#define PROTO_IDS_H

#include <stddef.h>
#include <stdint.h>

#include <l2tp/core.h>

#define IDS_PAGE 256u

struct ids_resting {
	usec_t until;
	uint16_t id;
};

struct ids {
	void **pages[65536 / IDS_PAGE];
	struct ids_resting *resting; /* ring, ascending until */
	unsigned first, count, room;
	usec_t quarantine;
	unsigned used; /* with an object */
};

void ids_init(struct ids *ids, usec_t quarantine);
void ids_free(struct ids *ids);
/* The object, or NULL. */
void *ids_get(const struct ids *ids, uint16_t id);
/* The lowest id above the given one that has an object; 0: none. */
uint16_t ids_next(const struct ids *ids, uint16_t id);
/* Give object a new id. The id, or -ENOSPC, -ENOMEM. */
int ids_add(struct ids *ids, const struct l2tp_env *env, usec_t now, void *object);
/* The object went. */
void ids_remove(struct ids *ids, usec_t now, uint16_t id);
/* Some id nobody has, not reserved; for answers without state. Never 0. */
uint16_t ids_spare(const struct ids *ids, const struct l2tp_env *env);

#endif
