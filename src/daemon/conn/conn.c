/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "conn.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include <l2tp/describe.h>

#include "base/secret_file.h"
#include "config/load.h"
#include "base/log.h"
#include "daemon/input.h"
#include "daemon/netaddrs.h"
#include "daemon/news.h"
#include "linux/process.h"
#include "linux/udp.h"
#include "conn_log.h"
#include "listener.h"
#include "pin.h"
#include "reach.h"
#include "self.h"
#include "twin.h"

#define VENDOR_NAME "l2tpd"

static const struct l2tp_reason out_of_memory = {
	.who = L2TP_WHO_LOCAL,
	.stopccn = true,
	.result = L2TP_STOPCCN_ERROR,
	.error = L2TP_ERR_RESOURCES,
	.text = "out of memory",
};

/* --- life --- */

int conns_new(struct daemon *d)
{
	d->conns = calloc(1, sizeof(*d->conns));
	if (!d->conns)
		return -ENOMEM;
	SLIST_INIT(&d->conns->dead);
	d->conns->strangers.burst = CONN_LOG_STRANGERS;
	return 0;
}

struct conn *conn_find(const struct daemon *d, uint16_t tid)
{
	struct conn *conn;

	HASH_FIND(hh, d->conns->by_tid, &tid, sizeof(tid), conn);
	return conn;
}

static struct conn *conn_new(
	struct daemon *d, uint16_t tid, const struct l2tp_path *path, const char *link_name)
{
	struct conn *conn = calloc(1, sizeof(*conn));

	if (!conn)
		return NULL;
	conn->daemon = d;
	conn->tid = tid;
	conn->fd = -1;
	conn->path = *path;
	conn->lane = plane_lane(&path->peer);
	LIST_INIT(&conn->calls);
	snprintf(conn->link_name, sizeof(conn->link_name), "%s", link_name);
	HASH_ADD(hh, d->conns->by_tid, tid, sizeof(conn->tid), conn);
	if (conn->hh.tbl)
		return conn;
	free(conn);
	return NULL;
}

/* It may hold a secret: wiped. */
static void share_key_free(char *key)
{
	if (key)
		explicit_bzero(key, strlen(key));
	free(key);
}

static void conn_unshare(struct conn *conn)
{
	if (!conn->share_key)
		return;
	HASH_DELETE(shared_hh, conn->daemon->conns->shared, conn);
	share_key_free(conn->share_key);
	conn->share_key = NULL;
}

static void conn_share(struct conn *conn, char *key)
{
	struct conns *conns = conn->daemon->conns;

	HASH_ADD_KEYPTR(shared_hh, conns->shared, key, strlen(key), conn);
	if (conn->shared_hh.tbl)
		conn->share_key = key;
	else
		share_key_free(key);
}

/* It has nothing any more; whoever reads the news may still look at it. */
static void conn_die(struct conn *conn)
{
	struct daemon *d = conn->daemon;

	pin_put(conn->pin);
	conn->pin = NULL;
	conn_unshare(conn);
	conn->io = sd_event_source_disable_unref(conn->io);
	plane_close(d->plane, conn->lane, conn->fd); /* behind all jobs that use it */
	conn->fd = -1;
	HASH_DEL(d->conns->by_tid, conn);
	SLIST_INSERT_HEAD(&d->conns->dead, conn, dead);
}

bool conns_reap(struct daemon *d)
{
	struct conn *conn;
	bool any = false;

	while ((conn = SLIST_FIRST(&d->conns->dead))) {
		SLIST_REMOVE_HEAD(&d->conns->dead, dead);
		outcome_unref(conn->end);
		free(conn);
		any = true;
	}
	return any;
}

void conns_free(struct daemon *d)
{
	struct conn *conn, *tmp;

	if (!d->conns)
		return;
	HASH_ITER (hh, d->conns->by_tid, conn, tmp)
		conn_die(conn);
	conns_reap(d);
	free(d->conns);
	d->conns = NULL;
}

