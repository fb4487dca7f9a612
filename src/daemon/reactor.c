/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reactor.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/attach/line.h"
#include "daemon/attach/line_serial.h"
#include "daemon/attach/ppp_host.h"
#include "daemon/attach/pppoe_host.h"
#include "daemon/attach/ppp_queue.h"
#include "daemon/attach/ppp_starting.h"
#include "daemon/attach/profile.h"
#include "daemon/call/call.h"
#include "daemon/call/path_relay.h"
#include "daemon/conn/conn.h"
#include "daemon/conn/conn_log.h"
#include "daemon/conn/listener.h"
#include "daemon/conn/pin.h"
#include "daemon/input.h"
#include "daemon/kernel/kernel.h"
#include "daemon/limits.h"
#include "daemon/link/answer.h"
#include "daemon/link/dial.h"
#include "daemon/link/forwarded.h"
#include "daemon/link/hooks.h"
#include "daemon/link/listen.h"
#include "daemon/link/radius_desk.h"
#include "daemon/pressure.h"
#include "daemon/status.h"
#include "daemon/tap.h"
#include "linux/process.h"

/* SIGTERM: PPP and L2TP get so long to say goodbye. */
#define STOP_TIMEOUT (6500 * USEC_PER_MSEC) /* and a second for the kernel, see plane_free() */
/* While stopping: so often it is looked whether everybody has. */
#define STOP_LOOK (20 * USEC_PER_MSEC)

struct reactor {
	sd_event_source *core_timer, *post;
	sd_event_source *stop_limit, *stop_look;
	bool tunnels_stopped;
};

static void env_random(void *user, void *buf, size_t len)
{
	process_random(buf, len);
}

/* --- effects --- */

static void effect_trace(const struct l2tp_effect *e)
{
	if (e->sid)
		log_debug("session %u: %s --%s--> %s", e->sid, e->trace.from, e->trace.event,
			e->trace.to);
	else
		log_debug("tunnel %u: %s --%s--> %s", e->tid, e->trace.from, e->trace.event,
			e->trace.to);
}

static void carry_out(struct daemon *d, const struct l2tp_effect *e)
{
	switch (e->type) {
	case L2TP_EFFECT_SEND:
		if (d->tap)
			d->tap->sent(d, e);
		conn_send(d, e);
		break;
	case L2TP_EFFECT_TUNNEL_UP:
		conn_tunnel_up(d, e);
		break;
	case L2TP_EFFECT_TUNNEL_DOWN:
		conn_tunnel_down(d, e);
		break;
	case L2TP_EFFECT_TUNNEL_GONE:
		conn_tunnel_gone(d, e);
		break;
	case L2TP_EFFECT_SESSION_OFFER:
		d->policy->want_call(d, e);
		break;
	case L2TP_EFFECT_SESSION_CREATE:
		call_create(d, e);
		break;
	case L2TP_EFFECT_SESSION_UP:
		call_session_up(d, e);
		break;
	case L2TP_EFFECT_SESSION_DOWN:
		call_session_down(d, e);
		break;
	case L2TP_EFFECT_SESSION_MOVED:
		call_moved(d, e);
		break;
	case L2TP_EFFECT_SESSION_ACCM:
		call_accm(d, e);
		break;
	case L2TP_EFFECT_SESSION_ERRORS:
		call_line_errors(d, e);
		break;
	case L2TP_EFFECT_SESSION_SPEED:
		call_speed(d, e);
		break;
	case L2TP_EFFECT_TRACE:
		effect_trace(e);
		break;
	}
}

/* --- the turn --- */

/* Everything that the core wants done, then what came of it; until nothing is left. */
static void settle(struct daemon *d)
{
	const struct l2tp_effect *effect;
	bool more = true;

	while (more) {
		while ((effect = l2tp_core_next_effect(d->core)))
			carry_out(d, effect);
		more = news_deliver(d->news, d);
		/* calls before the conns and links that they name */
		more |= lines_reap(d);
		more |= calls_reap(d);
		more |= conns_reap(d);
		more |= links_reap(d);
	}
}

static void stop_tunnels(struct daemon *d)
{
	struct l2tp_reason reason = { .who = L2TP_WHO_LOCAL,
		.stopccn = true,
		.result = L2TP_STOPCCN_SHUTDOWN,
		.text = "daemon stops" };
	struct conn *conn, *tmp;

	d->reactor->tunnels_stopped = true;
	HASH_ITER (hh, d->conns->by_tid, conn, tmp)
		l2tp_core_close_tunnel(d->core, daemon_now(d), conn->tid, &reason);
}

static void arm_core_timer(struct daemon *d)
{
	usec_t when = l2tp_core_next_timeout(d->core);

	if (when == USEC_INFINITY) {
		sd_event_source_set_enabled(d->reactor->core_timer, SD_EVENT_OFF);
		return;
	}
	sd_event_source_set_time(d->reactor->core_timer, when);
	sd_event_source_set_enabled(d->reactor->core_timer, SD_EVENT_ONESHOT);
}

static int after_turn(sd_event_source *source, void *user)
{
	struct daemon *d = user;

	settle(d);
	if (d->stopping && !d->calls->by_sid && !d->reactor->tunnels_stopped) {
		stop_tunnels(d);
		settle(d);
	}
	pressure_log(d);
	status_tell(d);
	conn_log_unsaid(d);
	arm_core_timer(d);
	return 0;
}

