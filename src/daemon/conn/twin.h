/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two living tunnels between the same addresses and ports. RFC 2661 allows them; a kernel that
 * finds a session by the socket that a packet arrived at (before 6.11; found out at start) gives
 * all data to one of them. There the second is refused with a reason, instead of losing data.
 */
#ifndef DAEMON_CONN_TWIN_H
#define DAEMON_CONN_TWIN_H

#include "conn.h"

/* A request for a tunnel came by path: say what will become of it if a twin of it lives. */
void twin_warn(struct daemon *d, const struct l2tp_path *path);
/* conn is up and connected. True: a twin of it is up, too, so it ends. */
bool twin_ends(struct conn *conn);

#endif
