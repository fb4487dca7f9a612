/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The addresses of a target's peer: looked up once for all calls that want them, and kept a while.
 */
#ifndef DAEMON_LINK_TARGET_ADDR_H
#define DAEMON_LINK_TARGET_ADDR_H

#include "forward.h"

/*
 * 0: target->addrs are there; 1: found(target) comes when they are, or cannot be had (addrs_len 0);
 * -errno. peer is its link's.
 */
int target_find_addr(struct target *target, const struct config_endpoint *peer,
	void (*found)(struct target *target));

#endif
