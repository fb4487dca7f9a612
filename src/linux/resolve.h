/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names to addresses without blocking: getaddrinfo() in a thread of its own, so that everything the
 * machine knows (hosts file, mDNS, DNS) works.
 */
#ifndef LINUX_RESOLVE_H
#define LINUX_RESOLVE_H

#include <l2tp/types.h>

struct resolve;

/* Starts; resolve_fd() becomes readable when it is done. 0 or -errno. */
int resolve_start(const char *host, uint16_t port, struct resolve **ret);
int resolve_fd(const struct resolve *resolve);
/*
 * The result: all addresses in the order of preference (RFC 6724), malloc'ed, the caller's. 0;
 * -EAGAIN not done yet; -EHOSTUNREACH with *ret_problem (gai_strerror, static).
 */
int resolve_result(
	struct resolve *resolve, struct l2tp_addr **ret, size_t *ret_len, const char **ret_problem);
/* Also while it still runs: the thread then cleans up behind itself. NULL is allowed. */
void resolve_free(struct resolve *resolve);

#endif
