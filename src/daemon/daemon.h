/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The daemon's objects. Everything runs in one sd-event loop; inputs go to the core, and after
 * every turn of the loop reactor.c carries out the effects the core queued.
 *
 *   daemon  owns links, listeners, conns (tunnels: sockets and kernel tunnels) and calls
 *   link    one [link] section: dials, redials, takes incoming calls
 *   conn    one control connection; lives until its core tunnel, kernel tunnel and calls are gone
 *   call    one session; lives until its core session is gone and its pppd was reaped
 */
#ifndef DAEMON_DAEMON_H
#define DAEMON_DAEMON_H

#include <jansson.h>
#include <sys/queue.h>
#include <systemd/sd-event.h>
#include <uthash.h>

#include <l2tp/core.h>
#include <l2tpd/config.h>

#include "linux/monitor.h"
#include "linux/route.h"
#include "linux/plane.h"
#include "control/server.h"
#include "base/log.h"
#include "daemon/attach/pool.h"

struct daemon;
struct link;
struct pin;
struct relay;
struct relay_session;
struct relay_tunnel;

/* Why something ended, for people and JSON ("last_down"). */
struct outcome {
	int64_t time; /* seconds since 1970; 0: nothing ended yet */
	struct l2tp_reason reason;
	int ppp_exit;	/* pppd's true exit status, -1: pppd did not run (to its end) */
	char text[800]; /* one sentence that says what happened and what to do */
};

/* A control client that waits for a link to come up, or for links and calls to go down. */
struct waiter {
	LIST_ENTRY(waiter) entry;
	struct request *request;
	struct close_wait *close; /* NULL: waits for up */
};
LIST_HEAD(waiter_list, waiter);

/* One "close" order over any number of calls: answered when the last of them is gone. */
struct close_wait {
	struct request *request; /* NULL: the client went away */
	unsigned pending, closed;
};

struct listener {
	LIST_ENTRY(listener) entry;
	struct daemon *daemon;
	struct l2tp_addr self;
	int fd;
	sd_event_source *io;
	bool wanted; /* by a link, during reload */
};

enum kernel_state { KERNEL_NONE, KERNEL_CREATING, KERNEL_READY, KERNEL_DELETING };

struct conn {
	UT_hash_handle hh;
	struct daemon *daemon;
	uint16_t tid;		 /* key */
	char link_name[64];	 /* the link that gave its parameters */
	char peer_hostname[256]; /* as it said; only for matching */
	char *share_key;	 /* calls with an equal key may use it; NULL: opened by the peer */
	int fd;			 /* -1: the peer opened it and it is not established yet */
	sd_event_source *io;
	struct l2tp_path path;
	enum kernel_state kernel;
	uint16_t peer_tid;
	unsigned calls;		    /* of daemon->calls */
	unsigned relayed;	    /* of them */
	struct relay_tunnel *relay; /* reads the socket while calls are relayed; else NULL */
	bool down, gone;	    /* TUNNEL_DOWN, TUNNEL_GONE seen */
	bool timed_out;		    /* the peer stopped answering, or never did */
	bool initiator;		    /* we opened it */
	bool connected;		    /* its socket is */
	int send_error;		    /* last errno of sending, said already */
	unsigned deviations;	    /* of the peer, said already: bits of enum l2tp_deviation */
	struct pin *pin;	    /* NULL: opened by the peer */
	struct outcome outcome;
	usec_t up_since;
};

enum call_state {
	CALL_SIGNALLING, /* L2TP is being agreed */
	CALL_PPP,	 /* pppd runs */
	CALL_UP,	 /* PPP carries IP */
	CALL_ENDING,	 /* we told pppd or the core to end it */
};

enum ppp_layer { PPP_LCP, PPP_AUTH, PPP_NCP };

struct call {
	UT_hash_handle hh;
	struct daemon *daemon;
	struct conn *conn;
	struct link *link;
	uint16_t tid, sid; /* sid is the key */
	enum l2tp_role role;
	bool incoming; /* the peer asked for it */
	enum call_state state;
	bool core_down; /* SESSION_DOWN seen */
	bool creating;	/* the worker makes its kernel session */
	int pppox_fd;
	bool relayed;		     /* its data goes through the relay, not the kernel's tunnel */
	struct relay_session *relay; /* NULL: not (yet, any more) */
	int loop_fd;		     /* relayed: the tunnel that pppd's end is of; -1: none */
	struct l2tp_genl_session kernel;
	uint16_t peer_sid;
	unsigned seq_tries; /* LNS: how often numbering is turned on again yet */
	usec_t seq_at;	    /* not before */

