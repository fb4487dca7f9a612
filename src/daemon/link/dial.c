/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dial.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "daemon/kernel/kernel.h"
#include "daemon/kernel/ready.h"
#include "kinds.h"
#include "linux/process.h"
#include "linux/resolve.h"

/* Changes of the network may come all the time: a link redials at once so often, no more. */
#define HURRY_PAUSE (10 * USEC_PER_SEC)

static void dial_next(struct link *link);

static void link_news(struct link *link, struct news_item *item, enum news_type type)
{
	news_post(link->daemon->news, item, &(struct news){ .type = type, .link = link });
}

/* Why the last try came to nothing; there was no call that could have told. */
static void set_last_down(struct link *link, const char *text)
{
	struct l2tp_reason reason = { .who = L2TP_WHO_LOCAL };

	outcome_unref(link->last_down);
	link->last_down = outcome_new(&reason, -1, "%s", text);
}

static bool may_redial(const struct link *link)
{
	int max = link->owner.config->max_redial;

	if (!link->wanted || link->daemon->stopping)
		return false;
	if (max == CONFIG_REDIAL_DEFAULT)
		max = link->owner.config->autostart ? 0 : -1;
	return max == 0 || (max > 0 && link->attempts <= (unsigned)max);
}

/* Doubles; up to a quarter more, so that many clients of a restarted server do not come as one. */
static usec_t redial_delay(const struct link *link)
{
	usec_t max = link->owner.config->redial_max_delay * USEC_PER_SEC;
	usec_t delay = link->owner.config->redial_delay * USEC_PER_SEC;
	uint32_t random;

	for (unsigned i = 0; i < link->attempts && delay < max; i++)
		delay *= 2;
	if (delay > max)
		delay = max;
	process_random(&random, sizeof(random));
	return delay + (delay / 4 ? random % (delay / 4) : 0);
}

static void dial(struct link *link);

static int timer_elapsed(sd_event_source *source, uint64_t usec, void *user)
{
	struct link *link = user;

	link_stop_dial(link);
	dial(link);
	return 0;
}

static int set_timer(struct link *link, usec_t delay, usec_t accuracy)
{
	return sd_event_add_time_relative(link->daemon->event, &link->timer, CLOCK_BOOTTIME, delay,
		accuracy, timer_elapsed, link);
}

/* Nothing came of this dial, or the call is over. */
static void dial_over(struct link *link)
{
	usec_t delay;

	free(link->addrs);
	link->addrs = NULL;
	link->addrs_len = link->addr_next = 0;
	link->state = LINK_DOWN;
	if (link->owner.config && may_redial(link)) {
		delay = redial_delay(link);
		link->attempts++;
		link->state = LINK_WAITING;
		log_info("%s: next try in %.1f s", link->owner.name, (double)delay / USEC_PER_SEC);
		if (set_timer(link, delay, USEC_PER_SEC / 10) < 0)
			link->state = LINK_DOWN;
	}
	if (link->state == LINK_DOWN)
		link->wanted = false;
	link_news(link, &link->failed_news, NEWS_LINK_FAILED);
}

static void dial_failed(struct link *link, const char *text)
{
	set_last_down(link, text);
	log_error("%s: %s", link->owner.name, text);
	dial_next(link);
}

static void dial_addr(struct link *link, const struct l2tp_addr *peer)
{
	const struct config_link *config = link->owner.config;
	struct daemon *d = link->daemon;
	struct l2tp_call_params params;
	char addr[L2TP_ADDR_STRLEN];
	struct conn *conn;
	struct why why;
	bool opened;
	int r;

	link->state = LINK_DIALLING;
	r = conn_get(d, config, link->owner.id, peer, &conn, &opened, &why);
	if (r == 0 && opened)
		log_info("%s: dialling %s", link->owner.name, l2tp_addr_format(peer, addr));
	call_params(&link->owner, &params);
	if (r == 0)
		r = call_place(d, &link->owner, conn, &params, &link->call, &why);
	link->dial_error = r;
	if (r < 0) {
		dial_failed(link, why.text);
		return;
	}
	kinds_choose(link->call);
}

