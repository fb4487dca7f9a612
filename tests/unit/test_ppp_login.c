/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The login: what the proxy AVPs of RFC 2661 4.4.5 will say, octet for octet. */
#include "ppp_rig.h"

#include "ppp/login.h"

#define ALICE	  "616c696365406578616d706c652e6e6574" /* alice@example.net */
#define SESAME	  "736573616d65"
#define VALUE_MD5 "000102030405060708090a0b0c0d0e0f"
#define VALUE_MS                                                                                   \
	"000102030405060708090a0b0c0d0e0f 0000000000000000"                                        \
	"101112131415161718191a1b1c1d1e1f2021222324252627 00"

static const struct l2tp_proxy *result(const struct ppp_rig *rig)
{
	assert_non_null(ppp_proxy_result(rig->proxy));
	return &ppp_proxy_result(rig->proxy)->proxy;
}

static void assert_span_of(struct l2tp_span span, const uint8_t *data, size_t len)
{
	assert_int_equal(span.len, len);
	assert_memory_equal(span.data, data, len);
}

static void test_pap(void **state)
{
	struct ppp_rig *rig = *state;

	rig_to_done(rig, PPP_METHOD_PAP);
	assert_int_equal(result(rig)->authen_type, 3);
	assert_span(result(rig)->authen_name, ALICE);
	assert_span(result(rig)->authen_response, SESAME);
	assert_int_equal(result(rig)->authen_id, 9);
	assert_null(result(rig)->authen_challenge.data);
	/* bodies without the LCP header */
	assert_span(result(rig)->initial_lcp, "0104 05d4 0506 00000001");
	assert_span(result(rig)->last_received_lcp, "0104 05d4 0506 00000001");
	assert_span_of(result(rig)->last_sent_lcp, rig->sent[0].data + 6, rig->sent[0].len - 6);
	assert_int_equal(rig_phase(rig), PPP_PHASE_HELD);
	assert_true(ppp_proxy_result(rig->proxy)->has_method);
	assert_int_equal(ppp_proxy_result(rig->proxy)->method, PPP_METHOD_PAP);
	assert_int_equal(ppp_proxy_next_timeout(rig->proxy), USEC_INFINITY);
}

static void check_chap(struct ppp_rig *rig, enum ppp_method method, const char *value)
{
	const uint8_t *challenge;

	rig_to_done(rig, method);
	challenge = rig_seen(rig)->data;
	/* Value-Size, 16 octets, our name */
	assert_int_equal(rig_seen(rig)->len, 6 + 1 + 16 + 3);
	assert_int_equal(challenge[6], 16);
	assert_memory_equal(challenge + 23, "lac", 3);
	assert_int_equal(result(rig)->authen_type, 2);
	assert_span(result(rig)->authen_name, ALICE);
	assert_span(result(rig)->authen_response, value);
	assert_span_of(result(rig)->authen_challenge, challenge + 7, 16);
	assert_int_equal(result(rig)->authen_id, challenge[3]);
	assert_int_equal(ppp_proxy_result(rig->proxy)->method, method);
}

static void test_chap_md5(void **state)
{
	check_chap(*state, PPP_METHOD_CHAP_MD5, VALUE_MD5);
}

/* RFC 2661 has no type for it: the algorithm in Last Sent tells it from CHAP-MD5. */
static void test_mschapv2(void **state)
{
	struct ppp_rig *rig = *state;

	check_chap(rig, PPP_METHOD_MSCHAPV2, VALUE_MS);
	assert_memory_equal(
		result(rig)->last_sent_lcp.data, "\x01\x04\x05\xd4\x03\x05\xc2\x23\x81", 9);
}

