/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Limits: what may come in, and who gives way to it.
 *
 * Nobody can be told from a forger before he has answered, and a forger can send much. So a full
 * table never refuses a newcomer: the oldest entry goes, which had the most time to answer. Four
 * things keep that from hitting an honest peer:
 * - who has most gives way first: the network with most entries, and in it the newcomer's own
 *   source if that has more than a few;
 * - of half-open tunnels the larger kind goes first, unanswered (forged) or answered (real hosts
 *   that do not go on), so that neither can crowd out the other;
 * - what was proved more is in another list, with a limit of its own;
 * - a half-open tunnel has a moment, unless those it came with are many and the newcomer's few. One
 *   that ends before its answer is lost: its peer believes that it is established. One that is not
 *   heard says its SCCRQ again after a second.
 *
 * RFC 2661 has no room for a stateless cookie as TCP and IKE have it: SCCCN carries a tunnel id of
 * ours, 16 bits, but not the peer's id and not what its SCCRQ said.
 */
#ifndef PROTO_ADMIT_H
#define PROTO_ADMIT_H

#include "core_priv.h"

enum admit {
	ADMIT_YES,
	ADMIT_LATER, /* it will say it again: no answer */
	ADMIT_NO,    /* nobody can give way */
};

/* One more tunnel of a source asks to be half-open. */
enum admit admit_tunnel(struct l2tp_core *core, struct source *source);
/* The same for one that we open. */
bool admit_own_tunnel(struct l2tp_core *core);
/* What t is worth may have changed: into its new list, from which others may have to go. */
void admit_rank(struct l2tp_core *core, struct tunnel *t);
/*
 * The peer of t requests a call. NULL, or why it cannot be taken now. One that is taken has to be
 * counted with source_call().
 */
const char *admit_call(struct l2tp_core *core, struct tunnel *t);
/*
 * The peer of t sends something about a call that we do not have, and that wants an answer: it is
 * charged as a request. False: no answer.
 */
bool admit_answer(struct l2tp_core *core, struct tunnel *t);
/* We place one. */
bool admit_own_call(const struct l2tp_core *core, const struct tunnel *t);
/* Half of the room for half-open tunnels is taken. */
bool admit_is_crowded(const struct l2tp_core *core);

#endif
