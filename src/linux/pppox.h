/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PPPoL2TP sockets (AF_PPPOX, PX_PROTO_OL2TP): one per session; handed to pppd, which attaches it
 * to a PPP unit. Source: net/l2tp/l2tp_ppp.c, include/uapi/linux/if_pppox.h. Errors are -errno.
 */
#ifndef LINUX_PPPOX_H
#define LINUX_PPPOX_H

#include <stdint.h>

/*
 * Open one socket and close it: loads l2tp_ppp, l2tp_netlink, pppox and ppp_generic where modules
 * can be loaded. -EAFNOSUPPORT, -EPROTONOSUPPORT: the kernel has none of it.
 */
int pppox_probe(void);

/*
 * A socket attached to the kernel session made just before; close-on-exec. family: AF_INET or
 * AF_INET6, of the tunnel's UDP socket. Never makes a tunnel; -EEXIST: another program attached
 * itself to the session first.
 */
int pppox_connect(
	int family, uint16_t tid, uint16_t sid, uint16_t peer_tid, uint16_t peer_sid, int *ret_fd);

/* PPP channel number (PPPIOCGCHAN). From this call on frames wait in the channel, not the socket.
 */
int pppox_channel(int fd);

#endif
