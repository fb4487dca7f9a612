/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Datagrams out of captures.
 */
#ifndef CTL_DECODE_DECODE_PCAP_H
#define CTL_DECODE_DECODE_PCAP_H

#include <stdio.h>

#include "decode_show.h"

/* An exit code, with its reason on stderr. file is closed. */
int decode_pcap(struct decode *decode, FILE *file);
/* These octets, the first of a file, begin a capture. */
bool decode_is_pcap(const uint8_t *magic, size_t len);

#endif
