/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "limbo.h"

#include <string.h>

#include "session.h"
#include "tunnel.h"

void limbo_init(struct limbo *limbo)
{
	STAILQ_INIT(&limbo->waiting);
}

void limbo_session_down(struct l2tp_core *core, struct session *s)
{
	s->limbo.kind = LIMBO_SESSION;
	STAILQ_INSERT_TAIL(&core->limbo.waiting, &s->limbo, next);
}

static void add_tunnel(struct l2tp_core *core, struct tunnel *t)
{
	if (t->down_owed || t->gone_owed)
		return;
	t->limbo.kind = LIMBO_TUNNEL;
	STAILQ_INSERT_TAIL(&core->limbo.waiting, &t->limbo, next);
}

void limbo_tunnel_down(struct l2tp_core *core, struct tunnel *t)
{
	add_tunnel(core, t);
	t->down_owed = true;
}

void limbo_tunnel_gone(struct l2tp_core *core, struct tunnel *t)
{
	add_tunnel(core, t);
	t->gone_owed = true;
}

void limbo_release(struct l2tp_core *core)
{
	struct limbo *limbo = &core->limbo;

	if (limbo->session)
		session_free(limbo->session);
	if (limbo->tunnel)
		tunnel_free(core, limbo->tunnel);
	limbo->session = NULL;
	limbo->tunnel = NULL;
}

/* All that is known of why; the text did not find room. */
static const struct l2tp_effect *tell(struct l2tp_core *core, enum l2tp_effect_type type,
	const struct tunnel *t, const struct session *s)
{
	struct l2tp_effect *effect = &core->limbo.effect;

	memset(effect, 0, sizeof(*effect));
	effect->type = type;
	core_effect_about(effect, t, s);
	if (type != L2TP_EFFECT_TUNNEL_GONE)
		reason_tunnel(&effect->reason, L2TP_WHO_LOCAL, 0, 0, "out of memory");
	return effect;
}

const struct l2tp_effect *limbo_next(struct l2tp_core *core)
{
	struct limbo_link *first = STAILQ_FIRST(&core->limbo.waiting);
	struct session *s;
	struct tunnel *t;

	if (!first)
		return NULL;
	if (first->kind == LIMBO_SESSION) {
		s = (void *)((char *)first - offsetof(struct session, limbo));
		STAILQ_REMOVE_HEAD(&core->limbo.waiting, next);
		core->limbo.session = s;
		return tell(core, L2TP_EFFECT_SESSION_DOWN, s->tunnel, s);
	}
	t = (void *)((char *)first - offsetof(struct tunnel, limbo));
	if (t->down_owed) {
		t->down_owed = false;
		if (!t->gone_owed)
			STAILQ_REMOVE_HEAD(&core->limbo.waiting, next);
		return tell(core, L2TP_EFFECT_TUNNEL_DOWN, t, NULL);
	}
	t->gone_owed = false;
	STAILQ_REMOVE_HEAD(&core->limbo.waiting, next);
	core->limbo.tunnel = t;
	return tell(core, L2TP_EFFECT_TUNNEL_GONE, t, NULL);
}

void limbo_free(struct l2tp_core *core)
{
	limbo_release(core);
	while (limbo_next(core))
		limbo_release(core);
}
