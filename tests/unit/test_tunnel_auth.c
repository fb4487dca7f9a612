/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who may open a tunnel: RFC 2661 4.3, 5.1.1, 9.1; and how many. */
#include "core_rig.h"

#include <errno.h>
#include <stdio.h>

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

static const struct l2tp_msg *refusal(const struct rig *rig)
{
	const struct l2tp_msg *msg = &rig_sent(rig, L2TP_MSG_STOPCCN)->msg;

	assert_int_equal(msg->result, L2TP_STOPCCN_NOT_AUTHORIZED);
	assert_int_equal(rig_count(rig, L2TP_EFFECT_TUNNEL_UP), 0);
	return msg;
}

static bool says(struct l2tp_span span, const char *what)
{
	return memmem(span.data, span.len, what, strlen(what)) != NULL;
}

static bool is_authenticated(const struct rig *rig)
{
	struct l2tp_tunnel_info info;

	assert_true(l2tp_core_tunnel_info(rig->core, rig->tid, &info));
	return info.authenticated;
}

static void test_pitfall_10_both_ways_as_initiator(void **state)
{
	struct rig *rig = *state;
	struct l2tp_msg msg = peer_sccrp();
	uint8_t expected[16];

	rig->params.secret = rig_secret;
	rig_we_open(rig);
	assert_int_equal(rig_sent(rig, L2TP_MSG_SCCRQ)->msg.challenge.len, 16);
	peer_challenge(&msg, "peer's challenge", 16);
	peer_respond(rig, &msg);
	peer_say(rig, &msg, 0);
	rig_state(rig, L2TP_TUNNEL_ESTABLISHED);
	assert_true(is_authenticated(rig));
	l2tp_challenge_response(L2TP_MSG_SCCCN, &rig_secret, msg.challenge, expected);
	assert_memory_equal(rig_sent(rig, L2TP_MSG_SCCCN)->msg.challenge_response, expected, 16);
}

static void test_pitfall_10_both_ways_as_responder(void **state)
{
	struct rig *rig = *state;
	struct l2tp_msg sccrq = peer_sccrq(), scccn = peer_msg(L2TP_MSG_SCCCN);
	uint8_t expected[16];

	rig->params.secret = rig_secret;
	peer_challenge(&sccrq, "peer's challenge", 16);
	peer_say(rig, &sccrq, 0);
	l2tp_challenge_response(L2TP_MSG_SCCRP, &rig_secret, sccrq.challenge, expected);
	assert_memory_equal(rig_sent(rig, L2TP_MSG_SCCRP)->msg.challenge_response, expected, 16);
	peer_respond(rig, &scccn);
	peer_say(rig, &scccn, 0);
	rig_state(rig, L2TP_TUNNEL_ESTABLISHED);
	assert_true(is_authenticated(rig));
}

static void test_pitfall_10_peer_does_not_challenge(void **state)
{
	struct rig *rig = *state;

	rig->params.secret = rig_secret;
	rig_tunnel_by_peer(rig);
	assert_true(is_authenticated(rig));
}

static void test_pitfall_10_challenge_of_one_octet(void **state)
{
	struct rig *rig = *state;
	struct l2tp_msg msg = peer_sccrp();
	uint8_t expected[16];

	rig->params.secret = rig_secret;
	rig_we_open(rig);
	peer_challenge(&msg, "x", 1);
	peer_respond(rig, &msg);
	peer_say(rig, &msg, 0);
	l2tp_challenge_response(L2TP_MSG_SCCCN, &rig_secret, msg.challenge, expected);
	assert_memory_equal(rig_sent(rig, L2TP_MSG_SCCCN)->msg.challenge_response, expected, 16);
}

static void test_pitfall_10_sccrp_without_response(void **state)
{
	struct rig *rig = *state;
	struct l2tp_msg msg = peer_sccrp();

	rig->params.secret = rig_secret;
	rig_we_open(rig);
	peer_say(rig, &msg, 0);
	assert_true(says(refusal(rig)->result_text, "lacks a Challenge Response"));
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_SCCCN), 0);
	rig_state(rig, L2TP_TUNNEL_CLOSING);
	/* mpd before 5.8 took the next message for an opening */
	peer_say(rig, &msg, 0);
	rig_state(rig, L2TP_TUNNEL_CLOSING);
}

