/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Datagrams in words: what is said and what is never said. Anybody's octets: test_describe_any.c.
 */
#include "describe_rig.h"

#include <stdio.h>

#include "msg_samples.h"

#define RV "8016 0000 0024 000102030405060708090a0b0c0d0e0f "

/* The attributes, verdict and deviations, without the head. */
static const char *after_head(const char *text)
{
	const char *colon = strstr(text, " octets");

	return colon ? colon + strlen(" octets") : text;
}

static const char *const sample_words[SAMPLES] = {
	"SCCRQ tunnel 4097 ns 5 nr 7, 128 octets: Protocol Version 1.0; "
	"Framing Capabilities sync+async; Bearer Capabilities none; Tie Breaker 0x102030405060708; "
	"Firmware Revision 0x690; Host Name \"lac\"; Vendor Name \"l2tpd\"; "
	"Assigned Tunnel ID 4660; Receive Window Size 8; Challenge 16 octets",
	"SCCRP tunnel 4097 ns 5 nr 7, 116 octets: Protocol Version 1.0; "
	"Framing Capabilities sync+async; Bearer Capabilities digital+analog; "
	"Firmware Revision 0x690; Host Name \"lac\"; Vendor Name \"\"; Assigned Tunnel ID 4660; "
	"Receive Window Size 4; Challenge 1 octet; Challenge Response 16 octets",
	"SCCCN tunnel 4097 ns 5 nr 7, 42 octets: Challenge Response 16 octets",
	"StopCCN tunnel 4097 ns 5 nr 7, 42 octets: Result Code 2 (general error), "
	"error 6 (vendor-specific error), \"oops\"; Assigned Tunnel ID 4660",
	"HELLO tunnel 4097 ns 5 nr 7, 20 octets",
	"OCRQ tunnel 4097 ns 5 nr 7, 95 octets: Assigned Session ID 22136; Call Serial Number 7; "
	"Minimum BPS 9600 bit/s; Maximum BPS 2147483647 bit/s; Bearer Type digital+analog; "
	"Framing Type sync+async; Called Number \"123\"; Sub-Address \"47\"",
	"OCRP tunnel 4097 ns 5 nr 7, 38 octets: Assigned Session ID 22136; Physical Channel ID 0x9",
	"OCCN tunnel 4097 ns 5 nr 7, 56 octets: Framing Type sync; "
	"Tx Connect Speed 10000000 bit/s; Rx Connect Speed 64000 bit/s; Sequencing Required yes",
	"ICRQ tunnel 4097 ns 5 nr 7, 80 octets: Assigned Session ID 22136; Call Serial Number 7; "
	"Bearer Type none; Called Number \"\"; Calling Number \"456\"; Sub-Address \"0\"; "
	"Physical Channel ID 0x9",
	"ICRP tunnel 4097 ns 5 nr 7, 28 octets: Assigned Session ID 22136",
	"ICCN tunnel 4097 ns 5 nr 7, 140 octets: Framing Type sync; "
	"Tx Connect Speed 10000000 bit/s; Rx Connect Speed 64000 bit/s; Private Group ID \"vpf\"; "
	"Sequencing Required yes; Initial Received LCP CONFREQ MRU 1492; "
	"Last Sent LCP CONFREQ MRU 1500; Last Received LCP CONFREQ auth PAP; "
	"Proxy Authen Type 2 (CHAP); Proxy Authen Name \"bob\"; Proxy Authen Challenge 4 octets; "
	"Proxy Authen ID 17; Proxy Authen Response 4 octets",
	"CDN tunnel 4097 ns 5 nr 7, 64 octets: Result Code 3 (administrative reasons); "
	"Q.931 Cause Code 16, message 0x45, \"bye\"; Assigned Session ID 22136; "
	"PPP Disconnect Cause Code 3 (LCP Terminate-Request), LCP, at the sender's peer, \"bye\"",
	"WEN tunnel 4097 ns 5 nr 7, 52 octets: Call Errors CRC 1, framing 2, hardware overruns 3, "
	"buffer overruns 4, time-outs 5, alignment 6",
	"SLI tunnel 4097 ns 5 nr 7, 36 octets: ACCM send 0xffffffff, receive 0x000a0000",
	"ICRQ tunnel 4097 ns 5 nr 7, 260 octets: Assigned Session ID 22136; Call Serial Number 7; "
	"Connect Speed Update Enable yes; Agent Circuit Id \"eth 1/2:100\"; "
	"Agent Remote Id \"rm42\"; Actual Data Rate Upstream 512000 bit/s; "
	"Actual Data Rate Downstream 8000000 bit/s; Minimum Data Rate Upstream 64000 bit/s; "
	"Minimum Data Rate Downstream 128000 bit/s; Attainable Data Rate Upstream 1024000 bit/s; "
	"Attainable Data Rate Downstream 24000000 bit/s; Maximum Data Rate Upstream 1000000 bit/s; "
	"Maximum Data Rate Downstream 16000000 bit/s; "
	"Minimum Data Rate Upstream in low power state 32000 bit/s; "
	"Minimum Data Rate Downstream in low power state 64000 bit/s; "
	"Maximum Interleaving Delay Upstream 16 ms; Actual Interleaving Delay Upstream 8 ms; "
	"Maximum Interleaving Delay Downstream 32 ms; Actual Interleaving Delay Downstream 4 ms; "
	"Access Loop Encapsulation Ethernet, single-tagged, Ethernet over AAL5 LLC without FCS",
	"CSUN tunnel 4097 ns 5 nr 7, 56 octets: "
	"Connect Speed Update session 22136, tx 10000000 bit/s, rx 64000 bit/s; "
	"Connect Speed Update session 22137, tx 1000000 bit/s, rx 1000000 bit/s",
	"CSURQ tunnel 4097 ns 5 nr 7, 38 octets: "
	"Connect Speed Update session 22136, tx 0 bit/s, rx 0 bit/s",
};