/* Let go of what nobody needs any more. */
static void conn_settle(struct conn *conn)
{
	struct daemon *d = conn->daemon;

	if (!LIST_EMPTY(&conn->calls) || !conn->down)
		return;
	pin_put(conn->pin);
	conn->pin = NULL;
	if (conn->kernel == KERNEL_READY) {
		struct plane_job job = {
			.op = PLANE_TUNNEL_DELETE, .lane = conn->lane, .tid = conn->tid
		};

		if (plane_submit(d->plane, &job) == 0)
			conn->kernel = KERNEL_DELETING;
	}
	if (conn->gone && conn->kernel == KERNEL_NONE)
		conn_die(conn);
}

void conn_call_left(struct conn *conn)
{
	conn_settle(conn);
}

void conn_take_over(struct conn *conn, struct conn *from)
{
	if (!conn->pin) {
		conn->pin = from->pin;
		from->pin = NULL;
	}
	if (!conn->share_key && from->share_key) {
		char *key = from->share_key;

		HASH_DELETE(shared_hh, conn->daemon->conns->shared, from);
		from->share_key = NULL;
		conn_share(conn, key);
	}
}

/* --- parameters --- */

int conn_params(const struct daemon *d, const struct config_link *link, uint64_t cookie,
	struct l2tp_tunnel_params *params, char **ret_secret, struct why *why)
{
	char *secret = NULL;
	int r;

	*ret_secret = NULL;
	r = config_secret(link->secret, link->secret_file, &secret);
	if (r == -EPERM)
		return why_not(why, r, "link %s: others can read %s: chmod o-r it", link->name,
			link->secret_file);
	if (r < 0)
		return why_not(why, r, "link %s: secret-file %s: %s", link->name, link->secret_file,
			r == -EINVAL ? "its first line is empty, longer than 255 bytes or has a "
				       "NUL in it"
				     : secret_file_strerror(r));
	*params = (struct l2tp_tunnel_params){
		.hostname = *link->hostname ? link->hostname : d->hostname,
		.vendor = VENDOR_NAME,
		.firmware = 1,
		.secret = { .data = (const uint8_t *)secret, .len = secret ? strlen(secret) : 0 },
		.hide = link->hidden && secret,
		.hello = link->hello ? link->hello * USEC_PER_SEC : USEC_INFINITY,
		.max_retransmits = link->retransmits,
		.setup_timeout = link->setup_timeout * USEC_PER_SEC,
		.linger = link->linger * USEC_PER_SEC,
		.tie_breaker = link->tie_breaker,
		.alone = d->conns->by_socket,
		.cookie = cookie,
	};
	*ret_secret = secret;
	return 0;
}

/* Calls of links with equal keys go through one tunnel. NULL: no memory. */
static char *share_key(const struct config_link *c, const struct l2tp_addr *peer)
{
	char host[L2TP_ADDR_STRLEN];
	char *key = NULL;

	if (asprintf(&key, "%s|%s|%u|%u|%s|%s|%s|%d", l2tp_addr_format_host(peer, host),
		    c->self.host, c->self.port, c->peer.port, c->hostname, c->secret,
		    c->secret_file, c->hidden) < 0)
		return NULL;
	return key;
}

/* --- opening --- */

static int cannot_bind(const struct l2tp_addr *local, int error, struct why *why)
{
	char addr[L2TP_ADDR_STRLEN];

	l2tp_addr_format(local, addr);
	if (error == -EADDRINUSE)
		return why_not(why, error,
			"cannot bind to %s: %s. Another program has the port (see \"ss -ulpn sport "
			"= %u\"): stop it, or leave the port out of \"self\"",
			addr, strerror(-error), l2tp_addr_port(local));
	if (error == -EADDRNOTAVAIL)
		return why_not(why, error,
			"cannot bind to %s: %s. This machine does not have that address: correct "
			"\"self\"",
			addr, strerror(-error));
	return why_not(why, error, "cannot bind to %s: %s", addr, strerror(-error));
}

/* A socket of ours that has this port already: a listener's or a tunnel's; -1: there is none. */
static int port_holder(const struct daemon *d, const struct l2tp_addr *local)
{
	int fd = listener_fd(d, local);
	struct conn *conn, *tmp;

	if (fd >= 0 || l2tp_addr_port(local) == 0)
		return fd;
	HASH_ITER (hh, d->conns->by_tid, conn, tmp)
		if (conn->fd >= 0 && l2tp_addr_port(&conn->path.local) == l2tp_addr_port(local) &&
			conn->path.local.sa.sa_family == local->sa.sa_family)
			return conn->fd;
	return -1;
}