static void test_challenges_differ(void **state)
{
	struct ppp_rig *rig = *state;
	struct rig_frame first;

	rig_to_login(rig, PPP_METHOD_CHAP_MD5);
	first = *rig_seen(rig);
	/* the client begins LCP anew: another Identifier and another value */
	rig_say(rig, PPP_PROTO_LCP, CP_CONFREQ, 2, "0104 05d4");
	assert_int_equal(rig_phase(rig), PPP_PHASE_LCP);
	rig_expect(rig, PPP_PROTO_LCP, CP_CONFREQ, NULL);
	rig_expect(rig, PPP_PROTO_LCP, CP_CONFACK, NULL);
	rig->looked -= 2;
	rig_ack_ours(rig, NULL);
	rig->looked++;
	rig_expect(rig, PPP_PROTO_CHAP, CHAP_CHALLENGE, NULL);
	assert_int_not_equal(first.data[3], rig_seen(rig)->data[3]);
	assert_memory_not_equal(first.data + 7, rig_seen(rig)->data + 7, 16);
	/* the answer to the first is none any more */
	rig_say(rig, PPP_PROTO_CHAP, CHAP_RESPONSE, first.data[3], "10" VALUE_MD5 ALICE);
	assert_int_equal(rig->done, 0);
	rig_say(rig, PPP_PROTO_CHAP, CHAP_RESPONSE, rig_seen(rig)->data[3], "10" VALUE_MD5 ALICE);
	assert_int_equal(rig->done, 1);
	/* the first request of all is still the initial one */
	assert_span(result(rig)->initial_lcp, "0104 05d4 0506 00000001");
	assert_span(result(rig)->last_received_lcp, "0104 05d4");
}

/* The same challenge again, and the answer to either copy is good. */
static void test_challenge_is_repeated(void **state)
{
	struct ppp_rig *rig = *state;
	struct rig_frame first;

	rig_to_login(rig, PPP_METHOD_MSCHAPV2);
	first = *rig_seen(rig);
	rig_wait(rig, 3 * SEC - 1);
	rig_expect_nothing(rig);
	rig_wait(rig, 1);
	rig_expect(rig, PPP_PROTO_CHAP, CHAP_CHALLENGE, NULL);
	assert_int_equal(rig_seen(rig)->len, first.len);
	assert_memory_equal(rig_seen(rig)->data, first.data, first.len);
	rig_say(rig, PPP_PROTO_CHAP, CHAP_RESPONSE, first.data[3], "31" VALUE_MS ALICE);
	assert_int_equal(rig->done, 1);
	rig_wait(rig, 100 * SEC);
	rig_expect_nothing(rig);
}

static void test_nobody_answers_the_challenge(void **state)
{
	struct ppp_rig *rig = *state;

	rig_to_login(rig, PPP_METHOD_CHAP_MD5);
	rig_wait(rig, 30 * SEC - 1);
	for (unsigned i = 0; i < 9; i++)
		rig_expect(rig, PPP_PROTO_CHAP, CHAP_CHALLENGE, NULL);
	rig_expect_nothing(rig);
	assert_int_equal(rig->failed, 0);
	rig_wait(rig, 1);
	rig_failed(rig, L2TP_PPP_CAUSE_AUTH_TIMEOUT, "does not log in (chap-md5): 10 times 3 s");
	rig_expect(rig, PPP_PROTO_LCP, CP_TERMREQ, NULL);
}

static void test_no_pap_request(void **state)
{
	struct ppp_rig *rig = *state;

	rig_to_login(rig, PPP_METHOD_PAP);
	rig_wait(rig, 30 * SEC);
	rig_failed(rig, L2TP_PPP_CAUSE_AUTH_TIMEOUT, "does not log in (pap): 10 times 3 s");
	rig_expect(rig, PPP_PROTO_LCP, CP_TERMREQ, NULL);
	rig_expect_nothing(rig);
}

static void test_setup_timeout_in_login(void **state)
{
	struct ppp_rig *rig = *state;

	rig->params.setup_timeout = 10 * SEC;
	rig_to_login(rig, PPP_METHOD_PAP);
	rig_wait(rig, 10 * SEC);
	rig_failed(rig, L2TP_PPP_CAUSE_AUTH_TIMEOUT, "has not logged in within 10 s");
}

static void test_no_challenge_while_lcp_is_down(void **state)
{
	struct ppp_rig *rig = *state;

	rig_to_login(rig, PPP_METHOD_CHAP_MD5);
	rig_say(rig, PPP_PROTO_LCP, CP_TERMACK, 1, "");
	rig_wait(rig, 3 * SEC);
	rig_expect(rig, PPP_PROTO_LCP, CP_CONFREQ, NULL);
	rig_expect(rig, PPP_PROTO_LCP, CP_CONFREQ, NULL);
	rig_expect_nothing(rig);
}

