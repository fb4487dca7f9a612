/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * RFC 5515: what a LAC tells of the caller's access line, and changes of the speed of calls.
 */
#include "core_rig.h"

#include "wire.h"

#include <stdio.h>

#define RATE_UP "000e 0de9 0081 000000000007d000 " /* 512,000 bit/s */
#define CIRCUIT "0011 0de9 0001 65746820312f323a313030 "

static int setup(void **state)
{
	struct rig *rig = malloc(sizeof(*rig));

	assert_non_null(rig);
	rig_open(rig);
	*state = rig;
	return 0;
}

static int teardown(void **state)
{
	rig_close(*state);
	free(*state);
	return 0;
}

static struct l2tp_session_info info_of(const struct rig *rig, uint16_t sid)
{
	struct l2tp_session_info info;

	assert_true(l2tp_core_session_info(rig->core, rig->tid, sid, &info));
	return info;
}

/* The peer's next message, of these AVPs. */
static void say(struct rig *rig, uint16_t sid, const char *avps)
{
	struct wire body = wire_hex(avps);
	uint8_t buf[2048] = { 0xc8, 2 };
	const uint16_t words[] = { (uint16_t)(12 + body.len), rig->tid, sid, rig->peer_ns++,
		rig->peer_nr };

	for (size_t i = 0; i < 5; i++) {
		buf[2 + 2 * i] = (uint8_t)(words[i] >> 8);
		buf[3 + 2 * i] = (uint8_t)words[i];
	}
	memcpy(buf + 12, body.data, body.len);
	peer_bytes(rig, buf, 12 + body.len);
	wire_free(&body);
}

static uint64_t deviations(const struct rig *rig, enum l2tp_deviation deviation)
{
	struct l2tp_tunnel_info info;
	unsigned bit = 0;

	while (1u << bit != (unsigned)deviation)
		bit++;
	assert_true(l2tp_core_tunnel_info(rig->core, rig->tid, &info));
	return info.deviations[bit];
}

/* All that can be known of a line. */
static struct l2tp_line full_line(void)
{
	struct l2tp_line line = {
		.circuit_id = l2tp_span_of("eth 1/2:100"),
		.remote_id = l2tp_span_of("rm42"),
		.actual = { 512000, 8000000 },
		.minimum = { 64000, 128000 },
		.attainable = { 1024000, UINT64_C(10000000000) },
		.maximum = { 1000000, 16000000 },
		.low_power = { 32000, 64000 },
		.maximum_delay = { 16, 32 },
		.actual_delay = { 8, 4 },
		.encapsulation = { 1, 2, 6 },
	};

	l2tp_line_set(&line, L2TP_LINE_CIRCUIT_ID);
	l2tp_line_set(&line, L2TP_LINE_REMOTE_ID);
	for (unsigned type = 129; type <= 142; type++)
		l2tp_line_set(&line, type);
	l2tp_line_set(&line, L2TP_LINE_ENCAPSULATION);
	return line;
}

static void assert_full(const struct l2tp_line *line)
{
	struct l2tp_line want = full_line();

	assert_non_null(line);
	assert_int_equal(line->present, want.present);
	assert_int_equal(line->circuit_id.len, 11);
	assert_memory_equal(line->circuit_id.data, "eth 1/2:100", 11);
	assert_int_equal(line->remote_id.len, 4);
	assert_memory_equal(line->remote_id.data, "rm42", 4);
	assert_memory_equal(&line->actual, &want.actual,
		offsetof(struct l2tp_line, encapsulation) - offsetof(struct l2tp_line, actual));
	assert_memory_equal(line->encapsulation, want.encapsulation, 3);
}

static uint16_t place(struct rig *rig, const struct l2tp_call_params *params)
{
	int sid = l2tp_core_place_call(rig->core, rig->now, rig->tid, params);

	assert_in_range(sid, 1, 65535);
	rig_drain(rig);
	return (uint16_t)sid;
}

static void reply(struct rig *rig, uint16_t sid, uint16_t peer_sid)
{
	struct l2tp_msg icrp = peer_with_sid(L2TP_MSG_ICRP, peer_sid);

	peer_say(rig, &icrp, sid);
	l2tp_core_session_ready(rig->core, rig->now, rig->tid, sid, 0, NULL);
	rig_drain(rig);
	peer_ack(rig);
}

