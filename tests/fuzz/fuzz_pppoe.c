/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An access concentrator under any order of frames, orders and time. The clients of the script send
 * back the cookies they were given, so that the fuzzer gets past them.
 *
 * The first octet is the configuration. An instruction is one octet, its low three bits say what,
 * and as many operands as it needs; missing ones are 0:
 *	0 frame LENGTH OCTETS		(an Ethernet frame from its first octet on)
 *	1 client CODE CLIENT FLAGS	(a frame with the client's cookie)
 *	2 client CODE CLIENT LENGTH OCTETS	(the octets are its tags)
 *	3 accept SESSION
 *	4 close SESSION FLAGS
 *	5 time EXP
 *	6 port FLAGS
 *	7 configuration FLAGS
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pppoe/discovery.h"

#define CHECK(condition)                                                                           \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);            \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

#define CLIENTS	       4
#define MAX_COOKIE     32
#define CONFIG_REPLACE 1u
#define CONFIG_ANY     2u
#define CONFIG_MANY    4u /* calls of one address */
#define CONFIG_FEW     8u /* calls in all */
#define CONFIG_RATES   16u
#define CONFIG_CLOSED  32u
#define CONFIG_JUMBO   64u
#define FLAG_SERVICE   1u
#define FLAG_NO_NAME   2u
#define FLAG_HOST_UNIQ 4u
#define FLAG_OTHER     8u /* another Host-Uniq */
#define FLAG_RELAY     16u
#define FLAG_LINE      32u
#define FLAG_PAYLOAD   64u
#define FLAG_AC_NAME   128u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint8_t ac_mac[PPPOE_MAC_LEN] = { 2, 0, 0, 0, 0, 0xac };

static struct run {
	const uint8_t *at, *end;
	struct pppoe_ac *ac;
	usec_t now;
	unsigned max_sessions, wanted_sessions, sessions;
	struct {
		uint8_t cookie[MAX_COOKIE];
		uint16_t cookie_len;
	} clients[CLIENTS];
} run;

/* What the effects said of a session: 1 it is wanted, 2 it is up. */
static uint8_t known[65536];

static uint8_t octet(void)
{
	return run.at < run.end ? *run.at++ : 0;
}

static void client_mac(unsigned n, uint8_t mac[static PPPOE_MAC_LEN])
{
	memcpy(mac, "\2\0\0\0\1", 5);
	mac[5] = (uint8_t)n;
}

static void keep_cookie(const struct pppoe_frame *pado)
{
	for (unsigned i = 0; i < CLIENTS; i++) {
		uint8_t mac[PPPOE_MAC_LEN];

		client_mac(i, mac);
		if (memcmp(mac, pado->dst, PPPOE_MAC_LEN) != 0)
			continue;
		CHECK(pado->cookie.len <= MAX_COOKIE);
		memcpy(run.clients[i].cookie, pado->cookie.data, pado->cookie.len);
		run.clients[i].cookie_len = pado->cookie.len;
	}
}

static void check_frame(const struct pppoe_effect *effect)
{
	struct pppoe_frame frame;

	CHECK(effect->send.len <= PPPOE_FRAME_MAX);
	CHECK(pppoe_parse(effect->send.data, effect->send.len, &frame) == 0);
	CHECK(frame.code == effect->send.code && !(frame.dst[0] & 1));
	CHECK(memcmp(frame.src, ac_mac, 5) == 0 && frame.ac_name.len);
	switch (effect->send.code) {
	case PPPOE_PADO:
		CHECK(!frame.sid && frame.cookie.data && frame.service.data && !effect->sid);
		keep_cookie(&frame);
		break;
	case PPPOE_PADS:
		CHECK(frame.service.data && !frame.sid == !!frame.error);
		CHECK(frame.sid == effect->sid);
		if (frame.sid)
			known[frame.sid] = 2;
		break;
	case PPPOE_PADT:
		CHECK(frame.sid && frame.sid == effect->sid);
		break;
	case PPPOE_PADI:
	case PPPOE_PADR:
		CHECK(false);
		break;
	}
}

static void drain(void)
{
	const struct pppoe_effect *effect;

	while ((effect = pppoe_ac_next_effect(run.ac))) {
		switch (effect->type) {
		case PPPOE_EFFECT_SEND:
			check_frame(effect);
			break;
		case PPPOE_EFFECT_CALL_WANTED:
			CHECK(!known[effect->sid]);
			known[effect->sid] = 1;
			run.sessions++;
			break;
		case PPPOE_EFFECT_CALL_END:
			CHECK(known[effect->sid]);
			known[effect->sid] = 0;
			run.sessions--;
			break;
		}
	}
}

/* What the effects said is what there is, and no more than allowed. */
static void check_state(unsigned before, bool was_padi)
{
	unsigned count = 0, pending = 0;
	struct pppoe_stats stats;
	uint16_t sid = 0;

	while ((sid = pppoe_ac_next(run.ac, sid))) {
		struct pppoe_info info;

		CHECK(pppoe_ac_info(run.ac, sid, &info) && info.sid == sid);
		CHECK(info.max_payload >= PPPOE_PAYLOAD_STD);
		CHECK(known[sid] == (info.up ? 2 : 1));
		count++;
		pending += !info.up;
	}
	pppoe_ac_stats(run.ac, &stats);
	CHECK(count == run.sessions && stats.sessions == count && stats.pending == pending);
	CHECK(count <= run.max_sessions || count <= before);
	CHECK(!was_padi || count == before);
}

static void arrive(const uint8_t *data, size_t len)
{
	uint8_t *exact = malloc(len ? len : 1);
	struct pppoe_frame frame;
	unsigned before = run.sessions;
	bool padi;

	CHECK(exact);
	memcpy(exact, data, len);
	padi = pppoe_parse(exact, len, &frame) == 0 && frame.code == PPPOE_PADI;
	pppoe_ac_input(run.ac, run.now, 1, exact, len);
	free(exact);
	drain();
	check_state(before, padi);
}

static void do_frame(void)
{
	uint8_t buf[255], len = octet();

	for (unsigned i = 0; i < len; i++)
		buf[i] = octet();
	arrive(buf, len);
}

static uint16_t some_session(uint8_t n)
{
	uint16_t sid = 0;

	for (unsigned i = 0; i <= n % 8u; i++) {
		sid = pppoe_ac_next(run.ac, sid);
		if (!sid)
			sid = pppoe_ac_next(run.ac, 0);
	}
	return sid;
}

static void begin(struct buf_wr *wr, uint8_t *buf, unsigned *ret_client)
{
	static const uint8_t codes[] = { PPPOE_PADI, PPPOE_PADR, PPPOE_PADT, PPPOE_PADS };
	uint8_t code = octet(), client = octet(), mac[PPPOE_MAC_LEN];
	uint16_t sid = code % 4 == 2 ? some_session(code / 4) : 0;

	client_mac(client % CLIENTS, mac);
	buf_wr_init(wr, buf, PPPOE_FRAME_MAX);
	pppoe_begin(wr, ac_mac, mac, (enum pppoe_code)codes[code % 4], sid);
	*ret_client = client % CLIENTS;
}

static void put_cookie(struct buf_wr *wr, unsigned client)
{
	if (run.clients[client].cookie_len)
		pppoe_put(wr, PPPOE_TAG_AC_COOKIE,
			(struct l2tp_span){
				run.clients[client].cookie, run.clients[client].cookie_len });
}

static void do_client(void)
{
	static const uint8_t line[] = { 0, 0, 0x0d, 0xe9, 1, 1, 'e', 0x82, 4, 0, 0, 1, 0 };
	uint8_t buf[PPPOE_FRAME_MAX], flags;
	struct buf_wr wr;
	unsigned client;

	begin(&wr, buf, &client);
	flags = octet();
	if (!(flags & FLAG_NO_NAME))
		pppoe_put(
			&wr, PPPOE_TAG_SERVICE_NAME, pppoe_text(flags & FLAG_SERVICE ? "isp" : ""));
	if (flags & FLAG_HOST_UNIQ)
		pppoe_put(&wr, PPPOE_TAG_HOST_UNIQ, pppoe_text(flags & FLAG_OTHER ? "a" : "b"));
	if (flags & FLAG_RELAY)
		pppoe_put(&wr, PPPOE_TAG_RELAY_SESSION_ID, pppoe_text("relay"));
	if (flags & FLAG_LINE)
		pppoe_put(&wr, PPPOE_TAG_VENDOR, (struct l2tp_span){ line, sizeof(line) });
	if (flags & FLAG_PAYLOAD)
		pppoe_put_u16(&wr, PPPOE_TAG_MAX_PAYLOAD, (uint16_t)(1400 + flags));
	if (flags & FLAG_AC_NAME)
		pppoe_put(&wr, PPPOE_TAG_AC_NAME, pppoe_text(flags & FLAG_OTHER ? "ac" : "bc"));
	put_cookie(&wr, client);
	arrive(buf, (size_t)pppoe_end(&wr));
}

static void do_tags(void)
{
	uint8_t buf[PPPOE_FRAME_MAX], len;
	struct buf_wr wr;
	unsigned client;

	begin(&wr, buf, &client);
	put_cookie(&wr, client);
	len = octet();
	for (unsigned i = 0; i < len; i++)
		buf_wr_u8(&wr, octet());
	arrive(buf, (size_t)pppoe_end(&wr));
}

static void do_close(void)
{
	uint16_t sid = some_session(octet());
	uint8_t flags = octet();

	pppoe_ac_close(run.ac, run.now, sid,
		flags & 1 ? PPPOE_TAG_SERVICE_NAME_ERROR : PPPOE_TAG_AC_SYSTEM_ERROR,
		flags & 2 ? "because" : NULL);
	if (sid) {
		known[sid] = 0;
		run.sessions--;
	}
}

static void do_port(void)
{
	uint8_t flags = octet(), mac[PPPOE_MAC_LEN];

	memcpy(mac, ac_mac, sizeof(mac));
	if (flags & 1)
		pppoe_ac_remove_port(run.ac, 1);
	if (flags & 2)
		mac[5] ^= flags;
	CHECK(pppoe_ac_set_port(run.ac, 1, mac, flags & 4 ? 1508 : 1500) == 0);
	CHECK(pppoe_ac_set_port(run.ac, flags, mac, 1500) == 0);
}

static struct pppoe_config config_of(uint8_t flags)
{
	static const char *const services[] = { "isp", "voice" };

	run.max_sessions = flags & CONFIG_FEW ? 2 : 100;
	return (struct pppoe_config){
		.ac_name = "ac",
		.services = services,
		.service_count = flags & CONFIG_ANY ? 0 : 2,
		.any_service = flags & CONFIG_ANY,
		.max_payload = flags & CONFIG_JUMBO ? 1500 : 0,
		.max_sessions = run.max_sessions,
		.max_sessions_per_mac = flags & CONFIG_MANY ? 3 : 0,
		.replace = flags & CONFIG_REPLACE,
		.padi_rate = flags & CONFIG_RATES ? 5 : 0,
		.refusal_rate = flags & CONFIG_RATES ? 2 : 0,
		.closed = flags & CONFIG_CLOSED,
	};
}

static void do_configure(void)
{
	struct pppoe_config config = config_of(octet());

	CHECK(pppoe_ac_configure(run.ac, &config) == 0);
}

static void step(void)
{
	unsigned before = run.sessions;

	switch (octet() & 7) {
	/* those that arrive are looked at there */
	case 0:
		do_frame();
		return;
	case 1:
		do_client();
		return;
	case 2:
		do_tags();
		return;
	case 3:
		pppoe_ac_accept(run.ac, run.now, some_session(octet()));
		break;
	case 4:
		do_close();
		break;
	case 5:
		run.now += (usec_t)1000 << octet() % 20;
		break;
	case 6:
		do_port();
		break;
	case 7:
		do_configure();
		break;
	}
	drain();
	check_state(before, false);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t seed[PPPOE_SEED_LEN] = "0123456789abcdef0123456789abcde";
	struct pppoe_config config;
	struct l2tp_line line;

	if (size <= UINT16_MAX)
		pppoe_parse_line((struct l2tp_span){ data, (uint16_t)size }, &line);
	run = (struct run){ .at = data, .end = data + size, .now = USEC_PER_SEC };
	config = config_of(octet());
	run.ac = pppoe_ac_new(&config, seed);
	CHECK(run.ac);
	CHECK(pppoe_ac_set_port(run.ac, 1, ac_mac, 1500) == 0);
	while (run.at < run.end)
		step();
	for (uint16_t sid = pppoe_ac_next(run.ac, 0); sid; sid = pppoe_ac_next(run.ac, sid))
		known[sid] = 0;
	pppoe_ac_free(run.ac);
	return 0;
}
