/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The state machines against fsm.golden: every cell of every table, with what RFC 2661 says of it.
 *
 * "test_fsm print" writes the cells as they are, for comparing and reviewing; what is right is
 * decided by the golden file, whose lines are written by hand.
 */
#include "core_rig.h"

#include <stdio.h>

#include "fsm.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char *const tunnel_actions[] = {
	[TUNNEL_ACT_NONE] = "nothing",
	[TUNNEL_ACT_SEND_SCCRQ] = "send SCCRQ",
	[TUNNEL_ACT_SEND_SCCRP] = "send SCCRP",
	[TUNNEL_ACT_SEND_SCCCN] = "send SCCCN, tunnel-open",
	[TUNNEL_ACT_OPENED] = "tunnel-open",
	[TUNNEL_ACT_STOP] = "send StopCCN, clean up",
	[TUNNEL_ACT_STOP_FSM] = "send StopCCN 7, clean up",
	[TUNNEL_ACT_STOPPED] = "clean up",
	[TUNNEL_ACT_LOST] = "clean up",
	[TUNNEL_ACT_LEARN_PEER] = "send StopCCN again",
	[TUNNEL_ACT_DISCARD] = "clean up silently",
	[TUNNEL_ACT_GIVE_WAY] = "clean up, StopCCN once",
	[TUNNEL_ACT_GONE] = "forget",
};

static const char *const session_actions[] = {
	[SESSION_ACT_NONE] = "nothing",
	[SESSION_ACT_SEND_ICRQ] = "send ICRQ",
	[SESSION_ACT_SEND_OCRQ] = "send OCRQ",
	[SESSION_ACT_OFFER] = "ask policy",
	[SESSION_ACT_CREATE] = "make kernel session",
	[SESSION_ACT_SEND_ICRP] = "send ICRP",
	[SESSION_ACT_SEND_ICCN] = "send ICCN, up",
	[SESSION_ACT_SEND_OCRP_CREATE] = "send OCRP, make kernel session",
	[SESSION_ACT_SEND_OCCN] = "send OCCN, up",
	[SESSION_ACT_UP] = "up",
	[SESSION_ACT_ACCM] = "pass on ACCM",
	[SESSION_ACT_ERRORS] = "pass on call errors",
	[SESSION_ACT_CDN] = "send CDN, clean up",
	[SESSION_ACT_CDN_FSM] = "send CDN 2/6, clean up",
	[SESSION_ACT_DOWN] = "clean up",
};

struct table {
	const char *name;
	const struct fsm *fsm;
	unsigned states, events;
	unsigned reached; /* bits of states that can be reached from idle */
	const char *const *actions;
};

static struct table tables[5];

static bool is_reached(unsigned table, unsigned state)
{
	return tables[table].reached >> state & 1;
}

static void set_tables(void)
{
	static const char *const names[2][2] = {
		[false] = { [L2TP_ROLE_LAC] = "LAC incoming", [L2TP_ROLE_LNS] = "LNS incoming" },
		[true] = { [L2TP_ROLE_LAC] = "LAC outgoing", [L2TP_ROLE_LNS] = "LNS outgoing" },
	};
	unsigned n = 0;

	tables[n++] = (struct table){ "tunnel", &fsm_tunnel, L2TP_TUNNEL_STATE_COUNT,
		TUNNEL_EV_COUNT, 0, tunnel_actions };
	for (unsigned outgoing = 0; outgoing < 2; outgoing++)
		for (unsigned role = L2TP_ROLE_LAC; role <= L2TP_ROLE_LNS; role++)
			tables[n++] = (struct table){ names[outgoing][role],
				fsm_session(outgoing, (enum l2tp_role)role),
				L2TP_SESSION_STATE_COUNT, SESSION_EV_COUNT, 0, session_actions };
}

static unsigned reach(const struct table *table)
{
	unsigned reached = 1, before;

	do {
		before = reached;
		for (unsigned s = 0; s < table->states; s++) {
			for (unsigned e = 0; (reached >> s & 1) && e < table->events; e++) {
				struct fsm_state at = { .now = (uint8_t)s };
				struct fsm_result step;

				fsm_step(table->fsm, &at, e, 0, &step);
				reached |= 1u << at.now;
			}
		}
	} while (reached != before);
	return reached;
}