/* Established as LAC. */
static uint16_t up_as_lac(struct rig *rig, uint16_t peer_sid, bool updates, uint32_t rx)
{
	struct l2tp_call_params params = {
		.speed_updates = updates, .tx_speed = 2000000, .rx_speed = rx
	};
	uint16_t sid = place(rig, &params);

	reply(rig, sid, peer_sid);
	return sid;
}

static uint16_t offer(struct rig *rig, struct l2tp_msg *icrq)
{
	struct l2tp_call_params params = { 0 };
	uint16_t sid;

	peer_say(rig, icrq, 0);
	sid = rig_last(rig, L2TP_EFFECT_SESSION_OFFER)->effect.sid;
	l2tp_core_accept_call(rig->core, rig->now, rig->tid, sid, &params);
	l2tp_core_session_ready(rig->core, rig->now, rig->tid, sid, 0, NULL);
	rig_drain(rig);
	return sid;
}

/* Established as LNS. */
static uint16_t up_as_lns(struct rig *rig, uint16_t peer_sid, bool updates)
{
	struct l2tp_msg icrq = peer_icrq(peer_sid, peer_sid);
	struct l2tp_msg iccn = peer_connected(L2TP_MSG_ICCN);
	uint16_t sid;

	if (updates)
		l2tp_msg_set(&icrq, L2TP_AVP_CONNECT_SPEED_UPDATE_ENABLE);
	sid = offer(rig, &icrq);
	peer_say(rig, &iccn, sid);
	assert_int_equal(info_of(rig, sid).state, L2TP_SESSION_ESTABLISHED);
	return sid;
}

static void add_speed(struct l2tp_msg *msg, uint16_t sid, uint32_t tx, uint32_t rx)
{
	msg->speeds[msg->speed_count++] = (struct l2tp_speed_update){ sid, tx, rx };
	l2tp_msg_set(msg, L2TP_AVP_CONNECT_SPEED_UPDATE);
}

static void assert_speed(
	const struct l2tp_speed_update *got, uint16_t sid, uint32_t tx, uint32_t rx)
{
	assert_int_equal(got->sid, sid);
	assert_int_equal(got->tx_speed, tx);
	assert_int_equal(got->rx_speed, rx);
}

/* --- the line ------------------------------------------------------------------------ */

/* RFC 5515 3: in ICRQ, and there only; what is not known is not sent. */
static void test_line_is_sent_with_icrq(void **state)
{
	struct l2tp_line line = full_line();
	struct l2tp_call_params params = { .line = &line };
	struct rig *rig = *state;
	const struct l2tp_msg *icrq;
	uint16_t sid;

	rig_tunnel_by_us(rig);
	sid = place(rig, &params);
	icrq = &rig_sent(rig, L2TP_MSG_ICRQ)->msg;
	assert_full(&icrq->line);
	assert_false(l2tp_msg_has(icrq, L2TP_AVP_CONNECT_SPEED_UPDATE_ENABLE));
	assert_full(info_of(rig, sid).line);
	reply(rig, sid, PEER_SID);
	assert_int_equal(rig_sent(rig, L2TP_MSG_ICCN)->msg.line.present, 0);

	line = (struct l2tp_line){ .maximum.down = 1 };
	l2tp_line_set(&line, L2TP_LINE_MAXIMUM_RATE_DOWN);
	place(rig, &params);
	icrq = &rig_sent(rig, L2TP_MSG_ICRQ)->msg;
	assert_int_equal(icrq->line.present, 1u << L2TP_LINE_BIT(136));
	assert_int_equal(icrq->line.maximum.down, 1);
	params.line = NULL;
	sid = place(rig, &params);
	assert_int_equal(rig_sent(rig, L2TP_MSG_ICRQ)->msg.line.present, 0);
	assert_null(info_of(rig, sid).line);
}

static void test_line_is_hidden_with_the_rest(void **state)
{
	struct l2tp_line line = full_line();
	struct l2tp_call_params params = { .line = &line, .speed_updates = true };
	struct rig *rig = *state;
	const struct seen *icrq;

	rig->params.secret = rig->peer_secret = rig_secret;
	rig->params.hide = true;
	rig_tunnel_by_us(rig);
	place(rig, &params);
	icrq = rig_sent(rig, L2TP_MSG_ICRQ);
	assert_full(&icrq->msg.line);
	assert_true(l2tp_msg_has(&icrq->msg, L2TP_AVP_CONNECT_SPEED_UPDATE_ENABLE));
	for (unsigned i = 0; i < 2; i++) {
		const uint8_t *avp = memmem(
			icrq->data, icrq->effect.send.len, i ? "\0\0\0\x62" : "\x0d\xe9\0\x01", 4);

		assert_non_null(avp);
		assert_int_equal(avp[-2] & 0xc0, 0x40);
	}
}

