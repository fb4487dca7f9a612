/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Values of attributes in words. How to tell one is a column of avp_table.h; reading it is left to
 * avp.c, so that what people are shown is what the daemon goes by.
 */
#include "describe_avp.h"

#include <string.h>

const char *ppp_protocol_name(uint16_t protocol)
{
	switch (protocol) {
	case 0x0021:
		return "IP";
	case 0x003d:
		return "Multilink";
	case 0x0057:
		return "IPv6";
	case 0x00fd:
		return "compressed";
	case 0x8021:
		return "IPCP";
	case 0x8053:
		return "ECP";
	case 0x8057:
		return "IPV6CP";
	case 0x80fd:
		return "CCP";
	case 0xc021:
		return "LCP";
	case 0xc023:
		return "PAP";
	case 0xc025:
		return "LQR";
	case 0xc029:
		return "CBCP";
	case 0xc223:
		return "CHAP";
	case 0xc227:
		return "EAP";
	}
	return NULL;
}

static void add_protocol(struct words *w, uint16_t protocol)
{
	const char *name = ppp_protocol_name(protocol);

	if (name)
		words_add(w, "%s", name);
	else
		words_add(w, "protocol 0x%04x", protocol);
}

/* RFC 2661 4.4.3, 4.4.4: the two lowest bits have names, the rest should be 0. */
static void add_bits(struct words *w, uint32_t bits, const char *low, const char *high)
{
	words_add(
		w, "%s%s%s", bits & 1 ? low : "", (bits & 3) == 3 ? "+" : "", bits & 2 ? high : "");
	if (!bits)
		words_add(w, "none");
	else if (bits & ~3u)
		words_add(w, "%s0x%x", bits & 3 ? "+" : "", bits & ~3u);
}

static void add_named(struct words *w, unsigned number, const char *name)
{
	words_add(w, "%u (%s)", number, name);
}

/* RFC 2661 4.4.5 */
static const char *authen_name(uint64_t type)
{
	switch (type) {
	case 1:
		return "text";
	case 2:
		return "CHAP";
	case 3:
		return "PAP";
	case 4:
		return "none";
	case 5:
		return "MS-CHAPv1";
	}
	return "unknown";
}

static void add_number(struct words *w, enum avp_words how, uint64_t number)
{
	switch (how) {
	case AVP_WORDS_HEX:
		words_add(w, "0x%llx", (unsigned long long)number);
		return;
	case AVP_WORDS_MESSAGE:
		add_named(
			w, (unsigned)number, number ? l2tp_msg_name((unsigned)number) : "unknown");
		return;
	case AVP_WORDS_VERSION:
		words_add(w, "%u.%u", (unsigned)number >> 8, (unsigned)number & 0xff);
		return;
	case AVP_WORDS_FRAMING:
		add_bits(w, (uint32_t)number, "sync", "async");
		return;
	case AVP_WORDS_BEARER:
		add_bits(w, (uint32_t)number, "digital", "analog");
		return;
	case AVP_WORDS_SPEED:
		words_add(w, "%llu bit/s", (unsigned long long)number);
		return;
	case AVP_WORDS_MSEC:
		words_add(w, "%llu ms", (unsigned long long)number);
		return;
	case AVP_WORDS_AUTHEN:
		add_named(w, (unsigned)number, authen_name(number));
		return;
	case AVP_WORDS_NUMBER:
	case AVP_WORDS_FIELDS:
	case AVP_WORDS_TEXT:
	case AVP_WORDS_BYTES:
	case AVP_WORDS_LCP:
	case AVP_WORDS_ENCAPSULATION:
	case AVP_WORDS_SECRET:
		break;
	}
	words_add(w, "%llu", (unsigned long long)number);
}

