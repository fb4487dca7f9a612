/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "line.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
/* --- life --- */

int lines_new(struct daemon *d)
{
	d->lines = calloc(1, sizeof(*d->lines));
	if (!d->lines)
		return -ENOMEM;
	LIST_INIT(&d->lines->list);
	SLIST_INIT(&d->lines->dead);
	return 0;
}

const char *line_state_name(enum line_state state)
{
	switch (state) {
	case LINE_CALLING:
		return "calling";
	case LINE_TALKING:
		return "talking";
	case LINE_JOINED:
		return "up";
	case LINE_CLOSING:
		return "closing";
	case LINE_ENDED:
		return "ended";
	}
	return "";
}

static void forget_leg(struct line *line)
{
	line->io = sd_event_source_disable_unref(line->io);
	leg_forget(line->daemon, &line->order);
	plane_close_leg(line->daemon->plane, line->lane, &line->leg);
}

/* It has nothing of the system any more; whoever reads the news may still look at it. */
static void line_die(struct line *line)
{
	line->state = LINE_ENDED;
	forget_leg(line);
	if (line->talker)
		line->talker->free(line);
	LIST_REMOVE(line, all);
	SLIST_INSERT_HEAD(&line->daemon->lines->dead, line, dead);
}

bool lines_reap(struct daemon *d)
{
	struct line *line;
	bool any = false;

	while ((line = SLIST_FIRST(&d->lines->dead))) {
		SLIST_REMOVE_HEAD(&d->lines->dead, dead);
		line->kind->free(line);
		any = true;
	}
	return any;
}

void lines_free(struct daemon *d)
{
	struct line *line;

	if (!d->lines)
		return;
	while ((line = LIST_FIRST(&d->lines->list)))
		line_die(line);
	lines_reap(d);
	free(d->lines);
	d->lines = NULL;
}

void line_calls(
	struct line *line, struct daemon *d, const struct line_kind *kind, const char *section)
{
	line->daemon = d;
	line->kind = kind;
	line->leg = PPP_LEG_NONE;
	line->state = LINE_CALLING;
	line->since = daemon_now(d);
	snprintf(line->section, sizeof(line->section), "%s", section);
	LIST_INSERT_HEAD(&d->lines->list, line, all);
	news_post(d->news, &line->calls_news,
		&(struct news){ .type = NEWS_LINE_CALLS, .line = line });
}

/* --- its channel --- */

static int leg_io(sd_event_source *source, int fd, uint32_t revents, void *user)
{
	struct line *line = user;

	if (revents & EPOLLIN && line->talker)
		line->talker->read(line);
	if (line->state != LINE_ENDED && revents & (EPOLLHUP | EPOLLERR))
		line->kind->lost(line);
	return 0;
}

/* The end of a channel is seen whatever is waited for. */
static int watch(struct line *line, uint32_t events)
{
	if (line->io)
		return sd_event_source_set_io_events(line->io, events);
	return sd_event_add_io(line->daemon->event, &line->io, line->leg.fd, events, leg_io, line);
}

static void leg_made(struct leg_order *order, const struct plane_result *result)
{
	struct line *line = (struct line *)((char *)order - offsetof(struct line, order));
	int r = result->error;

	if (r == 0) {
		line->leg = result->leg;
		r = watch(line, 0);
	} else {
		log_warning("%s: %s: %s", line->section, result->call, strerror(-r));
	}
	line->opened(line, r < 0 ? r : 0);
}

int line_open(struct line *line, void (*opened)(struct line *line, int error))
{
	struct plane_job job = { .fd = -1 };
	int r;

	line->opened = opened;
	line->order.done = leg_made;
	line->kind->describe_leg(line, &job);
	line->lane = job.lane;
	r = leg_order(line->daemon, &line->order, &job);
	if (r < 0)
		plane_close(line->daemon->plane, line->lane, job.fd);
	return r;
}

int line_take_leg(struct line *line, const struct ppp_leg *leg)
{
	line->leg = *leg;
	return watch(line, 0);
}

int line_watch(struct line *line)
{
	return watch(line, EPOLLIN);
}

void line_params(const struct line *line, struct l2tp_call_params *params)
{
	if (*line->calling)
		params->calling = line->calling;
	if (*line->called)
		params->called = line->called;
	line->kind->params(line, params);
	if (line->talker)
		line->talker->params(line, params);
}

int line_join(struct line *line, const struct ppp_leg *other)
{
	int r = line->talker ? line->talker->hand_over(line, other) : 0;

	if (r == 0)
		r = watch(line, 0);
	if (r >= 0)
		r = ppp_leg_join(&line->leg, other);
	if (r < 0)
		return r;
	line->state = LINE_JOINED;
	line_ready(line);
	return 0;
}

void line_ready(struct line *line)
{
	if (!line->was_ready)
		line->kind->ready(line);
	line->was_ready = true;
}

/* --- its end --- */

void line_gone(struct line *line, const struct l2tp_reason *reason)
{
	bool told = line->state == LINE_CLOSING;

	if (line->state == LINE_ENDED)
		return;
	line->reason = *reason;
	line_die(line);
	if (!told)
		news_post(line->daemon->news, &line->ended_news,
			&(struct news){ .type = NEWS_LINE_ENDED, .line = line });
}

void line_over(struct line *line)
{
	if (line->state == LINE_ENDED)
		return;
	line->state = LINE_ENDED; /* it may be told that it is gone while it is told why */
	line->kind->hang_up(line, &line->reason);
	line_die(line);
}

void line_hang_up(struct line *line, const struct l2tp_reason *reason)
{
	if (line->state == LINE_ENDED || line->state == LINE_CLOSING)
		return;
	line->reason = *reason;
	line->owner = NULL;
	if (line->state != LINE_TALKING || line->daemon->stopping ||
		!line->talker->close(line, reason))
		line_over(line);
}
