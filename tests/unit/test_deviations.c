/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Peers that do not keep to RFC 2661, byte for byte as they are known to send: each is understood,
 * the tunnel or call goes on, and what it did is counted. The messages are written by hand from
 * descriptions of the peers, not made by the encoder of the program. tests/README.md
 * has the list. This file has the peers with a name, test_deviations_any.c the others.
 */
#include "core_calls.h"
#include "dev_rig.h"

/* --- mpd --- */

/*
 * The whole way: a source port of its own, no window (so 4), SCCCN that repeats the SCCRQ with its
 * Challenge, ICRQ without Bearer Type, ICCN without Rx Connect Speed.
 */
static void test_mpd_calls_us(void **state)
{
	struct rig *rig = *state;
	uint16_t sid;

	rig->params.secret = rig_secret;
	l2tp_addr_set_port(&rig->path.peer, 49152);
	dev_say(rig, 0, TYPE("0001") MPD_START MPD_CHALLENGE);
	assert_true(l2tp_msg_has(&rig_sent(rig, L2TP_MSG_SCCRP)->msg, L2TP_AVP_CHALLENGE_RESPONSE));
	dev_assert_only(rig, DEV(M_BIT));
	dev_say_response(rig, L2TP_MSG_SCCCN, MPD_START MPD_CHALLENGE, "8016");
	dev_assert_no_complaint(rig);
	assert_true(dev_tunnel(rig).authenticated);
	assert_int_equal(dev_tunnel(rig).peer_window, 4);
	assert_string_equal(dev_tunnel(rig).peer_vendor, "FreeBSD MPD");
	dev_say(rig, 0, TYPE("000a") SESSION_ID SERIAL);
	sid = dev_take_offer(rig);
	dev_say(rig, sid, TYPE("000c") TX_SPEED SYNC);
	assert_int_equal(rig_count(rig, L2TP_EFFECT_SESSION_UP), 1);
	assert_int_equal(call_info(rig, sid).rx_speed, 10000000);
	dev_assert_no_complaint(rig);
	dev_assert_counted(rig, DEV(M_BIT), 2, DEV(EXTRA_AVP), 1);
}

static void test_mpd_answers_without_m_in_its_response(void **state)
{
	struct rig *rig = *state;

	rig->params.secret = rig_secret;
	rig_we_open(rig);
	dev_say_response(rig, L2TP_MSG_SCCRP, MPD_START MPD_CHALLENGE, "0016");
	assert_true(l2tp_msg_has(&rig_sent(rig, L2TP_MSG_SCCCN)->msg, L2TP_AVP_CHALLENGE_RESPONSE));
	dev_assert_no_complaint(rig);
	assert_true(dev_tunnel(rig).authenticated);
	dev_assert_only(rig, DEV(M_BIT));
}

/*
 * Hidden from the SCCRQ on, by a Random Vector of 4 octets, the padding not encrypted; computed by
 * another implementation (Python hashlib), secret "top secret", padding ee. All of that RFC 2661
 * 4.3 allows, so only Vendor Name's M is counted.
 */
static void test_mpd_hides(void **state)
{
#define MPD_VECTOR "800a 0000 0024 deadbeef "
	struct rig *rig = *state;
	uint16_t sid;

	rig->params.secret = rig_secret;
	dev_say(rig, 0,
		TYPE("0001") HOST MPD_VECTOR
		"c017 0000 0008 aae65d470b76c9faefd31ef342eeeeeeee"
		"c00f 0000 0004 8368d33e7cd7eeeeee" VERSION "c00f 0000 0003 bfca41184a9beeeeee"
		"c00f 0000 0009 3746e91feeeeeeeeee"
		"c01f 0000 000b 3230c78adbe06711ed0354e1b2e3cafd72bfeeeeeeeeeeeeee");
	assert_int_equal(rig_sent(rig, L2TP_MSG_SCCRP)->msg.hdr.tid, PEER_TID);
	assert_string_equal(dev_tunnel(rig).peer_vendor, "FreeBSD MPD");
	dev_say_response(rig, L2TP_MSG_SCCCN, "", "8016");
	dev_assert_no_complaint(rig);
	dev_say(rig, 0,
		TYPE("000a") MPD_VECTOR "c00f 0000 000e 77059cd5eeeeeeeeee"
					"c00f 0000 000f 7227cb13f77deeeeee");
	assert_int_equal(rig_last(rig, L2TP_EFFECT_SESSION_OFFER)->effect.offer.serial, 0x2711);
	sid = dev_take_offer(rig);
	assert_int_equal(rig_sent(rig, L2TP_MSG_ICRP)->msg.hdr.sid, PEER_SID);
	dev_say(rig, sid,
		TYPE("000c") MPD_VECTOR "c00f 0000 0018 5c32c24ac94ceeeeee"
					"c00f 0000 0013 df5653ec7286eeeeee");
	assert_int_equal(rig_count(rig, L2TP_EFFECT_SESSION_UP), 1);
	assert_int_equal(call_info(rig, sid).tx_speed, 10000000);
	dev_assert_no_complaint(rig);
	dev_assert_only(rig, DEV(M_BIT));
}

