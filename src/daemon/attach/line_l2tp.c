/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "line_l2tp.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "line.h"

struct switched {
	struct line line;  /* first */
	struct call *from; /* NULL: it is over */
	sd_event_source *end_timer;
	bool reaped; /* as a line; the call has it still */
};

static struct switched *of(const struct line *line)
{
	return (struct switched *)line;
}

/* --- the kind --- */

static void l2tp_describe_leg(struct line *line, struct plane_job *job)
{
	struct call *from = of(line)->from;

	job->lane = from->conn->lane;
	job->fd = from->channel_fd;
	from->channel_fd = -1;
}

static void l2tp_ready(struct line *line)
{
	call_is_up(of(line)->from);
}

static void l2tp_params(const struct line *line, struct l2tp_call_params *params)
{
	const struct call *from = of(line)->from;
	struct l2tp_session_info info;

	if (!from || !l2tp_core_session_info(from->daemon->core, from->tid, from->sid, &info))
		return;
	params->outgoing = info.outgoing;
	params->calling = info.calling;
	params->called = info.called;
	params->sub_address = info.sub_address;
	params->tx_speed = info.tx_speed;
	params->rx_speed = info.rx_speed;
	params->framing_type = info.framing_type;
	params->bearer_type = info.bearer_type;
	params->minimum_bps = info.minimum_bps;
	params->maximum_bps = info.maximum_bps;
	params->physical_channel = info.physical_channel;
	params->private_group = info.private_group;
	params->proxy = info.proxy;
	params->line = info.line;
	params->speed_updates = info.speed_updates;
}

/* Result and error go on to the one who placed the call. */
static void l2tp_hang_up(struct line *line, const struct l2tp_reason *reason)
{
	struct call *from = of(line)->from;
	struct l2tp_reason told = *reason;

	if (!from || !from->attached)
		return;
	told.who = L2TP_WHO_LOCAL;
	if (told.stopccn || told.result == 0) { /* results of another list */
		told.stopccn = false;
		told.result = L2TP_CDN_NO_FACILITY_TEMP;
		told.error = 0;
	}
	call_detached(from, &told);
}

static void l2tp_free(struct line *line)
{
	if (of(line)->from)
		of(line)->reaped = true;
	else
		free(line);
}

static void l2tp_lost(struct line *line)
{
	struct l2tp_reason reason = { .who = L2TP_WHO_LOCAL,
		.result = L2TP_CDN_ERROR,
		.error = L2TP_ERR_RESOURCES,
		.text = "the kernel ended the session" };

	line_gone(line, &reason);
	l2tp_hang_up(line, &reason);
}

/* As LNS of the caller's tunnel: its LAC has the line. */
static void l2tp_accm(struct line *line, uint32_t send, uint32_t recv)
{
	const struct call *from = of(line)->from;

	l2tp_core_send_accm(
		from->daemon->core, daemon_now(from->daemon), from->tid, from->sid, send, recv);
}

static const struct line_kind kind_l2tp = {
	.name = "l2tp",
	.source = SOURCE_LINK,
	.describe_leg = l2tp_describe_leg,
	.ready = l2tp_ready,
	.params = l2tp_params,
	.hang_up = l2tp_hang_up,
	.free = l2tp_free,
	.lost = l2tp_lost,
	.accm = l2tp_accm,
};

/* --- the attachment --- */

static int end_now(sd_event_source *source, uint64_t usec, void *user)
{
	struct switched *l = user;
	struct l2tp_reason reason = l->from->reason;

	call_detached(l->from, &reason);
	return 0;
}

/* Its call ended, or was told to. */
static void line_stop(struct call *call)
{
	struct switched *l = call->attached;
	struct l2tp_reason reason = call->reason;

	reason.who = L2TP_WHO_LOCAL;
	if (l->line.state != LINE_ENDED)
		line_gone(&l->line, &reason);
	sd_event_source_set_time(l->end_timer, daemon_now(call->daemon));
	sd_event_source_set_enabled(l->end_timer, SD_EVENT_ONESHOT);
}

static void line_detach(struct call *call)
{
	struct switched *l = call->attached;
	struct l2tp_reason reason = { .who = L2TP_WHO_LOCAL, .result = L2TP_CDN_ADMIN };

	sd_event_source_disable_unref(l->end_timer);
	l->end_timer = NULL;
	l->from = NULL;
	if (l->line.state != LINE_ENDED)
		line_gone(&l->line, &reason); /* freed when that was read */
	else if (l->reaped)
		free(l);
}

static void line_explain(struct call *call)
{
}

static void line_network_changed(struct call *call)
{
}

/* Called LAC: what its LNS wants goes on to the next tunnel, whose LAC has the line. */
static void line_accm(struct call *call, uint32_t send, uint32_t recv)
{
	const struct call *to = ((struct switched *)call->attached)->line.call;

	if (to)
		l2tp_core_send_accm(
			to->daemon->core, daemon_now(to->daemon), to->tid, to->sid, send, recv);
}

static void line_line_errors(struct call *call, const uint32_t errors[static 6])
{
	const struct call *to = ((struct switched *)call->attached)->line.call;

	if (to)
		l2tp_core_send_errors(
			to->daemon->core, daemon_now(to->daemon), to->tid, to->sid, errors);
}

static void line_speed(struct call *call, uint32_t tx, uint32_t rx)
{
	const struct call *to = ((struct switched *)call->attached)->line.call;

	if (to)
		l2tp_core_send_speed(
			to->daemon->core, daemon_now(to->daemon), to->tid, to->sid, tx, rx);
}

/* The user's name, if the LAC told one. */
static void copy_names(struct switched *l)
{
	struct l2tp_session_info info;
	const struct call *from = l->from;

	if (!l2tp_core_session_info(from->daemon->core, from->tid, from->sid, &info))
		return;
	snprintf(l->line.calling, sizeof(l->line.calling), "%s", info.calling);
	snprintf(l->line.called, sizeof(l->line.called), "%s", info.called);
	if (info.proxy)
		l2tp_text_copy(l->line.user, sizeof(l->line.user), info.proxy->authen_name);
}

static int line_start(struct call *call, struct why *why)
{
	struct switched *l = calloc(1, sizeof(*l));
	int r = l ? 0 : -ENOMEM;

	if (r == 0)
		r = sd_event_add_time(
			call->daemon->event, &l->end_timer, CLOCK_BOOTTIME, 0, 1, end_now, l);
	if (r < 0) {
		free(l);
		return why_not(why, r, "the call cannot be forwarded: %s", strerror(-r));
	}
	sd_event_source_set_enabled(l->end_timer, SD_EVENT_OFF);
	l->from = call;
	call->attached = l;
	copy_names(l);
	snprintf(call->user, sizeof(call->user), "%s", l->line.user);
	line_calls(&l->line, call->daemon, &kind_l2tp, call->owner->name);
	return 0;
}

const struct attachment_kind attachment_line = {
	.name = "forward",
	.bridges = true,
	.start = line_start,
	.stop = line_stop,
	.free = line_detach,
	.network_changed = line_network_changed,
	.explain = line_explain,
	.accm = line_accm,
	.line_errors = line_line_errors,
	.speed = line_speed,
};
