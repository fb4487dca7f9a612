/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What other implementations got wrong, as far as no other file of tests has it. The numbers in the
 * names are those of the list in tests/README.md, which names the tests of each.
 */
#include "core_calls.h"
#include "core_rig.h"
#include "wire.h"

#include "proto/avp.h"
#include "proto/hide.h"

#include <stdio.h>

static unsigned tunnels(const struct rig *rig)
{
	struct l2tp_core_stats stats;

	l2tp_core_stats(rig->core, &stats);
	return stats.tunnels;
}

/* --- header and attributes --- */

/* RFC 2661 3.1: L and S set; O, P and what is reserved not; Length is that of the datagram. */
static void test_pitfall_01_headers_we_send(void **state)
{
	struct rig *rig = *state;
	unsigned count = 0;
	uint16_t sid;

	rig->params.secret = rig_secret;
	rig_tunnel_by_us(rig);
	sid = call_by_us(rig);
	rig_wait(rig, 60 * SEC);
	peer_ack(rig);
	peer_say_hex(rig, 0, "8008 0000 0000 0006");
	call_close_with(rig, sid, L2TP_CDN_ADMIN, "");
	for (unsigned i = 0; i < rig->count; i++) {
		const struct seen *seen = &rig->seen[i];

		if (seen->effect.type != L2TP_EFFECT_SEND)
			continue;
		assert_int_equal(seen->data[0], 0xc8);
		assert_int_equal(seen->data[1], 0x02);
		assert_int_equal(seen->data[2] << 8 | seen->data[3], seen->effect.send.len);
		count++;
	}
	/* HELLO, ZLB, CDN at least */
	assert_true(count >= 3);
}

/* The text of StopCCN names the attribute, and there is no state to show for it. */
static void test_pitfall_05_sccrq_with_unknown_mandatory_avp(void **state)
{
	struct rig *rig = *state;
	const struct seen *stop;

	peer_say_hex(rig, 0,
		"8008 0000 0000 0001 8008 0000 0002 0100 800a 0000 0003 00000003"
		"8009 0000 0007 6c6163 8008 0000 0009 1092 8006 0009 0063");
	stop = rig_sent(rig, L2TP_MSG_STOPCCN);
	assert_int_equal(stop->msg.result, L2TP_STOPCCN_ERROR);
	assert_int_equal(stop->msg.error, L2TP_ERR_UNKNOWN_AVP);
	assert_true(rig_says(stop, "vendor 9 attribute 99"));
	assert_int_equal(stop->msg.hdr.tid, PEER_TID);
	assert_int_equal(stop->msg.hdr.nr, 1);
	assert_int_equal(tunnels(rig), 0);
}

/* In the middle of a call: acknowledged, told by name, and nobody else suffers. */
static void test_pitfall_05_sli_with_unknown_mandatory_avp(void **state)
{
	struct rig *rig = *state;
	const struct seen *cdn;
	uint16_t sid, other;

	rig_tunnel_by_us(rig);
	other = call_by_us(rig);
	sid = call_by_us(rig);
	peer_say_hex(rig, sid,
		"8008 0000 0000 0010 8010 0000 0023 0000 ffffffff 000a0000 8006 0000 0063");
	cdn = rig_sent(rig, L2TP_MSG_CDN);
	assert_int_equal(cdn->msg.result, L2TP_CDN_ERROR);
	assert_int_equal(cdn->msg.error, L2TP_ERR_UNKNOWN_AVP);
	assert_true(rig_says(cdn, "attribute 99"));
	assert_int_equal(cdn->msg.hdr.nr, rig->peer_ns);
	assert_false(call_exists(rig, sid));
	assert_true(call_exists(rig, other));
	rig_state(rig, L2TP_TUNNEL_ESTABLISHED);
}

