// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Peers that do not keep to RFC 2661, byte for byte as they are known to send: each is understood,
 * the tunnel or call goes on, and what it did is counted. The messages are written by hand from
 * descriptions of the peers, not made by the encoder of the program. tests/README.md has the list.
 */
#include "core_rig.h"

#include "wire.h"

#include <stdio.h>

#define DEV(name) L2TP_DEV_##name

/* First word of an AVP: M is 8000, H 4000, the rest its length; then vendor, type, value. */
#define TYPE(hex)   "8008 0000 0000 " hex " "
#define VERSION	    "8008 0000 0002 0100 "
#define FRAMING_CAP "800a 0000 0003 00000003 "
#define BEARER_CAP  "800a 0000 0004 00000003 "
#define HOST	    "8009 0000 0007 6d7064 "
#define TUNNEL_ID   "8008 0000 0009 1092 " /* PEER_TID */
#define SESSION_ID  "8008 0000 000e 141f " /* PEER_SID */
#define SERIAL	    "800a 0000 000f 00002711 "
#define TX_SPEED    "800a 0000 0018 00989680 "
#define SYNC	    "800a 0000 0013 00000001 "

/* The most of a start message, in any order that suits. */
#define STRICT_SCCRQ TYPE("0001") VERSION FRAMING_CAP HOST TUNNEL_ID

/* mpd: its own order, Vendor Name with M, no Receive Window Size. */
#define MPD_VENDOR    "8011 0000 0008 46726565425344204d5044 "
#define MPD_START     HOST MPD_VENDOR BEARER_CAP VERSION FRAMING_CAP TUNNEL_ID
#define MPD_CHALLENGE "8016 0000 000b 000102030405060708090a0b0c0d0e0f "

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

/* --- pieces ---------------------------------------------------------------------------------- */

static struct wire datagram(struct rig *rig, uint16_t sid, const char *avps)
{
	struct wire w = wire_msg(sid, avps);
	bool sccrq = strncmp(avps, TYPE("0001"), strlen(TYPE("0001"))) == 0;

	wire_set_u16(&w, 4, sccrq ? 0 : rig->tid);
	wire_set_u16(&w, 8, rig->peer_ns++);
	wire_set_u16(&w, 10, rig->peer_nr);
	return w;
}

static void arrive(struct rig *rig, struct wire *w)
{
	peer_bytes(rig, w->data, w->len);
	wire_free(w);
}

/* The peer's next message, of these AVPs. */
static void say(struct rig *rig, uint16_t sid, const char *avps)
{
	struct wire w = datagram(rig, sid, avps);

	arrive(rig, &w);
}

/* SCCRP or SCCCN of these AVPs, and a Challenge Response after them that begins with first_word. */
static void say_response(
	struct rig *rig, enum l2tp_msg_type type, const char *avps, const char *first_word)
{
	struct l2tp_msg msg = peer_msg(type);
	char all[2000];
	int n;

	peer_respond(rig, &msg);
	n = snprintf(all, sizeof(all), "8008 0000 0000 %04x %s %s 0000 000d ", (unsigned)type, avps,
		first_word);
	for (unsigned i = 0; i < 16; i++)
		n += snprintf(all + n, sizeof(all) - (size_t)n, "%02x", msg.challenge_response[i]);
	say(rig, 0, all);
}

static struct l2tp_tunnel_info info_of(const struct rig *rig)
{
	struct l2tp_tunnel_info info;

	assert_true(l2tp_core_tunnel_info(rig->core, rig->tid, &info));
	return info;
}

/* The counters of the tunnel: so many messages with one deviation, with a second, with no other. */
static void assert_counted(
	const struct rig *rig, unsigned dev, unsigned count, unsigned dev2, unsigned count2)
{
	struct l2tp_tunnel_info info = info_of(rig);

	for (unsigned i = 0; i < L2TP_DEV_COUNT; i++) {
		uint64_t want = dev == 1u << i ? count : dev2 == 1u << i ? count2 : 0;

		if (info.deviations[i] != want)
			fail_msg("%s: %u, not %u", l2tp_deviation_name(i),
				(unsigned)info.deviations[i], (unsigned)want);
	}
}

static void assert_only(const struct rig *rig, unsigned dev)
{
	assert_counted(rig, dev, dev ? 1 : 0, 0, 0);
}

