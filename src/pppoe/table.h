/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The sessions of an access concentrator, found by id and by who has them.
 */
#ifndef PPPOE_TABLE_H
#define PPPOE_TABLE_H

#include <sys/queue.h>

#include "tags.h"

enum pppoe_state {
	PPPOE_PENDING, /* PADR taken, PADS not sent */
	PPPOE_UP,
};

struct pppoe_session {
	LIST_ENTRY(pppoe_session) sid_link, peer_link;
	unsigned port;
	uint16_t sid, max_payload;
	uint8_t mac[PPPOE_MAC_LEN];
	enum pppoe_state state;
	usec_t since;	 /* in its state */
	uint64_t serial; /* grows from session to session */
	uint64_t owner;
	/* of the PADR; copies inside bytes, data NULL where there was none */
	struct l2tp_span service, host_uniq, relay_id, cookie;
	struct l2tp_line line; /* spans inside bytes */
	uint8_t bytes[];
};

LIST_HEAD(pppoe_session_list, pppoe_session);

struct pppoe_table {
	struct pppoe_session_list *by_sid, *by_peer; /* size lists each */
	unsigned size;				     /* a power of two */
	unsigned count;
	uint64_t seed, random, next_serial;
	uint64_t *used; /* a bit for every id */
};

/* 0 or -ENOMEM. seed: unpredictable, so that nobody can choose addresses that fall together. */
int pppoe_table_init(struct pppoe_table *table, uint64_t seed);
/* With all sessions. */
void pppoe_table_free(struct pppoe_table *table);

/* A hash of port and MAC address that nobody outside can tell. */
uint64_t pppoe_table_hash(
	const struct pppoe_table *table, unsigned port, const uint8_t mac[static PPPOE_MAC_LEN]);

/*
 * A pending session for a PADR with copies of what it says, of an id that is free. 0, -ENOMEM, or
 * -ENOSPC: no id is left.
 */
int pppoe_table_add(struct pppoe_table *table, unsigned port, const struct pppoe_frame *padr,
	usec_t now, struct pppoe_session **ret);
/* Take it out and free it. */
void pppoe_table_remove(struct pppoe_table *table, struct pppoe_session *session);

struct pppoe_session *pppoe_table_get(const struct pppoe_table *table, uint16_t sid);
/* Those of one port and address, in no order: the first for after NULL, NULL at the end. */
struct pppoe_session *pppoe_table_next_of(const struct pppoe_table *table, unsigned port,
	const uint8_t mac[static PPPOE_MAC_LEN], const struct pppoe_session *after);
/* The next id in use above sid, 0 at the end. */
uint16_t pppoe_table_next(const struct pppoe_table *table, uint16_t sid);

#endif