/* RFC 2661 4.4.1: it clears the tunnel, though it was sent to a session. */
static void test_pitfall_07_unknown_type_to_a_session(void **state)
{
	struct rig *rig = *state;
	uint16_t sid;

	rig_tunnel_by_us(rig);
	sid = call_by_us(rig);
	peer_say_hex(rig, sid, "0008 0000 0000 0011");
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_ZLB), 1);
	assert_true(call_exists(rig, sid));
	peer_say_hex(rig, sid, "8008 0000 0000 0011");
	assert_int_equal(rig_sent(rig, L2TP_MSG_STOPCCN)->msg.result, L2TP_STOPCCN_ERROR);
	assert_false(call_exists(rig, sid));
	rig_state(rig, L2TP_TUNNEL_CLOSING);
}

/* The gaps between the numbers: 5 is among the tunnel's messages, 13 among those of calls. */
static void test_pitfall_07_unknown_type_between_the_calls(void **state)
{
	struct rig *rig = *state;

	rig_tunnel_by_us(rig);
	peer_say_hex(rig, 0, "8008 0000 0000 000d");
	assert_int_equal(rig_sent(rig, L2TP_MSG_STOPCCN)->msg.result, L2TP_STOPCCN_ERROR);
	rig_state(rig, L2TP_TUNNEL_CLOSING);
}

static void test_pitfall_07_unknown_type_5(void **state)
{
	struct rig *rig = *state;

	rig_tunnel_by_us(rig);
	peer_say_hex(rig, 0, "8008 0000 0000 0005");
	assert_int_equal(rig_sent(rig, L2TP_MSG_STOPCCN)->msg.result, L2TP_STOPCCN_ERROR);
	rig_state(rig, L2TP_TUNNEL_CLOSING);
}

/* --- hiding --- */

/*
 * Two peers, two secrets: whose it is is known by Host Name alone, before anything is decrypted.
 * xl2tpd decrypts with a secret that is not set yet.
 */
static void test_pitfall_08_secret_is_chosen_by_host_name(void **state)
{
	static const struct l2tp_secret one = { (const uint8_t *)"one", 3 };
	static const struct l2tp_secret two = { (const uint8_t *)"two", 3 };
	static const char *const names[] = { "one.example", "two.example" };
	struct rig *rig = *state;

	for (unsigned i = 0; i < 2; i++) {
		struct l2tp_tunnel_params params = rig->params;
		struct l2tp_msg msg = peer_sccrq();
		struct l2tp_span host;
		uint8_t buf[512], before[512];
		size_t len;

		rig->peer_secret = i ? two : one;
		rig->peer_hides = true;
		msg.host_name = l2tp_span_of(names[i]);
		msg.assigned_tid = (uint16_t)(PEER_TID + i);
		len = peer_encode(rig, &msg, 0, 0, 0, 0, buf, sizeof(buf));
		memcpy(before, buf, len);
		assert_int_equal(l2tp_core_input(rig->core, rig->now, &rig->path, buf, len, &host),
			L2TP_INPUT_SCCRQ);
		assert_memory_equal(buf, before, len);
		assert_span(host, names[i]);
		params.secret = host.data[0] == 't' ? two : one;
		l2tp_core_accept(rig->core, rig->now, &rig->path, buf, len, &params);
		rig_drain(rig);
		assert_int_equal(rig_sent(rig, L2TP_MSG_SCCRP)->msg.hdr.tid, PEER_TID + i);
	}
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_STOPCCN), 0);
}

/* HELLO with one attribute, whose value is hidden as it should be, if it may be. */
static struct l2tp_verdict hidden_in_hello(const struct avp_info *info, bool mandatory)
{
	static const uint8_t rv[] = { 0x80, 10, 0, 0, 0, 36, 1, 2, 3, 4 };
	struct l2tp_span vector = { rv + 6, 4 };
	struct wire w = wire_msg(0, "8008 0000 0000 0006"), all;
	struct l2tp_verdict verdict;
	uint16_t inner = info->min ? info->min : 1;
	size_t at = w.len + sizeof(rv), len;
	uint8_t buf[256] = { 0 };
	struct l2tp_msg msg;

