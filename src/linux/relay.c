/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The thread that carries data packets.
 *
 *   peer <-> tunnel socket <-> this thread <-> far_fd <-> kernel tunnel on 127.0.0.1 <-> pppd
 *
 * Tunnels and sessions belong to the thread: the owner changes them by orders, which it carries out
 * between two batches of packets, so that nothing is locked for a packet.
 */
#include "relay_packets.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/uio.h>
#include <unistd.h>

#include "thread.h"
#include "udp.h"

#define EPOLL_EVENTS 64
/* Some 500 full packets, in either direction; the system's default holds 90. */
#define SOCKET_BUFFER (1 << 20)

/* Something the thread shall do for the owner, who waits for it. */
struct order {
	int (*carry_out)(struct relay *relay, struct order *order);
	struct relay_tunnel *tunnel;
	struct relay_session *session;
	bool send_seq, follow, require_seq;
	int result;
	bool done;
};

/* --- the thread --- */

static void take_order(struct relay *relay)
{
	eventfd_t unused;

	eventfd_read(relay->wake, &unused);
	pthread_mutex_lock(&relay->lock);
	if (relay->order) {
		relay->order->result = relay->order->carry_out(relay, relay->order);
		relay->order->done = true;
		relay->order = NULL;
		atomic_store(&relay->ordered, false);
		pthread_cond_signal(&relay->answered);
	}
	pthread_mutex_unlock(&relay->lock);
}

static void *relay_run(void *arg)
{
	struct epoll_event events[EPOLL_EVENTS];
	struct relay *relay = arg;

	while (!relay->stop) {
		int n = epoll_wait(relay->epoll, events, EPOLL_EVENTS, -1);

		/* an order may free what the rest of the events are about: look for them anew */
		for (int i = 0; i < n && !atomic_load(&relay->ordered); i++) {
			struct end *end = events[i].data.ptr;

			if (!end)
				continue;
			if (end->is_session)
				relay_from_ppp(relay, (struct relay_session *)end);
			else
				relay_from_peer(relay, (struct relay_tunnel *)end);
		}
		if (atomic_load(&relay->ordered))
			take_order(relay);
	}
	return NULL;
}

/* Have the thread do it; its result. */
static int give_order(struct relay *relay, struct order *order)
{
	pthread_mutex_lock(&relay->lock);
	relay->order = order;
	atomic_store(&relay->ordered, true);
	eventfd_write(relay->wake, 1);
	while (!order->done)
		pthread_cond_wait(&relay->answered, &relay->lock);
	pthread_mutex_unlock(&relay->lock);
	return order->result;
}

static int watch(struct relay *relay, int fd, void *end)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = end };

	return epoll_ctl(relay->epoll, EPOLL_CTL_ADD, fd, &event) < 0 ? -errno : 0;
}

/* --- life --- */

static int open_all(struct relay *relay)
{
	relay->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (relay->epoll < 0)
		return -errno;
	relay->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (relay->wake < 0)
		return -errno;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, relay->control) <
		0)
		return -errno;
	return watch(relay, relay->wake, NULL);
}

static void relay_close_all(struct relay *relay)
{
	int fds[] = { relay->epoll, relay->wake, relay->control[0], relay->control[1] };

	for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++)
		if (fds[i] >= 0)
			close(fds[i]);
	pthread_cond_destroy(&relay->answered);
	pthread_mutex_destroy(&relay->lock);
	free(relay->in.slots);
	free(relay);
}

int relay_new(struct relay **ret)
{
	struct relay *relay;
	int r;

	relay = calloc(1, sizeof(*relay));
	if (!relay)
		return -ENOMEM;
	pthread_mutex_init(&relay->lock, NULL);
	pthread_cond_init(&relay->answered, NULL);
	relay->epoll = relay->wake = relay->control[0] = relay->control[1] = -1;
	relay->in.slots = calloc(BATCH, sizeof(*relay->in.slots));
	r = relay->in.slots ? open_all(relay) : -ENOMEM;
	if (r == 0) {
		relay_packets_init(relay);
		r = thread_start(relay_run, relay, "relay", &relay->thread);
	}
	if (r < 0) {
		relay_close_all(relay);
		return r;
	}
	*ret = relay;
	return 0;
}

static int do_stop(struct relay *relay, struct order *order)
{
	relay->stop = true;
	return 0;
}

void relay_free(struct relay *relay)
{
	struct order order = { .carry_out = do_stop };

	if (!relay)
		return;
	give_order(relay, &order);
	pthread_join(relay->thread, NULL);
	relay_close_all(relay);
}

int relay_fd(const struct relay *relay)
{
	return relay->control[0];
}

ssize_t relay_recv(struct relay *relay, uint8_t *buf, size_t size, struct l2tp_path *ret_path)
{
	struct l2tp_path path;
	struct iovec iov[] = {
		{ .iov_base = &path, .iov_len = sizeof(path) },
		{ .iov_base = buf, .iov_len = size },
	};
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = 2 };
	ssize_t len = recvmsg(relay->control[0], &msg, MSG_DONTWAIT);

	if (len < 0)
		return -errno;
	if (msg.msg_flags & MSG_TRUNC)
		return -EMSGSIZE;
	*ret_path = path;
	return len - (ssize_t)sizeof(path);
}

