/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Transport addresses: compare, hash, print, parse. */
#include <l2tp/types.h>

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

/* The address as bytes in network order; NULL and 0 if there is none. */
static const uint8_t *addr_bytes(const struct l2tp_addr *addr, size_t *ret_len)
{
	switch (addr->sa.sa_family) {
	case AF_INET:
		*ret_len = sizeof(addr->in.sin_addr);
		return (const uint8_t *)&addr->in.sin_addr;
	case AF_INET6:
		*ret_len = sizeof(addr->in6.sin6_addr);
		return (const uint8_t *)&addr->in6.sin6_addr;
	}
	*ret_len = 0;
	return NULL;
}

static uint32_t addr_scope(const struct l2tp_addr *addr)
{
	return addr->sa.sa_family == AF_INET6 ? addr->in6.sin6_scope_id : 0;
}

bool l2tp_addr_same_host(const struct l2tp_addr *a, const struct l2tp_addr *b)
{
	const uint8_t *pa, *pb;
	size_t la, lb;

	if (a->sa.sa_family != b->sa.sa_family)
		return false;
	pa = addr_bytes(a, &la);
	pb = addr_bytes(b, &lb);
	if (!pa || !pb)
		return pa == pb;
	return memcmp(pa, pb, la) == 0 && addr_scope(a) == addr_scope(b);
}

bool l2tp_addr_equal(const struct l2tp_addr *a, const struct l2tp_addr *b)
{
	return l2tp_addr_same_host(a, b) && l2tp_addr_port(a) == l2tp_addr_port(b);
}

bool l2tp_addr_in_prefix(const struct l2tp_addr *addr, const struct l2tp_addr *net, unsigned width)
{
	const uint8_t *pa, *pn;
	size_t len, net_len, whole;
	uint8_t mask;

	pa = addr_bytes(addr, &len);
	pn = addr_bytes(net, &net_len);
	if (!pa || !pn || addr->sa.sa_family != net->sa.sa_family)
		return false;
	if (width > len * 8)
		width = (unsigned)len * 8;
	whole = width / 8;
	if (memcmp(pa, pn, whole) != 0)
		return false;
	if (width % 8 == 0)
		return true;
	mask = (uint8_t)(0xff00u >> width % 8);
	return ((pa[whole] ^ pn[whole]) & mask) == 0;
}

bool l2tp_addr_is_any(const struct l2tp_addr *addr)
{
	const uint8_t *p;
	size_t len;

	p = addr_bytes(addr, &len);
	for (size_t i = 0; i < len; i++) {
		if (p[i])
			return false;
	}
	return true;
}

uint16_t l2tp_addr_port(const struct l2tp_addr *addr)
{
	switch (addr->sa.sa_family) {
	case AF_INET:
		return ntohs(addr->in.sin_port);
	case AF_INET6:
		return ntohs(addr->in6.sin6_port);
	}
	return 0;
}

void l2tp_addr_set_port(struct l2tp_addr *addr, uint16_t port)
{
	switch (addr->sa.sa_family) {
	case AF_INET:
		addr->in.sin_port = htons(port);
		break;
	case AF_INET6:
		addr->in6.sin6_port = htons(port);
		break;
	}
}

socklen_t l2tp_addr_len(const struct l2tp_addr *addr)
{
	switch (addr->sa.sa_family) {
	case AF_INET:
		return sizeof(addr->in);
	case AF_INET6:
		return sizeof(addr->in6);
	}
	return 0;
}

void l2tp_addr_unmap(struct l2tp_addr *addr)
{
	struct l2tp_addr v4;

	if (addr->sa.sa_family != AF_INET6 || !IN6_IS_ADDR_V4MAPPED(&addr->in6.sin6_addr))
		return;
	memset(&v4, 0, sizeof(v4));
	v4.in.sin_family = AF_INET;
	v4.in.sin_port = addr->in6.sin6_port;
	memcpy(&v4.in.sin_addr, addr->in6.sin6_addr.s6_addr + 12, sizeof(v4.in.sin_addr));
	*addr = v4;
}

