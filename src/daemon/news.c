/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "news.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "linux/process.h"

#define READERS_MAX 12

struct news_desk {
	STAILQ_HEAD(, news_item) items;
	news_reader *readers[READERS_MAX];
	unsigned readers_len;
};

/* --- why things ended --- */

/* Kept by whoever would have kept a real one. */
static struct outcome no_memory = {
	.ppp_exit = -1,
	.reason = { .who = L2TP_WHO_LOCAL },
	.text = "it ended; there was no memory to keep the reason",
};

struct outcome *outcome_new(const struct l2tp_reason *reason, int ppp_exit, const char *fmt, ...)
{
	struct outcome *outcome = calloc(1, sizeof(*outcome));
	va_list ap;

	if (!outcome) {
		no_memory.time = process_wall_clock();
		return &no_memory;
	}
	outcome->refs = 1;
	outcome->time = process_wall_clock();
	outcome->reason = *reason;
	outcome->ppp_exit = ppp_exit;
	va_start(ap, fmt);
	vsnprintf(outcome->text, sizeof(outcome->text), fmt, ap);
	va_end(ap);
	return outcome;
}

static struct outcome *outcome_ref(struct outcome *outcome)
{
	if (outcome && outcome != &no_memory)
		outcome->refs++;
	return outcome;
}

void outcome_unref(struct outcome *outcome)
{
	if (outcome && outcome != &no_memory && --outcome->refs == 0)
		free(outcome);
}

void outcome_keep(struct outcome **where, struct outcome *outcome)
{
	outcome_ref(outcome);
	outcome_unref(*where);
	*where = outcome;
}

/* --- the desk --- */

struct news_desk *news_desk_new(void)
{
	struct news_desk *desk = calloc(1, sizeof(*desk));

	if (desk)
		STAILQ_INIT(&desk->items);
	return desk;
}

static struct news_item *take_item(struct news_desk *desk)
{
	struct news_item *item = STAILQ_FIRST(&desk->items);

	if (item) {
		STAILQ_REMOVE_HEAD(&desk->items, entry);
		item->queued = false;
	}
	return item;
}

void news_desk_free(struct news_desk *desk)
{
	free(desk);
}

void news_subscribe(struct news_desk *desk, news_reader *read)
{
	assert(desk->readers_len < READERS_MAX);
	desk->readers[desk->readers_len++] = read;
}

void news_post(struct news_desk *desk, struct news_item *item, const struct news *news)
{
	if (item->queued)
		return;
	item->queued = true;
	item->news = *news;
	STAILQ_INSERT_TAIL(&desk->items, item, entry);
}

bool news_deliver(struct news_desk *desk, struct daemon *d)
{
	struct news_item *item;
	bool any = false;

	while ((item = take_item(desk))) {
		struct news news = item->news;

		for (unsigned i = 0; i < desk->readers_len; i++)
			desk->readers[i](d, &news);
		any = true;
	}
	return any;
}