/* The next address of the peer, or give up for now. */
static void dial_next(struct link *link)
{
	if (link->addr_next < link->addrs_len && link->owner.config && !link->daemon->stopping) {
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
	struct why why;
	int r = resolve_result(link->resolve, &link->addrs, &link->addrs_len, &problem);

	if (r == -EAGAIN)
		return 0;
	link_stop_dial(link);
	link->addr_next = 0;
	if (r == 0 && link->addrs_len > 0) {
		dial_next(link);
		return 0;
	}
	link->dial_error = -EHOSTUNREACH;
	why_not(&why, 0,
		"the peer's name \"%s\" cannot be resolved: %s. Check \"peer\" and the name "
		"servers of this machine",
		link->owner.config->peer.host,
		problem ? problem
		: r < 0 ? strerror(-r)
			: "it has no address");
	dial_failed(link, why.text);
	return 0;
}

static int use_address(struct link *link, const struct l2tp_addr *addr, uint16_t port)
{
	link->addrs = calloc(1, sizeof(*link->addrs));
	if (!link->addrs)
		return -ENOMEM;
	link->addrs[0] = *addr;
	l2tp_addr_set_port(&link->addrs[0], port);
	link->addrs_len = 1;
	link->addr_next = 0;
	return 0;
}

static int resolve(struct link *link, const char *host, uint16_t port)
{
	int r = resolve_start(host, port, &link->resolve);

	if (r < 0)
		return r;
	link->state = LINK_RESOLVING;
	return sd_event_add_io(link->daemon->event, &link->resolve_io, resolve_fd(link->resolve),
		EPOLLIN, resolved, link);
}

/* One dial, from name to call. */
static void dial(struct link *link)
{
	const struct config_endpoint *peer = &link->owner.config->peer;
	uint16_t port = peer->port ? peer->port : L2TP_PORT;
	int r;

	link->state = LINK_DIALLING;
	link->dial_error = 0;
	if (!kernel_ready(link->daemon)) {
		link->dial_error = -EPROTONOSUPPORT;
		dial_failed(link, link->daemon->kernel->problem);
		return;
	}
	if (peer->addr.sa.sa_family == AF_UNSPEC) {
		r = resolve(link, peer->host, port);
		if (r >= 0)
			return;
	} else {
		r = use_address(link, &peer->addr, port);
	}
	if (r < 0) {
		link_stop_dial(link);
		dial_failed(link, strerror(-r));
		return;
	}
	dial_next(link);
}

/* --- orders --- */

int dial_open(struct link *link, struct why *why)
{
	int r;

	if (!link->owner.config->originate)
		return why_not(why, -EPERM,
			"link %s does not place calls: \"originate\" is not enabled",
			link->owner.name);
	if (link->daemon->stopping)
		return why_not(why, -ESHUTDOWN, "the daemon is stopping");
	switch (link->state) {
	case LINK_CLOSING:
		return why_not(why, -EBUSY, "link %s is being closed; try again in a moment",
			link->owner.name);
	case LINK_QUEUED:
	case LINK_RESOLVING:
	case LINK_DIALLING:
	case LINK_UP:
		link->wanted = true;
		return 0;
	case LINK_DOWN:
	case LINK_WAITING: /* a person wants it now */
		break;
	}
	link_stop_dial(link);
	r = set_timer(link, 0, 1);
	if (r < 0)
		return why_not(why, r, "%s", strerror(-r));
	link->wanted = true;
	link->attempts = 0;
	link->state = LINK_QUEUED;
	return 0;
}

void dial_close(struct link *link, const char *why)
{
	struct call *call, *next;

	link->wanted = false;
	link_stop_dial(link);
	if (!link->call && link->state != LINK_DOWN) {
		link->addr_next = link->addrs_len;
		set_last_down(link, why);
		dial_over(link);
	}
	for (call = LIST_FIRST(&link->owner.calls); call; call = next) {
		next = LIST_NEXT(call, of_owner);
		if (call == link->call)
			link->state = LINK_CLOSING;
		call_close(call, why);
	}
}

/* --- news --- */

static void call_up(struct link *link, struct call *call)
{
	if (link->call != call)
		return;
	link->state = LINK_UP;
	link->attempts = 0;
	link_news(link, &link->up_news, NEWS_LINK_UP);
}

static void call_ended(struct link *link, struct call *call)
{
	bool was_up = link->state == LINK_UP;

	outcome_keep(&link->last_down, call->end);
	if (link->call == call) {
		link->call = NULL;
		/* before it was up: the peer's next address, but where that would be told the same
		 */
		if (was_up || !link->wanted || call->login_failed)
			link->addr_next = link->addrs_len;
		dial_next(link);
	}
	link_settle(link);
}

/* One that waits may reach its peer now; a call that is up follows. */
static void network_changed(struct daemon *d)
{
	struct link *link;

	TAILQ_FOREACH (link, &d->links->list, entry) {
		if (link->state == LINK_UP)
			call_network_changed(link->call);
		if (link->state != LINK_WAITING || daemon_now(d) - link->hurried < HURRY_PAUSE)
			continue;
		link->hurried = daemon_now(d);
		log_info("%s: the network changed: trying again now", link->owner.name);
		link_stop_dial(link);
		if (set_timer(link, 0, 1) == 0)
			link->state = LINK_QUEUED;
	}
}

void dial_read_news(struct daemon *d, const struct news *news)
{
	if (news->type == NEWS_CALL_UP)
		call_up(link_of(news->call), news->call);
	else if (news->type == NEWS_CALL_ENDED)
		call_ended(link_of(news->call), news->call);
	else if (news->type == NEWS_NETWORK)
		network_changed(d);
}
