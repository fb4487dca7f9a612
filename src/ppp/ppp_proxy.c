/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ppp_proxy.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "login.h"
#include "numbers.h"

#define FRAME_MAX (2 + PPP_MRU_DEFAULT)
/* RFC 2661 4.1, 4.3: an AVP has 1023 octets, 6 of header, and 2 of length when hidden */
#define AVP_VALUE_MAX	 1015
#define SETUP_TIMEOUT	 (60 * USEC_PER_SEC)
#define MAX_FRAMES	 32
#define MAX_OCTETS	 16384
#define TEXT_OF_PEER_MAX 64

struct ppp_proxy {
	enum ppp_phase phase;
	bool want_login, has_result, saw_initial;
	usec_t setup_timeout, setup_deadline;
	char *name;
	struct outbox outbox;
	struct lcp lcp;
	struct login login;
	struct frames frames;
	uint8_t *initial; /* options of the client's first Configure-Request */
	size_t initial_len;
	uint64_t discarded; /* besides those that LCP counts */
	char goodbye[sizeof(((struct ppp_effect *)NULL)->failed.text)];
	struct ppp_proxy_result result;
};

const char *ppp_phase_name(enum ppp_phase phase)
{
	switch (phase) {
	case PPP_PHASE_LCP:
		return "lcp";
	case PPP_PHASE_LOGIN:
		return "login";
	case PPP_PHASE_HELD:
		return "held";
	case PPP_PHASE_HANDED_OVER:
		return "handed-over";
	case PPP_PHASE_CLOSING:
		return "closing";
	case PPP_PHASE_CLOSED:
		return "closed";
	}
	return "unknown";
}

/* --- the end --- */

static void finish_closing(struct ppp_proxy *p)
{
	p->phase = PPP_PHASE_CLOSED;
	outbox_add(&p->outbox, PPP_EFFECT_CLOSED);
}

__attribute__((format(printf, 4, 5))) static void fail(
	struct ppp_proxy *p, usec_t now, enum l2tp_ppp_cause cause, const char *format, ...)
{
	struct ppp_effect *effect;
	va_list args;

	if (p->phase >= PPP_PHASE_HANDED_OVER)
		return;
	p->phase = PPP_PHASE_CLOSING;
	p->setup_deadline = USEC_INFINITY;
	login_stop(&p->login);
	va_start(args, format);
	vsnprintf(p->goodbye, sizeof(p->goodbye), format, args);
	va_end(args);
	effect = outbox_add(&p->outbox, PPP_EFFECT_FAILED);
	effect->failed.cause = cause;
	memcpy(effect->failed.text, p->goodbye, sizeof(p->goodbye));
	/* the client is asked to go, unless LCP is at its end by itself */
	p->lcp.cp.goodbye = p->goodbye;
	cp_order(&p->lcp.cp, now, AUT_EV_CLOSE);
	if (p->lcp.cp.state < AUT_CLOSING)
		finish_closing(p);
}

static void fail_silent_lcp(struct ppp_proxy *p, usec_t now)
{
	if (p->saw_initial)
		fail(p, now, L2TP_PPP_CAUSE_LCP_TIMEOUT,
			"the client does not answer LCP any more: %u requests",
			p->lcp.cp.limits.max_configure);
	else
		fail(p, now, L2TP_PPP_CAUSE_NO_LCP, "no LCP of the client: %u requests of ours",
			p->lcp.cp.limits.max_configure);
}

static void fail_silent_login(struct ppp_proxy *p, usec_t now)
{
	fail(p, now, L2TP_PPP_CAUSE_AUTH_TIMEOUT,
		"the client does not log in (%s): %u times %.0f s",
		ppp_method_name(p->login.method), p->login.max_tries,
		(double)p->login.restart / (double)USEC_PER_SEC);
}

/* RFC 1661 5.5: the data may be anything; some write why they go. */
static void fail_terminated(struct ppp_proxy *p, usec_t now, const struct cp_packet *packet)
{
	const char *text = (const char *)packet->data;
	size_t len = packet->len < TEXT_OF_PEER_MAX ? packet->len : TEXT_OF_PEER_MAX;
	bool readable = len > 0 && utf8_is_name(text, len);

	fail(p, now, L2TP_PPP_CAUSE_NORMAL, "the client ended the connection%s%.*s",
		readable ? ": " : "", readable ? (int)len : 0, text);
}

