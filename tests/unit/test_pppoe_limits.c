/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The access concentrator: refusals, ends, interfaces, many sessions, and that a flood leaves
 * nothing behind.
 */
#include <malloc.h>

#ifdef __has_feature
#if __has_feature(address_sanitizer)
#define HAVE_ASAN
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
#define HAVE_ASAN
#endif
#ifdef HAVE_ASAN
/* gcc does not bring <sanitizer/allocator_interface.h> */
size_t __sanitizer_get_current_allocated_bytes(void);
#endif

#include "pppoe_rig.h"

/* --- refusals ------------------------------------------------------------------------ */

static void test_unknown_service_in_padr(void **state)
{
	struct rig *rig = *state;
	struct client c = client_of(1);
	const struct pppoe_frame *pads;

	c.host_uniq = pppoe_text("u");
	c.relay_id = pppoe_text("r");
	discover(rig, &c);
	c.service = pppoe_text("other");
	client_sends(rig, &c, PPPOE_PADR, 0);
	/* RFC 2516 5.4 */
	pads = only_frame(rig, PPPOE_PADS);
	assert_int_equal(pads->sid, 0);
	assert_int_equal(pads->error, PPPOE_TAG_SERVICE_NAME_ERROR);
	assert_text(pads->error_text, "no such service here");
	assert_text(pads->service, "other");
	assert_text(pads->host_uniq, "u");
	assert_text(pads->relay_id, "r");
}

/* What the LNS said reaches the client. */
static void test_refused_by_the_caller(void **state)
{
	struct rig *rig = *state;
	struct client c = client_of(1);
	const struct pppoe_frame *pads;
	uint16_t sid;

	c.host_uniq = pppoe_text("u");
	sid = request(rig, &c);
	pppoe_ac_close(rig->ac, rig->now, sid, PPPOE_TAG_AC_SYSTEM_ERROR, "LNS: busy");
	drain(rig);
	pads = only_frame(rig, PPPOE_PADS);
	assert_int_equal(pads->sid, 0);
	assert_memory_equal(pads->dst, c.mac, 6);
	assert_int_equal(pads->error, PPPOE_TAG_AC_SYSTEM_ERROR);
	assert_text(pads->error_text, "LNS: busy");
	assert_text(pads->host_uniq, "u");
	assert_int_equal(stats_of(rig).sessions, 0);
	assert_int_equal(stats_of(rig).pending, 0);
	/* too late for anything */
	pppoe_ac_accept(rig->ac, rig->now, sid);
	pppoe_ac_close(rig->ac, rig->now, sid, PPPOE_TAG_AC_SYSTEM_ERROR, NULL);
	drain(rig);
	assert_int_equal(rig->count, 0);
}

/* rp-pppoe repeats its PADR at once: that must not become a loop. */
static void test_refusals_are_no_loop(void **state)
{
	struct rig *rig = *state;
	struct client c = client_of(1), other = client_of(2);
	uint16_t sid = request(rig, &c);

	pppoe_ac_close(rig->ac, rig->now, sid, PPPOE_TAG_GENERIC_ERROR, NULL);
	drain(rig);
	assert_int_equal(only_frame(rig, PPPOE_PADS)->error, PPPOE_TAG_GENERIC_ERROR);
	assert_text(rig->seen[0].frame.error_text, "");
	for (unsigned i = 0; i < 100; i++) {
		client_sends(rig, &c, i % 2 ? PPPOE_PADR : PPPOE_PADI, 0);
		assert_int_equal(rig->count, 0);
		rig->now += SEC / 200;
	}
	assert_int_equal(stats_of(rig).held, 100);
	/* others do not wait for it */
	call(rig, &other);
	rig->now += SEC / 2;
	client_sends(rig, &c, PPPOE_PADR, 0);
	only(rig, PPPOE_EFFECT_CALL_WANTED);
}

