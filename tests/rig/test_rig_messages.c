/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What people are told when something does not work: the cause, at once, and the remedy. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <l2tpd/ctl.h>

#include "daemon/attach/ppp.h"
#include "daemon/reload.h"
#include "daemon/start.h"
#include "daemon_rig.h"
#include "rig_log.h"

#define OFFICE                                                                                     \
	"[link office]\npeer = 198.51.100.1\noriginate = yes\nppp = p\n"                           \
	"[ppp p]\nuser = alice\npassword = x\n"
#define OFFICE_SECRET                                                                              \
	"[link office]\npeer = 198.51.100.1\noriginate = yes\nppp = p\nsecret = s3cret\n"          \
	"[ppp p]\nuser = alice\npassword = x\n"
#define SERVER                                                                                     \
	"[link dialin]\nincoming = yes\nppp = p\n[ppp p]\naddress = 10.64.0.1\n"                   \
	"require = mschapv2\noption = plugin radius.so\n"

static void start_client(struct rig *rig, const char *config)
{
	assert_int_equal(rig_start(rig, config), 0);
	machine.pppd_mode = PPPD_SILENT;
	rig_peer(rig, "198.51.100.1");
	json_decref(rig_exchange(rig, CTL_OPEN, "{\"link\":\"office\",\"wait\":false}"));
	rig_run(rig, USEC_PER_SEC);
}

static bool is_up(struct rig *rig)
{
	return rig_link(rig, "office")->state == LINK_UP;
}

static const char *end_text(struct rig *rig, const char *link)
{
	const struct outcome *end = rig_link(rig, link)->last_down;

	return end ? end->text : "";
}

/* --- a second l2tpd --- */

/* friction.md U1: with a socket of its own, or with that of the first. */
static void test_second_daemon(void **state)
{
	struct rig rig;
	struct daemon second = { 0 };

	machine_flushed = 0;
	machine_has_another = true;
	assert_int_equal(rig_start(&rig, OFFICE), 0);
	machine_has_another = false;
	assert_int_equal(machine_flushed, 0);
	second.config_file = rig.config;
	second.config_dir = NULL;
	sd_event_new(&second.event);
	assert_int_equal(reload_read(&second, &second.config, &(struct config_errors){ 0 }), 0);
	assert_true(start_daemon(&second, rig.socket) < 0);
	start_undo(&second);
	sd_event_unref(second.event);
	assert_int_equal(machine_flushed, 0);
	rig_end(&rig);
	assert_int_equal(rig_start(&rig, OFFICE), 0);
	assert_int_equal(machine_flushed, 1);
	rig_end(&rig);
}

/* --- peers that cannot be reached --- */

/* Opens at once fails with this, within 3 s: friction.md, Messages. */
static void assert_open_fails(struct rig *rig, const char *text)
{
	int fd = rig_client(rig);
	usec_t begin = fake_now;
	json_t *reply;

	rig_request(rig, fd, CTL_OPEN, "{\"link\":\"office\"}");
	while (!(reply = rig_reply(rig, fd)) && fake_now - begin < 60 * USEC_PER_SEC)
		rig_run(rig, USEC_PER_SEC / 10);
	assert_non_null(reply);
	assert_string_equal(rig_message(reply), text);
	assert_true(fake_now - begin < 3 * USEC_PER_SEC);
	json_decref(reply);
	close(fd);
}

static void test_no_route(void **state)
{
	struct rig rig;

	assert_int_equal(rig_start(&rig, OFFICE), 0);
	rig_peer(&rig, "198.51.100.1");
	machine.no_network = true;
	assert_open_fails(&rig,
		"office: no route to 198.51.100.1 (Network is unreachable). Is this "
		"machine connected, and has it a default route?");
	rig_end(&rig);
}

