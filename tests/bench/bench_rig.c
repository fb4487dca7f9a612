/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bench_rig.h"

#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define DATAGRAM_MAX 2048

static const struct l2tp_secret bench_secret = { (const uint8_t *)"sixteen octets!!", 16 };

/* --- what everything needs -------------------------------------------------------------------- */

uint64_t clock_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

void die(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(1);
}

void *need(size_t count, size_t size)
{
	void *mem = calloc(count, size);

	if (!mem)
		die("out of memory");
	return mem;
}

uint64_t draw(uint64_t *state)
{
	uint64_t x = *state += UINT64_C(0x9e3779b97f4a7c15);

	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

static void env_random(void *user, void *buf, size_t len)
{
	struct rig *rig = user;
	uint8_t *out = buf;

	while (len) {
		uint64_t x = draw(&rig->random);
		size_t n = len < sizeof(x) ? len : sizeof(x);

		memcpy(out, &x, n);
		out += n;
		len -= n;
	}
}

/* --- the rig ---------------------------------------------------------------------------------- */

struct rig *rig_new(bool hide, usec_t hello, const struct l2tp_limits *limits)
{
	/* no limits: peers are many, and quicker than any of their kind */
	struct l2tp_limits wide = { .id_quarantine = 60 * SEC };
	struct rig *rig = need(1, sizeof(*rig));
	struct l2tp_env env = { .user = rig, .random = env_random };

	rig->now = 100 * SEC;
	rig->hello = hello;
	if (hide)
		rig->secret = bench_secret;
	rig->of_tid = need(65536, sizeof(*rig->of_tid));
	rig->core = l2tp_core_new(&env, limits ? limits : &wide);
	if (!rig->core)
		die("out of memory");
	return rig;
}

void rig_address(struct rig *rig, struct peer *peer)
{
	/* an odd factor: all over 10.0.0.0/8, and each only once in 16 million */
	peer->path.peer.in.sin_addr.s_addr =
		htonl(0x0a000000 + (rig->next_addr++ * 0x9e3779b1u & 0xffffff));
}

struct peer *rig_peers(struct rig *rig, unsigned count)
{
	struct peer *peers = need(count, sizeof(*peers));

	for (unsigned i = 0; i < count; i++) {
		struct l2tp_path *path = &peers[i].path;

		path->local.in.sin_family = path->peer.in.sin_family = AF_INET;
		path->local.in.sin_port = path->peer.in.sin_port = htons(L2TP_PORT);
		path->local.in.sin_addr.s_addr = htonl(0xc0000201);
		rig_address(rig, &peers[i]);
	}
	return peers;
}

static struct l2tp_tunnel_params tunnel_params(const struct rig *rig)
{
	return (struct l2tp_tunnel_params){
		.hostname = "lns.example.net",
		.vendor = "l2tpd",
		.secret = rig->secret,
		.hide = rig->secret.data != NULL,
		.hello = rig->hello,
		.linger = USEC_INFINITY,
	};
}

/* A peer learns its numbers from what would go to the wire. */
static void sent(struct rig *rig, const struct l2tp_effect *effect)
{
	struct peer *peer = rig->current;

	if (!effect->tid)
		return;
	if (!peer || peer->core_tid != effect->tid)
		peer = rig->of_tid[effect->tid];
	if (effect->send.msg_type == L2TP_MSG_SCCRP) {
		peer = rig->of_tid[effect->tid] = rig->current;
		peer->core_tid = effect->tid;
		if (peer->sccrp && effect->send.len <= SCCRP_MAX) {
			memcpy(peer->sccrp, effect->send.data, effect->send.len);
			peer->kept = (uint16_t)effect->send.len;
		}
	}
	if (effect->send.retransmit)
		die("a message was sent again: the peers do not keep up");
	if (effect->send.msg_type != L2TP_MSG_ZLB)
		peer->nr++;
}

void rig_drain(struct rig *rig)
{
	static const struct l2tp_call_params call = { 0 };
	const struct l2tp_effect *effect;

	while ((effect = l2tp_core_next_effect(rig->core))) {
		uint16_t tid = effect->tid, sid = effect->sid;

		switch (effect->type) {
		case L2TP_EFFECT_SEND:
			sent(rig, effect);
			break;
		case L2TP_EFFECT_SESSION_OFFER:
			rig->of_tid[tid]->core_sid = sid;
			l2tp_core_accept_call(rig->core, rig->now, tid, sid, &call);
			break;
		case L2TP_EFFECT_SESSION_CREATE:
			l2tp_core_session_ready(rig->core, rig->now, tid, sid, 0, NULL);
			break;
		case L2TP_EFFECT_TUNNEL_UP:
		case L2TP_EFFECT_TUNNEL_DOWN:
		case L2TP_EFFECT_TUNNEL_GONE:
		case L2TP_EFFECT_SESSION_UP:
		case L2TP_EFFECT_SESSION_DOWN:
		case L2TP_EFFECT_SESSION_MOVED:
		case L2TP_EFFECT_SESSION_ACCM:
		case L2TP_EFFECT_SESSION_ERRORS:
		case L2TP_EFFECT_SESSION_SPEED:
		case L2TP_EFFECT_TRACE:
			break;
		}
	}
}

static void feed(
	struct rig *rig, struct peer *peer, const struct l2tp_path *path, uint8_t *buf, size_t len)
{
	struct l2tp_tunnel_params params;
	struct l2tp_span host;

	rig->current = peer;
	if (l2tp_core_input(rig->core, rig->now, &peer->path, buf, len, &host) ==
		L2TP_INPUT_SCCRQ) {
		params = tunnel_params(rig);
		l2tp_core_accept(rig->core, rig->now, &peer->path, buf, len, &params);
	}
	rig_drain(rig);
	l2tp_core_next_timeout(rig->core);
}

void rig_sleep(struct rig *rig, usec_t wait)
{
	uint64_t start = clock_ns();
	usec_t end = rig->now + wait, at;

	while ((at = l2tp_core_next_timeout(rig->core)) <= end) {
		rig->now = at;
		l2tp_core_timeout(rig->core, rig->now);
		rig_drain(rig);
	}
	rig->now = end;
	rig->ns += clock_ns() - start;
}

/* --- batches ---------------------------------------------------------------------------------- */

void batch_add_raw(struct batch *batch, struct peer *peer, const uint8_t *data, size_t len)
{
	if (batch->count == BATCH_MAX || batch->used + len > sizeof(batch->bytes))
		die("batch too long");
	memcpy(batch->bytes + batch->used, data, len);
	batch->list[batch->count].peer = peer;
	batch->list[batch->count].path = peer->path;
	batch->list[batch->count].at = batch->used;
	batch->list[batch->count].len = len;
	batch->used += len;
	batch->count++;
}

static size_t encode(struct rig *rig, struct l2tp_msg *msg, uint8_t *buf, size_t size)
{
	struct l2tp_encode opts = { .secret = rig->secret, .hide = rig->secret.data != NULL };
	int len;

	env_random(rig, opts.random_vector, sizeof(opts.random_vector));
	len = l2tp_msg_encode(msg, &opts, buf, size);
	if (len < 0)
		die("message does not fit");
	return (size_t)len;
}

void batch_add(
	struct rig *rig, struct batch *batch, struct peer *peer, struct l2tp_msg *msg, uint16_t sid)
{
	uint8_t buf[DATAGRAM_MAX];

	msg->hdr.tid = msg->type == L2TP_MSG_SCCRQ ? 0 : peer->core_tid;
	msg->hdr.sid = sid;
	msg->hdr.ns = peer->ns++;
	msg->hdr.nr = peer->nr;
	batch_add_raw(batch, peer, buf, encode(rig, msg, buf, sizeof(buf)));
}

void batch_run(struct rig *rig, struct batch *batch, usec_t step)
{
	uint64_t start = clock_ns();
	uint8_t buf[DATAGRAM_MAX];

	for (unsigned i = 0; i < batch->count; i++) {
		memcpy(buf, batch->bytes + batch->list[i].at, batch->list[i].len);
		rig->now += step;
		feed(rig, batch->list[i].peer, &batch->list[i].path, buf, batch->list[i].len);
	}
	rig->ns += clock_ns() - start;
	rig->messages += batch->count;
	batch->count = 0;
	batch->used = 0;
}

void rig_hellos_due(struct rig *rig, unsigned count)
{
	uint64_t start = clock_ns();
	uint8_t zlb[L2TP_CTRL_HDR_LEN] = { 0xc8, 0x02, 0, L2TP_CTRL_HDR_LEN };

	for (unsigned i = 0; i < count; i++) {
		const struct l2tp_effect *effect;
		struct peer *peer = NULL;

		rig->now = l2tp_core_next_timeout(rig->core);
		l2tp_core_timeout(rig->core, rig->now);
		while ((effect = l2tp_core_next_effect(rig->core))) {
			if (effect->type != L2TP_EFFECT_SEND ||
				effect->send.msg_type != L2TP_MSG_HELLO || peer)
				die("something other than one Hello was due");
			peer = rig->of_tid[effect->tid];
			sent(rig, effect);
		}
		if (!peer)
			die("nothing was due");
		zlb[4] = (uint8_t)(peer->core_tid >> 8);
		zlb[5] = (uint8_t)peer->core_tid;
		l2tp_header_set_seq(zlb, peer->ns, peer->nr);
		feed(rig, peer, &peer->path, zlb, sizeof(zlb));
	}
	rig->ns += clock_ns() - start;
	rig->messages += count;
}

/* --- exchanges -------------------------------------------------------------------------------- */

static struct batch batch;

/* What an xl2tpd tells, with a vendor. */
void rig_add_sccrq(struct rig *rig, struct batch *to, struct peer *peer)
{
	uint8_t challenge[16];
	struct l2tp_msg msg = {
		.type = L2TP_MSG_SCCRQ,
		.protocol_version = L2TP_PROTOCOL_VERSION,
		.framing_cap = L2TP_FRAMING_SYNC | L2TP_FRAMING_ASYNC,
		.bearer_cap = L2TP_BEARER_DIGITAL | L2TP_BEARER_ANALOG,
		.firmware_revision = 0x0690,
		.host_name = l2tp_span_of("lac0815.example.com"),
		.vendor_name = l2tp_span_of("xelerance.com"),
		.receive_window = 16,
		.challenge = { challenge, sizeof(challenge) },
	};

	l2tp_msg_set(&msg, L2TP_AVP_PROTOCOL_VERSION);
	l2tp_msg_set(&msg, L2TP_AVP_FRAMING_CAP);
	l2tp_msg_set(&msg, L2TP_AVP_BEARER_CAP);
	l2tp_msg_set(&msg, L2TP_AVP_FIRMWARE_REVISION);
	l2tp_msg_set(&msg, L2TP_AVP_HOST_NAME);
	l2tp_msg_set(&msg, L2TP_AVP_VENDOR_NAME);
	l2tp_msg_set(&msg, L2TP_AVP_ASSIGNED_TUNNEL_ID);
	l2tp_msg_set(&msg, L2TP_AVP_RECEIVE_WINDOW_SIZE);
	if (rig->secret.data) {
		env_random(rig, challenge, sizeof(challenge));
		l2tp_msg_set(&msg, L2TP_AVP_CHALLENGE);
	}
	if (!++rig->next_tid)
		rig->next_tid++;
	peer->tid = msg.assigned_tid = rig->next_tid;
	peer->ns = peer->nr = 0;
	batch_add(rig, to, peer, &msg, 0);
}

static void add_scccn(struct rig *rig, struct batch *to, struct peer *peer)
{
	struct l2tp_msg msg = { .type = L2TP_MSG_SCCCN }, sccrp;
	struct l2tp_verdict verdict;

	if (rig->secret.data) {
		l2tp_msg_decode(peer->sccrp, peer->kept, &rig->secret, &sccrp, &verdict);
		if (verdict.kind != L2TP_VERDICT_OK)
			die("%s", verdict.text);
		l2tp_challenge_response(
			L2TP_MSG_SCCCN, &rig->secret, sccrp.challenge, msg.challenge_response);
		l2tp_msg_set(&msg, L2TP_AVP_CHALLENGE_RESPONSE);
	}
	batch_add(rig, to, peer, &msg, 0);
}

void rig_open_tunnels(struct rig *rig, struct peer *peers, unsigned count)
{
	static uint8_t sccrps[BATCH_MAX][SCCRP_MAX];

	for (unsigned i = 0; i < count; i++) {
		peers[i].sccrp = rig->secret.data ? sccrps[i] : NULL;
		rig_add_sccrq(rig, &batch, &peers[i]);
	}
	batch_run(rig, &batch, 0);
	for (unsigned i = 0; i < count; i++) {
		add_scccn(rig, &batch, &peers[i]);
		peers[i].sccrp = NULL;
	}
	batch_run(rig, &batch, 0);
}

/* The tunnels are gone when the retransmission cycle is over and their ids have rested. */
void rig_close_tunnels(struct rig *rig, struct peer *peers, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		struct l2tp_msg msg = {
			.type = L2TP_MSG_STOPCCN,
			.assigned_tid = peers[i].tid,
			.result = L2TP_STOPCCN_CLEAR,
		};

		l2tp_msg_set(&msg, L2TP_AVP_ASSIGNED_TUNNEL_ID);
		l2tp_msg_set(&msg, L2TP_AVP_RESULT_CODE);
		batch_add(rig, &batch, &peers[i], &msg, 0);
	}
	batch_run(rig, &batch, 0);
	rig_sleep(rig, 100 * SEC);
}

