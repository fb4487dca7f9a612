/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "radius_desk.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/queue.h>

#include "base/log.h"
#include "linux/process.h"

/* At the end of the daemon records of calls that just ended go out for so long. */
#define LAST_WORDS_MSEC 2000

/* One file. */
struct desk {
	LIST_ENTRY(desk) entry;
	char *file;
	struct radius *radius; /* NULL: the file is no good */
	sd_event_source *io;
};

struct radius_desks {
	LIST_HEAD(, desk) list;
	struct radius_order *orders; /* by cookie */
	uint64_t last_cookie, last_session;
	uint32_t run; /* session ids of another run of the daemon are others */
	struct log_limit lost;
};

int radius_desks_new(struct daemon *d)
{
	d->radius = calloc(1, sizeof(*d->radius));
	if (!d->radius)
		return -ENOMEM;
	LIST_INIT(&d->radius->list);
	process_random(&d->radius->run, sizeof(d->radius->run));
	return 0;
}

static void desk_free(struct desk *desk, unsigned patience_msec)
{
	LIST_REMOVE(desk, entry);
	sd_event_source_disable_unref(desk->io);
	radius_free(desk->radius, patience_msec);
	free(desk->file);
	free(desk);
}

void radius_desks_free(struct daemon *d)
{
	if (!d->radius)
		return;
	while (!LIST_EMPTY(&d->radius->list))
		desk_free(LIST_FIRST(&d->radius->list), LAST_WORDS_MSEC);
	free(d->radius);
	d->radius = NULL;
}

static void log_lost(struct daemon *d, const char *text)
{
	bool last;

	if (log_may(&d->radius->lost, daemon_now(d), &last))
		log_warning("RADIUS accounting: %s%s", text,
			last ? "; more will not be logged for a minute" : "");
}

static void take_result(struct daemon *d, struct radius_result *result)
{
	struct radius_order *order;

	if (result->record) {
		if (result->outcome.verdict != RADIUS_ACCEPTED)
			log_lost(d, result->outcome.text);
		return;
	}
	HASH_FIND(hh, d->radius->orders, &result->cookie, sizeof(result->cookie), order);
	if (!order)
		return;
	radius_desk_forget(d, order);
	order->answered(order, result);
}

static int desk_io(sd_event_source *source, int fd, uint32_t revents, void *user)
{
	struct daemon *d = user;
	struct radius_result *result;
	struct desk *desk;

	LIST_FOREACH (desk, &d->radius->list, entry)
		while (desk->radius && (result = radius_next(desk->radius))) {
			take_result(d, result);
			radius_result_free(result);
		}
	return 0;
}

static void open_desk(struct daemon *d, const char *file)
{
	struct desk *desk;
	struct why why;
	int r;

	LIST_FOREACH (desk, &d->radius->list, entry)
		if (strcmp(desk->file, file) == 0)
			return;
	desk = calloc(1, sizeof(*desk));
	if (desk)
		desk->file = strdup(file);
	if (!desk || !desk->file) {
		log_error("%s: out of memory", file);
		free(desk);
		return;
	}
	LIST_INSERT_HEAD(&d->radius->list, desk, entry);
	r = radius_open(file, &desk->radius, &why);
	if (r == 0) {
		r = sd_event_add_io(
			d->event, &desk->io, radius_fd(desk->radius), EPOLLIN, desk_io, d);
		if (r < 0)
			why_not(&why, r, "%s: %s", file, strerror(-r));
	}
	if (r < 0)
		log_error("RADIUS: %s", why.text);
}

/* Answers to what was asked do not come any more. */
static void drop_orders(struct daemon *d)
{
	struct radius_result none = { .outcome = { .verdict = RADIUS_FAILED,
					      .text = "the configuration was read again" } };
	struct radius_order *order, *tmp;

	HASH_ITER (hh, d->radius->orders, order, tmp) {
		radius_desk_forget(d, order);
		order->answered(order, &none);
	}
}

void radius_desks_update(struct daemon *d)
{
	if (!LIST_EMPTY(&d->radius->list))
		drop_orders(d);
	while (!LIST_EMPTY(&d->radius->list))
		desk_free(LIST_FIRST(&d->radius->list), 0); /* the loop does not wait */
	for (size_t i = 0; i < d->config->forwards_len; i++)
		if (*d->config->forwards[i].radius)
			open_desk(d, d->config->forwards[i].radius);
}

static struct radius *find(const struct daemon *d, const char *file)
{
	struct desk *desk;

	LIST_FOREACH (desk, &d->radius->list, entry)
		if (strcmp(desk->file, file) == 0)
			return desk->radius;
	return NULL;
}

int radius_desk_ask(struct daemon *d, struct radius_order *order, const char *file,
	const struct radius_call *call, struct why *why)
{
	struct radius *radius = find(d, file);
	int r;

	if (!radius)
		return why_not(why, -ENOENT, "%s cannot be used, see the log", file);
	order->cookie = ++d->radius->last_cookie;
	HASH_ADD(hh, d->radius->orders, cookie, sizeof(order->cookie), order);
	if (!order->hh.tbl) {
		order->cookie = 0;
		return why_not(why, -ENOMEM, "%s", strerror(ENOMEM));
	}
	r = radius_ask(radius, call, order->cookie, why);
	if (r < 0)
		radius_desk_forget(d, order);
	return r;
}

void radius_desk_forget(struct daemon *d, struct radius_order *order)
{
	if (order->cookie)
		HASH_DEL(d->radius->orders, order);
	order->cookie = 0;
}

void radius_desk_tell(struct daemon *d, const char *file, const struct radius_record *record)
{
	struct radius *radius = find(d, file);
	struct why why;
	int r;

	if (!radius)
		return;
	r = radius_account(radius, record, 0, &why);
	if (r < 0 && r != -ENOENT)
		log_lost(d, why.text);
}

void radius_desk_session_id(struct daemon *d, char ret[static 24])
{
	snprintf(ret, 24, "%08x%08llx", d->radius->run,
		(unsigned long long)++d->radius->last_session);
}
