/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "call.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attachment.h"
#include "daemon/conn/conn_log.h"
#include "daemon/iface.h"
#include "end.h"
#include "path.h"
#include "seq.h"

/* So many packets without one back: an echo of PPP may be lost, and another one. */
#define UNANSWERED 3u

/* --- life --- */

int calls_new(struct daemon *d)
{
	d->calls = calloc(1, sizeof(*d->calls));
	if (!d->calls)
		return -ENOMEM;
	SLIST_INIT(&d->calls->dead);
	return 0;
}

struct call *call_find(const struct daemon *d, uint16_t sid)
{
	struct call *call;

	HASH_FIND(hh, d->calls->by_sid, &sid, sizeof(sid), call);
	return call;
}

void call_log(const struct call *call, int level, const char *fmt, ...)
{
	struct log_about about = {
		.link = call->owner->name, .user = call->user, .session = call->sid
	};
	char prefix[100];
	va_list ap;

	snprintf(prefix, sizeof(prefix), "%s: session %u", call->owner->name, call->sid);
	va_start(ap, fmt);
	conn_log_about(call->conn, level, &about, prefix, fmt, ap);
	va_end(ap);
}

bool call_is_the_one(const struct call *call)
{
	const struct config_link *link = call->owner->config;

	return link && (!call->incoming || link->max_calls == 1);
}

void call_proved(struct call *call)
{
	call->conn->proven = true;
}

static void join_conn(struct call *call, struct conn *conn)
{
	call->conn = conn;
	call->tid = conn->tid;
	LIST_INSERT_HEAD(&conn->calls, call, of_conn);
}

static struct call *call_new(
	struct daemon *d, struct call_owner *owner, struct conn *conn, uint16_t sid)
{
	struct call *call = calloc(1, sizeof(*call));

	if (!call)
		return NULL;
	call->daemon = d;
	call->owner = owner;
	call->sid = sid;
	call->channel_fd = call->ppp_exit = -1;
	HASH_ADD(hh, d->calls->by_sid, sid, sizeof(call->sid), call);
	if (!call->hh.tbl) {
		free(call);
		return NULL;
	}
	LIST_INSERT_HEAD(&owner->calls, call, of_owner);
	owner->calls_len++;
	join_conn(call, conn);
	return call;
}

void call_set_kinds(
	struct call *call, const struct path_kind *path, const struct attachment_kind *attachment)
{
	call->path = path;
	call->attachment = attachment;
}

static void detach(struct call *call)
{
	if (!call->attached)
		return;
	call->attachment->explain(call);
	call->attachment->free(call);
	call->attached = NULL;
}

static void close_channel(struct call *call)
{
	plane_close(call->daemon->plane, call->conn->lane, call->channel_fd);
	call->channel_fd = -1;
}

/* It has nothing of the system any more; whoever reads the news may still look at it. */
static void call_die(struct call *call)
{
	struct daemon *d = call->daemon;

	detach(call);
	if (call->path)
		call->path->end(call);
	close_channel(call);
	iface_release(d, call->ip.ifindex, call);
	HASH_DEL(d->calls->by_sid, call);
	SLIST_INSERT_HEAD(&d->calls->dead, call, dead);
	LIST_REMOVE(call, of_owner);
	call->owner->calls_len--;
	LIST_REMOVE(call, of_conn);
	conn_call_left(call->conn);
}

bool calls_reap(struct daemon *d)
{
	struct call *call;
	bool any = false;

	while ((call = SLIST_FIRST(&d->calls->dead))) {
		SLIST_REMOVE_HEAD(&d->calls->dead, dead);
		outcome_unref(call->end);
		free(call->problem);
		free(call);
		any = true;
	}
	return any;
}

void calls_free(struct daemon *d)
{
	struct call *call, *tmp;

	if (!d->calls)
		return;
	HASH_ITER (hh, d->calls->by_sid, call, tmp)
		call_die(call);
	calls_reap(d);
	free(d->calls);
	d->calls = NULL;
}

