/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The way of a packet through the relay; by its thread only. */
#ifndef LINUX_RELAY_PACKETS_H
#define LINUX_RELAY_PACKETS_H

#include "relay_priv.h"

/* Make the arrays of system calls point to each other and to the slots. */
void relay_packets_init(struct relay *relay);
/* Read one batch, and send it on. */
void relay_from_ppp(struct relay *relay, struct relay_session *session);
void relay_from_peer(struct relay *relay, struct relay_tunnel *tunnel);

#endif
