/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The users who log in to us, and the calls that each of them has. */
#ifndef DAEMON_ATTACH_PPP_USER_H
#define DAEMON_ATTACH_PPP_USER_H

#include "config/users.h"
#include "ppp.h"

/*
 * The line of the users file for name. 0 and *ret (user_entry_clear() it), or -errno: there is
 * none, or it may not log in; the log has why.
 */
int ppp_user_find(struct ppp *ppp, const char *name, struct user_entry *ret);
/*
 * call->user has proved to be that: "single-session" of the profile is carried out. An old call
 * that is replaced leaves its address to this one.
 */
void ppp_user_proven(struct ppp *ppp);
/* ppp is freed. */
void ppp_user_forget(struct ppp *ppp);

#endif