/* RFC 1661 6.2 and RFC 1994 3 */
static void add_lcp_auth(struct words *w, struct buf_rd *rd)
{
	uint16_t protocol = buf_rd_u16(rd);

	words_add(w, "auth ");
	add_protocol(w, protocol);
	if (protocol != 0xc223 || !buf_rd_left(rd))
		return;
	switch (buf_rd_u8(rd)) {
	case 5:
		words_add(w, "-MD5");
		break;
	case 0x80:
		words_add(w, "-MSv1");
		break;
	case 0x81:
		words_add(w, "-MSv2");
		break;
	}
}

/* RFC 1661 6 */
static void add_lcp_option(struct words *w, uint8_t type, struct buf_rd *rd)
{
	switch (type) {
	case 1:
		words_add(w, "MRU %u", buf_rd_u16(rd));
		break;
	case 2:
		words_add(w, "ACCM 0x%08x", buf_rd_u32(rd));
		break;
	case 3:
		add_lcp_auth(w, rd);
		break;
	case 5:
		words_add(w, "magic 0x%08x", buf_rd_u32(rd));
		break;
	case 7:
		words_add(w, "PFC");
		break;
	case 8:
		words_add(w, "ACFC");
		break;
	case 17:
		words_add(w, "MRRU %u", buf_rd_u16(rd));
		break;
	default:
		words_add(w, "option %u", type);
		break;
	}
}

static const char *add_lcp(struct words *w, struct l2tp_span body)
{
	struct buf_rd rd;

	if (!body.len)
		words_add(w, "no options");
	buf_rd_init(&rd, body.data, body.len);
	while (buf_rd_left(&rd)) {
		uint8_t type = buf_rd_u8(&rd), len = buf_rd_u8(&rd);
		const uint8_t *value = len >= 2 ? buf_rd_bytes(&rd, len - 2u) : NULL;
		struct buf_rd option;

		if (!value)
			return "is not LCP options to its end";
		buf_rd_init(&option, value, len - 2u);
		if (w->len)
			words_add(w, ", ");
		add_lcp_option(w, type, &option);
		if (option.bad)
			return "has an LCP option that is too short";
	}
	return NULL;
}

static const char *add_span(struct words *w, enum avp_words how, struct l2tp_span span)
{
	if (how == AVP_WORDS_LCP)
		return add_lcp(w, span);
	if (how == AVP_WORDS_TEXT)
		words_add_text(w, span);
	else
		words_add_hex(w, span.data, span.len);
	return NULL;
}

static void add_after_comma(struct words *w, struct l2tp_span text)
{
	if (!text.len)
		return;
	words_add(w, ", ");
	words_add_text(w, text);
}

/* RFC 2661 4.4.2: numbers of StopCCN and of CDN mean different things. */
static void add_result(struct words *w, uint16_t msg_type, const struct l2tp_msg *msg)
{
	if (msg_type == L2TP_MSG_STOPCCN)
		add_named(w, msg->result, l2tp_stopccn_result_name(msg->result));
	else if (msg_type == L2TP_MSG_CDN)
		add_named(w, msg->result, l2tp_cdn_result_name(msg->result));
	else
		words_add(w, "%u", msg->result);
	if (msg->result == L2TP_STOPCCN_ERROR) {
		words_add(w, ", error ");
		add_named(w, msg->error, l2tp_error_name(msg->error));
	} else if (msg_type == L2TP_MSG_STOPCCN && msg->result == L2TP_STOPCCN_VERSION) {
		words_add(w, ", highest version %u.%u", msg->error >> 8, msg->error & 0xffu);
	} else if (msg->error) {
		words_add(w, ", error %u", msg->error);
	}
	add_after_comma(w, msg->result_text);
}

static void add_call_errors(struct words *w, const uint32_t *errors)
{
	static const char *const names[] = { "CRC", "framing", "hardware overruns",
		"buffer overruns", "time-outs", "alignment" };

	for (size_t i = 0; i < 6; i++)
		words_add(w, "%s%s %u", i ? ", " : "", names[i], errors[i]);
}

