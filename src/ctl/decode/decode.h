/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * "decode": datagrams out of captures and hexadecimal text, shown in words. The only part of
 * l2tpctl that sees the protocol core, and of that only l2tp/msg.h and l2tp/describe.h; it talks to
 * no daemon.
 */
#ifndef CTL_DECODE_DECODE_H
#define CTL_DECODE_DECODE_H

#include <l2tp/describe.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/time.h>

#include "ctl/cli.h"

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

/* --- decode_show.c --- */

void decode_show(struct decode *decode, const struct decode_datagram *datagram);
/* After the last one; complete: there was no error. */
void decode_show_end(struct decode *decode, bool complete);

/* --- decode_pcap.c, decode_hex.c: an exit code, with its reason on stderr --- */

/* file is closed. */
int decode_pcap(struct decode *decode, FILE *file);
/* These octets, the first of a file, begin a capture. */
bool decode_is_pcap(const uint8_t *magic, size_t len);
/* text is followed by a NUL that len does not count. */
int decode_hex(struct decode *decode, const char *text, size_t len);

#endif