static void assert_no_complaint(const struct rig *rig)
{
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_STOPCCN), 0);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_CDN), 0);
	rig_state(rig, L2TP_TUNNEL_ESTABLISHED);
}

static enum l2tp_session_state state_of(const struct rig *rig, uint16_t sid)
{
	struct l2tp_session_info info;

	assert_true(l2tp_core_session_info(rig->core, rig->tid, sid, &info));
	return info.state;
}

static struct l2tp_session_info session_of(const struct rig *rig, uint16_t sid)
{
	struct l2tp_session_info info;

	assert_true(l2tp_core_session_info(rig->core, rig->tid, sid, &info));
	return info;
}

static void ready(struct rig *rig, uint16_t sid)
{
	l2tp_core_session_ready(rig->core, rig->now, rig->tid, sid, 0, NULL);
	rig_drain(rig);
}

/* The peer's ICRQ or OCRQ is offered and taken; our id of it. */
static uint16_t take_offer(struct rig *rig)
{
	struct l2tp_call_params params = { 0 };
	uint16_t sid = rig_last(rig, L2TP_EFFECT_SESSION_OFFER)->effect.sid;

	l2tp_core_accept_call(rig->core, rig->now, rig->tid, sid, &params);
	rig_drain(rig);
	ready(rig, sid);
	return sid;
}

/* A call of the peer, as far as ICCN. */
static uint16_t call_before_iccn(struct rig *rig)
{
	rig_tunnel_by_peer(rig);
	say(rig, 0, TYPE("000a") SESSION_ID SERIAL);
	return take_offer(rig);
}

/* A call of ours, as far as ICRP or OCRP. */
static uint16_t place(struct rig *rig, bool outgoing)
{
	struct l2tp_call_params params = { .outgoing = outgoing };
	int sid;

	rig_tunnel_by_us(rig);
	sid = l2tp_core_place_call(rig->core, rig->now, rig->tid, &params);
	assert_in_range(sid, 1, 65535);
	rig_drain(rig);
	return (uint16_t)sid;
}

static uint16_t call_by_us(struct rig *rig)
{
	uint16_t sid = place(rig, false);

	say(rig, sid, TYPE("000b") SESSION_ID);
	ready(rig, sid);
	peer_ack(rig);
	assert_int_equal(state_of(rig, sid), L2TP_SESSION_ESTABLISHED);
	rig_forget(rig);
	return sid;
}

static const struct l2tp_reason *call_down(const struct rig *rig)
{
	assert_int_equal(rig_count(rig, L2TP_EFFECT_SESSION_DOWN), 1);
	return &rig_last(rig, L2TP_EFFECT_SESSION_DOWN)->effect.reason;
}

static const struct l2tp_reason *tunnel_down(const struct rig *rig)
{
	assert_int_equal(rig_count(rig, L2TP_EFFECT_TUNNEL_DOWN), 1);
	return &rig_last(rig, L2TP_EFFECT_TUNNEL_DOWN)->effect.reason;
}

/* --- mpd ------------------------------------------------------------------------------------- */

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
	say(rig, 0, TYPE("0001") MPD_START MPD_CHALLENGE);
	assert_true(l2tp_msg_has(&rig_sent(rig, L2TP_MSG_SCCRP)->msg, L2TP_AVP_CHALLENGE_RESPONSE));
	assert_only(rig, DEV(M_BIT));
	say_response(rig, L2TP_MSG_SCCCN, MPD_START MPD_CHALLENGE, "8016");
	assert_no_complaint(rig);
	assert_true(info_of(rig).authenticated);
	assert_int_equal(info_of(rig).peer_window, 4);
	assert_string_equal(info_of(rig).peer_vendor, "FreeBSD MPD");
	say(rig, 0, TYPE("000a") SESSION_ID SERIAL);
	sid = take_offer(rig);
	say(rig, sid, TYPE("000c") TX_SPEED SYNC);
	assert_int_equal(rig_count(rig, L2TP_EFFECT_SESSION_UP), 1);
	assert_int_equal(session_of(rig, sid).rx_speed, 10000000);
	assert_no_complaint(rig);
	assert_counted(rig, DEV(M_BIT), 2, DEV(EXTRA_AVP), 1);
}

