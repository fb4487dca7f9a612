/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * IPv4 addresses for peers, from the ranges of a ppp profile. An address that was given back is the
 * last to be given out again.
 */
#ifndef DAEMON_ATTACH_POOL_H
#define DAEMON_ATTACH_POOL_H

#include <l2tpd/config.h>

struct pool;

/* Copies the ranges (overlaps are counted once). NULL when out of memory. */
struct pool *pool_new(const struct config_range *ranges, size_t len);
void pool_free(struct pool *pool);
/* Take an address other than avoid[0..avoid_len) (host byte order). 0 and *ret, or -ENOSPC. */
int pool_take(struct pool *pool, const uint32_t *avoid, size_t avoid_len, uint32_t *ret);
/*
 * pool_take() does not give these out (in order; borrowed until the next pool_reserve(), with len 0
 * for instance); pool_take_address() does.
 */
void pool_reserve(struct pool *pool, const uint32_t *addresses, size_t len);
/* Take this one: -EBUSY it is taken, -ERANGE it is not of this pool. */
int pool_take_address(struct pool *pool, uint32_t address);
/* Addresses that are not of the pool or not taken are ignored. */
void pool_put(struct pool *pool, uint32_t address);
void pool_usage(const struct pool *pool, unsigned *ret_used, unsigned *ret_size);

#endif
