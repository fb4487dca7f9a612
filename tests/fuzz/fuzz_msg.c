/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any datagram: decode it with a secret the fuzzer can learn, so that it commands what is decrypted
 * too. What is accepted must survive being written and read again.
 *
 * The first octet selects: 1 no secret, 2 set Length and version right, 4 as SCCRQ to tunnel 0; the
 * rest is the space for its words.
 */
#include <l2tp/describe.h>
#include <l2tp/msg.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OPT_NO_SECRET  1u
#define OPT_FIX_HEADER 2u
#define OPT_TO_ZERO    4u

#define CHECK(cond)                                                                                \
	do {                                                                                       \
		if (!(cond)) {                                                                     \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #cond);                 \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct l2tp_secret secret = { (const uint8_t *)"fuzz", 4 };
static const struct l2tp_secret no_secret = { NULL, 0 };

static uint8_t first[65536], second[65536], hidden[65536];

static void forget_random_vector(struct l2tp_msg *msg)
{
	msg->present &= ~(UINT64_C(1) << L2TP_AVP_RANDOM_VECTOR);
}

static void decode_again(uint8_t *buf, int len, struct l2tp_msg *msg)
{
	struct l2tp_verdict verdict;

	l2tp_msg_decode(buf, (size_t)len, &secret, msg, &verdict);
	CHECK(verdict.kind == L2TP_VERDICT_OK);
	CHECK(!(msg->deviations & L2TP_DEV_TRAILING_BYTES));
	forget_random_vector(msg);
}

static void check_round_trip(struct l2tp_msg *msg)
{
	struct l2tp_encode hide = {
		.secret = secret, .hide = true, .random_vector = "0123456789abcde"
	};
	struct l2tp_msg again;
	int len, n;

	forget_random_vector(msg);
	len = l2tp_msg_encode(msg, NULL, first, sizeof(first));
	CHECK(len >= (int)L2TP_CTRL_HDR_LEN);
	CHECK(l2tp_msg_encode(msg, NULL, second, (size_t)len - 1) == -ENOSPC);
	/* hidden values are two octets longer, which may be too much for an AVP */
	n = l2tp_msg_encode(msg, &hide, hidden, sizeof(hidden));
	CHECK(n >= len || n == -EMSGSIZE);
	if (n >= 0) {
		decode_again(hidden, n, &again);
		CHECK(again.present == msg->present);
		CHECK(again.line.present == msg->line.present);
		CHECK(l2tp_msg_encode(&again, NULL, second, sizeof(second)) == len);
		CHECK(memcmp(first, second, (size_t)len) == 0);
	}
	memcpy(second, first, (size_t)len);
	decode_again(second, len, &again);
	CHECK(again.present == msg->present && again.type == msg->type);
	CHECK(l2tp_msg_encode(&again, NULL, hidden, sizeof(hidden)) == len);
	CHECK(memcmp(first, hidden, (size_t)len) == 0);
}

static void check_verdict(const struct l2tp_msg *msg, const struct l2tp_verdict *verdict)
{
	CHECK(memchr(verdict->text, '\0', sizeof(verdict->text)));
	switch (verdict->kind) {
	case L2TP_VERDICT_OK:
		CHECK(!*verdict->text && !verdict->result && !verdict->error);
		CHECK((msg->type == L2TP_MSG_ZLB) == (msg->hdr.payload_len == 0));
		break;
	case L2TP_VERDICT_DROP:
	case L2TP_VERDICT_IGNORE:
		CHECK(*verdict->text && !verdict->result);
		break;
	case L2TP_VERDICT_CLEAR_SESSION:
		CHECK(msg->type >= L2TP_MSG_OCRQ && msg->type <= L2TP_MSG_MAX);
		CHECK(*verdict->text && verdict->result);
		break;
	case L2TP_VERDICT_CLEAR_TUNNEL:
		CHECK(*verdict->text && verdict->result);
		break;
	}
	CHECK(msg->type != L2TP_MSG_STOPCCN || verdict->kind == L2TP_VERDICT_OK);
	CHECK(msg->type != L2TP_MSG_CDN || verdict->kind == L2TP_VERDICT_OK);
}

/* In words: whatever it is, in any space, and without a change to it. */
static void check_words(const uint8_t *buf, size_t len, const struct l2tp_secret *with, size_t size)
{
	static uint8_t before[65536];
	static char words[L2TP_DESCRIBE_LINE];
	struct l2tp_description d;
	struct l2tp_avp_words avp;
	size_t at = 0, n;

	n = len < sizeof(before) ? len : sizeof(before);
	memcpy(before, buf, n);
	l2tp_describe_begin(&d, buf, len, with);
	while (l2tp_describe_next(&d, &avp)) {
		CHECK(avp.offset >= at && avp.offset < len);
		CHECK(memchr(avp.value, 0, sizeof(avp.value)));
		at = avp.offset + 1;
	}
	CHECK(memcmp(before, buf, n) == 0);
	n = l2tp_describe(buf, len, with, words, size);
	CHECK(n < size && words[n] == '\0');
	for (size_t i = 0; i < n; i++)
		CHECK((uint8_t)words[i] >= 0x20 && words[i] != 0x7f);
}

static void fix_header(uint8_t *buf, size_t len, unsigned options)
{
	if (len < L2TP_CTRL_HDR_LEN || len > UINT16_MAX)
		return;
	buf[0] = 0xc8;
	buf[1] = 0x02;
	buf[2] = (uint8_t)(len >> 8);
	buf[3] = (uint8_t)len;
	if (options & OPT_TO_ZERO)
		memset(buf + 4, 0, 8);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned options = size ? data[0] : 0;
	struct l2tp_span host = { NULL, 0 };
	struct l2tp_verdict verdict;
	struct l2tp_header hdr;
	struct l2tp_msg msg;
	size_t len = size ? size - 1 : 0;
	uint8_t *buf = malloc(len ? len : 1); /* of the very size, for the sanitizer */

	CHECK(buf);
	if (len)
		memcpy(buf, data + 1, len);
	if (options & OPT_FIX_HEADER)
		fix_header(buf, len, options);
	if (l2tp_header_parse(buf, len, &hdr) == 0)
		CHECK((size_t)hdr.payload_off + hdr.payload_len <= len);
	if (l2tp_msg_peek_sccrq(buf, len, &host))
		CHECK(host.len == 0 || (host.data > buf && host.data + host.len <= buf + len));
	check_words(
		buf, len, options & OPT_NO_SECRET ? &no_secret : &secret, 1 + (options >> 3) * 64);
	check_words(buf, len, &secret, L2TP_DESCRIBE_LINE);
	l2tp_msg_decode(buf, len, options & OPT_NO_SECRET ? &no_secret : &secret, &msg, &verdict);
	check_verdict(&msg, &verdict);
	if (verdict.kind == L2TP_VERDICT_OK)
		check_round_trip(&msg);
	free(buf);
	return 0;
}
