/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a RADIUS server is asked and told about a call, as attributes: pure code. User-Password is
 * among them in clear; packet_build() hides it.
 */
#ifndef RADIUS_REQUEST_H
#define RADIUS_REQUEST_H

#include <l2tp/core.h>

#include "base/buf.h"
#include "base/why.h"
#include "reply.h"

/* RFC 2865 5.41 and IANA: NAS-Port-Type */
enum radius_port {
	RADIUS_PORT_ASYNC = 0,
	RADIUS_PORT_SYNC = 1,
	RADIUS_PORT_VIRTUAL = 5,
	RADIUS_PORT_ETHERNET = 15,
	RADIUS_PORT_PPPOE = 32,	     /* over Ethernet */
	RADIUS_PORT_PPPOE_VLAN = 33, /* over a VLAN */
};

/* What is known of a call. NULL or empty: not sent. Nothing of it is kept by those who take it. */
struct radius_call {
	const struct l2tp_proxy *proxy; /* authen_type 0, 1 or 4: no login */
	/*
	 * User-Name where there is no login. NULL: calling. The server is then asked if it wants
	 * such a call at all (Service-Type Call-Check, RFC 2865 5.6), with an empty password.
	 */
	const char *user;
	const char *session_id; /* Acct-Session-Id: the same in every request about the call */
	const char *calling;	/* a MAC address or a number */
	const char *called;	/* a PPPoE service or a number */
	const char *port_id;	/* NAS-Port-Id: an interface, a line */
	enum radius_port port;
	const struct l2tp_line *line; /* RFC 4679 */
};

/* RFC 2866 5.1 */
enum radius_event {
	RADIUS_START = 1,
	RADIUS_STOP = 2,
	RADIUS_INTERIM = 3,
};

/* RFC 2866 5.10: Acct-Terminate-Cause; those that a LAC meets */
enum radius_cause {
	RADIUS_CAUSE_NONE = 0, /* not sent */
	RADIUS_CAUSE_USER_REQUEST = 1,
	RADIUS_CAUSE_LOST_CARRIER = 2,
	RADIUS_CAUSE_LOST_SERVICE = 3, /* the LNS or its tunnel is gone */
	RADIUS_CAUSE_IDLE_TIMEOUT = 4,
	RADIUS_CAUSE_SESSION_TIMEOUT = 5,
	RADIUS_CAUSE_ADMIN_RESET = 6,
	RADIUS_CAUSE_ADMIN_REBOOT = 7,
	RADIUS_CAUSE_PORT_ERROR = 8,
	RADIUS_CAUSE_NAS_ERROR = 9,
	RADIUS_CAUSE_NAS_REQUEST = 10,
	RADIUS_CAUSE_SERVICE_UNAVAILABLE = 15,
};

/* Of the PPP frames between client and LAC; in is from the client. */
struct radius_counts {
	uint64_t octets_in, octets_out, packets_in, packets_out;
};

/* One accounting record. */
struct radius_record {
	enum radius_event event;
	const struct radius_call *call;	    /* user, or else the proxied name, is User-Name */
	const struct radius_class *classes; /* of the reply */
	size_t class_count;
	/* RFC 2867 4: the tunnel that was taken; AF_UNSPEC and NULL: not sent */
	const struct l2tp_path *path; /* Tunnel-Client-Endpoint and -Server-Endpoint */
	const char *client_name, *server_name, *assignment;
	const char *connection; /* Acct-Tunnel-Connection */
	/* interim and stop */
	uint32_t seconds; /* since the start */
	struct radius_counts counts;
	enum radius_cause cause; /* stop */
};

/*
 * The attributes of an Access-Request, or of an Accounting-Request. Text that is too long for an
 * attribute is cut, but for a name. 0; -EINVAL and *why: the server cannot be asked about such a
 * login (a method unknown to RADIUS, neither name nor number, too long). wr: at least
 * RADIUS_ATTRS_MAX octets, which is enough for all that can be.
 */
int radius_request_write(struct buf_wr *wr, const struct radius_call *call, struct why *why);
int radius_record_write(struct buf_wr *wr, const struct radius_record *record, struct why *why);

#endif
