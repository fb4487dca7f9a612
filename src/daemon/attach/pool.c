/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every address has one node. Nodes that were never used stay zero and untouched (calloc gives
 * pages only when written), behind a mark that moves forward; those given back wait in a ring,
 * oldest first. So nothing depends on the size of the pool but the search for the range of an
 * address.
 */
#include "pool.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define UNUSED 0u /* never given out */
#define TAKEN  1u
#define LINK   2u /* next and prev of waiting nodes are index + LINK */

struct node {
	uint32_t next, prev;
};

struct span {
	uint32_t first, last;
	uint32_t index; /* of first */
};

struct pool {
	struct span *spans; /* in order, without overlaps */
	size_t spans_len;
	struct node *nodes; /* size of them, and one that is head and tail of the ring */
	uint32_t size, used;
	const uint32_t *reserved;
	size_t reserved_len;
	uint32_t mark; /* all unused nodes have this index or a greater one */
};

static int by_first(const void *a, const void *b)
{
	const struct span *x = a, *y = b;

	return x->first < y->first ? -1 : x->first > y->first;
}

/* Sorts and joins. Returns the number of addresses. */
static uint64_t spans_join(struct pool *pool)
{
	struct span *spans = pool->spans;
	uint64_t size = 0;
	size_t i, n = 0;

	qsort(spans, pool->spans_len, sizeof(*spans), by_first);
	for (i = 0; i < pool->spans_len; i++) {
		if (n && spans[i].first <= spans[n - 1].last) {
			if (spans[i].last > spans[n - 1].last)
				spans[n - 1].last = spans[i].last;
			continue;
		}
		spans[n++] = spans[i];
	}
	pool->spans_len = n;
	for (i = 0; i < n; i++) {
		spans[i].index = (uint32_t)size;
		size += (uint64_t)spans[i].last - spans[i].first + 1;
	}
	return size;
}

struct pool *pool_new(const struct config_range *ranges, size_t len)
{
	struct pool *pool = calloc(1, sizeof(*pool));
	uint64_t size;
	size_t i;

	if (!pool)
		return NULL;
	pool->spans = calloc(len ? len : 1, sizeof(*pool->spans));
	if (!pool->spans)
		goto fail;
	for (i = 0; i < len; i++) {
		if (ranges[i].last < ranges[i].first)
			continue;
		pool->spans[pool->spans_len].first = ranges[i].first;
		pool->spans[pool->spans_len++].last = ranges[i].last;
	}
	size = spans_join(pool);
	if (size > UINT32_MAX - LINK)
		goto fail;
	pool->size = (uint32_t)size;
	pool->nodes = calloc(size + 1, sizeof(*pool->nodes));
	if (!pool->nodes)
		goto fail;
	pool->nodes[pool->size].next = pool->nodes[pool->size].prev = pool->size + LINK;
	return pool;
fail:
	pool_free(pool);
	return NULL;
}

void pool_free(struct pool *pool)
{
	if (!pool)
		return;
	free(pool->spans);
	free(pool->nodes);
	free(pool);
}

/* The last span that begins at or before value of what. */
static const struct span *span_find(const struct pool *pool, uint32_t value, bool by_index)
{
	size_t low = 0, high = pool->spans_len;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		const struct span *span = &pool->spans[mid];

		if ((by_index ? span->index : span->first) <= value)
			low = mid + 1;
		else
			high = mid;
	}
	return low ? &pool->spans[low - 1] : NULL;
}

static bool index_of(const struct pool *pool, uint32_t address, uint32_t *ret)
{
	const struct span *span = span_find(pool, address, false);

	if (!span || address > span->last)
		return false;
	*ret = span->index + (address - span->first);
	return true;
}

static uint32_t address_of(const struct pool *pool, uint32_t index)
{
	const struct span *span = span_find(pool, index, true);

	return span->first + (index - span->index);
}

/* To the end of the ring. */
static void node_wait(struct pool *pool, uint32_t index)
{
	struct node *ring = &pool->nodes[pool->size], *node = &pool->nodes[index];

	node->next = pool->size + LINK;
	node->prev = ring->prev;
	pool->nodes[ring->prev - LINK].next = index + LINK;
	ring->prev = index + LINK;
}

static void node_take(struct pool *pool, uint32_t index)
{
	struct node *node = &pool->nodes[index];

	if (node->next >= LINK) {
		pool->nodes[node->next - LINK].prev = node->prev;
		pool->nodes[node->prev - LINK].next = node->next;
	}
	node->next = TAKEN;
	pool->used++;
}

static int by_value(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static bool is_avoided(const struct pool *pool, uint32_t address, const uint32_t *avoid, size_t len)
{
	while (len--)
		if (avoid[len] == address)
			return true;
	return pool->reserved_len &&
	       bsearch(&address, pool->reserved, pool->reserved_len, sizeof(address), by_value);
}

void pool_reserve(struct pool *pool, const uint32_t *addresses, size_t len)
{
	pool->reserved = addresses;
	pool->reserved_len = len;
}

int pool_take(struct pool *pool, const uint32_t *avoid, size_t avoid_len, uint32_t *ret)
{
	uint32_t address, index;

	for (; pool->mark < pool->size; pool->mark++) {
		if (pool->nodes[pool->mark].next != UNUSED)
			continue;
		address = address_of(pool, pool->mark);
		if (!is_avoided(pool, address, avoid, avoid_len)) {
			node_take(pool, pool->mark++);
			*ret = address;
			return 0;
		}
		node_wait(pool, pool->mark); /* its turn comes with those given back */
	}
	index = pool->nodes[pool->size].next - LINK;
	for (; index != pool->size; index = pool->nodes[index].next - LINK) {
		address = address_of(pool, index);
		if (!is_avoided(pool, address, avoid, avoid_len)) {
			node_take(pool, index);
			*ret = address;
			return 0;
		}
	}
	return -ENOSPC;
}

int pool_take_address(struct pool *pool, uint32_t address)
{
	uint32_t index;

	if (!index_of(pool, address, &index))
		return -ERANGE;
	if (pool->nodes[index].next == TAKEN)
		return -EBUSY;
	node_take(pool, index);
	return 0;
}

void pool_put(struct pool *pool, uint32_t address)
{
	uint32_t index;

	if (!index_of(pool, address, &index) || pool->nodes[index].next != TAKEN)
		return;
	pool->used--;
	node_wait(pool, index);
}

void pool_usage(const struct pool *pool, unsigned *ret_used, unsigned *ret_size)
{
	*ret_used = pool->used;
	*ret_size = pool->size;
}
