/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The access concentrator, from PADI to PADS: RFC 2516 5, RFC 4638. */
#include "pppoe_rig.h"

/* --- PADI, PADO ---------------------------------------------------------------------- */

/* RFC 2516 5.2: the service asked for, the others, our name, what has to be sent back. */
static void test_pado(void **state)
{
	struct rig *rig = *state;
	struct client c = client_of(1);
	const struct pppoe_frame *pado;

	c.host_uniq = pppoe_text("unique");
	c.relay_id = pppoe_text("relay");
	pado = discover(rig, &c);
	assert_int_equal(pado->sid, 0);
	assert_text(pado->service, "isp");
	assert_text(pado->ac_name, "ac1");
	assert_text(pado->host_uniq, "unique");
	assert_text(pado->relay_id, "relay");
	assert_int_equal(pado->max_payload, 0);
	assert_int_equal(pado->error, 0);
	/* the other service, which the parsed frame has no room for, and not the first again */
	assert_non_null(
		memmem(rig->seen[0].bytes, rig->seen[0].effect.send.len, "\1\1\0\5voice", 9));
	assert_int_equal(rig->seen[0].effect.send.len,
		20 + (4 + 3) + (4 + 3) + (4 + 6) + (4 + 5) + (4 + 20) + (4 + 5));
	assert_int_equal(rig->seen[0].effect.sid, 0);

	c.host_uniq = c.relay_id = c.service = (struct l2tp_span){ 0 };
	pado = discover(rig, &c);
	assert_text(pado->service, "");
	assert_null(pado->host_uniq.data);
	assert_null(pado->relay_id.data);
	assert_int_equal(stats_of(rig).sessions, 0);
}

static void test_services(void **state)
{
	struct pppoe_config config = config_of();
	struct rig *rig = *state;
	struct client c = client_of(1);

	c.service = pppoe_text("other");
	client_sends(rig, &c, PPPOE_PADI, 0);
	assert_int_equal(rig->count, 0);
	c.service = pppoe_text("is");
	client_sends(rig, &c, PPPOE_PADI, 0);
	assert_int_equal(rig->count, 0);
	c.service = pppoe_text("voice");
	discover(rig, &c);
	c.service = pppoe_text("");
	discover(rig, &c);
	assert_int_equal(stats_of(rig).not_for_us, 2);

	/* RFC 2516 9: none is refused, and none told */
	config.service_count = 0;
	config.any_service = true;
	rig_new(rig, &config);
	c.service = pppoe_text("other");
	assert_text(discover(rig, &c)->service, "other");
	assert_text(info_of(rig, call(rig, &c)).service, "other");

	config.any_service = false;
	rig_new(rig, &config);
	client_sends(rig, &c, PPPOE_PADI, 0);
	assert_int_equal(rig->count, 0);
	c.service = pppoe_text("");
	discover(rig, &c);
}

static void test_named_access_concentrator(void **state)
{
	struct rig *rig = *state;
	struct client c = client_of(1);

	c.ac_name = pppoe_text("ac2");
	client_sends(rig, &c, PPPOE_PADI, 0);
	assert_int_equal(rig->count, 0);
	c.ac_name = pppoe_text("ac1");
	discover(rig, &c);
	c.ac_name = pppoe_text("ac2");
	client_sends(rig, &c, PPPOE_PADR, 0);
	assert_int_equal(only_frame(rig, PPPOE_PADS)->sid, 0);
	assert_int_equal(rig->seen[0].frame.error, PPPOE_TAG_AC_SYSTEM_ERROR);
	assert_text(rig->seen[0].frame.error_text, "no access concentrator of that name here");
}

/* RFC 4638: the lower of what both can do, if both can do more than 1492. */
static void test_max_payload(void **state)
{
	static const struct {
		uint16_t ours, mtu, theirs, agreed;
	} rows[] = {
		{ 0, 9000, 1500, 1492 },
		{ 1500, 1500, 1500, 1492 },
		{ 1500, 1508, 1500, 1500 },
		{ 1500, 1504, 1500, 1496 },
		{ 1500, 9000, 1498, 1498 },
		{ 1500, 9000, 4000, 1500 },
		{ 4000, 9000, 3000, 3000 },
		{ 1500, 9000, 1400, 1492 },
		{ 1500, 9000, 0, 1492 },
		{ 1500, 4, 1500, 1492 },
	};
	struct pppoe_config config = config_of();
	struct rig *rig = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint16_t told = rows[i].agreed > 1492 ? rows[i].agreed : 0, sid;
		struct client c = client_of((uint8_t)i);

		config.max_payload = rows[i].ours;
		rig_new(rig, &config);
		pppoe_ac_set_port(rig->ac, PORT, ac_mac, rows[i].mtu);
		c.max_payload = rows[i].theirs;
		assert_int_equal(discover(rig, &c)->max_payload, told);
		sid = request(rig, &c);
		assert_int_equal(accept_call(rig, sid)->max_payload, told);
		assert_int_equal(info_of(rig, sid).max_payload, rows[i].agreed);
	}
}

