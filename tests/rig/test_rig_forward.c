/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calls that are forwarded, by the whole daemon: PPPoE, other tunnels; LNSs that do not answer. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include <l2tpd/ctl.h>

#include "daemon/attach/line.h"
#include "rig_pppoe.h"

#define LNS1  "198.51.100.1"
#define LNS2  "198.51.100.2"
#define PPPOE "[pppoe access]\ninterface = eth1\nac-name = lac\n"
#define LINKS                                                                                      \
	"[link one]\npeer = " LNS1 "\noriginate = yes\n"                                           \
	"[link two]\npeer = " LNS2 "\noriginate = yes\n"
#define FORWARD "[forward f]\nfrom = pppoe:access\nto = link:one link:two\n"
#define LAC	PPPOE LINKS FORWARD

static struct l2tp_session_info session_of(const struct rig_peer *peer)
{
	struct l2tp_session_info info;

	assert_true(l2tp_core_session_info(peer->core, peer->tid, peer->sid, &info));
	return info;
}

/* Say it at one end of the bridge's legs; it arrives at the daemon. */
static void leg_says(struct fake_leg *leg, const void *data, size_t len)
{
	assert_int_equal(send(leg->far, data, len, 0), len);
}

static size_t leg_hears(struct fake_leg *leg, void *buf, size_t size)
{
	ssize_t len = recv(leg->far, buf, size, 0);

	return len < 0 ? 0 : (size_t)len;
}

/* --- PPPoE to an LNS --- */

static void test_pppoe(void **state)
{
	struct client c = client_of(1);
	struct rig_peer *lns;
	struct rig rig;

	start(&rig, LAC);
	lns = rig_peer(&rig, LNS1);
	client_calls(&rig, &c);
	assert_int_equal(lns->sessions_up, 1);
	assert_string_equal(session_of(lns).calling, "020000000101");
	assert_string_equal(session_of(lns).called, "isp");
	assert_int_equal(machine.pppoe_sessions, 1);
	assert_int_equal(machine.kernel_sessions, 1);
	assert_int_equal(machine_leg(0)->joined, machine_leg(1)->channel);
	assert_int_equal(machine.spawned, 0);
	assert_int_equal(rig_call(&rig, "one")->state, CALL_UP);
	/* he hangs up */
	client_says(&rig, &c, PPPOE_PADT);
	rig_run(&rig, USEC_PER_SEC);
	assert_int_equal(lns->sessions_down, 1);
	assert_int_equal(lns->last.result, L2TP_CDN_LOST_CARRIER);
	assert_int_equal(machine.pppoe_sessions, 0);
	assert_int_equal(machine.kernel_sessions, 0);
	rig_stop(&rig);
}

/* --- an LNS that does not take it --- */

static void test_refused(void **state)
{
	struct client c = client_of(1);
	struct rig_peer *lns;
	struct rig rig;

	start(&rig, LAC);
	lns = rig_peer(&rig, LNS1);
	lns->refuse_call = L2TP_CDN_ADMIN;
	client_asks(&rig, &c);
	rig_run(&rig, USEC_PER_SEC);
	client_hears(&c);
	assert_int_equal(c.code, PPPOE_PADS);
	assert_int_equal(c.sid, 0);
	assert_int_equal(c.error, PPPOE_TAG_AC_SYSTEM_ERROR);
	assert_non_null(strstr(c.text, "no room"));
	assert_int_equal(machine.pppoe_sessions, 0);
	rig_stop(&rig);
}