/* --- what was learned --- */

static uint16_t authen_type(const struct ppp_proxy *p)
{
	/* RFC 2661 4.4.5 */
	if (!p->want_login)
		return 0;
	if (!p->result.has_method)
		return 4;
	return ppp_method_protocol(p->result.method) == PPP_PROTO_PAP ? 3 : 2;
}

static struct l2tp_span span_of(const uint8_t *data, size_t len)
{
	return (struct l2tp_span){ data, (uint16_t)len };
}

static void finish(struct ppp_proxy *p)
{
	const struct lcp *lcp = &p->lcp;
	struct ppp_proxy_result *r = &p->result;
	struct l2tp_proxy *proxy = &r->proxy;

	r->has_method = lcp_method(lcp, &r->method);
	r->mru = lcp->ask_mru ? lcp->mru : PPP_MRU_DEFAULT;
	r->peer_mru = lcp->peer_mru;
	r->send_accm = lcp->peer_accm;
	r->recv_accm = lcp->ask_accm ? lcp->accm_map : LCP_ACCM_DEFAULT;
	r->send_pfc = lcp->peer_pfc;
	r->send_acfc = lcp->peer_acfc;
	r->recv_pfc = lcp->ask_pfc;
	r->recv_acfc = lcp->ask_acfc;
	if (p->initial)
		proxy->initial_lcp = span_of(p->initial, p->initial_len);
	proxy->last_sent_lcp = span_of(lcp->cp.request, lcp->cp.request_len);
	proxy->last_received_lcp = span_of(lcp->cp.agreed, lcp->cp.agreed_len);
	proxy->authen_type = authen_type(p);
	proxy->authen_name = p->login.answer.name;
	proxy->authen_response = p->login.answer.response;
	proxy->authen_id = p->login.answer.id;
	if (proxy->authen_type == 2)
		proxy->authen_challenge = span_of(p->login.challenge, sizeof(p->login.challenge));
	p->has_result = true;
	p->phase = PPP_PHASE_HELD;
	p->setup_deadline = USEC_INFINITY;
	outbox_add(&p->outbox, PPP_EFFECT_DONE);
}

static void login_came(struct ppp_proxy *p, usec_t now, enum login_news news)
{
	switch (news) {
	case LOGIN_NOTHING:
		p->discarded++;
		break;
	case LOGIN_READ:
		finish(p);
		break;
	case LOGIN_TOO_LONG:
		fail(p, now, L2TP_PPP_CAUSE_AUTH_NAME,
			"the client's name is longer than the %d octets that can be told to an LNS",
			LOGIN_NAME_MAX);
		break;
	case LOGIN_SILENCE:
		fail_silent_login(p, now);
		break;
	}
}

/* --- LCP --- */

static void lcp_opened(struct ppp_proxy *p, usec_t now)
{
	enum ppp_method method;

	if (!p->want_login || !lcp_method(&p->lcp, &method)) {
		finish(p);
		return;
	}
	p->phase = PPP_PHASE_LOGIN;
	login_start(&p->login, now, method);
}

/* packet: what brought the news, or NULL */
static void heard(struct ppp_proxy *p, usec_t now, unsigned news, const struct cp_packet *packet)
{
	if (p->phase == PPP_PHASE_CLOSING) {
		if (news & CP_FINISHED)
			finish_closing(p);
		return;
	}
	if (news & CP_HOPELESS)
		fail(p, now, p->lcp.cp.hopeless_cause, "%s", p->lcp.cp.hopeless);
	else if (news & CP_TERMINATED)
		fail_terminated(p, now, packet);
	else if (news & CP_REJECTED)
		fail(p, now, L2TP_PPP_CAUSE_NO_LCP, "the client does not know LCP: it rejects it");
	else if (news & CP_FINISHED)
		fail_silent_lcp(p, now);
	if (p->phase >= PPP_PHASE_CLOSING)
		return;
	if (news & CP_DOWN) {
		/* RFC 1661 3.4: a Configure-Request leads back from the login */
		login_stop(&p->login);
		p->phase = PPP_PHASE_LCP;
	}
	if (news & CP_UP)
		lcp_opened(p, now);
}

