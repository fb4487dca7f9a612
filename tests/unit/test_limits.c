/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a stranger can make us keep: counted in every state, and who gives way. */
#include "limits_rig.h"

#include <errno.h>

/* --- established, closing --- */

static void test_established_is_not_half_open(void **state)
{
	struct rig *rig = limits_rig(L2TP_LIMIT_HALF_OPEN, 2, 2, 2);

	for (uint16_t i = 0; i < 4; i++)
		limits_establish(rig, "203.0.113.1", 2000 + i);
	for (unsigned i = 0; i < 4; i++)
		assert_true(limits_exists(rig, i));
	assert_int_equal(limits_stats(rig).half_open, 0);
	assert_int_equal(limits_stats(rig).idle, 4);
	limits_done(rig);
}

static void test_idle_gives_way(void **state)
{
	struct rig *rig = limits_rig(L2TP_LIMIT_IDLE, 0, 0, 2);

	limits_establish(rig, "203.0.113.1", 2000);
	limits_place(rig, 0, PEER_SID, 2);
	limits_establish(rig, "203.0.113.1", 2001);
	assert_int_equal(limits_stats(rig).idle, 1);
	limits_establish(rig, "203.0.113.1", 2002);
	limits_establish(rig, "203.0.113.1", 2003);
	/* that with a call stays, whatever its age; the next is told, and has its time to hear it
	 */
	assert_int_equal(limits_state(rig, 0), L2TP_TUNNEL_ESTABLISHED);
	assert_int_equal(limits_state(rig, 1), L2TP_TUNNEL_CLOSING);
	assert_int_equal(limits_state(rig, 2), L2TP_TUNNEL_ESTABLISHED);
	assert_int_equal(rig_sent(rig, L2TP_MSG_STOPCCN)->effect.tid, limits_opened[1]);
	assert_int_equal(limits_stats(rig).gave_way[L2TP_RANK_IDLE], 1);
	assert_int_equal(limits_stats(rig).limits[L2TP_LIMIT_IDLE][L2TP_SCOPE_SOURCE], 1);
	limits_done(rig);
}

static void test_proven_secret_does_not_give_way(void **state)
{
	struct rig *rig = limits_rig(L2TP_LIMIT_IDLE, 1, 1, 1);

	rig->params.secret = rig_secret;
	for (uint16_t i = 0; i < 3; i++)
		limits_establish(rig, "203.0.113.1", 2000 + i);
	assert_int_equal(limits_stats(rig).idle, 0);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(limits_state(rig, i), L2TP_TUNNEL_ESTABLISHED);
	limits_done(rig);
}

/* Open, StopCCN, and again: not a way around the limits. */
static void test_closing_gives_way(void **state)
{
	struct rig *rig = limits_rig(L2TP_LIMIT_CLOSING, 0, 0, 2);

	for (uint16_t i = 0; i < 3; i++) {
		limits_establish(rig, "203.0.113.1", 2000 + i);
		limits_stop(rig, i);
	}
	assert_false(limits_exists(rig, 0));
	assert_true(limits_exists(rig, 1));
	assert_int_equal(limits_stats(rig).closing, 2);
	assert_int_equal(limits_stats(rig).tunnels, 2);
	limits_done(rig);
}

/* Failing on purpose neither. */
static void test_failing_gives_way(void **state)
{
	struct rig *rig = limits_rig(L2TP_LIMIT_CLOSING, 0, 0, 2);
	struct l2tp_msg msg = peer_msg(L2TP_MSG_SCCCN);

	rig->params.secret = rig_secret;
	for (uint16_t i = 0; i < 3; i++) {
		assert_true(limits_request(rig, "203.0.113.1", 2000 + i));
		peer_say_numbered(rig, &msg, limits_opened[i], 0, 1, 1);
		assert_int_equal(limits_state(rig, i), L2TP_TUNNEL_CLOSING);
	}
	assert_int_equal(limits_stats(rig).closing, 2);
	assert_false(limits_exists(rig, 0));
	limits_done(rig);
}

