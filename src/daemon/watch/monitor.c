/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Monitor: events, and control messages in words, for those who watch. While nobody watches
 * messages (daemon.packet_watchers), nothing of the second half of this file runs.
 */
#include "monitor.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <l2tpd/ctl.h>

#include "daemon/json.h"

static void monitor_cancel(struct request *request, void *data)
{
	struct monitor_client *client = data;

	(void)request;
	LIST_REMOVE(client, entry);
	if (client->packets)
		client->daemon->packet_watchers--;
	free(client);
}

void ctl_monitor(struct request *request, const json_t *params, void *user)
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
		d->packet_watchers++;
	LIST_INSERT_HEAD(&d->monitors, client, entry);
	request_on_cancel(request, monitor_cancel, client);
}

/* event is stolen. */
static void tell(struct daemon *d, json_t *event, bool packet)
{
	struct monitor_client *client, *next;

	for (client = LIST_FIRST(&d->monitors); client; client = next) {
		next = LIST_NEXT(client, entry);
		if (!packet || client->packets)
			request_reply_more(client->request, json_pack("{s:O}", "event", event));
	}
	json_decref(event);
}

void ctl_event(struct daemon *d, const char *event, const struct link *link,
	const struct conn *conn, const struct call *call, const struct outcome *outcome)
{
	json_t *o;

	if (LIST_EMPTY(&d->monitors))
		return;
	o = json_object();
	ctl_json_set(o, "time", ctl_json_time(time(NULL)));
	ctl_json_set(o, "event", json_string(event));
	ctl_json_set(o, "link", json_string(link ? link->name : ""));
	ctl_json_int(o, "tunnel", conn ? conn->tid : 0);
	ctl_json_int(o, "session", call ? call->sid : 0);
	if (conn)
		ctl_json_set(o, "peer", ctl_json_addr(&conn->path.peer));
	if (call && call->up_since) {
		ctl_json_set(o, "ifname", ctl_json_text(call->ifname));
		ctl_json_set(o, "local_ip", ctl_json_ip(call->local_ip));
		ctl_json_set(o, "peer_ip", ctl_json_ip(call->peer_ip));
		ctl_json_set(o, "user", ctl_json_text(call->user));
	}
	if (outcome)
		ctl_json_outcome(o, outcome);
	tell(d, o, false);
}

/* --- messages --- */

static json_t *packet_time(const struct timespec *when)
{
	char day[40], text[60];
	struct tm tm;

	gmtime_r(&when->tv_sec, &tm);
	strftime(day, sizeof(day), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(text, sizeof(text), "%s.%06ldZ", day, when->tv_nsec / 1000);
	return json_string(text);
}

void packet_describe(struct daemon *d, uint16_t tid, const uint8_t *buf, size_t len,
	const struct l2tp_secret *secret, struct packet_words *ret)
{
	struct l2tp_description description;

	clock_gettime(CLOCK_REALTIME, &ret->time);
	l2tp_describe_begin(&description, buf, len, NULL);
	memcpy(ret->message, description.name, sizeof(ret->message));
	ret->hdr = description.hdr;
	if (secret)
		l2tp_describe(buf, len, secret, ret->text, sizeof(ret->text));
	else
		l2tp_core_describe(d->core, tid, buf, len, ret->text, sizeof(ret->text));
}

static void tell_packet(struct daemon *d, const char *direction, const struct l2tp_path *path,
	uint16_t tid, uint16_t sid, const struct packet_words *words, bool retransmit,
	const char *dropped)
{
	json_t *o = json_object();

	ctl_json_set(o, "time", packet_time(&words->time));
	ctl_json_set(o, "event", json_string("packet"));
	ctl_json_set(o, "direction", json_string(direction));
	ctl_json_set(o, "local", ctl_json_addr(&path->local));
	ctl_json_set(o, "peer", ctl_json_addr(&path->peer));
	ctl_json_int(o, "tunnel", tid);
	ctl_json_int(o, "session", sid);
	ctl_json_set(o, "message", ctl_json_text(words->message));
	ctl_json_int(o, "ns", words->hdr.ns);
	ctl_json_int(o, "nr", words->hdr.nr);
	ctl_json_set(o, "retransmit", json_boolean(retransmit));
	if (dropped)
		ctl_json_set(o, "dropped", json_string(dropped));
	ctl_json_set(o, "text", ctl_json_text(words->text));
	tell(d, o, true);
}

void packet_received(struct daemon *d, const struct l2tp_path *path,
	const struct l2tp_core_stats *before, const struct packet_words *words)
{
	const char *dropped = NULL;
	struct l2tp_core_stats now;

	l2tp_core_stats(d->core, &now);
	for (unsigned i = 0; i < L2TP_DROP_COUNT; i++)
		if (now.drops[i] != before->drops[i])
			dropped = l2tp_drop_name((enum l2tp_drop)i);
	tell_packet(d, "received", path, words->hdr.tid, words->hdr.sid, words,
		now.duplicates != before->duplicates, dropped);
}

/* Its header has the peer's ids; ours are those that all the other events have. */
static uint16_t own_session(const struct daemon *d, uint16_t tid, uint16_t peer_sid)
{
	struct call *call, *tmp;

	HASH_ITER (hh, d->calls, call, tmp)
		if (peer_sid && call->tid == tid && call->peer_sid == peer_sid)
			return call->sid;
	return 0;
}

void packet_sent(struct daemon *d, const struct l2tp_effect *e)
{
	struct packet_words words;

	packet_describe(d, e->tid, e->send.data, e->send.len, NULL, &words);
	tell_packet(d, "sent", &e->path, e->tid, own_session(d, e->tid, words.hdr.sid), &words,
		e->send.retransmit, NULL);
}
