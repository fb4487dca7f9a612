/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "progress.h"

#include <stdio.h>

#include "daemon/attach/ppp.h"

static void of_ppp(const struct call *call, char ret[static PROGRESS_LEN])
{
	const struct ppp *ppp = call->attachment == &attachment_ppp ? call->attached : NULL;

	ret[0] = '\0';
	if (!ppp)
		return;
	if (ppp->turn == PPP_WAITS) {
		snprintf(ret, PROGRESS_LEN, "waiting for its turn to start pppd");
		return;
	}
	switch (ppp->layer) {
	case PPP_LCP:
		snprintf(ret, PROGRESS_LEN, "the call is up; agreeing on PPP");
		break;
	case PPP_AUTH:
		snprintf(
			ret, PROGRESS_LEN, "logging in%s%s", *call->user ? " as " : "", call->user);
		break;
	case PPP_NCP:
		snprintf(ret, PROGRESS_LEN, "getting an address");
		break;
	}
}

/* The tunnel first, then the call in it. */
static void of_call(const struct call *call, char ret[static PROGRESS_LEN])
{
	struct l2tp_tunnel_info info;
	char peer[L2TP_ADDR_STRLEN];

	if (call->state == CALL_PPP) {
		of_ppp(call, ret);
		return;
	}
	if (!l2tp_core_tunnel_info(call->daemon->core, call->tid, &info))
		return;
	l2tp_addr_format(&call->conn->path.peer, peer);
	if (info.state == L2TP_TUNNEL_ESTABLISHED)
		snprintf(ret, PROGRESS_LEN, "placing the call at %s", peer);
	else if (info.state == L2TP_TUNNEL_WAIT_CTL_REPLY && call->owner->config)
		snprintf(ret, PROGRESS_LEN, "asking %s for a tunnel: try %u of %u", peer,
			(unsigned)info.retransmits + 1, call->owner->config->retransmits + 1);
	else
		snprintf(ret, PROGRESS_LEN, "opening a tunnel to %s", peer);
}

static void of_pause(const struct link *link, char ret[static PROGRESS_LEN])
{
	usec_t now = daemon_now(link->daemon);
	uint64_t when = 0;

	if (sd_event_source_get_time(link->timer, &when) >= 0 && when > now)
		snprintf(ret, PROGRESS_LEN, "next try in %u s",
			(unsigned)((when - now + USEC_PER_SEC - 1) / USEC_PER_SEC));
}

void progress_of(const struct link *link, char ret[static PROGRESS_LEN])
{
	ret[0] = '\0';
	switch (link->state) {
	case LINK_QUEUED:
	case LINK_RESOLVING:
		snprintf(ret, PROGRESS_LEN, "resolving %s", link->owner.config->peer.host);
		break;
	case LINK_DIALLING:
		if (link->call)
			of_call(link->call, ret);
		break;
	case LINK_WAITING:
		of_pause(link, ret);
		break;
	case LINK_DOWN:
	case LINK_UP:
	case LINK_CLOSING:
		break;
	}
}
