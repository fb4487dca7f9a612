/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A LAC's PPP and a client in virtual time, joined by a line that loses, doubles and reorders. The
 * LNS takes over some time after the login.
 *
 *	sim_ppp [--seeds FROM-TO] [--loss PERCENT] [-v]
 *
 * A failing seed is printed and does the same again. What must hold: the result is what was said on
 * the line, octet for octet; what arrives after the login arrives at the LNS, all of it, once and
 *in order; on a good line who can log in does; every end has one reason, and then there is silence.
 */
#include "sim_ppp.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ppp/numbers.h"
#include "ppp/ppp_proxy.h"

#define FLIGHT_MAX 512
#define KEPT_MAX   32 /* what a ppp_proxy keeps */
#define LATER_MAX  4096
#define THE_END	   (200 * SEC)

struct flight {
	usec_t at;
	uint64_t order;
	bool to_lac;
	size_t len;
	uint8_t data[FRAME_MAX];
};

struct body {
	bool known;
	size_t len;
	uint8_t data[FRAME_MAX];
};

static struct sim {
	uint64_t seed, random, env_random, order;
	usec_t now, delay, hand_over_after, hand_over_at;
	unsigned loss, dup, slow; /* per mille */
	struct flight flights[FLIGHT_MAX];
	unsigned flying;
	struct ppp_proxy *lac;
	struct ppp_proxy_params params;
	struct client_wants wants;
	/* as seen on the line at the LAC */
	struct body initial, last_acked;
	uint8_t request_id, acked_id;
	struct body request; /* the LAC's last, and what came in last */
	uint8_t frame[FRAME_MAX];
	size_t frame_len;
	bool done, failed, closed, handed_over;
	/* what came in after DONE and is the LNS's, and how much of it the LNS has */
	struct body *later;
	unsigned later_count, later_read, lost;
} sim;

static bool verbose;
static unsigned dones, solvable, faileds, carried, losts;

