/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tells the daemon when CCP comes up and goes down, and what MPPE makes of it (RFC 3078), and keeps
 * packets from leaving unencrypted where encryption is demanded. pppd's own "require-mppe-128" does
 * most of that: it starts IPCP and IPV6CP only when CCP is up, and closes LCP when CCP goes down.
 * What it does not see (2.4.9 to 2.5.3), and is done here:
 *
 * - An option ("noccp", "nomppe") that switches CCP or MPPE off after it was demanded: pppd then
 *   goes on without.
 * - A peer that acknowledges our MPPE and asks for none itself, with an empty Configure-Request:
 *   CCP comes up, and what we send is not encrypted, as that is what the peer has asked for.
 * - 40 bits where the options allowed them as well.
 * - The time between the end of CCP and that of the interface: packets are dropped meanwhile.
 *
 * The kernel stops encrypting by itself when it passes on the peer's Configure-Request or
 * Terminate-Request of CCP (ppp_generic.c, ppp_ccp_peek()); packets that leave before pppd has read
 * that frame cannot be stopped from here (src/linux/clear_guard.h).
 */
#include "mppe.h"

#include <string.h>

#include "compat.h"
#include "end.h"
#include "talk.h"
#include "l2tpd/plugin.h"

#define KEY_BITS  128
#define PROTO_IP  0x0021
#define PROTO_IP6 0x0057

static struct {
	int required; /* option "l2tpd-require-mppe" */
	int up;	      /* CCP is */
	int strong;   /* both directions have a key of KEY_BITS */
} mppe;

static fsm_callbacks ours;
static const fsm_callbacks *pppds;

static uint32_t key_bits(int options)
{
	if (options & MPPE_OPT_128)
		return 128;
	return options & MPPE_OPT_40 ? 40 : 0;
}

static void report(int up)
{
	/* MPPE is symmetric; each asks for what it wants to receive. */
	const int from_peer = ccp_gotoptions[0].mppe, to_peer = ccp_hisoptions[0].mppe;
	struct plugin_msg msg;

	memset(&msg, 0, sizeof(msg));
	msg.type = PLUGIN_CCP;
	msg.number = up;
	if (up) {
		msg.ccp.send_bits = key_bits(to_peer);
		msg.ccp.recv_bits = key_bits(from_peer);
		msg.ccp.stateful = ((from_peer | to_peer) & MPPE_OPT_STATEFUL) != 0;
	}
	mppe.up = up;
	mppe.strong = msg.ccp.send_bits >= KEY_BITS && msg.ccp.recv_bits >= KEY_BITS;
	talk_report_body(&msg, sizeof(msg.ccp));
}

static void missing(const char *why)
{
	end_link(EXIT_NEGOTIATION_FAILED, why);
}

/* pppd's function starts IPCP and the like: left out, there is no network protocol. */
static void on_ccp_up(fsm *f)
{
	report(1);
	if (mppe.required && !mppe.strong)
		missing("MPPE with 128 bits required, but the peer does not encrypt so");
	else if (pppds->up)
		pppds->up(f);
}

static void on_ccp_down(fsm *f)
{
	if (mppe.required) {
		sifnpmode(0, PROTO_IP, NPMODE_DROP);
		sifnpmode(0, PROTO_IP6, NPMODE_DROP);
	}
	if (mppe.up)
		report(0);
	/* pppd would close LCP once more, and tell the peer that instead of our reason */
	if (end_reason()[0])
		ccp_gotoptions[0].mppe = 0;
	if (pppds->down)
		pppds->down(f);
}

void mppe_watch(void)
{
	pppds = ccp_fsm[0].callbacks;
	ours = *pppds;
	ours.up = on_ccp_up;
	ours.down = on_ccp_down;
	ccp_fsm[0].callbacks = &ours;
}

static const char switched_off[] = "MPPE required, but an option of pppd switches it off";

static int is_switched_off(void)
{
	return mppe.required && (!ccp_protent.enabled_flag || !ccp_wantoptions[0].mppe);
}

void mppe_network_phase(void)
{
	if (is_switched_off())
		missing(switched_off);
}

void mppe_check_options(void)
{
	if (is_switched_off())
		error("l2tpd: %s", switched_off);
}

int mppe_is_missing(void)
{
	return mppe.required && !(mppe.up && mppe.strong);
}

int mppe_require_option(char **argv)
{
	mppe.required = 1;
	return 1;
}
