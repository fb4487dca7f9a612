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
#include "ppp_address.h"
#include "ppp_end.h"
#include "ppp_events.h"
#include "ppp_host.h"
#include "ppp_mppe.h"
#include "ppp_options.h"
#include "ppp_queue.h"
#include "ppp_routes.h"
#include "ppp_setup.h"
#include "ppp_starting.h"
#include "ppp_user.h"
#include "ppp_words.h"
#include "profile.h"

/*
 * pppd needs a restart timer of LCP (3 s) to end: after our Terminate-Request without an answer,
 * and after it acknowledged one of the peer's. Killing it sooner would leave its files.
 */
#define KILL_AFTER (5 * USEC_PER_SEC)
/* The control plane runs before its children: acknowledgements in time, whatever is started. */
#define PPPD_NICE 5

static void close_all(struct ppp *ppp)
{
	ppp->child = sd_event_source_disable_unref(ppp->child);
	ppp->plugin_io = sd_event_source_disable_unref(ppp->plugin_io);
	ppp->log_io = sd_event_source_disable_unref(ppp->log_io);
	ppp->kill_timer = sd_event_source_disable_unref(ppp->kill_timer);
	ppp->setup_timer = sd_event_source_disable_unref(ppp->setup_timer);
	process_close(ppp->plugin_fd);
	process_close(ppp->log_fd);
	ppp->plugin_fd = ppp->log_fd = -1;
	pppd_log_clear(&ppp->log);
}

