/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "option_net.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define POOL_MAX       ((uint64_t)1 << 24) /* addresses of one profile; a /8 */
#define HOST_LOOPBACK  ((uint32_t)127 << 24)
#define HOST_MULTICAST ((uint32_t)224 << 24)

/* A DNS or interface name, or an IPv6 address with the name of its interface. */
static bool host_valid(const char *host)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789_.-";
	const char *scope = strchr(host, '%');
	char address[INET6_ADDRSTRLEN];
	struct in6_addr in6;

	if (scope) {
		if ((size_t)(scope - host) >= sizeof(address))
			return false;
		memcpy(address, host, (size_t)(scope - host));
		address[scope - host] = '\0';
		return inet_pton(AF_INET6, address, &in6) == 1 && scope[1] &&
		       !scope[1 + strspn(scope + 1, allowed)];
	}
	/* what is made of digits and dots is an address that went wrong */
	return strlen(host) <= 253 && !host[strspn(host, allowed)] &&
	       host[strspn(host, "0123456789.")];
}

static int host_parse(const struct option *option, struct config_endpoint *ep, const char *width,
	char error[static OPTION_ERROR_LEN])
{
	unsigned long full, value;

	if (l2tp_addr_parse(ep->host, 0, &ep->addr) < 0) {
		if (strpbrk(ep->host, ":[") && !strchr(ep->host, '%'))
			return option_fail(error,
				"%s is not an address; the port stands after a blank",
				OPTION_QUOTE(ep->host));
		if (!host_valid(ep->host))
			return option_fail(error, "%s is neither an address nor a name",
				OPTION_QUOTE(ep->host));
		if (width)
			return option_fail(error, "a /WIDTH needs an address before it");
		return 0;
	}
	full = ep->addr.sa.sa_family == AF_INET6 ? 128 : 32;
	ep->width = (unsigned)full;
	if (!width)
		return 0;
	if (option->kind != OPTION_PEER)
		return option_fail(error, "takes no /WIDTH");
	if (!option_digits(width, strlen(width), full, &value))
		return option_fail(
			error, "%s is not a width from 0 to %lu", OPTION_QUOTE(width), full);
	ep->width = (unsigned)value;
	return 0;
}

int option_endpoint_parse(const struct option *option, void *object, const char *text,
	char error[static OPTION_ERROR_LEN])
{
	struct config_endpoint *field = option_field(option, object);
	struct config_endpoint ep = { .width = 0 };
	size_t host_len, port_len, rest_len;
	const char *rest = text;
	const char *host = option_word(&rest, &host_len);
	const char *port = option_word(&rest, &port_len);
	unsigned long value = 0;
	char *width;
	int r = 0;

	if (option_word(&rest, &rest_len))
		return option_fail(error, "%s is not %s", OPTION_QUOTE(text), option->arg);
	if (port && !option_digits(port, port_len, 65535, &value))
		return option_fail(error, "%s is not a port from 0 to 65535",
			option_quote(port, port_len).text);
	ep.port = (uint16_t)value;
	ep.host = strndup(host ? host : "", host ? host_len : 0);
	if (!ep.host)
		return -ENOMEM;
	width = strchr(ep.host, '/');
	if (width)
		*width++ = '\0';
	if (host)
		r = host_parse(option, &ep, width, error);
	if (r < 0) {
		free(ep.host);
		return r;
	}
	free(field->host);
	*field = ep;
	return 0;
}

void option_endpoint_clear(const struct option *option, void *object)
{
	struct config_endpoint *field = option_field(option, object);

	free(field->host);
	memset(field, 0, sizeof(*field));
}

int option_endpoint_copy(const struct option *option, void *object, const void *from)
{
	const struct config_endpoint *value = option_value(option, from);
	struct config_endpoint *field = option_field(option, object);
	char *host = value->host ? strdup(value->host) : NULL;

	if (value->host && !host)
		return -ENOMEM;
	free(field->host);
	*field = *value;
	field->host = host;
	return 0;
}

int option_endpoint_format(
	const struct option *option, const void *object, size_t index, char **ret)
{
	const struct config_endpoint *ep = option_value(option, object);
	const char *host = ep->host ? ep->host : "";
	unsigned full = ep->addr.sa.sa_family == AF_INET6 ? 128 : 32;
	size_t size = strlen(host) + sizeof("/128 65535");
	char *text = malloc(size), *p;

	if (!text)
		return -ENOMEM;
	p = stpcpy(text, host);
	if (ep->addr.sa.sa_family && ep->width != full)
		p += snprintf(p, size - (size_t)(p - text), "/%u", ep->width);
	if (ep->port)
		snprintf(p, size - (size_t)(p - text), " %u", ep->port);
	*ret = text;
	return 0;
}

/* --- IPv4 addresses --- */