static void test_mpd_ocrq_with_calling_number_and_empty_called_number(void **state)
{
	struct rig *rig = *state;

	rig_tunnel_by_peer(rig);
	dev_say(rig, 0,
		TYPE("0007") SESSION_ID SERIAL
		"8009 0000 0016 313030" /* Calling Number "100", which OCRQ has not */
		"800a 0000 0010 00000000"
		"800a 0000 0011 7fffffff"
		"800a 0000 0012 00000003"
		"800a 0000 0013 00000003"
		"8006 0000 0015");
	assert_string_equal(rig_last(rig, L2TP_EFFECT_SESSION_OFFER)->calling, "100");
	assert_string_equal(rig_last(rig, L2TP_EFFECT_SESSION_OFFER)->called, "");
	dev_take_offer(rig);
	assert_int_equal(rig_count(rig, L2TP_EFFECT_SESSION_UP), 1);
	dev_assert_no_complaint(rig);
	dev_assert_only(rig, DEV(EXTRA_AVP));
}

static void test_mpd_sli_without_m(void **state)
{
	struct rig *rig = *state;
	uint16_t sid = dev_call_by_us(rig);

	dev_say(rig, sid, TYPE("0010") "0010 0000 0023 0000 ffffffff 000a0000");
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_ZLB), 1);
	assert_int_equal(dev_state(rig, sid), L2TP_SESSION_ESTABLISHED);
	dev_assert_no_complaint(rig);
	dev_assert_only(rig, DEV(M_BIT));
}

/* Result 3 with error 0 and no text, and StopCCN on its heels: both reasons are kept apart. */
static void test_mpd_stopccn_right_after_the_last_cdn(void **state)
{
	struct rig *rig = *state;
	uint16_t sid = dev_call_by_us(rig);
	struct wire stop;

	rig->peer_ns++;
	stop = dev_datagram(rig, 0, TYPE("0004") TUNNEL_ID "800a 0000 0001 0001 0000");
	rig->peer_ns = (uint16_t)(rig->peer_ns - 2);
	/* the network swaps the two */
	dev_arrive(rig, &stop);
	dev_say(rig, sid, TYPE("000e") SESSION_ID "800a 0000 0001 0003 0000");
	assert_int_equal(dev_call_down(rig)->result, L2TP_CDN_ADMIN);
	assert_false(dev_call_down(rig)->stopccn);
	assert_int_equal(rig_tunnel_down(rig)->result, L2TP_STOPCCN_CLEAR);
	assert_true(rig_place(rig, L2TP_EFFECT_SESSION_DOWN, 0) <
		    rig_place(rig, L2TP_EFFECT_TUNNEL_DOWN, 0));
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_ZLB), 1);
	dev_assert_only(rig, 0);
}

/* --- Windows --- */

static void test_windows_98_physical_channel_id_with_m(void **state)
{
	struct rig *rig = *state;
	uint16_t sid;

	rig_tunnel_by_peer(rig);
	dev_say(rig, 0, TYPE("000a") SESSION_ID SERIAL "800a 0000 0019 00000001");
	sid = dev_take_offer(rig);
	dev_say(rig, sid, TYPE("000c") TX_SPEED SYNC);
	assert_int_equal(rig_count(rig, L2TP_EFFECT_SESSION_UP), 1);
	dev_assert_no_complaint(rig);
	dev_assert_only(rig, DEV(M_BIT));
}