static void add_icrq(struct rig *rig, struct batch *to, struct peer *peer)
{
	struct l2tp_msg msg = {
		.type = L2TP_MSG_ICRQ,
		.call_serial = rig->next_sid,
		.bearer_type = L2TP_BEARER_DIGITAL,
		.called_number = l2tp_span_of("08005551234"),
		.calling_number = l2tp_span_of("pppoe 02:00:5e:10:00:01"),
	};

	if (!++rig->next_sid)
		rig->next_sid++;
	peer->sid = msg.assigned_sid = rig->next_sid;
	l2tp_msg_set(&msg, L2TP_AVP_ASSIGNED_SESSION_ID);
	l2tp_msg_set(&msg, L2TP_AVP_CALL_SERIAL_NUMBER);
	l2tp_msg_set(&msg, L2TP_AVP_BEARER_TYPE);
	l2tp_msg_set(&msg, L2TP_AVP_CALLED_NUMBER);
	l2tp_msg_set(&msg, L2TP_AVP_CALLING_NUMBER);
	batch_add(rig, to, peer, &msg, 0);
}

void rig_open_calls(struct rig *rig, struct peer *peers, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		add_icrq(rig, &batch, &peers[i]);
	batch_run(rig, &batch, 0);
	for (unsigned i = 0; i < count; i++) {
		struct l2tp_msg msg = {
			.type = L2TP_MSG_ICCN,
			.tx_speed = 100000000,
			.rx_speed = 40000000,
			.framing_type = L2TP_FRAMING_SYNC,
		};

		l2tp_msg_set(&msg, L2TP_AVP_TX_CONNECT_SPEED);
		l2tp_msg_set(&msg, L2TP_AVP_RX_CONNECT_SPEED);
		l2tp_msg_set(&msg, L2TP_AVP_FRAMING_TYPE);
		batch_add(rig, &batch, &peers[i], &msg, peers[i].core_sid);
	}
	batch_run(rig, &batch, 0);
}

void rig_close_calls(struct rig *rig, struct peer *peers, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		struct l2tp_msg msg = {
			.type = L2TP_MSG_CDN,
			.assigned_sid = peers[i].sid,
			.result = L2TP_CDN_ADMIN,
		};

		l2tp_msg_set(&msg, L2TP_AVP_ASSIGNED_SESSION_ID);
		l2tp_msg_set(&msg, L2TP_AVP_RESULT_CODE);
		batch_add(rig, &batch, &peers[i], &msg, peers[i].core_sid);
	}
	batch_run(rig, &batch, 0);
	/* so that the ids of many rounds do not all rest at the same time */
	rig_sleep(rig, SEC);
}
