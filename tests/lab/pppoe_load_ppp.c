/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A client's PPP: RFC 1661, RFC 1334 (PAP), RFC 1994 (CHAP), RFC 1332 (IPCP). */
#include "pppoe_load_ppp.h"

#include <nettle/md5.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define IPCP 0x8021
#define LCP  0xc021
#define PAP  0xc023
#define CHAP 0xc223

/* RFC 1661 5 */
enum code {
	CONF_REQ = 1,
	CONF_ACK,
	CONF_NAK,
	CONF_REJ,
	TERM_REQ,
	TERM_ACK,
	PROTO_REJ = 8,
	ECHO_REQ,
	ECHO_REPLY,
};

static uint16_t get16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

static void put16(uint8_t *at, unsigned value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

/* A packet of a control protocol; what has no room is lost, as frames may be. */
static void send_packet(struct load_ppp *ppp, uint16_t protocol, uint8_t code, uint8_t id,
	const void *data, size_t len)
{
	size_t all = 2 + 4 + len;
	uint8_t *at = ppp->out + ppp->out_len;

	if (2 + all > sizeof(ppp->out) - ppp->out_len)
		return;
	put16(at, (unsigned)all);
	put16(at + 2, protocol);
	at[4] = code;
	at[5] = id;
	put16(at + 6, (unsigned)(4 + len));
	if (len)
		memcpy(at + 8, data, len);
	ppp->out_len += 2 + all;
}

static void send_request(struct load_ppp *ppp)
{
	/* MRU 1492, magic number; IP address */
	uint8_t lcp[] = { 1, 4, 0x05, 0xd4, 5, 6, 0, 0, 0, 0 }, ipcp[] = { 3, 6, 0, 0, 0, 0 };

	memcpy(lcp + 6, &ppp->magic, 4);
	memcpy(ipcp + 2, &ppp->address, 4);
	if (ppp->phase == LOAD_PPP_LCP)
		send_packet(ppp, LCP, CONF_REQ, ++ppp->id, lcp, ppp->plain ? 0 : sizeof(lcp));
	else
		send_packet(ppp, IPCP, CONF_REQ, ++ppp->id, ipcp, ppp->plain ? 0 : sizeof(ipcp));
}

static void send_pap(struct load_ppp *ppp)
{
	size_t user = strlen(ppp->user), password = strlen(ppp->password);
	uint8_t data[200];

	data[0] = (uint8_t)user;
	memcpy(data + 1, ppp->user, user);
	data[1 + user] = (uint8_t)password;
	memcpy(data + 2 + user, ppp->password, password);
	send_packet(ppp, PAP, 1, ++ppp->id, data, 2 + user + password);
}

static void enter_phase(struct load_ppp *ppp, enum load_phase phase)
{
	ppp->phase = phase;
	ppp->ours_acked = ppp->theirs_acked = ppp->plain = false;
	if (phase == LOAD_PPP_LCP || phase == LOAD_PPP_IPCP)
		send_request(ppp);
	else if (phase == LOAD_PPP_AUTH && ppp->auth == PAP)
		send_pap(ppp);
}

void load_ppp_start(struct load_ppp *ppp, const char *login, const char *number)
{
	const char *colon = strchr(login, ':'), *mark = strstr(login, "%u");

	*ppp = (struct load_ppp){ .magic = (uint32_t)random() };
	if (colon && mark && mark < colon)
		snprintf(ppp->user, sizeof(ppp->user), "%.*s%s%.*s", (int)(mark - login), login,
			number, (int)(colon - mark - 2), mark + 2);
	else
		snprintf(ppp->user, sizeof(ppp->user), "%.*s",
			(int)(colon ? colon - login : (long)strlen(login)), login);
	snprintf(ppp->password, sizeof(ppp->password), "%s", colon ? colon + 1 : "");
	enter_phase(ppp, LOAD_PPP_LCP);
}

static void both_acked(struct load_ppp *ppp)
{
	if (!ppp->ours_acked || !ppp->theirs_acked)
		return;
	if (ppp->phase == LOAD_PPP_IPCP)
		ppp->phase = LOAD_PPP_UP;
	else
		enter_phase(ppp, ppp->auth ? LOAD_PPP_AUTH : LOAD_PPP_IPCP);
}

/* What we think of one option: CONF_ACK, CONF_NAK or CONF_REJ. */
static enum code judge_option(struct load_ppp *ppp, uint16_t protocol, const uint8_t *o)
{
	if (protocol == IPCP)
		return o[0] == 3 ? CONF_ACK : CONF_REJ;
	if (o[0] == 1 || o[0] == 5)
		return CONF_ACK;
	if (o[0] != 3 || o[1] < 4)
		return CONF_REJ;
	if (get16(o + 2) != PAP && (get16(o + 2) != CHAP || o[1] != 5 || o[4] != 5))
		return CONF_NAK;
	ppp->auth = get16(o + 2);
	return CONF_ACK;
}

/* RFC 1661 5.1: reject comes first, then nak, then all is well. */
static void answer_request(
	struct load_ppp *ppp, uint16_t protocol, uint8_t id, const uint8_t *data, size_t len)
{
	static const uint8_t chap_md5[] = { 3, 5, 0xc2, 0x23, 5 };
	uint8_t rejected[500];
	size_t rejected_len = 0;
	bool nak = false;

	if (len > sizeof(rejected))
		return;
	if (protocol == LCP)
		ppp->auth = 0;
	for (size_t at = 0; at < len; at += data[at + 1]) {
		enum code verdict;

		if (len - at < 2 || data[at + 1] < 2 || data[at + 1] > len - at)
			return;
		verdict = judge_option(ppp, protocol, data + at);
		nak |= verdict == CONF_NAK;
		if (verdict != CONF_REJ)
			continue;
		memcpy(rejected + rejected_len, data + at, data[at + 1]);
		rejected_len += data[at + 1];
	}
	if (rejected_len)
		send_packet(ppp, protocol, CONF_REJ, id, rejected, rejected_len);
	else if (nak)
		send_packet(ppp, protocol, CONF_NAK, id, chap_md5, sizeof(chap_md5));
	else
		send_packet(ppp, protocol, CONF_ACK, id, data, len);
	ppp->theirs_acked = !rejected_len && !nak;
}

static void not_liked(struct load_ppp *ppp, uint8_t code, const uint8_t *data, size_t len)
{
	if (ppp->phase == LOAD_PPP_IPCP && code == CONF_NAK && len >= 6 && data[0] == 3)
		memcpy(&ppp->address, data + 2, 4);
	else
		ppp->plain = true;
	send_request(ppp);
}

/* Options of LCP or IPCP. */
static void configure(struct load_ppp *ppp, uint16_t protocol, uint8_t code, uint8_t id,
	const uint8_t *data, size_t len)
{
	enum load_phase phase = protocol == LCP ? LOAD_PPP_LCP : LOAD_PPP_IPCP;

	/* the server begins anew, as an LNS does behind a LAC that spoke LCP before it */
	if (code == CONF_REQ && ppp->phase > phase)
		enter_phase(ppp, phase);
	/* the word that the login was good was lost */
	if (code == CONF_REQ && protocol == IPCP && ppp->phase == LOAD_PPP_AUTH)
		enter_phase(ppp, phase);
	if (ppp->phase != phase)
		return;
	if (code == CONF_REQ)
		answer_request(ppp, protocol, id, data, len);
	else if (id == ppp->id && code == CONF_ACK)
		ppp->ours_acked = true;
	else if (id == ppp->id)
		not_liked(ppp, code, data, len);
	both_acked(ppp);
}

static void input_lcp(
	struct load_ppp *ppp, uint8_t code, uint8_t id, const uint8_t *data, size_t len)
{
	uint8_t echo[200];

	switch (code) {
	case CONF_REQ:
	case CONF_ACK:
	case CONF_NAK:
	case CONF_REJ:
		configure(ppp, LCP, code, id, data, len);
		break;
	case TERM_REQ:
		send_packet(ppp, LCP, TERM_ACK, id, NULL, 0);
		ppp->phase = LOAD_PPP_OVER;
		break;
	case ECHO_REQ:
		if (len < 4 || len > sizeof(echo))
			break;
		memcpy(echo, data, len);
		memcpy(echo, &ppp->magic, 4);
		send_packet(ppp, LCP, ECHO_REPLY, id, echo, len);
		break;
	}
}

static void answer_challenge(struct load_ppp *ppp, uint8_t id, const uint8_t *data, size_t len)
{
	uint8_t response[1 + MD5_DIGEST_SIZE + sizeof(ppp->user)] = { MD5_DIGEST_SIZE };
	size_t user = strlen(ppp->user);
	struct md5_ctx md5;

	if (!len || data[0] > len - 1)
		return;
	md5_init(&md5);
	md5_update(&md5, 1, &id);
	md5_update(&md5, strlen(ppp->password), (const uint8_t *)ppp->password);
	md5_update(&md5, data[0], data + 1);
	md5_digest(&md5, MD5_DIGEST_SIZE, response + 1);
	memcpy(response + 1 + MD5_DIGEST_SIZE, ppp->user, user);
	send_packet(ppp, CHAP, 2, id, response, 1 + MD5_DIGEST_SIZE + user);
}

static void input_auth(struct load_ppp *ppp, uint16_t protocol, uint8_t code, uint8_t id,
	const uint8_t *data, size_t len)
{
	uint8_t good = protocol == PAP ? 2 : 3;

	if (protocol == CHAP && code == 1)
		answer_challenge(ppp, id, data, len);
	else if (ppp->phase == LOAD_PPP_AUTH && code == good)
		enter_phase(ppp, LOAD_PPP_IPCP);
	else if (ppp->phase == LOAD_PPP_AUTH && code == good + 1)
		ppp->phase = LOAD_PPP_OVER;
}

void load_ppp_input(struct load_ppp *ppp, const uint8_t *frame, size_t len)
{
	uint16_t protocol, length;

	if (len < 6 || ppp->phase == LOAD_PPP_OVER)
		return;
	protocol = get16(frame);
	length = get16(frame + 4);
	if (protocol < 0x8000)
		return; /* data */
	if (protocol != LCP && protocol != PAP && protocol != CHAP && protocol != IPCP) {
		send_packet(ppp, LCP, PROTO_REJ, ++ppp->reject_id, frame, len < 100 ? len : 100);
		return;
	}
	if (length < 4 || length > len - 2)
		return;
	if (protocol == LCP)
		input_lcp(ppp, frame[2], frame[3], frame + 6, length - 4u);
	else if (protocol != IPCP)
		input_auth(ppp, protocol, frame[2], frame[3], frame + 6, length - 4u);
	else if (frame[2] >= CONF_REQ && frame[2] <= CONF_REJ)
		configure(ppp, IPCP, frame[2], frame[3], frame + 6, length - 4u);
}

void load_ppp_again(struct load_ppp *ppp)
{
	if (ppp->phase == LOAD_PPP_LCP || ppp->phase == LOAD_PPP_IPCP)
		send_request(ppp);
	else if (ppp->phase == LOAD_PPP_AUTH && ppp->auth == PAP)
		send_pap(ppp);
}

size_t load_ppp_next(struct load_ppp *ppp, uint8_t *buf, size_t size)
{
	size_t len;

	if (ppp->out_at == ppp->out_len) {
		ppp->out_at = ppp->out_len = 0;
		return 0;
	}
	len = get16(ppp->out + ppp->out_at);
	if (len > size)
		len = size;
	memcpy(buf, ppp->out + ppp->out_at + 2, len);
	ppp->out_at += 2 + get16(ppp->out + ppp->out_at);
	return len;
}

bool load_ppp_is_up(const struct load_ppp *ppp)
{
	return ppp->phase == LOAD_PPP_UP;
}

bool load_ppp_is_over(const struct load_ppp *ppp)
{
	return ppp->phase == LOAD_PPP_OVER;
}
