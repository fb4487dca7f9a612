/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The automaton against the table of RFC 1661 4.1 as it is printed there: the letters below are a
 * copy of the RFC's cells.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ppp/automaton.h"

/* clang-format off */
static const char *const rfc[AUT_EVENT_COUNT][AUT_STATE_COUNT + 1] = {
	/*	    Initial  Starting	 Closed	      Stopped	       Closing	 Stopping  Req-Sent	Ack-Rcvd     Ack-Sent	  Opened */
	{ "up",	    "2",     "irc,scr/6", "-",	      "-",	       "-",	 "-",	   "-",		"-",	     "-",	  "-" },
	{ "down",   "-",     "-",	 "0",	      "tls/1",	       "0",	 "1",	   "1",		"1",	     "1",	  "tld/1" },
	{ "open",   "tls/1", "1",	 "irc,scr/6", "3r",	       "5r",	 "5r",	   "6",		"7",	     "8",	  "9r" },
	{ "close",  "0",     "tlf/0",	 "2",	      "2",	       "4",	 "4",	   "irc,str/4", "irc,str/4", "irc,str/4", "tld,irc,str/4" },
	{ "TO+",    "-",     "-",	 "-",	      "-",	       "str/4",	 "str/5",  "scr/6",	"scr/6",     "scr/8",	  "-" },
	{ "TO-",    "-",     "-",	 "-",	      "-",	       "tlf/2",	 "tlf/3",  "tlf/3p",	"tlf/3p",    "tlf/3p",	  "-" },
	{ "RCR+",   "-",     "-",	 "sta/2",     "irc,scr,sca/8", "4",	 "5",	   "sca/8",	"sca,tlu/9", "sca/8",	  "tld,scr,sca/8" },
	{ "RCR-",   "-",     "-",	 "sta/2",     "irc,scr,scn/6", "4",	 "5",	   "scn/6",	"scn/7",     "scn/6",	  "tld,scr,scn/6" },
	{ "RCA",    "-",     "-",	 "sta/2",     "sta/3",	       "4",	 "5",	   "irc/7",	"scr/6x",    "irc,tlu/9", "tld,scr/6x" },
	{ "RCN",    "-",     "-",	 "sta/2",     "sta/3",	       "4",	 "5",	   "irc,scr/6", "scr/6x",    "irc,scr/8", "tld,scr/6x" },
	{ "RTR",    "-",     "-",	 "sta/2",     "sta/3",	       "sta/4",	 "sta/5",  "sta/6",	"sta/6",     "sta/6",	  "tld,zrc,sta/5" },
	{ "RTA",    "-",     "-",	 "2",	      "3",	       "tlf/2",	 "tlf/3",  "6",		"6",	     "8",	  "tld,scr/6" },
	{ "RUC",    "-",     "-",	 "scj/2",     "scj/3",	       "scj/4",	 "scj/5",  "scj/6",	"scj/7",     "scj/8",	  "scj/9" },
	{ "RXJ+",   "-",     "-",	 "2",	      "3",	       "4",	 "5",	   "6",		"6",	     "8",	  "9" },
	{ "RXJ-",   "-",     "-",	 "tlf/2",     "tlf/3",	       "tlf/2",	 "tlf/3",  "tlf/3",	"tlf/3",     "tlf/3",	  "tld,irc,str/5" },
	{ "RXR",    "-",     "-",	 "2",	      "3",	       "4",	 "5",	   "6",		"7",	     "8",	  "ser/9" },
};

static const struct {
	const char *name;
	unsigned action;
} words[] = {
	{ "tld", AUT_TLD }, { "tls", AUT_TLS }, { "irc", AUT_IRC }, { "zrc", AUT_ZRC }, { "scr", AUT_SCR },
	{ "str", AUT_STR }, { "sca", AUT_SCA }, { "scn", AUT_SCN }, { "sta", AUT_STA }, { "scj", AUT_SCJ },
	{ "ser", AUT_SER }, { "tlu", AUT_TLU }, { "tlf", AUT_TLF },
};
/* clang-format on */

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* "irc,scr/6", "3r" */
static void read_cell(const char *cell, unsigned *actions, unsigned *next)
{
	const char *slash = strchr(cell, '/');

	*actions = 0;
	*next = (unsigned)strtoul(slash ? slash + 1 : cell, NULL, 10);
	for (const char *at = cell; slash && at < slash; at += 4) {
		unsigned before = *actions;

		for (unsigned w = 0; w < COUNT(words); w++)
			if (strncmp(at, words[w].name, 3) == 0)
				*actions |= words[w].action;
		assert_int_not_equal(*actions, before);
	}
}

static void test_every_cell_is_the_rfcs(void **state)
{
	for (unsigned e = 0; e < AUT_EVENT_COUNT; e++) {
		assert_string_equal(automaton_event_name((enum automaton_event)e), rfc[e][0]);
		for (unsigned s = 0; s < AUT_STATE_COUNT; s++) {
			enum automaton_state at = (enum automaton_state)s;
			unsigned actions = 4711, wanted, next;

			if (strcmp(rfc[e][s + 1], "-") == 0) {
				assert_false(
					automaton_step(&at, (enum automaton_event)e, &actions));
				assert_int_equal(at, s);
				assert_int_equal(actions, 4711);
				continue;
			}
			read_cell(rfc[e][s + 1], &wanted, &next);
			assert_true(automaton_step(&at, (enum automaton_event)e, &actions));
			if (at != next || actions != wanted)
				print_message("%s in %s\n", rfc[e][0],
					automaton_state_name((enum automaton_state)s));
			assert_int_equal(at, next);
			assert_int_equal(actions, wanted);
		}
	}
}

static void test_timer_runs_where_timeouts_are_legal(void **state)
{
	for (unsigned s = 0; s < AUT_STATE_COUNT; s++)
		assert_int_equal(automaton_timer_runs((enum automaton_state)s),
			strcmp(rfc[AUT_EV_TO_PLUS][s + 1], "-") != 0);
}

static void test_names(void **state)
{
	static const char *const names[] = { "initial", "starting", "closed", "stopped", "closing",
		"stopping", "req-sent", "ack-rcvd", "ack-sent", "opened", "unknown" };

	for (unsigned s = 0; s <= AUT_STATE_COUNT; s++)
		assert_string_equal(automaton_state_name((enum automaton_state)s), names[s]);
	assert_string_equal(automaton_event_name((enum automaton_event)AUT_EVENT_COUNT), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_cell_is_the_rfcs),
		cmocka_unit_test(test_timer_runs_where_timeouts_are_legal),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
