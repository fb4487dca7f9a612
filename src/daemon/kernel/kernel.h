/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's side as the loop sees it: start and end of all that watches or orders it. */
#ifndef DAEMON_KERNEL_KERNEL_H
#define DAEMON_KERNEL_KERNEL_H

#include "daemon/daemon.h"
#include "daemon/news.h"

#define KERNEL_CHANGED_MAX 16

struct monitor;
struct stats_stream;

/* The state of this folder. */
struct kernel {
	char problem[480]; /* why calls cannot be made, and the remedy; empty: none known */
	usec_t look_again;
	sd_event_source *plane_io;
	struct stats_stream *stats; /* NULL: no plane */
	sd_event_source *stats_io, *stats_timer;
	struct news_item stats_read;
	usec_t stats_asked, stats_took; /* the last time they were read */
	struct monitor *monitor;
	sd_event_source *monitor_io, *burst_timer, *address_timer;
	bool burst;			 /* its timer runs */
	int changed[KERNEL_CHANGED_MAX]; /* interfaces that changed in it */
	unsigned changed_len;		 /* KERNEL_CHANGED_MAX + 1: more than that */
	struct news_item network_news;
	int alive_fd; /* says to other l2tpds that we live; -1: not */
};

/* Timers, rtnetlink, and the kernel's L2TP if it is there. 0 or -errno (logged). */
int kernel_start(struct daemon *d);
/* Does the plane's remaining jobs first. After the last call and tunnel. */
void kernel_stop(struct daemon *d);

#endif
