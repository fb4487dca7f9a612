/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core_rig.h"
#include "wire.h"

const struct l2tp_secret rig_secret = { (const uint8_t *)"top secret", 10 };

static void rig_random(void *user, void *buf, size_t len)
{
	struct rig *rig = user;
	uint8_t *out = buf;

	for (size_t i = 0; i < len; i++) {
		rig->random = rig->random * UINT64_C(6364136223846793005) + 1442695040888963407u;
		out[i] = (uint8_t)(rig->random >> 56);
	}
}

void rig_open_limits(struct rig *rig, const struct l2tp_limits *limits)
{
	struct l2tp_env env = { .user = rig, .random = rig_random };

	memset(rig, 0, sizeof(*rig));
	rig->now = 100 * SEC;
	rig->random = 1;
	rig->seen = calloc(SEEN_MAX, sizeof(*rig->seen));
	assert_non_null(rig->seen);
	rig->params = (struct l2tp_tunnel_params){
		.hostname = "us.example", .linger = USEC_INFINITY, .cookie = 77
	};
	assert_int_equal(l2tp_addr_parse("192.0.2.1", 40000, &rig->path.local), 0);
	assert_int_equal(l2tp_addr_parse("198.51.100.7", L2TP_PORT, &rig->path.peer), 0);
	rig->core = l2tp_core_new(&env, limits);
	assert_non_null(rig->core);
}

void rig_open(struct rig *rig)
{
	struct l2tp_limits limits = L2TP_LIMITS_DEFAULT;

	/* most peers here prove no secret and place no call, and their tunnels are to stay */
	limits.first_call = 0;
	rig_open_limits(rig, &limits);
}

void rig_close(struct rig *rig)
{
	l2tp_core_free(rig->core);
	free(rig->seen);
}

static void take_send(struct rig *rig, struct seen *seen)
{
	struct l2tp_verdict verdict;
	uint8_t copy[sizeof(seen->data)];

	assert_in_range(seen->effect.send.len, L2TP_CTRL_HDR_LEN, sizeof(seen->data));
	memcpy(seen->data, seen->effect.send.data, seen->effect.send.len);
	seen->effect.send.data = seen->data;
	/* decoding decrypts in place; spans point into data, which keeps what was decoded */
	memcpy(copy, seen->data, sizeof(copy));
	l2tp_msg_decode(seen->data, seen->effect.send.len, &rig->peer_secret, &seen->msg, &verdict);
	if (verdict.kind != L2TP_VERDICT_OK)
		print_message("%s\n", verdict.text);
	/* what we send is beyond reproach, as far as the peer has the secret to read it */
	assert_int_equal(verdict.kind, L2TP_VERDICT_OK);
	assert_int_equal(seen->msg.deviations, 0);
	assert_int_equal(seen->msg.type, seen->effect.send.msg_type);
	if (seen->msg.type != L2TP_MSG_ZLB && seen->msg.hdr.ns == rig->peer_nr)
		rig->peer_nr++;
}

void rig_drain(struct rig *rig)
{
	const struct l2tp_effect *effect;

	while ((effect = l2tp_core_next_effect(rig->core))) {
		struct seen *seen = &rig->seen[rig->count++];

		assert_true(rig->count < SEEN_MAX);
		memset(seen, 0, sizeof(*seen));
		seen->effect = *effect;
		if (effect->type == L2TP_EFFECT_SEND) {
			take_send(rig, seen);
		} else if (effect->type == L2TP_EFFECT_SESSION_OFFER) {
			strncpy(seen->calling, effect->offer.calling, sizeof(seen->calling) - 1);
			strncpy(seen->called, effect->offer.called, sizeof(seen->called) - 1);
		}
		if (effect->tid)
			rig->tid = effect->tid;
	}
}

void rig_forget(struct rig *rig)
{
	rig->count = 0;
}

void rig_wait(struct rig *rig, usec_t time)
{
	usec_t end = rig->now + time;

	while (l2tp_core_next_timeout(rig->core) <= end) {
		usec_t at = l2tp_core_next_timeout(rig->core);

		rig->now = at > rig->now ? at : rig->now;
		l2tp_core_timeout(rig->core, rig->now);
		assert_true(l2tp_core_next_timeout(rig->core) > rig->now);
		rig_drain(rig);
	}
	rig->now = end;
}

unsigned rig_count(const struct rig *rig, enum l2tp_effect_type type)
{
	unsigned count = 0;

	for (unsigned i = 0; i < rig->count; i++)
		count += rig->seen[i].effect.type == type;
	return count;
}

