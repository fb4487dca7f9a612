/* SPDX-License-Identifier: GPL-2.0-or-later */
/* "self" of a link: which address of this machine it means now. */
#ifndef DAEMON_CONN_SELF_H
#define DAEMON_CONN_SELF_H

#include "base/why.h"
#include "daemon/daemon.h"

/*
 * The link's own address of family; AF_UNSPEC: any. 0, -EAFNOSUPPORT (it has none of that family)
 * or -EADDRNOTAVAIL (no such interface, or it has no address) with a sentence in why.
 */
int self_address(const struct daemon *d, const struct config_link *link, int family,
	struct l2tp_addr *ret, struct why *why);

#endif
