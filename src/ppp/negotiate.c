/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "negotiate.h"

#include <assert.h>
#include <string.h>

#include "numbers.h"

static const struct cp_option *find_option(const struct cp *cp, uint8_t type)
{
	for (unsigned i = 0; i < cp->kind->option_count; i++)
		if (cp->kind->options[i].type == type)
			return &cp->kind->options[i];
	return NULL;
}

size_t negotiate_request(struct cp *cp, uint8_t body[static CP_BODY_MAX])
{
	struct tlv_wr wr = { .data = body, .size = CP_BODY_MAX };

	for (unsigned i = 0; i < cp->kind->option_count; i++)
		if (cp->kind->options[i].ask)
			cp->kind->options[i].ask(cp, &wr);
	return wr.pos;
}

/* Types a request has named, one bit each. */
struct seen {
	uint32_t bits[8];
};

static bool is_seen(const struct seen *seen, uint8_t type)
{
	return seen->bits[type / 32] >> type % 32 & 1;
}

static void mark_seen(struct seen *seen, uint8_t type)
{
	seen->bits[type / 32] |= UINT32_C(1) << type % 32;
}

static enum cp_answer judge_option(
	struct cp *cp, const struct seen *seen, const struct tlv *option, uint8_t *ret_better)
{
	const struct cp_option *row = find_option(cp, option->type);

	if (!row || !row->judge || option->len != row->len || is_seen(seen, option->type))
		return CP_ANSWER_REJECT;
	return row->judge(cp, option, ret_better);
}

/* One pass over the request: those with the one answer go to wr, the others are counted. */
struct verdicts {
	struct seen seen;
	unsigned naks, rejects;
	bool alone;
};

static void collect(struct cp *cp, const uint8_t *options, size_t len, bool naks_too,
	struct verdicts *ret, struct tlv_wr *rejects, struct tlv_wr *naks)
{
	struct tlv_rd rd = { .data = options, .len = len };
	uint8_t better[UINT8_MAX];
	struct tlv option;

	*ret = (struct verdicts){ 0 };
	while (!ret->alone && tlv_next(&rd, &option)) {
		enum cp_answer answer = judge_option(cp, &ret->seen, &option, better);

		mark_seen(&ret->seen, option.type);
		if (answer == CP_ANSWER_NAK && !naks_too)
			answer = CP_ANSWER_REJECT;
		switch (answer) {
		case CP_ANSWER_ACK:
			break;
		case CP_ANSWER_ALONE:
			naks->pos = 0;
			ret->alone = true;
			/* fall through */
		case CP_ANSWER_NAK:
			ret->naks++;
			tlv_put(naks, option.type, better, option.len);
			break;
		case CP_ANSWER_REJECT:
			ret->rejects++;
			tlv_put(rejects, option.type, option.value, option.len);
			break;
		}
	}
}

static void append_missing(struct cp *cp, const struct seen *seen, struct tlv_wr *naks)
{
	for (unsigned i = 0; i < cp->kind->option_count; i++) {
		const struct cp_option *row = &cp->kind->options[i];

		if (row->missing && !is_seen(seen, row->type))
			row->missing(cp, naks);
	}
}

static void answer_with(
	struct negotiate_answer *answer, uint8_t code, const uint8_t *body, size_t len)
{
	assert(len <= answer->size);
	answer->code = code;
	answer->len = len;
	if (len)
		memcpy(answer->body, body, len);
}

void negotiate_judge(
	struct cp *cp, const uint8_t *options, size_t len, struct negotiate_answer *answer)
{
	bool may_nak = cp->naks_sent < cp->limits.max_failure;
	uint8_t nak_room[CP_BODY_MAX], reject_room[PPP_MRU_DEFAULT];
	struct tlv_wr naks = { .data = nak_room, .size = sizeof(nak_room) };
	struct tlv_wr rejects = { .data = reject_room, .size = sizeof(reject_room) };
	struct verdicts verdicts;

	collect(cp, options, len, may_nak, &verdicts, &rejects, &naks);
	if (verdicts.alone) {
		answer_with(answer, CP_CONFNAK, naks.data, naks.pos);
		return;
	}
	if (verdicts.rejects) {
		answer_with(answer, CP_CONFREJ, rejects.data, rejects.pos);
		return;
	}
	if (may_nak)
		append_missing(cp, &verdicts.seen, &naks);
	if (naks.pos)
		answer_with(answer, CP_CONFNAK, naks.data, naks.pos);
	else
		answer_with(answer, CP_CONFACK, options, len);
}

void negotiate_agree(struct cp *cp, const uint8_t *options, size_t len)
{
	struct tlv_rd rd = { .data = options, .len = len };
	struct tlv option;

	/* every option is one of the table's, once and of its length: it cannot be longer */
	assert(len <= CP_BODY_MAX);
	if (len)
		memcpy(cp->agreed, options, len);
	cp->agreed_len = len;
	if (cp->kind->reset_peer)
		cp->kind->reset_peer(cp);
	while (tlv_next(&rd, &option)) {
		const struct cp_option *row = find_option(cp, option.type);

		if (row->agree)
			row->agree(cp, &option);
	}
}

bool negotiate_is_subset(const struct cp *cp, const uint8_t *options, size_t len)
{
	struct tlv_rd theirs = { .data = options, .len = len };
	struct tlv_rd ours = { .data = cp->request, .len = cp->request_len };
	struct tlv option, asked;

	while (tlv_next(&theirs, &option)) {
		do {
			if (!tlv_next(&ours, &asked))
				return false;
		} while (asked.type != option.type || asked.len != option.len ||
			 memcmp(asked.value, option.value, option.len) != 0);
	}
	return theirs.pos == len;
}

void negotiate_refused(struct cp *cp, uint8_t code, const uint8_t *options, size_t len)
{
	struct tlv_rd rd = { .data = options, .len = len };
	bool reject = code == CP_CONFREJ;
	struct seen seen = { 0 };
	struct tlv option;

	if (!reject && ++cp->naks_received > cp->limits.max_failure)
		reject = true;
	while (tlv_next(&rd, &option)) {
		const struct cp_option *row = find_option(cp, option.type);

		/* RFC 1661 5.3: of several values for one option we take the first */
		if (!row || is_seen(&seen, option.type))
			continue;
		mark_seen(&seen, option.type);
		if (reject && row->rejected)
			row->rejected(cp);
		else if (!reject && row->naked)
			row->naked(cp, &option);
	}
}
