/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Both ends open a tunnel at once: RFC 2661 4.4.3, Tie Breaker. */
#include "core_rig.h"

static const struct l2tp_limits few = {
	.max = { [L2TP_LIMIT_TUNNELS] = { 8 },
		[L2TP_LIMIT_HALF_OPEN] = { 5, 5 },
		[L2TP_LIMIT_CALLS] = { [L2TP_SCOPE_TUNNEL] = 2 } },
	.id_quarantine = 60 * SEC,
};

static int setup(void **state)
{
	struct rig *rig = malloc(sizeof(*rig));

	assert_non_null(rig);
	rig_open_limits(rig, &few);
	*state = rig;
	return 0;
}

static int teardown(void **state)
{
	rig_close(*state);
	free(*state);
	return 0;
}

/* Our SCCRQ is on its way. Its tie breaker. */
static uint64_t we_open(struct rig *rig, bool tie)
{
	const struct l2tp_msg *msg;

	rig->params.tie_breaker = tie;
	rig_we_open(rig);
	msg = &rig_sent(rig, L2TP_MSG_SCCRQ)->msg;
	assert_int_equal(l2tp_msg_has(msg, L2TP_AVP_TIE_BREAKER), tie);
	return msg->tie_breaker;
}

/* The peer's SCCRQ arrives; tie NULL: without the AVP. */
static void peer_opens(struct rig *rig, const uint64_t *tie)
{
	struct l2tp_msg msg = peer_sccrq();

	if (tie) {
		msg.tie_breaker = *tie;
		l2tp_msg_set(&msg, L2TP_AVP_TIE_BREAKER);
	}
	peer_say(rig, &msg, 0);
}

static void peer_completes(struct rig *rig)
{
	struct l2tp_msg msg = peer_msg(L2TP_MSG_SCCCN);

	peer_say(rig, &msg, 0);
}

static void assert_answered(struct rig *rig, bool answered)
{
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_SCCRP), answered);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_STOPCCN), 0);
	assert_int_equal(rig_drops(rig, L2TP_DROP_TIE), !answered);
}

static enum l2tp_tunnel_state state_of(const struct rig *rig, uint16_t tid)
{
	struct l2tp_tunnel_info info;

	return l2tp_core_tunnel_info(rig->core, tid, &info) ? info.state : L2TP_TUNNEL_IDLE;
}

/* "the loser MUST silently discard its tunnel" */
static void assert_ours_discarded(struct rig *rig, uint16_t ours)
{
	const struct seen *down = rig_last(rig, L2TP_EFFECT_TUNNEL_DOWN);

	assert_int_equal(down->effect.tid, ours);
	assert_int_equal(down->effect.reason.who, L2TP_WHO_LOCAL);
	assert_int_equal(down->effect.reason.result, 0);
	assert_int_equal(rig_last(rig, L2TP_EFFECT_TUNNEL_GONE)->effect.tid, ours);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_STOPCCN), 0);
	assert_int_equal(state_of(rig, ours), L2TP_TUNNEL_IDLE);
}

static void test_pitfall_12_lower_value_wins(void **state)
{
	struct rig *rig = *state;
	uint64_t tie = we_open(rig, true) - 1;
	uint16_t ours = rig->tid;

	peer_opens(rig, &tie);
	assert_answered(rig, true);
	assert_int_not_equal(rig->tid, ours);
	assert_int_equal(state_of(rig, ours), L2TP_TUNNEL_WAIT_CTL_REPLY);
	peer_completes(rig);
	assert_int_equal(rig_count(rig, L2TP_EFFECT_TUNNEL_UP), 1);
	assert_ours_discarded(rig, ours);
	assert_true(rig_place(rig, L2TP_EFFECT_TUNNEL_UP, 0) <
		    rig_place(rig, L2TP_EFFECT_TUNNEL_DOWN, 0));
}

static void test_pitfall_12_higher_value_is_ignored(void **state)
{
	struct rig *rig = *state;
	struct l2tp_msg sccrp = peer_sccrp();
	uint64_t tie = we_open(rig, true) + 1;
	uint16_t ours = rig->tid;

	rig_forget(rig);
	peer_opens(rig, &tie);
	assert_answered(rig, false);
	assert_int_equal(rig->count, 0);
	peer_say_numbered(rig, &sccrp, ours, 0, 0, 1);
	assert_int_equal(state_of(rig, ours), L2TP_TUNNEL_ESTABLISHED);
}

