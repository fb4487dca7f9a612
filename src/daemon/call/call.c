/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Calls: one session of the core, one kernel session, one pppd. Whichever of them ends first, the
 * others are told, and the call goes when all three are gone (call_settle).
 */
#include "call.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "linux/pppd.h"
#include "base/log.h"
#include "base/reasons.h"

/* RFC 3145 2: where the cause lies, seen by the sender */
#define CAUSE_GLOBAL   0
#define CAUSE_AT_PEER  1
#define CAUSE_AT_LOCAL 2

#define PPP_PROTO_LCP  0xc021

/* With a pause that doubles from two seconds on: for two minutes. */
#define SEQ_TRIES 6

struct call *call_find(struct daemon *d, uint16_t sid)
{
	struct call *call;

	HASH_FIND(hh, d->calls, &sid, sizeof(sid), call);
	return call;
}

static struct call *call_new(struct link *link, struct conn *conn, uint16_t sid)
{
	struct daemon *d = link->daemon;
	struct call *call = calloc(1, sizeof(*call));

	if (!call)
		return NULL;
	call->daemon = d;
	call->link = link;
	call->conn = conn;
	call->tid = conn->tid;
	call->sid = sid;
	call->pppox_fd = call->plugin_fd = call->loop_fd = -1;
	call->ppp_status = call->outcome.ppp_exit = -1;
	LIST_INIT(&call->closers);
	HASH_ADD(hh, d->calls, sid, sizeof(call->sid), call);
	conn_ref(conn);
	link->calls++;
	return call;
}

void call_free(struct call *call)
{
	struct daemon *d = call->daemon;
	struct link *link = call->link;
	struct conn *conn = call->conn;

	call_relay_end(call);
	ppp_close(call);
	profile_release(call);
	HASH_DEL(d->calls, call);
	link->calls--;
	close_wait_call_gone(call);
	link_call_gone(link, call);
	conn_unref(conn);
	free(call);
}

