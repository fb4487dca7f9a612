/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * RADIUS packets: what proves that request and answer belong together and are made by somebody who
 * knows the secret. Pure code. RFC 2865 3, RFC 2866 3, RFC 3579 3.2.
 */
#ifndef RADIUS_PACKET_H
#define RADIUS_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "numbers.h"

#define RADIUS_PACKET_MAX 4096
#define RADIUS_HEADER_LEN 20

enum radius_code {
	RADIUS_ACCESS_REQUEST = 1,
	RADIUS_ACCESS_ACCEPT = 2,
	RADIUS_ACCESS_REJECT = 3,
	RADIUS_ACCOUNTING_REQUEST = 4,
	RADIUS_ACCOUNTING_RESPONSE = 5,
	RADIUS_ACCESS_CHALLENGE = 11,
};

struct radius_packet {
	size_t len;
	uint8_t data[RADIUS_PACKET_MAX];
};

/*
 * A request of these attributes. User-Password, which is among them in clear, is hidden (RFC 2865
 * 5.2). random: 16 octets that nobody can guess, the authenticator of an Access-Request, which gets
 * a Message-Authenticator, too, as its first attribute; of an Accounting-Request they are not used.
 * 0; -EMSGSIZE: it would be longer than RADIUS_PACKET_MAX; -EINVAL: the attributes are none.
 */
int packet_build(struct radius_packet *ret, enum radius_code code, uint8_t id,
	const uint8_t random[static RADIUS_VECTOR_LEN], const uint8_t *attrs, size_t len,
	const char *secret);

/* The authenticator: RADIUS_VECTOR_LEN octets. */
const uint8_t *packet_vector(const struct radius_packet *packet);
/* The attributes, *ret_len octets. */
const uint8_t *packet_attrs(const struct radius_packet *packet, size_t *ret_len);

enum packet_fault {
	PACKET_GOOD,
	PACKET_UNSIGNED, /* proven, but without a Message-Authenticator: CVE-2024-3596 */
	PACKET_ODD,	 /* no packet, of another code or number: not an answer to this */
	PACKET_UNPROVEN, /* not made with the secret */
};
/*
 * Is it an answer to request, and who could have made it? len of answer is what was received;
 * octets behind the packet are cut off. Of accounting, which has no such thing, none is unsigned.
 * Attributes are looked at only as far as that goes.
 */
enum packet_fault packet_check(
	struct radius_packet *answer, const struct radius_packet *request, const char *secret);

#endif
