/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages whole: decode, encode, round trip, truncation. Broken rules are in test_msg_rules.c. */
#include "wire.h"

#include "msg_samples.h"

#include <errno.h>

static const struct l2tp_secret secret = { (const uint8_t *)"secret", 6 };
static const struct l2tp_encode hiding = {
	.secret = { (const uint8_t *)"secret", 6 },
	.hide = true,
	.random_vector = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 },
};

#define RV_BIT (UINT64_C(1) << L2TP_AVP_RANDOM_VECTOR)

static void decode_ok(struct wire *w, struct l2tp_msg *msg)
{
	struct l2tp_verdict verdict;

	l2tp_msg_decode(w->data, w->len, &secret, msg, &verdict);
	if (verdict.kind != L2TP_VERDICT_OK)
		fail_msg("verdict %d: %s", verdict.kind, verdict.text);
	assert_int_equal(verdict.result, 0);
	assert_string_equal(verdict.text, "");
}

static void test_every_message(void **state)
{
	for (size_t i = 0; i < SAMPLES; i++) {
		struct wire w = wire_msg(0x2002, samples[i].avps);
		struct l2tp_msg msg;

		decode_ok(&w, &msg);
		assert_int_equal(msg.type, samples[i].type);
		assert_string_equal(l2tp_msg_name(msg.type), samples[i].name);
		assert_int_equal(msg.present, samples[i].present);
		assert_int_equal(msg.deviations, 0);
		assert_int_equal(msg.hdr.tid, 0x1001);
		assert_int_equal(msg.hdr.sid, 0x2002);
		assert_int_equal(msg.hdr.ns, 5);
		assert_int_equal(msg.hdr.nr, 7);
		wire_free(&w);
	}
}

static void test_zlb(void **state)
{
	struct wire w = wire_hex("c802 000c 1001 0000 0005 0007");
	struct l2tp_msg msg;
	uint8_t buf[64];

	decode_ok(&w, &msg);
	assert_int_equal(msg.type, L2TP_MSG_ZLB);
	assert_int_equal(msg.present, 0);
	assert_int_equal(l2tp_msg_encode(&msg, NULL, buf, sizeof(buf)), 12);
	assert_memory_equal(buf, w.data, 12);
	assert_int_equal(l2tp_msg_encode(&msg, &hiding, buf, 12), 12);
	assert_int_equal(l2tp_msg_encode(&msg, NULL, buf, 11), -ENOSPC);
	wire_free(&w);
}

static void test_values_of_tunnel_messages(void **state)
{
	struct wire q = wire_msg(0, samples[0].avps), p = wire_msg(0, samples[1].avps);
	struct wire stop = wire_msg(0, samples[3].avps);
	struct l2tp_msg msg;

	decode_ok(&q, &msg);
	assert_int_equal(msg.protocol_version, 0x0100);
	assert_int_equal(msg.framing_cap, 3);
	assert_int_equal(msg.bearer_cap, 0);
	assert_true(msg.tie_breaker == UINT64_C(0x0102030405060708));
	assert_int_equal(msg.firmware_revision, 0x0690);
	assert_span(msg.host_name, "lac");
	assert_span(msg.vendor_name, "l2tpd");
	assert_int_equal(msg.assigned_tid, 0x1234);
	assert_int_equal(msg.receive_window, 8);
	assert_int_equal(msg.challenge.len, 16);
	assert_int_equal(msg.challenge.data[15], 15);
	assert_ptr_equal(msg.challenge.data + 16, q.data + q.len); /* borrowed, not copied */
	decode_ok(&p, &msg);
	assert_int_equal(msg.vendor_name.len, 0);
	assert_int_equal(msg.challenge_response[0], 0xdd);
	assert_int_equal(msg.challenge_response[15], 0x59);
	decode_ok(&stop, &msg);
	assert_int_equal(msg.result, 2);
	assert_int_equal(msg.error, 6);
	assert_span(msg.result_text, "oops");
	wire_free(&q);
	wire_free(&p);
	wire_free(&stop);
}

