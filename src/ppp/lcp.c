/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lcp.h"

#include <assert.h>
#include <string.h>

#include "numbers.h"

#define MAGIC_LEN 4u

static_assert(offsetof(struct lcp, cp) == 0, "lcp_of() wants it so");

static struct lcp *lcp_of(struct cp *cp)
{
	return (struct lcp *)cp;
}

static const struct {
	const char *name;
	uint16_t protocol;
	uint8_t value[3], len; /* of the Authentication-Protocol option */
} methods[PPP_METHOD_COUNT] = {
	[PPP_METHOD_MSCHAPV2] = { "mschapv2", PPP_PROTO_CHAP, { 0xc2, 0x23, CHAP_ALG_MSCHAPV2 },
		3 },
	[PPP_METHOD_CHAP_MD5] = { "chap-md5", PPP_PROTO_CHAP, { 0xc2, 0x23, CHAP_ALG_MD5 }, 3 },
	[PPP_METHOD_PAP] = { "pap", PPP_PROTO_PAP, { 0xc0, 0x23 }, 2 },
};

const char *ppp_method_name(enum ppp_method method)
{
	return method < PPP_METHOD_COUNT ? methods[method].name : "unknown";
}

uint16_t ppp_method_protocol(enum ppp_method method)
{
	return methods[method].protocol;
}

bool lcp_method(const struct lcp *lcp, enum ppp_method *ret)
{
	for (unsigned m = 0; m < PPP_METHOD_COUNT; m++) {
		if (!(lcp->methods & PPP_METHOD_BIT(m)))
			continue;
		*ret = (enum ppp_method)m;
		return true;
	}
	return false;
}

static uint32_t draw_magic(struct lcp *lcp)
{
	uint32_t magic;

	/* RFC 1661 6.4: zero is illegal */
	do {
		lcp->env.random(lcp->env.user, &magic, sizeof(magic));
	} while (!magic);
	return magic;
}

/* --- MRU (RFC 1661 6.1) --- */

static void mru_ask(struct cp *cp, struct tlv_wr *wr)
{
	struct lcp *lcp = lcp_of(cp);

	if (lcp->ask_mru)
		tlv_put_uint(wr, LCP_OPT_MRU, lcp->mru, 2);
}

static enum cp_answer mru_judge(struct cp *cp, const struct tlv *value, uint8_t *ret_better)
{
	uint32_t mru = tlv_uint(value);

	if (mru >= PPP_MRU_MIN && mru <= lcp_of(cp)->params.mru)
		return CP_ANSWER_ACK;
	tlv_set16(ret_better, mru < PPP_MRU_MIN ? PPP_MRU_MIN : lcp_of(cp)->params.mru);
	return CP_ANSWER_NAK;
}

/* Who does not say has 1500, which is too much for PPPoE: have it say so. */
static void mru_missing(struct cp *cp, struct tlv_wr *wr)
{
	if (lcp_of(cp)->params.mru < PPP_MRU_DEFAULT)
		tlv_put_uint(wr, LCP_OPT_MRU, lcp_of(cp)->params.mru, 2);
}

static void mru_agree(struct cp *cp, const struct tlv *value)
{
	lcp_of(cp)->peer_mru = (uint16_t)tlv_uint(value);
}

/* It cannot send as much: nothing is lost by asking for less. */
static void mru_naked(struct cp *cp, const struct tlv *value)
{
	struct lcp *lcp = lcp_of(cp);
	uint32_t mru = tlv_uint(value);

	if (value->len != 2 || mru < PPP_MRU_MIN || mru > lcp->params.mru)
		return;
	lcp->mru = (uint16_t)mru;
	lcp->ask_mru = true;
}

static void mru_rejected(struct cp *cp)
{
	lcp_of(cp)->ask_mru = false;
}

/* --- ACCM (RFC 1662 7.1) --- */

static void accm_ask(struct cp *cp, struct tlv_wr *wr)
{
	if (lcp_of(cp)->ask_accm)
		tlv_put_uint(wr, LCP_OPT_ACCM, lcp_of(cp)->accm_map, 4);
}

static enum cp_answer accm_judge(struct cp *cp, const struct tlv *value, uint8_t *ret_better)
{
	return lcp_of(cp)->params.accm ? CP_ANSWER_ACK : CP_ANSWER_REJECT;
}

static void accm_agree(struct cp *cp, const struct tlv *value)
{
	lcp_of(cp)->peer_accm = tlv_uint(value);
}

/* It has to escape more than we asked for. */
static void accm_naked(struct cp *cp, const struct tlv *value)
{
	if (value->len == 4)
		lcp_of(cp)->accm_map |= tlv_uint(value);
}

static void accm_rejected(struct cp *cp)
{
	lcp_of(cp)->ask_accm = false;
}

/* --- Authentication-Protocol (RFC 1661 6.2): asked for, never granted --- */