uint32_t l2tp_addr_hash(const struct l2tp_addr *addr)
{
	uint16_t port = l2tp_addr_port(addr);
	uint32_t h = 2166136261u; /* FNV-1a */
	const uint8_t *p;
	size_t len;

	h = (h ^ addr->sa.sa_family) * 16777619u;
	p = addr_bytes(addr, &len);
	for (size_t i = 0; i < len; i++)
		h = (h ^ p[i]) * 16777619u;
	h = (h ^ (port & 0xffu)) * 16777619u;
	h = (h ^ (uint32_t)(port >> 8)) * 16777619u;
	/* the low bits choose the bucket: let the high ones take part */
	h ^= h >> 16;
	h *= 0x85ebca6bu;
	return h ^ h >> 13;
}

const char *l2tp_addr_format_host(const struct l2tp_addr *addr, char buf[static L2TP_ADDR_STRLEN])
{
	char text[INET6_ADDRSTRLEN];
	const uint8_t *p;
	size_t len;

	p = addr_bytes(addr, &len);
	if (!p || !inet_ntop(addr->sa.sa_family, p, text, sizeof(text)))
		snprintf(buf, L2TP_ADDR_STRLEN, "none");
	else if (addr_scope(addr))
		snprintf(buf, L2TP_ADDR_STRLEN, "%s%%%u", text, (unsigned)addr_scope(addr));
	else
		snprintf(buf, L2TP_ADDR_STRLEN, "%s", text);
	return buf;
}

const char *l2tp_addr_format(const struct l2tp_addr *addr, char buf[static L2TP_ADDR_STRLEN])
{
	char host[L2TP_ADDR_STRLEN];
	bool v6 = addr->sa.sa_family == AF_INET6;

	l2tp_addr_format_host(addr, host);
	if (addr->sa.sa_family == AF_UNSPEC)
		snprintf(buf, L2TP_ADDR_STRLEN, "none");
	else
		/* 70: what the longest port and the brackets leave */
		snprintf(buf, L2TP_ADDR_STRLEN, "%s%.70s%s:%u", v6 ? "[" : "", host, v6 ? "]" : "",
			l2tp_addr_port(addr));
	return buf;
}

/* Decimal without sign and blanks, at most UINT32_MAX. */
static bool parse_scope(const char *text, uint32_t *ret_scope)
{
	uint64_t v = 0;

	if (!*text)
		return false;
	for (; *text; text++) {
		if (*text < '0' || *text > '9')
			return false;
		v = v * 10 + (uint64_t)(*text - '0');
		if (v > UINT32_MAX)
			return false;
	}
	*ret_scope = (uint32_t)v;
	return true;
}

int l2tp_addr_parse(const char *host, uint16_t port, struct l2tp_addr *ret_addr)
{
	const char *percent = strchr(host, '%');
	size_t len = percent ? (size_t)(percent - host) : strlen(host);
	char text[INET6_ADDRSTRLEN];
	struct l2tp_addr addr;
	uint32_t scope = 0;

	if (len >= sizeof(text))
		return -EINVAL;
	memcpy(text, host, len);
	text[len] = '\0';
	memset(&addr, 0, sizeof(addr));
	if (!percent && inet_pton(AF_INET, text, &addr.in.sin_addr) == 1) {
		addr.in.sin_family = AF_INET;
		addr.in.sin_port = htons(port);
		*ret_addr = addr;
		return 0;
	}
	if (percent && !parse_scope(percent + 1, &scope))
		return -EINVAL;
	memset(&addr, 0, sizeof(addr));
	if (inet_pton(AF_INET6, text, &addr.in6.sin6_addr) != 1)
		return -EINVAL;
	addr.in6.sin6_family = AF_INET6;
	addr.in6.sin6_port = htons(port);
	addr.in6.sin6_scope_id = scope;
	*ret_addr = addr;
	return 0;
}