/* What is no login changes nothing and has no answer. */
static void test_wrong_pap(void **state)
{
	struct ppp_rig *rig = *state;

	rig_to_login(rig, PPP_METHOD_PAP);
	rig_say(rig, PPP_PROTO_PAP, PAP_REQUEST, 1, "");
	rig_say(rig, PPP_PROTO_PAP, PAP_REQUEST, 1, "00");
	rig_say(rig, PPP_PROTO_PAP, PAP_REQUEST, 1, "02 61");
	rig_say(rig, PPP_PROTO_PAP, PAP_REQUEST, 1, "01 61");
	rig_say(rig, PPP_PROTO_PAP, PAP_REQUEST, 1, "01 61 02 62");
	rig_say(rig, PPP_PROTO_PAP, PAP_REQUEST, 1, "ff 61 00");
	rig_say(rig, PPP_PROTO_PAP, PAP_ACK, 1, "00");
	rig_say(rig, PPP_PROTO_PAP, 4, 1, "0161 0162");
	rig_say(rig, PPP_PROTO_CHAP, CHAP_RESPONSE, 1, "10" VALUE_MD5 ALICE);
	rig_say(rig, PPP_PROTO_CHAP, CHAP_CHALLENGE, 1, "0161 0162");
	/* Length beyond the frame, and Length that cuts the password off */
	rig_hex(rig, "c023 01 01 0009 0161 0162");
	rig_hex(rig, "c023 01 01 0007 0161 0162");
	rig_hex(rig, "c02301");
	assert_int_equal(rig->done, 0);
	rig_expect_nothing(rig);
	/* octets behind Length are padding (RFC 1334 2.2) */
	rig_hex(rig, "c023 01 63 0008 0161 0162 0000000000");
	assert_int_equal(rig->done, 1);
	assert_span(result(rig)->authen_name, "61");
	assert_span(result(rig)->authen_response, "62");
	assert_int_equal(result(rig)->authen_id, 0x63);
}

static void test_wrong_chap(void **state)
{
	struct ppp_rig *rig = *state;
	uint8_t id;

	rig_to_login(rig, PPP_METHOD_CHAP_MD5);
	id = rig_seen(rig)->data[3];
	rig_say(rig, PPP_PROTO_CHAP, CHAP_RESPONSE, (uint8_t)(id + 1), "10" VALUE_MD5 ALICE);
	rig_say(rig, PPP_PROTO_CHAP, CHAP_CHALLENGE, id, "10" VALUE_MD5 ALICE);
	rig_say(rig, PPP_PROTO_CHAP, CHAP_SUCCESS, id, "");
	rig_say(rig, PPP_PROTO_CHAP, CHAP_RESPONSE, id, "");
	rig_say(rig, PPP_PROTO_CHAP, CHAP_RESPONSE, id, "0f 0102030405060708090a0b0c0d0e0f" ALICE);
	rig_say(rig, PPP_PROTO_CHAP, CHAP_RESPONSE, id, "11" VALUE_MD5 ALICE);
	rig_say(rig, PPP_PROTO_CHAP, CHAP_RESPONSE, id, "10 000102030405060708090a0b0c0d0e");
	rig_say(rig, PPP_PROTO_CHAP, CHAP_RESPONSE, id, "31" VALUE_MS ALICE);
	rig_say(rig, PPP_PROTO_PAP, PAP_REQUEST, id, "0161 0162");
	rig_say(rig, PPP_PROTO_PAP, PAP_ACK, id, "10" VALUE_MD5 ALICE);
	assert_int_equal(rig->done, 0);
	rig_expect_nothing(rig);
	rig_say(rig, PPP_PROTO_CHAP, CHAP_RESPONSE, id, "10" VALUE_MD5 ALICE);
	assert_int_equal(rig->done, 1);
}

static void test_mschapv2_wants_49_octets(void **state)
{
	struct ppp_rig *rig = *state;
	uint8_t id;

	rig_to_login(rig, PPP_METHOD_MSCHAPV2);
	id = rig_seen(rig)->data[3];
	rig_say(rig, PPP_PROTO_CHAP, CHAP_RESPONSE, id, "10" VALUE_MD5 ALICE);
	assert_int_equal(rig->done, 0);
	/* the domain belongs to the name (RFC 2759 4) */
	rig_say(rig, PPP_PROTO_CHAP, CHAP_RESPONSE, id, "31" VALUE_MS "4e455c616c696365");
	assert_span(result(rig)->authen_name, "4e455c616c696365");
}

static void test_empty_names_and_passwords(void **state)
{
	struct ppp_rig *rig = *state;

	rig_to_login(rig, PPP_METHOD_PAP);
	rig_say(rig, PPP_PROTO_PAP, PAP_REQUEST, 0, "0000");
	assert_int_equal(rig->done, 1);
	assert_span(result(rig)->authen_name, "");
	assert_span(result(rig)->authen_response, "");
}

