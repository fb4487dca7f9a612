/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ppp_end.h"

#include <stdio.h>
#include <string.h>

#include <l2tpd/plugin.h>

#include "base/reasons.h"
#include "linux/pppd.h"
#include "ppp_options.h"
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
	if (ppp->status == PPPD_EXIT_PEER_AUTH) {
		/* for the one who called; of users and passwords it tells nothing */
		snprintf(ret->text, sizeof(ret->text),
			*ppp->said && strcmp(ppp->said, PLUGIN_NO_LOGIN) != 0
				? "the login was refused"
				: "a login is needed, and there was none");
		return;
	}
	name = reasons_pppd((unsigned)ppp->status);
	snprintf(ret->text, sizeof(ret->text), "PPP: %s", name ? name : "unknown exit status");
}

/* The server wants a login that we do not do: it ends the call, but the cause is here. */
static void say_no_login(struct ppp *ppp, const struct config_ppp *profile)
{
	if (!*profile->user)
		call_say(ppp->call,
			"the server asks for a login (%s), and [ppp %s] has no user. Set user and "
			"password",
			ppp->login, profile->name);
	else if (strcmp(ppp->login, "EAP") == 0 && !profile->eap)
		call_say(ppp->call,
			"the server asks for a login by EAP, and [ppp %s] has eap = no. Set eap = "
			"yes",
			profile->name);
	else if (strcmp(ppp->login, "PAP") == 0 && !ppp_options_allow_login(profile, "pap"))
		call_say(ppp->call,
			"the server asks for a login by PAP, which sends the password in clear, "
			"and [ppp %s] does not allow that. If you trust the server and the way "
			"to it, set auth = mschapv2 chap-md5 pap",
			profile->name);
	else
		call_say(ppp->call,
			"the server asks for a login by %s, which [ppp %s] refuses. Look at its "
			"auth and option lines",
			ppp->login, profile->name);
	ppp->call->login_failed = true;
}

void ppp_end_explain(struct call *call)
{
	struct ppp *ppp = call->attached;
	const struct config_ppp *profile = profile_of(call->daemon, call->owner->config);
	const char *colon = *ppp->said ? ": " : "";

	call->login_failed = ppp->auth_failed_there || ppp->auth_failed_here;
	if (ppp->auth_failed_there && strncmp(ppp->said, "no password: ", 13) == 0)
		/* the plugin's, not the peer's: it is this side that has none */
		call_say(call, "%s. Check password and password-file of [ppp %s]", ppp->said,
			profile ? profile->name : "");
	else if (ppp->auth_failed_there)
		call_say(call,
			"the peer refused the login as \"%s\"%s%s%s. Check user and password of "
			"[ppp %s]",
			call->user, *ppp->said ? ": the peer said \"" : "", ppp->said,
			*ppp->said ? "\"" : "", profile ? profile->name : "");
	else if (ppp->auth_failed_here || ppp->status == PPPD_EXIT_PEER_AUTH)
		call_say(call, "the peer failed to log in%s%s", colon, ppp->said);
	else if (*ppp->said)
		call_say(call, "%s", ppp->said);
	else if (*ppp->login && ppp->layer == PPP_LCP && profile)
		say_no_login(ppp, profile);
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
