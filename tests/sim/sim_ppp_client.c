/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim_ppp.h"

#include <string.h>

#define ACKED_MAX 64

const char client_name[] = "alice@example.net", client_password[] = "sesame";

static struct client {
	struct client_wants wants;
	bool dead, their_ack, our_ack; /* Ack received, Ack sent; both: Opened */
	uint8_t id, pap_id, algorithm; /* algorithm 0: PAP or nothing */
	uint16_t auth;
	bool logged_in; /* said who it is, as far as it knows */
	usec_t request_at, pap_at, chat_at;
	unsigned chatted;
	uint32_t magic;
	uint16_t mru;
	uint8_t extras;
	struct {
		uint8_t id, body[64];
		size_t len;
	} acked[ACKED_MAX];
	unsigned acked_count;
} client;

static void send_packet(
	uint16_t protocol, uint8_t code, uint8_t id, const uint8_t *body, size_t len)
{
	uint8_t frame[FRAME_MAX] = { (uint8_t)(protocol >> 8), (uint8_t)protocol, code, id,
		(uint8_t)((len + 4) >> 8), (uint8_t)(len + 4) };

	memcpy(frame + 6, body, len);
	sim_client_sends(frame, 6 + len);
}

/* Options that a LAC on PPPoE must not grant, or does not know. */
static const struct {
	uint8_t octets[8], len;
} extras[] = {
	{ { 7, 2 }, 2 },
	{ { 8, 2 }, 2 },
	{ { 2, 6, 0, 0, 0, 0 }, 6 },
	{ { 13, 3, 6 }, 3 },
	{ { 17, 4, 5, 220 }, 4 },
	{ { 3, 4, 0xc0, 0x23 }, 4 },
	{ { 19, 7, 1, 1, 2, 3, 4 }, 7 },
	{ { 9, 2 }, 2 },
};

static void send_request(usec_t now, bool fresh)
{
	uint8_t body[64];
	size_t len = 0;

	if (client.mru) {
		memcpy(body, (uint8_t[]){ 1, 4, (uint8_t)(client.mru >> 8), (uint8_t)client.mru },
			4);
		len = 4;
	}
	if (client.magic) {
		memcpy(body + len,
			(uint8_t[]){ 5, 6, (uint8_t)(client.magic >> 24),
				(uint8_t)(client.magic >> 16), (uint8_t)(client.magic >> 8),
				(uint8_t)client.magic },
			6);
		len += 6;
	}
	for (unsigned i = 0; i < 8; i++) {
		if (!(client.extras >> i & 1))
			continue;
		memcpy(body + len, extras[i].octets, extras[i].len);
		len += extras[i].len;
	}
	client.id = (uint8_t)(client.id + fresh);
	client.request_at = now + 3 * SEC;
	send_packet(0xc021, 1, client.id, body, len);
}

static void reset_lcp(void)
{
	client.their_ack = client.our_ack = false;
	client.logged_in = false;
	client.pap_at = USEC_INFINITY;
}

void client_start(const struct client_wants *wants, usec_t now)
{
	client = (struct client){
		.wants = *wants,
		.mru = wants->mru,
		.extras = wants->extras,
		.magic = (uint32_t)sim_below(UINT32_MAX),
		.id = (uint8_t)sim_below(256),
		.pap_at = USEC_INFINITY,
		.chat_at = USEC_INFINITY,
	};
	send_request(now, true);
}

bool client_is_open(void)
{
	return client.their_ack && client.our_ack && !client.dead;
}

bool client_has_acked(uint8_t id, const uint8_t *options, size_t len)
{
	for (unsigned i = 0; i < client.acked_count; i++)
		if (client.acked[i].id == id && client.acked[i].len == len &&
			memcmp(client.acked[i].body, options, len) == 0)
			return true;
	return false;
}

/* Any function of all that it must depend on does. */
size_t client_response(
	uint8_t algorithm, uint8_t id, const uint8_t *challenge, size_t len, uint8_t out[static 49])
{
	size_t size = algorithm == 0x81 ? 49 : 16;
	uint32_t h = UINT32_C(2166136261) ^ algorithm;

	h = (h ^ id) * 16777619u;
	for (size_t i = 0; i < len; i++)
		h = (h ^ challenge[i]) * 16777619u;
	for (size_t i = 0; i < size; i++) {
		h = (h ^ (uint32_t)i) * 16777619u;
		out[i] = (uint8_t)(h >> 24);
	}
	return size;
}

