/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Datagrams, timers, kernel results -> core -> effects -> sockets, worker, calls.
 * Effects are carried out in one place, after every turn of the loop: no handler can forget it, and
 * nothing the core wants done happens while somebody is in the middle of something else.
 */
#include "daemon.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <systemd/sd-daemon.h>
#include <time.h>
#include <unistd.h>

#include "../linux/pppox.h"
#include "../linux/probe.h"
#include "../linux/udp.h"
#include "log.h"
#include "reactor.h"

/* Datagrams read from one socket before others get a turn. */
#define READ_BUDGET 64
/* Kernel counters are looked at so often while calls are up; tells silence of a peer from traffic. */
#define STATS_INTERVAL (20 * USEC_PER_SEC)
/* SIGTERM: PPP and L2TP get so long to say goodbye. */
#define STOP_TIMEOUT (8 * USEC_PER_SEC)
#define DROP_LOG_INTERVAL (60 * USEC_PER_SEC)

static uint8_t rx_buf[UDP_MAX_DATAGRAM];

usec_t daemon_now(struct daemon *d)
{
	uint64_t now;

	if (sd_event_now(d->event, CLOCK_BOOTTIME, &now) < 0) {
		struct timespec ts;

		clock_gettime(CLOCK_BOOTTIME, &ts);
		now = (uint64_t)ts.tv_sec * USEC_PER_SEC + (uint64_t)ts.tv_nsec / 1000;
	}
	return now;
}

static void env_random(void *user, void *buf, size_t len)
{
	uint8_t *p = buf;

	(void)user;
	while (len > 0) {
		ssize_t n = getrandom(p, len, 0);

		if (n < 0 && errno != EINTR) {
			log_error("getrandom: %m: cannot go on without randomness");
			_exit(1);
		}
		if (n > 0) {
			p += n;
			len -= (size_t)n;
		}
	}
}

/*
 * The kernel side as known, looked at again at most every ten seconds while it is missing: a flood of
 * SCCRQs must not become a flood of probes.
 */
static bool kernel_ready_for_peer(struct daemon *d)
{
	if (d->worker && !d->kernel_problem[0])
		return true;
	if (daemon_now(d) < d->kernel_look_again)
		return false;
	d->kernel_look_again = daemon_now(d) + 10 * USEC_PER_SEC;
	return reactor_kernel_ready(d);
}

/* --- datagrams in --- */

static void take_sccrq(struct daemon *d, const struct l2tp_path *path, size_t len,
	struct l2tp_span host)
{
	char text[480], peer[L2TP_ADDR_STRLEN];
	struct l2tp_tunnel_params params;
	struct link *link;
	char *secret;
	int r;

	(void)host;
	link = d->stopping ? NULL : link_match_tunnel(d, path);
	if (!link) {
		l2tp_core_refuse(d->core, daemon_now(d), path, rx_buf, len,
			L2TP_STOPCCN_NOT_AUTHORIZED, L2TP_ERR_NONE, "no link for this address");
		log_debug("%s asks for a tunnel: no link takes calls from there, refused",
			l2tp_addr_format(&path->peer, peer));
		return;
	}
	if (!kernel_ready_for_peer(d)) {
		l2tp_core_refuse(d->core, daemon_now(d), path, rx_buf, len, L2TP_STOPCCN_ERROR,
			L2TP_ERR_RESOURCES, "no data path");
		return;
	}
	r = conn_params(link, &params, &secret, text, sizeof(text));
	if (r < 0) {
		log_error("%s", text);
		l2tp_core_refuse(d->core, daemon_now(d), path, rx_buf, len, L2TP_STOPCCN_ERROR,
			L2TP_ERR_RESOURCES, NULL);
		return;
	}
	l2tp_core_accept(d->core, daemon_now(d), path, rx_buf, len, &params);
	config_secret_free(secret);
}

