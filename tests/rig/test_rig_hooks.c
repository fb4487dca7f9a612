/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is there when a call is up, beside the call: routes, a name, programs. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <l2tpd/ctl.h>

#include "daemon/attach/ppp.h"
#include "daemon_rig.h"
#include "fake_program.h"
#include "version.h"

#define OFFICE                                                                                     \
	"[link office]\npeer = 198.51.100.1\noriginate = yes\nppp = p\nup = /bin/up\n"             \
	"down = /bin/down\n"
#define PROFILE "[ppp p]\nuser = alice\npassword = x\nusepeerdns = yes\n"
#define SERVER                                                                                     \
	"[link dialin]\nincoming = yes\nppp = s\nup = /bin/up\ndown = /bin/down\n"                 \
	"[ppp s]\naddress = 10.64.0.1\npool = 10.64.0.0-10.64.255.255\n"

static void comes_up(struct rig *rig)
{
	struct plugin_msg up = { .type = PLUGIN_IP_UP, .ip = { .mtu = 1400, .mru = 1400 } };

	snprintf(up.ip.ifname, sizeof(up.ip.ifname), "ppp7");
	up.ip.ifindex = 1007;
	up.ip.local = htonl(0x0a400009);
	up.ip.remote = htonl(0x0a400001);
	up.ip.dns1 = htonl(0x0a400035);
	pppd_says(machine_pppd(), &up);
	rig_pump(rig);
}

static void opens(struct rig *rig, const char *config)
{
	assert_int_equal(rig_start(rig, config), 0);
	machine.pppd_mode = PPPD_SILENT;
	rig_peer(rig, "198.51.100.1");
	json_decref(rig_exchange(rig, CTL_OPEN, "{\"link\":\"office\",\"wait\":false}"));
	rig_run(rig, USEC_PER_SEC);
	comes_up(rig);
}

static void closes(struct rig *rig)
{
	json_decref(rig_exchange(rig, CTL_CLOSE, "{\"target\":\"office\"}"));
	rig_run(rig, 5 * USEC_PER_SEC);
}

static void assert_env(const struct program *program, const char *name, const char *value)
{
	const char *have = fake_program_env(program, name);

	assert_string_equal(have ? have : "(not there)", value);
}

static void test_up_and_down(void **state)
{
	struct program *program;
	struct rig rig;

	opens(&rig, OFFICE PROFILE);
	program = fake_program(0);
	assert_non_null(program);
	assert_string_equal(program->path, "/bin/up");
	assert_int_equal(program->seconds, 30);
	assert_env(program, "L2TP_EVENT", "up");
	assert_env(program, "L2TP_LINK", "office");
	assert_env(program, "L2TP_PEER", "198.51.100.1");
	assert_env(program, "L2TP_CALL", "outgoing");
	assert_env(program, "L2TP_USER", "alice");
	assert_env(program, "IFNAME", "ppp7");
	assert_env(program, "MTU", "1400");
	assert_env(program, "IPLOCAL", "10.64.0.9");
	assert_env(program, "IPREMOTE", "10.64.0.1");
	assert_env(program, "DNS1", "10.64.0.53");
	assert_null(fake_program_env(program, "DNS2"));
	assert_null(fake_program_env(program, "L2TP_REASON"));
	/* nobody waits for it, and what comes next does */
	closes(&rig);
	assert_null(fake_program(1));
	assert_int_equal(rig_calls(&rig), 0);
	fake_program_ends(program, 3);
	rig_pump(&rig);
	program = fake_program(0);
	assert_string_equal(program->path, "/bin/down");
	assert_env(program, "L2TP_EVENT", "down");
	assert_env(program, "IFNAME", "ppp7");
	assert_env(program, "L2TP_REASON", "closed by order");
	fake_program_ends(program, 0);
	rig_pump(&rig);
	assert_null(fake_program(0));
	rig_stop(&rig);
}

