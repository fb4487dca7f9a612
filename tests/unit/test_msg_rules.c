/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Broken rules and what they cost: RFC 2661 4.1, 4.2, 4.4, section 6, 7.1. The numbers in the names
 * are those of the project's list of conformance pitfalls. Hiding is in test_msg_hidden.c.
 */
#include "msg_judge.h"

static void test_not_a_control_message(void **state)
{
	static const char *const bad[] = { "", "c8", "0002 1111 2222 c021",
		"c803 000c 0001 0000 0000 0000", "c802 0014 1001 0000 0005 0007" };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct wire w = wire_hex(bad[i]);
		struct l2tp_verdict verdict;
		struct l2tp_msg msg;

		l2tp_msg_decode(w.data, w.len, NULL, &msg, &verdict);
		assert_int_equal(verdict.kind, DROP);
		assert_int_equal(verdict.result, 0);
		wire_free(&w);
	}
}

static void test_pitfall_01_trailing_bytes_are_not_avps(void **state)
{
	struct wire w = wire_msg(0, TYPE("0006") "8006 0000 0063");
	struct l2tp_verdict verdict;
	struct l2tp_msg msg;

	wire_set_u16(&w, 2, 20);
	l2tp_msg_decode(w.data, w.len, NULL, &msg, &verdict);
	assert_int_equal(verdict.kind, OK);
	assert_int_equal(msg.type, L2TP_MSG_HELLO);
	assert_int_equal(msg.deviations, L2TP_DEV_TRAILING_BYTES);
	wire_free(&w);
}

static void test_pitfall_02_avp_lengths(void **state)
{
	static const struct row rows[] = {
		{ ICRQ "8000 0000 0016 31", SESSION, 2, 2,
			"ICRQ: Calling Number (attribute 22) has length 0", 0 },
		{ ICRQ "8001 0000 0016 31", SESSION, 2, 2,
			"ICRQ: Calling Number (attribute 22) has length 1", 0 },
		{ ICRQ "8002 0000 0016 31", SESSION, 2, 2,
			"ICRQ: Calling Number (attribute 22) has length 2", 0 },
		{ ICRQ "8003 0000 0016 31", SESSION, 2, 2,
			"ICRQ: Calling Number (attribute 22) has length 3", 0 },
		{ ICRQ "8004 0000 0016 31", SESSION, 2, 2,
			"ICRQ: Calling Number (attribute 22) has length 4", 0 },
		{ ICRQ "0005 0000 0016 31", SESSION, 2, 2,
			"ICRQ: Calling Number (attribute 22) has length 5", 0 },
		{ ICRQ "8008 0000 0016 31", SESSION, 2, 2,
			"ICRQ: Calling Number (attribute 22) has length 8", 0 },
		{ ICRQ "03ff 0000 0016 31", SESSION, 2, 2,
			"ICRQ: Calling Number (attribute 22) has length 1023", 0 },
		{ SCCRQ "8005 0009 002a", TUNNEL, 2, 2, "SCCRQ: vendor 9 attribute 42 has length 5",
			0 },
		{ SCCRQ "00", TUNNEL, 2, 2, "SCCRQ: stray octets after the last attribute", 0 },
		{ SCCRQ "8007 0000 00", TUNNEL, 2, 2,
			"SCCRQ: stray octets after the last attribute", 0 },
		{ "8008 0000", TUNNEL, 2, 2, "first attribute has length 0", 0 },
		{ "8005 0000 0000 0001", TUNNEL, 2, 2, "first attribute has length 5", 0 },
		{ "8009 0000 0000 0001", TUNNEL, 2, 2, "first attribute has length 9", 0 },
	};

	JUDGE(rows);
}

