/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What PPP is told, gets and may: options, addresses, one call for a user, encryption, time. */
#include <setjmp.h>
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <sys/stat.h>
#include <unistd.h>

#include <l2tpd/ctl.h>

#include "config/config.h"
#include "daemon/attach/ppp.h"
#include "daemon/check.h"
#include "daemon_rig.h"

#define CLIENT                                                                                     \
	"[link office]\npeer = 198.51.100.1\noriginate = yes\nppp = p\nmax-redial = -1\n"          \
	"[ppp p]\nuser = alice\npassword = x\n"
#define SERVER "[link dialin]\nincoming = yes\nppp = p\n[ppp p]\naddress = 10.64.0.1\n"

static char users[] = "/tmp/l2tpd-rig-users-XXXXXX";

static int make_users(void **state)
{
	static const char text[] = "bob * secret 10.64.0.2\nann * secret *\ncat * secret *\n"
				   "eve * secret 10.64.0.9\n";
	int fd = mkstemp(users);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		return -1;
	return close(fd);
}

static int drop_users(void **state)
{
	return unlink(users);
}

/* A server whose users log in by MS-CHAPv2; more: further lines of its profile. */
static void start_server(struct rig *rig, const char *more)
{
	char config[1000];

	snprintf(config, sizeof(config), SERVER "require = mschapv2\nusers = %s\n%s", users, more);
	assert_int_equal(rig_start(rig, config), 0);
	machine.pppd_mode = PPPD_SILENT;
}

static void start_client(struct rig *rig, const char *more)
{
	char config[1000];

	snprintf(config, sizeof(config), CLIENT "%s", more);
	assert_int_equal(rig_start(rig, config), 0);
	machine.pppd_mode = PPPD_SILENT;
	rig_peer(rig, "198.51.100.1");
	json_decref(rig_exchange(rig, CTL_OPEN, "{\"link\":\"office\",\"wait\":false}"));
	rig_run(rig, USEC_PER_SEC);
}

/* A call whose pppd runs, and has said nothing yet. */
static struct call *calls_in(struct rig *rig, const char *addr, struct rig_peer **ret_peer)
{
	struct rig_peer *peer = rig_peer(rig, addr);

	rig_peer_calls(rig, peer, "192.0.2.1");
	rig_run(rig, USEC_PER_SEC / 100);
	if (ret_peer)
		*ret_peer = peer;
	return rig_call(rig, "dialin");
}

static void logs_in(struct rig *rig, struct fake_pppd *pppd, const char *user)
{
	pppd_says_text(pppd, PLUGIN_PHASE, 5, "authenticate");
	pppd_says_text(pppd, PLUGIN_AUTH_UP, 0, user);
	pppd_says_text(pppd, PLUGIN_PHASE, 7, "network");
	rig_pump(rig);
}

static struct plugin_msg asks(
	struct rig *rig, struct fake_pppd *pppd, const char *user, const char *suggested)
{
	struct plugin_msg grant;

	pppd_asks_address(pppd, 7, user, suggested);
	rig_pump(rig);
	assert_true(pppd_answer(pppd, &grant));
	assert_int_equal(grant.type, PLUGIN_GRANT);
	assert_int_equal(grant.number, 7);
	return grant;
}

static void assert_granted(const struct plugin_msg *grant, const char *address)
{
	char text[INET_ADDRSTRLEN];

	assert_int_equal(grant->grant.verdict, PLUGIN_ADDRESS);
	assert_string_equal(inet_ntop(AF_INET, &grant->grant.address, text, sizeof(text)), address);
}

static void assert_refused(const struct plugin_msg *grant, const char *text)
{
	assert_int_equal(grant->grant.verdict, PLUGIN_REFUSED);
	assert_string_equal(grant->grant.text, text);
}

