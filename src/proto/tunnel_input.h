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
/* Copy what a peer tells about itself in SCCRQ or SCCRP, and what it deviates in. */
void tunnel_learn(struct tunnel *t, const struct l2tp_msg *msg);
void tunnel_count_deviations(struct tunnel *t, const struct l2tp_msg *msg);
/*
 * Prepare the response that type is to carry to the Challenge in msg. False: it cannot or must not
 * be answered.
 */
bool tunnel_check_challenge(const struct l2tp_core *core, struct tunnel *t,
	const struct l2tp_msg *msg, enum l2tp_msg_type type, struct l2tp_reason *why);

#endif
