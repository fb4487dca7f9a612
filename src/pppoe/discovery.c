/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "discovery.h"

#include <errno.h>
#include <stdlib.h>

#include "ac_config.h"
#include "answers.h"
#include "cookie.h"
#include "ports.h"
#include "table.h"

#define MTU_OVERHEAD 8 /* of PPPoE, 6, and the PPP protocol, 2 */

struct effect_node {
	STAILQ_ENTRY(effect_node) link;
	struct pppoe_effect effect;
	uint8_t bytes[];
};

struct pppoe_ac {
	struct pppoe_config *config; /* a copy with all its strings */
	struct pppoe_cookie_key key;
	struct pppoe_table sessions;
	struct pppoe_ports ports;
	struct limit_rate refusals;
	struct limit_holds holds;
	struct pppoe_stats stats;
	STAILQ_HEAD(, effect_node) effects;
	struct effect_node *current; /* the one the caller is looking at */
};

static uint16_t port_max_payload(const struct pppoe_ac *ac, const struct pppoe_port *port)
{
	unsigned most = port->mtu > MTU_OVERHEAD ? port->mtu - MTU_OVERHEAD : 0;

	return (uint16_t)(most < ac->config->max_payload ? most : ac->config->max_payload);
}

/* --- effects ------------------------------------------------------------------------- */

/* Never NULL: a call nobody hears of is one nobody ends. */
static struct effect_node *add_effect(struct pppoe_ac *ac, enum pppoe_effect_type type,
	unsigned port, const struct pppoe_session *session, size_t extra)
{
	struct effect_node *node = malloc(sizeof(*node) + extra);

	if (!node)
		abort();
	node->effect = (struct pppoe_effect){
		.type = type,
		.port = port,
		.sid = session ? session->sid : 0,
		.owner = session ? session->owner : 0,
	};
	STAILQ_INSERT_TAIL(&ac->effects, node, link);
	return node;
}

static void send_frame(struct pppoe_ac *ac, const struct pppoe_port *port,
	const struct pppoe_session *session, struct buf_wr *wr)
{
	int len = pppoe_end(wr);
	struct effect_node *node;

	/* tags that come back may leave no room for ours: there is no answer to that */
	if (len < 0)
		return;
	node = add_effect(ac, PPPOE_EFFECT_SEND, port->number, session, (size_t)len);
	memcpy(node->bytes, wr->data, (size_t)len);
	node->effect.send.data = node->bytes;
	node->effect.send.len = (size_t)len;
	node->effect.send.code = (enum pppoe_code)wr->data[15];
}

const struct pppoe_effect *pppoe_ac_next_effect(struct pppoe_ac *ac)
{
	free(ac->current);
	ac->current = STAILQ_FIRST(&ac->effects);
	if (!ac->current)
		return NULL;
	STAILQ_REMOVE_HEAD(&ac->effects, link);
	return &ac->current->effect;
}

/* --- frames we send ------------------------------------------------------------------ */

/* RFC 4638 4: what both can do; without the tag, or below 1492, there is nothing to agree on. */
static uint16_t agreed_payload(
	const struct pppoe_ac *ac, const struct pppoe_port *port, const struct pppoe_frame *frame)
{
	uint16_t ours = port_max_payload(ac, port);
	uint16_t most = frame->max_payload < ours ? frame->max_payload : ours;

	return most > PPPOE_PAYLOAD_STD ? most : PPPOE_PAYLOAD_STD;
}

static void send_pado(struct pppoe_ac *ac, usec_t now, const struct pppoe_port *port,
	const struct pppoe_frame *padi)
{
	uint8_t buf[PPPOE_FRAME_MAX], cookie[PPPOE_COOKIE_LEN];
	struct buf_wr wr;

	pppoe_cookie_make(&ac->key, port->number, padi->src, now, cookie);
	buf_wr_init(&wr, buf, sizeof(buf));
	answer_pado(&wr, ac->config, port->mac, padi, (struct l2tp_span){ cookie, sizeof(cookie) },
		agreed_payload(ac, port, padi));
	ac->stats.pado++;
	send_frame(ac, port, NULL, &wr);
}