static void test_icmp(void **state)
{
	static const struct {
		int error;
		bool prohibited;
		const char *text;
	} rows[] = {
		{ ECONNREFUSED, false,
			"office: nothing listens on UDP port 1701 of 198.51.100.1 (ICMP port "
			"unreachable). Is an L2TP server running there?" },
		{ EHOSTUNREACH, false,
			"office: 203.0.113.1 cannot reach 198.51.100.1 (ICMP: No route to host). "
			"Is \"peer\" right, and is it on?" },
		{ EHOSTUNREACH, true,
			"office: a firewall, 203.0.113.1, forbids UDP to 198.51.100.1 port 1701 "
			"(ICMP prohibited)" },
	};

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct rig rig;

		assert_int_equal(rig_start(&rig, OFFICE), 0);
		rig_peer(&rig, "198.51.100.1");
		machine.icmp.error = rows[i].error;
		machine.icmp.prohibited = rows[i].prohibited;
		assert_int_equal(l2tp_addr_parse("203.0.113.1", 0, &machine.icmp.who), 0);
		assert_open_fails(&rig, rows[i].text);
		rig_end(&rig);
	}
}

/* One such word may be forged, or be over in a second. */
static void test_icmp_once(void **state)
{
	struct rig rig;

	assert_int_equal(rig_start(&rig, OFFICE), 0);
	rig_peer(&rig, "198.51.100.1");
	machine.icmp.error = ECONNREFUSED;
	json_decref(rig_exchange(&rig, CTL_OPEN, "{\"link\":\"office\",\"wait\":false}"));
	machine.icmp.error = 0;
	assert_true(rig_run_until(&rig, 10 * USEC_PER_SEC, is_up));
	rig_end(&rig);
}

/* --- who did not log in --- */

/* friction.md: the server ends the call, but the cause is on this side. */
static void test_login_asked_for(void **state)
{
	static const struct {
		const char *config, *login, *text;
	} rows[] = {
		{ "[link office]\npeer = 198.51.100.1\noriginate = yes\nppp = p\n[ppp p]\n",
			"MS-CHAP version 2",
			"the server asks for a login (MS-CHAP version 2), and [ppp p] has no user. "
			"Set user and password" },
		{ OFFICE, "EAP",
			"the server asks for a login by EAP, and [ppp p] has eap = no. Set eap = "
			"yes" },
		{ OFFICE, "PAP",
			"the server asks for a login by PAP, which sends the password in clear, "
			"and [ppp p] does not allow that. If you trust the server and the way to "
			"it, set auth = mschapv2 chap-md5 pap" },
		{ OFFICE "auth = pap\noption = refuse-pap\n", "PAP",
			"the server asks for a login by PAP, which [ppp p] refuses. Look at its "
			"auth and option lines" },
	};

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct plugin_msg down = { .type = PLUGIN_LINK_DOWN, .number = 10 };
		struct rig rig;

		assert_int_equal(rig_start(&rig, rows[i].config), 0);
		machine.pppd_mode = PPPD_SILENT;
		rig_peer(&rig, "198.51.100.1");
		json_decref(rig_exchange(&rig, CTL_OPEN, "{\"link\":\"office\",\"wait\":false}"));
		rig_run(&rig, USEC_PER_SEC);
		snprintf(down.down.login, sizeof(down.down.login), "%s", rows[i].login);
		strcpy(down.down.farewell, "peer refused to authenticate");
		pppd_says(machine_pppd(), &down);
		pppd_exits(rig.d.event, machine_pppd(), 10);
		rig_run(&rig, USEC_PER_SEC);
		assert_string_equal(end_text(&rig, "office"), rows[i].text);
		rig_stop(&rig);
	}
}

