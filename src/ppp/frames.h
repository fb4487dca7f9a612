/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Frames that wait, in order and bounded: what the client says while its tunnel is set up. There
 * may be passwords in them, so they are wiped.
 */
#ifndef PPP_FRAMES_H
#define PPP_FRAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

struct ppp_frame {
	STAILQ_ENTRY(ppp_frame) link;
	size_t len;
	uint8_t data[];
};

struct frames {
	STAILQ_HEAD(, ppp_frame) queue;
	struct ppp_frame *current; /* the one the owner is looking at */
	unsigned count, max_count;
	size_t octets, max_octets; /* of those in the queue */
	uint64_t lost;		   /* for which there was no room or memory */
};

void frames_init(struct frames *frames, unsigned max_count, size_t max_octets);
void frames_free(struct frames *frames);
/* Append a copy. False: no room or memory, it is lost and counted: the older ones came first. */
bool frames_put(struct frames *frames, const uint8_t *data, size_t len);
/* Take the oldest or NULL; valid until the next call of this function or frames_free(). */
const struct ppp_frame *frames_take(struct frames *frames);

#endif
