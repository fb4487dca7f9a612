/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every allocation of the core fails once, alone and with those after it: nothing crashes, nothing
 * is left behind, and everything that began is told to have ended, in order.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "flood_rig.h"
#include "oom.h"

/* What the caller of a core was told; the last one is the server's. */
static struct told {
	bool tunnel[65536], tunnel_down[65536], session[65536];
} told[4];

static struct told *told_to(int client)
{
	return &told[client < 0 ? 3 : client];
}

static void watch_tunnel(struct told *t, const struct l2tp_effect *effect)
{
	switch (effect->type) {
	case L2TP_EFFECT_TUNNEL_UP:
		assert_false(t->tunnel_down[effect->tid]);
		t->tunnel[effect->tid] = true;
		break;
	case L2TP_EFFECT_TUNNEL_DOWN:
		assert_false(t->tunnel_down[effect->tid]);
		assert_true(effect->reason.text[0] != '\0');
		t->tunnel_down[effect->tid] = true;
		break;
	case L2TP_EFFECT_TUNNEL_GONE:
		assert_true(t->tunnel_down[effect->tid]);
		t->tunnel[effect->tid] = t->tunnel_down[effect->tid] = false;
		break;
	case L2TP_EFFECT_SESSION_OFFER:
	case L2TP_EFFECT_SESSION_CREATE:
	case L2TP_EFFECT_SESSION_UP:
	case L2TP_EFFECT_SESSION_DOWN:
		assert_false(t->tunnel_down[effect->tid]);
		break;
	case L2TP_EFFECT_SEND:
	case L2TP_EFFECT_SESSION_MOVED:
	case L2TP_EFFECT_SESSION_ACCM:
	case L2TP_EFFECT_SESSION_SPEED:
	case L2TP_EFFECT_SESSION_ERRORS:
	case L2TP_EFFECT_TRACE:
		break;
	}
}

static void watch(struct flood *flood, int client, const struct l2tp_effect *effect)
{
	struct told *t = told_to(client);

	watch_tunnel(t, effect);
	if (effect->type == L2TP_EFFECT_SESSION_OFFER) {
		assert_false(t->session[effect->sid]);
		t->session[effect->sid] = true;
	} else if (effect->type == L2TP_EFFECT_SESSION_DOWN && client < 0) {
		assert_true(t->session[effect->sid]);
		t->session[effect->sid] = false;
	} else if (effect->type == L2TP_EFFECT_SESSION_DOWN) {
		/* the call was placed in any case */
		assert_int_equal(effect->sid, flood->clients[client].sid);
		flood->clients[client].sid = 0;
	}
}

static void check_empty(const struct flood *flood)
{
	for (unsigned i = 0; i <= flood->count; i++) {
		const struct l2tp_core *core = i ? flood->clients[i - 1].core : flood->lns;
		struct l2tp_core_stats stats;

		l2tp_core_stats(core, &stats);
		assert_int_equal(stats.tunnels, 0);
		assert_int_equal(stats.sessions, 0);
		assert_int_equal(stats.half_open + stats.idle + stats.closing, 0);
		assert_true(l2tp_core_next_timeout(core) == USEC_INFINITY);
		if (i)
			assert_true(flood->clients[i - 1].sid <= 0);
	}
	for (unsigned i = 0; i < 65536; i++) {
		assert_false(told[3].session[i]);
		for (unsigned j = 0; j < 4; j++)
			assert_false(told[j].tunnel[i] || told[j].tunnel_down[i]);
	}
}

static struct l2tp_core_stats stats_of(const struct flood *flood)
{
	struct l2tp_core_stats stats;

	l2tp_core_stats(flood->lns, &stats);
	return stats;
}

/*
 * Three clients with a call each; strangers fill what there is for them; one client restarts; all
 * is closed. Allocations of the server and of the clients; how many there were.
 */
static unsigned long story(const char *secret, unsigned long first, unsigned long count)
{
	static const struct l2tp_limits limits = {
		.max = { [L2TP_LIMIT_HALF_OPEN] = { 4, 4, 4 }, [L2TP_LIMIT_TUNNELS] = { 6 } },
		.first_call = 20 * SEC,
		.id_quarantine = 60 * SEC,
	};
	struct flood *flood;
	char host[32];

	memset(told, 0, sizeof(told));
	oom_count = 0;
	flood = flood_new(7, &limits, secret);
	flood->watch = watch;
	for (unsigned i = 0; i < 3; i++) {
		snprintf(host, sizeof(host), "198.51.100.%u", i + 1);
		flood_client(flood, host, i * SEC);
	}
	oom_calls = 0;
	oom_first = first;
	oom_count = count;
	flood_run(flood, 10 * SEC);
	for (uint16_t i = 0; i < 8; i++) {
		struct l2tp_addr from = flood_addr(0x64400000u + i, L2TP_PORT);

		flood_sccrq(flood, &from, 1 + i);
	}
	/* the same id of the peer for another tunnel, and a probe */
	flood_sccrq(flood, &flood->clients[1].addr, flood->clients[1].tid);
	flood_run(flood, 70 * SEC);
	flood_close_all(flood);
	oom_count = 0;
	flood_run(flood, 200 * SEC);
	first = oom_calls;
	/* whatever was lost, it works again */
	flood_restart(flood, &flood->clients[2], 99, 0);
	flood_run(flood, 5 * SEC);
	assert_true(flood->clients[2].up_at != 0);
	assert_int_equal(stats_of(flood).sessions, 1);
	flood_close_all(flood);
	flood_run(flood, 200 * SEC);
	check_empty(flood);
	flood_free(flood);
	return first;
}

static void fail_each(const char *secret, unsigned long count, unsigned long step)
{
	unsigned long calls = story(secret, 0, 0);

	assert_in_range(calls, 100, 100000);
	for (unsigned long first = 0; first < calls; first += step)
		story(secret, first, count);
}

static void test_each_fails_alone(void **state)
{
	fail_each(NULL, 1, 1);
}

static void test_some_fail_in_a_row(void **state)
{
	fail_each("secret", 5, 3);
	fail_each(NULL, 40, 7);
}

/* Until all is closed. */
static void test_all_fail_from_one_on(void **state)
{
	fail_each(NULL, 1000000, 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_fails_alone),
		cmocka_unit_test(test_some_fail_in_a_row),
		cmocka_unit_test(test_all_fail_from_one_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
