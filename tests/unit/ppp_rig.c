/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ppp_rig.h"

#include <ctype.h>
#include <stdio.h>

void rig_random(void *user, void *buf, size_t len)
{
	struct ppp_rig *rig = user;
	uint8_t *out = buf;

	for (size_t i = 0; i < len; i++) {
		rig->random = rig->random * UINT64_C(6364136223846793005) + 1442695040888963407u;
		out[i] = (uint8_t)(rig->random >> 56);
	}
}

void rig_prepare(struct ppp_rig *rig)
{
	*rig = (struct ppp_rig){
		.now = 1000 * SEC,
		.random = 7,
		.params = {
			.lcp = { .mru = 1492, .methods = (1u << PPP_METHOD_COUNT) - 1 },
			.login = true,
			.name = "lac",
		},
	};
	rig->sent = calloc(RIG_SENT_MAX, sizeof(*rig->sent));
	assert_non_null(rig->sent);
}

int rig_setup(void **state)
{
	static struct ppp_rig rig;

	rig_prepare(&rig);
	*state = &rig;
	return 0;
}

int rig_teardown(void **state)
{
	rig_close(*state);
	return 0;
}

struct ppp_rig *rig_lcp_only(struct ppp_rig *rig)
{
	rig->params.lcp.methods = 0;
	rig->params.login = false;
	return rig;
}

void rig_drain(struct ppp_rig *rig)
{
	const struct ppp_effect *effect;

	while ((effect = ppp_proxy_next_effect(rig->proxy))) {
		assert_int_equal(rig->closed, 0);
		switch (effect->type) {
		case PPP_EFFECT_SEND:
			assert_true(rig->count < RIG_SENT_MAX);
			assert_in_range(effect->send.len, 6, 1502);
			memcpy(rig->sent[rig->count].data, effect->send.data, effect->send.len);
			rig->sent[rig->count++].len = effect->send.len;
			break;
		case PPP_EFFECT_DONE:
			rig->done++;
			assert_non_null(ppp_proxy_result(rig->proxy));
			break;
		case PPP_EFFECT_FAILED:
			rig->failed++;
			rig->failure = *effect;
			break;
		case PPP_EFFECT_CLOSED:
			rig->closed++;
			assert_int_equal(rig->failed, 1);
			break;
		case PPP_EFFECT_TRACE:
			assert_string_not_equal(effect->trace.from, effect->trace.to);
			break;
		}
	}
}

void rig_begin(struct ppp_rig *rig)
{
	struct l2tp_env env = { .user = rig, .random = rig_random };

	rig->proxy = ppp_proxy_new(&env, &rig->params, rig->now);
	assert_non_null(rig->proxy);
	rig_drain(rig);
}

void rig_close(struct ppp_rig *rig)
{
	ppp_proxy_free(rig->proxy);
	free(rig->sent);
}

void rig_wait(struct ppp_rig *rig, usec_t time)
{
	usec_t end = rig->now + time;

	while (ppp_proxy_next_timeout(rig->proxy) <= end) {
		rig->now = ppp_proxy_next_timeout(rig->proxy);
		ppp_proxy_timeout(rig->proxy, rig->now);
		rig_drain(rig);
	}
	rig->now = end;
	rig_drain(rig);
}

void rig_bytes(struct ppp_rig *rig, const void *data, size_t len)
{
	/* in exactly as much heap as it has octets, so that a sanitizer sees the first too far */
	uint8_t *copy = malloc(len ? len : 1);

	assert_non_null(copy);
	memcpy(copy, data, len);
	ppp_proxy_input(rig->proxy, rig->now, copy, len);
	free(copy);
	rig_drain(rig);
}

static size_t from_hex(const char *hex, uint8_t *out, size_t room)
{
	size_t digits = 0;

	for (; *hex; hex++) {
		unsigned v;

		if (isspace((unsigned char)*hex))
			continue;
		assert_true(isxdigit((unsigned char)*hex) && digits / 2 < room);
		v = (unsigned)(isdigit((unsigned char)*hex) ? *hex - '0' : (*hex | 32) - 'a' + 10);
		out[digits / 2] = (uint8_t)(digits % 2 ? out[digits / 2] | v : v << 4);
		digits++;
	}
	assert_int_equal(digits % 2, 0);
	return digits / 2;
}

void rig_hex(struct ppp_rig *rig, const char *hex)
{
	uint8_t data[1600];
	size_t len = from_hex(hex, data, sizeof(data));

	rig_bytes(rig, data, len);
}

void rig_say(struct ppp_rig *rig, uint16_t protocol, uint8_t code, uint8_t id, const char *body)
{
	uint8_t data[1600];
	size_t len = from_hex(body, data + 6, sizeof(data) - 6);

	data[0] = (uint8_t)(protocol >> 8);
	data[1] = (uint8_t)protocol;
	data[2] = code;
	data[3] = id;
	data[4] = (uint8_t)((len + 4) >> 8);
	data[5] = (uint8_t)(len + 4);
	rig_bytes(rig, data, 6 + len);
}