/* Of one that may run still: nobody will look after it. */
static void ppp_free(struct call *call)
{
	struct ppp *ppp = call->attached;

	close_all(ppp);
	ppp_queue_leave(ppp);
	if (ppp_starting_over(ppp))
		ppp_queue_update(call->daemon);
	ppp_host_forget(ppp);
	if (ppp->pid)
		pppd_kill(ppp->pid);
	ppp_user_forget(ppp);
	ppp_mppe_forget(ppp);
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
	ppp_words_drain(ppp);
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

static void terminate(struct ppp *ppp)
{
	pppd_terminate(ppp->pid);
	if (sd_event_add_time_relative(ppp->call->daemon->event, &ppp->kill_timer, CLOCK_BOOTTIME,
		    KILL_AFTER, USEC_PER_SEC / 10, kill_timeout, ppp) < 0)
		pppd_kill(ppp->pid);
}

/* One that is being started is ended when it is; one that waits for that, soon. */
static void ppp_stop(struct call *call)
{
	struct ppp *ppp = call->attached;

	if (ppp->stopped)
		return;
	ppp->stopped = true;
	ppp_queue_stop(ppp);
	if (ppp->pid)
		terminate(ppp);
}

/* There is no process; the call ends as if there had been one. */
static void start_failed(struct ppp *ppp, int error)
{
	struct l2tp_reason reason = { .who = L2TP_WHO_LOCAL,
		.result = L2TP_CDN_ERROR,
		.error = L2TP_ERR_RESOURCES,
		.text = "PPP cannot be started" };
	struct call *call = ppp->call;

	call_say(call, "cannot start %s: %s%s", call->daemon->config->daemon.pppd, strerror(error),
		error == ENOENT ? ". Install the package \"ppp\", or correct \"pppd\" in [daemon]"
				: "");
	call_detached(call, &reason);
}

/* --- its start --- */

/* pppd is the daemon's child, and runs. */
static void started(struct ppp *ppp, pid_t pid)
{
	struct call *call = ppp->call;
	sd_event *event = call->daemon->event;
	int r;

	ppp->pid = pid;
	log_debug("session %u: pppd %d started", call->sid, (int)pid);
	r = sd_event_add_child(event, &ppp->child, pid, WEXITED, pppd_reaped, ppp);
	if (r < 0) {
		/* one that nobody watches would never be reaped, nor its call end */
		call_log(call, LOG_ERR, "cannot watch pppd: %s", strerror(-r));
		pppd_kill_and_reap(pid);
		ppp->pid = 0;
		start_failed(ppp, -r);
		return;
	}
	if (ppp->stopped)
		terminate(ppp);
}

static void start_result(struct ppp *ppp, const struct pppd_result *result)
{
	const char *program = ppp->call->daemon->config->daemon.pppd;

	if (result->news == PPPD_STARTED) {
		started(ppp, result->pid);
		return;
	}
	call_log(ppp->call, LOG_ERR, "cannot start %s: %s%s%s", program, strerror(-result->error),
		*result->text ? ": " : "", result->text);
	start_failed(ppp, -result->error);
}

/* Its sockets: of the plugin, and of its words. */
static int open_sockets(struct ppp *ppp, struct pppd_call *start, struct why *why)
{
	sd_event *event = ppp->call->daemon->event;
	int log[2], r;

	r = pppd_socket(&ppp->plugin_fd, &start->event_fd);
	if (r < 0)
		return why_not(why, r, "socket to pppd: %s", strerror(-r));
	r = pppd_log_pipe(log);
	if (r < 0)
		return why_not(why, r, "pipe to pppd: %s", strerror(-r));
	ppp->log_fd = log[0];
	start->log_fd = log[1];
	r = sd_event_add_io(event, &ppp->plugin_io, ppp->plugin_fd, EPOLLIN, ppp_events_io, ppp);
	if (r >= 0)
		r = sd_event_add_io(event, &ppp->log_io, ppp->log_fd, EPOLLIN, ppp_words_io, ppp);
	return r < 0 ? why_not(why, r, "cannot watch pppd: %s", strerror(-r)) : 0;
}

static int order(struct ppp *ppp, const struct pppd_options *options, struct why *why)
{
	struct pppd_call start = { .program = ppp->call->daemon->config->daemon.pppd,
		.options = options,
		.channel_fd = ppp->call->channel_fd,
		.event_fd = -1,
		.log_fd = -1,
		.nice = PPPD_NICE };
	int r = open_sockets(ppp, &start, why);

	if (r == 0) {
		r = ppp_host_start(ppp, &start);
		if (r < 0)
			why_not(why, r, "cannot start pppd: %s", strerror(-r));
	}
	if (r < 0) {
		process_close(start.event_fd);
		process_close(start.log_fd);
		return r;
	}
	/* pppd's exit is the end of the kernel session: its copy is the only one */
	ppp->call->channel_fd = -1;
	return 0;
}

static int launch(struct ppp *ppp, const struct config_ppp *profile, struct why *why)
{
	struct call *call = ppp->call;
	struct pppd_options options = { 0 };
	int r = ppp_mppe_start(ppp, profile, why);

	if (r < 0)
		return r;
	ppp->asks_address = ppp_address_is_ours(call, profile);
	r = ppp_options_build(&options, call, profile);
	if (r < 0)
		why_not(why, r, "[ppp %s]: pppd's options cannot be written: %s%s", profile->name,
			strerror(-r), r == -EINVAL ? " (a control character in a value)" : "");
	else
		r = order(ppp, &options, why);
	pppd_options_clear(&options);
	if (r == 0 && *profile->user)
		snprintf(call->user, sizeof(call->user), "%s", profile->user);
	return r;
}

/* With the profile as it is now: the configuration may have changed while the call waited. */
static int start_now(struct ppp *ppp, struct why *why)
{
	const struct call *call = ppp->call;
	const struct config_ppp *profile = profile_of(call->daemon, call->owner->config);

	if (!profile)
		return why_not(why, -ENOENT, "the link has no ppp profile any more");
	if (ppp_starting_join(ppp) < 0)
		return why_not(why, -ENOMEM, "%s", strerror(ENOMEM));
	return launch(ppp, profile, why);
}

static void take_turn(struct ppp *ppp)
{
	struct call *call = ppp->call;
	struct l2tp_reason reason = { .who = L2TP_WHO_LOCAL, .result = L2TP_CDN_ADMIN };
	struct why why;

	if (!ppp->stopped) {
		if (start_now(ppp, &why) == 0)
			return;
		call_log(call, LOG_ERR, "%s", why.text);
		call_say(call, "%s", why.text);
		reason.result = L2TP_CDN_ERROR;
		reason.error = L2TP_ERR_RESOURCES;
	}
	snprintf(reason.text, sizeof(reason.text), "PPP %s",
		ppp->stopped ? "was not started yet" : "cannot be started");
	call_detached(call, &reason);
}

static void ppp_network_changed(struct call *call)
{
	ppp_routes_restore(call);
	ppp_routes_follow_mtu(call);
}

static int join(struct ppp *ppp, struct why *why)
{
	int r = ppp_setup_start(ppp);

	if (r < 0)
		return why_not(why, r, "cannot watch the time: %s", strerror(-r));
	r = ppp_queue_join(ppp);
	if (r < 0)
		return why_not(why, r, "cannot wait for its turn: %s", strerror(-r));
	return r ? start_now(ppp, why) : 0;
}

static int ppp_start(struct call *call, struct why *why)
{
	struct ppp *ppp = calloc(1, sizeof(*ppp));
	int r;

	if (!ppp)
		return why_not(why, -ENOMEM, "%s", strerror(ENOMEM));
	ppp->call = call;
	ppp->start_result = start_result;
	ppp->take_turn = take_turn;
	ppp->plugin_fd = ppp->log_fd = ppp->status = -1;
	call->attached = ppp;
	r = join(ppp, why);
	if (r < 0) {
		ppp_free(call);
		call->attached = NULL;
	}
	return r;
}

const struct attachment_kind attachment_ppp = {
	.name = "ppp",
	.start = ppp_start,
	.stop = ppp_stop,
	.free = ppp_free,
	.network_changed = ppp_network_changed,
	.explain = ppp_end_explain,
};
