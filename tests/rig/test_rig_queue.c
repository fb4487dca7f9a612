/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Only so many calls start their pppds at once; the others wait for their turn. */
#include <setjmp.h>
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <l2tpd/ctl.h>

#include "daemon/attach/ppp.h"
#include "daemon/reactor.h"
#include "daemon_rig.h"

#define LINK "[link dialin]\nincoming = yes\nppp = p\n"
#define SERVER                                                                                     \
	LINK "setup-timeout = 5\n"                                                                 \
	     "[ppp p]\naddress = 10.64.0.1\npool = 10.64.0.0-10.64.255.255\n"
#define AT_ONCE(n) "[daemon]\npppd-at-once = " #n "\n"

/* A server with this much at once, and a peer with so many calls in one tunnel. */
static struct rig_peer *start(struct rig *rig, const char *config, unsigned calls)
{
	struct rig_peer *peer;

	assert_int_equal(rig_start(rig, config), 0);
	machine.pppd_mode = PPPD_SILENT;
	peer = rig_peer(rig, "198.51.100.9");
	rig_peer_calls(rig, peer, "192.0.2.1");
	while (--calls)
		rig_peer_places_call(rig, peer);
	return peer;
}

static void comes_up(struct rig *rig)
{
	pppd_comes_up(machine_pppd(), "10.64.0.1", "10.64.0.9");
	rig_pump(rig);
}

static bool newest_is_of(const char *number)
{
	char plain[64], quoted[64];

	snprintf(plain, sizeof(plain), "remotenumber %s", number);
	snprintf(quoted, sizeof(quoted), "remotenumber \"%s\"", number);
	return pppd_has_option(machine_pppd(), plain) || pppd_has_option(machine_pppd(), quoted);
}

/* A call of the rig that has no pppd yet. */
static struct call *one_that_waits(struct rig *rig)
{
	struct call *call;

	LIST_FOREACH (call, &rig_link(rig, "dialin")->owner.calls, of_owner) {
		const struct ppp *ppp = call->attached;

		if (ppp && ppp->turn == PPP_WAITS)
			return call;
	}
	return NULL;
}

/* --- turns --- */

static void test_so_many_at_once(void **state)
{
	struct rig rig;

	start(&rig, AT_ONCE(2) SERVER, 5);
	assert_int_equal(machine.kernel_sessions, 5);
	assert_int_equal(machine.spawned, 2);
	comes_up(&rig);
	assert_int_equal(machine.spawned, 3);
	/* one that ends leaves its place as well */
	pppd_exits(rig.d.event, machine_pppd(), 10);
	rig_pump(&rig);
	assert_int_equal(machine.spawned, 4);
	comes_up(&rig);
	assert_int_equal(machine.spawned, 5);
	rig_stop(&rig);
}

/* 8, on a machine with one processor */
static void test_as_the_machine_carries(void **state)
{
	struct rig rig;

	start(&rig, SERVER, 20);
	assert_int_equal(machine.spawned, 8);
	rig_stop(&rig);
}

/* A call of another tunnel does not wait for all of one that has many. */
static void test_tunnels_take_turns(void **state)
{
	static const char *const order[] = { "many", "few", "many", "many", "many" };
	struct rig rig;
	struct rig_peer *peer;

	start(&rig, AT_ONCE(1) SERVER, 1);
	peer = rig_peer(&rig, "198.51.100.10");
	peer->call_params.calling = "many";
	rig_peer_calls(&rig, peer, "192.0.2.1");
	for (unsigned i = 1; i < 4; i++)
		rig_peer_places_call(&rig, peer);
	peer = rig_peer(&rig, "198.51.100.11");
	peer->call_params.calling = "few";
	rig_peer_calls(&rig, peer, "192.0.2.1");
	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		comes_up(&rig);
		assert_int_equal(machine.spawned, i + 2);
		assert_true(newest_is_of(order[i]));
	}
	assert_null(one_that_waits(&rig));
	rig_stop(&rig);
}

/* In one tunnel: first come, first served. */
static void test_order(void **state)
{
	static const char *const numbers[] = { "1", "2", "3", "4" };
	struct rig rig;
	struct rig_peer *peer = start(&rig, AT_ONCE(1) SERVER, 1);

	for (unsigned i = 0; i < 4; i++) {
		peer->call_params.calling = numbers[i];
		rig_peer_places_call(&rig, peer);
	}
	for (unsigned i = 0; i < 4; i++) {
		comes_up(&rig);
		assert_true(newest_is_of(numbers[i]));
	}
	rig_stop(&rig);
}

/* Peers that say nothing do not keep the others waiting. */
static void test_silent_peers(void **state)
{
	struct rig rig;

	start(&rig, AT_ONCE(2) SERVER, 7);
	rig_run(&rig, USEC_PER_SEC / 2);
	assert_int_equal(machine.spawned, 2);
	rig_run(&rig, USEC_PER_SEC);
	assert_int_equal(machine.spawned, 4);
	rig_run(&rig, 2 * USEC_PER_SEC + USEC_PER_SEC / 2);
	assert_int_equal(machine.spawned, 7);
	rig_stop(&rig);
}

/* Nor do those that talk without end. */
static void test_talkers(void **state)
{
	struct rig rig;
	struct fake_pppd *first;

	start(&rig, AT_ONCE(1) LINK "[ppp p]\naddress = 10.64.0.1\n", 2);
	first = machine_pppd();
	for (unsigned i = 0; i < 18; i++) {
		rig_run(&rig, USEC_PER_SEC / 2);
		pppd_says_text(first, PLUGIN_PHASE, 5, "authenticate");
	}
	assert_int_equal(machine.spawned, 1);
	for (unsigned i = 0; i < 4; i++) {
		rig_run(&rig, USEC_PER_SEC / 2);
		pppd_says_text(first, PLUGIN_PHASE, 5, "authenticate");
	}
	assert_int_equal(machine.spawned, 2);
	rig_stop(&rig);
}

