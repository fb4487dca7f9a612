/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Links: what mpd calls a link of type l2tp. Dials, tries all addresses of the peer, redials with
 * back-off; and is chosen for what peers ask.
 */
#include "link.h"

#include <errno.h>
#include <fnmatch.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>

#include "linux/resolve.h"
#include "base/log.h"

struct link *link_find(struct daemon *d, const char *name)
{
	struct link *link;

	TAILQ_FOREACH (link, &d->links, entry)
		if (link->config && strcmp(link->name, name) == 0)
			return link;
	return NULL;
}

struct link *link_by_id(struct daemon *d, uint32_t id)
{
	struct link *link;

	TAILQ_FOREACH (link, &d->links, entry)
		if (link->id == id)
			return link;
	return NULL;
}

const char *link_state_name(const struct link *link)
{
	switch (link->state) {
	case LINK_DOWN:
		return link->calls ? "up" : "down";
	case LINK_RESOLVING:
	case LINK_DIALLING:
		return "dialling";
	case LINK_UP:
		return "up";
	case LINK_WAITING:
		return "waiting";
	case LINK_CLOSING:
		return "closing";
	}
	return "";
}

int link_self(
	const struct link *link, int family, struct l2tp_addr *ret, char *text, size_t text_size)
{
	const struct config_endpoint *self = &link->config->self;
	struct ifaddrs *list, *ifa;
	int r = -EADDRNOTAVAIL;

	*ret = (struct l2tp_addr){ 0 };
	if (!*self->host)
		return 0;
	if (self->addr.sa.sa_family != AF_UNSPEC) {
		if (self->addr.sa.sa_family != family) {
			snprintf(text, text_size,
				"\"self\" of link %s is not of the family of the "
				"peer's address",
				link->name);
			return -EAFNOSUPPORT;
		}
		*ret = self->addr;
		return 0;
	}
	if (getifaddrs(&list) < 0)
		return -errno;
	for (ifa = list; ifa && r < 0; ifa = ifa->ifa_next) {
		if (strcmp(ifa->ifa_name, self->host) != 0)
			continue;
		r = -EAFNOSUPPORT; /* the interface is there */
		if (!ifa->ifa_addr || ifa->ifa_addr->sa_family != family)
			continue;
		memcpy(ret, ifa->ifa_addr, family == AF_INET ? sizeof(ret->in) : sizeof(ret->in6));
		if (family == AF_INET6 && IN6_IS_ADDR_LINKLOCAL(&ret->in6.sin6_addr))
			continue;
		r = 0;
	}
	freeifaddrs(list);
	if (r < 0) {
		*ret = (struct l2tp_addr){ 0 };
		snprintf(text, text_size, "\"self\" of link %s: %s \"%s\"", link->name,
			r == -EAFNOSUPPORT ? "no address of the peer's family on interface"
					   : "there is no interface or address",
			self->host);
	}
	return r;
}

/* --- matching: longest prefix of the peer first, then the order of definition --- */

static bool self_matches(const struct link *link, const struct l2tp_path *path)
{
	uint16_t port = link->config->self.port ? link->config->self.port : L2TP_PORT;
	struct l2tp_addr self;
	char text[200];

	if (l2tp_addr_port(&path->local) != port)
		return false;
	if (link_self(link, path->local.sa.sa_family, &self, text, sizeof(text)) < 0)
		return false;
	return l2tp_addr_is_any(&self) || l2tp_addr_same_host(&self, &path->local);
}

/* Width of the prefix that matches, -1: no match. Names match nobody who calls. */
static int peer_match(const struct link *link, const struct l2tp_path *path)
{
	const struct config_endpoint *peer = &link->config->peer;

	if (peer->port && peer->port != l2tp_addr_port(&path->peer))
		return -1;
	if (!*peer->host || l2tp_addr_is_any(&peer->addr))
		return *peer->host && peer->addr.sa.sa_family == AF_UNSPEC ? -1 : 0;
	return l2tp_addr_in_prefix(&path->peer, &peer->addr, peer->width) ? (int)peer->width : -1;
}

/* How well a link fits, -1: not at all. A name that fits breaks the tie of equal prefixes. */
static int fit(const struct link *link, const struct l2tp_path *path, const char *host)
{
	const char *pattern;
	int width;

	if (!link->config || !link->config->incoming || !self_matches(link, path))
		return -1;
	pattern = link->config->peer_hostname;
	/* host names are compared without case (RFC 1035 2.3.3) */
	if (*pattern && fnmatch(pattern, host, FNM_CASEFOLD) != 0)
		return -1;
	width = peer_match(link, path);
	return width < 0 ? -1 : 2 * width + (*pattern != '\0');
}