/* Every datagram is judged by what it says, never by the socket it came through. */
static void read_socket(struct daemon *d, int fd)
{
	struct l2tp_path path;
	struct l2tp_span host;

	for (int i = 0; i < READ_BUDGET; i++) {
		ssize_t n = udp_recv(fd, rx_buf, sizeof(rx_buf), &path);

		if (n == -EAGAIN)
			return;
		if (n < 0) /* an ICMP error of some datagram sent before: timers decide */
			continue;
		if (l2tp_core_input(d->core, daemon_now(d), &path, rx_buf, (size_t)n, &host) ==
			L2TP_INPUT_SCCRQ)
			take_sccrq(d, &path, (size_t)n, host);
	}
}

static int listener_io(sd_event_source *source, int fd, uint32_t revents, void *user)
{
	struct listener *listener = user;

	(void)source;
	(void)revents;
	read_socket(listener->daemon, fd);
	return 0;
}

int conn_io(sd_event_source *source, int fd, uint32_t revents, void *user)
{
	struct conn *conn = user;

	(void)source;
	(void)revents;
	read_socket(conn->daemon, fd);
	return 0;
}

/* --- listeners --- */

static void listener_free(struct listener *listener)
{
	LIST_REMOVE(listener, entry);
	sd_event_source_disable_unref(listener->io);
	close(listener->fd);
	free(listener);
}

static int listener_open(struct daemon *d, const struct l2tp_addr *self)
{
	char addr[L2TP_ADDR_STRLEN];
	struct listener *listener = calloc(1, sizeof(*listener));
	int r;

	if (!listener)
		return -ENOMEM;
	listener->daemon = d;
	listener->self = *self;
	r = udp_listen(self, &listener->fd);
	if (r < 0) {
		free(listener);
		l2tp_addr_format(self, addr);
		if (r == -EADDRINUSE)
			log_error("cannot listen on %s: %s. Another program has the port "
				"(see \"ss -ulpn sport = %u\"): stop it, or give the link another "
				"\"self\".", addr, strerror(-r), l2tp_addr_port(self));
		else if (r == -EADDRNOTAVAIL)
			log_error("cannot listen on %s: %s. This machine does not have that "
				"address: correct \"self\" of the link.", addr, strerror(-r));
		else
			log_error("cannot listen on %s: %s", addr, strerror(-r));
		return r;
	}
	r = sd_event_add_io(d->event, &listener->io, listener->fd, EPOLLIN, listener_io, listener);
	if (r < 0) {
		close(listener->fd);
		free(listener);
		return r;
	}
	listener->wanted = true;
	LIST_INSERT_HEAD(&d->listeners, listener, entry);
	log_info("listening on %s", l2tp_addr_format(self, addr));
	return 0;
}

static int listener_want(struct daemon *d, const struct l2tp_addr *self)
{
	struct listener *listener;

	LIST_FOREACH (listener, &d->listeners, entry) {
		if (l2tp_addr_equal(&listener->self, self)) {
			listener->wanted = true;
			return 0;
		}
	}
	return listener_open(d, self);
}

static int listener_want_link(struct daemon *d, const struct link *link)
{
	uint16_t port = link->config->self.port ? link->config->self.port : L2TP_PORT;
	static const int families[] = { AF_INET, AF_INET6 };
	char text[200];
	int r = 0;

	for (size_t i = 0; i < 2; i++) {
		struct l2tp_addr self = { 0 };
		int q = link_self(link, families[i], &self, text, sizeof(text));

		if (q == -EAFNOSUPPORT) /* self is an address of the other family */
			continue;
		if (q < 0) {
			log_error("%s", text);
			r = q;
			continue;
		}
		if (self.sa.sa_family == AF_UNSPEC)
			self.sa.sa_family = (sa_family_t)families[i];
		l2tp_addr_set_port(&self, port);
		q = listener_want(d, &self);
		if (q == -EAFNOSUPPORT && families[i] == AF_INET6)
			continue; /* a kernel without IPv6 */
		if (q < 0 && r == 0)
			r = q;
	}
	return r;
}

