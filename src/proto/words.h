/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A string that is put together piece by piece in a buffer of fixed size. What does not fit is cut
 * at a character's end and shown by "...".
 */
#ifndef PROTO_WORDS_H
#define PROTO_WORDS_H

#include <l2tp/msg.h>

struct words {
	char *buf; /* always NUL terminated */
	size_t size, len;
	bool cut; /* nothing more is taken */
};

/* size may be 0: then nothing is ever written. */
void words_init(struct words *w, char *buf, size_t size);
void words_add(struct words *w, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Text of a peer in quotes: harmless, and unable to end the quotes. */
void words_add_text(struct words *w, struct l2tp_span text);
/* "1 octet", "2 octets" */
void words_add_octets(struct words *w, size_t count);
/* The first octets in hexadecimal. */
void words_add_hex(struct words *w, const uint8_t *data, size_t len);

#endif
