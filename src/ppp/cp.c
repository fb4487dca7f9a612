/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cp.h"

#include <string.h>

#include "negotiate.h"
#include "numbers.h"

bool cp_parse(const uint8_t *data, size_t len, struct cp_packet *ret)
{
	size_t length;

	if (len < PPP_HDR_LEN)
		return false;
	length = tlv_get16(data + 2);
	if (length < PPP_HDR_LEN || length > len)
		return false;
	*ret = (struct cp_packet){
		.code = data[0],
		.id = data[1],
		.data = data + PPP_HDR_LEN,
		.len = length - PPP_HDR_LEN,
	};
	return true;
}

void cp_init(struct cp *cp, const struct cp_kind *kind, const struct cp_limits *limits,
	struct outbox *outbox, uint8_t first_id)
{
	*cp = (struct cp){
		.kind = kind,
		.limits = *limits,
		.outbox = outbox,
		.deadline = USEC_INFINITY,
		.next_id = first_id,
	};
}

void cp_send(struct cp *cp, uint8_t code, const void *data, size_t len)
{
	outbox_packet(cp->outbox, cp->kind->protocol, code, cp->next_id++, data, len);
}

/*
 * RFC 1661 5.1: the Identifier changes with the options, which only a reply changes, and after a
 * valid reply. As long as it stays, a reply that was slow is good for a later copy, too.
 */
static void send_request(struct cp *cp)
{
	if (!cp->unanswered) {
		cp->request_len = negotiate_request(cp, cp->request);
		cp->request_id = cp->next_id++;
		cp->unanswered = true;
	}
	outbox_packet(cp->outbox, cp->kind->protocol, CP_CONFREQ, cp->request_id, cp->request,
		cp->request_len);
	if (cp->restart_count)
		cp->restart_count--;
}

static void send_terminate(struct cp *cp)
{
	cp_send(cp, CP_TERMREQ, cp->goodbye, cp->goodbye ? strlen(cp->goodbye) : 0);
	if (cp->restart_count)
		cp->restart_count--;
}

/* RFC 1661 5.6: the packet from its code on, cut to what the peer can take at least. */
static void send_code_reject(struct cp *cp, const struct cp_packet *packet)
{
	size_t len = PPP_HDR_LEN + packet->len;

	if (len > PPP_MRU_DEFAULT - PPP_HDR_LEN)
		len = PPP_MRU_DEFAULT - PPP_HDR_LEN;
	cp_send(cp, CP_CODEREJ, packet->data - PPP_HDR_LEN, len);
}

static void send_answer(
	struct cp *cp, const struct cp_packet *packet, const struct negotiate_answer *answer)
{
	outbox_packet(cp->outbox, cp->kind->protocol, answer->code, packet->id, answer->body,
		answer->len);
	if (answer->code == CP_CONFNAK)
		cp->naks_sent++;
	if (answer->code != CP_CONFACK)
		return;
	cp->naks_sent = 0;
	cp->agreed_id = packet->id;
	negotiate_agree(cp, packet->data, packet->len);
}

/* Carry out what a step wants, in the order of enum automaton_action. */
static unsigned carry_out(struct cp *cp, usec_t now, unsigned actions,
	const struct cp_packet *packet, const struct negotiate_answer *answer)
{
	if (actions & AUT_IRC)
		cp->restart_count =
			actions & AUT_STR ? cp->limits.max_terminate : cp->limits.max_configure;
	if (actions & AUT_ZRC)
		cp->restart_count = 0;
	if (actions & AUT_SCR)
		send_request(cp);
	if (actions & AUT_STR)
		send_terminate(cp);
	if (actions & (AUT_SCA | AUT_SCN))
		send_answer(cp, packet, answer);
	if (actions & AUT_STA)
		outbox_packet(cp->outbox, cp->kind->protocol, CP_TERMACK, packet->id, NULL, 0);
	if (actions & AUT_SCJ)
		send_code_reject(cp, packet);
	if (actions & AUT_SER)
		cp->kind->reply(cp, packet);
	/* RFC 1661 4.1: these three start the timer anew; a state without timeouts stops it */
	if (actions & (AUT_SCR | AUT_STR | AUT_ZRC))
		cp->deadline = now + cp->limits.restart;
	else if (!automaton_timer_runs(cp->state))
		cp->deadline = USEC_INFINITY;
	return (actions & AUT_TLD ? CP_DOWN : 0u) | (actions & AUT_TLU ? CP_UP : 0u) |
	       (actions & AUT_TLF ? CP_FINISHED : 0u);
}

/* packet and answer: what the event is about, or NULL */
static unsigned step(struct cp *cp, usec_t now, enum automaton_event event,
	const struct cp_packet *packet, const struct negotiate_answer *answer)
{
	enum automaton_state from = cp->state;
	unsigned actions;

	if (!automaton_step(&cp->state, event, &actions)) {
		cp->discarded += packet != NULL;
		return 0;
	}
	if (cp->state != from) {
		struct ppp_effect *effect = outbox_add(cp->outbox, PPP_EFFECT_TRACE);

		effect->trace.from = automaton_state_name(from);
		effect->trace.event = automaton_event_name(event);
		effect->trace.to = automaton_state_name(cp->state);
	}
	return carry_out(cp, now, actions, packet, answer);
}

