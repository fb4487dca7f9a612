/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "outbox.h"

#include <stdlib.h>
#include <string.h>

#include "numbers.h"
#include "tlv.h"

#define PROTOCOL_LEN 2u

struct outbox_node {
	STAILQ_ENTRY(outbox_node) link;
	struct ppp_effect effect;
	uint8_t bytes[];
};

void outbox_init(struct outbox *outbox)
{
	STAILQ_INIT(&outbox->queue);
	outbox->current = NULL;
}

void outbox_free(struct outbox *outbox)
{
	while (outbox_next(outbox))
		;
}

const struct ppp_effect *outbox_next(struct outbox *outbox)
{
	free(outbox->current);
	outbox->current = STAILQ_FIRST(&outbox->queue);
	if (!outbox->current)
		return NULL;
	STAILQ_REMOVE_HEAD(&outbox->queue, link);
	return &outbox->current->effect;
}

static struct outbox_node *add_node(struct outbox *outbox, enum ppp_effect_type type, size_t extra)
{
	struct outbox_node *node = malloc(sizeof(*node) + extra);

	if (!node)
		return NULL;
	node->effect = (struct ppp_effect){ .type = type };
	STAILQ_INSERT_TAIL(&outbox->queue, node, link);
	return node;
}

struct ppp_effect *outbox_add(struct outbox *outbox, enum ppp_effect_type type)
{
	struct outbox_node *node = add_node(outbox, type, 0);

	if (!node)
		abort();
	return &node->effect;
}

void outbox_packet(struct outbox *outbox, uint16_t protocol, uint8_t code, uint8_t id,
	const void *data, size_t len)
{
	size_t size = PROTOCOL_LEN + PPP_HDR_LEN + len;
	struct outbox_node *node = add_node(outbox, PPP_EFFECT_SEND, size);
	uint8_t *packet;

	if (!node)
		return;
	tlv_set16(node->bytes, protocol);
	packet = node->bytes + PROTOCOL_LEN;
	packet[0] = code;
	packet[1] = id;
	tlv_set16(packet + 2, (uint16_t)(PPP_HDR_LEN + len));
	if (len)
		memcpy(packet + PPP_HDR_LEN, data, len);
	node->effect.send.data = node->bytes;
	node->effect.send.len = size;
}
