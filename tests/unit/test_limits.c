/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a stranger can make us keep: counted in every state, and who gives way. */
#include "core_rig.h"

#include <errno.h>
#include <stdio.h>

#define TIDS 64

/* The tunnels in the order in which they came. */
static uint16_t opened[TIDS];
static unsigned opened_count;

static struct l2tp_core_stats stats_of(const struct rig *rig)
{
	struct l2tp_core_stats stats;

	l2tp_core_stats(rig->core, &stats);
	return stats;
}

static bool exists(const struct rig *rig, unsigned n)
{
	struct l2tp_tunnel_info info;

	return l2tp_core_tunnel_info(rig->core, opened[n], &info);
}

static enum l2tp_tunnel_state state_of(const struct rig *rig, unsigned n)
{
	struct l2tp_tunnel_info info;

	assert_true(l2tp_core_tunnel_info(rig->core, opened[n], &info));
	return info.state;
}

static struct rig *rig_with(enum l2tp_limit limit, unsigned all, unsigned network, unsigned source)
{
	struct l2tp_limits limits = { .id_quarantine = 60 * SEC };
	struct rig *rig = malloc(sizeof(*rig));

	assert_non_null(rig);
	limits.max[limit][L2TP_SCOPE_ALL] = all;
	limits.max[limit][L2TP_SCOPE_NETWORK] = network;
	limits.max[limit][L2TP_SCOPE_SOURCE] = source;
	rig_open_limits(rig, &limits);
	opened_count = 0;
	return rig;
}

static void rig_done(struct rig *rig)
{
	rig_close(rig);
	free(rig);
}

static void from(struct rig *rig, const char *host, uint16_t port)
{
	assert_int_equal(l2tp_addr_parse(host, port, &rig->path.peer), 0);
}

/* An SCCRQ; true: it was answered by an SCCRP. */
static bool request(struct rig *rig, const char *host, uint16_t port)
{
	struct l2tp_msg msg = peer_sccrq();

	from(rig, host, port);
	rig_forget(rig);
	peer_say_numbered(rig, &msg, 0, 0, 0, 0);
	if (!rig_sent_count(rig, L2TP_MSG_SCCRP))
		return false;
	opened[opened_count++] = rig_sent(rig, L2TP_MSG_SCCRP)->effect.tid;
	return true;
}

/* The SCCRP is acknowledged; the tunnel is still half-open. */
static void answer(struct rig *rig, const char *host, uint16_t port)
{
	struct l2tp_msg zlb = peer_msg(L2TP_MSG_ZLB);

	assert_true(request(rig, host, port));
	peer_say_numbered(rig, &zlb, opened[opened_count - 1], 0, 1, 1);
}

static void establish(struct rig *rig, const char *host, uint16_t port)
{
	struct l2tp_msg msg = peer_msg(L2TP_MSG_SCCCN);

	assert_true(request(rig, host, port));
	if (rig->params.secret.data)
		peer_respond(rig, &msg);
	peer_say_numbered(rig, &msg, opened[opened_count - 1], 0, 1, 1);
	assert_int_equal(state_of(rig, opened_count - 1), L2TP_TUNNEL_ESTABLISHED);
}

static void place(struct rig *rig, unsigned n, uint16_t sid, uint16_t ns)
{
	struct l2tp_msg icrq = peer_icrq(sid, sid);

	peer_say_numbered(rig, &icrq, opened[n], 0, ns, 1);
}

static void stop(struct rig *rig, unsigned n)
{
	struct l2tp_msg msg = peer_stopccn(PEER_TID, 1, "");

	peer_say_numbered(rig, &msg, opened[n], 0, 2, 1);
	assert_int_equal(state_of(rig, n), L2TP_TUNNEL_CLOSING);
}

/* --- half-open --- */

