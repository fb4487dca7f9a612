/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any client of a LAC's PPP: the input is a script of frames (well-formed, half-formed, raw),
 *orders of the owner and steps of time. Identifiers are those of our last packets where the script
 *says so, so that the fuzzer gets past LCP and the login.
 *
 * The first octet sets the parameters. An instruction is one octet, its low three bits say what,
 * the next two which Identifier (0 the script's, 1 our last request's, 2 our last challenge's),
 * bit 7 that effects stay in the queue; missing operands are 0:
 *
 *	0 time EXP		1 to the next deadline
 *	2 packet PROTOCOL CODE ID LENGTH OCTETS
 *	3 frame LENGTH OCTETS	4 our last Configure-Request as a reply CODE AT XOR
 *	5 order WHICH		6 long packet PROTOCOL CODE ID LENGTH OCTET
 *	7 request or login WHICH
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ppp/numbers.h"
#include "ppp/ppp_proxy.h"
#include "ppp/realm.h"

#define CHECK(condition)                                                                           \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);            \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

#define DRAIN_LATER 0x80u
#define FRAMES_MAX  4
#define OCTETS_MAX  2000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct script {
	const uint8_t *at, *end;
	struct ppp_proxy *proxy;
	struct ppp_proxy_params params;
	usec_t now;
	uint64_t random;
	bool done, failed, closed, handed_over;
	uint64_t result_sum; /* over all octets of the result, when it came */
	uint8_t challenge_id, request[CP_BODY_MAX + PPP_HDR_LEN + 2];
	size_t request_len;
} run;

static uint8_t octet(void)
{
	return run.at < run.end ? *run.at++ : 0;
}

static void fuzz_random(void *user, void *buf, size_t len)
{
	uint8_t *out = buf;

	for (size_t i = 0; i < len; i++) {
		run.random = run.random * UINT64_C(6364136223846793005) + 1442695040888963407u;
		out[i] = (uint8_t)(run.random >> 56);
	}
}

static uint64_t add_span(uint64_t sum, struct l2tp_span span)
{
	CHECK(span.data || !span.len);
	for (size_t i = 0; i < span.len; i++)
		sum = (sum ^ span.data[i]) * UINT64_C(1099511628211);
	return sum * 31 + span.len + (span.data ? 1 : 0);
}

static uint64_t sum_result(void)
{
	const struct ppp_proxy_result *r = ppp_proxy_result(run.proxy);
	const struct l2tp_proxy *p = &r->proxy;
	uint64_t sum = p->authen_type * 256u + p->authen_id;
	struct realm_parts parts = realm_split(p->authen_name);

	sum = add_span(sum, p->initial_lcp);
	sum = add_span(sum, p->last_sent_lcp);
	sum = add_span(sum, p->last_received_lcp);
	sum = add_span(sum, p->authen_name);
	sum = add_span(sum, p->authen_challenge);
	sum = add_span(sum, p->authen_response);
	CHECK(parts.user.len + parts.realm.len <= p->authen_name.len);
	CHECK(add_span(add_span(1, parts.user), parts.realm));
	return sum + r->peer_mru + r->mru;
}

static void check_done(void)
{
	const struct ppp_proxy_result *r = ppp_proxy_result(run.proxy);
	const struct l2tp_proxy *p = &r->proxy;

	CHECK(!run.done && !run.handed_over);
	run.done = true;
	CHECK(p->last_sent_lcp.data && p->last_received_lcp.data);
	CHECK(tlv_valid(p->last_sent_lcp.data, p->last_sent_lcp.len));
	CHECK(tlv_valid(p->last_received_lcp.data, p->last_received_lcp.len));
	CHECK(p->initial_lcp.len <= 1015 && p->authen_name.len <= 1015);
	CHECK(r->peer_mru >= PPP_MRU_MIN && r->peer_mru <= PPP_MRU_DEFAULT);
	if (!run.params.lcp.compression)
		CHECK(!r->send_pfc && !r->send_acfc && !r->recv_pfc && !r->recv_acfc);
	CHECK(!r->has_method || (run.params.lcp.methods & PPP_METHOD_BIT(r->method)));
	CHECK((p->authen_type == 2 || p->authen_type == 3) == (p->authen_name.data != NULL));
	CHECK((p->authen_type == 2) == (p->authen_challenge.data != NULL));
	/* who has to log in has done so */
	CHECK(!run.params.login || !run.params.lcp.methods || p->authen_response.data);
	run.result_sum = sum_result();
}

