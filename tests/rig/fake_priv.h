/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between the files of the fake machine. */
#ifndef RIG_FAKE_PRIV_H
#define RIG_FAKE_PRIV_H

#include <stdbool.h>
#include <sys/types.h>

#include <l2tp/types.h>

/* fake_event.c: a system call of the loop took so long, on a slow and busy machine. */
void fake_charge(usec_t time);
/* What follows is done by another thread, and costs the loop nothing; until it is over. */
void fake_elsewhere(bool begins);

/* fake_udp.c: fd was one of its sockets, which is gone now. */
bool fake_udp_closed(int fd);
unsigned fake_udp_count(void);
/* fake_plane.c: the same for PPPoX sockets and loopback tunnels. */
bool fake_plane_closed(int fd);
/* A pppd has a copy of fd, which outlives the daemon's. */
void fake_plane_handed(int fd, pid_t pid);
void fake_plane_pppd_gone(pid_t pid);
/* fake_pppd.c: frees what a test left of them. */
void fake_pppd_reset(void);
/* A session that ends with the last close of the descriptor it returns; counted there. */
int fake_plane_session(unsigned *count);
/* fake_line.c: the same for PPP channels; what LEG_OPEN does; nothing is left, asserts that. */
void fake_leg_closed(int fd);
struct plane_job;
struct ppp_leg;
int fake_leg_open(const struct plane_job *job, struct ppp_leg *ret);
void fake_line_reset(void);
/* fake_net.c */
void fake_net_reset(void);

#endif