/* IP is up with these, whatever was granted. */
static void is_up(struct rig *rig, struct fake_pppd *pppd, const char *remote)
{
	struct plugin_msg up = { .type = PLUGIN_IP_UP, .ip = { .mtu = 1400, .mru = 1400 } };

	snprintf(up.ip.ifname, sizeof(up.ip.ifname), "ppp%d", (int)pppd->pid - 1001);
	up.ip.ifindex = (uint32_t)pppd->pid;
	inet_pton(AF_INET, "10.64.0.1", &up.ip.local);
	inet_pton(AF_INET, remote, &up.ip.remote);
	pppd_says(pppd, &up);
	rig_pump(rig);
}

static const char *end_text(struct rig *rig, const char *link)
{
	const struct outcome *end = rig_link(rig, link)->last_down;

	return end ? end->text : "";
}

/* --- options --- */

static void test_nothing_is_disarmed(void **state)
{
	static const char *const for_ever[] = { "noccp", "noproxyarp", "nodefaultroute" };
	struct rig rig;

	start_client(&rig, "option = proxyarp\n");
	for (size_t i = 0; i < sizeof(for_ever) / sizeof(for_ever[0]); i++)
		assert_false(pppd_has_option(machine_pppd(), for_ever[i]));
	assert_true(pppd_has_option(machine_pppd(), "nodeflate"));
	assert_true(pppd_has_option(machine_pppd(), "refuse-eap"));
	assert_false(pppd_has_option(machine_pppd(), "require-mppe-128"));
	rig_stop(&rig);
	start_client(&rig, "eap = yes\nproxyarp = yes\nmppe = yes\n");
	assert_false(pppd_has_option(machine_pppd(), "refuse-eap"));
	assert_true(pppd_has_option(machine_pppd(), "proxyarp"));
	assert_true(pppd_has_option(machine_pppd(), "require-mppe-128"));
	assert_false(pppd_has_option(machine_pppd(), "l2tpd-require-mppe"));
	assert_int_equal(machine.guarded, 0);
	rig_stop(&rig);
}

/* attacks.md 16: whoever answers may ask for any login; in clear it is not said by default. */
static void test_login_in_clear(void **state)
{
	static const struct {
		const char *lines;
		bool pap, chap, mschapv2;
	} rows[] = {
		{ "", false, true, true },
		{ "auth = mschapv2 chap-md5 pap\n", true, true, true },
		{ "auth = pap\n", true, false, false },
		{ "auth = mschapv2\n", false, false, true },
	};
	struct rig rig;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		start_client(&rig, rows[i].lines);
		assert_int_equal(pppd_has_option(machine_pppd(), "refuse-pap"), !rows[i].pap);
		assert_int_equal(pppd_has_option(machine_pppd(), "refuse-chap"), !rows[i].chap);
		assert_int_equal(
			pppd_has_option(machine_pppd(), "refuse-mschap-v2"), !rows[i].mschapv2);
		assert_true(pppd_has_option(machine_pppd(), "refuse-mschap"));
		rig_stop(&rig);
	}
}

static void test_remote_number(void **state)
{
	struct rig rig;
	struct rig_peer *peer;

	start_server(&rig, "");
	calls_in(&rig, "198.51.100.9", NULL);
	assert_true(pppd_has_option(machine_pppd(), "remotenumber \"198.51.100.9\"") ||
		    pppd_has_option(machine_pppd(), "remotenumber 198.51.100.9"));
	assert_true(pppd_has_option(machine_pppd(), "ipparam \"dialin\"") ||
		    pppd_has_option(machine_pppd(), "ipparam dialin"));
	peer = rig_peer(&rig, "198.51.100.10");
	peer->call_params.calling = "5551234";
	rig_peer_calls(&rig, peer, "192.0.2.1");
	rig_run(&rig, USEC_PER_SEC / 100);
	assert_true(pppd_has_option(machine_pppd(), "remotenumber \"5551234\"") ||
		    pppd_has_option(machine_pppd(), "remotenumber 5551234"));
	rig_stop(&rig);
}

