/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The realm in the name a client logs in with, by which its LNS is chosen: "user@realm" (RFC 7542)
 * or "REALM\user" (RFC 2759 4).
 */
#ifndef PPP_REALM_H
#define PPP_REALM_H

#include <stdbool.h>

#include <l2tp/msg.h>

struct realm_parts {
	struct l2tp_span user, realm; /* inside the name; realm.len 0: it has none */
};

/*
 * Split at the last '@', or, if there is none, at the first '\'. A realm that is empty is none: the
 * sign is then still cut off the user. "REALM\user@other": realm is other, user "REALM\user", as it
 * is the right part that says who knows what the left one means.
 */
struct realm_parts realm_split(struct l2tp_span name);
/*
 * The realm of a name is this one. Upper and lower case of ASCII are the same; "" is a name
 * without a realm.
 */
bool realm_matches(struct l2tp_span name, const char *realm);

#endif