static void test_first_call_without_a_secret(void **state)
{
	struct l2tp_limits limits = L2TP_LIMITS_DEFAULT;
	struct rig rig;

	rig_open_limits(&rig, &limits);
	rig_tunnel_by_peer(&rig);
	rig_wait(&rig, 20 * SEC - 1);
	rig_state(&rig, L2TP_TUNNEL_ESTABLISHED);
	rig_wait(&rig, 1);
	assert_string_equal(rig_tunnel_down(&rig)->text, "no calls for 20 s");
	rig_close(&rig);
	/* one that knows the secret has the time that a call may take */
	rig_open_limits(&rig, &limits);
	rig.params.secret = rig_secret;
	rig.params.linger = 10 * SEC;
	rig_tunnel_by_peer(&rig);
	rig_wait(&rig, 60 * SEC - 1);
	rig_state(&rig, L2TP_TUNNEL_ESTABLISHED);
	rig_wait(&rig, 1);
	assert_string_equal(rig_tunnel_down(&rig)->text, "no calls for 60 s");
	rig_close(&rig);
}

/* --- all tunnels --- */

/* The least proven first, and never one with a call: then the newcomer is refused. */
static void test_tunnels_of_all(void **state)
{
	struct rig *rig = limits_rig(L2TP_LIMIT_TUNNELS, 4, 0, 0);

	limits_establish(rig, "203.0.113.1", 2000);
	limits_place(rig, 0, PEER_SID, 2);
	limits_establish(rig, "203.0.113.1", 2001);
	assert_true(limits_request(rig, "203.0.113.1", 2002));
	limits_establish(rig, "203.0.113.1", 2003);
	limits_stop(rig, 3);
	/* the closing one, the half-open one, and that without a call */
	for (uint16_t i = 0; i < 3; i++) {
		limits_establish(rig, "198.51.100.1", 2000 + i);
		limits_place(rig, 4 + i, PEER_SID + 1 + i, 2);
		assert_int_equal(limits_exists(rig, 3), false);
		assert_int_equal(limits_exists(rig, 2), i < 1);
		assert_int_equal(limits_exists(rig, 1), i < 2);
	}
	assert_false(limits_request(rig, "192.0.2.99", 1701));
	assert_int_equal(rig_sent(rig, L2TP_MSG_STOPCCN)->msg.error, L2TP_ERR_RESOURCES);
	assert_int_equal(limits_stats(rig).refused_tunnels, 1);
	assert_int_equal(
		l2tp_core_open_tunnel(rig->core, rig->now, &rig->path, &rig->params), -ENOSPC);
	assert_int_equal(limits_state(rig, 0), L2TP_TUNNEL_ESTABLISHED);
	limits_done(rig);
}

/* A tunnel whose place is needed at once still hears why, once. */
static void test_tunnels_of_one_source(void **state)
{
	struct rig *rig = limits_rig(L2TP_LIMIT_TUNNELS, 0, 3, 2);

	limits_establish(rig, "203.0.113.1", 2000);
	limits_establish(rig, "203.0.113.1", 2001);
	limits_establish(rig, "203.0.113.1", 2002);
	assert_false(limits_exists(rig, 0));
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_STOPCCN), 1);
	assert_int_equal(limits_stats(rig).tunnels, 2);
	limits_establish(rig, "203.0.113.2", 2000);
	limits_establish(rig, "203.0.113.3", 2000);
	assert_false(limits_exists(rig, 1));
	assert_int_equal(limits_stats(rig).limits[L2TP_LIMIT_TUNNELS][L2TP_SCOPE_NETWORK], 1);
	limits_done(rig);
}

