/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What devices in the field do and other implementations stumble over: it was good in the first
 * version, and stays so (tests/README.md).
 */
#include "core_calls.h"
#include "dev_rig.h"

#include <stdio.h>

/* Call Serial Number with 2 octets, which is malformed and mandatory: that call only is refused. */
static void test_serial_number_of_2_octets(void **state)
{
	struct rig *rig = *state;
	const struct l2tp_msg *cdn;

	rig_tunnel_by_peer(rig);
	dev_say(rig, 0, TYPE("000a") SESSION_ID "8008 0000 000f 2711");
	cdn = &rig_sent(rig, L2TP_MSG_CDN)->msg;
	assert_int_equal(cdn->hdr.sid, PEER_SID);
	assert_int_equal(cdn->result, L2TP_CDN_ERROR);
	assert_int_equal(cdn->error, L2TP_ERR_LENGTH);
	assert_int_equal(dev_tunnel(rig).state, L2TP_TUNNEL_ESTABLISHED);
	rig_forget(rig);
	dev_say(rig, 0, TYPE("000a") SESSION_ID SERIAL);
	dev_take_offer(rig);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_ICRP), 1);
}

/* A frame of data as the peer's PPP sends it, without Length. */
static void data(struct rig *rig, uint16_t sid)
{
	const uint8_t head[] = { 0x00, 0x02, (uint8_t)(rig->tid >> 8), (uint8_t)rig->tid,
		(uint8_t)(sid >> 8), (uint8_t)sid, 0xff, 0x03, 0xc0, 0x21, 1, 1, 0, 4 };
	struct wire w = wire_copy(head, sizeof(head));

	dev_arrive(rig, &w);
}

/* A Meraki sends data as soon as it has placed its call, and an SLI right behind its ICCN. */
static void test_data_before_icrp_and_sli_after_iccn(void **state)
{
	struct rig *rig = *state;
	uint16_t sid;

	rig_tunnel_by_peer(rig);
	data(rig, 0);
	dev_say(rig, 0, TYPE("000a") SESSION_ID SERIAL);
	data(rig, 0);
	sid = dev_take_offer(rig);
	data(rig, sid);
	dev_say(rig, sid, TYPE("000c") TX_SPEED SYNC);
	dev_say(rig, sid, TYPE("0010") "8010 0000 0023 0000 ffffffff ffffffff");
	assert_int_equal(rig_count(rig, L2TP_EFFECT_SESSION_UP), 1);
	assert_int_equal(dev_state(rig, sid), L2TP_SESSION_ESTABLISHED);
	dev_assert_no_complaint(rig);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_serial_number_of_2_octets),
		TEST(test_data_before_icrp_and_sli_after_iccn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
