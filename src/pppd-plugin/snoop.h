/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What pppd reads from the peer, but does not keep. */
#ifndef PPPD_PLUGIN_SNOOP_H
#define PPPD_PLUGIN_SNOOP_H

void snoop_start(void);
/* Forget all of it: a new link starts. */
void snoop_reset(void);
/* The peer's user name as it came if that is clean UTF-8, else pppd's printable form of it. */
const char *snoop_peer_name(const char *printable);
/* The words of a PAP or CHAP refusal, and of an LCP Terminate-Request; printable, never NULL. */
const char *snoop_refusal(void);
const char *snoop_farewell(void);
/* What the peer rejected of LCP, and which protocols: "CHAP, IPCP"; never NULL. */
const char *snoop_rejected(void);
/* The login that its last Configure-Request asks us for: "MS-CHAP version 2"; empty: none. */
const char *snoop_login(void);

#endif