static void test_half_open_of_one_source(void **state)
{
	struct rig *rig = rig_with(L2TP_LIMIT_HALF_OPEN, 0, 0, 2);
	struct l2tp_msg msg = peer_sccrq();

	assert_true(request(rig, "203.0.113.1", 2000));
	assert_true(request(rig, "203.0.113.1", 2001));
	/* a retransmission is no new one */
	peer_say_numbered(rig, &msg, 0, 0, 0, 0);
	assert_int_equal(stats_of(rig).half_open, 2);
	assert_true(request(rig, "203.0.113.1", 2002));
	assert_false(exists(rig, 0));
	assert_true(exists(rig, 1));
	assert_int_equal(stats_of(rig).limits[L2TP_LIMIT_HALF_OPEN][L2TP_SCOPE_SOURCE], 1);
	assert_int_equal(stats_of(rig).gave_way[L2TP_RANK_UNANSWERED], 1);
	/* nobody who may not have asked is told */
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_STOPCCN), 0);
	assert_int_equal(rig_count(rig, L2TP_EFFECT_TUNNEL_DOWN), 1);
	assert_int_equal(rig_count(rig, L2TP_EFFECT_TUNNEL_GONE), 1);
	/* another address of the network has its own */
	assert_true(request(rig, "203.0.113.2", 2002));
	assert_true(exists(rig, 1));
	rig_done(rig);
}

static void test_half_open_of_one_network(void **state)
{
	struct rig *rig = rig_with(L2TP_LIMIT_HALF_OPEN, 0, 3, 0);

	assert_true(request(rig, "203.0.113.1", 1701));
	assert_true(request(rig, "203.0.113.2", 1701));
	assert_true(request(rig, "203.0.113.3", 1701));
	assert_true(request(rig, "203.0.112.3", 1701));
	assert_true(exists(rig, 0));
	assert_true(request(rig, "203.0.113.250", 1701));
	assert_false(exists(rig, 0));
	assert_int_equal(stats_of(rig).limits[L2TP_LIMIT_HALF_OPEN][L2TP_SCOPE_NETWORK], 1);
	rig_done(rig);
}

static void test_half_open_of_one_ipv6_network(void **state)
{
	struct rig *rig = rig_with(L2TP_LIMIT_HALF_OPEN, 0, 3, 2);

	/* a /64 is a source */
	assert_true(request(rig, "2001:db8:0:1100::1", 1701));
	assert_true(request(rig, "2001:db8:0:1100:1::1", 1701));
	assert_true(request(rig, "2001:db8:0:1100:ffff::1", 1701));
	assert_false(exists(rig, 0));
	/* a /56 is a network */
	assert_true(request(rig, "2001:db8:0:11ff::1", 1701));
	assert_true(exists(rig, 1));
	assert_true(request(rig, "2001:db8:0:1180::1", 1701));
	assert_false(exists(rig, 1));
	assert_true(request(rig, "2001:db8:0:1200::1", 1701));
	assert_true(exists(rig, 2));
	rig_done(rig);
}

/* When all are taken, the network with most of them makes room, not the oldest of all. */
static void test_half_open_of_all(void **state)
{
	struct rig *rig = rig_with(L2TP_LIMIT_HALF_OPEN, 6, 0, 0);

	assert_true(request(rig, "198.51.100.1", 1701));
	for (uint16_t i = 0; i < 5; i++)
		assert_true(request(rig, "203.0.113.1", 2000 + i));
	assert_true(request(rig, "192.0.2.77", 1701));
	assert_true(exists(rig, 0));
	assert_false(exists(rig, 1));
	assert_true(exists(rig, 2));
	assert_int_equal(stats_of(rig).half_open, 6);
	rig_done(rig);
}

/* A source that fills its network's share makes room in its own. */
static void test_half_open_of_a_noisy_neighbour(void **state)
{
	struct rig *rig = rig_with(L2TP_LIMIT_HALF_OPEN, 0, 10, 0);

	assert_true(request(rig, "203.0.113.9", 1701));
	for (uint16_t i = 0; i < 30; i++)
		assert_true(request(rig, "203.0.113.1", 2000 + i));
	assert_true(exists(rig, 0));
	rig_done(rig);
}

/*
 * Real hosts that do not go on must not crowd out those whose answer is on its way, and forged ones
 * not those who answered.
 */
