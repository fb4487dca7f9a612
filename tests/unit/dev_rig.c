/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dev_rig.h"
#include "core_calls.h"

#include <stdio.h>

struct wire dev_datagram(struct rig *rig, uint16_t sid, const char *avps)
{
	struct wire w = wire_msg(sid, avps);
	bool sccrq = strncmp(avps, TYPE("0001"), strlen(TYPE("0001"))) == 0;

	wire_set_u16(&w, 4, sccrq ? 0 : rig->tid);
	wire_set_u16(&w, 8, rig->peer_ns++);
	wire_set_u16(&w, 10, rig->peer_nr);
	return w;
}

void dev_arrive(struct rig *rig, struct wire *w)
{
	peer_bytes(rig, w->data, w->len);
	wire_free(w);
}

/* The peer's next message, of these AVPs. */
void dev_say(struct rig *rig, uint16_t sid, const char *avps)
{
	struct wire w = dev_datagram(rig, sid, avps);

	dev_arrive(rig, &w);
}

/* SCCRP or SCCCN of these AVPs, and a Challenge Response after them that begins with first_word. */
void dev_say_response(
	struct rig *rig, enum l2tp_msg_type type, const char *avps, const char *first_word)
{
	struct l2tp_msg msg = peer_msg(type);
	char all[2000];
	int n;

	peer_respond(rig, &msg);
	n = snprintf(all, sizeof(all), "8008 0000 0000 %04x %s %s 0000 000d ", (unsigned)type, avps,
		first_word);
	for (unsigned i = 0; i < 16; i++)
		n += snprintf(all + n, sizeof(all) - (size_t)n, "%02x", msg.challenge_response[i]);
	dev_say(rig, 0, all);
}

struct l2tp_tunnel_info dev_tunnel(const struct rig *rig)
{
	struct l2tp_tunnel_info info;

	assert_true(l2tp_core_tunnel_info(rig->core, rig->tid, &info));
	return info;
}

/* The counters of the tunnel: so many messages with one deviation, with a second, with no other. */
void dev_assert_counted(
	const struct rig *rig, unsigned dev, unsigned count, unsigned dev2, unsigned count2)
{
	struct l2tp_tunnel_info info = dev_tunnel(rig);

	for (unsigned i = 0; i < L2TP_DEV_COUNT; i++) {
		uint64_t want = dev == 1u << i ? count : dev2 == 1u << i ? count2 : 0;

		if (info.deviations[i] != want)
			fail_msg("%s: %u, not %u", l2tp_deviation_name(i),
				(unsigned)info.deviations[i], (unsigned)want);
	}
}

void dev_assert_only(const struct rig *rig, unsigned dev)
{
	dev_assert_counted(rig, dev, dev ? 1 : 0, 0, 0);
}

void dev_assert_no_complaint(const struct rig *rig)
{
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_STOPCCN), 0);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_CDN), 0);
	rig_state(rig, L2TP_TUNNEL_ESTABLISHED);
}

enum l2tp_session_state dev_state(const struct rig *rig, uint16_t sid)
{
	struct l2tp_session_info info;

	assert_true(l2tp_core_session_info(rig->core, rig->tid, sid, &info));
	return info.state;
}

/* The peer's ICRQ or OCRQ is offered and taken; our id of it. */
uint16_t dev_take_offer(struct rig *rig)
{
	struct l2tp_call_params params = { 0 };
	uint16_t sid = rig_last(rig, L2TP_EFFECT_SESSION_OFFER)->effect.sid;

	l2tp_core_accept_call(rig->core, rig->now, rig->tid, sid, &params);
	rig_drain(rig);
	call_ready(rig, sid, 0);
	return sid;
}

/* A call of the peer, as far as ICCN. */
uint16_t dev_call_before_iccn(struct rig *rig)
{
	rig_tunnel_by_peer(rig);
	dev_say(rig, 0, TYPE("000a") SESSION_ID SERIAL);
	return dev_take_offer(rig);
}

/* A call of ours, as far as ICRP or OCRP. */
uint16_t dev_place(struct rig *rig, bool outgoing)
{
	struct l2tp_call_params params = { .outgoing = outgoing };
	int sid;

	rig_tunnel_by_us(rig);
	sid = l2tp_core_place_call(rig->core, rig->now, rig->tid, &params);
	assert_in_range(sid, 1, 65535);
	rig_drain(rig);
	return (uint16_t)sid;
}

uint16_t dev_call_by_us(struct rig *rig)
{
	uint16_t sid = dev_place(rig, false);

	dev_say(rig, sid, TYPE("000b") SESSION_ID);
	call_ready(rig, sid, 0);
	peer_ack(rig);
	assert_int_equal(dev_state(rig, sid), L2TP_SESSION_ESTABLISHED);
	rig_forget(rig);
	return sid;
}

const struct l2tp_reason *dev_call_down(const struct rig *rig)
{
	assert_int_equal(rig_count(rig, L2TP_EFFECT_SESSION_DOWN), 1);
	return &rig_last(rig, L2TP_EFFECT_SESSION_DOWN)->effect.reason;
}
