/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "login.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "numbers.h"

void login_init(struct login *login, const char *own_name, const struct l2tp_env *env,
	const struct cp_limits *limits, struct outbox *outbox)
{
	*login = (struct login){
		.outbox = outbox,
		.env = *env,
		.own_name = own_name,
		.restart = limits->restart,
		.deadline = USEC_INFINITY,
		.max_tries = limits->max_configure,
	};
	/* RFC 1994 4.1: not the one of a challenge before, on a line that had one */
	env->random(env->user, &login->next_id, sizeof(login->next_id));
}

void login_clear(struct login *login)
{
	if (login->bytes)
		explicit_bzero(login->bytes, login->size);
	free(login->bytes);
	login->bytes = NULL;
	login->answer = (struct login_answer){ 0 };
}

static void send_challenge(struct login *login)
{
	uint8_t body[1 + CHAP_CHALLENGE_LEN + UINT8_MAX];
	size_t name_len = strnlen(login->own_name, UINT8_MAX);

	body[0] = CHAP_CHALLENGE_LEN;
	memcpy(body + 1, login->challenge, CHAP_CHALLENGE_LEN);
	memcpy(body + 1 + CHAP_CHALLENGE_LEN, login->own_name, name_len);
	outbox_packet(login->outbox, PPP_PROTO_CHAP, CHAP_CHALLENGE, login->id, body,
		1 + CHAP_CHALLENGE_LEN + name_len);
}

static bool is_chap(const struct login *login)
{
	return ppp_method_protocol(login->method) == PPP_PROTO_CHAP;
}

void login_start(struct login *login, usec_t now, enum ppp_method method)
{
	login_clear(login);
	login->method = method;
	login->waiting = true;
	login->tries = 1;
	login->deadline = now + login->restart;
	if (!is_chap(login))
		return;
	/* RFC 1994 4.1: another Identifier and another value for another challenge */
	login->id = login->next_id++;
	login->env.random(login->env.user, login->challenge, sizeof(login->challenge));
	send_challenge(login);
}

void login_stop(struct login *login)
{
	login->waiting = false;
	login->deadline = USEC_INFINITY;
}

enum login_news login_timeout(struct login *login, usec_t now)
{
	if (now < login->deadline)
		return LOGIN_NOTHING;
	if (login->tries >= login->max_tries) {
		login_stop(login);
		return LOGIN_SILENCE;
	}
	login->tries++;
	login->deadline = now + login->restart;
	if (is_chap(login))
		send_challenge(login);
	return LOGIN_NOTHING;
}

static enum login_news keep(struct login *login, uint8_t id, const uint8_t *name, size_t name_len,
	const uint8_t *response, size_t response_len)
{
	if (name_len > LOGIN_NAME_MAX)
		return LOGIN_TOO_LONG;
	/* an octet more, so that the AVP of an empty name or password is there, too */
	login->size = name_len + response_len + 1;
	login->bytes = malloc(login->size);
	if (!login->bytes)
		return LOGIN_NOTHING; /* the client says it again */
	memcpy(login->bytes, name, name_len);
	memcpy(login->bytes + name_len, response, response_len);
	login->answer = (struct login_answer){
		.name = { login->bytes, (uint16_t)name_len },
		.response = { login->bytes + name_len, (uint16_t)response_len },
		.id = id,
	};
	login_stop(login);
	return LOGIN_READ;
}

/* RFC 1334 2.2.1: length and octets of the name, then of the password. */
static enum login_news input_pap(struct login *login, const struct cp_packet *packet)
{
	const uint8_t *data = packet->data;
	size_t name_len, password_len;

	if (packet->code != PAP_REQUEST || packet->len < 2)
		return LOGIN_NOTHING;
	name_len = data[0];
	if (2 + name_len > packet->len)
		return LOGIN_NOTHING;
	password_len = data[1 + name_len];
	if (2 + name_len + password_len > packet->len)
		return LOGIN_NOTHING;
	return keep(login, packet->id, data + 1, name_len, data + 2 + name_len, password_len);
}

/* RFC 1994 4.1: length and octets of the Value, then the name. */
static enum login_news input_chap(struct login *login, const struct cp_packet *packet)
{
	size_t value_len =
		login->method == PPP_METHOD_MSCHAPV2 ? CHAP_MSCHAPV2_VALUE : CHAP_MD5_VALUE;

	if (packet->code != CHAP_RESPONSE || packet->id != login->id)
		return LOGIN_NOTHING;
	if (packet->len < 1 + value_len || packet->data[0] != value_len)
		return LOGIN_NOTHING;
	return keep(login, packet->id, packet->data + 1 + value_len, packet->len - 1 - value_len,
		packet->data + 1, value_len);
}

enum login_news login_input(struct login *login, uint16_t protocol, const uint8_t *data, size_t len)
{
	struct cp_packet packet;

	if (!login->waiting || protocol != ppp_method_protocol(login->method))
		return LOGIN_NOTHING;
	if (!cp_parse(data, len, &packet))
		return LOGIN_NOTHING;
	return is_chap(login) ? input_chap(login, &packet) : input_pap(login, &packet);
}

/* RFC 1334 2.2.2 */
static void refuse_pap(struct login *login, const char *message)
{
	uint8_t body[1 + UINT8_MAX];
	size_t len = strnlen(message, UINT8_MAX);

	body[0] = (uint8_t)len;
	memcpy(body + 1, message, len);
	outbox_packet(login->outbox, PPP_PROTO_PAP, PAP_NAK, login->answer.id, body, 1 + len);
}

/*
 * RFC 2759 6: 691 is ERROR_AUTHENTICATION_FAILURE, no other try is allowed, and the challenge for
 * one must be there all the same.
 */
static void refuse_mschapv2(struct login *login, const char *message)
{
	char body[512], hex[2 * CHAP_CHALLENGE_LEN + 1];
	uint8_t fresh[CHAP_CHALLENGE_LEN];
	int len;

	login->env.random(login->env.user, fresh, sizeof(fresh));
	for (unsigned i = 0; i < sizeof(fresh); i++)
		snprintf(hex + 2 * i, 3, "%02X", fresh[i]);
	len = snprintf(body, sizeof(body), "E=691 R=0 C=%s V=3 M=%.200s", hex, message);
	outbox_packet(
		login->outbox, PPP_PROTO_CHAP, CHAP_FAILURE, login->answer.id, body, (size_t)len);
}

void login_refuse(struct login *login, const char *message)
{
	assert(login->bytes);
	switch (login->method) {
	case PPP_METHOD_MSCHAPV2:
		refuse_mschapv2(login, message);
		break;
	case PPP_METHOD_CHAP_MD5:
		outbox_packet(login->outbox, PPP_PROTO_CHAP, CHAP_FAILURE, login->answer.id,
			message, strnlen(message, UINT8_MAX));
		break;
	case PPP_METHOD_PAP:
		refuse_pap(login, message);
		break;
	}
}
