/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hiding of attribute values, RFC 2661 4.3. The subformat is the original length in two octets, the
 * original value, padding.
 */
#ifndef PROTO_HIDE_H
#define PROTO_HIDE_H

#include <l2tp/msg.h>

#define HIDE_BLOCK 16

/* Encrypt a subformat of any length in place. */
void hide_encrypt(uint16_t type, const struct l2tp_secret *secret, const struct l2tp_span *vector,
	uint8_t *data, size_t len);

/* The reverse, whatever comes out; len may be anything. */
void hide_decrypt(uint16_t type, const struct l2tp_secret *secret, const struct l2tp_span *vector,
	uint8_t *data, size_t len);

/*
 * Decrypt in place and find the original value. 0, or -EBADMSG if the subformat has no room for its
 * own length or says it is longer than it is (with another secret it nearly always does).
 */
int hide_open(uint16_t type, const struct l2tp_secret *secret, const struct l2tp_span *vector,
	uint8_t *data, size_t len, struct l2tp_span *ret_value);

#endif
