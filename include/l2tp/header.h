/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The header of every L2TP datagram (RFC 2661 3.1). Pure.
 */
#ifndef L2TP_HEADER_H
#define L2TP_HEADER_H

#include <l2tp/types.h>

/* RFC 2661 3.1 */
struct l2tp_header {
	bool control;	 /* T */
	bool has_seq;	 /* S */
	bool has_length; /* L */
	uint16_t tid, sid;
	uint16_t ns, nr;      /* 0 unless has_seq */
	uint16_t payload_off; /* first byte after the header and its offset pad */
	uint16_t payload_len; /* bounded by Length when L is set, else by the datagram */
};

/*
 * Parse the header of any L2TP datagram, control or data (RFC 2661 3.1). Reserved bits and P are
 * ignored; version other than 2, a control packet without L or S or with O, a Length below the
 * header or beyond the datagram, and a truncated header are errors.
 * 0, or -EBADMSG with *ret untouched.
 */
int l2tp_header_parse(const uint8_t *buf, size_t len, struct l2tp_header *ret);

#endif