static void keep_initial(struct ppp_proxy *p, const struct cp_packet *packet)
{
	if (p->saw_initial || packet->code != CP_CONFREQ || !tlv_valid(packet->data, packet->len))
		return;
	p->saw_initial = true;
	if (packet->len > AVP_VALUE_MAX)
		return;
	p->initial = malloc(packet->len + 1); /* that of no options is told, too */
	if (!p->initial)
		return;
	memcpy(p->initial, packet->data, packet->len);
	p->initial_len = packet->len;
}

static void keep_frame(struct ppp_proxy *p, const uint8_t *frame, size_t len)
{
	frames_put(&p->frames, frame, len);
}

/* The client speaks LCP after DONE: see the head of ppp_proxy.h. */
static void input_held_lcp(struct ppp_proxy *p, usec_t now, const uint8_t *frame, size_t len,
	const struct cp_packet *packet)
{
	if (cp_is_repetition(&p->lcp.cp, packet) || packet->code == CP_TERMREQ ||
		packet->code == LCP_ECHOREQ) {
		heard(p, now, cp_input(&p->lcp.cp, now, frame + 2, len - 2), packet);
		return;
	}
	switch (packet->code) {
	case CP_CONFACK:
	case CP_CONFNAK:
	case CP_CONFREJ:
	case CP_CODEREJ:
	case LCP_PROTREJ:
	case LCP_ECHOREP:
	case LCP_DISCARD:
		p->discarded++;
		return;
	}
	keep_frame(p, frame, len);
}

static void input_lcp(struct ppp_proxy *p, usec_t now, const uint8_t *frame, size_t len)
{
	struct cp_packet packet;

	if (!cp_parse(frame + 2, len - 2, &packet)) {
		p->discarded++;
		return;
	}
	if (p->phase == PPP_PHASE_HELD) {
		input_held_lcp(p, now, frame, len, &packet);
		return;
	}
	keep_initial(p, &packet);
	heard(p, now, cp_input(&p->lcp.cp, now, frame + 2, len - 2), &packet);
	if (p->phase == PPP_PHASE_LOGIN &&
		p->lcp.rejected_protocol == ppp_method_protocol(p->login.method))
		fail(p, now, L2TP_PPP_CAUSE_AUTH_PROTOCOL,
			"the client agreed to %s, and rejects its packets",
			ppp_method_name(p->login.method));
}

/* --- frames --- */

static void input_other(
	struct ppp_proxy *p, usec_t now, uint16_t protocol, const uint8_t *frame, size_t len)
{
	switch (p->phase) {
	case PPP_PHASE_LOGIN:
		if (protocol == PPP_PROTO_PAP || protocol == PPP_PROTO_CHAP)
			login_came(p, now, login_input(&p->login, protocol, frame + 2, len - 2));
		else if (protocol >= PPP_LINK_BASE)
			lcp_reject_protocol(&p->lcp, protocol, frame + 2, len - 2);
		else
			p->discarded++;
		return;
	case PPP_PHASE_HELD:
		keep_frame(p, frame, len);
		return;
	case PPP_PHASE_LCP:
	case PPP_PHASE_HANDED_OVER:
	case PPP_PHASE_CLOSING:
	case PPP_PHASE_CLOSED:
		p->discarded++;
		return;
	}
}

void ppp_proxy_input(struct ppp_proxy *p, usec_t now, const uint8_t *frame, size_t len)
{
	uint16_t protocol = 0;

	if (p->phase == PPP_PHASE_CLOSED)
		return;
	if (len >= 2 && frame[0] == PPP_HDLC_ADDRESS && frame[1] == PPP_HDLC_CONTROL) {
		frame += 2;
		len -= 2;
	}
	/* RFC 1661 2, 6.5: an odd first octet is a protocol of one; none that is ours here */
	if (len >= 2 && !(frame[0] & 1))
		protocol = tlv_get16(frame);
	if (!len || len > FRAME_MAX || (!protocol && !(frame[0] & 1)))
		p->discarded++;
	else if (p->phase == PPP_PHASE_HANDED_OVER)
		keep_frame(p, frame, len);
	else if (protocol == PPP_PROTO_LCP)
		input_lcp(p, now, frame, len);
	else
		input_other(p, now, protocol, frame, len);
}

/* --- time --- */

