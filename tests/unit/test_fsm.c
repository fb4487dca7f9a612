// SPDX-License-Identifier: GPL-2.0-or-later
/* The tables against RFC 2661 section 7: every cell of every table. */
#include "core_rig.h"

#include "fsm.h"

/* One cell that is not empty. Every other cell must do nothing, or be a violation. */
struct cell {
	unsigned state, event, action, next;
};

static const struct cell tunnel_cells[] = {
#define C(state, event, action, next)                                                              \
	{                                                                                          \
		L2TP_TUNNEL_##state, TUNNEL_EV_##event, TUNNEL_ACT_##action, L2TP_TUNNEL_##next    \
	}
	/* RFC 2661 7.2.1, in its order */
	C(IDLE, OPEN, SEND_SCCRQ, WAIT_CTL_REPLY),
	C(IDLE, SCCRQ, SEND_SCCRP, WAIT_CTL_CONN),
	C(WAIT_CTL_REPLY, SCCRP, SEND_SCCCN, ESTABLISHED),
	C(WAIT_CTL_REPLY, SCCRP_BAD, STOP, CLOSING),
	C(WAIT_CTL_REPLY, SCCCN, STOP_FSM, CLOSING),
	C(WAIT_CTL_REPLY, SCCCN_BAD, STOP_FSM, CLOSING),
	C(WAIT_CTL_REPLY, SCCRQ, STOP_FSM, CLOSING),
	C(WAIT_CTL_CONN, SCCCN, OPENED, ESTABLISHED),
	C(WAIT_CTL_CONN, SCCCN_BAD, STOP, CLOSING),
	C(WAIT_CTL_CONN, SCCRP, STOP_FSM, CLOSING),
	C(WAIT_CTL_CONN, SCCRP_BAD, STOP_FSM, CLOSING),
	C(WAIT_CTL_CONN, SCCRQ, STOP_FSM, CLOSING),
	C(ESTABLISHED, SCCRQ, STOP_FSM, CLOSING),
	C(ESTABLISHED, SCCRP, STOP_FSM, CLOSING),
	C(ESTABLISHED, SCCRP_BAD, STOP_FSM, CLOSING),
	C(ESTABLISHED, SCCCN, STOP_FSM, CLOSING),
	C(ESTABLISHED, SCCCN_BAD, STOP_FSM, CLOSING),
	C(WAIT_CTL_REPLY, CLOSE, STOP, CLOSING),
	C(WAIT_CTL_CONN, CLOSE, STOP, CLOSING),
	C(ESTABLISHED, CLOSE, STOP, CLOSING),
	C(WAIT_CTL_REPLY, STOPCCN, STOPPED, CLOSING),
	C(WAIT_CTL_CONN, STOPCCN, STOPPED, CLOSING),
	C(ESTABLISHED, STOPCCN, STOPPED, CLOSING),
	/* what the table leaves to 5.5, 5.8 and 7.1 */
	C(WAIT_CTL_REPLY, HELLO, NONE, WAIT_CTL_REPLY),
	C(WAIT_CTL_CONN, HELLO, NONE, WAIT_CTL_CONN),
	C(ESTABLISHED, HELLO, NONE, ESTABLISHED),
	C(WAIT_CTL_REPLY, BAD, STOP, CLOSING),
	C(WAIT_CTL_CONN, BAD, STOP, CLOSING),
	C(ESTABLISHED, BAD, STOP, CLOSING),
	C(WAIT_CTL_REPLY, SETUP_TIMEOUT, STOP, CLOSING),
	C(WAIT_CTL_CONN, SETUP_TIMEOUT, STOP, CLOSING),
	C(WAIT_CTL_REPLY, LOST, LOST, IDLE),
	C(WAIT_CTL_CONN, LOST, LOST, IDLE),
	C(ESTABLISHED, LOST, LOST, IDLE),
	/* 5.7: whatever comes while the transport lives on */
	C(CLOSING, SCCRQ, NONE, CLOSING),
	C(CLOSING, SCCRP, LEARN_PEER, CLOSING),
	C(CLOSING, SCCRP_BAD, LEARN_PEER, CLOSING),
	C(CLOSING, SCCCN, NONE, CLOSING),
	C(CLOSING, SCCCN_BAD, NONE, CLOSING),
	C(CLOSING, STOPCCN, NONE, CLOSING),
	C(CLOSING, HELLO, NONE, CLOSING),
	C(CLOSING, BAD, NONE, CLOSING),
	C(CLOSING, CYCLE_OVER, GONE, IDLE),
	C(WAIT_CTL_REPLY, VIOLATION, STOP_FSM, CLOSING),
	C(WAIT_CTL_CONN, VIOLATION, STOP_FSM, CLOSING),
	C(ESTABLISHED, VIOLATION, STOP_FSM, CLOSING),
#undef C
};