static void test_pitfall_03_reserved_bits_make_an_attribute_unknown(void **state)
{
	static const struct row rows[] = {
		{ ICRQ "8408 0000 0012 0001", SESSION, 2, 8,
			"ICRQ: unknown mandatory Bearer Type (attribute 18) with reserved bits",
			0 },
		{ SCCRQ "a006 0000 0008", TUNNEL, 2, 8,
			"SCCRQ: unknown mandatory Vendor Name (attribute 8) with reserved bits",
			0 },
		{ SCCRQ "2006 0000 0008", OK, 0, 0, NULL, L2TP_DEV_UNKNOWN_OPTIONAL },
		/* what is skipped so is not there */
		{ TYPE("000b") "0408 0000 000e 5678", SESSION, 2, 3,
			"ICRP lacks Assigned Session ID", 0 },
		{ "8808 0000 0000 0001", TUNNEL, 2, 8,
			"Message Type (attribute 0) with reserved bits", 0 },
		{ "0808 0000 0000 0001", IGNORE, 0, 0,
			"Message Type (attribute 0) with reserved bits", 0 },
	};

	JUDGE(rows);
}

static void test_pitfall_04_unknown_vendor_attribute(void **state)
{
	static const struct row rows[] = {
		{ SCCRQ "8007 0009 002a 00", TUNNEL, 2, 8,
			"SCCRQ: unknown mandatory vendor 9 attribute 42", 0 },
		{ ICRQ "8007 0009 002a 00", SESSION, 2, 8,
			"ICRQ: unknown mandatory vendor 9 attribute 42", 0 },
		{ ICRQ "0007 0009 002a 00", OK, 0, 0, NULL, L2TP_DEV_UNKNOWN_OPTIONAL },
		/* Cisco's attribute 14 is not an Assigned Session ID */
		{ TYPE("000b") "0008 0009 000e 5678", SESSION, 2, 3,
			"ICRP lacks Assigned Session ID", 0 },
		{ "8008 0009 0000 0001", TUNNEL, 2, 3,
			"first attribute is vendor 9 attribute 0, not Message Type", 0 },
	};
	struct l2tp_msg msg;

	JUDGE(rows);
	/* nor is it in the way of a real one */
	msg = judge(&(struct row){ TYPE("000b") "0008 0009 000e 9999" SESSION_ID, OK, 0, 0, NULL,
			    L2TP_DEV_UNKNOWN_OPTIONAL },
		&secret);
	assert_int_equal(msg.assigned_sid, 0x5678);
}

static void test_pitfall_05_unknown_mandatory_avp_clears_its_scope(void **state)
{
	static const struct row rows[] = {
		{ SCCRQ "8006 0000 0063", TUNNEL, 2, 8, "SCCRQ: unknown mandatory attribute 99",
			0 },
		{ TYPE("0003") "8006 0000 0063", TUNNEL, 2, 8,
			"SCCCN: unknown mandatory attribute 99", 0 },
		{ TYPE("0006") "8006 0000 0063", TUNNEL, 2, 8,
			"HELLO: unknown mandatory attribute 99", 0 },
		{ ICRQ "8006 0000 0063", SESSION, 2, 8, "ICRQ: unknown mandatory attribute 99", 0 },
		{ ICCN "8006 0000 0014", SESSION, 2, 8, "ICCN: unknown mandatory attribute 20", 0 },
		{ TYPE("000f") CALL_ERRORS "8006 0000 0063", SESSION, 2, 8,
			"WEN: unknown mandatory attribute 99", 0 },
		{ TYPE("0010") ACCM "c008 0000 0063 1234", SESSION, 2, 8,
			"SLI: unknown mandatory attribute 99", 0 },
	};

	JUDGE(rows);
}

/* The answer needs the Assigned ID, which may come after the offence; the first one is reported. */
static void test_pitfall_05_reading_goes_on_after_an_offence(void **state)
{
	struct l2tp_msg msg;

	msg = judge(&(struct row){ TYPE("000a") "8006 0000 0063" SESSION_ID "8006 0009 0001",
			    SESSION, 2, 8, "ICRQ: unknown mandatory attribute 99", 0 },
		&secret);
	assert_int_equal(msg.type, L2TP_MSG_ICRQ);
	assert_int_equal(msg.assigned_sid, 0x5678);
	msg = judge(&(struct row){ TYPE("0001") "8007 0000 0002 01" TUNNEL_ID, TUNNEL, 2, 2,
			    "SCCRQ: Protocol Version (attribute 2) has a value of 1 octets", 0 },
		&secret);
	assert_int_equal(msg.assigned_tid, 0x1234);
}

