/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Links that live as long as a connection to the control socket: what their client is told. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include <l2tpd/ctl.h>

#include "daemon_rig.h"

#define NOTHING "[daemon]\n"
#define PPP	"\"ppp\":[[\"user\",\"alice\"],[\"password\",\"x\"],[\"ipv6\",\"yes\"]]"
#define TO(peer, more)                                                                             \
	"{\"method\":\"" CTL_ADD_TRANSIENT "\",\"more\":true,\"parameters\":{\"name\":\"office\"," \
	"\"settings\":[[\"peer\",\"" peer "\"],[\"retransmits\",\"1\"]" more "]," PPP "}}"
#define REDIALS ",[\"max-redial\",\"0\"],[\"redial-delay\",\"4\"]"
#define ADDR	"198.51.100.1"

/* A client that made one. */
static int add(struct rig *rig, const char *request)
{
	int fd = rig_client(rig);

	assert_int_equal(write(fd, request, strlen(request) + 1), (ssize_t)strlen(request) + 1);
	return fd;
}

/* The next event; NULL: none yet. The caller's to free. */
static json_t *next_event(struct rig *rig, int fd)
{
	json_t *reply = rig_reply(rig, fd), *event = NULL;

	if (reply) {
		assert_string_equal(rig_error(reply), "");
		assert_true(json_is_true(json_object_get(reply, "continues")));
		event = json_incref(json_object_get(json_object_get(reply, "parameters"), "event"));
		assert_non_null(event);
	}
	json_decref(reply);
	return event;
}

static const char *text_of(const json_t *event, const char *key)
{
	const char *text = json_string_value(json_object_get(event, key));

	return text ? text : "(none)";
}

/* The next event is this, within so much time. The caller's to free. */
static json_t *expect(struct rig *rig, int fd, usec_t within, const char *name)
{
	json_t *event = next_event(rig, fd);

	for (usec_t t = 0; !event && t < within; t += USEC_PER_SEC / 4) {
		rig_run(rig, USEC_PER_SEC / 4);
		event = next_event(rig, fd);
	}
	assert_non_null(event);
	assert_string_equal(text_of(event, "event"), name);
	return event;
}

static void expect_only(struct rig *rig, int fd, usec_t within, const char *name)
{
	json_decref(expect(rig, fd, within, name));
}

static void test_all_details(void **state)
{
	struct rig rig;
	json_t *event;
	int fd;

	assert_int_equal(rig_start(&rig, NOTHING), 0);
	rig_peer(&rig, ADDR);
	fd = add(&rig, TO(ADDR, ""));
	event = expect(&rig, fd, USEC_PER_SEC, "opened");
	assert_string_equal(text_of(event, "link"), "office@1");
	json_decref(event);
	event = expect(&rig, fd, 5 * USEC_PER_SEC, "up");
	assert_string_equal(text_of(event, "link"), "office@1");
	assert_string_equal(text_of(event, "ifname"), "ppp0");
	assert_string_equal(text_of(event, "peer"), ADDR ":1701");
	assert_true(strlen(text_of(event, "local_ip")) > 6);
	assert_true(strlen(text_of(event, "peer_ip")) > 6);
	assert_string_equal(text_of(event, "local_ip6"), "(none)");
	assert_true(json_is_array(json_object_get(event, "dns")));
	assert_true(json_integer_value(json_object_get(event, "mtu")) > 500);
	assert_int_equal(json_integer_value(json_object_get(event, "session")),
		rig_call(&rig, "office@1")->sid);
	json_decref(event);
	close(fd);
	assert_true(rig_stop(&rig) < 8 * USEC_PER_SEC);
}

