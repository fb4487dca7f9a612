/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The client side of the control protocol (l2tpd/ctl.h). Prints nothing; errors are -errno.
 * Programs with an event loop use it through client_channel.h.
 */
#ifndef CONTROL_CLIENT_H
#define CONTROL_CLIENT_H

#include <jansson.h>
#include <signal.h>
#include <stdbool.h>

struct ctl_client;

struct ctl_reply {
	char *error;	    /* name of l2tpd/ctl.h; NULL: done */
	json_t *parameters; /* an object, never NULL */
	bool continues;	    /* more replies to the same call follow */
};

/* -ENOENT, -ECONNREFUSED: no daemon there; -EACCES: not for this user; -ENAMETOOLONG. */
int ctl_client_connect(const char *path, struct ctl_client **ret);
/* The same, and nothing waits from now on: for ctl_client_queue(). -EAGAIN: try again later. */
int ctl_client_open(const char *path, struct ctl_client **ret);
/* While *flag is not 0, a signal ends waiting with -EINTR. It outlives the client. */
void ctl_client_stop_on(struct ctl_client *client, const volatile sig_atomic_t *flag);
/* Ends a call that waits for its reply, too. NULL is allowed. */
void ctl_client_free(struct ctl_client *client);
/* To poll for input; stays the client's. */
int ctl_client_fd(const struct ctl_client *client);

/*
 * Send a request; waits until the daemon took it. params is stolen and may be NULL: none. more: the
 * caller takes several replies. -EINVAL: params cannot be sent (not UTF-8).
 */
int ctl_client_send(struct ctl_client *client, const char *method, json_t *params, bool more);
/*
 * The same without waiting; what the socket does not take is kept for ctl_client_flush(). params is
 * stolen. -ENOMEM: nothing was sent.
 */
int ctl_client_queue(struct ctl_client *client, const char *method, json_t *params, bool more);
/* Send what is kept: 0: all is sent, 1: some is left, poll for output; or -errno. */
int ctl_client_flush(struct ctl_client *client);
/*
 * The next reply; replies come in the order of requests. 1 and *ret (clear it), or 0: none there
 * yet (never if wait), -ECONNRESET: the daemon closed the connection, -EBADMSG: not varlink.
 */
int ctl_client_receive(struct ctl_client *client, bool wait, struct ctl_reply *ret);
/* Send and wait for the one reply: 0 and *ret, which may hold an error of the daemon, or -errno. */
int ctl_client_call(
	struct ctl_client *client, const char *method, json_t *params, struct ctl_reply *ret);

/* What the daemon says about its error, for people; NULL if the reply is none. */
const char *ctl_reply_message(const struct ctl_reply *reply);
void ctl_reply_clear(struct ctl_reply *reply);

#endif