static void test_half_open_of_either_kind(void **state)
{
	struct rig *rig = rig_with(L2TP_LIMIT_HALF_OPEN, 4, 0, 0);

	for (uint16_t i = 0; i < 3; i++)
		answer(rig, "203.0.113.1", 2000 + i);
	assert_true(request(rig, "203.0.113.2", 1701));
	assert_true(request(rig, "203.0.113.3", 1701));
	assert_false(exists(rig, 0));
	assert_true(exists(rig, 3));
	assert_int_equal(rig_sent(rig, L2TP_MSG_STOPCCN)->msg.error, L2TP_ERR_RESOURCES);
	/* two of each */
	assert_true(request(rig, "203.0.113.4", 1701));
	assert_true(exists(rig, 1));
	assert_true(exists(rig, 2));
	assert_false(exists(rig, 3));
	rig_done(rig);
}

/* Under pressure an address that did not answer is not told again what it was told. */
static void test_half_open_when_crowded(void **state)
{
	struct rig *rig = rig_with(L2TP_LIMIT_HALF_OPEN, 4, 0, 0);

	for (uint16_t i = 0; i < 3; i++)
		assert_true(request(rig, "203.0.113.1", 2000 + i));
	rig_forget(rig);
	rig_wait(rig, 30 * SEC);
	assert_in_range(rig_sent_count(rig, L2TP_MSG_SCCRP), 0, 3);
	assert_true(stats_of(rig).held_back > 0);
	rig_done(rig);
}

/* --- established, closing --- */

static void test_established_is_not_half_open(void **state)
{
	struct rig *rig = rig_with(L2TP_LIMIT_HALF_OPEN, 2, 2, 2);

	for (uint16_t i = 0; i < 4; i++)
		establish(rig, "203.0.113.1", 2000 + i);
	for (unsigned i = 0; i < 4; i++)
		assert_true(exists(rig, i));
	assert_int_equal(stats_of(rig).half_open, 0);
	assert_int_equal(stats_of(rig).idle, 4);
	rig_done(rig);
}

static void test_idle_gives_way(void **state)
{
	struct rig *rig = rig_with(L2TP_LIMIT_IDLE, 0, 0, 2);

	establish(rig, "203.0.113.1", 2000);
	place(rig, 0, PEER_SID, 2);
	establish(rig, "203.0.113.1", 2001);
	assert_int_equal(stats_of(rig).idle, 1);
	establish(rig, "203.0.113.1", 2002);
	establish(rig, "203.0.113.1", 2003);
	/* that with a call stays, whatever its age; the next is told, and has its time to hear it
	 */
	assert_int_equal(state_of(rig, 0), L2TP_TUNNEL_ESTABLISHED);
	assert_int_equal(state_of(rig, 1), L2TP_TUNNEL_CLOSING);
	assert_int_equal(state_of(rig, 2), L2TP_TUNNEL_ESTABLISHED);
	assert_int_equal(rig_sent(rig, L2TP_MSG_STOPCCN)->effect.tid, opened[1]);
	assert_int_equal(stats_of(rig).gave_way[L2TP_RANK_IDLE], 1);
	assert_int_equal(stats_of(rig).limits[L2TP_LIMIT_IDLE][L2TP_SCOPE_SOURCE], 1);
	rig_done(rig);
}

static void test_proven_secret_does_not_give_way(void **state)
{
	struct rig *rig = rig_with(L2TP_LIMIT_IDLE, 1, 1, 1);

	rig->params.secret = rig_secret;
	for (uint16_t i = 0; i < 3; i++)
		establish(rig, "203.0.113.1", 2000 + i);
	assert_int_equal(stats_of(rig).idle, 0);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(state_of(rig, i), L2TP_TUNNEL_ESTABLISHED);
	rig_done(rig);
}

/* Open, StopCCN, and again: not a way around the limits. */
static void test_closing_gives_way(void **state)
{
	struct rig *rig = rig_with(L2TP_LIMIT_CLOSING, 0, 0, 2);

	for (uint16_t i = 0; i < 3; i++) {
		establish(rig, "203.0.113.1", 2000 + i);
		stop(rig, i);
	}
	assert_false(exists(rig, 0));
	assert_true(exists(rig, 1));
	assert_int_equal(stats_of(rig).closing, 2);
	assert_int_equal(stats_of(rig).tunnels, 2);
	rig_done(rig);
}