/* Tags that have to be sent back and leave no room: the other services are left out, then all. */
static void test_large_tags(void **state)
{
	static char large[1470];
	struct rig *rig = *state;
	struct client c = client_of(1);

	memset(large, 'x', sizeof(large));
	c.host_uniq = (struct l2tp_span){ (const uint8_t *)large, 1445 };
	assert_int_equal(discover(rig, &c)->host_uniq.len, 1445);
	assert_null(memmem(rig->seen[0].bytes, rig->seen[0].effect.send.len, "voice", 5));
	c.host_uniq.len = 1470;
	client_sends(rig, &c, PPPOE_PADI, 0);
	assert_int_equal(rig->count, 0);
}

/* --- PADR, PADS ---------------------------------------------------------------------- */

static void test_call(void **state)
{
	static const uint8_t tr101[] = { 0, 0, 0x0d, 0xe9, 1, 3, 'e', '/', '1', 0x82, 4, 0, 0, 0,
		64 };
	struct rig *rig = *state;
	struct client c = client_of(1);
	const struct pppoe_frame *pads;
	struct pppoe_info info;
	uint16_t sid;

	c.host_uniq = pppoe_text("unique");
	c.relay_id = pppoe_text("relay");
	c.line = (struct l2tp_span){ tr101, sizeof(tr101) };
	sid = request(rig, &c);
	assert_in_range(sid, 1, 65534);
	assert_int_equal(rig->seen[0].effect.port, PORT);
	pppoe_ac_own(rig->ac, sid, 4711);
	info = info_of(rig, sid);
	assert_false(info.up);
	assert_memory_equal(info.mac, c.mac, 6);
	assert_text(info.service, "isp");
	assert_text(info.line->circuit_id, "e/1");
	assert_int_equal(info.line->actual.down, 64000);
	assert_int_equal(stats_of(rig).pending, 1);
	rig->now += 3 * SEC;
	pads = accept_call(rig, sid);
	assert_int_equal(rig->seen[0].effect.owner, 4711);
	assert_text(pads->service, "isp");
	assert_text(pads->ac_name, "ac1");
	assert_text(pads->host_uniq, "unique");
	assert_text(pads->relay_id, "relay");
	assert_int_equal(pads->error, 0);
	info = info_of(rig, sid);
	assert_true(info.up);
	assert_int_equal(info.since, rig->now);
	assert_int_equal(info.owner, 4711);
	assert_int_equal(stats_of(rig).pending, 0);
	assert_int_equal(stats_of(rig).sessions, 1);
	/* once */
	pppoe_ac_accept(rig->ac, rig->now, sid);
	drain(rig);
	assert_int_equal(rig->count, 0);
	assert_int_equal(pppoe_ac_next(rig->ac, 0), sid);
	assert_int_equal(pppoe_ac_next(rig->ac, sid), 0);
}

static void test_line_is_not_always_told(void **state)
{
	struct rig *rig = *state;
	struct client c = client_of(1);

	assert_null(info_of(rig, request(rig, &c)).line);
}

static void test_bad_cookies(void **state)
{
	struct rig *rig = *state;
	struct client c = client_of(1), thief = client_of(2);

	client_sends(rig, &c, PPPOE_PADR, 0);
	assert_int_equal(rig->count, 0);
	discover(rig, &c);
	thief.cookie = c.cookie;
	client_sends(rig, &thief, PPPOE_PADR, 0);
	assert_int_equal(rig->count, 0);
	client_sends(rig, &c, PPPOE_PADR, 5); /* no session yet */
	assert_int_equal(rig->count, 0);
	rig->now += 61 * SEC;
	client_sends(rig, &c, PPPOE_PADR, 0);
	assert_int_equal(rig->count, 0);
	assert_int_equal(stats_of(rig).bad_cookie, 4);
	discover(rig, &c);
	rig->now += 59 * SEC;
	client_sends(rig, &c, PPPOE_PADR, 0);
	only(rig, PPPOE_EFFECT_CALL_WANTED);
}