static int open_socket(struct daemon *d, const struct config_link *link,
	const struct l2tp_addr *peer, int *ret_fd, struct l2tp_addr *ret_local, struct why *why)
{
	struct l2tp_addr local;
	int r;

	r = self_address(d, link, peer->sa.sa_family, &local, why);
	if (r < 0)
		return r;
	if (local.sa.sa_family == AF_UNSPEC)
		local.sa.sa_family = peer->sa.sa_family;
	l2tp_addr_set_port(&local, link->self.port);
	r = udp_tunnel_open(port_holder(d, &local), &local, ret_fd);
	if (r < 0)
		return cannot_bind(&local, r, why);
	udp_local(*ret_fd, ret_local);
	return 0;
}

static int conn_io(sd_event_source *source, int fd, uint32_t revents, void *user)
{
	struct conn *conn = user;

	if (!conn->connected)
		reach_read(conn);
	input_read(conn->daemon, fd, NULL);
	return 0;
}

static int conn_open(struct daemon *d, const struct config_link *link, uint64_t cookie,
	const struct l2tp_addr *peer, struct conn **ret, struct why *why)
{
	struct l2tp_path path = { .peer = *peer };
	struct l2tp_tunnel_params params;
	struct conn *conn;
	char *secret;
	int fd = -1, r, tid;

	r = conn_params(d, link, cookie, &params, &secret, why);
	if (r < 0)
		return r;
	r = open_socket(d, link, peer, &fd, &path.local, why);
	if (r < 0) {
		secret_free(secret);
		return r;
	}
	tid = l2tp_core_open_tunnel(d->core, daemon_now(d), &path, &params);
	secret_free(secret);
	conn = tid > 0 ? conn_new(d, (uint16_t)tid, &path, link->name) : NULL;
	if (!conn) {
		r = tid > 0 ? -ENOMEM : tid;
		if (tid > 0)
			l2tp_core_close_tunnel(
				d->core, daemon_now(d), (uint16_t)tid, &out_of_memory);
		process_close(fd);
		return why_not(why, r, "no tunnel can be made: %s",
			r == -ENOSPC ? "max-tunnels is reached" : strerror(-r));
	}
	conn->fd = fd;
	conn->initiator = conn->proven = true;
	conn->pin = pin_get(d, peer);
	r = sd_event_add_io(d->event, &conn->io, fd, EPOLLIN, conn_io, conn);
	if (r < 0)
		log_error("tunnel %u: cannot watch its socket: %s", conn->tid, strerror(-r));
	*ret = conn;
	return 0;
}

int conn_get(struct daemon *d, const struct config_link *link, uint64_t cookie,
	const struct l2tp_addr *peer, struct conn **ret, bool *ret_new, struct why *why)
{
	char *key = share_key(link, peer);
	struct conn *conn = NULL;
	int r;

	if (key)
		HASH_FIND(shared_hh, d->conns->shared, key, strlen(key), conn);
	*ret_new = !conn;
	if (conn) {
		share_key_free(key);
		*ret = conn;
		return 0;
	}
	r = conn_open(d, link, cookie, peer, ret, why);
	if (r == 0 && key)
		conn_share(*ret, key);
	else
		share_key_free(key);
	return r;
}

void conn_send(struct daemon *d, const struct l2tp_effect *e)
{
	struct conn *conn = e->tid ? conn_find(d, e->tid) : NULL;
	char peer[L2TP_ADDR_STRLEN];
	int r;

	if (!conn || conn->fd < 0) {
		listener_send(d, e);
		return;
	}
	/* connected once it is up; until then the path says where to */
	r = udp_send(conn->fd, conn->connected ? NULL : &e->path, e->send.data, e->send.len);
	if (r < 0 && r != -EAGAIN && r != -conn->send_error) {
		conn->send_error = -r; /* said once, until it changes; retransmission goes on */
		conn_log(conn, LOG_WARNING, "sending to %s: %s",
			l2tp_addr_format(&e->path.peer, peer), strerror(-r));
	} else if (r == 0) {
		conn->send_error = 0;
	}
	if (r < 0)
		reach_send_failed(conn, &e->path.peer, r);
}