/* "tunnel | idle | open | send SCCRQ | wait-ctl-reply" */
static void describe(
	const struct table *table, unsigned state, unsigned event, char *buf, size_t size)
{
	struct fsm_state at = { .now = (uint8_t)state, .since = 1 };
	const char *from = table->fsm->state_name(state), *name = table->fsm->events[event];
	struct fsm_result step = { 0 };
	bool stepped = fsm_step(table->fsm, &at, event, 9, &step);

	snprintf(buf, size, "%s | %s | %s | %s | %s", table->name, from, name,
		stepped ? table->actions[step.action] : "-",
		stepped ? table->fsm->state_name(at.now) : from);
	if (!stepped) {
		assert_int_equal(at.now, state);
		assert_int_equal(at.since, 1);
		return;
	}
	assert_int_equal(step.moved, state != at.now);
	assert_int_equal(at.since, step.moved ? 9 : 1);
	assert_string_equal(step.from, from);
	assert_string_equal(step.event, name);
	assert_string_equal(step.to, table->fsm->state_name(at.now));
}

static void print_all(void)
{
	char line[256];

	for (unsigned t = 0; t < COUNT(tables); t++)
		for (unsigned s = 0; s < tables[t].states; s++)
			for (unsigned e = 0; is_reached(t, s) && e < tables[t].events; e++) {
				describe(&tables[t], s, e, line, sizeof(line));
				puts(line);
			}
}

/* The next line that is no comment: cut before the citation, which is *ret_source. */
static bool read_golden(FILE *file, char *line, size_t size, char **ret_source)
{
	while (fgets(line, (int)size, file)) {
		char *bar;

		line[strcspn(line, "\n")] = '\0';
		if (!line[0] || line[0] == '#')
			continue;
		bar = strrchr(line, '|');
		assert_non_null(bar);
		assert_true(bar > line && bar[-1] == ' ' && bar[1] == ' ');
		bar[-1] = '\0';
		*ret_source = bar + 2;
		return true;
	}
	return false;
}

static void test_every_cell_is_the_golden_one(void **state)
{
	char expected[512], found[256], *source;
	FILE *file = fopen(FSM_GOLDEN, "r");

	assert_non_null(file);
	for (unsigned t = 0; t < COUNT(tables); t++) {
		for (unsigned s = 0; s < tables[t].states; s++) {
			for (unsigned e = 0; is_reached(t, s) && e < tables[t].events; e++) {
				describe(&tables[t], s, e, found, sizeof(found));
				assert_true(read_golden(file, expected, sizeof(expected), &source));
				assert_string_equal(found, expected);
			}
		}
	}
	assert_false(read_golden(file, expected, sizeof(expected), &source));
	fclose(file);
}

/* "4.4.3", "7.2.1": a section of RFC 2661, with a word why where it is not the table itself */
static void test_every_golden_line_cites_the_rfc(void **state)
{
	FILE *file = fopen(FSM_GOLDEN, "r");
	char line[512], *source;

	assert_non_null(file);
	while (read_golden(file, line, sizeof(line), &source)) {
		if (!(source[0] >= '1' && source[0] <= '9' && source[1] == '.' &&
			    source[2] >= '0' && source[2] <= '9'))
			print_message("%s: %s\n", line, source);
		assert_true(source[0] >= '1' && source[0] <= '9' && source[1] == '.');
		assert_true(strlen(source) > 3);
	}
	fclose(file);
}

/* A row that an earlier one of its table covers would be a lie. */
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
	for (unsigned t = 0; t < COUNT(tables); t++)
		check_rows_used(tables[t].fsm, tables[t].states, tables[t].events);
}

static void test_names(void **state)
{
	for (unsigned t = 0; t < COUNT(tables); t++) {
		for (unsigned s = 0; s < tables[t].states; s++)
			assert_string_not_equal(tables[t].fsm->state_name(s), "unknown");
		assert_string_equal(tables[t].fsm->state_name(tables[t].states), "unknown");
		for (unsigned e = 0; e < tables[t].events; e++)
			assert_non_null(tables[t].fsm->events[e]);
	}
	for (unsigned i = 0; i < L2TP_DROP_COUNT; i++)
		assert_string_not_equal(l2tp_drop_name((enum l2tp_drop)i), "unknown");
	assert_string_equal(l2tp_drop_name((enum l2tp_drop)L2TP_DROP_COUNT), "unknown");
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_cell_is_the_golden_one),
		cmocka_unit_test(test_every_golden_line_cites_the_rfc),
		cmocka_unit_test(test_no_cell_is_told_twice),
		cmocka_unit_test(test_names),
	};

	set_tables();
	for (unsigned t = 0; t < COUNT(tables); t++)
		tables[t].reached = reach(&tables[t]);
	if (argc == 2 && strcmp(argv[1], "print") == 0) {
		print_all();
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
