/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The transport alone: two of them exchange numbered messages, around the wrap of Ns. */
#include <stdlib.h>
#include <string.h>

#include "sim.h"
#include "sim_xport.h"
#include "xport.h"

#include <l2tp/msg.h>

static struct {
	unsigned loss, dup, slow;
} net;

struct wire {
	usec_t at;
	uint16_t ns, nr;
	uint32_t number;
	bool zlb, full;
};

#define WIRES 64
#define SENT  300u

struct end {
	struct xport x;
	struct wire in[WIRES];
	uint32_t sent, received;
	bool early_seen;
};

static void on_wire(struct end *to, usec_t now, const struct wire *wire)
{
	for (unsigned i = 0; i < WIRES; i++) {
		if (to->in[i].full)
			continue;
		to->in[i] = *wire;
		to->in[i].full = true;
		to->in[i].at = now + 1 + below(50 * MSEC) + (chance(net.slow) ? SEC : 0);
		return;
	}
	/* a full queue drops, as queues do */
}

static void put_on_wire(struct end *from, struct end *to, usec_t now, const uint8_t *message)
{
	struct wire wire = { .nr = from->x.nr, .zlb = !message };

	if (message) {
		memcpy(&wire.number, message + L2TP_CTRL_HDR_LEN, sizeof(wire.number));
		wire.ns = (uint16_t)(message[8] << 8 | message[9]);
	}
	if (!chance(net.loss))
		on_wire(to, now, &wire);
	if (chance(net.dup))
		on_wire(to, now, &wire);
}

static void xport_flush(struct end *from, struct end *to, usec_t now)
{
	struct xport_msg *msg;

	while ((msg = xport_next(&from->x, now)))
		put_on_wire(from, to, now, msg->data);
	if (xport_wants_zlb(&from->x, now, chance(500))) {
		xport_acked(&from->x);
		put_on_wire(from, to, now, NULL);
	}
	CHECK(xport_unacked(&from->x) <= from->x.peer_window, "more than the window in flight");
}

static void xport_number(struct end *end, uint32_t number)
{
	CHECK(number == end->received, "transport: got %u for %u", number, end->received);
	end->received++;
}

static void xport_arrive(struct end *end, usec_t now, struct wire *wire)
{
	struct l2tp_path path = { 0 };
	struct xport_early *early;
	uint32_t number;

	wire->full = false;
	switch (xport_receive(&end->x, now, wire->ns, wire->nr, wire->zlb)) {
	case XPORT_RX_DELIVER:
		xport_number(end, wire->number);
		while ((early = xport_take(&end->x))) {
			memcpy(&number, early->data, sizeof(number));
			free(early);
			xport_number(end, number);
		}
		break;
	case XPORT_RX_EARLY:
		end->early_seen = true;
		xport_store(
			&end->x, wire->ns, &path, (uint8_t *)&wire->number, sizeof(wire->number));
		break;
	case XPORT_RX_BAD_ACK:
		fail("transport: acknowledgement of what was not sent");
	case XPORT_RX_OLD_ACK: /* so much delayed: it comes again */
	case XPORT_RX_ZLB:
	case XPORT_RX_DUPLICATE:
	case XPORT_RX_WINDOW:
		break;
	}
}

static usec_t xport_next_event(const struct end *ends)
{
	usec_t at = USEC_INFINITY;

	for (unsigned n = 0; n < NODES; n++) {
		usec_t t = xport_deadline(&ends[n].x);

		at = t < at ? t : at;
		for (unsigned i = 0; i < WIRES; i++)
			if (ends[n].in[i].full && ends[n].in[i].at < at)
				at = ends[n].in[i].at;
	}
	return at;
}

/* Two transports, Ns around the wrap: everything arrives once and in order. */
void sim_xport(unsigned loss, unsigned dup, unsigned slow)
{
	struct xport_params params = {
		.retransmit = SEC,
		.retransmit_cap = 8 * SEC,
		.max_retransmits = 60,
		.ack_delay = 20 * MSEC,
	};
	struct end ends[NODES] = { 0 };
	uint8_t message[L2TP_CTRL_HDR_LEN + sizeof(uint32_t)] = { 0 };
	uint16_t start[NODES] = { (uint16_t)(65536 - below(SENT)), (uint16_t)below(65536) };
	usec_t now = SEC;

	net.loss = loss;
	net.dup = dup;
	net.slow = slow;
	for (unsigned n = 0; n < NODES; n++) {
		params.receive_window = (uint16_t)(1 + below(16));
		xport_init(&ends[n].x, &params);
		ends[n].x.una = ends[n].x.high = ends[n].x.tail = start[n];
		ends[n].x.nr = start[!n];
	}
	for (unsigned n = 0; n < NODES; n++)
		xport_set_peer_window(&ends[n].x, ends[!n].x.params.receive_window);
	while (now != USEC_INFINITY) {
		for (unsigned n = 0; n < NODES; n++) {
			struct end *end = &ends[n];

			for (unsigned i = 0; i < WIRES; i++)
				if (end->in[i].full && end->in[i].at <= now)
					xport_arrive(end, now, &end->in[i]);
			CHECK(xport_timeout(&end->x, now) == XPORT_ALIVE, "transport: dead");
			for (uint64_t more = below(8); more && end->sent < SENT; more--) {
				memcpy(message + L2TP_CTRL_HDR_LEN, &end->sent, sizeof(end->sent));
				end->sent++;
				if (xport_push(&end->x, 0, message, sizeof(message)) < 0)
					abort();
			}
			xport_flush(end, &ends[!n], now);
		}
		now = xport_next_event(ends);
	}
	for (unsigned n = 0; n < NODES; n++) {
		CHECK(ends[n].received == ends[!n].sent, "transport: %u of %u received",
			ends[n].received, ends[!n].sent);
		xport_free(&ends[n].x);
	}
}
