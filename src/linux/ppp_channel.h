/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PPP channels without a pppd: one side of a call as frames, and two sides joined in the kernel
 * (PPPIOCBRIDGECHAN, since 5.11). A channel belongs to a line: a PPPoX socket (PPPoE, L2TP) or a
 * tty in the PPP discipline. Sources: drivers/net/ppp/ppp_generic.c, ppp_async.c. Errors are
 * -errno.
 *
 * A leg is a line with its channel and a /dev/ppp descriptor attached to it, which tells what the
 * line's own descriptor does not. It is to be watched with epoll for EPOLLIN and EPOLLHUP:
 *
 *   EPOLLHUP	the channel is gone: PADT, interface down, hang-up, or the line was closed. Of a
 *		bridge only the side that went sees it; close both.
 *   EPOLLIN	a frame waits that was not bridged: the leg is not joined yet, or its other side is
 *		gone.
 *
 * A leg's channel keeps at most 32 frames that nobody reads; the newest win.
 */
#ifndef LINUX_PPP_CHANNEL_H
#define LINUX_PPP_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Room for any frame of a line with an MTU of 1500, protocol included. */
#define PPP_FRAME_MAX 1600

struct ppp_leg {
	int line;    /* PPPoX socket or tty */
	int channel; /* its number in the kernel */
	int fd;	     /* of /dev/ppp, attached to it; non-blocking */
};

/* Nothing is open. */
#define PPP_LEG_NONE ((struct ppp_leg){ .line = -1, .channel = -1, .fd = -1 })

/*
 * Take the channel of line (PPPIOCGCHAN) and attach to it. From then on frames wait in the channel.
 * The line is the leg's if it succeeds. Blocks up to some 10 ms where PPPIOCGCHAN waits for readers
 * (see pppox_probe_drain()): not for the event loop. Needs CAP_NET_ADMIN.
 */
int ppp_leg_open(int line, struct ppp_leg *ret);
/*
 * Close what is open of it, the line first: its session, its channel and a bridge end with that.
 * The last close of a line may block some 10 ms.
 */
void ppp_leg_close(struct ppp_leg *leg);

/*
 * One frame: the protocol in two octets, then its payload; no address and control field. Its
 * length, cut to size; -EAGAIN: none waits; -ENOTCONN: the channel is gone.
 */
ssize_t ppp_leg_read(const struct ppp_leg *leg, uint8_t *buf, size_t size);
/* Send a frame of that form to the line. 0 also if the channel is gone: then it is lost. */
int ppp_leg_write(const struct ppp_leg *leg, const uint8_t *frame, size_t len);

/* Can this kernel bridge? Asked of any leg, and changes nothing. */
bool ppp_leg_can_join(const struct ppp_leg *leg);
/*
 * Join two legs: what arrives at one leaves at the other, in the kernel, without a word to this
 * process. Frames that waited at either are sent on, none is lost; one that arrives meanwhile may
 * overtake them. The number of those, or an error with nothing joined: -EALREADY: one of them is
 * joined, or belongs to a pppd; -ENXIO: a channel is gone; -ENOTTY: no bridges in this kernel.
 */
int ppp_leg_join(const struct ppp_leg *a, const struct ppp_leg *b);
/* Part them again; frames wait as before. -EINVAL: not joined (any more). */
int ppp_leg_part(const struct ppp_leg *leg);

/*
 * Of an asynchronous line (tty): which control characters are escaped when sent and dropped when
 * received, one bit each (RFC 1662 7.1). -ENOTTY on others.
 */
int ppp_leg_set_accm(const struct ppp_leg *leg, uint32_t send, uint32_t receive);

#endif
