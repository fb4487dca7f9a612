/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Control connections: socket, kernel tunnel, the route that keeps the tunnel out of itself.
 * Order at the end: calls first, then the kernel tunnel, then the socket, which StopCCN and its
 * acknowledgements need for a retransmission cycle longer. A conn lives until its core tunnel,
 * kernel tunnel and calls are gone; then it is dead, and freed by conns_reap().
 */
#ifndef DAEMON_CONN_CONN_H
#define DAEMON_CONN_CONN_H

#include <sys/queue.h>

#include "base/log.h"
#include "base/why.h"
#include "daemon/daemon.h"
#include "daemon/news.h"
#include "linux/plane.h"

enum kernel_state { KERNEL_NONE, KERNEL_CREATING, KERNEL_READY, KERNEL_DELETING };

struct conn {
	UT_hash_handle hh; /* by tid */
	UT_hash_handle shared_hh;
	SLIST_ENTRY(conn) dead;
	struct daemon *daemon;
	uint16_t tid;		 /* key */
	char link_name[64];	 /* the link that gave its parameters */
	char peer_hostname[256]; /* as it said; only for matching */
	char *share_key; /* as long as calls of others with this key may use it; else NULL */
	int fd;		 /* -1: the peer opened it and it is not established yet */
	sd_event_source *io;
	struct l2tp_path path;
	enum kernel_state kernel; /* its tunnel there, made with the first call */
	struct plane_lane lane;	  /* of all its jobs, whatever becomes of the peer's address */
	uint16_t peer_tid;
	LIST_HEAD(conn_calls, call) calls;
	unsigned relayed;	    /* of them: their data goes through d->relays */
	struct relay_tunnel *relay; /* reads the socket while there are such calls; else NULL */
	bool down, gone;	    /* TUNNEL_DOWN, TUNNEL_GONE seen */
	bool initiator;		    /* we opened it */
	bool connected;		    /* its socket is */
	bool proven;	/* ours, its peer has the secret, or a call of it has logged in or is up */
	int send_error; /* last errno of sending, said already */
	unsigned unreachable; /* so often it was said that the peer cannot be reached */
	unsigned deviations;  /* of the peer, said already: bits of enum l2tp_deviation */
	struct pin *pin;      /* NULL: opened by the peer */
	struct outcome *end;  /* NULL: not yet */
	struct news_item up_news, down_news;
	usec_t up_since; /* 0: never was */
};

struct conns {
	struct conn *by_tid, *shared;
	SLIST_HEAD(, conn) dead;
	bool by_socket; /* of tunnels between the same addresses and ports only one gets data */
	struct log_limit abandoned, twins; /* attempts of peers that came to nothing; refused */
	struct log_limit strangers;	   /* conn_log.h */
};

/* 0 or -ENOMEM; sets d->conns. */
int conns_new(struct daemon *d);
/* All of them, without a word to anybody; calls are gone. */
void conns_free(struct daemon *d);
/* Free the dead: after the news about them were read. False: there were none. */
bool conns_reap(struct daemon *d);

struct conn *conn_find(const struct daemon *d, uint16_t tid);

/*
 * Parameters of a tunnel by a link's configuration; strings of *params are the configuration's but
 * for *ret_secret, which is the caller's to free, also on error. cookie: comes back in effects.
 */
int conn_params(const struct daemon *d, const struct config_link *link, uint64_t cookie,
	struct l2tp_tunnel_params *params, char **ret_secret, struct why *why);
/*
 * A live connection to peer for a call of link: one that we opened before and that all parameters
 * fit, or a new one. 0 and *ret (*ret_new: opened now), or -errno with a sentence in why.
 */
int conn_get(struct daemon *d, const struct config_link *link, uint64_t cookie,
	const struct l2tp_addr *peer, struct conn **ret, bool *ret_new, struct why *why);

/* Effects of the core. */
void conn_send(struct daemon *d, const struct l2tp_effect *effect);
void conn_tunnel_up(struct daemon *d, const struct l2tp_effect *effect);
void conn_tunnel_down(struct daemon *d, const struct l2tp_effect *effect);
void conn_tunnel_gone(struct daemon *d, const struct l2tp_effect *effect);
/* TUNNEL_CREATE and TUNNEL_DELETE are done. */
void conn_plane_result(struct daemon *d, const struct plane_result *result);

/* Something hints that its peer is gone: it is asked at once, and no new calls go through it. */
void conn_distrust(struct conn *conn);
/* End those whose local address this machine does not have any more. */
void conns_check_local(struct daemon *d);
/* A call is about to have a session: the kernel tunnel is made if there is none. 0 or -errno. */
int conn_need_kernel(struct conn *conn);
/* A call left conn->calls: the last one lets the kernel tunnel go if the tunnel is down. */
void conn_call_left(struct conn *conn);
/* conn carries the calls of from, which we opened: so it is pinned and shared as that was. */
void conn_take_over(struct conn *conn, struct conn *from);

#endif
