/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "update.h"

#include <string.h>

#include "daemon/call/seq.h"
#include "dial.h"
#include "listen.h"

/* What a new configuration means for the calls that run. Everything else is for the next one. */
static void apply_to_calls(struct link *link)
{
	struct call *call;

	if (link->dataseq == link->owner.config->dataseq)
		return;
	link->dataseq = link->owner.config->dataseq;
	LIST_FOREACH (call, &link->owner.calls, of_owner)
		seq_option_changed(call);
}

/*
 * Options are read when they are needed (a tunnel's share key when it is dialled, "peer" when
 * somebody calls); what is kept elsewhere is brought in line here.
 */
int link_option_changed(struct link *link, const char *key)
{
	if (strcmp(key, "self") == 0 || strcmp(key, "incoming") == 0)
		return listen_update(link->daemon);
	if (strcmp(key, "dataseq") == 0)
		apply_to_calls(link);
	return 0;
}

/* The link of that name goes on, also one that an earlier configuration removed. */
static void keep_or_add(struct daemon *d, const struct config_link *config)
{
	struct links *links = d->links;
	struct link *link;

	HASH_FIND(by_name, links->by_name, config->name, strlen(config->name), link);
	if (!link) {
		if (!link_new(d, config))
			log_error("link %s: out of memory", config->name);
		return;
	}
	/* the order of definition decides matches */
	TAILQ_REMOVE(&links->list, link, entry);
	TAILQ_INSERT_TAIL(&links->list, link, entry);
	link->owner.config = config;
	apply_to_calls(link);
}

void links_update(struct daemon *d)
{
	struct link *link, *next;

	TAILQ_FOREACH (link, &d->links->list, entry)
		if (!link->transient)
			link->owner.config = NULL;
	for (size_t i = 0; i < d->config->links_len; i++)
		keep_or_add(d, &d->config->links[i]);
	for (link = TAILQ_FIRST(&d->links->list); link; link = next) {
		next = TAILQ_NEXT(link, entry);
		if (link->owner.config)
			continue;
		dial_close(link, "the link was removed from the configuration");
		link_settle(link);
	}
}

void links_autostart(struct daemon *d)
{
	struct link *link;
	struct why why;

	TAILQ_FOREACH (link, &d->links->list, entry) {
		if (!link->owner.config || !link->owner.config->autostart || link->wanted)
			continue;
		if (dial_open(link, &why) < 0)
			log_error("%s", why.text);
	}
}
