/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "show.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "config.h"
#include "daemon/attach/ppp_starting.h"
#include "daemon/call/attachment.h"
#include "daemon/call/path.h"
#include "daemon/json.h"
#include "daemon/kernel/stats.h"
#include "daemon/link/link.h"
#include "daemon/link/progress.h"
#include "linux/process.h"
#include "show_forward.h"
#include "version.h"

struct stats_waiter {
	LIST_ENTRY(stats_waiter) entry;
	struct request *request;
};

struct viewers {
	LIST_HEAD(, stats_waiter) waiters;
};

int viewers_new(struct daemon *d)
{
	d->viewers = calloc(1, sizeof(*d->viewers));
	return d->viewers ? 0 : -ENOMEM;
}

void viewers_free(struct daemon *d)
{
	free(d->viewers);
	d->viewers = NULL;
}

static void set_uptime(json_t *object, struct daemon *d, usec_t since)
{
	ctl_json_int(object, "uptime_s", since ? (daemon_now(d) - since) / USEC_PER_SEC : 0);
}

static json_t *tunnel_json(struct daemon *d, const struct l2tp_tunnel_info *t)
{
	const struct link *link = link_by_id(d, t->cookie);
	const struct conn *conn = conn_find(d, t->tid);
	json_t *o = json_object(), *deviations = json_object();

	ctl_json_int(o, "id", t->tid);
	ctl_json_int(o, "peer_id", t->peer_tid);
	ctl_json_set(o, "local", ctl_json_addr(&t->path.local));
	ctl_json_set(o, "peer", ctl_json_addr(&t->path.peer));
	ctl_json_set(o, "state", json_string(l2tp_tunnel_state_name(t->state)));
	ctl_json_set(o, "link", json_string(conn ? conn->link_name : link ? link->owner.name : ""));
	ctl_json_set(o, "initiator", json_boolean(t->initiator));
	ctl_json_set(o, "hostname", ctl_json_text(t->hostname));
	ctl_json_set(o, "peer_hostname", ctl_json_text(t->peer_hostname));
	ctl_json_set(o, "peer_vendor", ctl_json_text(t->peer_vendor));
	ctl_json_set(o, "authenticated", json_boolean(t->authenticated));
	ctl_json_int(o, "sessions", t->sessions);
	ctl_json_set(o, "rtt_ms", json_real((double)t->rtt / 1000.0));
	ctl_json_int(o, "retransmits", t->retransmits);
	ctl_json_int(o, "rx_messages", t->rx_messages);
	ctl_json_int(o, "tx_messages", t->tx_messages);
	ctl_json_int(o, "duplicates", t->duplicates);
	for (unsigned i = 0; i < L2TP_DEV_COUNT; i++)
		if (t->deviations[i])
			ctl_json_int(deviations, l2tp_deviation_name(i), t->deviations[i]);
	ctl_json_set(o, "deviations", deviations);
	set_uptime(o, d, conn ? conn->up_since : 0);
	return o;
}

void show_tunnels(struct request *request, const json_t *params, void *user)
{
	struct daemon *d = user;
	json_t *list = json_array();
	uint16_t tid = 0;

	while ((tid = l2tp_core_next_tunnel(d->core, tid))) {
		struct l2tp_tunnel_info info;

		/* one that only waits for late retransmissions is nobody's tunnel any more */
		if (l2tp_core_tunnel_info(d->core, tid, &info) && info.state != L2TP_TUNNEL_CLOSING)
			json_array_append_new(list, tunnel_json(d, &info));
	}
	request_reply(request, json_pack("{s:o}", "tunnels", list));
}

static void set_counters(json_t *o, const struct call *call)
{
	const struct session_stats *s = &call->stats;

	ctl_json_set(o, "send_seq", json_boolean(s->sid ? s->send_seq : call->kernel.send_seq));
	ctl_json_set(o, "recv_seq", json_boolean(s->sid ? s->recv_seq : call->kernel.recv_seq));
	ctl_json_set(o, "lns_mode", json_boolean(s->sid ? s->lns_mode : call->kernel.lns_mode));
	ctl_json_set(o, "length", json_boolean(call->path->length));
	ctl_json_int(o, "rx_packets", s->rx_packets);
	ctl_json_int(o, "rx_bytes", s->rx_bytes);
	ctl_json_int(o, "tx_packets", s->tx_packets);
	ctl_json_int(o, "tx_bytes", s->tx_bytes);
	ctl_json_int(o, "errors", s->rx_errors + s->tx_errors);
	ctl_json_int(o, "rx_seq_discards", s->rx_seq_discards);
	ctl_json_int(o, "rx_oos_packets", s->rx_oos_packets);
}

/* RFC 2661 4.4.6, Call Errors */
static json_t *line_errors_json(const uint32_t errors[static 6])
{
	static const char *const names[6] = { "crc", "framing", "hardware", "overruns", "timeouts",
		"alignment" };
	json_t *o = json_object();

	for (unsigned i = 0; i < 6; i++)
		ctl_json_int(o, names[i], errors[i]);
	return o;
}

