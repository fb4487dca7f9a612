/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a RADIUS server sends. The octets are an answer as it is on the wire (its authenticators
 * cannot be right but by chance), and, without the header, attributes of an answer that was proven.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "radius/packet.h"
#include "radius/reply.h"

#define CHECK(condition)                                                                           \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);            \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint8_t vector[RADIUS_VECTOR_LEN] = { 1, 2, 3 };

static void check_name(const char *text)
{
	CHECK(!text || (*text && utf8_is_name(text, strlen(text))));
}

static void check_tunnels(const struct radius_reply *reply)
{
	CHECK(reply->tunnel_count + reply->unusable <= RADIUS_TUNNELS_MAX);
	CHECK(!reply->unusable == !*reply->problem);
	for (size_t i = 0; i < reply->tunnel_count; i++) {
		const struct radius_tunnel *tunnel = &reply->tunnels[i];

		CHECK(tunnel->server && !strchr(tunnel->server, ' '));
		CHECK(i == 0 || tunnel[-1].preference <= tunnel->preference);
		CHECK(!tunnel->secret || *tunnel->secret);
		check_name(tunnel->server);
		check_name(tunnel->client);
		check_name(tunnel->client_name);
		check_name(tunnel->server_name);
		check_name(tunnel->assignment);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t name[] = { RADIUS_USER_NAME, 3, 'a' };
	struct radius_packet request, answer = { .len = size };
	struct radius_reply reply;
	int r;

	if (size > sizeof(answer.data))
		return 0;
	memcpy(answer.data, data, size);
	CHECK(packet_build(&request, RADIUS_ACCESS_REQUEST, size > 1 ? data[1] : 0, vector, name,
		      sizeof(name), "s") == 0);
	packet_check(&answer, &request, "s");
	if (size < RADIUS_HEADER_LEN)
		return 0;
	r = radius_reply_read(
		&reply, data + RADIUS_HEADER_LEN, size - RADIUS_HEADER_LEN, "s", vector);
	CHECK(utf8_is_name(reply.message, strlen(reply.message)));
	check_tunnels(&reply);
	CHECK(r == 0 || (!reply.tunnel_count && !reply.class_count));
	radius_reply_clear(&reply);
	return 0;
}
