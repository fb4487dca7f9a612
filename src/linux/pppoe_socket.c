/* SPDX-License-Identifier: GPL-2.0-or-later */
/* PPPoE discovery sockets and kernel sessions. */
#include "pppoe_socket.h"

#include <errno.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/if_pppox.h>

/* RFC 2516 5, and where it stands in a frame */
#define CODE_PADI 0x09
#define CODE_PADR 0x19
#define CODE_PADT 0xa7
#define CODE_AT	  15

/* Room for some hundred frames: a burst of clients after an outage, not a flood. */
#define RECEIVE_BUFFER (512 * 1024)

static int session_socket(void)
{
	int fd = socket(AF_PPPOX, SOCK_STREAM | SOCK_CLOEXEC, PX_PROTO_OE);

	return fd < 0 ? -errno : fd;
}

int pppoe_socket_probe(void)
{
	int fd = session_socket();

	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}

static int query_port(int fd, const char *ifname, struct pppoe_socket_port *ret)
{
	struct pppoe_socket_port port = { .ifindex = 0 };
	struct ifreq ifr = { 0 };

	strncpy(ifr.ifr_name, ifname, sizeof(ifr.ifr_name) - 1);
	if (ioctl(fd, SIOCGIFINDEX, &ifr) < 0)
		return -errno;
	port.ifindex = ifr.ifr_ifindex;
	memcpy(port.ifname, ifr.ifr_name, sizeof(port.ifname));
	if (ioctl(fd, SIOCGIFHWADDR, &ifr) < 0)
		return -errno;
	if (ifr.ifr_hwaddr.sa_family != ARPHRD_ETHER)
		return -ENOTSUP;
	memcpy(port.mac, ifr.ifr_hwaddr.sa_data, sizeof(port.mac));
	if (ioctl(fd, SIOCGIFMTU, &ifr) < 0)
		return -errno;
	port.mtu = (unsigned)ifr.ifr_mtu;
	if (ioctl(fd, SIOCGIFFLAGS, &ifr) < 0)
		return -errno;
	port.up = ifr.ifr_flags & IFF_UP;
	*ret = port;
	return 0;
}

int pppoe_socket_port(const char *ifname, struct pppoe_socket_port *ret)
{
	int fd, r;

	if (strlen(ifname) >= IFNAMSIZ)
		return -ENODEV;
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	r = query_port(fd, ifname, ret);
	close(fd);
	return r;
}

int pppoe_socket_ports(void (*seen)(void *user, const struct pppoe_socket_port *port), void *user)
{
	struct if_nameindex *list = if_nameindex();
	struct pppoe_socket_port port;
	int fd;

	if (!list)
		return -errno;
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0) {
		if_freenameindex(list);
		return -errno;
	}
	/* one that went meanwhile, or is no Ethernet, is passed over */
	for (const struct if_nameindex *item = list; item->if_index; item++)
		if (query_port(fd, item->if_name, &port) == 0)
			seen(user, &port);
	close(fd);
	if_freenameindex(list);
	return 0;
}

/* ifindex 0: of any. */
static int attach_filter(int fd, int ifindex)
{
	/* clang-format off */
	struct sock_filter code[] = {
		/* to this station, to all, or to a group; what is for others is what promiscuous
		 * interfaces hear, and frames of VLANs that nobody has set up */
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, SKF_AD_OFF + SKF_AD_PKTTYPE),
		BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, PACKET_MULTICAST, 7, 0),
		/* a socket bound to an interface is given what is of its VLANs, too */
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, SKF_AD_OFF + SKF_AD_IFINDEX),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)ifindex, 0, 5),
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, CODE_AT),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, CODE_PADI, 2, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, CODE_PADR, 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, CODE_PADT, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 0xffff),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	/* clang-format on */
	struct sock_fprog prog = { .len = sizeof(code) / sizeof(code[0]), .filter = code };

	if (!ifindex)
		code[3].jf = 0;
	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog)) < 0 ? -errno : 0;
}

int pppoe_socket_listen(int ifindex, int *ret_fd)
{
	struct sockaddr_ll addr = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_PPP_DISC),
		.sll_ifindex = ifindex,
	};
	int fd, size = RECEIVE_BUFFER, r;

	/* deaf until it has its filter and its interface */
	fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	r = attach_filter(fd, ifindex);
	if (r == 0 && bind(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0)
		r = -errno;
	if (r < 0) {
		close(fd);
		return r;
	}
	/* without the capability the system's limit applies */
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) < 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	*ret_fd = fd;
	return 0;
}

ssize_t pppoe_socket_recv(int fd, uint8_t *buf, size_t size, int *ret_ifindex)
{
	struct sockaddr_ll from;
	socklen_t from_len = sizeof(from);
	ssize_t len = recvfrom(fd, buf, size, 0, (struct sockaddr *)&from, &from_len);

	if (len < 0)
		return -errno;
	*ret_ifindex = from.sll_ifindex;
	return len;
}

int pppoe_socket_send(int fd, int ifindex, const void *frame, size_t len)
{
	struct sockaddr_ll to = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_PPP_DISC),
		.sll_ifindex = ifindex,
		.sll_halen = ETH_ALEN,
	};

	return sendto(fd, frame, len, 0, (struct sockaddr *)&to, sizeof(to)) < 0 ? -errno : 0;
}

int pppoe_socket_connect(int ifindex, uint16_t sid, const uint8_t mac[static 6], int *ret_fd)
{
	struct sockaddr_pppox addr = { .sa_family = AF_PPPOX, .sa_protocol = PX_PROTO_OE };
	int fd, r;

	/* 0 would disconnect, 0xffff is reserved (RFC 2516 4) */
	if (sid == 0 || sid == 0xffff)
		return -EINVAL;
	addr.sa_addr.pppoe.sid = htons(sid);
	memcpy(addr.sa_addr.pppoe.remote, mac, ETH_ALEN);
	if (!if_indextoname((unsigned)ifindex, addr.sa_addr.pppoe.dev))
		return -ENODEV;
	fd = session_socket();
	if (fd < 0)
		return fd;
	if (connect(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0) {
		r = -errno;
		close(fd);
		return r;
	}
	*ret_fd = fd;
	return 0;
}