/* It can be asked for when the call is offered, and for as long as it lasts. */
static void test_line_is_kept_by_the_lns(void **state)
{
	struct l2tp_msg icrq = peer_icrq(PEER_SID, 1), iccn = peer_connected(L2TP_MSG_ICCN);
	struct rig *rig = *state;
	uint16_t sid;

	rig_tunnel_by_peer(rig);
	icrq.line = full_line();
	icrq.physical_channel = 7;
	l2tp_msg_set(&icrq, L2TP_AVP_PHYSICAL_CHANNEL_ID);
	peer_say(rig, &icrq, 0);
	sid = rig_last(rig, L2TP_EFFECT_SESSION_OFFER)->effect.sid;
	assert_full(info_of(rig, sid).line);
	l2tp_core_accept_call(rig->core, rig->now, rig->tid, sid, &(struct l2tp_call_params){ 0 });
	l2tp_core_session_ready(rig->core, rig->now, rig->tid, sid, 0, NULL);
	rig_drain(rig);
	/* what ICCN brings is added, and the ICRQ had the last word on the line */
	iccn.private_group = l2tp_span_of("group");
	l2tp_msg_set(&iccn, L2TP_AVP_PRIVATE_GROUP_ID);
	iccn.line.circuit_id = l2tp_span_of("other");
	l2tp_line_set(&iccn.line, L2TP_LINE_CIRCUIT_ID);
	peer_say(rig, &iccn, sid);
	assert_full(info_of(rig, sid).line);
	assert_string_equal(info_of(rig, sid).private_group, "group");
	assert_int_equal(*info_of(rig, sid).physical_channel, 7);
	assert_int_equal(deviations(rig, L2TP_DEV_EXTRA_AVP), 0);
}

static void test_line_may_come_with_iccn(void **state)
{
	struct l2tp_msg icrq = peer_icrq(PEER_SID, 1), iccn = peer_connected(L2TP_MSG_ICCN);
	struct rig *rig = *state;
	uint16_t sid;

	rig_tunnel_by_peer(rig);
	sid = offer(rig, &icrq);
	assert_null(info_of(rig, sid).line);
	iccn.line = full_line();
	peer_say(rig, &iccn, sid);
	assert_full(info_of(rig, sid).line);
}

/* Without M a value that cannot be read costs itself, not the call. */
static void test_malformed_line(void **state)
{
	static const char *const bad[] = {
		"000a 0de9 0081 0007d000",	   /* a rate of RADIUS: 4 octets, kbit/s */
		"0006 0de9 0001",		   /* an empty Agent-Circuit-Id */
		"0008 0de9 0090 0102",		   /* 2 octets of 3 */
		"000e 0de9 008b 0000000000000010", /* a delay of 8 octets */
		"c00e 0de9 0081 0102030405060708", /* hidden, and there is no secret */
	};
	struct rig *rig = *state;
	unsigned n = 0;

	rig_tunnel_by_peer(rig);
	for (; n < sizeof(bad) / sizeof(bad[0]) - 1; n++) {
		char avps[400];
		uint16_t sid;

		snprintf(avps, sizeof(avps),
			"8008 0000 0000 000a 8008 0000 000e 10%02x 800a 0000 000f 00000001 "
			"0008 0de9 0002 7276 %s",
			n, bad[n]);
		say(rig, 0, avps);
		assert_int_equal(rig_count(rig, L2TP_EFFECT_SESSION_OFFER), n + 1);
		sid = rig_last(rig, L2TP_EFFECT_SESSION_OFFER)->effect.sid;
		assert_int_equal(info_of(rig, sid).line->present, 1u << 2);
		assert_int_equal(deviations(rig, L2TP_DEV_MALFORMED_OPTIONAL), n + 1);
	}
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_CDN), 0);
	/* M, which no line attribute has, makes it an offence again, and an unknown one too */
	say(rig, 0,
		"8008 0000 0000 000a 8008 0000 000e 1099 800a 0000 000f 00000001 "
		"c00e 0de9 0081 0102030405060708");
	assert_int_equal(rig_sent(rig, L2TP_MSG_CDN)->msg.hdr.sid, 0x1099);
	say(rig, 0,
		"8008 0000 0000 000a 8008 0000 000e 1098 800a 0000 000f 00000001 "
		"800a 0de9 0091 00000001");
	assert_int_equal(rig_sent(rig, L2TP_MSG_CDN)->msg.hdr.sid, 0x1098);
	assert_int_equal(rig_sent(rig, L2TP_MSG_CDN)->msg.error, L2TP_ERR_UNKNOWN_AVP);
}

