/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Data packets of one session as a userspace relay sends and takes them: always with Length
 * (RFC 2661 3.1), numbered or not (5.4), by the rules of FreeBSD's ng_l2tp(4), which is mpd's data
 * path. Pure: no allocation, no clock, no I/O.
 */
#ifndef L2TP_DATA_H
#define L2TP_DATA_H

#include <l2tp/header.h>

/* Flags, Length, two ids, Ns and Nr: the longest header we write. */
#define L2TP_DATA_HEADER_MAX 12u

/* One direction each way of one session. Used by one thread at a time; zeroed at first. */
struct l2tp_data {
	uint16_t peer_tid, peer_sid; /* what our packets are addressed to */
	bool send_seq;		     /* our packets are numbered; changes if follow */
	bool follow;		     /* LAC: number them if and only if the LNS does */
	bool require_seq;	     /* Sequencing Required was agreed: both sides always do */
	uint16_t ns;		     /* of our next packet; kept while they are not numbered */
	uint16_t nr;		     /* Ns we expect next */
};

enum l2tp_data_verdict {
	L2TP_DATA_OK,
	L2TP_DATA_GAP,	   /* good, but some before it are missing */
	L2TP_DATA_OLD,	   /* to be dropped: a later one was taken already, or it is a copy */
	L2TP_DATA_NO_SEQ,  /* to be dropped: numbers were agreed (RFC 2661 5.4) */
	L2TP_DATA_NO_FRAME /* to be dropped: a control message, or nothing after the header */
};

/*
 * Judge a packet of the session whose header was parsed. Without numbers it is taken, unless they
 * are required; with numbers one that is older than what was taken is not, gaps are accepted and
 * nothing waits for a late one. An LNS that does not number does not look at the numbers of its
 * LAC.
 */
enum l2tp_data_verdict l2tp_data_receive(struct l2tp_data *data, const struct l2tp_header *hdr);

/*
 * Write the header that goes before a frame, into the L2TP_DATA_HEADER_MAX bytes before it; uses up
 * an Ns if the session is numbered. The header's length; 0 if the packet would be longer than 65535
 * bytes.
 */
size_t l2tp_data_header(struct l2tp_data *data, uint8_t *frame, size_t frame_len);

#endif
