/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The server side of the control socket: connections, framing, who may call what. Knows no method
 * by itself but those of org.varlink.service; ctl_methods.c brings the table. Runs in an sd-event
 * loop.
 */
#ifndef CONTROL_SERVER_H
#define CONTROL_SERVER_H

#include <jansson.h>
#include <stdbool.h>
#include <systemd/sd-event.h>

struct ctl_server;
struct request; /* one request that has not got its last reply */

struct ctl_method {
	const char *name;
	bool changes; /* only for root and the control group */
	/* Must reply now or keep call and reply later. params is borrowed, an object, never NULL.
	 */
	void (*handle)(struct request *call, const json_t *params, void *user);
};

/*
 * Listens on path (SOCK_STREAM, mode 0660, group as given; an unknown group: mode 0600). A stale
 * socket file without a listener is replaced; a live one is -EADDRINUSE. Missing parent directory
 * is made (0755). methods ends with a row of NULLs and must outlive the server. Interface
 * description text (the IDL) is borrowed too. *ret_group_missing (may be NULL): the group does not
 * exist.
 */
int ctl_server_new(sd_event *event, const char *path, const char *group,
	const struct ctl_method *methods, const char *idl, void *user, struct ctl_server **ret,
	bool *ret_group_missing);
/* Closes all connections, removes the socket file. Calls still kept are cancelled. */
void ctl_server_free(struct ctl_server *server);

/* The last reply: params is stolen (NULL: empty object). call is gone after it. */
void request_reply(struct request *call, json_t *params);
/* One of several replies to a call with "more"; params is stolen. */
void request_reply_more(struct request *call, json_t *params);
/* The last reply, an error of ctl.h with a message; call is gone after it. */
void request_error(struct request *call, const char *error, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* The same for an error in one of several lines, which gets "line". */
void request_error_in_line(
	struct request *call, const char *error, size_t line, const char *message);
/* The last reply, CTL_ERR_PARAMETER for a parameter that is missing or of the wrong type. */
void request_bad_parameter(struct request *call, const char *parameter);
/* The client allowed several replies. */
bool request_wants_more(const struct request *call);
/* The client is root or in the control group: for methods that change something only sometimes. */
bool request_may_change(const struct request *call);
/*
 * Called when the client went away (or the server is freed) before the last reply; call is gone
 * after it returns, and must not be replied to. Set it on every call that is kept.
 */
void request_on_cancel(
	struct request *call, void (*cancel)(struct request *call, void *data), void *data);
/* pid and uid of the caller, for the log. */
void request_peer(const struct request *call, pid_t *ret_pid, uid_t *ret_uid);

#endif