static uint64_t draw(uint64_t *state)
{
	uint64_t x = *state += UINT64_C(0x9e3779b97f4a7c15);

	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

uint64_t sim_below(uint64_t limit)
{
	return limit ? draw(&sim.random) % limit : 0;
}

bool sim_chance(unsigned per_mille)
{
	return sim_below(1000) < per_mille;
}

static void env_random(void *user, void *buf, size_t len)
{
	uint8_t *out = buf;

	for (size_t i = 0; i < len; i++)
		out[i] = (uint8_t)draw(&sim.env_random);
}

void sim_fail(const char *format, ...)
{
	va_list args;

	fflush(stdout);
	fprintf(stderr, "sim_ppp: seed %" PRIu64 " at %.6f s: ", sim.seed, (double)sim.now / 1e6);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fprintf(stderr, "\n");
	exit(1);
}

static void say(const char *what, const uint8_t *frame, size_t len)
{
	if (!verbose)
		return;
	printf("%12.6f %s ", (double)sim.now / 1e6, what);
	for (size_t i = 0; i < len && i < 40; i++)
		printf("%02x%s", frame[i], i == 1 || i == 5 ? " " : "");
	putchar('\n');
}

/* --- the line --- */

static void launch(bool to_lac, const uint8_t *frame, size_t len)
{
	struct flight *f = &sim.flights[sim.flying];

	CHECK(sim.flying < FLIGHT_MAX, "too much in flight");
	CHECK(len <= FRAME_MAX, "frame of %zu octets", len);
	sim.flying++;
	f->at = sim.now + sim.delay / 2 + sim_below(sim.delay);
	if (sim_chance(sim.slow))
		f->at += sim_below(4 * SEC);
	f->order = sim.order++;
	f->to_lac = to_lac;
	f->len = len;
	memcpy(f->data, frame, len);
}

static void transmit(bool to_lac, const uint8_t *frame, size_t len)
{
	bool gone = sim_chance(sim.loss);

	say(to_lac     ? gone ? "client  x" : "client ->"
		: gone ? "x	  lac"
		       : "	 <- lac",
		frame, len);
	if (gone)
		return;
	launch(to_lac, frame, len);
	if (sim_chance(sim.dup))
		launch(to_lac, frame, len);
}

void sim_client_sends(const uint8_t *frame, size_t len)
{
	transmit(true, frame, len);
}

/* On a line that does not delay single frames they stay in order. */
static struct flight *next_flight(void)
{
	struct flight *first = NULL;

	for (unsigned i = 0; i < sim.flying; i++) {
		struct flight *f = &sim.flights[i];

		if (!first || (sim.slow ? f->at < first->at : f->order < first->order))
			first = f;
	}
	return first;
}

/* --- what was said --- */

static void keep_body(struct body *body, const uint8_t *data, size_t len)
{
	body->known = true;
	body->len = len;
	memcpy(body->data, data, len);
}

static bool is_body(const struct body *body, struct l2tp_span span)
{
	return body->known && span.data && body->len == span.len &&
	       memcmp(body->data, span.data, span.len) == 0;
}

static bool is_lcp(const uint8_t *frame, size_t len, uint8_t code)
{
	return len >= 6 && frame[0] == 0xc0 && frame[1] == 0x21 && frame[2] == code;
}

/* Frames of the client after DONE that the LNS must see. */
static bool is_the_lns(const struct flight *f)
{
	if (is_lcp(f->data, f->len, 1))
		return f->data[3] != sim.acked_id || f->len - 6 != sim.last_acked.len ||
		       memcmp(f->data + 6, sim.last_acked.data, f->len - 6) != 0;
	return f->data[0] != 0xc0 || f->data[1] != 0x21 || f->data[2] == 6;
}

static void arrives_at_lac(const struct flight *f)
{
	memcpy(sim.frame, f->data, f->len);
	sim.frame_len = f->len;
	if (is_lcp(f->data, f->len, 1) && !sim.initial.known)
		keep_body(&sim.initial, f->data + 6, f->len - 6);
	if (sim.handed_over || (sim.done && !sim.failed && is_the_lns(f))) {
		CHECK(sim.later_count < LATER_MAX, "the client talks for ever");
		if (sim.later_count - sim.later_read < KEPT_MAX)
			keep_body(&sim.later[sim.later_count++], f->data, f->len);
		else
			sim.lost++;
	}
	ppp_proxy_input(sim.lac, sim.now, f->data, f->len);
}

/* --- the LAC --- */

static void check_login(const struct l2tp_proxy *p, const struct ppp_proxy_result *r)
{
	uint8_t response[49], algorithm = r->method == PPP_METHOD_MSCHAPV2 ? 0x81 : 5;
	size_t len;

	CHECK(p->authen_name.len == strlen(client_name) &&
			memcmp(p->authen_name.data, client_name, p->authen_name.len) == 0,
		"wrong name");
	CHECK(p->authen_id == sim.frame[3], "Identifier %u, not %u", p->authen_id, sim.frame[3]);
	if (r->method == PPP_METHOD_PAP) {
		CHECK(p->authen_type == 3 && p->authen_response.len == strlen(client_password) &&
				memcmp(p->authen_response.data, client_password,
					p->authen_response.len) == 0,
			"wrong password");
		return;
	}
	len = client_response(algorithm, p->authen_id, p->authen_challenge.data,
		p->authen_challenge.len, response);
	CHECK(p->authen_type == 2 && p->authen_response.len == len &&
			memcmp(p->authen_response.data, response, len) == 0,
		"the response is none to this challenge");
}

static void check_result(void)
{
	const struct ppp_proxy_result *r = ppp_proxy_result(sim.lac);
	const struct l2tp_proxy *p = &r->proxy;

	CHECK(is_body(&sim.initial, p->initial_lcp), "wrong initial request");
	CHECK(is_body(&sim.last_acked, p->last_received_lcp), "wrong last received request");
	CHECK(is_body(&sim.request, p->last_sent_lcp), "wrong last sent request");
	CHECK(client_has_acked(sim.request_id, p->last_sent_lcp.data, p->last_sent_lcp.len),
		"the client never acknowledged what is told");
	/* more than ours only without a word: who takes no hint has the default, which is 1500 */
	CHECK(r->peer_mru <= sim.params.lcp.mru ||
			(r->peer_mru == 1500 &&
				(!sim.last_acked.len || sim.last_acked.data[0] != 1)),
		"MRU %u", r->peer_mru);
	if (sim.params.login && r->has_method)
		check_login(p, r);
	else
		CHECK(p->authen_type == (sim.params.login ? 4 : 0), "authen type %u",
			p->authen_type);
}

static void lac_sends(const uint8_t *frame, size_t len)
{
	CHECK(!sim.handed_over, "the LAC speaks after the hand-over");
	if (is_lcp(frame, len, 1)) {
		sim.request_id = frame[3];
		keep_body(&sim.request, frame + 6, len - 6);
	}
	if (is_lcp(frame, len, 2)) {
		sim.acked_id = frame[3];
		keep_body(&sim.last_acked, frame + 6, len - 6);
	}
	transmit(false, frame, len);
}

static void drain(void)
{
	const struct ppp_effect *effect;

	while ((effect = ppp_proxy_next_effect(sim.lac))) {
		CHECK(!sim.closed, "an effect after CLOSED");
		switch (effect->type) {
		case PPP_EFFECT_SEND:
			lac_sends(effect->send.data, effect->send.len);
			break;
		case PPP_EFFECT_DONE:
			CHECK(!sim.done && !sim.failed, "DONE out of order");
			sim.done = true;
			sim.hand_over_at = sim.now + sim.hand_over_after;
			check_result();
			break;
		case PPP_EFFECT_FAILED:
			if (verbose)
				printf("%12.6f FAILED %s\n", (double)sim.now / 1e6,
					effect->failed.text);
			CHECK(!sim.failed && !sim.handed_over, "FAILED out of order");
			sim.failed = true;
			break;
		case PPP_EFFECT_CLOSED:
			CHECK(sim.failed, "CLOSED before FAILED");
			sim.closed = true;
			break;
		case PPP_EFFECT_TRACE:
			break;
		}
	}
}

static void hand_frames_on(void)
{
	const struct ppp_frame *f;

	while ((f = ppp_proxy_next_frame(sim.lac))) {
		struct body *wanted = &sim.later[sim.later_read];

		CHECK(sim.later_read < sim.later_count, "a frame from nowhere");
		CHECK(wanted->len == f->len && memcmp(wanted->data, f->data, f->len) == 0,
			"frame %u is another", sim.later_read);
		sim.later_read++;
		carried++;
	}
	CHECK(sim.later_read == sim.later_count, "%u frames are missing",
		sim.later_count - sim.later_read);
}

static void hand_over(void)
{
	sim.hand_over_at = USEC_INFINITY;
	if (sim.failed)
		return;
	CHECK(ppp_proxy_hand_over(sim.lac), "no hand-over");
	sim.handed_over = true;
	hand_frames_on();
}

/* --- one story --- */

static void set_up(uint64_t seed, int loss)
{
	struct body *later = sim.later ? sim.later : calloc(LATER_MAX, sizeof(*later));

	if (!later)
		abort();
	sim = (struct sim){ .seed = seed, .random = seed, .env_random = ~seed, .later = later };
	sim.now = 1 + sim_below(1000 * SEC);
	/* there and back in less than the restart time, or PPP negotiates for ever */
	sim.delay = 1 + sim_below(sim_chance(200) ? 900 * MSEC : 50 * MSEC);
	sim.hand_over_at = USEC_INFINITY;
	sim.hand_over_after = sim_chance(300) ? 0 : sim_below(sim_chance(100) ? 30 * SEC : 5 * SEC);
	if (loss >= 0 || sim_chance(600)) {
		sim.loss = loss >= 0 ? (unsigned)loss * 10 : (unsigned)sim_below(250);
		sim.dup = (unsigned)sim_below(200);
		sim.slow = (unsigned)sim_below(200);
	}
	sim.params = (struct ppp_proxy_params){
		.lcp = { .mru = sim_chance(800) ? 1492 : 1500, .methods = (unsigned)sim_below(8) },
		.login = sim_chance(800),
		.name = "lac",
	};
	sim.wants = (struct client_wants){
		.methods = sim_chance(800) ? 7 : (unsigned)sim_below(8),
		.rejects = sim_chance(300),
		.mru = sim_chance(800)	 ? 1492
		       : sim_chance(500) ? 1500
					 : 0,
		.extras = sim_chance(500) ? 0 : (uint8_t)sim_below(256),
		.chatters = sim_chance(800),
	};
	if (sim_chance(100))
		sim.wants.quit_at = sim.now + sim_below(10 * SEC);
	if (sim_chance(100))
		sim.wants.dies_at = sim.now + sim_below(10 * SEC);
	if (sim_chance(300))
		sim.wants.restarts_at = sim.now + sim_below(3 * SEC);
}

/* It can be done, and nobody goes away meanwhile. */
static bool is_solvable(void)
{
	static const unsigned bits[] = { CLIENT_MSCHAPV2, CLIENT_CHAP_MD5, CLIENT_PAP };
	unsigned common = 0;

	for (unsigned m = 0; m < PPP_METHOD_COUNT; m++)
		if (sim.params.lcp.methods & PPP_METHOD_BIT(m))
			common |= sim.wants.methods & bits[m];
	return (common || !sim.params.lcp.methods) && !sim.wants.quit_at && !sim.wants.dies_at;
}

static bool next_event(usec_t end)
{
	struct flight *f = next_flight();
	usec_t lac = ppp_proxy_next_timeout(sim.lac), client = client_next_timeout();
	usec_t first = f ? f->at : USEC_INFINITY;

	if (lac < first)
		first = lac;
	if (client < first)
		first = client;
	if (sim.hand_over_at < first)
		first = sim.hand_over_at;
	if (first > end)
		return false;
	if (first > sim.now)
		sim.now = first;
	if (sim.hand_over_at <= sim.now) {
		hand_over();
	} else if (f && f->at <= sim.now) {
		struct flight arrived = *f;

		*f = sim.flights[--sim.flying];
		if (arrived.to_lac)
			arrives_at_lac(&arrived);
		else
			client_input(sim.now, arrived.data, arrived.len);
	} else if (lac <= sim.now) {
		ppp_proxy_timeout(sim.lac, sim.now);
	} else {
		client_timeout(sim.now);
	}
	drain();
	if (sim.handed_over)
		hand_frames_on();
	return true;
}

/* After the hand-over a little is enough: there is nothing new then. */
static void play(uint64_t seed, int loss)
{
	struct l2tp_env env = { .random = env_random };
	struct ppp_proxy_info info;
	usec_t start, end;
	bool can;

	set_up(seed, loss);
	start = sim.now;
	can = is_solvable();
	sim.lac = ppp_proxy_new(&env, &sim.params, sim.now);
	if (!sim.lac)
		abort();
	drain();
	client_start(&sim.wants, sim.now);
	end = start + THE_END;
	while (!sim.closed && next_event(end))
		if (sim.handed_over && end == start + THE_END)
			end = sim.now + 5 * SEC;
	CHECK(sim.handed_over || sim.closed, "nothing came of it");
	CHECK(!can || sim.loss || sim.slow || sim.done, "no login on a good line");
	CHECK(!sim.closed || ppp_proxy_next_timeout(sim.lac) == USEC_INFINITY,
		"a timer at the end");
	ppp_proxy_info(sim.lac, &info);
	CHECK(info.lost == sim.lost, "%" PRIu64 " frames lost, not %u", info.lost, sim.lost);
	losts += sim.lost;
	solvable += can;
	dones += can && sim.done;
	faileds += sim.failed;
	ppp_proxy_free(sim.lac);
}

int main(int argc, char **argv)
{
	uint64_t from = 1, to = 1000;
	int loss = -1;

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "-v") == 0)
			verbose = true;
		else if (strcmp(argv[i], "--loss") == 0 && i + 1 < argc)
			loss = atoi(argv[++i]);
		else if (strcmp(argv[i], "--seeds") != 0 || i + 1 == argc ||
			 sscanf(argv[++i], "%" SCNu64 "-%" SCNu64, &from, &to) < 1)
			return 2;
	}
	if (to < from)
		to = from;
	for (uint64_t seed = from; seed <= to; seed++)
		play(seed, loss);
	printf("%" PRIu64 " seeds: %u of %u that could log in did, %u ended, %u frames handed on, "
	       "%u had no room\n",
		to - from + 1, dones, solvable, faileds, carried, losts);
	free(sim.later);
	/* most of those whose line is bad, too, or a retry does not work */
	if (dones * 10 < solvable * 9 && loss < 30)
		sim_fail("too few logins");
	return 0;
}
