/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sets of IPv4 addresses: pools that other programs write in their own ways, and who may call. */
#ifndef CTL_IMPORT_RANGES_H
#define CTL_IMPORT_RANGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* In order, without gaps of 0 between them. Begin with all zero. */
struct ranges {
	struct range {
		uint32_t first, last; /* host byte order */
	} * list;
	size_t len;
};

#define RANGE_STRLEN 32 /* "FIRST-LAST" and "ADDR/WIDTH", with NUL */

void ranges_clear(struct ranges *ranges);
void ranges_add(struct ranges *ranges, struct range range);
void ranges_remove(struct ranges *ranges, struct range range);
/* True: an address of range is in it. */
bool ranges_meet(const struct ranges *ranges, struct range range);
bool ranges_equal(const struct ranges *a, const struct ranges *b);

/* "A.B.C.D", and nothing behind it */
bool range_address(const char *text, uint32_t *ret);
/* "A.B.C.D", "A.B.C.D-E.F.G.H", or "A.B.C.D-H" as xl2tpd has it; blanks around the dash */
bool range_parse(const char *text, struct range *ret);
/* "FIRST-LAST", or only FIRST */
void range_format(struct range range, char buf[static RANGE_STRLEN]);
/*
 * The largest network that range begins with, as "ADDR/WIDTH", or "ADDR" for a width of 32; it is
 * taken off range. False: that was the last.
 */
bool range_network(struct range *range, char buf[static RANGE_STRLEN]);

#endif
