/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Peers that lost their memory and ask anew, hints that a peer is gone, and what only looks like
 * it: forged requests.
 */
#include "core_rig.h"

#include <stdio.h>

/* From the first Hello of a probe to the verdict. */
#define PROBE (2800 * MSEC)

static int setup(void **state)
{
	struct rig *rig = malloc(sizeof(*rig));

	assert_non_null(rig);
	rig_open(rig);
	*state = rig;
	return 0;
}

static int teardown(void **state)
{
	rig_close(*state);
	free(*state);
	return 0;
}

static struct l2tp_core_stats stats_of(const struct rig *rig)
{
	struct l2tp_core_stats stats;

	l2tp_core_stats(rig->core, &stats);
	return stats;
}

static bool exists(const struct rig *rig, uint16_t tid)
{
	struct l2tp_tunnel_info info;

	return l2tp_core_tunnel_info(rig->core, tid, &info);
}

static enum l2tp_tunnel_state state_of(const struct rig *rig, uint16_t tid)
{
	struct l2tp_tunnel_info info;

	assert_true(l2tp_core_tunnel_info(rig->core, tid, &info));
	return info.state;
}

/* The SCCRQ with that id of the peer, its first message. */
static void request(struct rig *rig, uint16_t peer_tid)
{
	struct l2tp_msg msg = peer_sccrq();

	msg.assigned_tid = peer_tid;
	rig_forget(rig);
	peer_say_numbered(rig, &msg, 0, 0, 0, 0);
}

/* An established tunnel of the peer; its id. */
static uint16_t establish(struct rig *rig, uint16_t peer_tid)
{
	struct l2tp_msg msg = peer_msg(L2TP_MSG_SCCCN);
	uint16_t tid;

	request(rig, peer_tid);
	tid = rig_sent(rig, L2TP_MSG_SCCRP)->effect.tid;
	if (rig->params.secret.data)
		peer_respond(rig, &msg);
	peer_say_numbered(rig, &msg, tid, 0, 1, 1);
	assert_int_equal(state_of(rig, tid), L2TP_TUNNEL_ESTABLISHED);
	rig_forget(rig);
	return tid;
}

/* A call that is up, in an established tunnel with nothing unacknowledged. */
static void call(struct rig *rig, uint16_t tid)
{
	struct l2tp_call_params params = { 0 };
	struct l2tp_msg icrq = peer_icrq(PEER_SID, 1), iccn = peer_connected(L2TP_MSG_ICCN);
	uint16_t sid;

	peer_say_numbered(rig, &icrq, tid, 0, 2, 1);
	sid = rig_last(rig, L2TP_EFFECT_SESSION_OFFER)->effect.sid;
	l2tp_core_accept_call(rig->core, rig->now, tid, sid, &params);
	l2tp_core_session_ready(rig->core, rig->now, tid, sid, 0, NULL);
	rig_drain(rig);
	peer_say_numbered(rig, &iccn, tid, sid, 3, 2);
	assert_int_equal(rig_count(rig, L2TP_EFFECT_SESSION_UP), 1);
	rig_forget(rig);
}

static void acknowledge(struct rig *rig, uint16_t tid, uint16_t ns, uint16_t nr)
{
	struct l2tp_msg zlb = peer_msg(L2TP_MSG_ZLB);

	peer_say_numbered(rig, &zlb, tid, 0, ns, nr);
}

/* --- the same SCCRQ --- */

