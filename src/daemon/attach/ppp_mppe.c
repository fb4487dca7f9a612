/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ppp_mppe.h"

#include <string.h>

#include "linux/clear_guard.h"
#include "profile.h"

static bool is_encrypted(const struct plugin_msg *msg)
{
	return msg->number && msg->ccp.send_bits >= 128 && msg->ccp.recv_bits >= 128;
}

int ppp_mppe_start(struct ppp *ppp, const struct config_ppp *profile, struct why *why)
{
	const struct call *call = ppp->call;
	struct daemon *d = call->daemon;
	const uint16_t tid = call->conn->peer_tid;
	int r = 0;

	if (profile->mppe != MPPE_REQUIRED)
		return 0;
	ppp->mppe_required = true;
	if (!d->guard)
		r = clear_guard_new(&d->guard);
	if (r == 0)
		r = clear_guard_add(d->guard, &call->conn->path.peer, tid, call->peer_sid);
	if (r < 0)
		return why_not(why, r,
			"[ppp %s] has mppe = required, and nf_tables, which keep what is not "
			"encrypted from leaving, cannot be had: %s. Load the module nf_tables "
			"(Linux 5.12 or later)",
			profile->name, strerror(-r));
	ppp->guarded = call->conn->path.peer;
	ppp->guarded_tid = tid;
	return 0;
}

void ppp_mppe_forget(struct ppp *ppp)
{
	const struct call *call = ppp->call;
	int r;

	if (ppp->guarded.sa.sa_family == AF_UNSPEC)
		return;
	r = clear_guard_remove(
		call->daemon->guard, &ppp->guarded, ppp->guarded_tid, call->peer_sid);
	if (r < 0)
		call_log(call, LOG_WARNING, "nf_tables: %s", strerror(-r));
	ppp->guarded.sa.sa_family = AF_UNSPEC;
}

void ppp_mppe_free(struct daemon *d)
{
	clear_guard_free(d->guard);
	d->guard = NULL;
}

void ppp_mppe_ccp(struct ppp *ppp, const struct plugin_msg *msg)
{
	struct call *call = ppp->call;
	const bool was = ppp->encrypted;

	ppp->encrypted = is_encrypted(msg);
	if (ppp->encrypted)
		call_log(call, LOG_INFO, "encrypted (MPPE, 128 bits)");
	else if (msg->number && (msg->ccp.send_bits || msg->ccp.recv_bits))
		call_log(call, LOG_INFO, "MPPE: %u bits to the peer, %u from it",
			msg->ccp.send_bits, msg->ccp.recv_bits);
	if (ppp->encrypted || !ppp->mppe_required)
		return;
	if (was)
		call_close(call, "the encryption (MPPE) ended, and mppe = required");
	else if (msg->number)
		call_close(call, "the peer does not encrypt with 128 bits, and mppe = required");
}

bool ppp_mppe_may_pass(struct ppp *ppp)
{
	if (!ppp->mppe_required || ppp->encrypted)
		return true;
	call_close(ppp->call, "PPP is up without encryption, and mppe = required");
	return false;
}
