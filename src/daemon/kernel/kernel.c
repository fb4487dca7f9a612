/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel.h"

#include <errno.h>
#include <stdlib.h>

#include "base/log.h"
#include "linux/alone.h"
#include "linux/plane.h"
#include "linux/process.h"
#include "linux/route.h"
#include "netwatch.h"
#include "ready.h"
#include "stats.h"

/* Routes that look like ours are a killed daemon's only if no other lives. */
static void remove_leftovers(struct kernel *kernel)
{
	int alone = alone_claim(ALONE_PATH, &kernel->alive_fd), r;

	if (alone == 0)
		log_notice("another l2tpd runs here: host routes that a killed one left are not "
			   "looked for");
	if (alone <= 0)
		return;
	r = route_flush();
	if (r > 0)
		log_notice("removed %d host routes that a killed l2tpd left", r);
	alone_settle(kernel->alive_fd);
}

int kernel_start(struct daemon *d)
{
	int r;

	d->kernel = calloc(1, sizeof(*d->kernel));
	if (!d->kernel)
		return -ENOMEM;
	d->kernel->alive_fd = -1;
	r = stats_start(d);
	if (r >= 0)
		r = netwatch_start(d);
	if (r < 0)
		return r;
	remove_leftovers(d->kernel);
	kernel_ready(d); /* what is missing is in the log and told to whoever opens a link */
	return 0;
}

void kernel_stop(struct daemon *d)
{
	if (!d->kernel)
		return;
	d->kernel->plane_io = sd_event_source_disable_unref(d->kernel->plane_io);
	plane_free(d->plane);
	d->plane = NULL;
	stats_stop(d);
	netwatch_stop(d);
	process_close(d->kernel->alive_fd);
	free(d->kernel);
	d->kernel = NULL;
}
