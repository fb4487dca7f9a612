/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * RADIUS without a network: packets of the examples of RFC 2865, Tunnel-Password with values that
 * were made by another program, tunnels of an answer, attributes of a request.
 */
#include "wire.h"

#include <errno.h>
#include <stdio.h>

#include "radius/packet.h"
#include "radius/radius.h"
#include "radius/salt.h"

static const uint8_t vector[RADIUS_VECTOR_LEN] = { 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27,
	28, 29, 30, 31 };
#define SECRET "xyzzy5461"

/* --- RFC 2865 7.1 -------------------------------------------------------------------- */

static const uint8_t rfc_vector[RADIUS_VECTOR_LEN] = { 0x0f, 0x40, 0x3f, 0x94, 0x73, 0x97, 0x80,
	0x57, 0xbd, 0x83, 0xd5, 0xcb, 0x98, 0xf4, 0x22, 0x7a };
#define RFC_REQUEST  "0106 6e656d6f 020c 61726374616e67656e74 0406 c0a80110 0506 00000003"
#define RFC_PASSWORD "0212 0dbe708d93d413ce3196e43f782a0aee"
#define RFC_ANSWER                                                                                 \
	"02 00 0026 86fe220e7624ba2a1005f6bf9b55e0b2"                                              \
	"0606 00000001 0f06 00000000 0e06 c0a80103"

static void build_rfc(struct radius_packet *ret)
{
	struct wire attrs = wire_hex(RFC_REQUEST);

	assert_int_equal(packet_build(ret, RADIUS_ACCESS_REQUEST, 0, rfc_vector, attrs.data,
				 attrs.len, SECRET),
		0);
	wire_free(&attrs);
}

static void fill(struct radius_packet *packet, const char *hex)
{
	struct wire w = wire_hex(hex);

	memcpy(packet->data, w.data, w.len);
	packet->len = w.len;
	wire_free(&w);
}

static void test_rfc_request(void **state)
{
	struct wire password = wire_hex(RFC_PASSWORD);
	struct radius_packet packet;
	size_t len;
	const uint8_t *attrs;

	build_rfc(&packet);
	assert_memory_equal(packet_vector(&packet), rfc_vector, sizeof(rfc_vector));
	attrs = packet_attrs(&packet, &len);
	/* behind the Message-Authenticator, which the RFC's example does not have, and the name */
	assert_int_equal(attrs[0], RADIUS_MESSAGE_AUTHENTICATOR);
	assert_memory_equal(attrs + 18 + 6, password.data, password.len);
	wire_free(&password);
}

static void test_rfc_answer(void **state)
{
	struct radius_packet request, answer;

	build_rfc(&request);
	fill(&answer, RFC_ANSWER);
	assert_int_equal(packet_check(&answer, &request, SECRET), PACKET_UNSIGNED);
	fill(&answer, RFC_ANSWER);
	assert_int_equal(packet_check(&answer, &request, "xyzzy5462"), PACKET_UNPROVEN);
	for (size_t at = 0; at < 0x26; at++) {
		fill(&answer, RFC_ANSWER);
		answer.data[at] ^= 1;
		assert_true(packet_check(&answer, &request, SECRET) >= PACKET_ODD);
	}
	for (size_t len = 0; len < 0x26; len++) {
		fill(&answer, RFC_ANSWER);
		answer.len = len;
		assert_int_equal(packet_check(&answer, &request, SECRET), PACKET_ODD);
	}
}

static void test_too_much(void **state)
{
	struct radius_packet packet;
	uint8_t attrs[RADIUS_PACKET_MAX];

	for (size_t at = 0; at + 255 <= sizeof(attrs); at += 255)
		memcpy(attrs + at, "\x19\xff", 2);
	assert_int_equal(
		packet_build(&packet, RADIUS_ACCESS_REQUEST, 0, vector, attrs, 16 * 255, SECRET),
		-EMSGSIZE);
	assert_int_equal(
		packet_build(&packet, RADIUS_ACCESS_REQUEST, 0, vector, attrs, 254, SECRET),
		-EINVAL);
}

/* --- Tunnel-Password ----------------------------------------------------------------- */

static void assert_revealed(const char *hex, const char *text)
{
	struct wire w = wire_hex(hex);
	uint8_t plain[SALT_PLAIN_MAX];

	assert_int_equal(salt_reveal(w.data, w.len, SECRET, vector, plain), strlen(text));
	assert_memory_equal(plain, text, strlen(text));
	wire_free(&w);
}

