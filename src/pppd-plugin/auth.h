/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Secrets on demand. */
#ifndef PPPD_PLUGIN_AUTH_H
#define PPPD_PLUGIN_AUTH_H

#include <stdint.h>

/* Options "l2tpd-auth-peer", "l2tpd-own-secret". */
int auth_peer_option(char **argv);
int auth_own_option(char **argv);
/* Whatever was proved counts no more: a link starts, or LCP came up anew on it. */
void auth_restart(void);
/* "l2tpd-auth-peer" was given: nobody but the daemon says who may log in. */
int auth_is_ours(void);
/* Who the peer proved to be; NULL: our hooks checked nobody. */
const char *auth_peer_user(void);
/* The same, or who pppd or another plugin found it to be; "" if it did not have to log in. */
const char *auth_peer_name(void);
/* The address that came with the peer's secret, network byte order; 0: none. */
uint32_t auth_peer_address(void);
/* Why the last check of the peer, or of us, failed; "" if it did not come to one. */
const char *auth_peer_failure(void);
const char *auth_own_failure(void);

#endif