#define C(state, event, action, next)                                                              \
	{                                                                                          \
		L2TP_SESSION_##state, SESSION_EV_##event, SESSION_ACT_##action,                    \
			L2TP_SESSION_##next                                                        \
	}

static const struct cell lac_incoming_cells[] = {
	C(IDLE, OPEN, NONE, WAIT_TUNNEL),
	C(WAIT_TUNNEL, TUNNEL_OPEN, SEND_ICRQ, WAIT_REPLY),
	C(WAIT_REPLY, ICRP, CREATE, WAIT_LOCAL),
	C(WAIT_REPLY, ICRP_BAD, CDN, IDLE),
	C(WAIT_LOCAL, READY, SEND_ICCN, ESTABLISHED),
};

static const struct cell lns_incoming_cells[] = {
	C(IDLE, ICRQ, OFFER, WAIT_LOCAL),
	C(WAIT_LOCAL, ACCEPT, CREATE, WAIT_LOCAL),
	C(WAIT_LOCAL, READY, SEND_ICRP, WAIT_CONNECT),
	C(WAIT_CONNECT, ICCN, UP, ESTABLISHED),
	C(WAIT_CONNECT, ICCN_BAD, CDN, IDLE),
};

static const struct cell lac_outgoing_cells[] = {
	C(IDLE, OCRQ, OFFER, WAIT_LOCAL),
	C(WAIT_LOCAL, ACCEPT, SEND_OCRP_CREATE, WAIT_CS_ANSWER),
	C(WAIT_CS_ANSWER, READY, SEND_OCCN, ESTABLISHED),
};

static const struct cell lns_outgoing_cells[] = {
	C(IDLE, OPEN, NONE, WAIT_TUNNEL),
	C(WAIT_TUNNEL, TUNNEL_OPEN, SEND_OCRQ, WAIT_REPLY),
	C(WAIT_REPLY, OCRP, CREATE, WAIT_CONNECT),
	C(WAIT_REPLY, OCRP_BAD, CDN, IDLE),
	C(WAIT_CONNECT, READY, NONE, WAIT_CONNECT),
	C(WAIT_CONNECT, OCCN, UP, ESTABLISHED),
	C(WAIT_CONNECT, OCCN_BAD, CDN, IDLE),
	C(WAIT_CONNECT, OCCN_EARLY, NONE, WAIT_LOCAL),
	C(WAIT_LOCAL, READY, UP, ESTABLISHED),
};
#undef C

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct cell *find(
	const struct cell *cells, size_t count, unsigned state, unsigned event)
{
	for (size_t i = 0; i < count; i++)
		if (cells[i].state == state && cells[i].event == event)
			return &cells[i];
	return NULL;
}

static void check_cell(
	const struct fsm *fsm, unsigned state, unsigned event, const struct cell *expected)
{
	struct fsm_state at = { .now = (uint8_t)state, .since = 1 };
	struct fsm_result step;
	bool stepped = fsm_step(fsm, &at, event, 9, &step);

	if (stepped != (expected != NULL))
		print_message("%s, %s\n", fsm->state_name(state), fsm->events[event]);
	assert_int_equal(stepped, expected != NULL);
	if (!expected) {
		assert_int_equal(at.now, state);
		return;
	}
	if (expected->action != step.action || expected->next != at.now)
		print_message("%s, %s: action %u, to %s\n", fsm->state_name(state),
			fsm->events[event], step.action, fsm->state_name(at.now));
	assert_int_equal(step.action, expected->action);
	assert_int_equal(at.now, expected->next);
	assert_int_equal(step.moved, state != expected->next);
	assert_int_equal(at.since, step.moved ? 9 : 1);
	assert_string_equal(step.from, fsm->state_name(state));
	assert_string_equal(step.event, fsm->events[event]);
	assert_string_equal(step.to, fsm->state_name(expected->next));
}

static void test_rfc_7_2_1_tunnel(void **state)
{
	(void)state;
	for (unsigned s = 0; s < L2TP_TUNNEL_STATE_COUNT; s++)
		for (unsigned e = 0; e < TUNNEL_EV_COUNT; e++)
			check_cell(
				&fsm_tunnel, s, e, find(tunnel_cells, COUNT(tunnel_cells), s, e));
}

