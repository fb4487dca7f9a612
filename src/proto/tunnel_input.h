/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Control datagrams that arrived.
 */
#ifndef PROTO_TUNNEL_INPUT_H
#define PROTO_TUNNEL_INPUT_H

#include "tunnel.h"

/* A control datagram for this tunnel, its header parsed. */
void tunnel_input(struct l2tp_core *core, struct tunnel *t, const struct l2tp_path *path,
	uint8_t *buf, size_t len, const struct l2tp_header *hdr);
/* An SCCRQ the caller wants. */
void tunnel_accept(struct l2tp_core *core, const struct l2tp_path *path, uint8_t *buf, size_t len,
	const struct l2tp_tunnel_params *params);
/* Copy what a peer tells about itself in SCCRQ or SCCRP. */
void tunnel_learn(struct tunnel *t, const struct l2tp_msg *msg);

#endif