/* Session, kernel job and what is attached: when all are gone it is over. */
static void call_settle(struct call *call)
{
	struct daemon *d = call->daemon;
	char peer[L2TP_ADDR_STRLEN];

	if (!call->core_down || call->attached || call->creating)
		return;
	call->end = end_describe(call);
	/* one that never was up is somebody's trouble */
	call_log(call, call->up_since ? LOG_INFO : LOG_NOTICE, "%s, with %s: %s",
		call->up_since ? "ended" : "failed",
		l2tp_addr_format_host(&call->conn->path.peer, peer), call->end->text);
	news_post(d->news, &call->ended_news,
		&(struct news){ .type = NEWS_CALL_ENDED, .call = call, .conn = call->conn });
	call_die(call);
}

const char *call_state_name(const struct call *call)
{
	switch (call->state) {
	case CALL_SIGNALLING:
		return "signalling";
	case CALL_PPP:
		return "ppp";
	case CALL_UP:
		return "up";
	case CALL_ENDING:
		return "ending";
	}
	return "";
}

void call_say(struct call *call, const char *fmt, ...)
{
	va_list ap;

	if (call->problem)
		return;
	va_start(ap, fmt);
	if (vasprintf(&call->problem, fmt, ap) < 0)
		call->problem = NULL;
	va_end(ap);
}

static void set_reason(struct call *call, const struct l2tp_reason *reason)
{
	if (call->has_reason)
		return;
	call->has_reason = true;
	call->reason = *reason;
}

/* --- set-up --- */

void call_params(const struct call_owner *owner, struct l2tp_call_params *ret)
{
	const struct config_link *c = owner->config;

	*ret = (struct l2tp_call_params){
		.outgoing = c->outcall,
		.calling = c->callingnum,
		.called = c->callednum,
		.send_seq = c->dataseq,
		.setup_timeout = c->setup_timeout * USEC_PER_SEC,
		.cookie = owner->id,
	};
}

int call_place(struct daemon *d, struct call_owner *owner, struct conn *conn,
	const struct l2tp_call_params *params, struct call **ret, struct why *why)
{
	int sid = l2tp_core_place_call(d->core, daemon_now(d), conn->tid, params);
	struct call *call;

	if (sid < 0)
		return why_not(why, sid, "the call cannot be placed: %s",
			sid == -EOPNOTSUPP ? "the peer takes no outgoing calls (no bearer)"
			: sid == -ENOSPC   ? "the tunnel carries as many calls as it may"
					   : strerror(-sid));
	call = call_new(d, owner, conn, (uint16_t)sid);
	if (!call) {
		call_refuse(
			d, conn->tid, (uint16_t)sid, L2TP_CDN_NO_FACILITY_TEMP, 0, "out of memory");
		return why_not(why, -ENOMEM, "%s", strerror(ENOMEM));
	}
	call->role = params->outgoing ? L2TP_ROLE_LNS : L2TP_ROLE_LAC;
	*ret = call;
	return 0;
}

void call_refuse(struct daemon *d, uint16_t tid, uint16_t sid, uint16_t result, uint16_t error,
	const char *text)
{
	struct l2tp_reason reason = { .who = L2TP_WHO_LOCAL, .result = result, .error = error };

	snprintf(reason.text, sizeof(reason.text), "%s", text);
	l2tp_core_close_session(d->core, daemon_now(d), tid, sid, &reason);
}

struct call *call_take(
	struct daemon *d, struct call_owner *owner, struct conn *conn, const struct l2tp_effect *e)
{
	struct call *call = call_new(d, owner, conn, e->sid);

	if (!call) {
		call_refuse(d, e->tid, e->sid, L2TP_CDN_NO_FACILITY_TEMP, 0, "out of memory");
		return NULL;
	}
	call->role = e->offer.role;
	call->incoming = true;
	return call;
}

void call_create(struct daemon *d, const struct l2tp_effect *e)
{
	struct call *call = call_find(d, e->sid);
	struct plane_job job = { .tid = e->tid, .peer_tid = e->create.peer_tid };

	if (!call)
		return;
	call->peer_sid = e->create.peer_sid;
	call->kernel = (struct l2tp_genl_session){
		.tid = e->tid, .sid = e->sid, .peer_sid = e->create.peer_sid
	};
	seq_begin(call, e->create.send_seq, e->create.require_seq);
	job.op = call->path->creation;
	job.lane = call->conn->lane;
	job.session = call->kernel;
	job.family = call->conn->path.peer.sa.sa_family;
	if (conn_need_kernel(call->conn) < 0 || plane_submit(d->plane, &job) < 0) {
		l2tp_core_session_ready(
			d->core, daemon_now(d), e->tid, e->sid, -ENOMEM, "out of resources");
		return;
	}
	call->creating = true;
}