static void test_refusals_have_a_rate(void **state)
{
	struct pppoe_config config = config_of();
	struct rig *rig = *state;
	unsigned sent = 0;

	config.refusal_rate = 10;
	rig_new(rig, &config);
	for (unsigned i = 0; i < 50; i++) {
		struct client c = client_of((uint8_t)i);

		discover(rig, &c);
		c.service = pppoe_text("other");
		client_sends(rig, &c, PPPOE_PADR, 0);
		sent += rig->count;
	}
	assert_int_equal(sent, 10);
	assert_int_equal(stats_of(rig).refused, 10);
	assert_int_equal(stats_of(rig).held, 40);
}

/* --- PADT ---------------------------------------------------------------------------- */

static void test_padt_of_the_client(void **state)
{
	struct rig *rig = *state;
	struct client c = client_of(1), other = client_of(2);
	static const uint8_t text[] = { 2, 3, 0, 3, 'b', 'y', 'e' };
	uint8_t frame[27] = { 0 };
	uint16_t sid = call(rig, &c);
	struct buf_wr wr;

	pppoe_ac_own(rig->ac, sid, 5);
	/* of another address, of another session */
	client_sends(rig, &other, PPPOE_PADT, sid);
	assert_int_equal(rig->count, 0);
	client_sends(rig, &c, PPPOE_PADT, (uint16_t)(sid ^ 1));
	assert_int_equal(rig->count, 0);
	buf_wr_init(&wr, frame, sizeof(frame));
	pppoe_begin(&wr, ac_mac, c.mac, PPPOE_PADT, sid);
	buf_wr_bytes(&wr, text, sizeof(text));
	pppoe_end(&wr);
	pppoe_ac_input(rig->ac, rig->now, PORT + 1, frame, wr.pos);
	drain(rig);
	assert_int_equal(rig->count, 0);
	pppoe_ac_input(rig->ac, rig->now, PORT, frame, wr.pos);
	drain(rig);
	assert_int_equal(only(rig, PPPOE_EFFECT_CALL_END)->effect.sid, sid);
	assert_int_equal(rig->seen[0].effect.owner, 5);
	assert_int_equal(rig->seen[0].effect.end.why, PPPOE_END_PADT);
	assert_text(rig->seen[0].effect.end.text, "bye");
	assert_int_equal(stats_of(rig).sessions, 0);
	/* once, and without text for the next */
	pppoe_ac_input(rig->ac, rig->now, PORT, frame, wr.pos);
	drain(rig);
	assert_int_equal(rig->count, 0);
	sid = call(rig, &other);
	client_sends(rig, &other, PPPOE_PADT, sid);
	assert_null(only(rig, PPPOE_EFFECT_CALL_END)->effect.end.text.data);
}

static void test_padt_of_ours(void **state)
{
	struct rig *rig = *state;
	struct client c = client_of(1);
	const struct pppoe_frame *padt;
	uint16_t sid;

	c.relay_id = pppoe_text("r");
	sid = call(rig, &c);
	pppoe_ac_close(rig->ac, rig->now, sid, PPPOE_TAG_AC_SYSTEM_ERROR, "LNS: out of addresses");
	drain(rig);
	padt = only_frame(rig, PPPOE_PADT);
	assert_int_equal(padt->sid, sid);
	assert_memory_equal(padt->dst, c.mac, 6);
	/* PADT knows one error only */
	assert_int_equal(padt->error, PPPOE_TAG_GENERIC_ERROR);
	assert_text(padt->error_text, "LNS: out of addresses");
	assert_text(padt->relay_id, "r");
	assert_int_equal(stats_of(rig).sessions, 0);
	rig->now += SEC;
	sid = call(rig, &c);
	pppoe_ac_close(rig->ac, rig->now, sid, PPPOE_TAG_GENERIC_ERROR, NULL);
	drain(rig);
	assert_int_equal(only_frame(rig, PPPOE_PADT)->error, 0);
}

/* --- ports --------------------------------------------------------------------------- */

