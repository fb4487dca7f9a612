/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "end.h"

struct l2tp_reason end_ordered(const struct l2tp_reason *reason)
{
	struct l2tp_reason told = *reason;

	if (told.ppp_cause != L2TP_PPP_CAUSE_NONE || told.result != L2TP_CDN_ADMIN)
		return told; /* it says more than who wanted it */
	told.ppp_cause = L2TP_PPP_CAUSE_ADMIN;
	told.ppp_cause_protocol = 0;
	told.ppp_cause_direction = 0;
	return told;
}

static const char *tunnel_hint(const struct call *call)
{
	const struct l2tp_reason *reason = &call->reason;

	if (!reason->stopccn)
		return "";
	if (reason->result == L2TP_STOPCCN_NOT_AUTHORIZED)
		return ". Check that \"secret\" and \"hostname\" of the link are what the peer "
		       "expects. It may have no secret at all; the pre-shared key of IPsec is "
		       "another thing";
	if (reason->who == L2TP_WHO_TIMEOUT && !call->conn->up_since)
		return ". Is an L2TP server running there, and do firewalls on the way pass its "
		       "UDP port?";
	return "";
}

struct outcome *end_describe(const struct call *call)
{
	const struct l2tp_reason *reason = &call->reason;
	const char *detail = reason->text;

	if (call->problem)
		return outcome_new(reason, call->ppp_exit, "%s", call->problem);
	if (reason->who == L2TP_WHO_PEER)
		return outcome_new(reason, call->ppp_exit,
			"the peer ended the %s: %s (%s %u/%u)%s%s%s%s",
			reason->stopccn ? "tunnel" : "call",
			reason->stopccn ? l2tp_stopccn_result_name(reason->result)
					: l2tp_cdn_result_name(reason->result),
			reason->stopccn ? "StopCCN" : "CDN", reason->result, reason->error,
			*detail ? ": the peer said \"" : "", detail, *detail ? "\"" : "",
			tunnel_hint(call));
	return outcome_new(
		reason, call->ppp_exit, "%s%s", *detail ? detail : "ended", tunnel_hint(call));
}
