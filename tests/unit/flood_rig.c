/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "flood_rig.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What the clients want to be in time for; their calls stay. */
#define CLIENT_HELLO (60 * SEC)

struct flood_packet {
	struct flood_packet *next;
	usec_t at;
	int to; /* client; -1: the server */
	struct l2tp_path path;
	size_t len;
	uint8_t data[];
};

uint64_t flood_draw(uint64_t *state)
{
	uint64_t x = *state += UINT64_C(0x9e3779b97f4a7c15);

	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

uint64_t flood_below(struct flood *flood, uint64_t limit)
{
	return limit ? flood_draw(&flood->random) % limit : 0;
}

static void env_random(void *user, void *buf, size_t len)
{
	uint8_t *out = buf;

	for (size_t i = 0; i < len; i++)
		out[i] = (uint8_t)flood_draw(user);
}

static struct l2tp_core *new_core(uint64_t *random, const struct l2tp_limits *limits)
{
	struct l2tp_env env = { .user = random, .random = env_random };
	struct l2tp_core *core = l2tp_core_new(&env, limits);

	if (!core)
		abort();
	return core;
}

struct l2tp_addr flood_addr(uint32_t host, uint16_t port)
{
	struct l2tp_addr addr;

	memset(&addr, 0, sizeof(addr));
	addr.in.sin_family = AF_INET;
	addr.in.sin_addr.s_addr = htonl(host);
	addr.in.sin_port = htons(port);
	return addr;
}

struct flood *flood_new(uint64_t seed, const struct l2tp_limits *limits, const char *secret)
{
	struct flood *flood = calloc(1, sizeof(*flood));

	if (!flood)
		abort();
	flood->random = seed;
	flood->now = 1000 * SEC;
	flood->delay = 50 * MSEC;
	l2tp_addr_parse("192.0.2.1", L2TP_PORT, &flood->addr);
	flood->params = (struct l2tp_tunnel_params){ .hostname = "lns.example", .cookie = 1 };
	if (secret)
		flood->params.secret =
			(struct l2tp_secret){ (const uint8_t *)secret, strlen(secret) };
	flood->lns = new_core(&flood->random, limits);
	return flood;
}

void flood_free(struct flood *flood)
{
	struct flood_packet *packet;

	while ((packet = flood->packets)) {
		flood->packets = packet->next;
		free(packet);
	}
	for (unsigned i = 0; i < flood->count; i++)
		l2tp_core_free(flood->clients[i].core);
	l2tp_core_free(flood->lns);
	free(flood);
}

struct flood_client *flood_client(struct flood *flood, const char *host, usec_t wait)
{
	struct flood_client *client = &flood->clients[flood->count++];

	l2tp_addr_parse(host, L2TP_PORT, &client->addr);
	flood_restart(flood, client, flood_draw(&flood->random), wait);
	return client;
}

void flood_restart(struct flood *flood, struct flood_client *client, uint64_t random, usec_t wait)
{
	static const struct l2tp_limits limits = L2TP_LIMITS_DEFAULT;
	struct l2tp_addr addr = client->addr;

	l2tp_core_free(client->core);
	*client = (struct flood_client){
		.addr = addr, .random = random, .open_at = flood->now + wait
	};
	client->core = new_core(&client->random, &limits);
}

void flood_vanish(struct flood *flood, struct flood_client *client)
{
	flood_restart(flood, client, client->random, USEC_INFINITY - flood->now);
}

/* --- the network --- */

static void packet_add(struct flood *flood, int to, const struct l2tp_effect *effect)
{
	struct flood_packet *packet = malloc(sizeof(*packet) + effect->send.len), **at;

	if (!packet)
		abort();
	*packet = (struct flood_packet){ .to = to, .len = effect->send.len };
	packet->at = flood->now + flood->delay / 2 + flood_below(flood, flood->delay);
	packet->path.local = effect->path.peer;
	packet->path.peer = effect->path.local;
	memcpy(packet->data, effect->send.data, effect->send.len);
	for (at = &flood->packets; *at && (*at)->at <= packet->at;)
		at = &(*at)->next;
	packet->next = *at;
	*at = packet;
}

static int client_at(const struct flood *flood, const struct l2tp_addr *addr)
{
	for (unsigned i = 0; i < flood->count; i++)
		if (l2tp_addr_equal(&flood->clients[i].addr, addr))
			return (int)i;
	return -1;
}

static void to_stranger(struct flood *flood, const struct l2tp_effect *effect)
{
	/* he may answer at once, and then the effect is gone */
	struct l2tp_addr to = effect->path.peer;
	struct l2tp_verdict verdict;
	struct l2tp_msg msg;
	uint8_t copy[2048];

	flood->to_strangers += effect->send.len;
	if (!flood->answer || effect->send.len > sizeof(copy))
		return;
	memcpy(copy, effect->send.data, effect->send.len);
	l2tp_msg_decode(copy, effect->send.len, &flood->params.secret, &msg, &verdict);
	flood->answer(flood, &to, &msg);
}

/* --- the server and the clients --- */

static void drain_lns(struct flood *flood)
{
	static const struct l2tp_call_params call = { 0 };
	const struct l2tp_effect *effect;

	while ((effect = l2tp_core_next_effect(flood->lns))) {
		int client = client_at(flood, &effect->path.peer);
		uint16_t tid = effect->tid, sid = effect->sid;

		if (flood->watch)
			flood->watch(flood, -1, effect);
		if (effect->type == L2TP_EFFECT_SEND && client < 0) {
			to_stranger(flood, effect);
		} else if (effect->type == L2TP_EFFECT_SEND) {
			if (flood_below(flood, 1000) >= flood->loss)
				packet_add(flood, client, effect);
		} else if (effect->type == L2TP_EFFECT_SESSION_OFFER) {
			flood->offers++;
			l2tp_core_accept_call(flood->lns, flood->now, tid, sid, &call);
		} else if (effect->type == L2TP_EFFECT_SESSION_CREATE) {
			l2tp_core_session_ready(flood->lns, flood->now, tid, sid, 0, NULL);
		} else if (effect->type == L2TP_EFFECT_TUNNEL_UP) {
			flood->tunnels_up++;
		}
	}
}

static void client_down(struct flood_client *client, const struct l2tp_effect *effect)
{
	client->lost += client->up_at != 0;
	memcpy(client->why, effect->reason.text, sizeof(client->why));
}

static void drain_client(struct flood *flood, struct flood_client *client)
{
	const struct l2tp_effect *effect;

	while ((effect = l2tp_core_next_effect(client->core))) {
		uint16_t tid = effect->tid, sid = effect->sid;

		if (flood->watch)
			flood->watch(flood, (int)(client - flood->clients), effect);
		if (effect->type == L2TP_EFFECT_SEND) {
			if (effect->send.msg_type == L2TP_MSG_SCCRQ) {
				client->requests++;
				client->last_sent = flood->now;
			}
			if (flood_below(flood, 1000) >= flood->loss)
				packet_add(flood, -1, effect);
		} else if (effect->type == L2TP_EFFECT_SESSION_CREATE) {
			l2tp_core_session_ready(client->core, flood->now, tid, sid, 0, NULL);
		} else if (effect->type == L2TP_EFFECT_SESSION_UP) {
			client->up_at = flood->now;
		} else if (effect->type == L2TP_EFFECT_SESSION_DOWN) {
			client_down(client, effect);
		}
	}
}

static void client_open(struct flood *flood, struct flood_client *client)
{
	struct l2tp_path path = { .local = client->addr, .peer = flood->addr };
	struct l2tp_tunnel_params params = {
		.hostname = "client.example",
		.secret = flood->params.secret,
		.hello = CLIENT_HELLO,
	};
	struct l2tp_call_params call = { 0 };
	int tid = l2tp_core_open_tunnel(client->core, flood->now, &path, &params);

	client->open_at = USEC_INFINITY;
	client->tid = tid > 0 ? (uint16_t)tid : 0;
	if (tid > 0)
		client->sid = l2tp_core_place_call(client->core, flood->now, client->tid, &call);
	drain_client(flood, client);
}

static void arrive(struct flood *flood, const struct l2tp_path *path, uint8_t *data, size_t len)
{
	struct l2tp_span host;

	if (l2tp_core_input(flood->lns, flood->now, path, data, len, &host) == L2TP_INPUT_SCCRQ)
		l2tp_core_accept(flood->lns, flood->now, path, data, len, &flood->params);
	drain_lns(flood);
}

static void deliver(struct flood *flood, struct flood_packet *packet)
{
	struct flood_client *client = &flood->clients[packet->to < 0 ? 0 : packet->to];
	struct l2tp_span host;

	if (packet->to < 0) {
		arrive(flood, &packet->path, packet->data, packet->len);
	} else if (client->core) {
		l2tp_core_input(
			client->core, flood->now, &packet->path, packet->data, packet->len, &host);
		drain_client(flood, client);
	}
	free(packet);
}

/* --- time --- */

/* Whoever is next; the time of it, USEC_INFINITY if nobody. *ret: client, -1 server, -2 packet, -3
 * attack. */
static usec_t next_event(const struct flood *flood, int *ret)
{
	usec_t at = l2tp_core_next_timeout(flood->lns);

	*ret = -1;
	if (flood->packets && flood->packets->at <= at) {
		at = flood->packets->at;
		*ret = -2;
	}
	if (flood->attack && flood->attack_at < at) {
		at = flood->attack_at;
		*ret = -3;
	}
	for (unsigned i = 0; i < flood->count; i++) {
		usec_t t = l2tp_core_next_timeout(flood->clients[i].core);

		if (flood->clients[i].open_at < t)
			t = flood->clients[i].open_at;
		if (t < at) {
			at = t;
			*ret = (int)i;
		}
	}
	return at;
}

static void happen(struct flood *flood, int who)
{
	struct flood_packet *packet = flood->packets;

	if (who == -1) {
		l2tp_core_timeout(flood->lns, flood->now);
		drain_lns(flood);
	} else if (who == -2) {
		flood->packets = packet->next;
		deliver(flood, packet);
	} else if (who == -3) {
		flood->attack_at += flood->attack_every;
		flood->attack(flood);
	} else if (flood->clients[who].open_at <= flood->now) {
		client_open(flood, &flood->clients[who]);
	} else {
		l2tp_core_timeout(flood->clients[who].core, flood->now);
		drain_client(flood, &flood->clients[who]);
	}
}

void flood_close_all(struct flood *flood)
{
	struct l2tp_reason why = { .text = "end" };

	for (unsigned i = 0; i <= flood->count; i++) {
		struct l2tp_core *core = i ? flood->clients[i - 1].core : flood->lns;
		uint16_t tid = 0;

		while ((tid = l2tp_core_next_tunnel(core, tid)))
			l2tp_core_close_tunnel(core, flood->now, tid, &why);
		if (i)
			drain_client(flood, &flood->clients[i - 1]);
		else
			drain_lns(flood);
	}
}

void flood_run(struct flood *flood, usec_t time)
{
	usec_t end = flood->now + time, at;
	int who;

	while ((at = next_event(flood, &who)) <= end) {
		if (at > flood->now)
			flood->now = at;
		happen(flood, who);
	}
	flood->now = end;
}

/* --- the attacker --- */

void flood_bytes(struct flood *flood, const struct l2tp_addr *from, const uint8_t *data, size_t len)
{
	struct l2tp_path path = { .local = flood->addr, .peer = *from };
	uint8_t *buf = malloc(len ? len : 1);

	if (!buf)
		abort();
	memcpy(buf, data, len);
	flood->from_strangers += len;
	arrive(flood, &path, buf, len);
	free(buf);
}

void flood_say(struct flood *flood, const struct l2tp_addr *from, struct l2tp_msg *msg,
	uint16_t tid, uint16_t sid, uint16_t ns, uint16_t nr)
{
	uint8_t buf[1024];
	int len;

	msg->hdr.tid = tid;
	msg->hdr.sid = sid;
	msg->hdr.ns = ns;
	msg->hdr.nr = nr;
	len = l2tp_msg_encode(msg, NULL, buf, sizeof(buf));
	if (len < 0)
		abort();
	flood_bytes(flood, from, buf, (size_t)len);
}

void flood_sccrq(struct flood *flood, const struct l2tp_addr *from, uint16_t tid)
{
	struct l2tp_msg msg = {
		.type = L2TP_MSG_SCCRQ,
		.protocol_version = L2TP_PROTOCOL_VERSION,
		.framing_cap = L2TP_FRAMING_SYNC,
		.host_name = l2tp_span_of("stranger"),
		.assigned_tid = tid,
	};

	l2tp_msg_set(&msg, L2TP_AVP_PROTOCOL_VERSION);
	l2tp_msg_set(&msg, L2TP_AVP_FRAMING_CAP);
	l2tp_msg_set(&msg, L2TP_AVP_HOST_NAME);
	l2tp_msg_set(&msg, L2TP_AVP_ASSIGNED_TUNNEL_ID);
	flood_say(flood, from, &msg, 0, 0, 0, 0);
}
