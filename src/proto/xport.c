/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "xport.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <l2tp/msg.h>

/* RFC 2661 5.8: the last received number and the 32767 before it are the past */
#define HALF_WINDOW 32768u

/* With two messages unacknowledged a peer in slow start may be waiting for us. */
#define ACK_EVERY 2u

/* How far a lies ahead of b, modulo 65536. */
static uint16_t ahead(uint16_t a, uint16_t b)
{
	return (uint16_t)(a - b);
}

static usec_t interval(const struct xport_params *params, unsigned backoff)
{
	usec_t wait = params->retransmit;

	while (backoff-- && wait < params->retransmit_cap)
		wait *= 2;
	return wait < params->retransmit_cap ? wait : params->retransmit_cap;
}

usec_t xport_cycle(const struct xport_params *params)
{
	usec_t sum = 0;

	for (unsigned i = 0; i <= params->max_retransmits; i++)
		sum += interval(params, i);
	return sum;
}

void xport_init(struct xport *x, const struct xport_params *params)
{
	*x = (struct xport){
		.params = *params,
		.peer_window = L2TP_DEFAULT_RWS,
		.cwnd = 1, /* RFC 2661 appendix A */
		.ssthresh = L2TP_DEFAULT_RWS,
		.retransmit_at = USEC_INFINITY,
		.ack_at = USEC_INFINITY,
	};
	if (x->params.retransmit_cap < x->params.retransmit)
		x->params.retransmit_cap = x->params.retransmit;
	STAILQ_INIT(&x->queue);
	STAILQ_INIT(&x->early);
}

void xport_free(struct xport *x)
{
	struct xport_early *early;

	xport_purge(x);
	while ((early = STAILQ_FIRST(&x->early))) {
		STAILQ_REMOVE_HEAD(&x->early, link);
		free(early);
	}
}

void xport_set_peer_window(struct xport *x, uint16_t window)
{
	assert(window);
	x->peer_window = window;
	/* RFC 2661 appendix A: SSTHRESH starts at the advertised window, CWND never exceeds it */
	x->ssthresh = window;
	if (x->cwnd > window)
		x->cwnd = window;
}

static void owe_ack(struct xport *x, bool now)
{
	x->ack_due = true;
	x->ack_now |= now;
}

void xport_adopt(struct xport *x)
{
	x->nr = 1;
	x->unacked_rx = 1;
	owe_ack(x, false);
}

int xport_push(struct xport *x, uint16_t type, const uint8_t *data, size_t len)
{
	struct xport_msg *msg = malloc(sizeof(*msg) + len);

	if (!msg)
		return -ENOMEM;
	*msg = (struct xport_msg){ .type = type, .ns = x->tail++, .len = len };
	memcpy(msg->data, data, len);
	STAILQ_INSERT_TAIL(&x->queue, msg, link);
	x->queued++;
	x->octets += (uint32_t)(sizeof(*msg) + len);
	if (!x->next)
		x->next = msg;
	return 0;
}

/* msg is in the queue no more. */
static void forget(struct xport *x, struct xport_msg *msg)
{
	x->queued--;
	x->octets -= (uint32_t)(sizeof(*msg) + msg->len);
	free(msg);
}

/* Messages from una up to, not including, next: those that count against the window. */
static unsigned in_flight(const struct xport *x)
{
	return x->next ? ahead(x->next->ns, x->una) : ahead(x->tail, x->una);
}

void xport_acked(struct xport *x)
{
	x->ack_due = x->ack_now = false;
	x->unacked_rx = 0;
	x->ack_at = USEC_INFINITY;
}

struct xport_msg *xport_next(struct xport *x, usec_t now)
{
	unsigned window = x->hurry ? x->peer_window : x->cwnd;
	struct xport_msg *msg = x->next;

	if (!msg || in_flight(x) >= window)
		return NULL;
	x->next = STAILQ_NEXT(msg, link);
	if (msg->ns == x->high)
		x->high++;
	if (!msg->sent++)
		msg->sent_at = now;
	/* one timer, for the oldest message */
	if (x->retransmit_at == USEC_INFINITY)
		x->retransmit_at = now + interval(&x->params, x->backoff);
	/* RFC 2661 5.8: a retransmission has the same Ns, but the Nr of now */
	l2tp_header_set_seq(msg->data, msg->ns, x->nr);
	xport_acked(x);
	return msg;
}

