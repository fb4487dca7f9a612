/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who orders much waits for himself, not others for him. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include <arpa/inet.h>

#include "linux/fair_queue.h"
#include "linux/plane.h"

struct job {
	struct fair_item item; /* first */
	unsigned number;
};

static void add(struct fair_queue *queue, uint64_t network, uint64_t source, unsigned number)
{
	struct job *job = calloc(1, sizeof(*job));

	assert_non_null(job);
	job->item.network = network;
	job->item.source = source;
	job->number = number;
	assert_int_equal(fair_queue_add(queue, &job->item), 0);
}

/* The number of the next one. */
static unsigned next(struct fair_queue *queue)
{
	struct job *job = (struct job *)fair_queue_next(queue);
	unsigned number;

	assert_non_null(job);
	number = job->number;
	free(job);
	return number;
}

static void test_one_in_its_order(void **state)
{
	struct fair_queue queue;

	fair_queue_init(&queue);
	assert_null(fair_queue_next(&queue));
	for (unsigned i = 0; i < 100; i++)
		add(&queue, 1, 1, i);
	for (unsigned i = 0; i < 100; i++)
		assert_int_equal(next(&queue), i);
	assert_null(fair_queue_next(&queue));
}

/* 1500 orders of one address, then one of a neighbour and one of somebody else. */
static void test_stranger_delays_nobody(void **state)
{
	struct fair_queue queue;

	fair_queue_init(&queue);
	for (unsigned i = 0; i < 1500; i++)
		add(&queue, 1, 1, i);
	assert_int_equal(next(&queue), 0);
	add(&queue, 1, 2, 5000);
	add(&queue, 7, 9, 6000);
	assert_int_equal(next(&queue), 1); /* it was his turn before they came */
	assert_int_equal(next(&queue), 6000);
	assert_int_equal(next(&queue), 5000);
	for (unsigned i = 2; i < 1500; i++)
		assert_int_equal(next(&queue), i);
	assert_null(fair_queue_next(&queue));
}

/* 250 addresses of one network are one network's share. */
static void test_networks_take_turns(void **state)
{
	struct fair_queue queue;

	fair_queue_init(&queue);
	for (unsigned i = 0; i < 250; i++)
		for (unsigned n = 0; n < 4; n++)
			add(&queue, 1, i, i);
	for (unsigned i = 0; i < 4; i++)
		add(&queue, 2, 1, 1000 + i);
	for (unsigned i = 0; i < 4; i++) {
		assert_int_equal(next(&queue), i);
		assert_int_equal(next(&queue), 1000 + i);
	}
	for (unsigned i = 4; i < 1000; i++)
		next(&queue);
	assert_null(fair_queue_next(&queue));
}

static struct l2tp_addr address(int family, const char *text)
{
	struct l2tp_addr addr = { .sa.sa_family = (sa_family_t)family };

	assert_int_equal(inet_pton(family, text,
				 family == AF_INET ? (void *)&addr.in.sin_addr
						   : (void *)&addr.in6.sin6_addr),
		1);
	return addr;
}

static bool same(int family, const char *a, const char *b, bool network)
{
	struct l2tp_addr addr_a = address(family, a), addr_b = address(family, b);
	struct plane_lane lane_a = plane_lane(&addr_a), lane_b = plane_lane(&addr_b);

	return network ? lane_a.network == lane_b.network : lane_a.source == lane_b.source;
}

static void test_lanes(void **state)
{
	struct l2tp_addr none = { 0 };

	assert_true(same(AF_INET, "192.0.2.1", "192.0.2.200", true));
	assert_false(same(AF_INET, "192.0.2.1", "192.0.2.200", false));
	assert_false(same(AF_INET, "192.0.2.1", "192.0.3.1", true));
	assert_true(same(AF_INET6, "2001:db8:0:1::1", "2001:db8:0:1:ffff::2", false));
	assert_true(same(AF_INET6, "2001:db8:0:1::1", "2001:db8:0:ff::1", true));
	assert_false(same(AF_INET6, "2001:db8:0:1::1", "2001:db8:0:2::1", false));
	assert_false(same(AF_INET6, "2001:db8:0:100::1", "2001:db8:0:200::1", true));
	assert_int_equal(plane_lane(&none).source, PLANE_LANE_OWN.source);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_in_its_order),
		cmocka_unit_test(test_stranger_delays_nobody),
		cmocka_unit_test(test_networks_take_turns),
		cmocka_unit_test(test_lanes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