/* An IPv4 address a host can have, in host byte order. */
static bool ipv4_parse(const char *text, size_t len, uint32_t *ret)
{
	char copy[INET_ADDRSTRLEN];
	struct in_addr in;

	if (len >= sizeof(copy))
		return false;
	memcpy(copy, text, len);
	copy[len] = '\0';
	if (inet_pton(AF_INET, copy, &in) != 1)
		return false;
	*ret = ntohl(in.s_addr);
	return *ret >> 24 != 0 && *ret >> 24 != HOST_LOOPBACK >> 24 && *ret < HOST_MULTICAST;
}

static struct l2tp_addr ipv4_addr(uint32_t address)
{
	struct l2tp_addr addr;

	memset(&addr, 0, sizeof(addr));
	addr.in.sin_family = AF_INET;
	addr.in.sin_addr.s_addr = htonl(address);
	return addr;
}

int option_address_parse(const struct option *option, void *object, const char *text,
	char error[static OPTION_ERROR_LEN])
{
	struct l2tp_addr *field = option_field(option, object);
	uint32_t address;

	if (!*text)
		memset(field, 0, sizeof(*field));
	else if (ipv4_parse(text, strlen(text), &address))
		*field = ipv4_addr(address);
	else
		return option_fail(
			error, "%s is not the IPv4 address of a host", OPTION_QUOTE(text));
	return 0;
}

static int give_address(const struct l2tp_addr *addr, char **ret)
{
	char text[L2TP_ADDR_STRLEN];

	return option_give_text(addr->sa.sa_family ? l2tp_addr_format_host(addr, text) : "", ret);
}

int option_address_format(const struct option *option, const void *object, size_t index, char **ret)
{
	return give_address(option_value(option, object), ret);
}

int option_dns_parse(const struct option *option, void *object, const char *text,
	char error[static OPTION_ERROR_LEN])
{
	struct l2tp_addr *field = option_field(option, object);
	struct l2tp_addr dns[2] = { field[0], field[1] };
	const char *word;
	uint32_t address;
	size_t len;

	while ((word = option_word(&text, &len))) {
		if (!ipv4_parse(word, len, &address))
			return option_fail(error, "%s is not the IPv4 address of a host",
				option_quote(word, len).text);
		if (dns[1].sa.sa_family)
			return option_fail(error, "there is room for two name servers only");
		dns[dns[0].sa.sa_family ? 1 : 0] = ipv4_addr(address);
	}
	memcpy(field, dns, sizeof(dns));
	return 0;
}

int option_dns_format(const struct option *option, const void *object, size_t index, char **ret)
{
	const struct l2tp_addr *dns = option_value(option, object);

	return index < 2 && dns[index].sa.sa_family ? give_address(&dns[index], ret) : -ENOENT;
}

/* --- pools --- */

/* Only addresses that a host can have? */
static int range_fits(const char *word, size_t len, const struct config_range *range,
	char error[static OPTION_ERROR_LEN])
{
	if (range->first < HOST_LOOPBACK && range->last >= HOST_LOOPBACK)
		return option_fail(error, "%s goes over 127.0.0.0", option_quote(word, len).text);
	if (range->last >= HOST_MULTICAST)
		return option_fail(error, "%s goes over 224.0.0.0", option_quote(word, len).text);
	return 0;
}

/* "NETWORK/WIDTH": its hosts, that is without the network's own address and the broadcast one */
static int network_parse(const char *word, size_t len, size_t address_len,
	struct config_range *range, char error[static OPTION_ERROR_LEN])
{
	unsigned long width;
	uint32_t hosts, network;

	if (!ipv4_parse(word, address_len, &network))
		return option_fail(error, "%s is not the IPv4 address of a network",
			option_quote(word, address_len).text);
	if (!option_digits(word + address_len + 1, len - address_len - 1, 32, &width) || !width)
		return option_fail(error, "%s is not a network: its width goes from 1 to 32",
			option_quote(word, len).text);
	hosts = (uint32_t)(UINT32_MAX >> (width - 1) >> 1);
	if (network & hosts)
		return option_fail(error,
			"%s is an address inside of a network; the network begins at %u.%u.%u.%u",
			option_quote(word, len).text, (network & ~hosts) >> 24,
			(network & ~hosts) >> 16 & 255, (network & ~hosts) >> 8 & 255,
			network & ~hosts & 255);
	/* RFC 3021: of two addresses both are hosts */
	range->first = network + (hosts > 1);
	range->last = network + hosts - (hosts > 1);
	return 0;
}

