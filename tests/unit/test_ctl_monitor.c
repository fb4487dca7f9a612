/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Monitor with a real core, a real control server and a client on a socket: who may see packets,
 * what they are told, and that nothing is done while nobody looks. Who the client is comes from
 * getsockopt() below, which is linked in place of libc's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include <l2tpd/ctl.h>

#include "daemon/call/call.h"
#include "daemon/watch/monitor.h"
#include "daemon/watch/packets.h"

static bool stranger;

int getsockopt(int fd, int level, int name, void *value, socklen_t *len)
{
	struct ucred cred = { .pid = 4711, .uid = stranger ? 65534 : geteuid(), .gid = 65534 };

	if (level == SOL_SOCKET && name == SO_PEERCRED) {
		memcpy(value, &cred, sizeof(cred));
		return 0;
	}
	return (int)syscall(SYS_getsockopt, fd, level, name, value, len);
}

#define SECRET_TEXT "open sesame"

static const struct ctl_method methods[] = {
	{ CTL_MONITOR, false, monitor_method },
	{ NULL, false, NULL },
};

struct fixture {
	char dir[64], path[96];
	struct ctl_server *server;
	struct daemon d;
	int fd;
	uint16_t tid;
	struct l2tp_path path_to_peer;
};

static void env_random(void *user, void *buf, size_t len)
{
	static uint8_t next;

	for (size_t i = 0; i < len; i++)
		((uint8_t *)buf)[i] = ++next;
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct l2tp_env env = { .random = env_random };
	struct l2tp_limits limits = L2TP_LIMITS_DEFAULT;

	strcpy(f->dir, "/tmp/test-monitor-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	snprintf(f->path, sizeof(f->path), "%s/control", f->dir);
	assert_true(sd_event_new(&f->d.event) >= 0);
	assert_int_equal(
		ctl_server_new(f->d.event, f->path, "", methods, "", &f->d, &f->server, NULL), 0);
	f->d.core = l2tp_core_new(&env, &limits);
	assert_non_null(f->d.core);
	assert_int_equal(conns_new(&f->d), 0);
	assert_int_equal(monitors_new(&f->d, &packets_tap), 0);
	l2tp_addr_parse("192.0.2.9", 1701, &f->path_to_peer.local);
	l2tp_addr_parse("192.0.2.1", 1701, &f->path_to_peer.peer);
	f->fd = -1;
	stranger = false;
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	if (f->fd >= 0)
		close(f->fd);
	ctl_server_free(f->server);
	monitors_free(&f->d);
	conns_free(&f->d);
	l2tp_core_free(f->d.core);
	sd_event_unref(f->d.event);
	assert_int_equal(rmdir(f->dir), 0);
	free(f);
	return 0;
}

static void pump(struct fixture *f)
{
	while (sd_event_run(f->d.event, 0) > 0)
		;
}

/* A client that calls Monitor with these parameters. */
static int monitor(struct fixture *f, const char *params)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0), n;
	char request[200];

	strcpy(addr.sun_path, f->path);
	assert_int_equal(connect(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	n = snprintf(request, sizeof(request),
		"{\"method\":\"" CTL_MONITOR "\",\"more\":true,\"parameters\":%s}", params);
	assert_int_equal(send(fd, request, (size_t)n + 1, 0), n + 1);
	pump(f);
	return fd;
}

/* The next message to the client (decref), NULL: none. */
static json_t *receive(struct fixture *f, int fd)
{
	char buf[16384];
	size_t len = 0;

	pump(f);
	while (len < sizeof(buf) && recv(fd, buf + len, 1, 0) == 1)
		if (!buf[len++])
			return json_loads(buf, 0, NULL);
	assert_int_equal(len, 0);
	return NULL;
}

/* The event in the next message (decref). */
static json_t *next_event(struct fixture *f, int fd)
{
	json_t *message = receive(f, fd), *event;

	assert_non_null(message);
	event = json_incref(json_object_get(json_object_get(message, "parameters"), "event"));
	assert_non_null(event);
	json_decref(message);
	return event;
}

static const char *text_of(const json_t *event, const char *key)
{
	const char *text = json_string_value(json_object_get(event, key));

	return text ? text : "";
}

static int number_of(const json_t *event, const char *key)
{
	const json_t *value = json_object_get(event, key);

	assert_true(json_is_integer(value));
	return (int)json_integer_value(value);
}

static void assert_error(struct fixture *f, int fd, const char *error)
{
	json_t *message = receive(f, fd);

	assert_string_equal(text_of(message, "error"), error);
	json_decref(message);
	close(fd);
}

/* As the reactor carries out effects. */
static void send_all(struct fixture *f)
{
	const struct l2tp_effect *e;

	while ((e = l2tp_core_next_effect(f->d.core)))
		if (e->type == L2TP_EFFECT_SEND && f->d.tap)
			f->d.tap->sent(&f->d, e);
}

static void open_tunnel(struct fixture *f)
{
	struct l2tp_tunnel_params params = { .hostname = "us",
		.vendor = "Acme",
		.hide = true,
		.secret = { (const uint8_t *)SECRET_TEXT, strlen(SECRET_TEXT) } };
	int tid = l2tp_core_open_tunnel(f->d.core, 1, &f->path_to_peer, &params);

	assert_true(tid > 0);
	f->tid = (uint16_t)tid;
}

/* As input.c takes a datagram. */
static void take(struct fixture *f, usec_t now, uint8_t *buf, size_t len)
{
	struct l2tp_span host;

	f->d.tap->arrived(&f->d, &f->path_to_peer, buf, len);
	l2tp_core_input(f->d.core, now, &f->path_to_peer, buf, len, &host);
	f->d.tap->taken(&f->d, &f->path_to_peer);
}

/* A StopCCN of the peer with a hidden Assigned Tunnel ID. */
static size_t stopccn(const struct fixture *f, uint8_t *buf, size_t size)
{
	struct l2tp_encode opts = { .hide = true,
		.random_vector = "0123456789abcde",
		.secret = { (const uint8_t *)SECRET_TEXT, strlen(SECRET_TEXT) } };
	struct l2tp_msg msg = { .type = L2TP_MSG_STOPCCN,
		.hdr = { .tid = f->tid, .nr = 1 },
		.result = L2TP_STOPCCN_SHUTDOWN,
		.assigned_tid = 4242 };

	l2tp_msg_set(&msg, L2TP_AVP_RESULT_CODE);
	l2tp_msg_set(&msg, L2TP_AVP_ASSIGNED_TUNNEL_ID);
	return (size_t)l2tp_msg_encode(&msg, &opts, buf, size);
}

static void test_sent(void **state)
{
	struct fixture *f = *state;
	const char *time;
	json_t *event;

	f->fd = monitor(f, "{\"packets\":true}");
	assert_non_null(f->d.tap);
	open_tunnel(f);
	send_all(f);
	event = next_event(f, f->fd);
	assert_string_equal(text_of(event, "event"), "packet");
	assert_string_equal(text_of(event, "direction"), "sent");
	assert_string_equal(text_of(event, "local"), "192.0.2.9:1701");
	assert_string_equal(text_of(event, "peer"), "192.0.2.1:1701");
	assert_string_equal(text_of(event, "message"), "SCCRQ");
	assert_int_equal(number_of(event, "tunnel"), f->tid);
	assert_int_equal(number_of(event, "session"), 0);
	assert_int_equal(number_of(event, "ns"), 0);
	assert_true(json_is_false(json_object_get(event, "retransmit")));
	time = text_of(event, "time");
	assert_int_equal(strlen(time), strlen("2026-11-22T12:00:00.123456Z"));
	/* hidden on the wire; the secret stays in the core */
	assert_non_null(strstr(text_of(event, "text"), "Vendor Name [H] \"Acme\""));
	assert_null(strstr(text_of(event, "text"), SECRET_TEXT));
	json_decref(event);
	/* nobody answers */
	l2tp_core_timeout(f->d.core, 2 * USEC_PER_SEC);
	send_all(f);
	event = next_event(f, f->fd);
	assert_true(json_is_true(json_object_get(event, "retransmit")));
	json_decref(event);
	assert_null(receive(f, f->fd));
}

static void test_received(void **state)
{
	struct fixture *f = *state;
	uint8_t buf[512], copy[512];
	size_t len;
	json_t *event;

	f->fd = monitor(f, "{\"packets\":true}");
	open_tunnel(f);
	send_all(f);
	json_decref(next_event(f, f->fd));
	len = stopccn(f, buf, sizeof(buf));
	memcpy(copy, buf, len);
	take(f, 2, copy, len);
	event = next_event(f, f->fd);
	assert_string_equal(text_of(event, "direction"), "received");
	assert_string_equal(text_of(event, "message"), "StopCCN");
	assert_int_equal(number_of(event, "tunnel"), f->tid);
	assert_int_equal(number_of(event, "nr"), 1);
	assert_non_null(strstr(text_of(event, "text"), "Assigned Tunnel ID [H] 4242"));
	assert_true(json_is_false(json_object_get(event, "retransmit")));
	assert_null(json_object_get(event, "dropped"));
	json_decref(event);
	/* the same once more, and one for a tunnel that does not exist */
	take(f, 3, buf, len);
	event = next_event(f, f->fd);
	assert_true(json_is_true(json_object_get(event, "retransmit")));
	json_decref(event);
	buf[4] ^= 0x55;
	take(f, 4, buf, len);
	event = next_event(f, f->fd);
	assert_string_equal(text_of(event, "dropped"), "unknown tunnel");
	assert_non_null(strstr(text_of(event, "text"), "hidden, 16 octets"));
	json_decref(event);
}

/* An SCCRQ's secret is that of the link it is for. */
static void test_given_secret(void **state)
{
	struct l2tp_secret secret = { (const uint8_t *)SECRET_TEXT, strlen(SECRET_TEXT) };
	struct fixture *f = *state;
	uint8_t buf[512];
	size_t len = stopccn(f, buf, sizeof(buf));
	json_t *event;

	f->fd = monitor(f, "{\"packets\":true}");
	f->d.tap->arrived(&f->d, &f->path_to_peer, buf, len);
	f->d.tap->taken(&f->d, &f->path_to_peer);
	event = next_event(f, f->fd);
	assert_non_null(strstr(text_of(event, "text"), "hidden, 16 octets"));
	json_decref(event);
	f->d.tap->arrived(&f->d, &f->path_to_peer, buf, len);
	f->d.tap->secret(&f->d, buf, len, &secret);
	f->d.tap->taken(&f->d, &f->path_to_peer);
	event = next_event(f, f->fd);
	assert_non_null(strstr(text_of(event, "text"), "[H] 4242"));
	json_decref(event);
}

/* The header of what we send has the peer's session id; the event has ours. */
static void test_session_is_ours(void **state)
{
	static const uint8_t cdn[] = { 0xc8, 2, 0, 12, 0, 9, 0x10, 0x92, 0, 0, 0, 0 };
	struct l2tp_effect e = {
		.type = L2TP_EFFECT_SEND, .tid = 7, .send = { .data = cdn, .len = sizeof(cdn) }
	};
	struct call call = { .tid = 7, .sid = 77, .peer_sid = 4242 };
	struct conn conn = { .daemon = NULL, .tid = 7 };
	struct fixture *f = *state;
	json_t *event;

	f->fd = monitor(f, "{\"packets\":true}");
	LIST_INSERT_HEAD(&conn.calls, &call, of_conn);
	HASH_ADD(hh, f->d.conns->by_tid, tid, sizeof(conn.tid), &conn);
	f->d.tap->sent(&f->d, &e);
	event = next_event(f, f->fd);
	assert_int_equal(number_of(event, "tunnel"), 7);
	assert_int_equal(number_of(event, "session"), 77);
	json_decref(event);
	HASH_DEL(f->d.conns->by_tid, &conn);
}

static void tell_tunnel_up(struct fixture *f)
{
	struct conn conn = { .tid = 7 };

	monitor_read_news(&f->d, &(struct news){ .type = NEWS_TUNNEL_UP, .conn = &conn });
}

static void test_who_sees_what(void **state)
{
	struct fixture *f = *state;
	int without, other;
	json_t *event;

	without = monitor(f, "{}");
	other = monitor(f, "{\"packets\":false}");
	assert_null(f->d.tap);
	f->fd = monitor(f, "{\"packets\":true}");
	assert_non_null(f->d.tap);
	open_tunnel(f);
	send_all(f);
	json_decref(next_event(f, f->fd));
	assert_null(receive(f, without));
	assert_null(receive(f, other));
	/* events are for all */
	tell_tunnel_up(f);
	event = next_event(f, without);
	assert_string_equal(text_of(event, "event"), "tunnel-up");
	json_decref(event);
	json_decref(next_event(f, f->fd));
	/* one that goes away is not counted any more */
	close(f->fd);
	f->fd = -1;
	pump(f);
	assert_null(f->d.tap);
	close(without);
	close(other);
	pump(f);
}

static void test_refused(void **state)
{
	struct fixture *f = *state;

	assert_error(f, monitor(f, "{\"packets\":1}"), CTL_ERR_PARAMETER);
	assert_error(f, monitor(f, "{\"packets\":\"yes\"}"), CTL_ERR_PARAMETER);
	stranger = true;
	assert_error(f, monitor(f, "{\"packets\":true}"), CTL_ERR_REFUSED);
	assert_null(f->d.tap);
	/* events they may see */
	f->fd = monitor(f, "{\"packets\":false}");
	assert_null(receive(f, f->fd));
	tell_tunnel_up(f);
	json_decref(next_event(f, f->fd));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		TEST(test_sent),
		TEST(test_received),
		TEST(test_given_secret),
		TEST(test_session_is_ours),
		TEST(test_who_sees_what),
		TEST(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
