/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lines: where a call that is forwarded comes from, a PPP channel with a caller at its other end.
 * What a line is (PPPoE session, serial line, call of another tunnel) is its kind's; who takes its
 * call is decided above, which reads these news:
 *
 *   NEWS_LINE_CALLS  somebody calls: line_talk(), or a call for it (attachment_bridge), or
 *                    line_hang_up()
 *   NEWS_LINE_KNOWN  after line_talk(): the caller is known, line_params() tells more
 *   NEWS_LINE_ENDED  the caller, or the line, is gone; line->reason says why. Freed by
 *                    lines_reap() after this was read. Not posted after line_hang_up().
 *
 * A call that carries a line has call->line; whoever placed it sets and clears that.
 */
#ifndef DAEMON_ATTACH_LINE_H
#define DAEMON_ATTACH_LINE_H

#include <sys/queue.h>

#include "daemon/call/leg.h"
#include "linux/plane.h"

struct lcp_params;

/* What speaks PPP with the caller (line_talk.h). */
struct line_talker {
	/* Frames wait at the leg. */
	void (*read)(struct line *line);
	void (*params)(const struct line *line, struct l2tp_call_params *params);
	/* The LNS takes over: what was kept for it is written to other. 0, or -errno: no caller */
	int (*hand_over)(struct line *line, const struct ppp_leg *other);
	/* Say goodbye; line_over() comes then, or at once. False: there is nobody to say it to. */
	bool (*close)(struct line *line, const struct l2tp_reason *reason);
	void (*free)(struct line *line);
};

enum line_state {
	LINE_CALLING, /* nobody has decided yet, or its call is being set up */
	LINE_TALKING, /* PPP is spoken with the caller from here */
	LINE_JOINED,  /* to its call, in the kernel */
	LINE_CLOSING, /* PPP says goodbye */
	LINE_ENDED,
};
/* "calling", "talking", "up", "closing"; never NULL */
const char *line_state_name(enum line_state state);

struct line_kind {
	const char *name;
	enum config_source_kind source; /* of a [forward] */
	/* What makes its channel: fd (the plane's from then on) or pppoe of the job. */
	void (*describe_leg)(struct line *line, struct plane_job *job);
	/* The caller may send, or hears that all is well: its channel is there, or joined. */
	void (*ready)(struct line *line);
	/* What is known of the call, for the one that carries it: spans live until the next input
	 */
	void (*params)(const struct line *line, struct l2tp_call_params *params);
	/* What LCP has to keep to on it; NULL: PPP is not spoken from here. lcp is zero. */
	void (*lcp)(const struct line *line, struct lcp_params *lcp);
	/*
	 * It is over; tell the caller why, if there is a way. text may be "". The last that is
	 * called before free.
	 */
	void (*hang_up)(struct line *line, const struct l2tp_reason *reason);
	void (*free)(struct line *line);
	/* The kernel says that its channel is gone: line_gone() with what is known better. */
	void (*lost)(struct line *line);
	/* RFC 2661 6.14: what the LNS wants escaped; NULL: there is nothing to escape */
	void (*accm)(struct line *line, uint32_t send, uint32_t recv);
};

/* A kind has it as its first member. */
struct line {
	struct daemon *daemon;
	const struct line_kind *kind;
	LIST_ENTRY(line) all;
	SLIST_ENTRY(line) dead;
	struct news_item calls_news, known_news, ended_news;
	char section[64];	       /* the name of its section */
	char calling[64], called[256]; /* printable; "": not known */
	enum line_state state;
	bool was_ready;
	usec_t since; /* it called */
	struct ppp_leg leg;
	struct plane_lane lane;			      /* of the jobs about its leg */
	struct leg_order order;			      /* of its leg */
	void (*opened)(struct line *line, int error); /* who waits for that */
	sd_event_source *io;
	const struct line_talker *talker; /* NULL: nothing is said from here */
	struct line_talk *talk;		  /* its own */
	struct call *call;		  /* carries it; NULL: none yet */
	void *owner;			  /* the one above */
	char user[128];			  /* as it logged in; "": not known */
	struct l2tp_reason reason;
};

struct lines {
	LIST_HEAD(, line) list;
	SLIST_HEAD(, line) dead;
};

/* 0 or -ENOMEM; sets d->lines. */
int lines_new(struct daemon *d);
/* Without a word to anybody; calls are gone. */
void lines_free(struct daemon *d);
/* Free the dead. False: there were none. */
bool lines_reap(struct daemon *d);

/* Somebody calls: line is zero but for what is the kind's, calling and called. */
void line_calls(
	struct line *line, struct daemon *d, const struct line_kind *kind, const char *section);
/* Have its channel; opened(line, error) says when. 0 or -errno. */
int line_open(struct line *line, void (*opened)(struct line *line, int error));
/* The same for a kind that has one already: the line takes it, also on error. 0 or -errno. */
int line_take_leg(struct line *line, const struct ppp_leg *leg);
/* All that is known of the caller. */
void line_params(const struct line *line, struct l2tp_call_params *params);
/* Join its channel and another, which stays the caller's. 0 or -errno. */
int line_join(struct line *line, const struct ppp_leg *other);

/* From the kind: the caller is gone. */
void line_gone(struct line *line, const struct l2tp_reason *reason);
/* From above: end it; PPP says goodbye first, if it is spoken here. */
void line_hang_up(struct line *line, const struct l2tp_reason *reason);
/* From what talks PPP: it has said goodbye. */
void line_over(struct line *line);

/* From what talks PPP: frames that wait come to talker->read() from now on. 0 or -errno. */
int line_watch(struct line *line);
/* From those who open or join it: the kind's ready(), once. */
void line_ready(struct line *line);

#endif
