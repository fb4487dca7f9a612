/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Peers that fall silent, or seem to: dead-peer, and what the kernel's counters say. And a second
 * tunnel from the port of one, whose peer is dead or lives.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <l2tpd/ctl.h>

#include "daemon_rig.h"
#include "linux/process.h"

#define OFFICE(MORE)                                                                               \
	"[link office]\npeer = 198.51.100.1\noriginate = yes\nppp = p\n" MORE                      \
	"\n[ppp p]\nuser = alice\npassword = x\n"

/* A call, and what its end said when it was there no more. */
struct story {
	struct rig rig;
	struct rig_peer *peer;
	uint16_t sid;
};

static void begin(struct story *story, const char *config)
{
	memset(story, 0, sizeof(*story));
	assert_int_equal(rig_start(&story->rig, config), 0);
	story->peer = rig_peer(&story->rig, "198.51.100.1");
	json_decref(rig_exchange(&story->rig, CTL_OPEN, "{\"link\":\"office\",\"wait\":false}"));
	rig_run(&story->rig, USEC_PER_SEC);
	assert_int_equal(rig_calls(&story->rig), 1);
}

/* The counters of the call go on by so much; a new call has new ones. */
static void count(struct story *story, unsigned tx, unsigned rx)
{
	struct call *call = rig_call(&story->rig, "office");
	struct session_stats *stats = machine.stats;

	if (!call)
		return;
	if (call->sid != story->sid)
		*stats = (struct session_stats){ .tid = call->tid, .sid = call->sid };
	story->sid = call->sid;
	machine.stats_len = 1;
	stats->tx_packets += tx;
	stats->rx_packets += rx;
}

/* So many packets a second, for so long. */
static void traffic(struct story *story, unsigned seconds, unsigned tx, unsigned rx)
{
	for (unsigned i = 0; i < seconds; i++) {
		count(story, tx, rx);
		rig_run(&story->rig, USEC_PER_SEC);
	}
}

/* Seconds of such traffic until the call is over, at most 600. */
static unsigned lasts(struct story *story, unsigned tx, unsigned rx)
{
	unsigned seconds = 0;

	while (seconds < 600 && rig_calls(&story->rig)) {
		traffic(story, 1, tx, rx);
		seconds++;
	}
	return seconds;
}

static void assert_told(struct story *story)
{
	const struct outcome *end = rig_link(&story->rig, "office")->last_down;

	assert_non_null(end);
	assert_non_null(strstr(end->text, "nothing came back"));
}

static void test_dead_peer(void **state)
{
	struct story story;

	begin(&story, OFFICE(""));
	traffic(&story, 60, 10, 10);
	story.peer->silent = story.peer->unheard = true;
	assert_in_range(lasts(&story, 10, 0), 30, 36);
	assert_told(&story);
	rig_stop(&story.rig);
}

/* Nothing was said for an hour; it is the first packets that find nobody there. */
static void test_dead_peer_after_a_long_silence(void **state)
{
	struct story story;

	begin(&story, OFFICE("hello = 0"));
	story.peer->silent = true;
	traffic(&story, 3600, 0, 0);
	assert_int_equal(rig_calls(&story.rig), 1);
	assert_in_range(lasts(&story, 10, 0), 15, 21);
	assert_told(&story);
	rig_stop(&story.rig);
}

static void test_off(void **state)
{
	struct story story;

	begin(&story, OFFICE("hello = 0\ndead-peer = 0"));
	traffic(&story, 10, 10, 10);
	story.peer->silent = true;
	assert_int_equal(lasts(&story, 10, 0), 600);
	rig_stop(&story.rig);
}

/* A stream in one direction, on a line that loses: whoever answers a Hello is there. */
static void test_one_way(void **state)
{
	struct l2tp_core_stats stats;
	struct story story;

	begin(&story, OFFICE(""));
	story.rig.loss = 20;
	traffic(&story, 4 * 3600, 100, 0);
	assert_int_equal(rig_calls(&story.rig), 1);
	assert_int_equal(story.peer->sessions_up, 1);
	l2tp_core_stats(story.rig.d.core, &stats);
	assert_in_range(stats.probes, 100, 4 * 3600);
	rig_stop(&story.rig);
}

/* Data arrives now and then, and not one control message does. */
static void test_data_flows(void **state)
{
	struct story story;

	begin(&story, OFFICE(""));
	story.peer->silent = story.peer->unheard = true;
	for (unsigned i = 0; i < 400; i++) {
		traffic(&story, 13, 100, 0);
		traffic(&story, 1, 100, 1);
	}
	assert_int_equal(rig_calls(&story.rig), 1);
	assert_in_range(lasts(&story, 100, 0), 15, 60);
	rig_stop(&story.rig);
}

static bool lost(void)
{
	uint8_t dice;

	process_random(&dice, sizeof(dice));
	return dice < 51;
}

/* A day without traffic but pppd's LCP echo, on a line that loses a fifth each way. */
static void test_idle_for_a_day(void **state)
{
	struct story story;

	begin(&story, OFFICE(""));
	story.rig.loss = 20;
	for (unsigned i = 0; i < 24 * 3600 / 20; i++) {
		count(&story, 1, !lost() && !lost());
		rig_run(&story.rig, 20 * USEC_PER_SEC);
	}
	assert_int_equal(rig_calls(&story.rig), 1);
	assert_int_equal(story.peer->sessions_up, 1);
	rig_stop(&story.rig);
}

