/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the core stands on: ids, deadlines, effects, words of the peer. */
#include "core_rig.h"

#include <errno.h>

#include "effects.h"
#include "ids.h"
#include "reason.h"
#include "timers.h"

static uint64_t next_random(uint64_t *state)
{
	*state = *state * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return *state >> 33;
}

static void env_random(void *user, void *buf, size_t len)
{
	uint8_t *out = buf;

	for (size_t i = 0; i < len; i++)
		out[i] = (uint8_t)next_random(user);
}

static uint64_t seed = 1;
static const struct l2tp_env env = { .user = &seed, .random = env_random };

static void test_ids_rest_before_they_come_back(void **state)
{
	struct ids ids;
	static usec_t freed[65536];
	unsigned reused = 0;

	memset(freed, 0, sizeof(freed));
	ids_init(&ids, 60 * SEC);
	for (usec_t now = SEC; now < 3000 * SEC; now += 10 * MSEC) {
		int id = ids_add(&ids, &env, now, &ids, 1);

		assert_in_range(id, 1, 65535);
		if (freed[id]) {
			reused++;
			assert_true(now - freed[id] >= 60 * SEC);
		}
		assert_ptr_equal(ids_get(&ids, (uint16_t)id), &ids);
		ids_remove(&ids, now, (uint16_t)id, 1, IDS_REST_FULL);
		assert_null(ids_get(&ids, (uint16_t)id));
		freed[id] = now;
	}
	assert_true(reused > 1000);
	ids_free(&ids);
}

static void test_ids_run_out_and_come_back(void **state)
{
	struct ids ids;
	unsigned count = 0;
	uint16_t id = 0;

	ids_init(&ids, SEC);
	for (unsigned i = 0; i < 65535; i++)
		assert_true(ids_add(&ids, &env, 0, &ids, 1) > 0);
	assert_int_equal(ids.used, 65535);
	assert_int_equal(ids_add(&ids, &env, 0, &ids, 1), -ENOSPC);
	assert_int_equal(ids_spare(&ids, &env, 0), 1);
	while ((id = ids_next(&ids, id)))
		count++;
	assert_int_equal(count, 65535);
	ids_remove(&ids, 0, 4711, 1, IDS_REST_FULL);
	assert_int_equal(ids_next(&ids, 4710), 4712);
	assert_int_equal(ids_add(&ids, &env, SEC - MSEC, &ids, 1), -ENOSPC);
	assert_int_equal(ids_add(&ids, &env, SEC, &ids, 1), 4711);
	ids_free(&ids);
}

/* Kernel and peer may remember it in the tunnel it was in; it is shorter elsewhere. */
static void test_ids_rest_for_their_owner(void **state)
{
	struct ids ids;
	uint16_t id = 0;

	ids_init(&ids, 60 * SEC);
	for (unsigned i = 0; i < 65535; i++)
		assert_true(ids_add(&ids, &env, 0, &ids, 1) > 0);
	while ((id = ids_next(&ids, id)))
		ids_remove(&ids, SEC + id % 2 * MSEC, id, 1, IDS_REST_FULL);
	assert_int_equal(ids_add(&ids, &env, 61 * SEC - MSEC, &ids, 1), -ENOSPC);
	assert_true(ids_add(&ids, &env, 31 * SEC + MSEC, &ids, 2) > 0);
	/* all rest: one that has rested longest, though not long enough */
	id = (uint16_t)ids_add(&ids, &env, 2 * SEC, &ids, 2);
	assert_in_range(id, 1, 65535);
	assert_int_equal(id % 2, 0);
	assert_int_equal(ids_add(&ids, &env, 2 * SEC, &ids, 1), -ENOSPC);
	/* nobody saw this one */
	ids_remove(&ids, 3 * SEC, id, 1, IDS_REST_BRIEF);
	assert_int_equal(ids_add(&ids, &env, 4 * SEC - MSEC, &ids, 1), -ENOSPC);
	assert_int_equal(ids_add(&ids, &env, 4 * SEC, &ids, 1), id);
	ids_free(&ids);
}

#define TIMERS 200

static void test_timers_fire_in_order(void **state)
{
	struct timer timer[TIMERS] = { 0 };
	struct timers timers = { 0 };
	uint64_t random = 7;

	assert_int_equal(timers_next(&timers), USEC_INFINITY);
	assert_null(timers_pop(&timers, 1));
	for (unsigned i = 0; i < TIMERS; i++)
		assert_int_equal(timers_reserve(&timers), 0);
	for (unsigned round = 0; round < 50; round++) {
		unsigned armed = 0;
		usec_t last = 0;

		for (unsigned i = 0; i < 3 * TIMERS; i++) {
			usec_t at = 1 + next_random(&random) % 1000;

			timers_set(&timers, &timer[next_random(&random) % TIMERS],
				at < 900 ? at : USEC_INFINITY);
		}
		for (unsigned i = 0; i < TIMERS; i++)
			armed += timers_armed(&timers, &timer[i]);
		while (timers_next(&timers) != USEC_INFINITY) {
			struct timer *first;

			assert_null(timers_pop(&timers, timers_next(&timers) - 1));
			first = timers_pop(&timers, USEC_INFINITY - 1);
			assert_non_null(first);
			assert_true(first->at >= last);
			assert_false(timers_armed(&timers, first));
			last = first->at;
			armed--;
		}
		assert_int_equal(armed, 0);
	}
	for (unsigned i = 0; i < TIMERS; i++)
		timers_release(&timers, &timer[i]);
	assert_int_equal(timers.reserved, 0);
	timers_free(&timers);
}