static void test_values_of_calls(void **state)
{
	struct wire ocrq = wire_msg(0, samples[5].avps), ocrp = wire_msg(1, samples[6].avps);
	struct wire occn = wire_msg(1, samples[7].avps), icrq = wire_msg(0, samples[8].avps);
	struct l2tp_msg msg;

	decode_ok(&ocrq, &msg);
	assert_int_equal(msg.assigned_sid, 0x5678);
	assert_int_equal(msg.call_serial, 7);
	assert_int_equal(msg.minimum_bps, 9600);
	assert_int_equal(msg.maximum_bps, 0x7fffffff);
	assert_int_equal(msg.bearer_type, 3);
	assert_int_equal(msg.framing_type, 3);
	assert_span(msg.called_number, "123");
	assert_span(msg.sub_address, "47");
	decode_ok(&ocrp, &msg);
	assert_int_equal(msg.physical_channel, 9);
	decode_ok(&occn, &msg);
	assert_int_equal(msg.tx_speed, 10000000);
	assert_int_equal(msg.rx_speed, 64000);
	assert_true(l2tp_msg_has(&msg, L2TP_AVP_SEQUENCING_REQUIRED));
	decode_ok(&icrq, &msg);
	assert_true(l2tp_msg_has(&msg, L2TP_AVP_CALLED_NUMBER));
	assert_int_equal(msg.called_number.len, 0);
	assert_span(msg.calling_number, "456");
	wire_free(&ocrq);
	wire_free(&ocrp);
	wire_free(&occn);
	wire_free(&icrq);
}

static void test_values_of_iccn_and_cdn(void **state)
{
	struct wire iccn = wire_msg(1, samples[10].avps), cdn = wire_msg(1, samples[11].avps);
	struct l2tp_msg msg;

	decode_ok(&iccn, &msg);
	assert_span(msg.private_group, "vpf");
	assert_span(msg.initial_lcp, "\x01\x04\x05\xd4");
	assert_span(msg.last_sent_lcp, "\x01\x04\x05\xdc");
	assert_span(msg.last_received_lcp, "\x03\x04\xc0\x23");
	assert_int_equal(msg.proxy_authen_type, 2);
	assert_span(msg.proxy_authen_name, "bob");
	assert_span(msg.proxy_authen_challenge, "\x01\x02\x03\x04");
	assert_int_equal(msg.proxy_authen_id, 0x11);
	assert_span(msg.proxy_authen_response, "\x0a\x0b\x0c\x0d");
	decode_ok(&cdn, &msg);
	assert_int_equal(msg.result, 3);
	assert_int_equal(msg.error, 0);
	assert_int_equal(msg.cause_code, 16);
	assert_int_equal(msg.cause_msg, 0x45);
	assert_span(msg.cause_text, "bye");
	assert_int_equal(msg.ppp_cause, 3);
	assert_int_equal(msg.ppp_cause_protocol, 0xc021);
	assert_int_equal(msg.ppp_cause_direction, 1);
	assert_span(msg.ppp_cause_text, "bye");
	wire_free(&iccn);
	wire_free(&cdn);
}

/* Two reserved octets come first, and the counters after them are not aligned. */
static void test_pitfall_32_call_errors_and_accm(void **state)
{
	struct wire wen = wire_msg(1, samples[12].avps), sli = wire_msg(1, samples[13].avps);
	struct l2tp_msg msg;

	decode_ok(&wen, &msg);
	for (unsigned i = 0; i < 6; i++)
		assert_int_equal(msg.call_errors[i], i + 1);
	decode_ok(&sli, &msg);
	assert_int_equal(msg.accm_send, 0xffffffff);
	assert_int_equal(msg.accm_recv, 0x000a0000);
	wire_free(&wen);
	wire_free(&sli);
}

/* The samples are in the order of section 4.4, so they come back as they were, octet for octet. */
static void test_encode_gives_the_same_octets(void **state)
{
	static const struct l2tp_encode plain = { .hide = false };

	for (size_t i = 0; i < SAMPLES; i++) {
		struct wire w = wire_msg(0x2002, samples[i].avps);
		struct l2tp_msg msg;

		decode_ok(&w, &msg);
		for (size_t size = 0; size <= w.len; size++) {
			struct wire out = { malloc(size ? size : 1), size };
			int r = l2tp_msg_encode(&msg, NULL, out.data, size);

			assert_int_equal(r, size < w.len ? -ENOSPC : (int)w.len);
			if (r > 0)
				assert_memory_equal(out.data, w.data, w.len);
			/* options that do not ask for hiding change nothing */
			if (r > 0)
				assert_int_equal(l2tp_msg_encode(&msg, &plain, out.data, size), r);
			if (r > 0)
				assert_memory_equal(out.data, w.data, w.len);
			wire_free(&out);
		}
		wire_free(&w);
	}
}