void xport_cut(struct xport *x)
{
	STAILQ_HEAD(, xport_msg) keep = STAILQ_HEAD_INITIALIZER(keep);
	struct xport_msg *msg;

	while ((msg = STAILQ_FIRST(&x->queue))) {
		STAILQ_REMOVE_HEAD(&x->queue, link);
		if (msg->sent) {
			STAILQ_INSERT_TAIL(&keep, msg, link);
			continue;
		}
		if (x->next == msg)
			x->next = NULL;
		forget(x, msg);
	}
	STAILQ_CONCAT(&x->queue, &keep);
	x->tail = x->high;
	x->hurry = true;
}

void xport_purge(struct xport *x)
{
	struct xport_msg *msg;

	while ((msg = STAILQ_FIRST(&x->queue))) {
		STAILQ_REMOVE_HEAD(&x->queue, link);
		forget(x, msg);
	}
	x->next = NULL;
	x->una = x->tail = x->high;
	x->retransmit_at = USEC_INFINITY;
	x->backoff = 0;
	x->probes = 0;
}

void xport_resend(struct xport *x)
{
	if (x->una != x->high)
		x->next = STAILQ_FIRST(&x->queue);
}

static void measure(struct xport *x, const struct xport_msg *msg, usec_t now)
{
	usec_t sample;

	/* a message sent twice, or held up by one that was, tells nothing (Karn) */
	if (msg->sent != 1 || x->backoff)
		return;
	sample = now - msg->sent_at;
	if (!sample)
		sample = 1;
	x->rtt = x->rtt ? (7 * x->rtt + sample) / 8 : sample;
}

/* RFC 2661 appendix A: one more for each acknowledgement, later one more for each windowful. */
static void open_window(struct xport *x)
{
	if (x->cwnd >= x->peer_window)
		return;
	if (x->cwnd < x->ssthresh) {
		x->cwnd++;
	} else if (++x->cwnd_acks >= x->cwnd) {
		x->cwnd_acks = 0;
		x->cwnd++;
	}
}

enum ack { ACK_GOOD, ACK_OLD, ACK_BAD };

/*
 * RFC 2661 5.8 has half of all numbers be the past. Of them only those are believed that the
 * network may bring so late: whoever is not on the path and guesses has to hit few instead of
 * 32768.
 */
static enum ack judge_ack(const struct xport *x, uint16_t nr)
{
	unsigned old = x->peer_window > XPORT_OLD_ACKS ? x->peer_window : XPORT_OLD_ACKS;

	if (ahead(nr, x->una) < HALF_WINDOW)
		return ahead(nr, x->una) <= ahead(x->high, x->una) ? ACK_GOOD : ACK_BAD;
	return ahead(x->una, nr) <= old ? ACK_GOOD : ACK_OLD;
}

static void take_ack(struct xport *x, usec_t now, uint16_t nr)
{
	uint16_t count = ahead(nr, x->una);

	if (!count || count >= HALF_WINDOW)
		return; /* nothing new, or it was overtaken */
	while (count--) {
		struct xport_msg *msg = STAILQ_FIRST(&x->queue);

		measure(x, msg, now);
		STAILQ_REMOVE_HEAD(&x->queue, link);
		if (x->next == msg)
			x->next = STAILQ_FIRST(&x->queue);
		forget(x, msg);
	}
	x->una = nr;
	x->backoff = 0;
	x->probes = 0;
	open_window(x);
	x->retransmit_at =
		x->una == x->high ? USEC_INFINITY : now + interval(&x->params, x->backoff);
}

enum xport_rx xport_receive(struct xport *x, usec_t now, uint16_t ns, uint16_t nr, bool zlb)
{
	uint16_t distance = ahead(ns, x->nr);
	bool past = distance >= HALF_WINDOW;
	enum ack ack = judge_ack(x, nr);