unsigned cp_order(struct cp *cp, usec_t now, enum automaton_event event)
{
	/* nothing is left of a negotiation that the line's end broke off */
	if (event == AUT_EV_UP) {
		cp->naks_sent = cp->naks_received = 0;
		cp->unanswered = false;
	}
	return step(cp, now, event, NULL, NULL);
}

unsigned cp_timeout(struct cp *cp, usec_t now)
{
	if (now < cp->deadline)
		return 0;
	return step(cp, now, cp->restart_count ? AUT_EV_TO_PLUS : AUT_EV_TO_MINUS, NULL, NULL);
}

static unsigned discard(struct cp *cp)
{
	cp->discarded++;
	return 0;
}

bool cp_is_repetition(const struct cp *cp, const struct cp_packet *packet)
{
	return cp->state == AUT_OPENED && packet->code == CP_CONFREQ &&
	       packet->id == cp->agreed_id && packet->len == cp->agreed_len &&
	       memcmp(packet->data, cp->agreed, packet->len) == 0 && cp->kind->is_marked &&
	       cp->kind->is_marked(cp);
}

static unsigned input_request(struct cp *cp, usec_t now, const struct cp_packet *packet)
{
	uint8_t room[PPP_MRU_DEFAULT];
	struct negotiate_answer answer = { .body = room, .size = sizeof(room) };

	/* nobody's request is longer, and the answer would not fit into a packet */
	if (packet->len > sizeof(room) - PPP_HDR_LEN || !tlv_valid(packet->data, packet->len))
		return discard(cp);
	if (cp_is_repetition(cp, packet)) {
		outbox_packet(cp->outbox, cp->kind->protocol, CP_CONFACK, packet->id, packet->data,
			packet->len);
		return 0;
	}
	negotiate_judge(cp, packet->data, packet->len, &answer);
	if (cp->hopeless)
		return CP_HOPELESS;
	return step(cp, now, answer.code == CP_CONFACK ? AUT_EV_RCR_PLUS : AUT_EV_RCR_MINUS, packet,
		&answer);
}

/*
 * RFC 1661 5.2-5.4: a reply is valid if it is to our last request, and once only: what the line
 * doubled must not look like the crossed connection of 4.1.
 */
static unsigned input_reply(struct cp *cp, usec_t now, const struct cp_packet *packet)
{
	if (!cp->unanswered || packet->id != cp->request_id)
		return discard(cp);
	if (packet->code == CP_CONFACK) {
		if (packet->len != cp->request_len ||
			memcmp(packet->data, cp->request, packet->len) != 0)
			return discard(cp);
		cp->unanswered = false;
		cp->naks_received = 0;
		return step(cp, now, AUT_EV_RCA, packet, NULL);
	}
	/* one that names nothing would have us ask the same again at once, for ever */
	if (!packet->len || !tlv_valid(packet->data, packet->len))
		return discard(cp);
	if (packet->code == CP_CONFREJ && !negotiate_is_subset(cp, packet->data, packet->len))
		return discard(cp);
	cp->unanswered = false;
	negotiate_refused(cp, packet->code, packet->data, packet->len);
	if (cp->hopeless)
		return CP_HOPELESS;
	return step(cp, now, AUT_EV_RCN, packet, NULL);
}

/* RFC 1661 4.3: what all have cannot be done without; the rest can. */
static unsigned input_code_reject(struct cp *cp, usec_t now, const struct cp_packet *packet)
{
	if (!packet->len)
		return discard(cp);
	if (packet->data[0] < CP_CONFREQ || packet->data[0] > CP_CODEREJ)
		return step(cp, now, AUT_EV_RXJ_PLUS, packet, NULL);
	return step(cp, now, AUT_EV_RXJ_MINUS, packet, NULL) | CP_REJECTED;
}

static unsigned input_extra(struct cp *cp, usec_t now, const struct cp_packet *packet)
{
	int event = cp->kind->extra ? cp->kind->extra(cp, packet) : AUT_EV_RUC;

	if (event < 0)
		return discard(cp);
	return step(cp, now, (enum automaton_event)event, packet, NULL) |
	       (event == AUT_EV_RXJ_MINUS ? CP_REJECTED : 0u);
}

unsigned cp_input(struct cp *cp, usec_t now, const uint8_t *data, size_t len)
{
	struct cp_packet packet;

	if (!cp_parse(data, len, &packet))
		return discard(cp);
	switch (packet.code) {
	case CP_CONFREQ:
		return input_request(cp, now, &packet);
	case CP_CONFACK:
	case CP_CONFNAK:
	case CP_CONFREJ:
		return input_reply(cp, now, &packet);
	case CP_TERMREQ:
		return step(cp, now, AUT_EV_RTR, &packet, NULL) | CP_TERMINATED;
	case CP_TERMACK:
		return step(cp, now, AUT_EV_RTA, &packet, NULL);
	case CP_CODEREJ:
		return input_code_reject(cp, now, &packet);
	}
	return input_extra(cp, now, &packet);
}
