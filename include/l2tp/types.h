/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Types that the core, the Linux layer and the daemon share.
 */
#ifndef L2TP_TYPES_H
#define L2TP_TYPES_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

/* Time: microseconds of one monotonic clock (the daemon feeds CLOCK_BOOTTIME, tests a counter). */
typedef uint64_t usec_t;
#define USEC_INFINITY ((usec_t)-1) /* never */
#define USEC_PER_MSEC ((usec_t)1000)
#define USEC_PER_SEC  ((usec_t)1000000)

/* A transport address, IPv4 or IPv6 with port. sa.sa_family 0 (AF_UNSPEC) means none. */
struct l2tp_addr {
	union {
		struct sockaddr sa;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
	};
};

/* The two ends of a datagram or tunnel as this machine sees them. */
struct l2tp_path {
	struct l2tp_addr local;
	struct l2tp_addr peer;
};

/* "[" IPv6 with scope "]:65535" and NUL */
#define L2TP_ADDR_STRLEN 80

/* Family, address, scope and port are equal. */
bool l2tp_addr_equal(const struct l2tp_addr *a, const struct l2tp_addr *b);
/* Family, address and scope are equal; the port is not looked at. */
bool l2tp_addr_same_host(const struct l2tp_addr *a, const struct l2tp_addr *b);
/* The leading width bits of both addresses are equal and the families agree. */
bool l2tp_addr_in_prefix(const struct l2tp_addr *addr, const struct l2tp_addr *net, unsigned width);
/* No address (family 0), or 0.0.0.0, or ::. */
bool l2tp_addr_is_any(const struct l2tp_addr *addr);
/* Port in host byte order; 0 if there is no address. */
uint16_t l2tp_addr_port(const struct l2tp_addr *addr);
void l2tp_addr_set_port(struct l2tp_addr *addr, uint16_t port);
/* Length that bind() and connect() want; 0 for family 0. */
socklen_t l2tp_addr_len(const struct l2tp_addr *addr);
/* A v4-mapped IPv6 address becomes IPv4; every other is left as it is. */
void l2tp_addr_unmap(struct l2tp_addr *addr);
/* 32-bit hash over family, address and port. */
uint32_t l2tp_addr_hash(const struct l2tp_addr *addr);
/* "192.0.2.1:1701" or "[2001:db8::1]:1701"; returns buf. */
const char *l2tp_addr_format(const struct l2tp_addr *addr, char buf[static L2TP_ADDR_STRLEN]);
/* The same without port and brackets; returns buf. */
const char *l2tp_addr_format_host(const struct l2tp_addr *addr, char buf[static L2TP_ADDR_STRLEN]);
/*
 * Numeric IPv4 or IPv6 address with an optional %scope number; port in host order.
 * 0, or -EINVAL with *ret_addr untouched.
 */
int l2tp_addr_parse(const char *host, uint16_t port, struct l2tp_addr *ret_addr);

#endif