static void test_pitfall_12_the_side_with_a_value_wins(void **state)
{
	struct rig *rig = *state;
	uint64_t highest = UINT64_MAX;
	uint16_t ours;

	we_open(rig, false);
	ours = rig->tid;
	peer_opens(rig, &highest);
	assert_answered(rig, true);
	peer_completes(rig);
	assert_ours_discarded(rig, ours);
}

static void test_pitfall_12_we_win_against_none(void **state)
{
	struct rig *rig = *state;

	we_open(rig, true);
	peer_opens(rig, NULL);
	assert_answered(rig, false);
}

static void test_pitfall_12_without_values_there_are_two(void **state)
{
	struct rig *rig = *state;
	struct l2tp_msg sccrp = peer_sccrp();
	uint16_t ours;

	we_open(rig, false);
	ours = rig->tid;
	peer_opens(rig, NULL);
	assert_answered(rig, true);
	peer_completes(rig);
	assert_int_equal(rig_count(rig, L2TP_EFFECT_TUNNEL_DOWN), 0);
	sccrp.assigned_tid = PEER_TID + 1;
	peer_say_numbered(rig, &sccrp, ours, 0, 0, 1);
	assert_int_equal(rig_count(rig, L2TP_EFFECT_TUNNEL_UP), 2);
}

static void test_pitfall_12_equal_values_discard_both(void **state)
{
	struct rig *rig = *state;
	uint64_t tie = we_open(rig, true);
	uint16_t ours = rig->tid;

	peer_opens(rig, &tie);
	assert_answered(rig, false);
	assert_ours_discarded(rig, ours);
}

static void test_no_tie_with_somebody_else(void **state)
{
	struct rig *rig = *state;
	uint64_t tie = we_open(rig, true) - 1;
	uint16_t ours = rig->tid;

	l2tp_addr_parse("203.0.113.99", L2TP_PORT, &rig->path.peer);
	peer_opens(rig, &tie);
	assert_answered(rig, true);
	peer_completes(rig);
	assert_int_equal(state_of(rig, ours), L2TP_TUNNEL_WAIT_CTL_REPLY);
}

/* Two links may have different names or secrets for peers behind one address. */
static void test_no_tie_between_other_names(void **state)
{
	struct rig *rig = *state;
	uint64_t tie = we_open(rig, true) - 1;
	uint16_t ours = rig->tid;

	rig->params.hostname = "other.example";
	peer_opens(rig, &tie);
	peer_completes(rig);
	assert_int_equal(rig_count(rig, L2TP_EFFECT_TUNNEL_UP), 1);
	assert_int_equal(state_of(rig, ours), L2TP_TUNNEL_WAIT_CTL_REPLY);
}

static void test_no_tie_once_established(void **state)
{
	struct l2tp_msg sccrp = peer_sccrp();
	struct rig *rig = *state;
	uint64_t lowest = 0;
	uint16_t ours;

	rig->params.tie_breaker = true;
	rig_we_open(rig);
	ours = rig->tid;
	/* the peer gives each tunnel an id of its own */
	sccrp.assigned_tid = PEER_TID + 1;
	peer_say(rig, &sccrp, 0);
	rig->peer_ns = 0;
	rig->peer_nr = 0;
	peer_opens(rig, &lowest);
	assert_answered(rig, true);
	peer_completes(rig);
	assert_int_equal(state_of(rig, ours), L2TP_TUNNEL_ESTABLISHED);
}

/* Anybody can send an SCCRQ in the peer's name. Our tunnel does not die of it. */
static void test_forged_request_does_not_win(void **state)
{
	struct rig *rig = *state;
	struct l2tp_msg sccrp = peer_sccrp();
	uint64_t tie = we_open(rig, true) - 1;
	uint16_t ours = rig->tid;

	peer_opens(rig, &tie);
	sccrp.assigned_tid = PEER_TID + 1;
	peer_say_numbered(rig, &sccrp, ours, 0, 0, 1);
	assert_int_equal(state_of(rig, ours), L2TP_TUNNEL_ESTABLISHED);
	assert_int_equal(rig_count(rig, L2TP_EFFECT_TUNNEL_DOWN), 0);
}

/* Somebody else behind the peer's address must not get our login. */
static void test_without_a_secret_another_port_gets_no_calls(void **state)
{
	struct rig *rig = *state;
	uint64_t tie = we_open(rig, true) - 1;
	uint16_t ours = rig->tid;

	l2tp_addr_set_port(&rig->path.peer, 40000);
	peer_opens(rig, &tie);
	peer_completes(rig);
	assert_int_equal(rig_count(rig, L2TP_EFFECT_TUNNEL_UP), 1);
	assert_int_equal(rig_count(rig, L2TP_EFFECT_TUNNEL_DOWN), 0);
	assert_int_equal(state_of(rig, ours), L2TP_TUNNEL_WAIT_CTL_REPLY);
}