void call_settle(struct call *call)
{
	struct daemon *d = call->daemon;

	if (!call->core_down || call->pid || call->creating)
		return;
	call_describe_end(call);
	log_info("%s: session %u: ended: %s", call->link->name, call->sid, call->outcome.text);
	call->link->last_down = call->outcome;
	ctl_event(d, "session-down", call->link, call->conn, call, &call->outcome);
	call_free(call);
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

/* --- set-up --- */

static void call_params(const struct link *link, struct l2tp_call_params *params)
{
	const struct config_link *c = link->config;

	*params = (struct l2tp_call_params){
		.outgoing = c->outcall,
		.calling = c->callingnum,
		.called = c->callednum,
		.send_seq = c->dataseq,
		.setup_timeout = c->setup_timeout * USEC_PER_SEC,
		.cookie = link->id,
	};
}

int call_place(struct link *link, struct conn *conn, char *text, size_t text_size)
{
	struct daemon *d = link->daemon;
	struct l2tp_call_params params;
	struct call *call;
	int sid;

	call_params(link, &params);
	sid = l2tp_core_place_call(d->core, daemon_now(d), conn->tid, &params);
	if (sid < 0) {
		snprintf(text, text_size, "the call cannot be placed: %s",
			sid == -EOPNOTSUPP ? "the peer takes no outgoing calls (no bearer)"
			: sid == -ENOSPC   ? "the tunnel carries as many calls as it may"
					   : strerror(-sid));
		return sid;
	}
	call = call_new(link, conn, (uint16_t)sid);
	if (!call) {
		struct l2tp_reason reason = { .result = L2TP_CDN_NO_FACILITY_TEMP };

		l2tp_core_close_session(d->core, daemon_now(d), conn->tid, (uint16_t)sid, &reason);
		snprintf(text, text_size, "%s", strerror(ENOMEM));
		return -ENOMEM;
	}
	call->role = params.outgoing ? L2TP_ROLE_LNS : L2TP_ROLE_LAC;
	link->call = call;
	return 0;
}

static void refuse(struct daemon *d, const struct l2tp_effect *e, uint16_t result, uint16_t error,
	const char *text)
{
	struct l2tp_reason reason = { .who = L2TP_WHO_LOCAL, .result = result, .error = error };

	snprintf(reason.text, sizeof(reason.text), "%s", text);
	l2tp_core_close_session(d->core, daemon_now(d), e->tid, e->sid, &reason);
}

void call_offer(struct daemon *d, const struct l2tp_effect *e)
{
	struct conn *conn = conn_find(d, e->tid);
	struct l2tp_call_params params;
	char peer[L2TP_ADDR_STRLEN];
	struct link *link;
	struct call *call;
	bool last;

	l2tp_addr_format(&e->path.peer, peer);
	if (!conn || d->stopping) {
		refuse(d, e, L2TP_CDN_NO_FACILITY_TEMP, 0, "going down");
		return;
	}
	link = link_match_call(d, conn);
	if (!link) {
		if (log_may(&d->refused_calls, daemon_now(d), &last))
			log_notice("call from %s (\"%s\") refused: no link takes it (max-calls "
				   "reached, or none with \"incoming\", a profile, and the secret "
				   "of the tunnel for this peer)%s",
				peer, conn->peer_hostname,
				last ? "; more such calls will not be logged for a minute" : "");
		refuse(d, e, L2TP_CDN_NO_FACILITY_TEMP, 0, "no free link");
		return;
	}
	call = call_new(link, conn, e->sid);
	if (!call) {
		refuse(d, e, L2TP_CDN_NO_FACILITY_TEMP, 0, "out of memory");
		return;
	}
	call->role = e->offer.role;
	call->incoming = true;
	call_params(link, &params);
	params.outgoing = false;
	params.calling = params.called = NULL;
	l2tp_core_accept_call(d->core, daemon_now(d), e->tid, e->sid, &params);
}

/*
 * Linux: with lns_mode the kernel drops frames that do not carry what we asked for; without it it
 * follows the peer. As LNS we decide (RFC 2661 5.4), but a LAC's first frames may come before it
 * saw any of ours, so sequencing is offered by example, not enforced.
 */
static void set_sequencing(struct call *call, bool send, bool require)
{
	const struct config_link *c = call->link->config;

	call->kernel.send_seq = send || require;
	call->kernel.recv_seq = require;
	call->kernel.lns_mode = call->role == L2TP_ROLE_LNS && !call->kernel.send_seq;
	call->kernel.reorder_ms = call->kernel.send_seq && c ? c->reorder_ms : 0;
}

void call_create(struct daemon *d, const struct l2tp_effect *e)
{
	struct call *call = call_find(d, e->sid);
	struct worker_job job = {
		.op = WORKER_SESSION_CREATE, .tid = e->tid, .peer_tid = e->create.peer_tid
	};

	if (!call)
		return;
	call->peer_sid = e->create.peer_sid;
	call->kernel = (struct l2tp_genl_session){
		.tid = e->tid, .sid = e->sid, .peer_sid = e->create.peer_sid
	};
	set_sequencing(call, e->create.send_seq, e->create.require_seq);
	call->relayed = call->link->config && call->link->config->length;
	if (call->relayed)
		job.op = WORKER_LOOPBACK_OPEN;
	job.session = call->kernel;
	job.family = call->conn->path.peer.sa.sa_family;
	if (!d->worker || worker_submit(d->worker, &job) < 0) {
		l2tp_core_session_ready(
			d->core, daemon_now(d), e->tid, e->sid, -ENOMEM, "out of resources");
		return;
	}
	call->creating = true;
}

/* A relayed call talks to its pppd over 127.0.0.1. */
static const char *create_hint(const struct call *call, int error)
{
	if (call->relayed && (error == -ENETUNREACH || error == -EADDRNOTAVAIL))
		return ". \"length\" needs the loopback interface: ip link set lo up";
	return "";
}

void call_kernel_result(struct daemon *d, const struct worker_result *result)
{
	struct call *call = call_find(d, result->job.session.sid);
	const char *failed = result->call;
	int r = result->error;

	if (!call || !call->creating)
		return;
	call->creating = false;
	call->pppox_fd = result->pppox_fd;
	if (r == 0 && call->relayed) {
		failed = "relay for data with Length";
		r = call_relay_start(call, &result->loopback);
	}
	if (r < 0) {
		log_error("%s: session %u: %s: %s%s", call->link->name, call->sid, failed,
			strerror(-r), create_hint(call, r));
		if (!call->core_down)
			snprintf(call->ppp_text, sizeof(call->ppp_text),
				"the kernel did not make the session: %s: %s%s", failed,
				strerror(-r), create_hint(call, r));
	}
	if (call->core_down)
		call_settle(call);
	else
		l2tp_core_session_ready(
			d->core, daemon_now(d), call->tid, call->sid, r, "no data path");
}

/* The data path follows call->kernel. */
static void modify_session(struct call *call)
{
	struct worker_job job = {
		.op = WORKER_SESSION_MODIFY, .tid = call->tid, .session = call->kernel
	};

	if (call->relayed)
		call_relay_modify(call);
	else
		worker_submit(call->daemon->worker, &job);
}

/* Sequencing Required comes with ICCN, after the kernel session of an LNS was made. */
static void require_sequencing(struct call *call)
{
	struct daemon *d = call->daemon;
	struct l2tp_session_info info;

	if (!l2tp_core_session_info(d->core, call->tid, call->sid, &info) || !info.require_seq ||
		call->kernel.recv_seq)
		return;
	set_sequencing(call, true, true);
	modify_session(call);
}

void call_session_up(struct daemon *d, const struct l2tp_effect *e)
{
	struct call *call = call_find(d, e->sid);
	char text[300];

	if (!call)
		return;
	require_sequencing(call);
	if (call->state == CALL_ENDING || ppp_start(call, text, sizeof(text)) == 0)
		return;
	log_error("%s: session %u: %s", call->link->name, call->sid, text);
	snprintf(call->ppp_text, sizeof(call->ppp_text), "%s", text);
	refuse(d, e, L2TP_CDN_ERROR, L2TP_ERR_RESOURCES, "PPP cannot be started");
}

/*
 * RFC 2661 5.4: as LNS we decide at any time; as LAC we follow the LNS, and the option was only how
 * we began. What the LAC required stays.
 */
void call_set_dataseq(struct call *call, bool dataseq)
{
	struct daemon *d = call->daemon;

	if (call->role != L2TP_ROLE_LNS || call->kernel.recv_seq || !call->kernel.sid ||
		call->creating || call->core_down || !d->worker)
		return;
	set_sequencing(call, dataseq, false);
	modify_session(call);
	call->seq_tries = SEQ_TRIES;
	call->seq_at = daemon_now(d) + USEC_PER_SEC;
}

/*
 * The kernel of an LNS that follows stops numbering at the first frame without a number; those of a
 * LAC have none until it saw one of ours. So numbering is turned on again for a while, until the
 * LAC follows, or it is clear that it never numbers.
 */
static void insist_on_dataseq(struct call *call, const struct session_stats *stats)
{
	struct daemon *d = call->daemon;

	if (!call->seq_tries || !call->kernel.send_seq || stats->send_seq ||
		daemon_now(d) < call->seq_at)
		return;
	call->seq_tries--;
	call->seq_at = daemon_now(d) + (USEC_PER_SEC << (SEQ_TRIES - call->seq_tries));
	modify_session(call);
}

void call_moved(struct daemon *d, const struct l2tp_effect *e)
{
	struct call *call = call_find(d, e->sid);
	struct conn *to = conn_find(d, e->tid), *from;

	if (!call)
		return;
	if (!to) {
		refuse(d, e, L2TP_CDN_NO_FACILITY_TEMP, 0, "out of memory");
		return;
	}
	log_info("%s: session %u: goes through tunnel %u, which the peer opened at the same time",
		call->link->name, call->sid, e->tid);
	from = call->conn;
	conn_take_over(to, from);
	conn_ref(to);
	call->conn = to;
	call->tid = e->tid;
	conn_unref(from);
	/* it was ordered to end while it was on its way */
	if (call->state == CALL_ENDING && !call->core_down)
		l2tp_core_close_session(
			d->core, daemon_now(d), call->tid, call->sid, &call->outcome.reason);
}

/*
 * The kernel's PPPoL2TP channel has no octet stream, so there is nothing to set for a call that
 * pppd answers here.
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
	/* RFC 2661 6.13 has them once a minute; a peer may not keep to it */
	if (!changed || !log_may(&call->line_errors_log, daemon_now(d), &last))
		return;
	log_notice("%s: session %u: errors on the caller's line: CRC %u, framing %u, hardware %u, "
		   "overruns %u, time-outs %u, alignment %u",
		call->link->name, call->sid, e->call_errors[0], e->call_errors[1],
		e->call_errors[2], e->call_errors[3], e->call_errors[4], e->call_errors[5]);
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
	if (!call->outcome.time) {
		call->outcome.time = time(NULL);
		call->outcome.reason = e->reason;
	}
	if (call->pid)
		ppp_stop(call);
	call_settle(call);
}