static void test_tunnel_password(void **state)
{
	assert_revealed("9abc dba12588b64ba19963b0c78b105aa9c7", "");
	assert_revealed("9abc ded24de7c43fa19963b0c78b105aa9c7", "short");
	assert_revealed("9abc d4c74ceec22ec4f743dfa4ff752edae6", "fifteen octets!");
	assert_revealed("9abc cbd24cf0c22ec4f743dfa4ff752edae6735072ac088534ee9638a7817e5792c1",
		"sixteen octets!!");
}

static void test_no_tunnel_password(void **state)
{
	uint8_t value[300] = { 0 }, plain[SALT_PLAIN_MAX];

	for (size_t len = 0; len <= sizeof(value); len++) {
		uint8_t *exact = malloc(len ? len : 1);

		memcpy(exact, value, len);
		if (len < 18 || (len - 2) % 16 != 0 || len > 242)
			assert_int_equal(salt_reveal(exact, len, SECRET, vector, plain), -EINVAL);
		else
			salt_reveal(exact, len, SECRET, vector, plain);
		free(exact);
	}
	/* a length beyond the end, which another secret mostly gives */
	value[1] = 1;
	value[2] = 0x7f;
	for (unsigned first = 0, bad = 0; first < 256; first++) {
		value[2] = (uint8_t)first;
		bad += salt_reveal(value, 18, SECRET, vector, plain) < 0;
		if (first == 255)
			assert_int_equal(bad, 256 - 16);
	}
}

/* --- answers ------------------------------------------------------------------------- */

static int read_reply(const char *hex, struct radius_reply *ret)
{
	struct wire w = wire_hex(hex);
	int r = radius_reply_read(ret, w.data, w.len, SECRET, vector);

	wire_free(&w);
	return r;
}

#define L2TP(tag)     "4006 " tag "000003 "
#define SERVER_A(tag) "4304 " tag "61 "
#define SERVER_B(tag) "4304 " tag "62 "

static void test_untagged_is_a_tunnel(void **state)
{
	struct radius_reply reply;

	/* text without any tag, numbers with tag 0 */
	assert_int_equal(read_reply(L2TP("00") "4303 61 5a03 63", &reply), 0);
	assert_int_equal(reply.tunnel_count, 1);
	assert_int_equal(reply.tunnels[0].tag, 0);
	assert_string_equal(reply.tunnels[0].server, "a");
	assert_string_equal(reply.tunnels[0].client_name, "c");
	assert_int_equal(reply.tunnels[0].preference, RADIUS_NO_PREFERENCE);
	radius_reply_clear(&reply);
}

static void test_untagged_is_for_all(void **state)
{
	struct radius_reply reply;

	/* type and our name once; the second tunnel has a name of its own */
	assert_int_equal(
		read_reply(L2TP("00") "5a03 63 " SERVER_A("01") SERVER_B("02") "5a04 0264", &reply),
		0);
	assert_int_equal(reply.tunnel_count, 2);
	assert_string_equal(reply.tunnels[0].client_name, "c");
	assert_string_equal(reply.tunnels[1].client_name, "d");
	assert_int_equal(reply.unusable, 0);
	radius_reply_clear(&reply);
}

static void test_order_of_equals(void **state)
{
	struct radius_reply reply;

	/* named first comes first; one without a preference comes last */
	assert_int_equal(
		read_reply(SERVER_B("05") L2TP("05") SERVER_A("02")
				   L2TP("02") "5306 "
					      "05000007 5306 02000007 " SERVER_A("01") L2TP("01"),
			&reply),
		0);
	assert_int_equal(reply.tunnel_count, 3);
	assert_int_equal(reply.tunnels[0].tag, 5);
	assert_int_equal(reply.tunnels[1].tag, 2);
	assert_int_equal(reply.tunnels[2].tag, 1);
	radius_reply_clear(&reply);
}