static void test_ipv6_is_told_later(void **state)
{
	struct rig rig;
	json_t *event;
	int fd;

	assert_int_equal(rig_start(&rig, NOTHING), 0);
	rig_peer(&rig, ADDR);
	machine.ipv6 = true;
	fd = add(&rig, TO(ADDR, ""));
	expect_only(&rig, fd, USEC_PER_SEC, "opened");
	event = expect(&rig, fd, 5 * USEC_PER_SEC, "up");
	if (!json_object_get(event, "local_ip6")) {
		json_decref(event);
		event = expect(&rig, fd, USEC_PER_SEC, "up");
	}
	assert_true(strncmp(text_of(event, "local_ip6"), "fe80::", 6) == 0);
	assert_true(strncmp(text_of(event, "peer_ip6"), "fe80::", 6) == 0);
	assert_true(strlen(text_of(event, "local_ip")) > 6);
	json_decref(event);
	close(fd);
	rig_end(&rig);
}

static void test_goes_with_its_client(void **state)
{
	struct rig rig;
	struct rig_peer *peer;
	int fd;

	assert_int_equal(rig_start(&rig, NOTHING), 0);
	peer = rig_peer(&rig, ADDR);
	fd = add(&rig, TO(ADDR, REDIALS));
	expect_only(&rig, fd, USEC_PER_SEC, "opened");
	expect_only(&rig, fd, 5 * USEC_PER_SEC, "up");
	assert_int_equal(rig_calls(&rig), 1);
	close(fd);
	rig_run(&rig, 10 * USEC_PER_SEC);
	assert_int_equal(rig_calls(&rig), 0);
	assert_int_equal(peer->sessions_down, 1);
	assert_null(rig_link(&rig, "office@1"));
	/* and is not dialled again */
	rig_run(&rig, 3600 * USEC_PER_SEC);
	assert_int_equal(peer->sessions_up, 1);
	rig_end(&rig);
}

/* The same at every moment of its way up: nothing is left (rig_end() looks). */
static void test_client_dies_at_every_moment(void **state)
{
	for (unsigned steps = 0; steps < 60; steps++) {
		struct rig rig;
		int fd;

		assert_int_equal(rig_start(&rig, NOTHING), 0);
		rig_peer(&rig, ADDR);
		fd = add(&rig, TO(ADDR, REDIALS));
		rig_steps(&rig, steps);
		close(fd);
		rig_run(&rig, 30 * USEC_PER_SEC);
		assert_int_equal(rig_calls(&rig), 0);
		rig_end(&rig);
	}
}

static void test_reload_at_every_moment(void **state)
{
	for (unsigned steps = 0; steps < 60; steps++) {
		struct rig rig;
		int fd;

		assert_int_equal(rig_start(&rig, NOTHING), 0);
		rig_peer(&rig, ADDR);
		fd = add(&rig, TO(ADDR, ""));
		rig_steps(&rig, steps);
		rig_reload(&rig, "[link office]\npeer = 198.51.100.9\n");
		expect_only(&rig, fd, USEC_PER_SEC, "opened");
		expect_only(&rig, fd, 5 * USEC_PER_SEC, "up");
		assert_string_equal(
			rig_link(&rig, "office")->owner.config->peer.host, "198.51.100.9");
		close(fd);
		rig_end(&rig);
	}
}

static void test_redials(void **state)
{
	struct rig rig;
	struct rig_peer *peer;
	json_t *event;
	int fd;

	assert_int_equal(rig_start(&rig, NOTHING), 0);
	peer = rig_peer(&rig, ADDR);
	fd = add(&rig, TO(ADDR, REDIALS));
	expect_only(&rig, fd, USEC_PER_SEC, "opened");
	expect_only(&rig, fd, 5 * USEC_PER_SEC, "up");
	pppd_exits(rig.d.event, machine_pppd(), 15);
	event = expect(&rig, fd, 10 * USEC_PER_SEC, "waiting");
	assert_in_range(json_integer_value(json_object_get(event, "retry_ms")), 3000, 5000);
	assert_int_equal(json_integer_value(json_object_get(event, "ppp_exit")), 15);
	assert_int_equal(json_integer_value(json_object_get(event, "errno")), 0);
	json_decref(event);
	expect_only(&rig, fd, 10 * USEC_PER_SEC, "up");
	assert_int_equal(peer->sessions_up, 2);
	close(fd);
	rig_end(&rig);
}

