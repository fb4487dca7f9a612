/* SPDX-License-Identifier: GPL-2.0-or-later */
/* RADIUS servers that [forward] sections name, and who waits for their answers. */
#ifndef DAEMON_LINK_RADIUS_DESK_H
#define DAEMON_LINK_RADIUS_DESK_H

#include "daemon/daemon.h"
#include "radius/radius.h"

/* A member of who asks; zero: does not wait. */
struct radius_order {
	UT_hash_handle hh; /* by cookie, while it is being asked */
	uint64_t cookie;
	/* result stays the desk's; its reply may be taken out of it. */
	void (*answered)(struct radius_order *order, struct radius_result *result);
};

/* 0 or -ENOMEM; sets d->radius. */
int radius_desks_new(struct daemon *d);
/* Records that wait still go out for a moment. Nobody may wait for an answer. */
void radius_desks_free(struct daemon *d);
/*
 * Follow the files that d->config names; they are read anew, and records that wait to go out are
 * lost. What is wrong with a file is logged.
 */
void radius_desks_update(struct daemon *d);

/* Ask the servers of a file about a call. 0, or -errno with a sentence in why. */
int radius_desk_ask(struct daemon *d, struct radius_order *order, const char *file,
	const struct radius_call *call, struct why *why);
/* Nobody waits for the answer any more. */
void radius_desk_forget(struct daemon *d, struct radius_order *order);
/* Tell them about one; what becomes of the record is in the log only. */
void radius_desk_tell(struct daemon *d, const char *file, const struct radius_record *record);
/* A new Acct-Session-Id. */
void radius_desk_session_id(struct daemon *d, char ret[static 24]);

#endif
