/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "listen.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/conn/listener.h"
#include "daemon/conn/self.h"
#include "link.h"

#define LOOK_AGAIN (10 * USEC_PER_SEC)

/* Tunnels that came through a listener which a reload closed have its port still. */
static bool tunnels_hold_port(const struct daemon *d, const struct l2tp_addr *self)
{
	struct conn *conn, *tmp;

	HASH_ITER (hh, d->conns->by_tid, conn, tmp)
		if (conn->fd >= 0 && conn->path.local.sa.sa_family == self->sa.sa_family &&
			l2tp_addr_port(&conn->path.local) == l2tp_addr_port(self))
			return true;
	return false;
}

/* The address of a family that the link wants; false: none, or not now (*ret_error, why). */
static bool wanted_address(struct daemon *d, const struct config_link *config, int family,
	struct l2tp_addr *ret, int *ret_error, struct why *why)
{
	int r = self_address(d, config, family, ret, why);

	if (r < 0) {
		*ret_error = r;
		return false;
	}
	if (ret->sa.sa_family == AF_UNSPEC)
		ret->sa.sa_family = (sa_family_t)family;
	l2tp_addr_set_port(ret, config->self.port ? config->self.port : L2TP_PORT);
	return true;
}

static int want_listener(struct daemon *d, const struct l2tp_addr *self, struct why *why)
{
	int r;

	if (listener_keep(d, self))
		return 0;
	r = listener_open(d, self, tunnels_hold_port(d, self), why);
	/* a kernel without IPv6 */
	return r == -EAFNOSUPPORT && self->sa.sa_family == AF_INET6 ? 0 : r;
}

/* "self" may have addresses of one family or of both: one is enough. */
static int want_link(struct daemon *d, const struct config_link *config, struct why *why)
{
	static const int families[] = { AF_INET, AF_INET6 };
	int error = 0, none = 0;

	for (size_t i = 0; i < 2; i++) {
		struct l2tp_addr self;
		struct why other;
		int r = 0;

		if (wanted_address(d, config, families[i], &self, &r, &other))
			r = want_listener(d, &self, error ? &other : why);
		else
			none++;
		if (r < 0 && r != -EAFNOSUPPORT && error == 0)
			error = r;
	}
	if (none < 2)
		return error;
	return why_not(why, -EADDRNOTAVAIL, "no address on %s", config->self.host);
}

/* Said once, until it changes. */
static void set_waiting(struct link *link, const char *text)
{
	if (text && (!link->waiting || strcmp(link->waiting, text) != 0))
		log_warning("%s: takes no calls yet: %s", link->owner.name, text);
	else if (!text && link->waiting)
		log_notice("%s: takes calls now", link->owner.name);
	if (text && link->waiting && strcmp(link->waiting, text) == 0)
		return;
	free(link->waiting);
	link->waiting = text ? strdup(text) : NULL;
}

static int update_link(struct daemon *d, struct link *link)
{
	struct why why;
	int r = want_link(d, link->owner.config, &why);

	set_waiting(link, r < 0 ? why.text : NULL);
	return r;
}

static int look_again(sd_event_source *source, uint64_t usec, void *user)
{
	listen_update(user);
	return 0;
}

/* For a port that another program has; addresses are told by rtnetlink. */
static void arm_timer(struct daemon *d)
{
	struct links *links = d->links;

	links->listen_timer = sd_event_source_disable_unref(links->listen_timer);
	sd_event_add_time_relative(d->event, &links->listen_timer, CLOCK_BOOTTIME, LOOK_AGAIN,
		USEC_PER_SEC, look_again, d);
}

static bool listens(const struct link *link)
{
	return link->owner.config && link->owner.config->incoming;
}

int listen_update(struct daemon *d)
{
	struct link *link;
	int r = 0;

	listeners_begin(d);
	/* those on any address first: they cover the others of their port */
	for (int any = 1; any >= 0; any--) {
		TAILQ_FOREACH (link, &d->links->list, entry) {
			int q;

			if (!listens(link)) {
				set_waiting(link, NULL);
				continue;
			}
			if (any != (*link->owner.config->self.host == '\0'))
				continue;
			q = update_link(d, link);
			if (q < 0 && r == 0)
				r = q;
		}
	}
	listeners_end(d);
	if (r < 0)
		arm_timer(d);
	return r;
}

void listen_read_news(struct daemon *d, const struct news *news)
{
	if (news->type == NEWS_NETWORK && !d->stopping)
		listen_update(d);
}
