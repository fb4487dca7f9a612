/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Transactions with the kernel's generic netlink family "l2tp", through libnl-genl. Every call
 * blocks until the kernel answers (12 ms and more on kernels before 6.12): used by the worker
 * thread, after start-up only there. Source: net/l2tp/l2tp_netlink.c, include/uapi/linux/l2tp.h.
 * Errors are the kernel's own -errno, not libnl's codes.
 */
#ifndef LINUX_L2TP_GENL_H
#define LINUX_L2TP_GENL_H

#include <stdbool.h>
#include <stdint.h>

struct l2tp_genl;

/* Opens the socket and resolves the family (which may load l2tp_netlink). -ENOENT: no such family.
 */
int l2tp_genl_new(struct l2tp_genl **ret);
void l2tp_genl_free(struct l2tp_genl *genl);
/* Generic netlink id of the family, for the statistics stream. */
int l2tp_genl_family(const struct l2tp_genl *genl);

/*
 * fd: connected UDP socket, which becomes the tunnel. -EEXIST: id in use (by another program too);
 * -EBUSY: the socket is a tunnel already. On any other error the object was deleted again (a failed
 * notification can leave it behind).
 */
int l2tp_genl_tunnel_create(struct l2tp_genl *genl, uint16_t tid, uint16_t peer_tid, int fd);
/* -ENODEV: gone already, which callers treat as success. */
int l2tp_genl_tunnel_delete(struct l2tp_genl *genl, uint16_t tid);

struct l2tp_genl_session {
	uint16_t tid, sid, peer_sid;
	bool send_seq;	     /* our data carries sequence numbers */
	bool recv_seq;	     /* data without them is dropped */
	bool lns_mode;	     /* the kernel does not follow the peer's use of them */
	unsigned reorder_ms; /* wait for late packets so long; 0: never */
};
int l2tp_genl_session_create(struct l2tp_genl *genl, const struct l2tp_genl_session *session);
/* Change everything but the ids of an existing session. */
int l2tp_genl_session_modify(struct l2tp_genl *genl, const struct l2tp_genl_session *session);
int l2tp_genl_session_delete(struct l2tp_genl *genl, uint16_t tid, uint16_t sid);

/* Calls cb for the id of every L2TPv2 or v3 tunnel of this network namespace, whoever made it. */
int l2tp_genl_tunnel_ids(struct l2tp_genl *genl, void (*cb)(void *user, uint32_t tid), void *user);

#endif
