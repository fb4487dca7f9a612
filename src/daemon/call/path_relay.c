/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "path_relay.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>

#include "daemon/input.h"
#include "linux/process.h"
#include "linux/relay.h"
#include "seq.h"

/* The relay, and the calls that it carries. */
struct relay_host {
	struct relay *relay;
	sd_event_source *io;
	LIST_HEAD(, relay_path) paths;
};

/* call->path_state */
struct relay_path {
	LIST_ENTRY(relay_path) entry;
	struct call *call;
	struct relay_session *session; /* NULL: not begun */
	int loop_fd;		       /* the loopback tunnel that PPP's end is of */
};

/* Control messages that the relay found in sockets it reads. */
static ssize_t relay_source(
	struct daemon *d, int fd, uint8_t *buf, size_t size, struct l2tp_path *ret_path)
{
	return relay_recv(d->relays->relay, buf, size, ret_path);
}

static int relay_io(sd_event_source *source, int fd, uint32_t revents, void *user)
{
	input_read(user, fd, relay_source);
	return 0;
}

void path_relay_free(struct daemon *d)
{
	if (!d->relays)
		return;
	sd_event_source_disable_unref(d->relays->io);
	relay_free(d->relays->relay);
	free(d->relays);
	d->relays = NULL;
}

/* The relay is started by the first call that needs it, and stays. */
static int need_relay(struct daemon *d)
{
	int r;

	if (d->relays)
		return 0;
	d->relays = calloc(1, sizeof(*d->relays));
	if (!d->relays)
		return -ENOMEM;
	r = relay_new(&d->relays->relay);
	if (r >= 0)
		r = sd_event_add_io(
			d->event, &d->relays->io, relay_fd(d->relays->relay), EPOLLIN, relay_io, d);
	if (r < 0)
		path_relay_free(d);
	return r < 0 ? r : 0;
}

/* One more call of conn is relayed: the first moves the reading of its socket to the relay. */
static int relay_conn(struct conn *conn)
{
	struct daemon *d = conn->daemon;
	int r;

	if (!conn->relay) {
		sd_event_source_set_enabled(conn->io, SD_EVENT_OFF);
		r = relay_add_tunnel(d->relays->relay, conn->fd, conn->tid, &conn->relay);
		if (r < 0) {
			sd_event_source_set_enabled(conn->io, SD_EVENT_ON);
			return r;
		}
	}
	conn->relayed++;
	return 0;
}

static void unrelay_conn(struct conn *conn)
{
	if (--conn->relayed > 0)
		return;
	relay_remove_tunnel(conn->daemon->relays->relay, conn->relay);
	conn->relay = NULL;
	sd_event_source_set_enabled(conn->io, SD_EVENT_ON);
}

static int begin_session(struct relay_path *path, const struct loopback *lb)
{
	struct call *call = path->call;
	struct relay *relay = call->daemon->relays->relay;
	struct relay_session_config config = {
		.sid = call->sid,
		.peer = {
			.peer_tid = call->conn->peer_tid,
			.peer_sid = call->peer_sid,
			.send_seq = call->kernel.send_seq,
			.follow = seq_follows_peer(call),
			.require_seq = call->kernel.recv_seq,
		},
		.far_fd = lb->far_fd,
		.loop_tid = lb->tid,
		.loop_sid = lb->sid,
	};
	int r = relay_conn(call->conn);

	if (r < 0)
		return r;
	r = relay_add_session(relay, call->conn->relay, &config, &path->session);
	if (r < 0)
		unrelay_conn(call->conn);
	return r;
}

static int relay_created(
	struct call *call, const struct plane_result *result, const char **ret_failed)
{
	const struct loopback *lb = &result->loopback;
	struct daemon *d = call->daemon;
	struct relay_path *path = calloc(1, sizeof(*path));
	int r = path ? need_relay(d) : -ENOMEM;

	*ret_failed = "relay for data with Length";
	call->channel_fd = lb->pppox_fd;
	if (r < 0) {
		free(path);
		process_close(lb->far_fd);
		plane_close(d->plane, call->conn->lane, lb->tunnel_fd);
		return r;
	}
	path->call = call;
	path->loop_fd = lb->tunnel_fd;
	call->path_state = path;
	LIST_INSERT_HEAD(&d->relays->paths, path, entry);
	r = begin_session(path, lb);
	if (r < 0)
		process_close(lb->far_fd);
	return r;
}

/* A relayed call talks to its PPP over 127.0.0.1. */
static const char *relay_hint(int error)
{
	if (error == -ENETUNREACH || error == -EADDRNOTAVAIL)
		return ". \"length\" needs the loopback interface: ip link set lo up";
	return "";
}

static void relay_modify(struct call *call)
{
	struct relay_path *path = call->path_state;

	if (path && path->session)
		relay_set_seq(call->daemon->relays->relay, path->session, call->kernel.send_seq,
			seq_follows_peer(call), call->kernel.recv_seq);
}

static void relay_end(struct call *call)
{
	struct relay_path *path = call->path_state;
	struct daemon *d = call->daemon;

	if (!path)
		return;
	if (path->session) {
		relay_remove_session(d->relays->relay, path->session);
		unrelay_conn(call->conn);
	}
	LIST_REMOVE(path, entry);
	plane_close(d->plane, call->conn->lane, path->loop_fd); /* ends the loopback tunnel */
	free(path);
	call->path_state = NULL;
}

static void relay_stats(const struct call *call, struct session_stats *ret)
{
	const struct relay_path *path = call->path_state;
	struct relay_stats s;

	relay_session_stats(path->session, &s);
	*ret = (struct session_stats){
		.tid = call->tid,
		.sid = call->sid,
		.tx_packets = s.tx_packets,
		.tx_bytes = s.tx_bytes,
		.tx_errors = s.tx_errors,
		.rx_packets = s.rx_packets,
		.rx_bytes = s.rx_bytes,
		.rx_errors = s.rx_errors,
		.rx_seq_discards = s.rx_seq_discards,
		.rx_oos_packets = s.rx_oos_packets,
		.send_seq = s.send_seq,
		.recv_seq = call->kernel.recv_seq,
		.lns_mode = !seq_follows_peer(call),
	};
}

void path_relay_read_stats(struct daemon *d)
{
	struct relay_path *path;

	if (!d->relays)
		return;
	LIST_FOREACH (path, &d->relays->paths, entry) {
		struct session_stats stats;

		if (!path->session)
			continue;
		relay_stats(path->call, &stats);
		call_stats(path->call, &stats);
	}
}

const struct path_kind path_relay = {
	.name = "relay",
	.length = true,
	.creation = PLANE_LOOPBACK_OPEN,
	.created = relay_created,
	.hint = relay_hint,
	.modify = relay_modify,
	.end = relay_end,
};
