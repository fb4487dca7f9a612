/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "monitor.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <l2tpd/ctl.h>

#include "daemon/call/call.h"
#include "daemon/link/link.h"
#include "linux/process.h"

struct monitor_client {
	LIST_ENTRY(monitor_client) entry;
	struct request *request;
	struct daemon *daemon;
	bool packets; /* it is told of control messages, too */
};

struct monitors {
	LIST_HEAD(, monitor_client) clients;
	unsigned packet_watchers; /* of them */
	const struct tap *tap;
};

int monitors_new(struct daemon *d, const struct tap *tap)
{
	d->monitors = calloc(1, sizeof(*d->monitors));
	if (!d->monitors)
		return -ENOMEM;
	d->monitors->tap = tap;
	return 0;
}

void monitors_free(struct daemon *d)
{
	free(d->monitors);
	d->monitors = NULL;
}

static void count_packet_watcher(struct daemon *d, int change)
{
	d->monitors->packet_watchers += (unsigned)change;
	d->tap = d->monitors->packet_watchers ? d->monitors->tap : NULL;
}

static void monitor_cancel(struct request *request, void *data)
{
	struct monitor_client *client = data;

	LIST_REMOVE(client, entry);
	if (client->packets)
		count_packet_watcher(client->daemon, -1);
	free(client);
}

void monitor_method(struct request *request, const json_t *params, void *user)
{
	const json_t *packets = json_object_get(params, "packets");
	struct daemon *d = user;
	struct monitor_client *client;

	if (packets && !json_is_boolean(packets) && !json_is_null(packets)) {
		request_bad_parameter(request, "packets");
		return;
	}
	/* names and numbers of users are in them */
	if (json_is_true(packets) && !request_may_change(request)) {
		request_error(request, CTL_ERR_REFUSED,
			"only root and members of the control group may see packets");
		return;
	}
	if (!request_wants_more(request)) {
		request_error(request, CTL_ERR_MORE, "Monitor wants to be called with \"more\"");
		return;
	}
	client = calloc(1, sizeof(*client));
	if (!client) {
		request_error(request, CTL_ERR_FAILED, "%s", strerror(ENOMEM));
		return;
	}
	client->request = request;
	client->daemon = d;
	client->packets = json_is_true(packets);
	if (client->packets)
		count_packet_watcher(d, 1);
	LIST_INSERT_HEAD(&d->monitors->clients, client, entry);
	request_on_cancel(request, monitor_cancel, client);
}

void monitor_tell(struct daemon *d, json_t *event, bool packet)
{
	struct monitor_client *client, *next;

	for (client = LIST_FIRST(&d->monitors->clients); client; client = next) {
		next = LIST_NEXT(client, entry);
		if (!packet || client->packets)
			request_reply_more(client->request, json_pack("{s:O}", "event", event));
	}
	json_decref(event);
}

/* What all events about a call, a tunnel or a link have. */
static json_t *event_json(const char *event, const char *link, const struct conn *conn)
{
	json_t *o = json_object();

	ctl_json_set(o, "time", ctl_json_time(process_wall_clock()));
	ctl_json_set(o, "event", json_string(event));
	ctl_json_set(o, "link", json_string(link));
	ctl_json_int(o, "tunnel", conn ? conn->tid : 0);
	ctl_json_int(o, "session", 0);
	if (conn)
		ctl_json_set(o, "peer", ctl_json_addr(&conn->path.peer));
	return o;
}

static void tell_call(struct daemon *d, const char *event, const struct call *call)
{
	json_t *o = event_json(event, call->owner->name, call->conn);

	ctl_json_int(o, "session", call->sid);
	if (call->up_since) {
		ctl_json_set(o, "ifname", ctl_json_text(call->ip.ifname));
		ctl_json_set(o, "local_ip", ctl_json_ip(call->ip.local));
		ctl_json_set(o, "peer_ip", ctl_json_ip(call->ip.peer));
		ctl_json_set(o, "user", ctl_json_text(call->user));
	}
	if (call->end)
		ctl_json_outcome(o, call->end);
	monitor_tell(d, o, false);
}

static void tell_conn(struct daemon *d, const char *event, const struct conn *conn)
{
	json_t *o = event_json(event, conn->link_name, conn);

	if (conn->end)
		ctl_json_outcome(o, conn->end);
	monitor_tell(d, o, false);
}

void monitor_read_news(struct daemon *d, const struct news *news)
{
	if (LIST_EMPTY(&d->monitors->clients))
		return;
	switch (news->type) {
	case NEWS_TUNNEL_UP:
		tell_conn(d, "tunnel-up", news->conn);
		break;
	case NEWS_TUNNEL_DOWN:
		tell_conn(d, "tunnel-down", news->conn);
		break;
	case NEWS_CALL_UP:
		tell_call(d, "session-up", news->call);
		break;
	case NEWS_CALL_ENDED:
		tell_call(d, "session-down", news->call);
		break;
	case NEWS_LINK_UP:
	case NEWS_LINK_FAILED:
	case NEWS_LINK_GONE:
	case NEWS_CALL_MORE:
	case NEWS_LINE_CALLS:
	case NEWS_LINE_KNOWN:
	case NEWS_LINE_ENDED:
	case NEWS_STATS:
	case NEWS_NETWORK:
		break;
	}
}
