/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One stranger, with or without forged addresses, and honest clients that repeat as RFC 2661 says
 * (after 1, 2, 4 and 8 s): they get in, and calls that are up lose nothing. Virtual time.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "flood_rig.h"

static const struct l2tp_limits defaults = L2TP_LIMITS_DEFAULT;
/* 100.64.0.0: strangers' networks */
#define STRANGERS 0x64400000u

static struct l2tp_core_stats stats_of(const struct flood *flood)
{
	struct l2tp_core_stats stats;

	l2tp_core_stats(flood->lns, &stats);
	return stats;
}

/* Whatever happens, nothing grows beyond its limit. */
static void check_limits(const struct flood *flood)
{
	struct l2tp_core_stats stats = stats_of(flood);

	assert_in_range(stats.half_open, 0, defaults.max[L2TP_LIMIT_HALF_OPEN][L2TP_SCOPE_ALL]);
	assert_in_range(stats.idle, 0, defaults.max[L2TP_LIMIT_IDLE][L2TP_SCOPE_ALL]);
	assert_in_range(stats.closing, 0, defaults.max[L2TP_LIMIT_CLOSING][L2TP_SCOPE_ALL]);
	assert_in_range(stats.tunnels, 0, defaults.max[L2TP_LIMIT_TUNNELS][L2TP_SCOPE_ALL]);
}

/*
 * Two clients have a call already. The attack goes on for 35 s; after 10 s of it eight more come,
 * within as many seconds. Networks of the clients: one each, or that of the attacker.
 */
static void siege(struct flood *flood, bool neighbours)
{
	char host[32];

	for (unsigned i = 0; i < 10; i++) {
		snprintf(host, sizeof(host), neighbours ? "100.64.0.%u" : "198.51.%u.1", 200 + i);
		if (i == 2) {
			flood_run(flood, 10 * SEC);
			flood->attack_at = flood->now;
			flood_run(flood, 10 * SEC);
		}
		flood_client(flood, host, i * SEC);
	}
	for (unsigned i = 0; i < 25; i++) {
		flood_run(flood, SEC);
		check_limits(flood);
	}
	for (unsigned i = 0; i < 10; i++) {
		const struct flood_client *client = &flood->clients[i];

		if (!client->up_at || client->lost)
			print_message("%u: %u requests, %s\n", i, client->requests, client->why);
		assert_true(client->up_at != 0);
		assert_in_range(client->requests, 1, 6);
		assert_int_equal(client->lost, 0);
	}
}

static void half_open_from_many(struct flood *flood)
{
	uint32_t network = (uint32_t)flood_below(flood, 250);
	struct l2tp_addr from = flood_addr(
		STRANGERS + (network << 8) + (uint32_t)flood_below(flood, 256), L2TP_PORT);

	flood_sccrq(flood, &from, (uint16_t)(1 + flood_below(flood, 65535)));
}

static void half_open_from_anywhere(struct flood *flood)
{
	struct l2tp_addr from = flood_addr((uint32_t)flood_below(flood, UINT32_MAX), L2TP_PORT);

	flood_sccrq(flood, &from, (uint16_t)(1 + flood_below(flood, 65535)));
}

static void half_open_from_one_network(struct flood *flood)
{
	struct l2tp_addr from =
		flood_addr(STRANGERS + (uint32_t)flood_below(flood, 200), L2TP_PORT);

	flood_sccrq(flood, &from, (uint16_t)(1 + flood_below(flood, 65535)));
}

static void run_siege(void (*attack)(struct flood *), unsigned rate, bool neighbours)
{
	struct flood *flood = flood_new(1, &defaults, NULL);

	flood->attack = attack;
	flood->attack_at = USEC_INFINITY;
	flood->attack_every = SEC / rate;
	siege(flood, neighbours);
	flood_free(flood);
}

static void test_half_open_800_from_250_networks(void **state)
{
	run_siege(half_open_from_many, 800, false);
}

static void test_half_open_80_from_250_networks(void **state)
{
	run_siege(half_open_from_many, 80, false);
}

/* The clients are neighbours of the attacker, as behind one NAT of a provider. */
static void test_half_open_3_from_one_network(void **state)
{
	run_siege(half_open_from_one_network, 3, true);
}

static void test_half_open_800_from_one_network(void **state)
{
	run_siege(half_open_from_one_network, 800, true);
}

static void test_half_open_1000_from_anywhere(void **state)
{
	run_siege(half_open_from_anywhere, 1000, false);
}

/* Forged requests are not answered with much more than they are: nobody is flooded through us. */
static void test_half_open_is_no_reflector(void **state)
{
	struct flood *flood = flood_new(1, &defaults, NULL);

	flood->attack = half_open_from_many;
	flood->attack_at = flood->now;
	flood->attack_every = SEC / 800;
	flood_run(flood, 40 * SEC);
	assert_true(flood->to_strangers < 2 * flood->from_strangers);
	flood_free(flood);
}