int reactor_update_listeners(struct daemon *d)
{
	struct listener *listener, *next;
	struct link *link;
	int r = 0;

	LIST_FOREACH (listener, &d->listeners, entry)
		listener->wanted = false;
	TAILQ_FOREACH (link, &d->links, entry) {
		int q;

		if (!link->config || !link->config->incoming)
			continue;
		q = listener_want_link(d, link);
		if (q < 0 && r == 0)
			r = q;
	}
	for (listener = LIST_FIRST(&d->listeners); listener; listener = next) {
		next = LIST_NEXT(listener, entry);
		if (!listener->wanted)
			listener_free(listener);
	}
	return r;
}

/* --- kernel side --- */

static void stats_seen(void *user, const struct session_stats *stats)
{
	struct daemon *d = user;
	struct call *call = call_find(d, stats->sid);

	if (call && call->tid == stats->tid)
		call_stats(call, stats);
}

static int stats_io(sd_event_source *source, int fd, uint32_t revents, void *user)
{
	struct daemon *d = user;
	bool done = false;
	int r;

	(void)source;
	(void)fd;
	(void)revents;
	r = stats_process(d->stats, stats_seen, d, &done);
	if (r < 0 && r != -EINTR)
		log_debug("reading kernel counters: %s", strerror(-r));
	if (done || r < 0)
		ctl_stats_done(d);
	return 0;
}

static int stats_tick(sd_event_source *source, uint64_t usec, void *user)
{
	struct daemon *d = user;

	if (d->calls && d->stats)
		stats_request(d->stats);
	sd_event_source_set_time(source, usec + STATS_INTERVAL);
	sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
	return 0;
}

static int worker_io(sd_event_source *source, int fd, uint32_t revents, void *user)
{
	struct daemon *d = user;
	struct worker_result result;

	(void)source;
	(void)fd;
	(void)revents;
	while (worker_next(d->worker, &result)) {
		switch (result.job.op) {
		case WORKER_TUNNEL_CREATE:
		case WORKER_TUNNEL_DELETE:
			conn_kernel_result(d, &result);
			break;
		case WORKER_SESSION_CREATE:
			call_kernel_result(d, &result);
			break;
		case WORKER_SESSION_MODIFY:
		case WORKER_SESSION_DELETE:
			if (result.error < 0 && result.error != -ENODEV)
				log_warning("%s for session %u: %s", result.call,
					result.job.session.sid, strerror(-result.error));
			break;
		case WORKER_CLOSE:
			break;
		}
	}
	return 0;
}

/* Open genl, worker and counters. All or nothing. */
static int kernel_open(struct daemon *d)
{
	struct l2tp_genl *genl = NULL;
	bool drains = false;
	int family, r;

	r = pppox_probe();
	if (r < 0)
		return r;
	r = l2tp_genl_new(&genl);
	if (r < 0)
		return r;
	family = l2tp_genl_family(genl);
	r = pppox_probe_drain(genl, &drains);
	if (r < 0) {
		l2tp_genl_free(genl);
		return r;
	}
	log_debug("kernel %s early PPP frames over to pppd by itself",
		drains ? "hands" : "does not hand");
	r = worker_new(genl, !drains, &d->worker); /* takes genl over */
	if (r < 0) {
		l2tp_genl_free(genl);
		return r;
	}
	r = sd_event_add_io(d->event, &d->worker_io, worker_fd(d->worker), EPOLLIN, worker_io, d);
	if (r >= 0)
		r = stats_new(family, &d->stats);
	if (r >= 0)
		r = sd_event_add_io(d->event, &d->stats_io, stats_fd(d->stats), EPOLLIN, stats_io, d);
	if (r < 0) {
		d->stats_io = sd_event_source_disable_unref(d->stats_io);
		stats_free(d->stats);
		d->stats = NULL;
		d->worker_io = sd_event_source_disable_unref(d->worker_io);
		worker_free(d->worker);
		d->worker = NULL;
	}
	return r;
}

