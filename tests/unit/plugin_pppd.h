/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A pppd of straw: the variables, hooks and functions of pppd that l2tpd.so uses, so that a test
 * can load the plugin into itself and play both pppd (here) and the daemon (at the other end of a
 * socket pair). Built against whichever pppd headers the plugin is built against.
 */
#ifndef TEST_PLUGIN_PPPD_H
#define TEST_PLUGIN_PPPD_H

#include "pppd-plugin/compat.h"
#include "l2tpd/plugin.h"

/* Forget everything, as if pppd had just been started. */
void pppd_reset(void);
/* An option as pppd's parser would take it; argument NULL if it has none. pppd's 1 or 0. */
int pppd_option(const char *name, const char *argument);
void pppd_phase(int phase);
void pppd_notify(ppp_notify_t type, int value);
void pppd_set_interface(const char *name, int mtu);
void pppd_set_peer_name(const char *name);
void pppd_signal(int on);
/* pppd has control again and looks at its timers; 0: there was none. */
int pppd_timer(void);
/* CCP comes up or goes down; MPPE_OPT_* of what we receive and of what the peer does. */
void pppd_ccp(int up, int ours, int peers);

/* Of scripts; as long as pppd's MAXPATHLEN. */
extern char path_ipup[], path_ipdown[];

/* What the plugin did with it. */
extern char pppd_log[4096];
extern int pppd_closed;		   /* times lcp_close() was called */
extern int pppd_logs_opened;	   /* times syslog was */
extern int pppd_networks;	   /* times IPCP and the like were started by CCP */
extern enum NPmode pppd_npmode[2]; /* of IPv4 and IPv6 */

#endif