static void test_frames_that_cannot_be(void **state)
{
	static const uint8_t from[][6] = { { 3, 0, 0, 0, 0, 1 }, { 0 }, { 2, 0, 0, 0, 0, 0xac },
		{ 255, 255, 255, 255, 255, 255 } };
	struct rig *rig = *state;
	struct client c = client_of(1);

	for (size_t i = 0; i < 4; i++) {
		memcpy(c.mac, from[i], 6);
		client_sends(rig, &c, PPPOE_PADI, 0);
		assert_int_equal(rig->count, 0);
	}
	pppoe_ac_input(rig->ac, rig->now, PORT, c.mac, 6);
	assert_int_equal(stats_of(rig).malformed, 5);
	/* what only access concentrators send, and PADR to everybody */
	c = client_of(1);
	client_sends(rig, &c, PPPOE_PADO, 0);
	client_sends(rig, &c, PPPOE_PADS, 1);
	client_sends(rig, &c, PPPOE_PADI, 1);
	assert_int_equal(rig->count, 0);
	assert_int_equal(stats_of(rig).not_for_us, 3);
}

static void test_ports(void **state)
{
	static const uint8_t new_mac[] = { 2, 0, 0, 0, 0, 0xad };
	struct rig *rig = *state;
	struct client c = client_of(1);
	uint16_t sid = call(rig, &c);

	for (unsigned i = 1; i < 100; i++)
		assert_int_equal(pppoe_ac_set_port(rig->ac, i * 37 % 101, ac_mac, 1500), 0);
	/* a new MTU changes nothing for those that are there */
	pppoe_ac_set_port(rig->ac, PORT, ac_mac, 1400);
	drain(rig);
	assert_int_equal(rig->count, 0);
	pppoe_ac_set_port(rig->ac, PORT, new_mac, 1400);
	drain(rig);
	assert_int_equal(only(rig, PPPOE_EFFECT_CALL_END)->effect.sid, sid);
	assert_int_equal(rig->seen[0].effect.end.why, PPPOE_END_PORT);
	pppoe_ac_set_port(rig->ac, PORT, ac_mac, 1500);
	sid = call(rig, &c);
	for (unsigned i = 1; i < 100; i++)
		if (i * 37 % 101 != PORT)
			pppoe_ac_remove_port(rig->ac, i * 37 % 101);
	drain(rig);
	assert_int_equal(rig->count, 0);
	pppoe_ac_remove_port(rig->ac, PORT);
	pppoe_ac_remove_port(rig->ac, PORT);
	drain(rig);
	assert_int_equal(only(rig, PPPOE_EFFECT_CALL_END)->effect.sid, sid);
	client_sends(rig, &c, PPPOE_PADI, 0);
	assert_int_equal(rig->count, 0);
}

static void test_configure(void **state)
{
	struct pppoe_config config = config_of();
	struct rig *rig = *state;
	struct client c = client_of(1);
	char name[] = "new";
	uint16_t sid = call(rig, &c);

	config.ac_name = name;
	config.service_count = 0;
	assert_int_equal(pppoe_ac_configure(rig->ac, &config), 0);
	memset(name, 'x', 3);
	assert_true(info_of(rig, sid).up);
	client_sends(rig, &c, PPPOE_PADI, 0);
	assert_int_equal(rig->count, 0);
	c.service = pppoe_text("");
	assert_text(discover(rig, &c)->ac_name, "new");
}

/* --- many ---------------------------------------------------------------------------- */

