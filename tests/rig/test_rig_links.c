/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Links of the whole daemon: open, close, redial, reload, and who waits for what. */
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

#include "daemon/link/progress.h"
#include "daemon_rig.h"

#define OFFICE                                                                                     \
	"[link office]\npeer = 198.51.100.1\noriginate = yes\nppp = p\n"                           \
	"[ppp p]\nuser = alice\npassword = x\n"
#define NOTHING "[ppp p]\nuser = alice\npassword = x\n"

static bool is_up(struct rig *rig)
{
	return rig_link(rig, "office")->state == LINK_UP;
}

static bool is_queued(struct rig *rig)
{
	return rig_link(rig, "office")->state == LINK_QUEUED;
}

static void assert_reply(struct rig *rig, int fd, const char *error)
{
	json_t *reply = rig_reply(rig, fd);

	assert_non_null(reply);
	if (strcmp(rig_error(reply), error) != 0)
		print_message("%s\n", rig_message(reply));
	assert_string_equal(rig_error(reply), error);
	json_decref(reply);
	close(fd);
}

static void test_open_and_stop(void **state)
{
	struct rig rig;
	struct rig_peer *peer;
	int fd;

	assert_int_equal(rig_start(&rig, OFFICE), 0);
	peer = rig_peer(&rig, "198.51.100.1");
	fd = rig_client(&rig);
	rig_request(&rig, fd, CTL_OPEN, "{\"link\":\"office\"}");
	assert_true(rig_run_until(&rig, 10 * USEC_PER_SEC, is_up));
	assert_reply(&rig, fd, "");
	assert_int_equal(peer->sessions_up, 1);
	assert_int_equal(rig_calls(&rig), 1);
	assert_string_equal(rig_call(&rig, "office")->ip.ifname, "ppp0");
	assert_int_equal(machine.routes, 1);
	assert_true(rig_stop(&rig) < 8 * USEC_PER_SEC);
}

static void assert_progress(struct rig *rig, const char *text)
{
	char now[PROGRESS_LEN];

	progress_of(rig_link(rig, "office"), now);
	assert_string_equal(now, text);
}

/* What "open" on a terminal shows, step by step. */
static void test_progress(void **state)
{
	struct rig_peer *peer;
	struct rig rig;
	int fd;

	assert_int_equal(rig_start(&rig, OFFICE), 0);
	assert_progress(&rig, "");
	machine.pppd_mode = PPPD_SILENT;
	peer = rig_peer(&rig, "198.51.100.1");
	peer->silent = true;
	fd = rig_client(&rig);
	rig_request(&rig, fd, CTL_OPEN, "{\"link\":\"office\"}");
	assert_progress(&rig, "asking 198.51.100.1:1701 for a tunnel: try 1 of 6");
	rig_run(&rig, 4 * USEC_PER_SEC);
	assert_progress(&rig, "asking 198.51.100.1:1701 for a tunnel: try 3 of 6");
	peer->silent = false;
	rig_run(&rig, 10 * USEC_PER_SEC);
	assert_progress(&rig, "the call is up; agreeing on PPP");
	pppd_says_text(machine_pppd(), PLUGIN_PHASE, 5, "authenticate");
	rig_pump(&rig);
	assert_progress(&rig, "logging in as alice");
	pppd_says_text(machine_pppd(), PLUGIN_PHASE, 6, "network");
	rig_pump(&rig);
	assert_progress(&rig, "getting an address");
	pppd_comes_up(machine_pppd(), "10.64.0.9", "10.64.0.1");
	rig_pump(&rig);
	assert_progress(&rig, "");
	close(fd);
	rig_stop(&rig);
}

/* attacks.md 1: the waiter of a link that a reload removes before its dial began. */
static void test_open_then_reload(void **state)
{
	struct rig rig;
	int fd;

	assert_int_equal(rig_start(&rig, OFFICE), 0);
	rig_peer(&rig, "198.51.100.1");
	fd = rig_client(&rig);
	rig_send(fd, CTL_OPEN, "{\"link\":\"office\",\"wait\":true}");
	assert_true(rig_step_until(&rig, is_queued));
	rig_reload(&rig, NOTHING);
	rig_pump(&rig);
	assert_null(rig_link(&rig, "office"));
	assert_reply(&rig, fd, "Failed");
	rig_end(&rig);
}

