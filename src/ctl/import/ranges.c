/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ranges.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keep.h"

void ranges_clear(struct ranges *ranges)
{
	free(ranges->list);
	memset(ranges, 0, sizeof(*ranges));
}

static void append(struct ranges *ranges, struct range range)
{
	ranges->list = keep_grow(ranges->list, ranges->len, sizeof(*ranges->list));
	ranges->list[ranges->len++] = range;
}

void ranges_remove(struct ranges *ranges, struct range range)
{
	struct ranges left = { 0 };
	size_t i;

	for (i = 0; i < ranges->len; i++) {
		struct range r = ranges->list[i];

		if (r.last < range.first || r.first > range.last) {
			append(&left, r);
			continue;
		}
		if (r.first < range.first)
			append(&left, (struct range){ r.first, range.first - 1 });
		if (r.last > range.last)
			append(&left, (struct range){ range.last + 1, r.last });
	}
	free(ranges->list);
	*ranges = left;
}

static int by_first(const void *a, const void *b)
{
	const struct range *x = a, *y = b;

	return x->first < y->first ? -1 : x->first > y->first;
}

void ranges_add(struct ranges *ranges, struct range range)
{
	size_t i, n = 0;

	ranges_remove(ranges, range);
	append(ranges, range);
	qsort(ranges->list, ranges->len, sizeof(*ranges->list), by_first);
	for (i = 1; i < ranges->len; i++) {
		if (ranges->list[n].last + 1 == ranges->list[i].first)
			ranges->list[n].last = ranges->list[i].last;
		else
			ranges->list[++n] = ranges->list[i];
	}
	ranges->len = n + 1;
}

bool ranges_meet(const struct ranges *ranges, struct range range)
{
	size_t i;

	for (i = 0; i < ranges->len; i++)
		if (ranges->list[i].first <= range.last && ranges->list[i].last >= range.first)
			return true;
	return false;
}

bool ranges_equal(const struct ranges *a, const struct ranges *b)
{
	return a->len == b->len &&
	       (!a->len || memcmp(a->list, b->list, a->len * sizeof(*a->list)) == 0);
}

bool range_address(const char *text, uint32_t *ret)
{
	struct in_addr in;

	if (inet_pton(AF_INET, text, &in) != 1)
		return false;
	*ret = ntohl(in.s_addr);
	return true;
}

/* The words around a dash; false: one of them is longer than an address. */
static bool split(const char *text, char first[static 16], char last[static 16])
{
	size_t len = strcspn(text, "- \t");
	const char *p = text + len + strspn(text + len, " \t");

	*last = '\0';
	if (len > 15)
		return false;
	memcpy(first, text, len);
	first[len] = '\0';
	if (!*p)
		return true;
	if (*p != '-')
		return false;
	p++;
	p += strspn(p, " \t");
	len = strcspn(p, " \t");
	if (!len || len > 15 || p[len + strspn(p + len, " \t")])
		return false;
	memcpy(last, p, len);
	last[len] = '\0';
	return true;
}

/* xl2tpd takes what the last address lacks from the first: "192.168.1.5-99" */
static bool complete(const char *first, char last[static 16])
{
	unsigned dots = 0;
	const char *p;
	char whole[16];
	int n;

	for (p = last; *p; p++)
		dots += *p == '.';
	if (dots >= 3)
		return true;
	for (p = first + strlen(first); p > first; p--)
		if (p[-1] == '.' && dots-- == 0)
			break;
	n = snprintf(whole, sizeof(whole), "%.*s%s", (int)(p - first), first, last);
	if (n < 0 || (size_t)n >= sizeof(whole))
		return false;
	strcpy(last, whole);
	return true;
}

bool range_parse(const char *text, struct range *ret)
{
	char first[16], last[16];
	struct range range;

	if (!split(text, first, last) || !range_address(first, &range.first))
		return false;
	range.last = range.first;
	if (*last && (!complete(first, last) || !range_address(last, &range.last)))
		return false;
	if (range.last < range.first)
		return false;
	*ret = range;
	return true;
}

static char *put_address(char *to, uint32_t address)
{
	return to + sprintf(to, "%u.%u.%u.%u", address >> 24, address >> 16 & 255,
			    address >> 8 & 255, address & 255);
}

void range_format(struct range range, char buf[static RANGE_STRLEN])
{
	char *p = put_address(buf, range.first);

	if (range.last != range.first) {
		*p++ = '-';
		put_address(p, range.last);
	}
}

bool range_network(struct range *range, char buf[static RANGE_STRLEN])
{
	uint32_t hosts = 0, more;
	unsigned width = 32;
	char *p;

	/* twice as large, as long as it begins where a network does and ends inside */
	while (width > 0) {
		more = hosts << 1 | 1;
		if (range->first & more || more > range->last - range->first)
			break;
		hosts = more;
		width--;
	}
	p = put_address(buf, range->first);
	if (width < 32)
		sprintf(p, "/%u", width);
	if (range->last - range->first == hosts)
		return false;
	range->first += hosts + 1;
	return true;
}