	if (ack == ACK_BAD)
		return XPORT_RX_BAD_ACK;
	if (!zlb && past) {
		/*
		 * RFC 2661 5.8: duplicates MUST be acknowledged; our last one may be lost. There
		 * are peers that repeat a message with the Nr that it had.
		 */
		if (ack == ACK_GOOD)
			take_ack(x, now, nr);
		owe_ack(x, true);
		return XPORT_RX_DUPLICATE;
	}
	if (ack == ACK_OLD)
		return XPORT_RX_OLD_ACK;
	if (!zlb && distance >= x->params.receive_window)
		return XPORT_RX_WINDOW;
	take_ack(x, now, nr);
	if (zlb)
		return XPORT_RX_ZLB;
	if (distance)
		return XPORT_RX_EARLY;
	x->nr++;
	x->unacked_rx++;
	owe_ack(x, false);
	return XPORT_RX_DELIVER;
}

void xport_store(
	struct xport *x, uint16_t ns, const struct l2tp_path *path, const uint8_t *data, size_t len)
{
	struct xport_early *early, *before = NULL, *it;

	if (len > XPORT_EARLY_MAX_LEN)
		return;
	STAILQ_FOREACH(it, &x->early, link)
	{
		if (it->ns == ns)
			return;
		if (ahead(it->ns, x->nr) > ahead(ns, x->nr))
			break;
		before = it;
	}
	early = malloc(sizeof(*early) + len);
	if (!early)
		return;
	*early = (struct xport_early){ .ns = ns, .len = len, .path = *path };
	memcpy(early->data, data, len);
	if (before)
		STAILQ_INSERT_AFTER(&x->early, before, early, link);
	else
		STAILQ_INSERT_HEAD(&x->early, early, link);
}

struct xport_early *xport_take(struct xport *x)
{
	struct xport_early *early = STAILQ_FIRST(&x->early);

	if (!early || early->ns != x->nr)
		return NULL;
	STAILQ_REMOVE_HEAD(&x->early, link);
	x->nr++;
	x->unacked_rx++;
	owe_ack(x, false);
	return early;
}

bool xport_wants_zlb(struct xport *x, usec_t now, bool reply_follows)
{
	if (!x->ack_due)
		return false;
	if (x->ack_now || x->unacked_rx >= ACK_EVERY || !reply_follows || now >= x->ack_at)
		return true;
	if (x->ack_at == USEC_INFINITY)
		x->ack_at = now + x->params.ack_delay;
	return false;
}

usec_t xport_deadline(const struct xport *x)
{
	return x->ack_at < x->retransmit_at ? x->ack_at : x->retransmit_at;
}

/* The oldest message, and wait so long for its acknowledgement. */
static void send_again(struct xport *x, usec_t now, usec_t wait)
{
	x->retransmit_at = now + wait;
	/* RFC 2661 appendix A */
	x->ssthresh = x->cwnd > 2 ? x->cwnd / 2 : 1;
	x->cwnd = 1;
	x->cwnd_acks = 0;
	x->hurry = false;
	/*
	 * Only the oldest is sent again now. What followed it may be lost too: unless its answer
	 * acknowledges the rest (the peer kept it), slow start sends that again, not a timer each.
	 */
	x->next = STAILQ_FIRST(&x->queue);
}

enum xport_event xport_timeout(struct xport *x, usec_t now)
{
	if (now < x->retransmit_at)
		return XPORT_ALIVE;
	if (x->probes ? !--x->probes : x->backoff >= x->params.max_retransmits) {
		x->retransmit_at = USEC_INFINITY;
		return XPORT_DEAD;
	}
	if (!x->probes)
		x->backoff++;
	send_again(x, now, x->probes ? x->probe_wait : interval(&x->params, x->backoff));
	return XPORT_ALIVE;
}

void xport_probe(struct xport *x, usec_t now, usec_t wait, unsigned times)
{
	const struct xport_msg *oldest = STAILQ_FIRST(&x->queue);

	x->probes = times;
	x->probe_wait = (uint32_t)wait;
	if (oldest->sent == 1 && oldest->sent_at == now)
		x->retransmit_at = now + wait; /* it is on its way */
	else
		send_again(x, now, wait);
}

const struct xport_msg *xport_oldest(const struct xport *x)
{
	return STAILQ_FIRST(&x->queue);
}

unsigned xport_unacked(const struct xport *x)
{
	return ahead(x->high, x->una);
}
