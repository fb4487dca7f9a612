/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Datagrams, timers, kernel results -> core -> effects -> sockets, worker, calls.
 * Effects are carried out in one place, after every turn of the loop: no handler can forget it, and
 * nothing the core wants done happens while somebody is in the middle of something else.
 */
#include "daemon.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <systemd/sd-daemon.h>
#include <time.h>
#include <unistd.h>

#include "linux/relay.h"
#include "linux/udp.h"
#include "daemon/watch/monitor.h"
#include "base/log.h"
#include "reactor.h"

/* Datagrams read from one socket before others get a turn. */
#define READ_BUDGET 64
/* SIGTERM: PPP and L2TP get so long to say goodbye. */
#define STOP_TIMEOUT	  (8 * USEC_PER_SEC)
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

/* --- datagrams in --- */

/* words: as in input(). */
static void take_sccrq(struct daemon *d, const struct l2tp_path *path, size_t len,
	struct l2tp_span host, struct packet_words *words)
{
	char text[480], peer[L2TP_ADDR_STRLEN];
	struct l2tp_tunnel_params params;
	struct link *link;
	char *secret;
	int r;

	link = d->stopping ? NULL : link_match_tunnel(d, path, host);
	if (!link) {
		bool last;

		l2tp_core_refuse(d->core, daemon_now(d), path, rx_buf, len,
			L2TP_STOPCCN_NOT_AUTHORIZED, L2TP_ERR_NONE, "no link for this address");
		if (log_may(&d->refused_tunnels, daemon_now(d), &last))
			log_notice("tunnel from %s refused: no link with \"incoming\" has this "
				   "address as \"peer\" (and, if set, its name as "
				   "\"peer-hostname\")%s",
				l2tp_addr_format(&path->peer, peer),
				last ? "; more will not be logged for a minute" : "");
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
	if (words) /* before, nobody knew whose it is */
		packet_describe(d, 0, rx_buf, len, &params.secret, words);
	l2tp_core_accept(d->core, daemon_now(d), path, rx_buf, len, &params);
	config_secret_free(secret);
}

/* The relay hands on what it found in the sockets it reads. */
static ssize_t receive(struct daemon *d, int fd, struct l2tp_path *ret_path)
{
	if (d->relay && fd == relay_fd(d->relay))
		return relay_recv(d->relay, rx_buf, sizeof(rx_buf), ret_path);
	return udp_recv(fd, rx_buf, sizeof(rx_buf), ret_path);
}

/* words: it in words, to be made better if more is known of it; NULL: nobody watches. */
static void input(
	struct daemon *d, const struct l2tp_path *path, size_t len, struct packet_words *words)
{
	struct l2tp_span host;

	if (l2tp_core_input(d->core, daemon_now(d), path, rx_buf, len, &host) == L2TP_INPUT_SCCRQ)
		take_sccrq(d, path, len, host, words);
}

static void watched_input(struct daemon *d, const struct l2tp_path *path, size_t len)
{
	struct l2tp_core_stats before;
	struct packet_words words;
	struct l2tp_header hdr;
	bool known = l2tp_header_parse(rx_buf, len, &hdr) == 0;

	l2tp_core_stats(d->core, &before);
	packet_describe(d, known ? hdr.tid : 0, rx_buf, len, NULL, &words);
	input(d, path, len, &words);
	packet_received(d, path, &before, &words);
}

/* Every datagram is judged by what it says, never by the socket it came through. */
void reactor_read(struct daemon *d, int fd)
{
	struct l2tp_path path;

	for (int i = 0; i < READ_BUDGET; i++) {
		ssize_t n = receive(d, fd, &path);

		if (n == -EAGAIN)
			return;
		if (n < 0) /* an ICMP error of some datagram sent before: timers decide */
			continue;
		/* T: data that the relay left in a socket when it ended is nobody's message */
		if (n > 0 && !(rx_buf[0] & (L2TP_HDR_T >> 8)))
			continue;
		if (d->packet_watchers && n > 0)
			watched_input(d, &path, (size_t)n);
		else
			input(d, &path, (size_t)n, NULL);
	}
}

int conn_io(sd_event_source *source, int fd, uint32_t revents, void *user)
{
	struct conn *conn = user;

	(void)source;
	(void)revents;
	reactor_read(conn->daemon, fd);
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

static void carry_out(struct daemon *d, const struct l2tp_effect *e)
{
	switch (e->type) {
	case L2TP_EFFECT_SEND:
		if (d->packet_watchers)
			packet_sent(d, e);
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
	case L2TP_EFFECT_SESSION_MOVED:
		call_moved(d, e);
		break;
	case L2TP_EFFECT_SESSION_ACCM:
		call_accm(d, e);
		break;
	case L2TP_EFFECT_SESSION_ERRORS:
		call_line_errors(d, e);
		break;
	case L2TP_EFFECT_SESSION_SPEED:
		log_debug("session %u: the LAC says tx %u bit/s, rx %u bit/s", e->sid, e->speed.tx,
			e->speed.rx);
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
	for (unsigned i = 0; i < L2TP_DROP_COUNT; i++)
		total += stats.drops[i];
	if (total == d->drops_logged || daemon_now(d) < d->drops_log_time)
		return;
	for (unsigned i = 0; i < L2TP_DROP_COUNT; i++)
		if (stats.drops[i] && len < sizeof(text))
			len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s: %llu",
				len ? ", " : "", l2tp_drop_name(i),
				(unsigned long long)stats.drops[i]);
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
		if (l2tp_core_tunnel_info(d->core, conn->tid, &info) &&
			info.unacked + info.queued > 0)
			return false;
	}
	return true;
}

static void stop_tunnels(struct daemon *d)
{
	struct l2tp_reason reason = { .who = L2TP_WHO_LOCAL,
		.stopccn = true,
		.result = L2TP_STOPCCN_SHUTDOWN,
		.text = "daemon stops" };
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
	conn_log_abandoned(d);
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
	r = sd_event_add_post(d->event, &d->post, after_turn, d);
	/* before whatever else waits: it may know ids that an effect is about to change */
	if (r >= 0)
		r = sd_event_source_set_priority(d->post, SD_EVENT_PRIORITY_IMPORTANT);
	if (r < 0)
		return r;
	return kernel_start(d);
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

	HASH_ITER (hh, d->calls, call, ctmp) {
		if (call->pid)
			kill(call->pid, SIGKILL); /* had its time; nobody would look after it */
		call_free(call);
	}
	HASH_ITER (hh, d->conns, conn, tmp)
		conn_free(conn);
	while (!LIST_EMPTY(&d->listeners))
		listener_free(LIST_FIRST(&d->listeners));
	kernel_stop(d);
	sd_event_source_disable_unref(d->post);
	sd_event_source_disable_unref(d->core_timer);
	sd_event_source_disable_unref(d->exit_timer);
	l2tp_core_free(d->core);
}
