/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "effects.h"

#include <stdlib.h>
#include <string.h>

void effects_init(struct effects *effects)
{
	STAILQ_INIT(&effects->queue);
	effects->current = NULL;
}

void effects_free(struct effects *effects)
{
	while (effects_next(effects))
		;
}

const struct l2tp_effect *effects_next(struct effects *effects)
{
	free(effects->current);
	effects->current = STAILQ_FIRST(&effects->queue);
	if (!effects->current)
		return NULL;
	STAILQ_REMOVE_HEAD(&effects->queue, link);
	return &effects->current->effect;
}

/* So much of an effect is used by all but those with a reason, whose text is long. */
#define BRIEF_SIZE                                                                                 \
	(offsetof(struct l2tp_effect, offer) + sizeof(((struct l2tp_effect *)NULL)->offer))

static bool has_reason(enum l2tp_effect_type type)
{
	return type == L2TP_EFFECT_TUNNEL_DOWN || type == L2TP_EFFECT_SESSION_DOWN;
}

struct effect_node *effects_try(struct effects *effects, enum l2tp_effect_type type, size_t extra)
{
	struct effect_node *node = malloc(sizeof(*node) + extra);

	if (!node)
		return NULL;
	memset(&node->effect, 0, has_reason(type) ? sizeof(node->effect) : BRIEF_SIZE);
	node->effect.type = type;
	STAILQ_INSERT_TAIL(&effects->queue, node, link);
	return node;
}