const struct seen *rig_last(const struct rig *rig, enum l2tp_effect_type type)
{
	for (unsigned i = rig->count; i--;)
		if (rig->seen[i].effect.type == type)
			return &rig->seen[i];
	fail_msg("no effect %d", type);
	return NULL;
}

static bool is_message(const struct seen *seen, enum l2tp_msg_type type)
{
	return seen->effect.type == L2TP_EFFECT_SEND && seen->effect.send.msg_type == type;
}

unsigned rig_sent_count(const struct rig *rig, enum l2tp_msg_type type)
{
	unsigned count = 0;

	for (unsigned i = 0; i < rig->count; i++)
		count += is_message(&rig->seen[i], type);
	return count;
}

unsigned rig_place(const struct rig *rig, enum l2tp_effect_type type, enum l2tp_msg_type msg)
{
	for (unsigned i = rig->count; i--;)
		if (type == L2TP_EFFECT_SEND ? is_message(&rig->seen[i], msg)
					     : rig->seen[i].effect.type == type)
			return i;
	fail_msg("no effect %d %s", type, l2tp_msg_name(msg));
	return 0;
}

const struct seen *rig_sent(const struct rig *rig, enum l2tp_msg_type type)
{
	return &rig->seen[rig_place(rig, L2TP_EFFECT_SEND, type)];
}

bool rig_says(const struct seen *seen, const char *what)
{
	return memmem(seen->msg.result_text.data, seen->msg.result_text.len, what, strlen(what));
}

struct l2tp_msg peer_msg(enum l2tp_msg_type type)
{
	struct l2tp_msg msg = { .type = (uint16_t)type };

	return msg;
}

static void introduce(struct l2tp_msg *msg)
{
	msg->protocol_version = L2TP_PROTOCOL_VERSION;
	l2tp_msg_set(msg, L2TP_AVP_PROTOCOL_VERSION);
	msg->framing_cap = L2TP_FRAMING_SYNC | L2TP_FRAMING_ASYNC;
	l2tp_msg_set(msg, L2TP_AVP_FRAMING_CAP);
	msg->bearer_cap = L2TP_BEARER_DIGITAL;
	l2tp_msg_set(msg, L2TP_AVP_BEARER_CAP);
	msg->host_name = l2tp_span_of("peer.example");
	l2tp_msg_set(msg, L2TP_AVP_HOST_NAME);
	msg->assigned_tid = PEER_TID;
	l2tp_msg_set(msg, L2TP_AVP_ASSIGNED_TUNNEL_ID);
	msg->receive_window = 8;
	l2tp_msg_set(msg, L2TP_AVP_RECEIVE_WINDOW_SIZE);
}

struct l2tp_msg peer_sccrq(void)
{
	struct l2tp_msg msg = peer_msg(L2TP_MSG_SCCRQ);

	introduce(&msg);
	return msg;
}

struct l2tp_msg peer_sccrp(void)
{
	struct l2tp_msg msg = peer_msg(L2TP_MSG_SCCRP);

	introduce(&msg);
	return msg;
}

struct l2tp_msg peer_with_sid(enum l2tp_msg_type type, uint16_t sid)
{
	struct l2tp_msg msg = peer_msg(type);

	msg.assigned_sid = sid;
	l2tp_msg_set(&msg, L2TP_AVP_ASSIGNED_SESSION_ID);
	return msg;
}

struct l2tp_msg peer_icrq(uint16_t sid, uint32_t serial)
{
	struct l2tp_msg msg = peer_with_sid(L2TP_MSG_ICRQ, sid);

	msg.call_serial = serial;
	l2tp_msg_set(&msg, L2TP_AVP_CALL_SERIAL_NUMBER);
	return msg;
}

struct l2tp_msg peer_ocrq(void)
{
	struct l2tp_msg msg = peer_icrq(PEER_SID, 12);

	msg.type = L2TP_MSG_OCRQ;
	msg.maximum_bps = 64000;
	l2tp_msg_set(&msg, L2TP_AVP_MINIMUM_BPS);
	l2tp_msg_set(&msg, L2TP_AVP_MAXIMUM_BPS);
	msg.bearer_type = L2TP_BEARER_DIGITAL;
	l2tp_msg_set(&msg, L2TP_AVP_BEARER_TYPE);
	msg.framing_type = L2TP_FRAMING_SYNC | L2TP_FRAMING_ASYNC;
	l2tp_msg_set(&msg, L2TP_AVP_FRAMING_TYPE);
	msg.called_number = l2tp_span_of("0551 123");
	l2tp_msg_set(&msg, L2TP_AVP_CALLED_NUMBER);
	return msg;
}