static void auth_ask(struct cp *cp, struct tlv_wr *wr)
{
	enum ppp_method method;

	if (lcp_method(lcp_of(cp), &method))
		tlv_put(wr, LCP_OPT_AUTH, methods[method].value, methods[method].len);
}

/*
 * The next best. What the client proposes is no reason to pass over a better one that it may do
 * just as well.
 */
static void auth_rejected(struct cp *cp)
{
	struct lcp *lcp = lcp_of(cp);
	enum ppp_method method;

	if (!lcp_method(lcp, &method))
		return;
	lcp->methods &= ~PPP_METHOD_BIT(method);
	if (lcp->methods)
		return;
	cp->hopeless = "the client accepts none of the ways to log in that it may use";
	cp->hopeless_cause = L2TP_PPP_CAUSE_AUTH_PROTOCOL;
}

static void auth_naked(struct cp *cp, const struct tlv *value)
{
	auth_rejected(cp);
}

/* --- Magic-Number (RFC 1661 6.4) --- */

static void magic_ask(struct cp *cp, struct tlv_wr *wr)
{
	if (lcp_of(cp)->ask_magic)
		tlv_put_uint(wr, LCP_OPT_MAGIC, lcp_of(cp)->magic, 4);
}

/*
 * Our own number: maybe our own request. Such an answer says nothing else, or it would come back
 * over the loop as a Reject of the login.
 */
static enum cp_answer magic_judge(struct cp *cp, const struct tlv *value, uint8_t *ret_better)
{
	struct lcp *lcp = lcp_of(cp);
	uint32_t magic = tlv_uint(value);

	if (magic == lcp->magic) {
		tlv_set32(ret_better, draw_magic(lcp));
		if (++lcp->loops >= cp->limits.max_failure) {
			cp->hopeless = "the line is looped back: our own LCP requests come in";
			cp->hopeless_cause = L2TP_PPP_CAUSE_LOOPBACK;
		}
		return CP_ANSWER_ALONE;
	}
	lcp->loops = 0;
	if (magic)
		return CP_ANSWER_ACK;
	tlv_set32(ret_better, draw_magic(lcp));
	return CP_ANSWER_NAK;
}

static void magic_agree(struct cp *cp, const struct tlv *value)
{
	lcp_of(cp)->peer_magic = tlv_uint(value);
}

static void magic_naked(struct cp *cp, const struct tlv *value)
{
	lcp_of(cp)->magic = draw_magic(lcp_of(cp));
}

static void magic_rejected(struct cp *cp)
{
	lcp_of(cp)->ask_magic = false;
}

/* --- Protocol- and Address-and-Control-Field-Compression (RFC 1661 6.5, 6.6) --- */

static void pfc_ask(struct cp *cp, struct tlv_wr *wr)
{
	if (lcp_of(cp)->ask_pfc)
		tlv_put(wr, LCP_OPT_PFC, NULL, 0);
}

static void acfc_ask(struct cp *cp, struct tlv_wr *wr)
{
	if (lcp_of(cp)->ask_acfc)
		tlv_put(wr, LCP_OPT_ACFC, NULL, 0);
}

static enum cp_answer compression_judge(struct cp *cp, const struct tlv *value, uint8_t *ret_better)
{
	return lcp_of(cp)->params.compression ? CP_ANSWER_ACK : CP_ANSWER_REJECT;
}

static void pfc_agree(struct cp *cp, const struct tlv *value)
{
	lcp_of(cp)->peer_pfc = true;
}

static void acfc_agree(struct cp *cp, const struct tlv *value)
{
	lcp_of(cp)->peer_acfc = true;
}

/* RFC 1661 5.3: a Nak is not for options without a value; what it means is clear. */
static void pfc_naked(struct cp *cp, const struct tlv *value)
{
	lcp_of(cp)->ask_pfc = false;
}

static void pfc_rejected(struct cp *cp)
{
	lcp_of(cp)->ask_pfc = false;
}

static void acfc_naked(struct cp *cp, const struct tlv *value)
{
	lcp_of(cp)->ask_acfc = false;
}

static void acfc_rejected(struct cp *cp)
{
	lcp_of(cp)->ask_acfc = false;
}

/* --- the whole --- */

/* clang-format off */
static const struct cp_option lcp_options[] = {
	{ LCP_OPT_MRU, 2, mru_ask, mru_judge, mru_missing, mru_agree, mru_naked, mru_rejected },
	{ LCP_OPT_ACCM, 4, accm_ask, accm_judge, NULL, accm_agree, accm_naked, accm_rejected },
	{ LCP_OPT_AUTH, 0, auth_ask, NULL, NULL, NULL, auth_naked, auth_rejected },
	{ LCP_OPT_MAGIC, 4, magic_ask, magic_judge, NULL, magic_agree, magic_naked, magic_rejected },
	{ LCP_OPT_PFC, 0, pfc_ask, compression_judge, NULL, pfc_agree, pfc_naked, pfc_rejected },
	{ LCP_OPT_ACFC, 0, acfc_ask, compression_judge, NULL, acfc_agree, acfc_naked, acfc_rejected },
};
/* clang-format on */