static void say_not_created(struct call *call, const char *failed, int error)
{
	const char *hint = call->path->hint(error);

	call_log(call, LOG_ERR, "%s: %s%s", failed, strerror(-error), hint);
	if (!call->core_down)
		call_say(call, "the kernel did not make the session: %s: %s%s", failed,
			strerror(-error), hint);
}

static void created(struct call *call, const struct plane_result *result)
{
	struct daemon *d = call->daemon;
	const char *failed = result->call;
	int r = result->error;

	call->creating = false;
	if (r == 0)
		r = call->path->created(call, result, &failed);
	if (r < 0)
		say_not_created(call, failed, r);
	if (call->core_down)
		call_settle(call);
	else
		l2tp_core_session_ready(
			d->core, daemon_now(d), call->tid, call->sid, r, "no data path");
}

void call_plane_result(struct daemon *d, const struct plane_result *result)
{
	struct call *call = call_find(d, result->job.session.sid);

	if (result->job.op == PLANE_SESSION_MODIFY) {
		if (result->error < 0 && result->error != -ENODEV)
			log_warning("%s for session %u: %s", result->call, result->job.session.sid,
				strerror(-result->error));
	} else if (call && call->creating) {
		created(call, result);
	}
}

void call_session_up(struct daemon *d, const struct l2tp_effect *e)
{
	struct call *call = call_find(d, e->sid);
	struct why why;

	if (!call)
		return;
	seq_session_up(call);
	if (call->state == CALL_ENDING)
		return;
	if (call->attachment->start(call, &why) == 0) {
		call->state = CALL_PPP;
		return;
	}
	call_log(call, LOG_ERR, "%s", why.text);
	call_say(call, "%s", why.text);
	call_refuse(d, e->tid, e->sid, L2TP_CDN_ERROR, L2TP_ERR_RESOURCES, "PPP cannot be started");
}

void call_is_up(struct call *call)
{
	struct daemon *d = call->daemon;

	if (call->state != CALL_PPP)
		return;
	call->state = CALL_UP;
	call->up_since = daemon_now(d);
	call_proved(call);
	seq_call_up(call);
	news_post(d->news, &call->up_news,
		&(struct news){ .type = NEWS_CALL_UP, .call = call, .conn = call->conn });
}

void call_knows_more(struct call *call)
{
	if (call->state == CALL_UP)
		news_post(call->daemon->news, &call->more_news,
			&(struct news){ .type = NEWS_CALL_MORE, .call = call, .conn = call->conn });
}

void call_network_changed(struct call *call)
{
	if (call->attached && call->state == CALL_UP)
		call->attachment->network_changed(call);
}

void call_moved(struct daemon *d, const struct l2tp_effect *e)
{
	struct call *call = call_find(d, e->sid);
	struct conn *to = conn_find(d, e->tid), *from;

	if (!call)
		return;
	if (!to) {
		call_refuse(d, e->tid, e->sid, L2TP_CDN_NO_FACILITY_TEMP, 0, "out of memory");
		return;
	}
	call_log(call, LOG_INFO, "goes through tunnel %u, which the peer opened at the same time",
		e->tid);
	from = call->conn;
	conn_take_over(to, from);
	LIST_REMOVE(call, of_conn);
	join_conn(call, to);
	conn_call_left(from);
	/* it was ordered to end while it was on its way */
	if (call->state == CALL_ENDING && !call->core_down)
		l2tp_core_close_session(
			d->core, daemon_now(d), call->tid, call->sid, &call->reason);
}

/* --- while it is up --- */

/*
 * The kernel's PPPoL2TP channel has no octet stream, so there is nothing to set for a call that is
 * answered here; a line that it carries may have one.
 */
void call_accm(struct daemon *d, const struct l2tp_effect *e)
{
	struct call *call = call_find(d, e->sid);

	if (!call)
		return;
	call->has_accm = true;
	call->accm_send = e->accm.send;
	call->accm_recv = e->accm.recv;
	log_debug("session %u: ACCM of the LNS: send %08x, receive %08x", call->sid, e->accm.send,
		e->accm.recv);
	if (call->attached && call->attachment->accm)
		call->attachment->accm(call, e->accm.send, e->accm.recv);
}