/* Where it does not belong it is counted; of two the first counts. */
static void test_line_out_of_place(void **state)
{
	struct rig *rig = *state;
	uint16_t sid;

	rig_tunnel_by_peer(rig);
	say(rig, 0, "8008 0000 0000 0006 " CIRCUIT);
	assert_int_equal(deviations(rig, L2TP_DEV_EXTRA_AVP), 1);
	say(rig, 0,
		"8008 0000 0000 000a 8008 0000 000e 1001 800a 0000 000f 00000001 " CIRCUIT RATE_UP
			CIRCUIT "000e 0de9 0081 0000000000000001 800e 0de9 0082 "
		"0000000000000005");
	sid = rig_last(rig, L2TP_EFFECT_SESSION_OFFER)->effect.sid;
	assert_int_equal(info_of(rig, sid).line->actual.up, 512000);
	assert_int_equal(info_of(rig, sid).line->actual.down, 5);
	assert_int_equal(deviations(rig, L2TP_DEV_DUPLICATE_AVP), 1);
	assert_int_equal(deviations(rig, L2TP_DEV_M_BIT), 1);
}

/* --- changes of the speed ------------------------------------------------------------ */

/* RFC 5515 4: announced by an attribute of ICRQ, told by CSUN, which has no M and no session. */
static void test_lac_tells_a_new_speed(void **state)
{
	struct rig *rig = *state;
	const struct seen *csun;
	uint16_t sid;

	rig_tunnel_by_us(rig);
	sid = up_as_lac(rig, PEER_SID, true, 0);
	assert_true(l2tp_msg_has(
		&rig_sent(rig, L2TP_MSG_ICRQ)->msg, L2TP_AVP_CONNECT_SPEED_UPDATE_ENABLE));
	assert_true(info_of(rig, sid).speed_updates);
	l2tp_core_send_speed(rig->core, rig->now, rig->tid, sid, 3000000, 4000000);
	rig_drain(rig);
	csun = rig_sent(rig, L2TP_MSG_CSUN);
	assert_int_equal(csun->msg.hdr.sid, 0);
	assert_int_equal(csun->data[12], 0); /* no M */
	assert_int_equal(csun->msg.speed_count, 1);
	assert_speed(&csun->msg.speeds[0], PEER_SID, 3000000, 4000000);
	assert_int_equal(info_of(rig, sid).tx_speed, 3000000);
	assert_int_equal(info_of(rig, sid).rx_speed, 4000000);
}

static void test_speed_is_told_only_where_announced(void **state)
{
	struct l2tp_call_params params = { .speed_updates = true };
	struct l2tp_call_params outgoing = {
		.outgoing = true, .called = "1", .speed_updates = true
	};
	struct rig *rig = *state;
	uint16_t sid;

	rig_tunnel_by_us(rig);
	sid = up_as_lac(rig, PEER_SID, false, 0);
	assert_false(info_of(rig, sid).speed_updates);
	l2tp_core_send_speed(rig->core, rig->now, rig->tid, sid, 1, 1);
	/* not before the call is up */
	sid = place(rig, &params);
	l2tp_core_send_speed(rig->core, rig->now, rig->tid, sid, 1, 1);
	/* an LNS has nothing to tell */
	sid = place(rig, &outgoing);
	l2tp_core_send_speed(rig->core, rig->now, rig->tid, sid, 1, 1);
	sid = up_as_lns(rig, PEER_SID + 1, true);
	l2tp_core_send_speed(rig->core, rig->now, rig->tid, sid, 1, 1);
	/* nor is there anything to tell of no call */
	l2tp_core_send_speed(rig->core, rig->now, rig->tid, 0, 1, 1);
	rig_drain(rig);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_CSUN), 0);
}

