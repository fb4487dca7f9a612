/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A control protocol by itself, with a protocol made up here: what LCP's owner never does, and a
 * network control protocol's will: down and up again, close and open, packets in every state.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ppp/cp.h"
#include "ppp/numbers.h"

#define SEC	 USEC_PER_SEC
#define PROTOCOL 0x8021
#define NEVER	 USEC_INFINITY

/* An option 3 of four octets, as IPCP has it: asked for, judged, agreed. */
struct toy {
	struct cp cp;
	struct outbox outbox;
	uint32_t ours, theirs;
	unsigned agreed, reset;
};

static void toy_ask(struct cp *cp, struct tlv_wr *wr)
{
	tlv_put_uint(wr, 3, ((struct toy *)cp)->ours, 4);
}

static enum cp_answer toy_judge(struct cp *cp, const struct tlv *value, uint8_t *ret_better)
{
	tlv_set32(ret_better, 0x0a000002);
	return tlv_uint(value) ? CP_ANSWER_ACK : CP_ANSWER_NAK;
}

static void toy_agree(struct cp *cp, const struct tlv *value)
{
	((struct toy *)cp)->agreed++;
	((struct toy *)cp)->theirs = tlv_uint(value);
}

static void toy_naked(struct cp *cp, const struct tlv *value)
{
	((struct toy *)cp)->ours = tlv_uint(value);
}

static void toy_reset(struct cp *cp)
{
	((struct toy *)cp)->reset++;
	((struct toy *)cp)->theirs = 0;
}

static const struct cp_option toy_options[] = {
	{ .type = 3,
		.len = 4,
		.ask = toy_ask,
		.judge = toy_judge,
		.agree = toy_agree,
		.naked = toy_naked },
};

static const struct cp_kind toy_kind = {
	.protocol = PROTOCOL, .options = toy_options, .option_count = 1, .reset_peer = toy_reset
};

static int setup(void **state)
{
	static const struct cp_limits limits = CP_LIMITS_DEFAULT;
	static struct toy toy;

	toy = (struct toy){ .ours = 0x0a000001 };
	outbox_init(&toy.outbox);
	cp_init(&toy.cp, &toy_kind, &limits, &toy.outbox, 10);
	*state = &toy;
	return 0;
}

static int teardown(void **state)
{
	struct toy *toy = *state;

	outbox_free(&toy->outbox);
	return 0;
}

/* The next packet sent has this code; its Identifier. 0 in place of a code: there is none. */
static unsigned sent(struct toy *toy, unsigned code)
{
	const struct ppp_effect *effect;

	do {
		effect = outbox_next(&toy->outbox);
	} while (effect && effect->type == PPP_EFFECT_TRACE);
	if (!code) {
		assert_null(effect);
		return 0;
	}
	assert_non_null(effect);
	assert_int_equal(effect->type, PPP_EFFECT_SEND);
	assert_memory_equal(effect->send.data, "\x80\x21", 2);
	assert_int_equal(effect->send.data[2], code);
	return effect->send.data[3];
}

static unsigned say(struct toy *toy, usec_t now, uint8_t code, unsigned id, uint32_t address)
{
	uint8_t packet[10] = { code, (uint8_t)id, 0, 10, 3, 6 };

	tlv_set32(packet + 6, address);
	return cp_input(&toy->cp, now, packet, sizeof(packet));
}

static unsigned say_empty(struct toy *toy, usec_t now, uint8_t code, unsigned id)
{
	uint8_t packet[4] = { code, (uint8_t)id, 0, 4 };

	return cp_input(&toy->cp, now, packet, sizeof(packet));
}

static void to_opened(struct toy *toy)
{
	assert_int_equal(cp_order(&toy->cp, 0, AUT_EV_OPEN), 0);
	assert_int_equal(cp_order(&toy->cp, 0, AUT_EV_UP), 0);
	assert_int_equal(say(toy, 0, CP_CONFACK, sent(toy, CP_CONFREQ), toy->ours), 0);
	assert_int_equal(say(toy, 0, CP_CONFREQ, 1, 0x0a000002), CP_UP);
	sent(toy, CP_CONFACK);
	assert_int_equal(toy->cp.state, AUT_OPENED);
	assert_int_equal(toy->cp.deadline, NEVER);
}