static void test_pitfall_10_sccrp_with_wrong_response(void **state)
{
	struct rig *rig = *state;
	struct l2tp_msg msg = peer_sccrp();

	rig->params.secret = rig_secret;
	rig_we_open(rig);
	peer_respond(rig, &msg);
	msg.challenge_response[15] ^= 1;
	peer_challenge(&msg, "give me a response", 18);
	peer_say(rig, &msg, 0);
	assert_true(says(refusal(rig)->result_text, "secrets differ"));
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_SCCCN), 0);
}

/* A response of the right bytes for the wrong message (5.1.1: type 2 in SCCRP, 3 in SCCCN). */
static void test_pitfall_10_response_of_the_wrong_message(void **state)
{
	struct rig *rig = *state;
	struct l2tp_msg msg = peer_msg(L2TP_MSG_SCCCN);

	rig->params.secret = rig_secret;
	rig_peer_requests(rig);
	l2tp_challenge_response(L2TP_MSG_SCCRP, &rig_secret,
		rig_sent(rig, L2TP_MSG_SCCRP)->msg.challenge, msg.challenge_response);
	l2tp_msg_set(&msg, L2TP_AVP_CHALLENGE_RESPONSE);
	peer_say(rig, &msg, 0);
	refusal(rig);
}

static void test_pitfall_10_scccn_without_response(void **state)
{
	struct rig *rig = *state;
	struct l2tp_msg msg = peer_msg(L2TP_MSG_SCCCN);

	rig->params.secret = rig_secret;
	rig_peer_requests(rig);
	peer_say(rig, &msg, 0);
	refusal(rig);
	rig_state(rig, L2TP_TUNNEL_CLOSING);
	assert_int_equal(rig_last(rig, L2TP_EFFECT_TUNNEL_DOWN)->effect.reason.who, L2TP_WHO_LOCAL);
}

static void test_pitfall_10_challenged_without_a_secret(void **state)
{
	struct rig *rig = *state;
	struct l2tp_msg msg = peer_sccrq();
	struct l2tp_core_stats stats;

	peer_challenge(&msg, "who are you", 11);
	peer_say(rig, &msg, 0);
	assert_true(says(refusal(rig)->result_text, "no secret"));
	l2tp_core_stats(rig->core, &stats);
	assert_int_equal(stats.tunnels, 0);
}

static void test_pitfall_10_challenged_in_sccrp_without_a_secret(void **state)
{
	struct rig *rig = *state;
	struct l2tp_msg msg = peer_sccrp();

	rig_we_open(rig);
	peer_challenge(&msg, "who are you", 11);
	peer_say(rig, &msg, 0);
	assert_true(says(refusal(rig)->result_text, "no secret"));
	assert_int_equal(refusal(rig)->hdr.tid, PEER_TID);
}

static void test_pitfall_10_own_challenge_in_sccrp(void **state)
{
	struct rig *rig = *state;
	struct l2tp_msg msg = peer_sccrp();
	struct l2tp_span ours;

	rig->params.secret = rig_secret;
	rig_we_open(rig);
	ours = rig_sent(rig, L2TP_MSG_SCCRQ)->msg.challenge;
	peer_respond(rig, &msg);
	peer_challenge(&msg, ours.data, ours.len);
	peer_say(rig, &msg, 0);
	assert_true(says(refusal(rig)->result_text, "our own Challenge"));
}

/* The other way round: have us answer our own challenge in a tunnel the peer opens meanwhile. */
static void test_pitfall_10_own_challenge_in_another_tunnel(void **state)
{
	struct rig *rig = *state;
	struct l2tp_msg msg = peer_sccrq();
	struct l2tp_span ours;

	rig->params.secret = rig_secret;
	rig_we_open(rig);
	ours = rig_sent(rig, L2TP_MSG_SCCRQ)->msg.challenge;
	peer_challenge(&msg, ours.data, ours.len);
	peer_say(rig, &msg, 0);
	assert_true(says(refusal(rig)->result_text, "our own Challenge"));
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_SCCRP), 0);
}