/* --- ends --- */

static void test_end_while_waiting(void **state)
{
	for (unsigned who = 0; who < 3; who++) {
		struct rig rig;
		struct rig_peer *peer = start(&rig, AT_ONCE(1) SERVER, 3);
		struct call *call = one_that_waits(&rig);

		if (who == 0)
			call_close(call, "closed");
		else if (who == 1)
			l2tp_core_close_session(peer->core, fake_now, peer->tid, call->peer_sid,
				&(struct l2tp_reason){ .result = L2TP_CDN_ADMIN });
		else
			l2tp_core_close_tunnel(peer->core, fake_now, peer->tid,
				&(struct l2tp_reason){ .stopccn = true, .result = 1 });
		rig_run(&rig, USEC_PER_SEC / 10);
		assert_int_equal(rig_calls(&rig), who == 2 ? 0 : 2);
		if (who == 0) {
			assert_int_equal(peer->sessions_down, 1);
			assert_int_equal(peer->last.result, L2TP_CDN_ADMIN);
			assert_string_equal(rig_link(&rig, "dialin")->last_down->text, "closed");
		}
		assert_int_equal(machine.spawned, 1);
		rig_run(&rig, 3 * USEC_PER_SEC);
		assert_int_equal(machine.spawned, who == 2 ? 1 : 2);
		rig_stop(&rig);
	}
}

static void test_stop_while_waiting(void **state)
{
	struct rig rig;
	struct rig_peer *peer = start(&rig, AT_ONCE(1) SERVER, 30);

	reactor_stop(&rig.d);
	rig_run(&rig, USEC_PER_SEC);
	assert_int_equal(peer->sessions_down, 30);
	assert_int_equal(machine.spawned, 1);
	rig_end(&rig);
	/* and at once */
	start(&rig, AT_ONCE(1) SERVER, 30);
	rig_end(&rig);
}

/* The time counts from the session on, not from the turn. */
static void test_setup_timeout(void **state)
{
	struct rig rig;
	struct rig_peer *peer = start(&rig, AT_ONCE(1) LINK "[ppp p]\naddress = 10.64.0.1\n", 1);
	struct fake_pppd *first = machine_pppd();

	rig_reload(&rig, AT_ONCE(1) SERVER);
	rig_peer_places_call(&rig, peer);
	for (unsigned i = 0; i < 12; i++) {
		rig_run(&rig, USEC_PER_SEC / 2);
		pppd_says_text(first, PLUGIN_PHASE, 5, "authenticate");
	}
	assert_int_equal(peer->sessions_down, 1);
	assert_int_equal(machine.spawned, 1);
	assert_string_equal(rig_link(&rig, "dialin")->last_down->text,
		"PPP did not come up in 5 s (setup-timeout): it still waited for its turn, as more "
		"calls than pppd-at-once start");
	rig_stop(&rig);
}

/* None can be started: each call ends with its reason, and the next one has its turn. */
static void test_starts_fail(void **state)
{
	struct rig rig;
	struct rig_peer *peer = start(&rig, AT_ONCE(1) SERVER, 6);

	machine.spawn_error = -EAGAIN;
	comes_up(&rig);
	rig_run(&rig, USEC_PER_SEC);
	assert_int_equal(peer->sessions_down, 5);
	assert_int_equal(peer->last.result, L2TP_CDN_ERROR);
	assert_int_equal(rig_calls(&rig), 1);
	machine.spawn_error = 0;
	rig_peer_places_call(&rig, peer);
	assert_int_equal(rig_calls(&rig), 2);
	assert_non_null(machine_pppd());
	rig_stop(&rig);
}

static void test_no_memory(void **state)
{
	for (unsigned every = 1; every < 6; every++) {
		struct rig rig;

		start(&rig, AT_ONCE(1) SERVER, 6);
		fake_event_fail_every = every;
		rig_run(&rig, 30 * USEC_PER_SEC);
		fake_event_fail_every = 0;
		rig_run(&rig, 60 * USEC_PER_SEC);
		assert_int_equal(rig_calls(&rig), 0);
		rig_stop(&rig);
	}
}

/* --- reload --- */

static void test_reload(void **state)
{
	struct rig rig;

	start(&rig, AT_ONCE(1) SERVER, 5);
	assert_false(pppd_has_option(machine_pppd(), "idle 77"));
	rig_reload(&rig, AT_ONCE(3) SERVER "option = idle 77\n");
	rig_pump(&rig);
	assert_int_equal(machine.spawned, 3);
	assert_true(pppd_has_option(machine_pppd(), "idle 77"));
	/* less: nobody is ended, and nobody begins */
	rig_reload(&rig, AT_ONCE(1) SERVER);
	comes_up(&rig);
	assert_int_equal(machine.spawned, 3);
	/* the link is gone, and its calls with it */
	rig_reload(&rig, "");
	rig_run(&rig, USEC_PER_SEC);
	assert_int_equal(rig_calls(&rig), 0);
	assert_int_equal(machine.spawned, 3);
	rig_stop(&rig);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_so_many_at_once),
		cmocka_unit_test(test_as_the_machine_carries),
		cmocka_unit_test(test_tunnels_take_turns),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_silent_peers),
		cmocka_unit_test(test_talkers),
		cmocka_unit_test(test_end_while_waiting),
		cmocka_unit_test(test_stop_while_waiting),
		cmocka_unit_test(test_setup_timeout),
		cmocka_unit_test(test_starts_fail),
		cmocka_unit_test(test_no_memory),
		cmocka_unit_test(test_reload),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
