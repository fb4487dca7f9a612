/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PPP as a LAC speaks it to a client before the LNS does (RFC 2661 4.4.5): LCP, and if wanted the
 * login up to the client's answer. What was said is then told to the LNS in ICCN, and the LNS goes
 * on. Pure code: frames and the time go in, a queue of effects comes out. Nothing calls out; now
 * must never go back.
 *
 *   new -> SEND .. input, timeout .. SEND .. DONE: choose the LNS by ppp_proxy_result(), call it
 *   tunnel and session are there -> hand_over, next_frame until NULL, bridge, free
 *   no LNS wants it -> close or refuse -> SEND .. FAILED .. CLOSED: hang up, free
 *   client gone or wrong -> FAILED at any time before hand_over, after DONE, too .. CLOSED
 *
 * After DONE the result does not change any more. What the client says then is the LNS's: it is
 * kept in order, and so is a Configure-Request with which it begins anew. The LNS answers that as
 * it would if it had come a moment later over the bridge. Answered here until hand_over: Echo-
 * Request, or the client would take the line for dead; Terminate-Request; and the Configure-Request
 * that was acknowledged, when it comes again because our Ack was lost. Dropped: replies to what we
 * said, which mean nothing to the LNS.
 *
 * Network layer packets (NCPs, too) before the login are silently discarded, not rejected (RFC 1661
 * 3.4, 3.5): a Protocol-Reject would have the client do without IPCP for the rest of the session
 * (5.7), and that is for the LNS to say.
 */
#ifndef PPP_PPP_PROXY_H
#define PPP_PPP_PROXY_H

#include "cp.h"
#include "frames.h"
#include "lcp.h"
#include "outbox.h"

struct ppp_proxy;

struct ppp_proxy_params {
	struct lcp_params lcp;
	/*
	 * Ask the client who it is, by a method of lcp.methods. Without: DONE when LCP is Opened.
	 * lcp.methods may be set all the same: the client has then agreed to the way in which the
	 * LNS will ask it.
	 */
	bool login;
	const char *name;	 /* ours, in challenges: 1..255 octets */
	struct cp_limits limits; /* restart 0: CP_LIMITS_DEFAULT */
	usec_t setup_timeout;	 /* new to DONE; default 60 s */
	unsigned max_frames; /* kept for the LNS; default 32, as the kernel keeps for a channel */
	size_t max_octets;   /* of them; default 16384 */
};

/* What ICCN tells, and what was agreed on the line. */
struct ppp_proxy_result {
	/*
	 * initial_lcp is NULL if it does not fit into an AVP. authen_type 0: no login was asked
	 * for here; 4: the client need not log in. MS-CHAPv2 has no type of its own in RFC 2661 and
	 * goes as 2, PPP CHAP: algorithm 0x81 is in last_sent_lcp, and the response has 49 octets.
	 */
	struct l2tp_proxy proxy;
	bool has_method;
	enum ppp_method method; /* that the client agreed to */
	uint16_t mru, peer_mru; /* the largest it may send, and may be sent */
	/* asynchronous lines: what is to be escaped, and the compression either side may use */
	uint32_t send_accm, recv_accm;
	bool send_pfc, send_acfc, recv_pfc, recv_acfc;
};

enum ppp_phase {
	PPP_PHASE_LCP,
	PPP_PHASE_LOGIN,
	PPP_PHASE_HELD, /* DONE: frames are kept */
	PPP_PHASE_HANDED_OVER,
	PPP_PHASE_CLOSING, /* FAILED: the goodbye is under way */
	PPP_PHASE_CLOSED,
};
/* "lcp", "login", "held", "handed-over", "closing", "closed"; never NULL */
const char *ppp_phase_name(enum ppp_phase phase);

struct ppp_proxy_info {
	enum ppp_phase phase;
	enum automaton_state lcp;
	bool has_method;
	enum ppp_method method; /* asked for now */
	unsigned queued;	/* frames kept */
	uint64_t lost;		/* for which there was no room */
	uint64_t discarded;	/* frames that were malformed, overlong or out of place */
};

/* The line is up: begin. env, params and its strings are copied. NULL: out of memory. */
struct ppp_proxy *ppp_proxy_new(
	const struct l2tp_env *env, const struct ppp_proxy_params *params, usec_t now);
/* Wipes and frees, without a word to the client. NULL is allowed. */
void ppp_proxy_free(struct ppp_proxy *proxy);

/* The next effect or NULL; valid until the next call of this function or ppp_proxy_free(). */
const struct ppp_effect *ppp_proxy_next_effect(struct ppp_proxy *proxy);

/*
 * A frame of the client: with or without FF 03, from the protocol on. More than 1502 octets from
 * there are dropped.
 */
void ppp_proxy_input(struct ppp_proxy *proxy, usec_t now, const uint8_t *frame, size_t len);
/* When ppp_proxy_timeout() wants to be called; USEC_INFINITY: not at all. */
usec_t ppp_proxy_next_timeout(const struct ppp_proxy *proxy);
void ppp_proxy_timeout(struct ppp_proxy *proxy, usec_t now);

/* NULL before DONE; then valid until ppp_proxy_free(). There may be a password in it. */
const struct ppp_proxy_result *ppp_proxy_result(const struct ppp_proxy *proxy);

/*
 * The LNS takes over: from now on nothing is answered and no effect is added (those that are there
 * are to be carried out first), and every frame goes to the queue. False if there is nothing to
 * hand over: before DONE, or after FAILED.
 */
bool ppp_proxy_hand_over(struct ppp_proxy *proxy);
/*
 * Take the oldest frame that is kept: from the protocol on, without FF 03, else as it came. NULL:
 * none. Valid until the next call of this function.
 */
const struct ppp_frame *ppp_proxy_next_frame(struct ppp_proxy *proxy);

/*
 * End it before the hand-over: Terminate-Request with text, FAILED with cause and text, CLOSED when
 * the client has acknowledged or was asked often enough. Once FAILED it does nothing.
 */
void ppp_proxy_close(
	struct ppp_proxy *proxy, usec_t now, enum l2tp_ppp_cause cause, const char *text);
/*
 * The same after the client is told, with message, that its login is not accepted: for who learns
 * that before there is an LNS that could say so. Without a login: as close.
 */
void ppp_proxy_refuse(struct ppp_proxy *proxy, usec_t now, const char *message);

void ppp_proxy_info(const struct ppp_proxy *proxy, struct ppp_proxy_info *ret);

#endif