static const char *datapath(const struct call *call)
{
	return call->attachment->bridges && !call->path->length ? "bridge" : call->path->name;
}

static json_t *session_json(struct daemon *d, const struct call *call)
{
	struct l2tp_session_info info = { .calling = "", .called = "", .private_group = "" };
	json_t *o = json_object();

	l2tp_core_session_info(d->core, call->tid, call->sid, &info);
	ctl_json_int(o, "id", call->sid);
	ctl_json_int(o, "peer_id", call->peer_sid);
	ctl_json_int(o, "tunnel", call->tid);
	ctl_json_set(o, "link", json_string(call->owner->name));
	ctl_json_set(o, "role", json_string(call->role == L2TP_ROLE_LAC ? "lac" : "lns"));
	ctl_json_set(o, "call", json_string(info.outgoing ? "outgoing" : "incoming"));
	ctl_json_set(o, "state", json_string(l2tp_session_state_name(info.state)));
	ctl_json_set(o, "ppp_state", json_string(call_state_name(call)));
	ctl_json_set(o, "datapath", json_string(datapath(call)));
	ctl_json_set(o, "ifname", ctl_json_text(call->ip.ifname));
	ctl_json_set(o, "local_ip", ctl_json_ip(call->ip.local));
	ctl_json_set(o, "peer_ip", ctl_json_ip(call->ip.peer));
	ctl_json_set(o, "peer", ctl_json_addr(&call->conn->path.peer));
	ctl_json_set(o, "user", ctl_json_text(call->user));
	ctl_json_set(o, "calling", ctl_json_text(info.calling));
	ctl_json_set(o, "called", ctl_json_text(info.called));
	ctl_json_int(o, "mtu", call->ip.mtu);
	if (call->has_accm)
		ctl_json_set(o, "accm",
			json_pack("{s:I, s:I}", "send", (json_int_t)call->accm_send, "recv",
				(json_int_t)call->accm_recv));
	if (call->has_line_errors)
		ctl_json_set(o, "line_errors", line_errors_json(call->line_errors));
	if (*info.private_group)
		ctl_json_set(o, "private_group", ctl_json_text(info.private_group));
	set_counters(o, call);
	set_uptime(o, d, call->up_since);
	return o;
}

static void sessions_reply(struct daemon *d, struct request *request)
{
	json_t *list = json_array();
	struct call *call, *tmp;

	HASH_ITER (hh, d->calls->by_sid, call, tmp)
		json_array_append_new(list, session_json(d, call));
	request_reply(request, json_pack("{s:o}", "sessions", list));
}

static void stats_waiter_cancel(struct request *request, void *data)
{
	struct stats_waiter *waiter = data;

	LIST_REMOVE(waiter, entry);
	free(waiter);
}

/* The kernel's counters are read afresh; the answer waits for them. */
void show_sessions(struct request *request, const json_t *params, void *user)
{
	struct daemon *d = user;
	struct stats_waiter *waiter;

	waiter = stats_refresh(d) ? calloc(1, sizeof(*waiter)) : NULL;
	if (!waiter) {
		sessions_reply(d, request);
		return;
	}
	waiter->request = request;
	LIST_INSERT_HEAD(&d->viewers->waiters, waiter, entry);
	request_on_cancel(request, stats_waiter_cancel, waiter);
}

void show_read_news(struct daemon *d, const struct news *news)
{
	struct stats_waiter *waiter;

	if (news->type != NEWS_STATS)
		return;
	while ((waiter = LIST_FIRST(&d->viewers->waiters))) {
		LIST_REMOVE(waiter, entry);
		sessions_reply(d, waiter->request);
		free(waiter);
	}
}

static json_t *link_json(const struct link *link)
{
	const struct config_link *c = link->owner.config;
	json_t *o = json_object();
	char peer[400] = "", progress[PROGRESS_LEN];

	if (*c->peer.host)
		snprintf(peer, sizeof(peer), c->peer.port ? "%s %u" : "%s", c->peer.host,
			c->peer.port);
	ctl_json_set(o, "name", json_string(link->owner.name));
	ctl_json_set(o, "type", json_string(c->type));
	ctl_json_set(o, "state", json_string(link_state_name(link)));
	if (link->waiting)
		ctl_json_set(o, "waiting", ctl_json_text(link->waiting));
	progress_of(link, progress);
	if (*progress)
		ctl_json_set(o, "progress", ctl_json_text(progress));
	ctl_json_set(o, "peer", ctl_json_text(peer));
	ctl_json_int(o, "sessions", link->owner.calls_len);
	ctl_json_set(o, "originate", json_boolean(c->originate));
	ctl_json_set(o, "incoming", json_boolean(c->incoming));
	ctl_json_set(o, "ppp", json_string(c->ppp));
	ctl_json_set(o, "secret", json_string(*c->secret || *c->secret_file ? "******" : ""));
	ctl_json_set(o, "options", config_options_json(c));
	if (link->last_down) {
		json_t *down = json_object();

		ctl_json_set(down, "time", ctl_json_time(link->last_down->time));
		ctl_json_outcome(down, link->last_down);
		ctl_json_set(o, "last_down", down);
	} else {
		ctl_json_set(o, "last_down", json_null());
	}
	return o;
}

