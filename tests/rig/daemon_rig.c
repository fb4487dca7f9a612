/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon_rig.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "daemon/reactor.h"
#include "daemon/reload.h"
#include "daemon/start.h"
#include "linux/process.h"
#include "rig_alloc.h"

/* More steps without time going on are a daemon that spins. */
/* Nobody waits longer for another one (fake_event.h). */
#define LONGEST_TURN (50 * USEC_PER_MSEC)
#define STEPS_MAX    2000000u

/* --- start and end --- */

static void write_config(struct rig *rig, const char *config)
{
	FILE *file = fopen(rig->config, "w");

	assert(file && fputs(config, file) >= 0);
	fclose(file);
	chmod(rig->config, 0600);
}

int rig_start(struct rig *rig, const char *config)
{
	return rig_start_on(rig, config, false);
}

int rig_start_on(struct rig *rig, const char *config, bool by_socket)
{
	struct config_errors errors = { 0 };
	struct daemon *d = &rig->d;

	memset(rig, 0, sizeof(*rig));
	machine_reset();
	machine.by_socket = by_socket;
	strcpy(rig->dir, "/tmp/l2tpd-rig-XXXXXX");
	assert(mkdtemp(rig->dir));
	snprintf(rig->config, sizeof(rig->config), "%s/l2tpd.conf", rig->dir);
	snprintf(rig->socket, sizeof(rig->socket), "%s/control", rig->dir);
	write_config(rig, config);
	d->config_file = rig->config;
	snprintf(d->hostname, sizeof(d->hostname), "rig");
	sd_event_new(&d->event);
	if (reload_read(d, &d->config, &errors) < 0) {
		reload_log_errors(&errors);
		abort();
	}
	rig->result = start_daemon(d, rig->socket);
	rig->running = rig->result >= 0;
	rig_pump(rig);
	return rig->result;
}

static void peers_free(struct rig *rig)
{
	for (size_t i = 0; i < RIG_PEERS; i++)
		l2tp_core_free(rig->peers[i].core);
}

void rig_end(struct rig *rig)
{
	assert(fake_longest <= LONGEST_TURN);
	start_undo(&rig->d);
	sd_event_unref(rig->d.event);
	peers_free(rig);
	machine_check_clean();
	unlink(rig->config);
	assert(rmdir(rig->dir) == 0);
	rig->running = false;
}

static bool has_exited(struct rig *rig)
{
	int code;

	return fake_event_exited(rig->d.event, &code);
}

usec_t rig_stop(struct rig *rig)
{
	usec_t begin = fake_now, took;

	reactor_stop(&rig->d);
	rig_run_until(rig, 60 * USEC_PER_SEC, has_exited);
	took = fake_now - begin;
	rig_end(rig);
	return took;
}

void rig_reload(struct rig *rig, const char *config)
{
	write_config(rig, config);
	start_reload(&rig->d);
}

/* --- peers --- */

static void peer_random(void *user, void *buf, size_t len)
{
	process_random(buf, len);
}

struct rig_peer *rig_peer(struct rig *rig, const char *addr)
{
	return rig_peer_at(rig, addr, L2TP_PORT);
}

struct rig_peer *rig_peer_at(struct rig *rig, const char *addr, uint16_t port)
{
	struct l2tp_limits limits = L2TP_LIMITS_DEFAULT;
	struct l2tp_env env = { .random = peer_random };

	for (size_t i = 0; i < RIG_PEERS; i++) {
		struct rig_peer *peer = &rig->peers[i];

		if (peer->core)
			continue;
		assert(l2tp_addr_parse(addr, port, &peer->addr) == 0);
		peer->core = l2tp_core_new(&env, &limits);
		assert(peer->core);
		return peer;
	}
	abort();
}

static struct l2tp_tunnel_params peer_params(const struct rig_peer *peer)
{
	struct l2tp_tunnel_params params = { .hostname = "peer", .linger = USEC_INFINITY };

