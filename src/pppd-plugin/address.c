/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which address the peer gets: the one that came with its secret, or the one the daemon names when
 * IPCP starts (option "l2tpd-ask-address"). Asking that late means that nobody who has not logged
 * in holds an address, and that the daemon hears of what radius.so would give before it is given.
 */
#include "address.h"

#include <string.h>

#include "compat.h"
#include "auth.h"
#include "end.h"
#include "mppe.h"
#include "talk.h"
#include "l2tpd/plugin.h"

static struct {
	int answered; /* the daemon was asked for the user who has logged in; verdict is it */
	uint32_t verdict, granted;
} peer;

static int ask; /* option "l2tpd-ask-address" */

static void (*next_choose)(uint32_t *address);
static int (*next_allowed)(uint32_t address);

static void ask_daemon(uint32_t suggested)
{
	struct plugin_msg msg;
	int rc = talk_ask_address(suggested, auth_peer_name(), &msg);

	peer.answered = 1;
	peer.verdict = PLUGIN_REFUSED;
	if (rc < 0) {
		end_link(EXIT_NEGOTIATION_FAILED, talk_failure(rc));
		return;
	}
	if (msg.grant.verdict == PLUGIN_ADDRESS && msg.grant.address) {
		peer.verdict = PLUGIN_ADDRESS;
		peer.granted = msg.grant.address;
	} else if (msg.grant.verdict == PLUGIN_ANY) {
		peer.verdict = PLUGIN_ANY;
	} else {
		end_link(EXIT_NEGOTIATION_FAILED,
			msg.grant.text[0] ? msg.grant.text : "no address for the peer");
	}
}

/* Asked once: IPCP may start anew on a running link, and then goes on with what it has. */
static void take_from_daemon(uint32_t *address)
{
	if (!peer.answered)
		ask_daemon(*address);
	*address = peer.verdict == PLUGIN_ADDRESS ? peer.granted : 0;
	/* pppd has made up its mind about that before it asked us, by the address of the options.
	 */
	if (peer.verdict == PLUGIN_ANY)
		ipcp_wantoptions[0].accept_remote = 1;
}

/* What the options say is kept: on this link another user may log in later, who has no address. */
static void choose_address(uint32_t *address)
{
	static uint32_t configured;
	static int known;

	if (next_choose)
		next_choose(address);
	if (ask) {
		take_from_daemon(address);
		return;
	}
	if (!known)
		configured = *address;
	known = 1;
	*address = auth_peer_address() ? auth_peer_address() : configured;
}

static void take_choice(void)
{
	if (ip_choose_hook == choose_address)
		return;
	next_choose = ip_choose_hook;
	ip_choose_hook = choose_address;
}

/*
 * pppd's last question before the interface gets the address. Nobody verified, nobody asked or no
 * encryption where it is demanded: no address. The last fence if a peer ever got here otherwise.
 */
static int address_allowed(uint32_t address)
{
	if (mppe_is_missing() || (auth_is_ours() && !auth_peer_user()))
		return 0;
	if (ask)
		return peer.answered &&
		       (peer.verdict == PLUGIN_ANY ||
			       (peer.verdict == PLUGIN_ADDRESS && peer.granted == address));
	if (!auth_is_ours())
		return next_allowed ? next_allowed(address) : -1; /* -1: as pppd thinks */
	return !auth_peer_address() || auth_peer_address() == address;
}

void address_guard(void)
{
	if (allowed_address_hook == address_allowed)
		return;
	next_allowed = allowed_address_hook;
	allowed_address_hook = address_allowed;
}

void address_login_over(void)
{
	/* not before there is one to choose: with this hook pppd ignores "ipcp-accept-remote" */
	if (auth_peer_address())
		take_choice();
}

int address_ask_option(char **argv)
{
	ask = 1;
	take_choice();
	address_guard();
	return 1;
}

void address_restart(void)
{
	memset(&peer, 0, sizeof(peer));
}
