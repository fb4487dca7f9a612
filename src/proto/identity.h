/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who we are to a peer: names and secret. All tunnels of one link have the same ones, so they share
 * them; what a flood of requests makes is small and quickly made.
 */
#ifndef PROTO_IDENTITY_H
#define PROTO_IDENTITY_H

#include <l2tp/core.h>

/* So many different ones are remembered at a time. */
#define IDENTITIES 64u

struct identity {
	unsigned refs;
	uint32_t secret_len;
	uint8_t *secret; /* NULL: the peer is not authenticated; wiped when freed */
	char *vendor;	 /* NULL: none */
	char hostname[]; /* and the others after it */
};

struct identities {
	struct identity *recent[IDENTITIES]; /* without a reference */
};

/* That of params, with one reference more; NULL: out of memory. */
struct identity *identity_get(
	struct identities *identities, const struct l2tp_tunnel_params *params);
/* NULL is allowed. */
void identity_put(struct identities *identities, struct identity *identity);

#endif
