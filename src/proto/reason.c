/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reason.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

static void reason_fill(
	struct l2tp_reason *ret, enum l2tp_who who, bool stopccn, unsigned result, unsigned error)
{
	*ret = (struct l2tp_reason){
		.who = who,
		.stopccn = stopccn,
		.result = (uint16_t)result,
		.error = (uint16_t)error,
	};
}

void reason_tunnel(struct l2tp_reason *ret, enum l2tp_who who, unsigned result, unsigned error,
	const char *format, ...)
{
	va_list args;

	reason_fill(ret, who, true, result, error);
	va_start(args, format);
	vsnprintf(ret->text, sizeof(ret->text), format, args);
	va_end(args);
}

void reason_session(struct l2tp_reason *ret, enum l2tp_who who, unsigned result, unsigned error,
	const char *format, ...)
{
	va_list args;

	reason_fill(ret, who, false, result, error);
	va_start(args, format);
	vsnprintf(ret->text, sizeof(ret->text), format, args);
	va_end(args);
}

_Static_assert(sizeof(((struct l2tp_verdict *)0)->text) <= sizeof(((struct l2tp_reason *)0)->text),
	"a verdict's text fits");

void reason_verdict(struct l2tp_reason *ret, const struct l2tp_verdict *verdict)
{
	reason_fill(ret, L2TP_WHO_LOCAL, verdict->kind == L2TP_VERDICT_CLEAR_TUNNEL,
		verdict->result, verdict->error);
	/* every message comes by here, printf() would be felt */
	memcpy(ret->text, verdict->text, sizeof(verdict->text));
}

void reason_peer(struct l2tp_reason *ret, const struct l2tp_msg *msg)
{
	bool stopccn = msg->type == L2TP_MSG_STOPCCN;
	const char *name = NULL;

	reason_fill(ret, L2TP_WHO_PEER, stopccn, msg->result, msg->error);
	if (l2tp_msg_has(msg, L2TP_AVP_PPP_DISCONNECT_CAUSE)) {
		ret->ppp_cause = msg->ppp_cause;
		ret->ppp_cause_protocol = msg->ppp_cause_protocol;
		ret->ppp_cause_direction = msg->ppp_cause_direction;
	}
	if (l2tp_msg_has(msg, L2TP_AVP_CAUSE_CODE)) {
		ret->q931_cause = msg->cause_code;
		ret->q931_msg = msg->cause_msg;
	}
	l2tp_text_copy(ret->text, sizeof(ret->text), msg->result_text);
	if (!ret->text[0])
		l2tp_text_copy(ret->text, sizeof(ret->text), msg->ppp_cause_text);
	if (!ret->text[0])
		l2tp_text_copy(ret->text, sizeof(ret->text), msg->cause_text);
	if (!ret->text[0] && ret->ppp_cause)
		snprintf(ret->text, sizeof(ret->text), "%s", l2tp_ppp_cause_name(ret->ppp_cause));
	if (ret->text[0])
		return;
	/* the general error is told by its error code; with StopCCN 5 that is a version */
	if (msg->result == L2TP_CDN_ERROR)
		name = l2tp_error_name(msg->error);
	else if (msg->result)
		name = stopccn ? l2tp_stopccn_result_name(msg->result)
			       : l2tp_cdn_result_name(msg->result);
	l2tp_text_copy(ret->text, sizeof(ret->text), l2tp_span_of(name));
}

size_t text_size(struct l2tp_span span)
{
	return (size_t)span.len + 1;
}

char *l2tp_text_copy(char *dst, size_t size, struct l2tp_span span)
{
	size_t out = 0;

	for (size_t in = 0; in < span.len;) {
		size_t count = utf8_harmless((const char *)span.data + in, span.len - in);

		if (out + (count ? count : 1) >= size)
			break;
		if (count <= 1) {
			dst[out++] = count ? (char)span.data[in] : '?';
			in++;
			continue;
		}
		memcpy(dst + out, span.data + in, count);
		out += count;
		in += count;
	}
	dst[out] = '\0';
	return dst;
}
