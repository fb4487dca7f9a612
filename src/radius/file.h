/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A configuration file as radcli (Debian: /etc/radcli/radiusclient.conf), radiusclient-ng,
 * freeradius-client and pppd's radius.so have it.
 */
#ifndef RADIUS_FILE_H
#define RADIUS_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "base/why.h"

#define RADIUS_SERVERS_MAX 8 /* of a kind, as others have it */

struct radius_address {
	char *host;    /* name or address */
	uint16_t port; /* 0: RADIUS_AUTH_PORT, RADIUS_ACCT_PORT */
	char *secret;
};

/* Must an answer have a Message-Authenticator? One that is there is looked at in any case. */
enum radius_demand {
	RADIUS_DEMAND_AUTO, /* once the server has sent one, it must in every answer */
	RADIUS_DEMAND_NO,
	RADIUS_DEMAND_YES,
};

/* malloc'ed; NULL: not there. */
struct radius_file {
	struct radius_address auth[RADIUS_SERVERS_MAX], acct[RADIUS_SERVERS_MAX];
	size_t auth_count, acct_count;
	char *servers;	      /* file with the secrets of those that bring none */
	char *nas_identifier; /* NAS-Identifier */
	char *nas_ip;	      /* NAS-IP(v6)-Address, an address; NULL: that of the socket */
	char *bindaddr;	      /* an address, or NULL */
	unsigned timeout;     /* s that an answer is waited for; 1..60 */
	unsigned retries;     /* how often it is asked for again; 0..10 */
	unsigned deadtime;    /* s that a silent server is asked after the others only */
	enum radius_demand demand;
};

#define RADIUS_AUTH_PORT 1812
#define RADIUS_ACCT_PORT 1813

/*
 * With the secrets: those of the file that 'servers' names are looked up by the host as it is
 * written there (radcli looks up the addresses of both). A file with secrets that others can read
 * is refused. 0 and *ret; -errno and why: "FILE:LINE: what is wrong and what to do".
 */
int radius_file_read(const char *path, struct radius_file *ret, struct why *why);
/* Wipes. */
void radius_file_clear(struct radius_file *file);

#endif
