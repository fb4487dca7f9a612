/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "effects.h"

#include <stdlib.h>

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

struct effect_node *effects_try(struct effects *effects, enum l2tp_effect_type type, size_t extra)
{
	struct effect_node *node = malloc(sizeof(*node) + extra);

	if (!node)
		return NULL;
	node->effect = (struct l2tp_effect){ .type = type };
	STAILQ_INSERT_TAIL(&effects->queue, node, link);
	return node;
}

struct effect_node *effects_add(struct effects *effects, enum l2tp_effect_type type, size_t extra)
{
	struct effect_node *node = effects_try(effects, type, extra);

	if (!node)
		abort();
	return node;
}