/* Hide everything that may be; decode; write it plainly: the same octets again. */
static void test_hidden_round_trip(void **state)
{
	for (size_t i = 0; i < SAMPLES; i++) {
		struct wire w = wire_msg(0x2002, samples[i].avps);
		struct l2tp_msg msg;
		uint8_t buf[2048], plain[2048];
		struct wire hidden;
		int r;

		decode_ok(&w, &msg);
		r = l2tp_msg_encode(&msg, &hiding, buf, sizeof(buf));
		assert_true(r >= (int)w.len);
		hidden = wire_copy(buf, (size_t)r);
		decode_ok(&hidden, &msg);
		assert_int_equal(msg.deviations, 0);
		assert_int_equal(!!(msg.present & RV_BIT), r > (int)w.len);
		msg.present &= ~RV_BIT;
		assert_int_equal(msg.present, samples[i].present);
		assert_int_equal(l2tp_msg_encode(&msg, NULL, plain, sizeof(plain)), w.len);
		assert_memory_equal(plain, w.data, w.len);
		for (int size = 0; size < r; size++) {
			struct wire out = { malloc((size_t)size + !size), (size_t)size };

			assert_int_equal(
				l2tp_msg_encode(&msg, &hiding, out.data, out.len), -ENOSPC);
			wire_free(&out);
		}
		wire_free(&hidden);
		wire_free(&w);
	}
}

/* Computed by another implementation: values padded to whole blocks with octets of the vector. */
static void test_hidden_octets(void **state)
{
	struct wire want = wire_msg(0,
		TYPE("0001") "8016 0000 0024 000102030405060708090a0b0c0d0e0f" PROTOCOL_VERSION
			     "c016 0000 0003 a63adb54d38e5fa6f86f0f56651512f2" HOST_NAME
			     "c016 0000 0009 be6a0ff3dfe546dac973475db413ff73");
	struct wire w = wire_msg(0, SCCRQ);
	struct l2tp_msg msg;
	uint8_t buf[256];

	decode_ok(&w, &msg);
	assert_int_equal(l2tp_msg_encode(&msg, &hiding, buf, sizeof(buf)), want.len);
	assert_memory_equal(buf, want.data, want.len);
	wire_free(&want);
	wire_free(&w);
}

/* RFC 2661 4.3: Message Type, Result Code, Protocol Version, Host Name and so on never have H. */
static void test_pitfall_09_some_attributes_are_never_hidden(void **state)
{
	static const bool never[L2TP_AVP_TYPE_MAX + 1] = { [0] = true,
		[1] = true,
		[2] = true,
		[5] = true,
		[7] = true,
		[10] = true,
		[12] = true,
		[36] = true,
		[39] = true };

	for (size_t i = 0; i < SAMPLES; i++) {
		struct wire w = wire_msg(0, samples[i].avps);
		struct l2tp_msg msg;
		uint8_t buf[2048];
		int r;

		decode_ok(&w, &msg);
		r = l2tp_msg_encode(&msg, &hiding, buf, sizeof(buf));
		for (int at = 12; at < r;) {
			bool h = buf[at] & 0x40;

			assert_int_equal(h, buf[at + 2] || !never[buf[at + 5]]);
			at += (buf[at] & 3) << 8 | buf[at + 1];
		}
		wire_free(&w);
	}
}

/* Every string as long as an AVP can be, in every message that has one; one octet more is refused.
 */