/* mpd repeats all of its SCCRQ in SCCCN, Challenge included. */
static void test_pitfall_35_scccn_full_of_other_avps(void **state)
{
	struct rig *rig = *state;
	struct l2tp_msg msg = peer_sccrq();

	rig->params.secret = rig_secret;
	rig_peer_requests(rig);
	msg.type = L2TP_MSG_SCCCN;
	peer_challenge(&msg, "again, why not?!", 16);
	peer_respond(rig, &msg);
	peer_say(rig, &msg, 0);
	rig_state(rig, L2TP_TUNNEL_ESTABLISHED);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_STOPCCN), 0);
}

static void test_pitfall_08_hidden_avps_in_the_first_sccrq(void **state)
{
	struct rig *rig = *state;
	struct l2tp_msg sccrq = peer_sccrq(), scccn = peer_msg(L2TP_MSG_SCCCN);

	rig->params.secret = rig->peer_secret = rig_secret;
	rig->peer_hides = true;
	peer_challenge(&sccrq, "hidden challenge", 16);
	peer_say(rig, &sccrq, 0);
	/* pitfall 9: Assigned Tunnel ID was hidden, too */
	assert_int_equal(rig_sent(rig, L2TP_MSG_SCCRP)->msg.hdr.tid, PEER_TID);
	peer_respond(rig, &scccn);
	peer_say(rig, &scccn, 0);
	rig_state(rig, L2TP_TUNNEL_ESTABLISHED);
}

static void test_pitfall_08_duplicate_of_a_hidden_sccrq(void **state)
{
	struct rig *rig = *state;
	struct l2tp_msg msg = peer_sccrq();

	rig->params.secret = rig->peer_secret = rig_secret;
	rig->peer_hides = true;
	peer_say(rig, &msg, 0);
	peer_say_numbered(rig, &msg, 0, 0, 0, 0);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_SCCRP), 2);
	assert_int_equal(l2tp_core_next_tunnel(rig->core, rig->tid), 0);
}

static void test_pitfall_08_hidden_with_another_secret(void **state)
{
	struct rig *rig = *state;
	struct l2tp_msg msg = peer_sccrq();

	rig->params.secret = (struct l2tp_secret){ (const uint8_t *)"other", 5 };
	rig->peer_secret = rig_secret;
	rig->peer_hides = true;
	peer_say(rig, &msg, 0);
	assert_int_equal(rig_sent(rig, L2TP_MSG_STOPCCN)->msg.hdr.tid, 0);
	assert_int_equal(rig_count(rig, L2TP_EFFECT_TUNNEL_DOWN), 0);
}

static void test_we_hide(void **state)
{
	struct rig *rig = *state;
	struct l2tp_msg msg = peer_sccrp();
	const struct seen *sccrq;

	rig->params.secret = rig->peer_secret = rig_secret;
	rig->params.hide = rig->peer_hides = true;
	rig_we_open(rig);
	sccrq = rig_sent(rig, L2TP_MSG_SCCRQ);
	assert_true(l2tp_msg_has(&sccrq->msg, L2TP_AVP_RANDOM_VECTOR));
	assert_int_equal(sccrq->msg.assigned_tid, rig->tid);
	peer_respond(rig, &msg);
	peer_say(rig, &msg, 0);
	rig_state(rig, L2TP_TUNNEL_ESTABLISHED);
}

/* A tunnel without a secret cannot hide, whatever is asked. */
static void test_hide_without_secret(void **state)
{
	struct rig *rig = *state;

	rig->params.hide = true;
	rig_tunnel_by_us(rig);
}

static void test_empty_secret_is_a_secret(void **state)
{
	struct rig *rig = *state;
	struct l2tp_msg msg = peer_sccrp();

	rig->params.secret = (struct l2tp_secret){ (const uint8_t *)"", 0 };
	rig_we_open(rig);
	assert_true(l2tp_msg_has(&rig_sent(rig, L2TP_MSG_SCCRQ)->msg, L2TP_AVP_CHALLENGE));
	peer_say(rig, &msg, 0);
	refusal(rig);
}