static void test_open(void **state)
{
	struct toy *toy = *state;

	to_opened(toy);
	sent(toy, 0);
	assert_int_equal(toy->agreed, 1);
	assert_int_equal(toy->theirs, 0x0a000002);
}

static void test_nothing_is_heard_before_it_is_up(void **state)
{
	struct toy *toy = *state;

	assert_int_equal(say(toy, 0, CP_CONFREQ, 1, 1), 0);
	cp_order(&toy->cp, 0, AUT_EV_OPEN);
	assert_int_equal(say_empty(toy, 0, CP_TERMREQ, 1), CP_TERMINATED);
	assert_int_equal(say_empty(toy, 0, 99, 1), 0);
	sent(toy, 0);
	assert_int_equal(toy->cp.discarded, 3);
	assert_int_equal(toy->cp.state, AUT_STARTING);
}

/* RFC 1661 4.2: Closed and Stopped. */
static void test_closed_says_terminate_ack(void **state)
{
	struct toy *toy = *state;

	cp_order(&toy->cp, 0, AUT_EV_UP);
	assert_int_equal(toy->cp.state, AUT_CLOSED);
	say(toy, 0, CP_CONFREQ, 7, 1);
	assert_int_equal(sent(toy, CP_TERMACK), 7);
	say_empty(toy, 0, CP_TERMREQ, 8);
	assert_int_equal(sent(toy, CP_TERMACK), 8);
	say_empty(toy, 0, CP_TERMACK, 8);
	say_empty(toy, 0, CP_CONFACK, 8);
	sent(toy, 0);
	assert_int_equal(toy->agreed, 0);
	cp_order(&toy->cp, 0, AUT_EV_OPEN);
	sent(toy, CP_CONFREQ);
}

static void test_stopped_begins_when_the_peer_does(void **state)
{
	struct toy *toy = *state;
	unsigned news = 0;

	cp_order(&toy->cp, 0, AUT_EV_OPEN);
	cp_order(&toy->cp, 0, AUT_EV_UP);
	for (usec_t now = 3 * SEC; !news; now += 3 * SEC)
		news = cp_timeout(&toy->cp, now);
	assert_int_equal(news, CP_FINISHED);
	assert_int_equal(toy->cp.state, AUT_STOPPED);
	for (unsigned i = 0; i < 10; i++)
		assert_int_equal(sent(toy, CP_CONFREQ), 10);
	sent(toy, 0);
	say(toy, 0, CP_CONFREQ, 1, 0);
	sent(toy, CP_CONFREQ);
	sent(toy, CP_CONFNAK);
	assert_int_equal(toy->cp.state, AUT_REQ_SENT);
}

static void test_close_and_open(void **state)
{
	struct toy *toy = *state;
	unsigned id;

	to_opened(toy);
	toy->cp.goodbye = "bye";
	assert_int_equal(cp_order(&toy->cp, SEC, AUT_EV_CLOSE), CP_DOWN);
	id = sent(toy, CP_TERMREQ);
	assert_int_equal(toy->cp.deadline, 4 * SEC);
	say(toy, SEC, CP_CONFREQ, 2, 1);
	sent(toy, 0);
	assert_int_equal(say_empty(toy, SEC, CP_TERMACK, id), CP_FINISHED);
	assert_int_equal(toy->cp.state, AUT_CLOSED);
	assert_int_equal(toy->cp.deadline, NEVER);
	cp_order(&toy->cp, SEC, AUT_EV_OPEN);
	/* RFC 1661 5.1: another Identifier after a reply */
	assert_int_not_equal(sent(toy, CP_CONFREQ), 10);
	assert_int_equal(toy->cp.restart_count, 9);
}

