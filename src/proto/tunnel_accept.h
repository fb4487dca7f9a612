/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SCCRQ: a peer asks for a tunnel, repeats that, or asks anew since it has lost its memory.
 */
#ifndef PROTO_TUNNEL_ACCEPT_H
#define PROTO_TUNNEL_ACCEPT_H

#include "core_priv.h"

/* A new one asks for a tunnel that has no Challenge Response and no secret here. */
#define TUNNEL_NO_SECRET "tunnel authentication demanded, but no secret is set here"
#define TUNNEL_REFLECTED "our own Challenge came back"

/* An SCCRQ the caller wants. */
void tunnel_accept(struct l2tp_core *core, const struct l2tp_path *path, uint8_t *buf, size_t len,
	const struct l2tp_tunnel_params *params);
/*
 * t, opened by the peer, is established: older ones of the same peer with the same id of the peer
 * are over, as it gives an id to one tunnel only (RFC 2661 3.1).
 */
void tunnel_supersede(struct l2tp_core *core, struct tunnel *t);
/* See l2tp_core_twin(); but for those with this id of the peer, too (0: none). */
enum l2tp_twin tunnel_twin(struct l2tp_core *core, const struct l2tp_path *path, uint16_t except,
	uint16_t except_peer);

#endif
