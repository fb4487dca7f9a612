/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ppp_options.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "daemon/call/path.h"
#include "linux/udp.h"
#include "ppp_address.h"

/* IP + UDP + L2TP + address and control (FF 03, always sent by Linux) + PPP protocol */
#define OVERHEAD_V4	(20 + 8 + 6 + 2 + 2)
#define OVERHEAD_V6	(40 + 8 + 6 + 2 + 2)
#define OVERHEAD_SEQ	4
#define OVERHEAD_LENGTH 2
#define MTU_FALLBACK	1400
#define MTU_MIN		576
#define MTU_MAX		1500 /* PPP's default MRU: nobody has to accept more */

unsigned ppp_options_mtu(const struct call *call)
{
	int path = udp_path_mtu(call->conn->fd);
	int overhead = call->conn->path.peer.sa.sa_family == AF_INET6 ? OVERHEAD_V6 : OVERHEAD_V4;

	if (path < 0)
		return MTU_FALLBACK;
	/* a peer may turn sequencing on at any time, so its bytes are always left free */
	path -= overhead + OVERHEAD_SEQ + (call->path->length ? OVERHEAD_LENGTH : 0);
	if (path < MTU_MIN)
		return MTU_MIN;
	return path > MTU_MAX ? MTU_MAX : (unsigned)path;
}

static void options_link(
	struct pppd_options *o, const struct call *call, const struct config_ppp *ppp)
{
	unsigned mtu = ppp_options_mtu(call);

	pppd_options_add(o, "nodetach");
	if (ppp->proxyarp)
		pppd_options_add(o, "proxyarp");
	pppd_options_add(o, "nopcomp");
	pppd_options_add(o, "noaccomp");
	/* no compression, unless a line of the user's says otherwise */
	pppd_options_add(o, "nobsdcomp");
	pppd_options_add(o, "nodeflate");
	pppd_options_add(o, "novj");
	pppd_options_add(o, "nopersist");
	pppd_options_add(o, "maxfail 1");
	pppd_options_add(o, "default-asyncmap");
	pppd_options_add(o, "lcp-max-terminate 1"); /* CDN follows: no need to ask twice */
	pppd_options_addf(o, "mtu %u", ppp->mtu ? ppp->mtu : mtu);
	pppd_options_addf(o, "mru %u", ppp->mru ? ppp->mru : mtu);
	pppd_options_addf(o, "lcp-echo-interval %u", ppp->echo_interval);
	pppd_options_addf(o, "lcp-echo-failure %u", ppp->echo_failure);
	pppd_options_add(o, ppp->ipv6 ? "+ipv6" : "noipv6");
	pppd_options_add_value(o, "ipparam", call->owner->name);
	if (call_is_the_one(call) && *call->owner->config->ifname)
		pppd_options_add_value(o, "ifname", call->owner->config->ifname);
	if (call->daemon->config->daemon.pppd_debug)
		pppd_options_add(o, "debug");
}

/* Identity for ip-up and ip-down scripts; option "set NAME=VALUE". */
static void options_script_env(struct pppd_options *o, const struct call *call)
{
	char host[L2TP_ADDR_STRLEN], value[600];
	struct l2tp_session_info info = { 0 };

	snprintf(value, sizeof(value), "L2TP_PEER=%s",
		l2tp_addr_format_host(&call->conn->path.peer, host));
	pppd_options_add_value(o, "set", value);
	snprintf(value, sizeof(value), "L2TP_LINK=%s", call->owner->name);
	pppd_options_add_value(o, "set", value);
	snprintf(value, sizeof(value), "L2TP_SESSION=%u", call->sid);
	pppd_options_add_value(o, "set", value);
	if (call->daemon->core)
		l2tp_core_session_info(call->daemon->core, call->tid, call->sid, &info);
	if (!info.calling || !info.called)
		info.calling = info.called = "";
	/* RADIUS's Calling-Station-Id (RFC 2865 5.31) */
	pppd_options_add_value(o, "remotenumber",
		*info.calling ? info.calling : l2tp_addr_format_host(&call->conn->path.peer, host));
	if (*info.calling) {
		snprintf(value, sizeof(value), "CALLING_NUMBER=%s", info.calling);
		pppd_options_add_value(o, "set", value);
	}
	if (*info.called) {
		snprintf(value, sizeof(value), "CALLED_NUMBER=%s", info.called);
		pppd_options_add_value(o, "set", value);
	}
}