void call_close(struct call *call, const char *why)
{
	struct daemon *d = call->daemon;
	struct l2tp_reason reason = { .who = L2TP_WHO_LOCAL, .result = L2TP_CDN_ADMIN };

	if (call->state == CALL_ENDING)
		return;
	snprintf(reason.text, sizeof(reason.text), "%s", why);
	call->state = CALL_ENDING;
	if (!call->outcome.time) {
		call->outcome.time = time(NULL);
		call->outcome.reason = reason;
	}
	if (call->pid)
		ppp_stop(call); /* its exit sends the CDN */
	else if (!call->core_down)
		l2tp_core_close_session(d->core, daemon_now(d), call->tid, call->sid, &reason);
}

static void set_cause(
	struct l2tp_reason *reason, enum l2tp_ppp_cause cause, uint16_t protocol, uint8_t direction)
{
	reason->ppp_cause = (uint16_t)cause;
	reason->ppp_cause_protocol = protocol;
	reason->ppp_cause_direction = direction;
}

/* RFC 3145: tell the other side's accounting how PPP ended, by pppd(8) EXIT STATUS. */
static void ppp_cause(const struct call *call, struct l2tp_reason *reason)
{
	switch (call->ppp_status) {
	case PPPD_EXIT_NEGOTIATION:
		if (call->ppp_layer == PPP_NCP)
			set_cause(reason, L2TP_PPP_CAUSE_NCP_TIMEOUT, 0, CAUSE_GLOBAL);
		else
			set_cause(reason, L2TP_PPP_CAUSE_LCP_TIMEOUT, PPP_PROTO_LCP, CAUSE_GLOBAL);
		break;
	case PPPD_EXIT_PEER_AUTH:
		set_cause(reason, L2TP_PPP_CAUSE_AUTH_FAILED, 0, CAUSE_AT_PEER);
		break;
	case PPPD_EXIT_OWN_AUTH:
		set_cause(reason, L2TP_PPP_CAUSE_AUTH_FAILED, 0, CAUSE_AT_LOCAL);
		break;
	case PPPD_EXIT_PEER_DEAD:
		set_cause(reason, L2TP_PPP_CAUSE_ECHO_TIMEOUT, PPP_PROTO_LCP, CAUSE_AT_PEER);
		break;
	case PPPD_EXIT_LOOPBACK:
		set_cause(reason, L2TP_PPP_CAUSE_LOOPBACK, PPP_PROTO_LCP, CAUSE_GLOBAL);
		break;
	case PPPD_EXIT_IDLE:
	case PPPD_EXIT_CONNECT_TIME:
	case PPPD_EXIT_TRAFFIC:
		set_cause(reason, L2TP_PPP_CAUSE_ADMIN, 0, CAUSE_GLOBAL);
		break;
	default:
		if (call->ppp_closed_by_peer)
			set_cause(reason, L2TP_PPP_CAUSE_NORMAL, PPP_PROTO_LCP, CAUSE_AT_PEER);
		break;
	}
}