	if (info->kind == AVP_FLAG)
		inner = 0;
	len = at + 6 + 2 + inner;
	memcpy(buf, w.data, w.len);
	memcpy(buf + w.len, rv, sizeof(rv));
	buf[at] = mandatory ? 0xc0 : 0x40;
	buf[at + 1] = (uint8_t)(6 + 2 + inner);
	buf[at + 2] = (uint8_t)(info->vendor >> 8);
	buf[at + 3] = (uint8_t)info->vendor;
	buf[at + 5] = (uint8_t)info->type;
	buf[at + 7] = (uint8_t)inner;
	if (inner)
		buf[at + 8 + inner - 1] = 1;
	hide_encrypt(info->type, &rig_secret, &vector, buf + at + 6, 2u + inner);
	all = wire_copy(buf, len);
	wire_set_u16(&all, 2, len);
	l2tp_msg_decode(all.data, all.len, &rig_secret, &msg, &verdict);
	/* taken if it may be hidden, else as good as not there */
	assert_int_equal(
		avp_present(info, &msg) && info->type != L2TP_AVP_RANDOM_VECTOR, info->hideable);
	wire_free(&all);
	wire_free(&w);
	return verdict;
}

/*
 * RFC 2661 4.4: Result Code, Protocol Version, Host Name, Receive Window Size, Tie Breaker, Random
 * Vector, Q.931 Cause Code and Sequencing Required are never hidden (nor is Message Type, which
 * has a test of its own); everything else may be.
 */
static void test_pitfall_09_every_attribute_hidden_on_receipt(void **state)
{
	static const uint64_t never = 1u << 1 | 1u << 2 | 1u << 5 | 1u << 7 | 1u << 10 | 1u << 12 |
				      UINT64_C(1) << 36 | UINT64_C(1) << 39;

	for (size_t row = 0; row < AVP_ROWS; row++) {
		const struct avp_info *info = &avp_table[row];
		bool hideable = info->vendor || !(never >> info->bit & 1);
		struct l2tp_verdict verdict;

		if (!info->vendor && info->type == L2TP_AVP_MESSAGE_TYPE)
			continue;
		assert_int_equal(info->hideable, hideable);
		verdict = hidden_in_hello(info, true);
		assert_int_equal(
			verdict.kind, hideable ? L2TP_VERDICT_OK : L2TP_VERDICT_CLEAR_TUNNEL);
		assert_int_equal(!!strstr(verdict.text, "must not be hidden"), !hideable);
		verdict = hidden_in_hello(info, false);
		assert_int_equal(verdict.kind, L2TP_VERDICT_OK);
	}
}

/* Every message of a call hidden, in both directions: ids, speeds, numbers. */
static void test_pitfall_09_hidden_assigned_session_id(void **state)
{
	struct l2tp_call_params params = { .called = "0800" };
	struct rig *rig = *state;
	struct l2tp_msg icrp = peer_with_sid(L2TP_MSG_ICRP, PEER_SID);
	struct l2tp_msg icrq = peer_icrq(PEER_SID + 1, 7), bye = peer_cdn(PEER_SID + 1, 1, "");
	int sid;

	rig->params.secret = rig->peer_secret = rig_secret;
	rig->params.hide = rig->peer_hides = true;
	rig_tunnel_by_us(rig);
	sid = l2tp_core_place_call(rig->core, rig->now, rig->tid, &params);
	rig_drain(rig);
	assert_int_equal(rig_sent(rig, L2TP_MSG_ICRQ)->msg.assigned_sid, sid);
	peer_say(rig, &icrp, (uint16_t)sid);
	call_ready(rig, (uint16_t)sid, 0);
	assert_int_equal(rig_sent(rig, L2TP_MSG_ICCN)->msg.hdr.sid, PEER_SID);
	peer_say(rig, &icrq, 0);
	call_ready(rig, call_accept_offer(rig), 0);
	assert_int_equal(rig_sent(rig, L2TP_MSG_ICRP)->msg.hdr.sid, PEER_SID + 1);
	/* pitfall 14 as well: session 0, and the id is hidden */
	peer_say(rig, &bye, 0);
	assert_int_equal(rig_count(rig, L2TP_EFFECT_SESSION_DOWN), 1);
	assert_true(call_exists(rig, (uint16_t)sid));
}