static void close_with_error(struct conn *conn, const char *what, int error)
{
	struct l2tp_reason reason = { .who = L2TP_WHO_LOCAL,
		.stopccn = true,
		.result = L2TP_STOPCCN_ERROR,
		.error = L2TP_ERR_RESOURCES };

	snprintf(reason.text, sizeof(reason.text), "%s: %s", what, strerror(-error));
	conn_log(conn, LOG_ERR, "%s", reason.text);
	l2tp_core_close_tunnel(conn->daemon->core, daemon_now(conn->daemon), conn->tid, &reason);
}

/* The socket of a tunnel the peer opened; from now on its data can arrive there. */
static int accept_socket(struct daemon *d, struct conn *conn)
{
	int r = udp_tunnel_accept(listener_fd(d, &conn->path.local), &conn->path, &conn->fd);

	if (r < 0)
		return r;
	return sd_event_add_io(d->event, &conn->io, conn->fd, EPOLLIN, conn_io, conn);
}

void conn_distrust(struct conn *conn)
{
	struct daemon *d = conn->daemon;

	conn_unshare(conn);
	l2tp_core_probe_tunnel(d->core, daemon_now(d), conn->tid);
}

void conns_check_local(struct daemon *d)
{
	struct l2tp_addr good = { 0 };
	struct conn *conn, *tmp;

	HASH_ITER (hh, d->conns->by_tid, conn, tmp) {
		const struct l2tp_addr *local = &conn->path.local;
		struct l2tp_reason reason = { .who = L2TP_WHO_LOCAL,
			.stopccn = true,
			.result = L2TP_STOPCCN_ERROR,
			.error = L2TP_ERR_RESOURCES };
		char addr[L2TP_ADDR_STRLEN];

		if (conn->down || conn->fd < 0 || l2tp_addr_is_any(local) ||
			l2tp_addr_same_host(local, &good))
			continue;
		if (netaddrs_has(d, local)) {
			good = *local;
			continue;
		}
		snprintf(reason.text, sizeof(reason.text),
			"this machine does not have the address %s any more",
			l2tp_addr_format_host(local, addr));
		l2tp_core_close_tunnel(d->core, daemon_now(d), conn->tid, &reason);
	}
}

/* RFC 2661 7.1 wants what is passed over to be logged: each kind once. */
static void log_deviations(struct conn *conn, const struct l2tp_tunnel_info *info)
{
	uint32_t seen = 0, news;
	char text[300];

	for (unsigned i = 0; i < L2TP_DEV_COUNT; i++)
		seen |= info->deviations[i] ? 1u << i : 0;
	news = seen & ~conn->deviations;
	conn->deviations |= seen;
	if (l2tp_describe_deviations(news, ", ", text, sizeof(text)))
		conn_log(conn, LOG_INFO,
			"the peer does not keep to RFC 2661, which is tolerated: %s", text);
}

int conn_need_kernel(struct conn *conn)
{
	struct daemon *d = conn->daemon;
	struct plane_job job = { .op = PLANE_TUNNEL_CREATE,
		.lane = conn->lane,
		.tid = conn->tid,
		.peer_tid = conn->peer_tid,
		.fd = conn->fd };
	int r;

	if (conn->kernel != KERNEL_NONE)
		return 0;
	r = d->plane ? plane_submit(d->plane, &job) : -ENODEV;
	if (r == 0)
		conn->kernel = KERNEL_CREATING;
	return r;
}