/* Killed, so that it says nothing, and there again: it knows nothing of what was. */
static void test_killed_and_restarted(void **state)
{
	for (unsigned phase = 0; phase < 5; phase++) {
		struct story story;
		unsigned seconds = 0;

		begin(&story, OFFICE("autostart = yes"));
		traffic(&story, 60 + phase, 10, 10);
		l2tp_core_free(story.peer->core);
		*story.peer = (struct rig_peer){ 0 };
		traffic(&story, 3, 10, 0);
		story.peer = rig_peer(&story.rig, "198.51.100.1");
		while (seconds < 100 && !story.peer->sessions_up) {
			traffic(&story, 1, 10, 0);
			seconds++;
		}
		assert_in_range(seconds + 3, 3, 40);
		rig_run(&story.rig, USEC_PER_SEC);
		assert_int_equal(rig_link(&story.rig, "office")->state, LINK_UP);
		rig_stop(&story.rig);
	}
}

/* A call that somebody placed to us ends with its tunnel in the same way. */
static void test_dead_caller(void **state)
{
	struct story story = { 0 };
	struct rig *rig = &story.rig;

	assert_int_equal(rig_start(rig, "[link office]\nincoming = yes\nppp = p\ndead-peer = 15\n"
					"[ppp p]\nuser = alice\npassword = x\n"),
		0);
	story.peer = rig_peer(rig, "198.51.100.1");
	rig_peer_calls(rig, story.peer, "192.0.2.1");
	rig_run(rig, USEC_PER_SEC);
	assert_int_equal(rig_calls(rig), 1);
	traffic(&story, 10, 10, 10);
	story.peer->silent = true;
	assert_in_range(lasts(&story, 10, 0), 15, 21);
	rig_stop(rig);
}

/* The cable is out for 24 s, in the middle of traffic: the call goes on as if nothing was. */
static void test_cable_out_and_in(void **state)
{
	struct story story;

	begin(&story, OFFICE(""));
	traffic(&story, 60, 10, 10);
	story.peer->silent = story.peer->unheard = true;
	traffic(&story, 24, 10, 0);
	story.peer->silent = story.peer->unheard = false;
	traffic(&story, 60, 10, 10);
	assert_int_equal(rig_calls(&story.rig), 1);
	assert_int_equal(story.peer->sessions_up, 1);
	rig_stop(&story.rig);
}

#define SERVER "[link in]\nincoming = yes\nppp = p\n[ppp p]\nuser = alice\npassword = x\n"

static void second_tunnel(struct rig *rig, bool by_socket)
{
	struct rig_peer *peer;

	assert_int_equal(rig_start_on(rig, SERVER, by_socket), 0);
	peer = rig_peer(rig, "198.51.100.9");
	rig_peer_calls(rig, peer, "192.0.2.1");
	rig_run(rig, USEC_PER_SEC);
	assert_int_equal(rig_calls(rig), 1);
}

/* Where the kernel cannot tell their data apart the second is refused, and the first lives on. */
static void test_twin_of_the_living(void **state)
{
	struct rig rig;

	second_tunnel(&rig, true);
	rig_peer_opens(&rig.peers[0], "192.0.2.1");
	rig_run(&rig, 20 * USEC_PER_SEC);
	assert_int_equal(rig.peers[0].tunnels_up, 1);
	assert_int_equal(rig.peers[0].tunnels_down, 1);
	assert_non_null(strstr(rig.peers[0].last.text, "use another port"));
	assert_int_equal(rig_calls(&rig), 1);
	rig_stop(&rig);
	/* and where it can both live */
	second_tunnel(&rig, false);
	rig_peer_opens(&rig.peers[0], "192.0.2.1");
	rig_run(&rig, 20 * USEC_PER_SEC);
	assert_int_equal(rig.peers[0].tunnels_up, 2);
	assert_int_equal(rig_calls(&rig), 2);
	rig_stop(&rig);
}

/* A device that was switched off and on is not kept out by what it was. */
static void test_twin_of_the_dead(void **state)
{
	struct rig_peer *peer;
	struct rig rig;

	second_tunnel(&rig, true);
	l2tp_core_free(rig.peers[0].core);
	rig.peers[0] = (struct rig_peer){ 0 };
	peer = rig_peer(&rig, "198.51.100.9");
	rig_peer_calls(&rig, peer, "192.0.2.1");
	rig_run(&rig, 5 * USEC_PER_SEC);
	assert_int_equal(peer->sessions_up, 1);
	assert_int_equal(rig_calls(&rig), 1);
	rig_stop(&rig);
}

/* Both are half-open at once: the one that is up later ends, and says why. */
static void test_twins_at_once(void **state)
{
	struct rig_peer *peer;
	struct rig rig;

	assert_int_equal(rig_start_on(&rig, SERVER, true), 0);
	peer = rig_peer(&rig, "198.51.100.9");
	rig_peer_opens(peer, "192.0.2.1");
	rig_peer_opens(peer, "192.0.2.1");
	rig_run(&rig, 20 * USEC_PER_SEC);
	assert_int_equal(peer->tunnels_down, 1);
	assert_non_null(strstr(peer->last.text, "another tunnel"));
	assert_int_equal(rig_calls(&rig), 1);
	rig_stop(&rig);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dead_peer),
		cmocka_unit_test(test_dead_peer_after_a_long_silence),
		cmocka_unit_test(test_off),
		cmocka_unit_test(test_one_way),
		cmocka_unit_test(test_data_flows),
		cmocka_unit_test(test_idle_for_a_day),
		cmocka_unit_test(test_killed_and_restarted),
		cmocka_unit_test(test_dead_caller),
		cmocka_unit_test(test_cable_out_and_in),
		cmocka_unit_test(test_twin_of_the_living),
		cmocka_unit_test(test_twin_of_the_dead),
		cmocka_unit_test(test_twins_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
