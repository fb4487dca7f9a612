/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Datagrams in words, or as JSON.
 */
#ifndef CTL_DECODE_DECODE_SHOW_H
#define CTL_DECODE_DECODE_SHOW_H

#include <l2tp/describe.h>
#include <stdint.h>
#include <sys/time.h>

#define DECODE_MAX_DATAGRAM 65535u
#define DECODE_ADDR_SIZE    64

struct decode {
	const char *name; /* of the input, for errors */
	bool json;
	unsigned port;
	struct l2tp_secret secret; /* data NULL: none */
	unsigned count;		   /* shown so far */
};

struct decode_datagram {
	const uint8_t *data;
	size_t len;	/* of data */
	size_t missing; /* octets of the datagram that the capture does not have */
	bool fragment;	/* the first of an IP datagram; not to be decoded */
	bool has_time;
	struct timeval time;
	char source[DECODE_ADDR_SIZE], destination[DECODE_ADDR_SIZE]; /* "": not known */
};

void decode_show(struct decode *decode, const struct decode_datagram *datagram);
/* After the last one; complete: there was no error. */
void decode_show_end(struct decode *decode, bool complete);

#endif
