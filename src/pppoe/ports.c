/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ports.h"

#include <stdlib.h>

/* Where the port is, or would have to be inserted. */
static size_t place_of(const struct pppoe_ports *ports, unsigned number)
{
	size_t low = 0, high = ports->count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (ports->list[middle].number < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct pppoe_port *pppoe_ports_find(const struct pppoe_ports *ports, unsigned number)
{
	size_t i = place_of(ports, number);

	return i < ports->count && ports->list[i].number == number ? &ports->list[i] : NULL;
}

struct pppoe_port *pppoe_ports_add(struct pppoe_ports *ports, unsigned number)
{
	size_t at = place_of(ports, number);
	struct pppoe_port *more = reallocarray(ports->list, ports->count + 1, sizeof(*more));

	if (!more)
		return NULL;
	ports->list = more;
	memmove(&more[at + 1], &more[at], (ports->count - at) * sizeof(*more));
	ports->count++;
	more[at] = (struct pppoe_port){ .number = number };
	return &more[at];
}

void pppoe_ports_remove(struct pppoe_ports *ports, unsigned number)
{
	size_t at = place_of(ports, number);

	ports->count--;
	memmove(&ports->list[at], &ports->list[at + 1],
		(ports->count - at) * sizeof(ports->list[0]));
}

void pppoe_ports_free(struct pppoe_ports *ports)
{
	free(ports->list);
	*ports = (struct pppoe_ports){ 0 };
}
