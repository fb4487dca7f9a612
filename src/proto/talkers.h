/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which networks make us drop, refuse and give up most: a small table with the most frequent ones
 * of an endless stream ("Space-Saving", Metwally, Agrawal, El Abbadi 2005). Who causes more than
 * one event in L2TP_TALKERS_MAX is in it, whatever the others do.
 */
#ifndef PROTO_TALKERS_H
#define PROTO_TALKERS_H

#include <l2tp/core.h>

struct talkers {
	/* the network: its 3 or 7 octets, and the address family in the last one */
	uint8_t network[L2TP_TALKERS_MAX][8];
	uint64_t events[L2TP_TALKERS_MAX];
	unsigned count, last;
	usec_t halved_at;
};

void talkers_note(struct talkers *talkers, usec_t now, const struct l2tp_addr *addr);
/* Worst first; how many. */
unsigned talkers_read(struct talkers *talkers, usec_t now, struct l2tp_talker *ret, unsigned max);

#endif
