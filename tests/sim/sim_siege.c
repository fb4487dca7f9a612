/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim_siege.h"

#include <stdio.h>
#include <string.h>

#include "flood_rig.h"
#include "sim.h"

/* 100.64.0.0: the attacker's networks */
#define ATTACKER 0x64400000u
#define CLIENTS	 6u

enum plan { FORGE, FORGE_NEAR, LEAVE, STOP, FAIL, CHURN, JUNK, PLANS };

struct attacker {
	enum plan plan;
	unsigned networks, hosts; /* hosts of each */
	uint16_t next_tid, next_sid;
	/* the tunnel that he churns in */
	struct l2tp_addr from;
	uint16_t tid, ns, nr;
};

/* A tenth of the defaults, so that a tenth of a flood fills them. */
static const struct l2tp_limits tenth = {
	.max = { [L2TP_LIMIT_TUNNELS] = { 2000, 400, 100 },
		[L2TP_LIMIT_HALF_OPEN] = { 400, 51, 25 },
		[L2TP_LIMIT_IDLE] = { 100, 51, 25 },
		[L2TP_LIMIT_CLOSING] = { 100, 51, 25 },
		[L2TP_LIMIT_CALLS] = { 6000, 1600, 800, 400 } },
	.call_rate = 20,
	.call_burst = 40,
	.send_queue = 100000,
	.first_call = 20 * SEC,
	.id_quarantine = 60 * SEC,
};

static struct l2tp_addr some_address(struct flood *flood)
{
	struct attacker *attacker = flood->user;
	uint32_t network = (uint32_t)flood_below(flood, attacker->networks);
	uint32_t host = 1 + (uint32_t)flood_below(flood, attacker->hosts);

	return flood_addr(ATTACKER + (network << 8) + host, L2TP_PORT);
}

static void request(struct flood *flood)
{
	struct attacker *attacker = flood->user;
	struct l2tp_addr from = some_address(flood);

	if (!++attacker->next_tid)
		attacker->next_tid++;
	flood_sccrq(flood, &from, attacker->next_tid);
}

static void churn(struct flood *flood)
{
	struct l2tp_msg icrq = { .type = L2TP_MSG_ICRQ }, cdn = { .type = L2TP_MSG_CDN };
	struct attacker *attacker = flood->user;

	if (!attacker->tid) {
		request(flood);
		return;
	}
	if (!++attacker->next_sid)
		attacker->next_sid++;
	icrq.assigned_sid = cdn.assigned_sid = attacker->next_sid;
	cdn.result = L2TP_CDN_ADMIN;
	l2tp_msg_set(&icrq, L2TP_AVP_ASSIGNED_SESSION_ID);
	l2tp_msg_set(&icrq, L2TP_AVP_CALL_SERIAL_NUMBER);
	l2tp_msg_set(&cdn, L2TP_AVP_ASSIGNED_SESSION_ID);
	l2tp_msg_set(&cdn, L2TP_AVP_RESULT_CODE);
	flood_say(flood, &attacker->from, &icrq, attacker->tid, 0, attacker->ns++, attacker->nr);
	flood_say(flood, &attacker->from, &cdn, attacker->tid, 0, attacker->ns++, attacker->nr);
}

static void junk(struct flood *flood)
{
	struct l2tp_addr from = some_address(flood);
	uint8_t data[64];

	for (unsigned i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)flood_draw(&flood->random);
	data[0] = 0xc8;
	data[1] = 2;
	data[2] = 0;
	data[3] = sizeof(data);
	flood_bytes(flood, &from, data, sizeof(data));
}

static void attack(struct flood *flood)
{
	struct attacker *attacker = flood->user;

	switch (attacker->plan) {
	case FORGE:
	case FORGE_NEAR:
	case LEAVE:
	case STOP:
	case FAIL:
		request(flood);
		break;
	case CHURN:
		churn(flood);
		break;
	case JUNK:
		junk(flood);
		break;
	case PLANS:
		break;
	}
}

/* Where he is who he says he is. */
static void answer(struct flood *flood, const struct l2tp_addr *to, const struct l2tp_msg *msg)
{
	struct l2tp_msg scccn = { .type = L2TP_MSG_SCCCN }, stop = { .type = L2TP_MSG_STOPCCN };
	struct attacker *attacker = flood->user;

	if (msg->type != L2TP_MSG_ZLB && attacker->tid && msg->hdr.ns == attacker->nr)
		attacker->nr++;
	if (msg->type != L2TP_MSG_SCCRP || attacker->plan < LEAVE)
		return;
	if (attacker->plan == FAIL) {
		/* not what belongs here */
		stop.type = L2TP_MSG_SCCRP;
		flood_say(flood, to, &stop, msg->assigned_tid, 0, 1, 1);
		return;
	}
	flood_say(flood, to, &scccn, msg->assigned_tid, 0, 1, 1);
	if (attacker->plan == STOP) {
		stop.assigned_tid = msg->hdr.tid;
		stop.result = L2TP_STOPCCN_CLEAR;
		l2tp_msg_set(&stop, L2TP_AVP_ASSIGNED_TUNNEL_ID);
		l2tp_msg_set(&stop, L2TP_AVP_RESULT_CODE);
		flood_say(flood, to, &stop, msg->assigned_tid, 0, 2, 1);
	} else if (attacker->plan == CHURN && !attacker->tid) {
		attacker->from = *to;
		attacker->tid = msg->assigned_tid;
		attacker->ns = 2;
		attacker->nr = 1;
	}
}

