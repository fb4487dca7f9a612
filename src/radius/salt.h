/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tunnel-Password, as a RADIUS server hides it: RFC 2868 3.5. */
#ifndef RADIUS_SALT_H
#define RADIUS_SALT_H

#include <stddef.h>
#include <stdint.h>

#include "numbers.h"

#define SALT_PLAIN_MAX 239 /* what fits into one attribute */

/*
 * value: from the salt's first octet on, without the tag; secret: shared with the server; vector:
 * the authenticator of the request. Writes the password (no NUL behind it) and returns its length,
 * 0..SALT_PLAIN_MAX; -EINVAL: not a Tunnel-Password, or hidden with another secret as far as that
 * can be seen; ret is then untouched.
 */
int salt_reveal(const uint8_t *value, size_t len, const char *secret,
	const uint8_t vector[static RADIUS_VECTOR_LEN], uint8_t ret[static SALT_PLAIN_MAX]);

#endif
