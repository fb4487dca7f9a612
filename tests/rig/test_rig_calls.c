/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calls of the whole daemon: pppds that misbehave, a kernel that says no, many at once. */
#include <setjmp.h>
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <l2tpd/ctl.h>

#include "daemon/reactor.h"
#include "daemon_rig.h"

#define SERVER                                                                                     \
	"[link dialin]\nincoming = yes\nppp = p\n"                                                 \
	"[ppp p]\naddress = 10.64.0.1\npool = 10.64.0.0-10.64.255.255\n"
#define CLIENT                                                                                     \
	"[link office]\npeer = 198.51.100.1\noriginate = yes\nppp = p\nmax-redial = -1\n"          \
	"[ppp p]\nuser = alice\npassword = x\n"

static struct call *one_call(struct rig *rig)
{
	return rig_call(rig, rig_link(rig, "dialin") ? "dialin" : "office");
}

static void dial(struct rig *rig)
{
	json_decref(rig_exchange(rig, CTL_OPEN, "{\"link\":\"office\",\"wait\":false}"));
	rig_run(rig, USEC_PER_SEC);
}

/* All behind one NAT, and all at once, as after a power cut: each has its tunnel and its call. */
/* systemctl status: how much there is, a second later at the latest. */
static void test_status(void **state)
{
	struct rig rig;
	struct rig_peer *peer;

	assert_int_equal(rig_start(&rig, SERVER), 0);
	rig_run(&rig, USEC_PER_SEC);
	assert_string_equal(fake_status, "STATUS=0 tunnels, 0 calls");
	peer = rig_peer(&rig, "198.51.100.9");
	rig_peer_calls(&rig, peer, "192.0.2.1");
	rig_peer_places_call(&rig, peer);
	rig_run(&rig, 2 * USEC_PER_SEC);
	assert_string_equal(fake_status, "STATUS=1 tunnel, 2 calls");
	rig_end(&rig);
}

static void test_120_clients_of_one_address(void **state)
{
	struct rig rig;

	assert_int_equal(rig_start(&rig, SERVER), 0);
	for (uint16_t i = 0; i < 120; i++)
		rig_peer_opens(rig_peer_at(&rig, "198.51.100.9", 2000 + i), "192.0.2.1");
	rig_run(&rig, 5 * USEC_PER_SEC);
	assert_int_equal(rig_calls(&rig), 120);
	for (unsigned i = 0; i < 120; i++)
		assert_int_equal(rig.peers[i].sessions_up, 1);
	rig_stop(&rig);
}

/* --- pppd --- */

static void test_incoming(void **state)
{
	struct rig rig;
	struct rig_peer *peer;

	assert_int_equal(rig_start(&rig, SERVER), 0);
	peer = rig_peer(&rig, "198.51.100.9");
	rig_peer_calls(&rig, peer, "192.0.2.1");
	rig_run(&rig, USEC_PER_SEC);
	assert_int_equal(peer->sessions_up, 1);
	assert_int_equal(one_call(&rig)->state, CALL_UP);
	assert_string_equal(one_call(&rig)->user, "bob");
	assert_true(pppd_has_option(machine_pppd(), "nodetach"));
	assert_int_equal(machine.ready_made, 1);
	rig_stop(&rig);
}

struct exit_row {
	int status;
	uint16_t result, ppp_cause;
	const char *text;
};