/* The line that pppd refuses is named, by its number in the file. */
static void test_check_names_the_line(void **state)
{
	struct config_errors errors = { 0 };
	struct rig rig;
	char expected[300];

	assert_int_equal(rig_start(&rig, CLIENT "option = idle 5\n# a line between\n"
						"option = nosuchthing\noption = debug\n"),
		0);
	check_pppd(&rig.d, &errors);
	assert_int_equal(errors.len, 0);
	machine.pppd_refuses = "nosuchthing";
	check_pppd(&rig.d, &errors);
	assert_int_equal(errors.len, 1);
	snprintf(expected, sizeof(expected),
		"%s:11: option: 'nosuchthing': pppd refuses it: unrecognized option", rig.config);
	assert_string_equal(errors.text[0], expected);
	config_errors_free(&errors);
	machine.pppd_refuses = "nodetach";
	check_pppd(&rig.d, &errors);
	assert_int_equal(errors.len, 1);
	snprintf(expected, sizeof(expected),
		"%s:6: [ppp p]: pppd refuses its options: unrecognized option", rig.config);
	assert_string_equal(errors.text[0], expected);
	config_errors_free(&errors);
	rig_stop(&rig);
}

/* --- addresses --- */

/* Six that never speak PPP hold nothing (attacks.md 6 of old); a reserved one is nobody else's. */
static void test_lease_after_proof(void **state)
{
	struct rig rig;
	struct plugin_msg grant;
	struct rig_peer *peer;

	start_server(&rig, "pool = 10.64.0.2-10.64.0.3\nsingle-session = any\n");
	for (unsigned i = 0; i < 6; i++) {
		char addr[32];

		snprintf(addr, sizeof(addr), "198.51.100.%u", 20 + i);
		calls_in(&rig, addr, NULL);
		assert_true(pppd_has_option(machine_pppd(), "l2tpd-ask-address"));
		assert_true(pppd_has_option(machine_pppd(), "10.64.0.1:"));
	}
	calls_in(&rig, "198.51.100.9", NULL);
	logs_in(&rig, machine_pppd(), "ann");
	grant = asks(&rig, machine_pppd(), "ann", "");
	assert_granted(&grant, "10.64.0.3"); /* .2 is bob's */
	is_up(&rig, machine_pppd(), "10.64.0.3");
	assert_int_equal(rig_call(&rig, "dialin")->state, CALL_UP);
	calls_in(&rig, "198.51.100.10", &peer);
	logs_in(&rig, machine_pppd(), "cat");
	grant = asks(&rig, machine_pppd(), "cat", "");
	assert_refused(&grant, "the server has no free address");
	pppd_exits(rig.d.event, machine_pppd(), 10);
	rig_pump(&rig);
	assert_int_equal(peer->last.result, L2TP_CDN_NO_FACILITY_TEMP);
	assert_string_equal(peer->last.text, "the server has no free address");
	assert_non_null(strstr(end_text(&rig, "dialin"), "all of the pool of [ppp p] are in use"));
	calls_in(&rig, "198.51.100.11", NULL);
	logs_in(&rig, machine_pppd(), "bob");
	grant = asks(&rig, machine_pppd(), "bob", "");
	assert_granted(&grant, "10.64.0.2");
	rig_stop(&rig);
}

/* A name that was only heard takes nothing, and locks nobody out (attacks.md 7 of old). */
static void test_heard_name_takes_nothing(void **state)
{
	struct rig rig;
	struct plugin_msg msg;
	struct fake_pppd *stranger;

	start_server(&rig, "single-session = any\n");
	calls_in(&rig, "198.51.100.9", NULL);
	stranger = machine_pppd();
	pppd_asks(stranger, PLUGIN_ASK_PEER, 1, "bob");
	rig_pump(&rig);
	assert_true(pppd_answer(stranger, &msg));
	assert_int_equal(msg.answer.found, 1);
	calls_in(&rig, "198.51.100.10", NULL);
	pppd_asks(machine_pppd(), PLUGIN_ASK_PEER, 2, "bob");
	rig_pump(&rig);
	assert_true(pppd_answer(machine_pppd(), &msg));
	assert_int_equal(msg.answer.found, 1);
	logs_in(&rig, machine_pppd(), "bob");
	msg = asks(&rig, machine_pppd(), "bob", "");
	assert_granted(&msg, "10.64.0.2");
	/* and a second one with the right password is told the truth */
	logs_in(&rig, stranger, "bob");
	msg = asks(&rig, stranger, "bob", "");
	assert_refused(&msg, "the address of this user is not free");
	rig_stop(&rig);
}