bool reactor_kernel_ready(struct daemon *d)
{
	struct probe_finding findings[8];
	size_t n;
	int r = 0;

	/* files can be missing or come back at any time; asked only when a person or a peer asks */
	n = probe_machine(d->config->daemon.pppd, d->config->daemon.pppd_plugin, findings, 8);
	for (size_t i = 0; i < n && i < 8; i++) {
		char problem[sizeof(d->kernel_problem)];

		if (!findings[i].fatal)
			continue;
		snprintf(problem, sizeof(problem), "%s: %s", findings[i].what, findings[i].remedy);
		if (strcmp(problem, d->kernel_problem) != 0) {
			memcpy(d->kernel_problem, problem, sizeof(problem));
			log_error("%s", problem); /* once, until it changes */
		}
		return false;
	}
	if (!d->worker)
		r = kernel_open(d);
	if (r < 0) {
		char problem[sizeof(d->kernel_problem)];

		snprintf(problem, sizeof(problem), "the kernel's L2TP interface cannot be used: %s",
			strerror(-r));
		if (strcmp(problem, d->kernel_problem) != 0) {
			memcpy(d->kernel_problem, problem, sizeof(problem));
			log_error("%s", problem);
		}
		return false;
	}
	if (d->kernel_problem[0]) {
		log_notice("what was missing is there now; calls can be made");
		d->kernel_problem[0] = '\0';
	}
	return true;
}

static void monitor_seen(void *user, const struct monitor_event *event)
{
	struct daemon *d = user;
	struct call *call, *tmp;

	switch (event->type) {
	case MONITOR_LINK:
		HASH_ITER (hh, d->calls, call, tmp) {
			if (call->ifindex && call->ifindex == event->ifindex) {
				/* ip link set ... name: pppd does not tell */
				snprintf(call->ifname, sizeof(call->ifname), "%s", event->ifname);
				call->mtu = event->mtu;
			}
		}
		break;
	case MONITOR_ROUTE:
	case MONITOR_LOST:
		conn_check_pins(d);
		break;
	case MONITOR_LINK_GONE:
	case MONITOR_ADDR:
	case MONITOR_ADDR_GONE:
		break;
	}
}

static int monitor_io(sd_event_source *source, int fd, uint32_t revents, void *user)
{
	struct daemon *d = user;
	int r = monitor_process(d->monitor, monitor_seen, d);

	(void)source;
	(void)fd;
	(void)revents;
	if (r < 0)
		log_warning("watching interfaces and routes: %s", strerror(-r));
	return 0;
}

/* --- effects --- */

static void effect_trace(const struct l2tp_effect *e)
{
	if (e->sid)
		log_debug("session %u: %s --%s--> %s", e->sid, e->trace.from, e->trace.event,
			e->trace.to);
	else
		log_debug("tunnel %u: %s --%s--> %s", e->tid, e->trace.from, e->trace.event,
			e->trace.to);
}

/* An answer before the tunnel has a socket leaves from the listener the peer wrote to. */
void listener_send(struct daemon *d, const struct l2tp_effect *e)
{
	struct listener *listener, *any = NULL;
	int r;

	LIST_FOREACH (listener, &d->listeners, entry) {
		if (l2tp_addr_equal(&listener->self, &e->path.local)) {
			any = listener;
			break;
		}
		if (l2tp_addr_is_any(&listener->self) &&
			listener->self.sa.sa_family == e->path.local.sa.sa_family &&
			l2tp_addr_port(&listener->self) == l2tp_addr_port(&e->path.local))
			any = listener;
	}
	if (!any)
		return; /* closed by a reload meanwhile */
	r = udp_send(any->fd, &e->path, e->send.data, e->send.len);
	if (r < 0 && r != -EAGAIN) {
		char peer[L2TP_ADDR_STRLEN];

		log_debug("sending to %s: %s", l2tp_addr_format(&e->path.peer, peer), strerror(-r));
	}
}