/* RFC 5515 4.2: one answer for all that is asked and may be told. */
static void test_lac_answers_csurq(void **state)
{
	struct l2tp_msg csurq = peer_msg(L2TP_MSG_CSURQ);
	struct rig *rig = *state;
	const struct l2tp_msg *csun;
	uint16_t sids[3];

	rig_tunnel_by_us(rig);
	sids[0] = up_as_lac(rig, 7001, true, 0);
	sids[1] = up_as_lac(rig, 7002, false, 0);
	sids[2] = up_as_lac(rig, 7003, true, 500000);
	for (unsigned i = 0; i < 3; i++)
		add_speed(&csurq, sids[i], 0, 0);
	add_speed(&csurq, 0, 0, 0);
	peer_say(rig, &csurq, 0);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_CSUN), 1);
	csun = &rig_sent(rig, L2TP_MSG_CSUN)->msg;
	assert_int_equal(csun->speed_count, 2);
	/* RFC 2661 4.4.4: without Rx Connect Speed it is the same as Tx */
	assert_speed(&csun->speeds[0], 7001, 2000000, 2000000);
	assert_speed(&csun->speeds[1], 7003, 2000000, 500000);
	/* of calls that do not exist there is nothing to tell */
	csurq.speed_count = 0;
	add_speed(&csurq, 4711, 0, 0);
	peer_say(rig, &csurq, 0);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_CSUN), 1);
}

static void test_lns_learns_a_new_speed(void **state)
{
	struct l2tp_msg csun = peer_msg(L2TP_MSG_CSUN);
	struct rig *rig = *state;
	const struct l2tp_effect *effect;
	uint16_t sids[3];

	rig_tunnel_by_peer(rig);
	sids[0] = up_as_lns(rig, 7001, true);
	sids[1] = up_as_lns(rig, 7002, false);
	sids[2] = up_as_lns(rig, 7003, true);
	assert_true(info_of(rig, sids[0]).speed_updates);
	assert_false(info_of(rig, sids[1]).speed_updates);
	for (unsigned i = 0; i < 3; i++)
		add_speed(&csun, sids[i], 100 + i, 200 + i);
	peer_say(rig, &csun, 0);
	/* RFC 5515 4: only of calls whose ICRQ announced it */
	assert_int_equal(rig_count(rig, L2TP_EFFECT_SESSION_SPEED), 2);
	effect = &rig_last(rig, L2TP_EFFECT_SESSION_SPEED)->effect;
	assert_int_equal(effect->sid, sids[2]);
	assert_int_equal(effect->speed.tx, 102);
	assert_int_equal(effect->speed.rx, 202);
	assert_int_equal(info_of(rig, sids[0]).tx_speed, 100);
	assert_int_equal(info_of(rig, sids[0]).rx_speed, 200);
	assert_int_not_equal(info_of(rig, sids[1]).tx_speed, 101);
}

static void test_lns_asks_for_the_speed(void **state)
{
	struct rig *rig = *state;
	const struct seen *csurq;
	uint16_t sid;

	rig_tunnel_by_peer(rig);
	sid = up_as_lns(rig, 7002, false);
	l2tp_core_ask_speed(rig->core, rig->now, rig->tid, sid);
	sid = up_as_lac(rig, 7003, true, 0);
	l2tp_core_ask_speed(rig->core, rig->now, rig->tid, sid);
	l2tp_core_ask_speed(rig->core, rig->now, rig->tid, 0);
	rig_drain(rig);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_CSURQ), 0);
	sid = up_as_lns(rig, 7001, true);
	l2tp_core_ask_speed(rig->core, rig->now, rig->tid, sid);
	rig_drain(rig);
	csurq = rig_sent(rig, L2TP_MSG_CSURQ);
	assert_int_equal(csurq->msg.hdr.sid, 0);
	assert_int_equal(csurq->data[12], 0);
	assert_int_equal(csurq->msg.speed_count, 1);
	assert_speed(&csurq->msg.speeds[0], 7001, 0, 0);
}

