/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Limits of half-open tunnels: who gives way, and who has a moment. */
#include "limits_rig.h"

static void test_half_open_of_one_source(void **state)
{
	struct rig *rig = limits_rig(L2TP_LIMIT_HALF_OPEN, 0, 0, 2);
	struct l2tp_msg msg = peer_sccrq();

	assert_true(limits_request(rig, "203.0.113.1", 2000));
	assert_true(limits_request(rig, "203.0.113.1", 2001));
	/* a retransmission is no new one */
	peer_say_numbered(rig, &msg, 0, 0, 0, 0);
	assert_int_equal(limits_stats(rig).half_open, 2);
	assert_true(limits_request(rig, "203.0.113.1", 2002));
	assert_false(limits_exists(rig, 0));
	assert_true(limits_exists(rig, 1));
	assert_int_equal(limits_stats(rig).limits[L2TP_LIMIT_HALF_OPEN][L2TP_SCOPE_SOURCE], 1);
	assert_int_equal(limits_stats(rig).gave_way[L2TP_RANK_UNANSWERED], 1);
	/* nobody who may not have asked is told */
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_STOPCCN), 0);
	assert_int_equal(rig_count(rig, L2TP_EFFECT_TUNNEL_DOWN), 1);
	assert_int_equal(rig_count(rig, L2TP_EFFECT_TUNNEL_GONE), 1);
	/* another address of the network has its own */
	assert_true(limits_request(rig, "203.0.113.2", 2002));
	assert_true(limits_exists(rig, 1));
	limits_done(rig);
}

static void test_half_open_of_one_network(void **state)
{
	struct rig *rig = limits_rig(L2TP_LIMIT_HALF_OPEN, 0, 3, 0);

	assert_true(limits_request(rig, "203.0.113.1", 1701));
	assert_true(limits_request(rig, "203.0.113.2", 1701));
	assert_true(limits_request(rig, "203.0.113.3", 1701));
	assert_true(limits_request(rig, "203.0.112.3", 1701));
	assert_true(limits_exists(rig, 0));
	assert_true(limits_request(rig, "203.0.113.250", 1701));
	assert_false(limits_exists(rig, 0));
	assert_int_equal(limits_stats(rig).limits[L2TP_LIMIT_HALF_OPEN][L2TP_SCOPE_NETWORK], 1);
	limits_done(rig);
}

static void test_half_open_of_one_ipv6_network(void **state)
{
	struct rig *rig = limits_rig(L2TP_LIMIT_HALF_OPEN, 0, 3, 2);

	/* a /64 is a source */
	assert_true(limits_request(rig, "2001:db8:0:1100::1", 1701));
	assert_true(limits_request(rig, "2001:db8:0:1100:1::1", 1701));
	assert_true(limits_request(rig, "2001:db8:0:1100:ffff::1", 1701));
	assert_false(limits_exists(rig, 0));
	/* a /56 is a network */
	assert_true(limits_request(rig, "2001:db8:0:11ff::1", 1701));
	assert_true(limits_exists(rig, 1));
	assert_true(limits_request(rig, "2001:db8:0:1180::1", 1701));
	assert_false(limits_exists(rig, 1));
	assert_true(limits_request(rig, "2001:db8:0:1200::1", 1701));
	assert_true(limits_exists(rig, 2));
	limits_done(rig);
}

/* When all are taken, the network with most of them makes room, not the oldest of all. */
static void test_half_open_of_all(void **state)
{
	struct rig *rig = limits_rig(L2TP_LIMIT_HALF_OPEN, 6, 0, 0);

	assert_true(limits_request(rig, "198.51.100.1", 1701));
	for (uint16_t i = 0; i < 5; i++)
		assert_true(limits_request(rig, "203.0.113.1", 2000 + i));
	assert_true(limits_request(rig, "192.0.2.77", 1701));
	assert_true(limits_exists(rig, 0));
	assert_false(limits_exists(rig, 1));
	assert_true(limits_exists(rig, 2));
	assert_int_equal(limits_stats(rig).half_open, 6);
	limits_done(rig);
}

/* A source that fills its network's share makes room in its own. */
static void test_half_open_of_a_noisy_neighbour(void **state)
{
	struct rig *rig = limits_rig(L2TP_LIMIT_HALF_OPEN, 0, 10, 0);

	assert_true(limits_request(rig, "203.0.113.9", 1701));
	for (uint16_t i = 0; i < 30; i++)
		assert_true(limits_request(rig, "203.0.113.1", 2000 + i));
	assert_true(limits_exists(rig, 0));
	limits_done(rig);
}