static void send_pads(
	struct pppoe_ac *ac, const struct pppoe_port *port, const struct pppoe_session *session)
{
	uint8_t buf[PPPOE_FRAME_MAX];
	struct buf_wr wr;

	buf_wr_init(&wr, buf, sizeof(buf));
	answer_pads(&wr, ac->config, port->mac, session);
	ac->stats.pads++;
	send_frame(ac, port, session, &wr);
}

/*
 * PADS with an error. Clients repeat their PADR at once, so the next of this one is not heard for a
 * moment, and there are not more a second than some.
 */
static void refuse(struct pppoe_ac *ac, usec_t now, const struct pppoe_port *port,
	const struct answer_request *request, enum pppoe_tag error, const char *text)
{
	uint8_t buf[PPPOE_FRAME_MAX];
	struct buf_wr wr;

	limit_hold(&ac->holds, pppoe_table_hash(&ac->sessions, port->number, request->mac),
		now + ac->config->refusal_hold);
	if (!limit_rate_take(&ac->refusals, now, ac->config->refusal_rate)) {
		ac->stats.held++;
		return;
	}
	buf_wr_init(&wr, buf, sizeof(buf));
	answer_refusal(&wr, ac->config, port->mac, request, error, text);
	ac->stats.refused++;
	send_frame(ac, port, NULL, &wr);
}

static void send_padt(struct pppoe_ac *ac, const struct pppoe_port *port,
	const struct pppoe_session *session, const char *text)
{
	uint8_t buf[PPPOE_FRAME_MAX];
	struct buf_wr wr;

	buf_wr_init(&wr, buf, sizeof(buf));
	answer_padt(&wr, ac->config, port->mac, session, text);
	ac->stats.padt_sent++;
	send_frame(ac, port, session, &wr);
}

/* --- sessions ------------------------------------------------------------------------ */

static void set_up(struct pppoe_ac *ac, usec_t now, struct pppoe_session *session)
{
	session->state = PPPOE_UP;
	session->since = now;
	ac->stats.pending--;
}

static void forget(struct pppoe_ac *ac, struct pppoe_session *session)
{
	ac->stats.pending -= session->state == PPPOE_PENDING;
	pppoe_table_remove(&ac->sessions, session);
	ac->stats.sessions = ac->sessions.count;
}

/* Not by the caller's order. */
static void end_session(struct pppoe_ac *ac, struct pppoe_session *session, enum pppoe_end why,
	struct l2tp_span text)
{
	struct effect_node *node = add_effect(
		ac, PPPOE_EFFECT_CALL_END, session->port, session, text.data ? text.len : 0);

	node->effect.end.why = why;
	node->effect.end.text = text;
	if (text.data) {
		memcpy(node->bytes, text.data, text.len);
		node->effect.end.text.data = node->bytes;
	}
	forget(ac, session);
}

/* RFC 2516 Appendix A: Host-Uniq tells the requests of a host apart; without it there is one. */
static bool is_same_host(const struct pppoe_session *session, const struct pppoe_frame *padr)
{
	return pppoe_same(session->host_uniq, padr->host_uniq);
}

/* The session that this PADR, which came again, has made. */
static struct pppoe_session *find_repeated(
	const struct pppoe_ac *ac, const struct pppoe_port *port, const struct pppoe_frame *padr)
{
	struct pppoe_session *session = NULL;

	while ((session = pppoe_table_next_of(&ac->sessions, port->number, padr->src, session)))
		if (is_same_host(session, padr) &&
			(session->state == PPPOE_PENDING ||
				pppoe_same(session->cookie, padr->cookie)))
			return session;
	return NULL;
}

/* The session that the sender of this PADR had before it began anew. */
static struct pppoe_session *find_lost(
	const struct pppoe_ac *ac, const struct pppoe_port *port, const struct pppoe_frame *padr)
{
	struct pppoe_session *session = NULL;

	while ((session = pppoe_table_next_of(&ac->sessions, port->number, padr->src, session)))
		if (padr->host_uniq.data && is_same_host(session, padr))
			return session;
	return NULL;
}

