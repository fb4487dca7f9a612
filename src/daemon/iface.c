/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iface.h"

#include <stdlib.h>

#include "base/log.h"
#include "daemon.h"

struct iface {
	UT_hash_handle hh;
	int ifindex; /* key */
	struct call *call;
};

static struct iface *iface_find(const struct daemon *d, int ifindex)
{
	struct iface *iface;

	HASH_FIND_INT(d->ifaces, &ifindex, iface);
	return iface;
}

void iface_claim(struct daemon *d, int ifindex, struct call *call)
{
	struct iface *iface = iface_find(d, ifindex);

	if (!ifindex)
		return;
	if (!iface) {
		iface = calloc(1, sizeof(*iface));
		if (!iface) {
			log_error("out of memory: interface %d is not watched", ifindex);
			return;
		}
		iface->ifindex = ifindex;
		HASH_ADD_INT(d->ifaces, ifindex, iface);
		if (!iface->hh.tbl) {
			log_error("out of memory: interface %d is not watched", ifindex);
			free(iface);
			return;
		}
	}
	iface->call = call;
}

void iface_release(struct daemon *d, int ifindex, const struct call *call)
{
	struct iface *iface = iface_find(d, ifindex);

	if (!iface || iface->call != call)
		return;
	HASH_DEL(d->ifaces, iface);
	free(iface);
}

struct call *iface_call(const struct daemon *d, int ifindex)
{
	struct iface *iface = ifindex ? iface_find(d, ifindex) : NULL;

	return iface ? iface->call : NULL;
}
