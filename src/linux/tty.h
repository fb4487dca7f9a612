/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A serial line that carries PPP (null modem, modem that answers by itself, pseudo terminal):
 * opened, given to the kernel's PPP discipline (drivers/net/ppp/ppp_async.c), hung up. Errors are
 * -errno.
 *
 * In the discipline the line's own descriptor says nothing any more: frames and the end of the line
 * are seen at the /dev/ppp descriptor of its leg (ppp_leg_open()). So a call that is to begin when
 * the caller says something begins with EPOLLIN there, and its first frame is not lost.
 */
#ifndef LINUX_TTY_H
#define LINUX_TTY_H

#include <stdbool.h>
#include <stdint.h>

struct tty_options {
	unsigned speed; /* bit/s; 0: leave it as it is */
	bool flow;	/* RTS/CTS */
	bool carrier;	/* the line ends when the modem drops carrier; else carrier is not looked at
			 */
};

/* The speed is one that a tty can be set to. */
bool tty_is_speed(unsigned speed);

/*
 * Open device (never our controlling terminal), raw, 8 bits, no parity, for this process alone
 * (TIOCEXCL; root could open it all the same). Does not wait for carrier. Close-on-exec.
 * -EINVAL: no such speed; -ENOTTY: not a terminal; -EBUSY: another program has it.
 */
int tty_open(const char *device, const struct tty_options *options, int *ret_fd);

/* Into the PPP discipline; from now on only ppp_leg_open() makes sense of it. -EINVAL: no
 * ppp_async. */
int tty_start_ppp(int fd);

/*
 * What the driver counted since it was loaded, in the order of L2TP's Call Errors (RFC 2661 4.4.6):
 * CRC (not known here), framing, hardware overruns, buffer overruns, time-outs (none), alignment
 * (parity). -ENOTTY or -EINVAL: it counts nothing, as pseudo terminals do not.
 */
int tty_errors(int fd, uint32_t ret[static 6]);

/*
 * Out of the discipline, what waits dropped, DTR down for a moment as far as there is one (a modem
 * hangs up), back up, and closed. Takes up to a second on a line that has a modem: not for the
 * event loop.
 */
void tty_hang_up(int fd);

#endif