/* What the peer and people are told of each way a pppd can end by itself. */
static void test_pppd_exits(void **state)
{
	static const struct exit_row rows[] = {
		{ 2, L2TP_CDN_LOST_CARRIER, 0, "error in its options" },
		{ 10, L2TP_CDN_LOST_CARRIER, L2TP_PPP_CAUSE_LCP_TIMEOUT, "negotiation failed" },
		{ 11, L2TP_CDN_LOST_CARRIER, L2TP_PPP_CAUSE_AUTH_FAILED, "failed to log in" },
		{ 12, L2TP_CDN_LOST_CARRIER, L2TP_PPP_CAUSE_ADMIN, "idle" },
		{ 15, L2TP_CDN_LOST_CARRIER, L2TP_PPP_CAUSE_ECHO_TIMEOUT, "echo requests" },
		{ 17, L2TP_CDN_LOST_CARRIER, L2TP_PPP_CAUSE_LOOPBACK, "looped back" },
		{ 19, L2TP_CDN_LOST_CARRIER, L2TP_PPP_CAUSE_AUTH_FAILED, "authenticate ourselves" },
		{ 77, L2TP_CDN_LOST_CARRIER, 0, "unknown exit status" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct rig rig;
		struct rig_peer *peer;

		assert_int_equal(rig_start(&rig, SERVER), 0);
		machine.pppd_mode = PPPD_EXITS;
		machine.pppd_status = rows[i].status;
		peer = rig_peer(&rig, "198.51.100.9");
		rig_peer_calls(&rig, peer, "192.0.2.1");
		rig_run(&rig, 5 * USEC_PER_SEC);
		assert_int_equal(peer->sessions_down, 1);
		assert_int_equal(peer->last.result, rows[i].result);
		assert_int_equal(peer->last.ppp_cause, rows[i].ppp_cause);
		assert_non_null(strstr(rig_link(&rig, "dialin")->last_down->text, rows[i].text));
		assert_int_equal(rig_link(&rig, "dialin")->last_down->ppp_exit, rows[i].status);
		rig_stop(&rig);
	}
}

/* One that does not care about SIGTERM is killed, and its call ends. */
static void test_deaf_pppd(void **state)
{
	struct rig rig;
	usec_t begin;

	assert_int_equal(rig_start(&rig, CLIENT), 0);
	machine.pppd_deaf = true;
	rig_peer(&rig, "198.51.100.1");
	dial(&rig);
	assert_int_equal(rig_calls(&rig), 1);
	begin = fake_now;
	call_close(one_call(&rig), "enough");
	rig_run(&rig, 4 * USEC_PER_SEC);
	assert_int_equal(rig_calls(&rig), 1);
	rig_run(&rig, 10 * USEC_PER_SEC);
	assert_int_equal(rig_calls(&rig), 0);
	assert_true(fake_now - begin < 15 * USEC_PER_SEC);
	assert_string_equal(rig_link(&rig, "office")->last_down->text, "enough");
	assert_true(rig_stop(&rig) < 8 * USEC_PER_SEC);
}

/* Messages that make no sense at that moment, cut ones, unknown ones: only its own call may end. */
static void test_lying_pppd(void **state)
{
	struct rig rig;
	struct plugin_msg msg;

	assert_int_equal(rig_start(&rig, SERVER), 0);
	machine.pppd_mode = PPPD_SILENT;
	rig_peer_calls(&rig, rig_peer(&rig, "198.51.100.9"), "192.0.2.1");
	for (uint32_t type = 0; type < 40; type++) {
		if (!machine_pppd())
			break;
		memset(&msg, 0xff, sizeof(msg));
		msg.type = type;
		pppd_says(machine_pppd(), &msg);
		rig_pump(&rig);
		if (machine_pppd())
			pppd_says_text(machine_pppd(), type, (int)type, "\x1b[2J\n\xff evil");
		rig_pump(&rig);
	}
	rig_run(&rig, 30 * USEC_PER_SEC);
	assert_int_equal(rig_calls(&rig) > 1, 0);
	rig_stop(&rig);
}

static void test_pppd_asks(void **state)
{
	struct rig rig;
	struct plugin_msg answer;

	assert_int_equal(rig_start(&rig, CLIENT), 0);
	machine.pppd_mode = PPPD_SILENT;
	rig_peer(&rig, "198.51.100.1");
	dial(&rig);
	pppd_asks(machine_pppd(), PLUGIN_ASK_OWN, 5, "alice");
	rig_pump(&rig);
	assert_true(pppd_answer(machine_pppd(), &answer));
	assert_int_equal(answer.number, 5);
	assert_int_equal(answer.answer.found, 1);
	assert_memory_equal(answer.answer.secret, "x", 1);
	/* nobody is asked for: there are no users */
	pppd_asks(machine_pppd(), PLUGIN_ASK_PEER, 6, "mallory");
	rig_pump(&rig);
	assert_true(pppd_answer(machine_pppd(), &answer));
	assert_int_equal(answer.answer.found, 0);
	rig_stop(&rig);
}

static void test_spawn_fails(void **state)
{
	struct rig rig;
	struct rig_peer *peer;

	assert_int_equal(rig_start(&rig, SERVER), 0);
	machine.spawn_error = -EAGAIN;
	peer = rig_peer(&rig, "198.51.100.9");
	rig_peer_calls(&rig, peer, "192.0.2.1");
	rig_run(&rig, USEC_PER_SEC);
	assert_int_equal(peer->sessions_down, 1);
	assert_int_equal(peer->last.result, L2TP_CDN_ERROR);
	machine.spawn_error = 0;
	rig_peer_places_call(&rig, peer);
	rig_run(&rig, USEC_PER_SEC);
	assert_int_equal(rig_calls(&rig), 1);
	rig_stop(&rig);
}

/* Its child cannot be watched: it is ended at once, and so is the call. */
static void test_watch_fails(void **state)
{
	for (unsigned every = 1; every < 4; every++) {
		struct rig rig;

		assert_int_equal(rig_start(&rig, CLIENT), 0);
		rig_peer(&rig, "198.51.100.1");
		fake_event_fail_every = every;
		json_decref(rig_exchange(&rig, CTL_OPEN, "{\"link\":\"office\",\"wait\":false}"));
		rig_run(&rig, 30 * USEC_PER_SEC);
		fake_event_fail_every = 0;
		rig_run(&rig, 60 * USEC_PER_SEC);
		assert_true(TAILQ_EMPTY(&machine.pppds) || rig_calls(&rig) == 1);
		rig_stop(&rig);
	}
}

/* pppd has exited, and the link is closed before the daemon has heard of it. */
static void test_close_after_exit(void **state)
{
	struct rig rig;

	assert_int_equal(rig_start(&rig, CLIENT), 0);
	rig_peer(&rig, "198.51.100.1");
	json_decref(rig_exchange(&rig, CTL_OPEN, "{\"link\":\"office\",\"wait\":false}"));
	rig_run(&rig, USEC_PER_SEC);
	assert_int_equal(rig_calls(&rig), 1);
	pppd_exits(rig.d.event, machine_pppd(), 5);
	rig_reload(&rig, "");
	rig_run(&rig, 10 * USEC_PER_SEC);
	assert_int_equal(rig_calls(&rig), 0);
	assert_true(TAILQ_EMPTY(&machine.pppds));
	rig_stop(&rig);
}

/* --- kernel --- */

static void test_kernel_errors(void **state)
{
	static const enum plane_op ops[] = { PLANE_TUNNEL_CREATE, PLANE_SESSION_CREATE };

	for (size_t i = 0; i < 2; i++) {
		struct rig rig;
		struct rig_peer *peer;

		assert_int_equal(rig_start(&rig, SERVER), 0);
		machine.plane_error[ops[i]] = -ENOMEM;
		peer = rig_peer(&rig, "198.51.100.9");
		rig_peer_calls(&rig, peer, "192.0.2.1");
		rig_run(&rig, USEC_PER_SEC);
		assert_int_equal(peer->sessions_up, 0);
		assert_int_equal(peer->sessions_down, 1);
		machine.plane_error[ops[i]] = 0;
		rig_peer_calls(&rig, peer, "192.0.2.1");
		rig_run(&rig, USEC_PER_SEC);
		assert_int_equal(rig_calls(&rig), 1);
		rig_stop(&rig);
	}
}

/* The peer hangs up, or the link closes, while the kernel still makes the session. */
static void test_end_while_creating(void **state)
{
	for (unsigned who = 0; who < 2; who++) {
		struct rig rig;
		struct rig_peer *peer;

		assert_int_equal(rig_start(&rig, SERVER), 0);
		peer = rig_peer(&rig, "198.51.100.9");
		rig_peer_calls(&rig, peer, "192.0.2.1");
		rig_run(&rig, USEC_PER_SEC);
		machine.plane_held = true;
		rig_peer_places_call(&rig, peer);
		rig_run(&rig, USEC_PER_SEC);
		assert_int_equal(rig_calls(&rig), 2);
		if (who == 0)
			call_close(rig_call(&rig, "dialin"), "closed");
		else
			l2tp_core_close_tunnel(peer->core, fake_now, peer->tid,
				&(struct l2tp_reason){ .stopccn = true, .result = 1 });
		rig_run(&rig, USEC_PER_SEC);
		machine_release_plane();
		rig_run(&rig, 10 * USEC_PER_SEC);
		assert_int_equal(rig_calls(&rig), who == 0 ? 1 : 0);
		rig_stop(&rig);
	}
}

static void test_nothing_can_be_ordered(void **state)
{
	struct rig rig;
	struct rig_peer *peer;

	assert_int_equal(rig_start(&rig, SERVER), 0);
	machine.plane_no_memory = true;
	peer = rig_peer(&rig, "198.51.100.9");
	rig_peer_calls(&rig, peer, "192.0.2.1");
	rig_run(&rig, 10 * USEC_PER_SEC);
	assert_int_equal(peer->sessions_up, 0);
	machine.plane_no_memory = false;
	rig_stop(&rig);
}

static void test_accept_fails(void **state)
{
	struct rig rig;
	struct rig_peer *peer;

	assert_int_equal(rig_start(&rig, SERVER), 0);
	machine.accept_error = -EMFILE;
	peer = rig_peer(&rig, "198.51.100.9");
	rig_peer_calls(&rig, peer, "192.0.2.1");
	rig_run(&rig, 10 * USEC_PER_SEC);
	assert_int_equal(peer->sessions_up, 0);
	machine.accept_error = 0;
	rig_peer_calls(&rig, peer, "192.0.2.1");
	rig_run(&rig, USEC_PER_SEC);
	assert_int_equal(rig_calls(&rig), 1);
	rig_stop(&rig);
}

static void test_relayed(void **state)
{
	struct rig rig;
	json_t *reply;
	char *text;

	assert_int_equal(rig_start(&rig, "[link dialin]\nincoming = yes\nppp = p\nlength = yes\n"
					 "[ppp p]\naddress = 10.64.0.1\npool = 10.64.0.9\n"),
		0);
	rig_peer_calls(&rig, rig_peer(&rig, "198.51.100.9"), "192.0.2.1");
	rig_run(&rig, USEC_PER_SEC);
	assert_int_equal(rig_calls(&rig), 1);
	assert_int_equal(machine.loopbacks, 1);
	reply = rig_exchange(&rig, CTL_LIST_SESSIONS, "{}");
	text = json_dumps(reply, 0);
	assert_non_null(strstr(text, "\"datapath\": \"relay\""));
	free(text);
	json_decref(reply);
	rig_stop(&rig);
}

/* --- many --- */

#define CALLS 2000

/* SIGTERM: everybody is told, in time. */
static void test_stop_with_many(void **state)
{
	struct rig rig;
	struct rig_peer *peer;

	assert_int_equal(rig_start(&rig, "[daemon]\ncall-burst = 3000\n" SERVER), 0);
	peer = rig_peer(&rig, "198.51.100.9");
	rig_peer_calls(&rig, peer, "192.0.2.1");
	rig_run(&rig, USEC_PER_SEC);
	while (rig_calls(&rig) < CALLS)
		rig_peer_places_call(&rig, peer);
	rig_run(&rig, USEC_PER_SEC);
	assert_int_equal(machine.kernel_sessions, CALLS);
	reactor_stop(&rig.d);
	rig_run(&rig, 8 * USEC_PER_SEC);
	assert_int_equal(peer->sessions_down, CALLS);
	assert_int_equal(peer->tunnels_down, 1);
	assert_int_equal(peer->last.result, L2TP_STOPCCN_SHUTDOWN);
	rig_end(&rig);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_status),
		cmocka_unit_test(test_120_clients_of_one_address),
		cmocka_unit_test(test_incoming),
		cmocka_unit_test(test_pppd_exits),
		cmocka_unit_test(test_deaf_pppd),
		cmocka_unit_test(test_lying_pppd),
		cmocka_unit_test(test_pppd_asks),
		cmocka_unit_test(test_spawn_fails),
		cmocka_unit_test(test_watch_fails),
		cmocka_unit_test(test_close_after_exit),
		cmocka_unit_test(test_kernel_errors),
		cmocka_unit_test(test_end_while_creating),
		cmocka_unit_test(test_nothing_can_be_ordered),
		cmocka_unit_test(test_accept_fails),
		cmocka_unit_test(test_relayed),
		cmocka_unit_test(test_stop_with_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
