/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "rig_pppoe.h"

static const uint8_t all[6] = { 255, 255, 255, 255, 255, 255 };
static const struct pppoe_socket_port eth1 = {
	.ifindex = PORT, .ifname = "eth1", .mac = { 2, 0, 0, 0, 0, 0xac }, .mtu = 1500, .up = true
};

struct client client_of(uint8_t n)
{
	return (struct client){ .mac = { 2, 0, 0, 0, 1, n }, .service = "isp" };
}

/* It arrives when the daemon looks. */
void client_says_later(const struct client *c, enum pppoe_code code)
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
}

void client_says(struct rig *rig, const struct client *c, enum pppoe_code code)
{
	client_says_later(c, code);
	rig_pump(rig);
}

/* Everything that was sent to it. */
void client_hears(struct client *c)
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
void client_asks(struct rig *rig, struct client *c)
{
	client_says(rig, c, PPPOE_PADI);
	client_hears(c);
	assert_int_equal(c->code, PPPOE_PADO);
	client_says(rig, c, PPPOE_PADR);
}

void client_calls(struct rig *rig, struct client *c)
{
	client_asks(rig, c);
	rig_run(rig, USEC_PER_SEC);
	client_hears(c);
	assert_int_equal(c->code, PPPOE_PADS);
	assert_int_not_equal(c->sid, 0);
}

void port_changes(void)
{
	const struct monitor_event event = {
		.type = MONITOR_LINK, .ifindex = PORT, .ifname = "eth1", .up = true
	};

	machine_changes(&event);
}

void start(struct rig *rig, const char *config)
{
	assert_int_equal(rig_start(rig, config), 0);
	machine.ports[0] = eth1;
	port_changes();
	rig_run(rig, USEC_PER_SEC);
}