static void test_longest_pap(void **state)
{
	struct ppp_rig *rig = *state;
	uint8_t frame[6 + 2 + 255 + 255] = { 0xc0, 0x23, PAP_REQUEST, 1, 516 >> 8, 516 & 255, 255 };

	memset(frame + 7, 'n', 255);
	frame[7 + 255] = 255;
	memset(frame + 8 + 255, 'p', 255);
	rig_to_login(rig, PPP_METHOD_PAP);
	rig_bytes(rig, frame, sizeof(frame));
	assert_int_equal(rig->done, 1);
	assert_span_of(result(rig)->authen_name, frame + 7, 255);
	assert_span_of(result(rig)->authen_response, frame + 8 + 255, 255);
}

static size_t long_response(struct ppp_rig *rig, uint8_t *frame, size_t name_len)
{
	size_t len = 4 + 1 + 16 + name_len;

	memset(frame, 'n', 2 + len);
	frame[0] = 0xc2;
	frame[1] = 0x23;
	frame[2] = CHAP_RESPONSE;
	frame[3] = rig_seen(rig)->data[3];
	frame[4] = (uint8_t)(len >> 8);
	frame[5] = (uint8_t)len;
	frame[6] = 16;
	return 2 + len;
}

static void test_longest_name(void **state)
{
	struct ppp_rig *rig = *state;
	uint8_t frame[1502];

	rig_to_login(rig, PPP_METHOD_CHAP_MD5);
	rig_bytes(rig, frame, long_response(rig, frame, 1015));
	assert_int_equal(rig->done, 1);
	assert_int_equal(result(rig)->authen_name.len, 1015);
}

static void test_name_that_fits_no_avp(void **state)
{
	struct ppp_rig *rig = *state;
	uint8_t frame[1502];

	rig_to_login(rig, PPP_METHOD_CHAP_MD5);
	rig_bytes(rig, frame, long_response(rig, frame, 1016));
	rig_failed(rig, L2TP_PPP_CAUSE_AUTH_NAME, "longer than the 1015 octets");
	rig_expect(rig, PPP_PROTO_LCP, CP_TERMREQ, NULL);
}

static void test_our_longest_name(void **state)
{
	struct ppp_rig *rig = *state;
	char name[256];

	memset(name, 'x', 255);
	name[255] = '\0';
	rig->params.name = name;
	rig_to_login(rig, PPP_METHOD_CHAP_MD5);
	assert_int_equal(rig_seen(rig)->len, 6 + 1 + 16 + 255);
}

static void test_initial_request_that_fits_no_avp(void **state)
{
	struct ppp_rig *rig = *state;
	uint8_t frame[6 + 1016] = { 0xc0, 0x21, CP_CONFREQ, 1, 1020 >> 8, 1020 & 255 };

	for (unsigned at = 6; at < sizeof(frame); at += 2)
		memcpy(frame + at, "\x09\x02", 2);
	rig->params.lcp.methods = 0;
	rig_begin(rig);
	rig_bytes(rig, frame, sizeof(frame));
	rig->looked = 0;
	rig_ack_ours(rig, NULL);
	rig->looked++;
	rig_ask(rig, 2, "0104 05d4");
	assert_int_equal(rig->done, 1);
	assert_null(result(rig)->initial_lcp.data);
	assert_span(result(rig)->last_received_lcp, "0104 05d4");
}

static void test_initial_request_without_options(void **state)
{
	struct ppp_rig *rig = *state;

	rig->params.lcp.mru = 1500;
	rig->params.lcp.methods = 0;
	rig_begin(rig);
	rig_ack_ours(rig, NULL);
	rig_ask(rig, 1, "");
	assert_span(result(rig)->initial_lcp, "");
	assert_span(result(rig)->last_received_lcp, "");
	/* login wanted, no way to log in: nobody need */
	assert_int_equal(result(rig)->authen_type, 4);
	assert_null(result(rig)->authen_name.data);
}

