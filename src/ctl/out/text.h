/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Text for people: harmless, in human units. Strings returned are malloc'ed; without memory the
 * program ends.
 */
#ifndef CTL_OUT_TEXT_H
#define CTL_OUT_TEXT_H

#include <jansson.h>
#include <stdio.h>

/*
 * Write text that may come from a peer: control characters (also those of Unicode, its line breaks
 * and changes of direction) as \xNN or \u{NNNN}; without a UTF-8 locale all but ASCII.
 */
void text_put(FILE *out, const char *text);
/* The same as a string. */
char *text_harmless(const char *text);
char *text_printf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* p, or the program ends if that is NULL. */
void *text_checked(void *p);

/* "1.4 MiB" */
char *text_bytes(json_int_t bytes);
/* "45s", "2h 5m", "3d 4h" */
char *text_duration(json_int_t seconds);
/* RFC 3339 in UTC -> "12:03:11" here, with the date if that is not today's; else as it is. */
char *text_time(const char *rfc3339);

#endif
