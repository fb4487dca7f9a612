/* SPDX-License-Identifier: GPL-2.0-or-later */
/* PPPoE clients on the Ethernet of the rig's machine. */
#ifndef RIG_PPPOE_H
#define RIG_PPPOE_H

#include "daemon_rig.h"
#include "pppoe/tags.h"

#define PORT 3 /* the machine's eth1 */

struct client {
	uint8_t mac[6];
	uint8_t cookie[64];
	size_t cookie_len;
	const char *service;
	struct l2tp_span line; /* of an access node */
	uint16_t sid;	       /* of the PADS; 0: none */
	uint8_t code;	       /* of the last frame for it; 0: none */
	uint16_t error;
	char text[200];
};

/* One that asks for the service "isp". */
struct client client_of(uint8_t n);
/* It says that; it arrives when the daemon looks. */
void client_says_later(const struct client *c, enum pppoe_code code);
void client_says(struct rig *rig, const struct client *c, enum pppoe_code code);
/* Everything that was sent to it. */
void client_hears(struct client *c);
/* PADI, PADO, PADR; what comes of that is heard with time. */
void client_asks(struct rig *rig, struct client *c);
/* And a PADS with a session. */
void client_calls(struct rig *rig, struct client *c);
/* rtnetlink tells that the interface is another, or gone. */
void port_changes(void);
/* Start the daemon on a machine with eth1. */
void start(struct rig *rig, const char *config);

#endif
