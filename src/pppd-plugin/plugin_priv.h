/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the parts of l2tpd.so share. pppd loads plugins with RTLD_GLOBAL: all of this is hidden, or
 * names of pppd and of other plugins could take its place.
 */
#ifndef PPPD_PLUGIN_PLUGIN_PRIV_H
#define PPPD_PLUGIN_PLUGIN_PRIV_H

#include <stddef.h>

#include "compat.h"
#include "l2tpd/plugin.h"

#pragma GCC visibility push(hidden)

/* ---- talk.c: the socket to the daemon ---- */

/* Takes over fd, which then closes on exec. -ENOTSOCK, -EPROTOTYPE: not a SOCK_SEQPACKET socket. */
int talk_open(int fd);
void talk_close(void);

/* Reports never block; without a daemon, or one too slow to read them, they are dropped. */
void talk_report(enum plugin_msg_type type, int number, const char *text);
/* The same for a message with a body of size bytes. */
void talk_report_body(struct plugin_msg *msg, size_t size);

/*
 * Asks and waits up to PLUGIN_ANSWER_TIMEOUT_S. 0: *ret_answer is filled, the caller wipes it.
 * -ENOENT: the daemon knows no such user; -ENOTCONN: no daemon; -ETIMEDOUT: no answer;
 * -EBADMSG: an answer that makes no sense; -EINTR: a signal asks pppd to end.
 */
int talk_ask(enum plugin_msg_type type, const char *name, struct plugin_msg *ret_answer);
/* The same for PLUGIN_ASK_ADDRESS; no -ENOENT. ret_answer->grant.text ends with a NUL. */
int talk_ask_address(uint32_t address, const char *user, struct plugin_msg *ret_answer);
/* A negative result of the two in words. */
const char *talk_failure(int rc);

/* ---- snoop.c: what pppd reads from the peer, but does not keep ---- */

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

/* ---- auth.c: secrets on demand ---- */

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
/* Why the last check of the peer, or of us, failed; "" if it did not come to one. */
const char *auth_peer_failure(void);
const char *auth_own_failure(void);

/* ---- address.c: which address the peer gets ---- */

int address_ask_option(char **argv);
/* From now on pppd asks us whether an address is allowed. */
void address_guard(void);
/* The user who has just logged in may have this address only; 0: any. */
void address_claim(uint32_t address);
/* Another user may log in, and gets another one. */
void address_restart(void);

/* ---- mppe.c: is the link encrypted? ---- */

int mppe_require_option(char **argv);
void mppe_watch(void);
/* Network protocols are about to start: has an option switched off what is demanded? */
void mppe_network_phase(void);
/* The same at the end of pppd's "dryrun": complains, for those who asked (linux/pppd_check.h). */
void mppe_check_options(void);
/* It is demanded and not there: no address is to be granted. */
int mppe_is_missing(void);

/* ---- end.c: the plugin ends the link ---- */

/*
 * Closes LCP as soon as pppd has control again; the peer is told reason in the Terminate-Request.
 * Only the first call counts. code: what pppd shall exit with.
 */
void end_link(int code, const char *reason);
/* What it was called with; "": it was not. */
const char *end_reason(void);
void end_restart(void);

/* ---- zygote.c: a pppd that waits ---- */

int zygote_option(char **argv);

#pragma GCC visibility pop

#endif
