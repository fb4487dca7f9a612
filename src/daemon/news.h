/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * News: what happened to calls, conns and links, told after the turn of the loop in which it did,
 * when nobody is in the middle of something. So a destructor answers nobody and dials nothing, and
 * whoever hears of the end of an object may still look at it: the dead are freed after their news
 * was read (reactor.c).
 */
#ifndef DAEMON_NEWS_H
#define DAEMON_NEWS_H

#include <sys/queue.h>

#include <l2tp/core.h>

struct call;
struct conn;
struct daemon;
struct line;
struct link;

/* Why something ended, for people and JSON ("last_down"); one record, shared by all who keep it. */
struct outcome {
	unsigned refs;
	int64_t time; /* seconds since 1970 */
	struct l2tp_reason reason;
	int ppp_exit;	/* pppd's true exit status, -1: pppd did not run (to its end) */
	char text[800]; /* one sentence that says what happened and what to do */
};

/*
 * A record of now, with one reference; text by printf. Never NULL: when there is no memory it is
 * one that says so and cannot be changed.
 */
struct outcome *outcome_new(const struct l2tp_reason *reason, int ppp_exit, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* NULL is allowed. */
void outcome_unref(struct outcome *outcome);
/* *where keeps outcome from now on, and lets go of what it kept. */
void outcome_keep(struct outcome **where, struct outcome *outcome);

enum news_type {
	NEWS_TUNNEL_UP,	  /* conn */
	NEWS_TUNNEL_DOWN, /* conn; conn->end says why */
	NEWS_CALL_UP,	  /* call: it carries IP */
	NEWS_CALL_MORE,	  /* call: it is up, and more is known of it */
	NEWS_CALL_ENDED,  /* call, dead; call->end says why */
	NEWS_LINK_UP,	  /* link: the call it placed is up */
	NEWS_LINK_FAILED, /* link: a dial came to nothing, see link->last_down; may be redialled */
	NEWS_LINK_GONE,	  /* link: removed and without calls; freed after this */
	NEWS_LINE_CALLS,  /* line: a caller wants to be forwarded */
	NEWS_LINE_KNOWN,  /* line: he has said who he is */
	NEWS_LINE_ENDED,  /* line, dead or saying goodbye: the caller is gone; line->reason says why
			   */
	NEWS_STATS,	  /* all counters of the kernel were read */
	NEWS_NETWORK,	  /* addresses, interfaces or routes of this machine changed */
};

struct news {
	enum news_type type;
	struct call *call; /* NULL where it is not about one; so are the others */
	struct conn *conn;
	struct link *link;
	struct line *line;
};

/* Room for one piece of news: a member of what it is about, so that none is lost for memory. */
struct news_item {
	STAILQ_ENTRY(news_item) entry;
	struct news news;
	bool queued;
};

struct news_desk;

/* NULL when out of memory. */
struct news_desk *news_desk_new(void);
/* What was not delivered is forgotten. NULL is allowed. */
void news_desk_free(struct news_desk *desk);

typedef void news_reader(struct daemon *d, const struct news *news);
/* read hears of everything from now on, in the order of subscription. */
void news_subscribe(struct news_desk *desk, news_reader *read);
/* Copies news into item; if that waits to be read already, nothing. */
void news_post(struct news_desk *desk, struct news_item *item, const struct news *news);
/* Tell all readers all there is; they may post more. False: there was nothing. */
bool news_deliver(struct news_desk *desk, struct daemon *d);

#endif
