/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "orders.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <l2tpd/ctl.h>

#include "daemon/json.h"
#include "daemon/link/dial.h"

/* A client that waits for a link to come up. */
struct open_wait {
	LIST_ENTRY(open_wait) entry;
	struct request *request;
	const struct link *link;
};

/* One "close" order over any number of calls: answered when the last of them is gone. */
struct close_wait {
	struct request *request; /* NULL: the client went away */
	unsigned pending, closed;
};

/* All who wait for the end of one call. */
struct closing {
	UT_hash_handle hh;
	const struct call *call; /* key */
	SLIST_HEAD(, close_entry) entries;
};

struct close_entry {
	SLIST_ENTRY(close_entry) entry;
	struct close_wait *wait;
};

/* As many as clients have orders open: short lists. */
struct orders {
	LIST_HEAD(, open_wait) opens;
	struct closing *closings;
};

int orders_new(struct daemon *d)
{
	d->orders = calloc(1, sizeof(*d->orders));
	return d->orders ? 0 : -ENOMEM;
}

/* --- open --- */

static json_t *link_up_json(const struct link *link)
{
	const struct call *call = link->call;

	return json_pack("{s:s, s:i, s:o, s:o, s:o}", "link", link->owner.name, "session",
		call ? (int)call->sid : 0, "ifname", ctl_json_text(call ? call->ip.ifname : ""),
		"local_ip", ctl_json_ip(call ? call->ip.local : 0), "peer_ip",
		ctl_json_ip(call ? call->ip.peer : 0));
}

static void open_cancelled(struct request *request, void *data)
{
	struct open_wait *wait = data;

	LIST_REMOVE(wait, entry);
	free(wait);
}

void orders_open(struct request *request, const json_t *params, void *user)
{
	const char *name = json_string_value(json_object_get(params, "link"));
	bool wanted = !json_is_false(json_object_get(params, "wait"));
	struct daemon *d = user;
	struct link *link = name ? link_find(d, name) : NULL;
	struct open_wait *wait;
	struct why why;

	if (!name) {
		request_bad_parameter(request, "link");
		return;
	}
	if (!link) {
		request_error(request, CTL_ERR_NOT_FOUND, "there is no link \"%s\"", name);
		return;
	}
	if (dial_open(link, &why) < 0) {
		request_error(request, CTL_ERR_REFUSED, "%s", why.text);
		return;
	}
	wait = wanted && link->state != LINK_UP ? calloc(1, sizeof(*wait)) : NULL;
	if (!wait) {
		request_reply(request, link_up_json(link));
		return;
	}
	wait->request = request;
	wait->link = link;
	LIST_INSERT_HEAD(&d->orders->opens, wait, entry);
	request_on_cancel(request, open_cancelled, wait);
}

static void answer_open(struct open_wait *wait, const struct link *link, enum news_type type)
{
	if (type == NEWS_LINK_UP)
		request_reply(wait->request, link_up_json(link));
	else
		request_error(wait->request, CTL_ERR_FAILED, "%s: %s%s", link->owner.name,
			link->last_down ? link->last_down->text : "closed",
			link->state == LINK_WAITING ? " (will be tried again)" : "");
	LIST_REMOVE(wait, entry);
	free(wait);
}

static void tell_opens(struct daemon *d, const struct link *link, enum news_type type)
{
	struct open_wait *wait, *next;

	for (wait = LIST_FIRST(&d->orders->opens); wait; wait = next) {
		next = LIST_NEXT(wait, entry);
		if (wait->link == link)
			answer_open(wait, link, type);
	}
}

/* --- close --- */

static void close_wait_done(struct close_wait *wait)
{
	if (wait->pending > 0)
		return;
	if (wait->request)
		request_reply(wait->request, json_pack("{s:i}", "closed", (int)wait->closed));
	free(wait);
}

static struct closing *closing_of(struct daemon *d, const struct call *call, bool make)
{
	struct closing *closing;

	HASH_FIND_PTR(d->orders->closings, &call, closing);
	if (closing || !make)
		return closing;
	closing = calloc(1, sizeof(*closing));
	if (!closing)
		return NULL;
	closing->call = call;
	SLIST_INIT(&closing->entries);
	HASH_ADD_PTR(d->orders->closings, call, closing);
	if (closing->hh.tbl)
		return closing;
	free(closing);
	return NULL;
}

