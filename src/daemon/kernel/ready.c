/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ready.h"

#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>

#include "base/log.h"
#include "daemon/conn/conn.h"
#include "kernel.h"
#include "linux/plane_thread.h"
#include "linux/probe.h"
#include "results.h"
#include "stats.h"

#define LOOK_AGAIN (10 * USEC_PER_SEC)

/* Plane and counters. All or nothing. */
static int kernel_open(struct daemon *d)
{
	struct kernel *k = d->kernel;
	struct plane_traits traits;
	int r;

	r = plane_thread_open(&d->plane, &traits);
	if (r < 0)
		return r;
	d->conns->by_socket = traits.by_socket;
	log_debug("kernel %s early PPP frames over to pppd by itself",
		traits.drains ? "hands" : "does not hand");
	log_debug("kernel finds the session of a packet by its %s",
		traits.by_socket ? "socket" : "ids");
	r = sd_event_add_io(d->event, &k->plane_io, plane_fd(d->plane), EPOLLIN, results_io, d);
	if (r >= 0)
		r = stats_open(d, traits.family);
	if (r < 0) {
		k->plane_io = sd_event_source_disable_unref(k->plane_io);
		plane_free(d->plane);
		d->plane = NULL;
	}
	return r;
}

/* Say it once, until it changes. */
static void set_problem(struct daemon *d, const char *what, const char *remedy)
{
	char problem[sizeof(d->kernel->problem)];

	snprintf(problem, sizeof(problem), "%s: %s", what, remedy);
	if (strcmp(problem, d->kernel->problem) == 0)
		return;
	memcpy(d->kernel->problem, problem, sizeof(problem));
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
	if (!d->plane)
		r = kernel_open(d);
	if (r < 0) {
		set_problem(d, "the kernel's L2TP interface cannot be used", strerror(-r));
		return false;
	}
	if (d->kernel->problem[0]) {
		log_notice("what was missing is there now; calls can be made");
		d->kernel->problem[0] = '\0';
	}
	return true;
}

bool kernel_ready_for_peer(struct daemon *d)
{
	if (d->plane && !d->kernel->problem[0])
		return true;
	if (daemon_now(d) < d->kernel->look_again)
		return false;
	d->kernel->look_again = daemon_now(d) + LOOK_AGAIN;
	return kernel_ready(d);
}