static void check_limits(const struct flood *flood)
{
	struct l2tp_core_stats stats;

	l2tp_core_stats(flood->lns, &stats);
	CHECK(stats.half_open <= tenth.max[L2TP_LIMIT_HALF_OPEN][L2TP_SCOPE_ALL] &&
			stats.idle <= tenth.max[L2TP_LIMIT_IDLE][L2TP_SCOPE_ALL] &&
			stats.closing <= tenth.max[L2TP_LIMIT_CLOSING][L2TP_SCOPE_ALL] &&
			stats.tunnels <= tenth.max[L2TP_LIMIT_TUNNELS][L2TP_SCOPE_ALL],
		"siege: %u half-open, %u idle, %u closing, %u tunnels", stats.half_open, stats.idle,
		stats.closing, stats.tunnels);
}

static void check_clients(const struct flood *flood, const char *story, bool all)
{
	for (unsigned i = 0; i < flood->count; i++) {
		const struct flood_client *client = &flood->clients[i];

		CHECK(client->up_at || !all, "%s: client %u did not get in with %u requests: %s",
			story, i, client->requests, client->why);
		CHECK(!client->lost, "%s: client %u lost its call: %s", story, i, client->why);
	}
}

void sim_siege(uint64_t seed)
{
	struct attacker attacker = { 0 };
	struct flood *flood = flood_new(seed, &tenth, seed % 3 ? NULL : "secret");
	char host[32];

	attacker.plan = (enum plan)flood_below(flood, PLANS);
	attacker.networks = 1;
	if (attacker.plan == FORGE)
		attacker.networks += (unsigned)flood_below(flood, 250);
	else if (attacker.plan != FORGE_NEAR)
		attacker.networks += (unsigned)flood_below(flood, 20);
	attacker.hosts = 1 + (unsigned)flood_below(flood, 100);
	flood->user = &attacker;
	flood->attack = attack;
	flood->answer = answer;
	flood->attack_every = SEC / (5 + flood_below(flood, 80));
	flood->attack_at = flood->now + 5 * SEC;
	flood->delay = 1 + flood_below(flood, 150 * MSEC);
	/* who has to say a thing three times is not always in time */
	if (attacker.plan < LEAVE && flood_below(flood, 2))
		flood->loss = (unsigned)flood_below(flood, 30);
	/* neighbours of the attacker, or not */
	for (unsigned i = 0; i < CLIENTS; i++) {
		snprintf(host, sizeof(host), flood_below(flood, 2) ? "100.64.0.%u" : "198.51.%u.1",
			150 + i);
		flood_client(flood, host, i < 2 ? 0 : (7 + i) * SEC);
	}
	for (unsigned i = 0; i < 45; i++) {
		flood_run(flood, SEC);
		check_limits(flood);
	}
	check_clients(flood, "siege", true);
	flood_free(flood);
}

/* In the name of a client that lives, with an id that it may use or not. */
static void forge_request(struct flood *flood)
{
	unsigned n = 1 + (unsigned)flood_below(flood, flood->count - 1);
	uint16_t tid = flood->clients[n].tid;

	if (flood_below(flood, 2))
		tid = (uint16_t)(1 + flood_below(flood, 65535));
	flood_sccrq(flood, &flood->clients[n].addr, tid ? tid : 1);
}

void sim_restart(uint64_t seed)
{
	struct flood *flood = flood_new(seed, &tenth, seed % 2 ? NULL : "secret");
	struct flood_client *client;
	uint64_t random;
	usec_t away, up_for;
	char host[32];

	flood->delay = 1 + flood_below(flood, 150 * MSEC);
	flood->loss = flood_below(flood, 2) ? 0 : (unsigned)flood_below(flood, 150);
	for (unsigned i = 0; i < 3; i++) {
		snprintf(host, sizeof(host), "198.51.100.%u", 1 + i);
		flood_client(flood, host, 0);
	}
	client = &flood->clients[0];
	random = client->random;
	up_for = 5 * SEC + flood_below(flood, 60 * SEC);
	flood_run(flood, up_for);
	check_clients(flood, "before the restart", !flood->loss);
	if (flood_below(flood, 2)) {
		flood->attack = forge_request;
		flood->attack_at = flood->now;
		flood->attack_every = 100 * MSEC + flood_below(flood, 2 * SEC);
	}
	/* the very same numbers again, or others */
	away = flood_below(flood, flood_below(flood, 2) ? SEC : 60 * SEC);
	flood_restart(flood, client, flood_below(flood, 3) ? random : ~seed, away);
	flood_run(flood, away + 5 * SEC);
	CHECK(client->up_at || flood->loss, "restart: not back in 5 s after %u s away",
		(unsigned)(away / SEC));
	flood_run(flood, 40 * SEC);
	check_clients(flood, "restart", !flood->loss);
	flood_free(flood);
}

void sim_idle(uint64_t seed)
{
	struct flood *flood = flood_new(seed, &tenth, NULL);

	flood->delay = 1 + flood_below(flood, 300 * MSEC);
	flood_client(flood, "198.51.100.1", 0);
	flood_run(flood, 60 * SEC);
	flood->loss = 200;
	flood_run(flood, 24 * 3600 * SEC);
	check_clients(flood, "idle", true);
	flood_free(flood);
}
