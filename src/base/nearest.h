/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * "did you mean ...?": the known name that a wrong one was probably meant to be.
 */
#ifndef BASE_NEAREST_H
#define BASE_NEAREST_H

#include <stddef.h>

struct nearest {
	const char *word; /* what was written */
	const char *best; /* the nearest of the names offered, borrowed; NULL: none is near */
	unsigned distance;
};

/* Start with = { .word = word }, offer every name, read best. */
void nearest_offer(struct nearest *nearest, const char *name);

/* Of how many edits (insert, delete, change, swap of neighbours) word is away from other. */
unsigned nearest_distance(const char *word, const char *other);

#endif
