/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ring.h"

#include "ids.h"

static struct ring_link *link_of(const struct ids *tids, uint16_t tid, size_t offset)
{
	return (struct ring_link *)((char *)ids_get(tids, tid) + offset);
}

void ring_add(const struct ids *tids, uint16_t *head, uint16_t tid, size_t offset)
{
	struct ring_link *link = link_of(tids, tid, offset), *first;

	if (!*head) {
		*head = link->prev = link->next = tid;
		return;
	}
	first = link_of(tids, *head, offset);
	link->next = *head;
	link->prev = first->prev;
	link_of(tids, first->prev, offset)->next = tid;
	first->prev = tid;
}

void ring_remove(const struct ids *tids, uint16_t *head, uint16_t tid, size_t offset)
{
	struct ring_link *link = link_of(tids, tid, offset);

	if (link->next == tid) {
		*head = 0;
	} else {
		link_of(tids, link->prev, offset)->next = link->next;
		link_of(tids, link->next, offset)->prev = link->prev;
		if (*head == tid)
			*head = link->next;
	}
	*link = (struct ring_link){ 0 };
}

struct tunnel *ring_first(const struct ids *tids, uint16_t head)
{
	return head ? ids_get(tids, head) : NULL;
}

struct tunnel *ring_next(
	const struct ids *tids, uint16_t head, const struct tunnel *t, size_t offset)
{
	const struct ring_link *link = (const void *)((const char *)t + offset);

	return link->next == head ? NULL : ids_get(tids, link->next);
}