static void test_mpd_answers_without_m_in_its_response(void **state)
{
	struct rig *rig = *state;

	rig->params.secret = rig_secret;
	rig_we_open(rig);
	say_response(rig, L2TP_MSG_SCCRP, MPD_START MPD_CHALLENGE, "0016");
	assert_true(l2tp_msg_has(&rig_sent(rig, L2TP_MSG_SCCCN)->msg, L2TP_AVP_CHALLENGE_RESPONSE));
	assert_no_complaint(rig);
	assert_true(info_of(rig).authenticated);
	assert_only(rig, DEV(M_BIT));
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
	say(rig, 0,
		TYPE("0001") HOST MPD_VECTOR
		"c017 0000 0008 aae65d470b76c9faefd31ef342eeeeeeee"
		"c00f 0000 0004 8368d33e7cd7eeeeee" VERSION "c00f 0000 0003 bfca41184a9beeeeee"
		"c00f 0000 0009 3746e91feeeeeeeeee"
		"c01f 0000 000b 3230c78adbe06711ed0354e1b2e3cafd72bfeeeeeeeeeeeeee");
	assert_int_equal(rig_sent(rig, L2TP_MSG_SCCRP)->msg.hdr.tid, PEER_TID);
	assert_string_equal(info_of(rig).peer_vendor, "FreeBSD MPD");
	say_response(rig, L2TP_MSG_SCCCN, "", "8016");
	assert_no_complaint(rig);
	say(rig, 0,
		TYPE("000a") MPD_VECTOR "c00f 0000 000e 77059cd5eeeeeeeeee"
					"c00f 0000 000f 7227cb13f77deeeeee");
	assert_int_equal(rig_last(rig, L2TP_EFFECT_SESSION_OFFER)->effect.offer.serial, 0x2711);
	sid = take_offer(rig);
	assert_int_equal(rig_sent(rig, L2TP_MSG_ICRP)->msg.hdr.sid, PEER_SID);
	say(rig, sid,
		TYPE("000c") MPD_VECTOR "c00f 0000 0018 5c32c24ac94ceeeeee"
					"c00f 0000 0013 df5653ec7286eeeeee");
	assert_int_equal(rig_count(rig, L2TP_EFFECT_SESSION_UP), 1);
	assert_int_equal(session_of(rig, sid).tx_speed, 10000000);
	assert_no_complaint(rig);
	assert_only(rig, DEV(M_BIT));
}

static void test_mpd_ocrq_with_calling_number_and_empty_called_number(void **state)
{
	struct rig *rig = *state;

	rig_tunnel_by_peer(rig);
	say(rig, 0,
		TYPE("0007") SESSION_ID SERIAL
		"8009 0000 0016 313030" /* Calling Number "100", which OCRQ has not */
		"800a 0000 0010 00000000"
		"800a 0000 0011 7fffffff"
		"800a 0000 0012 00000003"
		"800a 0000 0013 00000003"
		"8006 0000 0015");
	assert_string_equal(rig_last(rig, L2TP_EFFECT_SESSION_OFFER)->calling, "100");
	assert_string_equal(rig_last(rig, L2TP_EFFECT_SESSION_OFFER)->called, "");
	take_offer(rig);
	assert_int_equal(rig_count(rig, L2TP_EFFECT_SESSION_UP), 1);
	assert_no_complaint(rig);
	assert_only(rig, DEV(EXTRA_AVP));
}

static void test_mpd_sli_without_m(void **state)
{
	struct rig *rig = *state;
	uint16_t sid = call_by_us(rig);

	say(rig, sid, TYPE("0010") "0010 0000 0023 0000 ffffffff 000a0000");
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_ZLB), 1);
	assert_int_equal(state_of(rig, sid), L2TP_SESSION_ESTABLISHED);
	assert_no_complaint(rig);
	assert_only(rig, DEV(M_BIT));
}