/* "FIRST-LAST", "NETWORK/WIDTH" or one address */
static int range_parse(const char *word, size_t len, struct config_range *range,
	char error[static OPTION_ERROR_LEN])
{
	const char *dash = memchr(word, '-', len), *slash = memchr(word, '/', len);
	size_t first_len = dash ? (size_t)(dash - word) : len;

	if (slash && !dash) {
		int r = network_parse(word, len, (size_t)(slash - word), range, error);

		return r < 0 ? r : range_fits(word, len, range, error);
	}
	if (!ipv4_parse(word, first_len, &range->first))
		return option_fail(error, "%s is not the IPv4 address of a host",
			option_quote(word, first_len).text);
	range->last = range->first;
	if (dash && !ipv4_parse(dash + 1, len - first_len - 1, &range->last))
		return option_fail(error, "%s is not the IPv4 address of a host",
			option_quote(dash + 1, len - first_len - 1).text);
	if (range->last < range->first)
		return option_fail(error, "%s ends before it begins", option_quote(word, len).text);
	return range_fits(word, len, range, error);
}

int option_pool_parse(const struct option *option, void *object, const char *text,
	char error[static OPTION_ERROR_LEN])
{
	struct config_ppp *ppp = object;
	struct config_range *pool, *range;
	size_t len, added = 0, i;
	const char *rest = text, *word;
	uint64_t total = 0;
	int r;

	while (option_word(&rest, &len))
		added++;
	if (!added)
		return 0;
	pool = calloc(ppp->pool_len + added, sizeof(*pool));
	if (!pool)
		return -ENOMEM;
	for (i = 0; i < ppp->pool_len; i++)
		pool[i] = ppp->pool[i];
	range = pool + ppp->pool_len;
	for (rest = text; (word = option_word(&rest, &len)); range++) {
		r = range_parse(word, len, range, error);
		if (r < 0)
			goto out;
	}
	for (i = 0; i < ppp->pool_len + added; i++)
		total += (uint64_t)pool[i].last - pool[i].first + 1;
	r = total <= POOL_MAX
		    ? 0
		    : option_fail(error, "more than %llu addresses", (unsigned long long)POOL_MAX);
out:
	if (r < 0) {
		free(pool);
		return r;
	}
	free(ppp->pool);
	ppp->pool = pool;
	ppp->pool_len += added;
	return 0;
}

void option_range_format(const struct config_range *range, char buf[static OPTION_RANGE_STRLEN])
{
	struct in_addr in = { .s_addr = htonl(range->first) };

	inet_ntop(AF_INET, &in, buf, INET_ADDRSTRLEN);
	if (range->last != range->first) {
		size_t len = strlen(buf);

		in.s_addr = htonl(range->last);
		buf[len] = '-';
		inet_ntop(AF_INET, &in, buf + len + 1, INET_ADDRSTRLEN);
	}
}

void option_pool_clear(const struct option *option, void *object)
{
	struct config_ppp *ppp = object;

	free(ppp->pool);
	ppp->pool = NULL;
	ppp->pool_len = 0;
}

int option_pool_copy(const struct option *option, void *object, const void *from)
{
	const struct config_ppp *other = from;
	struct config_range *pool = NULL;
	struct config_ppp *ppp = object;

	if (other->pool_len) {
		pool = calloc(other->pool_len, sizeof(*pool));
		if (!pool)
			return -ENOMEM;
		memcpy(pool, other->pool, other->pool_len * sizeof(*pool));
	}
	free(ppp->pool);
	ppp->pool = pool;
	ppp->pool_len = other->pool_len;
	return 0;
}

int option_pool_format(const struct option *option, const void *object, size_t index, char **ret)
{
	const struct config_ppp *ppp = object;
	char text[OPTION_RANGE_STRLEN];

	if (index >= ppp->pool_len)
		return -ENOENT;
	option_range_format(&ppp->pool[index], text);
	return option_give_text(text, ret);
}

static bool bits_behind(const struct l2tp_addr *addr, unsigned width)
{
	const uint8_t *octets = addr->sa.sa_family == AF_INET6
					? addr->in6.sin6_addr.s6_addr
					: (const uint8_t *)&addr->in.sin_addr.s_addr;
	unsigned all = addr->sa.sa_family == AF_INET6 ? 128 : 32;

	for (unsigned bit = width; bit < all; bit++)
		if (octets[bit / 8] & 0x80u >> bit % 8)
			return true;
	return false;
}

int option_net(const char *text, struct l2tp_addr *ret, unsigned *ret_width)
{
	const char *slash = strchr(text, '/');
	size_t len = slash ? (size_t)(slash - text) : strlen(text);
	char host[L2TP_ADDR_STRLEN];
	struct l2tp_addr addr;
	unsigned long width, full;

	if (len >= sizeof(host))
		return -EINVAL;
	snprintf(host, sizeof(host), "%.*s", (int)len, text);
	if (l2tp_addr_parse(host, 0, &addr) < 0)
		return -EINVAL;
	width = full = addr.sa.sa_family == AF_INET6 ? 128 : 32;
	if (slash && !option_digits(slash + 1, strlen(slash + 1), full, &width))
		return -EINVAL;
	if (bits_behind(&addr, (unsigned)width))
		return -ERANGE;
	*ret = addr;
	*ret_width = (unsigned)width;
	return 0;
}
