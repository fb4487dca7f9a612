/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session_extra.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "reason.h"

#define SPANS 6

struct session_extra {
	bool has_channel, has_proxy;
	uint32_t channel;
	struct l2tp_proxy proxy; /* spans inside bytes */
	char *group;		 /* inside bytes; NULL: none */
	struct l2tp_line *line;	 /* inside bytes; NULL: nothing known */
	size_t size;		 /* of the whole, for wiping */
	_Alignas(struct l2tp_line) uint8_t bytes[];
};

/* What goes into one; all of it is somebody else's. */
struct contents {
	const uint32_t *channel; /* NULL: none */
	struct l2tp_span group;
	struct l2tp_proxy proxy;
	const struct l2tp_line *line; /* NULL: nothing known */
};

static void spans_of(struct l2tp_proxy *proxy, struct l2tp_span *ret[static SPANS])
{
	ret[0] = &proxy->initial_lcp;
	ret[1] = &proxy->last_sent_lcp;
	ret[2] = &proxy->last_received_lcp;
	ret[3] = &proxy->authen_name;
	ret[4] = &proxy->authen_challenge;
	ret[5] = &proxy->authen_response;
}

static bool proxy_is_empty(struct l2tp_proxy *proxy)
{
	struct l2tp_span *span[SPANS];

	spans_of(proxy, span);
	for (unsigned i = 0; i < SPANS; i++)
		if (span[i]->data)
			return false;
	return !proxy->authen_type;
}

static size_t size_of(struct contents *from)
{
	size_t size = sizeof(struct session_extra);
	struct l2tp_span *span[SPANS];

	if (from->line)
		size += sizeof(*from->line) + from->line->circuit_id.len +
			from->line->remote_id.len;
	if (from->group.len)
		size += text_size(from->group);
	spans_of(&from->proxy, span);
	for (unsigned i = 0; i < SPANS; i++)
		size += span[i]->len;
	return size;
}

/* Move what the span points at to *at, and that behind it. */
static void adopt(struct l2tp_span *span, uint8_t **at)
{
	if (!span->data)
		return;
	memcpy(*at, span->data, span->len);
	span->data = *at;
	*at += span->len;
}

/* One block with copies of all, in place of the one there is. */
static int make(struct session_extra **extra, struct contents *from)
{
	struct l2tp_span *span[SPANS];
	struct session_extra *e;
	uint8_t *at;

	if (from->line && !from->line->present)
		from->line = NULL;
	if (!from->channel && !from->group.len && !from->line && proxy_is_empty(&from->proxy))
		return 0;
	e = calloc(1, size_of(from));
	if (!e)
		return -ENOMEM;
	e->size = size_of(from);
	e->has_channel = from->channel != NULL;
	e->channel = from->channel ? *from->channel : 0;
	e->has_proxy = !proxy_is_empty(&from->proxy);
	e->proxy = from->proxy;
	at = e->bytes;
	if (from->line) {
		e->line = (struct l2tp_line *)at;
		*e->line = *from->line;
		at += sizeof(*e->line);
		adopt(&e->line->circuit_id, &at);
		adopt(&e->line->remote_id, &at);
	}
	if (from->group.len) {
		e->group = l2tp_text_copy((char *)at, text_size(from->group), from->group);
		at += text_size(from->group);
	}
	spans_of(&e->proxy, span);
	for (unsigned i = 0; i < SPANS; i++)
		adopt(span[i], &at);
	session_extra_free(*extra);
	*extra = e;
	return 0;
}

int session_extra_params(struct session_extra **extra, const struct l2tp_call_params *params)
{
	struct contents from = {
		.channel = params->physical_channel,
		.group = l2tp_span_of(params->private_group),
		.line = params->line,
	};

	if (params->proxy)
		from.proxy = *params->proxy;
	return make(extra, &from);
}

static struct l2tp_span if_present(
	const struct l2tp_msg *msg, enum l2tp_avp_type type, struct l2tp_span span)
{
	return l2tp_msg_has(msg, type) ? span : (struct l2tp_span){ 0 };
}

static struct l2tp_proxy proxy_of(const struct l2tp_msg *msg)
{
	return (struct l2tp_proxy){
		.initial_lcp = if_present(msg, L2TP_AVP_INITIAL_LCP_CONFREQ, msg->initial_lcp),
		.last_sent_lcp =
			if_present(msg, L2TP_AVP_LAST_SENT_LCP_CONFREQ, msg->last_sent_lcp),
		.last_received_lcp =
			if_present(msg, L2TP_AVP_LAST_RECEIVED_LCP_CONFREQ, msg->last_received_lcp),
		.authen_type =
			l2tp_msg_has(msg, L2TP_AVP_PROXY_AUTHEN_TYPE) ? msg->proxy_authen_type : 0,
		.authen_name = if_present(msg, L2TP_AVP_PROXY_AUTHEN_NAME, msg->proxy_authen_name),
		.authen_challenge = if_present(
			msg, L2TP_AVP_PROXY_AUTHEN_CHALLENGE, msg->proxy_authen_challenge),
		.authen_response =
			if_present(msg, L2TP_AVP_PROXY_AUTHEN_RESPONSE, msg->proxy_authen_response),
		.authen_id = l2tp_msg_has(msg, L2TP_AVP_PROXY_AUTHEN_ID)
				     ? (uint8_t)msg->proxy_authen_id
				     : 0,
	};
}

