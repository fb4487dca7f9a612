/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ppp_end.h"

#include <stdio.h>

#include "base/reasons.h"
#include "linux/pppd.h"
#include "profile.h"

/* RFC 3145 2: where the cause lies, seen by the sender */
#define CAUSE_GLOBAL   0
#define CAUSE_AT_PEER  1
#define CAUSE_AT_LOCAL 2

#define PPP_PROTO_LCP  0xc021

static void set_cause(
	struct l2tp_reason *reason, enum l2tp_ppp_cause cause, uint16_t protocol, uint8_t direction)
{
	reason->ppp_cause = (uint16_t)cause;
	reason->ppp_cause_protocol = protocol;
	reason->ppp_cause_direction = direction;
}

/* By pppd(8) EXIT STATUS. */
static void ppp_cause(const struct ppp *ppp, struct l2tp_reason *reason)
{
	switch (ppp->status) {
	case PPPD_EXIT_NEGOTIATION:
		if (ppp->layer == PPP_NCP)
			set_cause(reason, L2TP_PPP_CAUSE_NCP_TIMEOUT, 0, CAUSE_GLOBAL);
		else
			set_cause(reason, L2TP_PPP_CAUSE_LCP_TIMEOUT, PPP_PROTO_LCP, CAUSE_GLOBAL);
		break;
	case PPPD_EXIT_PEER_AUTH:
		set_cause(reason, L2TP_PPP_CAUSE_AUTH_FAILED, 0, CAUSE_AT_PEER);
		break;
	case PPPD_EXIT_OWN_AUTH:
		set_cause(reason, L2TP_PPP_CAUSE_AUTH_FAILED, 0, CAUSE_AT_LOCAL);
		break;
	case PPPD_EXIT_PEER_DEAD:
		set_cause(reason, L2TP_PPP_CAUSE_ECHO_TIMEOUT, PPP_PROTO_LCP, CAUSE_AT_PEER);
		break;
	case PPPD_EXIT_LOOPBACK:
		set_cause(reason, L2TP_PPP_CAUSE_LOOPBACK, PPP_PROTO_LCP, CAUSE_GLOBAL);
		break;
	case PPPD_EXIT_IDLE:
	case PPPD_EXIT_CONNECT_TIME:
	case PPPD_EXIT_TRAFFIC:
		set_cause(reason, L2TP_PPP_CAUSE_ADMIN, 0, CAUSE_GLOBAL);
		break;
	default:
		if (ppp->closed_by_peer)
			set_cause(reason, L2TP_PPP_CAUSE_NORMAL, PPP_PROTO_LCP, CAUSE_AT_PEER);
		break;
	}
}

void ppp_end_reason(const struct ppp *ppp, struct l2tp_reason *ret)
{
	const char *name;

	*ret = (struct l2tp_reason){ .who = L2TP_WHO_LOCAL, .result = L2TP_CDN_LOST_CARRIER };
	ppp_cause(ppp, ret);
	if (ppp->auth_failed_here || ppp->auth_failed_there)
		ret->result = L2TP_CDN_ADMIN;
	if (ppp->refusal) {
		ret->result = L2TP_CDN_NO_FACILITY_TEMP;
		snprintf(ret->text, sizeof(ret->text), "%s", ppp->refusal);
		return;
	}
	name = reasons_pppd((unsigned)ppp->status);
	snprintf(ret->text, sizeof(ret->text), "PPP: %s", name ? name : "unknown exit status");
}

void ppp_end_explain(struct call *call)
{
	struct ppp *ppp = call->attached;
	const struct config_ppp *profile = profile_of(call->daemon, call->owner->config);
	const char *colon = *ppp->said ? ": " : "";

	call->login_failed = ppp->auth_failed_there || ppp->auth_failed_here;
	if (ppp->auth_failed_there)
		call_say(call,
			"the peer refused the login as \"%s\"%s%s. Check user and password of "
			"[ppp %s]",
			call->user, colon, ppp->said, profile ? profile->name : "");
	else if (ppp->auth_failed_here)
		call_say(call, "the peer failed to log in%s%s", colon, ppp->said);
	else if (*ppp->said)
		call_say(call, "%s", ppp->said);
	else if (ppp->status == PPPD_EXIT_OPTIONS && *ppp->complaint)
		call_say(call, "pppd refuses its options: %s. Look at [ppp %s]", ppp->complaint,
			profile ? profile->name : "");
	else if (ppp->mppe_required && !ppp->encrypted && !call->has_reason &&
		 ppp->status == PPPD_EXIT_NEGOTIATION && *ppp->words)
		call_say(call, "no encryption, and mppe = required: %s%s%s", ppp->words,
			*ppp->farewell ? "; " : "", ppp->farewell);
	else if (*ppp->farewell && !call->has_reason)
		call_say(call, "PPP ended: %s", ppp->farewell);
}
