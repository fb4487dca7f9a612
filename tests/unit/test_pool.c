/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pools: order, reuse, ranges, and against a model that does it the slow way. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "daemon/attach/pool.h"

static uint32_t take(struct pool *pool)
{
	uint32_t address = 0;

	assert_int_equal(pool_take(pool, NULL, 0, &address), 0);
	return address;
}

static void check_usage(const struct pool *pool, unsigned used, unsigned size)
{
	unsigned is_used, is_size;

	pool_usage(pool, &is_used, &is_size);
	assert_int_equal(is_used, used);
	assert_int_equal(is_size, size);
}

static void test_order(void **state)
{
	static const struct config_range ranges[] = { { 20, 21 }, { 10, 12 } };
	struct pool *pool = pool_new(ranges, 2);
	uint32_t address = 77;

	check_usage(pool, 0, 5);
	assert_int_equal(take(pool), 10);
	assert_int_equal(take(pool), 11);
	pool_put(pool, 10);
	assert_int_equal(take(pool), 12);
	pool_put(pool, 12);
	assert_int_equal(take(pool), 20);
	assert_int_equal(take(pool), 21);
	/* what was given back first comes first */
	assert_int_equal(take(pool), 10);
	pool_put(pool, 20);
	assert_int_equal(take(pool), 12);
	assert_int_equal(take(pool), 20);
	check_usage(pool, 5, 5);
	assert_int_equal(pool_take(pool, NULL, 0, &address), -ENOSPC);
	assert_int_equal(address, 77);
	pool_free(pool);
}

static void test_join(void **state)
{
	static const struct config_range ranges[] = { { 5, 9 }, { 1, 6 }, { 7, 7 }, { 9, 10 },
		{ 12, 12 }, { 30, 20 } };
	struct pool *pool = pool_new(ranges, 6);

	check_usage(pool, 0, 11);
	for (uint32_t i = 1; i <= 10; i++)
		assert_int_equal(take(pool), i);
	assert_int_equal(take(pool), 12);
	check_usage(pool, 11, 11);
	pool_free(pool);
}

static void test_empty(void **state)
{
	struct pool *pool = pool_new(NULL, 0);
	uint32_t address;

	check_usage(pool, 0, 0);
	assert_int_equal(pool_take(pool, NULL, 0, &address), -ENOSPC);
	assert_int_equal(pool_take_address(pool, 1), -ERANGE);
	pool_put(pool, 1);
	pool_free(pool);
	pool_free(NULL);
}

static void test_avoid(void **state)
{
	static const struct config_range range = { 1, 3 };
	static const uint32_t avoid[] = { 1, 2 };
	struct pool *pool = pool_new(&range, 1);
	uint32_t address;

	assert_int_equal(pool_take(pool, avoid, 2, &address), 0);
	assert_int_equal(address, 3);
	assert_int_equal(pool_take(pool, avoid, 2, &address), -ENOSPC);
	check_usage(pool, 1, 3);
	assert_int_equal(pool_take(pool, avoid, 1, &address), 0);
	assert_int_equal(address, 2);
	assert_int_equal(take(pool), 1);
	pool_free(pool);
}

static void test_take_address(void **state)
{
	static const struct config_range ranges[] = { { 1, 3 }, { 8, 9 } };
	struct pool *pool = pool_new(ranges, 2);

	assert_int_equal(pool_take_address(pool, 0), -ERANGE);
	assert_int_equal(pool_take_address(pool, 4), -ERANGE);
	assert_int_equal(pool_take_address(pool, 10), -ERANGE);
	assert_int_equal(pool_take_address(pool, UINT32_MAX), -ERANGE);
	assert_int_equal(pool_take_address(pool, 2), 0);
	assert_int_equal(pool_take_address(pool, 2), -EBUSY);
	assert_int_equal(take(pool), 1);
	assert_int_equal(take(pool), 3);
	assert_int_equal(take(pool), 8);
	pool_put(pool, 1);
	pool_put(pool, 3);
	pool_put(pool, 8);
	pool_put(pool, 8); /* once is enough */
	pool_put(pool, 9); /* not taken */
	pool_put(pool, 5); /* not ours */
	check_usage(pool, 1, 5);
	assert_int_equal(pool_take_address(pool, 3), 0); /* from between two that wait */
	assert_int_equal(take(pool), 9);
	assert_int_equal(take(pool), 1);
	assert_int_equal(take(pool), 8);
	check_usage(pool, 5, 5);
	pool_free(pool);
}