static void test_every_message(void **state)
{
	for (size_t i = 0; i < SAMPLES; i++)
		assert_string_equal(words_of(samples[i].avps, NULL), sample_words[i]);
}

/* An attribute that is added to the table has to be added here. */
static void test_every_attribute_is_among_them(void **state)
{
	for (unsigned type = 1; type <= L2TP_AVP_TYPE_MAX; type++) {
		const char *name = l2tp_avp_name(type);
		bool found = type == L2TP_AVP_RANDOM_VECTOR || strcmp(name, "unknown") == 0;

		for (size_t i = 0; i < SAMPLES; i++)
			found = found || strstr(sample_words[i], name);
		if (!found)
			fail_msg("no words for %s", name);
	}
}

struct golden {
	const char *avps, *words;
};

static void check(const struct golden *rows, size_t count, const struct l2tp_secret *with)
{
	for (size_t i = 0; i < count; i++)
		assert_string_equal(after_head(words_of(rows[i].avps, with)), rows[i].words);
}
#define CHECK(rows, with) check(rows, sizeof(rows) / sizeof((rows)[0]), with)

static void test_values(void **state)
{
	static const struct golden rows[] = {
		{ ICCN "000a 0000 0026 30303030",
			": Tx Connect Speed 10000000 bit/s; Framing Type sync; "
			"Rx Connect Speed 808464432 bit/s" },
		{ TYPE("000c") "800b 0000 0018 3634303030" FRAMING_TYPE,
			": Tx Connect Speed 64000 bit/s; Framing Type sync [text-speed]" },
		{ TYPE("0008") SESSION_ID "000a 0000 0019 00000009",
			": Assigned Session ID 22136; Physical Channel ID 0x9" },
		{ TYPE("000c") TX_SPEED "800a 0000 0013 80000002",
			": Tx Connect Speed 10000000 bit/s; Framing Type async+0x80000000 "
			"[framing-type]" },
		{ TYPE("000c") TX_SPEED "800a 0000 0013 00000000",
			": Tx Connect Speed 10000000 bit/s; Framing Type none [framing-type]" },
		{ TYPE("000c") TX_SPEED "800a 0000 0013 00000010",
			": Tx Connect Speed 10000000 bit/s; Framing Type 0x10 [framing-type]" },
		{ TYPE("0004") "800a 0000 0001 0005 0100" TUNNEL_ID,
			": Result Code 5 (protocol version not supported), highest version 1.0; "
			"Assigned Tunnel ID 4660" },
		{ TYPE("0004") "8008 0000 0001 0006" TUNNEL_ID,
			": Result Code 6 (shutting down); Assigned Tunnel ID 4660 [short-result]" },
		{ TYPE("000e") "800a 0000 0001 0063 0007" SESSION_ID,
			": Result Code 99 (unknown), error 7; Assigned Session ID 22136" },
		{ TYPE("000e") "800a 0000 0001 0200 0800" SESSION_ID,
			": Result Code 2 (general error), error 8 (unknown mandatory attribute); "
			"Assigned Session ID 22136 [swapped-result]" },
		{ CDN "000b 0000 002e 0010 c023 02",
			": Result Code 2 (general error), error 6 (vendor-specific error); "
			"Assigned Session ID 22136; "
			"PPP Disconnect Cause Code 16 (authentication failed), PAP, at the "
			"sender" },
		{ CDN "000b 0000 002e 0063 1234 07",
			": Result Code 2 (general error), error 6 (vendor-specific error); "
			"Assigned Session ID 22136; "
			"PPP Disconnect Cause Code 99 (unknown), protocol 0x1234, direction 7" },
	};

	CHECK(rows, NULL);
}

