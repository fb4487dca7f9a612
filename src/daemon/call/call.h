/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Calls: one session of the core, a path for its data (path.h), something attached that answers PPP
 * (attachment.h). Whichever of them ends first, the others are told; when all three are gone the
 * call is dead, NEWS_CALL_ENDED is posted, and calls_reap() frees it after that was read.
 */
#ifndef DAEMON_CALL_CALL_H
#define DAEMON_CALL_CALL_H

#include <sys/queue.h>

#include "base/log.h"
#include "base/why.h"
#include "daemon/conn/conn.h"
#include "daemon/news.h"
#include "linux/monitor.h"

struct attachment_kind;
struct line;
struct path_kind;

/* What of a link everybody below it may see: the first member of struct link. */
struct call_owner {
	char name[64];
	uint32_t id;			  /* cookie of its tunnels and calls */
	const struct config_link *config; /* NULL: removed by a reload, waits for its calls */
	LIST_HEAD(owner_calls, call) calls;
	unsigned calls_len;
};

enum call_state {
	CALL_SIGNALLING, /* L2TP is being agreed */
	CALL_PPP,	 /* PPP is being agreed */
	CALL_UP,	 /* PPP carries IP */
	CALL_ENDING,	 /* we told what is attached, or the core, to end it */
};

/* What PPP agreed on, as far as the one who is attached knows. */
struct call_ip {
	char ifname[32];
	int ifindex;
	uint32_t local, peer, dns[2]; /* network byte order; 0: none */
	unsigned mtu;
	bool ip6_up;
	uint64_t ip6_local_id, ip6_peer_id; /* interface identifiers, network byte order */
};

struct call {
	UT_hash_handle hh; /* by sid, while it is not dead */
	LIST_ENTRY(call) of_owner, of_conn;
	SLIST_ENTRY(call) dead;
	struct news_item up_news, more_news, ended_news;
	struct daemon *daemon;
	struct conn *conn;
	struct call_owner *owner;
	uint16_t tid, sid, peer_sid;
	enum l2tp_role role;
	bool incoming; /* the peer asked for it */
	enum call_state state;
	bool core_down; /* SESSION_DOWN seen */
	bool creating;	/* the plane makes its kernel session */

	const struct path_kind *path;
	void *path_state;		 /* the path's own; NULL: none */
	struct l2tp_genl_session kernel; /* what the data path was told; sid 0: nothing yet */
	unsigned seq_tries;		 /* seq.c */
	usec_t seq_at;

	const struct attachment_kind *attachment;
	void *attached;	   /* its own; NULL: it is not there, or is gone */
	int channel_fd;	   /* the session's PPPoX socket; -1: none, or handed over */
	struct line *line; /* attach/line.h: the caller that it carries; NULL: none (any more) */

	char user[128]; /* authenticated peer, or our own name; "": none yet */
	struct call_ip ip;
	usec_t up_since; /* 0: never was */
	bool has_accm, has_line_errors;
	uint32_t accm_send, accm_recv; /* LAC: what the LNS asks for */
	uint32_t line_errors[6];       /* LNS: what the LAC reports, see l2tp/core.h */
	struct log_limit line_errors_log;
	struct session_stats stats;
	uint64_t seen_rx; /* rx_packets at the last look: did the peer send? */
	uint64_t seen_tx; /* tx_packets when it last did */

	bool has_reason; /* reason is why it ends; the first one counts */
	struct l2tp_reason reason;
	char *problem;	     /* what is better told than reason; NULL: nothing */
	int ppp_exit;	     /* pppd's true exit status, -1: none */
	bool login_failed;   /* one end did not accept the other's login */
	struct outcome *end; /* NULL: it lives */
};

struct calls {
	struct call *by_sid;
	SLIST_HEAD(, call) dead;
	struct leg_order *legs; /* leg.c, by cookie */
	uint64_t last_leg;
};

/* 0 or -ENOMEM; sets d->calls. */
int calls_new(struct daemon *d);
/* All of them at once, whatever they do: nobody would look after them. */
void calls_free(struct daemon *d);
/* Free the dead: after the news about them were read. False: there were none. */
bool calls_reap(struct daemon *d);

/* A line of the log, after "LINK: session SID: "; conn_log.h says when not. */
void call_log(const struct call *call, int level, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* Keys that are of one call are for it: it is ours, or a peer's on a link that takes just one. */
bool call_is_the_one(const struct call *call);
/* Its peer is no stranger any more: the log has all there is to say about it. */
void call_proved(struct call *call);

struct call *call_find(const struct daemon *d, uint16_t sid);
/* "signalling", "ppp", "up", "ending" */
const char *call_state_name(const struct call *call);
/* Parameters of a call by the configuration of its owner. */
void call_params(const struct call_owner *owner, struct l2tp_call_params *ret);

/*
 * Place a call for owner over conn. 0 and *ret, or -errno with a sentence in why (and the core has
 * no such call). params: call_params(), and what is to be different.
 */
int call_place(struct daemon *d, struct call_owner *owner, struct conn *conn,
	const struct l2tp_call_params *params, struct call **ret, struct why *why);
/* Take the call that the peer offers, as owner's; else refused for lack of memory: NULL. */
struct call *call_take(struct daemon *d, struct call_owner *owner, struct conn *conn,
	const struct l2tp_effect *offer);
/* Both want this before anything happens to the call: who carries its data, who answers PPP. */
void call_set_kinds(
	struct call *call, const struct path_kind *path, const struct attachment_kind *attachment);

/* Effects of the core. */
void call_create(struct daemon *d, const struct l2tp_effect *effect);
void call_session_up(struct daemon *d, const struct l2tp_effect *effect);
void call_session_down(struct daemon *d, const struct l2tp_effect *effect);
/* Its tunnel lost a tie; the peer's carries it now. */
void call_moved(struct daemon *d, const struct l2tp_effect *effect);
/* SLI, WEN */
void call_accm(struct daemon *d, const struct l2tp_effect *effect);
void call_speed(struct daemon *d, const struct l2tp_effect *effect);
void call_line_errors(struct daemon *d, const struct l2tp_effect *effect);
/* SESSION_CREATE, LOOPBACK_OPEN and SESSION_MODIFY are done. */
void call_plane_result(struct daemon *d, const struct plane_result *result);
/* Counters of its data path were read. */
void call_stats(struct call *call, const struct session_stats *stats);

/* Refuse an offer with CDN. */
void call_refuse(struct daemon *d, uint16_t tid, uint16_t sid, uint16_t result, uint16_t error,
	const char *text);
/* End it: what is attached first, so that PPP says goodbye, then CDN. why is for log and peer. */
void call_close(struct call *call, const char *why);
/* The same with the CDN that reason says. */
void call_end(struct call *call, const struct l2tp_reason *reason);

/* The network of this machine changed. */
void call_network_changed(struct call *call);
/* From what is attached: PPP carries IP (NEWS_CALL_UP, once). */
void call_is_up(struct call *call);
/* From what is attached: it found out more (NEWS_CALL_MORE, if the call is up). */
void call_knows_more(struct call *call);
/*
 * From what is attached, which has ended and is freed by this: reason is what the peer is told
 * unless the end was ordered. The call may be dead after this.
 */
void call_detached(struct call *call, const struct l2tp_reason *reason);
/* Tell people this of its end, not what L2TP knows; the first one counts. */
void call_say(struct call *call, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
