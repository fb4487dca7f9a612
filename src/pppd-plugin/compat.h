/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one place that knows which pppd we are built for. The plugin is written in the words of
 * pppd 2.5 (ppp_status(), NF_EXIT, ...); for 2.4.9, which exports plain variables instead, the same
 * words are defined here. pppd refuses a plugin built for another version than its own, so this is
 * decided at build time, by the headers that are there.
 */
#ifndef PPPD_PLUGIN_COMPAT_H
#define PPPD_PLUGIN_COMPAT_H

/* pppd 2.4.9's pppd.h makes its own bool and, if nobody did before it, its own offsetof. */
#include <signal.h>
#include <stddef.h>
#include <stdint.h>

#if __has_include(<pppd/pppdconf.h>)

/* ---- 2.5.0 and later ---- */

#include <pppd/pppd.h>
#include <pppd/options.h>
#include <pppd/fsm.h>
#include <pppd/lcp.h>
#include <pppd/ipcp.h>
#ifdef PPP_WITH_IPV6CP
#include <pppd/eui64.h>
#include <pppd/ipv6cp.h>
#define COMPAT_IPV6 1
#endif
#include <pppd/upap.h>
#include <pppd/chap.h>

#define COMPAT_VERSION PPPD_VERSION

#include <pppd/ccp.h>
#include <pppd/magic.h>
#include <pppd/mppe.h>
#include <linux/ppp_defs.h>

/* pppd exports them, but no installed header has them; see auth.c, mppe.c, zygote.c. */
extern bool uselogin;
int sifnpmode(int unit, int protocol, enum NPmode mode);
void reopen_log(void);

/* A signal asks pppd to end; its main loop acts on it once it has control again. */
static inline int compat_signaled(void)
{
	return ppp_signaled(SIGTERM);
}

#else

/* ---- 2.4.9 ---- */

/* The headers hide IPv6 behind this; Debian and all others build pppd with it. */
#ifndef INET6
#define INET6
#endif
#include <pppd/pppd.h>
#include <pppd/fsm.h>
#include <pppd/lcp.h>
#include <pppd/ipcp.h>
#include <pppd/eui64.h>
#include <pppd/ipv6cp.h>
#include <pppd/upap.h>
#include <pppd/chap-new.h>
#include <pppd/ccp.h>
#include <pppd/magic.h>
#include <pppd/mppe.h>

#define COMPAT_IPV6	 1
#define COMPAT_VERSION	 VERSION

#define ppp_add_options	 add_options
#define ppp_option_error option_error
#define ppp_int_option	 int_option
#define ppp_get_mtu	 netif_get_mtu
#define ppp_timeout	 timeout

/* Only those we use. */
typedef enum {
	NF_PHASE_CHANGE,
	NF_EXIT,
	NF_IP_UP,
	NF_IP_DOWN,
	NF_IPV6_UP,
	NF_IPV6_DOWN,
	NF_AUTH_UP,
	NF_FORK,
} ppp_notify_t;

static inline struct notifier **compat_notifiers(ppp_notify_t type)
{
	switch (type) {
	case NF_PHASE_CHANGE:
		return &phasechange;
	case NF_EXIT:
		return &exitnotify;
	case NF_IP_UP:
		return &ip_up_notifier;
	case NF_IP_DOWN:
		return &ip_down_notifier;
	case NF_IPV6_UP:
		return &ipv6_up_notifier;
	case NF_IPV6_DOWN:
		return &ipv6_down_notifier;
	case NF_AUTH_UP:
		return &auth_up_notifier;
	case NF_FORK:
		return &fork_notifier;
	}
	return NULL;
}

static inline void ppp_add_notify(ppp_notify_t type, notify_func func, void *ctx)
{
	add_notifier(compat_notifiers(type), func, ctx);
}

static inline int ppp_status(void)
{
	return status;
}

static inline void ppp_set_status(int code)
{
	status = code;
}

static inline const char *ppp_ifname(void)
{
	return ifname;
}

static inline int ppp_ifunit(void)
{
	return ifunit;
}

static inline const char *ppp_peer_authname(char *buf, size_t size)
{
	if (buf)
		strlcpy(buf, peer_authname, size);
	return peer_authname;
}

static inline int compat_signaled(void)
{
	return got_sigterm;
}

#endif

#endif
