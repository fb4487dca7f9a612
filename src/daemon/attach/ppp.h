/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A pppd of its own answers PPP for a call. */
#ifndef DAEMON_ATTACH_PPP_H
#define DAEMON_ATTACH_PPP_H

#include <sys/types.h>

#include "daemon/call/attachment.h"

struct lease;

extern const struct attachment_kind attachment_ppp;

enum ppp_layer { PPP_LCP, PPP_AUTH, PPP_NCP };

/* call->attached */
struct ppp {
	struct call *call;
	pid_t pid;    /* 0: reaped */
	bool stopped; /* we ended it */
	sd_event_source *child, *plugin_io, *kill_timer;
	int plugin_fd;
	struct lease *lease;	 /* NULL: the peer chooses its address, or RADIUS does */
	enum ppp_layer layer;	 /* the highest that it got to */
	bool auth_failed_here;	 /* the peer failed to us */
	bool auth_failed_there;	 /* we failed to the peer */
	bool closed_by_peer;	 /* its LCP Terminate-Request */
	int status;		 /* exit status, the true one; -1: not known */
	unsigned mtu;		 /* as negotiated; 0: not yet */
	bool default4, default6; /* our default route leads through it */
	char said[300];		 /* in words, of the plugin or the peer; "": nothing */
};

#endif
