/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Forwards: [forward] sections, and the LNSs (targets) each has to choose from. How one call is
 * forwarded: forwarded.h.
 */
#ifndef DAEMON_LINK_FORWARD_H
#define DAEMON_LINK_FORWARD_H

#include "daemon/attach/line.h"
#include "link.h"

#define FORWARD_TARGETS_MAX 32 /* tried for one call, however many there are */

struct forwarded;

/* One link of "to", and what is remembered of its LNS. */
struct target {
	TAILQ_ENTRY(target) entry;
	struct forward *forward;
	char link[64];
	unsigned weight;
	bool removed;	   /* from the configuration, but calls go through it still */
	unsigned refs;	   /* forwarded calls that use it or try to */
	unsigned up;	   /* of them, those that are up */
	int64_t credit;	   /* smooth weighted round robin */
	unsigned failures; /* in a row */
	usec_t dead_until; /* 0: it answers, as far as is known */
	struct l2tp_addr *addrs;
	size_t addrs_len, addr_next;
	usec_t resolved; /* when; 0: never */
	struct resolve *resolve;
	sd_event_source *resolve_io;
	void (*found)(struct target *target); /* target_addr.h */
	TAILQ_HEAD(, forwarded) waiting;      /* for that */
};
TAILQ_HEAD(target_list, target);

struct forward {
	TAILQ_ENTRY(forward) entry;
	struct daemon *daemon;
	char name[64];
	const struct config_forward *config; /* NULL: removed */
	struct target_list targets;	     /* in order of definition */
	LIST_HEAD(, forwarded) calls;
	unsigned calls_len;
	uint64_t taken, refused; /* since the start */
};
TAILQ_HEAD(forward_list, forward);

struct forwards {
	struct forward_list list; /* in order of definition */
	struct log_limit refused;
};

/* 0 or -ENOMEM; sets d->forwards. */
int forwards_new(struct daemon *d);
/* Calls and lines are gone. */
void forwards_free(struct daemon *d);
/* Follow d->config: those that are gone have config NULL and end their calls. */
void forwards_update(struct daemon *d);

/*
 * Whose the call of a line is. known: the user's name is, so realms count; else it is the first
 * that may have it, which says how the caller is spoken to. NULL: nobody's.
 */
struct forward *forward_find(struct daemon *d, const struct line *line, bool known);

/*
 * The LNS for one more call that was not tried for it, with a reference: the dead only if there is
 * no other. NULL: all were tried.
 */
struct target *target_choose(
	struct forward *forward, struct target *const *tried, unsigned tried_len);
/* There is a choice that is not known to be dead. */
bool target_has_choice(
	const struct forward *forward, struct target *const *tried, unsigned tried_len);
void target_unref(struct target *target);
/* It answered: a call is up. */
void target_alive(struct target *target);
/*
 * It did not answer. True: its name has another address, which is next; else it is not tried again
 * for a while that grows.
 */
bool target_dead(struct target *target);

#endif