struct l2tp_msg peer_connected(enum l2tp_msg_type type)
{
	struct l2tp_msg msg = peer_msg(type);

	msg.tx_speed = 64000;
	l2tp_msg_set(&msg, L2TP_AVP_TX_CONNECT_SPEED);
	msg.framing_type = L2TP_FRAMING_SYNC;
	l2tp_msg_set(&msg, L2TP_AVP_FRAMING_TYPE);
	return msg;
}

struct l2tp_msg peer_cdn(uint16_t sid, uint16_t result, const char *text)
{
	struct l2tp_msg msg = peer_with_sid(L2TP_MSG_CDN, sid);

	msg.result = result;
	msg.result_text = l2tp_span_of(text);
	l2tp_msg_set(&msg, L2TP_AVP_RESULT_CODE);
	return msg;
}

void peer_challenge(struct l2tp_msg *msg, const void *data, size_t len)
{
	msg->challenge = (struct l2tp_span){ .data = data, .len = (uint16_t)len };
	l2tp_msg_set(msg, L2TP_AVP_CHALLENGE);
}

void peer_respond(struct rig *rig, struct l2tp_msg *msg)
{
	enum l2tp_msg_type of = msg->type == L2TP_MSG_SCCRP ? L2TP_MSG_SCCRQ : L2TP_MSG_SCCRP;

	l2tp_challenge_response((enum l2tp_msg_type)msg->type, &rig_secret,
		rig_sent(rig, of)->msg.challenge, msg->challenge_response);
	l2tp_msg_set(msg, L2TP_AVP_CHALLENGE_RESPONSE);
}

size_t peer_encode(struct rig *rig, struct l2tp_msg *msg, uint16_t tid, uint16_t sid, uint16_t ns,
	uint16_t nr, uint8_t *buf, size_t size)
{
	struct l2tp_encode opts = { .secret = rig->peer_secret, .hide = rig->peer_hides };
	int len;

	memset(opts.random_vector, 0x5a, sizeof(opts.random_vector));
	msg->hdr.tid = tid;
	msg->hdr.sid = sid;
	msg->hdr.ns = ns;
	msg->hdr.nr = nr;
	len = l2tp_msg_encode(msg, &opts, buf, size);
	assert_true(len > 0);
	return (size_t)len;
}

void peer_bytes(struct rig *rig, const uint8_t *data, size_t len)
{
	struct l2tp_span host;
	uint8_t *buf = malloc(len ? len : 1);

	assert_non_null(buf);
	memcpy(buf, data, len);
	if (l2tp_core_input(rig->core, rig->now, &rig->path, buf, len, &host) == L2TP_INPUT_SCCRQ)
		l2tp_core_accept(rig->core, rig->now, &rig->path, buf, len, &rig->params);
	free(buf);
	rig_drain(rig);
}

void peer_say_numbered(
	struct rig *rig, struct l2tp_msg *msg, uint16_t tid, uint16_t sid, uint16_t ns, uint16_t nr)
{
	uint8_t buf[8192];
	size_t len = peer_encode(rig, msg, tid, sid, ns, nr, buf, sizeof(buf));

	peer_bytes(rig, buf, len);
}

void peer_say(struct rig *rig, struct l2tp_msg *msg, uint16_t sid)
{
	uint16_t tid = msg->type == L2TP_MSG_SCCRQ ? 0 : rig->tid;

	peer_say_numbered(rig, msg, tid, sid, rig->peer_ns++, rig->peer_nr);
}

void peer_say_hex(struct rig *rig, uint16_t sid, const char *avps)
{
	struct wire w = wire_msg(sid, avps);

	wire_set_u16(&w, 4, rig->tid);
	wire_set_u16(&w, 8, rig->peer_ns++);
	wire_set_u16(&w, 10, rig->peer_nr);
	peer_bytes(rig, w.data, w.len);
	wire_free(&w);
}

void peer_ack(struct rig *rig)
{
	struct l2tp_msg msg = peer_msg(L2TP_MSG_ZLB);

	peer_say_numbered(rig, &msg, rig->tid, 0, rig->peer_ns, rig->peer_nr);
}