struct link *link_match_tunnel(
	struct daemon *d, const struct l2tp_path *path, struct l2tp_span host)
{
	struct link *link, *best = NULL;
	char name[sizeof(((struct conn *)0)->peer_hostname)] = "";
	int best_fit = -1;

	/* of a longer or stranger one only a part is kept, which might not match for the calls */
	if (host.len < sizeof(name)) {
		l2tp_text_copy(name, sizeof(name), host);
		if (strlen(name) != host.len || memcmp(name, host.data, host.len) != 0)
			name[0] = '\0';
	}
	TAILQ_FOREACH (link, &d->links, entry) {
		int how = fit(link, path, name);

		if (how > best_fit) {
			best = link;
			best_fit = how;
		}
	}
	return best;
}

/* A link that has a secret is for peers that proved it when they opened the tunnel. */
static bool secret_suffices(const struct conn *conn, const struct link *called)
{
	const struct config_link *wants = called->config;
	struct l2tp_secret secret;
	char *text = NULL;
	bool knows;

	if (!*wants->secret && !*wants->secret_file)
		return true;
	if (config_secret(wants->secret, wants->secret_file, &text) < 0)
		return false;
	secret = (struct l2tp_secret){ .data = (const uint8_t *)text, .len = strlen(text) };
	knows = l2tp_core_peer_knows(called->daemon->core, conn->tid, &secret);
	config_secret_free(text);
	return knows;
}

struct link *link_match_call(struct daemon *d, const struct conn *conn)
{
	struct link *link, *best = NULL;
	int best_fit = -1;

	TAILQ_FOREACH (link, &d->links, entry) {
		int how = fit(link, &conn->path, conn->peer_hostname);

		if (how <= best_fit || !secret_suffices(conn, link) || !profile_config(d, link) ||
			(link->config->max_calls && link->calls >= link->config->max_calls))
			continue;
		best = link;
		best_fit = how;
	}
	return best;
}

/* --- dialling --- */

static void dial_next(struct link *link);

static void stop_timers(struct link *link)
{
	link->redial_timer = sd_event_source_disable_unref(link->redial_timer);
	link->resolve_io = sd_event_source_disable_unref(link->resolve_io);
	resolve_free(link->resolve);
	link->resolve = NULL;
}

void link_tell_owner(struct link *link, enum link_change change)
{
	if (link->owner)
		link->owner->changed(link->owner, link, change);
}

static void tell_waiters(struct link *link, bool up)
{
	while (!LIST_EMPTY(&link->waiters)) {
		struct waiter *waiter = LIST_FIRST(&link->waiters);

		LIST_REMOVE(waiter, entry);
		if (up)
			ctl_waiter_up(waiter, link);
		else
			ctl_waiter_failed(waiter, link);
	}
}

static bool may_redial(const struct link *link)
{
	int max = link->config->max_redial;

	if (!link->wanted || link->daemon->stopping)
		return false;
	if (max == CONFIG_REDIAL_DEFAULT)
		max = link->config->autostart ? 0 : -1;
	return max == 0 || (max > 0 && link->attempts <= (unsigned)max);
}

static int redial(sd_event_source *source, uint64_t usec, void *user)
{
	struct link *link = user;

	(void)source;
	(void)usec;
	stop_timers(link);
	link_dial(link);
	return 0;
}

/* Nothing came of this dial, or the call is over. */
static void dial_over(struct link *link)
{
	usec_t delay, jitter = 0;

	free(link->addrs);
	link->addrs = NULL;
	link->addrs_len = link->addr_next = 0;
	link->state = LINK_DOWN;
	if (!link->config || !may_redial(link)) {
		link->wanted = false;
		tell_waiters(link, false);
		link_tell_owner(link, LINK_CHANGE_DOWN);
		return;
	}
	delay = link->config->redial_delay * USEC_PER_SEC;
	for (unsigned i = 0;
		i < link->attempts && delay < link->config->redial_max_delay * USEC_PER_SEC; i++)
		delay *= 2;
	if (delay > link->config->redial_max_delay * USEC_PER_SEC)
		delay = link->config->redial_max_delay * USEC_PER_SEC;
	/* up to a quarter more, so that many clients of a restarted server do not come as one */
	jitter = delay / 4 ? (usec_t)random() % (delay / 4) : 0;
	delay += jitter;
	link->attempts++;
	link->state = LINK_WAITING;
	link->redial_in = delay;
	tell_waiters(link, false);
	link_tell_owner(link, LINK_CHANGE_WAITING);
	log_info("%s: next try in %.1f s", link->name, (double)delay / USEC_PER_SEC);
	sd_event_add_time_relative(link->daemon->event, &link->redial_timer, CLOCK_BOOTTIME, delay,
		USEC_PER_SEC / 10, redial, link);
}

