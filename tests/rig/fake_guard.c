/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The fence behind encrypted sessions: who is behind it is counted. */
#include <assert.h>
#include <stdlib.h>

#include "fake_linux.h"
#include "fake_priv.h"
#include "linux/clear_guard.h"

struct clear_guard {
	unsigned sessions;
};

int clear_guard_new(struct clear_guard **ret)
{
	fake_charge(500);
	if (machine.guard_error)
		return machine.guard_error;
	*ret = calloc(1, sizeof(**ret));
	assert(*ret);
	return 0;
}

void clear_guard_free(struct clear_guard *guard)
{
	assert(!guard || guard->sessions == 0);
	free(guard);
}

int clear_guard_add(struct clear_guard *guard, const struct l2tp_addr *peer, uint16_t peer_tid,
	uint16_t peer_sid)
{
	fake_charge(500);
	assert(peer->sa.sa_family && peer_tid && peer_sid);
	machine.guarded = ++guard->sessions;
	return 0;
}

int clear_guard_remove(struct clear_guard *guard, const struct l2tp_addr *peer, uint16_t peer_tid,
	uint16_t peer_sid)
{
	fake_charge(500);
	assert(guard->sessions);
	machine.guarded = --guard->sessions;
	return 0;
}