	pid_t pid;   /* 0: pppd does not run */
	bool killed; /* we ended it */
	sd_event_source *child, *plugin_io, *kill_timer;
	int plugin_fd;
	bool auth_failed_here, auth_failed_there;
	int ppp_status; /* the plugin's, -1: unknown */
	char ppp_text[300];
	enum ppp_layer ppp_layer; /* the highest that pppd got to */
	bool ppp_closed_by_peer;  /* its LCP Terminate-Request */
	bool has_accm, has_line_errors;
	uint32_t accm_send, accm_recv; /* LAC: what the LNS asks for */
	struct log_limit line_errors_log;
	uint32_t line_errors[6]; /* LNS: what the LAC reports, see l2tp/core.h */
	char user[128];		 /* authenticated peer, or our own name */

	char ifname[32];
	int ifindex;
	uint32_t local_ip, peer_ip, dns[2]; /* network byte order */
	unsigned mtu;
	uint64_t ip6_local_id, ip6_remote_id;
	bool ip6_up;
	bool has_lease;
	uint32_t lease; /* host byte order, of link's profile's pool */
	char lease_profile[64];

	struct session_stats stats;
	uint64_t seen_rx; /* rx_packets at the last look: did the peer send? */
	usec_t up_since;
	struct outcome outcome;
	LIST_HEAD(, close_entry) closers;
};

struct close_entry {
	LIST_ENTRY(close_entry) entry;
	struct close_wait *wait;
};

enum link_state {
	LINK_DOWN,
	LINK_RESOLVING, /* peer's name */
	LINK_DIALLING,
	LINK_UP,      /* the call we placed carries IP */
	LINK_WAITING, /* for the next redial */
	LINK_CLOSING,
};

/* What the maker of a link that stands in no file is told. */
enum link_change {
	LINK_CHANGE_DIALLING, /* a call was placed */
	LINK_CHANGE_UP,	      /* or more is known of the call that is up */
	LINK_CHANGE_WAITING,  /* link->last_down says why; next try in link->redial_in */
	LINK_CHANGE_DOWN,     /* the same, and no next try */
};

/* Somebody's link: he keeps its configuration and is told how it goes; see link_new_owned(). */
struct link_owner {
	struct config *config; /* of this link and its profile */
	/* must not free or close the link */
	void (*changed)(struct link_owner *owner, struct link *link, enum link_change change);
};

struct link {
	TAILQ_ENTRY(link) entry;
	struct daemon *daemon;
	uint32_t id;			  /* cookie of its tunnels and calls */
	struct link_owner *owner;	  /* NULL: it is the configuration's */
	const struct config_link *config; /* NULL: removed by a reload, waits for its calls */
	char name[64];
	enum link_state state;
	bool wanted; /* open; redial may apply */
	struct resolve *resolve;
	sd_event_source *resolve_io;
	struct l2tp_addr *addrs; /* the peer's addresses of this dial */
	size_t addrs_len, addr_next;
	struct call *call; /* the one we placed */
	unsigned attempts; /* since the last success */
	sd_event_source *redial_timer;
	usec_t redial_in; /* LINK_WAITING: from when it began */
	int dial_error;	  /* -errno if the last dial failed here, before anything was sent */
	unsigned calls;	  /* all calls, placed and taken */
	bool dataseq;	  /* what running calls were told */
	struct waiter_list waiters;
	struct outcome last_down;
};
TAILQ_HEAD(link_list, link);

struct profile {
	LIST_ENTRY(profile) entry;
	char name[64];
	struct pool *pool;
};

struct monitor_client {
	LIST_ENTRY(monitor_client) entry;
	struct request *request;
	struct daemon *daemon;
	bool packets; /* it is told of control messages, too */
};

struct stats_waiter {
	LIST_ENTRY(stats_waiter) entry;
	struct request *request;
};

struct daemon {
	sd_event *event;
	const char *config_file;
	const char *config_dir; /* NULL: only the file */
	struct config *config;
	char hostname[256];
	usec_t started;

	struct l2tp_core *core;
	sd_event_source *core_timer, *post;
	struct worker *worker;	  /* NULL: the kernel side is not to be had */
	char kernel_problem[480]; /* why not, and the remedy; empty: none known */
	usec_t kernel_look_again;
	sd_event_source *worker_io;
	struct relay *relay; /* NULL: no call needed it so far */
	sd_event_source *relay_io;
	struct stats_stream *stats;
	sd_event_source *stats_io, *stats_timer;
	struct monitor *monitor;
	sd_event_source *monitor_io;

