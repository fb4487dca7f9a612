/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "self.h"

#include <errno.h>
#include <string.h>

#include "daemon/netaddrs.h"

int self_address(const struct daemon *d, const struct config_link *link, int family,
	struct l2tp_addr *ret, struct why *why)
{
	const struct config_endpoint *self = &link->self;
	int r;

	if (!*self->host) {
		*ret = (struct l2tp_addr){ 0 };
		return 0;
	}
	if (self->addr.sa.sa_family != AF_UNSPEC) {
		if (self->addr.sa.sa_family != family)
			return why_not(why, -EAFNOSUPPORT,
				"\"self\" of link %s is not of the family of the peer's address",
				link->name);
		*ret = self->addr;
		return 0;
	}
	r = netaddrs_find(d, self->host, family, ret);
	if (r == -EAFNOSUPPORT)
		return why_not(why, r,
			"\"self\" of link %s: no address of the peer's family on interface \"%s\"",
			link->name, self->host);
	if (r < 0)
		return why_not(why, r,
			"\"self\" of link %s: there is no interface \"%s\" with an address",
			link->name, self->host);
	return 0;
}
