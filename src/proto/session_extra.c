// SPDX-License-Identifier: GPL-2.0-or-later
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
	size_t size;		 /* of the whole, for wiping */
	uint8_t bytes[];
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

/* One block with copies of all. */
static int make(struct session_extra **extra, const uint32_t *channel, struct l2tp_span group,
	const struct l2tp_proxy *proxy)
{
	struct l2tp_proxy from = proxy ? *proxy : (struct l2tp_proxy){ 0 };
	struct l2tp_span *src[SPANS], *dst[SPANS];
	size_t size = sizeof(struct session_extra) + text_size(group);
	struct session_extra *e;
	uint8_t *at;

	if (!channel && !group.len && proxy_is_empty(&from))
		return 0;
	spans_of(&from, src);
	for (unsigned i = 0; i < SPANS; i++)
		size += src[i]->len;
	e = calloc(1, size);
	if (!e)
		return -ENOMEM;
	e->size = size;
	e->has_channel = channel != NULL;
	e->channel = channel ? *channel : 0;
	e->has_proxy = !proxy_is_empty(&from);
	e->proxy = from;
	at = e->bytes;
	if (group.len) {
		e->group = l2tp_text_copy((char *)at, text_size(group), group);
		at += text_size(group);
	}
	spans_of(&e->proxy, dst);
	for (unsigned i = 0; i < SPANS; i++) {
		if (!src[i]->data)
			continue;
		memcpy(at, src[i]->data, src[i]->len);
		dst[i]->data = at;
		at += src[i]->len;
	}
	session_extra_free(*extra);
	*extra = e;
	return 0;
}

int session_extra_params(struct session_extra **extra, const struct l2tp_call_params *params)
{
	return make(extra, params->physical_channel, l2tp_span_of(params->private_group),
		params->proxy);
}

static struct l2tp_span if_present(
	const struct l2tp_msg *msg, enum l2tp_avp_type type, struct l2tp_span span)
{
	return l2tp_msg_has(msg, type) ? span : (struct l2tp_span){ 0 };
}

#define BIT(avp) (UINT64_C(1) << L2TP_AVP_##avp)
#define EXTRAS                                                                                     \
	(BIT(INITIAL_LCP_CONFREQ) | BIT(LAST_SENT_LCP_CONFREQ) | BIT(LAST_RECEIVED_LCP_CONFREQ) |  \
		BIT(PROXY_AUTHEN_TYPE) | BIT(PROXY_AUTHEN_NAME) | BIT(PROXY_AUTHEN_CHALLENGE) |    \
		BIT(PROXY_AUTHEN_RESPONSE) | BIT(PROXY_AUTHEN_ID) | BIT(PRIVATE_GROUP_ID) |        \
		BIT(PHYSICAL_CHANNEL_ID))

/* There is something; most messages have nothing of it. */
static int absorb(struct session_extra **extra, const struct l2tp_msg *msg, bool keep_proxy)
{
	struct l2tp_proxy proxy = {
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
	struct l2tp_span group = if_present(msg, L2TP_AVP_PRIVATE_GROUP_ID, msg->private_group);
	const uint32_t *channel = l2tp_msg_has(msg, L2TP_AVP_PHYSICAL_CHANNEL_ID)
					  ? &msg->physical_channel
				  : *extra && (*extra)->has_channel ? &(*extra)->channel
								    : NULL;

	return make(extra, channel, group, keep_proxy ? &proxy : NULL);
}

int session_extra_absorb(struct session_extra **extra, const struct l2tp_msg *msg, bool keep_proxy)
{
	return msg->present & EXTRAS ? absorb(extra, msg, keep_proxy) : 0;
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
}