bool ppp_options_allow_login(const struct config_ppp *ppp, const char *method)
{
	for (size_t i = 0; *ppp->user && i < ppp->auth.len; i++)
		if (strcmp(ppp->auth.word[i], method) == 0)
			return true;
	return false;
}

/* Whoever answers us may ask for any login: what is not allowed is refused, MS-CHAPv1 always. */
static void options_refuse(struct pppd_options *o, const struct config_ppp *ppp)
{
	if (!ppp_options_allow_login(ppp, "pap"))
		pppd_options_add(o, "refuse-pap");
	if (!ppp_options_allow_login(ppp, "chap-md5"))
		pppd_options_add(o, "refuse-chap");
	pppd_options_add(o, "refuse-mschap");
	if (!ppp_options_allow_login(ppp, "mschapv2"))
		pppd_options_add(o, "refuse-mschap-v2");
	if (!ppp->eap || !*ppp->user)
		pppd_options_add(o, "refuse-eap");
}

static void options_auth(
	struct pppd_options *o, const struct call *call, const struct config_ppp *ppp)
{
	static const char *const require[] = {
		[REQUIRE_NONE] = "noauth",
		[REQUIRE_PAP] = "require-pap",
		[REQUIRE_CHAP_MD5] = "require-chap",
		[REQUIRE_MSCHAPV2] = "require-mschap-v2",
	};

	if (ppp->require != REQUIRE_NONE)
		pppd_options_add(o, "auth");
	pppd_options_add(o, require[ppp->require]);
	if (*ppp->auth_name)
		pppd_options_add_value(o, "name", ppp->auth_name);
	else
		pppd_options_add_value(o, "name",
			call->owner->config && *call->owner->config->hostname
				? call->owner->config->hostname
				: call->daemon->hostname);
	if (ppp->require != REQUIRE_NONE && *ppp->users)
		pppd_options_add(o, "l2tpd-auth-peer");
	if (*ppp->user) {
		pppd_options_add_value(o, "user", ppp->user);
		pppd_options_add(o, "l2tpd-own-secret");
	}
	options_refuse(o, ppp);
	if (ppp->mppe != MPPE_NO)
		pppd_options_add(o, "require-mppe-128");
	if (ppp->mppe == MPPE_REQUIRED)
		pppd_options_add(o, "l2tpd-require-mppe");
}

static void options_addresses(
	struct pppd_options *o, const struct call *call, const struct config_ppp *ppp)
{
	char local[INET_ADDRSTRLEN] = "", dns[INET_ADDRSTRLEN];

	if (ppp->address.sa.sa_family == AF_INET)
		inet_ntop(AF_INET, &ppp->address.in.sin_addr, local, sizeof(local));
	pppd_options_add(o, "noipdefault");
	if (*local)
		pppd_options_addf(o, "%s:", local);
	else
		pppd_options_add(o, "ipcp-accept-local");
	if (ppp_address_is_ours(call, ppp))
		pppd_options_add(o, "l2tpd-ask-address");
	else
		pppd_options_add(o, "ipcp-accept-remote");
	for (size_t i = 0; i < 2; i++) {
		if (ppp->dns[i].sa.sa_family != AF_INET)
			continue;
		inet_ntop(AF_INET, &ppp->dns[i].in.sin_addr, dns, sizeof(dns));
		pppd_options_addf(o, "ms-dns %s", dns);
	}
	if (ppp->usepeerdns)
		pppd_options_add(o, "usepeerdns");
}

/* What pppd loads before it reads anything else: as one that is ready-made has done already. */
void ppp_options_plugins(
	struct pppd_options *o, const struct config *config, const struct config_ppp *ppp)
{
	pppd_options_add(o, "plugin pppol2tp.so");
	pppd_options_add_value(o, "plugin", config->daemon.pppd_plugin);
	for (size_t i = 0; i < ppp->option_len; i++)
		if (strncmp(ppp->option[i], "plugin ", strlen("plugin ")) == 0)
			pppd_options_add(o, ppp->option[i]);
}

int ppp_options_build(struct pppd_options *o, const struct call *call, const struct config_ppp *ppp)
{
	options_link(o, call, ppp);
	pppd_options_add(o, "plugin pppol2tp.so");
	pppd_options_add_value(o, "plugin", call->daemon->config->daemon.pppd_plugin);
	options_auth(o, call, ppp);
	options_addresses(o, call, ppp);
	options_script_env(o, call);
	for (size_t i = 0; i < ppp->option_len; i++)
		pppd_options_add(o, ppp->option[i]);
	return o->error;
}
