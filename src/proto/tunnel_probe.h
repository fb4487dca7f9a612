/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Is the peer of an established tunnel still there, and does it still know the tunnel?
 *
 * RFC 2661 5.5 finds that out by a Hello after a minute of silence, repeated for half a minute.
 * Three things are done besides: where something hints that the peer is gone or has started anew it
 * is asked at once, and impatiently (a probe); where data goes out and nothing comes back it is
 * asked early, and patiently, since data in one direction only is nothing unusual; and a Hello that
 * is about to fail is repeated more often at the end, since on a line that loses a fifth each way
 * one in 500 Hellos fails by chance.
 */
#ifndef PROTO_TUNNEL_PROBE_H
#define PROTO_TUNNEL_PROBE_H

#include "core_priv.h"

/* A hint. At once, unless the peer answered a moment ago: then soon. */
void tunnel_probe(struct l2tp_core *core, struct tunnel *t);
/* Data is not answered: see l2tp_core_data_unanswered(). */
void tunnel_data_unanswered(struct l2tp_core *core, struct tunnel *t, usec_t patience);
/* t->probe_at has come. */
void tunnel_probe_now(struct l2tp_core *core, struct tunnel *t);
/* A retransmission of t was due: if it was that before the last wait of a Hello, fill that one. */
void tunnel_last_wait(struct l2tp_core *core, struct tunnel *t);
/*
 * The last retransmission was not answered: t is lost, unless its data arrives all the same.
 */
void tunnel_unanswered(struct l2tp_core *core, struct tunnel *t);

#endif
