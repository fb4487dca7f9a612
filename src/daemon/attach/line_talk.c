/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "line_talk.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "linux/process.h"

/* Frames read in one turn: as many as a channel keeps. */
#define READ_MAX 32

struct line_talk {
	struct ppp_proxy *proxy; /* NULL: the line is not open yet */
	struct ppp_proxy_params params;
	char name[256];
	sd_event_source *timer;
	bool known;
};

static void proxy_random(void *user, void *buf, size_t len)
{
	process_random(buf, len);
}

static void arm_timer(struct line *line)
{
	usec_t when = ppp_proxy_next_timeout(line->talk->proxy);

	if (when == USEC_INFINITY) {
		sd_event_source_set_enabled(line->talk->timer, SD_EVENT_OFF);
		return;
	}
	sd_event_source_set_time(line->talk->timer, when);
	sd_event_source_set_enabled(line->talk->timer, SD_EVENT_ONESHOT);
}

static void caller_known(struct line *line)
{
	const struct ppp_proxy_result *result = ppp_proxy_result(line->talk->proxy);

	line->talk->known = true;
	if (line->kind->accm)
		line->kind->accm(line, result->send_accm, result->recv_accm);
	l2tp_text_copy(line->user, sizeof(line->user), result->proxy.authen_name);
	news_post(line->daemon->news, &line->known_news,
		&(struct news){ .type = NEWS_LINE_KNOWN, .line = line });
}

/* PPP came to nothing, by the caller or by our order; its goodbye is under way. */
static void talk_failed(struct line *line, const struct ppp_effect *e)
{
	if (line->state != LINE_TALKING)
		return;
	line->reason = (struct l2tp_reason){ .who = L2TP_WHO_LOCAL,
		.result = L2TP_CDN_LOST_CARRIER,
		.ppp_cause = (uint16_t)e->failed.cause };
	snprintf(line->reason.text, sizeof(line->reason.text), "%s", e->failed.text);
	line->state = LINE_CLOSING;
	news_post(line->daemon->news, &line->ended_news,
		&(struct news){ .type = NEWS_LINE_ENDED, .line = line });
}

/* True: the line is over. */
static bool carry_out(struct line *line, const struct ppp_effect *e)
{
	switch (e->type) {
	case PPP_EFFECT_SEND:
		ppp_leg_write(&line->leg, e->send.data, e->send.len); /* lost as a line loses */
		break;
	case PPP_EFFECT_DONE:
		caller_known(line);
		break;
	case PPP_EFFECT_FAILED:
		talk_failed(line, e);
		break;
	case PPP_EFFECT_CLOSED:
		line_over(line);
		return true;
	case PPP_EFFECT_TRACE:
		log_debug("%s %s: LCP: %s --%s--> %s", line->section, line->calling, e->trace.from,
			e->trace.event, e->trace.to);
		break;
	}
	return false;
}

static void settle(struct line *line)
{
	const struct ppp_effect *effect;

	while ((effect = ppp_proxy_next_effect(line->talk->proxy)))
		if (carry_out(line, effect))
			return;
	arm_timer(line);
}

static int timer_elapsed(sd_event_source *source, uint64_t usec, void *user)
{
	struct line *line = user;

	ppp_proxy_timeout(line->talk->proxy, daemon_now(line->daemon));
	settle(line);
	return 0;
}

static void talk_read(struct line *line)
{
	uint8_t frame[PPP_FRAME_MAX];
	ssize_t len;

	/* a caller who never stops is read on in the next turn */
	for (int i = 0; i < READ_MAX && line->talk && line->talk->proxy; i++) {
		len = ppp_leg_read(&line->leg, frame, sizeof(frame));
		if (len <= 0)
			break;
		ppp_proxy_input(line->talk->proxy, daemon_now(line->daemon), frame, (size_t)len);
		settle(line);
	}
	explicit_bzero(frame, sizeof(frame)); /* there may be a password in it */
}

static void cannot_talk(struct line *line, int error)
{
	struct l2tp_reason reason = {
		.who = L2TP_WHO_LOCAL, .result = L2TP_CDN_ERROR, .error = L2TP_ERR_RESOURCES
	};

	snprintf(reason.text, sizeof(reason.text), "no channel for the caller: %s",
		strerror(-error));
	line_hang_up(line, &reason);
}

static void line_opened(struct line *line, int error)
{
	static const struct l2tp_env env = { .random = proxy_random };
	struct line_talk *talk = line->talk;
	struct daemon *d = line->daemon;
	int r = error;

	if (r == 0)
		r = line_watch(line);
	if (r >= 0)
		r = sd_event_add_time(
			d->event, &talk->timer, CLOCK_BOOTTIME, 0, 1, timer_elapsed, line);
	if (r >= 0) {
		talk->proxy = ppp_proxy_new(&env, &talk->params, daemon_now(d));
		r = talk->proxy ? 0 : -ENOMEM;
	}
	if (r < 0) {
		cannot_talk(line, r);
		return;
	}
	line->state = LINE_TALKING;
	line_ready(line);
	settle(line);
}

static void talk_free(struct line *line)
{
	struct line_talk *talk = line->talk;

	sd_event_source_disable_unref(talk->timer);
	ppp_proxy_free(talk->proxy);
	free(talk);
	line->talk = NULL;
	line->talker = NULL;
}

static void talk_params(const struct line *line, struct l2tp_call_params *params)
{
	if (line->talk->known)
		params->proxy = &ppp_proxy_result(line->talk->proxy)->proxy;
}

static int talk_hand_over(struct line *line, const struct ppp_leg *other)
{
	const struct ppp_frame *frame;

	talk_read(line); /* in order, before those that will wait */
	if (line->state != LINE_TALKING || !ppp_proxy_hand_over(line->talk->proxy))
		return -ENOTCONN;
	while ((frame = ppp_proxy_next_frame(line->talk->proxy)))
		ppp_leg_write(other, frame->data, frame->len);
	talk_free(line);
	return 0;
}

static bool talk_close(struct line *line, const struct l2tp_reason *reason)
{
	struct ppp_proxy *proxy = line->talk->proxy;

	if (!proxy)
		return false;
	line->state = LINE_CLOSING;
	if (reason->ppp_cause == L2TP_PPP_CAUSE_AUTH_FAILED)
		ppp_proxy_refuse(proxy, daemon_now(line->daemon), reason->text);
	else
		ppp_proxy_close(proxy, daemon_now(line->daemon),
			(enum l2tp_ppp_cause)reason->ppp_cause, reason->text);
	settle(line);
	return true;
}

static const struct line_talker talker = {
	.read = talk_read,
	.params = talk_params,
	.hand_over = talk_hand_over,
	.close = talk_close,
	.free = talk_free,
};

int line_talk(struct line *line, const struct ppp_proxy_params *params)
{
	struct line_talk *talk = calloc(1, sizeof(*talk));

	if (!talk)
		return -ENOMEM;
	talk->params = *params;
	snprintf(talk->name, sizeof(talk->name), "%s", params->name);
	talk->params.name = talk->name;
	line->talk = talk;
	line->talker = &talker;
	if (line->leg.fd < 0)
		return line_open(line, line_opened);
	line_opened(line, 0);
	return 0;
}
