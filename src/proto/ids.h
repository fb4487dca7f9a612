/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Local ids: unpredictable numbers 1..65535 (RFC 2661 9.1), each with the object it stands for.
 *
 * A freed id rests before it is given out again: kernels before 6.12 tear a tunnel or session down
 * lazily, and a late message of the old object must not reach a new one. Both concern mostly the
 * tunnel that a session was in, its owner: so it rests longer for that one, and what one peer uses
 * up in its own tunnel is not used up for others. How long it has to rest is looked at when it is
 * wanted; while it rests, its place in the table says since when, and whose it was.
 */
#ifndef PROTO_IDS_H
#define PROTO_IDS_H

#include <stddef.h>
#include <stdint.h>

#include <l2tp/core.h>

#define IDS_PAGE 256u
/* In a place of the table: no object is there, the id rests; see ids.c. */
#define IDS_RESTS 1u

enum ids_rest {
	IDS_REST_NONE,
	IDS_REST_BRIEF, /* a second: nobody but our caller knew the id */
	IDS_REST_FULL,
};

struct ids {
	uint64_t *pages[65536 / IDS_PAGE]; /* see ids.c */
	usec_t quarantine;
	unsigned used; /* with an object */
};

void ids_init(struct ids *ids, usec_t quarantine);
void ids_free(struct ids *ids);
/* The object, or NULL. */
static inline void *ids_get(const struct ids *ids, uint16_t id)
{
	const uint64_t *page = ids->pages[id / IDS_PAGE];
	uint64_t place = page ? page[id % IDS_PAGE] : 0;

	return place & IDS_RESTS ? NULL : (void *)(uintptr_t)place;
}
/* The lowest id above the given one that has an object; 0: none. */
uint16_t ids_next(const struct ids *ids, uint16_t id);
/*
 * Give object a new id. owner 0: there are no owners. The id, or -ENOSPC, -ENOMEM. One that still
 * has to rest is taken if there is no other, but never by its last owner.
 */
int ids_add(struct ids *ids, const struct l2tp_env *env, usec_t now, void *object, uint16_t owner);
/* The object went. */
void ids_remove(struct ids *ids, usec_t now, uint16_t id, uint16_t owner, enum ids_rest rest);
/* Some id nobody has, not reserved; for answers without state. Never 0. */
uint16_t ids_spare(const struct ids *ids, const struct l2tp_env *env, usec_t now);

#endif