static void opened(usec_t now)
{
	if (client.auth == 0xc023)
		client.pap_at = now;
	else if (!client.auth)
		client.logged_in = true;
	if (client.wants.chatters)
		client.chat_at = now + sim_below(SEC);
}

static bool can(uint16_t auth, uint8_t algorithm)
{
	unsigned bit = auth == 0xc023	   ? CLIENT_PAP
		       : algorithm == 5	   ? CLIENT_CHAP_MD5
		       : algorithm == 0x81 ? CLIENT_MSCHAPV2
					   : 0;

	return client.wants.methods & bit;
}

/* The LAC asks for a login: 2 Ack, 3 Nak, 4 Reject. */
static uint8_t judge_auth(const uint8_t *option, uint8_t *out, size_t *ret_len)
{
	static const uint8_t offers[3][5] = { { 3, 4, 0xc0, 0x23 }, { 3, 5, 0xc2, 0x23, 5 },
		{ 3, 5, 0xc2, 0x23, 0x81 } };
	uint16_t auth = (uint16_t)(option[2] << 8 | option[3]);
	uint8_t algorithm = option[1] == 5 ? option[4] : 0;

	CHECK(option[1] == (auth == 0xc023 ? 4 : 5), "Authentication-Protocol of a wrong length");
	if (can(auth, algorithm)) {
		client.auth = auth;
		client.algorithm = algorithm;
		return 2;
	}
	if (client.wants.rejects || !client.wants.methods) {
		memcpy(out, option, option[1]);
		*ret_len = option[1];
		return 4;
	}
	for (unsigned i = 0; i < 3; i++) {
		if (!(client.wants.methods >> i & 1))
			continue;
		memcpy(out, offers[i], offers[i][1]);
		*ret_len = offers[i][1];
	}
	return 3;
}

static void remember_ack(uint8_t id, const uint8_t *body, size_t len)
{
	unsigned at = client.acked_count++ % ACKED_MAX;

	CHECK(client.acked_count <= ACKED_MAX, "the client acknowledges for ever");
	CHECK(len <= sizeof(client.acked[at].body), "request of %zu octets", len);
	client.acked[at].id = id;
	client.acked[at].len = len;
	memcpy(client.acked[at].body, body, len);
}

static void input_request(usec_t now, uint8_t id, const uint8_t *body, size_t len)
{
	uint8_t out[64], code = 2;
	size_t out_len = 0;
	bool was_open = client_is_open();

	client.auth = 0;
	client.algorithm = 0;
	for (size_t at = 0; at < len; at += body[at + 1]) {
		CHECK(at + 2 <= len && body[at + 1] >= 2 && at + body[at + 1] <= len,
			"a request that is not whole");
		/* RFC 2516 7 */
		CHECK(body[at] != 2 && body[at] != 7 && body[at] != 8, "option %u on PPPoE",
			body[at]);
		if (body[at] == 3)
			code = judge_auth(body + at, out, &out_len);
	}
	if (was_open) {
		reset_lcp();
		send_request(now, true);
	}
	client.our_ack = code == 2;
	if (code == 2) {
		remember_ack(id, body, len);
		send_packet(0xc021, 2, id, body, len);
	} else {
		send_packet(0xc021, code, id, out, out_len);
	}
	if (client_is_open())
		opened(now);
}

static void take_nak(const uint8_t *body, size_t len)
{
	for (size_t at = 0; at < len; at += body[at + 1]) {
		CHECK(body[at] == 1 || body[at] == 5, "Nak of option %u", body[at]);
		if (body[at] == 1)
			client.mru = (uint16_t)(body[at + 2] << 8 | body[at + 3]);
		if (body[at] == 5)
			client.magic = (uint32_t)sim_below(UINT32_MAX);
	}
}

static void take_reject(const uint8_t *body, size_t len)
{
	for (size_t at = 0; at < len; at += body[at + 1]) {
		CHECK(body[at] != 5, "our magic number is rejected (RFC 1661 6.4)");
		if (body[at] == 1)
			client.mru = 0;
		for (unsigned i = 0; i < 8; i++)
			if (body[at] == extras[i].octets[0])
				client.extras &= (uint8_t) ~(1u << i);
	}
}

static void input_reply(usec_t now, uint8_t code, uint8_t id, const uint8_t *body, size_t len)
{
	if (id != client.id || client.their_ack)
		return;
	if (code == 2) {
		client.their_ack = true;
		if (client_is_open())
			opened(now);
		return;
	}
	if (code == 3)
		take_nak(body, len);
	else
		take_reject(body, len);
	send_request(now, true);
}