static void dial_failed(struct link *link, int error, const char *text)
{
	link->dial_error = error;
	link->last_down = (struct outcome){
		.time = time(NULL), .ppp_exit = -1, .reason = { .who = L2TP_WHO_LOCAL }
	};
	snprintf(link->last_down.text, sizeof(link->last_down.text), "%s", text);
	log_error("%s: %s", link->name, text);
	dial_next(link);
}

static void dial_addr(struct link *link, const struct l2tp_addr *peer)
{
	struct daemon *d = link->daemon;
	char *key = conn_share_key(link);
	struct conn *conn = key ? conn_find_shared(d, key, peer) : NULL;
	char text[400], addr[L2TP_ADDR_STRLEN];
	int r = 0;

	conn_share_key_free(key);
	link->state = LINK_DIALLING;
	if (!conn) {
		log_info("%s: dialling %s", link->name, l2tp_addr_format(peer, addr));
		r = conn_open(link, peer, &conn, text, sizeof(text));
	}
	if (r == 0)
		r = call_place(link, conn, text, sizeof(text));
	if (r < 0)
		dial_failed(link, r, text);
	else
		link_tell_owner(link, LINK_CHANGE_DIALLING);
}

/* The next address of the peer, or give up for now. */
static void dial_next(struct link *link)
{
	if (link->addr_next < link->addrs_len && link->config && !link->daemon->stopping) {
		struct l2tp_addr peer = link->addrs[link->addr_next++];

		dial_addr(link, &peer);
		return;
	}
	dial_over(link);
}

static int resolved(sd_event_source *source, int fd, uint32_t revents, void *user)
{
	struct link *link = user;
	const char *problem = NULL;
	char text[300];
	int r;

	(void)source;
	(void)fd;
	(void)revents;
	r = resolve_result(link->resolve, &link->addrs, &link->addrs_len, &problem);
	if (r == -EAGAIN)
		return 0;
	stop_timers(link);
	link->addr_next = 0;
	if (r == 0 && link->addrs_len > 0) {
		dial_next(link);
		return 0;
	}
	snprintf(text, sizeof(text),
		"the peer's name \"%s\" cannot be resolved: %s. Check \"peer\" and "
		"the name servers of this machine",
		link->config->peer.host,
		problem ? problem
		: r < 0 ? strerror(-r)
			: "it has no address");
	dial_failed(link, -EHOSTUNREACH, text);
	return 0;
}

void link_dial(struct link *link)
{
	const struct config_endpoint *peer = &link->config->peer;
	uint16_t port = peer->port ? peer->port : L2TP_PORT;
	int r;

	link->dial_error = 0;
	if (!kernel_ready(link->daemon)) {
		dial_failed(link, -EPROTONOSUPPORT, link->daemon->kernel_problem);
		return;
	}
	if (peer->addr.sa.sa_family != AF_UNSPEC) {
		link->addrs = calloc(1, sizeof(*link->addrs));
		if (!link->addrs)
			return;
		link->addrs[0] = peer->addr;
		l2tp_addr_set_port(&link->addrs[0], port);
		link->addrs_len = 1;
		link->addr_next = 0;
		dial_next(link);
		return;
	}
	link->state = LINK_RESOLVING;
	r = resolve_start(peer->host, port, &link->resolve);
	if (r == 0)
		r = sd_event_add_io(link->daemon->event, &link->resolve_io,
			resolve_fd(link->resolve), EPOLLIN, resolved, link);
	if (r < 0)
		dial_failed(link, r, strerror(-r));
}

int link_open(struct link *link, char *text, size_t text_size)
{
	if (!link->config->originate) {
		snprintf(text, text_size,
			"link %s does not place calls: \"originate\" is not enabled", link->name);
		return -EPERM;
	}
	if (link->daemon->stopping) {
		snprintf(text, text_size, "the daemon is stopping");
		return -ESHUTDOWN;
	}
	switch (link->state) {
	case LINK_CLOSING:
		snprintf(text, text_size, "link %s is being closed; try again in a moment",
			link->name);
		return -EBUSY;
	case LINK_RESOLVING:
	case LINK_DIALLING:
	case LINK_UP:
		link->wanted = true;
		return 0;
	case LINK_DOWN:
	case LINK_WAITING: /* a person wants it now */
		break;
	}
	link->wanted = true;
	link->attempts = 0;
	stop_timers(link);
	/* from the loop: the caller first says that it waits */
	return sd_event_add_time_relative(
		link->daemon->event, &link->redial_timer, CLOCK_BOOTTIME, 0, 1, redial, link);
}

