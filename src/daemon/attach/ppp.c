/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ppp.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/wait.h>

#include "linux/pppd.h"
#include "linux/pppd_process.h"
#include "linux/process.h"
#include "ppp_end.h"
#include "ppp_events.h"
#include "ppp_options.h"
#include "ppp_routes.h"
#include "profile.h"

/*
 * pppd needs a restart timer of LCP (3 s) to end: after our Terminate-Request without an answer,
 * and after it acknowledged one of the peer's. Killing it sooner would leave its files.
 */
#define KILL_AFTER (5 * USEC_PER_SEC)

static void close_all(struct ppp *ppp)
{
	ppp->child = sd_event_source_disable_unref(ppp->child);
	ppp->plugin_io = sd_event_source_disable_unref(ppp->plugin_io);
	ppp->kill_timer = sd_event_source_disable_unref(ppp->kill_timer);
	process_close(ppp->plugin_fd);
	ppp->plugin_fd = -1;
}

/* Of one that may run still: nobody will look after it. */
static void ppp_free(struct call *call)
{
	struct ppp *ppp = call->attached;

	close_all(ppp);
	if (ppp->pid)
		pppd_kill(ppp->pid);
	lease_release(call->daemon, ppp->lease);
	free(ppp);
}

/* --- its end --- */

static void note_status(struct ppp *ppp, const siginfo_t *si)
{
	struct call *call = ppp->call;

	if (si->si_code == CLD_EXITED) {
		if (ppp->status < 0)
			ppp->status = si->si_status;
	} else {
		pppd_remove_pid_file(call->ip.ifname, si->si_pid);
		log_debug("session %u: pppd ended by signal %d", call->sid, si->si_status);
		if (!ppp->stopped && !*ppp->said)
			snprintf(ppp->said, sizeof(ppp->said), "pppd was killed by signal %d",
				si->si_status);
	}
	if (ppp->status >= 0)
		call->ppp_exit = ppp->status;
}

static int pppd_reaped(sd_event_source *source, const siginfo_t *si, void *user)
{
	struct ppp *ppp = user;
	struct l2tp_reason reason;

	ppp_events_drain(ppp); /* its last words */
	ppp->pid = 0;
	note_status(ppp, si);
	ppp_end_reason(ppp, &reason);
	call_detached(ppp->call, &reason);
	return 0;
}

static int kill_timeout(sd_event_source *source, uint64_t usec, void *user)
{
	struct ppp *ppp = user;

	log_debug("session %u: pppd %d does not end: killed", ppp->call->sid, (int)ppp->pid);
	pppd_kill(ppp->pid);
	return 0;
}

static void ppp_stop(struct call *call)
{
	struct ppp *ppp = call->attached;

	if (ppp->stopped)
		return;
	ppp->stopped = true;
	pppd_terminate(ppp->pid);
	if (sd_event_add_time_relative(call->daemon->event, &ppp->kill_timer, CLOCK_BOOTTIME,
		    KILL_AFTER, USEC_PER_SEC / 10, kill_timeout, ppp) < 0)
		pppd_kill(ppp->pid);
}

/* --- its start --- */

static int spawn(struct ppp *ppp, const struct pppd_options *options, struct why *why)
{
	struct call *call = ppp->call;
	const char *program = call->daemon->config->daemon.pppd;
	int r, pppds;

	r = pppd_socket(&ppp->plugin_fd, &pppds);
	if (r < 0)
		return why_not(why, r, "socket to pppd: %s", strerror(-r));
	r = pppd_spawn(program, options, call->channel_fd, pppds, &ppp->pid);
	process_close(pppds);
	if (r == -ENOENT)
		return why_not(why, r,
			"cannot start %s: %s. Install the package \"ppp\", or correct \"pppd\" in "
			"[daemon]",
			program, strerror(-r));
	if (r < 0)
		return why_not(why, r, "cannot start %s: %s", program, strerror(-r));
	return 0;
}

/* One that nobody watches would never be reaped, nor its call end. */
static int watch(struct ppp *ppp, struct why *why)
{
	sd_event *event = ppp->call->daemon->event;
	int r = sd_event_add_child(event, &ppp->child, ppp->pid, WEXITED, pppd_reaped, ppp);

	if (r >= 0)
		r = sd_event_add_io(
			event, &ppp->plugin_io, ppp->plugin_fd, EPOLLIN, ppp_events_io, ppp);
	if (r >= 0)
		return 0;
	ppp->child = sd_event_source_disable_unref(ppp->child);
	pppd_kill_and_reap(ppp->pid);
	ppp->pid = 0;
	return why_not(why, r, "cannot watch pppd: %s", strerror(-r));
}

static int launch(struct ppp *ppp, const struct config_ppp *profile, struct why *why)
{
	struct call *call = ppp->call;
	struct pppd_options options = { 0 };
	int r = lease_take(call, profile, &ppp->lease);

	if (r == -ENOSPC)
		return why_not(
			why, r, "all addresses of the pool of [ppp %s] are in use", profile->name);
	if (r < 0)
		return why_not(why, r, "%s", strerror(-r));
	r = ppp_options_build(&options, call, profile, ppp->lease);
	if (r < 0)
		why_not(why, r, "[ppp %s]: pppd's options cannot be written: %s%s", profile->name,
			strerror(-r), r == -EINVAL ? " (a control character in a value)" : "");
	else
		r = spawn(ppp, &options, why);
	pppd_options_clear(&options);
	return r < 0 ? r : watch(ppp, why);
}

static void ppp_network_changed(struct call *call)
{
	ppp_routes_restore(call);
	ppp_routes_follow_mtu(call);
}

static int ppp_start(struct call *call, struct why *why)
{
	const struct config_ppp *profile = profile_of(call->daemon, call->owner->config);
	struct ppp *ppp;
	int r;

	if (!profile)
		return why_not(why, -ENOENT, "the link has no ppp profile any more");
	ppp = calloc(1, sizeof(*ppp));
	if (!ppp)
		return why_not(why, -ENOMEM, "%s", strerror(ENOMEM));
	ppp->call = call;
	ppp->plugin_fd = ppp->status = -1;
	call->attached = ppp;
	r = launch(ppp, profile, why);
	if (r < 0) {
		ppp_free(call);
		call->attached = NULL;
		return r;
	}
	/* from here on pppd's exit is the end of the kernel session; its copy is the only one */
	process_close(call->channel_fd);
	call->channel_fd = -1;
	if (*profile->user)
		snprintf(call->user, sizeof(call->user), "%s", profile->user);
	log_debug("session %u: pppd %d started", call->sid, (int)ppp->pid);
	return 0;
}

const struct attachment_kind attachment_ppp = {
	.name = "ppp",
	.start = ppp_start,
	.stop = ppp_stop,
	.free = ppp_free,
	.network_changed = ppp_network_changed,
	.explain = ppp_end_explain,
};