static bool matches(const uint8_t *data, size_t len, const char *pattern)
{
	static const char digits[] = "0123456789abcdef";
	size_t at = 0;

	for (; *pattern; pattern++) {
		if (isspace((unsigned char)*pattern))
			continue;
		if (at / 2 >= len)
			return false;
		if (*pattern != 'x' && *pattern != digits[data[at / 2] >> (at % 2 ? 0 : 4) & 15])
			return false;
		at++;
	}
	return at == 2 * len;
}

static void show(const char *what, const uint8_t *data, size_t len)
{
	print_message("%s", what);
	for (size_t i = 0; i < len; i++)
		print_message("%02x", data[i]);
	print_message("\n");
}

uint8_t rig_expect(struct ppp_rig *rig, uint16_t protocol, uint8_t code, const char *body)
{
	const struct rig_frame *f = &rig->sent[rig->looked];

	if (rig->looked >= rig->count)
		fail_msg("nothing was sent");
	rig->looked++;
	if (f->data[0] << 8 != (protocol & 0xff00) || f->data[1] != (protocol & 0xff) ||
		f->data[2] != code || (body && !matches(f->data + 6, f->len - 6, body))) {
		show("sent: ", f->data, f->len);
		fail_msg("not %04x code %u %s", protocol, code, body ? body : "");
	}
	assert_int_equal(f->data[4] << 8 | f->data[5], f->len - 2);
	if (protocol == PPP_PROTO_LCP && code == CP_CONFREQ)
		rig->request_id = f->data[3];
	return f->data[3];
}

void rig_expect_nothing(const struct ppp_rig *rig)
{
	if (rig->looked == rig->count)
		return;
	show("sent: ", rig->sent[rig->looked].data, rig->sent[rig->looked].len);
	fail_msg("%u frames too many", rig->count - rig->looked);
}

const struct rig_frame *rig_seen(const struct ppp_rig *rig)
{
	assert_true(rig->looked > 0);
	return &rig->sent[rig->looked - 1];
}

void rig_ack_ours(struct ppp_rig *rig, const char *options)
{
	struct rig_frame ack;

	rig_expect(rig, PPP_PROTO_LCP, CP_CONFREQ, options);
	ack = *rig_seen(rig);
	ack.data[2] = CP_CONFACK;
	rig_bytes(rig, ack.data, ack.len);
}

void rig_ask(struct ppp_rig *rig, uint8_t id, const char *options)
{
	rig_say(rig, PPP_PROTO_LCP, CP_CONFREQ, id, options);
	assert_int_equal(rig_expect(rig, PPP_PROTO_LCP, CP_CONFACK, options), id);
}

void rig_answer(struct ppp_rig *rig, uint8_t code, const char *options)
{
	rig_say(rig, PPP_PROTO_LCP, code, rig->request_id, options);
}

void rig_lcp_up(struct ppp_rig *rig)
{
	rig_ack_ours(rig, NULL);
	rig_ask(rig, 1, "0104 05d4 0506 00000001");
}

void rig_to_login(struct ppp_rig *rig, enum ppp_method method)
{
	rig->params.lcp.methods = PPP_METHOD_BIT(method);
	rig_begin(rig);
	rig_lcp_up(rig);
	if (method != PPP_METHOD_PAP)
		rig_expect(rig, PPP_PROTO_CHAP, CHAP_CHALLENGE, NULL);
}

#define ALICE "616c696365406578616d706c652e6e6574" /* alice@example.net */

void rig_to_done(struct ppp_rig *rig, enum ppp_method method)
{
	rig_to_login(rig, method);
	switch (method) {
	case PPP_METHOD_MSCHAPV2:
		rig_say(rig, PPP_PROTO_CHAP, CHAP_RESPONSE, rig_seen(rig)->data[3],
			"31 000102030405060708090a0b0c0d0e0f 0000000000000000"
			"101112131415161718191a1b1c1d1e1f2021222324252627 00" ALICE);
		break;
	case PPP_METHOD_CHAP_MD5:
		rig_say(rig, PPP_PROTO_CHAP, CHAP_RESPONSE, rig_seen(rig)->data[3],
			"10 000102030405060708090a0b0c0d0e0f" ALICE);
		break;
	case PPP_METHOD_PAP:
		rig_say(rig, PPP_PROTO_PAP, PAP_REQUEST, 9, "11" ALICE "06 736573616d65");
		break;
	}
	rig_expect_nothing(rig);
	assert_int_equal(rig->done, 1);
}

enum ppp_phase rig_phase(const struct ppp_rig *rig)
{
	struct ppp_proxy_info info;

	ppp_proxy_info(rig->proxy, &info);
	return info.phase;
}

void rig_failed(const struct ppp_rig *rig, enum l2tp_ppp_cause cause, const char *part)
{
	assert_int_equal(rig->failed, 1);
	assert_int_equal(rig->failure.failed.cause, cause);
	if (!strstr(rig->failure.failed.text, part))
		fail_msg("'%s' is not in '%s'", part, rig->failure.failed.text);
}

void assert_span(struct l2tp_span span, const char *hex)
{
	uint8_t wanted[1600];
	size_t len = from_hex(hex, wanted, sizeof(wanted));

	assert_non_null(span.data);
	assert_int_equal(span.len, len);
	if (len)
		assert_memory_equal(span.data, wanted, len);
}
