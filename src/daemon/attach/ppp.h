/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A pppd of its own answers PPP for a call. */
#ifndef DAEMON_ATTACH_PPP_H
#define DAEMON_ATTACH_PPP_H

#include <sys/types.h>

#include "daemon/call/attachment.h"
#include "linux/pppd_log.h"

struct lease;
struct ppp_line;
struct pppd_result;
struct starting_network;
struct user_calls;

extern const struct attachment_kind attachment_ppp;

enum ppp_layer { PPP_LCP, PPP_AUTH, PPP_NCP };

/* ppp_queue.h */
enum ppp_turn {
	PPP_NO_TURN, /* it is up, ends, or waits for its peer */
	PPP_WAITS,   /* there is no pppd yet */
	PPP_STOPPED, /* it waited, and shall not be started any more */
	PPP_STARTS,
};

/* call->attached */
struct ppp {
	struct call *call;
	UT_hash_handle hh; /* by cookie, while it is being started */
	uint64_t cookie;
	/* What became of its start. The call may be dead after this. */
	void (*start_result)(struct ppp *ppp, const struct pppd_result *result);
	/* It need not wait any longer, for it is its turn, or it is stopped. The same is true. */
	void (*take_turn)(struct ppp *ppp);
	enum ppp_turn turn;
	struct ppp_line *line; /* of its tunnel, while it waits */
	TAILQ_ENTRY(ppp) in_line;
	sd_event_source *turn_timer;
	usec_t turn_until;
	struct starting_network *starting_network; /* ppp_starting.h; NULL: not among them */
	TAILQ_ENTRY(ppp) starting;
	usec_t starting_since;
	bool gave_way; /* it was told to end, for others */
	pid_t pid;     /* 0: not started yet, or reaped */
	bool stopped;  /* we ended it, or will as soon as it is started */
	sd_event_source *child, *plugin_io, *log_io, *kill_timer;
	int plugin_fd, log_fd;
	struct pppd_log log;
	char complaint[300]; /* its last line of trouble; "": none */
	char farewell[300];  /* what the peer said last in LCP; "": nothing */
	char words[300];     /* why it closed LCP itself; "": it did not, or did not say */
	struct lease *lease; /* NULL: none yet, or the peer tells us */
	bool asks_address;   /* the peer's comes from us: "l2tpd-ask-address" */
	const char *refusal; /* static: why there is no address for the peer; NULL: there is */
	struct user_calls *user_calls; /* of the user who proved to be that; NULL: nobody did */
	LIST_ENTRY(ppp) of_user;
	sd_event_source *setup_timer; /* from the session to IP */
	bool mppe_required, encrypted;
	struct l2tp_addr guarded; /* the fence stands towards it (ppp_mppe.h); AF_UNSPEC: none */
	uint16_t guarded_tid;
	enum ppp_layer layer;	 /* the highest that it got to */
	bool auth_failed_here;	 /* the peer failed to us */
	bool auth_failed_there;	 /* we failed to the peer */
	char login[32];		 /* the peer asked us for, and we did not agree; "": none */
	bool closed_by_peer;	 /* its LCP Terminate-Request */
	int status;		 /* exit status, the true one; -1: not known */
	unsigned mtu;		 /* as negotiated; 0: not yet */
	bool default4, default6; /* our default route leads through it */
	char said[300];		 /* in words, of the plugin or the peer; "": nothing */
};

#endif
