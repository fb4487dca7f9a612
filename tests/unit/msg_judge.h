/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Judge messages by a table: what a broken rule costs, RFC 2661 4.1 and 7.1. */
#ifndef TESTS_MSG_JUDGE_H
#define TESTS_MSG_JUDGE_H

#include "wire.h"

#include "msg_samples.h"

#include <stdio.h>

#define OK	L2TP_VERDICT_OK
#define DROP	L2TP_VERDICT_DROP
#define IGNORE	L2TP_VERDICT_IGNORE
#define SESSION L2TP_VERDICT_CLEAR_SESSION
#define TUNNEL	L2TP_VERDICT_CLEAR_TUNNEL

static const struct l2tp_secret secret = { (const uint8_t *)"secret", 6 };

/* A Random Vector of 00 01 .. 0f, and one of four octets like mpd's. */
#define RV1 "8016 0000 0024 000102030405060708090a0b0c0d0e0f "
#define RV2 "800a 0000 0024 deadbeef "

struct row {
	const char *avps;
	enum l2tp_verdict_kind kind;
	int result, error;
	const char *text; /* NULL for OK */
	unsigned deviations;
};

static inline struct l2tp_msg judge(const struct row *row, const struct l2tp_secret *with)
{
	struct wire w = wire_msg(0x2002, row->avps);
	struct l2tp_verdict verdict;
	struct l2tp_msg msg;

	l2tp_msg_decode(w.data, w.len, with, &msg, &verdict);
	if (verdict.kind != row->kind || strcmp(verdict.text, row->text ? row->text : "") != 0)
		fail_msg("%s: verdict %d \"%s\"", row->avps, verdict.kind, verdict.text);
	assert_int_equal(verdict.result, row->result);
	assert_int_equal(verdict.error, row->error);
	if (row->kind == OK && msg.deviations != row->deviations)
		fail_msg("%s: deviations %#x", row->avps, (unsigned)msg.deviations);
	wire_free(&w);
	return msg; /* its spans are gone */
}

static inline void judge_all(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		judge(&rows[i], &secret);
}

#define JUDGE(rows) judge_all(rows, sizeof(rows) / sizeof((rows)[0]))

#endif
