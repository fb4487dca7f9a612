/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Why something ended: made from our own verdicts or from a peer's StopCCN and CDN.
 */
#ifndef PROTO_REASON_H
#define PROTO_REASON_H

#include <l2tp/core.h>

/* An L2TP_WHO_LOCAL or L2TP_WHO_TIMEOUT reason with a StopCCN result. */
void reason_tunnel(struct l2tp_reason *ret, enum l2tp_who who, unsigned result, unsigned error,
	const char *format, ...) __attribute__((format(printf, 5, 6)));
/* The same with a CDN result. */
void reason_session(struct l2tp_reason *ret, enum l2tp_who who, unsigned result, unsigned error,
	const char *format, ...) __attribute__((format(printf, 5, 6)));
/* What a message costs its sender; kind CLEAR_SESSION or CLEAR_TUNNEL. */
void reason_verdict(struct l2tp_reason *ret, const struct l2tp_verdict *verdict);
/* What the peer says in its StopCCN or CDN. */
void reason_peer(struct l2tp_reason *ret, const struct l2tp_msg *msg);

/* Length that l2tp_text_copy() needs for span at most, NUL included. */
size_t text_size(struct l2tp_span span);

#endif