/* Busy, silent, gone: the next one has it, and whoever does not answer is left alone. */
static void test_next_lns(void **state)
{
	struct rig_peer *one, *two;
	struct rig rig;

	start(&rig, LAC);
	one = rig_peer(&rig, LNS1);
	two = rig_peer(&rig, LNS2);
	one->refuse_call = L2TP_CDN_BUSY;
	for (uint8_t n = 1; n <= 2; n++) {
		struct client c = client_of(n);

		client_calls(&rig, &c);
		assert_int_equal(two->sessions_up, n);
		assert_int_equal(one->sessions_down, n); /* asked each time: it answers */
	}
	one->refuse_call = 0;
	one->silent = true;
	for (uint8_t n = 3; n <= 5; n++) {
		struct client c = client_of(n);

		client_asks(&rig, &c);
		/* the first that meets the silence waits try-timeout, the others do not */
		rig_run(&rig, n == 3 ? 6 * USEC_PER_SEC : USEC_PER_SEC / 2);
		client_hears(&c);
		assert_int_equal(c.code, PPPOE_PADS);
		assert_int_not_equal(c.sid, 0);
		assert_int_equal(two->sessions_up, n);
	}
	/* it is back */
	one->silent = false;
	rig_run(&rig, 60 * USEC_PER_SEC);
	for (uint8_t n = 6; n <= 7; n++) {
		struct client c = client_of(n);

		client_calls(&rig, &c);
		assert_int_equal(two->sessions_up, 5);
		assert_int_equal(one->sessions_up, n - 5);
	}
	rig_stop(&rig);
}

/* More than are tried for one call. */
static void test_many_targets(void **state)
{
	char config[4000] = PPPOE "[forward f]\nfrom = pppoe:access\n";
	struct client c = client_of(1);
	struct rig_peer *lns;
	struct rig rig;

	for (int i = 0; i < 40; i++)
		snprintf(config + strlen(config), sizeof(config) - strlen(config),
			"to = link:l%d\n", i);
	for (int i = 0; i < 40; i++)
		snprintf(config + strlen(config), sizeof(config) - strlen(config),
			"[link l%d]\npeer = " LNS1 "\noriginate = yes\n", i);
	start(&rig, config);
	lns = rig_peer(&rig, LNS1);
	lns->refuse_call = L2TP_CDN_BUSY;
	client_asks(&rig, &c);
	rig_run(&rig, 10 * USEC_PER_SEC);
	client_hears(&c);
	assert_int_equal(c.code, PPPOE_PADS);
	assert_int_equal(c.sid, 0);
	assert_int_equal(lns->sessions_down, 32);
	rig_stop(&rig);
}

static void test_by_weight(void **state)
{
	struct rig_peer *one, *two;
	struct rig rig;

	start(&rig, PPPOE LINKS "[forward f]\nfrom = pppoe:access\nto = link:one link:two/2\n");
	one = rig_peer(&rig, LNS1);
	two = rig_peer(&rig, LNS2);
	for (uint8_t n = 1; n <= 9; n++) {
		struct client c = client_of(n);

		client_calls(&rig, &c);
	}
	assert_int_equal(one->sessions_up, 3);
	assert_int_equal(two->sessions_up, 6);
	rig_stop(&rig);
}

static void test_lns_hangs_up(void **state)
{
	struct l2tp_reason reason = { .result = L2TP_CDN_ADMIN, .text = "come back tomorrow" };
	struct client c = client_of(1);
	struct rig_peer *lns;
	struct rig rig;

	start(&rig, LAC);
	lns = rig_peer(&rig, LNS1);
	client_calls(&rig, &c);
	l2tp_core_close_session(lns->core, fake_now, lns->tid, lns->sid, &reason);
	rig_run(&rig, USEC_PER_SEC);
	client_hears(&c);
	assert_int_equal(c.code, PPPOE_PADT);
	assert_non_null(strstr(c.text, "come back tomorrow"));
	assert_int_equal(machine.pppoe_sessions, 0);
	rig_stop(&rig);
}

/* --- everything can end at any moment --- */

static void test_kernel_says_no(void **state)
{
	struct client c = client_of(1);
	struct rig rig;

	start(&rig, LAC);
	rig_peer(&rig, LNS1);
	for (int what = 0; what < 3; what++) {
		machine.plane_error[PLANE_LEG_OPEN] = what == 0 ? -ENODEV : 0;
		machine.join_error = what == 1 ? -ENOTTY : 0;
		machine.plane_error[PLANE_SESSION_CREATE] = what == 2 ? -EEXIST : 0;
		client_asks(&rig, &c);
		rig_run(&rig, 10 * USEC_PER_SEC);
		client_hears(&c);
		assert_int_equal(c.code, PPPOE_PADS);
		assert_int_equal(c.sid, 0);
		assert_int_equal(machine.pppoe_sessions + machine.kernel_sessions, 0);
		rig_run(&rig, 5 * USEC_PER_SEC);
	}
	machine.plane_error[PLANE_SESSION_CREATE] = 0;
	client_calls(&rig, &c);
	machine_leg_lost(machine_leg(0));
	rig_run(&rig, USEC_PER_SEC);
	assert_int_equal(machine.pppoe_sessions + machine.kernel_sessions, 0);
	rig_stop(&rig);
}