static void test_strings_of_maximal_size(void **state)
{
	static const struct {
		enum l2tp_avp_type type;
		size_t field;
		uint16_t fixed; /* octets of the value before the string */
		bool hideable;
	} strings[] = {
#define STRING(type, field, ...) { L2TP_AVP_##type, offsetof(struct l2tp_msg, field), __VA_ARGS__ }
		STRING(RESULT_CODE, result_text, 4, false),
		STRING(HOST_NAME, host_name, 0, false),
		STRING(VENDOR_NAME, vendor_name, 0, true),
		STRING(CHALLENGE, challenge, 0, true),
		STRING(CAUSE_CODE, cause_text, 3, false),
		STRING(CALLED_NUMBER, called_number, 0, true),
		STRING(CALLING_NUMBER, calling_number, 0, true),
		STRING(SUB_ADDRESS, sub_address, 0, true),
		STRING(PRIVATE_GROUP_ID, private_group, 0, true),
		STRING(INITIAL_LCP_CONFREQ, initial_lcp, 0, true),
		STRING(LAST_SENT_LCP_CONFREQ, last_sent_lcp, 0, true),
		STRING(LAST_RECEIVED_LCP_CONFREQ, last_received_lcp, 0, true),
		STRING(PROXY_AUTHEN_NAME, proxy_authen_name, 0, true),
		STRING(PROXY_AUTHEN_CHALLENGE, proxy_authen_challenge, 0, true),
		STRING(PROXY_AUTHEN_RESPONSE, proxy_authen_response, 0, true),
		STRING(RANDOM_VECTOR, random_vector, 0, false),
		STRING(PPP_DISCONNECT_CAUSE, ppp_cause_text, 5, true),
#undef STRING
	};
	uint8_t text[1018], buf[2048];

	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (uint8_t)(i ^ i >> 8);
	for (size_t i = 0; i < sizeof(strings) / sizeof(strings[0]); i++) {
		for (int hide = 0; hide <= strings[i].hideable; hide++) {
			uint16_t max = (uint16_t)(1017 - strings[i].fixed - (hide ? 2 : 0));
			struct l2tp_msg msg = { .type = L2TP_MSG_CDN }, back;
			struct l2tp_span *span = (void *)((char *)&msg + strings[i].field), *got;
			const struct l2tp_encode *opts = hide ? &hiding : NULL;
			struct wire w;
			int r;

			l2tp_msg_set(&msg, strings[i].type);
			*span = (struct l2tp_span){ text, max };
			r = l2tp_msg_encode(&msg, opts, buf, sizeof(buf));
			assert_int_equal(r, 12 + 8 + (hide ? 22 : 0) + 1023);
			w = wire_copy(buf, (size_t)r);
			decode_ok(&w, &back);
			got = (void *)((char *)&back + strings[i].field);
			assert_int_equal(got->len, max);
			assert_memory_equal(got->data, text, max);
			wire_free(&w);
			span->len++;
			assert_int_equal(l2tp_msg_encode(&msg, opts, buf, sizeof(buf)), -EMSGSIZE);
			assert_int_equal(l2tp_msg_encode(&msg, opts, buf, 20), -EMSGSIZE);
		}
	}
}

/* The end of an AVP is at octet n of the datagram. */
static bool is_boundary(const struct wire *w, size_t n)
{
	size_t at = 12;

	while (at < n)
		at += (size_t)(w->data[at] & 3) << 8 | w->data[at + 1];
	return at == n;
}

static void truncate_everywhere(const struct wire *w)
{
	for (size_t n = 0; n < w->len; n++) {
		struct wire part = wire_copy(w->data, n);
		struct l2tp_verdict verdict;
		struct l2tp_msg msg;

		l2tp_msg_decode(part.data, n, &secret, &msg, &verdict);
		assert_int_equal(verdict.kind, L2TP_VERDICT_DROP);
		wire_free(&part);
		if (n < 12)
			continue;
		/* and once more with a Length that says it is all */
		part = wire_copy(w->data, n);
		wire_set_u16(&part, 2, n);
		l2tp_msg_decode(part.data, n, &secret, &msg, &verdict);
		if (n == 12) {
			assert_int_equal(verdict.kind, L2TP_VERDICT_OK);
			assert_int_equal(msg.type, L2TP_MSG_ZLB);
		} else if (!is_boundary(w, n)) {
			bool last = msg.type == L2TP_MSG_STOPCCN || msg.type == L2TP_MSG_CDN ||
				    l2tp_msg_is_optional(msg.type);

			assert_int_equal(verdict.kind == L2TP_VERDICT_OK, last);
			assert_true(last || *verdict.text);
			assert_int_not_equal(msg.type, L2TP_MSG_ZLB);
		}
		wire_free(&part);
	}
}

