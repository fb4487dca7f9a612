/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "target_addr.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "linux/resolve.h"

/* What a name resolved to is good for so long. */
#define RESOLVED_LIFE (60 * USEC_PER_SEC)

static int resolved(sd_event_source *source, int fd, uint32_t revents, void *user)
{
	struct target *target = user;
	struct l2tp_addr *addrs = NULL;
	const char *problem = NULL;
	size_t len = 0;
	int r = resolve_result(target->resolve, &addrs, &len, &problem);

	if (r == -EAGAIN)
		return 0;
	target->resolve_io = sd_event_source_disable_unref(target->resolve_io);
	resolve_free(target->resolve);
	target->resolve = NULL;
	if (r == 0 && len > 0) {
		free(target->addrs);
		target->addrs = addrs;
		target->addrs_len = len;
		target->addr_next = 0;
		target->resolved = daemon_now(target->forward->daemon);
	} else {
		log_warning("forward %s: the peer's name of link %s cannot be resolved: %s",
			target->forward->name, target->link,
			problem ? problem
			: r < 0 ? strerror(-r)
				: "it has no address");
	}
	target->found(target);
	return 0;
}

static int use_address(struct target *target, const struct l2tp_addr *addr, uint16_t port)
{
	struct l2tp_addr *addrs = calloc(1, sizeof(*addrs));

	if (!addrs)
		return -ENOMEM;
	*addrs = *addr;
	l2tp_addr_set_port(addrs, port);
	free(target->addrs);
	target->addrs = addrs;
	target->addrs_len = 1;
	target->addr_next = 0;
	return 0;
}

int target_find_addr(struct target *target, const struct config_endpoint *peer,
	void (*found)(struct target *target))
{
	struct daemon *d = target->forward->daemon;
	uint16_t port = peer->port ? peer->port : L2TP_PORT;
	int r;

	target->found = found;
	if (peer->addr.sa.sa_family != AF_UNSPEC)
		return use_address(target, &peer->addr, port);
	if (target->resolve)
		return 1;
	if (target->resolved && daemon_now(d) - target->resolved < RESOLVED_LIFE)
		return 0;
	r = resolve_start(peer->host, port, &target->resolve);
	if (r < 0)
		return r;
	r = sd_event_add_io(d->event, &target->resolve_io, resolve_fd(target->resolve), EPOLLIN,
		resolved, target);
	if (r < 0) {
		resolve_free(target->resolve);
		target->resolve = NULL;
		return r;
	}
	return 1;
}