/* --- with an address that answers --- */

enum plan { LEAVE, STOP, CHURN };
struct stranger {
	enum plan plan;
	uint32_t hosts; /* so many addresses, 8 in each network */
	uint16_t next;	/* his tunnel id */
	struct l2tp_addr churn_from;
	uint16_t churn_tid, churn_ns, churn_nr; /* tid 0: not there yet */
	uint16_t sid;
};

static void stranger_opens(struct flood *flood)
{
	struct stranger *stranger = flood->user;
	uint32_t host = (uint32_t)flood_below(flood, stranger->hosts);
	struct l2tp_addr from = flood_addr(STRANGERS + (host / 8 << 8) + host % 8 + 1, L2TP_PORT);

	flood_sccrq(flood, &from, ++stranger->next ? stranger->next : ++stranger->next);
}

/* SCCRP: complete it, and go on as planned. */
static void stranger_completes(
	struct flood *flood, const struct l2tp_addr *to, const struct l2tp_msg *msg)
{
	struct l2tp_msg scccn = { .type = L2TP_MSG_SCCCN }, stop = { .type = L2TP_MSG_STOPCCN };
	struct stranger *stranger = flood->user;
	uint16_t tid = msg->assigned_tid;

	if (msg->type != L2TP_MSG_ZLB && msg->hdr.ns == stranger->churn_nr)
		stranger->churn_nr++;
	if (msg->type != L2TP_MSG_SCCRP)
		return;
	flood_say(flood, to, &scccn, tid, 0, 1, 1);
	if (stranger->plan == STOP) {
		stop.assigned_tid = msg->hdr.tid;
		stop.result = 1;
		l2tp_msg_set(&stop, L2TP_AVP_ASSIGNED_TUNNEL_ID);
		l2tp_msg_set(&stop, L2TP_AVP_RESULT_CODE);
		flood_say(flood, to, &stop, tid, 0, 2, 1);
	} else if (stranger->plan == CHURN) {
		stranger->churn_from = *to;
		stranger->churn_tid = tid;
		stranger->churn_ns = 2;
		stranger->churn_nr = 1;
	}
}

static struct flood *flood_by_stranger(struct stranger *stranger, unsigned rate)
{
	struct flood *flood = flood_new(1, &defaults, NULL);

	flood->user = stranger;
	flood->attack = stranger_opens;
	flood->answer = stranger_completes;
	flood->attack_at = USEC_INFINITY;
	flood->attack_every = SEC / rate;
	return flood;
}

static void test_tunnels_opened_and_left(void **state)
{
	struct stranger stranger = { .plan = LEAVE, .hosts = 1 };
	struct flood *flood = flood_by_stranger(&stranger, 1000);

	siege(flood, false);
	assert_in_range(stats_of(flood).tunnels, 0,
		100 + defaults.max[L2TP_LIMIT_IDLE][L2TP_SCOPE_SOURCE] +
			defaults.max[L2TP_LIMIT_CLOSING][L2TP_SCOPE_SOURCE]);
	flood_free(flood);
}

static void test_tunnels_opened_and_left_by_many(void **state)
{
	struct stranger stranger = { .plan = LEAVE, .hosts = 2000 };
	struct flood *flood = flood_by_stranger(&stranger, 300);

	siege(flood, false);
	flood_free(flood);
}

static void test_tunnels_opened_and_left_by_neighbours(void **state)
{
	struct stranger stranger = { .plan = LEAVE, .hosts = 8 };
	struct flood *flood = flood_by_stranger(&stranger, 300);

	siege(flood, true);
	flood_free(flood);
}

static void test_tunnels_opened_and_stopped(void **state)
{
	struct stranger stranger = { .plan = STOP, .hosts = 1 };
	struct flood *flood = flood_by_stranger(&stranger, 1000);

	siege(flood, false);
	flood_free(flood);
}

static void test_tunnels_opened_and_stopped_by_many(void **state)
{
	struct stranger stranger = { .plan = STOP, .hosts = 2000 };
	struct flood *flood = flood_by_stranger(&stranger, 300);

	siege(flood, false);
	flood_free(flood);
}

/* A peer that proved the secret does not give way to those that did not. */
static void test_half_open_flood_with_a_secret(void **state)
{
	struct flood *flood = flood_new(1, &defaults, "s3cret");

	flood->attack = half_open_from_many;
	flood->attack_at = USEC_INFINITY;
	flood->attack_every = SEC / 800;
	siege(flood, false);
	flood_free(flood);
}

/* --- calls --- */

