/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which network interface belongs to which call: one look-up for each event of rtnetlink. */
#ifndef DAEMON_IFACE_H
#define DAEMON_IFACE_H

struct call;
struct daemon;

/* The interface is the call's until iface_release(). Without memory it stays unknown (logged). */
void iface_claim(struct daemon *d, int ifindex, struct call *call);
/* Unless it is another call's by now. */
void iface_release(struct daemon *d, int ifindex, const struct call *call);
/* NULL: none of our calls. */
struct call *iface_call(const struct daemon *d, int ifindex);

#endif
