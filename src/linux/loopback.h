/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A kernel tunnel of this process to itself, over 127.0.0.1, with one session: what is written to
 * far_fd arrives at the PPPoX socket's channel, and what PPP sends can be read from far_fd, both
 * with L2TP headers. Errors are -errno.
 */
#ifndef LINUX_LOOPBACK_H
#define LINUX_LOOPBACK_H

#include "l2tp_genl.h"

struct loopback {
	int tunnel_fd;	   /* is the kernel tunnel; its last close deletes tunnel and session */
	int far_fd;	   /* ours, non-blocking */
	int pppox_fd;	   /* of the session */
	uint16_t tid, sid; /* the kernel's; what comes out of far_fd is addressed to the same */
};

/* Nothing is open. */
#define LOOPBACK_NONE ((struct loopback){ .tunnel_fd = -1, .far_fd = -1, .pppox_fd = -1 })

/*
 * Ports and ids are random. Both sockets are connected to each other and heard nobody before they
 * were, so no other user of the machine can put a packet in. The session never numbers its packets.
 * *ret_call: static, what failed. Blocks as l2tp_genl.h does.
 * -ENETUNREACH, -EADDRNOTAVAIL: the interface lo is down. -EEXIST: no free id found.
 */
int loopback_open(struct l2tp_genl *genl, struct loopback *ret, const char **ret_call);
/* Deletes and closes what is open of it. Blocks too. */
void loopback_close(struct l2tp_genl *genl, struct loopback *lb);

#endif
