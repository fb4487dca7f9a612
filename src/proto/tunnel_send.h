/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages of a tunnel, and how they leave.
 */
#ifndef PROTO_TUNNEL_SEND_H
#define PROTO_TUNNEL_SEND_H

#include "tunnel.h"

/* Encode and queue a message to session sid of the peer; sent at once if the window allows. 0 or
 * -errno. */
int tunnel_send(struct l2tp_core *core, struct tunnel *t, struct l2tp_msg *msg, uint16_t sid);
void tunnel_transmit(struct l2tp_core *core, struct tunnel *t);
void tunnel_send_zlb(struct l2tp_core *core, struct tunnel *t);
int tunnel_send_sccrq(struct l2tp_core *core, struct tunnel *t);
void tunnel_send_sccrp(struct l2tp_core *core, struct tunnel *t);
void tunnel_send_scccn(struct l2tp_core *core, struct tunnel *t);
int tunnel_send_hello(struct l2tp_core *core, struct tunnel *t);
void tunnel_send_stopccn(struct l2tp_core *core, struct tunnel *t, const struct l2tp_reason *why);
/* Answer a peer's SCCRQ of len octets with StopCCN and keep nothing. */
void tunnel_refuse(struct l2tp_core *core, const struct l2tp_path *path, size_t len,
	uint16_t peer_tid, const struct l2tp_reason *why);

#endif
