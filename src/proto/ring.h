/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rings of tunnels: doubly linked lists whose links are tunnel ids, two octets each in place of a
 * pointer. A tunnel is in several of them, and there are tens of thousands of tunnels.
 */
#ifndef PROTO_RING_H
#define PROTO_RING_H

#include <stddef.h>
#include <stdint.h>

struct ids;
struct tunnel;

/* In a tunnel, at some offset; all 0 while it is in no ring. */
struct ring_link {
	uint16_t prev, next;
};

/* The tunnels after *head, the eldest; 0: none. offset: of the link in struct tunnel. */
void ring_add(const struct ids *tids, uint16_t *head, uint16_t tid, size_t offset);
void ring_remove(const struct ids *tids, uint16_t *head, uint16_t tid, size_t offset);
/* Walk: the first, then each one's next; NULL at the end. */
struct tunnel *ring_first(const struct ids *tids, uint16_t head);
struct tunnel *ring_next(
	const struct ids *tids, uint16_t head, const struct tunnel *t, size_t offset);

#endif
