/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calls that are forwarded, by the whole daemon: PPPoE, other tunnels; LNSs that do not answer. */
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
#include "daemon_rig.h"
#include "pppoe/tags.h"

#define PORT  3
#define LNS1  "198.51.100.1"
#define LNS2  "198.51.100.2"
#define PPPOE "[pppoe access]\ninterface = eth1\nac-name = lac\n"
#define LINKS                                                                                      \
	"[link one]\npeer = " LNS1 "\noriginate = yes\n"                                           \
	"[link two]\npeer = " LNS2 "\noriginate = yes\n"
#define FORWARD "[forward f]\nfrom = pppoe:access\nto = link:one link:two\n"
#define LAC	PPPOE LINKS FORWARD

static const uint8_t all[6] = { 255, 255, 255, 255, 255, 255 };
static const struct pppoe_socket_port eth1 = {
	.ifindex = PORT, .ifname = "eth1", .mac = { 2, 0, 0, 0, 0, 0xac }, .mtu = 1500, .up = true
};

/* --- a client on the Ethernet --- */

struct client {
	uint8_t mac[6];
	uint8_t cookie[64];
	size_t cookie_len;
	const char *service;
	struct l2tp_span line; /* of an access node */
	uint16_t sid;	       /* of the PADS; 0: none */
	uint8_t code;	       /* of the last frame for it; 0: none */
	uint16_t error;
	char text[200];
};

static struct client client_of(uint8_t n)
{
	return (struct client){ .mac = { 2, 0, 0, 0, 1, n }, .service = "isp" };
}

static void client_says(struct rig *rig, const struct client *c, enum pppoe_code code)
{
	uint8_t buf[PPPOE_FRAME_MAX];
	struct buf_wr wr;
	int len;

	buf_wr_init(&wr, buf, sizeof(buf));
	pppoe_begin(&wr, code == PPPOE_PADI ? all : eth1.mac, c->mac, code,
		code == PPPOE_PADT ? c->sid : 0);
	if (code != PPPOE_PADT)
		pppoe_put(&wr, PPPOE_TAG_SERVICE_NAME, pppoe_text(c->service));
	if (code == PPPOE_PADR)
		pppoe_put(&wr, PPPOE_TAG_AC_COOKIE,
			(struct l2tp_span){ .data = c->cookie, .len = (uint16_t)c->cookie_len });
	if (c->line.data && code == PPPOE_PADR)
		pppoe_put(&wr, PPPOE_TAG_VENDOR, c->line);
	len = pppoe_end(&wr);
	assert_true(len > 0);
	machine_ethernet_in(PORT, buf, (size_t)len);
	rig_pump(rig);
}

/* Everything that was sent to it. */
static void client_hears(struct client *c)
{
	uint8_t buf[PPPOE_FRAME_MAX];
	struct pppoe_frame frame;
	size_t len;
	int port;

	c->code = 0;
	while ((len = machine_ethernet_out(&port, buf, sizeof(buf)))) {
		assert_int_equal(port, PORT);
		assert_int_equal(pppoe_parse(buf, len, &frame), 0);
		if (memcmp(frame.dst, c->mac, 6) != 0)
			continue;
		c->code = frame.code;
		c->error = frame.error;
		l2tp_text_copy(c->text, sizeof(c->text), frame.error_text);
		if (frame.code == PPPOE_PADO) {
			assert_in_range(frame.cookie.len, 1, sizeof(c->cookie));
			memcpy(c->cookie, frame.cookie.data, frame.cookie.len);
			c->cookie_len = frame.cookie.len;
		} else if (frame.code == PPPOE_PADS) {
			c->sid = frame.sid;
		}
	}
}

/* PADI, PADO, PADR; what comes of that is heard with time. */
static void client_asks(struct rig *rig, struct client *c)
{
	client_says(rig, c, PPPOE_PADI);
	client_hears(c);
	assert_int_equal(c->code, PPPOE_PADO);
	client_says(rig, c, PPPOE_PADR);
}

static void client_calls(struct rig *rig, struct client *c)
{
	client_asks(rig, c);
	rig_run(rig, USEC_PER_SEC);
	client_hears(c);
	assert_int_equal(c->code, PPPOE_PADS);
	assert_int_not_equal(c->sid, 0);
}

static void start(struct rig *rig, const char *config)
{
	const struct monitor_event event = {
		.type = MONITOR_LINK, .ifindex = PORT, .ifname = "eth1", .up = true
	};

	assert_int_equal(rig_start(rig, config), 0);
	machine.ports[0] = eth1;
	machine_changes(&event);
	rig_run(rig, USEC_PER_SEC);
}

static struct l2tp_session_info session_of(const struct rig_peer *peer)
{
	struct l2tp_session_info info;

	assert_true(l2tp_core_session_info(peer->core, peer->tid, peer->sid, &info));
	return info;
}

/* Say it at one end of the bridge's legs; it arrives at the daemon. */
__attribute__((unused)) static void leg_says(struct fake_leg *leg, const void *data, size_t len)
{
	assert_int_equal(send(leg->far, data, len, 0), len);
}

__attribute__((unused)) static size_t leg_hears(struct fake_leg *leg, void *buf, size_t size)
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

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(test_pppoe),
};

int main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
