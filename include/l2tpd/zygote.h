/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the daemon and a ready-made pppd (src/pppd-plugin/zygote.c) say to each other. Such a pppd
 * has been started as "pppd plugin A plugin B ... l2tpd-zygote 3 file /proc/self/fd/4", has loaded
 * its plugins and waits on descriptor 3, a SOCK_SEQPACKET socket. For each order it makes a copy of
 * itself that is a child of the daemon, as it is itself (CLONE_PARENT), and goes on with the
 * options file as a pppd just started would. One message a packet.
 *
 * An order is answered twice, in any order: by the waiting pppd, that there is a copy or why not,
 * and by the copy before it does anything. So whoever of the two is killed, the daemon learns of
 * every copy that lives; and the socket ends only when nobody is left who could start one.
 */
#ifndef L2TPD_ZYGOTE_H
#define L2TPD_ZYGOTE_H

#include <stdint.h>

#define ZYGOTE_VERSION 1
#define ZYGOTE_FD      3 /* of the waiting pppd, where orders come from */

/* Descriptors that come with an order (SCM_RIGHTS), all four and in this order. */
enum zygote_fd {
	ZYGOTE_CHANNEL, /* PPPoX socket; 3 in the copy */
	ZYGOTE_OPTIONS, /* options file; 4 */
	ZYGOTE_EVENTS,	/* socket of the plugin (plugin.h); 5 */
	ZYGOTE_LOG,	/* where pppd's words go; 1 and 2 */
	ZYGOTE_FDS
};

struct zygote_order {
	uint32_t number; /* the answers repeat it */
	int32_t nice;	 /* added to that of the waiting pppd, which has the daemon's */
};

enum zygote_reply_type {
	ZYGOTE_WAITS = 1, /* once, before the first order; value: ZYGOTE_VERSION */
	ZYGOTE_CLONED,	  /* from the waiting pppd; value: pid of the copy */
	ZYGOTE_RUNS,	  /* from the copy; value: its pid */
	ZYGOTE_FAILED,	  /* no copy; value: errno */
};

struct zygote_reply {
	uint32_t type;
	uint32_t number; /* the order's */
	int32_t value;
};

#endif
