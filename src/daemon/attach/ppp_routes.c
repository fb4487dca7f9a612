/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ppp_routes.h"

#include <string.h>

#include "linux/ifaddr.h"
#include "linux/route_table.h"
#include "config/option_net.h"
#include "ppp_options.h"
#include "profile.h"

static void add_default(struct call *call, int family)
{
	int r = route_default_add(call->ip.ifindex, family);

	if (r < 0)
		log_error("%s: default route through %s: %s", call->owner->name, call->ip.ifname,
			strerror(-r));
}

void ppp_routes_default(struct call *call, int family)
{
	const struct config_ppp *profile = profile_of(call->daemon, call->owner->config);
	struct ppp *ppp = call->attached;
	bool *have = family == AF_INET ? &ppp->default4 : &ppp->default6;

	if (!profile || !profile->defaultroute || *have)
		return;
	*have = true;
	add_default(call, family);
}

void ppp_routes_nets(const struct call *call, int family)
{
	const struct config_link *link = call->owner->config;
	struct l2tp_addr net;
	unsigned width;
	int r;

	for (size_t i = 0; call_is_the_one(call) && i < link->routes.len; i++) {
		/* the option has only good ones */
		if (option_net(link->routes.word[i], &net, &width) < 0 ||
			net.sa.sa_family != family)
			continue;
		r = route_add(call->ip.ifindex, &net, width);
		if (r < 0)
			call_log(call, LOG_ERR, "route to %s through %s: %s", link->routes.word[i],
				call->ip.ifname, strerror(-r));
	}
}

void ppp_routes_restore(struct call *call)
{
	const struct ppp *ppp = call->attached;
	struct route_table *table;

	if ((!ppp->default4 && !ppp->default6) || route_table_read(&table) < 0)
		return;
	if (ppp->default4 && !route_table_has_default(table, call->ip.ifindex, AF_INET))
		add_default(call, AF_INET);
	if (ppp->default6 && !route_table_has_default(table, call->ip.ifindex, AF_INET6))
		add_default(call, AF_INET6);
	route_table_free(table);
}

void ppp_routes_follow_mtu(struct call *call)
{
	const struct config_ppp *profile = profile_of(call->daemon, call->owner->config);
	const struct ppp *ppp = call->attached;
	unsigned mtu;
	int r;

	if (!profile || profile->mtu || !ppp->mtu)
		return;
	mtu = ppp_options_mtu(call);
	if (mtu > ppp->mtu)
		mtu = ppp->mtu; /* the peer takes no more */
	if (mtu == call->ip.mtu)
		return;
	r = ifaddr_set_mtu(call->ip.ifname, mtu);
	if (r < 0)
		log_warning("%s: MTU of %s: %s", call->owner->name, call->ip.ifname, strerror(-r));
	else
		log_info("%s: MTU of %s is %u now, as the path wants", call->owner->name,
			call->ip.ifname, mtu);
	call->ip.mtu = mtu;
}
