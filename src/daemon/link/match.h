/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which link is for what a peer asks. */
#ifndef DAEMON_LINK_MATCH_H
#define DAEMON_LINK_MATCH_H

#include "link.h"

/*
 * Best link for an SCCRQ along path of a peer with that Host Name; NULL: none. Longest prefix of
 * "peer" first, then links that name the peer's host name, then the order of definition.
 */
struct link *match_tunnel(struct daemon *d, const struct l2tp_path *path, struct l2tp_span host);
/*
 * The same for a call in conn. A link with another secret than the one the tunnel was opened with
 * is out of reach: its peers have to prove theirs.
 */
struct link *match_call(struct daemon *d, const struct conn *conn);

/* Calls that come in on the link are those of a [forward]. */
bool match_forwarded(const struct daemon *d, const struct config_link *link);

#endif