static void check_send(const uint8_t *data, size_t len)
{
	CHECK(!run.handed_over && !run.closed);
	CHECK(len >= 6 && len <= 2 + PPP_MRU_DEFAULT);
	CHECK((size_t)(data[4] << 8 | data[5]) == len - 2);
	if (data[0] == 0xc2)
		run.challenge_id = data[3];
	if (data[0] != 0xc0 || data[1] != 0x21 || data[2] != CP_CONFREQ)
		return;
	CHECK(len <= sizeof(run.request) && tlv_valid(data + 6, len - 6));
	memcpy(run.request, data, len);
	run.request_len = len;
}

static void drain(void)
{
	const struct ppp_effect *effect;

	while ((effect = ppp_proxy_next_effect(run.proxy))) {
		CHECK(!run.closed);
		switch (effect->type) {
		case PPP_EFFECT_SEND:
			check_send(effect->send.data, effect->send.len);
			break;
		case PPP_EFFECT_DONE:
			check_done();
			break;
		case PPP_EFFECT_FAILED:
			CHECK(!run.failed && !run.handed_over);
			CHECK(strlen(effect->failed.text) < sizeof(effect->failed.text));
			run.failed = true;
			break;
		case PPP_EFFECT_CLOSED:
			CHECK(run.failed);
			run.closed = true;
			break;
		case PPP_EFFECT_TRACE:
			CHECK(strcmp(effect->trace.from, effect->trace.to) != 0);
			break;
		}
	}
	CHECK(run.done == (ppp_proxy_result(run.proxy) != NULL));
	CHECK(!run.done || sum_result() == run.result_sum);
	if (run.closed)
		CHECK(ppp_proxy_next_timeout(run.proxy) == USEC_INFINITY);
}

/* A frame in a buffer of its very size. */
static void arrive(const uint8_t *data, size_t len)
{
	uint8_t *buf = malloc(len ? len : 1);

	CHECK(buf);
	memcpy(buf, data, len);
	ppp_proxy_input(run.proxy, run.now, buf, len);
	free(buf);
}

static uint16_t some_protocol(void)
{
	static const uint16_t protocols[] = { PPP_PROTO_LCP, PPP_PROTO_PAP, PPP_PROTO_CHAP, 0x8021,
		0x0021, 0xc227, 0xff03, 0x2100 };

	return protocols[octet() % 8];
}

static size_t put_header(uint8_t *frame, uint8_t op, size_t body)
{
	uint16_t protocol = some_protocol();
	uint8_t code = octet(), id = octet();

	tlv_set16(frame, protocol);
	frame[2] = code;
	frame[3] = (op >> 3 & 3) == 1 ? run.request[3] : (op >> 3 & 3) == 2 ? run.challenge_id : id;
	tlv_set16(frame + 4, (uint16_t)(PPP_HDR_LEN + body));
	return 6 + body;
}

static void do_packet(uint8_t op)
{
	uint8_t frame[6 + 255];
	size_t len = put_header(frame, op, 0), body = octet();

	for (size_t i = 0; i < body; i++)
		frame[len + i] = octet();
	tlv_set16(frame + 4, (uint16_t)(PPP_HDR_LEN + body));
	arrive(frame, len + body);
}

static void do_frame(void)
{
	uint8_t frame[255];
	size_t len = octet();

	for (size_t i = 0; i < len; i++)
		frame[i] = octet();
	arrive(frame, len);
}

/* An Ack, Nak or Reject of what we asked for, maybe with one octet changed. */
static void do_reply(void)
{
	uint8_t frame[sizeof(run.request)];
	size_t at;

	memcpy(frame, run.request, run.request_len);
	frame[2] = octet();
	at = octet();
	if (at < run.request_len)
		frame[at] ^= octet();
	arrive(frame, run.request_len);
}