static void reset_peer(struct cp *cp)
{
	struct lcp *lcp = lcp_of(cp);

	lcp->peer_mru = PPP_MRU_DEFAULT;
	lcp->peer_accm = LCP_ACCM_DEFAULT;
	lcp->peer_magic = 0;
	lcp->peer_pfc = lcp->peer_acfc = false;
}

static int input_protocol_reject(struct lcp *lcp, const struct cp_packet *packet)
{
	uint16_t protocol;

	/* RFC 1661 5.7: in any state but Opened silently discarded */
	if (packet->len < 2 || lcp->cp.state != AUT_OPENED)
		return -1;
	protocol = tlv_get16(packet->data);
	if (protocol == PPP_PROTO_LCP)
		return AUT_EV_RXJ_MINUS;
	lcp->rejected_protocol = protocol;
	return AUT_EV_RXJ_PLUS;
}

/* RFC 1661 5.8: with our own number it is our own frame, and an answer would come back, too. */
static int input_echo(struct lcp *lcp, const struct cp_packet *packet)
{
	if (packet->len < MAGIC_LEN)
		return -1;
	return tlv_get32(packet->data) == lcp->magic ? -1 : AUT_EV_RXR;
}

static int lcp_extra(struct cp *cp, const struct cp_packet *packet)
{
	switch (packet->code) {
	case LCP_PROTREJ:
		return input_protocol_reject(lcp_of(cp), packet);
	case LCP_ECHOREQ:
		return input_echo(lcp_of(cp), packet);
	case LCP_ECHOREP:
	case LCP_DISCARD:
	/* RFC 1570 2: they want no answer, and Windows sends the first of them with each call */
	case LCP_IDENTIFICATION:
	case LCP_TIME_REMAINING:
		return AUT_EV_RXR;
	}
	return AUT_EV_RUC;
}

/* RFC 1661 5.8: the Identifier and the data come back, with the number of who answers. */
static void lcp_reply(struct cp *cp, const struct cp_packet *packet)
{
	struct lcp *lcp = lcp_of(cp);
	uint8_t body[PPP_MRU_DEFAULT];
	size_t len = packet->len;

	if (packet->code != LCP_ECHOREQ)
		return;
	if (len > lcp->peer_mru - PPP_HDR_LEN)
		len = lcp->peer_mru - PPP_HDR_LEN;
	if (len > sizeof(body) - PPP_HDR_LEN)
		len = sizeof(body) - PPP_HDR_LEN;
	memcpy(body, packet->data, len);
	tlv_set32(body, lcp->magic);
	outbox_packet(cp->outbox, PPP_PROTO_LCP, LCP_ECHOREP, packet->id, body, len);
}

void lcp_reject_protocol(struct lcp *lcp, uint16_t protocol, const uint8_t *data, size_t len)
{
	uint8_t body[PPP_MRU_DEFAULT];
	size_t room = lcp->peer_mru < sizeof(body) ? lcp->peer_mru : sizeof(body);

	room -= PPP_HDR_LEN + 2;
	if (len > room)
		len = room;
	tlv_set16(body, protocol);
	if (len)
		memcpy(body + 2, data, len);
	cp_send(&lcp->cp, LCP_PROTREJ, body, 2 + len);
}

/* RFC 1661 6.4: the magic number is drawn for each negotiation, and unlikely to come twice. */
static bool lcp_is_marked(const struct cp *cp)
{
	return ((const struct lcp *)cp)->peer_magic != 0;
}

static const struct cp_kind lcp_kind = {
	.protocol = PPP_PROTO_LCP,
	.options = lcp_options,
	.option_count = sizeof(lcp_options) / sizeof(lcp_options[0]),
	.reset_peer = reset_peer,
	.extra = lcp_extra,
	.reply = lcp_reply,
	.is_marked = lcp_is_marked,
};

void lcp_init(struct lcp *lcp, const struct lcp_params *params, const struct l2tp_env *env,
	const struct cp_limits *limits, struct outbox *outbox)
{
	uint8_t first_id;

	*lcp = (struct lcp){ .params = *params, .env = *env };
	if (!lcp->params.mru)
		lcp->params.mru = PPP_MRU_DEFAULT;
	assert(lcp->params.mru >= PPP_MRU_MIN && lcp->params.mru <= PPP_MRU_DEFAULT);
	/* not 1: packets of a session before on the same line are then none of this one */
	env->random(env->user, &first_id, sizeof(first_id));
	cp_init(&lcp->cp, &lcp_kind, limits, outbox, first_id);
	lcp->mru = lcp->params.mru;
	lcp->ask_mru = lcp->mru != PPP_MRU_DEFAULT;
	lcp->magic = draw_magic(lcp);
	lcp->ask_magic = true;
	lcp->accm_map = params->accm_map;
	lcp->ask_accm = params->accm;
	lcp->methods = params->methods;
	lcp->ask_pfc = lcp->ask_acfc = params->compression;
	reset_peer(&lcp->cp);
}