static void test_down_and_up(void **state)
{
	struct toy *toy = *state;

	to_opened(toy);
	assert_int_equal(cp_order(&toy->cp, 0, AUT_EV_DOWN), CP_DOWN);
	assert_int_equal(toy->cp.state, AUT_STARTING);
	cp_order(&toy->cp, 0, AUT_EV_UP);
	for (unsigned i = 0; i < 5; i++)
		say(toy, 0, CP_CONFREQ, 1, 0);
	cp_order(&toy->cp, 0, AUT_EV_DOWN);
	assert_int_equal(toy->cp.deadline, NEVER);
	cp_order(&toy->cp, 0, AUT_EV_UP);
	for (unsigned i = 0; i < 7; i++)
		sent(toy, i == 0 || i == 6 ? CP_CONFREQ : CP_CONFNAK);
	/* another negotiation: Naks and requests are counted anew */
	assert_int_equal(toy->cp.request_id, 12);
	say(toy, 0, CP_CONFREQ, 1, 0);
	sent(toy, CP_CONFNAK);
}

/* Without a mark the same request may be that of a peer that begins anew. */
static void test_same_request_again(void **state)
{
	struct toy *toy = *state;

	to_opened(toy);
	assert_int_equal(say(toy, 0, CP_CONFREQ, 1, 0x0a000002), CP_DOWN);
	sent(toy, CP_CONFREQ);
	sent(toy, CP_CONFACK);
	assert_int_equal(toy->reset, 2);
}

static void test_naked(void **state)
{
	struct toy *toy = *state;

	cp_order(&toy->cp, 0, AUT_EV_OPEN);
	cp_order(&toy->cp, 0, AUT_EV_UP);
	say(toy, SEC, CP_CONFNAK, sent(toy, CP_CONFREQ), 0x0a000009);
	assert_int_equal(sent(toy, CP_CONFREQ), 11);
	assert_int_equal(toy->ours, 0x0a000009);
	assert_int_equal(toy->cp.deadline, 4 * SEC);
	/* nothing to do with a Reject: the row has no function for it, and the rows that are not
	 * there */
	say(toy, SEC, CP_CONFREJ, 11, 0x0a000009);
	assert_int_equal(sent(toy, CP_CONFREQ), 12);
}

/* RFC 1661 3.7: the receiver of a Terminate-Request waits one restart time. */
static void test_terminated(void **state)
{
	struct toy *toy = *state;

	to_opened(toy);
	assert_int_equal(say_empty(toy, SEC, CP_TERMREQ, 5), CP_DOWN | CP_TERMINATED);
	assert_int_equal(sent(toy, CP_TERMACK), 5);
	assert_int_equal(toy->cp.deadline, 4 * SEC);
	assert_int_equal(cp_timeout(&toy->cp, 4 * SEC - 1), 0);
	assert_int_equal(cp_timeout(&toy->cp, 4 * SEC), CP_FINISHED);
	sent(toy, 0);
}

/* It has no codes but the seven. */
static void test_other_codes(void **state)
{
	struct toy *toy = *state;

	to_opened(toy);
	assert_int_equal(say_empty(toy, 0, LCP_ECHOREQ, 1), 0);
	sent(toy, CP_CODEREJ);
	assert_int_equal(toy->cp.state, AUT_OPENED);
	assert_int_equal(cp_input(&toy->cp, 0, (const uint8_t *)"\x07\x01\x00\x05\x05", 5),
		CP_DOWN | CP_REJECTED);
	sent(toy, CP_TERMREQ);
	assert_int_equal(toy->cp.state, AUT_STOPPING);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_open),
		TEST(test_nothing_is_heard_before_it_is_up),
		TEST(test_closed_says_terminate_ack),
		TEST(test_stopped_begins_when_the_peer_does),
		TEST(test_close_and_open),
		TEST(test_down_and_up),
		TEST(test_same_request_again),
		TEST(test_naked),
		TEST(test_terminated),
		TEST(test_other_codes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
