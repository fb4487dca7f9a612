/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "transient.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <l2tpd/ctl.h>

#include "config/config.h"
#include "config/option_text.h"
#include "config/transient.h"
#include "daemon/json.h"
#include "daemon/link/dial.h"

#define SETTINGS_MAX 500u /* of one section */

struct transient {
	struct request *request;
	struct config *config; /* of this link and its profile */
	struct link *link;
};

/* --- what is told --- */

static json_t *dns_json(const struct call_ip *ip)
{
	json_t *list = json_array();

	for (size_t i = 0; i < 2; i++)
		if (ip->dns[i])
			json_array_append_new(list, ctl_json_ip(ip->dns[i]));
	return list;
}

/* RFC 5072 5: the link-local address of an interface identifier */
static json_t *link_local_json(uint64_t id)
{
	struct in6_addr addr = { .s6_addr = { 0xfe, 0x80 } };
	char text[INET6_ADDRSTRLEN];

	memcpy(&addr.s6_addr[8], &id, sizeof(id));
	return json_string(inet_ntop(AF_INET6, &addr, text, sizeof(text)));
}

static void set_up(json_t *o, const struct call *call)
{
	ctl_json_int(o, "tunnel", call->tid);
	ctl_json_int(o, "session", call->sid);
	ctl_json_set(o, "peer", ctl_json_addr(&call->conn->path.peer));
	ctl_json_set(o, "local", ctl_json_addr(&call->conn->path.local));
	ctl_json_set(o, "ifname", ctl_json_text(call->ip.ifname));
	ctl_json_set(o, "local_ip", ctl_json_ip(call->ip.local));
	ctl_json_set(o, "peer_ip", ctl_json_ip(call->ip.peer));
	ctl_json_set(o, "dns", dns_json(&call->ip));
	ctl_json_int(o, "mtu", call->ip.mtu);
	ctl_json_set(o, "user", ctl_json_text(call->user));
	if (!call->ip.ip6_up)
		return;
	ctl_json_set(o, "local_ip6", link_local_json(call->ip.ip6_local_id));
	ctl_json_set(o, "peer_ip6", link_local_json(call->ip.ip6_peer_id));
}

/* event is stolen. */
static void tell(const struct link *link, const char *name, json_t *event)
{
	ctl_json_set(event, "event", json_string(name));
	ctl_json_set(event, "link", json_string(link->owner.name));
	request_reply_more(link->transient->request, json_pack("{s:o}", "event", event));
}

static void tell_up(const struct link *link)
{
	json_t *event;

	if (!link->call) /* it has ended meanwhile, which is told next */
		return;
	event = json_object();
	set_up(event, link->call);
	tell(link, "up", event);
}

static void tell_failed(struct daemon *d, const struct link *link)
{
	json_t *event = json_object();
	uint64_t when = 0;

	if (link->last_down)
		ctl_json_outcome(event, link->last_down);
	ctl_json_int(event, "errno", (uint64_t)-link->dial_error);
	if (d->stopping) {
		tell(link, "stopping", event);
	} else if (link->state == LINK_WAITING) {
		if (sd_event_source_get_time(link->timer, &when) >= 0 && when > daemon_now(d))
			ctl_json_int(event, "retry_ms", (when - daemon_now(d)) / USEC_PER_MSEC);
		tell(link, "waiting", event);
	} else {
		tell(link, "down", event);
	}
}

void transient_read_news(struct daemon *d, const struct news *news)
{
	const struct link *link;

	if (news->type == NEWS_LINK_UP && news->link->transient) {
		tell_up(news->link);
	} else if (news->type == NEWS_LINK_FAILED && news->link->transient) {
		tell_failed(d, news->link);
	} else if (news->type == NEWS_CALL_MORE) {
		link = link_of(news->call);
		if (link->transient && link->call == news->call && link->state == LINK_UP)
			tell_up(link);
	}
}

/* --- making and ending it --- */

static void transient_free(struct transient *transient)
{
	struct link *link = transient->link;

	if (link) {
		link->transient = NULL;
		link->owner.config = NULL;
		dial_close(link, "closed by order");
		link_settle(link);
	}
	config_free(transient->config);
	free(transient);
}

