/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * l2tpd.so, loaded by pppd: tells l2tpd what happens on the link, and asks it for secrets, in the
 * messages of include/l2tpd/plugin.h over a SOCK_SEQPACKET socket that pppd inherited.
 *
 * Options, all privileged (only from root's command line and files):
 *
 * l2tpd-fd N
 *     The socket. Without this option the plugin does nothing at all.
 *
 * l2tpd-auth-peer
 *     The peer logs in to us: CHAP-MD5, MS-CHAP, MS-CHAPv2 and PAP are checked with the secret the
 *     daemon answers to PLUGIN_ASK_PEER, and the peer gets the address in that answer, or if there
 *     is none what pppd's options say. No secrets file is looked at and EAP is not offered. Give
 *     "auth" and the wanted "require-..." too.
 *
 * l2tpd-own-secret
 *     We log in to the peer: the password is the answer to PLUGIN_ASK_OWN, asked for when the peer
 *     wants it. A "password" option wins over this one. Give "user NAME" too.
 *
 * l2tpd-ask-address
 *     The daemon says at the start of IPCP which address the peer gets (PLUGIN_ASK_ADDRESS), or
 * that the link has to end. What options or radius.so say is part of the question only.
 *
 * l2tpd-require-mppe
 *     Not one packet of IP leaves unencrypted (see mppe.c). Give "require-mppe-128" too.
 *
 * l2tpd-no-scripts
 *     /etc/ppp/ip-up, ip-pre-up, auth-up and their likes are not run (see scripts.c).
 *
 * l2tpd-quiet
 *     No word to syslog: the daemon reads them from pppd's "logfd".
 *
 * l2tpd-zygote N
 *     Waits here for orders on socket N; each makes a copy of this pppd, which goes on with the
 *     options that follow (see zygote.c).
 *
 * Without l2tpd-auth-peer no hook for the peer's login is touched: secrets files, radius.so and
 * winbind.so do it as ever. With it, but with neither own secret nor password, give "refuse-pap
 * refuse-chap refuse-mschap refuse-mschap-v2 refuse-eap" as well: pppd asks one and the same hook
 * for both directions and would agree to log in with an empty password.
 */
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <syslog.h>

#include "compat.h"
#include "address.h"
#include "auth.h"
#include "end.h"
#include "mppe.h"
#include "scripts.h"
#include "snoop.h"
#include "talk.h"
#include "zygote.h"

#define EXPORT __attribute__((visibility("default"))) /* whatever -fvisibility says */

/* AUTH_FAILED's number */
#define PEER_FAILED  1
#define WE_FAILED    2

#define ACCM_DEFAULT 0xffffffffu /* RFC 1662 7.1: escape all, unless negotiated */
#define MRU_DEFAULT  1500	 /* RFC 1661 6.1 */

static struct {
	int phase;	 /* last one reported */
	int terminating; /* LCP is being closed, by either side */
	int down_known;	 /* pppd's status when the link went down is in down_status */
	int down_status;
	int auth_failed; /* reported */
	int ip_up, ip6_up;
} link_state;

static int quiet; /* option "l2tpd-quiet" */
static int begun; /* a link was started, if in vain */

static const char *phase_name(int number)
{
	static const char *const names[] = {
		[PHASE_DEAD] = "dead",
		[PHASE_INITIALIZE] = "initialize",
		[PHASE_SERIALCONN] = "serial-connect",
		[PHASE_DORMANT] = "dormant",
		[PHASE_ESTABLISH] = "establish",
		[PHASE_AUTHENTICATE] = "authenticate",
		[PHASE_CALLBACK] = "callback",
		[PHASE_NETWORK] = "network",
		[PHASE_RUNNING] = "running",
		[PHASE_TERMINATE] = "terminate",
		[PHASE_DISCONNECT] = "disconnect",
		[PHASE_HOLDOFF] = "holdoff",
		[PHASE_MASTER] = "master",
	};

	if (number < 0 || (size_t)number >= sizeof(names) / sizeof(names[0]))
		return "unknown";
	return names[number];
}

/* ---- the end of a link ---- */

static void fill_down(struct plugin_msg *msg)
{
	const lcp_options *agreed = &lcp_hisoptions[0];
	const fsm *lcp = &lcp_fsm[0];
	char *words = msg->down.words;
	const int size = sizeof(msg->down.words);

	msg->down.by_peer = ppp_status() != EXIT_HANGUP && lcp->state == STOPPING;
	strlcpy(msg->down.farewell, snoop_farewell(), sizeof(msg->down.farewell));
	strlcpy(msg->down.rejected, snoop_rejected(), sizeof(msg->down.rejected));
	if (!agreed->neg_upap && !agreed->neg_chap && !agreed->neg_eap)
		strlcpy(msg->down.login, snoop_login(), sizeof(msg->down.login));
	if (ppp_status() == EXIT_HANGUP)
		slprintf(words, size, "hangup");
	else if (msg->down.by_peer)
		slprintf(words, size, "closed by the peer");
	else if (end_reason()[0])
		slprintf(words, size, "%v", end_reason());
	else if (link_state.terminating && lcp->term_reason_len > 0)
		slprintf(words, size, "%.*v", lcp->term_reason_len, lcp->term_reason);
	else if (link_state.phase == PHASE_ESTABLISH)
		slprintf(words, size, "no agreement on LCP");
	else if (link_state.phase >= PHASE_AUTHENTICATE && link_state.phase <= PHASE_RUNNING)
		slprintf(words, size, "LCP starts anew");
}

/*
 * pppd's main loop reads once more from the closed channel after a timer ended the link, takes the
 * end of file for a hang-up, and exits with that status (2.4.9 to 2.5.3). Before that, the status
 * is the true one.
 */
static void link_is_down(void)
{
	int code = end_true_status(ppp_status());
	struct plugin_msg msg;

	/* The first reason counts: a hang-up while LCP closes is only how it ended. */
	if (link_state.down_known && (code == link_state.down_status || code == EXIT_HANGUP))
		return;
	link_state.down_known = 1;
	link_state.down_status = code;
	memset(&msg, 0, sizeof(msg));
	msg.type = PLUGIN_LINK_DOWN;
	msg.number = code;
	fill_down(&msg);
	talk_report_body(&msg, sizeof(msg.down));
}

static void report_auth_failure(void)
{
	const char *words;

	if (link_state.auth_failed)
		return;
	if (ppp_status() == EXIT_PEER_AUTH_FAILED) {
		const lcp_options *go = &lcp_gotoptions[0];

		words = auth_peer_failure();
		if (!words[0] && !go->neg_upap && !go->neg_chap && !go->neg_eap)
			words = PLUGIN_NO_LOGIN;
		talk_report(PLUGIN_AUTH_FAILED, PEER_FAILED, words);
		link_state.auth_failed = 1;
	} else if (ppp_status() == EXIT_AUTH_TOPEER_FAILED) {
		words = auth_own_failure();
		talk_report(PLUGIN_AUTH_FAILED, WE_FAILED, words[0] ? words : snoop_refusal());
		link_state.auth_failed = 1;
	}
}

static void on_exit_pppd(void *ctx, int code)
{
	code = end_true_status(code);
	if (code == EXIT_HANGUP && link_state.down_known)
		code = link_state.down_status;
	if (code == EXIT_OK && !begun) /* option "dryrun" */
		mppe_check_options();
	talk_report(PLUGIN_EXIT, code, "");
}

/* ---- phases ---- */

/*
 * The values pppd negotiated, rather than pppol2tp.so's pppol2tp_send_accm_hook: that one only
 * works with pppol2tp_lns_mode, and reads two bytes beyond the frame up to pppd 2.5.3.
 */
static void report_accm(void)
{
	const lcp_options *go = &lcp_gotoptions[0], *ho = &lcp_hisoptions[0];
	struct plugin_msg msg = { .type = PLUGIN_ACCM };

	msg.accm.send = ho->neg_asyncmap ? ho->asyncmap : ACCM_DEFAULT;
	msg.accm.recv = go->neg_asyncmap ? go->asyncmap : ACCM_DEFAULT;
	talk_report_body(&msg, sizeof(msg.accm));
}

static void start_link_anew(void)
{
	begun = 1;
	memset(&link_state, 0, sizeof(link_state));
	snoop_reset();
	auth_restart();
	address_restart();
	end_restart();
	if (quiet)
		setlogmask(LOG_MASK(LOG_EMERG)); /* pppd's option "debug" has set it since */
}

/*
 * While LCP closes, pppd goes through "network" and "establish" once more as its layers fall, and
 * has no "terminate" when it is the peer who closes. Neither would help the reader of a log.
 */
static int closing_phase(int number)
{
	int falling = number == PHASE_NETWORK || number == PHASE_ESTABLISH;

	if (number == PHASE_TERMINATE || (falling && lcp_fsm[0].state == STOPPING)) {
		link_state.terminating = 1;
		return PHASE_TERMINATE;
	}
	if (falling && link_state.terminating)
		return PHASE_TERMINATE;
	link_state.terminating = 0;
	return number;
}

static void on_phase(void *ctx, int number)
{
	int shown;

	if (number == PHASE_SERIALCONN)
		start_link_anew();
	if (number == PHASE_TERMINATE) {
		report_auth_failure();
		end_is_ordered();
	}
	if (number == PHASE_DISCONNECT || number == PHASE_DEAD) {
		link_is_down();
		end_is_over();
	}
	shown = closing_phase(number);
	if (number == PHASE_ESTABLISH && link_state.phase > PHASE_ESTABLISH) {
		link_is_down();
		/* LCP starts anew: how the link ends is still open. */
		if (!link_state.terminating && ppp_status() != EXIT_HANGUP)
			link_state.down_known = 0;
	}
	if (number == PHASE_AUTHENTICATE) {
		auth_restart();
		address_restart();
		report_accm();
	}
	if (shown == link_state.phase)
		return;
	if (shown == PHASE_NETWORK)
		mppe_network_phase();
	link_state.phase = shown;
	talk_report(PLUGIN_PHASE, shown, phase_name(shown));
}

static void on_auth_up(void *ctx, int unused)
{
	address_login_over();
	talk_report(PLUGIN_AUTH_UP, 0, auth_peer_name());
}

/* ---- network protocols ---- */

static void on_ip_up(void *ctx, int unused)
{
	const ipcp_options *ours = &ipcp_gotoptions[0];
	const lcp_options *go = &lcp_gotoptions[0];
	struct plugin_msg msg = { .type = PLUGIN_IP_UP };

	strlcpy(msg.ip.ifname, ppp_ifname(), sizeof(msg.ip.ifname));
	msg.ip.ifindex = if_nametoindex(msg.ip.ifname);
	msg.ip.local = ours->ouraddr;
	msg.ip.remote = ipcp_hisoptions[0].hisaddr;
	/* pppd clears them when the peer did not agree to tell. */
	msg.ip.dns1 = ours->dnsaddr[0];
	msg.ip.dns2 = ours->dnsaddr[1];
	msg.ip.mtu = (uint32_t)ppp_get_mtu(ppp_ifunit());
	msg.ip.mru = go->neg_mru ? (uint32_t)go->mru : MRU_DEFAULT;
	talk_report_body(&msg, sizeof(msg.ip));
	link_state.ip_up = 1;
}

static void on_ip_down(void *ctx, int unused)
{
	/* Also called for an IPCP that was agreed on, but refused by address_allowed(). */
	if (link_state.ip_up)
		talk_report(PLUGIN_IP_DOWN, 0, "");
	link_state.ip_up = 0;
}

#ifdef COMPAT_IPV6
static void on_ip6_up(void *ctx, int unused)
{
	struct plugin_msg msg = { .type = PLUGIN_IP6_UP };

	strlcpy(msg.ip6.ifname, ppp_ifname(), sizeof(msg.ip6.ifname));
	memcpy(&msg.ip6.local_id, &ipv6cp_gotoptions[0].ourid, sizeof(msg.ip6.local_id));
	memcpy(&msg.ip6.remote_id, &ipv6cp_hisoptions[0].hisid, sizeof(msg.ip6.remote_id));
	talk_report_body(&msg, sizeof(msg.ip6));
	link_state.ip6_up = 1;
}

static void on_ip6_down(void *ctx, int unused)
{
	if (link_state.ip6_up)
		talk_report(PLUGIN_IP6_DOWN, 0, "");
	link_state.ip6_up = 0;
}
#endif

/* ---- start ---- */

/* Close-on-exec does not help with children that never exec, such as pppd's character shunt. */
static void on_fork(void *ctx, int unused)
{
	talk_close();
	scripts_forked();
}

/*
 * pppd seeds mrand48() with the time and its pid: two of them started together may draw the same
 * LCP magic numbers and take the line for looped back, and CHAP challenges come from there as well.
 * A copy of a waiting pppd (zygote.c) has its state from before.
 */
static void seed_random(void)
{
	unsigned short seed[3];

	if (getrandom(seed, sizeof(seed), 0) == sizeof(seed))
		seed48(seed);
	else
		magic_init();
}

static int option_fd(char **argv)
{
	int fd, rc;

	if (!ppp_int_option(*argv, &fd))
		return 0;
	rc = talk_open(fd);
	if (rc < 0) {
		ppp_option_error("l2tpd-fd %d: %s", fd, strerror(-rc));
		return 0;
	}
	ppp_add_notify(NF_PHASE_CHANGE, on_phase, NULL);
	ppp_add_notify(NF_EXIT, on_exit_pppd, NULL);
	ppp_add_notify(NF_AUTH_UP, on_auth_up, NULL);
	ppp_add_notify(NF_IP_UP, on_ip_up, NULL);
	ppp_add_notify(NF_IP_DOWN, on_ip_down, NULL);
#ifdef COMPAT_IPV6
	ppp_add_notify(NF_IPV6_UP, on_ip6_up, NULL);
	ppp_add_notify(NF_IPV6_DOWN, on_ip6_down, NULL);
#endif
	ppp_add_notify(NF_FORK, on_fork, NULL);
	seed_random();
	snoop_start();
	mppe_watch();
	talk_report(PLUGIN_HELLO, PLUGIN_VERSION, COMPAT_VERSION);
	return 1;
}

/* Both have a say in whether the peer gets an address. */
static int option_auth_peer(char **argv)
{
	address_guard();
	return auth_peer_option(argv);
}

static int option_require_mppe(char **argv)
{
	address_guard();
	return mppe_require_option(argv);
}

static int option_quiet(char **argv)
{
	quiet = 1;
	setlogmask(LOG_MASK(LOG_EMERG));
	return 1;
}

static option_t options[] = {
	{
		.name = "l2tpd-fd",
		.type = o_special,
		.addr = (void *)option_fd,
		.description = "Socket to l2tpd",
		.flags = OPT_PRIV,
	},
	{
		.name = "l2tpd-auth-peer",
		.type = o_special_noarg,
		.addr = (void *)option_auth_peer,
		.description = "l2tpd knows who may log in",
		.flags = OPT_PRIV,
	},
	{
		.name = "l2tpd-own-secret",
		.type = o_special_noarg,
		.addr = (void *)auth_own_option,
		.description = "l2tpd knows our password",
		.flags = OPT_PRIV,
	},
	{
		.name = "l2tpd-ask-address",
		.type = o_special_noarg,
		.addr = (void *)address_ask_option,
		.description = "l2tpd knows the peer's address",
		.flags = OPT_PRIV,
	},
	{
		.name = "l2tpd-require-mppe",
		.type = o_special_noarg,
		.addr = (void *)option_require_mppe,
		.description = "No packet without encryption",
		.flags = OPT_PRIV,
	},
	{
		.name = "l2tpd-no-scripts",
		.type = o_special_noarg,
		.addr = (void *)scripts_none_option,
		.description = "No ip-up and its likes",
		.flags = OPT_PRIV,
	},
	{
		.name = "l2tpd-quiet",
		.type = o_special_noarg,
		.addr = (void *)option_quiet,
		.description = "Nothing to syslog",
		.flags = OPT_PRIV,
	},
	{
		.name = "l2tpd-zygote",
		.type = o_special,
		.addr = (void *)zygote_option,
		.description = "Wait for orders of l2tpd",
		.flags = OPT_PRIV,
	},
	{ .name = NULL },
};

/* pppd compares it with its own version. */
EXPORT char pppd_version[] = COMPAT_VERSION;
EXPORT void plugin_init(void);

EXPORT void plugin_init(void)
{
	ppp_add_options(options);
}
