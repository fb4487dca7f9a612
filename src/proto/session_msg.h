/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages of a call, both ways.
 */
#ifndef PROTO_SESSION_MSG_H
#define PROTO_SESSION_MSG_H

#include "session.h"

/* A message of the session part that arrived on t. */
void session_input(struct l2tp_core *core, struct tunnel *t, const struct l2tp_msg *msg,
	const struct l2tp_verdict *verdict);
int session_send_request(struct l2tp_core *core, struct session *s);
void session_send_reply(struct l2tp_core *core, struct session *s);
void session_send_connected(struct l2tp_core *core, struct session *s);
void session_send_accm(struct l2tp_core *core, struct session *s, uint32_t send, uint32_t recv);
void session_send_errors(
	struct l2tp_core *core, struct session *s, const uint32_t call_errors[static 6]);
void session_send_cdn(struct l2tp_core *core, struct tunnel *t, uint16_t sid, uint16_t peer_sid,
	const struct l2tp_reason *why);

#endif