/* --- authentication, windows, numbers --- */

/* 15 octets, 17 octets, none: StopCCN 4 in both roles. */
static void test_pitfall_10_response_of_another_length(void **state)
{
	static const char *const responses[] = { "8015 0000 000d 000102030405060708090a0b0c0d0e",
		"8017 0000 000d 000102030405060708090a0b0c0d0e0f10", "8006 0000 000d" };
	static const char start[] = "8008 0000 0000 0002 8008 0000 0002 0100 800a 0000 0003 "
				    "00000003 8009 0000 0007 6c6e73 8008 0000 0009 1092";
	struct rig *rig = *state;

	rig->params.secret = rig_secret;
	for (unsigned i = 0; i < 6; i++) {
		char avps[512];

		rig->peer_ns = rig->peer_nr = 0;
		rig_forget(rig);
		if (i % 2)
			rig_we_open(rig);
		else
			rig_peer_requests(rig);
		snprintf(avps, sizeof(avps), "%s %s", i % 2 ? start : "8008 0000 0000 0003",
			responses[i / 2]);
		peer_say_hex(rig, 0, avps);
		assert_int_equal(
			rig_sent(rig, L2TP_MSG_STOPCCN)->msg.result, L2TP_STOPCCN_NOT_AUTHORIZED);
		assert_int_equal(rig_count(rig, L2TP_EFFECT_TUNNEL_UP), 0);
		rig_wait(rig, 40 * SEC);
	}
}

static void test_pitfall_11_window_of_zero_in_sccrp(void **state)
{
	struct rig *rig = *state;
	struct l2tp_msg msg = peer_sccrp();

	msg.receive_window = 0;
	rig_we_open(rig);
	peer_say(rig, &msg, 0);
	assert_int_equal(rig_sent(rig, L2TP_MSG_STOPCCN)->msg.error, L2TP_ERR_VALUE);
	assert_int_equal(rig_sent(rig, L2TP_MSG_STOPCCN)->msg.hdr.tid, PEER_TID);
	assert_int_equal(rig_count(rig, L2TP_EFFECT_TUNNEL_UP), 0);
}

/* accel-ppp takes them. */
static void test_pitfall_13_peers_ids_of_zero(void **state)
{
	static const enum l2tp_msg_type requests[] = { L2TP_MSG_ICRQ, L2TP_MSG_OCRQ };
	struct rig *rig = *state;
	struct l2tp_msg msg = peer_sccrp();

	msg.assigned_tid = 0;
	rig_we_open(rig);
	peer_say(rig, &msg, 0);
	assert_int_equal(rig_sent(rig, L2TP_MSG_STOPCCN)->msg.error, L2TP_ERR_VALUE);
	rig_wait(rig, 40 * SEC);
	rig->peer_ns = rig->peer_nr = 0;
	rig_tunnel_by_us(rig);
	for (unsigned i = 0; i < 2; i++) {
		msg = peer_ocrq();
		msg.type = (uint16_t)requests[i];
		msg.assigned_sid = 0;
		peer_say(rig, &msg, 0);
		assert_int_equal(rig_count(rig, L2TP_EFFECT_SESSION_OFFER), 0);
	}
	for (unsigned i = 0; i < 2; i++) {
		uint16_t sid = call_place_kind(rig, i);

		msg = peer_with_sid(i ? L2TP_MSG_OCRP : L2TP_MSG_ICRP, 0);
		peer_say(rig, &msg, sid);
		assert_int_equal(rig_sent(rig, L2TP_MSG_CDN)->msg.error, L2TP_ERR_VALUE);
		assert_false(call_exists(rig, sid));
	}
	assert_int_equal(rig_count(rig, L2TP_EFFECT_SESSION_CREATE), 0);
	rig_state(rig, L2TP_TUNNEL_ESTABLISHED);
}

