/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The interfaces of an access concentrator. */
#ifndef PPPOE_PORTS_H
#define PPPOE_PORTS_H

#include "limits.h"
#include "tags.h"

struct pppoe_port {
	unsigned number, mtu;
	uint8_t mac[PPPOE_MAC_LEN];
	struct limit_rate padis;
};

/* Zero has none. */
struct pppoe_ports {
	struct pppoe_port *list; /* by number */
	size_t count;
};

/* NULL: none of that number. Good until the next add or remove. */
struct pppoe_port *pppoe_ports_find(const struct pppoe_ports *ports, unsigned number);
/* A new one, zero but for its number, which must be new; NULL when out of memory. */
struct pppoe_port *pppoe_ports_add(struct pppoe_ports *ports, unsigned number);
/* One that is there. */
void pppoe_ports_remove(struct pppoe_ports *ports, unsigned number);
void pppoe_ports_free(struct pppoe_ports *ports);

#endif