static void test_our_own_tunnel_comes_first(void **state)
{
	struct rig *rig = limits_rig(L2TP_LIMIT_TUNNELS, 2, 0, 0);

	limits_establish(rig, "203.0.113.1", 2000);
	assert_true(limits_request(rig, "203.0.113.1", 2001));
	rig_we_open(rig);
	rig_we_open(rig);
	assert_false(limits_exists(rig, 0));
	assert_false(limits_exists(rig, 1));
	assert_false(limits_request(rig, "203.0.113.1", 2002));
	limits_done(rig);
}

/* --- calls --- */

static unsigned offers(const struct rig *rig)
{
	return rig_count(rig, L2TP_EFFECT_SESSION_OFFER);
}

static void test_calls_of_source_network_and_all(void **state)
{
	struct rig *rig = limits_rig(L2TP_LIMIT_CALLS, 4, 3, 2);

	limits_establish(rig, "203.0.113.1", 2000);
	limits_establish(rig, "203.0.113.1", 2001);
	limits_establish(rig, "203.0.113.2", 2000);
	limits_establish(rig, "198.51.100.2", 2000);
	rig_forget(rig);
	limits_from(rig, "203.0.113.1", 2000);
	limits_place(rig, 0, 1, 2);
	limits_from(rig, "203.0.113.1", 2001);
	limits_place(rig, 1, 2, 2);
	limits_place(rig, 1, 3, 3);
	assert_int_equal(offers(rig), 2);
	assert_int_equal(rig_sent(rig, L2TP_MSG_CDN)->msg.result, L2TP_CDN_NO_FACILITY_TEMP);
	assert_true(rig_says(rig_sent(rig, L2TP_MSG_CDN), "too many calls"));
	limits_from(rig, "203.0.113.2", 2000);
	limits_place(rig, 2, 4, 2);
	limits_place(rig, 2, 5, 3);
	assert_int_equal(offers(rig), 3);
	limits_from(rig, "198.51.100.2", 2000);
	limits_place(rig, 3, 6, 2);
	limits_place(rig, 3, 7, 3);
	assert_int_equal(offers(rig), 4);
	for (enum l2tp_scope scope = L2TP_SCOPE_ALL; scope <= L2TP_SCOPE_SOURCE; scope++)
		assert_int_equal(limits_stats(rig).limits[L2TP_LIMIT_CALLS][scope], 1);
	assert_int_equal(limits_stats(rig).refused_calls, 3);
	limits_done(rig);
}

/* What ended makes room; our own calls count in "all" only. */
static void test_calls_that_ended(void **state)
{
	struct rig *rig = limits_rig(L2TP_LIMIT_CALLS, 3, 1, 1);
	struct l2tp_call_params call = { 0 };
	struct l2tp_msg cdn = peer_cdn(1, L2TP_CDN_ADMIN, "");

	limits_establish(rig, "203.0.113.1", 2000);
	rig_forget(rig);
	limits_place(rig, 0, 1, 2);
	limits_place(rig, 0, 2, 3);
	assert_int_equal(offers(rig), 1);
	assert_true(l2tp_core_place_call(rig->core, rig->now, limits_opened[0], &call) > 0);
	assert_true(l2tp_core_place_call(rig->core, rig->now, limits_opened[0], &call) > 0);
	assert_int_equal(
		l2tp_core_place_call(rig->core, rig->now, limits_opened[0], &call), -ENOSPC);
	peer_say_numbered(rig, &cdn, limits_opened[0], 0, 4, 1);
	limits_place(rig, 0, 3, 5);
	assert_int_equal(offers(rig), 2);
	limits_done(rig);
}

static void ask_often(struct rig *rig, unsigned times, uint16_t *ns)
{
	for (unsigned i = 0; i < times; i++) {
		struct l2tp_msg cdn = peer_cdn((uint16_t)(i + 1), L2TP_CDN_ADMIN, "");

		limits_place(rig, 0, (uint16_t)(i + 1), (*ns)++);
		peer_say_numbered(rig, &cdn, limits_opened[0], 0, (*ns)++, 1);
	}
}