/* A device that restarts within half a minute says the very same thing again. */
static void test_same_request_asks_the_peer(void **state)
{
	struct rig *rig = *state;
	uint16_t tid = establish(rig, 1);

	call(rig, tid);
	request(rig, 1);
	assert_int_equal(rig_sent(rig, L2TP_MSG_HELLO)->effect.tid, tid);
	assert_int_equal(rig_count(rig, L2TP_EFFECT_SEND), 1);
	/* its own repetitions change nothing, and make us say nothing */
	rig_wait(rig, SEC);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_HELLO), 1 + 5);
	request(rig, 1);
	assert_int_equal(rig_count(rig, L2TP_EFFECT_SEND), 0);
	rig_wait(rig, PROBE - SEC - 1);
	assert_true(exists(rig, tid));
	rig_wait(rig, 1);
	assert_false(exists(rig, tid));
	assert_int_equal(rig_tunnel_down(rig)->who, L2TP_WHO_TIMEOUT);
	assert_non_null(strstr(rig_tunnel_down(rig)->text, "does not know this tunnel any more"));
	assert_int_equal(rig_count(rig, L2TP_EFFECT_SESSION_DOWN), 1);
	assert_int_equal(rig_count(rig, L2TP_EFFECT_TUNNEL_GONE), 1);
	assert_int_equal(stats_of(rig).probes, 1);
	assert_int_equal(stats_of(rig).probes_dead, 1);
	/* what it says after 3 s */
	request(rig, 1);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_SCCRP), 1);
}

/* The network held up a copy, or somebody forged it: the peer says that it lives. */
static void test_same_request_of_a_peer_that_lives(void **state)
{
	struct rig *rig = *state;
	uint16_t tid = establish(rig, 1);

	request(rig, 1);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_HELLO), 1);
	acknowledge(rig, tid, 2, 2);
	rig_forget(rig);
	/* it is not asked again and again */
	for (unsigned i = 0; i < 20; i++) {
		struct l2tp_msg msg = peer_sccrq();

		msg.assigned_tid = 1;
		peer_say_numbered(rig, &msg, 0, 0, 0, 0);
	}
	assert_int_equal(rig_count(rig, L2TP_EFFECT_SEND), 0);
	rig_wait(rig, 3 * SEC - 1);
	assert_int_equal(rig_count(rig, L2TP_EFFECT_SEND), 0);
	rig_wait(rig, 1);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_HELLO), 1);
	acknowledge(rig, tid, 2, 3);
	rig_wait(rig, 50 * SEC);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_HELLO), 1);
	assert_int_equal(state_of(rig, tid), L2TP_TUNNEL_ESTABLISHED);
	assert_int_equal(l2tp_core_next_tunnel(rig->core, tid), 0);
	assert_int_equal(stats_of(rig).probes_dead, 0);
}

/* Later than any retransmission may come it is a new request, whatever the old tunnel says. */
static void test_same_request_after_a_cycle(void **state)
{
	struct rig *rig = *state;
	uint16_t tid = establish(rig, 1), new;

	rig_wait(rig, 31 * SEC - 1);
	request(rig, 1);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_SCCRP), 0);
	acknowledge(rig, tid, 2, 2);
	rig_wait(rig, 3 * SEC + 1);
	request(rig, 1);
	new = rig_sent(rig, L2TP_MSG_SCCRP)->effect.tid;
	assert_int_not_equal(new, tid);
	assert_int_equal(rig_sent(rig, L2TP_MSG_HELLO)->effect.tid, tid);
	rig_wait(rig, PROBE);
	assert_false(exists(rig, tid));
	assert_true(exists(rig, new));
}

/* One that says goodbye and comes again is not locked out for half a minute. */
static void test_same_request_after_stopccn(void **state)
{
	struct rig *rig = *state;
	struct l2tp_msg stop = peer_stopccn(1, 1, "");
	uint16_t tid = establish(rig, 1);

	peer_say_numbered(rig, &stop, tid, 0, 2, 1);
	assert_int_equal(state_of(rig, tid), L2TP_TUNNEL_CLOSING);
	rig_wait(rig, 2 * SEC - 1);
	request(rig, 1);
	assert_int_equal(rig_count(rig, L2TP_EFFECT_SEND), 0);
	rig_wait(rig, 1);
	request(rig, 1);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_SCCRP), 1);
}

/* Our StopCCN has not arrived, and would go to the peer's new tunnel. */
static void test_same_request_after_our_stopccn(void **state)
{
	struct rig *rig = *state;

	establish(rig, 1);
	rig_close_tunnel(rig, L2TP_STOPCCN_CLEAR, "");
	rig_wait(rig, 2 * SEC);
	request(rig, 1);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_SCCRP), 1);
	rig_forget(rig);
	rig_wait(rig, 20 * SEC);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_STOPCCN), 0);
}

/* --- another one from the same address and port --- */

