/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * RFC 2661 4.4.3, Tie Breaker: both ends open a tunnel to each other at the same time, and at least
 * one of them wants but one.
 *
 * The SCCRQ that loses is ignored by its receiver at once. The tunnel of ours that loses is
 * discarded only when the peer's is established: the RFC has it go with the peer's SCCRQ, but that
 * can be forged by anybody, and our attempt should not die of it. A peer that keeps to the RFC
 * never answers our loser in between; if one does answer, there are two tunnels, as without ties.
 */
#include "tunnel_tie.h"

#include <string.h>

#include "session.h"

enum tie { TIE_NONE, TIE_WON, TIE_LOST, TIE_DRAW };

/* How our SCCRQ stands against the peer's. */
static enum tie tie_compare(const struct tunnel *ours, bool has_theirs, uint64_t theirs)
{
	if (!ours->has_tie)
		return has_theirs ? TIE_LOST : TIE_NONE;
	if (!has_theirs || ours->tie_breaker < theirs)
		return TIE_WON;
	return ours->tie_breaker == theirs ? TIE_DRAW : TIE_LOST;
}

/*
 * "the given LAC-LNS pair": the peer's host, and who we are to it. Tunnels with other names or
 * secrets are other pairs, which may share an address behind a NAT.
 */
static bool same_pair(const struct tunnel *ours, const struct l2tp_addr *peer, const char *hostname,
	const struct l2tp_secret *secret)
{
	const struct identity *identity = ours->identity;

	return l2tp_addr_same_host(&ours->path.peer, peer) &&
	       strcmp(identity->hostname, hostname) == 0 &&
	       (identity->secret == NULL) == (secret->data == NULL) &&
	       (!identity->secret || (identity->secret_len == secret->len &&
					     l2tp_equal_constant_time(
						     identity->secret, secret->data, secret->len)));
}

static void discard(struct l2tp_core *core, struct tunnel *t, const char *text)
{
	struct l2tp_reason why;

	reason_tunnel(&why, L2TP_WHO_LOCAL, 0, 0, "%s", text);
	tunnel_step(core, t, TUNNEL_EV_TIE_LOST, NULL, &why);
}

bool tunnel_tie_admits(struct l2tp_core *core, const struct l2tp_path *path,
	const struct l2tp_msg *msg, const struct l2tp_tunnel_params *params)
{
	bool has_theirs = l2tp_msg_has(msg, L2TP_AVP_TIE_BREAKER), admits = true;
	struct tunnel *t, *next;

	for (t = LIST_FIRST(core_unanswered(core, &path->peer)); t; t = next) {
		next = LIST_NEXT(t, unanswered_link);
		if (!same_pair(t, &path->peer, params->hostname, &params->secret))
			continue;
		switch (tie_compare(t, has_theirs, msg->tie_breaker)) {
		case TIE_NONE:
		case TIE_LOST:
			break;
		case TIE_WON:
			admits = false;
			break;
		case TIE_DRAW:
			/* nobody can forge it: our value is random and went to the peer only */
			discard(core, t, "both ends opened a tunnel with the same tie breaker");
			admits = false;
			break;
		}
	}
	return admits;
}

/*
 * Our calls go where the winner is. A secret says that it is the peer we meant; without one only
 * the very address and port that our own SCCRQ went to, as others may live behind the same address.
 */
static bool is_trusted(const struct tunnel *winner, const struct tunnel *ours)
{
	return winner->identity->secret || l2tp_addr_equal(&winner->path.peer, &ours->path.peer);
}

void tunnel_tie_settle(struct l2tp_core *core, struct tunnel *winner)
{
	struct l2tp_secret secret = tunnel_secret(winner);
	struct session *s, *next_session;
	struct tunnel *t, *next;

	for (t = LIST_FIRST(core_unanswered(core, &winner->path.peer)); t; t = next) {
		next = LIST_NEXT(t, unanswered_link);
		if (!same_pair(t, &winner->path.peer, winner->identity->hostname, &secret) ||
			!is_trusted(winner, t) ||
			tie_compare(t, winner->has_tie, winner->tie_breaker) != TIE_LOST)
			continue;
		for (s = TAILQ_FIRST(&t->sessions); s; s = next_session) {
			next_session = TAILQ_NEXT(s, link);
			session_move(core, s, winner);
		}
		discard(core, t, "the tunnel that the peer opened at the same time won the tie");
	}
}
