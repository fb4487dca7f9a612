/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The client of the control protocol in an sd-event loop: nothing waits, replies come by callback.
 * A callback may free the channel and may call.
 */
#ifndef CONTROL_CLIENT_CHANNEL_H
#define CONTROL_CLIENT_CHANNEL_H

#include <systemd/sd-event.h>

#include "client.h"

struct ctl_channel;

/* One reply; with reply->continues there will be more. reply is the channel's. */
typedef void ctl_channel_reply(
	struct ctl_channel *channel, const struct ctl_reply *reply, void *user);
/*
 * The daemon closed the connection (-ECONNRESET), or it broke; told once. Calls that have no reply
 * get none.
 */
typedef void ctl_channel_lost(struct ctl_channel *channel, int error, void *user);

/* 0, or as ctl_client_open(): -ENOENT, -ECONNREFUSED: no daemon there. */
int ctl_channel_new(sd_event *event, const char *path, ctl_channel_lost *lost, void *user,
	struct ctl_channel **ret);
/* The daemon cancels what this channel called. NULL is allowed. */
void ctl_channel_free(struct ctl_channel *channel);
/*
 * Call a method; params is stolen, NULL: none. The daemon answers calls in their order, so one with
 * more holds up those after it. 0, -ENOMEM, or -errno when the connection is lost (as told).
 */
int ctl_channel_call(struct ctl_channel *channel, const char *method, json_t *params, bool more,
	ctl_channel_reply *reply, void *user);

#endif