static usec_t earlier(usec_t a, usec_t b)
{
	return a < b ? a : b;
}

usec_t ppp_proxy_next_timeout(const struct ppp_proxy *p)
{
	return earlier(p->lcp.cp.deadline, earlier(p->login.deadline, p->setup_deadline));
}

static void setup_is_over(struct ppp_proxy *p, usec_t now)
{
	unsigned seconds = (unsigned)(p->setup_timeout / USEC_PER_SEC);

	if (p->phase == PPP_PHASE_LOGIN)
		fail(p, now, L2TP_PPP_CAUSE_AUTH_TIMEOUT,
			"the client has not logged in within %u s", seconds);
	else
		fail(p, now, L2TP_PPP_CAUSE_LCP_TIMEOUT, "LCP came to no agreement within %u s",
			seconds);
}

void ppp_proxy_timeout(struct ppp_proxy *p, usec_t now)
{
	enum login_news news;

	heard(p, now, cp_timeout(&p->lcp.cp, now), NULL);
	news = login_timeout(&p->login, now);
	if (news != LOGIN_NOTHING)
		login_came(p, now, news);
	if (now >= p->setup_deadline)
		setup_is_over(p, now);
}

/* --- the rest --- */

struct ppp_proxy *ppp_proxy_new(
	const struct l2tp_env *env, const struct ppp_proxy_params *params, usec_t now)
{
	static const struct cp_limits default_limits = CP_LIMITS_DEFAULT;
	const struct cp_limits *limits = params->limits.restart ? &params->limits : &default_limits;
	struct ppp_proxy *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	outbox_init(&p->outbox);
	frames_init(&p->frames, params->max_frames ? params->max_frames : MAX_FRAMES,
		params->max_octets ? params->max_octets : MAX_OCTETS);
	p->name = strdup(params->name ? params->name : "");
	if (!p->name) {
		ppp_proxy_free(p);
		return NULL;
	}
	p->want_login = params->login;
	p->setup_timeout = params->setup_timeout ? params->setup_timeout : SETUP_TIMEOUT;
	p->setup_deadline = now + p->setup_timeout;
	lcp_init(&p->lcp, &params->lcp, env, limits, &p->outbox);
	login_init(&p->login, p->name, env, limits, &p->outbox);
	cp_order(&p->lcp.cp, now, AUT_EV_OPEN);
	cp_order(&p->lcp.cp, now, AUT_EV_UP);
	return p;
}

void ppp_proxy_free(struct ppp_proxy *p)
{
	if (!p)
		return;
	outbox_free(&p->outbox);
	frames_free(&p->frames);
	login_clear(&p->login);
	free(p->initial);
	free(p->name);
	free(p);
}

const struct ppp_effect *ppp_proxy_next_effect(struct ppp_proxy *p)
{
	return outbox_next(&p->outbox);
}

const struct ppp_proxy_result *ppp_proxy_result(const struct ppp_proxy *p)
{
	return p->has_result ? &p->result : NULL;
}

bool ppp_proxy_hand_over(struct ppp_proxy *p)
{
	if (p->phase != PPP_PHASE_HELD)
		return false;
	p->phase = PPP_PHASE_HANDED_OVER;
	return true;
}

const struct ppp_frame *ppp_proxy_next_frame(struct ppp_proxy *p)
{
	return frames_take(&p->frames);
}

void ppp_proxy_close(struct ppp_proxy *p, usec_t now, enum l2tp_ppp_cause cause, const char *text)
{
	fail(p, now, cause, "%s", text);
}

void ppp_proxy_refuse(struct ppp_proxy *p, usec_t now, const char *message)
{
	if (p->phase == PPP_PHASE_HELD && p->result.proxy.authen_response.data)
		login_refuse(&p->login, message);
	fail(p, now, L2TP_PPP_CAUSE_AUTH_FAILED, "login refused: %s", message);
}

void ppp_proxy_info(const struct ppp_proxy *p, struct ppp_proxy_info *ret)
{
	*ret = (struct ppp_proxy_info){
		.phase = p->phase,
		.lcp = p->lcp.cp.state,
		.queued = p->frames.count,
		.lost = p->frames.lost,
		.discarded = p->discarded + p->lcp.cp.discarded,
	};
	ret->has_method = lcp_method(&p->lcp, &ret->method);
}