static void test_lcp_options(void **state)
{
	static const struct golden rows[] = {
		{ "0006 0000 001a", "no options" },
		{ "0022 0000 001a 0206000a0000 0305c22381 050612345678 0702 0802 110405dc 0d0306",
			"ACCM 0x000a0000, auth CHAP-MSv2, magic 0x12345678, PFC, ACFC, MRRU 1500, "
			"option 13" },
		{ "000b 0000 001a 0305c22305", "auth CHAP-MD5" },
		{ "000b 0000 001a 0305c22380", "auth CHAP-MSv1" },
		{ "000a 0000 001a 0304c227", "auth EAP" },
		{ "000a 0000 001a 0304beef", "auth protocol 0xbeef" },
		{ "0009 0000 001a 010305",
			"MRU 0 (offset 36: has an LCP option that is too short)" },
		{ "0007 0000 001a 01", " (offset 36: is not LCP options to its end)" },
		{ "0008 0000 001a 0700", " (offset 36: is not LCP options to its end)" },
		{ "0008 0000 001a 0705", " (offset 36: is not LCP options to its end)" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char avps[400];
		const char *at;

		snprintf(avps, sizeof(avps), "%s%s",
			TYPE("000c") FRAMING_TYPE "8006 0000 0027 "
						  "",
			rows[i].avps);
		at = strstr(words_of(avps, NULL), "LCP CONFREQ");
		assert_non_null(at);
		at += strlen("LCP CONFREQ");
		if (*rows[i].words != ' ' && at[0] == ' ')
			at++;
		if (strncmp(at, rows[i].words, strlen(rows[i].words)) != 0)
			fail_msg("%s: \"%s\"", rows[i].words, at);
	}
}

static const struct golden not_as_it_should_be[] = {
	/* unknown ones: M is what matters */
	{ TYPE("0006") "000a 0000 0063 deadbeef", ": attribute 99 deadbeef [unknown-optional]" },
	{ TYPE("0006") "800a 0009 002a deadbeef",
		": vendor 9 attribute 42 [M] deadbeef -- ends the tunnel with StopCCN 2/8: "
		"HELLO: unknown mandatory vendor 9 attribute 42" },
	{ TYPE("0006") "0024 0000 0063 000102030405060708090a0b0c0d0e0f"
		       "101112131415161718191a1b1c1d",
		": attribute 99 000102030405060708090a0b0c0d0e0f1011121314151617... "
		"(30 octets) [unknown-optional]" },
	{ TYPE("0006") "400a 0009 002a deadbeef",
		": vendor 9 attribute 42 [H] hidden, 4 octets [unknown-optional]" },
	/* known ones */
	{ TYPE("000b") "0008 0000 000e 5678", ": Assigned Session ID [no M] 22136 [m-bit]" },
	{ ICCN "800a 0000 0026 0000fa00", ": Tx Connect Speed 10000000 bit/s; Framing Type sync; "
					  "Rx Connect Speed [M] 64000 bit/s [m-bit]" },
	{ TYPE("000b") "8008 0000 000e 0000",
		": Assigned Session ID 0 (offset 20: must not be 0) -- ends the session "
		"with "
		"CDN 2/3: ICRP: Assigned Session ID (attribute 14) is 0" },
	{ TYPE("000b") "8009 0000 000e 567800", ": Assigned Session ID 567800 (offset 20: "
						"has a value of the wrong length) -- "
						"ends the session with CDN 2/2: ICRP: "
						"Assigned Session ID (attribute 14) has "
						"a value of 3 octets" },
	{ TYPE("000b") "8408 0000 000e 5678",
		": Assigned Session ID 5678 (offset 20: has reserved bits) -- ends the "
		"session "
		"with CDN 2/8: ICRP: unknown mandatory Assigned Session ID (attribute 14) "
		"with reserved bits" },
	{ ICCN "000b 0000 0026 3634786b62",
		": Tx Connect Speed 10000000 bit/s; Framing Type sync; Rx Connect Speed "
		"3634786b62 (offset 40: is no number) [malformed-optional]" },
	{ TYPE("0006") HOST_NAME, ": Host Name \"lac\" [extra-avp]" },
	{ TYPE("000b") SESSION_ID SESSION_ID,
		": Assigned Session ID 22136; Assigned Session ID 22136 [duplicate-avp]" },
	{ TYPE("0006") RV, ": Random Vector 000102030405060708090a0b0c0d0e0f" },
	{ TYPE("000b"), " -- ends the session with CDN 2/3: ICRP lacks Assigned Session ID" },
	/* broken chains */
	{ TYPE("0006") "8008 0000", ": attribute (offset 20: 4 stray octets) -- ends the "
				    "tunnel with StopCCN 2/2: HELLO: stray octets after the "
				    "last attribute" },
	{ TYPE("0006") "8040 0000 0007 6c6163",
		": Host Name (offset 20: has length 64, 9 octets are left) -- ends the "
		"tunnel "
		"with StopCCN 2/2: HELLO: Host Name (attribute 7) has length 64" },
	{ TYPE("0006") "8003 0000 0007 6c6163",
		": Host Name (offset 20: has length 3, below its header's) -- ends the "
		"tunnel "
		"with StopCCN 2/2: HELLO: Host Name (attribute 7) has length 3" },
	{ TYPE("0006") "0000 0000 0000 0000",
		": attribute (offset 20: has length 0, below its header's) -- ends the "
		"tunnel "
		"with StopCCN 2/2: HELLO: stray octets after the last attribute" },
};

static void test_what_is_not_as_it_should_be(void **state)
{
	CHECK(not_as_it_should_be, NULL);
}

static void test_names_of_messages(void **state)
{
	static const struct golden rows[] = {
		{ TYPE("0063"),
			"message 99 tunnel 4097 ns 5 nr 7, 20 octets -- ends the tunnel with "
			"StopCCN 2/3: unknown message type 99" },
		{ "0008 0000 0000 0063",
			"message 99 tunnel 4097 ns 5 nr 7, 20 octets -- to be ignored: "
			"unknown message type 99" },
		{ TYPE("0000"), "message 0 tunnel 4097 ns 5 nr 7, 20 octets -- ends the tunnel "
				"with StopCCN 2/3: unknown message type "
				"0" },
		{ HOST_NAME,
			"control message tunnel 4097 ns 5 nr 7, 21 octets: Host Name \"lac\" -- "
			"ends the tunnel with StopCCN 2/3: first attribute is Host Name "
			"(attribute 7), not Message Type" },
		{ "", "ZLB tunnel 4097 ns 5 nr 7, 12 octets" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(words_of(rows[i].avps, NULL), rows[i].words);
}

static void test_headers(void **state)
{
	static const struct golden rows[] = {
		{ "", "not L2TPv2, 0 octets (offset 0: too short for a header)" },
		{ "c8", "not L2TPv2, 1 octet (offset 0: too short for a header)" },
		{ "c803 000c", "not L2TPv2, 4 octets (offset 0: version 3)" },
		{ "c801 000c", "not L2TPv2, 4 octets (offset 0: version 1)" },
		{ "c802", "control message, 2 octets (offset 2: the header is cut off)" },
		{ "c802 000c 0001",
			"control message tunnel 1, 6 octets (offset 6: the header is cut "
			"off)" },
		{ "8802 0001 0002 0003 0004", "control message tunnel 1 session 2 ns 3 nr 4, 10 "
					      "octets (offset 0: a control message "
					      "without Length)" },
		{ "c002 0008 0001 0002",
			"control message tunnel 1 session 2, 8 octets (offset 0: a control message "
			"without Ns and Nr)" },
		{ "8002 0001 0002",
			"control message tunnel 1 session 2, 6 octets (offset 0: a control "
			"message without Length, Ns and Nr)" },
		{ "ca02 000e 0001 0002 0003 0004 0000",
			"control message tunnel 1 session 2 ns 3 nr 4, 14 octets (offset 0: a "
			"control message with Offset)" },
		{ "c802 0040 0001 0000 0003 0004 8008 0000 0000 0006",
			"HELLO tunnel 1 ns 3 nr 4, 20 octets (offset 2: Length 64, the datagram "
			"has 20 "
			"octets)" },
		{ "c802 000b 0001 0000 0003 0004",
			"control message tunnel 1 ns 3 nr 4, 12 octets (offset 2: Length 11, the "
			"header has 12 octets)" },
		{ "c902 000c 0001 0000 0003 0004", "ZLB tunnel 1 ns 3 nr 4 priority, 12 octets" },
		{ "c802 000c 0001 0000 0003 0004 ff",
			"ZLB tunnel 1 ns 3 nr 4, 13 octets [trailing-bytes]" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct wire w = wire_hex(rows[i].avps);
		char text[L2TP_DESCRIBE_LINE], *verdict;

		snprintf(text, sizeof(text), "%s", words(&w, NULL));
		/* all of them that are L2TP are dropped, but those without a problem */
		verdict = strstr(text, " -- to be dropped: not an L2TPv2 control message");
		assert_int_equal(
			verdict != NULL, strstr(text, "offset") && strncmp(text, "not", 3) != 0);
		if (verdict && !strchr(verdict, ';'))
			*verdict = '\0';
		if (strncmp(text, rows[i].words, strlen(rows[i].words)) != 0)
			fail_msg("\"%s\", not \"%s\"", text, rows[i].words);
		wire_free(&w);
	}
}

static void test_data_packets(void **state)
{
	static const struct golden rows[] = {
		{ "0002 0001 0002 ff03 c021 01010004",
			"data packet tunnel 1 session 2, payload 8 octets, PPP LCP" },
		{ "4802 0010 0001 0002 0003 0004 ff03 0021",
			"data packet tunnel 1 session 2 ns 3 nr 4 length 16, payload 4 octets, PPP "
			"IP" },
		{ "4a02 0014 0001 0002 0003 0004 0002 ffff 21 45 00 00",
			"data packet tunnel 1 session 2 ns 3 nr 4 length 20 offset 2, payload 4 "
			"octets, "
			"PPP IP" },
		{ "0002 0001 0002 1235",
			"data packet tunnel 1 session 2, payload 2 octets, PPP protocol 0x1235" },
		{ "0002 0001 0002 ff03", "data packet tunnel 1 session 2, payload 2 octets" },
		{ "0002 0001 0002 00", "data packet tunnel 1 session 2, payload 1 octet" },
		{ "0002 0001 0002", "data packet tunnel 1 session 2, payload 0 octets" },
		{ "0102 0001 0002", "data packet tunnel 1 session 2 priority, payload 0 octets" },
		{ "0202 0001 0002 0010 00", "data packet tunnel 1 session 2 offset 16, 9 octets "
					    "(offset 6: Offset Size 16, 1 "
					    "octets are left)" },
		{ "0202 0001 0002 00", "data packet tunnel 1 session 2, 7 octets (offset 7: the "
				       "header is cut off)" },
		{ "0002 0001", "data packet tunnel 1, 4 octets (offset 4: the header is cut off)" },
		{ "4002 0006 0001 0002", "data packet tunnel 1 session 2 length 6, 8 octets "
					 "(offset 2: Length 6, the "
					 "header has 8 octets)" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct wire w = wire_hex(rows[i].avps);

		assert_string_equal(words(&w, NULL), rows[i].words);
		wire_free(&w);
	}
}

/* --- hidden attributes --- */

static void test_hidden(void **state)
{
	struct wire w = hidden_iccn();
	struct wire before = wire_copy(w.data, w.len);

	assert_string_equal(after_head(words(&w, &secret)),
		": Random Vector 30313233343536373839616263646500; "
		"Framing Type [H] sync; Tx Connect Speed [H] 64000 bit/s; "
		"Proxy Authen Name [H] \"bob\"; Proxy Authen Response [H] 28 octets");
	assert_memory_equal(w.data, before.data, w.len);
	assert_string_equal(after_head(words(&w, NULL)),
		": Random Vector 30313233343536373839616263646500; "
		"Framing Type [H] hidden, 16 octets; Tx Connect Speed [H] hidden, 16 octets; "
		"Proxy Authen Name [H] hidden, 16 octets; "
		"Proxy Authen Response [H] hidden, 32 octets -- ends the session with CDN 2/6: "
		"ICCN: Framing Type (attribute 19) is hidden, no secret [malformed-optional]");
	words(&w, &wrong_secret);
	assert_non_null(strstr(line, "cannot be unhidden, is the secret the same?"));
	assert_null(strstr(line, "bob"));
	assert_memory_equal(w.data, before.data, w.len);
	wire_free(&w);
	wire_free(&before);
}

static void test_hidden_wrongly(void **state)
{
	static const struct golden rows[] = {
		{ TYPE("0006") "c009 0000 0007 6c6163", ": Host Name [H] hidden, 3 octets (offset "
							"20: must not be hidden) -- ends the "
							"tunnel with StopCCN 2/3: HELLO: Host Name "
							"(attribute 7) must not be hidden "
							"[extra-avp]" },
		{ TYPE("000b") "c008 0000 000e 5678",
			": Assigned Session ID [H] hidden, 2 octets (offset 20: is hidden without "
			"a "
			"Random Vector before it) -- ends the session with CDN 2/3: ICRP: Assigned "
			"Session ID (attribute 14) is hidden, no Random Vector before it" },
		{ TYPE("000b") "c408 0000 000e 5678", ": Assigned Session ID [H] hidden, 2 octets "
						      "(offset 20: has reserved bits) -- "
						      "ends the session with CDN 2/8: ICRP: "
						      "unknown mandatory Assigned Session ID "
						      "(attribute 14) with reserved bits" },
	};

	CHECK(rows, &secret);
}

/* --- what is never shown --- */

#define MARK "feedfacefeedfacefeedfacefeedface"

static void assert_unsaid(void)
{
	/* as hexadecimal, and as text */
	assert_null(strstr(line, "feed"));
	assert_null(strstr(line, "\xfe\xed"));
	assert_null(strstr(line, "sesame"));
}

static void test_secrets_are_not_shown(void **state)
{
	static const char *const types[] = { "000b", "000d", "001f", "0021" };
	static const char *const forms[] = { "8016 0000 ", "0016 0000 ", "8416 0000 ", "bc16 0000 ",
		"c016 0000 ", "fc16 0000 " };
	const struct l2tp_secret *const secrets[] = { NULL, &secret };
	char avps[400];

	for (size_t t = 0; t < 4; t++) {
		for (size_t f = 0; f < sizeof(forms) / sizeof(forms[0]); f++) {
			for (size_t s = 0; s < 2; s++) {
				snprintf(avps, sizeof(avps), "%s%s%s " MARK, TYPE("000c") RV,
					forms[f], types[t]);
				words_of(avps, secrets[s]);
				assert_non_null(strstr(line, "octets"));
				assert_unsaid();
			}
		}
		/* longer and shorter than it may be, and longer than the message */
		snprintf(avps, sizeof(avps), "%s8018 0000 %s " MARK "feed", TYPE("000c"), types[t]);
		words_of(avps, NULL);
		assert_unsaid();
		snprintf(avps, sizeof(avps), "%s800a 0000 %s feedface", TYPE("000c"), types[t]);
		words_of(avps, NULL);
		assert_unsaid();
		snprintf(avps, sizeof(avps), "%s8030 0000 %s " MARK, TYPE("000c"), types[t]);
		words_of(avps, NULL);
		assert_unsaid();
	}
	/* the hidden octets of others are as good as the value for a guesser */
	words_of(TYPE("000c") RV "c016 0000 0015 " MARK, NULL);
	assert_unsaid();
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_message),
		cmocka_unit_test(test_every_attribute_is_among_them),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_lcp_options),
		cmocka_unit_test(test_what_is_not_as_it_should_be),
		cmocka_unit_test(test_names_of_messages),
		cmocka_unit_test(test_headers),
		cmocka_unit_test(test_data_packets),
		cmocka_unit_test(test_hidden),
		cmocka_unit_test(test_hidden_wrongly),
		cmocka_unit_test(test_secrets_are_not_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
