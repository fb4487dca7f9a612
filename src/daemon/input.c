/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "input.h"

#include <errno.h>

#include "linux/udp.h"
#include "tap.h"

/* Datagrams read from one socket before others get a turn. */
#define READ_BUDGET 64

static uint8_t rx_buf[UDP_MAX_DATAGRAM];

static ssize_t udp_source(
	struct daemon *d, int fd, uint8_t *buf, size_t size, struct l2tp_path *ret_path)
{
	return udp_recv(fd, buf, size, ret_path);
}

static void take_datagram(struct daemon *d, const struct l2tp_path *path, size_t len)
{
	struct l2tp_span host;

	if (d->tap)
		d->tap->arrived(d, path, rx_buf, len);
	if (l2tp_core_input(d->core, daemon_now(d), path, rx_buf, len, &host) == L2TP_INPUT_SCCRQ)
		d->policy->want_tunnel(d, path, rx_buf, len, host);
	if (d->tap)
		d->tap->taken(d, path);
}

void input_read(struct daemon *d, int fd, input_source *source)
{
	struct l2tp_path path;

	if (!source)
		source = udp_source;
	for (int i = 0; i < READ_BUDGET; i++) {
		ssize_t n = source(d, fd, rx_buf, sizeof(rx_buf), &path);

		if (n == -EAGAIN)
			return;
		if (n < 0) /* an ICMP error of some datagram sent before: timers decide */
			continue;
		/* T: data that the relay left in a socket when it ended is nobody's message */
		if (n > 0 && !(rx_buf[0] & (L2TP_HDR_T >> 8)))
			continue;
		take_datagram(d, &path, (size_t)n);
	}
}
