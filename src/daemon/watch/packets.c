/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "packets.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include <l2tp/describe.h>

#include "daemon/call/call.h"
#include "linux/process.h"
#include "monitor.h"

/* A control message in words, made before the core decrypts it in place. */
struct packet_words {
	struct timespec time; /* CLOCK_REALTIME */
	char message[sizeof(((struct l2tp_description *)0)->name)];
	struct l2tp_header hdr;
	char text[L2TP_DESCRIBE_LINE];
};

static json_t *packet_time(const struct timespec *when)
{
	char day[40], text[60];
	struct tm tm;

	gmtime_r(&when->tv_sec, &tm);
	strftime(day, sizeof(day), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(text, sizeof(text), "%s.%06ldZ", day, when->tv_nsec / 1000);
	return json_string(text);
}

static void describe(struct daemon *d, uint16_t tid, const uint8_t *buf, size_t len,
	const struct l2tp_secret *secret, struct packet_words *ret)
{
	struct l2tp_description description;

	process_wall_time(&ret->time);
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
	monitor_tell(d, o, true);
}

/* The datagram that is on its way through the core: one at a time. */
static struct {
	struct l2tp_core_stats before;
	struct packet_words words;
} arriving;

static void packet_arrived(
	struct daemon *d, const struct l2tp_path *path, const uint8_t *buf, size_t len)
{
	struct l2tp_header hdr;
	bool known = l2tp_header_parse(buf, len, &hdr) == 0;

	l2tp_core_stats(d->core, &arriving.before);
	describe(d, known ? hdr.tid : 0, buf, len, NULL, &arriving.words);
}

static void packet_secret(
	struct daemon *d, const uint8_t *buf, size_t len, const struct l2tp_secret *secret)
{
	describe(d, 0, buf, len, secret, &arriving.words);
}

/* What the core thought of it can be read from its counters. */
static void packet_taken(struct daemon *d, const struct l2tp_path *path)
{
	const struct packet_words *words = &arriving.words;
	const char *dropped = NULL;
	struct l2tp_core_stats now;

	l2tp_core_stats(d->core, &now);
	for (unsigned i = 0; i < L2TP_DROP_COUNT; i++)
		if (now.drops[i] != arriving.before.drops[i])
			dropped = l2tp_drop_name((enum l2tp_drop)i);
	tell_packet(d, "received", path, words->hdr.tid, words->hdr.sid, words,
		now.duplicates != arriving.before.duplicates, dropped);
}

/* Its header has the peer's ids; ours are those that all the other events have. */
static uint16_t own_session(const struct daemon *d, uint16_t tid, uint16_t peer_sid)
{
	const struct conn *conn = conn_find(d, tid);
	const struct call *call;

	if (!conn || !peer_sid)
		return 0;
	LIST_FOREACH (call, &conn->calls, of_conn)
		if (call->peer_sid == peer_sid)
			return call->sid;
	return 0;
}

static void packet_sent(struct daemon *d, const struct l2tp_effect *e)
{
	struct packet_words words;

	describe(d, e->tid, e->send.data, e->send.len, NULL, &words);
	tell_packet(d, "sent", &e->path, e->tid, own_session(d, e->tid, words.hdr.sid), &words,
		e->send.retransmit, NULL);
}

const struct tap packets_tap = {
	.arrived = packet_arrived,
	.secret = packet_secret,
	.taken = packet_taken,
	.sent = packet_sent,
};
