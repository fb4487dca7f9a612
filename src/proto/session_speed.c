/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session_speed.h"

#include "tunnel.h"
#include "tunnel_send.h"

/* A call with changes of speed, as the LAC said in its ICRQ; nothing else may be told or asked. */
static bool may_update(const struct session *s, enum l2tp_role role)
{
	return s->role == role && s->speed_updates && s->fsm.now == L2TP_SESSION_ESTABLISHED;
}

static struct session *find_named(const struct l2tp_core *core, const struct tunnel *t,
	const struct l2tp_speed_update *update, enum l2tp_role role)
{
	struct session *s = ids_get(&core->sids, update->sid);

	return s && s->tunnel == t && may_update(s, role) ? s : NULL;
}

/* The names are those of the receiver; the header, which has room for one, names none. */
static void add_update(struct l2tp_msg *msg, const struct session *s, uint32_t tx, uint32_t rx)
{
	msg->speeds[msg->speed_count++] =
		(struct l2tp_speed_update){ .sid = s->peer_sid, .tx_speed = tx, .rx_speed = rx };
	l2tp_msg_set(msg, L2TP_AVP_CONNECT_SPEED_UPDATE);
}

/* The LAC tells. */
static void learn_speeds(struct l2tp_core *core, struct tunnel *t, const struct l2tp_msg *msg)
{
	for (unsigned i = 0; i < msg->speed_count; i++) {
		struct session *s = find_named(core, t, &msg->speeds[i], L2TP_ROLE_LNS);
		struct effect_node *node;

		if (!s)
			continue;
		s->tx_speed = msg->speeds[i].tx_speed;
		s->rx_speed = msg->speeds[i].rx_speed;
		node = core_effect(core, L2TP_EFFECT_SESSION_SPEED, t, s, 0);
		if (!node)
			continue;
		node->effect.speed.tx = s->tx_speed;
		node->effect.speed.rx = s->rx_speed;
	}
}

/* The LNS asks: all it asked for in one answer. */
static void answer_csurq(struct l2tp_core *core, struct tunnel *t, const struct l2tp_msg *msg)
{
	struct l2tp_msg csun = { .type = L2TP_MSG_CSUN };

	for (unsigned i = 0; i < msg->speed_count; i++) {
		struct session *s = find_named(core, t, &msg->speeds[i], L2TP_ROLE_LAC);

		if (s)
			/* RFC 2661 4.4.4: without Rx Connect Speed the call is symmetric */
			add_update(&csun, s, s->tx_speed, s->rx_speed ? s->rx_speed : s->tx_speed);
	}
	if (csun.speed_count)
		tunnel_send(core, t, &csun, 0);
}

void session_speed_input(struct l2tp_core *core, struct tunnel *t, const struct l2tp_msg *msg)
{
	if (msg->type == L2TP_MSG_CSUN)
		learn_speeds(core, t, msg);
	else
		answer_csurq(core, t, msg);
}

void session_speed_send(struct l2tp_core *core, struct session *s, uint32_t tx, uint32_t rx)
{
	struct l2tp_msg csun = { .type = L2TP_MSG_CSUN };

	if (!may_update(s, L2TP_ROLE_LAC))
		return;
	s->tx_speed = tx;
	s->rx_speed = rx;
	add_update(&csun, s, tx, rx);
	tunnel_send(core, s->tunnel, &csun, 0);
}

void session_speed_ask(struct l2tp_core *core, struct session *s)
{
	struct l2tp_msg csurq = { .type = L2TP_MSG_CSURQ };

	if (!may_update(s, L2TP_ROLE_LNS))
		return;
	add_update(&csurq, s, 0, 0);
	tunnel_send(core, s->tunnel, &csurq, 0);
}
