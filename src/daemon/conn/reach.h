/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A tunnel that we open and whose peer cannot be reached: an ICMP message or the kernel says so
 * long before a retransmission cycle is over. One such word may be forged or soon be wrong, so the
 * request is sent once more; the second one ends the tunnel.
 */
#ifndef DAEMON_CONN_REACH_H
#define DAEMON_CONN_REACH_H

#include "conn.h"

/* Sending failed: -errno. Nothing happens to a tunnel that is up, or that the peer opened. */
void reach_send_failed(struct conn *conn, const struct l2tp_addr *peer, int error);
/* Read what ICMP said of what conn's socket sent. */
void reach_read(struct conn *conn);

#endif