	if (peer->secret) {
		params.secret.data = (const uint8_t *)peer->secret;
		params.secret.len = strlen(peer->secret);
	}
	return params;
}

static void peer_hears(struct rig_peer *peer, const struct datagram *datagram)
{
	struct l2tp_path path = { .local = peer->addr, .peer = datagram->path.local };
	struct l2tp_tunnel_params params = peer_params(peer);
	uint8_t copy[MACHINE_DATAGRAM_MAX];
	struct l2tp_span host;

	memcpy(copy, datagram->data, datagram->len);
	if (l2tp_core_input(peer->core, fake_now, &path, copy, datagram->len, &host) !=
		L2TP_INPUT_SCCRQ)
		return;
	if (peer->refuse_tunnel)
		l2tp_core_refuse(peer->core, fake_now, &path, copy, datagram->len,
			peer->refuse_tunnel, L2TP_ERR_RESOURCES, "not now");
	else
		l2tp_core_accept(peer->core, fake_now, &path, copy, datagram->len, &params);
}

static void peer_offer(struct rig_peer *peer, const struct l2tp_effect *e)
{
	struct l2tp_reason reason = { .result = peer->refuse_call, .text = "no room" };

	if (peer->refuse_call)
		l2tp_core_close_session(peer->core, fake_now, e->tid, e->sid, &reason);
	else
		l2tp_core_accept_call(peer->core, fake_now, e->tid, e->sid, &peer->call_params);
}

static bool is_lost(struct rig *rig)
{
	uint8_t dice;

	process_random(&dice, sizeof(dice));
	return rig->loss && dice % 100 < rig->loss;
}

static void peer_effect(struct rig *rig, struct rig_peer *peer, const struct l2tp_effect *e)
{
	struct l2tp_path path = { .local = e->path.peer, .peer = peer->addr };

	switch (e->type) {
	case L2TP_EFFECT_SEND:
		if (!peer->silent && !is_lost(rig))
			machine_deliver(&path, e->send.data, e->send.len);
		break;
	case L2TP_EFFECT_TUNNEL_UP:
		peer->tid = e->tid;
		peer->tunnels_up++;
		break;
	case L2TP_EFFECT_TUNNEL_DOWN:
		peer->last = e->reason;
		peer->tunnels_down++;
		break;
	case L2TP_EFFECT_SESSION_OFFER:
		peer_offer(peer, e);
		break;
	case L2TP_EFFECT_SESSION_CREATE:
		l2tp_core_session_ready(peer->core, fake_now, e->tid, e->sid, 0, NULL);
		break;
	case L2TP_EFFECT_SESSION_UP:
		peer->sid = e->sid;
		peer->sessions_up++;
		break;
	case L2TP_EFFECT_SESSION_DOWN:
		peer->last = e->reason;
		peer->sessions_down++;
		break;
	case L2TP_EFFECT_TUNNEL_GONE:
	case L2TP_EFFECT_SESSION_MOVED:
	case L2TP_EFFECT_SESSION_ACCM:
	case L2TP_EFFECT_SESSION_SPEED:
	case L2TP_EFFECT_SESSION_ERRORS:
	case L2TP_EFFECT_TRACE:
		break;
	}
}

static bool run_peers(struct rig *rig)
{
	const struct l2tp_effect *e;
	bool any = false;

	for (size_t i = 0; i < RIG_PEERS; i++) {
		struct rig_peer *peer = &rig->peers[i];

		if (!peer->core)
			continue;
		if (l2tp_core_next_timeout(peer->core) <= fake_now)
			l2tp_core_timeout(peer->core, fake_now);
		while ((e = l2tp_core_next_effect(peer->core))) {
			peer_effect(rig, peer, e);
			any = true;
		}
	}
	return any;
}

static struct rig_peer *peer_at(struct rig *rig, const struct l2tp_addr *addr)
{
	for (size_t i = 0; i < RIG_PEERS; i++)
		if (rig->peers[i].core && l2tp_addr_equal(&rig->peers[i].addr, addr))
			return &rig->peers[i];
	return NULL;
}

