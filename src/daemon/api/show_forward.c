/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "show_forward.h"

#include <stdio.h>

#include "daemon/attach/line_serial.h"
#include "daemon/attach/pppoe_host.h"
#include "daemon/json.h"
#include "daemon/link/forward.h"
#include "daemon/link/forwarded.h"

static json_t *target_json(const struct target *target)
{
	usec_t now = daemon_now(target->forward->daemon);
	json_t *o = json_object();

	ctl_json_set(o, "link", json_string(target->link));
	ctl_json_int(o, "weight", target->weight);
	ctl_json_set(o, "state", json_string(target->dead_until > now ? "dead" : "ok"));
	ctl_json_int(o, "calls", target->up);
	ctl_json_int(o, "retry_s",
		target->dead_until > now ? (target->dead_until - now) / USEC_PER_SEC : 0);
	return o;
}

static const char *from_name(const struct config_source *from, char buf[static 80])
{
	static const char *const kinds[] = { [SOURCE_NONE] = "",
		[SOURCE_PPPOE] = "pppoe",
		[SOURCE_SERIAL] = "serial",
		[SOURCE_LINK] = "link" };

	snprintf(buf, 80, "%s:%s", kinds[from->kind], from->name ? from->name : "");
	return buf;
}

static json_t *forward_json(const struct forward *forward)
{
	static const char *const proxies[] = {
		[PROXY_NONE] = "none", [PROXY_LCP] = "lcp", [PROXY_AUTH] = "auth"
	};
	json_t *o = json_object(), *to = json_array();
	const struct forwarded *fwd;
	const struct target *target;
	unsigned up = 0;
	char from[80];

	LIST_FOREACH (fwd, &forward->calls, entry)
		up += fwd->up;
	TAILQ_FOREACH (target, &forward->targets, entry)
		if (!target->removed)
			json_array_append_new(to, target_json(target));
	ctl_json_set(o, "name", json_string(forward->name));
	ctl_json_set(o, "from", json_string(from_name(&forward->config->from, from)));
	if (forward->config->from.kind == SOURCE_SERIAL)
		ctl_json_set(o, "line",
			json_string(serials_state(forward->daemon, forward->config->from.name)));
	ctl_json_set(o, "proxy", json_string(proxies[forward->config->proxy]));
	ctl_json_int(o, "calls", forward->calls_len);
	ctl_json_int(o, "up", up);
	ctl_json_int(o, "taken", forward->taken);
	ctl_json_int(o, "refused", forward->refused);
	ctl_json_set(o, "to", to);
	return o;
}

void show_forwards(struct request *request, const json_t *params, void *user)
{
	const struct forward *forward;
	struct daemon *d = user;
	json_t *list = json_array();

	TAILQ_FOREACH (forward, &d->forwards->list, entry)
		if (forward->config)
			json_array_append_new(list, forward_json(forward));
	request_reply(request, json_pack("{s:o}", "forwards", list));
}

/* Octets of an access node, which mostly read like text. */
static void set_span(json_t *o, const char *key, struct l2tp_span span)
{
	char text[256];

	if (!span.data)
		return;
	l2tp_text_copy(text, sizeof(text), span);
	ctl_json_set(o, key, ctl_json_text(text));
}

static json_t *pppoe_json(const struct line *line, const struct pppoe_info *info)
{
	const struct call *call = line->call;
	json_t *o = json_object();
	char mac[18];

	snprintf(mac, sizeof(mac), "%02x:%02x:%02x:%02x:%02x:%02x", info->mac[0], info->mac[1],
		info->mac[2], info->mac[3], info->mac[4], info->mac[5]);
	ctl_json_int(o, "id", info->sid);
	ctl_json_set(o, "pppoe", json_string(line->section));
	ctl_json_int(o, "ifindex", info->port);
	ctl_json_set(
		o, "interface", ctl_json_text(pppoe_host_ifname(line->daemon, (int)info->port)));
	ctl_json_set(o, "mac", json_string(mac));
	set_span(o, "service", info->service);
	ctl_json_set(o, "state", json_string(line_state_name(line->state)));
	ctl_json_set(o, "user", ctl_json_text(line->user));
	ctl_json_int(o, "max_payload", info->max_payload);
	if (info->line) {
		set_span(o, "circuit_id", info->line->circuit_id);
		set_span(o, "remote_id", info->line->remote_id);
	}
	ctl_json_set(o, "link", json_string(call ? call->owner->name : ""));
	ctl_json_int(o, "tunnel", call ? call->tid : 0);
	ctl_json_int(o, "session", call ? call->sid : 0);
	ctl_json_int(o, "uptime_s", (daemon_now(line->daemon) - line->since) / USEC_PER_SEC);
	return o;
}

void show_pppoe(struct request *request, const json_t *params, void *user)
{
	json_t *list = json_array();
	struct daemon *d = user;
	struct pppoe_info info;
	struct line *line;

	LIST_FOREACH (line, &d->lines->list, all)
		if (line_pppoe_info(line, &info))
			json_array_append_new(list, pppoe_json(line, &info));
	request_reply(request, json_pack("{s:o}", "pppoe", list));
}

json_t *show_pppoe_counters(const struct daemon *d)
{
	const struct concentrator *concentrator = NULL;
	json_t *all = json_object();
	struct pppoe_stats stats;

	while ((concentrator = pppoe_host_next(d, concentrator))) {
		json_t *o = json_object();

		pppoe_ac_stats(concentrator->ac, &stats);
		ctl_json_int(o, "interfaces", pppoe_host_ports(d, concentrator));
		ctl_json_int(o, "sessions", stats.sessions);
		ctl_json_int(o, "pending", stats.pending);
		ctl_json_int(o, "padi", stats.padi);
		ctl_json_int(o, "pado", stats.pado);
		ctl_json_int(o, "padi_limited", stats.padi_limited);
		ctl_json_int(o, "padr", stats.padr);
		ctl_json_int(o, "repeated", stats.repeated);
		ctl_json_int(o, "bad_cookie", stats.bad_cookie);
		ctl_json_int(o, "pads", stats.pads);
		ctl_json_int(o, "refused", stats.refused);
		ctl_json_int(o, "held", stats.held);
		ctl_json_int(o, "padt_received", stats.padt_received);
		ctl_json_int(o, "padt_sent", stats.padt_sent);
		ctl_json_int(o, "not_for_us", stats.not_for_us);
		ctl_json_int(o, "malformed", stats.malformed);
		ctl_json_set(all, concentrator->name, o);
	}
	return all;
}
