/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What peers that have proved nothing may cost: pppds, lines of the log, turns of the loop. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <l2tpd/ctl.h>

#include "daemon/attach/ppp.h"
#include "daemon/limits.h"
#include "daemon_rig.h"
#include "rig_log.h"

#define SERVER                                                                                     \
	"[link dialin]\nincoming = yes\nppp = p\nmax-starting = 4\n"                               \
	"[ppp p]\naddress = 10.64.0.1\npool = 10.64.0.0-10.64.255.255\n"                           \
	"[daemon]\npppd-at-once = 1000\n"
#define MACHINE "192.0.2.1"

static int64_t counter(struct rig *rig, const char *object, const char *name)
{
	json_t *reply = rig_exchange(rig, CTL_GET_COUNTERS, "{}");
	json_t *counters = json_object_get(json_object_get(reply, "parameters"), "counters");
	int64_t value =
		json_integer_value(json_object_get(json_object_get(counters, object), name));

	json_decref(reply);
	return value;
}

/* A call whose pppd says nothing; the call. */
static struct call *silent_call(struct rig *rig, const char *from)
{
	machine.pppd_mode = PPPD_SILENT;
	rig_peer_calls(rig, rig_peer(rig, from), MACHINE);
	return rig_call(rig, "dialin");
}

/* So many in one tunnel. */
static void silent_calls(struct rig *rig, const char *from, unsigned n)
{
	struct rig_peer *peer = rig_peer(rig, from);

	machine.pppd_mode = PPPD_SILENT;
	rig_peer_calls(rig, peer, MACHINE);
	while (--n)
		rig_peer_places_call(rig, peer);
}

static unsigned pppds(void)
{
	struct fake_pppd *pppd;
	unsigned n = 0;

	TAILQ_FOREACH (pppd, &machine.pppds, entry)
		n += !pppd->terminated;
	return n;
}

/* --- calls that never log in (attacks.md 5) --- */

static void test_one_that_says_nothing(void **state)
{
	struct rig rig;
	struct rig_peer *stranger;
	struct call *honest;

	assert_int_equal(rig_start(&rig, SERVER), 0);
	honest = silent_call(&rig, "203.0.113.7");
	stranger = rig_peer(&rig, "198.51.100.9");
	rig_peer_calls(&rig, stranger, MACHINE);
	for (unsigned i = 0; i < 40; i++)
		rig_peer_places_call(&rig, stranger);
	/* those that gave way say goodbye, and as long as there are so many the rest waits */
	assert_int_equal(pppds(), 4);
	assert_int_equal(machine.spawned, 4 + 4);
	assert_int_equal(counter(&rig, "gave_way", "starting"), 4);
	rig_run(&rig, 50 * USEC_PER_SEC);
	assert_int_equal(machine.spawned, 42);
	assert_int_equal(pppds(), 4);
	assert_int_equal(honest->state, CALL_PPP);
	assert_int_equal(counter(&rig, "gave_way", "starting"), 38);
	rig_run(&rig, 5 * USEC_PER_SEC);
	assert_int_equal(stranger->sessions_down, 38);
	assert_int_equal(stranger->last.result, L2TP_CDN_NO_FACILITY_TEMP);
	assert_string_equal(stranger->last.text,
		"gave way to a newer call: too many have not logged in (max-starting)");
	rig_stop(&rig);
}

/* From many networks: the oldest of all gives way. */
static void test_many_that_say_nothing(void **state)
{
	struct rig rig;
	struct call *first;
	char from[32];

	assert_int_equal(rig_start(&rig, SERVER), 0);
	first = silent_call(&rig, "198.51.100.1");
	for (unsigned i = 2; i < 5; i++) {
		snprintf(from, sizeof(from), "203.0.%u.1", i);
		silent_call(&rig, from);
		assert_int_equal(first->state, CALL_PPP);
	}
	silent_call(&rig, "203.0.99.1");
	assert_int_equal(first->state, CALL_ENDING);
	assert_int_equal(pppds(), 4);
	rig_stop(&rig);
}