/* What people look for in the server's log: who called, and what is missing; no incoming at all. */
static void test_what_the_server_logs(void **state)
{
	struct rig_peer *peer;
	struct rig rig;

	assert_int_equal(rig_start(&rig, "[link other]\nincoming = yes\npeer = 203.0.113.1\n"
					 "ppp = p\n[link dialin]\nppp = p\npeer = 198.51.100.9\n"
					 "incoming = no\n[ppp p]\naddress = 10.64.0.1\n"
					 "require = mschapv2\noption = plugin radius.so\n"),
		0);
	machine.pppd_mode = PPPD_SILENT;
	rig_log_begin();
	rig_peer_calls(&rig, rig_peer(&rig, "198.51.100.9"), "192.0.2.1");
	assert_true(rig_log_has("tunnel from 198.51.100.9:1701 refused: [link dialin] has no "
				"\"incoming = yes\""));
	/* one line with the address, for fail2ban */
	peer = rig_peer(&rig, "203.0.113.1");
	rig_peer_calls(&rig, peer, "192.0.2.1");
	pppd_says_text(machine_pppd(), PLUGIN_AUTH_FAILED, 1, "bad password for alice");
	rig_pump(&rig);
	assert_true(rig_log_has("login failed from 203.0.113.1: bad password for alice"));
	/* a broken file changes nothing, and says so */
	rig_reload(&rig, "[link broken\n");
	assert_true(rig_log_has("the configuration was not changed"));
	assert_non_null(rig_link(&rig, "dialin"));
	rig_log_end();
	rig_stop(&rig);
}

/* A secret here and none there: the hint covers both, and IPsec's key. */
static void test_secrets_differ(void **state)
{
	struct rig rig;

	assert_int_equal(rig_start(&rig, OFFICE_SECRET), 0);
	rig_peer(&rig, "198.51.100.1");
	json_decref(rig_exchange(&rig, CTL_OPEN, "{\"link\":\"office\",\"wait\":false}"));
	rig_run(&rig, 5 * USEC_PER_SEC);
	assert_non_null(strstr(end_text(&rig, "office"),
		"It may have no secret at all; the pre-shared key of IPsec is another thing"));
	rig_stop(&rig);
}

/* The words of MS-CHAP, without its numbers, as the peer's. */
static void test_mschap_words(void **state)
{
	struct rig rig;

	start_client(&rig, OFFICE);
	pppd_says_text(machine_pppd(), PLUGIN_AUTH_FAILED, 2,
		"E=691 R=1 C=9567F7E3C2D0A9D9 V=0 M=Access denied");
	pppd_exits(rig.d.event, machine_pppd(), 19);
	rig_run(&rig, USEC_PER_SEC);
	assert_string_equal(end_text(&rig, "office"),
		"the peer refused the login as \"alice\": the peer said \"Access denied\". Check "
		"user and password of [ppp p]");
	rig_stop(&rig);
}

/* What the caller of a server is told: of it, not of "the peer". */
static void test_told_of_login(void **state)
{
	static const char *const rows[][3] = {
		{ "bob: wrong password", "the login was refused",
			"the peer failed to log in: bob: wrong password" },
		{ PLUGIN_NO_LOGIN, "a login is needed, and there was none",
			"the peer failed to log in: the peer refused to authenticate itself" },
	};

	for (unsigned i = 0; i < 2; i++) {
		struct rig_peer *peer;
		struct rig rig;

		assert_int_equal(rig_start(&rig, SERVER), 0);
		machine.pppd_mode = PPPD_SILENT;
		peer = rig_peer(&rig, "198.51.100.9");
		rig_peer_calls(&rig, peer, "192.0.2.1");
		rig_run(&rig, USEC_PER_SEC / 100);
		pppd_says_text(machine_pppd(), PLUGIN_AUTH_FAILED, 1, rows[i][0]);
		pppd_exits(rig.d.event, machine_pppd(), 11);
		rig_run(&rig, USEC_PER_SEC);
		assert_string_equal(peer->last.text, rows[i][1]);
		assert_string_equal(end_text(&rig, "dialin"), rows[i][2]);
		rig_stop(&rig);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_second_daemon),
		cmocka_unit_test(test_no_route),
		cmocka_unit_test(test_icmp),
		cmocka_unit_test(test_icmp_once),
		cmocka_unit_test(test_login_asked_for),
		cmocka_unit_test(test_what_the_server_logs),
		cmocka_unit_test(test_secrets_differ),
		cmocka_unit_test(test_mschap_words),
		cmocka_unit_test(test_told_of_login),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
