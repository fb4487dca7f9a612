/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "limits.h"

bool limit_rate_take(struct limit_rate *limit, usec_t now, unsigned rate)
{
	usec_t each = rate ? USEC_PER_SEC / rate : 0;

	if (!each)
		return true;
	if (limit->due < now)
		limit->due = now;
	if (limit->due - now >= USEC_PER_SEC)
		return false;
	limit->due += each;
	return true;
}

void limit_hold(struct limit_holds *holds, uint64_t key, usec_t until)
{
	holds->slots[key % LIMIT_HOLDS].key = key;
	holds->slots[key % LIMIT_HOLDS].until = until;
}

bool limit_is_held(const struct limit_holds *holds, uint64_t key, usec_t now)
{
	return holds->slots[key % LIMIT_HOLDS].key == key &&
	       now < holds->slots[key % LIMIT_HOLDS].until;
}