static void test_refused_login(void **state)
{
	struct rig rig;
	json_t *event;
	int fd;

	assert_int_equal(rig_start(&rig, NOTHING), 0);
	rig_peer(&rig, ADDR);
	machine.pppd_mode = PPPD_EXITS;
	machine.pppd_status = 19;
	fd = add(&rig, TO(ADDR, ""));
	expect_only(&rig, fd, USEC_PER_SEC, "opened");
	event = expect(&rig, fd, 10 * USEC_PER_SEC, "down");
	assert_int_equal(json_integer_value(json_object_get(event, "ppp_exit")), 19);
	json_decref(event);
	close(fd);
	rig_end(&rig);
}

static void test_refused_and_silent_peers(void **state)
{
	struct rig rig;
	json_t *event;
	int fd;

	assert_int_equal(rig_start(&rig, NOTHING), 0);
	rig_peer(&rig, ADDR)->refuse_tunnel = L2TP_STOPCCN_NOT_AUTHORIZED;
	rig_peer(&rig, "198.51.100.2")->silent = true;
	fd = add(&rig, TO(ADDR, ""));
	expect_only(&rig, fd, USEC_PER_SEC, "opened");
	event = expect(&rig, fd, 10 * USEC_PER_SEC, "down");
	assert_string_equal(text_of(event, "who"), "peer");
	assert_string_equal(text_of(event, "message"), "StopCCN");
	assert_int_equal(json_integer_value(json_object_get(event, "result")), 4);
	json_decref(event);
	close(fd);
	fd = add(&rig, TO("198.51.100.2", ""));
	expect_only(&rig, fd, USEC_PER_SEC, "opened");
	event = expect(&rig, fd, 60 * USEC_PER_SEC, "down");
	assert_string_equal(text_of(event, "who"), "timeout");
	json_decref(event);
	close(fd);
	rig_end(&rig);
}

/* What fails on this machine has a number that programs know. */
static void test_errno(void **state)
{
	struct rig rig;
	json_t *event;
	int fd;

	assert_int_equal(rig_start(&rig, NOTHING), 0);
	rig_peer(&rig, ADDR);
	machine.tunnel_socket_error = -EADDRINUSE;
	fd = add(&rig, TO(ADDR, ",[\"self\",\"0.0.0.0 1701\"]"));
	expect_only(&rig, fd, USEC_PER_SEC, "opened");
	event = expect(&rig, fd, USEC_PER_SEC, "down");
	assert_int_equal(json_integer_value(json_object_get(event, "errno")), EADDRINUSE);
	assert_non_null(strstr(text_of(event, "text"), "1701"));
	json_decref(event);
	close(fd);
	rig_end(&rig);
}

static void test_daemon_stops(void **state)
{
	char text[4096] = "";
	struct rig rig;
	int fd;

	assert_int_equal(rig_start(&rig, NOTHING), 0);
	rig_peer(&rig, ADDR);
	fd = add(&rig, TO(ADDR, REDIALS));
	expect_only(&rig, fd, USEC_PER_SEC, "opened");
	expect_only(&rig, fd, 5 * USEC_PER_SEC, "up");
	assert_true(rig_stop(&rig) < 8 * USEC_PER_SEC);
	/* the last words; then the connection ends */
	assert_true(recv(fd, text, sizeof(text) - 1, 0) > 0);
	assert_non_null(strstr(text, "\"event\":\"stopping\""));
	assert_int_equal(recv(fd, text, 1, 0), 0);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_details),
		cmocka_unit_test(test_ipv6_is_told_later),
		cmocka_unit_test(test_goes_with_its_client),
		cmocka_unit_test(test_client_dies_at_every_moment),
		cmocka_unit_test(test_reload_at_every_moment),
		cmocka_unit_test(test_redials),
		cmocka_unit_test(test_refused_login),
		cmocka_unit_test(test_refused_and_silent_peers),
		cmocka_unit_test(test_errno),
		cmocka_unit_test(test_daemon_stops),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
