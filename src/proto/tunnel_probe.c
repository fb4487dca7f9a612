/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tunnel_probe.h"

#include "tunnel.h"
#include "tunnel_send.h"

/* Together 2.8 s: a peer that starts anew says its SCCRQ again after 1 and 3 s. */
#define PROBES	   14u
#define PROBE_WAIT (200 * USEC_PER_MSEC)
/* On a way that takes longer than usual, in round trips. */
#define PROBE_ROUND_TRIPS 4u
/* Hints may be forged: an answer holds for so long. */
#define PROBE_REST (3 * USEC_PER_SEC)
/* Where data is not answered: on a line that loses a fifth each way all fail once in 10^9 times. */
#define SILENCE_ASKS 20u
/* Of the repetitions in the last wait of a Hello. */
#define LAST_WAIT (500 * USEC_PER_MSEC)
/* Where data arrives and no answer: the longest wait. */
#define PROBE_WAIT_MAX (8 * USEC_PER_SEC)

static bool is_established(const struct tunnel *t)
{
	return t->fsm.now == L2TP_TUNNEL_ESTABLISHED;
}

void tunnel_probe(struct l2tp_core *core, struct tunnel *t)
{
	usec_t rest = t->probed_at ? t->probed_at + PROBE_REST : 0;

	if (!is_established(t) || (t->asked && t->xport.probes))
		return;
	if (t->probe_at == USEC_INFINITY)
		t->probe_at = rest > core->now ? rest : core->now;
	if (t->probe_at <= core->now)
		tunnel_probe_now(core, t);
}

void tunnel_probe_now(struct l2tp_core *core, struct tunnel *t)
{
	usec_t wait = t->xport.rtt * PROBE_ROUND_TRIPS / PROBES;

	t->probe_at = USEC_INFINITY;
	if (!is_established(t))
		return;
	if (!t->xport.queued && tunnel_send_hello(core, t) < 0) {
		t->probe_at = core->now + USEC_PER_SEC;
		return;
	}
	core->stats.probes++;
	t->probed_at = core->now;
	t->asked = true;
	t->silent = t->data_heard = false;
	xport_probe(&t->xport, core->now, wait > PROBE_WAIT ? wait : PROBE_WAIT, PROBES);
}

void tunnel_data_unanswered(struct l2tp_core *core, struct tunnel *t, usec_t patience)
{
	usec_t silence = core->now - t->heard_at;
	usec_t left = patience / 2, wait = t->xport.rtt * PROBE_ROUND_TRIPS / SILENCE_ASKS;

	if (!is_established(t) || silence < patience / 3)
		return;
	if (silence < patience - left)
		left = patience - silence;
	if (wait < left / SILENCE_ASKS)
		wait = left / SILENCE_ASKS;
	/* it is asked already, and not more slowly than that */
	if (t->xport.probes && t->xport.probes * (usec_t)t->xport.probe_wait <= wait * SILENCE_ASKS)
		return;
	if (!t->xport.queued && tunnel_send_hello(core, t) < 0)
		return; /* the next look asks */
	core->stats.probes++;
	t->silent = true;
	t->data_heard = false;
	xport_probe(&t->xport, core->now, wait, SILENCE_ASKS);
}

void tunnel_last_wait(struct l2tp_core *core, struct tunnel *t)
{
	const struct xport_msg *oldest = xport_oldest(&t->xport);
	struct xport *x = &t->xport;
	usec_t wait;

	if (!is_established(t) || !oldest || oldest->type != L2TP_MSG_HELLO || x->probes ||
		x->backoff != x->params.max_retransmits)
		return;
	wait = x->retransmit_at - core->now;
	if (wait >= 2 * LAST_WAIT)
		xport_probe(x, core->now, LAST_WAIT, (unsigned)(wait / LAST_WAIT));
}

static void lost(struct l2tp_core *core, struct tunnel *t, const struct xport_msg *oldest)
{
	char peer[L2TP_ADDR_STRLEN];
	struct l2tp_reason why;

	l2tp_addr_format(&t->path.peer, peer);
	core->stats.probes_dead += t->asked || t->silent;
	if (t->silent) {
		reason_tunnel(&why, L2TP_WHO_TIMEOUT, 0, 0,
			"%s is gone: data was sent to it, and nothing came back for %u seconds",
			peer, (unsigned)((core->now - t->heard_at) / USEC_PER_SEC));
	} else if (t->asked) {
		reason_tunnel(&why, L2TP_WHO_TIMEOUT, 0, 0,
			"%s does not know this tunnel any more: no answer after %u tries", peer,
			oldest->sent);
	} else {
		reason_tunnel(&why, L2TP_WHO_TIMEOUT, 0, 0, "no answer from %s after %u tries",
			peer, oldest->sent);
	}
	xport_purge(&t->xport);
	tunnel_step(core, t, TUNNEL_EV_LOST, NULL, &why);
}

void tunnel_unanswered(struct l2tp_core *core, struct tunnel *t)
{
	const struct xport_msg *oldest = xport_oldest(&t->xport);
	usec_t wait = t->xport.probe_wait ? t->xport.probe_wait : LAST_WAIT;

	/* control messages fail but data arrives: nobody is served by an end */
	if (is_established(t) && t->data_heard && oldest->type == L2TP_MSG_HELLO) {
		t->data_heard = false;
		wait = 2 * wait < PROBE_WAIT_MAX ? 2 * wait : PROBE_WAIT_MAX;
		xport_probe(&t->xport, core->now, wait, PROBES);
		return;
	}
	lost(core, t, oldest);
}