/* What a CSUN says of calls of another tunnel, or to a LAC, and what a CSURQ asks of an LNS. */
static void test_speed_of_somebody_else(void **state)
{
	struct l2tp_msg csun = peer_msg(L2TP_MSG_CSUN), csurq = peer_msg(L2TP_MSG_CSURQ);
	struct rig *rig = *state;
	uint16_t lac, lns, first;

	rig_tunnel_by_us(rig);
	first = rig->tid;
	lac = up_as_lac(rig, 7001, true, 0);
	lns = up_as_lns(rig, 7002, true);
	add_speed(&csun, lac, 1, 1);
	add_speed(&csurq, lns, 0, 0);
	peer_say(rig, &csun, 0);
	peer_say(rig, &csurq, 0);
	assert_int_equal(info_of(rig, lac).tx_speed, 2000000);
	rig->peer_ns = rig->peer_nr = 0;
	assert_int_equal(l2tp_addr_parse("198.51.100.8", L2TP_PORT, &rig->path.peer), 0);
	rig_tunnel_by_us(rig);
	assert_int_not_equal(rig->tid, first);
	csun.speeds[0].sid = lns;
	csurq.speeds[0].sid = lac;
	peer_say(rig, &csun, 0);
	peer_say(rig, &csurq, 0);
	assert_int_equal(rig_count(rig, L2TP_EFFECT_SESSION_SPEED), 0);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_CSUN), 0);
	assert_int_equal(rig_count(rig, L2TP_EFFECT_SESSION_DOWN), 0);
}

/* M is 0: nothing that is wrong with them is worth a call, or the tunnel. */
static void test_broken_speed_messages_cost_nothing(void **state)
{
	static const char *const avps[] = {
		"0008 0000 0000 001c",					 /* of nothing */
		"0008 0000 0000 001c 0010 0000 0061 0000 1234 00000001", /* too short */
		"0008 0000 0000 001c 001a 0000 0061 00001234 0000000000000001 0000000000000001",
		"0008 0000 0000 001d 8006 0000 0063",		/* unknown, mandatory */
		"0008 0000 0000 001d 0012 0000 0061 0000 1234", /* cut off */
		"8008 0000 0000 001d 0012 0000 0061 0000 1234 00000001 00000001", /* with M */
	};
	struct rig *rig = *state;

	rig_tunnel_by_peer(rig);
	up_as_lns(rig, 7001, true);
	rig_forget(rig);
	for (unsigned i = 0; i < sizeof(avps) / sizeof(avps[0]); i++)
		say(rig, 0, avps[i]);
	assert_int_equal(rig_count(rig, L2TP_EFFECT_SESSION_DOWN), 0);
	assert_int_equal(rig_count(rig, L2TP_EFFECT_TUNNEL_DOWN), 0);
	assert_int_equal(deviations(rig, L2TP_DEV_M_BIT), 1);
	rig_state(rig, L2TP_TUNNEL_ESTABLISHED);
}

/* More than are read at once. */
static void test_many_speeds(void **state)
{
	char avps[3000] = "0008 0000 0000 001c ";
	struct rig *rig = *state;
	uint16_t sid;

	rig_tunnel_by_peer(rig);
	sid = up_as_lns(rig, 7001, true);
	for (unsigned i = 1; i <= L2TP_SPEED_UPDATES_MAX + 1; i++)
		snprintf(avps + strlen(avps), sizeof(avps) - strlen(avps),
			"0012 0000 0061 0000 %04x %08x 00000001", sid, i);
	say(rig, 0, avps);
	assert_int_equal(rig_count(rig, L2TP_EFFECT_SESSION_SPEED), L2TP_SPEED_UPDATES_MAX);
	assert_int_equal(info_of(rig, sid).tx_speed, L2TP_SPEED_UPDATES_MAX);
	assert_int_equal(deviations(rig, L2TP_DEV_DUPLICATE_AVP), 1);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_line_is_sent_with_icrq),
		T(test_line_is_hidden_with_the_rest),
		T(test_line_is_kept_by_the_lns),
		T(test_line_may_come_with_iccn),
		T(test_malformed_line),
		T(test_line_out_of_place),
		T(test_lac_tells_a_new_speed),
		T(test_speed_is_told_only_where_announced),
		T(test_lac_answers_csurq),
		T(test_lns_learns_a_new_speed),
		T(test_lns_asks_for_the_speed),
		T(test_speed_of_somebody_else),
		T(test_broken_speed_messages_cost_nothing),
		T(test_many_speeds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
