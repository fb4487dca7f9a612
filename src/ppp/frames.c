/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "frames.h"

#include <stdlib.h>
#include <string.h>

void frames_init(struct frames *frames, unsigned max_count, size_t max_octets)
{
	*frames = (struct frames){ .max_count = max_count, .max_octets = max_octets };
	STAILQ_INIT(&frames->queue);
}

void frames_free(struct frames *frames)
{
	while (frames_take(frames))
		;
}

bool frames_put(struct frames *frames, const uint8_t *data, size_t len)
{
	struct ppp_frame *frame = NULL;

	if (frames->count < frames->max_count && len <= frames->max_octets - frames->octets)
		frame = malloc(sizeof(*frame) + len);
	if (!frame) {
		frames->lost++;
		return false;
	}
	frame->len = len;
	memcpy(frame->data, data, len);
	STAILQ_INSERT_TAIL(&frames->queue, frame, link);
	frames->count++;
	frames->octets += len;
	return true;
}

const struct ppp_frame *frames_take(struct frames *frames)
{
	if (frames->current)
		explicit_bzero(frames->current->data, frames->current->len);
	free(frames->current);
	frames->current = STAILQ_FIRST(&frames->queue);
	if (!frames->current)
		return NULL;
	STAILQ_REMOVE_HEAD(&frames->queue, link);
	frames->count--;
	frames->octets -= frames->current->len;
	return frames->current;
}
