/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One call that is forwarded: a line (attach/line.h) on one side, a call to an LNS on the other.
 * The LNSs of its [forward] are tried one after the other until one takes it.
 */
#ifndef DAEMON_LINK_FORWARDED_H
#define DAEMON_LINK_FORWARDED_H

#include "forward.h"
#include "radius_call.h"

struct forwarded {
	LIST_ENTRY(forwarded) entry;
	TAILQ_ENTRY(forwarded) wait; /* for the name of its target */
	bool waits;
	struct forward *forward;
	struct line *line;	   /* its owner is this */
	struct radius_part radius; /* what a RADIUS server says of it */
	struct target *target;	   /* NULL: none now, or the tunnel is RADIUS's */
	struct config_link tunnel; /* that one: strings are radius's and the link's */
	struct resolve *resolve;   /* of its name */
	sd_event_source *resolve_io;
	struct l2tp_addr *addrs;
	struct call *call; /* NULL: none now */
	bool up;
	struct target *tried[FORWARD_TARGETS_MAX];
	unsigned tried_len;
	sd_event_source *timer;
	struct l2tp_reason last; /* why the last try came to nothing */
};

/* Reads NEWS_LINE_..., NEWS_CALL_UP and NEWS_CALL_ENDED. */
void forwarded_read_news(struct daemon *d, const struct news *news);
/* forwards_update(), and calls of forwards that are gone end. */
void forwarded_update(struct daemon *d);
/* No new calls from now on; those that have none yet end. */
void forwarded_stop(struct daemon *d);

/* At the very end: nobody is told anything. */
void forwarded_free_all(struct daemon *d);

#endif
