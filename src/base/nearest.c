/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "nearest.h"

#include <string.h>

#define DISTANCE_MAX 64 /* words from here on are never near */

unsigned nearest_distance(const char *word, const char *other)
{
	/* rows i - 2, i - 1 and i of the matrix; neighbours swapped count as one edit */
	unsigned rows[3][DISTANCE_MAX + 1];
	unsigned *before = rows[0], *last = rows[1], *row = rows[2], *swap;
	size_t len = strlen(word), other_len = strlen(other), i, j;

	if (len >= DISTANCE_MAX || other_len >= DISTANCE_MAX)
		return DISTANCE_MAX;
	for (j = 0; j <= other_len; j++)
		last[j] = (unsigned)j;
	for (i = 1; i <= len; i++) {
		row[0] = (unsigned)i;
		for (j = 1; j <= other_len; j++) {
			unsigned d = last[j - 1] + (word[i - 1] != other[j - 1]);

			if (last[j] + 1 < d)
				d = last[j] + 1;
			if (row[j - 1] + 1 < d)
				d = row[j - 1] + 1;
			if (i > 1 && j > 1 && word[i - 1] == other[j - 2] &&
				word[i - 2] == other[j - 1] && before[j - 2] + 1 < d)
				d = before[j - 2] + 1;
			row[j] = d;
		}
		swap = before;
		before = last;
		last = row;
		row = swap;
	}
	return last[other_len];
}

void nearest_offer(struct nearest *nearest, const char *name)
{
	unsigned distance = nearest_distance(nearest->word, name);

	/* a slip in each four letters, and one more: further away it is another word */
	if (distance > 1 + strlen(nearest->word) / 4)
		return;
	if (nearest->best && distance >= nearest->distance)
		return;
	nearest->best = name;
	nearest->distance = distance;
}