static void test_end_at_every_moment(void **state)
{
	for (unsigned steps = 0; steps < 60; steps++)
		for (int how = 0; how < 4; how++) {
			struct client c = client_of(1);
			struct rig rig;

			start(&rig, LAC);
			rig_peer(&rig, LNS1);
			client_says(&rig, &c, PPPOE_PADI);
			client_hears(&c);
			client_says_later(&c, PPPOE_PADR);
			rig_steps(&rig, steps);
			client_hears(&c);
			if (how == 0)
				client_says_later(&c, PPPOE_PADT);
			else if (how == 1)
				rig_reload(&rig, LINKS);
			else if (how == 2)
				machine.ports[0].ifindex = 0;
			if (how == 2)
				port_changes();
			if (how < 3)
				rig_run(&rig, 2 * USEC_PER_SEC);
			if (how == 1 || how == 2)
				assert_int_equal(machine.pppoe_sessions, 0);
			rig_stop(&rig);
		}
}

/* --- other sources --- */

#define SWITCH                                                                                     \
	"[link from]\nincoming = yes\n" LINKS                                                      \
	"[forward f]\nfrom = link:from\nto = link:one link:two\n"

static void test_tunnel_switch(void **state)
{
	static const struct l2tp_proxy proxy = { .authen_type = 3,
		.authen_name = { (const uint8_t *)"bob@isp", 7 },
		.authen_response = { (const uint8_t *)"pw", 2 } };
	struct rig_peer *lac, *lns;
	struct rig rig;

	assert_int_equal(rig_start(&rig, SWITCH), 0);
	lac = rig_peer(&rig, "198.51.100.9");
	lns = rig_peer(&rig, LNS1);
	lns->call_params.keep_proxy = true;
	lac->call_params = (struct l2tp_call_params){ .calling = "111",
		.called = "222",
		.sub_address = "3",
		.tx_speed = 64000,
		.rx_speed = 32000,
		.private_group = "vpn",
		.framing_type = L2TP_FRAMING_ASYNC,
		.proxy = &proxy };
	rig_peer_calls(&rig, lac, "192.0.2.1");
	rig_run(&rig, USEC_PER_SEC);
	assert_int_equal(lns->sessions_up, 1);
	assert_string_equal(session_of(lns).calling, "111");
	assert_string_equal(session_of(lns).called, "222");
	assert_string_equal(session_of(lns).sub_address, "3");
	assert_string_equal(session_of(lns).private_group, "vpn");
	assert_int_equal(session_of(lns).tx_speed, 64000);
	assert_int_equal(session_of(lns).rx_speed, 32000);
	assert_int_equal(session_of(lns).framing_type, L2TP_FRAMING_ASYNC);
	assert_non_null(session_of(lns).proxy);
	assert_int_equal(session_of(lns).proxy->authen_name.len, 7);
	assert_int_equal(machine_leg(0)->joined, machine_leg(1)->channel);
	/* its reasons go on */
	l2tp_core_close_session(lns->core, fake_now, lns->tid, lns->sid,
		&(struct l2tp_reason){
			.result = L2TP_CDN_ERROR, .error = L2TP_ERR_VENDOR, .text = "vendor" });
	rig_run(&rig, USEC_PER_SEC);
	assert_int_equal(lac->sessions_down, 1);
	assert_int_equal(lac->last.result, L2TP_CDN_ERROR);
	assert_int_equal(lac->last.error, L2TP_ERR_VENDOR);
	assert_int_equal(machine.kernel_sessions, 0);
	/* and the other way round */
	rig_peer_places_call(&rig, lac);
	rig_run(&rig, USEC_PER_SEC);
	l2tp_core_close_session(lac->core, fake_now, lac->tid, lac->sid,
		&(struct l2tp_reason){ .result = L2TP_CDN_BUSY });
	rig_run(&rig, USEC_PER_SEC);
	assert_int_equal(lns->sessions_down, 2);
	assert_int_equal(lns->last.result, L2TP_CDN_BUSY);
	assert_int_equal(machine.kernel_sessions, 0);
	rig_stop(&rig);
}

