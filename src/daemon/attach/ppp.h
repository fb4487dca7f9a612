/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A pppd of its own answers PPP for a call. */
#ifndef DAEMON_ATTACH_PPP_H
#define DAEMON_ATTACH_PPP_H

#include <sys/types.h>

#include "daemon/call/attachment.h"
#include "linux/pppd_log.h"

struct lease;
struct pppd_result;

extern const struct attachment_kind attachment_ppp;

enum ppp_layer { PPP_LCP, PPP_AUTH, PPP_NCP };

/* call->attached */
struct ppp {
	struct call *call;
	UT_hash_handle hh; /* by cookie, while it is being started */
	uint64_t cookie;
	/* What became of its start. The call may be dead after this. */
	void (*start_result)(struct ppp *ppp, const struct pppd_result *result);
	pid_t pid;    /* 0: not started yet, or reaped */
	bool stopped; /* we ended it, or will as soon as it is started */
	sd_event_source *child, *plugin_io, *log_io, *kill_timer;
	int plugin_fd, log_fd;
	struct pppd_log log;
	char complaint[300];	 /* its last line of trouble; "": none */
	char farewell[300];	 /* what the peer said last in LCP; "": nothing */
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