/* How many calls an address has at a port, and which began first; NULL: none. */
static unsigned count_calls(const struct pppoe_ac *ac, const struct pppoe_port *port,
	const uint8_t mac[static PPPOE_MAC_LEN], struct pppoe_session **ret_oldest)
{
	struct pppoe_session *session = NULL, *oldest = NULL;
	unsigned count = 0;

	while ((session = pppoe_table_next_of(&ac->sessions, port->number, mac, session))) {
		count++;
		if (!oldest || session->serial < oldest->serial)
			oldest = session;
	}
	*ret_oldest = oldest;
	return count;
}

static void replace(
	struct pppoe_ac *ac, const struct pppoe_port *port, struct pppoe_session *session)
{
	if (session->state == PPPOE_UP)
		send_padt(ac, port, session, "replaced by a new call of the same address");
	end_session(ac, session, PPPOE_END_REPLACED, (struct l2tp_span){ 0 });
}

/* --- frames that arrive -------------------------------------------------------------- */

static bool serves(const struct pppoe_ac *ac, const struct pppoe_frame *frame)
{
	/* RFC 2516 Appendix A: without a name any service will do */
	if (ac->config->any_service || !frame->service.len)
		return true;
	for (size_t i = 0; i < ac->config->service_count; i++)
		if (pppoe_same(pppoe_text(ac->config->services[i]), frame->service))
			return true;
	return false;
}

/* A client may ask for one access concentrator by name. */
static bool is_called(const struct pppoe_ac *ac, const struct pppoe_frame *frame)
{
	return !frame->ac_name.data || pppoe_same(pppoe_text(ac->config->ac_name), frame->ac_name);
}

static bool is_full(const struct pppoe_ac *ac)
{
	return ac->sessions.count >= ac->config->max_sessions;
}

static bool is_held(struct pppoe_ac *ac, usec_t now, const struct pppoe_port *port,
	const struct pppoe_frame *frame)
{
	uint64_t key = pppoe_table_hash(&ac->sessions, port->number, frame->src);

	if (!limit_is_held(&ac->holds, key, now))
		return false;
	ac->stats.held++;
	return true;
}

static void input_padi(
	struct pppoe_ac *ac, usec_t now, struct pppoe_port *port, const struct pppoe_frame *padi)
{
	ac->stats.padi++;
	/* RFC 2516 5.2: what cannot be served is not answered */
	if (padi->sid || !serves(ac, padi) || !is_called(ac, padi) || ac->config->closed ||
		is_full(ac)) {
		ac->stats.not_for_us++;
		return;
	}
	if (is_held(ac, now, port, padi))
		return;
	if (!limit_rate_take(&port->padis, now, ac->config->padi_rate)) {
		ac->stats.padi_limited++;
		return;
	}
	send_pado(ac, now, port, padi);
}

/* Why a PADR is refused, or NULL. Makes room if that is allowed. */
static const char *find_fault(struct pppoe_ac *ac, const struct pppoe_port *port,
	const struct pppoe_frame *padr, enum pppoe_tag *ret_error)
{
	struct pppoe_session *old = find_lost(ac, port, padr);

	*ret_error = PPPOE_TAG_AC_SYSTEM_ERROR;
	if (!is_called(ac, padr))
		return "no access concentrator of that name here";
	if (!serves(ac, padr)) {
		*ret_error = PPPOE_TAG_SERVICE_NAME_ERROR;
		return "no such service here";
	}
	if (ac->config->closed)
		return "no new calls at the moment";
	if (old && ac->config->replace)
		replace(ac, port, old);
	if (count_calls(ac, port, padr->src, &old) >= ac->config->max_sessions_per_mac) {
		if (!ac->config->replace)
			return "this address has as many calls as it may";
		replace(ac, port, old);
	}
	return is_full(ac) ? "too many calls" : NULL;
}

