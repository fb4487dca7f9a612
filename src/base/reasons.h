/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Why something ended, as numbers in words: the one place for the words that the core, the daemon,
 * l2tpctl and others show.
 */
#ifndef BASE_REASONS_H
#define BASE_REASONS_H

#include <stdbool.h>
#include <stddef.h>

/* RFC 2661 4.4.2, Result Code: of a StopCCN, and of a CDN. NULL: a number that has no meaning. */
const char *reasons_stopccn(unsigned result);
const char *reasons_cdn(unsigned result);
/* RFC 2661 4.4.2, Error Code, which goes with result 2. NULL as above. */
const char *reasons_error(unsigned error);
/* pppd(8), EXIT STATUS: "the peer failed to authenticate itself". NULL as above. */
const char *reasons_pppd(unsigned status);

/*
 * The words of an MS-CHAP failure (RFC 2759 6: "E=691 R=1 C=... V=3 M=Access denied"): its message,
 * else what its number means. False: it is not of that form, and ret untouched.
 */
bool reasons_mschap(const char *failure, char *ret, size_t size);

#endif