/* Silent ones of many networks, and honest ones that come out of one, behind a router. */
static void test_silent_ones_give_way(void **state)
{
	struct call *honest[3];
	struct rig rig;
	char from[32];

	assert_int_equal(rig_start(&rig, SERVER), 0);
	silent_call(&rig, "203.0.1.1");
	rig_run(&rig, 6 * USEC_PER_SEC);
	for (unsigned i = 0; i < 3; i++) {
		honest[i] = silent_call(&rig, "198.51.100.1");
		pppd_says_text(machine_pppd(), PLUGIN_PHASE, 5, "authenticate");
		rig_pump(&rig);
	}
	for (unsigned i = 2; i < 8; i++) {
		snprintf(from, sizeof(from), "203.0.%u.1", i);
		silent_call(&rig, from);
		rig_run(&rig, 6 * USEC_PER_SEC);
	}
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(honest[i]->state, CALL_PPP);
	assert_int_equal(pppds(), 4);
	rig_stop(&rig);
}

/* Who has logged in, or carries IP, is not counted, and neither is a call of ours. */
static void test_logged_in_stays(void **state)
{
	struct call *user, *up;
	struct rig rig;

	assert_int_equal(
		rig_start(&rig, SERVER "[link out]\noriginate = yes\npeer = 198.51.100.1\nppp = p\n"
				       "max-starting = 1\n"),
		0);
	user = silent_call(&rig, "198.51.100.9");
	pppd_says_text(machine_pppd(), PLUGIN_AUTH_UP, 0, "bob");
	rig_pump(&rig);
	up = silent_call(&rig, "198.51.100.10");
	pppd_comes_up(machine_pppd(), "10.64.0.1", "10.64.0.9");
	rig_pump(&rig);
	silent_calls(&rig, "198.51.100.11", 10);
	assert_int_equal(user->state, CALL_PPP);
	assert_int_equal(up->state, CALL_UP);
	assert_int_equal(pppds(), 2 + 4);
	rig_peer(&rig, "198.51.100.1");
	for (unsigned i = 0; i < 2; i++) {
		json_decref(rig_exchange(&rig, CTL_OPEN, "{\"link\":\"out\",\"wait\":false}"));
		rig_run(&rig, USEC_PER_SEC);
	}
	assert_int_equal(rig_call(&rig, "out")->state, CALL_PPP);
	rig_stop(&rig);
}

static void test_no_limit(void **state)
{
	struct rig rig;

	assert_int_equal(rig_start(&rig, "[link dialin]\nincoming = yes\nppp = p\n"
					 "max-starting = 0\n[ppp p]\n"
					 "[daemon]\npppd-at-once = 1000\n"),
		0);
	silent_calls(&rig, "198.51.100.11", 10);
	assert_int_equal(pppds(), 10);
	rig_stop(&rig);
}

/* --- the kernel (attacks.md 4) --- */

/* A tunnel that carries nothing costs the kernel nothing. */
static void test_kernel_tunnel_with_the_first_call(void **state)
{
	struct rig_peer *peer;
	struct rig rig;

	assert_int_equal(rig_start(&rig, SERVER), 0);
	peer = rig_peer(&rig, "198.51.100.9");
	assert_true(rig_peer_opens_tunnel(peer, MACHINE) > 0);
	rig_pump(&rig);
	rig_run(&rig, USEC_PER_SEC);
	assert_int_equal(peer->tunnels_up, 1);
	assert_int_equal(machine.kernel_tunnels, 0);
	rig_peer_places_call(&rig, peer);
	assert_int_equal(machine.kernel_tunnels, 1);
	assert_int_equal(machine.kernel_sessions, 1);
	rig_peer_places_call(&rig, peer);
	assert_int_equal(machine.kernel_tunnels, 1);
	assert_int_equal(machine.kernel_sessions, 2);
	rig_stop(&rig);
}

/* --- descriptors (attacks.md 2) --- */