static void test_unusable(void **state)
{
	static const struct {
		const char *hex, *problem;
	} rows[] = {
		{ L2TP("01"), "tunnel 1: it has no Tunnel-Server-Endpoint" },
		{ SERVER_A("01"), "tunnel 1: it has no Tunnel-Type: it must be L2TP (3)" },
		{ SERVER_A("01") "4006 01000001", "tunnel 1: Tunnel-Type is 1, and not L2TP (3)" },
		{ SERVER_A("01") L2TP("01") "4106 01000006",
			"tunnel 1: Tunnel-Medium-Type is 6, and not IPv4 (1) or IPv6 (2)" },
		{ L2TP("01") "4305 01610a", "tunnel 1: Tunnel-Server-Endpoint cannot be read" },
		{ L2TP("01") "4306 01612062", "tunnel 1: Tunnel-Server-Endpoint cannot be read" },
		{ L2TP("01") SERVER_A("01") "4503 01", "tunnel 1: Tunnel-Password cannot be read" },
	};
	struct radius_reply reply;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(read_reply(rows[i].hex, &reply), 0);
		assert_int_equal(reply.tunnel_count, 0);
		assert_int_equal(reply.unusable, 1);
		assert_string_equal(reply.problem, rows[i].problem);
		radius_reply_clear(&reply);
	}
}

static void test_every_tag(void **state)
{
	struct radius_reply reply;
	uint8_t attrs[32 * 10], *at = attrs;

	for (uint8_t tag = 0; tag < 32; tag++) {
		memcpy(at, (uint8_t[]){ 64, 6, tag, 0, 0, 3, 67, 4, tag, 'a' }, 10);
		at += 10;
	}
	assert_int_equal(radius_reply_read(&reply, attrs, sizeof(attrs), SECRET, vector), 0);
	assert_int_equal(reply.tunnel_count, RADIUS_TUNNELS_MAX);
	radius_reply_clear(&reply);
	assert_int_equal(reply.tunnel_count, 0);
}

static void test_long_message(void **state)
{
	struct radius_reply reply;
	uint8_t attrs[3 * 255];

	for (size_t i = 0; i < 3; i++) {
		memset(attrs + i * 255, 'x', 255);
		memcpy(attrs + i * 255, "\x12\xff", 2);
	}
	assert_int_equal(radius_reply_read(&reply, attrs, sizeof(attrs), SECRET, vector), 0);
	assert_int_equal(strlen(reply.message), sizeof(reply.message) - 1);
	radius_reply_clear(&reply);
}

static void test_no_attributes(void **state)
{
	struct radius_reply reply;

	assert_int_equal(read_reply("1903 61 12", &reply), -EBADMSG);
	assert_int_equal(reply.class_count, 0);
	assert_int_equal(read_reply("1201", &reply), -EBADMSG);
	assert_int_equal(read_reply("1204 61", &reply), -EBADMSG);
	assert_int_equal(read_reply("", &reply), 0);
	/* numbers of another length are none */
	assert_int_equal(read_reply("1b05 000001 5303 01 4003 00", &reply), 0);
	assert_int_equal(reply.session_timeout, 0);
	radius_reply_clear(&reply);
}

/* --- requests ------------------------------------------------------------------------ */

/* Is it among the attributes? */
static bool has(const struct buf_wr *wr, const char *hex)
{
	struct wire w = wire_hex(hex);
	bool found = memmem(wr->data, wr->pos, w.data, w.len) != NULL;

	wire_free(&w);
	return found;
}

/* RFC 4679 3.3; a rate that 32 bits do not hold */
static void test_access_line(void **state)
{
	struct l2tp_line line = {
		.present = 1u << L2TP_LINE_BIT(L2TP_LINE_ACTUAL_RATE_UP) |
			   1u << L2TP_LINE_BIT(L2TP_LINE_ACTUAL_RATE_DOWN) |
			   1u << L2TP_LINE_BIT(L2TP_LINE_ACTUAL_DELAY_DOWN) |
			   1u << L2TP_LINE_BIT(L2TP_LINE_ENCAPSULATION),
		.remote_id = { (const uint8_t *)"r", 1 },
		.actual = { .up = 1000000, .down = 5000000000 },
		.actual_delay = { .down = 7 },
		.encapsulation = { 1, 2, 3 },
	};
	struct radius_call call = { .user = "u", .line = &line };
	uint8_t attrs[RADIUS_ATTRS_MAX];
	struct buf_wr wr;
	struct why why;

	buf_wr_init(&wr, attrs, sizeof(attrs));
	assert_int_equal(radius_request_write(&wr, &call, &why), 0);
	assert_true(has(&wr, "1a09 00000de9 0203 72"));
	assert_true(has(&wr, "1a0c 00000de9 8106 000f4240"));
	assert_true(has(&wr, "1a0c 00000de9 8206 ffffffff"));
	assert_true(has(&wr, "1a0c 00000de9 8e06 00000007"));
	assert_true(has(&wr, "1a0b 00000de9 9005 010203"));
	assert_false(has(&wr, "00000de9 83"));
}

