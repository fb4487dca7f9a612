/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any order of events at one core: the input is a script of datagrams (well-formed, half-formed,
 * raw), orders of the caller and steps of time. Ids and sequence numbers of datagrams are chosen
 * relative to what the core expects, so that the fuzzer gets past the transport; two bits say how
 * far off they are.
 *
 * An instruction is one octet, its low three bits say what, and as many operands as it needs;
 * missing ones are 0:
 *
 *	0 time EXP
 *	1 to the next deadline
 *	2 message TYPE TUNNEL SESSION FLAGS ARG		(with all it must carry)
 *	3 message TUNNEL SESSION FLAGS LENGTH OCTETS	(octets are the AVPs)
 *	4 datagram LENGTH OCTETS
 *	5 order WHICH TUNNEL SESSION ARG		(also: memory fails, for the next few times)
 *	6 peer WHICH
 *	7 params FLAGS
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz_core_watch.h"
#include "oom.h"
#include "tunnel.h"

#define PARAM_SECRET	 1u
#define PARAM_HIDE	 2u
#define PARAM_OTHER	 4u /* the peer has another secret */
#define PARAM_IMPATIENT	 8u
#define PARAM_TIE	 16u
#define FLAG_HIDE	 1u
#define FLAG_CHALLENGE	 2u
#define FLAG_RESPONSE	 4u
#define FLAG_SEQ_MASK	 0x30u /* 0 as expected, 1 a duplicate, 2 early, 3 far away */
#define FLAG_BAD_ACK	 0x40u
#define FLAG_NEW_REQUEST 0x80u
#define DRAIN_LATER	 0x80u /* in the instruction: leave effects in the queue */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct l2tp_secret secret = { (const uint8_t *)"fuzz", 4 };
static const struct l2tp_secret other = { (const uint8_t *)"other", 5 };

static struct run {
	const uint8_t *at, *end;
	struct l2tp_core *core;
	usec_t now;
	uint64_t random;
	struct l2tp_path path;
	struct l2tp_tunnel_params params;
	struct l2tp_secret peer_secret;
	bool session_message; /* the last datagram cannot end its tunnel */
} run;

static uint8_t octet(void)
{
	return run.at < run.end ? *run.at++ : 0;
}

static void fuzz_random(void *user, void *buf, size_t len)
{
	uint8_t *out = buf;

	for (size_t i = 0; i < len; i++) {
		run.random = run.random * UINT64_C(6364136223846793005) + 1442695040888963407u;
		out[i] = (uint8_t)(run.random >> 56);
	}
}

/* The n-th tunnel or session, counted over all of them and then from the start again. */
static struct tunnel *some_tunnel(uint8_t n)
{
	uint16_t tid = 0;

	for (unsigned i = 0; i <= n % 8u; i++) {
		tid = ids_next(&run.core->tids, tid);
		if (!tid)
			tid = ids_next(&run.core->tids, 0);
	}
	return ids_get(&run.core->tids, tid);
}

static uint16_t some_session(uint8_t n)
{
	uint16_t sid = 0;

	for (unsigned i = 0; i <= n % 8u; i++) {
		sid = ids_next(&run.core->sids, sid);
		if (!sid)
			sid = ids_next(&run.core->sids, 0);
	}
	return sid;
}