/* Result 3 with error 0 and no text, and StopCCN on its heels: both reasons are kept apart. */
static void test_mpd_stopccn_right_after_the_last_cdn(void **state)
{
	struct rig *rig = *state;
	uint16_t sid = call_by_us(rig);
	struct wire stop;

	rig->peer_ns++;
	stop = datagram(rig, 0, TYPE("0004") TUNNEL_ID "800a 0000 0001 0001 0000");
	rig->peer_ns = (uint16_t)(rig->peer_ns - 2);
	/* the network swaps the two */
	arrive(rig, &stop);
	say(rig, sid, TYPE("000e") SESSION_ID "800a 0000 0001 0003 0000");
	assert_int_equal(call_down(rig)->result, L2TP_CDN_ADMIN);
	assert_false(call_down(rig)->stopccn);
	assert_int_equal(tunnel_down(rig)->result, L2TP_STOPCCN_CLEAR);
	assert_true(rig_place(rig, L2TP_EFFECT_SESSION_DOWN, 0) <
		    rig_place(rig, L2TP_EFFECT_TUNNEL_DOWN, 0));
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_ZLB), 1);
	assert_only(rig, 0);
}

/* --- Windows --------------------------------------------------------------------------------- */

static void test_windows_98_physical_channel_id_with_m(void **state)
{
	struct rig *rig = *state;
	uint16_t sid;

	rig_tunnel_by_peer(rig);
	say(rig, 0, TYPE("000a") SESSION_ID SERIAL "800a 0000 0019 00000001");
	sid = take_offer(rig);
	say(rig, sid, TYPE("000c") TX_SPEED SYNC);
	assert_int_equal(rig_count(rig, L2TP_EFFECT_SESSION_UP), 1);
	assert_no_complaint(rig);
	assert_only(rig, DEV(M_BIT));
}

/* Vendor 311 with types the RFC uses for other things; they must not be read as those. */
static void test_microsoft_attributes_below_40(void **state)
{
	struct rig *rig = *state;
	uint16_t sid;

	say(rig, 0,
		STRICT_SCCRQ "0008 0137 0009 dead"
			     "0008 0137 000a 0000");
	assert_int_equal(rig_sent(rig, L2TP_MSG_SCCRP)->msg.hdr.tid, PEER_TID);
	say(rig, 0, TYPE("0003"));
	say(rig, 0, TYPE("000a") "0008 0137 000e beef" SESSION_ID SERIAL);
	sid = take_offer(rig);
	assert_int_equal(rig_sent(rig, L2TP_MSG_ICRP)->msg.hdr.sid, PEER_SID);
	say(rig, sid, TYPE("000c") TX_SPEED SYNC "0006 0137 0027");
	assert_int_equal(rig_count(rig, L2TP_EFFECT_SESSION_UP), 1);
	assert_false(session_of(rig, sid).require_seq);
	assert_no_complaint(rig);
	assert_counted(rig, DEV(UNKNOWN_OPTIONAL), 3, 0, 0);
}

/* --- Apple ----------------------------------------------------------------------------------- */

/* vpnd sends Result Code in the byte order of a little-endian machine. */
static void test_apple_swapped_result_in_cdn(void **state)
{
	struct rig *rig = *state;
	uint16_t sid = call_by_us(rig);

	say(rig, sid, TYPE("000e") "800a 0000 0001 0300 0000" SESSION_ID);
	assert_int_equal(call_down(rig)->who, L2TP_WHO_PEER);
	assert_int_equal(call_down(rig)->result, L2TP_CDN_ADMIN);
	assert_int_equal(call_down(rig)->error, 0);
	assert_no_complaint(rig);
	assert_only(rig, DEV(SWAPPED_RESULT));
}

static void test_apple_swapped_result_and_error_in_stopccn(void **state)
{
	struct rig *rig = *state;

	rig_tunnel_by_us(rig);
	say(rig, 0, TYPE("0004") TUNNEL_ID "800a 0000 0001 0200 0400");
	assert_int_equal(tunnel_down(rig)->result, L2TP_STOPCCN_ERROR);
	assert_int_equal(tunnel_down(rig)->error, L2TP_ERR_RESOURCES);
	assert_only(rig, DEV(SWAPPED_RESULT));
}

static void test_apple_swapped_result_of_8_octets(void **state)
{
	struct rig *rig = *state;
	uint16_t sid = call_by_us(rig);

	say(rig, sid, TYPE("000e") "8008 0000 0001 0100" SESSION_ID);
	assert_int_equal(call_down(rig)->result, L2TP_CDN_LOST_CARRIER);
	assert_no_complaint(rig);
	assert_counted(rig, DEV(SWAPPED_RESULT), 1, DEV(SHORT_RESULT), 1);
}

