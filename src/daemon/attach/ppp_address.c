/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ppp_address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "linux/pppd_process.h"
#include "ppp_user.h"
#include "profile.h"

bool ppp_address_is_ours(const struct call *call, const struct config_ppp *profile)
{
	return call->role == L2TP_ROLE_LNS || profile->pool_len || *profile->users;
}

/* The peer hears text, people here problem. */
static void refuse(struct ppp *ppp, const char *text, const char *problem)
{
	ppp->refusal = text;
	call_say(ppp->call, "%s: %s", text, problem);
}

/* The one address that this peer may have. */
static void grant_fixed(struct ppp *ppp, const struct config_ppp *profile, uint32_t address)
{
	struct in_addr in = { .s_addr = htonl(address) };
	char text[INET_ADDRSTRLEN], problem[200];
	int r = lease_take_address(ppp->call, profile, address, &ppp->lease);

	if (r == 0)
		return;
	snprintf(problem, sizeof(problem), r == -EBUSY ? "%s is in use by another call" : "%s",
		r == -EBUSY ? inet_ntop(AF_INET, &in, text, sizeof(text)) : strerror(-r));
	refuse(ppp, "the address of this user is not free", problem);
}

static void grant_from_pool(struct ppp *ppp, const struct config_ppp *profile)
{
	char problem[200];
	int r;

	if (ppp->lease) /* of the call that this one replaces, or of an earlier question */
		return;
	r = lease_take(ppp->call, profile, &ppp->lease);
	if (r == -ENOSPC)
		snprintf(problem, sizeof(problem), "all of the pool of [ppp %s] are in use",
			profile->name);
	else if (r < 0)
		snprintf(problem, sizeof(problem), "%s", strerror(-r));
	if (r < 0)
		refuse(ppp, "the server has no free address", problem);
}

/* After this there is ppp->lease, or ppp->refusal, or the peer may have any. */
static void choose(struct ppp *ppp, const struct plugin_msg *question)
{
	struct call *call = ppp->call;
	const struct config_ppp *profile = profile_of(call->daemon, call->owner->config);
	uint32_t address = ntohl(question->ask.address);
	struct user_entry entry = { 0 };

	if (!profile) {
		refuse(ppp, "the server has no address", "the link has no ppp profile any more");
		return;
	}
	if (*profile->users && *question->ask.user &&
		ppp_user_find(ppp, question->ask.user, &entry) == 0 && entry.has_address)
		address = entry.address;
	user_entry_clear(&entry);
	if (address)
		grant_fixed(ppp, profile, address);
	else if (profile->pool_len)
		grant_from_pool(ppp, profile);
	else if (call->role == L2TP_ROLE_LNS && !profile->accept_any_address)
		refuse(ppp, "the server has no address for this caller",
			"set pool, or an address in users, or accept-any-address = yes");
}

void ppp_address_asked(struct ppp *ppp, const struct plugin_msg *question)
{
	struct plugin_msg msg = { .type = PLUGIN_GRANT, .number = question->number };
	int r;

	ppp->refusal = NULL;
	choose(ppp, question);
	if (ppp->refusal) {
		msg.grant.verdict = PLUGIN_REFUSED;
		snprintf(msg.grant.text, sizeof(msg.grant.text), "%s", ppp->refusal);
	} else if (ppp->lease) {
		msg.grant.verdict = PLUGIN_ADDRESS;
		msg.grant.address = htonl(lease_address(ppp->lease));
	} else {
		msg.grant.verdict = PLUGIN_ANY;
	}
	r = pppd_send(ppp->plugin_fd, &msg, sizeof(msg));
	if (r < 0)
		call_log(ppp->call, LOG_WARNING, "answering pppd: %s", strerror(-r));
}

bool ppp_address_up(struct ppp *ppp, uint32_t address)
{
	struct call *call = ppp->call;
	const struct config_ppp *profile = profile_of(call->daemon, call->owner->config);
	struct in_addr in = { .s_addr = htonl(address) };
	char addr[INET_ADDRSTRLEN], text[200];

	if (!ppp->asks_address || !profile || !address ||
		lease_take_address(call, profile, address, &ppp->lease) != -EBUSY)
		return true;
	snprintf(text, sizeof(text), "PPP took %s, which another call has",
		inet_ntop(AF_INET, &in, addr, sizeof(addr)));
	call_close(call, text);
	return false;
}