/* Vendor 311 with types the RFC uses for other things; they must not be read as those. */
static void test_microsoft_attributes_below_40(void **state)
{
	struct rig *rig = *state;
	uint16_t sid;

	dev_say(rig, 0,
		STRICT_SCCRQ "0008 0137 0009 dead"
			     "0008 0137 000a 0000");
	assert_int_equal(rig_sent(rig, L2TP_MSG_SCCRP)->msg.hdr.tid, PEER_TID);
	dev_say(rig, 0, TYPE("0003"));
	dev_say(rig, 0, TYPE("000a") "0008 0137 000e beef" SESSION_ID SERIAL);
	sid = dev_take_offer(rig);
	assert_int_equal(rig_sent(rig, L2TP_MSG_ICRP)->msg.hdr.sid, PEER_SID);
	dev_say(rig, sid, TYPE("000c") TX_SPEED SYNC "0006 0137 0027");
	assert_int_equal(rig_count(rig, L2TP_EFFECT_SESSION_UP), 1);
	assert_false(call_info(rig, sid).require_seq);
	dev_assert_no_complaint(rig);
	dev_assert_counted(rig, DEV(UNKNOWN_OPTIONAL), 3, 0, 0);
}

/* --- Apple --- */

/* vpnd sends Result Code in the byte order of a little-endian machine. */
static void test_apple_swapped_result_in_cdn(void **state)
{
	struct rig *rig = *state;
	uint16_t sid = dev_call_by_us(rig);

	dev_say(rig, sid, TYPE("000e") "800a 0000 0001 0300 0000" SESSION_ID);
	assert_int_equal(dev_call_down(rig)->who, L2TP_WHO_PEER);
	assert_int_equal(dev_call_down(rig)->result, L2TP_CDN_ADMIN);
	assert_int_equal(dev_call_down(rig)->error, 0);
	dev_assert_no_complaint(rig);
	dev_assert_only(rig, DEV(SWAPPED_RESULT));
}

static void test_apple_swapped_result_and_error_in_stopccn(void **state)
{
	struct rig *rig = *state;

	rig_tunnel_by_us(rig);
	dev_say(rig, 0, TYPE("0004") TUNNEL_ID "800a 0000 0001 0200 0400");
	assert_int_equal(rig_tunnel_down(rig)->result, L2TP_STOPCCN_ERROR);
	assert_int_equal(rig_tunnel_down(rig)->error, L2TP_ERR_RESOURCES);
	dev_assert_only(rig, DEV(SWAPPED_RESULT));
}

static void test_apple_swapped_result_of_8_octets(void **state)
{
	struct rig *rig = *state;
	uint16_t sid = dev_call_by_us(rig);

	dev_say(rig, sid, TYPE("000e") "8008 0000 0001 0100" SESSION_ID);
	assert_int_equal(dev_call_down(rig)->result, L2TP_CDN_LOST_CARRIER);
	dev_assert_no_complaint(rig);
	dev_assert_counted(rig, DEV(SWAPPED_RESULT), 1, DEV(SHORT_RESULT), 1);
}

/* --- Cisco --- */

static void test_cisco_speeds_in_ascii(void **state)
{
	struct rig *rig = *state;
	uint16_t sid = dev_call_before_iccn(rig);

	dev_say(rig, sid,
		TYPE("000c") "8010 0000 0018 31303030303030303030" /* 1000000000 */
		SYNC "000f 0000 0026 313030303030303030");	   /* 100000000 */
	assert_int_equal(rig_count(rig, L2TP_EFFECT_SESSION_UP), 1);
	assert_int_equal(call_info(rig, sid).tx_speed, 1000000000);
	assert_int_equal(call_info(rig, sid).rx_speed, 100000000);
	dev_assert_no_complaint(rig);
	dev_assert_only(rig, DEV(TEXT_SPEED));
}

/* Vendor 9, without M; xl2tpd reads them as the RFC's. The DSL line of vendor 3561 (RFC 5515) is
 * known here. */
static void test_cisco_attributes_below_40(void **state)
{
	struct rig *rig = *state;

	dev_say(rig, 0,
		STRICT_SCCRQ "0008 0009 0001 0001"
			     "0008 0009 0009 0007");
	assert_int_equal(rig_sent(rig, L2TP_MSG_SCCRP)->msg.hdr.tid, PEER_TID);
	dev_say(rig, 0, TYPE("0003") "000a 0009 000d 00000000");
	dev_assert_no_complaint(rig);
	dev_say(rig, 0,
		TYPE("000a") "0008 0009 000e 0666" SESSION_ID SERIAL "000c 0de9 0001 6c696e653031"
			     "000a 0009 000f 00000001");
	assert_int_equal(rig_last(rig, L2TP_EFFECT_SESSION_OFFER)->effect.offer.serial, 0x2711);
	dev_take_offer(rig);
	assert_int_equal(rig_sent(rig, L2TP_MSG_ICRP)->msg.hdr.sid, PEER_SID);
	dev_assert_no_complaint(rig);
	dev_assert_counted(rig, DEV(UNKNOWN_OPTIONAL), 3, 0, 0);
}

