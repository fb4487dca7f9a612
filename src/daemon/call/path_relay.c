// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Calls whose data goes through linux/relay.c: those of links with "length", as no Linux kernel
 * sends the Length field. pppd has a PPPoL2TP socket as ever, of a loopback tunnel.
 */
#include "call.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "linux/relay.h"
#include "base/log.h"
#include "daemon/reactor.h"

/* Control messages that the relay found in sockets it reads. */
static int relay_io(sd_event_source *source, int fd, uint32_t revents, void *user)
{
	(void)source;
	(void)revents;
	reactor_read(user, fd);
	return 0;
}

/* The relay is started by the first call that needs it, and stays. */
static int need_relay(struct daemon *d)
{
	int r;

	if (d->relay)
		return 0;
	r = relay_new(&d->relay);
	if (r < 0)
		return r;
	r = sd_event_add_io(d->event, &d->relay_io, relay_fd(d->relay), EPOLLIN, relay_io, d);
	if (r < 0) {
		relay_free(d->relay);
		d->relay = NULL;
	}
	return r < 0 ? r : 0;
}

void relay_stop(struct daemon *d)
{
	d->relay_io = sd_event_source_disable_unref(d->relay_io);
	relay_free(d->relay);
	d->relay = NULL;
}

/* One more call of conn is relayed: the first moves the reading of its socket to the relay. */
static int relay_conn(struct conn *conn)
{
	struct daemon *d = conn->daemon;
	int r = need_relay(d);

	if (r < 0)
		return r;
	if (!conn->relay) {
		sd_event_source_set_enabled(conn->io, SD_EVENT_OFF);
		r = relay_add_tunnel(d->relay, conn->fd, conn->tid, &conn->relay);
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
	relay_remove_tunnel(conn->daemon->relay, conn->relay);
	conn->relay = NULL;
	sd_event_source_set_enabled(conn->io, SD_EVENT_ON);
}

/* RFC 2661 5.4: the LNS decides about numbers, but for those that the LAC required. */
static bool follows_peer(const struct call *call)
{
	return call->role == L2TP_ROLE_LAC && !call->kernel.recv_seq;
}

int call_relay_start(struct call *call, const struct loopback *lb)
{
	struct relay_session_config config = {
		.sid = call->sid,
		.peer = {
			.peer_tid = call->conn->peer_tid,
			.peer_sid = call->peer_sid,
			.send_seq = call->kernel.send_seq,
			.follow = follows_peer(call),
			.require_seq = call->kernel.recv_seq,
		},
		.far_fd = lb->far_fd,
		.loop_tid = lb->tid,
		.loop_sid = lb->sid,
	};
	int r;

	call->pppox_fd = lb->pppox_fd;
	call->loop_fd = lb->tunnel_fd;
	r = relay_conn(call->conn);
	if (r == 0) {
		r = relay_add_session(
			call->daemon->relay, call->conn->relay, &config, &call->relay);
		if (r < 0)
			unrelay_conn(call->conn);
	}
	if (r < 0)
		close(lb->far_fd);
	return r;
}

void call_relay_modify(struct call *call)
{
	if (call->relay)
		relay_set_seq(call->daemon->relay, call->relay, call->kernel.send_seq,
			follows_peer(call), call->kernel.recv_seq);
}

void call_relay_end(struct call *call)
{
	struct daemon *d = call->daemon;
	struct worker_job job = { .op = WORKER_CLOSE, .fd = call->loop_fd };

	if (call->relay) {
		relay_remove_session(d->relay, call->relay);
		call->relay = NULL;
		unrelay_conn(call->conn);
	}
	if (call->loop_fd < 0)
		return;
	/* ends the loopback tunnel, which may block */
	if (!d->worker || worker_submit(d->worker, &job) < 0)
		close(call->loop_fd);
	call->loop_fd = -1;
}

void calls_relay_stats(struct daemon *d)
{
	struct call *call, *tmp;

	HASH_ITER (hh, d->calls, call, tmp) {
		struct session_stats stats = { .tid = call->tid, .sid = call->sid };
		struct relay_stats s;

		if (!call->relay)
			continue;
		relay_session_stats(call->relay, &s);
		stats.tx_packets = s.tx_packets;
		stats.tx_bytes = s.tx_bytes;
		stats.tx_errors = s.tx_errors;
		stats.rx_packets = s.rx_packets;
		stats.rx_bytes = s.rx_bytes;
		stats.rx_errors = s.rx_errors;
		stats.rx_seq_discards = s.rx_seq_discards;
		stats.rx_oos_packets = s.rx_oos_packets;
		stats.send_seq = s.send_seq;
		stats.recv_seq = call->kernel.recv_seq;
		stats.lns_mode = !follows_peer(call);
		call_stats(call, &stats);
	}
}