static void do_order(void)
{
	switch (octet() % 6) {
	case 0:
		ppp_proxy_close(run.proxy, run.now, L2TP_PPP_CAUSE_ADMIN, "order");
		break;
	case 1:
		ppp_proxy_refuse(run.proxy, run.now, "order");
		break;
	case 2:
		drain();
		CHECK(ppp_proxy_hand_over(run.proxy) ==
			(run.done && !run.failed && !run.handed_over));
		run.handed_over |= run.done && !run.failed;
		break;
	default:
		ppp_proxy_next_frame(run.proxy);
		break;
	}
}

static void do_long_packet(uint8_t op)
{
	uint8_t frame[6 + 8 * 255], code;
	size_t len = put_header(frame, op, 8 * (size_t)octet());

	/* options of two octets, or the same octet all over */
	code = octet();
	for (size_t i = 6; i < len; i++)
		frame[i] = code & 1 && i % 2 ? 2 : code;
	arrive(frame, len);
}

static void do_usual(void)
{
	static const uint8_t requests[][16] = {
		{ 0xc0, 0x21, 1, 1, 0, 14, 1, 4, 5, 0xd4, 5, 6, 0, 0, 0, 1 },
		{ 0xc0, 0x21, 1, 2, 0, 8, 1, 4, 5, 0xdc },
		{ 0xc0, 0x21, 1, 3, 0, 14, 7, 2, 8, 2, 2, 6, 0, 0, 0, 0 },
		{ 0xc0, 0x23, 1, 4, 0, 8, 1, 'a', 1, 'b' },
	};
	uint8_t which = octet(), response[6 + 1 + 49 + 1] = { 0xc2, 0x23, 2 };
	size_t value = which & 1 ? 49 : 16;

	if (which < 4) {
		arrive(requests[which], 2 + (size_t)requests[which][5]);
		return;
	}
	response[3] = run.challenge_id;
	tlv_set16(response + 4, (uint16_t)(4 + 1 + value + 1));
	response[6] = (uint8_t)value;
	response[7 + value] = 'a';
	arrive(response, 8 + value);
}

static void do_time(void)
{
	run.now += UINT64_C(1) << octet() % 30;
	ppp_proxy_timeout(run.proxy, run.now);
}

static void do_deadline(void)
{
	usec_t next = ppp_proxy_next_timeout(run.proxy);

	if (next == USEC_INFINITY)
		return;
	if (next > run.now)
		run.now = next;
	ppp_proxy_timeout(run.proxy, run.now);
}

static void instruct(uint8_t op)
{
	switch (op & 7) {
	case 0:
		do_time();
		break;
	case 1:
		do_deadline();
		break;
	case 2:
		do_packet(op);
		break;
	case 3:
		do_frame();
		break;
	case 4:
		do_reply();
		break;
	case 5:
		do_order();
		break;
	case 6:
		do_long_packet(op);
		break;
	case 7:
		do_usual();
		break;
	}
	if (!(op & DRAIN_LATER))
		drain();
}

static void begin(uint8_t flags)
{
	struct l2tp_env env = { .random = fuzz_random };

	run.params = (struct ppp_proxy_params){
		.lcp = { .mru = flags & 1 ? 1492 : 0,
			.methods = flags >> 1 & 7,
			.accm = flags & 16,
			.compression = flags & 32 },
		.login = flags & 64,
		.name = "fuzz",
		.max_frames = FRAMES_MAX,
		.max_octets = OCTETS_MAX,
	};
	run.now = USEC_PER_SEC;
	run.random = flags;
	run.proxy = ppp_proxy_new(&env, &run.params, run.now);
	CHECK(run.proxy);
	drain();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ppp_proxy_info info;

	run = (struct script){ .at = data, .end = data + size };
	begin(octet());
	while (run.at < run.end)
		instruct(octet());
	drain();
	ppp_proxy_info(run.proxy, &info);
	CHECK(info.queued <= FRAMES_MAX);
	CHECK(run.closed == (info.phase == PPP_PHASE_CLOSED));
	/* whatever was said, it comes to an end by itself */
	for (unsigned i = 0; !run.closed && !run.failed && !run.done; i++) {
		CHECK(i < 100);
		do_deadline();
		drain();
	}
	for (unsigned i = 0; run.failed && !run.closed; i++) {
		CHECK(i < 10);
		do_deadline();
		drain();
	}
	while (ppp_proxy_next_frame(run.proxy))
		;
	ppp_proxy_free(run.proxy);
	return 0;
}
