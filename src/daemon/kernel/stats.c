/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stats.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>

#include "daemon/call/call.h"
#include "daemon/call/path_relay.h"
#include "kernel.h"

/*
 * So often while calls are up: tells silence of a peer from traffic, in time for the shortest
 * dead-peer. Where there are so many calls that reading takes long it is done less often.
 */
#define STATS_INTERVAL	   (5 * USEC_PER_SEC)
#define STATS_INTERVAL_MAX (20 * USEC_PER_SEC)
#define STATS_SHARE	   50 /* a fiftieth of the time */

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
	int r = stats_process(d->kernel->stats, stats_seen, d, &done);

	if (r < 0 && r != -EINTR)
		log_debug("reading kernel counters: %s", strerror(-r));
	if (done || r < 0) {
		d->kernel->stats_took = daemon_now(d) - d->kernel->stats_asked;
		news_post(d->news, &d->kernel->stats_read, &(struct news){ .type = NEWS_STATS });
	}
	return 0;
}

bool stats_refresh(struct daemon *d)
{
	int r;

	path_relay_read_stats(d);
	if (!d->kernel->stats || !d->calls->by_sid)
		return false;
	r = stats_request(d->kernel->stats);
	if (r == 0)
		d->kernel->stats_asked = daemon_now(d);
	return r == 0 || r == -EBUSY;
}

static int stats_tick(sd_event_source *source, uint64_t usec, void *user)
{
	struct daemon *d = user;
	usec_t wait = STATS_SHARE * d->kernel->stats_took;

	if (wait < STATS_INTERVAL)
		wait = STATS_INTERVAL;
	else if (wait > STATS_INTERVAL_MAX)
		wait = STATS_INTERVAL_MAX; /* not read in so long: the machine slept */
	stats_refresh(d);
	sd_event_source_set_time(source, usec + wait);
	sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
	return 0;
}

int stats_start(struct daemon *d)
{
	return sd_event_add_time_relative(d->event, &d->kernel->stats_timer, CLOCK_BOOTTIME,
		STATS_INTERVAL, USEC_PER_SEC, stats_tick, d);
}

int stats_open(struct daemon *d, int family)
{
	struct kernel *k = d->kernel;
	int r = stats_new(family, &k->stats);

	if (r >= 0)
		r = sd_event_add_io(
			d->event, &k->stats_io, stats_fd(k->stats), EPOLLIN, stats_io, d);
	if (r < 0) {
		stats_free(k->stats);
		k->stats = NULL;
	}
	return r < 0 ? r : 0;
}

void stats_stop(struct daemon *d)
{
	struct kernel *k = d->kernel;

	k->stats_timer = sd_event_source_disable_unref(k->stats_timer);
	k->stats_io = sd_event_source_disable_unref(k->stats_io);
	stats_free(k->stats);
	k->stats = NULL;
}