static void test_new_request_asks_the_old_tunnel(void **state)
{
	struct rig *rig = *state;
	uint16_t tid = establish(rig, 1), new;

	call(rig, tid);
	request(rig, 2);
	new = rig_sent(rig, L2TP_MSG_SCCRP)->effect.tid;
	assert_int_equal(rig_sent(rig, L2TP_MSG_HELLO)->effect.tid, tid);
	rig_wait(rig, PROBE);
	assert_false(exists(rig, tid));
	assert_int_equal(rig_count(rig, L2TP_EFFECT_SESSION_DOWN), 1);
	assert_true(exists(rig, new));
}

/* Two that live side by side go on doing so. */
static void test_new_request_beside_a_living_tunnel(void **state)
{
	struct rig *rig = *state;
	struct l2tp_msg scccn = peer_msg(L2TP_MSG_SCCCN);
	uint16_t tid = establish(rig, 1), new;

	request(rig, 2);
	new = rig_sent(rig, L2TP_MSG_SCCRP)->effect.tid;
	acknowledge(rig, tid, 2, 2);
	peer_say_numbered(rig, &scccn, new, 0, 1, 1);
	rig_wait(rig, 20 * SEC);
	assert_int_equal(state_of(rig, tid), L2TP_TUNNEL_ESTABLISHED);
	assert_int_equal(state_of(rig, new), L2TP_TUNNEL_ESTABLISHED);
}

/* A tunnel that we opened, to a peer that opens one to us. */
static void test_new_request_asks_our_own_tunnel(void **state)
{
	struct rig *rig = *state;
	uint16_t tid;

	rig_tunnel_by_us(rig);
	tid = rig->tid;
	request(rig, 2);
	assert_int_equal(rig_sent(rig, L2TP_MSG_HELLO)->effect.tid, tid);
}

static void test_new_request_of_others_asks_nobody(void **state)
{
	struct rig *rig = *state;

	establish(rig, 1);
	l2tp_addr_set_port(&rig->path.peer, 1702);
	request(rig, 2);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_HELLO), 0);
	assert_int_equal(l2tp_addr_parse("198.51.100.8", L2TP_PORT, &rig->path.peer), 0);
	request(rig, 1);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_HELLO), 0);
}

/* Whatever Hello waits for its acknowledgement gets it. */
static void answer_all(struct rig *rig)
{
	struct l2tp_tunnel_info info;
	uint16_t tid = 0;

	while ((tid = l2tp_core_next_tunnel(rig->core, tid)))
		for (uint16_t nr = 2; l2tp_core_tunnel_info(rig->core, tid, &info) && info.unacked;
			nr++)
			acknowledge(rig, tid, 2, nr);
}

/* One forged request makes us say little, however many tunnels there are. */
static void test_new_request_asks_a_few_in_turns(void **state)
{
	struct rig *rig = *state;
	uint16_t asked[20] = { 0 };
	unsigned count = 0;

	for (uint16_t i = 1; i <= 20; i++) {
		establish(rig, i);
		answer_all(rig);
		/* so long an answer holds */
		rig_wait(rig, 3 * SEC);
	}
	for (uint16_t i = 0; i < 2; i++) {
		request(rig, 1000 + i);
		assert_int_equal(rig_sent_count(rig, L2TP_MSG_HELLO), 8);
		for (unsigned j = 0; j < rig->count; j++)
			if (rig->seen[j].effect.type == L2TP_EFFECT_SEND &&
				rig->seen[j].effect.send.msg_type == L2TP_MSG_HELLO)
				asked[count++] = rig->seen[j].effect.tid;
	}
	for (unsigned i = 0; i < count; i++)
		for (unsigned j = 0; j < i; j++)
			assert_int_not_equal(asked[i], asked[j]);
}

/* --- the same id for another tunnel --- */

