/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * RFC 2661 4.4.3, Tie Breaker: two ends that open a tunnel to each other at once.
 */
#ifndef PROTO_TUNNEL_TIE_H
#define PROTO_TUNNEL_TIE_H

#include "tunnel.h"

/*
 * An SCCRQ for a tunnel like params arrived. False: it lost, or neither side may go on, and is to
 * be ignored; in the second case our own tunnels that tied are down now.
 */
bool tunnel_tie_admits(struct l2tp_core *core, const struct l2tp_path *path,
	const struct l2tp_msg *msg, const struct l2tp_tunnel_params *params);
/*
 * winner, opened by the peer, is established: our own attempts that lost against its SCCRQ end, and
 * their calls move over. Not before, as an SCCRQ alone may be forged.
 */
void tunnel_tie_settle(struct l2tp_core *core, struct tunnel *winner);

#endif