static void test_pitfall_06_unknown_or_malformed_optional_is_skipped_by_its_length(void **state)
{
	static const struct row rows[] = {
		/* RFC 2661 7.1: a two-octet Rx Connect Speed */
		{ ICCN "0008 0000 0026 fa00", OK, 0, 0, NULL, L2TP_DEV_MALFORMED_OPTIONAL },
		{ ICCN "8008 0000 0026 fa00", SESSION, 2, 2,
			"ICCN: Rx Connect Speed (attribute 38) has a value of 2 octets", 0 },
		{ SCCRQ "000a 0000 0063 80060000", OK, 0, 0, NULL, L2TP_DEV_UNKNOWN_OPTIONAL },
		{ SCCRQ "0008 0000 0005 0001", OK, 0, 0, NULL, L2TP_DEV_MALFORMED_OPTIONAL },
		/* an attribute that must be there is missing if it had to be skipped */
		{ TYPE("0001") PROTOCOL_VERSION FRAMING_CAP TUNNEL_ID "0006 0000 0007", TUNNEL, 2,
			3, "SCCRQ lacks Host Name", 0 },
		/* RFC 3931 peers add attributes of L2TPv3 without M */
		{ SCCRQ "000a 0000 003d 00000001"
			"0006 0000 003c",
			OK, 0, 0, NULL, L2TP_DEV_UNKNOWN_OPTIONAL },
	};
	struct l2tp_msg msg;

	JUDGE(rows);
	/* the next attribute is found, and a good one after a bad one counts */
	msg = judge(&(struct row){ ICCN "0008 0000 0026 fa00"
					"000a 0000 0026 0000fa00",
			    OK, 0, 0, NULL, L2TP_DEV_MALFORMED_OPTIONAL },
		&secret);
	assert_int_equal(msg.rx_speed, 64000);
}

/* Windows sends Physical Channel ID with M, mpd Vendor Name with and Response without. */
static void test_pitfall_06_m_bit_of_known_attributes_is_free(void **state)
{
	static const struct row rows[] = {
		{ ICRQ "800a 0000 0019 00000009", OK, 0, 0, NULL, L2TP_DEV_M_BIT },
		{ SCCRQ "8007 0000 0008 6d", OK, 0, 0, NULL, L2TP_DEV_M_BIT },
		{ TYPE("0003") "0016 0000 000d 000102030405060708090a0b0c0d0e0f", OK, 0, 0, NULL,
			L2TP_DEV_M_BIT },
		{ "0008 0000 0000 0006", OK, 0, 0, NULL, L2TP_DEV_M_BIT },
	};

	JUDGE(rows);
}