/* Failing on purpose neither. */
static void test_failing_gives_way(void **state)
{
	struct rig *rig = rig_with(L2TP_LIMIT_CLOSING, 0, 0, 2);
	struct l2tp_msg msg = peer_msg(L2TP_MSG_SCCCN);

	rig->params.secret = rig_secret;
	for (uint16_t i = 0; i < 3; i++) {
		assert_true(request(rig, "203.0.113.1", 2000 + i));
		peer_say_numbered(rig, &msg, opened[i], 0, 1, 1);
		assert_int_equal(state_of(rig, i), L2TP_TUNNEL_CLOSING);
	}
	assert_int_equal(stats_of(rig).closing, 2);
	assert_false(exists(rig, 0));
	rig_done(rig);
}

static void test_first_call_without_a_secret(void **state)
{
	struct l2tp_limits limits = L2TP_LIMITS_DEFAULT;
	struct rig rig;

	rig_open_limits(&rig, &limits);
	rig_tunnel_by_peer(&rig);
	rig_wait(&rig, 20 * SEC - 1);
	rig_state(&rig, L2TP_TUNNEL_ESTABLISHED);
	rig_wait(&rig, 1);
	assert_string_equal(rig_tunnel_down(&rig)->text, "no calls for 20 s");
	rig_close(&rig);
	/* one that knows the secret has the time that a call may take */
	rig_open_limits(&rig, &limits);
	rig.params.secret = rig_secret;
	rig.params.linger = 10 * SEC;
	rig_tunnel_by_peer(&rig);
	rig_wait(&rig, 60 * SEC - 1);
	rig_state(&rig, L2TP_TUNNEL_ESTABLISHED);
	rig_wait(&rig, 1);
	assert_string_equal(rig_tunnel_down(&rig)->text, "no calls for 60 s");
	rig_close(&rig);
}

/* --- all tunnels --- */

/* The least proven first, and never one with a call: then the newcomer is refused. */
static void test_tunnels_of_all(void **state)
{
	struct rig *rig = rig_with(L2TP_LIMIT_TUNNELS, 4, 0, 0);

	establish(rig, "203.0.113.1", 2000);
	place(rig, 0, PEER_SID, 2);
	establish(rig, "203.0.113.1", 2001);
	assert_true(request(rig, "203.0.113.1", 2002));
	establish(rig, "203.0.113.1", 2003);
	stop(rig, 3);
	/* the closing one, the half-open one, and that without a call */
	for (uint16_t i = 0; i < 3; i++) {
		establish(rig, "198.51.100.1", 2000 + i);
		place(rig, 4 + i, PEER_SID + 1 + i, 2);
		assert_int_equal(exists(rig, 3), false);
		assert_int_equal(exists(rig, 2), i < 1);
		assert_int_equal(exists(rig, 1), i < 2);
	}
	assert_false(request(rig, "192.0.2.99", 1701));
	assert_int_equal(rig_sent(rig, L2TP_MSG_STOPCCN)->msg.error, L2TP_ERR_RESOURCES);
	assert_int_equal(stats_of(rig).refused_tunnels, 1);
	assert_int_equal(
		l2tp_core_open_tunnel(rig->core, rig->now, &rig->path, &rig->params), -ENOSPC);
	assert_int_equal(state_of(rig, 0), L2TP_TUNNEL_ESTABLISHED);
	rig_done(rig);
}

/* A tunnel whose place is needed at once still hears why, once. */
static void test_tunnels_of_one_source(void **state)
{
	struct rig *rig = rig_with(L2TP_LIMIT_TUNNELS, 0, 3, 2);

	establish(rig, "203.0.113.1", 2000);
	establish(rig, "203.0.113.1", 2001);
	establish(rig, "203.0.113.1", 2002);
	assert_false(exists(rig, 0));
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_STOPCCN), 1);
	assert_int_equal(stats_of(rig).tunnels, 2);
	establish(rig, "203.0.113.2", 2000);
	establish(rig, "203.0.113.3", 2000);
	assert_false(exists(rig, 1));
	assert_int_equal(stats_of(rig).limits[L2TP_LIMIT_TUNNELS][L2TP_SCOPE_NETWORK], 1);
	rig_done(rig);
}

