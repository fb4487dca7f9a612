/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A fence behind PPP for sessions that must be encrypted (MPPE): packets of a network protocol that
 * are not, are dropped on their way out. It is needed since the kernel stops encrypting by itself
 * when the peer sends a Configure-Request or Terminate-Request of CCP (ppp_generic.c,
 * ppp_ccp_peek()), which anybody on the way can send, and pppd can react only when it has read it.
 *
 * It is a table of nf_tables with a chain in the output hook: there L2TP is not yet in IPsec. The
 * table belongs to its netlink socket (NFT_TABLE_F_OWNER, Linux 5.12): nobody else can change it,
 * and it goes when the process does. nft(8) shows it as "table inet l2tpd-PID".
 */
#ifndef LINUX_CLEAR_GUARD_H
#define LINUX_CLEAR_GUARD_H

#include <l2tp/types.h>

struct clear_guard;

/*
 * Makes the table, in the network namespace of the caller. 0 or -errno; -EPROTONOSUPPORT,
 * -EOPNOTSUPP, -EINVAL: the kernel has no nf_tables, or an old one.
 */
int clear_guard_new(struct clear_guard **ret);
void clear_guard_free(struct clear_guard *guard);

/*
 * From now on, and until it is removed: what leaves for peer with these ids in its L2TPv2 header
 * (those the peer has chosen) is PPP's own business, or encrypted, or dropped. Add before PPP
 * starts. The two calls wait for the kernel, some milliseconds. 0 or -errno; twice is no error.
 */
int clear_guard_add(struct clear_guard *guard, const struct l2tp_addr *peer, uint16_t peer_tid,
	uint16_t peer_sid);
int clear_guard_remove(struct clear_guard *guard, const struct l2tp_addr *peer, uint16_t peer_tid,
	uint16_t peer_sid);

#endif
