/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where pppds are started: in a thread, as copies of ready-made ones where there are any, so that
 * the loop never waits for an exec (linux/pppd_starter.h).
 */
#ifndef DAEMON_ATTACH_PPP_HOST_H
#define DAEMON_ATTACH_PPP_HOST_H

#include "linux/pppd_starter.h"
#include "ppp.h"

/* 0 or -errno; sets d->ppp_host. */
int ppp_host_new(struct daemon *d);
/* All calls are gone. */
void ppp_host_free(struct daemon *d);
/* Ready-made pppds, and as many starts at once, as the present configuration says. */
void ppp_host_update(struct daemon *d);

/*
 * Start a pppd for ppp; ppp->start_result() follows. The descriptors of start belong to the starter
 * on success, else to the caller. 0 or -errno.
 */
int ppp_host_start(struct ppp *ppp, struct pppd_call *start);
/* ppp is freed: what becomes of its start is nobody's business. */
void ppp_host_forget(struct ppp *ppp);

#endif
