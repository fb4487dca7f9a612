/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What only some calls have: the LAC's channel, the group and the proxied LCP and login of the
 * caller (RFC 2661 4.4.4, 4.4.5), the caller's access line (RFC 5515). Most sessions carry none of
 * it and pay a pointer.
 */
#ifndef PROTO_SESSION_EXTRA_H
#define PROTO_SESSION_EXTRA_H

#include <l2tp/core.h>

struct session_extra;

/*
 * Copies of what params or a message of the peer hold, added to *extra, which may be NULL before
 * and stays NULL if there is nothing. 0 or -ENOMEM with *extra unchanged.
 */
int session_extra_params(struct session_extra **extra, const struct l2tp_call_params *params);
/* keep_proxy: the proxied LCP and login, too; there may be passwords in it */
int session_extra_absorb(struct session_extra **extra, const struct l2tp_msg *msg, bool keep_proxy);
/* Wipes (there may be a password in it) and frees. NULL is allowed. */
void session_extra_free(struct session_extra *extra);

/* Add to an ICRQ or OCRP, to an ICRQ, or to an ICCN, what belongs there. extra may be NULL. */
void session_extra_put_channel(const struct session_extra *extra, struct l2tp_msg *msg);
void session_extra_put_line(const struct session_extra *extra, struct l2tp_msg *msg);
void session_extra_put_connected(const struct session_extra *extra, struct l2tp_msg *msg);
/* Fill the fields of *ret. extra may be NULL. */
void session_extra_info(const struct session_extra *extra, struct l2tp_session_info *ret);

#endif
