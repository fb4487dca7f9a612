/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's side as the loop sees it: the worker's results, counters, changes of interfaces and
 * routes; and what is missing of it, said once and so that it can be mended.
 */
#include "daemon/daemon.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>

#include "linux/pppox.h"
#include "linux/probe.h"
#include "base/log.h"
#include "daemon/conn/pin.h"
#include "daemon/reactor.h"

/* Kernel counters are looked at so often while calls are up; tells silence of a peer from traffic.
 */
#define STATS_INTERVAL (20 * USEC_PER_SEC)
#define LOOK_AGAIN     (10 * USEC_PER_SEC)

static void stats_seen(void *user, const struct session_stats *stats)
{
	struct daemon *d = user;
	struct call *call = call_find(d, stats->sid);

	if (call && call->tid == stats->tid)
		call_stats(call, stats);
}

static int stats_io(sd_event_source *source, int fd, uint32_t revents, void *user)
{
	struct daemon *d = user;
	bool done = false;
	int r;

	(void)source;
	(void)fd;
	(void)revents;
	r = stats_process(d->stats, stats_seen, d, &done);
	if (r < 0 && r != -EINTR)
		log_debug("reading kernel counters: %s", strerror(-r));
	if (done || r < 0)
		ctl_stats_done(d);
	return 0;
}

static int stats_tick(sd_event_source *source, uint64_t usec, void *user)
{
	struct daemon *d = user;

	calls_relay_stats(d);
	if (d->calls && d->stats)
		stats_request(d->stats);
	sd_event_source_set_time(source, usec + STATS_INTERVAL);
	sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
	return 0;
}

static int worker_io(sd_event_source *source, int fd, uint32_t revents, void *user)
{
	struct daemon *d = user;
	struct worker_result result;

	(void)source;
	(void)fd;
	(void)revents;
	while (worker_next(d->worker, &result)) {
		switch (result.job.op) {
		case WORKER_TUNNEL_CREATE:
		case WORKER_TUNNEL_DELETE:
			conn_kernel_result(d, &result);
			break;
		case WORKER_SESSION_CREATE:
		case WORKER_LOOPBACK_OPEN:
			call_kernel_result(d, &result);
			break;
		case WORKER_SESSION_MODIFY:
		case WORKER_SESSION_DELETE:
			if (result.error < 0 && result.error != -ENODEV)
				log_warning("%s for session %u: %s", result.call,
					result.job.session.sid, strerror(-result.error));
			break;
		case WORKER_CLOSE:
			break;
		}
	}
	return 0;
}

/* Open genl, worker and counters. All or nothing. */
static int kernel_open(struct daemon *d)
{
	struct l2tp_genl *genl = NULL;
	bool drains = false;
	int family, r;

	r = pppox_probe();
	if (r < 0)
		return r;
	r = l2tp_genl_new(&genl);
	if (r < 0)
		return r;
	family = l2tp_genl_family(genl);
	r = probe_drain(genl, &drains);
	if (r < 0) {
		l2tp_genl_free(genl);
		return r;
	}
	log_debug("kernel %s early PPP frames over to pppd by itself",
		drains ? "hands" : "does not hand");
	r = worker_new(genl, !drains, &d->worker); /* takes genl over */
	if (r < 0) {
		l2tp_genl_free(genl);
		return r;
	}
	r = sd_event_add_io(d->event, &d->worker_io, worker_fd(d->worker), EPOLLIN, worker_io, d);
	if (r >= 0)
		r = stats_new(family, &d->stats);
	if (r >= 0)
		r = sd_event_add_io(
			d->event, &d->stats_io, stats_fd(d->stats), EPOLLIN, stats_io, d);
	if (r < 0) {
		d->stats_io = sd_event_source_disable_unref(d->stats_io);
		stats_free(d->stats);
		d->stats = NULL;
		d->worker_io = sd_event_source_disable_unref(d->worker_io);
		worker_free(d->worker);
		d->worker = NULL;
	}
	return r;
}