static void test_id_given_to_another_tunnel(void **state)
{
	struct rig *rig = *state;
	struct l2tp_msg sccrq = peer_sccrq(), scccn = peer_msg(L2TP_MSG_SCCCN);
	uint16_t tid = establish(rig, PEER_TID), new;

	call(rig, tid);
	sccrq.vendor_name = l2tp_span_of("after the update");
	l2tp_msg_set(&sccrq, L2TP_AVP_VENDOR_NAME);
	peer_say_numbered(rig, &sccrq, 0, 0, 0, 0);
	new = rig_sent(rig, L2TP_MSG_SCCRP)->effect.tid;
	assert_true(exists(rig, tid));
	rig_forget(rig);
	peer_say_numbered(rig, &scccn, new, 0, 1, 1);
	/* at once, and nothing is sent to an id that is the new tunnel's */
	assert_false(exists(rig, tid));
	assert_int_equal(rig_tunnel_down(rig)->who, L2TP_WHO_TIMEOUT);
	assert_int_equal(rig_count(rig, L2TP_EFFECT_SESSION_DOWN), 1);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_STOPCCN), 0);
	assert_int_equal(state_of(rig, new), L2TP_TUNNEL_ESTABLISHED);
}

/* A tunnel whose peer proved a secret is not ended by one who did not. */
static void test_id_given_to_another_without_the_secret(void **state)
{
	struct rig *rig = *state;
	uint16_t tid;

	rig->params.secret = rig_secret;
	tid = establish(rig, PEER_TID);
	rig->params.secret.data = NULL;
	rig->params.secret.len = 0;
	rig_wait(rig, 32 * SEC);
	establish(rig, PEER_TID);
	assert_int_equal(state_of(rig, tid), L2TP_TUNNEL_ESTABLISHED);
}

/* So there is one for an id, however often it is given: nothing has to be searched for long. */
static void test_one_tunnel_for_an_id(void **state)
{
	struct rig *rig = *state;
	struct l2tp_msg stop = peer_stopccn(PEER_TID, 1, "");
	uint16_t tid = 0;

	for (unsigned i = 0; i < 100; i++) {
		/* each is another request, and some say goodbye at once */
		rig_wait(rig, 32 * SEC);
		tid = establish(rig, PEER_TID);
		if (i % 2)
			peer_say_numbered(rig, &stop, tid, 0, 2, 1);
		assert_int_equal(l2tp_core_next_tunnel(rig->core, 0), tid);
		assert_int_equal(l2tp_core_next_tunnel(rig->core, tid), 0);
	}
}

/* --- hints of our caller --- */

static void probe(struct rig *rig, uint16_t tid)
{
	l2tp_core_probe_tunnel(rig->core, rig->now, tid);
	rig_drain(rig);
}

static void test_probe_of_a_dead_peer(void **state)
{
	struct rig *rig = *state;

	rig_tunnel_by_us(rig);
	probe(rig, rig->tid);
	rig_wait(rig, PROBE - 1);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_HELLO), 14);
	assert_int_equal(rig_count(rig, L2TP_EFFECT_TUNNEL_DOWN), 0);
	rig_wait(rig, 1);
	assert_int_equal(rig_tunnel_down(rig)->who, L2TP_WHO_TIMEOUT);
	rig_assert_empty(rig);
}

static void test_probe_of_a_peer_that_lives(void **state)
{
	struct rig *rig = *state;

	rig_tunnel_by_us(rig);
	probe(rig, rig->tid);
	rig_wait(rig, PROBE - 1);
	peer_ack(rig);
	rig_wait(rig, 59 * SEC);
	rig_state(rig, L2TP_TUNNEL_ESTABLISHED);
	/* the regular one of a minute later fails, and is not told as a probe */
	rig_forget(rig);
	rig_wait(rig, 60 * SEC);
	assert_non_null(strstr(rig_tunnel_down(rig)->text, "no answer from"));
}

/* Nobody knows how long a way is before it was gone; one that is known to be long has more time. */
static void test_probe_on_a_long_way(void **state)
{
	struct rig *rig = *state;
	struct l2tp_msg msg = peer_sccrp();

	rig_we_open(rig);
	rig_wait(rig, 900 * MSEC);
	peer_say(rig, &msg, 0);
	rig_wait(rig, 900 * MSEC);
	peer_ack(rig);
	rig_forget(rig);
	probe(rig, rig->tid);
	rig_wait(rig, 3500 * MSEC);
	rig_state(rig, L2TP_TUNNEL_ESTABLISHED);
	rig_wait(rig, 200 * MSEC);
	assert_int_equal(rig_count(rig, L2TP_EFFECT_TUNNEL_DOWN), 1);
}