/* ICRQ and CDN at once, as quick as he can; whatever he gets he acknowledges. */
static void stranger_churns(struct flood *flood)
{
	struct l2tp_msg icrq = { .type = L2TP_MSG_ICRQ }, cdn = { .type = L2TP_MSG_CDN };
	struct stranger *stranger = flood->user;

	if (!stranger->churn_tid) {
		stranger_opens(flood);
		return;
	}
	if (!++stranger->sid)
		stranger->sid++;
	icrq.assigned_sid = cdn.assigned_sid = stranger->sid;
	cdn.result = L2TP_CDN_ADMIN;
	l2tp_msg_set(&icrq, L2TP_AVP_ASSIGNED_SESSION_ID);
	l2tp_msg_set(&icrq, L2TP_AVP_CALL_SERIAL_NUMBER);
	l2tp_msg_set(&cdn, L2TP_AVP_ASSIGNED_SESSION_ID);
	l2tp_msg_set(&cdn, L2TP_AVP_RESULT_CODE);
	flood_say(flood, &stranger->churn_from, &icrq, stranger->churn_tid, 0, stranger->churn_ns++,
		stranger->churn_nr);
	flood_say(flood, &stranger->churn_from, &cdn, stranger->churn_tid, 0, stranger->churn_ns++,
		stranger->churn_nr);
}

static struct flood *churn(struct stranger *stranger, const struct l2tp_limits *limits)
{
	struct flood *flood = flood_new(1, limits, NULL);

	flood->user = stranger;
	flood->attack = stranger_churns;
	flood->answer = stranger_completes;
	flood->attack_at = USEC_INFINITY;
	flood->attack_every = SEC / 2000;
	siege(flood, false);
	return flood;
}

static void test_ids_are_not_used_up_by_churn(void **state)
{
	struct stranger stranger = { .plan = CHURN, .hosts = 1 };
	struct flood *flood = churn(&stranger, &defaults);

	/* 64 a second, and 512 at once; and the clients' */
	assert_in_range(flood->offers, 512, 64 * 36 + 512 + 20);
	assert_true(stats_of(flood).refused_rate > 60000);
	flood_free(flood);
}

/* Without a rate: his own ids rest, those of others do not. */
static void test_ids_rest_for_the_tunnel_only(void **state)
{
	struct stranger stranger = { .plan = CHURN, .hosts = 1 };
	struct l2tp_limits limits = defaults;
	struct flood *flood;

	limits.call_rate = 0;
	flood = churn(&stranger, &limits);
	/* all there are */
	assert_in_range(flood->offers, 65000, 65535 + 10);
	flood_free(flood);
}

/* --- junk --- */

static void junk(struct flood *flood)
{
	struct l2tp_addr from = flood_addr(STRANGERS + 7, 4711);
	uint8_t data[64];

	for (unsigned i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)flood_draw(&flood->random);
	data[0] |= 0x80;
	flood_bytes(flood, &from, data, sizeof(data));
}

static void test_junk_names_its_network(void **state)
{
	struct flood *flood = flood_new(1, &defaults, NULL);
	struct l2tp_talker talkers[L2TP_TALKERS_MAX];
	char text[L2TP_ADDR_STRLEN];
	unsigned count;

	flood->attack = junk;
	flood->attack_at = USEC_INFINITY;
	flood->attack_every = SEC / 500;
	siege(flood, false);
	count = l2tp_core_talkers(flood->lns, flood->now, talkers, L2TP_TALKERS_MAX);
	assert_in_range(count, 1, L2TP_TALKERS_MAX);
	assert_string_equal(l2tp_addr_format_host(&talkers[0].network, text), "100.64.0.0");
	assert_int_equal(talkers[0].width, 24);
	assert_true(talkers[0].events > 8000);
	/* it is forgotten */
	flood->attack = NULL;
	flood_run(flood, 3600 * SEC);
	assert_int_equal(l2tp_core_talkers(flood->lns, flood->now, talkers, 1), 0);
	flood_free(flood);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_half_open_800_from_250_networks),
		cmocka_unit_test(test_half_open_80_from_250_networks),
		cmocka_unit_test(test_half_open_3_from_one_network),
		cmocka_unit_test(test_half_open_800_from_one_network),
		cmocka_unit_test(test_half_open_1000_from_anywhere),
		cmocka_unit_test(test_half_open_is_no_reflector),
		cmocka_unit_test(test_tunnels_opened_and_left),
		cmocka_unit_test(test_tunnels_opened_and_left_by_many),
		cmocka_unit_test(test_tunnels_opened_and_left_by_neighbours),
		cmocka_unit_test(test_tunnels_opened_and_stopped),
		cmocka_unit_test(test_tunnels_opened_and_stopped_by_many),
		cmocka_unit_test(test_half_open_flood_with_a_secret),
		cmocka_unit_test(test_ids_are_not_used_up_by_churn),
		cmocka_unit_test(test_ids_rest_for_the_tunnel_only),
		cmocka_unit_test(test_junk_names_its_network),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
