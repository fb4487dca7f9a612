/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "limits_rig.h"

uint16_t limits_opened[LIMITS_TUNNELS];
unsigned limits_count;

struct l2tp_core_stats limits_stats(const struct rig *rig)
{
	struct l2tp_core_stats stats;

	l2tp_core_stats(rig->core, &stats);
	return stats;
}

bool limits_exists(const struct rig *rig, unsigned n)
{
	struct l2tp_tunnel_info info;

	return l2tp_core_tunnel_info(rig->core, limits_opened[n], &info);
}

enum l2tp_tunnel_state limits_state(const struct rig *rig, unsigned n)
{
	struct l2tp_tunnel_info info;

	assert_true(l2tp_core_tunnel_info(rig->core, limits_opened[n], &info));
	return info.state;
}

struct rig *limits_rig(enum l2tp_limit limit, unsigned all, unsigned network, unsigned source)
{
	struct l2tp_limits limits = { .id_quarantine = 60 * SEC };
	struct rig *rig = malloc(sizeof(*rig));

	assert_non_null(rig);
	limits.max[limit][L2TP_SCOPE_ALL] = all;
	limits.max[limit][L2TP_SCOPE_NETWORK] = network;
	limits.max[limit][L2TP_SCOPE_SOURCE] = source;
	rig_open_limits(rig, &limits);
	limits_count = 0;
	return rig;
}

void limits_done(struct rig *rig)
{
	rig_close(rig);
	free(rig);
}

void limits_from(struct rig *rig, const char *host, uint16_t port)
{
	assert_int_equal(l2tp_addr_parse(host, port, &rig->path.peer), 0);
}

bool limits_request(struct rig *rig, const char *host, uint16_t port)
{
	struct l2tp_msg msg = peer_sccrq();

	limits_from(rig, host, port);
	/* not in a rush: each may give way to the next */
	rig_wait(rig, 300 * MSEC);
	rig_forget(rig);
	peer_say_numbered(rig, &msg, 0, 0, 0, 0);
	if (!rig_sent_count(rig, L2TP_MSG_SCCRP))
		return false;
	limits_opened[limits_count++] = rig_sent(rig, L2TP_MSG_SCCRP)->effect.tid;
	return true;
}

void limits_answer(struct rig *rig, const char *host, uint16_t port)
{
	struct l2tp_msg zlb = peer_msg(L2TP_MSG_ZLB);

	assert_true(limits_request(rig, host, port));
	peer_say_numbered(rig, &zlb, limits_opened[limits_count - 1], 0, 1, 1);
}

void limits_establish(struct rig *rig, const char *host, uint16_t port)
{
	struct l2tp_msg msg = peer_msg(L2TP_MSG_SCCCN);

	assert_true(limits_request(rig, host, port));
	if (rig->params.secret.data)
		peer_respond(rig, &msg);
	peer_say_numbered(rig, &msg, limits_opened[limits_count - 1], 0, 1, 1);
	assert_int_equal(limits_state(rig, limits_count - 1), L2TP_TUNNEL_ESTABLISHED);
}

void limits_place(struct rig *rig, unsigned n, uint16_t sid, uint16_t ns)
{
	struct l2tp_msg icrq = peer_icrq(sid, sid);

	peer_say_numbered(rig, &icrq, limits_opened[n], 0, ns, 1);
}

void limits_stop(struct rig *rig, unsigned n)
{
	struct l2tp_msg msg = peer_stopccn(PEER_TID, 1, "");

	peer_say_numbered(rig, &msg, limits_opened[n], 0, 2, 1);
	assert_int_equal(limits_state(rig, n), L2TP_TUNNEL_CLOSING);
}