static void test_no_more_than_descriptors(void **state)
{
	static const struct {
		unsigned tunnels, calls, files, ret_tunnels, ret_calls;
	} rows[] = {
		{ 20000, 60000, 262144, 20000, 60000 },
		{ 20000, 60000, 200064, 20000, 60000 },
		{ 20000, 60000, 200063, 20000, 59999 },
		{ 20000, 60000, 1024, 240, 240 },
		{ 10, 60000, 1024, 10, 316 },
		{ 20000, 60000, 64, 1, 1 },
		{ 20000, 60000, 10, 1, 1 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct l2tp_limits limits = L2TP_LIMITS_DEFAULT;

		limits.max[L2TP_LIMIT_TUNNELS][L2TP_SCOPE_ALL] = rows[i].tunnels;
		limits.max[L2TP_LIMIT_CALLS][L2TP_SCOPE_ALL] = rows[i].calls;
		assert_int_equal(limits_clamp(&limits, rows[i].files),
			rows[i].tunnels != rows[i].ret_tunnels ||
				rows[i].calls != rows[i].ret_calls);
		assert_int_equal(
			limits.max[L2TP_LIMIT_TUNNELS][L2TP_SCOPE_ALL], rows[i].ret_tunnels);
		assert_int_equal(limits.max[L2TP_LIMIT_CALLS][L2TP_SCOPE_ALL], rows[i].ret_calls);
	}
}

/* --- the log (attacks.md 14) --- */

/* Calls and tunnels that come and go, 30 a second for a minute: under 100 lines, and a sum. */
static void test_log_of_strangers(void **state)
{
	struct rig_peer *stranger, *honest;
	unsigned lines;
	struct rig rig;

	assert_int_equal(rig_start(&rig, SERVER), 0);
	honest = rig_peer(&rig, "203.0.113.7");
	rig_log_begin();
	stranger = rig_peer(&rig, "198.51.100.9");
	machine.pppd_mode = PPPD_SILENT;
	rig_peer_calls(&rig, stranger, MACHINE);
	for (unsigned i = 0; i < 30 * 60; i++) {
		struct l2tp_reason reason = { .who = L2TP_WHO_LOCAL, .result = L2TP_CDN_ADMIN };

		rig_peer_places_call(&rig, stranger);
		l2tp_core_close_session(
			stranger->core, daemon_now(&rig.d), stranger->tid, stranger->sid, &reason);
		rig_run(&rig, USEC_PER_SEC / 30);
	}
	lines = rig_log_lines();
	assert_true(lines < 100);
	/* whoever proves something is in it with every word */
	machine.pppd_mode = PPPD_COMES_UP;
	rig_peer_calls(&rig, honest, MACHINE);
	assert_true(rig_log_has("is up, "));
	rig_run(&rig, 61 * USEC_PER_SEC);
	assert_true(rig_log_has("more lines about peers that had proved nothing were not written"));
	rig_log_end();
	rig_stop(&rig);
}

/* --- the loop (attacks.md 10, 12) --- */

/*
 * Everything at once, and no turn of the loop takes 50 ms, as rig_end() sees to: requests of many,
 * with a link whose own address is that of an interface; calls that come and go; the network.
 */
static void test_no_long_turn(void **state)
{
	struct monitor_event change = { .type = MONITOR_ADDR, .ifindex = 2 };
	struct rig_peer *peers[20];
	struct rig rig;
	char addr[32];

	assert_int_equal(rig_start(&rig, "[link a]\nincoming = yes\nself = eth0\nppp = p\n"
					 "[link b]\nincoming = yes\nself = eth0 1702\nppp = p\n"
					 "[ppp p]\n[daemon]\npppd-at-once = 1000\n"),
		0);
	strcpy(machine.addrs[0].ifname, "eth0");
	assert_int_equal(l2tp_addr_parse(MACHINE, 0, &machine.addrs[0].addr), 0);
	change.local = machine.addrs[0].addr;
	machine_changes(&change);
	rig_run(&rig, USEC_PER_SEC);
	machine.pppd_mode = PPPD_COMES_UP;
	for (unsigned i = 0; i < 20; i++) {
		snprintf(addr, sizeof(addr), "198.51.%u.1", i);
		peers[i] = rig_peer(&rig, addr);
		rig_peer_opens(peers[i], MACHINE);
	}
	rig_pump(&rig);
	for (unsigned i = 0; i < 200; i++) {
		rig_peer_places_call(&rig, peers[i % 20]);
		if (i % 10 == 0)
			machine_changes(&change);
	}
	assert_true(machine.kernel_sessions >= 200);
	for (unsigned i = 0; i < 20; i++) {
		struct l2tp_reason reason = { .stopccn = true, .result = L2TP_STOPCCN_SHUTDOWN };

		l2tp_core_close_tunnel(peers[i]->core, daemon_now(&rig.d), peers[i]->tid, &reason);
	}
	rig_run(&rig, 10 * USEC_PER_SEC);
	assert_true(fake_longest > 0);
	rig_stop(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_that_says_nothing),
		cmocka_unit_test(test_many_that_say_nothing),
		cmocka_unit_test(test_silent_ones_give_way),
		cmocka_unit_test(test_logged_in_stays),
		cmocka_unit_test(test_no_limit),
		cmocka_unit_test(test_kernel_tunnel_with_the_first_call),
		cmocka_unit_test(test_no_more_than_descriptors),
		cmocka_unit_test(test_log_of_strangers),
		cmocka_unit_test(test_no_long_turn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
