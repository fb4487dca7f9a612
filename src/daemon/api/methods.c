/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The methods of the control protocol (include/l2tpd/ctl.h): the daemon's objects as JSON, orders
 * to links and calls.
 */
#include "methods.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <l2tpd/ctl.h>

#include "daemon/json.h"
#include "daemon/reload.h"
#include "daemon/watch/monitor.h"
#include "transient.h"
#include "version.h"

/* --- lists --- */

static void set_uptime(json_t *object, struct daemon *d, usec_t since)
{
	ctl_json_int(object, "uptime_s", since ? (daemon_now(d) - since) / USEC_PER_SEC : 0);
}

static json_t *tunnel_json(struct daemon *d, const struct l2tp_tunnel_info *t)
{
	const struct link *link = link_by_id(d, (uint32_t)t->cookie);
	const struct conn *conn = conn_find(d, t->tid);
	json_t *o = json_object(), *deviations = json_object();

	ctl_json_int(o, "id", t->tid);
	ctl_json_int(o, "peer_id", t->peer_tid);
	ctl_json_set(o, "local", ctl_json_addr(&t->path.local));
	ctl_json_set(o, "peer", ctl_json_addr(&t->path.peer));
	ctl_json_set(o, "state", json_string(l2tp_tunnel_state_name(t->state)));
	ctl_json_set(o, "link", json_string(conn ? conn->link_name : link ? link->name : ""));
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

static void list_tunnels(struct request *request, const json_t *params, void *user)
{
	struct daemon *d = user;
	json_t *list = json_array();
	uint16_t tid = 0;

	(void)params;
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
	ctl_json_set(o, "length", json_boolean(call->relayed));
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

static json_t *session_json(struct daemon *d, const struct call *call)
{
	struct l2tp_session_info info = { .calling = "", .called = "", .private_group = "" };
	json_t *o = json_object();

	l2tp_core_session_info(d->core, call->tid, call->sid, &info);
	ctl_json_int(o, "id", call->sid);
	ctl_json_int(o, "peer_id", call->peer_sid);
	ctl_json_int(o, "tunnel", call->tid);
	ctl_json_set(o, "link", json_string(call->link->name));
	ctl_json_set(o, "role", json_string(call->role == L2TP_ROLE_LAC ? "lac" : "lns"));
	ctl_json_set(o, "call", json_string(info.outgoing ? "outgoing" : "incoming"));
	ctl_json_set(o, "state", json_string(l2tp_session_state_name(info.state)));
	ctl_json_set(o, "ppp_state", json_string(call_state_name(call)));
	ctl_json_set(o, "datapath", json_string(call->relayed ? "relay" : "kernel"));
	ctl_json_set(o, "ifname", ctl_json_text(call->ifname));
	ctl_json_set(o, "local_ip", ctl_json_ip(call->local_ip));
	ctl_json_set(o, "peer_ip", ctl_json_ip(call->peer_ip));
	ctl_json_set(o, "peer", ctl_json_addr(&call->conn->path.peer));
	ctl_json_set(o, "user", ctl_json_text(call->user));
	ctl_json_set(o, "calling", ctl_json_text(info.calling));
	ctl_json_set(o, "called", ctl_json_text(info.called));
	ctl_json_int(o, "mtu", call->mtu);
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

	calls_relay_stats(d);
	HASH_ITER (hh, d->calls, call, tmp)
		json_array_append_new(list, session_json(d, call));
	request_reply(request, json_pack("{s:o}", "sessions", list));
}

static void stats_waiter_cancel(struct request *request, void *data)
{
	struct stats_waiter *waiter = data;

	(void)request;
	LIST_REMOVE(waiter, entry);
	free(waiter);
}

/* The kernel's counters are read afresh; the answer waits for them. */
static void list_sessions(struct request *request, const json_t *params, void *user)
{
	struct daemon *d = user;
	struct stats_waiter *waiter;
	int r;

	(void)params;
	r = d->stats && d->calls ? stats_request(d->stats) : -ENODEV;
	waiter = r == 0 || r == -EBUSY ? calloc(1, sizeof(*waiter)) : NULL;
	if (!waiter) {
		sessions_reply(d, request);
		return;
	}
	waiter->request = request;
	LIST_INSERT_HEAD(&d->stats_waiters, waiter, entry);
	request_on_cancel(request, stats_waiter_cancel, waiter);
}

void ctl_stats_done(struct daemon *d)
{
	while (!LIST_EMPTY(&d->stats_waiters)) {
		struct stats_waiter *waiter = LIST_FIRST(&d->stats_waiters);

		LIST_REMOVE(waiter, entry);
		sessions_reply(d, waiter->request);
		free(waiter);
	}
}

static json_t *link_json(const struct link *link)
{
	const struct config_link *c = link->config;
	json_t *o = json_object();
	char peer[400] = "";

	if (*c->peer.host)
		snprintf(peer, sizeof(peer), c->peer.port ? "%s %u" : "%s", c->peer.host,
			c->peer.port);
	ctl_json_set(o, "name", json_string(link->name));
	ctl_json_set(o, "type", json_string(c->type));
	ctl_json_set(o, "state", json_string(link_state_name(link)));
	ctl_json_set(o, "peer", ctl_json_text(peer));
	ctl_json_int(o, "sessions", link->calls);
	ctl_json_set(o, "originate", json_boolean(c->originate));
	ctl_json_set(o, "incoming", json_boolean(c->incoming));
	ctl_json_set(o, "ppp", json_string(c->ppp));
	ctl_json_set(o, "secret", json_string(*c->secret || *c->secret_file ? "******" : ""));
	ctl_json_set(o, "options", ctl_link_options(c));
	if (link->last_down.time) {
		json_t *down = json_object();

		ctl_json_set(down, "time", ctl_json_time(link->last_down.time));
		ctl_json_outcome(down, &link->last_down);
		ctl_json_set(o, "last_down", down);
	} else {
		ctl_json_set(o, "last_down", json_null());
	}
	return o;
}

static void list_links(struct request *request, const json_t *params, void *user)
{
	struct daemon *d = user;
	json_t *list = json_array();
	struct link *link;

	(void)params;
	TAILQ_FOREACH (link, &d->links, entry)
		if (link->config)
			json_array_append_new(list, link_json(link));
	request_reply(request, json_pack("{s:o}", "links", list));
}

static void get_version(struct request *request, const json_t *params, void *user)
{
	struct daemon *d = user;

	(void)params;
	request_reply(request,
		json_pack("{s:s, s:i, s:I}", "version", L2TPD_VERSION, "pid", (int)getpid(),
			"uptime_s", (json_int_t)((daemon_now(d) - d->started) / USEC_PER_SEC)));
}

static void get_counters(struct request *request, const json_t *params, void *user)
{
	json_t *o = json_object(), *drops = json_object();
	struct l2tp_core_stats stats;
	struct daemon *d = user;

	(void)params;
	l2tp_core_stats(d->core, &stats);
	ctl_json_int(o, "tunnels", stats.tunnels);
	ctl_json_int(o, "half_open", stats.half_open);
	ctl_json_int(o, "sessions", stats.sessions);
	ctl_json_int(o, "rx_messages", stats.rx_messages);
	ctl_json_int(o, "tx_messages", stats.tx_messages);
	ctl_json_int(o, "retransmits", stats.retransmits);
	ctl_json_int(o, "duplicates", stats.duplicates);
	ctl_json_int(o, "held_back", stats.held_back);
	for (unsigned i = 0; i < L2TP_DROP_COUNT; i++)
		ctl_json_int(drops, l2tp_drop_name((enum l2tp_drop)i), stats.drops[i]);
	ctl_json_set(o, "drops", drops);
	request_reply(request, json_pack("{s:o}", "counters", o));
}

/* --- open --- */

static json_t *link_up_json(const struct link *link)
{
	const struct call *call = link->call;

	return json_pack("{s:s, s:i, s:o, s:o, s:o}", "link", link->name, "session",
		call ? (int)call->sid : 0, "ifname", ctl_json_text(call ? call->ifname : ""),
		"local_ip", ctl_json_ip(call ? call->local_ip : 0), "peer_ip",
		ctl_json_ip(call ? call->peer_ip : 0));
}

void ctl_waiter_up(struct waiter *waiter, const struct link *link)
{
	request_reply(waiter->request, link_up_json(link));
	free(waiter);
}

void ctl_waiter_failed(struct waiter *waiter, const struct link *link)
{
	request_error(waiter->request, CTL_ERR_FAILED, "%s: %s%s", link->name, link->last_down.text,
		link->state == LINK_WAITING ? " (will be tried again)" : "");
	free(waiter);
}

static void waiter_cancel(struct request *request, void *data)
{
	struct waiter *waiter = data;

	(void)request;
	LIST_REMOVE(waiter, entry);
	free(waiter);
}

static void open_link(struct request *request, const json_t *params, void *user)
{
	const char *name = json_string_value(json_object_get(params, "link"));
	bool wait = !json_is_false(json_object_get(params, "wait"));
	struct link *link = name ? link_find(user, name) : NULL;
	struct waiter *waiter;
	char text[400];

	if (!name) {
		request_bad_parameter(request, "link");
		return;
	}
	if (!link) {
		request_error(request, CTL_ERR_NOT_FOUND, "there is no link \"%s\"", name);
		return;
	}
	if (link_open(link, text, sizeof(text)) < 0) {
		request_error(request, CTL_ERR_REFUSED, "%s", text);
		return;
	}
	waiter = wait && link->state != LINK_UP ? calloc(1, sizeof(*waiter)) : NULL;
	if (!waiter) {
		request_reply(request, link_up_json(link));
		return;
	}
	waiter->request = request;
	LIST_INSERT_HEAD(&link->waiters, waiter, entry);
	request_on_cancel(request, waiter_cancel, waiter);
}

/* --- close --- */

static void close_wait_done(struct close_wait *wait)
{
	if (wait->pending > 0)
		return;
	if (wait->request)
		request_reply(wait->request, json_pack("{s:i}", "closed", (int)wait->closed));
	free(wait);
}

void close_wait_add(struct call *call, struct close_wait *wait)
{
	struct close_entry *entry = calloc(1, sizeof(*entry));

	if (!entry)
		return; /* it is closed all the same, only not waited for */
	entry->wait = wait;
	wait->pending++;
	LIST_INSERT_HEAD(&call->closers, entry, entry);
}

void close_wait_call_gone(struct call *call)
{
	while (!LIST_EMPTY(&call->closers)) {
		struct close_entry *entry = LIST_FIRST(&call->closers);
		struct close_wait *wait = entry->wait;

		LIST_REMOVE(entry, entry);
		free(entry);
		wait->pending--;
		wait->closed++;
		close_wait_done(wait);
	}
}

static void close_cancel(struct request *request, void *data)
{
	struct close_wait *wait = data;

	(void)request;
	wait->request = NULL; /* freed with the last call */
}

static void close_calls(struct daemon *d, struct link *link, uint16_t sid, struct close_wait *wait)
{
	struct call *call, *tmp;

	HASH_ITER (hh, d->calls, call, tmp) {
		if (link ? call->link != link : call->sid != sid)
			continue;
		close_wait_add(call, wait);
		if (!link && call->link->call == call)
			link_close(call->link, "closed by order"); /* and no redial */
		else if (!link)
			call_close(call, "closed by order");
	}
	if (link)
		link_close(link, "closed by order");
}

static void close_target(struct request *request, const json_t *params, void *user)
{
	const char *target = json_string_value(json_object_get(params, "target"));
	struct daemon *d = user;
	struct close_wait *wait;
	struct link *link;
	unsigned long sid = 0;
	char *end;

	if (!target || !*target) {
		request_bad_parameter(request, "target");
		return;
	}
	link = link_find(d, target);
	if (!link) {
		sid = strtoul(target, &end, 10);
		if (*end || sid > 65535 || !call_find(d, (uint16_t)sid)) {
			request_error(request, CTL_ERR_NOT_FOUND,
				"there is no link or session \"%s\"", target);
			return;
		}
	}
	wait = calloc(1, sizeof(*wait));
	if (!wait) {
		request_error(request, CTL_ERR_FAILED, "%s", strerror(ENOMEM));
		return;
	}
	wait->request = request;
	wait->pending = 1; /* ours, while calls are gathered */
	request_on_cancel(request, close_cancel, wait);
	close_calls(d, link, (uint16_t)sid, wait);
	wait->pending--;
	close_wait_done(wait);
}

/* --- the rest --- */

static void reload(struct request *request, const json_t *params, void *user)
{
	struct config_errors errors = { 0 };

	(void)params;
	if (daemon_reload(user, &errors) < 0)
		request_error(request, CTL_ERR_FAILED, "the configuration was not changed: %s%s",
			errors.len ? errors.text[0] : "out of memory",
			errors.len > 1 ? " (and more: see l2tpctl check)" : "");
	else
		request_reply(request, NULL);
	config_errors_free(&errors);
}

const struct ctl_method ctl_methods[] = {
	{ CTL_GET_VERSION, false, get_version },
	{ CTL_GET_COUNTERS, false, get_counters },
	{ CTL_LIST_LINKS, false, list_links },
	{ CTL_LIST_TUNNELS, false, list_tunnels },
	{ CTL_LIST_SESSIONS, false, list_sessions },
	{ CTL_OPEN, true, open_link },
	{ CTL_CLOSE, true, close_target },
	{ CTL_RELOAD, true, reload },
	{ CTL_MONITOR, false, ctl_monitor },
	{ CTL_SET_LINK, true, ctl_set_link },
	{ CTL_CREATE_LINK, true, ctl_create_link },
	{ CTL_ADD_TRANSIENT, true, ctl_add_transient_link },
	{ CTL_GET_CONFIG, true, ctl_get_config },
	{ CTL_LIST_OPTIONS, false, ctl_list_options },
	{ NULL, false, NULL },
};