static void test_requests_have_a_rate(void **state)
{
	struct l2tp_limits limits = { .call_rate = 10, .call_burst = 5 };
	struct rig rig;
	uint16_t ns = 2;

	rig_open_limits(&rig, &limits);
	limits_count = 0;
	limits_establish(&rig, "203.0.113.1", 2000);
	rig_forget(&rig);
	ask_often(&rig, 8, &ns);
	assert_int_equal(offers(&rig), 5);
	assert_true(rig_says(rig_sent(&rig, L2TP_MSG_CDN), "too many requests"));
	assert_int_equal(limits_stats(&rig).refused_rate, 3);
	rig.now += SEC / 5;
	ask_often(&rig, 8, &ns);
	assert_int_equal(offers(&rig), 7);
	rig_close(&rig);
}

/* Eight times as many, and answers to what is over cost the same. */
static void test_requests_of_a_peer_with_the_secret(void **state)
{
	struct l2tp_limits limits = { .call_rate = 10, .call_burst = 1 };
	struct rig rig;
	struct l2tp_msg icrp;
	uint16_t ns = 2;

	rig_open_limits(&rig, &limits);
	rig.params.secret = rig_secret;
	rig.peer_secret = rig_secret;
	limits_count = 0;
	limits_establish(&rig, "203.0.113.1", 2000);
	rig_forget(&rig);
	ask_often(&rig, 10, &ns);
	assert_int_equal(offers(&rig), 8);
	rig_forget(&rig);
	icrp = peer_with_sid(L2TP_MSG_ICRP, 9);
	peer_say_numbered(&rig, &icrp, limits_opened[0], 4711, ns, 1);
	assert_int_equal(rig_sent_count(&rig, L2TP_MSG_CDN), 0);
	rig_close(&rig);
}

/* --- a peer that acknowledges nothing --- */

static void test_queue_has_an_end(void **state)
{
	struct l2tp_limits limits = { .send_queue = 20000 };
	struct rig rig;
	uint16_t ns = 2;

	rig_open_limits(&rig, &limits);
	limits_count = 0;
	limits_establish(&rig, "203.0.113.1", 2000);
	rig_forget(&rig);
	/* each request has a CDN for its answer: the call is not accepted */
	while (!rig_count(&rig, L2TP_EFFECT_TUNNEL_DOWN) && ns < 2000) {
		struct l2tp_reason why = { .result = L2TP_CDN_ADMIN };
		uint16_t sid;

		rig_forget(&rig);
		limits_place(&rig, 0, ns, ns);
		ns++;
		sid = rig_last(&rig, L2TP_EFFECT_SESSION_OFFER)->effect.sid;
		l2tp_core_close_session(rig.core, rig.now, limits_opened[0], sid, &why);
		rig_drain(&rig);
	}
	assert_in_range(ns, 100, 1000);
	assert_int_equal(rig_tunnel_down(&rig)->who, L2TP_WHO_TIMEOUT);
	assert_non_null(strstr(rig_tunnel_down(&rig)->text, "does not acknowledge"));
	assert_int_equal(limits_stats(&rig).overflows, 1);
	rig_close(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_established_is_not_half_open),
		cmocka_unit_test(test_idle_gives_way),
		cmocka_unit_test(test_proven_secret_does_not_give_way),
		cmocka_unit_test(test_closing_gives_way),
		cmocka_unit_test(test_failing_gives_way),
		cmocka_unit_test(test_first_call_without_a_secret),
		cmocka_unit_test(test_tunnels_of_all),
		cmocka_unit_test(test_tunnels_of_one_source),
		cmocka_unit_test(test_our_own_tunnel_comes_first),
		cmocka_unit_test(test_calls_of_source_network_and_all),
		cmocka_unit_test(test_calls_that_ended),
		cmocka_unit_test(test_requests_have_a_rate),
		cmocka_unit_test(test_requests_of_a_peer_with_the_secret),
		cmocka_unit_test(test_queue_has_an_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