/* What all four call tables have in common, and what an empty cell means. */
static bool common(unsigned state, unsigned event, struct cell *ret)
{
	bool known = state != L2TP_SESSION_IDLE && state != L2TP_SESSION_WAIT_TUNNEL;

	*ret = (struct cell){ .state = state, .event = event, .next = L2TP_SESSION_IDLE };
	switch (event) {
	case SESSION_EV_CDN:
		ret->action = SESSION_ACT_DOWN;
		return known;
	case SESSION_EV_INFO:
		ret->action = SESSION_ACT_NONE;
		ret->next = state;
		return known;
	case SESSION_EV_TUNNEL_DOWN:
		ret->action = SESSION_ACT_DOWN;
		return state != L2TP_SESSION_IDLE;
	case SESSION_EV_CLOSE:
	case SESSION_EV_FAILED:
		ret->action = known ? SESSION_ACT_CDN : SESSION_ACT_DOWN;
		return state != L2TP_SESSION_IDLE;
	case SESSION_EV_TIMEOUT:
	case SESSION_EV_BAD:
		ret->action = SESSION_ACT_CDN;
		return known;
	}
	if (event >= SESSION_EV_OPEN && event != SESSION_EV_VIOLATION)
		return false;
	/* RFC 2661 7.4, 7.5: a message out of order costs its session, no more */
	ret->action = SESSION_ACT_CDN_FSM;
	return known;
}

static void check_session(
	bool outgoing, enum l2tp_role role, const struct cell *cells, size_t count)
{
	for (unsigned s = 0; s < L2TP_SESSION_STATE_COUNT; s++) {
		for (unsigned e = 0; e < SESSION_EV_COUNT; e++) {
			const struct cell *cell = find(cells, count, s, e);
			struct cell other;

			if (!cell && common(s, e, &other))
				cell = &other;
			check_cell(fsm_session(outgoing, role), s, e, cell);
		}
	}
}

static void test_rfc_7_4_1_lac_incoming(void **state)
{
	(void)state;
	check_session(false, L2TP_ROLE_LAC, lac_incoming_cells, COUNT(lac_incoming_cells));
}

static void test_rfc_7_4_2_lns_incoming(void **state)
{
	(void)state;
	check_session(false, L2TP_ROLE_LNS, lns_incoming_cells, COUNT(lns_incoming_cells));
}

static void test_rfc_7_5_1_lac_outgoing(void **state)
{
	(void)state;
	check_session(true, L2TP_ROLE_LAC, lac_outgoing_cells, COUNT(lac_outgoing_cells));
}

static void test_rfc_7_5_2_lns_outgoing(void **state)
{
	(void)state;
	check_session(true, L2TP_ROLE_LNS, lns_outgoing_cells, COUNT(lns_outgoing_cells));
}

/* A row that no step can reach would be a lie in the table. */
static void check_rows_used(const struct fsm *fsm, unsigned states, unsigned events)
{
	for (unsigned r = 0; r < fsm->row_count; r++) {
		const struct fsm_row *row = &fsm->rows[r];

		for (unsigned s = 0; s < states; s++) {
			for (unsigned e = 0; e < events; e++) {
				if (!(row->states >> s & 1) || !(row->events >> e & 1))
					continue;
				for (unsigned before = 0; before < r; before++)
					assert_false(fsm->rows[before].states >> s & 1 &&
						     fsm->rows[before].events >> e & 1);
			}
		}
	}
}

static void test_no_cell_is_told_twice(void **state)
{
	(void)state;
	check_rows_used(&fsm_tunnel, L2TP_TUNNEL_STATE_COUNT, TUNNEL_EV_COUNT);
	for (unsigned i = 0; i < 4; i++)
		check_rows_used(fsm_session(i & 1, i & 2 ? L2TP_ROLE_LNS : L2TP_ROLE_LAC),
			L2TP_SESSION_STATE_COUNT, SESSION_EV_COUNT);
}

static void test_names(void **state)
{
	static const char *const tunnel[] = { "idle", "wait-ctl-reply", "wait-ctl-conn",
		"established", "closing" };
	static const char *const session[] = { "idle", "wait-tunnel", "wait-reply", "wait-connect",
		"wait-cs-answer", "wait-local", "established" };

	(void)state;
	for (unsigned i = 0; i < COUNT(tunnel); i++)
		assert_string_equal(l2tp_tunnel_state_name((enum l2tp_tunnel_state)i), tunnel[i]);
	for (unsigned i = 0; i < COUNT(session); i++)
		assert_string_equal(
			l2tp_session_state_name((enum l2tp_session_state)i), session[i]);
	for (unsigned i = 0; i < TUNNEL_EV_COUNT; i++)
		assert_non_null(fsm_tunnel.events[i]);
	for (unsigned i = 0; i < SESSION_EV_COUNT; i++)
		assert_non_null(fsm_session(false, L2TP_ROLE_LAC)->events[i]);
	for (unsigned i = 0; i < L2TP_DROP_COUNT; i++)
		assert_string_not_equal(l2tp_drop_name((enum l2tp_drop)i), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rfc_7_2_1_tunnel),
		cmocka_unit_test(test_rfc_7_4_1_lac_incoming),
		cmocka_unit_test(test_rfc_7_4_2_lns_incoming),
		cmocka_unit_test(test_rfc_7_5_1_lac_outgoing),
		cmocka_unit_test(test_rfc_7_5_2_lns_outgoing),
		cmocka_unit_test(test_no_cell_is_told_twice),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