/* The first one that can be read at all, whatever we answer. */
static void test_initial_request_is_rejected(void **state)
{
	struct ppp_rig *rig = *state;

	rig_begin(rig);
	rig_ack_ours(rig, NULL);
	rig_say(rig, PPP_PROTO_LCP, CP_CONFREQ, 1, "0104 05");
	rig_say(rig, PPP_PROTO_LCP, CP_CONFREQ, 2, "0104 05dc 1104 05dc");
	rig_expect(rig, PPP_PROTO_LCP, CP_CONFREJ, NULL);
	rig_say(rig, PPP_PROTO_LCP, CP_CONFREQ, 3, "0104 05dc");
	rig_expect(rig, PPP_PROTO_LCP, CP_CONFNAK, NULL);
	rig_ask(rig, 4, "0104 05d4");
	rig_expect(rig, PPP_PROTO_CHAP, CHAP_CHALLENGE, NULL);
	rig_say(rig, PPP_PROTO_CHAP, CHAP_RESPONSE, rig_seen(rig)->data[3], "31" VALUE_MS ALICE);
	assert_span(result(rig)->initial_lcp, "0104 05dc 1104 05dc");
	assert_span(result(rig)->last_received_lcp, "0104 05d4");
}

/* proxy = lcp: the way to log in may be agreed on, and the LNS asks. */
static void test_lcp_only(void **state)
{
	struct ppp_rig *rig = *state;

	rig->params.login = false;
	rig_begin(rig);
	rig_lcp_up(rig);
	rig_expect_nothing(rig);
	assert_int_equal(rig->done, 1);
	assert_int_equal(result(rig)->authen_type, 0);
	assert_null(result(rig)->authen_name.data);
	assert_true(ppp_proxy_result(rig->proxy)->has_method);
	assert_int_equal(ppp_proxy_result(rig->proxy)->method, PPP_METHOD_MSCHAPV2);
}

/* RFC 1661 3.4 */
static void test_lcp_begins_anew_while_we_ask(void **state)
{
	struct ppp_rig *rig = *state;

	rig_to_login(rig, PPP_METHOD_PAP);
	rig_say(rig, PPP_PROTO_LCP, CP_CONFREQ, 9, "0104 05dc");
	rig_expect(rig, PPP_PROTO_LCP, CP_CONFREQ, NULL);
	rig_expect(rig, PPP_PROTO_LCP, CP_CONFNAK, "0104 05d4");
	assert_int_equal(rig_phase(rig), PPP_PHASE_LCP);
	/* too early again, for both */
	rig_wait(rig, 3 * SEC);
	rig_expect(rig, PPP_PROTO_LCP, CP_CONFREQ, NULL);
	rig_expect_nothing(rig);
	rig_say(rig, PPP_PROTO_PAP, PAP_REQUEST, 1, "0161 0162");
	assert_int_equal(rig->done, 0);
	rig->looked--;
	rig_ack_ours(rig, NULL);
	rig_ask(rig, 10, "0104 05d4");
	rig_say(rig, PPP_PROTO_PAP, PAP_REQUEST, 2, "0161 0162");
	assert_int_equal(rig->done, 1);
	assert_int_equal(result(rig)->authen_id, 2);
}

/* Our Ack was lost: it is said again, and the challenge stays as it is. */
static void test_request_is_repeated_while_we_ask(void **state)
{
	struct ppp_rig *rig = *state;

	rig_to_login(rig, PPP_METHOD_CHAP_MD5);
	rig_ask(rig, 1, "0104 05d4 0506 00000001");
	assert_int_equal(rig_phase(rig), PPP_PHASE_LOGIN);
	rig_expect_nothing(rig);
	/* with another Identifier or another magic number it begins anew */
	rig_say(rig, PPP_PROTO_LCP, CP_CONFREQ, 1, "0104 05d4 0506 00000002");
	assert_int_equal(rig_phase(rig), PPP_PHASE_LCP);
	rig_expect(rig, PPP_PROTO_LCP, CP_CONFREQ, NULL);
	rig_expect(rig, PPP_PROTO_LCP, CP_CONFACK, NULL);
	rig->looked -= 2;
	rig_ack_ours(rig, NULL);
	rig->looked++;
	rig_expect(rig, PPP_PROTO_CHAP, CHAP_CHALLENGE, NULL);
	rig_say(rig, PPP_PROTO_LCP, CP_CONFREQ, 2, "0104 05d4 0506 00000002");
	assert_int_equal(rig_phase(rig), PPP_PHASE_LCP);
}

