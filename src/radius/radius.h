/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A RADIUS client that nobody waits for: questions about calls, and accounting records, are queued;
 * threads ask the servers, and what came of it is a result:
 *
 *   radius_open .. radius_ask, radius_account -> radius_fd readable -> radius_next .. radius_free
 *
 * One for each file. The first server that answers counts, in the order of the file; one that was
 * silent is asked after the others for a while (radius_deadtime), of a question only if there is no
 * other. What is about one call (by its session_id) is never sent side by side or out of order.
 *
 * Not by radcli, although it reads radcli's files: release 1.2.11, which Debian 12 has, takes
 * answers for good whose authenticator is wrong, and from any address.
 */
#ifndef RADIUS_RADIUS_H
#define RADIUS_RADIUS_H

#include "base/why.h"
#include "reply.h"
#include "request.h"
#include "server.h"

struct radius;

struct radius_result {
	uint64_t cookie; /* of the order */
	bool record;	 /* of radius_account() */
	struct radius_outcome outcome;
	/*
	 * Of an accepted or rejected question. Accepted without tunnels: the server leaves the
	 * choice to us; if it named some and none is of any use the outcome is FAILED.
	 */
	struct radius_reply reply;
};

#define RADIUS_WORKERS_MAX 4
#define RADIUS_QUEUE_MAX   1024 /* orders that nobody has begun */
#define RADIUS_PATIENCE_S  30	/* a question that has waited so long is not asked any more */

/*
 * Read a configuration file (file.h) and the secrets it names; no server is asked. 0; -errno and
 * why, which names file and line.
 */
int radius_open(const char *path, struct radius **ret, struct why *why);
/*
 * Questions and results are dropped; accounting records still go out for up to patience_ms, then
 * those left are dropped, too, and what is being asked cleans up behind itself. NULL is allowed.
 */
void radius_free(struct radius *radius, unsigned patience_ms);

/* Readable as long as there are results. */
int radius_fd(const struct radius *radius);

/*
 * Ask about a call, or tell about one. Everything is copied, and wiped when it was sent. 0: there
 * will be a result with this cookie; -EINVAL and why: request.h; -ENOBUFS: RADIUS_QUEUE_MAX wait;
 * -ENOENT, of records: the file has no acctserver, and nobody wants to know; -ENOMEM or another
 * -errno: no thread could be started. why is filled in for all of them.
 */
int radius_ask(
	struct radius *radius, const struct radius_call *call, uint64_t cookie, struct why *why);
int radius_account(struct radius *radius, const struct radius_record *record, uint64_t cookie,
	struct why *why);

/* The next result, the caller's (radius_result_free() it), or NULL. */
struct radius_result *radius_next(struct radius *radius);
/* Wipes. NULL is allowed. */
void radius_result_free(struct radius_result *result);

#endif
