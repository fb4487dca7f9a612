/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "listen.h"

#include <errno.h>

#include "daemon/conn/listener.h"
#include "daemon/conn/self.h"
#include "link.h"

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

static int want_family(struct daemon *d, const struct config_link *config, int family)
{
	struct l2tp_addr self;
	struct why why;
	int r = self_address(config, family, &self, &why);

	if (r == -EAFNOSUPPORT) /* self is an address of the other family */
		return 0;
	if (r < 0) {
		log_error("%s", why.text);
		return r;
	}
	if (self.sa.sa_family == AF_UNSPEC)
		self.sa.sa_family = (sa_family_t)family;
	l2tp_addr_set_port(&self, config->self.port ? config->self.port : L2TP_PORT);
	if (listener_keep(d, &self))
		return 0;
	r = listener_open(d, &self, tunnels_hold_port(d, &self));
	/* a kernel without IPv6 */
	return r == -EAFNOSUPPORT && family == AF_INET6 ? 0 : r;
}

int listen_update(struct daemon *d)
{
	static const int families[] = { AF_INET, AF_INET6 };
	struct link *link;
	int r = 0;

	listeners_begin(d);
	TAILQ_FOREACH (link, &d->links->list, entry) {
		const struct config_link *config = link->owner.config;

		for (size_t i = 0; i < 2 && config && config->incoming; i++) {
			int q = want_family(d, config, families[i]);

			if (q < 0 && r == 0)
				r = q;
		}
	}
	listeners_end(d);
	return r;
}