static void test_our_own_tunnel_comes_first(void **state)
{
	struct rig *rig = rig_with(L2TP_LIMIT_TUNNELS, 2, 0, 0);

	establish(rig, "203.0.113.1", 2000);
	assert_true(request(rig, "203.0.113.1", 2001));
	rig_we_open(rig);
	rig_we_open(rig);
	assert_false(exists(rig, 0));
	assert_false(exists(rig, 1));
	assert_false(request(rig, "203.0.113.1", 2002));
	rig_done(rig);
}

/* --- calls --- */

static unsigned offers(const struct rig *rig)
{
	return rig_count(rig, L2TP_EFFECT_SESSION_OFFER);
}

static void test_calls_of_source_network_and_all(void **state)
{
	struct rig *rig = rig_with(L2TP_LIMIT_CALLS, 4, 3, 2);

	establish(rig, "203.0.113.1", 2000);
	establish(rig, "203.0.113.1", 2001);
	establish(rig, "203.0.113.2", 2000);
	establish(rig, "198.51.100.2", 2000);
	rig_forget(rig);
	from(rig, "203.0.113.1", 2000);
	place(rig, 0, 1, 2);
	from(rig, "203.0.113.1", 2001);
	place(rig, 1, 2, 2);
	place(rig, 1, 3, 3);
	assert_int_equal(offers(rig), 2);
	assert_int_equal(rig_sent(rig, L2TP_MSG_CDN)->msg.result, L2TP_CDN_NO_FACILITY_TEMP);
	assert_true(rig_says(rig_sent(rig, L2TP_MSG_CDN), "too many calls"));
	from(rig, "203.0.113.2", 2000);
	place(rig, 2, 4, 2);
	place(rig, 2, 5, 3);
	assert_int_equal(offers(rig), 3);
	from(rig, "198.51.100.2", 2000);
	place(rig, 3, 6, 2);
	place(rig, 3, 7, 3);
	assert_int_equal(offers(rig), 4);
	for (enum l2tp_scope scope = L2TP_SCOPE_ALL; scope <= L2TP_SCOPE_SOURCE; scope++)
		assert_int_equal(stats_of(rig).limits[L2TP_LIMIT_CALLS][scope], 1);
	assert_int_equal(stats_of(rig).refused_calls, 3);
	rig_done(rig);
}

/* What ended makes room; our own calls count in "all" only. */
static void test_calls_that_ended(void **state)
{
	struct rig *rig = rig_with(L2TP_LIMIT_CALLS, 3, 1, 1);
	struct l2tp_call_params call = { 0 };
	struct l2tp_msg cdn = peer_cdn(1, L2TP_CDN_ADMIN, "");

	establish(rig, "203.0.113.1", 2000);
	rig_forget(rig);
	place(rig, 0, 1, 2);
	place(rig, 0, 2, 3);
	assert_int_equal(offers(rig), 1);
	assert_true(l2tp_core_place_call(rig->core, rig->now, opened[0], &call) > 0);
	assert_true(l2tp_core_place_call(rig->core, rig->now, opened[0], &call) > 0);
	assert_int_equal(l2tp_core_place_call(rig->core, rig->now, opened[0], &call), -ENOSPC);
	peer_say_numbered(rig, &cdn, opened[0], 0, 4, 1);
	place(rig, 0, 3, 5);
	assert_int_equal(offers(rig), 2);
	rig_done(rig);
}

static void ask_often(struct rig *rig, unsigned times, uint16_t *ns)
{
	for (unsigned i = 0; i < times; i++) {
		struct l2tp_msg cdn = peer_cdn((uint16_t)(i + 1), L2TP_CDN_ADMIN, "");

		place(rig, 0, (uint16_t)(i + 1), (*ns)++);
		peer_say_numbered(rig, &cdn, opened[0], 0, (*ns)++, 1);
	}
}