/* Without memory it is closed all the same, only not waited for. */
static void wait_for(struct daemon *d, const struct call *call, struct close_wait *wait)
{
	struct closing *closing = closing_of(d, call, true);
	struct close_entry *entry = closing ? calloc(1, sizeof(*entry)) : NULL;

	if (!entry)
		return;
	entry->wait = wait;
	wait->pending++;
	SLIST_INSERT_HEAD(&closing->entries, entry, entry);
}

/* The entries of a call that is gone, or of all (closed: by its end). */
static void end_closing(struct daemon *d, struct closing *closing, bool closed)
{
	struct close_entry *entry;

	HASH_DEL(d->orders->closings, closing);
	while ((entry = SLIST_FIRST(&closing->entries))) {
		struct close_wait *wait = entry->wait;

		SLIST_REMOVE_HEAD(&closing->entries, entry);
		free(entry);
		wait->pending--;
		wait->closed += closed;
		close_wait_done(wait);
	}
	free(closing);
}

void orders_free(struct daemon *d)
{
	struct closing *closing, *tmp;

	if (!d->orders)
		return;
	HASH_ITER (hh, d->orders->closings, closing, tmp)
		end_closing(d, closing, false);
	free(d->orders);
	d->orders = NULL;
}

static void close_cancelled(struct request *request, void *data)
{
	struct close_wait *wait = data;

	wait->request = NULL; /* freed with the last call */
}

static void close_link(struct daemon *d, struct link *link, struct close_wait *wait)
{
	struct call *call;

	LIST_FOREACH (call, &link->owner.calls, of_owner)
		wait_for(d, call, wait);
	dial_close(link, "closed by order");
}

static void close_call(struct daemon *d, struct call *call, struct close_wait *wait)
{
	wait_for(d, call, wait);
	if (link_of(call)->call == call)
		dial_close(link_of(call), "closed by order"); /* and no redial */
	else
		call_close(call, "closed by order");
}

static struct call *call_by_text(struct daemon *d, const char *text)
{
	char *end;
	unsigned long sid = strtoul(text, &end, 10);

	return *end || sid > 65535 ? NULL : call_find(d, (uint16_t)sid);
}

/* All calls of a user; false: there is none. */
static bool close_user(struct daemon *d, const char *user, struct close_wait *wait)
{
	struct call *call, *tmp;
	bool any = false;

	HASH_ITER (hh, d->calls->by_sid, call, tmp) {
		if (strcmp(call->user, user) != 0)
			continue;
		any = true;
		if (wait)
			close_call(d, call, wait);
	}
	return any;
}

void orders_close(struct request *request, const json_t *params, void *user)
{
	const char *target = json_string_value(json_object_get(params, "target"));
	struct daemon *d = user;
	struct close_wait *wait;
	struct call *call = NULL;
	struct link *link;
	pid_t pid;
	uid_t uid;

	if (!target || !*target) {
		request_bad_parameter(request, "target");
		return;
	}
	link = link_find(d, target);
	if (!link)
		call = call_by_text(d, target);
	if (!link && !call && !close_user(d, target, NULL)) {
		request_error(request, CTL_ERR_NOT_FOUND,
			"there is no link, session or user \"%s\"", target);
		return;
	}
	wait = calloc(1, sizeof(*wait));
	if (!wait) {
		request_error(request, CTL_ERR_FAILED, "%s", strerror(ENOMEM));
		return;
	}
	request_peer(request, &pid, &uid);
	log_notice("%s: closed by order of uid %u", target, (unsigned)uid);
	wait->request = request;
	wait->pending = 1; /* ours, while calls are gathered */
	request_on_cancel(request, close_cancelled, wait);
	if (link)
		close_link(d, link, wait);
	else if (call)
		close_call(d, call, wait);
	else
		close_user(d, target, wait);
	wait->pending--;
	close_wait_done(wait);
}

/* --- news --- */

void orders_read_news(struct daemon *d, const struct news *news)
{
	struct closing *closing;

	switch (news->type) {
	case NEWS_LINK_UP:
	case NEWS_LINK_FAILED:
	case NEWS_LINK_GONE:
		tell_opens(d, news->link, news->type);
		break;
	case NEWS_CALL_ENDED:
		closing = closing_of(d, news->call, false);
		if (closing)
			end_closing(d, closing, true);
		break;
	case NEWS_TUNNEL_UP:
	case NEWS_TUNNEL_DOWN:
	case NEWS_CALL_UP:
	case NEWS_CALL_MORE:
	case NEWS_LINE_CALLS:
	case NEWS_LINE_KNOWN:
	case NEWS_LINE_ENDED:
	case NEWS_STATS:
	case NEWS_NETWORK:
		break;
	}
}
