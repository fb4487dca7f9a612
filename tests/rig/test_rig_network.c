/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The machine's network changes under the daemon. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <l2tpd/ctl.h>

#include "daemon_rig.h"

#define ON_ETH7                                                                                    \
	"[link dialin]\nself = eth7\nincoming = yes\nppp = p\n"                                    \
	"[ppp p]\naddress = 10.64.0.1\npool = 10.64.0.0-10.64.255.255\n"
#define CLIENT                                                                                     \
	"[link office]\npeer = 198.51.100.1\noriginate = yes\nppp = p\nautostart = yes\n"          \
	"[ppp p]\nuser = alice\npassword = x\ndefaultroute = yes\nipv6 = yes\n"

static void set_addr(struct rig *rig, unsigned at, const char *ifname, const char *addr)
{
	struct monitor_event event = { .type = MONITOR_ADDR, .ifindex = 2 + (int)at };
	struct fake_addr *a = &machine.addrs[at];

	if (a->addr.sa.sa_family) {
		event.type = MONITOR_ADDR_GONE;
		event.local = a->addr;
		machine_changes(&event);
	}
	memset(a, 0, sizeof(*a));
	strcpy(a->ifname, ifname);
	if (addr) {
		assert_int_equal(l2tp_addr_parse(addr, 0, &a->addr), 0);
		event.type = MONITOR_ADDR;
		event.local = a->addr;
		machine_changes(&event);
	}
	rig_run(rig, USEC_PER_SEC);
}

static json_t *link_shown(struct rig *rig, json_t **ret_reply)
{
	*ret_reply = rig_exchange(rig, CTL_LIST_LINKS, "{}");
	return json_array_get(
		json_object_get(json_object_get(*ret_reply, "parameters"), "links"), 0);
}

/* field.md F5: a server whose interface has no address yet, gets one, and gets another. */
static void test_address_comes_and_moves(void **state)
{
	struct rig rig;
	struct rig_peer *peer;
	json_t *reply, *link;

	assert_int_equal(rig_start(&rig, ON_ETH7), 0);
	link = link_shown(&rig, &reply);
	assert_string_equal(json_string_value(json_object_get(link, "state")), "waiting");
	assert_string_equal(
		json_string_value(json_object_get(link, "waiting")), "no address on eth7");
	json_decref(reply);
	set_addr(&rig, 0, "eth7", "192.0.2.1");
	link = link_shown(&rig, &reply);
	assert_null(json_object_get(link, "waiting"));
	json_decref(reply);
	peer = rig_peer(&rig, "198.51.100.9");
	rig_peer_calls(&rig, peer, "192.0.2.1");
	rig_run(&rig, USEC_PER_SEC);
	assert_int_equal(rig_calls(&rig), 1);
	/* renumbered: new calls at once, the old one ends with the reason */
	set_addr(&rig, 0, "eth7", "192.0.2.77");
	rig_peer_calls(&rig, peer, "192.0.2.77");
	rig_run(&rig, USEC_PER_SEC);
	assert_int_equal(rig_calls(&rig), 2);
	rig_run(&rig, 20 * USEC_PER_SEC);
	assert_int_equal(rig_calls(&rig), 1);
	assert_non_null(strstr(rig_link(&rig, "dialin")->last_down->text,
		"does not have the address 192.0.2.1 any more"));
	rig_stop(&rig);
}

/* A call to the provider, and calls of others at the address that it brings. */
static void test_server_behind_a_call(void **state)
{
	struct rig rig;
	struct rig_peer *caller;

	assert_int_equal(
		rig_start(&rig,
			"[link dialin]\nself = ppp0\nincoming = yes\nppp = q\n"
			"[ppp q]\naddress = 10.65.0.1\npool = 10.65.0.2-10.65.0.9\n" CLIENT),
		0);
	rig_peer(&rig, "198.51.100.1");
	rig_run(&rig, USEC_PER_SEC);
	assert_int_equal(rig_link(&rig, "office")->state, LINK_UP);
	set_addr(&rig, 0, "ppp0", "10.64.0.1");
	caller = rig_peer(&rig, "198.51.100.9");
	rig_peer_calls(&rig, caller, "10.64.0.1");
	rig_run(&rig, USEC_PER_SEC);
	assert_int_equal(rig_calls(&rig), 2);
	assert_int_equal(caller->sessions_up, 1);
	rig_stop(&rig);
}

/* One that DHCP takes away and gives back ends nothing. */
static void test_address_comes_back(void **state)
{
	struct rig rig;

	assert_int_equal(rig_start(&rig, ON_ETH7), 0);
	set_addr(&rig, 0, "eth7", "192.0.2.1");
	rig_peer_calls(&rig, rig_peer(&rig, "198.51.100.9"), "192.0.2.1");
	rig_run(&rig, USEC_PER_SEC);
	set_addr(&rig, 0, "eth7", NULL);
	set_addr(&rig, 0, "eth7", "192.0.2.1");
	rig_run(&rig, 30 * USEC_PER_SEC);
	assert_int_equal(rig_calls(&rig), 1);
	rig_stop(&rig);
}