static void test_challenges_differ(void **state)
{
	struct rig *rig = *state;
	uint8_t first[16];

	rig->params.secret = rig_secret;
	rig_we_open(rig);
	memcpy(first, rig_sent(rig, L2TP_MSG_SCCRQ)->msg.challenge.data, 16);
	rig_we_open(rig);
	assert_memory_not_equal(first, rig_sent(rig, L2TP_MSG_SCCRQ)->msg.challenge.data, 16);
}

static const struct l2tp_limits few = {
	.max = { [L2TP_LIMIT_TUNNELS] = { 8 } },
	.id_quarantine = 60 * SEC,
};

static int setup_few(void **state)
{
	struct rig *rig = malloc(sizeof(*rig));

	assert_non_null(rig);
	rig_open_limits(rig, &few);
	*state = rig;
	return 0;
}

static void test_pitfall_24_too_many_tunnels(void **state)
{
	struct rig *rig = *state;

	for (unsigned i = 0; i < 8; i++)
		rig_we_open(rig);
	assert_int_equal(
		l2tp_core_open_tunnel(rig->core, rig->now, &rig->path, &rig->params), -ENOSPC);
	rig_peer_requests(rig);
	assert_int_equal(rig_sent(rig, L2TP_MSG_STOPCCN)->msg.result, L2TP_STOPCCN_ERROR);
	assert_int_equal(rig_sent(rig, L2TP_MSG_STOPCCN)->msg.error, L2TP_ERR_RESOURCES);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
#define FEW(name)  cmocka_unit_test_setup_teardown(name, setup_few, teardown)

/* A call may go to a link with a secret only if the peer of its tunnel has proved that one. */
static void test_what_the_peer_knows(void **state)
{
	struct l2tp_secret other = { (const uint8_t *)"top Secret", 10 };
	struct rig *rig = *state;

	rig->params.secret = rig_secret;
	rig_we_open(rig);
	assert_false(l2tp_core_peer_knows(rig->core, rig->tid, &rig_secret));
	rig_close(rig);
	rig_open(rig);
	rig->params.secret = rig_secret;
	rig_tunnel_by_peer(rig);
	assert_true(l2tp_core_peer_knows(rig->core, rig->tid, &rig_secret));
	assert_false(l2tp_core_peer_knows(rig->core, rig->tid, &other));
	assert_false(l2tp_core_peer_knows(rig->core, (uint16_t)(rig->tid ^ 1), &rig_secret));
	rig_close(rig);
	rig_open(rig);
	rig_tunnel_by_peer(rig);
	assert_false(l2tp_core_peer_knows(rig->core, rig->tid, &rig_secret));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_what_the_peer_knows),
		TEST(test_pitfall_10_both_ways_as_initiator),
		TEST(test_pitfall_10_both_ways_as_responder),
		TEST(test_pitfall_10_peer_does_not_challenge),
		TEST(test_pitfall_10_challenge_of_one_octet),
		TEST(test_pitfall_10_sccrp_without_response),
		TEST(test_pitfall_10_sccrp_with_wrong_response),
		TEST(test_pitfall_10_response_of_the_wrong_message),
		TEST(test_pitfall_10_scccn_without_response),
		TEST(test_pitfall_10_challenged_without_a_secret),
		TEST(test_pitfall_10_challenged_in_sccrp_without_a_secret),
		TEST(test_pitfall_10_own_challenge_in_sccrp),
		TEST(test_pitfall_10_own_challenge_in_another_tunnel),
		TEST(test_pitfall_35_scccn_full_of_other_avps),
		TEST(test_pitfall_08_hidden_avps_in_the_first_sccrq),
		TEST(test_pitfall_08_duplicate_of_a_hidden_sccrq),
		TEST(test_pitfall_08_hidden_with_another_secret),
		TEST(test_we_hide),
		TEST(test_hide_without_secret),
		TEST(test_empty_secret_is_a_secret),
		TEST(test_challenges_differ),
		FEW(test_pitfall_24_too_many_tunnels),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