#define SERIAL                                                                                     \
	"[serial s]\ndevice = /dev/ttyS0\n" LINKS "[forward f]\nfrom = serial:s\nto = link:one\n"

static void test_serial(void **state)
{
	static const uint8_t request[] = { 0xc0, 0x21, 1, 1, 0, 4 };
	uint32_t accm[2] = { 0xa0000, 0 };
	uint8_t heard[100];
	struct rig_peer *lns;
	struct rig rig;

	assert_int_equal(rig_start(&rig, SERIAL), 0);
	lns = rig_peer(&rig, LNS1);
	rig_run(&rig, USEC_PER_SEC);
	assert_int_equal(machine.ttys, 1);
	assert_int_equal(lns->sessions_up, 0);
	for (unsigned call = 1; call <= 2; call++) {
		leg_says(machine_leg(0), request, sizeof(request));
		rig_run(&rig, USEC_PER_SEC);
		assert_int_equal(lns->sessions_up, call);
		assert_int_equal(session_of(lns).framing_type, L2TP_FRAMING_ASYNC);
		/* the frame that was the call is the LNS's */
		assert_int_equal(leg_hears(machine_leg(1), heard, sizeof(heard)), sizeof(request));
		assert_memory_equal(heard, request, sizeof(request));
		/* SLI */
		l2tp_core_send_accm(lns->core, fake_now, lns->tid, lns->sid, accm[0], accm[1]);
		machine.tty_errors[1] += 7;
		rig_run(&rig, 61 * USEC_PER_SEC);
		assert_int_equal(machine.accm, accm[0]);
		machine_leg_lost(machine_leg(0));
		rig_run(&rig, USEC_PER_SEC);
		assert_int_equal(lns->sessions_down, call);
		assert_int_equal(lns->last.result, L2TP_CDN_LOST_CARRIER);
		assert_int_equal(machine.ttys, 0);
		rig_run(&rig, 3 * USEC_PER_SEC);
		assert_int_equal(machine.ttys, 1);
	}
	rig_stop(&rig);
}

/* --- PPP is spoken with the caller --- */

#define REALMS                                                                                     \
	PPPOE LINKS "[forward a]\nfrom = pppoe:access\nto = link:one\nproxy = auth\n"              \
		    "realm = one.example\nauth = pap\n"                                            \
		    "[forward b]\nfrom = pppoe:access\nto = link:two\nproxy = auth\nauth = pap\n"

/* A caller that agrees to everything and logs in by PAP. */
static void caller_talks(struct rig *rig, struct fake_leg *leg, const char *name)
{
	static const uint8_t request[] = { 0xc0, 0x21, 1, 9, 0, 14, 1, 4, 0x05, 0xd4, 5, 6, 1, 2, 3,
		4 };
	uint8_t buf[200] = { 0xc0, 0x23, 1, 7 };
	size_t len, n = strlen(name);

	leg_says(leg, request, sizeof(request));
	rig_run(rig, USEC_PER_SEC / 10);
	while ((len = leg_hears(leg, buf, sizeof(buf))))
		if (buf[0] == 0xc0 && buf[1] == 0x21 && buf[2] == 1) { /* Configure-Request */
			buf[2] = 2;
			leg_says(leg, buf, len);
		}
	rig_run(rig, USEC_PER_SEC / 10);
	memcpy(buf, (const uint8_t[]){ 0xc0, 0x23, 1, 7, 0, (uint8_t)(n + 8), (uint8_t)n }, 7);
	memcpy(buf + 7, name, n);
	memcpy(buf + 7 + n, "\2pw", 3);
	leg_says(leg, buf, n + 10);
}