/* Sessions come and go; the table always says what is there. */
static void test_many_sessions(void **state)
{
	struct pppoe_config config = config_of();
	static uint16_t sids[3000];
	struct rig *rig = *state;
	unsigned left = 0;
	uint16_t sid = 0;

	rig_new(rig, &config);
	for (unsigned i = 0; i < 3000; i++) {
		struct client c = client_of((uint8_t)i);

		c.mac[1] = 1;
		c.mac[4] = (uint8_t)(i >> 8);
		sids[i] = call(rig, &c);
	}
	for (unsigned i = 0; i < 3000; i += 3) {
		pppoe_ac_close(rig->ac, rig->now, sids[i], PPPOE_TAG_GENERIC_ERROR, NULL);
		drain(rig);
	}
	for (unsigned i = 0; i < 3000; i++) {
		struct pppoe_info info;

		assert_int_equal(pppoe_ac_info(rig->ac, sids[i], &info), i % 3 != 0);
		if (i % 3)
			assert_int_equal(info.mac[4] << 8 | info.mac[5], i);
	}
	while ((sid = pppoe_ac_next(rig->ac, sid)))
		left++;
	assert_int_equal(left, 2000);
	assert_int_equal(stats_of(rig).sessions, 2000);
}

/* Until no id is left, and what is then free is used. */
static void test_all_ids(void **state)
{
	struct pppoe_config config = config_of();
	struct rig *rig = *state;
	struct client c;

	rig_new(rig, &config);
	for (unsigned i = 0; i < 65534; i++) {
		c = client_of((uint8_t)i);
		c.mac[4] = (uint8_t)(i >> 8);
		c.mac[1] = 1;
		request(rig, &c);
	}
	c = client_of(0);
	c.mac[1] = 9;
	client_sends(rig, &c, PPPOE_PADI, 0);
	assert_int_equal(rig->count, 0);
	pppoe_ac_close(rig->ac, rig->now, 4711, PPPOE_TAG_GENERIC_ERROR, NULL);
	drain(rig);
	assert_int_equal(request(rig, &c), 4711);
}

/* Octets allocated by the whole process. */
static size_t in_use(void)
{
#ifdef HAVE_ASAN
	return __sanitizer_get_current_allocated_bytes();
#else
	return mallinfo2().uordblks + mallinfo2().hblkhd;
#endif
}

/*
 * 1e5 PADIs of as many addresses in 10 s, while one call is up and another is made: nothing is
 * kept of them, nobody else notices, and the rate holds.
 */
static void test_flood(void **state)
{
	struct pppoe_config config = config_of();
	struct client c = client_of(1), flooder = client_of(2);
	struct rig *rig = *state;
	size_t before;
	uint16_t sid;

	config.padi_rate = 500;
	rig_new(rig, &config);
	call(rig, &c);
	c = client_of(3);
	discover(rig, &c);
	flooder.host_uniq = pppoe_text("0123456789abcdef");
	client_sends(rig, &flooder, PPPOE_PADI, 0);
	before = in_use();
	for (unsigned i = 0; i < 100000; i++) {
		memcpy(flooder.mac + 2, &i, 4);
		client_sends(rig, &flooder, PPPOE_PADI, 0);
		assert_in_range(rig->count, 0, 1);
		rig->now += 100;
	}
	/* the allocator rounds: an octet of each would be a hundred times as much */
	assert_in_range(in_use(), 0, before + 1024);
	assert_int_equal(stats_of(rig).sessions, 1);
	/* a second's worth at once, and then 500 in each of ten */
	assert_in_range(stats_of(rig).pado, 5490, 5510);
	assert_int_equal(stats_of(rig).padi_limited + stats_of(rig).pado, 100000 + 3);
	/* who had an offer before is not held up */
	client_sends(rig, &c, PPPOE_PADR, 0);
	sid = only(rig, PPPOE_EFFECT_CALL_WANTED)->effect.sid;
	accept_call(rig, sid);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_unknown_service_in_padr),
		T(test_refused_by_the_caller),
		T(test_refusals_are_no_loop),
		T(test_refusals_have_a_rate),
		T(test_padt_of_the_client),
		T(test_padt_of_ours),
		T(test_frames_that_cannot_be),
		T(test_ports),
		T(test_configure),
		T(test_many_sessions),
		T(test_all_ids),
		T(test_flood),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