/* RFC 5515 4.1; shown with the session, as the core keeps it */
void call_speed(struct daemon *d, const struct l2tp_effect *e)
{
	struct call *call = call_find(d, e->sid);

	if (!call)
		return;
	log_debug("session %u: the caller's line: %u bit/s to it, %u from it", call->sid,
		e->speed.tx, e->speed.rx);
	if (call->attached && call->attachment->speed)
		call->attachment->speed(call, e->speed.tx, e->speed.rx);
}

void call_line_errors(struct daemon *d, const struct l2tp_effect *e)
{
	struct call *call = call_find(d, e->sid);
	bool changed, last;

	if (!call)
		return;
	changed = !call->has_line_errors ||
		  memcmp(call->line_errors, e->call_errors, sizeof(call->line_errors)) != 0;
	call->has_line_errors = true;
	memcpy(call->line_errors, e->call_errors, sizeof(call->line_errors));
	if (call->attached && call->attachment->line_errors)
		call->attachment->line_errors(call, e->call_errors);
	/* RFC 2661 6.13 has them once a minute; a peer may not keep to it */
	if (!changed || !log_may(&call->line_errors_log, daemon_now(d), &last))
		return;
	call_log(call, LOG_NOTICE,
		"errors on the caller's line: CRC %u, framing %u, hardware %u, "
		"overruns %u, time-outs %u, alignment %u",
		e->call_errors[0], e->call_errors[1], e->call_errors[2], e->call_errors[3],
		e->call_errors[4], e->call_errors[5]);
}

void call_stats(struct call *call, const struct session_stats *stats)
{
	const struct config_link *config = call->owner->config;
	struct daemon *d = call->daemon;

	if (stats->rx_packets != call->seen_rx) {
		call->seen_rx = stats->rx_packets;
		call->seen_tx = stats->tx_packets;
		l2tp_core_saw_data(d->core, daemon_now(d), call->tid);
	} else if (stats->tx_packets - call->seen_tx >= UNANSWERED && config && config->dead_peer) {
		l2tp_core_data_unanswered(
			d->core, daemon_now(d), call->tid, config->dead_peer * USEC_PER_SEC);
	}
	call->stats = *stats;
	seq_insist(call);
}

/* --- end --- */

void call_session_down(struct daemon *d, const struct l2tp_effect *e)
{
	struct call *call = call_find(d, e->sid);

	if (!call) {
		log_debug("session %u: %s", e->sid, e->reason.text);
		return;
	}
	call->core_down = true;
	set_reason(call, &e->reason);
	if (call->attached)
		call->attachment->stop(call);
	call_settle(call);
}

void call_end(struct call *call, const struct l2tp_reason *reason)
{
	struct daemon *d = call->daemon;

	if (call->state == CALL_ENDING)
		return;
	call->state = CALL_ENDING;
	set_reason(call, reason);
	if (call->attached)
		call->attachment->stop(call); /* its end sends the CDN */
	else if (!call->core_down)
		l2tp_core_close_session(
			d->core, daemon_now(d), call->tid, call->sid, &call->reason);
}

void call_close(struct call *call, const char *why)
{
	struct l2tp_reason reason = { .who = L2TP_WHO_LOCAL, .result = L2TP_CDN_ADMIN };

	snprintf(reason.text, sizeof(reason.text), "%s", why);
	call_end(call, &reason);
}

void call_detached(struct call *call, const struct l2tp_reason *reason)
{
	struct daemon *d = call->daemon;
	struct l2tp_reason told = *reason;

	/* the next dial shall not go through a tunnel whose peer may be dead */
	if (reason->ppp_cause == L2TP_PPP_CAUSE_ECHO_TIMEOUT)
		conn_distrust(call->conn);
	detach(call);
	if (call->has_reason)
		told = end_ordered(&call->reason);
	set_reason(call, reason);
	call->state = CALL_ENDING;
	if (!call->core_down)
		l2tp_core_close_session(d->core, daemon_now(d), call->tid, call->sid, &told);
	call_settle(call);
}
