/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Control connections: socket, kernel tunnel, the route that keeps the tunnel out of itself.
 * Order at the end (architecture, section 4): calls first, then the kernel tunnel, then the socket,
 * which StopCCN and its acknowledgements need for a retransmission cycle longer.
 */
#include "daemon/daemon.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include <l2tp/describe.h>

#include "linux/udp.h"
#include "base/log.h"
#include "base/secret_file.h"
#include "config/load.h"
#include "pin.h"
#include "daemon/reactor.h"

#define VENDOR_NAME "l2tpd"

struct conn *conn_find(struct daemon *d, uint16_t tid)
{
	struct conn *conn;

	HASH_FIND(hh, d->conns, &tid, sizeof(tid), conn);
	return conn;
}

static struct conn *conn_new(struct daemon *d, uint16_t tid, const struct link *link)
{
	struct conn *conn = calloc(1, sizeof(*conn));

	if (!conn)
		return NULL;
	conn->daemon = d;
	conn->tid = tid;
	conn->fd = -1;
	conn->outcome.ppp_exit = -1;
	snprintf(conn->link_name, sizeof(conn->link_name), "%s", link ? link->name : "");
	HASH_ADD(hh, d->conns, tid, sizeof(conn->tid), conn);
	return conn;
}

void conn_free(struct conn *conn)
{
	struct daemon *d = conn->daemon;

	pin_put(conn->pin);
	HASH_DEL(d->conns, conn);
	sd_event_source_disable_unref(conn->io);
	if (conn->fd >= 0) {
		struct worker_job job = { .op = WORKER_CLOSE, .fd = conn->fd };

		/* behind all jobs that use it; the last close of a tunnel may block */
		if (!d->worker || worker_submit(d->worker, &job) < 0)
			close(conn->fd);
	}
	conn_share_key_free(conn->share_key);
	free(conn);
}

/* Let go of what nobody needs any more. conn may be gone after this. */
static void conn_settle(struct conn *conn)
{
	struct daemon *d = conn->daemon;

	if (conn->calls > 0 || !conn->down)
		return;
	pin_put(conn->pin);
	conn->pin = NULL;
	if (conn->kernel == KERNEL_READY) {
		struct worker_job job = { .op = WORKER_TUNNEL_DELETE, .tid = conn->tid };

		if (worker_submit(d->worker, &job) == 0)
			conn->kernel = KERNEL_DELETING;
	}
	if (conn->gone && conn->kernel == KERNEL_NONE)
		conn_free(conn);
}

void conn_ref(struct conn *conn)
{
	conn->calls++;
}

void conn_unref(struct conn *conn)
{
	conn->calls--;
	conn_settle(conn);
}

void conn_take_over(struct conn *conn, struct conn *from)
{
	if (!conn->pin) {
		conn->pin = from->pin;
		from->pin = NULL;
	}
	if (!conn->share_key) {
		conn->share_key = from->share_key;
		from->share_key = NULL;
	}
}

/* --- parameters --- */

int conn_params(const struct link *link, struct l2tp_tunnel_params *params, char **ret_secret,
	char *text, size_t text_size)
{
	const struct config_link *c = link->config;
	char *secret = NULL;
	int r;

	*ret_secret = NULL;
	r = config_secret(c->secret, c->secret_file, &secret);
	if (r < 0) {
		if (r == -EPERM)
			snprintf(text, text_size, "link %s: others can read %s: chmod o-r it",
				link->name, c->secret_file);
		else
			snprintf(text, text_size, "link %s: secret-file %s: %s", link->name,
				c->secret_file,
				r == -EINVAL ? "its first line is empty, longer than 255 bytes or "
					       "has a NUL in it"
					     : strerror(-r));
		return r;
	}
	*params = (struct l2tp_tunnel_params){
		.hostname = *c->hostname ? c->hostname : link->daemon->hostname,
		.vendor = VENDOR_NAME,
		.firmware = 1,
		.secret = { .data = (const uint8_t *)secret, .len = secret ? strlen(secret) : 0 },
		.hide = c->hidden && secret,
		.hello = c->hello ? c->hello * USEC_PER_SEC : USEC_INFINITY,
		.max_retransmits = c->retransmits,
		.setup_timeout = c->setup_timeout * USEC_PER_SEC,
		.linger = c->linger * USEC_PER_SEC,
		.tie_breaker = c->tie_breaker,
		.cookie = link->id,
	};
	*ret_secret = secret;
	return 0;
}

/* Calls of links with equal keys go through one tunnel (with the peer's address, see find_shared).
 */
