/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What peers of many names do against RFC 2661, and the words for it; see test_deviations.c. */
#include "core_calls.h"
#include "dev_rig.h"

#include <stdio.h>

/* --- L2TPv3, accel-ppp, anybody --- */

/* RFC 3931 4.1 and 5.4: Router ID, Assigned Control Connection ID, Pseudowire Capabilities. */
static void test_v3_attributes_without_m(void **state)
{
	struct rig *rig = *state;

	dev_say(rig, 0,
		STRICT_SCCRQ "000a 0000 003c c0000201"
			     "000a 0000 003d 00001092"
			     "0008 0000 003e 0007");
	dev_say(rig, 0, TYPE("0003"));
	dev_assert_no_complaint(rig);
	dev_assert_only(rig, DEV(UNKNOWN_OPTIONAL));
}

/* accel-ppp numbers no call; legal, though nobody can tell its calls apart by it. */
static void test_accel_ppp_serial_number_0(void **state)
{
	struct rig *rig = *state;

	rig_tunnel_by_peer(rig);
	dev_say(rig, 0, TYPE("000a") SESSION_ID "800a 0000 000f 00000000");
	dev_take_offer(rig);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_ICRP), 1);
	dev_assert_only(rig, 0);
}

/* The example of RFC 2661 7.1. */
static void test_rx_speed_of_2_octets(void **state)
{
	struct rig *rig = *state;
	uint16_t sid = dev_call_before_iccn(rig);

	dev_say(rig, sid, TYPE("000c") TX_SPEED SYNC "0008 0000 0026 fa00");
	assert_int_equal(rig_count(rig, L2TP_EFFECT_SESSION_UP), 1);
	/* as if it were not there: symmetric */
	assert_int_equal(call_info(rig, sid).rx_speed, 10000000);
	dev_assert_no_complaint(rig);
	dev_assert_only(rig, DEV(MALFORMED_OPTIONAL));
}

static void iccn_with_framing(struct rig *rig, const char *framing)
{
	uint16_t sid = dev_call_before_iccn(rig);
	char avps[128];

	snprintf(avps, sizeof(avps), "%s %s 800a 0000 0013 %s", TYPE("000c"), TX_SPEED, framing);
	dev_say(rig, sid, avps);
	assert_int_equal(rig_count(rig, L2TP_EFFECT_SESSION_UP), 1);
	dev_assert_no_complaint(rig);
	dev_assert_only(rig, DEV(FRAMING_TYPE));
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
	uint16_t sid = dev_place(rig, true);

	dev_say(rig, sid, TYPE("0008") SESSION_ID);
	call_ready(rig, sid, 0);
	dev_say(rig, sid, TYPE("0009") TX_SPEED "800a 0000 0013 00000003");
	assert_int_equal(rig_count(rig, L2TP_EFFECT_SESSION_UP), 1);
	dev_assert_no_complaint(rig);
	dev_assert_only(rig, DEV(FRAMING_TYPE));
}

/* Each framing type that is right is not counted, and an OCRQ may offer both. */
static void test_right_framing_types_are_not_counted(void **state)
{
	struct rig *rig = *state;
	uint16_t sid = dev_call_before_iccn(rig);

	dev_say(rig, sid, TYPE("000c") TX_SPEED "800a 0000 0013 00000002");
	assert_int_equal(rig_count(rig, L2TP_EFFECT_SESSION_UP), 1);
	dev_say(rig, 0,
		TYPE("0007") "8008 0000 000e 1420" SERIAL "800a 0000 0010 00000000"
			     "800a 0000 0011 7fffffff"
			     "800a 0000 0012 00000003"
			     "800a 0000 0013 00000003"
			     "8006 0000 0015");
	assert_int_equal(rig_count(rig, L2TP_EFFECT_SESSION_OFFER), 2);
	dev_assert_only(rig, 0);
}

static void test_stopccn_without_result_code(void **state)
{
	struct rig *rig = *state;

	rig_tunnel_by_us(rig);
	dev_say(rig, 0, TYPE("0004") TUNNEL_ID);
	assert_int_equal(rig_tunnel_down(rig)->who, L2TP_WHO_PEER);
	assert_int_equal(rig_tunnel_down(rig)->result, 0);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_ZLB), 1);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_STOPCCN), 0);
	dev_assert_only(rig, DEV(MISSING_AVP));
}

static void test_stopccn_without_assigned_tunnel_id(void **state)
{
	struct rig *rig = *state;

	rig_tunnel_by_us(rig);
	dev_say(rig, 0, TYPE("0004") "800a 0000 0001 0006 0000");
	assert_int_equal(rig_tunnel_down(rig)->result, L2TP_STOPCCN_SHUTDOWN);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_ZLB), 1);
	dev_assert_only(rig, DEV(MISSING_AVP));
}

static void test_cdn_with_nothing_in_it(void **state)
{
	struct rig *rig = *state;
	uint16_t sid = dev_call_by_us(rig);

	dev_say(rig, sid, TYPE("000e"));
	assert_int_equal(dev_call_down(rig)->who, L2TP_WHO_PEER);
	assert_int_equal(dev_call_down(rig)->result, 0);
	dev_assert_no_complaint(rig);
	dev_assert_only(rig, DEV(MISSING_AVP));
}

/* What says goodbye is believed whatever else it says. */
static void test_cdn_with_an_unknown_mandatory_attribute(void **state)
{
	struct rig *rig = *state;
	uint16_t sid = dev_call_by_us(rig);

	dev_say(rig, sid, TYPE("000e") "800a 0000 0001 0003 0000" SESSION_ID "8008 0009 0063 0001");
	assert_int_equal(dev_call_down(rig)->result, L2TP_CDN_ADMIN);
	dev_assert_no_complaint(rig);
	dev_assert_only(rig, DEV(UNKNOWN_OPTIONAL));
}

/* More octets than Length: they are no AVPs, whatever they look like. */
static void test_octets_after_length(void **state)
{
	struct rig *rig = *state;
	struct wire w;

	rig_tunnel_by_us(rig);
	w = dev_datagram(rig, 0, TYPE("0006") "8008 0000 0063 0001");
	wire_set_u16(&w, 2, 20);
	dev_arrive(rig, &w);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_ZLB), 1);
	dev_assert_no_complaint(rig);
	dev_assert_only(rig, DEV(TRAILING_BYTES));
}

static void test_attribute_sent_twice(void **state)
{
	struct rig *rig = *state;

	dev_say(rig, 0, STRICT_SCCRQ "8008 0000 0009 0bad");
	assert_int_equal(rig_sent(rig, L2TP_MSG_SCCRP)->msg.hdr.tid, PEER_TID);
	dev_say(rig, 0, TYPE("0003"));
	dev_assert_no_complaint(rig);
	dev_assert_only(rig, DEV(DUPLICATE_AVP));
}

/* --- what people see --- */

/* They are keys of `l2tpctl show tunnels --json`: one word each, no two the same. */
static void test_counters_have_names(void **state)
{
	for (unsigned i = 0; i < L2TP_DEV_COUNT; i++) {
		const char *name = l2tp_deviation_name(i);

		assert_int_equal(strspn(name, "abcdefghijklmnopqrstuvwxyz-"), strlen(name));
		assert_string_not_equal(name, "unknown");
		for (unsigned j = 0; j < i; j++)
			assert_string_not_equal(name, l2tp_deviation_name(j));
	}
	assert_string_equal(l2tp_deviation_name(10), "framing-type");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
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