static void test_requests_have_a_rate(void **state)
{
	struct l2tp_limits limits = { .call_rate = 10, .call_burst = 5 };
	struct rig rig;
	uint16_t ns = 2;

	rig_open_limits(&rig, &limits);
	opened_count = 0;
	establish(&rig, "203.0.113.1", 2000);
	rig_forget(&rig);
	ask_often(&rig, 8, &ns);
	assert_int_equal(offers(&rig), 5);
	assert_true(rig_says(rig_sent(&rig, L2TP_MSG_CDN), "too many requests"));
	assert_int_equal(stats_of(&rig).refused_rate, 3);
	rig.now += SEC / 5;
	ask_often(&rig, 8, &ns);
	assert_int_equal(offers(&rig), 7);
	rig_close(&rig);
}

/* Eight times as many, and answers to what is over cost the same. */
static void test_requests_of_a_peer_with_the_secret(void **state)
{
	struct l2tp_limits limits = { .call_rate = 10, .call_burst = 1 };
	struct rig rig;
	struct l2tp_msg icrp;
	uint16_t ns = 2;

	rig_open_limits(&rig, &limits);
	rig.params.secret = rig_secret;
	rig.peer_secret = rig_secret;
	opened_count = 0;
	establish(&rig, "203.0.113.1", 2000);
	rig_forget(&rig);
	ask_often(&rig, 10, &ns);
	assert_int_equal(offers(&rig), 8);
	rig_forget(&rig);
	icrp = peer_with_sid(L2TP_MSG_ICRP, 9);
	peer_say_numbered(&rig, &icrp, opened[0], 4711, ns, 1);
	assert_int_equal(rig_sent_count(&rig, L2TP_MSG_CDN), 0);
	rig_close(&rig);
}

/* --- a peer that acknowledges nothing --- */

static void test_queue_has_an_end(void **state)
{
	struct l2tp_limits limits = { .send_queue = 20000 };
	struct rig rig;
	uint16_t ns = 2;

	rig_open_limits(&rig, &limits);
	opened_count = 0;
	establish(&rig, "203.0.113.1", 2000);
	rig_forget(&rig);
	/* each request has a CDN for its answer: the call is not accepted */
	while (!rig_count(&rig, L2TP_EFFECT_TUNNEL_DOWN) && ns < 2000) {
		struct l2tp_reason why = { .result = L2TP_CDN_ADMIN };
		uint16_t sid;

		rig_forget(&rig);
		place(&rig, 0, ns, ns);
		ns++;
		sid = rig_last(&rig, L2TP_EFFECT_SESSION_OFFER)->effect.sid;
		l2tp_core_close_session(rig.core, rig.now, opened[0], sid, &why);
		rig_drain(&rig);
	}
	assert_in_range(ns, 100, 1000);
	assert_int_equal(rig_tunnel_down(&rig)->who, L2TP_WHO_TIMEOUT);
	assert_non_null(strstr(rig_tunnel_down(&rig)->text, "does not acknowledge"));
	assert_int_equal(stats_of(&rig).overflows, 1);
	rig_close(&rig);
}

/* --- names --- */

static void test_names(void **state)
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
		cmocka_unit_test(test_half_open_of_one_source),
		cmocka_unit_test(test_half_open_of_one_network),
		cmocka_unit_test(test_half_open_of_one_ipv6_network),
		cmocka_unit_test(test_half_open_of_all),
		cmocka_unit_test(test_half_open_of_a_noisy_neighbour),
		cmocka_unit_test(test_half_open_of_either_kind),
		cmocka_unit_test(test_half_open_when_crowded),
		cmocka_unit_test(test_established_is_not_half_open),
		cmocka_unit_test(test_idle_gives_way),
		cmocka_unit_test(test_proven_secret_does_not_give_way),
		cmocka_unit_test(test_closing_gives_way),
		cmocka_unit_test(test_failing_gives_way),
		cmocka_unit_test(test_first_call_without_a_secret),
		cmocka_unit_test(test_tunnels_of_all),
		cmocka_unit_test(test_tunnels_of_one_source),
		cmocka_unit_test(test_our_own_tunnel_comes_first),
		cmocka_unit_test(test_calls_of_source_network_and_all),
		cmocka_unit_test(test_calls_that_ended),
		cmocka_unit_test(test_requests_have_a_rate),
		cmocka_unit_test(test_requests_of_a_peer_with_the_secret),
		cmocka_unit_test(test_queue_has_an_end),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
