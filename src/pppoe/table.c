/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "table.h"

#include <errno.h>
#include <stdlib.h>

#define SIZE_AT_FIRST 64u
#define WORDS	      ((PPPOE_SID_MAX + 64u) / 64)
#define COPIES	      6

/* Finalizer of splitmix64: every bit of the input moves every bit of the output. */
static uint64_t mix(uint64_t x)
{
	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

uint64_t pppoe_table_hash(
	const struct pppoe_table *table, unsigned port, const uint8_t mac[static PPPOE_MAC_LEN])
{
	uint64_t key = 0;

	memcpy(&key, mac, PPPOE_MAC_LEN);
	return mix(mix(key + table->seed) + port);
}

static struct pppoe_session_list *peer_list(
	const struct pppoe_table *table, unsigned port, const uint8_t mac[static PPPOE_MAC_LEN])
{
	return &table->by_peer[pppoe_table_hash(table, port, mac) & (table->size - 1)];
}

static struct pppoe_session_list *sid_list(const struct pppoe_table *table, uint16_t sid)
{
	return &table->by_sid[sid & (table->size - 1)];
}

/* Two sets of empty lists: zero is empty. */
static struct pppoe_session_list *new_lists(unsigned size)
{
	return calloc(2 * (size_t)size, sizeof(struct pppoe_session_list));
}

int pppoe_table_init(struct pppoe_table *table, uint64_t seed)
{
	*table = (struct pppoe_table){ .size = SIZE_AT_FIRST, .seed = seed, .random = mix(~seed) };
	table->by_sid = new_lists(table->size);
	table->used = calloc(WORDS, sizeof(*table->used));
	if (!table->by_sid || !table->used) {
		pppoe_table_free(table);
		return -ENOMEM;
	}
	table->by_peer = table->by_sid + table->size;
	return 0;
}

void pppoe_table_free(struct pppoe_table *table)
{
	for (unsigned i = 0; table->by_sid && i < table->size; i++) {
		struct pppoe_session *session;

		while ((session = LIST_FIRST(&table->by_sid[i]))) {
			LIST_REMOVE(session, sid_link);
			free(session);
		}
	}
	free(table->by_sid);
	free(table->used);
	*table = (struct pppoe_table){ 0 };
}

static void link_session(struct pppoe_table *table, struct pppoe_session *session)
{
	LIST_INSERT_HEAD(sid_list(table, session->sid), session, sid_link);
	LIST_INSERT_HEAD(peer_list(table, session->port, session->mac), session, peer_link);
}

/* Without memory the lists stay as they are, and only get longer. */
static void grow(struct pppoe_table *table)
{
	struct pppoe_session_list *old = table->by_sid, *lists;
	struct pppoe_session *session;
	unsigned size = table->size;

	if (table->count < size)
		return;
	lists = new_lists(2 * size);
	if (!lists)
		return;
	table->size = 2 * size;
	table->by_sid = lists;
	table->by_peer = lists + table->size;
	for (unsigned i = 0; i < size; i++) {
		while ((session = LIST_FIRST(&old[i]))) {
			LIST_REMOVE(session, sid_link);
			LIST_REMOVE(session, peer_link);
			link_session(table, session);
		}
	}
	free(old);
}

static bool is_used(const struct pppoe_table *table, unsigned sid)
{
	return table->used[sid / 64] >> sid % 64 & 1;
}

static void set_used(struct pppoe_table *table, unsigned sid, bool used)
{
	uint64_t bit = UINT64_C(1) << sid % 64;

	table->used[sid / 64] = (table->used[sid / 64] & ~bit) | (used ? bit : 0);
}

/* At random, so that a late frame of an earlier session is not taken for one of this. */
static uint16_t free_sid(struct pppoe_table *table)
{
	unsigned sid = 1 + (unsigned)(mix(++table->random) % PPPOE_SID_MAX);

	while (is_used(table, sid))
		sid = sid == PPPOE_SID_MAX ? 1 : sid + 1;
	return (uint16_t)sid;
}

static void spans_of(struct pppoe_session *session, struct l2tp_span *ret[static COPIES])
{
	ret[0] = &session->service;
	ret[1] = &session->host_uniq;
	ret[2] = &session->relay_id;
	ret[3] = &session->cookie;
	ret[4] = &session->line.circuit_id;
	ret[5] = &session->line.remote_id;
}

/* One block with copies of all. An empty tag has one octet that nobody reads: it is there. */
static struct pppoe_session *new_session(const struct pppoe_session *from)
{
	struct pppoe_session filled = *from, *session;
	struct l2tp_span *span[COPIES];
	size_t size = sizeof(filled);
	uint8_t *at;

	spans_of(&filled, span);
	for (unsigned i = 0; i < COPIES; i++)
		size += span[i]->len;
	session = calloc(1, size + 1);
	if (!session)
		return NULL;
	*session = filled;
	spans_of(session, span);
	at = session->bytes;
	for (unsigned i = 0; i < COPIES; i++) {
		if (!span[i]->data)
			continue;
		memcpy(at, span[i]->data, span[i]->len);
		span[i]->data = at;
		at += span[i]->len;
	}
	return session;
}

int pppoe_table_add(struct pppoe_table *table, unsigned port, const struct pppoe_frame *padr,
	usec_t now, struct pppoe_session **ret)
{
	struct pppoe_session from = {
		.port = port,
		.serial = table->next_serial++,
		.since = now,
		.service = padr->service,
		.host_uniq = padr->host_uniq,
		.relay_id = padr->relay_id,
		.cookie = padr->cookie,
		.line = padr->line,
	};
	struct pppoe_session *session;

	if (table->count == PPPOE_SID_MAX)
		return -ENOSPC;
	memcpy(from.mac, padr->src, PPPOE_MAC_LEN);
	session = new_session(&from);
	if (!session)
		return -ENOMEM;
	grow(table);
	session->sid = free_sid(table);
	set_used(table, session->sid, true);
	table->count++;
	link_session(table, session);
	*ret = session;
	return 0;
}

void pppoe_table_remove(struct pppoe_table *table, struct pppoe_session *session)
{
	LIST_REMOVE(session, sid_link);
	LIST_REMOVE(session, peer_link);
	set_used(table, session->sid, false);
	table->count--;
	free(session);
}

struct pppoe_session *pppoe_table_get(const struct pppoe_table *table, uint16_t sid)
{
	struct pppoe_session *session;

	LIST_FOREACH (session, sid_list(table, sid), sid_link)
		if (session->sid == sid)
			return session;
	return NULL;
}

struct pppoe_session *pppoe_table_next_of(const struct pppoe_table *table, unsigned port,
	const uint8_t mac[static PPPOE_MAC_LEN], const struct pppoe_session *after)
{
	struct pppoe_session *session =
		after ? LIST_NEXT(after, peer_link) : LIST_FIRST(peer_list(table, port, mac));

	while (session && (session->port != port || memcmp(session->mac, mac, PPPOE_MAC_LEN) != 0))
		session = LIST_NEXT(session, peer_link);
	return session;
}

uint16_t pppoe_table_next(const struct pppoe_table *table, uint16_t sid)
{
	unsigned from = sid + 1u, word = from / 64;
	uint64_t bits;

	if (from > PPPOE_SID_MAX)
		return 0;
	bits = table->used[word] >> from % 64 << from % 64;
	while (!bits && ++word < WORDS)
		bits = table->used[word];
	return bits ? (uint16_t)(64 * word + (unsigned)__builtin_ctzll(bits)) : 0;
}