void rig_we_open(struct rig *rig)
{
	int tid = l2tp_core_open_tunnel(rig->core, rig->now, &rig->path, &rig->params);

	assert_true(tid > 0);
	rig_drain(rig);
	assert_int_equal(rig->tid, tid);
}

void rig_tunnel_by_us(struct rig *rig)
{
	struct l2tp_msg msg = peer_sccrp();

	rig_we_open(rig);
	if (rig->params.secret.data)
		peer_respond(rig, &msg);
	peer_say(rig, &msg, 0);
	peer_ack(rig);
	rig_state(rig, L2TP_TUNNEL_ESTABLISHED);
	rig_forget(rig);
}

void rig_peer_requests(struct rig *rig)
{
	struct l2tp_msg msg = peer_sccrq();

	peer_say(rig, &msg, 0);
}

void rig_tunnel_by_peer(struct rig *rig)
{
	struct l2tp_msg msg = peer_msg(L2TP_MSG_SCCCN);

	rig_peer_requests(rig);
	if (rig->params.secret.data)
		peer_respond(rig, &msg);
	peer_say(rig, &msg, 0);
	rig_state(rig, L2TP_TUNNEL_ESTABLISHED);
	rig_forget(rig);
}

void rig_state(const struct rig *rig, enum l2tp_tunnel_state state)
{
	struct l2tp_tunnel_info info;

	assert_true(l2tp_core_tunnel_info(rig->core, rig->tid, &info));
	assert_string_equal(l2tp_tunnel_state_name(info.state), l2tp_tunnel_state_name(state));
}

uint64_t rig_drops(const struct rig *rig, enum l2tp_drop drop)
{
	struct l2tp_core_stats stats;

	l2tp_core_stats(rig->core, &stats);
	return stats.drops[drop];
}

int rig_setup(void **state)
{
	struct rig *rig = malloc(sizeof(*rig));

	assert_non_null(rig);
	rig_open(rig);
	*state = rig;
	return 0;
}

int rig_teardown(void **state)
{
	rig_close(*state);
	free(*state);
	return 0;
}

const struct l2tp_reason *rig_tunnel_down(const struct rig *rig)
{
	assert_int_equal(rig_count(rig, L2TP_EFFECT_TUNNEL_DOWN), 1);
	return &rig_last(rig, L2TP_EFFECT_TUNNEL_DOWN)->effect.reason;
}

void rig_close_tunnel(struct rig *rig, uint16_t result, const char *text)
{
	struct l2tp_reason why = { .stopccn = true, .result = result };

	strncpy(why.text, text, sizeof(why.text) - 1);
	l2tp_core_close_tunnel(rig->core, rig->now, rig->tid, &why);
	rig_drain(rig);
}

struct l2tp_msg peer_stopccn(uint16_t tid, uint16_t result, const char *text)
{
	struct l2tp_msg msg = peer_msg(L2TP_MSG_STOPCCN);

	msg.assigned_tid = tid;
	l2tp_msg_set(&msg, L2TP_AVP_ASSIGNED_TUNNEL_ID);
	msg.result = result;
	msg.result_text = l2tp_span_of(text);
	l2tp_msg_set(&msg, L2TP_AVP_RESULT_CODE);
	return msg;
}

/* A message with one attribute more than it should have. */
void peer_say_with(struct rig *rig, enum l2tp_msg_type type, uint16_t flags, uint16_t vendor,
	uint16_t attribute)
{
	struct l2tp_msg msg = peer_msg(type);
	uint8_t buf[256];
	size_t len = peer_encode(
		rig, &msg, rig->tid, 0, rig->peer_ns++, rig->peer_nr, buf, sizeof(buf) - 8);
	uint8_t avp[8] = { (uint8_t)(flags >> 8), 8, (uint8_t)(vendor >> 8), (uint8_t)vendor,
		(uint8_t)(attribute >> 8), (uint8_t)attribute, 1, 2 };

	memcpy(buf + len, avp, sizeof(avp));
	buf[3] = (uint8_t)(len + sizeof(avp));
	peer_bytes(rig, buf, len + sizeof(avp));
}

/* The state is over: nothing left, no deadline either. */
void rig_assert_empty(struct rig *rig)
{
	struct l2tp_core_stats stats;

	l2tp_core_stats(rig->core, &stats);
	assert_int_equal(stats.tunnels, 0);
	assert_int_equal(stats.sessions, 0);
	assert_int_equal(stats.half_open, 0);
	assert_int_equal(l2tp_core_next_timeout(rig->core), USEC_INFINITY);
}