/* A request that has no magic number may be that of a client that begins anew. */
static void test_request_without_a_magic_number_is_a_new_one(void **state)
{
	struct ppp_rig *rig = *state;

	rig->params.lcp.methods = PPP_METHOD_BIT(PPP_METHOD_PAP);
	rig_begin(rig);
	rig_ack_ours(rig, NULL);
	rig_ask(rig, 1, "0104 05d4");
	rig_say(rig, PPP_PROTO_LCP, CP_CONFREQ, 1, "0104 05d4");
	rig_expect(rig, PPP_PROTO_LCP, CP_CONFREQ, NULL);
	rig_expect(rig, PPP_PROTO_LCP, CP_CONFACK, NULL);
	assert_int_equal(rig_phase(rig), PPP_PHASE_LCP);
}

/* RFC 1661 5.5: the client's LCP is down. */
static void test_terminate_ack_out_of_the_blue(void **state)
{
	struct ppp_rig *rig = *state;

	rig_to_login(rig, PPP_METHOD_PAP);
	rig_say(rig, PPP_PROTO_LCP, CP_TERMACK, 1, "");
	assert_int_equal(rig_phase(rig), PPP_PHASE_LCP);
	rig_lcp_up(rig);
	assert_int_equal(rig_phase(rig), PPP_PHASE_LOGIN);
	rig_expect_nothing(rig);
}

static void test_its_protocol_is_rejected(void **state)
{
	struct ppp_rig *rig = *state;

	rig_to_login(rig, PPP_METHOD_CHAP_MD5);
	rig_say(rig, PPP_PROTO_LCP, LCP_PROTREJ, 1, "c023");
	assert_int_equal(rig->failed, 0);
	rig_say(rig, PPP_PROTO_LCP, LCP_PROTREJ, 1, "c223 01010004");
	rig_failed(rig, L2TP_PPP_CAUSE_AUTH_PROTOCOL, "agreed to chap-md5, and rejects");
}

/* The authenticator by itself: before it begins and after it has ended nothing is a login. */
static void test_nothing_is_read_unasked(void **state)
{
	static const uint8_t request[] = { PAP_REQUEST, 1, 0, 8, 1, 'a', 1, 'b' };
	static const struct cp_limits limits = CP_LIMITS_DEFAULT;
	struct ppp_rig *rig = *state;
	struct l2tp_env env = { .user = rig, .random = rig_random };
	struct outbox outbox;
	struct login login;

	rig_begin(rig);
	outbox_init(&outbox);
	login_init(&login, "lac", &env, &limits, &outbox);
	login.method = PPP_METHOD_PAP;
	assert_int_equal(login_input(&login, PPP_PROTO_PAP, request, 8), LOGIN_NOTHING);
	login_start(&login, 0, PPP_METHOD_PAP);
	login_stop(&login);
	assert_int_equal(login_input(&login, PPP_PROTO_PAP, request, 8), LOGIN_NOTHING);
	assert_int_equal(login_timeout(&login, 100 * SEC), LOGIN_NOTHING);
	login_start(&login, 0, PPP_METHOD_PAP);
	assert_int_equal(login_input(&login, PPP_PROTO_PAP, request, 8), LOGIN_READ);
	assert_int_equal(login_input(&login, PPP_PROTO_PAP, request, 8), LOGIN_NOTHING);
	/* and what was read is forgotten when it begins anew */
	login_start(&login, 0, PPP_METHOD_PAP);
	assert_null(login.answer.name.data);
	login_clear(&login);
	assert_null(outbox_next(&outbox));
	outbox_free(&outbox);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_pap),
		TEST(test_chap_md5),
		TEST(test_mschapv2),
		TEST(test_challenges_differ),
		TEST(test_challenge_is_repeated),
		TEST(test_nobody_answers_the_challenge),
		TEST(test_no_pap_request),
		TEST(test_setup_timeout_in_login),
		TEST(test_no_challenge_while_lcp_is_down),
		TEST(test_wrong_pap),
		TEST(test_wrong_chap),
		TEST(test_mschapv2_wants_49_octets),
		TEST(test_empty_names_and_passwords),
		TEST(test_longest_pap),
		TEST(test_longest_name),
		TEST(test_name_that_fits_no_avp),
		TEST(test_our_longest_name),
		TEST(test_initial_request_that_fits_no_avp),
		TEST(test_initial_request_without_options),
		TEST(test_initial_request_is_rejected),
		TEST(test_lcp_only),
		TEST(test_lcp_begins_anew_while_we_ask),
		TEST(test_request_is_repeated_while_we_ask),
		TEST(test_request_without_a_magic_number_is_a_new_one),
		TEST(test_terminate_ack_out_of_the_blue),
		TEST(test_its_protocol_is_rejected),
		TEST(test_nothing_is_read_unasked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