/* RADIUS names one: leased, and no other call gets it. */
static void test_suggested(void **state)
{
	struct rig rig;
	struct plugin_msg grant;
	struct rig_peer *peer;

	start_server(&rig, "pool = 10.64.0.5-10.64.0.6\nsingle-session = any\n");
	calls_in(&rig, "198.51.100.9", NULL);
	logs_in(&rig, machine_pppd(), "ann");
	grant = asks(&rig, machine_pppd(), "ann", "10.64.0.5");
	assert_granted(&grant, "10.64.0.5");
	calls_in(&rig, "198.51.100.10", &peer);
	logs_in(&rig, machine_pppd(), "cat");
	grant = asks(&rig, machine_pppd(), "cat", "");
	assert_granted(&grant, "10.64.0.6");
	/* PPP took another one: the lease follows, but not to one that is taken */
	is_up(&rig, machine_pppd(), "10.64.0.5");
	rig_run(&rig, USEC_PER_SEC);
	assert_int_equal(rig_calls(&rig), 1);
	assert_string_equal(peer->last.text, "PPP took 10.64.0.5, which another call has");
	rig_stop(&rig);
}

static void test_any_address(void **state)
{
	struct rig rig;
	struct plugin_msg grant;

	start_server(&rig, "");
	calls_in(&rig, "198.51.100.9", NULL);
	logs_in(&rig, machine_pppd(), "ann");
	grant = asks(&rig, machine_pppd(), "ann", "");
	assert_refused(&grant, "the server has no address for this caller");
	rig_stop(&rig);
	start_server(&rig, "accept-any-address = yes\n");
	calls_in(&rig, "198.51.100.9", NULL);
	logs_in(&rig, machine_pppd(), "ann");
	grant = asks(&rig, machine_pppd(), "ann", "");
	assert_int_equal(grant.grant.verdict, PLUGIN_ANY);
	is_up(&rig, machine_pppd(), "10.64.0.77");
	calls_in(&rig, "198.51.100.10", NULL);
	logs_in(&rig, machine_pppd(), "cat");
	is_up(&rig, machine_pppd(), "10.64.0.77");
	rig_run(&rig, USEC_PER_SEC);
	assert_int_equal(rig_calls(&rig), 1);
	rig_stop(&rig);
	start_client(&rig, "");
	assert_true(pppd_has_option(machine_pppd(), "ipcp-accept-remote"));
	assert_false(pppd_has_option(machine_pppd(), "l2tpd-ask-address"));
	rig_stop(&rig);
}

/* --- one call for a user --- */

static void first_call(struct rig *rig, struct rig_peer **ret_peer)
{
	struct plugin_msg grant;

	calls_in(rig, "198.51.100.9", ret_peer);
	logs_in(rig, machine_pppd(), "bob");
	grant = asks(rig, machine_pppd(), "bob", "");
	assert_granted(&grant, "10.64.0.2");
	is_up(rig, machine_pppd(), "10.64.0.2");
}

/* bob lost power, and calls again while his old call looks alive (field.md F8 of old). */
static void test_replace(void **state)
{
	struct rig rig;
	struct plugin_msg grant;
	struct rig_peer *old;

	start_server(&rig, "");
	first_call(&rig, &old);
	calls_in(&rig, "198.51.100.10", NULL);
	assert_int_equal(rig_calls(&rig), 2);
	logs_in(&rig, machine_pppd(), "bob");
	grant = asks(&rig, machine_pppd(), "bob", "");
	assert_granted(&grant, "10.64.0.2");
	is_up(&rig, machine_pppd(), "10.64.0.2");
	rig_run(&rig, 10 * USEC_PER_SEC);
	assert_int_equal(rig_calls(&rig), 1);
	assert_int_equal(rig_call(&rig, "dialin")->state, CALL_UP);
	assert_string_equal(
		old->last.text, "the same user has logged in again, from 198.51.100.10");
	rig_stop(&rig);
}

