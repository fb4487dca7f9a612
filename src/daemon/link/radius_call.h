/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One forwarded call as RADIUS has it: the question, the tunnels that were named, the account. */
#ifndef DAEMON_LINK_RADIUS_CALL_H
#define DAEMON_LINK_RADIUS_CALL_H

#include "daemon/attach/line.h"
#include "link.h"
#include "radius_desk.h"

/* A member of a forwarded call; zero: RADIUS has nothing to do with it. */
struct radius_part {
	struct radius_order order;
	char *file;	     /* NULL: nothing to do */
	char session_id[24]; /* Acct-Session-Id */
	bool has_reply;
	struct radius_reply reply;
	size_t next;  /* tunnel of the reply to try */
	bool started; /* an accounting start was sent */
	sd_event_source *interim, *limit;
	struct line *line; /* while it is up */
	struct call *call;
};

/* Ask; order.answered says what came of it. 0, or -errno with a sentence in why. */
int radius_call_ask(
	struct radius_part *part, const char *file, const struct line *line, struct why *why);
/* It named tunnels: they are to be tried, and no other. */
bool radius_call_has_tunnels(const struct radius_part *part);
/*
 * The next of them as a link: copy of model, but for peer, secret and host name; strings are
 * part's and model's. False: all were tried.
 */
bool radius_call_next(
	struct radius_part *part, const struct config_link *model, struct config_link *ret);
/* There is one more. */
bool radius_call_has_next(const struct radius_part *part);
/* The call is up: accounting start, and what limits it. */
void radius_call_up(struct radius_part *part, struct line *line, struct call *call);
/* It is over, if it ever was up: accounting stop. */
void radius_call_over(struct radius_part *part, const struct l2tp_reason *reason);
/* Nothing is kept. */
void radius_call_clear(struct daemon *d, struct radius_part *part);

#endif