/* Who waits for a link that is closed hears of it, and so does the one who closes. */
static void test_open_then_close(void **state)
{
	struct rig rig;
	int opener, closer;

	assert_int_equal(rig_start(&rig, OFFICE), 0);
	rig_peer(&rig, "198.51.100.1");
	opener = rig_client(&rig);
	closer = rig_client(&rig);
	rig_send(opener, CTL_OPEN, "{\"link\":\"office\"}");
	assert_true(rig_step_until(&rig, is_queued));
	rig_send(closer, CTL_CLOSE, "{\"target\":\"office\"}");
	rig_run(&rig, 10 * USEC_PER_SEC);
	assert_reply(&rig, opener, "Failed");
	assert_reply(&rig, closer, "");
	assert_int_equal(rig_link(&rig, "office")->state, LINK_DOWN);
	rig_end(&rig);
}

/* The same at every moment of a call's way up: nobody waits for ever, nothing is left. */
static void test_close_at_every_moment(void **state)
{
	for (unsigned steps = 0; steps < 60; steps++) {
		struct rig rig;
		int opener, closer;

		assert_int_equal(rig_start(&rig, OFFICE), 0);
		rig_peer(&rig, "198.51.100.1");
		opener = rig_client(&rig);
		closer = rig_client(&rig);
		rig_send(opener, CTL_OPEN, "{\"link\":\"office\"}");
		rig_steps(&rig, steps);
		rig_send(closer, CTL_CLOSE, "{\"target\":\"office\"}");
		rig_run(&rig, 20 * USEC_PER_SEC);
		close(opener);
		assert_reply(&rig, closer, "");
		assert_int_equal(rig_calls(&rig), 0);
		rig_end(&rig);
	}
}

static void test_reload_at_every_moment(void **state)
{
	for (unsigned steps = 0; steps < 60; steps++) {
		struct rig rig;
		json_t *reply;
		int fd;

		assert_int_equal(rig_start(&rig, OFFICE), 0);
		rig_peer(&rig, "198.51.100.1");
		fd = rig_client(&rig);
		rig_send(fd, CTL_OPEN, "{\"link\":\"office\"}");
		rig_steps(&rig, steps);
		rig_reload(&rig, NOTHING);
		rig_run(&rig, 20 * USEC_PER_SEC);
		assert_int_equal(rig_calls(&rig), 0);
		reply = rig_reply(&rig, fd);
		assert_non_null(reply);
		json_decref(reply);
		close(fd);
		rig_end(&rig);
	}
}

/* All calls of a user end, and only those. */
static void test_close_user(void **state)
{
	static const char config[] = "[link dialin]\nincoming = yes\nppp = p\n[ppp p]\n"
				     "address = 10.64.0.1\naccept-any-address = yes\n";
	static const char *const addrs[] = { "198.51.100.7", "198.51.100.8", "198.51.100.9" };
	struct rig rig;
	json_t *reply;

	assert_int_equal(rig_start(&rig, config), 0);
	for (unsigned i = 0; i < 3; i++) {
		rig_peer_calls(&rig, rig_peer(&rig, addrs[i]), "192.0.2.1");
		rig_run(&rig, USEC_PER_SEC);
		if (i == 2)
			strcpy(rig_call(&rig, "dialin")->user, "eve");
	}
	assert_int_equal(rig_calls(&rig), 3);
	reply = rig_exchange(&rig, CTL_CLOSE, "{\"target\":\"nobody\"}");
	assert_string_equal(rig_message(reply), "there is no link, session or user \"nobody\"");
	json_decref(reply);
	json_decref(rig_exchange(&rig, CTL_CLOSE, "{\"target\":\"eve\"}"));
	rig_run(&rig, 10 * USEC_PER_SEC);
	assert_int_equal(rig_calls(&rig), 2);
	rig_stop(&rig);
}

/* --- redial --- */

#define REDIALS                                                                                    \
	"[link office]\npeer = 198.51.100.1\noriginate = yes\nppp = p\nautostart = yes\n"          \
	"redial-delay = 4\nredial-max-delay = 60\nretransmits = 1\n"                               \
	"[ppp p]\nuser = alice\npassword = x\n"