/* ann has no address of her own: her telephone and her laptop may both call. */
static void test_both(void **state)
{
	struct rig rig;

	start_server(&rig, "pool = 10.64.0.5-10.64.0.6\n");
	calls_in(&rig, "198.51.100.9", NULL);
	logs_in(&rig, machine_pppd(), "ann");
	asks(&rig, machine_pppd(), "ann", "");
	is_up(&rig, machine_pppd(), "10.64.0.5");
	calls_in(&rig, "198.51.100.10", NULL);
	logs_in(&rig, machine_pppd(), "ann");
	asks(&rig, machine_pppd(), "ann", "");
	is_up(&rig, machine_pppd(), "10.64.0.6");
	rig_run(&rig, 10 * USEC_PER_SEC);
	assert_int_equal(rig_calls(&rig), 2);
	rig_stop(&rig);
}

static void test_deny(void **state)
{
	struct rig rig;
	struct rig_peer *peer;

	start_server(&rig, "single-session = deny\n");
	first_call(&rig, NULL);
	calls_in(&rig, "198.51.100.10", &peer);
	logs_in(&rig, machine_pppd(), "bob");
	rig_run(&rig, USEC_PER_SEC);
	assert_int_equal(rig_calls(&rig), 1);
	assert_int_equal(rig_call(&rig, "dialin")->state, CALL_UP);
	assert_string_equal(peer->last.text, "this user has a call already, and may have one");
	rig_stop(&rig);
}

/* --- encryption --- */

static void says_ccp(struct rig *rig, int up, uint32_t send_bits, uint32_t recv_bits)
{
	struct plugin_msg msg = { .type = PLUGIN_CCP, .number = up };

	msg.ccp.send_bits = send_bits;
	msg.ccp.recv_bits = recv_bits;
	pppd_says(machine_pppd(), &msg);
	rig_pump(rig);
}

static void test_mppe_required(void **state)
{
	struct rig rig;

	start_client(&rig, "mppe = required\n");
	assert_true(pppd_has_option(machine_pppd(), "require-mppe-128"));
	assert_true(pppd_has_option(machine_pppd(), "l2tpd-require-mppe"));
	assert_int_equal(machine.guarded, 1);
	says_ccp(&rig, 1, 128, 128);
	is_up(&rig, machine_pppd(), "10.64.0.9");
	assert_int_equal(rig_call(&rig, "office")->state, CALL_UP);
	says_ccp(&rig, 0, 0, 0);
	rig_run(&rig, USEC_PER_SEC);
	assert_int_equal(rig_calls(&rig), 0);
	assert_int_equal(machine.guarded, 0);
	assert_string_equal(
		end_text(&rig, "office"), "the encryption (MPPE) ended, and mppe = required");
	rig_stop(&rig);
}

/* Up without it, in one direction, or with a short key: never. */
static void test_mppe_did_not_come_up(void **state)
{
	for (unsigned i = 0; i < 3; i++) {
		struct rig rig;

		start_client(&rig, "mppe = required\n");
		if (i)
			says_ccp(&rig, 1, i == 1 ? 0 : 40, 128);
		is_up(&rig, machine_pppd(), "10.64.0.9");
		rig_run(&rig, USEC_PER_SEC);
		assert_int_equal(rig_calls(&rig), 0);
		assert_int_equal(machine.guarded, 0);
		assert_non_null(strstr(end_text(&rig, "office"), "mppe = required"));
		rig_stop(&rig);
	}
}