/* What the other side is told when pppd ended by itself. */
static void reason_of_exit(struct call *call, struct l2tp_reason *reason)
{
	const char *name;

	*reason = (struct l2tp_reason){ .who = L2TP_WHO_LOCAL, .result = L2TP_CDN_LOST_CARRIER };
	if (call->outcome.time) { /* ordered by us */
		*reason = call->outcome.reason;
		set_cause(reason, L2TP_PPP_CAUSE_ADMIN, 0, CAUSE_GLOBAL);
		return;
	}
	ppp_cause(call, reason);
	if (call->auth_failed_here || call->auth_failed_there)
		reason->result = L2TP_CDN_ADMIN;
	name = reasons_pppd((unsigned)call->ppp_status);
	snprintf(
		reason->text, sizeof(reason->text), "PPP: %s", name ? name : "unknown exit status");
}

void call_ppp_exited(struct call *call)
{
	struct daemon *d = call->daemon;
	struct l2tp_reason reason;

	reason_of_exit(call, &reason);
	if (!call->outcome.time) {
		call->outcome.time = time(NULL);
		call->outcome.reason = reason;
	}
	call->state = CALL_ENDING;
	if (!call->core_down)
		l2tp_core_close_session(d->core, daemon_now(d), call->tid, call->sid, &reason);
	call_settle(call);
}

