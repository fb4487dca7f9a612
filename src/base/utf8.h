/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Text as UTF-8: the one place that says what is a character and what may be shown to people.
 * RFC 3629; no surrogates, no long forms, nothing beyond U+10FFFF.
 */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* "\xef\xbb\xbf", which some editors put before the first line */
#define UTF8_BOM "\xef\xbb\xbf"

/* Bytes of the character at text and *ret; 0 if there is none. len is at least 1. */
size_t utf8_decode(const char *text, size_t len, uint32_t *ret);
/*
 * May be shown in one line: no control character, no line or paragraph separator, no mark or
 * override of direction, nothing that cannot be seen. With those a name could forge a line of a
 * log.
 */
bool utf8_is_harmless(uint32_t character);
/* Bytes of the character at text; 0 if there is none or it is not harmless. len is at least 1. */
size_t utf8_harmless_other(const char *text, size_t len);
static inline size_t utf8_harmless(const char *text, size_t len)
{
	/* names and numbers are ASCII: they are looked at in every message of a peer */
	return text[0] >= ' ' && text[0] <= '~' ? 1 : utf8_harmless_other(text, len);
}

/* Characters and nothing else, none of them a control character but tabs. len may be 0. */
bool utf8_is_text(const char *text, size_t len);
/* The same, and every character harmless: no tabs, too. */
bool utf8_is_name(const char *text, size_t len);

#endif
