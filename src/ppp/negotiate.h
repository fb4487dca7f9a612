/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Negotiation of the options of a control protocol (RFC 1661 5.1-5.4), by the rows of its table:
 * our request, our answer to the peer's, what its answers mean for ours. No packets, no states.
 */
#ifndef PPP_NEGOTIATE_H
#define PPP_NEGOTIATE_H

#include "cp.h"

/* Options of our next Configure-Request; their length. */
size_t negotiate_request(struct cp *cp, uint8_t body[static CP_BODY_MAX]);

struct negotiate_answer {
	uint8_t code; /* CP_CONFACK, CP_CONFNAK or CP_CONFREJ */
	uint8_t *body;
	size_t size, len;
};
/*
 * Judge whole options of the peer's request. answer->body has answer->size octets of room, at least
 * as many as the request.
 *
 * What is not known, has the wrong length, or was named before (RFC 1661 6: none of ours may be) is
 * rejected; a Reject goes before a Nak. After limits.max_failure Naks that led to nothing, what
 * would be one is a Reject, and nothing is appended (RFC 1661 4.6).
 */
void negotiate_judge(
	struct cp *cp, const uint8_t *options, size_t len, struct negotiate_answer *answer);
/* The options of a request that was acknowledged are in force. */
void negotiate_agree(struct cp *cp, const uint8_t *options, size_t len);

/* RFC 1661 5.4: a Reject names options of our last request, as they were and in their order. */
bool negotiate_is_subset(const struct cp *cp, const uint8_t *options, size_t len);
/*
 * The peer does not want our request like this. From the limits.max_failure-th Nak on one counts as
 * a Reject, so that a peer that never says yes cannot keep us busy with values.
 */
void negotiate_refused(struct cp *cp, uint8_t code, const uint8_t *options, size_t len);

#endif