/*
 * Real hosts that do not go on must not crowd out those whose answer is on its way, and forged ones
 * not those who answered.
 */
static void test_half_open_of_either_kind(void **state)
{
	struct rig *rig = limits_rig(L2TP_LIMIT_HALF_OPEN, 4, 0, 0);

	for (uint16_t i = 0; i < 3; i++)
		limits_answer(rig, "203.0.113.1", 2000 + i);
	assert_true(limits_request(rig, "203.0.113.2", 1701));
	assert_true(limits_request(rig, "203.0.113.3", 1701));
	assert_false(limits_exists(rig, 0));
	assert_true(limits_exists(rig, 3));
	assert_int_equal(rig_sent(rig, L2TP_MSG_STOPCCN)->msg.error, L2TP_ERR_RESOURCES);
	/* two of each */
	assert_true(limits_request(rig, "203.0.113.4", 1701));
	assert_true(limits_exists(rig, 1));
	assert_true(limits_exists(rig, 2));
	assert_false(limits_exists(rig, 3));
	limits_done(rig);
}

/* However many come at once, one that is answered in time is there. */
static void test_half_open_in_a_rush(void **state)
{
	struct rig *rig = limits_rig(L2TP_LIMIT_HALF_OPEN, 0, 0, 2);
	struct l2tp_msg msg = peer_sccrq(), scccn = peer_msg(L2TP_MSG_SCCCN);

	assert_true(limits_request(rig, "203.0.113.1", 2000));
	assert_true(limits_request(rig, "203.0.113.1", 2001));
	rig_wait(rig, 299 * MSEC);
	/* 599 and 299 ms old: the first goes, and then nobody */
	for (uint16_t port = 3000; port < 3010; port++) {
		limits_from(rig, "203.0.113.1", port);
		peer_say_numbered(rig, &msg, 0, 0, 0, 0);
	}
	assert_false(limits_exists(rig, 0));
	assert_int_equal(rig_drops(rig, L2TP_DROP_LIMIT), 9);
	assert_int_equal(limits_stats(rig).limits[L2TP_LIMIT_HALF_OPEN][L2TP_SCOPE_SOURCE], 1 + 9);
	limits_from(rig, "203.0.113.1", 2001);
	peer_say_numbered(rig, &scccn, limits_opened[1], 0, 1, 1);
	assert_int_equal(limits_state(rig, 1), L2TP_TUNNEL_ESTABLISHED);
	limits_done(rig);
}

/* From where there are few one is heard, however young the many are. */
static void test_half_open_beside_a_rush(void **state)
{
	struct rig *rig = limits_rig(L2TP_LIMIT_HALF_OPEN, 8, 6, 0);
	struct l2tp_msg msg = peer_sccrq();

	for (uint16_t port = 3000; port < 3012; port++) {
		limits_from(rig, "203.0.113.1", port);
		peer_say_numbered(rig, &msg, 0, 0, 0, 0);
	}
	assert_int_equal(rig_drops(rig, L2TP_DROP_LIMIT), 6);
	rig_forget(rig);
	for (uint16_t port = 1; port <= 3; port++) {
		limits_from(rig, port == 1 ? "203.0.113.7" : "198.51.100.7", port);
		peer_say_numbered(rig, &msg, 0, 0, 0, 0);
	}
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_SCCRP), 3);
	limits_done(rig);
}

/* Under pressure an address that did not answer is not told again what it was told. */
static void test_half_open_when_crowded(void **state)
{
	struct rig *rig = limits_rig(L2TP_LIMIT_HALF_OPEN, 4, 0, 0);

	for (uint16_t i = 0; i < 3; i++)
		assert_true(limits_request(rig, "203.0.113.1", 2000 + i));
	rig_forget(rig);
	rig_wait(rig, 30 * SEC);
	assert_in_range(rig_sent_count(rig, L2TP_MSG_SCCRP), 0, 3);
	assert_true(limits_stats(rig).held_back > 0);
	limits_done(rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_half_open_of_one_source),
		cmocka_unit_test(test_half_open_of_one_network),
		cmocka_unit_test(test_half_open_of_one_ipv6_network),
		cmocka_unit_test(test_half_open_of_all),
		cmocka_unit_test(test_half_open_of_a_noisy_neighbour),
		cmocka_unit_test(test_half_open_of_either_kind),
		cmocka_unit_test(test_half_open_in_a_rush),
		cmocka_unit_test(test_half_open_beside_a_rush),
		cmocka_unit_test(test_half_open_when_crowded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