/* A call that never was up has neither. */
static void test_failed_call(void **state)
{
	struct rig rig;

	assert_int_equal(rig_start(&rig, OFFICE PROFILE), 0);
	machine.pppd_mode = PPPD_EXITS;
	machine.pppd_status = 19;
	rig_peer(&rig, "198.51.100.1");
	json_decref(rig_exchange(&rig, CTL_OPEN, "{\"link\":\"office\",\"wait\":false}"));
	rig_run(&rig, 5 * USEC_PER_SEC);
	assert_null(fake_program(0));
	rig_stop(&rig);
}

/* What the configuration said when the call came up counts, also for a link that is gone. */
static void test_reload_between(void **state)
{
	struct rig rig;

	opens(&rig, OFFICE PROFILE);
	fake_program_ends(fake_program(0), 0);
	rig_pump(&rig);
	rig_reload(&rig, PROFILE);
	rig_run(&rig, 5 * USEC_PER_SEC);
	assert_non_null(fake_program(0));
	assert_string_equal(fake_program(0)->path, "/bin/down");
	fake_program_ends(fake_program(0), 0);
	rig_stop(&rig);
}

/* So many at once; of one call one after another. */
static void test_many(void **state)
{
	struct rig_peer *peer;
	struct rig rig;

	assert_int_equal(rig_start(&rig, SERVER), 0);
	machine.pppd_mode = PPPD_COMES_UP;
	peer = rig_peer(&rig, "198.51.100.1");
	rig_peer_calls(&rig, peer, "192.0.2.1");
	for (unsigned i = 0; i < 11; i++)
		rig_peer_places_call(&rig, peer);
	rig_run(&rig, USEC_PER_SEC);
	assert_non_null(fake_program(7));
	assert_null(fake_program(8));
	for (unsigned i = 0; i < 12; i++) {
		assert_env(fake_program(0), "L2TP_CALL", "incoming");
		assert_env(fake_program(0), "L2TP_EVENT", "up");
		fake_program_ends(fake_program(0), 0);
		rig_pump(&rig);
	}
	assert_null(fake_program(0));
	rig_end(&rig);
}

static void test_cannot_be_started(void **state)
{
	struct rig rig;

	fake_program_error = -ENOMEM;
	opens(&rig, OFFICE PROFILE);
	fake_program_error = 0;
	assert_null(fake_program(0));
	closes(&rig);
	assert_string_equal(fake_program(0)->path, "/bin/down");
	rig_end(&rig); /* it runs to its end by itself */
}

/* The daemon's end lets them begin, and does not wait for ever. */
static void test_stop(void **state)
{
	struct rig rig;

	opens(&rig, OFFICE PROFILE);
	fake_program_ends(fake_program(0), 0);
	rig_pump(&rig);
	assert_true(rig_stop(&rig) < 8 * USEC_PER_SEC);
}

static void test_names_and_routes(void **state)
{
	struct rig rig;

	opens(&rig, OFFICE "domain = example.com lab\nroute = 10.0.0.0/8 2001:db8::/32\n"
			   "route = 192.168.7.0/24\nifname = office0\n" PROFILE);
	assert_string_equal(fake_program(0)->path, L2TPD_NAMES_PROGRAM);
	assert_env(fake_program(0), "L2TP_DOMAINS", "example.com lab");
	assert_int_equal(machine.net_routes, 2); /* IPv6 is not up */
	assert_true(pppd_has_option(machine_pppd(), "ifname office0") ||
		    pppd_has_option(machine_pppd(), "ifname \"office0\""));
	fake_program_ends(fake_program(0), 0);
	rig_pump(&rig);
	assert_string_equal(fake_program(0)->path, "/bin/up");
	fake_program_ends(fake_program(0), 0);
	closes(&rig);
	assert_string_equal(fake_program(0)->path, "/bin/down");
	fake_program_ends(fake_program(0), 0);
	rig_pump(&rig);
	assert_string_equal(fake_program(0)->path, L2TPD_NAMES_PROGRAM);
	assert_env(fake_program(0), "L2TP_EVENT", "down");
	rig_end(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_up_and_down),
		cmocka_unit_test(test_failed_call),
		cmocka_unit_test(test_reload_between),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_cannot_be_started),
		cmocka_unit_test(test_stop),
		cmocka_unit_test(test_names_and_routes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