static void request_call(struct pppoe_ac *ac, usec_t now, const struct pppoe_port *port,
	const struct pppoe_frame *padr)
{
	const struct answer_request request = { padr->src, padr->service, padr->host_uniq,
		padr->relay_id };
	struct pppoe_session *session = find_repeated(ac, port, padr);
	enum pppoe_tag error;
	const char *fault;

	if (session) {
		ac->stats.repeated++;
		if (session->state == PPPOE_UP)
			send_pads(ac, port, session);
		return;
	}
	if (is_held(ac, now, port, padr))
		return;
	fault = find_fault(ac, port, padr, &error);
	if (!fault && pppoe_table_add(&ac->sessions, port->number, padr, now, &session) < 0)
		fault = "out of memory";
	if (fault) {
		refuse(ac, now, port, &request, error, fault);
		return;
	}
	session->max_payload = agreed_payload(ac, port, padr);
	ac->stats.sessions = ac->sessions.count;
	ac->stats.pending++;
	add_effect(ac, PPPOE_EFFECT_CALL_WANTED, port->number, session, 0);
}

static void input_padr(struct pppoe_ac *ac, usec_t now, const struct pppoe_port *port,
	const struct pppoe_frame *padr)
{
	ac->stats.padr++;
	if (padr->sid || !pppoe_cookie_check(&ac->key, port->number, padr->src, now,
				 ac->config->cookie_life, padr->cookie))
		ac->stats.bad_cookie++;
	else
		request_call(ac, now, port, padr);
}

static void input_padt(
	struct pppoe_ac *ac, const struct pppoe_port *port, const struct pppoe_frame *padt)
{
	struct pppoe_session *session = pppoe_table_get(&ac->sessions, padt->sid);

	ac->stats.padt_received++;
	/* RFC 2516 4: a session is its id and both addresses */
	if (session && session->port == port->number &&
		memcmp(session->mac, padt->src, PPPOE_MAC_LEN) == 0)
		end_session(ac, session, PPPOE_END_PADT, padt->error_text);
}

/* It can be answered, and to one station only: not to a group, nobody, or ourselves. */
static bool is_possible(const struct pppoe_port *port, const struct pppoe_frame *frame)
{
	static const uint8_t nobody[PPPOE_MAC_LEN];

	return !(frame->src[0] & 1) && memcmp(frame->src, nobody, PPPOE_MAC_LEN) != 0 &&
	       memcmp(frame->src, port->mac, PPPOE_MAC_LEN) != 0;
}

void pppoe_ac_input(
	struct pppoe_ac *ac, usec_t now, unsigned number, const uint8_t *data, size_t len)
{
	struct pppoe_port *port = pppoe_ports_find(&ac->ports, number);
	struct pppoe_frame frame;
	bool to_us;

	if (!port)
		return;
	if (pppoe_parse(data, len, &frame) < 0 || !is_possible(port, &frame)) {
		ac->stats.malformed++;
		return;
	}
	to_us = memcmp(frame.dst, port->mac, PPPOE_MAC_LEN) == 0;
	if (frame.code == PPPOE_PADI)
		input_padi(ac, now, port, &frame);
	else if (frame.code == PPPOE_PADR && to_us)
		input_padr(ac, now, port, &frame);
	else if (frame.code == PPPOE_PADT && to_us)
		input_padt(ac, port, &frame);
	else
		ac->stats.not_for_us++;
}

/* --- orders -------------------------------------------------------------------------- */

void pppoe_ac_own(struct pppoe_ac *ac, uint16_t sid, uint64_t owner)
{
	struct pppoe_session *session = pppoe_table_get(&ac->sessions, sid);

	if (session)
		session->owner = owner;
}

void pppoe_ac_accept(struct pppoe_ac *ac, usec_t now, uint16_t sid)
{
	struct pppoe_session *session = pppoe_table_get(&ac->sessions, sid);

	if (!session || session->state == PPPOE_UP)
		return;
	set_up(ac, now, session);
	send_pads(ac, pppoe_ports_find(&ac->ports, session->port), session);
}

void pppoe_ac_close(
	struct pppoe_ac *ac, usec_t now, uint16_t sid, enum pppoe_tag error, const char *text)
{
	struct pppoe_session *session = pppoe_table_get(&ac->sessions, sid);
	const struct pppoe_port *port;