static usec_t least_of(const usec_t at[static TIMERS])
{
	usec_t least = USEC_INFINITY;

	for (unsigned i = 0; i < TIMERS; i++)
		if (at[i] < least)
			least = at[i];
	return least;
}

/* Everything in any order, next to a list that is searched. */
static void test_timers_mixed(void **state)
{
	struct timer timer[TIMERS] = { 0 };
	usec_t at[TIMERS];
	struct timers timers = { 0 };
	uint64_t random = 11;

	for (unsigned i = 0; i < TIMERS; i++) {
		assert_int_equal(timers_reserve(&timers), 0);
		at[i] = USEC_INFINITY;
	}
	for (unsigned step = 0; step < 200 * TIMERS; step++) {
		unsigned one = (unsigned)next_random(&random) % TIMERS;
		struct timer *due;

		switch (next_random(&random) % 8) {
		case 0:
			timers_release(&timers, &timer[one]);
			assert_int_equal(timers_reserve(&timers), 0);
			at[one] = USEC_INFINITY;
			break;
		case 1:
			due = timers_pop(&timers, step);
			if (!due)
				break;
			assert_int_equal(at[due - timer], least_of(at));
			at[due - timer] = USEC_INFINITY;
			one = (unsigned)(due - timer);
			if (next_random(&random) % 4 == 0)
				break;
			/* fall through */
		default:
			at[one] = step + next_random(&random) % 300;
			if (next_random(&random) % 8 == 0)
				at[one] = USEC_INFINITY;
			timers_set(&timers, &timer[one], at[one]);
		}
		assert_int_equal(timers_armed(&timers, &timer[one]), at[one] != USEC_INFINITY);
		assert_int_equal(timers_next(&timers), least_of(at));
	}
	timers_free(&timers);
}

static void test_effects_keep_their_order(void **state)
{
	struct effects effects;

	effects_init(&effects);
	assert_null(effects_next(&effects));
	effects_try(&effects, L2TP_EFFECT_TUNNEL_UP, 0)->effect.tid = 1;
	effects_try(&effects, L2TP_EFFECT_TUNNEL_DOWN, 5)->effect.tid = 2;
	assert_int_equal(effects_next(&effects)->tid, 1);
	effects_try(&effects, L2TP_EFFECT_TUNNEL_GONE, 0)->effect.tid = 3;
	assert_int_equal(effects_next(&effects)->tid, 2);
	assert_int_equal(effects_next(&effects)->tid, 3);
	assert_null(effects_next(&effects));
	effects_try(&effects, L2TP_EFFECT_TUNNEL_UP, 0);
	effects_free(&effects);
}

static void check_text(const char *in, size_t len, size_t size, const char *expected)
{
	struct l2tp_span span = { .data = (const uint8_t *)in, .len = (uint16_t)len };
	char out[64];

	memset(out, 'x', sizeof(out));
	assert_ptr_equal(l2tp_text_copy(out, size, span), out);
	assert_string_equal(out, expected);
	assert_int_equal(out[size], 'x');
}

#define TEXT(in, expected) check_text(in, sizeof(in) - 1, 40, expected)

static void test_text_of_a_peer(void **state)
{
	TEXT("", "");
	TEXT("plain", "plain");
	TEXT("a\0b\nc\x7f", "a?b?c?");
	TEXT("\x1b[31m", "?[31m");
	TEXT("gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f");
	TEXT("\xe2\x82\xac \xf0\x9f\x98\x80", "\xe2\x82\xac \xf0\x9f\x98\x80");
	/* stray, cut short, overlong, C1 control, surrogate, beyond the last */
	TEXT("\x80 \xc3", "? ?");
	TEXT("\xc0\xaf", "??");
	TEXT("\xc2\x9b", "??");
	TEXT("\xed\xa0\x80", "???");
	TEXT("\xf4\x90\x80\x80", "????");
	TEXT("\xff", "?");
	/* marks that turn the writing round, and a line separator */
	TEXT("\xe2\x80\xae", "???");
	TEXT("\xe2\x80\xa8", "???");
	/* cut at the end of a character */
	check_text("abc", 3, 3, "ab");
	check_text("a\xc3\xbc", 3, 3, "a");
	check_text("a\xc3\xbc", 3, 4, "a\xc3\xbc");
	check_text("abc", 3, 1, "");
}

static void test_names_of_limits(void **state)
{
	for (unsigned i = 0; i < L2TP_LIMIT_COUNT; i++)
		assert_string_not_equal(l2tp_limit_name((enum l2tp_limit)i), "unknown");
	for (unsigned i = 0; i < L2TP_SCOPE_COUNT; i++)
		assert_string_not_equal(l2tp_scope_name((enum l2tp_scope)i), "unknown");
	for (unsigned i = 0; i < L2TP_RANK_COUNT; i++)
		assert_string_not_equal(l2tp_rank_name((enum l2tp_rank)i), "unknown");
	for (unsigned i = 0; i < L2TP_DROP_COUNT; i++)
		assert_string_not_equal(l2tp_drop_name((enum l2tp_drop)i), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ids_rest_before_they_come_back),
		cmocka_unit_test(test_ids_run_out_and_come_back),
		cmocka_unit_test(test_ids_rest_for_their_owner),
		cmocka_unit_test(test_timers_fire_in_order),
		cmocka_unit_test(test_timers_mixed),
		cmocka_unit_test(test_effects_keep_their_order),
		cmocka_unit_test(test_text_of_a_peer),
		cmocka_unit_test(test_names_of_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