static void test_realm(void **state)
{
	static const uint8_t ipcp[] = { 0x80, 0x21, 1, 1, 0, 4 };
	struct client c = client_of(1), d = client_of(2);
	struct rig_peer *one, *two;
	uint8_t heard[100];
	struct rig rig;

	start(&rig, REALMS);
	one = rig_peer(&rig, LNS1);
	two = rig_peer(&rig, LNS2);
	one->call_params.keep_proxy = two->call_params.keep_proxy = true;
	client_calls(&rig, &c); /* PADS comes before the LNS is known */
	assert_int_equal(one->sessions_up + two->sessions_up, 0);
	caller_talks(&rig, machine_leg(0), "bob@one.example");
	leg_says(machine_leg(0), ipcp, sizeof(ipcp));
	rig_run(&rig, USEC_PER_SEC);
	assert_int_equal(one->sessions_up, 1);
	assert_int_equal(session_of(one).proxy->authen_type, 3);
	assert_memory_equal(session_of(one).proxy->authen_name.data, "bob@one.example", 15);
	assert_memory_equal(session_of(one).proxy->authen_response.data, "pw", 2);
	assert_true(session_of(one).proxy->initial_lcp.len > 0);
	assert_string_equal(rig_call(&rig, "one")->user, "bob@one.example");
	assert_int_equal(machine_leg(0)->joined, machine_leg(1)->channel);
	/* what came too early is the LNS's */
	assert_int_equal(leg_hears(machine_leg(1), heard, sizeof(heard)), sizeof(ipcp));
	assert_memory_equal(heard, ipcp, sizeof(ipcp));
	client_calls(&rig, &d);
	caller_talks(&rig, machine_leg(2), "eve@other.example");
	rig_run(&rig, USEC_PER_SEC);
	assert_int_equal(two->sessions_up, 1);
	rig_stop(&rig);
}

/* No LNS: PPP says goodbye, then PADT. */
static void test_talk_and_refuse(void **state)
{
	struct client c = client_of(1);
	struct rig_peer *two;
	struct rig rig;

	start(&rig, REALMS);
	two = rig_peer(&rig, LNS2);
	two->refuse_call = L2TP_CDN_ADMIN;
	client_calls(&rig, &c);
	caller_talks(&rig, machine_leg(0), "eve");
	rig_run(&rig, 20 * USEC_PER_SEC);
	client_hears(&c);
	assert_int_equal(c.code, PPPOE_PADT);
	assert_int_equal(machine.pppoe_sessions + machine.kernel_sessions, 0);
	rig_stop(&rig);
}

/* --- people --- */

static void test_show(void **state)
{
	struct client c = client_of(1);
	json_t *reply, *one;
	struct rig rig;

	start(&rig, LAC);
	rig_peer(&rig, LNS1);
	client_calls(&rig, &c);
	reply = rig_exchange(&rig, CTL_LIST_FORWARDS, "{}");
	one = json_array_get(json_object_get(json_object_get(reply, "parameters"), "forwards"), 0);
	assert_int_equal(json_integer_value(json_object_get(one, "up")), 1);
	json_decref(reply);
	reply = rig_exchange(&rig, CTL_LIST_PPPOE, "{}");
	one = json_array_get(json_object_get(json_object_get(reply, "parameters"), "pppoe"), 0);
	assert_string_equal(json_string_value(json_object_get(one, "mac")), "02:00:00:00:01:01");
	assert_string_equal(json_string_value(json_object_get(one, "interface")), "eth1");
	assert_string_equal(json_string_value(json_object_get(one, "link")), "one");
	json_decref(reply);
	json_decref(rig_exchange(&rig, CTL_CLOSE, "{\"target\":\"one\"}"));
	rig_run(&rig, USEC_PER_SEC);
	client_hears(&c);
	assert_int_equal(c.code, PPPOE_PADT);
	rig_stop(&rig);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(test_pppoe),
	cmocka_unit_test(test_refused),
	cmocka_unit_test(test_next_lns),
	cmocka_unit_test(test_many_targets),
	cmocka_unit_test(test_by_weight),
	cmocka_unit_test(test_lns_hangs_up),
	cmocka_unit_test(test_kernel_says_no),
	cmocka_unit_test(test_end_at_every_moment),
	cmocka_unit_test(test_tunnel_switch),
	cmocka_unit_test(test_serial),
	cmocka_unit_test(test_realm),
	cmocka_unit_test(test_talk_and_refuse),
	cmocka_unit_test(test_show),
};

int main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
