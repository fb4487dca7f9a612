/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Is another l2tpd alive in this network namespace, with whatever control socket? What a dead one
 * left there may be removed by one that is alone; what looks the same may be a living one's.
 */
#ifndef LINUX_ALONE_H
#define LINUX_ALONE_H

#define ALONE_PATH "/proc/self/ns/net"

/*
 * 1: nobody else is; 0: somebody is; -errno: it cannot be known. *ret_fd (-1 after an error) says
 * to others that we are alive, until it is closed. While it is 1 nobody new finds out anything:
 * call alone_settle() when the leftovers are gone. path: ALONE_PATH.
 */
int alone_claim(const char *path, int *ret_fd);
/* Others may find out again. */
void alone_settle(int fd);

#endif
