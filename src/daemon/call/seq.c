/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "seq.h"

#include "path.h"

/* With a pause that doubles from two seconds on: for two minutes. */
#define SEQ_TRIES 6

/*
 * Linux: with lns_mode the kernel drops frames that do not carry what we asked for; without it it
 * follows the peer. As LNS we decide (RFC 2661 5.4), but a LAC's first frames may come before it
 * saw any of ours, so sequencing is offered by example, not enforced.
 */
void seq_begin(struct call *call, bool send, bool require)
{
	const struct config_link *c = call->owner->config;

	call->kernel.send_seq = send || require;
	call->kernel.recv_seq = require;
	call->kernel.lns_mode = call->role == L2TP_ROLE_LNS && !call->kernel.send_seq;
	call->kernel.reorder_ms = call->kernel.send_seq && c ? c->reorder_ms : 0;
}

void seq_session_up(struct call *call)
{
	struct daemon *d = call->daemon;
	struct l2tp_session_info info;

	if (!l2tp_core_session_info(d->core, call->tid, call->sid, &info) || !info.require_seq ||
		call->kernel.recv_seq)
		return;
	seq_begin(call, true, true);
	call->path->modify(call);
}

/*
 * As LAC the option was only how we began. What the LAC required stays.
 */
void seq_option_changed(struct call *call)
{
	struct daemon *d = call->daemon;

	if (call->role != L2TP_ROLE_LNS || call->kernel.recv_seq || !call->kernel.sid ||
		call->creating || call->core_down || !call->owner->config)
		return;
	seq_begin(call, call->owner->config->dataseq, false);
	call->path->modify(call);
	call->seq_tries = SEQ_TRIES;
	call->seq_at = daemon_now(d) + USEC_PER_SEC;
}

/*
 * The kernel stops numbering when a frame without a number comes, as the first ones of a LAC are
 * that has not seen any of ours. By now it has. And the option may have changed since.
 */
void seq_call_up(struct call *call)
{
	const struct config_link *c = call->owner->config;

	if (call->kernel.send_seq || (c && c->dataseq))
		seq_option_changed(call);
}

/*
 * The kernel of an LNS that follows stops numbering at the first frame without a number; those of a
 * LAC have none until it saw one of ours. So numbering is turned on again for a while, until the
 * LAC follows, or it is clear that it never numbers.
 */
void seq_insist(struct call *call)
{
	struct daemon *d = call->daemon;

	if (!call->seq_tries || !call->kernel.send_seq || call->stats.send_seq ||
		daemon_now(d) < call->seq_at)
		return;
	call->seq_tries--;
	call->seq_at = daemon_now(d) + (USEC_PER_SEC << (SEQ_TRIES - call->seq_tries));
	call->path->modify(call);
}

bool seq_follows_peer(const struct call *call)
{
	return call->role == L2TP_ROLE_LAC && !call->kernel.recv_seq;
}