char *conn_share_key(const struct link *link)
{
	const struct config_link *c = link->config;
	char *key = NULL;

	if (asprintf(&key, "%s|%u|%u|%s|%s|%s|%d", c->self.host, c->self.port, c->peer.port,
		    c->hostname, c->secret, c->secret_file, c->hidden) < 0)
		return NULL;
	return key;
}

void conn_share_key_free(char *key)
{
	if (key)
		explicit_bzero(key, strlen(key));
	free(key);
}

struct conn *conn_find_shared(struct daemon *d, const char *key, const struct l2tp_addr *peer)
{
	struct conn *conn, *tmp;

	HASH_ITER (hh, d->conns, conn, tmp) {
		if (!conn->down && conn->share_key && strcmp(conn->share_key, key) == 0 &&
			l2tp_addr_same_host(&conn->path.peer, peer))
			return conn;
	}
	return NULL;
}

/* --- opening --- */

static int open_socket(struct link *link, const struct l2tp_addr *peer, int *ret_fd,
	struct l2tp_addr *ret_local, char *text, size_t text_size)
{
	struct daemon *d = link->daemon;
	char addr[L2TP_ADDR_STRLEN];
	struct l2tp_addr local;
	int r;

	r = link_self(link, peer->sa.sa_family, &local, text, text_size);
	if (r < 0)
		return r;
	if (local.sa.sa_family == AF_UNSPEC)
		local.sa.sa_family = peer->sa.sa_family;
	l2tp_addr_set_port(&local, link->config->self.port);
	r = udp_tunnel_open(listener_fd(d, &local), &local, ret_fd);
	if (r == -EADDRINUSE)
		snprintf(text, text_size,
			"cannot bind to %s: %s. Another program has the port (see "
			"\"ss -ulpn sport = %u\"): stop it, or leave the port out of \"self\"",
			l2tp_addr_format(&local, addr), strerror(-r), l2tp_addr_port(&local));
	else if (r == -EADDRNOTAVAIL)
		snprintf(text, text_size,
			"cannot bind to %s: %s. This machine does not have that "
			"address: correct \"self\"",
			l2tp_addr_format(&local, addr), strerror(-r));
	else if (r < 0)
		snprintf(text, text_size, "cannot bind to %s: %s", l2tp_addr_format(&local, addr),
			strerror(-r));
	else
		udp_local(*ret_fd, ret_local);
	return r;
}

int conn_open(struct link *link, const struct l2tp_addr *peer, struct conn **ret, char *text,
	size_t text_size)
{
	struct daemon *d = link->daemon;
	struct l2tp_tunnel_params params;
	struct l2tp_path path = { .peer = *peer };
	struct conn *conn;
	char *secret;
	int fd = -1, r, tid;

	r = conn_params(link, &params, &secret, text, text_size);
	if (r < 0)
		return r;
	r = open_socket(link, peer, &fd, &path.local, text, text_size);
	if (r < 0) {
		secret_free(secret);
		return r;
	}
	tid = l2tp_core_open_tunnel(d->core, daemon_now(d), &path, &params);
	secret_free(secret);
	conn = tid > 0 ? conn_new(d, (uint16_t)tid, link) : NULL;
	if (!conn) {
		r = tid > 0 ? -ENOMEM : tid;
		snprintf(text, text_size, "no tunnel can be made: %s",
			r == -ENOSPC ? "max-tunnels is reached" : strerror(-r));
		close(fd);
		return r;
	}
	conn->fd = fd;
	conn->initiator = true;
	conn->path = path;
	conn->share_key = conn_share_key(link);
	conn->pin = pin_get(d, peer);
	r = sd_event_add_io(d->event, &conn->io, fd, EPOLLIN, conn_io, conn);
	if (r < 0)
		log_error("tunnel %u: cannot watch its socket: %s", conn->tid, strerror(-r));
	*ret = conn;
	return 0;
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
		log_warning("tunnel %u: sending to %s: %s", conn->tid,
			l2tp_addr_format(&e->path.peer, peer), strerror(-r));
	} else if (r == 0) {
		conn->send_error = 0;
	}
}

static void close_with_error(struct conn *conn, const char *what, int error)
{
	struct l2tp_reason reason = { .who = L2TP_WHO_LOCAL,
		.stopccn = true,
		.result = L2TP_STOPCCN_ERROR,
		.error = L2TP_ERR_RESOURCES };

	snprintf(reason.text, sizeof(reason.text), "%s: %s", what, strerror(-error));
	log_error("tunnel %u: %s", conn->tid, reason.text);
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
		log_info("tunnel %u: the peer does not keep to RFC 2661, which is tolerated: %s",
			conn->tid, text);
}

