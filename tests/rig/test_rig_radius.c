/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calls that are forwarded as a RADIUS server says. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "config/config.h"
#include "daemon/check.h"
#include "rig_pppoe.h"

#define LNS1	  "198.51.100.1"
#define LINKS	  "[link one]\npeer = " LNS1 "\noriginate = yes\n"
#define PPPOE	  "[pppoe access]\ninterface = eth1\n"
#define BY_RADIUS PPPOE LINKS "[forward f]\nfrom = pppoe:access\nto = link:one\nradius = /r\n"

static void test_radius_chooses(void **state)
{
	struct client c = client_of(1), d = client_of(2);
	struct rig_peer *first, *second;
	struct rig rig;

	start(&rig, BY_RADIUS);
	machine.radius_tunnels[0] = "198.51.100.3";
	machine.radius_tunnels[1] = "lns.example";
	machine.names[0] = "lns.example";
	machine.resolved[0] = "198.51.100.4";
	machine.radius_secret = "from radius";
	machine.radius_interim = 60;
	machine.radius_limit = 300;
	first = rig_peer(&rig, "198.51.100.3");
	second = rig_peer(&rig, "198.51.100.4");
	first->secret = second->secret = "from radius";
	client_calls(&rig, &c);
	assert_string_equal(machine.radius_user, "020000000101");
	assert_int_equal(first->sessions_up, 1);
	assert_int_equal(machine.radius_records[RADIUS_START], 1);
	first->refuse_call = L2TP_CDN_BUSY;
	client_calls(&rig, &d);
	assert_int_equal(second->sessions_up, 1);
	rig_run(&rig, 130 * USEC_PER_SEC);
	assert_int_equal(machine.radius_records[RADIUS_INTERIM], 4);
	client_says(&rig, &c, PPPOE_PADT);
	rig_run(&rig, USEC_PER_SEC);
	assert_int_equal(machine.radius_records[RADIUS_STOP], 1);
	assert_int_equal(machine.radius_cause, RADIUS_CAUSE_USER_REQUEST);
	rig_run(&rig, 200 * USEC_PER_SEC);
	assert_int_equal(second->sessions_down, 1);
	assert_int_equal(machine.radius_records[RADIUS_STOP], 2);
	assert_int_equal(machine.radius_cause, RADIUS_CAUSE_SESSION_TIMEOUT);
	rig_stop(&rig);
}

/* --check opens what a call would. */
static void test_check_opens_the_file(void **state)
{
	struct config_errors errors = { 0 };
	struct rig rig;

	start(&rig, BY_RADIUS);
	check_radius(rig.d.config, &errors);
	assert_int_equal(errors.len, 1);
	assert_non_null(strstr(errors.text[0], "l2tpd.conf:6: [forward f]: radius: /r: cannot be "
					       "read: No such file or directory"));
	config_errors_free(&errors);
	rig_stop(&rig);
}

static void test_radius_says_no(void **state)
{
	static const enum radius_verdict verdicts[] = { RADIUS_REJECTED, RADIUS_UNANSWERED };

	for (int i = 0; i < 3; i++) {
		struct client c = client_of(1);
		struct rig rig;

		start(&rig, BY_RADIUS);
		rig_peer(&rig, LNS1);
		if (i == 2) {
			machine.radius_error = -ENOENT;
			rig_reload(&rig, BY_RADIUS);
		} else {
			machine.radius_verdict = verdicts[i];
		}
		client_asks(&rig, &c);
		rig_run(&rig, USEC_PER_SEC);
		client_hears(&c);
		assert_int_equal(c.code, PPPOE_PADS);
		assert_int_equal(c.sid, 0);
		assert_non_null(strstr(c.text, i ? "RADIUS" : "not accepted"));
		rig_stop(&rig);
	}
}

/* It may leave the choice to us. */
static void test_radius_leaves_it(void **state)
{
	struct client c = client_of(1);
	struct rig_peer *lns;
	struct rig rig;

	start(&rig, BY_RADIUS);
	lns = rig_peer(&rig, LNS1);
	client_calls(&rig, &c);
	assert_int_equal(lns->sessions_up, 1);
	machine.radius_patience = 1;
	rig_reload(&rig, BY_RADIUS);
	assert_int_equal(machine.radius_patience, 0); /* a reload waits for no server */
	rig_reload(&rig, LINKS);
	rig_run(&rig, USEC_PER_SEC);
	assert_int_equal(lns->sessions_down, 1);
	rig_stop(&rig);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(test_radius_chooses),
	cmocka_unit_test(test_check_opens_the_file),
	cmocka_unit_test(test_radius_says_no),
	cmocka_unit_test(test_radius_leaves_it),
};

int main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
