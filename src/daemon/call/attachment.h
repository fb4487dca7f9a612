/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What answers PPP at our end of a call: a kind of attachment. call.c knows none by name. */
#ifndef DAEMON_CALL_ATTACHMENT_H
#define DAEMON_CALL_ATTACHMENT_H

#include "call.h"

struct attachment_kind {
	const char *name;
	bool bridges; /* it joins the channel to another in the kernel */
	/*
	 * The session is established; call->channel_fd is its PPPoX socket, which the attachment
	 * takes (and sets to -1), and call->attached what it makes. 0, or -errno with a sentence in
	 * why: then it has taken nothing.
	 */
	int (*start)(struct call *call, struct why *why);
	/* End it in an orderly way, soon; call_detached() follows. Only while call->attached. */
	void (*stop)(struct call *call);
	/* Let go of everything at once, also of what runs. Only while call->attached. */
	void (*free)(struct call *call);
	/* The network under the tunnel changed, while it carries IP: routes and MTU follow. */
	void (*network_changed)(struct call *call);
	/* It has ended: call_say() what it knows better than L2TP does; before free. */
	void (*explain)(struct call *call);
	/*
	 * What the peer tells of the caller's line; NULL: of no use to it. RFC 2661 6.14 (call is
	 * a LAC's), 6.13 and RFC 5515 4.1 (an LNS's).
	 */
	void (*accm)(struct call *call, uint32_t send, uint32_t recv);
	void (*line_errors)(struct call *call, const uint32_t errors[static 6]);
	void (*speed)(struct call *call, uint32_t tx, uint32_t rx);
};

#endif
