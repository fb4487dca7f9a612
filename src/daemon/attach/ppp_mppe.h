/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calls whose PPP must be encrypted: "mppe = required". */
#ifndef DAEMON_ATTACH_PPP_MPPE_H
#define DAEMON_ATTACH_PPP_MPPE_H

#include <l2tpd/plugin.h>

#include "ppp.h"

/*
 * Before PPP starts: puts up the fence of linux/clear_guard.h. Nothing if the profile does not
 * demand it. 0, or -errno with a sentence in why. Waits for the kernel some milliseconds.
 */
int ppp_mppe_start(struct ppp *ppp, const struct config_ppp *profile, struct why *why);
/* ppp is freed: takes it down. */
void ppp_mppe_forget(struct ppp *ppp);
/* All calls are gone. */
void ppp_mppe_free(struct daemon *d);

/* PLUGIN_CCP */
void ppp_mppe_ccp(struct ppp *ppp, const struct plugin_msg *msg);
/* IP is up. False: in clear, which it must not be; the call is being ended. */
bool ppp_mppe_may_pass(struct ppp *ppp);

#endif