/* For udp_tunnel_accept(): the listener that guards the port; -1: none. */
int listener_fd(struct daemon *d, const struct l2tp_addr *local)
{
	struct listener *listener;
	int fd = -1;

	LIST_FOREACH (listener, &d->listeners, entry) {
		if (l2tp_addr_port(&listener->self) != l2tp_addr_port(local) ||
			listener->self.sa.sa_family != local->sa.sa_family)
			continue;
		if (l2tp_addr_equal(&listener->self, local))
			return listener->fd;
		if (l2tp_addr_is_any(&listener->self))
			fd = listener->fd;
	}
	return fd;
}

static void carry_out(struct daemon *d, const struct l2tp_effect *e)
{
	switch (e->type) {
	case L2TP_EFFECT_SEND:
		conn_send(d, e);
		break;
	case L2TP_EFFECT_TUNNEL_UP:
		conn_tunnel_up(d, e);
		break;
	case L2TP_EFFECT_TUNNEL_DOWN:
		conn_tunnel_down(d, e);
		break;
	case L2TP_EFFECT_TUNNEL_GONE:
		conn_tunnel_gone(d, e);
		break;
	case L2TP_EFFECT_SESSION_OFFER:
		call_offer(d, e);
		break;
	case L2TP_EFFECT_SESSION_CREATE:
		call_create(d, e);
		break;
	case L2TP_EFFECT_SESSION_UP:
		call_session_up(d, e);
		break;
	case L2TP_EFFECT_SESSION_DOWN:
		call_session_down(d, e);
		break;
	case L2TP_EFFECT_TRACE:
		effect_trace(e);
		break;
	}
}

static void log_drops(struct daemon *d)
{
	struct l2tp_core_stats stats;
	char text[256] = "";
	uint64_t total = 0;
	size_t len = 0;

	l2tp_core_stats(d->core, &stats);
	for (unsigned i = 0; i < L2TP_DROP_COUNT; i++) {
		total += stats.drops[i];
		if (stats.drops[i] && len < sizeof(text))
			len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s: %llu",
				len ? ", " : "", l2tp_drop_name(i), (unsigned long long)stats.drops[i]);
	}
	if (total == d->drops_logged || daemon_now(d) < d->drops_log_time)
		return;
	log_notice("datagrams dropped since start: %s", text);
	d->drops_logged = total;
	d->drops_log_time = daemon_now(d) + DROP_LOG_INTERVAL;
}

/* Is anything left to say goodbye to? Then the end can wait a little. */
static bool stop_finished(struct daemon *d)
{
	struct conn *conn, *tmp;

	if (d->calls)
		return false;
	HASH_ITER (hh, d->conns, conn, tmp) {
		struct l2tp_tunnel_info info;

		if (conn->kernel != KERNEL_NONE)
			return false;
		if (l2tp_core_tunnel_info(d->core, conn->tid, &info) && info.unacked + info.queued > 0)
			return false;
	}
	return true;
}

static void stop_tunnels(struct daemon *d)
{
	struct l2tp_reason reason = { .who = L2TP_WHO_LOCAL, .stopccn = true,
		.result = L2TP_STOPCCN_SHUTDOWN, .text = "daemon stops" };
	struct conn *conn, *tmp;

	HASH_ITER (hh, d->conns, conn, tmp)
		l2tp_core_close_tunnel(d->core, daemon_now(d), conn->tid, &reason);
}

static int after_turn(sd_event_source *source, void *user)
{
	struct daemon *d = user;
	const struct l2tp_effect *effect;
	usec_t when;

	(void)source;
	if (d->stopping && !d->calls)
		stop_tunnels(d);
	while ((effect = l2tp_core_next_effect(d->core)))
		carry_out(d, effect);
	log_drops(d);
	when = l2tp_core_next_timeout(d->core);
	if (when == USEC_INFINITY) {
		sd_event_source_set_enabled(d->core_timer, SD_EVENT_OFF);
	} else {
		sd_event_source_set_time(d->core_timer, when);
		sd_event_source_set_enabled(d->core_timer, SD_EVENT_ONESHOT);
	}
	if (d->stopping && stop_finished(d))
		sd_event_exit(d->event, 0);
	return 0;
}

