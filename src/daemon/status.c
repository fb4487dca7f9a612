/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "status.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "linux/process.h"

#define INTERVAL USEC_PER_SEC

struct status {
	sd_event_source *timer; /* enabled: something changed and was not told */
	usec_t told;
	unsigned tunnels, calls;
};

static int tell_now(sd_event_source *source, uint64_t usec, void *user)
{
	struct daemon *d = user;
	struct status *status = d->status;

	char text[80];

	snprintf(text, sizeof(text), "STATUS=%u tunnel%s, %u call%s", status->tunnels,
		status->tunnels == 1 ? "" : "s", status->calls, status->calls == 1 ? "" : "s");
	process_notify(text);
	status->told = daemon_now(d);
	return 0;
}

int status_new(struct daemon *d)
{
	int r;

	d->status = calloc(1, sizeof(*d->status));
	if (!d->status)
		return -ENOMEM;
	r = sd_event_add_time(d->event, &d->status->timer, CLOCK_BOOTTIME, 0, 1, tell_now, d);
	return r < 0 ? r : 0; /* at once: there is nothing */
}

void status_free(struct daemon *d)
{
	if (!d->status)
		return;
	sd_event_source_disable_unref(d->status->timer);
	free(d->status);
	d->status = NULL;
}

void status_tell(struct daemon *d)
{
	struct status *status = d->status;
	struct l2tp_core_stats stats;

	l2tp_core_stats(d->core, &stats);
	if (stats.tunnels == status->tunnels && stats.sessions == status->calls)
		return;
	status->tunnels = stats.tunnels;
	status->calls = stats.sessions;
	sd_event_source_set_time(status->timer, status->told + INTERVAL);
	sd_event_source_set_enabled(status->timer, SD_EVENT_ONESHOT);
}
