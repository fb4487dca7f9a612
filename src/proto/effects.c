/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "effects.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool add_spare(struct effects *effects)
{
	struct effect_node *node = malloc(sizeof(*node) + EFFECTS_SPARE_EXTRA);

	if (!node)
		return false;
	node->is_spare = true;
	STAILQ_INSERT_TAIL(&effects->spare, node, link);
	effects->spare_len++;
	return true;
}

int effects_init(struct effects *effects)
{
	STAILQ_INIT(&effects->queue);
	STAILQ_INIT(&effects->spare);
	effects->spare_len = 0;
	effects->current = NULL;
	while (effects->spare_len < EFFECTS_SPARE)
		if (!add_spare(effects))
			return -ENOMEM;
	return 0;
}

static void node_done(struct effects *effects, struct effect_node *node)
{
	if (!node || !node->is_spare) {
		free(node);
		return;
	}
	STAILQ_INSERT_TAIL(&effects->spare, node, link);
	effects->spare_len++;
}

void effects_free(struct effects *effects)
{
	struct effect_node *node;

	while (effects_next(effects))
		;
	while ((node = STAILQ_FIRST(&effects->spare))) {
		STAILQ_REMOVE_HEAD(&effects->spare, link);
		free(node);
	}
}

const struct l2tp_effect *effects_next(struct effects *effects)
{
	node_done(effects, effects->current);
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

static struct effect_node *append(
	struct effects *effects, struct effect_node *node, enum l2tp_effect_type type)
{
	memset(&node->effect, 0, has_reason(type) ? sizeof(node->effect) : BRIEF_SIZE);
	node->effect.type = type;
	STAILQ_INSERT_TAIL(&effects->queue, node, link);
	return node;
}

struct effect_node *effects_try(struct effects *effects, enum l2tp_effect_type type, size_t extra)
{
	struct effect_node *node = malloc(sizeof(*node) + extra);

	if (!node)
		return NULL;
	node->is_spare = false;
	return append(effects, node, type);
}

struct effect_node *effects_add(struct effects *effects, enum l2tp_effect_type type, size_t extra)
{
	struct effect_node *node = effects_try(effects, type, extra);

	if (node)
		return node;
	node = STAILQ_FIRST(&effects->spare);
	if (!node || extra > EFFECTS_SPARE_EXTRA)
		abort();
	STAILQ_REMOVE_HEAD(&effects->spare, link);
	effects->spare_len--;
	return append(effects, node, type);
}