static int core_timeout(sd_event_source *source, uint64_t usec, void *user)
{
	struct daemon *d = user;

	(void)source;
	(void)usec;
	l2tp_core_timeout(d->core, daemon_now(d));
	return 0;
}

/* --- life --- */

int reactor_start(struct daemon *d)
{
	struct l2tp_env env = { .random = env_random };
	struct l2tp_limits limits = L2TP_LIMITS_DEFAULT;
	int r;

	limits.max_tunnels = d->config->daemon.max_tunnels;
	limits.max_half_open = d->config->daemon.max_half_open;
	limits.max_half_open_per_source = d->config->daemon.max_half_open_per_source;
	d->core = l2tp_core_new(&env, &limits);
	if (!d->core)
		return -ENOMEM;
	r = sd_event_add_time(d->event, &d->core_timer, CLOCK_BOOTTIME, 0, 1, core_timeout, d);
	if (r < 0)
		return r;
	sd_event_source_set_enabled(d->core_timer, SD_EVENT_OFF);
	r = sd_event_add_post(d->event, NULL, after_turn, d);
	if (r < 0)
		return r;
	r = sd_event_add_time_relative(d->event, &d->stats_timer, CLOCK_BOOTTIME, STATS_INTERVAL,
		USEC_PER_SEC, stats_tick, d);
	if (r < 0)
		return r;
	r = monitor_new(&d->monitor);
	if (r >= 0)
		r = sd_event_add_io(d->event, &d->monitor_io, monitor_fd(d->monitor), EPOLLIN,
			monitor_io, d);
	if (r < 0) {
		log_error("cannot watch interfaces and routes (rtnetlink): %s", strerror(-r));
		return r;
	}
	reactor_kernel_ready(d); /* what is missing is in the log and told to whoever opens a link */
	return 0;
}

static int stop_timeout(sd_event_source *source, uint64_t usec, void *user)
{
	(void)usec;
	(void)user;
	log_notice("not everybody said goodbye in time; leaving");
	return sd_event_exit(sd_event_source_get_event(source), 0);
}

void reactor_stop(struct daemon *d)
{
	struct call *call, *tmp;
	struct link *link;

	if (d->stopping)
		return;
	d->stopping = true;
	log_notice("stopping: ending all calls and tunnels");
	sd_notify(0, "STOPPING=1");
	TAILQ_FOREACH (link, &d->links, entry)
		link_close(link, "the daemon stops");
	HASH_ITER (hh, d->calls, call, tmp)
		call_close(call, "the daemon stops");
	sd_event_add_time_relative(d->event, &d->exit_timer, CLOCK_BOOTTIME, STOP_TIMEOUT,
		USEC_PER_SEC / 10, stop_timeout, d);
}

void reactor_free(struct daemon *d)
{
	struct call *call, *ctmp;
	struct conn *conn, *tmp;

	HASH_ITER (hh, d->calls, call, ctmp)
		call_free(call);
	HASH_ITER (hh, d->conns, conn, tmp)
		conn_free(conn);
	while (!LIST_EMPTY(&d->listeners))
		listener_free(LIST_FIRST(&d->listeners));
	d->worker_io = sd_event_source_disable_unref(d->worker_io);
	worker_free(d->worker);
	d->stats_io = sd_event_source_disable_unref(d->stats_io);
	stats_free(d->stats);
	sd_event_source_disable_unref(d->stats_timer);
	sd_event_source_disable_unref(d->monitor_io);
	monitor_free(d->monitor);
	sd_event_source_disable_unref(d->core_timer);
	sd_event_source_disable_unref(d->exit_timer);
	l2tp_core_free(d->core);
}