static void test_pitfall_07_message_type(void **state)
{
	static const struct row rows[] = {
		{ TYPE("0063"), TUNNEL, 2, 3, "unknown message type 99", 0 },
		{ TYPE("0005"), TUNNEL, 2, 3, "unknown message type 5", 0 },
		{ TYPE("000d"), TUNNEL, 2, 3, "unknown message type 13", 0 },
		{ TYPE("0011"), TUNNEL, 2, 3, "unknown message type 17", 0 },
		{ TYPE("0000"), TUNNEL, 2, 3, "unknown message type 0", 0 },
		{ TYPE("ffff"), TUNNEL, 2, 3, "unknown message type 65535", 0 },
		/* without M nothing in it matters */
		{ "0008 0000 0000 0063 8006 0000 0063 00", IGNORE, 0, 0, "unknown message type 99",
			0 },
		{ "0008 0000 0000 0000", IGNORE, 0, 0, "unknown message type 0", 0 },
		/* first, not hidden, length 8 */
		{ HOST_NAME TYPE("0001"), TUNNEL, 2, 3,
			"first attribute is Host Name (attribute 7), not Message Type", 0 },
		{ RV1 "c00a 0000 0000 00000000", TUNNEL, 2, 3,
			"first attribute is Random Vector (attribute 36), not Message Type", 0 },
		{ "c008 0000 0000 0001", TUNNEL, 2, 3,
			"Message Type (attribute 0) must not be hidden", 0 },
		{ "8006 0000 0000", TUNNEL, 2, 2,
			"Message Type (attribute 0) has a value of 0 octets", 0 },
		{ "8007 0000 0000 01", TUNNEL, 2, 2,
			"Message Type (attribute 0) has a value of 1 octets", 0 },
		{ "8009 0000 0000 000100", TUNNEL, 2, 2,
			"Message Type (attribute 0) has a value of 3 octets", 0 },
		{ "0007 0000 0000 01", IGNORE, 0, 0,
			"Message Type (attribute 0) has a value of 1 octets", 0 },
	};
	struct l2tp_msg msg;

	JUDGE(rows);
	msg = judge(&rows[0], &secret);
	assert_int_equal(msg.type, 99);
	/* never mistaken for a ZLB, which takes no Ns and is not acknowledged */
	msg = judge(&rows[4], &secret);
	assert_int_equal(msg.type, L2TP_MSG_INVALID);
	msg = judge(&rows[7], &secret);
	assert_int_equal(msg.type, L2TP_MSG_INVALID);
	msg = judge(&rows[8], &secret);
	assert_int_equal(msg.type, L2TP_MSG_INVALID);
	msg = judge(&rows[11], &secret);
	assert_int_equal(msg.type, L2TP_MSG_INVALID);
}

/* A response of the wrong size is none: the FSM answers result 4 if it wanted one. */
static void test_pitfall_10_short_response_is_no_response(void **state)
{
	static const struct row row = { TYPE("0003") "8008 0000 000d 0001", OK, 0, 0, NULL,
		L2TP_DEV_MALFORMED_OPTIONAL };
	struct l2tp_msg msg;

	msg = judge(&row, &secret);
	assert_false(l2tp_msg_has(&msg, L2TP_AVP_CHALLENGE_RESPONSE));
}

static void test_pitfall_11_window(void **state)
{
	static const struct row rows[] = {
		{ SCCRQ "8008 0000 000a 0000", TUNNEL, 2, 3,
			"SCCRQ: Receive Window Size (attribute 10) is 0", 0 },
		{ SCCRQ "0008 0000 000a 0000", OK, 0, 0, NULL,
			L2TP_DEV_MALFORMED_OPTIONAL | L2TP_DEV_M_BIT },
		{ SCCRQ "8008 0000 000a 0001", OK, 0, 0, NULL, 0 },
	};
	struct l2tp_msg msg;

	JUDGE(rows);
	msg = judge(&rows[1], &secret);
	assert_false(l2tp_msg_has(&msg, L2TP_AVP_RECEIVE_WINDOW_SIZE));
}

static void test_pitfall_13_assigned_ids_are_not_zero(void **state)
{
	static const struct row rows[] = {
		{ TYPE("0001") PROTOCOL_VERSION FRAMING_CAP HOST_NAME "8008 0000 0009 0000", TUNNEL,
			2, 3, "SCCRQ: Assigned Tunnel ID (attribute 9) is 0", 0 },
		{ TYPE("0001") PROTOCOL_VERSION FRAMING_CAP HOST_NAME "0008 0000 0009 0000", TUNNEL,
			2, 3, "SCCRQ lacks Assigned Tunnel ID", 0 },
		{ TYPE("000a") SERIAL "8008 0000 000e 0000", SESSION, 2, 3,
			"ICRQ: Assigned Session ID (attribute 14) is 0", 0 },
	};

	JUDGE(rows);
}

