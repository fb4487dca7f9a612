/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pppd logs why the peer refused us or hung up, but keeps none of it, and it hands user names to
 * CHAP hooks only in a printable form ("M-C^\ber"). So look at the frames from the peer before pppd
 * does. Every length in them is the peer's claim.
 */
#include <string.h>

#include "plugin_priv.h"

#include "base/utf8.h" /* behind pppd's headers, of which some have a "bool" of their own */

#define FRAME_HEADER  4 /* address, control, protocol */
#define PACKET_HEADER 4 /* code, identifier, length */

#define PROTO_LCP     0xc021
#define PROTO_PAP     0xc023
#define PROTO_CHAP    0xc223

static struct {
	char name[PLUGIN_NAME_MAX]; /* as it came */
	char refusal[PLUGIN_NAME_MAX];
	char farewell[PLUGIN_NAME_MAX];
} seen;

static void (*next_hook)(unsigned char *frame, int len);

static void keep_printable(char *dst, size_t size, const unsigned char *text, size_t len)
{
	slprintf(dst, (int)size, "%.*v", (int)len, text);
}

/* A name with a NUL in it is no name we could look up: keep none, pppd's form is used then. */
static void keep_name(const unsigned char *name, size_t len)
{
	seen.name[0] = '\0';
	if (len >= sizeof(seen.name) || memchr(name, '\0', len))
		return;
	memcpy(seen.name, name, len);
	seen.name[len] = '\0';
}

/* RFC 1334 2.2: lengths of a byte each before the strings they belong to. */
static void look_at_pap(int code, const unsigned char *data, size_t len)
{
	if (len < 1 || data[0] > len - 1)
		return;
	if (code == UPAP_AUTHREQ)
		keep_name(data + 1, data[0]);
	else if (code == UPAP_AUTHNAK)
		keep_printable(seen.refusal, sizeof(seen.refusal), data + 1, data[0]);
}

/* RFC 1994 4.1, 4.2 */
static void look_at_chap(int code, const unsigned char *data, size_t len)
{
	if (code == CHAP_FAILURE)
		keep_printable(seen.refusal, sizeof(seen.refusal), data, len);
	else if (code == CHAP_RESPONSE && len >= 1 && data[0] <= len - 1)
		keep_name(data + 1 + data[0], len - 1 - data[0]);
}

static void look_at(const unsigned char *frame, size_t len)
{
	const unsigned char *packet = frame + FRAME_HEADER;
	size_t claimed;

	if (len < FRAME_HEADER + PACKET_HEADER)
		return;
	len -= FRAME_HEADER;
	claimed = (size_t)packet[2] << 8 | packet[3];
	if (claimed < PACKET_HEADER || claimed > len)
		return;
	len = claimed - PACKET_HEADER;
	switch (frame[2] << 8 | frame[3]) {
	case PROTO_LCP:
		if (packet[0] == TERMREQ)
			keep_printable(
				seen.farewell, sizeof(seen.farewell), packet + PACKET_HEADER, len);
		break;
	case PROTO_PAP:
		look_at_pap(packet[0], packet + PACKET_HEADER, len);
		break;
	case PROTO_CHAP:
		look_at_chap(packet[0], packet + PACKET_HEADER, len);
		break;
	}
}

static void snoop(unsigned char *frame, int len)
{
	if (len > 0)
		look_at(frame, (size_t)len);
	if (next_hook)
		next_hook(frame, len);
}

void snoop_start(void)
{
	next_hook = snoop_recv_hook;
	snoop_recv_hook = snoop;
}

void snoop_reset(void)
{
	memset(&seen, 0, sizeof(seen));
}

const char *snoop_peer_name(const char *printable)
{
	char ours[PLUGIN_NAME_MAX];

	/* Not the name pppd speaks of: "remotename" or "chapms-strip-domain" changed it. */
	keep_printable(ours, sizeof(ours), (const unsigned char *)seen.name, strlen(seen.name));
	if (strcmp(ours, printable) != 0 || !utf8_is_name(seen.name, strlen(seen.name)))
		return printable;
	return seen.name;
}

const char *snoop_refusal(void)
{
	return seen.refusal;
}

const char *snoop_farewell(void)
{
	return seen.farewell;
}