static int core_timeout(sd_event_source *source, uint64_t usec, void *user)
{
	struct daemon *d = user;

	l2tp_core_timeout(d->core, daemon_now(d));
	return 0;
}

/* --- start and end --- */

static int make_parts(struct daemon *d)
{
	static int (*const parts[])(struct daemon * d) = { links_new, hooks_new, conns_new,
		calls_new, listeners_new, pins_new, profiles_new, ppp_host_new, ppp_queue_new,
		ppp_starting_new, lines_new, serials_new, pppoe_host_new, forwards_new,
		radius_desks_new, pressure_new, status_new };
	struct l2tp_env env = { .random = env_random };
	struct l2tp_limits limits = L2TP_LIMITS_DEFAULT;

	limits_read(d, &limits);
	d->core = l2tp_core_new(&env, &limits);
	d->reactor = calloc(1, sizeof(*d->reactor));
	d->news = news_desk_new();
	if (!d->core || !d->reactor || !d->news)
		return -ENOMEM;
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		if (parts[i](d) < 0)
			return -ENOMEM;
	d->policy = &answer_policy;
	news_subscribe(d->news, dial_read_news);
	news_subscribe(d->news, hooks_read_news);
	news_subscribe(d->news, listen_read_news);
	news_subscribe(d->news, pppoe_host_read_news);
	news_subscribe(d->news, forwarded_read_news);
	return 0;
}

int reactor_new(struct daemon *d)
{
	int r = make_parts(d);

	if (r < 0)
		return r;
	r = sd_event_add_time(
		d->event, &d->reactor->core_timer, CLOCK_BOOTTIME, 0, 1, core_timeout, d);
	if (r < 0)
		return r;
	sd_event_source_set_enabled(d->reactor->core_timer, SD_EVENT_OFF);
	r = sd_event_add_post(d->event, &d->reactor->post, after_turn, d);
	/* before whatever else waits: it may know ids that an effect is about to change */
	if (r >= 0)
		r = sd_event_source_set_priority(d->reactor->post, SD_EVENT_PRIORITY_IMPORTANT);
	return r < 0 ? r : 0;
}

static int stop_timeout(sd_event_source *source, uint64_t usec, void *user)
{
	struct daemon *d = user;

	log_notice("not everybody said goodbye in time; leaving");
	return sd_event_exit(d->event, 0);
}

/* Is anything left to say goodbye to? Then the end can wait a little. */
static bool stop_finished(struct daemon *d)
{
	struct conn *conn, *tmp;

	if (d->calls->by_sid || hooks_busy(d))
		return false;
	HASH_ITER (hh, d->conns->by_tid, conn, tmp) {
		struct l2tp_tunnel_info info;

		if (conn->kernel != KERNEL_NONE)
			return false;
		if (l2tp_core_tunnel_info(d->core, conn->tid, &info) &&
			info.unacked + info.queued > 0)
			return false;
	}
	return true;
}

static int stop_look(sd_event_source *source, uint64_t usec, void *user)
{
	struct daemon *d = user;

	if (stop_finished(d))
		return sd_event_exit(d->event, 0);
	sd_event_source_set_time(source, daemon_now(d) + STOP_LOOK);
	return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

void reactor_stop(struct daemon *d)
{
	struct call *call, *tmp;
	struct link *link;

	if (d->stopping)
		return;
	d->stopping = true;
	log_notice("stopping: ending all calls and tunnels");
	process_notify("STOPPING=1");
	forwarded_stop(d);
	TAILQ_FOREACH (link, &d->links->list, entry)
		dial_close(link, "the daemon stops");
	HASH_ITER (hh, d->calls->by_sid, call, tmp)
		call_close(call, "the daemon stops");
	if (sd_event_add_time_relative(d->event, &d->reactor->stop_limit, CLOCK_BOOTTIME,
		    STOP_TIMEOUT, USEC_PER_SEC / 10, stop_timeout, d) < 0 ||
		sd_event_add_time_relative(d->event, &d->reactor->stop_look, CLOCK_BOOTTIME,
			STOP_LOOK, 1, stop_look, d) < 0)
		sd_event_exit(d->event, 0);
}

void reactor_free(struct daemon *d)
{
	struct reactor *r = d->reactor;

	forwarded_free_all(d);
	calls_free(d);
	serials_free(d);
	pppoe_host_free(d);
	lines_free(d);
	forwards_free(d);
	radius_desks_free(d);
	conns_free(d);
	links_free(d);
	hooks_free(d);
	listeners_free(d);
	path_relay_free(d);
	kernel_stop(d);
	pins_free(d);
	profiles_free(d);
	ppp_starting_free(d);
	ppp_queue_free(d);
	ppp_host_free(d);
	news_desk_free(d->news);
	pressure_free(d);
	status_free(d);
	if (r) {
		sd_event_source_disable_unref(r->post);
		sd_event_source_disable_unref(r->core_timer);
		sd_event_source_disable_unref(r->stop_limit);
		sd_event_source_disable_unref(r->stop_look);
	}
	free(r);
	l2tp_core_free(d->core);
}