static void test_truncated_at_every_octet(void **state)
{
	for (size_t i = 0; i < SAMPLES; i++) {
		struct wire w = wire_msg(0x2002, samples[i].avps), hidden;
		struct wire copy = wire_copy(w.data, w.len);
		struct l2tp_msg msg;
		uint8_t buf[2048];
		int r;

		truncate_everywhere(&w);
		decode_ok(&copy, &msg);
		r = l2tp_msg_encode(&msg, &hiding, buf, sizeof(buf));
		assert_true(r > 0);
		hidden = wire_copy(buf, (size_t)r);
		truncate_everywhere(&hidden);
		wire_free(&w);
		wire_free(&copy);
		wire_free(&hidden);
	}
}

/* No octet of any message, whatever it is changed to, leads astray: the sanitizers watch. */
static void test_every_octet_changed(void **state)
{
	static const uint8_t flips[] = { 0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80, 0xff };

	for (size_t i = 0; i < SAMPLES; i++) {
		struct wire w = wire_msg(0x2002, samples[i].avps);

		for (size_t at = 0; at < w.len * sizeof(flips); at++) {
			struct wire bad = wire_copy(w.data, w.len);
			struct l2tp_verdict verdict;
			struct l2tp_msg msg;

			bad.data[at / sizeof(flips)] ^= flips[at % sizeof(flips)];
			l2tp_msg_decode(bad.data, bad.len, &secret, &msg, &verdict);
			assert_int_equal(verdict.kind == L2TP_VERDICT_OK, !*verdict.text);
			wire_free(&bad);
		}
		wire_free(&w);
	}
}

static void test_span_of(void **state)
{
	struct l2tp_span span = l2tp_span_of("abc");

	assert_span(span, "abc");
	assert_int_equal(l2tp_span_of(NULL).len, 0);
	assert_int_equal(l2tp_span_of("").len, 0);
}

static void test_names(void **state)
{
	assert_string_equal(l2tp_msg_name(0), "ZLB");
	assert_string_equal(l2tp_msg_name(4), "StopCCN");
	assert_string_equal(l2tp_msg_name(5), "unknown");
	assert_string_equal(l2tp_msg_name(17), "unknown");
	assert_string_equal(l2tp_msg_name(0xffffffff), "unknown");
	assert_string_equal(l2tp_avp_name(46), "PPP Disconnect Cause Code");
	assert_string_equal(l2tp_avp_name(20), "unknown");
	assert_string_equal(l2tp_avp_name(47), "unknown");
	for (unsigned i = 0; i <= 7; i++)
		assert_string_not_equal(l2tp_stopccn_result_name(i), "unknown");
	for (unsigned i = 0; i <= 11; i++)
		assert_string_not_equal(l2tp_cdn_result_name(i), "unknown");
	for (unsigned i = 0; i <= 8; i++)
		assert_string_not_equal(l2tp_error_name(i), "unknown");
	for (unsigned i = 0; i < L2TP_DEV_COUNT; i++)
		assert_string_not_equal(l2tp_deviation_name(i), "unknown");
	assert_string_equal(l2tp_stopccn_result_name(8), "unknown");
	assert_string_equal(l2tp_cdn_result_name(12), "unknown");
	assert_string_equal(l2tp_error_name(9), "unknown");
	assert_string_equal(l2tp_deviation_name(L2TP_DEV_COUNT), "unknown");
	assert_string_equal(l2tp_deviation_name(64), "unknown");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_message),
		cmocka_unit_test(test_zlb),
		cmocka_unit_test(test_values_of_tunnel_messages),
		cmocka_unit_test(test_values_of_calls),
		cmocka_unit_test(test_values_of_iccn_and_cdn),
		cmocka_unit_test(test_pitfall_32_call_errors_and_accm),
		cmocka_unit_test(test_encode_gives_the_same_octets),
		cmocka_unit_test(test_hidden_round_trip),
		cmocka_unit_test(test_hidden_octets),
		cmocka_unit_test(test_pitfall_09_some_attributes_are_never_hidden),
		cmocka_unit_test(test_strings_of_maximal_size),
		cmocka_unit_test(test_truncated_at_every_octet),
		cmocka_unit_test(test_every_octet_changed),
		cmocka_unit_test(test_span_of),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests_name("msg", tests, NULL, NULL);
}
