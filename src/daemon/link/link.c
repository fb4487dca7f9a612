/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "link.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "linux/resolve.h"

int links_new(struct daemon *d)
{
	d->links = calloc(1, sizeof(*d->links));
	if (!d->links)
		return -ENOMEM;
	TAILQ_INIT(&d->links->list);
	SLIST_INIT(&d->links->dead);
	return 0;
}

struct link *link_find(const struct daemon *d, const char *name)
{
	struct link *link;

	HASH_FIND(by_name, d->links->by_name, name, strlen(name), link);
	return link && link->owner.config ? link : NULL;
}

struct link *link_by_id(const struct daemon *d, uint64_t id)
{
	uint32_t key = (uint32_t)id;
	struct link *link;

	HASH_FIND(by_id, d->links->by_id, &key, sizeof(key), link);
	return link;
}

struct link *link_of(const struct call *call)
{
	return (struct link *)call->owner;
}

const char *link_state_name(const struct link *link)
{
	switch (link->state) {
	case LINK_DOWN:
		return link->owner.calls_len ? "up" : link->waiting ? "waiting" : "down";
	case LINK_QUEUED:
	case LINK_RESOLVING:
	case LINK_DIALLING:
		return "dialling";
	case LINK_UP:
		return "up";
	case LINK_WAITING:
		return "waiting";
	case LINK_CLOSING:
		return "closing";
	}
	return "";
}

struct link *link_new(struct daemon *d, const struct config_link *config)
{
	struct link *link = calloc(1, sizeof(*link));
	struct links *links = d->links;

	if (!link)
		return NULL;
	link->daemon = d;
	link->owner.id = ++links->last_id;
	link->owner.config = config;
	LIST_INIT(&link->owner.calls);
	link->dataseq = config->dataseq;
	snprintf(link->owner.name, sizeof(link->owner.name), "%s", config->name);
	HASH_ADD_KEYPTR(by_name, links->by_name, link->owner.name, strlen(link->owner.name), link);
	HASH_ADD(by_id, links->by_id, owner.id, sizeof(link->owner.id), link);
	if (!link->by_name.tbl || !link->by_id.tbl) {
		if (link->by_name.tbl)
			HASH_DELETE(by_name, links->by_name, link);
		if (link->by_id.tbl)
			HASH_DELETE(by_id, links->by_id, link);
		free(link);
		return NULL;
	}
	TAILQ_INSERT_TAIL(&links->list, link, entry);
	return link;
}

void link_stop_dial(struct link *link)
{
	link->timer = sd_event_source_disable_unref(link->timer);
	link->resolve_io = sd_event_source_disable_unref(link->resolve_io);
	resolve_free(link->resolve);
	link->resolve = NULL;
}

static void link_die(struct link *link)
{
	struct links *links = link->daemon->links;

	link_stop_dial(link);
	HASH_DELETE(by_name, links->by_name, link);
	HASH_DELETE(by_id, links->by_id, link);
	TAILQ_REMOVE(&links->list, link, entry);
	SLIST_INSERT_HEAD(&links->dead, link, dead);
}

void link_settle(struct link *link)
{
	if (link->owner.config || link->owner.calls_len || link->gone)
		return;
	link->gone = true;
	news_post(link->daemon->news, &link->gone_news,
		&(struct news){ .type = NEWS_LINK_GONE, .link = link });
	link_die(link);
}

bool links_reap(struct daemon *d)
{
	struct link *link;
	bool any = false;

	while ((link = SLIST_FIRST(&d->links->dead))) {
		SLIST_REMOVE_HEAD(&d->links->dead, dead);
		outcome_unref(link->last_down);
		free(link->addrs);
		free(link->waiting);
		free(link);
		any = true;
	}
	return any;
}

void links_free(struct daemon *d)
{
	if (!d->links)
		return;
	while (!TAILQ_EMPTY(&d->links->list))
		link_die(TAILQ_FIRST(&d->links->list));
	links_reap(d);
	sd_event_source_disable_unref(d->links->listen_timer);
	free(d->links);
	d->links = NULL;
}
