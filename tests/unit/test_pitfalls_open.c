// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What we get wrong ourselves, for as long as we do: this program is expected to fail
 * (meson.build). Whoever mends the defect moves its test to test_pitfalls.c.
 */
#include "core_rig.h"

#include "wire.h"

/*
 * RFC 2661 4.4.1: an unknown Message Type with M clears the tunnel. 13, which the RFC reserves, is
 * between the types of calls, and must not be mistaken for one.
 */
static void test_pitfall_07_unknown_type_between_the_calls(void **state)
{
	struct wire w = wire_msg(0, "8008 0000 0000 000d");
	struct l2tp_tunnel_info info;
	struct rig rig;
	bool closing;

	(void)state;
	rig_open(&rig);
	rig_tunnel_by_us(&rig);
	wire_set_u16(&w, 4, rig.tid);
	wire_set_u16(&w, 8, rig.peer_ns);
	wire_set_u16(&w, 10, rig.peer_nr);
	peer_bytes(&rig, w.data, w.len);
	wire_free(&w);
	assert_true(l2tp_core_tunnel_info(rig.core, rig.tid, &info));
	closing = info.state == L2TP_TUNNEL_CLOSING && rig_sent_count(&rig, L2TP_MSG_STOPCCN) == 1;
	rig_close(&rig);
	assert_true(closing);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pitfall_07_unknown_type_between_the_calls),
	};

	return cmocka_run_group_tests_name("pitfalls open", tests, NULL, NULL);
}