/* Say it once, until it changes. */
static void set_problem(struct daemon *d, const char *what, const char *remedy)
{
	char problem[sizeof(d->kernel_problem)];

	snprintf(problem, sizeof(problem), "%s: %s", what, remedy);
	if (strcmp(problem, d->kernel_problem) == 0)
		return;
	memcpy(d->kernel_problem, problem, sizeof(problem));
	log_error("%s", problem);
}

bool kernel_ready(struct daemon *d)
{
	struct probe_finding finding;
	int r = 0;

	/*
	 * Files can be missing or come back at any time; asked only when a person or a peer asks.
	 * Every call needs pppd, so a missing one is as bad as a missing module; the first counts.
	 */
	if (probe_machine(d->config->daemon.pppd, d->config->daemon.pppd_plugin, &finding, 1) > 0) {
		set_problem(d, finding.what, finding.remedy);
		return false;
	}
	if (!d->worker)
		r = kernel_open(d);
	if (r < 0) {
		set_problem(d, "the kernel's L2TP interface cannot be used", strerror(-r));
		return false;
	}
	if (d->kernel_problem[0]) {
		log_notice("what was missing is there now; calls can be made");
		d->kernel_problem[0] = '\0';
	}
	return true;
}

bool kernel_ready_for_peer(struct daemon *d)
{
	if (d->worker && !d->kernel_problem[0])
		return true;
	if (daemon_now(d) < d->kernel_look_again)
		return false;
	d->kernel_look_again = daemon_now(d) + LOOK_AGAIN;
	return kernel_ready(d);
}

static void monitor_seen(void *user, const struct monitor_event *event)
{
	struct daemon *d = user;
	struct call *call, *tmp;

	switch (event->type) {
	case MONITOR_LINK:
		HASH_ITER (hh, d->calls, call, tmp) {
			if (call->ifindex && call->ifindex == event->ifindex) {
				/* ip link set ... name: pppd does not tell */
				snprintf(call->ifname, sizeof(call->ifname), "%s", event->ifname);
				call->mtu = event->mtu;
			}
		}
		pins_changed(d); /* routes go with their interface without a word of their own */
		break;
	case MONITOR_LINK_GONE:
	case MONITOR_ADDR:
	case MONITOR_ADDR_GONE:
	case MONITOR_ROUTE:
	case MONITOR_LOST:
		pins_changed(d);
		break;
	}
}

static int monitor_io(sd_event_source *source, int fd, uint32_t revents, void *user)
{
	struct daemon *d = user;
	int r = monitor_process(d->monitor, monitor_seen, d);

	(void)source;
	(void)fd;
	(void)revents;
	if (r < 0)
		log_warning("watching interfaces and routes: %s", strerror(-r));
	return 0;
}

int kernel_start(struct daemon *d)
{
	int r = sd_event_add_time_relative(d->event, &d->stats_timer, CLOCK_BOOTTIME,
		STATS_INTERVAL, USEC_PER_SEC, stats_tick, d);

	if (r < 0)
		return r;
	r = monitor_new(&d->monitor);
	if (r >= 0)
		r = sd_event_add_io(
			d->event, &d->monitor_io, monitor_fd(d->monitor), EPOLLIN, monitor_io, d);
	if (r < 0) {
		log_error("cannot watch interfaces and routes (rtnetlink): %s", strerror(-r));
		return r;
	}
	r = route_flush();
	if (r > 0)
		log_notice("removed %d host routes that a killed l2tpd left", r);
	kernel_ready(d); /* what is missing is in the log and told to whoever opens a link */
	return 0;
}

void kernel_stop(struct daemon *d)
{
	relay_stop(d);
	d->worker_io = sd_event_source_disable_unref(d->worker_io);
	worker_free(d->worker);
	d->worker = NULL;
	d->stats_io = sd_event_source_disable_unref(d->stats_io);
	stats_free(d->stats);
	d->stats = NULL;
	d->stats_timer = sd_event_source_disable_unref(d->stats_timer);
	d->monitor_io = sd_event_source_disable_unref(d->monitor_io);
	monitor_free(d->monitor);
	d->monitor = NULL;
	d->pin_timer = sd_event_source_disable_unref(d->pin_timer);
}
