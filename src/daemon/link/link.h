/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Links: what mpd calls a link of type l2tp, one [link] section. A link that was removed from the
 * configuration lives until its last call ended; then NEWS_LINK_GONE is posted, and links_reap()
 * frees it after that was read.
 */
#ifndef DAEMON_LINK_LINK_H
#define DAEMON_LINK_LINK_H

#include "daemon/call/call.h"

/* What the link itself does; calls that peers placed are not in it. */
enum link_state {
	LINK_DOWN,
	LINK_QUEUED, /* the dial begins with the next turn of the loop */
	LINK_RESOLVING,
	LINK_DIALLING,
	LINK_UP,      /* the call we placed carries IP */
	LINK_WAITING, /* for the next redial */
	LINK_CLOSING, /* the call we placed is told to end */
};

struct link {
	struct call_owner owner; /* first: name, configuration, calls */
	TAILQ_ENTRY(link) entry;
	UT_hash_handle by_name, by_id;
	SLIST_ENTRY(link) dead;
	struct daemon *daemon;
	struct transient *transient; /* who made it (api/transient.h); NULL: the configuration */
	enum link_state state;
	bool wanted; /* open; redial may apply */
	struct resolve *resolve;
	sd_event_source *resolve_io, *timer;
	struct l2tp_addr *addrs; /* the peer's addresses of this dial */
	size_t addrs_len, addr_next;
	struct call *call; /* the one we placed */
	int dial_error;	   /* -errno of the last try, if it failed here; else 0 */
	unsigned attempts; /* since the last success */
	bool dataseq;	   /* what running calls were told */
	char *waiting;	   /* incoming: why it does not listen now; NULL: it does, or need not */
	usec_t hurried;	   /* when a change of the network last began a redial at once */
	bool gone;	   /* NEWS_LINK_GONE is posted */
	struct news_item up_news, failed_news, gone_news;
	struct outcome *last_down; /* NULL: never was */
};
TAILQ_HEAD(link_list, link);

struct links {
	struct link_list list; /* in order of definition */
	struct link *by_name, *by_id;
	uint32_t last_id;
	sd_event_source *listen_timer;
	struct log_limit refused_tunnels, refused_calls;
	SLIST_HEAD(, link) dead;
};

/* 0 or -ENOMEM; sets d->links. */
int links_new(struct daemon *d);
/* All calls are gone. */
void links_free(struct daemon *d);
/* Free the dead: after the news about them were read. False: there were none. */
bool links_reap(struct daemon *d);

/* By name, of the present configuration; NULL: none. */
struct link *link_find(const struct daemon *d, const char *name);
/* By the cookie of its tunnels and calls; NULL: it is gone. */
struct link *link_by_id(const struct daemon *d, uint64_t id);
/* The link of a call. */
struct link *link_of(const struct call *call);
/* "down", "dialling", "up", "waiting", "closing" */
const char *link_state_name(const struct link *link);

/* A new link behind the others; NULL: no memory. config stays the caller's. */
struct link *link_new(struct daemon *d, const struct config_link *config);
/* It is in no configuration and has no calls: let it go, once. */
void link_settle(struct link *link);
/* Everything of a dial that has not led to a call yet. */
void link_stop_dial(struct link *link);

#endif