	if (!session)
		return;
	port = pppoe_ports_find(&ac->ports, session->port);
	if (session->state == PPPOE_UP) {
		send_padt(ac, port, session, text);
	} else {
		const struct answer_request request = { session->mac, session->service,
			session->host_uniq, session->relay_id };

		refuse(ac, now, port, &request, error, text);
	}
	forget(ac, session);
}

static void end_port(struct pppoe_ac *ac, unsigned number)
{
	for (uint16_t sid = pppoe_table_next(&ac->sessions, 0); sid;
		sid = pppoe_table_next(&ac->sessions, sid)) {
		struct pppoe_session *session = pppoe_table_get(&ac->sessions, sid);

		if (session->port == number)
			end_session(ac, session, PPPOE_END_PORT, (struct l2tp_span){ 0 });
	}
}

int pppoe_ac_set_port(
	struct pppoe_ac *ac, unsigned number, const uint8_t mac[static PPPOE_MAC_LEN], unsigned mtu)
{
	struct pppoe_port *port = pppoe_ports_find(&ac->ports, number);

	if (!port)
		port = pppoe_ports_add(&ac->ports, number);
	else if (memcmp(port->mac, mac, PPPOE_MAC_LEN) != 0)
		end_port(ac, number);
	if (!port)
		return -ENOMEM;
	memcpy(port->mac, mac, PPPOE_MAC_LEN);
	port->mtu = mtu;
	return 0;
}

void pppoe_ac_remove_port(struct pppoe_ac *ac, unsigned number)
{
	if (!pppoe_ports_find(&ac->ports, number))
		return;
	end_port(ac, number);
	pppoe_ports_remove(&ac->ports, number);
}

/* --- the whole ----------------------------------------------------------------------- */

struct pppoe_ac *pppoe_ac_new(
	const struct pppoe_config *config, const uint8_t seed[static PPPOE_SEED_LEN])
{
	struct pppoe_ac *ac = calloc(1, sizeof(*ac));
	uint64_t number;

	if (!ac)
		return NULL;
	STAILQ_INIT(&ac->effects);
	pppoe_cookie_init(&ac->key, seed);
	memcpy(&number, seed + PPPOE_KEY_LEN, sizeof(number));
	ac->config = pppoe_config_copy(config);
	if (!ac->config || pppoe_table_init(&ac->sessions, number) < 0) {
		pppoe_config_free(ac->config);
		free(ac);
		return NULL;
	}
	return ac;
}

void pppoe_ac_free(struct pppoe_ac *ac)
{
	if (!ac)
		return;
	while (pppoe_ac_next_effect(ac))
		;
	pppoe_table_free(&ac->sessions);
	pppoe_config_free(ac->config);
	pppoe_ports_free(&ac->ports);
	free(ac);
}

int pppoe_ac_configure(struct pppoe_ac *ac, const struct pppoe_config *config)
{
	struct pppoe_config *copy = pppoe_config_copy(config);

	if (!copy)
		return -ENOMEM;
	pppoe_config_free(ac->config);
	ac->config = copy;
	return 0;
}

void pppoe_ac_set_closed(struct pppoe_ac *ac, bool closed)
{
	ac->config->closed = closed;
}

bool pppoe_ac_info(const struct pppoe_ac *ac, uint16_t sid, struct pppoe_info *ret)
{
	const struct pppoe_session *session = pppoe_table_get(&ac->sessions, sid);

	if (!session)
		return false;
	*ret = (struct pppoe_info){
		.port = session->port,
		.sid = sid,
		.up = session->state == PPPOE_UP,
		.service = session->service,
		.max_payload = session->max_payload,
		.line = session->line.present ? &session->line : NULL,
		.since = session->since,
		.owner = session->owner,
	};
	memcpy(ret->mac, session->mac, PPPOE_MAC_LEN);
	return true;
}

uint16_t pppoe_ac_next(const struct pppoe_ac *ac, uint16_t sid)
{
	return pppoe_table_next(&ac->sessions, sid);
}

void pppoe_ac_stats(const struct pppoe_ac *ac, struct pppoe_stats *ret)
{
	*ret = ac->stats;
}
