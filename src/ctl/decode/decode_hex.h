/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Datagrams out of hexadecimal text.
 */
#ifndef CTL_DECODE_DECODE_HEX_H
#define CTL_DECODE_DECODE_HEX_H

#include "decode_show.h"

/* An exit code, with its reason on stderr. text is followed by a NUL that len does not count. */
int decode_hex(struct decode *decode, const char *text, size_t len);

#endif