#define BIT(avp) (UINT64_C(1) << L2TP_AVP_##avp)
/* Most messages have nothing of this, and no line. */
#define EXTRAS                                                                                     \
	(BIT(INITIAL_LCP_CONFREQ) | BIT(LAST_SENT_LCP_CONFREQ) | BIT(LAST_RECEIVED_LCP_CONFREQ) |  \
		BIT(PROXY_AUTHEN_TYPE) | BIT(PROXY_AUTHEN_NAME) | BIT(PROXY_AUTHEN_CHALLENGE) |    \
		BIT(PROXY_AUTHEN_RESPONSE) | BIT(PROXY_AUTHEN_ID) | BIT(PRIVATE_GROUP_ID) |        \
		BIT(PHYSICAL_CHANNEL_ID))

int session_extra_absorb(struct session_extra **extra, const struct l2tp_msg *msg, bool keep_proxy)
{
	struct contents from = {
		.group = if_present(msg, L2TP_AVP_PRIVATE_GROUP_ID, msg->private_group),
		.line = &msg->line,
	};

	if (!(msg->present & EXTRAS) && !msg->line.present)
		return 0;
	if (keep_proxy)
		from.proxy = proxy_of(msg);
	if (l2tp_msg_has(msg, L2TP_AVP_PHYSICAL_CHANNEL_ID))
		from.channel = &msg->physical_channel;
	else if (*extra && (*extra)->has_channel)
		from.channel = &(*extra)->channel;
	/* RFC 5515 3: in ICRQ; some LACs know it, or tell it, in ICCN only */
	if (*extra && (*extra)->line)
		from.line = (*extra)->line;
	return make(extra, &from);
}

void session_extra_free(struct session_extra *extra)
{
	if (!extra)
		return;
	explicit_bzero(extra, extra->size);
	free(extra);
}

void session_extra_put_channel(const struct session_extra *extra, struct l2tp_msg *msg)
{
	if (!extra || !extra->has_channel)
		return;
	msg->physical_channel = extra->channel;
	l2tp_msg_set(msg, L2TP_AVP_PHYSICAL_CHANNEL_ID);
}

static void put_span(struct l2tp_msg *msg, enum l2tp_avp_type type, struct l2tp_span *field,
	struct l2tp_span value)
{
	if (!value.data)
		return;
	*field = value;
	l2tp_msg_set(msg, type);
}

void session_extra_put_line(const struct session_extra *extra, struct l2tp_msg *msg)
{
	if (extra && extra->line)
		msg->line = *extra->line;
}

void session_extra_put_connected(const struct session_extra *extra, struct l2tp_msg *msg)
{
	const struct l2tp_proxy *p;

	if (!extra)
		return;
	if (extra->group) {
		msg->private_group = l2tp_span_of(extra->group);
		l2tp_msg_set(msg, L2TP_AVP_PRIVATE_GROUP_ID);
	}
	p = &extra->proxy;
	put_span(msg, L2TP_AVP_INITIAL_LCP_CONFREQ, &msg->initial_lcp, p->initial_lcp);
	put_span(msg, L2TP_AVP_LAST_SENT_LCP_CONFREQ, &msg->last_sent_lcp, p->last_sent_lcp);
	put_span(msg, L2TP_AVP_LAST_RECEIVED_LCP_CONFREQ, &msg->last_received_lcp,
		p->last_received_lcp);
	if (!p->authen_type)
		return;
	/* RFC 2661 4.4.5: the others mean nothing without the type, the id nothing with 4 */
	msg->proxy_authen_type = p->authen_type;
	l2tp_msg_set(msg, L2TP_AVP_PROXY_AUTHEN_TYPE);
	put_span(msg, L2TP_AVP_PROXY_AUTHEN_NAME, &msg->proxy_authen_name, p->authen_name);
	put_span(msg, L2TP_AVP_PROXY_AUTHEN_CHALLENGE, &msg->proxy_authen_challenge,
		p->authen_challenge);
	put_span(msg, L2TP_AVP_PROXY_AUTHEN_RESPONSE, &msg->proxy_authen_response,
		p->authen_response);
	if (p->authen_challenge.data || p->authen_response.data) {
		msg->proxy_authen_id = p->authen_id;
		l2tp_msg_set(msg, L2TP_AVP_PROXY_AUTHEN_ID);
	}
}

void session_extra_info(const struct session_extra *extra, struct l2tp_session_info *ret)
{
	ret->private_group = extra && extra->group ? extra->group : "";
	ret->physical_channel = extra && extra->has_channel ? &extra->channel : NULL;
	ret->proxy = extra && extra->has_proxy ? &extra->proxy : NULL;
	ret->line = extra ? extra->line : NULL;
}