/* A message that waits for its acknowledgement asks as well as a Hello. */
static void test_probe_with_a_message_under_way(void **state)
{
	struct rig *rig = *state;
	struct l2tp_call_params params = { 0 };

	rig_tunnel_by_us(rig);
	assert_true(l2tp_core_place_call(rig->core, rig->now, rig->tid, &params) > 0);
	rig_drain(rig);
	rig_wait(rig, 100 * MSEC);
	probe(rig, rig->tid);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_HELLO), 0);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_ICRQ), 2);
	rig_wait(rig, PROBE);
	assert_int_equal(rig_count(rig, L2TP_EFFECT_TUNNEL_DOWN), 1);
}

static void test_probe_of_what_is_not_established(void **state)
{
	struct rig *rig = *state;

	rig_we_open(rig);
	rig_forget(rig);
	probe(rig, rig->tid);
	probe(rig, (uint16_t)(rig->tid ^ 1));
	assert_int_equal(rig->count, 0);
	rig_wait(rig, 10 * SEC);
	rig_state(rig, L2TP_TUNNEL_WAIT_CTL_REPLY);
}

/* The machine sleeps in the middle of it: the peer is asked on, not given up. */
static void test_probe_and_a_leap_of_the_clock(void **state)
{
	struct rig *rig = *state;

	rig_tunnel_by_us(rig);
	probe(rig, rig->tid);
	rig->now += 3600 * SEC;
	l2tp_core_timeout(rig->core, rig->now);
	rig_drain(rig);
	rig_state(rig, L2TP_TUNNEL_ESTABLISHED);
	peer_ack(rig);
	rig_wait(rig, 10 * SEC);
	rig_state(rig, L2TP_TUNNEL_ESTABLISHED);
}

static void saw_data(struct rig *rig)
{
	l2tp_core_saw_data(rig->core, rig->now, rig->tid);
	rig_drain(rig);
}

/* Something on the way swallows control messages: no end while data arrives. */
static void test_no_end_while_data_arrives(void **state)
{
	struct rig *rig = *state;

	rig_tunnel_by_us(rig);
	rig_wait(rig, 60 * SEC);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_HELLO), 1);
	rig_forget(rig);
	for (unsigned i = 0; i < 600; i++) {
		rig_wait(rig, SEC);
		saw_data(rig);
		rig_forget(rig);
	}
	rig_state(rig, L2TP_TUNNEL_ESTABLISHED);
	probe(rig, rig->tid);
	rig_wait(rig, SEC);
	saw_data(rig);
	rig_wait(rig, 5 * SEC);
	rig_state(rig, L2TP_TUNNEL_ESTABLISHED);
	/* it stops: then there is nothing left that speaks for the peer */
	rig_wait(rig, 300 * SEC);
	assert_int_equal(rig_count(rig, L2TP_EFFECT_TUNNEL_DOWN), 1);
	rig_assert_empty(rig);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_same_request_asks_the_peer),
		TEST(test_same_request_of_a_peer_that_lives),
		TEST(test_same_request_after_a_cycle),
		TEST(test_same_request_after_stopccn),
		TEST(test_same_request_after_our_stopccn),
		TEST(test_new_request_asks_the_old_tunnel),
		TEST(test_new_request_beside_a_living_tunnel),
		TEST(test_new_request_asks_our_own_tunnel),
		TEST(test_new_request_of_others_asks_nobody),
		TEST(test_new_request_asks_a_few_in_turns),
		TEST(test_id_given_to_another_tunnel),
		TEST(test_id_given_to_another_without_the_secret),
		TEST(test_one_tunnel_for_an_id),
		TEST(test_probe_of_a_dead_peer),
		TEST(test_probe_of_a_peer_that_lives),
		TEST(test_probe_on_a_long_way),
		TEST(test_probe_with_a_message_under_way),
		TEST(test_probe_of_what_is_not_established),
		TEST(test_probe_and_a_leap_of_the_clock),
		TEST(test_no_end_while_data_arrives),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