static void input_lcp(usec_t now, const uint8_t *packet, size_t len)
{
	size_t length = (size_t)(packet[2] << 8 | packet[3]);

	CHECK(len >= 4 && length == len, "LCP of %zu octets says %zu", len, length);
	switch (packet[0]) {
	case 1:
		input_request(now, packet[1], packet + 4, len - 4);
		return;
	case 2:
	case 3:
	case 4:
		input_reply(now, packet[0], packet[1], packet + 4, len - 4);
		return;
	case 5:
		send_packet(0xc021, 6, packet[1], packet, 0);
		client.dead = true;
		return;
	case 6:
		/* to a Terminate-Request of ours; or the LAC is at its end */
		client.dead = true;
		return;
	case 10:
		CHECK(len >= 8 && packet[4 + 4] == 'e', "Echo-Reply without our data");
		return;
	}
	sim_fail("LCP code %u", packet[0]);
}

static void input_chap(usec_t now, const uint8_t *packet, size_t len)
{
	uint8_t body[128];
	size_t value;

	CHECK(len >= 5 && packet[0] == 1 && packet[4] == 16, "CHAP code %u", packet[0]);
	if (!client_is_open() || !client.algorithm)
		return;
	value = client_response(client.algorithm, packet[1], packet + 5, packet[4], body + 1);
	body[0] = (uint8_t)value;
	memcpy(body + 1 + value, client_name, strlen(client_name));
	send_packet(0xc223, 2, packet[1], body, 1 + value + strlen(client_name));
	client.logged_in = true;
}

void client_input(usec_t now, const uint8_t *frame, size_t len)
{
	uint16_t protocol = (uint16_t)(frame[0] << 8 | frame[1]);

	if (client.dead || (client.wants.dies_at && now >= client.wants.dies_at))
		return;
	if (protocol == 0xc021)
		input_lcp(now, frame + 2, len - 2);
	else if (protocol == 0xc223)
		input_chap(now, frame + 2, len - 2);
	else
		sim_fail("a frame of protocol %04x", protocol);
}

static usec_t earliest(const usec_t *times, unsigned count)
{
	usec_t first = USEC_INFINITY;

	for (unsigned i = 0; i < count; i++)
		if (times[i] && times[i] < first)
			first = times[i];
	return first;
}

usec_t client_next_timeout(void)
{
	const usec_t times[] = { client_is_open() ? 0 : client.request_at,
		client_is_open() ? client.pap_at : 0, client_is_open() ? client.chat_at : 0,
		client.wants.quit_at, client.wants.restarts_at };

	return client.dead ? USEC_INFINITY : earliest(times, 5);
}

static void send_pap(usec_t now)
{
	uint8_t body[64];
	size_t name = strlen(client_name), password = strlen(client_password);

	body[0] = (uint8_t)name;
	memcpy(body + 1, client_name, name);
	body[1 + name] = (uint8_t)password;
	memcpy(body + 2 + name, client_password, password);
	send_packet(0xc023, 1, ++client.pap_id, body, 2 + name + password);
	client.logged_in = true;
	client.pap_at = now + 3 * SEC;
}

/* Each frame is another one, so that the order can be told. */
static void chat(usec_t now)
{
	static const uint16_t protocols[] = { 0x8021, 0x8057, 0x0021, 0x80fd };
	unsigned n = client.chatted++;
	uint8_t body[3] = { (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n };

	client.chat_at = now + sim_below(400 * MSEC);
	if (sim_chance(300))
		send_packet(0xc021, 9, body[2], (const uint8_t *)"\0\0\0\1e", 5);
	else if (client.logged_in)
		send_packet(protocols[n % 4], 1, body[2], body, 3);
}

void client_timeout(usec_t now)
{
	if (client.dead || (client.wants.dies_at && now >= client.wants.dies_at)) {
		client.dead = true;
		return;
	}
	if (client.wants.quit_at && now >= client.wants.quit_at) {
		client.wants.quit_at = now + 3 * SEC;
		reset_lcp();
		send_packet(0xc021, 5, ++client.id, (const uint8_t *)"bye", 3);
		client.request_at = USEC_INFINITY;
		return;
	}
	if (client.wants.restarts_at && now >= client.wants.restarts_at) {
		client.wants.restarts_at = 0;
		reset_lcp();
		send_request(now, true);
		return;
	}
	if (!client_is_open() && now >= client.request_at) {
		send_request(now, client.their_ack);
		client.their_ack = false;
	} else if (client_is_open() && now >= client.pap_at) {
		send_pap(now);
	} else if (client_is_open() && now >= client.chat_at) {
		chat(now);
	}
}