/* --- Cisco ----------------------------------------------------------------------------------- */

static void test_cisco_speeds_in_ascii(void **state)
{
	struct rig *rig = *state;
	uint16_t sid = call_before_iccn(rig);

	say(rig, sid,
		TYPE("000c") "8010 0000 0018 31303030303030303030" /* 1000000000 */
		SYNC "000f 0000 0026 313030303030303030");	   /* 100000000 */
	assert_int_equal(rig_count(rig, L2TP_EFFECT_SESSION_UP), 1);
	assert_int_equal(session_of(rig, sid).tx_speed, 1000000000);
	assert_int_equal(session_of(rig, sid).rx_speed, 100000000);
	assert_no_complaint(rig);
	assert_only(rig, DEV(TEXT_SPEED));
}

/* Vendor 9, without M; xl2tpd reads them as the RFC's. The DSL line of vendor 3561 (RFC 5515) is
 * known here. */
static void test_cisco_attributes_below_40(void **state)
{
	struct rig *rig = *state;

	say(rig, 0,
		STRICT_SCCRQ "0008 0009 0001 0001"
			     "0008 0009 0009 0007");
	assert_int_equal(rig_sent(rig, L2TP_MSG_SCCRP)->msg.hdr.tid, PEER_TID);
	say(rig, 0, TYPE("0003") "000a 0009 000d 00000000");
	assert_no_complaint(rig);
	say(rig, 0,
		TYPE("000a") "0008 0009 000e 0666" SESSION_ID SERIAL "000c 0de9 0001 6c696e653031"
			     "000a 0009 000f 00000001");
	assert_int_equal(rig_last(rig, L2TP_EFFECT_SESSION_OFFER)->effect.offer.serial, 0x2711);
	take_offer(rig);
	assert_int_equal(rig_sent(rig, L2TP_MSG_ICRP)->msg.hdr.sid, PEER_SID);
	assert_no_complaint(rig);
	assert_counted(rig, DEV(UNKNOWN_OPTIONAL), 3, 0, 0);
}

/* --- MikroTik, WatchGuard, xl2tpd ------------------------------------------------------------- */

static void test_mikrotik_result_code_of_8_octets(void **state)
{
	struct rig *rig = *state;
	uint16_t sid = call_by_us(rig);

	say(rig, sid, TYPE("000e") "8008 0000 0001 0001" SESSION_ID);
	assert_int_equal(call_down(rig)->who, L2TP_WHO_PEER);
	assert_int_equal(call_down(rig)->result, L2TP_CDN_LOST_CARRIER);
	assert_int_equal(call_down(rig)->error, 0);
	assert_no_complaint(rig);
	assert_only(rig, DEV(SHORT_RESULT));
	say(rig, 0, TYPE("0004") TUNNEL_ID "8008 0000 0001 0006");
	assert_int_equal(tunnel_down(rig)->result, L2TP_STOPCCN_SHUTDOWN);
	assert_counted(rig, DEV(SHORT_RESULT), 2, 0, 0);
}

/* It does not believe an acknowledgement that rides on a message, and repeats what we have. */
static void test_watchguard_says_it_twice(void **state)
{
	struct rig *rig = *state;
	uint16_t sid = place(rig, false);
	struct wire icrp = datagram(rig, sid, TYPE("000b") SESSION_ID), again;

	again = wire_copy(icrp.data, icrp.len);
	arrive(rig, &icrp);
	ready(rig, sid);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_ZLB), 0);
	arrive(rig, &again);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_ZLB), 1);
	assert_int_equal(state_of(rig, sid), L2TP_SESSION_ESTABLISHED);
	assert_no_complaint(rig);
	assert_int_equal(info_of(rig).duplicates, 1);
	assert_only(rig, 0);
}

static void test_xl2tpd_rx_speed_with_m(void **state)
{
	struct rig *rig = *state;
	uint16_t sid = call_before_iccn(rig);

	say(rig, sid, TYPE("000c") TX_SPEED SYNC "800a 0000 0026 0001f400");
	assert_int_equal(rig_count(rig, L2TP_EFFECT_SESSION_UP), 1);
	assert_int_equal(session_of(rig, sid).rx_speed, 128000);
	assert_no_complaint(rig);
	assert_only(rig, DEV(M_BIT));
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
	assert_string_equal(tunnel_down(rig)->text, "shutdown");
	assert_int_equal(rig_count(rig, L2TP_EFFECT_TUNNEL_GONE), 1);
}