static void test_pitfall_16_protocol_version(void **state)
{
	static const struct row rows[] = {
		{ TYPE("0001") FRAMING_CAP HOST_NAME TUNNEL_ID "8008 0000 0002 0200", TUNNEL, 5,
			0x100, "SCCRQ: Protocol Version (attribute 2) is 2.0", 0 },
		{ TYPE("0002") FRAMING_CAP HOST_NAME TUNNEL_ID "8008 0000 0002 0001", TUNNEL, 5,
			0x100, "SCCRP: Protocol Version (attribute 2) is 0.1", 0 },
		{ TYPE("0001") FRAMING_CAP HOST_NAME TUNNEL_ID "8008 0000 0002 0101", OK, 0, 0,
			NULL, 0 },
		{ TYPE("0003") "8008 0000 0002 0300", OK, 0, 0, NULL, L2TP_DEV_EXTRA_AVP },
	};

	JUDGE(rows);
}

static void test_pitfall_33_proxy_attributes(void **state)
{
	static const struct row rows[] = {
		{ ICCN "0008 0000 0020 0100", OK, 0, 0, NULL, L2TP_DEV_MALFORMED_OPTIONAL },
		{ ICCN "8008 0000 0020 0100", SESSION, 2, 3,
			"ICCN: Proxy Authen ID (attribute 32) is out of range", 0 },
		{ ICCN "0006 0000 001f", OK, 0, 0, NULL, L2TP_DEV_MALFORMED_OPTIONAL },
		{ ICCN "0006 0000 001a", OK, 0, 0, NULL, 0 },
	};
	struct l2tp_msg msg;

	JUDGE(rows);
	msg = judge(&rows[0], &secret);
	assert_false(l2tp_msg_has(&msg, L2TP_AVP_PROXY_AUTHEN_ID));
	assert_int_equal(msg.proxy_authen_id, 0);
}

static void test_pitfall_34_speed_as_text(void **state)
{
	static const struct row row = { TYPE("000c") FRAMING_TYPE "800b 0000 0018 3634303030", OK,
		0, 0, NULL, L2TP_DEV_TEXT_SPEED };

	assert_int_equal(judge(&row, &secret).tx_speed, 64000);
}

static void test_pitfall_35_known_but_unexpected_is_accepted(void **state)
{
	static const struct row rows[] = {
		/* mpd's SCCCN: all of its SCCRQ again, with a Challenge */
		{ TYPE("0003") HOST_NAME
			"8007 0000 0008 6d"
			"800a 0000 0004 00000003" PROTOCOL_VERSION FRAMING_CAP TUNNEL_ID
			"8016 0000 000b 000102030405060708090a0b0c0d0e0f"
			"0016 0000 000d 000102030405060708090a0b0c0d0e0f",
			OK, 0, 0, NULL, L2TP_DEV_EXTRA_AVP | L2TP_DEV_M_BIT },
		/* its OCRQ has a Calling Number */
		{ TYPE("0007") SESSION_ID SERIAL "800a 0000 0010 00000000"
						 "800a 0000 0011 7fffffff"
						 "800a 0000 0012 00000003"
						 "800a 0000 0013 00000003"
						 "8006 0000 0015"
						 "8007 0000 0016 31",
			OK, 0, 0, NULL, L2TP_DEV_EXTRA_AVP },
		{ TYPE("0006") RESULT, OK, 0, 0, NULL, L2TP_DEV_EXTRA_AVP },
		/* nobody looks at the value of such a one */
		{ TYPE("0006") "8008 0000 0009 0000", OK, 0, 0, NULL,
			L2TP_DEV_EXTRA_AVP | L2TP_DEV_MALFORMED_OPTIONAL },
	};
	struct l2tp_msg msg;

	JUDGE(rows);
	msg = judge(&rows[0], &secret);
	assert_true(l2tp_msg_has(&msg, L2TP_AVP_CHALLENGE_RESPONSE));
	msg = judge(&rows[3], &secret);
	assert_false(l2tp_msg_has(&msg, L2TP_AVP_ASSIGNED_TUNNEL_ID));
}

