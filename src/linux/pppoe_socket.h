/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PPPoE of an access concentrator: sockets for discovery frames (AF_PACKET), and the kernel's
 * sessions (AF_PPPOX, PX_PROTO_OE: drivers/net/ppp/pppoe.c). Errors are -errno.
 */
#ifndef LINUX_PPPOE_SOCKET_H
#define LINUX_PPPOE_SOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * Open one session socket and close it: loads pppoe, pppox and ppp_generic where modules can be
 * loaded. -EAFNOSUPPORT, -EPROTONOSUPPORT: the kernel has none of it.
 */
int pppoe_socket_probe(void);

struct pppoe_socket_port {
	int ifindex;
	char ifname[16];
	uint8_t mac[6];
	unsigned mtu;
	bool up; /* administratively; sessions can be made on no other (-ENODEV) */
};

/* An Ethernet interface, VLANs included. -ENODEV: no such; -ENOTSUP: it is not Ethernet. */
int pppoe_socket_port(const char *ifname, struct pppoe_socket_port *ret);

/* All of this machine, to seen() one by one. 0 or -errno. */
int pppoe_socket_ports(void (*seen)(void *user, const struct pppoe_socket_port *port), void *user);

/*
 * A socket that hears PADI, PADR and PADT sent to interface ifindex or to all stations, and nothing
 * else: other codes, and what is for other stations or of a VLAN that has no interface, is dropped
 * by a filter in the kernel. ifindex 0: of all interfaces. Non-blocking, close-on-exec; needs
 * CAP_NET_RAW. It stays when the interface goes, and then reports -ENETDOWN once.
 */
int pppoe_socket_listen(int ifindex, int *ret_fd);

/*
 * One Ethernet frame, from its first octet on and without VLAN tag; *ret_ifindex: of the interface
 * it arrived at. Its length, cut to size; -EAGAIN when there is none.
 */
ssize_t pppoe_socket_recv(int fd, uint8_t *buf, size_t size, int *ret_ifindex);

/* Send a whole Ethernet frame out of ifindex. 0; -ENOBUFS, -EAGAIN: lost, clients ask again. */
int pppoe_socket_send(int fd, int ifindex, const void *frame, size_t len);

/*
 * Make the kernel's session with id sid (1..65534) and the station of that address; the socket is
 * the session: its last close ends it. Close-on-exec. Frames wait in the socket until
 * pppox_channel() is called, which kernels before 6.1.188 and 6.12.110 then do not find: call it at
 * once (see pppox_probe_drain(); ppp_leg_open() does). The kernel ends the session itself, which
 * the channel sees and this socket does not, at PADT and when the interface goes down, changes its
 * MTU or its address.
 * -ENODEV: no such interface, or down. -EALREADY: there is one of this id and address already, and
 * it is now deaf: when the failed socket is closed the kernel takes the other one out of its table
 * (pppoe_release(), seen on 6.12). So ids are to be chosen so that this does not happen.
 */
int pppoe_socket_connect(int ifindex, uint16_t sid, const uint8_t mac[static 6], int *ret_fd);

#endif
