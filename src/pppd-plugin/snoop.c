/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pppd logs why the peer refused us or hung up, but keeps none of it, and it hands user names to
 * CHAP hooks only in a printable form ("M-C^\ber"). So look at the frames from the peer before pppd
 * does. Every length in them is the peer's claim.
 */
#include "snoop.h"

#include <string.h>

#include "compat.h"
#include "l2tpd/plugin.h"

#include "base/utf8.h" /* behind pppd's headers, of which some have a "bool" of their own */

#define FRAME_HEADER  4 /* address, control, protocol */
#define PACKET_HEADER 4 /* code, identifier, length */

#define PROTO_LCP     0xc021
#define PROTO_PAP     0xc023
#define PROTO_CHAP    0xc223

static struct {
	char name[PLUGIN_NAME_MAX]; /* as it came */
	char refusal[PLUGIN_NAME_MAX];
	char farewell[PLUGIN_WORDS_MAX];
	char rejected[PLUGIN_WORDS_MAX];
	char login[32];
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

/* Once each, as many as there is room for. */
static void keep_rejected(const char *name)
{
	size_t used = strlen(seen.rejected), len = strlen(name);

	if (strstr(seen.rejected, name) || used + len + 3 > sizeof(seen.rejected))
		return;
	slprintf(seen.rejected + used, (int)(sizeof(seen.rejected) - used), "%s%s",
		used ? ", " : "", name);
}

/* RFC 1661 6.2, RFC 1994 3, RFC 2433 3, RFC 2759 3 */
static const char *login_name(const unsigned char *value, size_t len)
{
	if (len >= 2 && value[0] == 0xc0 && value[1] == 0x23)
		return "PAP";
	if (len >= 2 && value[0] == 0xc2 && value[1] == 0x27)
		return "EAP";
	if (len < 3 || value[0] != 0xc2 || value[1] != 0x23)
		return "login";
	switch (value[2]) {
	case CHAP_MD5:
		return "CHAP with MD5";
	case CHAP_MICROSOFT:
		return "MS-CHAP version 1";
	case CHAP_MICROSOFT_V2:
		return "MS-CHAP version 2";
	}
	return "CHAP";
}

/* RFC 1661 6, RFC 1662 7.1, RFC 1570 2.3, RFC 1990 5.1 */
static const char *lcp_option_name(const unsigned char *option, size_t len)
{
	switch (option[0]) {
	case CI_MRU:
		return "MRU";
	case CI_ASYNCMAP:
		return "asyncmap";
	case CI_AUTHTYPE:
		return login_name(option + 2, len - 2);
	case CI_QUALITY:
		return "line quality";
	case CI_MAGICNUMBER:
		return "magic number";
	case CI_PCOMPRESSION:
		return "protocol compression";
	case CI_ACCOMPRESSION:
		return "address compression";
	case CI_CALLBACK:
		return "callback";
	case CI_MRRU:
		return "multilink";
	}
	return "an option of LCP";
}

static void look_at_reject(const unsigned char *data, size_t len)
{
	while (len >= 2 && data[1] >= 2 && data[1] <= len) {
		keep_rejected(lcp_option_name(data, data[1]));
		len -= data[1];
		data += data[1];
	}
}

/* RFC 1661 5.1: which login does it ask us for? */
static void look_at_request(const unsigned char *data, size_t len)
{
	seen.login[0] = '\0';
	while (len >= 2 && data[1] >= 2 && data[1] <= len) {
		if (data[0] == CI_AUTHTYPE)
			strlcpy(seen.login, login_name(data + 2, data[1] - 2u), sizeof(seen.login));
		len -= data[1];
		data += data[1];
	}
}

/* RFC 1661 5.7 */
static void look_at_protocol_reject(const unsigned char *data, size_t len)
{
	static const struct {
		int number;
		const char *name;
	} protocols[] = {
		{ PROTO_PAP, "PAP" },
		{ PROTO_CHAP, "CHAP" },
		{ 0xc227, "EAP" },
		{ 0x8021, "IPCP" },
		{ 0x8057, "IPV6CP" },
		{ 0x80fd, "CCP" },
	};
	int number;

	if (len < 2)
		return;
	number = data[0] << 8 | data[1];
	for (size_t i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++)
		if (protocols[i].number == number)
			keep_rejected(protocols[i].name);
}

static void look_at_lcp(int code, const unsigned char *data, size_t len)
{
	switch (code) {
	case CONFREQ:
		look_at_request(data, len);
		break;
	case CONFREJ:
		look_at_reject(data, len);
		break;
	case TERMREQ:
		keep_printable(seen.farewell, sizeof(seen.farewell), data, len);
		break;
	case PROTREJ:
		look_at_protocol_reject(data, len);
		break;
	}
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
		look_at_lcp(packet[0], packet + PACKET_HEADER, len);
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

const char *snoop_rejected(void)
{
	return seen.rejected;
}

const char *snoop_login(void)
{
	return seen.login;
}