static bool carry_datagrams(struct rig *rig)
{
	struct datagram *datagram;
	bool any = false;

	while ((datagram = machine_sent())) {
		struct rig_peer *peer = peer_at(rig, &datagram->path.peer);

		if (peer && !peer->unheard && !is_lost(rig) &&
			(!rig->filter || rig->filter(rig, datagram)))
			peer_hears(peer, datagram);
		free(datagram);
		any = true;
	}
	return any;
}

void rig_peer_places_call(struct rig *rig, struct rig_peer *peer)
{
	assert(l2tp_core_place_call(peer->core, fake_now, peer->tid, &peer->call_params) > 0);
	rig_pump(rig);
}

int rig_peer_opens_tunnel(struct rig_peer *peer, const char *machine_addr)
{
	struct l2tp_tunnel_params params = peer_params(peer);
	struct l2tp_path path = { .local = peer->addr };

	assert(l2tp_addr_parse(machine_addr, L2TP_PORT, &path.peer) == 0);
	return l2tp_core_open_tunnel(peer->core, fake_now, &path, &params);
}

void rig_peer_opens(struct rig_peer *peer, const char *machine_addr)
{
	int tid = rig_peer_opens_tunnel(peer, machine_addr);

	if (tid > 0)
		l2tp_core_place_call(peer->core, fake_now, (uint16_t)tid, &peer->call_params);
}

void rig_peer_calls(struct rig *rig, struct rig_peer *peer, const char *machine_addr)
{
	rig_peer_opens(peer, machine_addr);
	rig_pump(rig);
}

/* --- time --- */

void rig_pump(struct rig *rig)
{
	bool more = true;

	for (unsigned steps = 0; more; steps++) {
		assert(steps < STEPS_MAX);
		more = false;
		machine_run_pppds(rig->d.event);
		while (!has_exited(rig) && fake_event_step(rig->d.event))
			more = true;
		more |= carry_datagrams(rig);
		more |= run_peers(rig);
	}
}

bool rig_step_until(struct rig *rig, bool (*done)(struct rig *rig))
{
	while (!done(rig))
		if (!fake_event_step(rig->d.event))
			return false;
	return true;
}

void rig_steps(struct rig *rig, unsigned steps)
{
	for (unsigned i = 0; i < steps; i++) {
		machine_run_pppds(rig->d.event);
		fake_event_step(rig->d.event);
		carry_datagrams(rig);
		run_peers(rig);
	}
}

static usec_t next_event(const struct rig *rig)
{
	usec_t next = fake_event_next(rig->d.event), other = machine_next();

	if (other < next)
		next = other;
	for (size_t i = 0; i < RIG_PEERS; i++) {
		if (!rig->peers[i].core)
			continue;
		other = l2tp_core_next_timeout(rig->peers[i].core);
		if (other < next)
			next = other;
	}
	return next;
}

bool rig_run_until(struct rig *rig, usec_t time, bool (*done)(struct rig *rig))
{
	usec_t end = fake_now + time;

	for (;;) {
		usec_t next;

		rig_pump(rig);
		if (done && done(rig))
			return true;
		next = next_event(rig);
		if (next > end || has_exited(rig))
			break;
		if (next > fake_now)
			fake_now = next;
	}
	if (!has_exited(rig))
		fake_now = end;
	return false;
}

void rig_run(struct rig *rig, usec_t time)
{
	rig_run_until(rig, time, NULL);
}

/* --- looking --- */

struct link *rig_link(struct rig *rig, const char *name)
{
	return link_find(&rig->d, name);
}

unsigned rig_calls(const struct rig *rig)
{
	return HASH_COUNT(rig->d.calls->by_sid);
}

struct call *rig_call(struct rig *rig, const char *name)
{
	struct link *link = link_find(&rig->d, name);

	return link ? LIST_FIRST(&link->owner.calls) : NULL;
}