void conn_tunnel_up(struct daemon *d, const struct l2tp_effect *e)
{
	struct worker_job job = {
		.op = WORKER_TUNNEL_CREATE, .tid = e->tid, .peer_tid = e->tunnel_up.peer_tid
	};
	struct link *link = link_by_id(d, (uint32_t)e->tunnel_cookie);
	char peer[L2TP_ADDR_STRLEN], local[L2TP_ADDR_STRLEN];
	struct conn *conn = conn_find(d, e->tid);
	struct l2tp_tunnel_info info;
	int r;

	if (!conn)
		conn = conn_new(d, e->tid, link);
	if (!conn)
		return;
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
	if (!l2tp_core_tunnel_info(d->core, e->tid, &info))
		return; /* ended within the same turn; TUNNEL_DOWN is in the queue */
	log_info("tunnel %u: up, %s <-> %s, peer \"%s\" tunnel %u%s", conn->tid,
		l2tp_addr_format(&conn->path.local, local),
		l2tp_addr_format(&conn->path.peer, peer), info.peer_hostname, conn->peer_tid,
		info.authenticated ? ", authenticated" : "");
	snprintf(conn->peer_hostname, sizeof(conn->peer_hostname), "%s", info.peer_hostname);
	log_deviations(conn, &info);
	job.fd = conn->fd;
	if (!d->worker || worker_submit(d->worker, &job) < 0) {
		close_with_error(conn, "kernel tunnel", d->worker ? -ENOMEM : -ENODEV);
		return;
	}
	conn->kernel = KERNEL_CREATING;
	ctl_event(d, "tunnel-up", link, conn, NULL, NULL);
}

void conn_kernel_result(struct daemon *d, const struct worker_result *result)
{
	struct conn *conn = conn_find(d, result->job.tid);

	if (!conn)
		return;
	if (result->job.op == WORKER_TUNNEL_CREATE) {
		conn->kernel = result->error < 0 ? KERNEL_NONE : KERNEL_READY;
		if (result->error < 0)
			close_with_error(
				conn, "kernel tunnel (L2TP_CMD_TUNNEL_CREATE)", result->error);
	} else {
		conn->kernel = KERNEL_NONE;
		if (result->error < 0 && result->error != -ENODEV)
			log_warning("tunnel %u: %s: %s", conn->tid, result->call,
				strerror(-result->error));
	}
	conn_settle(conn);
}

/* --- end --- */

static void describe_end(struct conn *conn, const struct l2tp_reason *reason)
{
	const char *result = reason->stopccn ? l2tp_stopccn_result_name(reason->result)
					     : l2tp_cdn_result_name(reason->result);
	struct outcome *o = &conn->outcome;

	o->time = time(NULL);
	o->reason = *reason;
	switch (reason->who) {
	case L2TP_WHO_TIMEOUT:
		conn->timed_out = true;
		snprintf(o->text, sizeof(o->text), "%s", reason->text);
		break;
	case L2TP_WHO_PEER:
		snprintf(o->text, sizeof(o->text),
			"the peer closed the tunnel: %s (StopCCN %u/%u)%s%s", result,
			reason->result, reason->error, *reason->text ? ": " : "", reason->text);
		break;
	case L2TP_WHO_LOCAL:
		snprintf(o->text, sizeof(o->text), "%s (StopCCN %u/%u)",
			*reason->text ? reason->text : result, reason->result, reason->error);
		break;
	}
}

void conn_log_abandoned(struct daemon *d)
{
	unsigned unsaid = log_unsaid(&d->abandoned, daemon_now(d));

	if (unsaid)
		log_info("%u more tunnels of peers were not established", unsaid);
}

/* The peer's attempt, never established: refused or abandoned, as anybody may do at any rate. */
static void abandoned(struct daemon *d, const struct l2tp_effect *e)
{
	char peer[L2TP_ADDR_STRLEN];
	bool last;

	conn_log_abandoned(d);
	if (log_may(&d->abandoned, daemon_now(d), &last))
		log_info("tunnel %u from %s was not established: %s", e->tid,
			l2tp_addr_format(&e->path.peer, peer), e->reason.text);
}

void conn_tunnel_down(struct daemon *d, const struct l2tp_effect *e)
{
	struct conn *conn = conn_find(d, e->tid);
	struct l2tp_tunnel_info info;

	if (!conn) {
		abandoned(d, e);
		return;
	}
	conn->down = true;
	if (l2tp_core_tunnel_info(d->core, e->tid, &info))
		log_deviations(conn, &info);
	describe_end(conn, &e->reason);
	log_info("tunnel %u: down: %s", conn->tid, conn->outcome.text);
	ctl_event(d, "tunnel-down", link_by_id(d, (uint32_t)e->tunnel_cookie), conn, NULL,
		&conn->outcome);
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
