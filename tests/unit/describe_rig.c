/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "describe_rig.h"

const struct l2tp_secret secret = { (const uint8_t *)"sesame", 6 };
const struct l2tp_secret wrong_secret = { (const uint8_t *)"Sesame", 6 };

char line[L2TP_DESCRIBE_LINE];

const char *words(const struct wire *w, const struct l2tp_secret *with)
{
	size_t len = l2tp_describe(w->data, w->len, with, line, sizeof(line));

	assert_int_equal(len, strlen(line));
	return line;
}

const char *words_of(const char *avps, const struct l2tp_secret *with)
{
	struct wire w = wire_msg(0, avps);

	words(&w, with);
	wire_free(&w);
	return line;
}

struct wire hidden_iccn(void)
{
	static const uint8_t password[] = "correct horse battery staple";
	struct l2tp_encode opts = {
		.secret = secret, .hide = true, .random_vector = "0123456789abcde"
	};
	struct l2tp_msg msg = { .type = L2TP_MSG_ICCN, .tx_speed = 64000, .framing_type = 1 };
	uint8_t buf[1024];
	int len;

	l2tp_msg_set(&msg, L2TP_AVP_TX_CONNECT_SPEED);
	l2tp_msg_set(&msg, L2TP_AVP_FRAMING_TYPE);
	msg.proxy_authen_name = l2tp_span_of("bob");
	l2tp_msg_set(&msg, L2TP_AVP_PROXY_AUTHEN_NAME);
	msg.proxy_authen_response = (struct l2tp_span){ password, sizeof(password) - 1 };
	l2tp_msg_set(&msg, L2TP_AVP_PROXY_AUTHEN_RESPONSE);
	len = l2tp_msg_encode(&msg, &opts, buf, sizeof(buf));
	assert_true(len > 0);
	return wire_copy(buf, (size_t)len);
}