static void test_with_the_secret_any_port_will_do(void **state)
{
	struct rig *rig = *state;
	struct l2tp_msg scccn = peer_msg(L2TP_MSG_SCCCN);
	uint64_t tie;
	uint16_t ours;

	rig->params.secret = rig_secret;
	tie = we_open(rig, true) - 1;
	ours = rig->tid;
	l2tp_addr_set_port(&rig->path.peer, 40000);
	peer_opens(rig, &tie);
	peer_respond(rig, &scccn);
	peer_say(rig, &scccn, 0);
	assert_ours_discarded(rig, ours);
}

static void test_calls_move_to_the_winner(void **state)
{
	struct rig *rig = *state;
	struct l2tp_call_params params = { .called = "0551" };
	uint64_t tie = we_open(rig, true) - 1;
	uint16_t ours = rig->tid, winner;
	struct l2tp_session_info info;
	int sid[3];

	for (unsigned i = 0; i < 2; i++)
		sid[i] = l2tp_core_place_call(rig->core, rig->now, ours, &params);
	rig_forget(rig);
	peer_opens(rig, &tie);
	winner = rig->tid;
	peer_completes(rig);
	assert_int_equal(rig_count(rig, L2TP_EFFECT_SESSION_MOVED), 2);
	assert_int_equal(rig_count(rig, L2TP_EFFECT_SESSION_DOWN), 0);
	assert_int_equal(rig_last(rig, L2TP_EFFECT_SESSION_MOVED)->effect.tid, winner);
	assert_int_equal(rig_last(rig, L2TP_EFFECT_SESSION_MOVED)->effect.moved.from_tid, ours);
	assert_true(rig_place(rig, L2TP_EFFECT_SESSION_MOVED, 0) <
		    rig_place(rig, L2TP_EFFECT_TUNNEL_DOWN, 0));
	assert_int_equal(rig_sent(rig, L2TP_MSG_ICRQ)->effect.tid, winner);
	for (unsigned i = 0; i < 2; i++) {
		assert_true(l2tp_core_session_info(rig->core, winner, (uint16_t)sid[i], &info));
		assert_int_equal(info.state, L2TP_SESSION_WAIT_REPLY);
		assert_false(l2tp_core_session_info(rig->core, ours, (uint16_t)sid[i], &info));
	}
	/* it has calls, so it does not end for lack of them */
	peer_ack(rig);
	peer_ack(rig);
	rig_forget(rig);
	rig_wait(rig, 15 * SEC);
	assert_int_equal(rig_count(rig, L2TP_EFFECT_TUNNEL_DOWN), 0);
}

static void test_calls_that_find_no_room_end(void **state)
{
	struct rig *rig = *state;
	struct l2tp_call_params params = { .called = "0551" };
	uint64_t tie = we_open(rig, true) - 1;
	uint16_t ours = rig->tid;

	for (unsigned i = 0; i < 2; i++)
		assert_true(l2tp_core_place_call(rig->core, rig->now, ours, &params) > 0);
	peer_opens(rig, &tie);
	assert_true(l2tp_core_place_call(rig->core, rig->now, rig->tid, &params) > 0);
	peer_completes(rig);
	assert_int_equal(rig_count(rig, L2TP_EFFECT_SESSION_MOVED), 1);
	assert_int_equal(rig_count(rig, L2TP_EFFECT_SESSION_DOWN), 1);
	assert_ours_discarded(rig, ours);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_pitfall_12_lower_value_wins),
		T(test_pitfall_12_higher_value_is_ignored),
		T(test_pitfall_12_the_side_with_a_value_wins),
		T(test_pitfall_12_we_win_against_none),
		T(test_pitfall_12_without_values_there_are_two),
		T(test_pitfall_12_equal_values_discard_both),
		T(test_no_tie_with_somebody_else),
		T(test_no_tie_between_other_names),
		T(test_no_tie_once_established),
		T(test_forged_request_does_not_win),
		T(test_without_a_secret_another_port_gets_no_calls),
		T(test_with_the_secret_any_port_will_do),
		T(test_calls_move_to_the_winner),
		T(test_calls_that_find_no_room_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
