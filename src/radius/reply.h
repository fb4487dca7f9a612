/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the attributes of a RADIUS server's answer say about a call, as pure code. The answer was
 * proven to be the server's before.
 */
#ifndef RADIUS_REPLY_H
#define RADIUS_REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "numbers.h"

/* RFC 2865 5.25: to be given back in every accounting record, unread. */
struct radius_class {
	uint8_t len;
	uint8_t data[RADIUS_VALUE_MAX];
};
#define RADIUS_CLASSES_MAX 4

/* RFC 2868: one tunnel that the call may take. Strings are malloc'ed; NULL: not given. */
struct radius_tunnel {
	uint8_t tag;	     /* 0: its attributes had none */
	uint32_t preference; /* the lower the better; RADIUS_NO_PREFERENCE */
	char *server;	     /* address or name of the LNS; never NULL */
	char *client;	     /* Tunnel-Client-Endpoint: our address */
	char *secret;	     /* of the tunnel */
	char *client_name;   /* Tunnel-Client-Auth-ID: our Host Name */
	char *server_name;   /* Tunnel-Server-Auth-ID: what the LNS must call itself */
	char *assignment;    /* calls with the same one and the same server share a tunnel */
};
#define RADIUS_NO_PREFERENCE 0xffffffffu
#define RADIUS_TUNNELS_MAX   32 /* one a tag */

struct radius_reply {
	char message[241]; /* Reply-Message: harmless in a line, cut where it is longer */
	uint32_t session_timeout, idle_timeout, interim_interval; /* s; 0: not given */
	struct radius_class classes[RADIUS_CLASSES_MAX];
	size_t class_count;
	struct radius_tunnel tunnels[RADIUS_TUNNELS_MAX]; /* the most preferred one first */
	size_t tunnel_count;
	unsigned unusable; /* tunnels that were left out, with the reason of the first of them */
	char problem[160];
};

/*
 * Read attributes (type, length, value, ...), len octets. secret and vector are what the request
 * was made with. Unknown attributes are passed over. A value that is given to no tag, and there is
 * no tunnel without a tag, is that of all tunnels that lack it: it is written so in many files.
 * Of tunnels that are as good as each other the one that was named first comes first; of an
 * attribute that is there twice the last one counts. Tunnels that cannot be used are counted in
 * unusable: not L2TP, not over IP, without a server, a value that cannot be read.
 *
 * 0 and *ret (radius_reply_clear() it); -EBADMSG: the attributes are no attributes; -ENOMEM. Then
 * *ret is empty.
 */
int radius_reply_read(struct radius_reply *ret, const uint8_t *attrs, size_t len,
	const char *secret, const uint8_t vector[static RADIUS_VECTOR_LEN]);
/* Wipes, frees, leaves an empty one. */
void radius_reply_clear(struct radius_reply *reply);

#endif
