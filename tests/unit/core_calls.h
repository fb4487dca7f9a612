/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the caller of a core does for a call, step by step and in one go. */
#ifndef TESTS_CORE_CALLS_H
#define TESTS_CORE_CALLS_H

#include "core_rig.h"

/* cmocka's set-up: a rig that takes 3 calls a tunnel. Ends with rig_teardown(). */
int call_setup(void **state);

/* The id of the call we place in the rig's tunnel. */
uint16_t call_place(struct rig *rig, const struct l2tp_call_params *params);
/* The same with no more said than which of the two kinds. */
uint16_t call_place_kind(struct rig *rig, bool outgoing);
/* The kernel has the session, or (error below 0) has not. */
void call_ready(struct rig *rig, uint16_t sid, int error);
/* The policy takes what the peer offered. */
void call_accept(struct rig *rig, uint16_t sid);
/* The same for the last one, with nothing to say about it; its id. */
uint16_t call_accept_offer(struct rig *rig);
void call_close(struct rig *rig, uint16_t sid, const struct l2tp_reason *why);
void call_close_with(struct rig *rig, uint16_t sid, uint16_t result, const char *text);

/* The LNS answers the request for an incoming call, and our kernel is ready. */
void call_reply(struct rig *rig, uint16_t sid);
/* The peer requests a call, we take it as ones whose proxied login is of use, our kernel is ready.
 */
uint16_t call_take(struct rig *rig, struct l2tp_msg *request);

bool call_exists(const struct rig *rig, uint16_t sid);
struct l2tp_session_info call_info(const struct rig *rig, uint16_t sid);
/* The last call the peer offered. */
uint16_t call_offered(struct rig *rig);
/* Why the last call that ended has ended. */
const struct l2tp_reason *call_down(const struct rig *rig);

/* The call is over, its tunnel is not. */
void call_only_over(struct rig *rig, uint16_t sid);

/* Calls that are established, all effects until then forgotten: ours as LAC, the peer's. */
uint16_t call_by_us(struct rig *rig);
uint16_t call_by_peer(struct rig *rig);

#endif
