/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "xport_rig.h"

const struct xport_params xport_defaults = {
	.retransmit = SEC,
	.retransmit_cap = 8 * SEC,
	.max_retransmits = 5,
	.ack_delay = 20 * MSEC,
	.receive_window = 4,
};

int xport_setup(void **state)
{
	struct xport *x = calloc(1, sizeof(*x));

	assert_non_null(x);
	xport_init(x, &xport_defaults);
	*state = x;
	return 0;
}

int xport_teardown(void **state)
{
	xport_free(*state);
	free(*state);
	return 0;
}

void push(struct xport *x, unsigned count)
{
	static const uint8_t message[L2TP_CTRL_HDR_LEN + 8];

	while (count--)
		assert_int_equal(xport_push(x, L2TP_MSG_HELLO, message, sizeof(message)), 0);
}

/* Send all that may be sent; how many. */
unsigned sent(struct xport *x, usec_t now)
{
	unsigned count = 0;

	while (xport_next(x, now))
		count++;
	return count;
}

enum xport_rx ack(struct xport *x, usec_t now, uint16_t nr)
{
	return xport_receive(x, now, x->nr, nr, true);
}

enum xport_rx message(struct xport *x, uint16_t ns)
{
	return xport_receive(x, 0, ns, x->una, false);
}

uint16_t get16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

/* As if it had run for so long. */
void start_at(struct xport *x, uint16_t ns, uint16_t nr)
{
	x->una = x->high = x->tail = ns;
	x->nr = nr;
}