/* Doubles up to the limit, each pause up to a quarter longer, and for ever with autostart. */
static void test_redial_backs_off(void **state)
{
	struct rig rig;
	usec_t last = 0, pauses[12];
	unsigned n = 0;

	assert_int_equal(rig_start(&rig, REDIALS), 0);
	rig_peer(&rig, "198.51.100.1")->silent = true;
	for (usec_t i = 0; i < 3600 && n < 12; i++) {
		bool was = rig_link(&rig, "office")->state == LINK_WAITING;

		rig_run(&rig, USEC_PER_SEC / 4);
		if (rig_link(&rig, "office")->state == LINK_WAITING && !was)
			last = fake_now;
		if (rig_link(&rig, "office")->state != LINK_WAITING && was)
			pauses[n++] = fake_now - last;
	}
	assert_true(n > 6);
	for (unsigned i = 0; i < n; i++) {
		usec_t least = (i < 4 ? 4u << i : 60u) * USEC_PER_SEC;

		assert_in_range(pauses[i], least - USEC_PER_SEC / 2, least * 5 / 4 + USEC_PER_SEC);
	}
	/* real jitter: no two long pauses are alike */
	assert_int_not_equal(pauses[n - 1], pauses[n - 2]);
	rig_end(&rig);
}

/* --- addresses of the peer --- */

#define BY_NAME                                                                                    \
	"[link office]\npeer = vpn.example.com\noriginate = yes\nppp = p\nretransmits = 1\n"       \
	"max-redial = -1\n"                                                                        \
	"[ppp p]\nuser = alice\npassword = x\n"

/* field.md F3: one that is silent, one that refuses the tunnel, one that refuses the call. */
static void test_next_address(void **state)
{
	struct rig rig;
	struct rig_peer *good;
	int fd;

	assert_int_equal(rig_start(&rig, BY_NAME), 0);
	machine.names[0] = "vpn.example.com";
	machine.resolved[0] = "2001:db8::1 198.51.100.1 198.51.100.2 198.51.100.3";
	rig_peer(&rig, "198.51.100.1")->refuse_tunnel = L2TP_STOPCCN_ERROR;
	rig_peer(&rig, "198.51.100.2")->refuse_call = L2TP_CDN_NO_FACILITY_TEMP;
	good = rig_peer(&rig, "198.51.100.3");
	fd = rig_client(&rig);
	rig_request(&rig, fd, CTL_OPEN, "{\"link\":\"office\"}");
	assert_true(rig_run_until(&rig, 60 * USEC_PER_SEC, is_up));
	assert_int_equal(good->sessions_up, 1);
	assert_reply(&rig, fd, "");
	rig_end(&rig);
}

/* A login that was refused is refused at the next address, too. */
static void test_refused_login_is_final(void **state)
{
	struct rig rig;
	struct rig_peer *second;
	int fd;

	assert_int_equal(rig_start(&rig, BY_NAME), 0);
	machine.names[0] = "vpn.example.com";
	machine.resolved[0] = "198.51.100.1 198.51.100.2";
	machine.pppd_mode = PPPD_SILENT;
	rig_peer(&rig, "198.51.100.1");
	second = rig_peer(&rig, "198.51.100.2");
	fd = rig_client(&rig);
	rig_request(&rig, fd, CTL_OPEN, "{\"link\":\"office\"}");
	pppd_says_text(machine_pppd(), PLUGIN_AUTH_FAILED, 2, "go away");
	pppd_exits(rig.d.event, machine_pppd(), 19);
	rig_run(&rig, 60 * USEC_PER_SEC);
	assert_reply(&rig, fd, "Failed");
	assert_int_equal(second->tunnels_up, 0);
	assert_non_null(strstr(rig_link(&rig, "office")->last_down->text, "go away"));
	assert_int_equal(rig_link(&rig, "office")->last_down->ppp_exit, 19);
	rig_end(&rig);
}

/* --- tunnels --- */

#define TWO_LINKS                                                                                  \
	"[link a]\npeer = 198.51.100.1\noriginate = yes\nppp = p\n"                                \
	"[link b]\npeer = 198.51.100.1\noriginate = yes\nppp = p\n"                                \
	"[link c]\npeer = 198.51.100.1\noriginate = yes\nppp = p\nsecret = x\n"                    \
	"[ppp p]\nuser = alice\npassword = x\n"

static void test_shared_tunnel(void **state)
{
	struct rig rig;
	struct rig_peer *peer;

	assert_int_equal(rig_start(&rig, TWO_LINKS), 0);
	peer = rig_peer(&rig, "198.51.100.1");
	json_decref(rig_exchange(&rig, CTL_OPEN, "{\"link\":\"a\"}"));
	json_decref(rig_exchange(&rig, CTL_OPEN, "{\"link\":\"b\"}"));
	rig_run(&rig, USEC_PER_SEC);
	assert_int_equal(peer->tunnels_up, 1);
	assert_int_equal(peer->sessions_up, 2);
	assert_ptr_equal(rig_call(&rig, "a")->conn, rig_call(&rig, "b")->conn);
	/* its peer did not answer an echo: the next call has a tunnel of its own */
	pppd_exits(rig.d.event, machine_pppd(), 15);
	rig_run(&rig, USEC_PER_SEC);
	assert_null(rig_call(&rig, "b"));
	json_decref(rig_exchange(&rig, CTL_OPEN, "{\"link\":\"b\"}"));
	rig_run(&rig, USEC_PER_SEC);
	assert_int_equal(peer->tunnels_up, 2);
	assert_ptr_not_equal(rig_call(&rig, "a")->conn, rig_call(&rig, "b")->conn);
	rig_stop(&rig);
}