/* --- L2TPv3, accel-ppp, anybody ----------------------------------------------------------------
 */

/* RFC 3931 4.1 and 5.4: Router ID, Assigned Control Connection ID, Pseudowire Capabilities. */
static void test_v3_attributes_without_m(void **state)
{
	struct rig *rig = *state;

	say(rig, 0,
		STRICT_SCCRQ "000a 0000 003c c0000201"
			     "000a 0000 003d 00001092"
			     "0008 0000 003e 0007");
	say(rig, 0, TYPE("0003"));
	assert_no_complaint(rig);
	assert_only(rig, DEV(UNKNOWN_OPTIONAL));
}

/* accel-ppp numbers no call; legal, though nobody can tell its calls apart by it. */
static void test_accel_ppp_serial_number_0(void **state)
{
	struct rig *rig = *state;

	rig_tunnel_by_peer(rig);
	say(rig, 0, TYPE("000a") SESSION_ID "800a 0000 000f 00000000");
	take_offer(rig);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_ICRP), 1);
	assert_only(rig, 0);
}

/* The example of RFC 2661 7.1. */
static void test_rx_speed_of_2_octets(void **state)
{
	struct rig *rig = *state;
	uint16_t sid = call_before_iccn(rig);

	say(rig, sid, TYPE("000c") TX_SPEED SYNC "0008 0000 0026 fa00");
	assert_int_equal(rig_count(rig, L2TP_EFFECT_SESSION_UP), 1);
	/* as if it were not there: symmetric */
	assert_int_equal(session_of(rig, sid).rx_speed, 10000000);
	assert_no_complaint(rig);
	assert_only(rig, DEV(MALFORMED_OPTIONAL));
}

static void iccn_with_framing(struct rig *rig, const char *framing)
{
	uint16_t sid = call_before_iccn(rig);
	char avps[128];

	snprintf(avps, sizeof(avps), "%s %s 800a 0000 0013 %s", TYPE("000c"), TX_SPEED, framing);
	say(rig, sid, avps);
	assert_int_equal(rig_count(rig, L2TP_EFFECT_SESSION_UP), 1);
	assert_no_complaint(rig);
	assert_only(rig, DEV(FRAMING_TYPE));
}

static void test_iccn_with_framing_type_0(void **state)
{
	iccn_with_framing(*state, "00000000");
}

static void test_iccn_with_framing_type_3(void **state)
{
	iccn_with_framing(*state, "00000003");
}

/* Bits that are reserved beside one we know. */
static void test_iccn_with_reserved_framing_bits(void **state)
{
	iccn_with_framing(*state, "80000001");
}

static void test_occn_with_framing_type_3(void **state)
{
	struct rig *rig = *state;
	uint16_t sid = place(rig, true);

	say(rig, sid, TYPE("0008") SESSION_ID);
	ready(rig, sid);
	say(rig, sid, TYPE("0009") TX_SPEED "800a 0000 0013 00000003");
	assert_int_equal(rig_count(rig, L2TP_EFFECT_SESSION_UP), 1);
	assert_no_complaint(rig);
	assert_only(rig, DEV(FRAMING_TYPE));
}

/* Each framing type that is right is not counted, and an OCRQ may offer both. */
static void test_right_framing_types_are_not_counted(void **state)
{
	struct rig *rig = *state;
	uint16_t sid = call_before_iccn(rig);

	say(rig, sid, TYPE("000c") TX_SPEED "800a 0000 0013 00000002");
	assert_int_equal(rig_count(rig, L2TP_EFFECT_SESSION_UP), 1);
	say(rig, 0,
		TYPE("0007") "8008 0000 000e 1420" SERIAL "800a 0000 0010 00000000"
			     "800a 0000 0011 7fffffff"
			     "800a 0000 0012 00000003"
			     "800a 0000 0013 00000003"
			     "8006 0000 0015");
	assert_int_equal(rig_count(rig, L2TP_EFFECT_SESSION_OFFER), 2);
	assert_only(rig, 0);
}

