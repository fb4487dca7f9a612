/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Events in the order of their time, and the network that is made of them. */
#include <stdlib.h>
#include <string.h>

#include "sim_net.h"

static bool earlier(const struct event *a, const struct event *b)
{
	return a->at != b->at ? a->at < b->at : a->order < b->order;
}

struct event *event_add(usec_t at, enum kind kind, unsigned node, size_t len)
{
	struct event *ev = calloc(1, sizeof(*ev) + len);
	size_t pos;

	if (sim.count == sim.room) {
		sim.room = sim.room ? sim.room * 2 : 256;
		sim.heap = realloc(sim.heap, sim.room * sizeof(*sim.heap));
	}
	if (!ev || !sim.heap)
		abort();
	ev->at = at;
	ev->order = sim.order++;
	ev->kind = kind;
	ev->node = node;
	ev->len = len;
	for (pos = sim.count++; pos && earlier(ev, sim.heap[(pos - 1) / 2]); pos = (pos - 1) / 2)
		sim.heap[pos] = sim.heap[(pos - 1) / 2];
	sim.heap[pos] = ev;
	return ev;
}

struct event *event_take(void)
{
	struct event *first = sim.heap[0], *last = sim.heap[--sim.count];
	size_t pos = 0, child;

	while ((child = 2 * pos + 1) < sim.count) {
		if (child + 1 < sim.count && earlier(sim.heap[child + 1], sim.heap[child]))
			child++;
		if (!earlier(sim.heap[child], last))
			break;
		sim.heap[pos] = sim.heap[child];
		pos = child;
	}
	sim.heap[pos] = last;
	return first;
}

static unsigned node_at(const struct l2tp_addr *addr)
{
	for (unsigned i = 0; i < NODES; i++)
		if (l2tp_addr_same_host(&sim.nodes[i].addr, addr))
			return i;
	fail("datagram to nowhere");
}

/* Somebody off the path who guessed the ids, but has another address or port: nothing changes. */
static void forge(const struct event *ev)
{
	/* before the true one: else its number would be the past */
	struct event *copy = event_add(sim.now, EV_PACKET, ev->node, ev->len);

	copy->path = ev->path;
	memcpy(copy->data, ev->data, ev->len);
	if (chance(500))
		l2tp_addr_parse("198.51.100.66", l2tp_addr_port(&ev->path.peer), &copy->path.peer);
	else
		l2tp_addr_set_port(&copy->path.peer, 666);
	if (copy->len > L2TP_CTRL_HDR_LEN && chance(500))
		copy->data[19] = chance(500) ? L2TP_MSG_STOPCCN : L2TP_MSG_CDN;
}

static void packet(unsigned from, const struct l2tp_effect *effect)
{
	usec_t delay = sim.delay / 2 + below(sim.delay);
	struct event *ev;

	if (!sim.perfect && chance(sim.slow))
		delay += below(3 * SEC);
	ev = event_add(sim.now + delay, EV_PACKET, node_at(&effect->path.peer), effect->send.len);
	ev->path.local = effect->path.peer;
	ev->path.peer = effect->path.local;
	/* RFC 2661 8.1: the responder may answer from a port of its choice */
	if (sim.other_port && l2tp_addr_port(&ev->path.peer) == L2TP_PORT)
		l2tp_addr_set_port(&ev->path.peer, (uint16_t)(7000 + from));
	memcpy(ev->data, effect->send.data, effect->send.len);
	/* a request, and the first answer to one, may come from any port */
	if ((ev->data[4] || ev->data[5]) && effect->send.msg_type != L2TP_MSG_SCCRP &&
		sim.nodes[from].tunnels[effect->tid].up && chance(sim.forge))
		forge(ev);
}

void transmit(unsigned from, const struct l2tp_effect *effect)
{
	total_messages++;
	say(from, "tid %u SEND %s%s", effect->tid, l2tp_msg_name(effect->send.msg_type),
		effect->send.retransmit ? " again" : "");
	if (sim.nodes[from].silent || (!sim.perfect && chance(sim.loss))) {
		say(from, "  lost");
		return;
	}
	packet(from, effect);
	if (!sim.perfect && chance(sim.dup))
		packet(from, effect);
}