static void put16(uint8_t *at, uint16_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

/* A datagram in a buffer of its very size. */
static void arrive(const uint8_t *data, size_t len)
{
	uint8_t *buf = malloc(len ? len : 1);
	struct l2tp_span host;

	CHECK(buf);
	memcpy(buf, data, len);
	if (l2tp_core_input(run.core, run.now, &run.path, buf, len, &host) == L2TP_INPUT_SCCRQ) {
		if (run.random & 15)
			l2tp_core_accept(run.core, run.now, &run.path, buf, len, &run.params);
		else
			l2tp_core_refuse(run.core, run.now, &run.path, buf, len,
				L2TP_STOPCCN_NOT_AUTHORIZED, L2TP_ERR_NONE, "no");
	}
	free(buf);
}

/* Set ids and numbers as flags say, and let it arrive. */
static void send_to(struct tunnel *t, uint16_t sid, uint8_t flags, uint8_t *buf, size_t len)
{
	static const uint16_t off[] = { 0, 0xffff, 1, 40 };
	uint16_t ns = 0, nr = 0, type;

	if (t) {
		ns = (uint16_t)(t->xport.nr + off[(flags & FLAG_SEQ_MASK) >> 4]);
		nr = t->xport.high;
		if (flags & FLAG_BAD_ACK)
			nr += flags & FLAG_HIDE ? 0xff00 : 5;
		run.path.peer = t->path.peer;
		put16(buf + 4, t->tid);
	}
	put16(buf + 6, sid);
	put16(buf + 8, ns);
	put16(buf + 10, nr);
	type = len >= 20 ? (uint16_t)(buf[18] << 8 | buf[19]) : 0;
	run.session_message = t && STAILQ_EMPTY(&t->xport.early) && type >= L2TP_MSG_OCRQ &&
			      type <= L2TP_MSG_SLI && type != 13 /* unknown */ && buf[12] == 0x80 &&
			      buf[13] == 8 && !buf[14] && !buf[15] && !buf[16] && !buf[17];
	arrive(buf, len);
}

/* Everything section 6 wants in some message; what does not belong is not there. */
static void fill_required(struct l2tp_msg *msg, uint8_t flags, uint8_t arg)
{
	static const uint64_t tunnel_avps =
		1u << L2TP_AVP_PROTOCOL_VERSION | 1u << L2TP_AVP_FRAMING_CAP |
		1u << L2TP_AVP_BEARER_CAP | 1u << L2TP_AVP_HOST_NAME |
		1u << L2TP_AVP_ASSIGNED_TUNNEL_ID | 1u << L2TP_AVP_RECEIVE_WINDOW_SIZE;
	static const uint64_t call_avps = 1u << L2TP_AVP_CALL_SERIAL_NUMBER |
					  1u << L2TP_AVP_MINIMUM_BPS | 1u << L2TP_AVP_MAXIMUM_BPS |
					  1u << L2TP_AVP_BEARER_TYPE | 1u << L2TP_AVP_FRAMING_TYPE |
					  1u << L2TP_AVP_CALLED_NUMBER |
					  1u << L2TP_AVP_TX_CONNECT_SPEED;

	msg->protocol_version = L2TP_PROTOCOL_VERSION;
	msg->framing_cap = msg->bearer_cap = 3;
	msg->host_name = l2tp_span_of("fuzz.example");
	msg->assigned_tid = (uint16_t)(1 + (flags & FLAG_NEW_REQUEST ? arg : arg % 4));
	msg->assigned_sid = (uint16_t)(1 + arg % 8);
	msg->receive_window = (uint16_t)(1 + arg % 8);
	msg->result = (uint16_t)(1 + arg % 8);
	msg->result_text = l2tp_span_of(arg & 1 ? "f\xc3\xbcr den Test\n" : "");
	msg->framing_type = msg->bearer_type = (uint32_t)(arg % 5);
	msg->called_number = l2tp_span_of("0551 1234567");
	msg->call_serial = arg;
	if (msg->type == L2TP_MSG_SCCRQ || msg->type == L2TP_MSG_SCCRP)
		msg->present |= tunnel_avps;
	if (msg->type == L2TP_MSG_STOPCCN)
		l2tp_msg_set(msg, L2TP_AVP_ASSIGNED_TUNNEL_ID);
	if (msg->type == L2TP_MSG_STOPCCN || msg->type == L2TP_MSG_CDN)
		l2tp_msg_set(msg, L2TP_AVP_RESULT_CODE);
	if (msg->type >= L2TP_MSG_OCRQ && msg->type <= L2TP_MSG_CDN) {
		l2tp_msg_set(msg, L2TP_AVP_ASSIGNED_SESSION_ID);
		msg->present |= call_avps;
	}
}

/* What a message may have besides. */
static void fill_optional(struct l2tp_msg *msg, uint8_t arg)
{
	if (msg->type == L2TP_MSG_SCCRQ && arg & 0x40) {
		/* low, so it wins; or the very one of an SCCRQ of ours */
		struct tunnel *ours = LIST_FIRST(core_unanswered(run.core, &run.path.peer));

		msg->tie_breaker = arg & 0x20 && ours ? ours->tie_breaker : arg;
		l2tp_msg_set(msg, L2TP_AVP_TIE_BREAKER);
	}
	if (msg->type == L2TP_MSG_ICCN && arg & 0x40) {
		msg->proxy_authen_type = arg % 6;
		msg->proxy_authen_name = l2tp_span_of("caller");
		msg->private_group = l2tp_span_of("group");
		msg->present |= UINT64_C(1) << L2TP_AVP_PROXY_AUTHEN_TYPE |
				UINT64_C(1) << L2TP_AVP_PROXY_AUTHEN_NAME |
				UINT64_C(1) << L2TP_AVP_PRIVATE_GROUP_ID;
	}
	if (msg->type == L2TP_MSG_ICRQ && arg & 0x40) {
		msg->line.circuit_id = l2tp_span_of("eth 1/2:100");
		msg->line.actual.up = arg;
		l2tp_line_set(&msg->line, L2TP_LINE_CIRCUIT_ID);
		l2tp_line_set(&msg->line, L2TP_LINE_ACTUAL_RATE_UP);
		l2tp_msg_set(msg, L2TP_AVP_CONNECT_SPEED_UPDATE_ENABLE);
	}
	if (l2tp_msg_is_optional(msg->type)) {
		for (uint8_t i = 0; i <= arg % 4; i++)
			msg->speeds[msg->speed_count++] =
				(struct l2tp_speed_update){ .sid = i == 3 ? arg : some_session(i),
					.tx_speed = arg };
		l2tp_msg_set(msg, L2TP_AVP_CONNECT_SPEED_UPDATE);
	}
	if (msg->type == L2TP_MSG_WEN)
		l2tp_msg_set(msg, L2TP_AVP_CALL_ERRORS);
	if (msg->type == L2TP_MSG_SLI)
		l2tp_msg_set(msg, L2TP_AVP_ACCM);
}

static void fill_login(struct l2tp_msg *msg, struct tunnel *t, uint8_t flags, uint8_t arg)
{
	if (flags & FLAG_CHALLENGE) {
		msg->challenge = l2tp_span_of("challenge of the fuzzer");
		msg->challenge.len = (uint16_t)(1 + arg % 20);
		if (t && arg > 250)
			msg->challenge = (struct l2tp_span){ t->challenge, CHALLENGE_LEN };
		l2tp_msg_set(msg, L2TP_AVP_CHALLENGE);
	}
	if (flags & FLAG_RESPONSE && t) {
		struct l2tp_span ours = { t->challenge, CHALLENGE_LEN };

		l2tp_challenge_response(
			(enum l2tp_msg_type)msg->type, &secret, ours, msg->challenge_response);
		l2tp_msg_set(msg, L2TP_AVP_CHALLENGE_RESPONSE);
	}
}

static void do_message(void)
{
	struct l2tp_msg msg = { .type = octet() % (L2TP_MSG_MAX + 2) };
	uint8_t selector = octet(), session = octet(), flags = octet(), arg = octet();
	struct tunnel *t = selector == 0xff ? NULL : some_tunnel(selector);
	struct l2tp_encode opts = { .secret = run.peer_secret, .hide = flags & FLAG_HIDE };
	uint8_t buf[4096];
	int len;

	if (msg.type == L2TP_MSG_SCCRQ && !(selector & 1))
		t = NULL;
	fill_required(&msg, flags, arg);
	fill_optional(&msg, arg);
	fill_login(&msg, t, flags, arg);
	len = l2tp_msg_encode(&msg, &opts, buf, sizeof(buf));
	CHECK(len > 0);
	send_to(t, session == 0xff ? 0 : some_session(session), flags, buf, (size_t)len);
}

static void do_avps(void)
{
	uint8_t selector = octet(), session = octet(), flags = octet(), len = octet();
	uint8_t buf[L2TP_CTRL_HDR_LEN + 255] = { 0xc8, 0x02 };

	put16(buf + 2, (uint16_t)(L2TP_CTRL_HDR_LEN + len));
	for (unsigned i = 0; i < len; i++)
		buf[L2TP_CTRL_HDR_LEN + i] = octet();
	send_to(selector == 0xff ? NULL : some_tunnel(selector),
		session == 0xff ? 0 : some_session(session), flags, buf,
		L2TP_CTRL_HDR_LEN + (size_t)len);
}

static void do_datagram(void)
{
	uint8_t buf[255], len = octet();

	for (unsigned i = 0; i < len; i++)
		buf[i] = octet();
	arrive(buf, len);
}

static void give_order(
	uint8_t which, uint16_t tid, uint16_t sid, uint8_t arg, const struct l2tp_call_params *call)
{
	struct l2tp_reason why = {
		.result = arg % 12, .ppp_cause = arg >> 4, .q931_cause = arg >> 5, .text = "order"
	};
	int id;

	switch (which % 8) {
	case 0:
		id = run.core->stats.tunnels < 6
			     ? l2tp_core_open_tunnel(run.core, run.now, &run.path, &run.params)
			     : 0;
		if (id > 0)
			watch_tunnel((uint16_t)id);
		break;
	case 1:
		id = l2tp_core_place_call(run.core, run.now, tid, call);
		if (id > 0)
			watch_session((uint16_t)id);
		break;
	case 2:
		l2tp_core_accept_call(run.core, run.now, tid, sid, call);
		break;
	case 3:
		l2tp_core_session_ready(run.core, run.now, tid, sid, arg > 200 ? -5 : 0,
			arg & 1 ? "because" : NULL);
		break;
	case 4:
		l2tp_core_close_session(run.core, run.now, tid, sid, &why);
		break;
	case 5:
		l2tp_core_close_tunnel(run.core, run.now, tid, &why);
		break;
	case 6:
		l2tp_core_saw_data(run.core, run.now, tid);
		break;
	case 7:
		l2tp_core_set_local(run.core, tid, &run.path.local);
		break;
	}
}

/* Soon, and so many times. */
static void memory_fails(uint8_t soon, uint8_t times)
{
	core_watch.oom = true;
	oom_first = oom_calls + soon % 32;
	oom_count = 1 + times % 8;
}

static void do_order(void)
{
	uint8_t which = octet(), selector = octet(), session = octet(), arg = octet();
	struct tunnel *t = some_tunnel(selector);
	uint16_t tid = t ? t->tid : 4711, sid = some_session(session);
	struct l2tp_call_params call = {
		.outgoing = arg & 1,
		.called = arg & 2 ? "100" : NULL,
		.require_seq = arg & 4,
		.setup_timeout = arg & 8 ? USEC_PER_SEC : 0,
	};
	uint32_t line_errors[6] = { arg };
	struct l2tp_proxy proxy = { .initial_lcp = { &arg, 1 },
		.authen_type = arg % 6,
		.authen_name = l2tp_span_of("caller"),
		.authen_response = { &which, 1 } };
	struct l2tp_line line = { .present = 1u << L2TP_LINE_CIRCUIT_ID,
		.circuit_id = { &arg, 1 } };

	if (arg & 16) {
		call.proxy = &proxy;
		call.line = &line;
		call.speed_updates = true;
		call.private_group = arg & 32 ? "group" : NULL;
		call.physical_channel = arg & 64 ? line_errors : NULL;
	}
	if (which & 8 && which & 1)
		l2tp_core_send_accm(run.core, run.now, tid, sid, arg, which);
	else if (which & 8)
		l2tp_core_send_errors(run.core, run.now, tid, sid, line_errors);
	else if (which & 16 && which & 1)
		l2tp_core_send_speed(run.core, run.now, tid, sid, arg, which);
	else if (which & 16)
		l2tp_core_ask_speed(run.core, run.now, tid, sid);
	else if (which & 32)
		l2tp_core_probe_tunnel(run.core, run.now, tid);
	else if (which & 64)
		memory_fails(arg, session);
	else
		give_order(which, tid, sid, arg, &call);
}

static void do_peer(void)
{
	static const char *const hosts[] = { "192.0.2.1", "192.0.2.2", "192.0.3.1", "10.0.0.1",
		"2001:db8::1", "2001:db8::1:0:0:0:1", "2001:db8:0:100::1" };
	uint8_t which = octet();

	l2tp_addr_parse(hosts[which % 7], (uint16_t)(1701 + which / 64), &run.path.peer);
}

static void do_params(void)
{
	uint8_t flags = octet();

	run.params = (struct l2tp_tunnel_params){ .hostname = "core.example", .cookie = flags };
	run.peer_secret = flags & PARAM_OTHER ? other : secret;
	if (flags & PARAM_SECRET)
		run.params.secret = secret;
	run.params.hide = flags & PARAM_HIDE;
	run.params.tie_breaker = flags & PARAM_TIE;
	if (flags & PARAM_IMPATIENT) {
		run.params.receive_window = 2;
		run.params.max_retransmits = 2;
		run.params.linger = USEC_PER_SEC;
		run.params.hello = 5 * USEC_PER_SEC;
		run.params.setup_timeout = 3 * USEC_PER_SEC;
	}
}

static void wait_until(usec_t time)
{
	run.now = time;
	l2tp_core_timeout(run.core, run.now);
	CHECK(l2tp_core_next_timeout(run.core) > run.now);
}

static void step(void)
{
	uint8_t code = octet();
	usec_t next = l2tp_core_next_timeout(run.core);
	uint64_t innocent = watch_innocent_ends();

	if ((code & 7) == 2 || (code & 7) == 3)
		watch_drain();
	run.session_message = false;
	core_watch.tunnels_down = 0;
	switch (code & 7) {
	case 0:
		wait_until(run.now + ((usec_t)1000 << octet() % 24));
		break;
	case 1:
		if (next != USEC_INFINITY)
			wait_until(next);
		break;
	case 2:
		do_message();
		break;
	case 3:
		do_avps();
		break;
	case 4:
		do_datagram();
		break;
	case 5:
		do_order();
		break;
	case 6:
		do_peer();
		break;
	case 7:
		do_params();
		break;
	}
	if (!(code & DRAIN_LATER))
		watch_drain();
	watch_counts();
	/* a fault of a call is never one of its tunnel */
	CHECK(!run.session_message || !core_watch.tunnels_down ||
		innocent != watch_innocent_ends() || core_watch.oom);
}

/* After all is closed and time has passed nothing may be left. */
static void finish(void)
{
	struct l2tp_reason why = { .text = "end" };
	uint16_t tid = 0;

	oom_count = 0;
	while ((tid = l2tp_core_next_tunnel(run.core, tid)))
		l2tp_core_close_tunnel(run.core, run.now, tid, &why);
	watch_drain();
	for (unsigned i = 0; i < 10000 && l2tp_core_next_timeout(run.core) != USEC_INFINITY; i++) {
		wait_until(l2tp_core_next_timeout(run.core));
		watch_drain();
	}
	CHECK(l2tp_core_next_timeout(run.core) == USEC_INFINITY);
	watch_counts();
	CHECK(!run.core->stats.tunnels && !run.core->stats.sessions);
	CHECK(watch_is_empty());
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct l2tp_limits limits = {
		.max = { [L2TP_LIMIT_TUNNELS] = { 8, 7, 6 },
			[L2TP_LIMIT_HALF_OPEN] = { 4, 3, 2 },
			[L2TP_LIMIT_IDLE] = { 4, 3, 2 },
			[L2TP_LIMIT_CLOSING] = { 3, 3, 2 },
			[L2TP_LIMIT_CALLS] = { 20, 16, 12, 6 } },
		.call_rate = 2,
		.call_burst = 8,
		.send_queue = 4000,
		.first_call = 20 * USEC_PER_SEC,
		.id_quarantine = 60 * USEC_PER_SEC,
	};
	struct l2tp_env env = { .random = fuzz_random };

	memset(&run, 0, sizeof(run));
	run.now = 1;
	run.peer_secret = secret;
	run.params.hostname = "core.example";
	l2tp_addr_parse("192.0.2.1", 1701, &run.path.peer);
	l2tp_addr_parse("198.51.100.1", 1701, &run.path.local);
	oom_count = 0;
	run.core = l2tp_core_new(&env, &limits);
	CHECK(run.core);
	watch_begin(run.core);
	run.at = data;
	run.end = data + size;
	while (run.at < run.end)
		step();
	finish();
	l2tp_core_free(run.core);
	return 0;
}