static void test_stopccn_without_result_code(void **state)
{
	struct rig *rig = *state;

	rig_tunnel_by_us(rig);
	say(rig, 0, TYPE("0004") TUNNEL_ID);
	assert_int_equal(tunnel_down(rig)->who, L2TP_WHO_PEER);
	assert_int_equal(tunnel_down(rig)->result, 0);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_ZLB), 1);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_STOPCCN), 0);
	assert_only(rig, DEV(MISSING_AVP));
}

static void test_stopccn_without_assigned_tunnel_id(void **state)
{
	struct rig *rig = *state;

	rig_tunnel_by_us(rig);
	say(rig, 0, TYPE("0004") "800a 0000 0001 0006 0000");
	assert_int_equal(tunnel_down(rig)->result, L2TP_STOPCCN_SHUTDOWN);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_ZLB), 1);
	assert_only(rig, DEV(MISSING_AVP));
}

static void test_cdn_with_nothing_in_it(void **state)
{
	struct rig *rig = *state;
	uint16_t sid = call_by_us(rig);

	say(rig, sid, TYPE("000e"));
	assert_int_equal(call_down(rig)->who, L2TP_WHO_PEER);
	assert_int_equal(call_down(rig)->result, 0);
	assert_no_complaint(rig);
	assert_only(rig, DEV(MISSING_AVP));
}

/* What says goodbye is believed whatever else it says. */
static void test_cdn_with_an_unknown_mandatory_attribute(void **state)
{
	struct rig *rig = *state;
	uint16_t sid = call_by_us(rig);

	say(rig, sid, TYPE("000e") "800a 0000 0001 0003 0000" SESSION_ID "8008 0009 0063 0001");
	assert_int_equal(call_down(rig)->result, L2TP_CDN_ADMIN);
	assert_no_complaint(rig);
	assert_only(rig, DEV(UNKNOWN_OPTIONAL));
}

/* More octets than Length: they are no AVPs, whatever they look like. */
static void test_octets_after_length(void **state)
{
	struct rig *rig = *state;
	struct wire w;

	rig_tunnel_by_us(rig);
	w = datagram(rig, 0, TYPE("0006") "8008 0000 0063 0001");
	wire_set_u16(&w, 2, 20);
	arrive(rig, &w);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_ZLB), 1);
	assert_no_complaint(rig);
	assert_only(rig, DEV(TRAILING_BYTES));
}

static void test_attribute_sent_twice(void **state)
{
	struct rig *rig = *state;

	say(rig, 0, STRICT_SCCRQ "8008 0000 0009 0bad");
	assert_int_equal(rig_sent(rig, L2TP_MSG_SCCRP)->msg.hdr.tid, PEER_TID);
	say(rig, 0, TYPE("0003"));
	assert_no_complaint(rig);
	assert_only(rig, DEV(DUPLICATE_AVP));
}

/* --- what people see ---------------------------------------------------------------------------
 */

/* They are keys of `l2tpctl show tunnels --json`: one word each, no two the same. */
static void test_counters_have_names(void **state)
{
	(void)state;
	for (unsigned i = 0; i < L2TP_DEV_COUNT; i++) {
		const char *name = l2tp_deviation_name(i);

		assert_int_equal(strspn(name, "abcdefghijklmnopqrstuvwxyz-"), strlen(name));
		assert_string_not_equal(name, "unknown");
		for (unsigned j = 0; j < i; j++)
			assert_string_not_equal(name, l2tp_deviation_name(j));
	}
	assert_string_equal(l2tp_deviation_name(10), "framing-type");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

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
		TEST(test_v3_attributes_without_m),
		TEST(test_accel_ppp_serial_number_0),
		TEST(test_rx_speed_of_2_octets),
		TEST(test_iccn_with_framing_type_0),
		TEST(test_iccn_with_framing_type_3),
		TEST(test_iccn_with_reserved_framing_bits),
		TEST(test_occn_with_framing_type_3),
		TEST(test_right_framing_types_are_not_counted),
		TEST(test_stopccn_without_result_code),
		TEST(test_stopccn_without_assigned_tunnel_id),
		TEST(test_cdn_with_nothing_in_it),
		TEST(test_cdn_with_an_unknown_mandatory_attribute),
		TEST(test_octets_after_length),
		TEST(test_attribute_sent_twice),
		TEST(test_counters_have_names),
	};

	return cmocka_run_group_tests_name("deviations", tests, NULL, NULL);
}