/* RFC 3145 2 */
static void add_ppp_cause(struct words *w, const struct l2tp_msg *msg)
{
	static const char *const directions[] = { "", ", at the sender's peer", ", at the sender" };

	add_named(w, msg->ppp_cause, l2tp_ppp_cause_name(msg->ppp_cause));
	if (msg->ppp_cause_protocol) {
		words_add(w, ", ");
		add_protocol(w, msg->ppp_cause_protocol);
	}
	if (msg->ppp_cause_direction < sizeof(directions) / sizeof(directions[0]))
		words_add(w, "%s", directions[msg->ppp_cause_direction]);
	else
		words_add(w, ", direction %u", msg->ppp_cause_direction);
	add_after_comma(w, msg->ppp_cause_text);
}

/* RFC 4679: data link, encapsulation 1, encapsulation 2 */
static void add_encapsulation(struct words *w, const uint8_t *octets)
{
	static const char *const links[] = { "AAL5", "Ethernet" };
	static const char *const first[] = { "", ", untagged", ", single-tagged" };
	static const char *const second[] = { "", ", PPPoA LLC", ", PPPoA null", ", IPoA LLC",
		", IPoA null", ", Ethernet over AAL5 LLC with FCS",
		", Ethernet over AAL5 LLC without FCS", ", Ethernet over AAL5 null with FCS",
		", Ethernet over AAL5 null without FCS" };

	if (octets[0] >= 2 || octets[1] >= 3 || octets[2] >= 9)
		words_add_hex(w, octets, 3);
	else
		words_add(w, "%s%s%s", links[octets[0]], first[octets[1]], second[octets[2]]);
}

static const char *add_value(
	const struct avp_info *info, uint16_t msg_type, const struct l2tp_msg *msg, struct words *w)
{
	const void *field = (const uint8_t *)msg + info->offset;

	switch (info->kind) {
	case AVP_U16:
		add_number(w, info->words, *(const uint16_t *)field);
		break;
	case AVP_U32:
	case AVP_SPEED:
		add_number(w, info->words, *(const uint32_t *)field);
		break;
	case AVP_U64:
		add_number(w, info->words, *(const uint64_t *)field);
		break;
	case AVP_SPAN:
		return add_span(w, info->words, *(const struct l2tp_span *)field);
	case AVP_OCTETS3:
		add_encapsulation(w, field);
		break;
	case AVP_OCTETS16:
		words_add_hex(w, field, 16);
		break;
	case AVP_FLAG:
		words_add(w, "yes");
		break;
	case AVP_RESULT:
		add_result(w, msg_type, msg);
		break;
	case AVP_CAUSE:
		words_add(w, "%u, message 0x%02x", msg->cause_code, msg->cause_msg);
		add_after_comma(w, msg->cause_text);
		break;
	case AVP_CALL_ERRORS:
		add_call_errors(w, msg->call_errors);
		break;
	case AVP_ACCM:
		words_add(w, "send 0x%08x, receive 0x%08x", msg->accm_send, msg->accm_recv);
		break;
	case AVP_PPP_CAUSE:
		add_ppp_cause(w, msg);
		break;
	case AVP_SPEED_UPDATE:
		words_add(w, "session %u, tx %u bit/s, rx %u bit/s", msg->speeds[0].sid,
			msg->speeds[0].tx_speed, msg->speeds[0].rx_speed);
		break;
	}
	return NULL;
}

const char *describe_avp_value(const struct avp_info *info, uint16_t msg_type, const uint8_t *value,
	uint16_t len, struct words *words)
{
	bool fits = len >= info->min && len <= info->max;
	struct l2tp_msg msg = { 0 };
	const char *problem;

	/* not even in part, whatever is wrong with it */
	if (info->words == AVP_WORDS_SECRET) {
		words_add_octets(words, len);
		return fits ? NULL : "has a value of the wrong length";
	}
	if (!fits || !avp_get(info, value, len, &msg)) {
		words_add_hex(words, value, len);
		return fits ? "is no number" : "has a value of the wrong length";
	}
	problem = add_value(info, msg_type, &msg, words);
	if (!avp_value_ok(info, &msg))
		return info->check == AVP_NONZERO ? "must not be 0" : "is out of range";
	return problem;
}
