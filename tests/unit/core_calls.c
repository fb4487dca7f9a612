/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core_calls.h"

#include <stdio.h>

static const struct l2tp_limits few = {
	.max = { [L2TP_LIMIT_TUNNELS] = { 8 },
		[L2TP_LIMIT_HALF_OPEN] = { 5, 5 },
		[L2TP_LIMIT_CALLS] = { [L2TP_SCOPE_TUNNEL] = 3 } },
	.id_quarantine = 60 * SEC,
};

int call_setup(void **state)
{
	struct rig *rig = malloc(sizeof(*rig));

	assert_non_null(rig);
	rig_open_limits(rig, &few);
	*state = rig;
	return 0;
}

uint16_t call_place(struct rig *rig, const struct l2tp_call_params *params)
{
	int sid = l2tp_core_place_call(rig->core, rig->now, rig->tid, params);

	assert_in_range(sid, 1, 65535);
	rig_drain(rig);
	return (uint16_t)sid;
}

void call_ready(struct rig *rig, uint16_t sid, int error)
{
	l2tp_core_session_ready(
		rig->core, rig->now, rig->tid, sid, error, error ? "no such device" : NULL);
	rig_drain(rig);
}

void call_accept(struct rig *rig, uint16_t sid)
{
	struct l2tp_call_params params = { .cookie = 99 };

	l2tp_core_accept_call(rig->core, rig->now, rig->tid, sid, &params);
	rig_drain(rig);
}

void call_close(struct rig *rig, uint16_t sid, const struct l2tp_reason *why)
{
	l2tp_core_close_session(rig->core, rig->now, rig->tid, sid, why);
	rig_drain(rig);
}

struct l2tp_session_info call_info(const struct rig *rig, uint16_t sid)
{
	struct l2tp_session_info info;

	assert_true(l2tp_core_session_info(rig->core, rig->tid, sid, &info));
	return info;
}

const struct l2tp_reason *call_down(const struct rig *rig)
{
	return &rig_last(rig, L2TP_EFFECT_SESSION_DOWN)->effect.reason;
}

/* The call is over, its tunnel is not. */
void call_only_over(struct rig *rig, uint16_t sid)
{
	struct l2tp_session_info info;

	assert_int_equal(rig_count(rig, L2TP_EFFECT_SESSION_DOWN), 1);
	assert_false(l2tp_core_session_info(rig->core, rig->tid, sid, &info));
	assert_int_equal(rig_count(rig, L2TP_EFFECT_TUNNEL_DOWN), 0);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_STOPCCN), 0);
	rig_state(rig, L2TP_TUNNEL_ESTABLISHED);
}

/* Up as LAC: the peer's messages included. */
uint16_t call_by_us(struct rig *rig)
{
	struct l2tp_call_params params = { .cookie = 55 };
	struct l2tp_msg icrp = peer_with_sid(L2TP_MSG_ICRP, PEER_SID);
	uint16_t sid = call_place(rig, &params);

	peer_say(rig, &icrp, sid);
	call_ready(rig, sid, 0);
	peer_ack(rig);
	assert_int_equal(call_info(rig, sid).state, L2TP_SESSION_ESTABLISHED);
	rig_forget(rig);
	return sid;
}

uint16_t call_offered(struct rig *rig)
{
	return rig_last(rig, L2TP_EFFECT_SESSION_OFFER)->effect.sid;
}

uint16_t call_by_peer(struct rig *rig)
{
	struct l2tp_msg request = peer_icrq(PEER_SID, 1), iccn = peer_connected(L2TP_MSG_ICCN);
	uint16_t sid;

	peer_say(rig, &request, 0);
	sid = call_offered(rig);
	call_accept(rig, sid);
	call_ready(rig, sid, 0);
	peer_say(rig, &iccn, sid);
	assert_int_equal(call_info(rig, sid).state, L2TP_SESSION_ESTABLISHED);
	rig_forget(rig);
	return sid;
}

void call_reply(struct rig *rig, uint16_t sid)
{
	struct l2tp_msg icrp = peer_with_sid(L2TP_MSG_ICRP, PEER_SID);

	peer_say(rig, &icrp, sid);
	l2tp_core_session_ready(rig->core, rig->now, rig->tid, sid, 0, NULL);
	rig_drain(rig);
	peer_ack(rig);
}

uint16_t call_take(struct rig *rig, struct l2tp_msg *request)
{
	struct l2tp_call_params params = { .keep_proxy = true };
	uint16_t sid;

	peer_say(rig, request, 0);
	sid = rig_last(rig, L2TP_EFFECT_SESSION_OFFER)->effect.sid;
	l2tp_core_accept_call(rig->core, rig->now, rig->tid, sid, &params);
	l2tp_core_session_ready(rig->core, rig->now, rig->tid, sid, 0, NULL);
	rig_drain(rig);
	return sid;
}

uint16_t call_place_kind(struct rig *rig, bool outgoing)
{
	struct l2tp_call_params params = { .outgoing = outgoing };
	int sid = l2tp_core_place_call(rig->core, rig->now, rig->tid, &params);

	assert_in_range(sid, 1, 65535);
	rig_drain(rig);
	return (uint16_t)sid;
}

uint16_t call_accept_offer(struct rig *rig)
{
	struct l2tp_call_params params = { 0 };
	uint16_t sid = rig_last(rig, L2TP_EFFECT_SESSION_OFFER)->effect.sid;

	l2tp_core_accept_call(rig->core, rig->now, rig->tid, sid, &params);
	rig_drain(rig);
	return sid;
}

bool call_exists(const struct rig *rig, uint16_t sid)
{
	struct l2tp_session_info info;

	return l2tp_core_session_info(rig->core, rig->tid, sid, &info);
}

void call_close_with(struct rig *rig, uint16_t sid, uint16_t result, const char *text)
{
	struct l2tp_reason why = { .result = result };

	snprintf(why.text, sizeof(why.text), "%s", text);
	l2tp_core_close_session(rig->core, rig->now, rig->tid, sid, &why);
	rig_drain(rig);
}