/* All there can be, as long as it can be, fits. */
static void test_the_largest_request(void **state)
{
	static char text[301];
	static uint8_t octets[255];
	struct l2tp_line line = {
		.present = ~0u, .circuit_id = { octets, 63 }, .remote_id = { octets, 63 }
	};
	struct l2tp_proxy proxy = { .authen_type = 2,
		.authen_name = { octets, 253 },
		.authen_challenge = { octets, 253 },
		.authen_response = { octets, 16 } };
	struct radius_class classes[RADIUS_CLASSES_MAX];
	struct radius_call call = { .proxy = &proxy,
		.session_id = text,
		.calling = text,
		.called = text,
		.port_id = text,
		.line = &line };
	struct radius_record record = { .event = RADIUS_STOP,
		.call = &call,
		.classes = classes,
		.class_count = RADIUS_CLASSES_MAX,
		.client_name = text,
		.server_name = text,
		.assignment = text,
		.connection = text,
		.cause = RADIUS_CAUSE_ADMIN_RESET };
	uint8_t attrs[RADIUS_ATTRS_MAX];
	struct buf_wr wr;
	struct why why;

	memset(text, 'x', sizeof(text) - 1);
	memset(octets, 'x', sizeof(octets));
	for (size_t i = 0; i < RADIUS_CLASSES_MAX; i++)
		classes[i].len = RADIUS_VALUE_MAX;
	record.counts = (struct radius_counts){ UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX };
	buf_wr_init(&wr, attrs, sizeof(attrs));
	assert_int_equal(radius_request_write(&wr, &call, &why), 0);
	assert_false(wr.bad);
	buf_wr_init(&wr, attrs, sizeof(attrs));
	assert_int_equal(radius_record_write(&wr, &record, &why), 0);
	assert_false(wr.bad);
}

static void test_logins_that_cannot_be_asked_about(void **state)
{
	uint8_t octets[254] = { 0 };
	static const struct {
		struct l2tp_span name, challenge, response;
		uint16_t type;
	} rows[] = {
		{ { (const uint8_t *)"", 0 }, { 0 }, { 0 }, 3 },
		{ { (const uint8_t *)"a", 1 }, { (const uint8_t *)"c", 1 },
			{ (const uint8_t *)"r", 1 }, 2 },
		{ { (const uint8_t *)"a", 1 }, { 0 }, { (const uint8_t *)"0123456789abcdef", 16 },
			2 },
	};
	struct l2tp_proxy proxy;
	struct radius_call call = { .proxy = &proxy };
	struct buf_wr wr;
	struct why why;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		proxy = (struct l2tp_proxy){ .authen_type = rows[i].type,
			.authen_name = rows[i].name,
			.authen_challenge = rows[i].challenge,
			.authen_response = rows[i].response };
		buf_wr_init(&wr, octets, sizeof(octets));
		assert_int_equal(radius_request_write(&wr, &call, &why), -EINVAL);
	}
	proxy = (struct l2tp_proxy){ .authen_type = 3, .authen_name = { octets, 254 } };
	assert_int_equal(radius_request_write(&wr, &call, &why), -EINVAL);
	assert_string_equal(why.text, "the user name is longer than 253 octets");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rfc_request),
		cmocka_unit_test(test_rfc_answer),
		cmocka_unit_test(test_too_much),
		cmocka_unit_test(test_tunnel_password),
		cmocka_unit_test(test_no_tunnel_password),
		cmocka_unit_test(test_untagged_is_a_tunnel),
		cmocka_unit_test(test_untagged_is_for_all),
		cmocka_unit_test(test_order_of_equals),
		cmocka_unit_test(test_unusable),
		cmocka_unit_test(test_every_tag),
		cmocka_unit_test(test_long_message),
		cmocka_unit_test(test_no_attributes),
		cmocka_unit_test(test_access_line),
		cmocka_unit_test(test_the_largest_request),
		cmocka_unit_test(test_logins_that_cannot_be_asked_about),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