/* Nothing here may take time by the size of the pool. */
static void test_big(void **state)
{
	static const struct config_range range = { 0x0a000000, 0x0affffff };
	uint32_t avoid = 0x0a000000, address;
	struct pool *pool = pool_new(&range, 1);

	assert_non_null(pool);
	assert_int_equal(pool_take_address(pool, 0x0affffff), 0);
	for (uint32_t i = 1; i < 200000; i++) {
		assert_int_equal(pool_take(pool, &avoid, 1, &address), 0);
		assert_int_equal(address, 0x0a000000 + i);
		if (i % 2)
			pool_put(pool, address);
	}
	check_usage(pool, 100000, 1 << 24);
	pool_free(pool);
}

/* The same with a list of free addresses, oldest first. */
#define MODEL_SIZE 60

struct model {
	uint32_t free[MODEL_SIZE];
	size_t len;
	bool taken[256];
};

static void model_remove(struct model *model, size_t i)
{
	model->taken[model->free[i]] = true;
	model->len--;
	memmove(model->free + i, model->free + i + 1, (model->len - i) * sizeof(model->free[0]));
}

static void model_turn(struct model *model, struct pool *pool, uint32_t random)
{
	uint32_t address = random >> 8 & 0xff, got = 0;
	size_t i;
	int r;

	for (i = 0; i < model->len && model->free[i] != address; i++)
		;
	switch (random % 4) {
	case 0:
		r = pool_take_address(pool, address);
		if (i < model->len) {
			assert_int_equal(r, 0);
			model_remove(model, i);
		} else {
			assert_int_equal(r, model->taken[address] ? -EBUSY : -ERANGE);
		}
		break;
	case 1:
		assert_int_equal(pool_take(pool, NULL, 0, &got), model->len ? 0 : -ENOSPC);
		if (!model->len)
			break;
		assert_int_equal(got, model->free[0]);
		model_remove(model, 0);
		break;
	default:
		pool_put(pool, address);
		if (model->taken[address])
			model->free[model->len++] = address;
		model->taken[address] = false;
	}
	check_usage(pool, (unsigned)(MODEL_SIZE - model->len), MODEL_SIZE);
}

static void test_model(void **state)
{
	static const struct config_range ranges[] = { { 3, 12 }, { 40, 69 }, { 200, 219 } };
	struct pool *pool = pool_new(ranges, 3);
	struct model model = { .len = 0 };
	uint32_t random = 1;

	for (size_t r = 0; r < 3; r++)
		for (uint32_t a = ranges[r].first; a <= ranges[r].last; a++)
			model.free[model.len++] = a;
	assert_int_equal(model.len, MODEL_SIZE);
	for (int i = 0; i < 200000; i++) {
		random = random * 1664525 + 1013904223;
		model_turn(&model, pool, random >> 8);
	}
	pool_free(pool);
}

/* Those that are kept for somebody are taken by name only. */
static void test_reserved(void **state)
{
	static const uint32_t reserved[] = { 2, 4 };
	struct config_range range = { 1, 4 };
	struct pool *pool = pool_new(&range, 1);
	uint32_t address;

	pool_reserve(pool, reserved, 2);
	assert_int_equal(pool_take(pool, NULL, 0, &address), 0);
	assert_int_equal(address, 1);
	assert_int_equal(pool_take(pool, NULL, 0, &address), 0);
	assert_int_equal(address, 3);
	assert_int_equal(pool_take(pool, NULL, 0, &address), -ENOSPC);
	assert_int_equal(pool_take_address(pool, 4), 0);
	pool_put(pool, 4);
	assert_int_equal(pool_take(pool, NULL, 0, &address), -ENOSPC);
	pool_reserve(pool, NULL, 0);
	assert_int_equal(pool_take(pool, NULL, 0, &address), 0);
	assert_int_equal(address, 2);
	pool_free(pool);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reserved),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_join),
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_avoid),
		cmocka_unit_test(test_take_address),
		cmocka_unit_test(test_big),
		cmocka_unit_test(test_model),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