/* The same PADR while the call is made, and when its PADS was lost. */
static void test_repeated_padr(void **state)
{
	struct rig *rig = *state;
	struct client c = client_of(1);
	uint16_t sid;

	c.host_uniq = pppoe_text("u");
	sid = request(rig, &c);
	for (unsigned i = 0; i < 3; i++) {
		client_sends(rig, &c, PPPOE_PADR, 0);
		assert_int_equal(rig->count, 0);
	}
	/* it went back to PADI: still the same while pending */
	rig->now += 5 * SEC;
	discover(rig, &c);
	client_sends(rig, &c, PPPOE_PADR, 0);
	assert_int_equal(rig->count, 0);
	assert_int_equal(stats_of(rig).repeated, 4);
	assert_int_equal(stats_of(rig).sessions, 1);

	c = client_of(2);
	c.host_uniq = pppoe_text("u");
	sid = call(rig, &c);
	for (unsigned i = 0; i < 3; i++) {
		client_sends(rig, &c, PPPOE_PADR, 0);
		assert_int_equal(only_frame(rig, PPPOE_PADS)->sid, sid);
		assert_text(rig->seen[0].frame.host_uniq, "u");
	}
	assert_int_equal(stats_of(rig).sessions, 2);
}

/* With another cookie it is a new call, even with the same Host-Uniq: the client was restarted. */
static void test_client_begins_anew(void **state)
{
	struct rig *rig = *state;
	struct client c = client_of(1);
	uint16_t old, sid;

	c.host_uniq = pppoe_text("u");
	old = call(rig, &c);
	pppoe_ac_own(rig->ac, old, 11);
	rig->now += SEC;
	discover(rig, &c);
	client_sends(rig, &c, PPPOE_PADR, 0);
	assert_int_equal(rig->count, 3);
	assert_int_equal(rig->seen[0].frame.code, PPPOE_PADT);
	assert_int_equal(rig->seen[0].frame.sid, old);
	assert_text(rig->seen[0].frame.error_text, "replaced by a new call of the same address");
	assert_int_equal(rig->seen[1].effect.type, PPPOE_EFFECT_CALL_END);
	assert_int_equal(rig->seen[1].effect.sid, old);
	assert_int_equal(rig->seen[1].effect.owner, 11);
	assert_int_equal(rig->seen[1].effect.end.why, PPPOE_END_REPLACED);
	assert_int_equal(rig->seen[2].effect.type, PPPOE_EFFECT_CALL_WANTED);
	sid = rig->seen[2].effect.sid;
	assert_int_not_equal(sid, old);
	assert_false(pppoe_ac_info(rig->ac, old, &(struct pppoe_info){ 0 }));
	/* nobody else is touched */
	c = client_of(2);
	c.host_uniq = pppoe_text("u");
	call(rig, &c);
	assert_int_equal(stats_of(rig).sessions, 2);
}

/* A pending call of another Host-Uniq: nobody waits for its PADS any more. */
static void test_pending_call_is_replaced(void **state)
{
	struct rig *rig = *state;
	struct client c = client_of(1);
	uint16_t old;

	c.host_uniq = pppoe_text("u");
	old = request(rig, &c);
	c.host_uniq = pppoe_text("v");
	discover(rig, &c);
	client_sends(rig, &c, PPPOE_PADR, 0);
	assert_int_equal(rig->count, 2);
	assert_int_equal(rig->seen[0].effect.type, PPPOE_EFFECT_CALL_END);
	assert_int_equal(rig->seen[0].effect.sid, old);
	assert_int_equal(rig->seen[1].effect.type, PPPOE_EFFECT_CALL_WANTED);
	assert_int_equal(stats_of(rig).pending, 1);
}

static void test_no_replacing(void **state)
{
	struct pppoe_config config = config_of();
	struct rig *rig = *state;
	struct client c = client_of(1);
	uint16_t sid;

	config.replace = false;
	rig_new(rig, &config);
	c.host_uniq = pppoe_text("u");
	sid = call(rig, &c);
	rig->now += SEC;
	discover(rig, &c);
	client_sends(rig, &c, PPPOE_PADR, 0);
	assert_int_equal(only_frame(rig, PPPOE_PADS)->sid, 0);
	assert_int_equal(rig->seen[0].frame.error, PPPOE_TAG_AC_SYSTEM_ERROR);
	assert_text(rig->seen[0].frame.error_text, "this address has as many calls as it may");
	assert_text(rig->seen[0].frame.host_uniq, "u");
	assert_true(info_of(rig, sid).up);
}