	LIST_HEAD(, listener) listeners;
	struct conn *conns; /* by tid */
	struct call *calls; /* by sid */
	struct link_list links;
	uint32_t next_link_id;
	LIST_HEAD(, profile) profiles;
	LIST_HEAD(, pin) pins; /* host routes to peers */
	sd_event_source *pin_timer;

	struct ctl_server *ctl;
	LIST_HEAD(, monitor_client) monitors;
	unsigned packet_watchers; /* monitors with packets */
	LIST_HEAD(, stats_waiter) stats_waiters;

	sd_event_source *exit_timer;
	bool stopping, verbose;
	uint64_t drops_logged; /* total at the last log line */
	usec_t drops_log_time;
	struct log_limit refused_tunnels, refused_calls;
	struct log_limit abandoned; /* attempts of peers that came to nothing */
};

/* --- reactor.c: the core's inputs and effects --- */

usec_t daemon_now(struct daemon *d);
/* Creates core, listeners, monitor; opens the kernel side if it can. 0 or -errno (logged). */
int reactor_start(struct daemon *d);
/* Orderly end: calls, tunnels, kernel objects; then leaves the loop. */
void reactor_stop(struct daemon *d);
void reactor_free(struct daemon *d);
/* Open and close listeners as the links of the present configuration want them. 0 or first -errno.
 */
int reactor_update_listeners(struct daemon *d);
/* Try to have the kernel side (again). True: there; else d->kernel_problem says why not. */
bool kernel_ready(struct daemon *d);

/* --- conn.c --- */

struct conn *conn_find(struct daemon *d, uint16_t tid);
/* A live connection that we opened and that the key and peer fit; NULL: none. */
struct conn *conn_find_shared(struct daemon *d, const char *key, const struct l2tp_addr *peer);
/*
 * Open a tunnel for link to peer. 0 and *ret; on error -errno and a sentence in text.
 */
int conn_open(struct link *link, const struct l2tp_addr *peer, struct conn **ret, char *text,
	size_t text_size);
char *conn_share_key(const struct link *link);
void conn_share_key_free(char *key); /* it may hold a secret: wiped */
/* Parameters of a tunnel by a link's configuration; *ret_secret is the caller's to free, also on
 * error. */
int conn_params(const struct link *link, struct l2tp_tunnel_params *params, char **ret_secret,
	char *text, size_t text_size);
void conn_tunnel_up(struct daemon *d, const struct l2tp_effect *effect);
void conn_tunnel_down(struct daemon *d, const struct l2tp_effect *effect);
void conn_tunnel_gone(struct daemon *d, const struct l2tp_effect *effect);
/* Tell how many attempts of peers failed that the log did not name. */
void conn_log_abandoned(struct daemon *d);
void conn_send(struct daemon *d, const struct l2tp_effect *effect);
void conn_kernel_result(struct daemon *d, const struct worker_result *result);
/* One more, one fewer call: the last one lets the kernel tunnel go if the tunnel is down. */
void conn_ref(struct conn *conn);
void conn_unref(struct conn *conn);
void conn_free(struct conn *conn);
/* conn carries the calls of from, which we opened: so it is pinned and shared as that was. */
void conn_take_over(struct conn *conn, struct conn *from);

/* --- call.c --- */

struct call *call_find(struct daemon *d, uint16_t sid);
/* Place a call for link over conn. 0, or -errno with a sentence in text. */
int call_place(struct link *link, struct conn *conn, char *text, size_t text_size);
void call_offer(struct daemon *d, const struct l2tp_effect *effect);
void call_create(struct daemon *d, const struct l2tp_effect *effect);
void call_session_up(struct daemon *d, const struct l2tp_effect *effect);
void call_session_down(struct daemon *d, const struct l2tp_effect *effect);
/* Its tunnel lost a tie; the peer's carries it now. */
void call_moved(struct daemon *d, const struct l2tp_effect *effect);
/* SLI, WEN */
void call_accm(struct daemon *d, const struct l2tp_effect *effect);
/* The option dataseq of its link changed. */
void call_set_dataseq(struct call *call, bool dataseq);
void call_line_errors(struct daemon *d, const struct l2tp_effect *effect);
void call_kernel_result(struct daemon *d, const struct worker_result *result);
/* End it: pppd first, so that PPP says goodbye, then CDN. who is for the log. */
void call_close(struct call *call, const char *why);
void call_free(struct call *call);
/* PPP is up for the first time: call_ip_up of ppp events */
void call_stats(struct call *call, const struct session_stats *stats);
const char *call_state_name(const struct call *call);
/* Fill outcome->text from everything that is known about the end of the call. */
void call_describe_end(struct call *call);

