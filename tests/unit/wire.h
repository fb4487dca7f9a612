/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Datagrams for tests, written by hand and not by the encoder that is under test. A wire is a copy
 * in exactly as much heap as it has bytes, so that an address sanitizer sees the first octet too
 * far.
 */
#ifndef TESTS_WIRE_H
#define TESTS_WIRE_H

#include <l2tp/msg.h>

#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

struct wire {
	uint8_t *data;
	size_t len;
};

static inline struct wire wire_copy(const uint8_t *data, size_t len)
{
	struct wire w = { malloc(len ? len : 1), len };

	assert_non_null(w.data);
	if (len)
		memcpy(w.data, data, len);
	return w;
}

static inline void wire_free(struct wire *w)
{
	free(w->data);
	*w = (struct wire){ NULL, 0 };
}

/* "c802 0014" with blanks anywhere. */
static inline struct wire wire_hex(const char *hex)
{
	uint8_t buf[8192];
	size_t digits = 0;

	for (; *hex; hex++) {
		unsigned v;

		if (isspace((unsigned char)*hex))
			continue;
		assert_true(isxdigit((unsigned char)*hex) && digits / 2 < sizeof(buf));
		v = (unsigned)(isdigit((unsigned char)*hex) ? *hex - '0' : (*hex | 32) - 'a' + 10);
		if (digits % 2)
			v |= (unsigned)buf[digits / 2] << 4;
		buf[digits / 2] = (uint8_t)v;
		digits++;
	}
	assert_int_equal(digits % 2, 0);
	return wire_copy(buf, digits / 2);
}

static inline void wire_set_u16(struct wire *w, size_t at, size_t v)
{
	w->data[at] = (uint8_t)(v >> 8);
	w->data[at + 1] = (uint8_t)v;
}

/* A control message of these AVPs: tunnel 0x1001, Ns 5, Nr 7, Length as it should be. */
static inline struct wire wire_msg(uint16_t sid, const char *avps)
{
	struct wire body = wire_hex(avps), w;
	uint8_t buf[8192] = { 0xc8, 0x02, 0, 0, 0x10, 0x01, 0, 0, 0, 5, 0, 7 };

	assert_true(body.len + 12 <= sizeof(buf));
	memcpy(buf + 12, body.data, body.len);
	w = wire_copy(buf, body.len + 12);
	wire_set_u16(&w, 2, w.len);
	wire_set_u16(&w, 6, sid);
	wire_free(&body);
	return w;
}

#define assert_span(span, str)                                                                     \
	do {                                                                                       \
		assert_int_equal((span).len, strlen(str));                                         \
		assert_memory_equal((span).data, str, strlen(str));                                \
	} while (0)

#endif