#define BOTH_WAYS                                                                                  \
	"[link office]\npeer = 198.51.100.1\nself = 192.0.2.1 1701\noriginate = yes\n"             \
	"incoming = yes\ntie-breaker = yes\nppp = p\n[ppp p]\nuser = alice\npassword = x\n"

/* Both open at once: our call goes on in the tunnel that wins. */
static void test_tie(void **state)
{
	unsigned moved = 0;

	for (unsigned seed = 1; seed < 20; seed++) {
		struct l2tp_tunnel_params params = {
			.hostname = "peer", .tie_breaker = true, .linger = USEC_INFINITY
		};
		struct rig rig;
		struct rig_peer *peer;
		struct l2tp_path path;

		assert_int_equal(rig_start(&rig, BOTH_WAYS), 0);
		machine.random = seed;
		peer = rig_peer(&rig, "198.51.100.1");
		path.local = peer->addr;
		assert_int_equal(l2tp_addr_parse("192.0.2.1", L2TP_PORT, &path.peer), 0);
		assert_true(l2tp_core_open_tunnel(peer->core, fake_now, &path, &params) > 0);
		json_decref(rig_exchange(&rig, CTL_OPEN, "{\"link\":\"office\",\"wait\":false}"));
		rig_run(&rig, 20 * USEC_PER_SEC);
		assert_int_equal(rig_link(&rig, "office")->state, LINK_UP);
		moved += !rig_call(&rig, "office")->conn->initiator;
		rig_stop(&rig);
	}
	assert_in_range(moved, 1, 19);
}

/* --- reload --- */

static char *many_links(unsigned changed)
{
	static char text[64 << 10];
	size_t len = 0;

	for (unsigned i = 0; i < 300; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len,
			"[link l%u]\npeer = 198.51.100.1\noriginate = yes\nppp = p\ndataseq = %s\n",
			i, i == changed ? "no" : "yes");
	snprintf(text + len, sizeof(text) - len, "[ppp p]\nuser = alice\npassword = x\n");
	return text;
}

/* One of 300 links is changed, one is removed: the calls of all others do not notice. */
static void test_reload_of_many(void **state)
{
	struct rig rig;
	char *text;

	assert_int_equal(rig_start(&rig, many_links(300)), 0);
	rig_peer(&rig, "198.51.100.1");
	for (unsigned i = 0; i < 300; i++) {
		char params[40];

		snprintf(params, sizeof(params), "{\"link\":\"l%u\",\"wait\":false}", i);
		json_decref(rig_exchange(&rig, CTL_OPEN, params));
	}
	rig_run(&rig, USEC_PER_SEC);
	assert_int_equal(rig_calls(&rig), 300);
	rig_reload(&rig, many_links(7));
	rig_run(&rig, USEC_PER_SEC);
	assert_int_equal(rig_calls(&rig), 300);
	assert_int_equal(machine.spawned, 300);
	text = many_links(7);
	rig_reload(&rig, strstr(text, "[link l1]"));
	rig_run(&rig, 10 * USEC_PER_SEC);
	assert_int_equal(rig_calls(&rig), 299);
	assert_int_equal(machine.spawned, 300);
	assert_null(rig_link(&rig, "l0"));
	rig_stop(&rig);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_open_and_stop),
		cmocka_unit_test(test_progress),
		cmocka_unit_test(test_open_then_reload),
		cmocka_unit_test(test_open_then_close),
		cmocka_unit_test(test_close_at_every_moment),
		cmocka_unit_test(test_reload_at_every_moment),
		cmocka_unit_test(test_close_user),
		cmocka_unit_test(test_redial_backs_off),
		cmocka_unit_test(test_next_address),
		cmocka_unit_test(test_refused_login_is_final),
		cmocka_unit_test(test_shared_tunnel),
		cmocka_unit_test(test_tie),
		cmocka_unit_test(test_reload_of_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