static const char *tunnel_hint(const struct call *call)
{
	const struct l2tp_reason *reason = &call->outcome.reason;

	if (!reason->stopccn)
		return "";
	if (reason->result == L2TP_STOPCCN_NOT_AUTHORIZED)
		return ". Check that \"secret\" and \"hostname\" of the link are what the peer "
		       "expects";
	if (reason->who == L2TP_WHO_TIMEOUT && !call->conn->up_since)
		return ". Is an L2TP server running there, and do firewalls on the way pass its "
		       "UDP "
		       "port?";
	return "";
}

void call_describe_end(struct call *call)
{
	const struct l2tp_reason *reason = &call->outcome.reason;
	struct outcome *o = &call->outcome;
	const struct config_ppp *ppp = profile_config(call->daemon, call->link);
	const char *profile = ppp ? ppp->name : "";
	const char *detail = reason->text;

	if (call->auth_failed_there)
		snprintf(o->text, sizeof(o->text),
			"the peer refused the login as \"%s\"%s%s. Check "
			"user and password of [ppp %s]",
			call->user, *call->ppp_text ? ": " : "", call->ppp_text, profile);
	else if (call->auth_failed_here)
		snprintf(o->text, sizeof(o->text), "the peer failed to log in%s%s",
			*call->ppp_text ? ": " : "", call->ppp_text);
	else if (*call->ppp_text)
		snprintf(o->text, sizeof(o->text), "%s", call->ppp_text);
	else if (reason->who == L2TP_WHO_PEER)
		snprintf(o->text, sizeof(o->text), "the peer ended the %s: %s (%s %u/%u)%s%s%s",
			reason->stopccn ? "tunnel" : "call",
			reason->stopccn ? l2tp_stopccn_result_name(reason->result)
					: l2tp_cdn_result_name(reason->result),
			reason->stopccn ? "StopCCN" : "CDN", reason->result, reason->error,
			*detail ? ": " : "", detail, tunnel_hint(call));
	else
		snprintf(o->text, sizeof(o->text), "%s%s", *detail ? detail : "ended",
			tunnel_hint(call));
}

void call_stats(struct call *call, const struct session_stats *stats)
{
	struct daemon *d = call->daemon;

	if (stats->rx_packets != call->seen_rx) {
		call->seen_rx = stats->rx_packets;
		l2tp_core_saw_data(d->core, daemon_now(d), call->tid);
	}
	call->stats = *stats;
	insist_on_dataseq(call, stats);
}