/* Another program has the port: only that link waits, until it is free. */
static void test_port_in_use(void **state)
{
	struct rig rig;
	json_t *reply, *link;

	assert_int_equal(rig_start(&rig, CLIENT), 0);
	machine.listen_error = -EADDRINUSE;
	rig_peer(&rig, "198.51.100.1");
	rig_reload(&rig, ON_ETH7 CLIENT "[link other]\nincoming = yes\nppp = p\n");
	rig_end(&rig);
	assert_int_equal(rig_start(&rig, CLIENT), 0);
	rig_peer(&rig, "198.51.100.1");
	machine.listen_error = -EADDRINUSE;
	rig_reload(&rig, "[link dialin]\nincoming = yes\nppp = p\n" CLIENT);
	rig_run(&rig, USEC_PER_SEC);
	link = link_shown(&rig, &reply);
	assert_non_null(
		strstr(json_string_value(json_object_get(link, "waiting")), "Another program"));
	json_decref(reply);
	assert_int_equal(rig_link(&rig, "office")->state, LINK_UP);
	machine.listen_error = 0;
	rig_run(&rig, 15 * USEC_PER_SEC);
	link = link_shown(&rig, &reply);
	assert_null(json_object_get(link, "waiting"));
	json_decref(reply);
	rig_stop(&rig);
}

/* friction.md U2: one listener on any address covers the others of its port. */
static void test_wildcard_and_specific(void **state)
{
	struct rig rig;

	assert_int_equal(rig_start(&rig, "[link a]\nself = 192.0.2.1\nincoming = yes\nppp = p\n"
					 "[link b]\nincoming = yes\nppp = p\n[ppp p]\n"),
		0);
	assert_null(rig_link(&rig, "a")->waiting);
	assert_null(rig_link(&rig, "b")->waiting);
	rig_peer_calls(&rig, rig_peer(&rig, "198.51.100.9"), "192.0.2.1");
	rig_run(&rig, USEC_PER_SEC);
	assert_int_equal(rig_calls(&rig), 1);
	assert_non_null(rig_call(&rig, "a"));
	rig_stop(&rig);
}

static void change(struct rig *rig, enum monitor_event_type type)
{
	machine_changes(&(struct monitor_event){ .type = type, .ifindex = 2 });
	rig_run(rig, USEC_PER_SEC);
}

/* field.md F4: a new gateway on the same interface. */
static void test_new_gateway(void **state)
{
	struct rig rig;
	struct l2tp_addr second;

	assert_int_equal(rig_start(&rig, CLIENT), 0);
	rig_peer(&rig, "198.51.100.1");
	rig_run(&rig, USEC_PER_SEC);
	assert_int_equal(rig_link(&rig, "office")->state, LINK_UP);
	assert_int_equal(l2tp_addr_parse("192.0.2.254", 0, &second), 0);
	machine.gateway = second;
	change(&rig, MONITOR_ROUTE);
	assert_true(l2tp_addr_same_host(&machine.pinned.gateway, &second));
	assert_int_equal(machine.routes, 1);
	/* and one that the kernel took with its interface comes back */
	machine.routes = 0;
	machine.pin_lost = true;
	change(&rig, MONITOR_LINK);
	machine.pin_lost = false;
	assert_int_equal((int)machine.routes, 0); /* taken away by us, and set once */
	machine.routes = 1;
	rig_stop(&rig);
}

static void test_default_route_and_mtu(void **state)
{
	struct rig rig;

	assert_int_equal(rig_start(&rig, CLIENT), 0);
	machine.ipv6 = true;
	rig_peer(&rig, "198.51.100.1");
	rig_run(&rig, USEC_PER_SEC);
	assert_int_equal(machine.default_routes, 2);
	change(&rig, MONITOR_ROUTE);
	assert_int_equal(machine.default_routes, 2);
	machine.default_routes = 0;
	machine.path_mtu = 1300;
	change(&rig, MONITOR_ROUTE);
	assert_in_range(machine.default_routes, 1, 2);
	assert_in_range(machine.mtu_set, 1200, 1299);
	assert_int_equal(rig_call(&rig, "office")->ip.mtu, machine.mtu_set);
	rig_stop(&rig);
}

static bool is_up(struct rig *rig)
{
	return rig_link(rig, "office")->state == LINK_UP;
}

/* One that waits for its next redial does not, when the network comes. */
static void test_redials_when_the_network_comes(void **state)
{
	struct rig rig;

	assert_int_equal(rig_start(&rig, CLIENT), 0);
	machine.no_network = true;
	rig_peer(&rig, "198.51.100.1");
	rig_run(&rig, 600 * USEC_PER_SEC);
	while (rig_link(&rig, "office")->state != LINK_WAITING)
		rig_run(&rig, USEC_PER_SEC);
	machine.no_network = false;
	machine_changes(&(struct monitor_event){ .type = MONITOR_ROUTE, .ifindex = 2 });
	assert_true(rig_run_until(&rig, 3 * USEC_PER_SEC, is_up));
	rig_stop(&rig);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_address_comes_and_moves),
		cmocka_unit_test(test_server_behind_a_call),
		cmocka_unit_test(test_address_comes_back),
		cmocka_unit_test(test_port_in_use),
		cmocka_unit_test(test_wildcard_and_specific),
		cmocka_unit_test(test_new_gateway),
		cmocka_unit_test(test_default_route_and_mtu),
		cmocka_unit_test(test_redials_when_the_network_comes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
