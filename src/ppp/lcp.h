/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * LCP (RFC 1661 5, 6) as a LAC speaks it before the LNS takes over: what we ask of the client, what
 * we grant it, and what was agreed.
 *
 * Asked for: MRU, if it is not the default of 1500; a way to log in, the best first; a magic
 * number; ACCM, PFC and ACFC only if the caller says so, as RFC 2516 7 forbids them on PPPoE.
 * Granted: an MRU of 128 octets or more, but no more than our own (what is larger does not fit
 * through the line, in either direction); a magic number; ACCM, PFC and ACFC as above. All else,
 * logging in to the client included, is rejected: the LNS may negotiate anew.
 */
#ifndef PPP_LCP_H
#define PPP_LCP_H

#include <l2tp/core.h>

#include "cp.h"

/* Ways a client may log in, in order of preference. */
enum ppp_method { PPP_METHOD_MSCHAPV2, PPP_METHOD_CHAP_MD5, PPP_METHOD_PAP };
#define PPP_METHOD_COUNT 3
/* Bit in a set of them. */
#define PPP_METHOD_BIT(method) (1u << (method))
/* "mschapv2", "chap-md5", "pap": the words of the configuration. Never NULL. */
const char *ppp_method_name(enum ppp_method method);
/* The protocol whose frames carry it: PPP_PROTO_PAP or PPP_PROTO_CHAP. */
uint16_t ppp_method_protocol(enum ppp_method method);

struct lcp_params {
	uint16_t mru;	  /* largest Information field of the line, both ways; 0: 1500 */
	unsigned methods; /* PPP_METHOD_BITs to ask for; 0: no login is asked for */
	bool accm;	  /* an asynchronous line: negotiate the map, and ask for accm_map */
	uint32_t accm_map;
	bool compression; /* ask for and grant PFC and ACFC */
};

#define LCP_ACCM_DEFAULT 0xffffffffu

struct lcp {
	struct cp cp; /* first: rows find their struct lcp by it */
	struct lcp_params params;
	struct l2tp_env env;
	/* what we ask for now */
	uint16_t mru;
	uint32_t magic; /* stays in use when the peer rejects the option (RFC 1661 6.4) */
	uint32_t accm_map;
	unsigned methods; /* that the peer has not refused yet */
	bool ask_mru, ask_magic, ask_accm, ask_pfc, ask_acfc;
	/* what the peer asked for and was granted, else the defaults */
	uint16_t peer_mru;
	uint32_t peer_magic, peer_accm; /* peer_magic 0: none */
	bool peer_pfc, peer_acfc;
	unsigned loops;		    /* requests in a row with our own magic number */
	uint16_t rejected_protocol; /* by the last Protocol-Reject; 0: none */
};

/* env is copied. mru of params is 128 to 1500 (RFC 4638 allows no more on PPPoE), or 0. */
void lcp_init(struct lcp *lcp, const struct lcp_params *params, const struct l2tp_env *env,
	const struct cp_limits *limits, struct outbox *outbox);
/* The way to log in that we ask for, and once Opened the client has agreed to. False: none. */
bool lcp_method(const struct lcp *lcp, enum ppp_method *ret);
/* Protocol-Reject of a frame: its protocol and what follows that (RFC 1661 5.7). */
void lcp_reject_protocol(struct lcp *lcp, uint16_t protocol, const uint8_t *data, size_t len);

#endif