void show_links(struct request *request, const json_t *params, void *user)
{
	struct daemon *d = user;
	json_t *list = json_array();
	struct link *link;

	TAILQ_FOREACH (link, &d->links->list, entry)
		if (link->owner.config)
			json_array_append_new(list, link_json(link));
	request_reply(request, json_pack("{s:o}", "links", list));
}

void show_version(struct request *request, const json_t *params, void *user)
{
	struct daemon *d = user;

	request_reply(request,
		json_pack("{s:s, s:i, s:I}", "version", L2TPD_VERSION, "pid", process_id(),
			"uptime_s", (json_int_t)((daemon_now(d) - d->started) / USEC_PER_SEC)));
}

/* {limit: {scope: how often it was in the way}} */
static json_t *limits_json(const struct l2tp_core_stats *stats)
{
	json_t *limits = json_object();

	for (unsigned i = 0; i < L2TP_LIMIT_COUNT; i++) {
		json_t *scopes = json_object();

		for (unsigned j = 0; j < L2TP_SCOPE_COUNT; j++)
			if (stats->limits[i][j])
				ctl_json_int(scopes, l2tp_scope_name(j), stats->limits[i][j]);
		ctl_json_set(limits, l2tp_limit_name(i), scopes);
	}
	return limits;
}

/* Who makes us drop, refuse and give up most. */
static json_t *talkers_json(struct daemon *d)
{
	struct l2tp_talker talkers[L2TP_TALKERS_MAX];
	unsigned n = l2tp_core_talkers(d->core, daemon_now(d), talkers, L2TP_TALKERS_MAX);
	char host[L2TP_ADDR_STRLEN], text[L2TP_ADDR_STRLEN + 8];
	json_t *list = json_array();

	for (unsigned i = 0; i < n; i++) {
		json_t *o = json_object();

		snprintf(text, sizeof(text), "%s/%u",
			l2tp_addr_format_host(&talkers[i].network, host), talkers[i].width);
		ctl_json_set(o, "network", json_string(text));
		ctl_json_int(o, "events", talkers[i].events);
		json_array_append_new(list, o);
	}
	return list;
}

static void set_pressure(struct daemon *d, json_t *o, const struct l2tp_core_stats *stats)
{
	json_t *gave_way = json_object();

	for (unsigned i = 0; i < L2TP_RANK_COUNT; i++)
		ctl_json_int(gave_way, l2tp_rank_name(i), stats->gave_way[i]);
	ctl_json_int(gave_way, "starting", ppp_starting_gave_way(d));
	ctl_json_int(o, "idle", stats->idle);
	ctl_json_int(o, "closing", stats->closing);
	ctl_json_int(o, "refused_tunnels", stats->refused_tunnels);
	ctl_json_int(o, "refused_calls", stats->refused_calls);
	ctl_json_int(o, "refused_rate", stats->refused_rate);
	ctl_json_int(o, "overflows", stats->overflows);
	ctl_json_int(o, "probes", stats->probes);
	ctl_json_int(o, "probes_dead", stats->probes_dead);
	ctl_json_set(o, "limits", limits_json(stats));
	ctl_json_set(o, "gave_way", gave_way);
	ctl_json_set(o, "talkers", talkers_json(d));
}

void show_counters(struct request *request, const json_t *params, void *user)
{
	json_t *o = json_object(), *drops = json_object();
	struct l2tp_core_stats stats;
	struct daemon *d = user;

	l2tp_core_stats(d->core, &stats);
	ctl_json_int(o, "tunnels", stats.tunnels);
	ctl_json_int(o, "half_open", stats.half_open);
	ctl_json_int(o, "sessions", stats.sessions);
	ctl_json_int(o, "rx_messages", stats.rx_messages);
	ctl_json_int(o, "tx_messages", stats.tx_messages);
	ctl_json_int(o, "retransmits", stats.retransmits);
	ctl_json_int(o, "duplicates", stats.duplicates);
	ctl_json_int(o, "held_back", stats.held_back);
	set_pressure(d, o, &stats);
	for (unsigned i = 0; i < L2TP_DROP_COUNT; i++)
		ctl_json_int(drops, l2tp_drop_name((enum l2tp_drop)i), stats.drops[i]);
	ctl_json_set(o, "drops", drops);
	ctl_json_set(o, "pppoe", show_pppoe_counters(d));
	request_reply(request, json_pack("{s:o}", "counters", o));
}