/* What the plugin or pppd said of it reaches people. */
static void test_mppe_refused_by_peer(void **state)
{
	struct plugin_msg down = { .type = PLUGIN_LINK_DOWN, .number = 10 };
	struct rig rig;

	start_client(&rig, "mppe = required\n");
	strcpy(down.down.words, "MPPE required but peer refused");
	pppd_says(machine_pppd(), &down);
	pppd_exits(rig.d.event, machine_pppd(), 10);
	rig_run(&rig, USEC_PER_SEC);
	assert_string_equal(end_text(&rig, "office"),
		"no encryption, and mppe = required: MPPE required but peer refused");
	rig_stop(&rig);
}

/* Without the fence no such call is made, and others are. */
static void test_mppe_without_fence(void **state)
{
	struct rig rig;

	assert_int_equal(rig_start(&rig, CLIENT "mppe = required\n"), 0);
	machine.guard_error = -EPROTONOSUPPORT;
	rig_peer(&rig, "198.51.100.1");
	json_decref(rig_exchange(&rig, CTL_OPEN, "{\"link\":\"office\",\"wait\":false}"));
	rig_run(&rig, USEC_PER_SEC);
	assert_int_equal(rig_calls(&rig), 0);
	assert_null(machine_pppd());
	assert_non_null(strstr(end_text(&rig, "office"), "nf_tables"));
	rig_stop(&rig);
}

/* --- time --- */

struct layer_row {
	const char *phase, *text;
};

/* A peer that keeps LCP busy, never lets the login end, or answers no IPCP (issue of both roles) */
static void test_setup_timeout(void **state)
{
	static const struct layer_row rows[] = {
		{ NULL, "PPP did not come up in 60 s (setup-timeout): LCP was not agreed on" },
		{ "authenticate",
			"PPP did not come up in 60 s (setup-timeout): the login was not finished" },
		{ "network",
			"PPP did not come up in 60 s (setup-timeout): IPCP was not agreed on" },
	};

	for (unsigned i = 0; i < 2 * sizeof(rows) / sizeof(rows[0]); i++) {
		const struct layer_row *row = &rows[i / 2];
		const char *link = i & 1 ? "office" : "dialin";
		struct rig rig;

		if (i & 1) {
			start_client(&rig, "");
		} else {
			start_server(&rig, "");
			calls_in(&rig, "198.51.100.9", NULL);
		}
		if (row->phase)
			pppd_says_text(machine_pppd(), PLUGIN_PHASE, 5, row->phase);
		rig_run(&rig, 55 * USEC_PER_SEC);
		assert_int_equal(rig_calls(&rig), 1);
		rig_run(&rig, 10 * USEC_PER_SEC);
		assert_int_equal(rig_calls(&rig), 0);
		assert_string_equal(end_text(&rig, link), row->text);
		rig_stop(&rig);
	}
}

/* One that is up stays. */
static void test_setup_timeout_over(void **state)
{
	struct rig rig;

	start_client(&rig, "");
	is_up(&rig, machine_pppd(), "10.64.0.9");
	rig_run(&rig, 200 * USEC_PER_SEC);
	assert_int_equal(rig_call(&rig, "office")->state, CALL_UP);
	rig_stop(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_is_disarmed),
		cmocka_unit_test(test_login_in_clear),
		cmocka_unit_test(test_remote_number),
		cmocka_unit_test(test_check_names_the_line),
		cmocka_unit_test(test_lease_after_proof),
		cmocka_unit_test(test_heard_name_takes_nothing),
		cmocka_unit_test(test_suggested),
		cmocka_unit_test(test_any_address),
		cmocka_unit_test(test_replace),
		cmocka_unit_test(test_both),
		cmocka_unit_test(test_deny),
		cmocka_unit_test(test_mppe_required),
		cmocka_unit_test(test_mppe_did_not_come_up),
		cmocka_unit_test(test_mppe_refused_by_peer),
		cmocka_unit_test(test_mppe_without_fence),
		cmocka_unit_test(test_setup_timeout),
		cmocka_unit_test(test_setup_timeout_over),
	};

	return cmocka_run_group_tests_name("rig ppp", tests, make_users, drop_users);
}
