/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who is the client? PAP (RFC 1334), CHAP-MD5 (RFC 1994) and MS-CHAPv2 (RFC 2759) up to the
 * client's answer, which is kept and not judged: no Success and no Failure is sent, as that is the
 * LNS's to say.
 *
 * A challenge that is repeated is the same one, Identifier included: an answer to the first copy
 * that comes after the second was sent is as good, and there is one triple of challenge, Identifier
 * and response that the LNS can check.
 */
#ifndef PPP_LOGIN_H
#define PPP_LOGIN_H

#include "lcp.h"
#include "numbers.h"

/* What the client said; all NULL and 0 until it did. */
struct login_answer {
	struct l2tp_span name, response; /* response: password, or Value of the Response */
	uint8_t id; /* of the Challenge, or of the Authenticate-Request (RFC 2661 4.4.5) */
};

/* Longest name: what fits into an AVP when hidden (RFC 2661 4.1, 4.3). */
#define LOGIN_NAME_MAX 1015

struct login {
	struct outbox *outbox;
	struct l2tp_env env;
	const char *own_name; /* the caller's; in challenges */
	usec_t restart, deadline;
	unsigned max_tries, tries;
	enum ppp_method method;
	bool waiting;
	uint8_t next_id, id;
	uint8_t challenge[CHAP_CHALLENGE_LEN];
	struct login_answer answer; /* in bytes */
	uint8_t *bytes;
	size_t size;
};

enum login_news {
	LOGIN_NOTHING,	/* discarded, or too early for a time-out */
	LOGIN_READ,	/* answer is there */
	LOGIN_TOO_LONG, /* the name does not fit into an AVP */
	LOGIN_SILENCE,	/* no answer after max_tries times restart */
};

/* own_name: 1..255 octets, must outlive it. env is copied. */
void login_init(struct login *login, const char *own_name, const struct l2tp_env *env,
	const struct cp_limits *limits, struct outbox *outbox);
/* Wipes, and forgets the answer. */
void login_clear(struct login *login);
/* Begin: send the challenge, or wait for the client's PAP request. Forgets an earlier answer. */
void login_start(struct login *login, usec_t now, enum ppp_method method);
/* LCP went down: nothing is waited for. */
void login_stop(struct login *login);
/* A PAP or CHAP packet, from its code on. Others than the one waited for change nothing. */
enum login_news login_input(
	struct login *login, uint16_t protocol, const uint8_t *data, size_t len);
enum login_news login_timeout(struct login *login, usec_t now);
/* Tell the client that it may not: PAP Authenticate-Nak, CHAP Failure. After LOGIN_READ only. */
void login_refuse(struct login *login, const char *message);

#endif