/* --- call_relay.c: calls of links with "length" --- */

/* The loopback was made: begin. Takes it over, also on error. 0 or -errno. */
int call_relay_start(struct call *call, const struct loopback *lb);
/* call->kernel changed: number packets as it says. */
void call_relay_modify(struct call *call);
/* Nothing more goes through; frees what the call has of it. */
void call_relay_end(struct call *call);
/* call_stats() for all of them. */
void calls_relay_stats(struct daemon *d);
/* After the last call. */
void relay_stop(struct daemon *d);

/* --- ppp.c: pppd of a call --- */

/* 0, or -errno with a sentence in text. */
int ppp_start(struct call *call, char *text, size_t text_size);
/* TERM now, KILL after five seconds. */
void ppp_stop(struct call *call);
/* Close everything of pppd's that the call holds (not the process). */
void ppp_close(struct call *call);

/* --- ppp_events.c: what the plugin in pppd reports and asks --- */

int ppp_events_io(sd_event_source *source, int fd, uint32_t revents, void *user);
void ppp_events_drain(struct call *call);

/* --- profile.c: ppp profiles and their pools --- */

const struct config_ppp *profile_config(const struct daemon *d, const struct link *link);
/* Make pools follow the configuration; leases of running calls stay. */
void profiles_update(struct daemon *d);
/* Lease an address for the call; 0 (none needed or *ret), -ENOSPC. */
int profile_lease(struct call *call, const struct config_ppp *ppp);
/* The user has an address of his own. -EBUSY: another call has it. */
int profile_lease_address(struct call *call, const struct config_ppp *ppp, uint32_t address);
void profile_release(struct call *call);

/* --- link.c --- */

struct link *link_find(struct daemon *d, const char *name);
struct link *link_by_id(struct daemon *d, uint32_t id);
/* Make links follow d->config; autostart those that want it and are new. */
void links_update(struct daemon *d);
void links_autostart(struct daemon *d);
/*
 * An option of the link was set at run time: do at once what does not wait for the next call. 0, or
 * -errno (logged) if that failed; the option is set all the same.
 */
int link_option_changed(struct link *link, const char *key);
/* Start dialling; 0, or -errno with a sentence in text. Up already is success. */
int link_open(struct link *link, char *text, size_t text_size);
/* No more redials; ends its calls. */
void link_close(struct link *link, const char *why);
/* The placed call came up / is gone (call->outcome says why). */
void link_call_up(struct link *link, struct call *call);
void link_call_gone(struct link *link, struct call *call);
void link_free(struct link *link);
/* owner->config's link, which no reload touches; NULL: out of memory. */
struct link *link_new_owned(struct daemon *d, struct link_owner *owner);
/* Its owner is done with it, whose configuration it lets go: ends its calls and goes with them. */
void link_remove(struct link *link, const char *why);
/* Something that owners want to know. */
void link_tell_owner(struct link *link, enum link_change change);
const char *link_state_name(const struct link *link);
/*
 * Best link for an SCCRQ along path of a peer with that Host Name; NULL: none. Longest prefix of
 * "peer" first, then links that name the peer's host name, then the order of definition.
 */
struct link *link_match_tunnel(
	struct daemon *d, const struct l2tp_path *path, struct l2tp_span host);
/*
 * The same for a call in conn. A link with another secret than the one the tunnel was opened with
 * is out of reach: its peers have to prove theirs.
 */
struct link *link_match_call(struct daemon *d, const struct conn *conn);
/* The link's own end: numeric address, or that of an interface; AF_UNSPEC: any. -errno as text. */
int link_self(
	const struct link *link, int family, struct l2tp_addr *ret, char *text, size_t text_size);

/* --- ctl_methods.c --- */

extern const struct ctl_method ctl_methods[];
extern const char ctl_idl[];
/* ctl_monitor.c */
void ctl_event(struct daemon *d, const char *event, const struct link *link,
	const struct conn *conn, const struct call *call, const struct outcome *outcome);
/* A dump of kernel counters ended: answer those who wait for it. */
void ctl_stats_done(struct daemon *d);
void ctl_waiter_up(struct waiter *waiter, const struct link *link);
void ctl_waiter_failed(struct waiter *waiter, const struct link *link);
void close_wait_add(struct call *call, struct close_wait *wait);
void close_wait_call_gone(struct call *call);

#endif
