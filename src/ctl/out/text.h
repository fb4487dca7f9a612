/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Text for people: harmless, in human units, in aligned columns. Strings returned are malloc'ed;
 * without memory the program ends.
 */
#ifndef CTL_OUT_TEXT_H
#define CTL_OUT_TEXT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

/*
 * Write text that may come from a peer: control characters (also those of Unicode, its line breaks
 * and changes of direction) as \xNN or \u{NNNN}; without a UTF-8 locale all but ASCII.
 */
void text_put(FILE *out, const char *text);
char *text_printf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* "1.4 MiB" */
char *text_bytes(json_int_t bytes);
/* "45s", "2h 5m", "3d 4h" */
char *text_duration(json_int_t seconds);
/* RFC 3339 in UTC -> "12:03:11" here, with the date if that is not today's; else as it is. */
char *text_time(const char *rfc3339);
/*
 * A field by its name and type: "..._s" seconds, "..._ms" milliseconds, "..._bytes" and "bytes..."
 * in units; harmless text. "-" for what is missing, null, or empty, and for a measure of 0.0.
 */
char *text_field(const json_t *object, const char *key);

/* The reason fields of l2tpd/ctl.h in words: "by the peer: CDN 3 administrative reasons: TEXT". */
char *text_reason(const json_t *reason, bool with_text);
/* True if the object has reason fields at all. */
bool text_has_reason(const json_t *object);

struct text_column {
	const char *head, *key; /* of the objects; a row of NULLs ends the columns */
	bool right;
};
/* The objects of array as a table; empty: "none" and nothing else. */
void text_table(const struct text_column *columns, const json_t *array, const char *none);

#endif