/* Several of one address; the oldest has to go. */
static void test_calls_of_one_address(void **state)
{
	static const char *const hosts[] = { "a", "b", "c", "d" };
	struct pppoe_config config = config_of();
	struct rig *rig = *state;
	uint16_t sids[4];

	config.max_sessions_per_mac = 3;
	rig_new(rig, &config);
	for (unsigned i = 0; i < 3; i++) {
		struct client c = client_of(1);

		c.host_uniq = pppoe_text(hosts[i]);
		sids[i] = call(rig, &c);
		rig->now += SEC;
	}
	assert_int_equal(stats_of(rig).sessions, 3);
	/* begun anew: its own old one goes, though there were room by another's end */
	{
		struct client c = client_of(1);

		c.host_uniq = pppoe_text("b");
		discover(rig, &c);
		client_sends(rig, &c, PPPOE_PADR, 0);
		assert_int_equal(rig->seen[1].effect.sid, sids[1]);
		sids[1] = rig->seen[2].effect.sid;
		c.host_uniq = pppoe_text("d");
		discover(rig, &c);
		client_sends(rig, &c, PPPOE_PADR, 0);
		assert_int_equal(rig->seen[1].effect.sid, sids[0]);
	}
	assert_int_equal(stats_of(rig).sessions, 3);
}

/* Without Host-Uniq the cookies alone tell repeated requests from new ones. */
static void test_clients_without_host_uniq(void **state)
{
	struct pppoe_config config = config_of();
	struct rig *rig = *state;
	struct client one = client_of(1), two = client_of(1);
	uint16_t sids[2];

	config.max_sessions_per_mac = 2;
	rig_new(rig, &config);
	sids[0] = call(rig, &one);
	rig->now += SEC;
	sids[1] = call(rig, &two);
	client_sends(rig, &one, PPPOE_PADR, 0);
	assert_int_equal(only_frame(rig, PPPOE_PADS)->sid, sids[0]);
	client_sends(rig, &two, PPPOE_PADR, 0);
	assert_int_equal(only_frame(rig, PPPOE_PADS)->sid, sids[1]);
}

static void test_total_limit(void **state)
{
	struct pppoe_config config = config_of();
	struct rig *rig = *state;
	struct client c, late = client_of(99);

	config.max_sessions = 5;
	rig_new(rig, &config);
	discover(rig, &late);
	for (uint8_t i = 0; i < 5; i++) {
		c = client_of(i);
		call(rig, &c);
	}
	/* RFC 2516 5.2: what cannot be served is not offered */
	c = client_of(5);
	client_sends(rig, &c, PPPOE_PADI, 0);
	assert_int_equal(rig->count, 0);
	client_sends(rig, &late, PPPOE_PADR, 0);
	assert_text(only_frame(rig, PPPOE_PADS)->error_text, "too many calls");
	assert_int_equal(rig->seen[0].frame.sid, 0);
	/* one that has a call takes its own place */
	rig->now += 2 * SEC;
	pppoe_ac_set_closed(rig->ac, true);
	pppoe_ac_set_closed(rig->ac, false);
	assert_int_equal(stats_of(rig).sessions, 5);
}

static void test_closed(void **state)
{
	struct rig *rig = *state;
	struct client c = client_of(1);
	uint16_t sid = call(rig, &c);

	c = client_of(2);
	discover(rig, &c);
	pppoe_ac_set_closed(rig->ac, true);
	client_sends(rig, &c, PPPOE_PADR, 0);
	assert_text(only_frame(rig, PPPOE_PADS)->error_text, "no new calls at the moment");
	c = client_of(3);
	client_sends(rig, &c, PPPOE_PADI, 0);
	assert_int_equal(rig->count, 0);
	assert_true(info_of(rig, sid).up);
	pppoe_ac_set_closed(rig->ac, false);
	call(rig, &c);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_pado),
		T(test_services),
		T(test_named_access_concentrator),
		T(test_max_payload),
		T(test_large_tags),
		T(test_call),
		T(test_line_is_not_always_told),
		T(test_bad_cookies),
		T(test_repeated_padr),
		T(test_client_begins_anew),
		T(test_pending_call_is_replaced),
		T(test_no_replacing),
		T(test_calls_of_one_address),
		T(test_clients_without_host_uniq),
		T(test_total_limit),
		T(test_closed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