/* --- tunnels and sessions --- */

static int do_add_tunnel(struct relay *relay, struct order *order)
{
	return watch(relay, order->tunnel->end.fd, order->tunnel);
}

int relay_add_tunnel(struct relay *relay, int fd, uint16_t tid, struct relay_tunnel **ret)
{
	struct relay_tunnel *tunnel = calloc(1, sizeof(*tunnel));
	struct order order = { .carry_out = do_add_tunnel, .tunnel = tunnel };
	int r;

	if (!tunnel)
		return -ENOMEM;
	tunnel->end.fd = fd;
	tunnel->tid = tid;
	r = udp_local(fd, &tunnel->local);
	if (r == 0)
		r = udp_carry_data(fd, true);
	if (r == 0) {
		udp_set_buffers(fd, SOCKET_BUFFER);
		r = give_order(relay, &order);
	}
	if (r < 0) {
		free(tunnel);
		return r;
	}
	*ret = tunnel;
	return 0;
}

static int do_remove_tunnel(struct relay *relay, struct order *order)
{
	epoll_ctl(relay->epoll, EPOLL_CTL_DEL, order->tunnel->end.fd, NULL);
	return 0;
}

void relay_remove_tunnel(struct relay *relay, struct relay_tunnel *tunnel)
{
	struct order order = { .carry_out = do_remove_tunnel, .tunnel = tunnel };

	udp_carry_data(tunnel->end.fd, false);
	give_order(relay, &order);
	free(tunnel);
}

static int do_add_session(struct relay *relay, struct order *order)
{
	struct relay_session *session = order->session;
	int r;

	if (relay->sessions[session->sid])
		return -EEXIST;
	r = watch(relay, session->end.fd, session);
	if (r == 0)
		relay->sessions[session->sid] = session;
	return r;
}

int relay_add_session(struct relay *relay, struct relay_tunnel *tunnel,
	const struct relay_session_config *config, struct relay_session **ret)
{
	struct relay_session *session = calloc(1, sizeof(*session));
	struct order order = { .carry_out = do_add_session, .session = session };
	int r;

	if (!session)
		return -ENOMEM;
	session->end = (struct end){ .fd = config->far_fd, .is_session = true };
	session->tunnel = tunnel;
	session->sid = config->sid;
	session->peer = config->peer;
	session->loop.peer_tid = config->loop_tid;
	session->loop.peer_sid = config->loop_sid;
	atomic_init(&session->counters.send_seq, config->peer.send_seq);
	udp_set_buffers(config->far_fd, SOCKET_BUFFER);
	r = give_order(relay, &order);
	if (r < 0) {
		free(session);
		return r;
	}
	*ret = session;
	return 0;
}

static int do_remove_session(struct relay *relay, struct order *order)
{
	relay->sessions[order->session->sid] = NULL;
	epoll_ctl(relay->epoll, EPOLL_CTL_DEL, order->session->end.fd, NULL);
	return 0;
}

void relay_remove_session(struct relay *relay, struct relay_session *session)
{
	struct order order = { .carry_out = do_remove_session, .session = session };

	give_order(relay, &order);
	close(session->end.fd);
	free(session);
}

static int do_set_seq(struct relay *relay, struct order *order)
{
	struct l2tp_data *peer = &order->session->peer;

	peer->send_seq = order->send_seq;
	peer->follow = order->follow;
	peer->require_seq = order->require_seq;
	atomic_store_explicit(
		&order->session->counters.send_seq, order->send_seq, memory_order_relaxed);
	return 0;
}

void relay_set_seq(struct relay *relay, struct relay_session *session, bool send_seq, bool follow,
	bool require_seq)
{
	struct order order = {
		.carry_out = do_set_seq,
		.session = session,
		.send_seq = send_seq,
		.follow = follow,
		.require_seq = require_seq,
	};

	give_order(relay, &order);
}

static uint64_t counted(const _Atomic uint64_t *counter)
{
	return atomic_load_explicit(counter, memory_order_relaxed);
}

void relay_session_stats(const struct relay_session *session, struct relay_stats *ret)
{
	const struct counters *c = &session->counters;

	*ret = (struct relay_stats){
		.tx_packets = counted(&c->tx_packets),
		.tx_bytes = counted(&c->tx_bytes),
		.tx_errors = counted(&c->tx_errors),
		.rx_packets = counted(&c->rx_packets),
		.rx_bytes = counted(&c->rx_bytes),
		.rx_errors = counted(&c->rx_errors),
		.rx_seq_discards = counted(&c->rx_seq_discards),
		.rx_oos_packets = counted(&c->rx_oos_packets),
		.send_seq = atomic_load_explicit(&c->send_seq, memory_order_relaxed),
	};
}