static void test_pitfall_13_session_ids_are_random_and_unique(void **state)
{
	struct rig *rig = *state;
	static bool used[65536];
	unsigned ascending = 0;
	uint16_t last = 0;

	memset(used, 0, sizeof(used));
	for (unsigned t = 0; t < 2; t++) {
		rig->peer_ns = rig->peer_nr = 0;
		l2tp_addr_set_port(&rig->path.peer, (uint16_t)(L2TP_PORT + t));
		rig_tunnel_by_us(rig);
		for (unsigned i = 0; i < 100; i++) {
			uint16_t sid = call_place_kind(rig, false);

			assert_int_not_equal(sid, 0);
			assert_false(used[sid]);
			used[sid] = true;
			ascending += sid > last;
			last = sid;
		}
	}
	assert_in_range(ascending, 60, 140);
}

/* RFC 2661 4.4.2. Windows 2000 takes one without an error code for an error: "length is wrong". */
static void test_pitfall_15_error_code_is_always_sent(void **state)
{
	struct l2tp_reason why = { .stopccn = true, .result = L2TP_STOPCCN_CLEAR };
	struct rig *rig = *state;
	const struct seen *end[2];

	rig_tunnel_by_us(rig);
	call_close_with(rig, call_by_us(rig), L2TP_CDN_ADMIN, "");
	end[0] = rig_sent(rig, L2TP_MSG_CDN);
	peer_ack(rig);
	l2tp_core_close_tunnel(rig->core, rig->now, rig->tid, &why);
	rig_drain(rig);
	end[1] = rig_sent(rig, L2TP_MSG_STOPCCN);
	for (unsigned i = 0; i < 2; i++) {
		/* Message Type, then Result Code */
		assert_int_equal(end[i]->data[20], 0x80);
		assert_int_equal(end[i]->data[21], 10);
		assert_int_equal(end[i]->data[25], L2TP_AVP_RESULT_CODE);
	}
}

/* A result of the future is a reason like any other, and its text is UTF-8. */
static void test_pitfall_15_unknown_result_codes(void **state)
{
	struct rig *rig = *state;
	const struct l2tp_reason *why;
	uint16_t sid;

	rig_tunnel_by_us(rig);
	sid = call_by_us(rig);
	peer_say_hex(rig, sid,
		"8008 0000 0000 000e 8014 0000 0001 01f4 00c8 546368c3bcc39f21 ff00"
		"8008 0000 000e 141f");
	assert_int_equal(rig_count(rig, L2TP_EFFECT_SESSION_DOWN), 1);
	why = &rig_last(rig, L2TP_EFFECT_SESSION_DOWN)->effect.reason;
	assert_int_equal(why->result, 500);
	assert_int_equal(why->error, 200);
	assert_string_equal(why->text, "Tch\xc3\xbc\xc3\x9f!??");
	peer_say_hex(rig, 0, "8008 0000 0000 0004 8008 0000 0009 1092 800a 0000 0001 00ff 0063");
	why = &rig_last(rig, L2TP_EFFECT_TUNNEL_DOWN)->effect.reason;
	assert_int_equal(why->result, 255);
	assert_int_equal(why->error, 99);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_STOPCCN), 0);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_CDN), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_pitfall_01_headers_we_send),
		TEST(test_pitfall_05_sccrq_with_unknown_mandatory_avp),
		TEST(test_pitfall_05_sli_with_unknown_mandatory_avp),
		TEST(test_pitfall_07_unknown_type_to_a_session),
		TEST(test_pitfall_07_unknown_type_5),
		TEST(test_pitfall_07_unknown_type_between_the_calls),
		TEST(test_pitfall_08_secret_is_chosen_by_host_name),
		TEST(test_pitfall_09_every_attribute_hidden_on_receipt),
		TEST(test_pitfall_09_hidden_assigned_session_id),
		TEST(test_pitfall_10_response_of_another_length),
		TEST(test_pitfall_11_window_of_zero_in_sccrp),
		TEST(test_pitfall_13_peers_ids_of_zero),
		TEST(test_pitfall_13_session_ids_are_random_and_unique),
		TEST(test_pitfall_15_error_code_is_always_sent),
		TEST(test_pitfall_15_unknown_result_codes),
	};

	return cmocka_run_group_tests_name("pitfalls", tests, NULL, NULL);
}
