/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bridge.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "daemon/call/leg.h"
#include "line.h"

/* call->attached */
struct bridge {
	struct leg_order order; /* first */
	struct call *call;
	struct ppp_leg leg; /* of the call's session */
	sd_event_source *io, *end_timer;
	struct l2tp_reason end; /* what end_timer ends it with */
};

/* --- its end --- */

static void bridge_free(struct call *call)
{
	struct bridge *bridge = call->attached;

	leg_forget(call->daemon, &bridge->order);
	sd_event_source_disable_unref(bridge->io);
	sd_event_source_disable_unref(bridge->end_timer);
	plane_close_leg(call->daemon->plane, call->conn->lane, &bridge->leg);
	free(bridge);
}

static int end_now(sd_event_source *source, uint64_t usec, void *user)
{
	struct bridge *bridge = user;
	struct l2tp_reason reason = bridge->end;

	call_detached(bridge->call, &reason);
	return 0;
}

/* With the next turn: whoever called is in the middle of something. */
static void end_soon(struct bridge *bridge)
{
	sd_event_source_set_time(bridge->end_timer, daemon_now(bridge->call->daemon));
	sd_event_source_set_enabled(bridge->end_timer, SD_EVENT_ONESHOT);
}

static void end_failed(struct bridge *bridge, const char *what, int error)
{
	struct call *call = bridge->call;

	bridge->end = (struct l2tp_reason){ .who = L2TP_WHO_LOCAL,
		.result = L2TP_CDN_ERROR,
		.error = L2TP_ERR_RESOURCES,
		.text = "the call cannot be forwarded" };
	call_log(call, LOG_ERR, "%s: %s%s", what, strerror(-error),
		error == -ENOTTY ? ". Forwarding needs Linux 5.11 or later" : "");
	call_say(call, "the call cannot be forwarded: %s: %s", what, strerror(-error));
	end_soon(bridge);
}

static void bridge_stop(struct call *call)
{
	struct bridge *bridge = call->attached;

	bridge->end = call->reason;
	end_soon(bridge);
}

static void bridge_explain(struct call *call)
{
}

static void bridge_network_changed(struct call *call)
{
}

static void bridge_accm(struct call *call, uint32_t send, uint32_t recv)
{
	if (call->line && call->line->kind->accm)
		call->line->kind->accm(call->line, send, recv);
}

/* --- joining --- */

static int leg_io(sd_event_source *source, int fd, uint32_t revents, void *user)
{
	struct bridge *bridge = user;

	sd_event_source_set_enabled(source, SD_EVENT_OFF);
	bridge->end = (struct l2tp_reason){ .who = L2TP_WHO_LOCAL,
		.result = L2TP_CDN_ERROR,
		.error = L2TP_ERR_RESOURCES,
		.text = "the kernel ended the session" };
	end_soon(bridge);
	return 0;
}

/* When both channels are there. */
static void join(struct bridge *bridge)
{
	struct call *call = bridge->call;
	struct line *line = call->line;
	int r;

	if (bridge->order.cookie || call->state != CALL_PPP || !line)
		return;
	if (line->leg.fd < 0) /* the one of the line is being made */
		return;
	r = line_join(line, &bridge->leg);
	if (r < 0) {
		end_failed(bridge, "joining the caller and the call", r);
		return;
	}
	snprintf(call->user, sizeof(call->user), "%s", line->user);
	call_is_up(call);
}

static void line_opened(struct line *line, int error)
{
	struct call *call = line->call;

	if (!call || !call->attached)
		return;
	if (error < 0)
		end_failed(call->attached, "the channel of the caller", error);
	else
		join(call->attached);
}

static void leg_made(struct leg_order *order, const struct plane_result *result)
{
	struct bridge *bridge = (struct bridge *)order;
	int r = result->error;

	if (r == 0) {
		bridge->leg = result->leg;
		r = sd_event_add_io(bridge->call->daemon->event, &bridge->io, bridge->leg.fd, 0,
			leg_io, bridge);
	}
	if (r < 0)
		end_failed(bridge, "the channel of the call", r);
	else
		join(bridge);
}

/* --- its start --- */

static int order_leg(struct bridge *bridge)
{
	struct call *call = bridge->call;
	struct plane_job job = { .lane = call->conn->lane, .fd = call->channel_fd };
	int r;

	bridge->order.done = leg_made;
	r = leg_order(call->daemon, &bridge->order, &job);
	if (r == 0)
		call->channel_fd = -1;
	return r;
}

static int make(struct bridge *bridge)
{
	struct call *call = bridge->call;
	struct line *line = call->line;
	int r;

	r = sd_event_add_time(
		call->daemon->event, &bridge->end_timer, CLOCK_BOOTTIME, 0, 1, end_now, bridge);
	if (r < 0)
		return r;
	sd_event_source_set_enabled(bridge->end_timer, SD_EVENT_OFF);
	if (line->leg.fd < 0 && !line->order.cookie) { /* an earlier try may have begun that */
		r = line_open(line, line_opened);
		if (r < 0)
			return r;
	}
	return order_leg(bridge);
}

static int bridge_start(struct call *call, struct why *why)
{
	struct bridge *bridge;
	int r;

	if (!call->line)
		return why_not(why, -ENOTCONN, "the caller has gone");
	bridge = calloc(1, sizeof(*bridge));
	if (!bridge)
		return why_not(why, -ENOMEM, "%s", strerror(ENOMEM));
	bridge->call = call;
	bridge->leg = PPP_LEG_NONE;
	call->attached = bridge;
	r = make(bridge);
	if (r < 0) {
		bridge_free(call);
		call->attached = NULL;
		return why_not(why, r, "the call cannot be forwarded: %s", strerror(-r));
	}
	return 0;
}

const struct attachment_kind attachment_bridge = {
	.name = "bridge",
	.bridges = true,
	.start = bridge_start,
	.stop = bridge_stop,
	.free = bridge_free,
	.network_changed = bridge_network_changed,
	.explain = bridge_explain,
	.accm = bridge_accm,
};