/* --- MikroTik, WatchGuard, xl2tpd --- */

static void test_mikrotik_result_code_of_8_octets(void **state)
{
	struct rig *rig = *state;
	uint16_t sid = dev_call_by_us(rig);

	dev_say(rig, sid, TYPE("000e") "8008 0000 0001 0001" SESSION_ID);
	assert_int_equal(dev_call_down(rig)->who, L2TP_WHO_PEER);
	assert_int_equal(dev_call_down(rig)->result, L2TP_CDN_LOST_CARRIER);
	assert_int_equal(dev_call_down(rig)->error, 0);
	dev_assert_no_complaint(rig);
	dev_assert_only(rig, DEV(SHORT_RESULT));
	dev_say(rig, 0, TYPE("0004") TUNNEL_ID "8008 0000 0001 0006");
	assert_int_equal(rig_tunnel_down(rig)->result, L2TP_STOPCCN_SHUTDOWN);
	dev_assert_counted(rig, DEV(SHORT_RESULT), 2, 0, 0);
}

/* It does not believe an acknowledgement that rides on a message, and repeats what we have. */
static void test_watchguard_says_it_twice(void **state)
{
	struct rig *rig = *state;
	uint16_t sid = dev_place(rig, false);
	struct wire icrp = dev_datagram(rig, sid, TYPE("000b") SESSION_ID), again;

	again = wire_copy(icrp.data, icrp.len);
	dev_arrive(rig, &icrp);
	call_ready(rig, sid, 0);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_ZLB), 0);
	dev_arrive(rig, &again);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_ZLB), 1);
	assert_int_equal(dev_state(rig, sid), L2TP_SESSION_ESTABLISHED);
	dev_assert_no_complaint(rig);
	assert_int_equal(dev_tunnel(rig).duplicates, 1);
	dev_assert_only(rig, 0);
}

static void test_xl2tpd_rx_speed_with_m(void **state)
{
	struct rig *rig = *state;
	uint16_t sid = dev_call_before_iccn(rig);

	dev_say(rig, sid, TYPE("000c") TX_SPEED SYNC "800a 0000 0026 0001f400");
	assert_int_equal(rig_count(rig, L2TP_EFFECT_SESSION_UP), 1);
	assert_int_equal(call_info(rig, sid).rx_speed, 128000);
	dev_assert_no_complaint(rig);
	dev_assert_only(rig, DEV(M_BIT));
}

/* It exits at once, so nobody acknowledges our StopCCN: that is not a second failure. */
static void test_xl2tpd_is_gone_before_our_stopccn(void **state)
{
	struct l2tp_reason why = { .stopccn = true, .result = 6, .text = "shutdown" };
	struct rig *rig = *state;

	rig_tunnel_by_us(rig);
	l2tp_core_close_tunnel(rig->core, rig->now, rig->tid, &why);
	rig_drain(rig);
	rig_wait(rig, 40 * SEC);
	assert_string_equal(rig_tunnel_down(rig)->text, "shutdown");
	assert_int_equal(rig_count(rig, L2TP_EFFECT_TUNNEL_GONE), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_mpd_calls_us),
		TEST(test_mpd_answers_without_m_in_its_response),
		TEST(test_mpd_hides),
		TEST(test_mpd_ocrq_with_calling_number_and_empty_called_number),
		TEST(test_mpd_sli_without_m),
		TEST(test_mpd_stopccn_right_after_the_last_cdn),
		TEST(test_windows_98_physical_channel_id_with_m),
		TEST(test_microsoft_attributes_below_40),
		TEST(test_apple_swapped_result_in_cdn),
		TEST(test_apple_swapped_result_and_error_in_stopccn),
		TEST(test_apple_swapped_result_of_8_octets),
		TEST(test_cisco_speeds_in_ascii),
		TEST(test_cisco_attributes_below_40),
		TEST(test_mikrotik_result_code_of_8_octets),
		TEST(test_watchguard_says_it_twice),
		TEST(test_xl2tpd_rx_speed_with_m),
		TEST(test_xl2tpd_is_gone_before_our_stopccn),
	};

	return cmocka_run_group_tests_name("deviations", tests, NULL, NULL);
}
