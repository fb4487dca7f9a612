/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who is not on the path guesses ids and numbers to end a tunnel in its peer's name. His other
 * guesses are seen, and as long as there are many, the peer is asked instead of believed.
 */
#include "core_rig.h"

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

static bool exists(const struct rig *rig, uint16_t tid)
{
	struct l2tp_tunnel_info info;

	return l2tp_core_tunnel_info(rig->core, tid, &info);
}

#define GUESSES 64

static void guess(struct rig *rig, unsigned times)
{
	struct l2tp_msg msg = peer_stopccn(PEER_TID, 1, "");
	uint16_t tid = rig->tid;

	for (uint16_t t = 1; times; t++) {
		if (exists(rig, t))
			continue;
		peer_say_numbered(rig, &msg, t, 0, rig->peer_ns, rig->peer_nr);
		times--;
	}
	rig->tid = tid;
}

static void stop_forged(struct rig *rig)
{
	struct l2tp_msg msg = peer_stopccn(PEER_TID, 1, "");

	peer_say_numbered(rig, &msg, rig->tid, 0, rig->peer_ns, rig->peer_nr);
}

/* Few strange datagrams are nothing: a router's table was lost, or we restarted. */
static void test_few_guesses_change_nothing(void **state)
{
	struct rig *rig = *state;

	rig_tunnel_by_us(rig);
	guess(rig, GUESSES - 1);
	stop_forged(rig);
	rig_state(rig, L2TP_TUNNEL_CLOSING);
}

static void test_guessed_stopccn_is_not_obeyed(void **state)
{
	struct rig *rig = *state;

	rig_tunnel_by_us(rig);
	guess(rig, GUESSES);
	rig_forget(rig);
	stop_forged(rig);
	rig_state(rig, L2TP_TUNNEL_ESTABLISHED);
	assert_int_equal(rig_drops(rig, L2TP_DROP_GUESSED), 1);
	/* the peer is asked, and answers */
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_HELLO), 1);
	peer_ack(rig);
	/* what does no harm is taken as ever */
	peer_say(rig, &(struct l2tp_msg){ .type = L2TP_MSG_HELLO }, 0);
	assert_int_equal(rig_sent_count(rig, L2TP_MSG_ZLB), 1);
	rig_wait(rig, 30 * SEC);
	rig_state(rig, L2TP_TUNNEL_ESTABLISHED);
	/* and when it is over, so is a StopCCN */
	rig_wait(rig, 31 * SEC);
	peer_ack(rig);
	stop_forged(rig);
	rig_state(rig, L2TP_TUNNEL_CLOSING);
}

/* It was the peer's own after all, and it is gone. */
static void test_true_stopccn_among_guesses(void **state)
{
	struct rig *rig = *state;

	rig_tunnel_by_us(rig);
	guess(rig, GUESSES);
	rig_forget(rig);
	stop_forged(rig);
	rig_wait(rig, PROBE);
	assert_int_equal(rig_count(rig, L2TP_EFFECT_TUNNEL_DOWN), 1);
	rig_assert_empty(rig);
}

/* Not only StopCCN ends a tunnel. */
static void test_guessed_poison(void **state)
{
	struct rig *rig = *state;
	struct l2tp_msg sccrq = peer_sccrq();

	rig_tunnel_by_us(rig);
	guess(rig, GUESSES);
	peer_say_with(rig, L2TP_MSG_HELLO, 0x8000, 0, 99);
	rig->peer_ns--;
	rig_state(rig, L2TP_TUNNEL_ESTABLISHED);
	peer_say_numbered(rig, &sccrq, rig->tid, 0, rig->peer_ns, rig->peer_nr);
	rig_state(rig, L2TP_TUNNEL_ESTABLISHED);
	assert_int_equal(rig_drops(rig, L2TP_DROP_GUESSED), 2);
}

/* Guesses from elsewhere concern nobody. */
static void test_guesses_of_another_address(void **state)
{
	struct rig *rig = *state;

	rig_tunnel_by_us(rig);
	assert_int_equal(l2tp_addr_parse("198.51.100.8", L2TP_PORT, &rig->path.peer), 0);
	guess(rig, 2 * GUESSES);
	assert_int_equal(l2tp_addr_parse("198.51.100.7", L2TP_PORT, &rig->path.peer), 0);
	stop_forged(rig);
	rig_state(rig, L2TP_TUNNEL_CLOSING);
}

/* Wrong numbers are guesses, too. */
static void test_strange_numbers_are_guesses(void **state)
{
	struct rig *rig = *state;
	struct l2tp_msg msg = peer_stopccn(PEER_TID, 1, "");

	rig_tunnel_by_us(rig);
	for (unsigned i = 0; i < GUESSES; i++) {
		uint16_t ns = (uint16_t)(rig->peer_ns + 100 + i);

		peer_say_numbered(rig, &msg, rig->tid, 0, ns, rig->peer_nr);
	}
	assert_int_equal(rig_drops(rig, L2TP_DROP_WINDOW), GUESSES);
	stop_forged(rig);
	rig_state(rig, L2TP_TUNNEL_ESTABLISHED);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_few_guesses_change_nothing),
		TEST(test_guessed_stopccn_is_not_obeyed),
		TEST(test_true_stopccn_among_guesses),
		TEST(test_guessed_poison),
		TEST(test_guesses_of_another_address),
		TEST(test_strange_numbers_are_guesses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
