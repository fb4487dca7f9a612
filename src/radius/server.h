/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One RADIUS server and one exchange with it over UDP: blocks, so it is for threads. */
#ifndef RADIUS_SERVER_H
#define RADIUS_SERVER_H

#include "file.h"
#include "reply.h"

struct radius_server;

enum radius_kind { RADIUS_AUTH, RADIUS_ACCT };

enum radius_verdict {
	RADIUS_ACCEPTED,   /* Access-Accept; Accounting-Response */
	RADIUS_REJECTED,   /* Access-Reject, or a question that PPP cannot pass on */
	RADIUS_UNANSWERED, /* silence, or what is not proven to be an answer, until the time was up
			    */
	RADIUS_FAILED,	   /* it could not be asked, or its answer is of no use */
};

/* What came of it, and in words for people: they name the server. */
struct radius_outcome {
	enum radius_verdict verdict;
	char text[600];
};

/* A server of the file: file->auth or file->acct, at index. What is needed is copied. 0, -ENOMEM.
 */
int radius_server_open(const struct radius_file *file, enum radius_kind kind, size_t index,
	struct radius_server **ret);
/* Wipes. NULL is allowed. Nobody may be asking it any more. */
void radius_server_free(struct radius_server *server);

/*
 * Send attributes (request.h), wait for the answer and read it: up to file->timeout times
 * (file->retries + 1), and as long as a name is looked up. Several threads may ask at a time; each
 * exchange has a socket, and so a port, of its own. What is no answer, or is not proven to be one,
 * is not heard (RFC 2865 3): the answer is waited for all the same. delay: s since the event,
 * Acct-Delay-Time. ret_reply: radius_reply_clear() it; it is empty but after an answer to
 * RADIUS_AUTH.
 */
void radius_server_ask(struct radius_server *server, const uint8_t *attrs, size_t len,
	uint32_t delay, struct radius_reply *ret_reply, struct radius_outcome *ret);

#endif