static void test_first_of_duplicates_counts(void **state)
{
	static const struct row rows[] = {
		{ SCCRQ "8008 0000 0009 9999", OK, 0, 0, NULL, L2TP_DEV_DUPLICATE_AVP },
		{ SCCRQ "8008 0000 0009 0000", OK, 0, 0, NULL, L2TP_DEV_DUPLICATE_AVP },
		{ SCCRQ TYPE("0004"), OK, 0, 0, NULL, L2TP_DEV_DUPLICATE_AVP },
		{ SCCRQ RV1 RV2, OK, 0, 0, NULL, 0 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct l2tp_msg msg = judge(&rows[i], &secret);

		assert_int_equal(msg.assigned_tid, 0x1234);
		assert_int_equal(msg.type, L2TP_MSG_SCCRQ);
	}
}

/* Each message without each attribute it must have: RFC 2661 section 6. */
static void test_every_required_attribute(void **state)
{
	static const struct {
		uint16_t type;
		uint64_t must;
	} rfc[] = {
		{ 1, 0x28c },
		{ 2, 0x28c },
		{ 3, 0 },
		{ 6, 0 },
		{ 7, 0x2fc000 },
		{ 8, 0x4000 },
		{ 9, 0x1080000 },
		{ 10, 0xc000 },
		{ 11, 0x4000 },
		{ 12, 0x1080000 },
		{ 15, 0x400000000 },
		{ 16, 0x800000000 },
	};

	for (size_t i = 0; i < sizeof(rfc) / sizeof(rfc[0]); i++) {
		for (unsigned type = 1; type <= L2TP_AVP_TYPE_MAX; type++) {
			struct l2tp_msg msg = { .type = rfc[i].type, .present = rfc[i].must }, back;
			bool needed;
			struct l2tp_verdict verdict;
			uint8_t buf[512];
			char text[64];
			int r;

			msg.assigned_tid = msg.assigned_sid = 1;
			msg.protocol_version = L2TP_PROTOCOL_VERSION;
			msg.host_name = l2tp_span_of("x");
			if (strcmp(l2tp_avp_name(type), "unknown") == 0)
				continue;
			needed = rfc[i].must & UINT64_C(1) << L2TP_AVP_BIT(type);
			msg.present &= ~(UINT64_C(1) << L2TP_AVP_BIT(type));
			r = l2tp_msg_encode(&msg, NULL, buf, sizeof(buf));
			assert_true(r > 0);
			l2tp_msg_decode(buf, (size_t)r, NULL, &back, &verdict);
			snprintf(text, sizeof(text), "%s lacks %s", l2tp_msg_name(msg.type),
				l2tp_avp_name(type));
			assert_string_equal(verdict.text, needed ? text : "");
			assert_int_equal(verdict.kind, !needed			  ? OK
						       : msg.type < L2TP_MSG_OCRQ ? TUNNEL
										  : SESSION);
			assert_int_equal(verdict.result, needed ? 2 : 0);
		}
	}
}

/* They end what they speak of; there is nothing to tell their sender. */
static void test_stopccn_and_cdn_are_always_understood(void **state)
{
	static const struct row rows[] = {
		{ TYPE("0004"), OK, 0, 0, NULL, L2TP_DEV_MISSING_AVP },
		{ TYPE("000e"), OK, 0, 0, NULL, L2TP_DEV_MISSING_AVP },
		{ TYPE("0004") RESULT, OK, 0, 0, NULL, L2TP_DEV_MISSING_AVP },
		{ TYPE("000e") SESSION_ID, OK, 0, 0, NULL, L2TP_DEV_MISSING_AVP },
		{ STOPCCN "8006 0000 0063", OK, 0, 0, NULL, L2TP_DEV_UNKNOWN_OPTIONAL },
		{ CDN "8006 0009 0001", OK, 0, 0, NULL, L2TP_DEV_UNKNOWN_OPTIONAL },
		{ CDN "8000 0000 0000", OK, 0, 0, NULL, L2TP_DEV_MALFORMED_OPTIONAL },
		{ CDN "80", OK, 0, 0, NULL, L2TP_DEV_MALFORMED_OPTIONAL },
		{ CDN "83ff 0000 000c 0010", OK, 0, 0, NULL, L2TP_DEV_MALFORMED_OPTIONAL },
		{ CDN "8008 0000 000c 0010", OK, 0, 0, NULL, L2TP_DEV_MALFORMED_OPTIONAL },
		{ CDN "c00a 0000 0016 00000000", OK, 0, 0, NULL,
			L2TP_DEV_MALFORMED_OPTIONAL | L2TP_DEV_EXTRA_AVP },
		{ TYPE("000e") RESULT "8008 0000 000e 0000", OK, 0, 0, NULL,
			L2TP_DEV_MALFORMED_OPTIONAL | L2TP_DEV_MISSING_AVP },
		{ TYPE("000e") "8008 0000 0001 0003" SESSION_ID, OK, 0, 0, NULL,
			L2TP_DEV_SHORT_RESULT },
		{ TYPE("0004") "8007 0000 0001 03" TUNNEL_ID, OK, 0, 0, NULL,
			L2TP_DEV_MALFORMED_OPTIONAL | L2TP_DEV_MISSING_AVP },
		{ TYPE("000e") "800a 0000 0001 0300 0000" SESSION_ID, OK, 0, 0, NULL,
			L2TP_DEV_SWAPPED_RESULT },
	};
	struct l2tp_msg msg;

	JUDGE(rows);
	msg = judge(&rows[1], &secret);
	assert_int_equal(msg.result, 0);
	msg = judge(&rows[14], &secret);
	assert_int_equal(msg.result, 3);
	/* pitfall 14: with session 0 in the header the peer's Assigned Session ID is all there is
	 */
	msg = judge(&rows[5], &secret);
	assert_int_equal(msg.assigned_sid, 0x5678);
}

/* RFC 5515 4: without M in their Message Type, so nothing in them is worth a call or a tunnel. */
static void test_speed_messages_are_optional(void **state)
{
	static const struct row rows[] = {
		{ TYPE_NO_M("001c"), OK, 0, 0, NULL, L2TP_DEV_MISSING_AVP },
		{ TYPE("001d") "0012 0000 0061 0000 0001 00000001 00000001", OK, 0, 0, NULL,
			L2TP_DEV_M_BIT },
		{ TYPE_NO_M("001d") "0012 0000 0061 0000 0001 00000001 00000001 8006 0000 0063", OK,
			0, 0, NULL, L2TP_DEV_UNKNOWN_OPTIONAL },
		{ TYPE_NO_M("001c") "800e 0000 0061 0000 0001 00000001", OK, 0, 0, NULL,
			L2TP_DEV_MALFORMED_OPTIONAL | L2TP_DEV_MISSING_AVP | L2TP_DEV_M_BIT },
	};

	JUDGE(rows);
}

static void peek(const char *avps, bool want, const char *want_host, int set_at, int set_to)
{
	struct wire w = wire_msg(0, avps), before;
	struct l2tp_span host = { (const uint8_t *)"before", 6 };

	wire_set_u16(&w, 4, 0);
	wire_set_u16(&w, 8, 0);
	if (set_at)
		wire_set_u16(&w, (size_t)set_at, (size_t)set_to);
	before = wire_copy(w.data, w.len);
	assert_int_equal(l2tp_msg_peek_sccrq(w.data, w.len, &host), want);
	assert_span(host, want ? want_host : "before");
	assert_memory_equal(w.data, before.data, w.len);
	for (size_t n = 0; want && n < w.len; n++) {
		struct wire part = wire_copy(w.data, n);

		assert_false(l2tp_msg_peek_sccrq(part.data, n, &host));
		wire_free(&part);
	}
	wire_free(&w);
	wire_free(&before);
}

static void test_peek_sccrq(void **state)
{
	peek(SCCRQ, true, "lac", 0, 0);
	peek(TYPE("0001"), true, "", 0, 0);
	peek(SCCRQ "8007 0000 0007 62", true, "lac", 0, 0);
	peek(TYPE("0001") "c009 0000 0007 6c6163", true, "", 0, 0);
	peek(TYPE("0001") "8409 0000 0007 6c6163", true, "", 0, 0);
	peek(TYPE("0001") "8009 0009 0007 6c6163", true, "", 0, 0);
	/* hidden attributes stay hidden */
	peek(TYPE("0001") RV1 "c00a 0000 0009 be6a0ff3" HOST_NAME, true, "lac", 0, 0);
	peek("0008 0000 0000 0001" HOST_NAME, true, "lac", 0, 0);
	peek("", false, NULL, 0, 0);
	peek(TYPE("0002") HOST_NAME, false, NULL, 0, 0);
	peek(HOST_NAME SCCRQ, false, NULL, 0, 0);
	peek("c008 0000 0000 0001" HOST_NAME, false, NULL, 0, 0);
	peek("8408 0000 0000 0001" HOST_NAME, false, NULL, 0, 0);
	peek("8008 0009 0000 0001" HOST_NAME, false, NULL, 0, 0);
	peek("8009 0000 0000 000100" HOST_NAME, false, NULL, 0, 0);
	peek(SCCRQ "00", false, NULL, 0, 0);
	peek(SCCRQ "8005 0000 0007", false, NULL, 0, 0);
	peek(SCCRQ, false, NULL, 4, 1);	 /* tunnel */
	peek(SCCRQ, false, NULL, 6, 1);	 /* session */
	peek(SCCRQ, false, NULL, 8, 1);	 /* Ns */
	peek(SCCRQ, true, "lac", 10, 1); /* Nr */
	peek(SCCRQ, false, NULL, 2, 11);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_not_a_control_message),
		cmocka_unit_test(test_pitfall_01_trailing_bytes_are_not_avps),
		cmocka_unit_test(test_pitfall_02_avp_lengths),
		cmocka_unit_test(test_pitfall_03_reserved_bits_make_an_attribute_unknown),
		cmocka_unit_test(test_pitfall_04_unknown_vendor_attribute),
		cmocka_unit_test(test_pitfall_05_unknown_mandatory_avp_clears_its_scope),
		cmocka_unit_test(test_pitfall_05_reading_goes_on_after_an_offence),
		cmocka_unit_test(
			test_pitfall_06_unknown_or_malformed_optional_is_skipped_by_its_length),
		cmocka_unit_test(test_pitfall_06_m_bit_of_known_attributes_is_free),
		cmocka_unit_test(test_pitfall_07_message_type),
		cmocka_unit_test(test_pitfall_10_short_response_is_no_response),
		cmocka_unit_test(test_pitfall_11_window),
		cmocka_unit_test(test_pitfall_13_assigned_ids_are_not_zero),
		cmocka_unit_test(test_pitfall_16_protocol_version),
		cmocka_unit_test(test_pitfall_33_proxy_attributes),
		cmocka_unit_test(test_pitfall_34_speed_as_text),
		cmocka_unit_test(test_pitfall_35_known_but_unexpected_is_accepted),
		cmocka_unit_test(test_first_of_duplicates_counts),
		cmocka_unit_test(test_every_required_attribute),
		cmocka_unit_test(test_stopccn_and_cdn_are_always_understood),
		cmocka_unit_test(test_speed_messages_are_optional),
		cmocka_unit_test(test_peek_sccrq),
	};

	return cmocka_run_group_tests_name("msg rules", tests, NULL, NULL);
}
