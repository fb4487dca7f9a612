/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The daemon as its parts see it: pointers to all of them, and the few facts that belong to none.
 * Everything runs in one sd-event loop. Inputs go to the core; after every turn the reactor carries
 * out the effects that the core queued, tells the news, and frees the dead.
 *
 *   link    one [link] section: dials, redials, takes what peers ask for
 *   conn    one control connection: socket, kernel tunnel, pinned route
 *   call    one session: a path for its data (kernel, relay), something that answers PPP (pppd)
 *   line    a caller who is forwarded: his call is joined to one of ours (attach/line.h)
 *
 * Folders call downwards only: main > api > {reactor watch reload} > link > {attach kernel} > call
 * > conn > input > news, iface, json. What has to go up is news (news.h).
 */
#ifndef DAEMON_DAEMON_H
#define DAEMON_DAEMON_H

/* an element that cannot be added for lack of memory has hh.tbl NULL then */
#define HASH_NONFATAL_OOM 1
#include <systemd/sd-event.h>
#include <uthash.h>

#include <l2tp/core.h>
#include <l2tpd/config.h>

struct daemon {
	sd_event *event;
	const char *config_file;
	const char *config_dir; /* NULL: only the file */
	struct config *config;
	char hostname[256];
	usec_t started;
	bool stopping, verbose;
	char *run_time; /* what was set since the files were read, in words; NULL: nothing */

	struct l2tp_core *core;
	struct plane *plane; /* linux/plane.h; NULL: the kernel side is not to be had */
	struct news_desk *news;
	struct iface *ifaces;
	struct netdevs *netdevs; /* netaddrs.h */

	const struct policy *policy; /* input.h: who may have tunnels and calls */
	const struct tap *tap;	     /* tap.h; NULL: nobody watches control messages */
	struct listeners *listeners;
	struct conns *conns;
	struct pins *pins;
	struct calls *calls;
	struct relay_host *relays;
	struct profiles *profiles;
	struct ppp_host *ppp_host;
	struct ppp_queue *ppp_queue;
	struct ppp_starting *ppp_starting; /* attach/ppp_starting.h */
	struct user_calls *user_calls;	   /* attach/ppp_user.c */
	struct lines *lines;		   /* attach/line.h: callers that are forwarded */
	struct serials *serials;	   /* attach/line_serial.h */
	struct pppoe_host *pppoe;	   /* attach/pppoe_host.h */
	struct forwards *forwards;
	struct radius_desks *radius; /* link/radius_desk.h */
	struct clear_guard *guard;   /* linux/clear_guard.h; NULL: no call needs it */
	struct kernel *kernel;
	struct links *links;
	struct hooks *hooks; /* link/hooks.h */
	struct pressure *pressure;
	struct status *status; /* status.h */
	struct reactor *reactor;
	struct monitors *monitors;
	struct orders *orders;
	struct viewers *viewers;
	struct ctl_server *ctl;
};

/* Microseconds of CLOCK_BOOTTIME: goes on while the machine sleeps. */
static inline usec_t daemon_now(const struct daemon *d)
{
	uint64_t now = 0;

	sd_event_now(d->event, CLOCK_BOOTTIME, &now);
	return now;
}

#endif