void conn_tunnel_up(struct daemon *d, const struct l2tp_effect *e)
{
	char peer[L2TP_ADDR_STRLEN], local[L2TP_ADDR_STRLEN];
	struct conn *conn = conn_find(d, e->tid);
	struct l2tp_tunnel_info info;
	int r;

	if (!conn)
		conn = conn_new(d, e->tid, &e->path, d->policy->link_name(d, e->tunnel_cookie));
	if (!conn) {
		l2tp_core_close_tunnel(d->core, daemon_now(d), e->tid, &out_of_memory);
		return;
	}
	conn->path = e->path;
	conn->peer_tid = e->tunnel_up.peer_tid;
	conn->up_since = daemon_now(d);
	r = conn->fd < 0 ? accept_socket(d, conn) : udp_connect(conn->fd, &e->path.peer);
	if (r < 0) {
		close_with_error(conn, "socket for the tunnel", r);
		return;
	}
	conn->connected = true;
	if (udp_local(conn->fd, &conn->path.local) == 0)
		l2tp_core_set_local(d->core, conn->tid, &conn->path.local);
	if (twin_ends(conn))
		return;
	if (!l2tp_core_tunnel_info(d->core, e->tid, &info))
		return; /* ended within the same turn; TUNNEL_DOWN is in the queue */
	conn->proven |= info.authenticated;
	conn_log(conn, LOG_INFO, "up, %s <-> %s, peer \"%s\" tunnel %u%s",
		l2tp_addr_format(&conn->path.local, local),
		l2tp_addr_format(&conn->path.peer, peer), info.peer_hostname, conn->peer_tid,
		info.authenticated ? ", authenticated" : "");
	snprintf(conn->peer_hostname, sizeof(conn->peer_hostname), "%s", info.peer_hostname);
	log_deviations(conn, &info);
	news_post(d->news, &conn->up_news, &(struct news){ .type = NEWS_TUNNEL_UP, .conn = conn });
}

void conn_plane_result(struct daemon *d, const struct plane_result *result)
{
	struct conn *conn = conn_find(d, result->job.tid);

	if (!conn)
		return;
	if (result->job.op == PLANE_TUNNEL_CREATE) {
		conn->kernel = result->error < 0 ? KERNEL_NONE : KERNEL_READY;
		if (result->error < 0)
			close_with_error(
				conn, "kernel tunnel (L2TP_CMD_TUNNEL_CREATE)", result->error);
	} else {
		conn->kernel = KERNEL_NONE;
		if (result->error < 0 && result->error != -ENODEV)
			conn_log(conn, LOG_WARNING, "%s: %s", result->call,
				strerror(-result->error));
	}
	conn_settle(conn);
}

/* --- end --- */

static struct outcome *describe_end(const struct l2tp_reason *reason)
{
	const char *result = reason->stopccn ? l2tp_stopccn_result_name(reason->result)
					     : l2tp_cdn_result_name(reason->result);

	switch (reason->who) {
	case L2TP_WHO_TIMEOUT:
		return outcome_new(reason, -1, "%s", reason->text);
	case L2TP_WHO_PEER:
		return outcome_new(reason, -1,
			"the peer closed the tunnel: %s (StopCCN %u/%u)%s%s%s", result,
			reason->result, reason->error, *reason->text ? ": the peer said \"" : "",
			reason->text, *reason->text ? "\"" : "");
	case L2TP_WHO_LOCAL:
		break;
	}
	return outcome_new(reason, -1, "%s (StopCCN %u/%u)", *reason->text ? reason->text : result,
		reason->result, reason->error);
}

void conn_tunnel_down(struct daemon *d, const struct l2tp_effect *e)
{
	struct conn *conn = conn_find(d, e->tid);
	struct l2tp_tunnel_info info;

	if (!conn) {
		conn_log_abandoned(d, e);
		return;
	}
	conn->down = true;
	if (l2tp_core_tunnel_info(d->core, e->tid, &info))
		log_deviations(conn, &info);
	conn_unshare(conn);
	outcome_unref(conn->end);
	conn->end = describe_end(&e->reason);
	conn_log(conn, LOG_INFO, "down: %s", conn->end->text);
	news_post(d->news, &conn->down_news,
		&(struct news){ .type = NEWS_TUNNEL_DOWN, .conn = conn });
	conn_settle(conn);
}

void conn_tunnel_gone(struct daemon *d, const struct l2tp_effect *e)
{
	struct conn *conn = conn_find(d, e->tid);

	if (!conn)
		return;
	conn->down = conn->gone = true;
	conn_settle(conn);
}
