/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Requests of clients, and replies: what methods see of the control protocol (l2tpd/ctl.h). Knows
 * no method by itself but those of org.varlink.service.
 *
 * No function here ends a connection at once, so a method may walk a list of kept requests and
 * reply to each, and no cancel handler changes the list under it.
 */
#ifndef CONTROL_REQUEST_H
#define CONTROL_REQUEST_H

#include <jansson.h>
#include <stdbool.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <systemd/sd-event.h>

struct request; /* of a client, without its last reply */
struct caller;

struct ctl_method {
	const char *name;
	bool changes; /* only for root and the control group */
	/*
	 * Must reply now, or keep the request and reply later. params is borrowed, an object, never
	 * NULL.
	 */
	void (*handle)(struct request *request, const json_t *params, void *user);
	bool owner_only; /* for root and the daemon's own user, not for the group */
};

/* The last reply: params is stolen (NULL: empty object). The request is gone after it. */
void request_reply(struct request *request, json_t *params);
/* One of several replies to a request with "more"; params is stolen. */
void request_reply_more(struct request *request, json_t *params);
/* The last reply, an error of ctl.h with a message; the request is gone after it. */
void request_error(struct request *request, const char *error, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* The same for an error in one of several lines, which gets "line". */
void request_error_in_line(
	struct request *request, const char *error, size_t line, const char *message);
/* The last reply, CTL_ERR_PARAMETER for a parameter that is missing or of the wrong type. */
void request_bad_parameter(struct request *request, const char *parameter);
/* The client allowed several replies. */
bool request_wants_more(const struct request *request);
/* The client is root or in the control group: for methods that change something only sometimes. */
bool request_may_change(const struct request *request);
/* The client is root, or the daemon's own user. */
bool request_of_owner(const struct request *request);
/*
 * Called when the client went away (or the server is freed) before the last reply; the request is
 * gone after it returns, and must not be replied to. Set it on every request that is kept.
 */
void request_on_cancel(
	struct request *request, void (*cancel)(struct request *request, void *data), void *data);
/* pid and uid of the caller, for the log. */
void request_peer(const struct request *request, pid_t *ret_pid, uid_t *ret_uid);

/* --- for the server --- */

/* Who is served, and with what. Start with all zero and TAILQ_INIT(&callers). */
struct ctl_service {
	sd_event *event;
	const struct ctl_method *methods; /* ends with a row of NULLs */
	const char *idl;		  /* of CTL_INTERFACE */
	void *user;			  /* for methods */
	TAILQ_HEAD(, caller) callers;
	unsigned caller_count;
};

/* Serve the connected socket fd; it is the service's on success only. 0 or -errno. */
int request_accept(struct ctl_service *service, int fd, const struct ucred *peer, bool may_change);
/* Sends what can be sent, closes all connections; requests still kept are cancelled. */
void request_close_all(struct ctl_service *service);

#endif