void link_close(struct link *link, const char *why)
{
	struct daemon *d = link->daemon;
	struct call *call, *tmp;

	link->wanted = false;
	stop_timers(link);
	if (!link->call && link->state != LINK_DOWN) {
		link->addr_next = link->addrs_len;
		snprintf(link->last_down.text, sizeof(link->last_down.text), "%s", why);
		dial_over(link);
	}
	HASH_ITER (hh, d->calls, call, tmp) {
		if (call->link != link)
			continue;
		if (call == link->call)
			link->state = LINK_CLOSING;
		call_close(call, why);
	}
}

void link_call_up(struct link *link, struct call *call)
{
	if (link->call != call)
		return;
	link->state = LINK_UP;
	link->attempts = 0;
	tell_waiters(link, true);
	link_tell_owner(link, LINK_CHANGE_UP);
}

void link_call_gone(struct link *link, struct call *call)
{
	bool was_up = link->state == LINK_UP;

	if (link->call == call) {
		link->call = NULL;
		/* a peer that never answered: its next address; else all over again, after a pause
		 */
		if (was_up || !link->wanted || !call->conn->timed_out)
			link->addr_next = link->addrs_len;
		dial_next(link);
	}
	if (!link->config && link->calls == 0)
		link_free(link);
}

/* --- configuration --- */

void link_free(struct link *link)
{
	struct daemon *d = link->daemon;

	stop_timers(link);
	TAILQ_REMOVE(&d->links, link, entry);
	free(link->addrs);
	free(link);
}

static struct link *link_new(struct daemon *d, const struct config_link *config)
{
	struct link *link = calloc(1, sizeof(*link));

	if (!link)
		return NULL;
	link->daemon = d;
	link->id = ++d->next_link_id;
	link->config = config;
	link->last_down.ppp_exit = -1;
	link->dataseq = config->dataseq;
	snprintf(link->name, sizeof(link->name), "%s", config->name);
	LIST_INIT(&link->waiters);
	return link;
}

struct link *link_new_owned(struct daemon *d, struct link_owner *owner)
{
	struct link *link = link_new(d, &owner->config->links[0]);

	if (!link)
		return NULL;
	link->owner = owner;
	TAILQ_INSERT_TAIL(&d->links, link, entry);
	return link;
}

void link_remove(struct link *link, const char *why)
{
	link->owner = NULL;
	link->config = NULL;
	link_close(link, why);
	if (link->calls == 0)
		link_free(link);
}

/* What a new configuration means for the calls that run. Everything else is for the next one. */
static void apply_to_calls(struct link *link)
{
	struct call *call, *tmp;

	if (link->dataseq == link->config->dataseq)
		return;
	link->dataseq = link->config->dataseq;
	HASH_ITER (hh, link->daemon->calls, call, tmp)
		if (call->link == link)
			call_set_dataseq(call, link->dataseq);
}

/*
 * Options are read when they are needed (a tunnel's share key when it is dialled, "peer" when
 * somebody calls); what is kept elsewhere is brought in line here.
 */
int link_option_changed(struct link *link, const char *key)
{
	if (!strcmp(key, "self") || !strcmp(key, "incoming"))
		return reactor_update_listeners(link->daemon);
	if (!strcmp(key, "dataseq"))
		apply_to_calls(link);
	return 0;
}

void links_update(struct daemon *d)
{
	struct link *link, *next;
	struct link_list old;

	TAILQ_INIT(&old);
	TAILQ_CONCAT(&old, &d->links, entry);
	TAILQ_FOREACH (link, &old, entry)
		if (!link->owner)
			link->config = NULL;
	/* the order of definition decides matches, so the list is built anew in that order */
	for (size_t i = 0; i < d->config->links_len; i++) {
		const struct config_link *config = &d->config->links[i];

		TAILQ_FOREACH (link, &old, entry)
			if (!link->owner && strcmp(link->name, config->name) == 0)
				break;
		if (link) {
			TAILQ_REMOVE(&old, link, entry);
			link->config = config;
			apply_to_calls(link);
		} else {
			link = link_new(d, config);
		}
		if (link)
			TAILQ_INSERT_TAIL(&d->links, link, entry);
	}
	TAILQ_CONCAT(&d->links, &old, entry);
	for (link = TAILQ_FIRST(&d->links); link; link = next) {
		next = TAILQ_NEXT(link, entry);
		if (!link->config)
			link_remove(link, "the link was removed from the configuration");
	}
}

void links_autostart(struct daemon *d)
{
	struct link *link;
	char text[300];

	TAILQ_FOREACH (link, &d->links, entry) {
		if (!link->config || !link->config->autostart || link->wanted)
			continue;
		if (link_open(link, text, sizeof(text)) < 0)
			log_error("%s", text);
	}
}