static void transient_cancel(struct request *request, void *data)
{
	struct transient *transient = data;

	log_info("%s: its client is gone", transient->link->owner.name);
	transient_free(transient);
}

/* [[key, value], ...] as an array for free(); the texts stay the JSON's. NULL: *ret_bad or memory.
 */
static struct config_setting *settings_new(const json_t *list, bool *ret_bad)
{
	struct config_setting *settings = calloc(json_array_size(list) + 1, sizeof(*settings));
	json_t *pair;
	size_t i;

	*ret_bad = !json_is_array(list) || json_array_size(list) > SETTINGS_MAX;
	json_array_foreach (list, i, pair) {
		const char *key = json_string_value(json_array_get(pair, 0));
		const char *value = json_string_value(json_array_get(pair, 1));

		if (*ret_bad || !key || !value || json_array_size(pair) != 2) {
			*ret_bad = true;
			break;
		}
		if (settings)
			settings[i] = (struct config_setting){ key, value };
	}
	if (*ret_bad) {
		free(settings);
		return NULL;
	}
	return settings;
}

static void open_it(struct request *request, struct daemon *d, struct config *config)
{
	struct transient *transient = calloc(1, sizeof(*transient));
	struct why why = { "out of memory" };
	pid_t pid;
	uid_t uid;

	if (!transient) {
		config_free(config);
		request_error(request, CTL_ERR_FAILED, "%s", why.text);
		return;
	}
	transient->request = request;
	transient->config = config;
	transient->link = link_new(d, &config->links[0]);
	if (!transient->link || dial_open(transient->link, &why) < 0) {
		transient_free(transient);
		request_error(request, CTL_ERR_FAILED, "%s", why.text);
		return;
	}
	transient->link->transient = transient;
	request_peer(request, &pid, &uid);
	log_notice("%s: made by process %d of uid %u, to last as long as that",
		transient->link->owner.name, (int)pid, (unsigned)uid);
	request_on_cancel(request, transient_cancel, transient);
	tell(transient->link, "opened", json_object());
}

/*
 * The name gets what no name of a file has: so no reload, and no other link of this kind, can mean
 * it.
 */
static void add(struct request *request, struct daemon *d, const json_t *params,
	const struct config_setting *link, const struct config_setting *ppp)
{
	const char *name = json_string_value(json_object_get(params, "name"));
	char unique[OPTION_NAME_MAX + 1], error[CONFIG_TRANSIENT_ERROR];
	struct config *config;
	int r;

	if (!option_name_valid(name)) {
		request_error(request, CTL_ERR_REFUSED,
			"\"%s\" is not a name (1 to %d of A-Z a-z 0-9 _ . -)", name,
			OPTION_NAME_MAX);
		return;
	}
	snprintf(unique, sizeof(unique), "%.50s@%u", name, d->links->last_id + 1);
	r = config_transient(unique, link, json_array_size(json_object_get(params, "settings")),
		ppp, json_array_size(json_object_get(params, "ppp")), &config, error);
	if (r < 0)
		request_error(
			request, r == -EINVAL ? CTL_ERR_REFUSED : CTL_ERR_FAILED, "%s", error);
	else
		open_it(request, d, config);
}

void transient_add(struct request *request, const json_t *params, void *user)
{
	struct config_setting *link = NULL, *ppp = NULL;
	bool bad = !json_is_string(json_object_get(params, "name"));
	const char *what = "name";

	if (!request_wants_more(request)) {
		request_error(
			request, CTL_ERR_MORE, "AddTransientLink wants to be called with \"more\"");
		return;
	}
	if (!bad) {
		what = "settings";
		link = settings_new(json_object_get(params, what), &bad);
	}
	if (!bad) {
		what = "ppp";
		ppp = settings_new(json_object_get(params, what), &bad);
	}
	if (bad)
		request_bad_parameter(request, what);
	else if (!link || !ppp)
		request_error(request, CTL_ERR_FAILED, "%s", strerror(ENOMEM));
	else
		add(request, user, params, link, ppp);
	free(link);
	free(ppp);
}
