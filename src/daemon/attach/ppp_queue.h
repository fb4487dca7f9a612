/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whose turn it is to start a pppd. A machine that starts hundreds at once finishes none of them in
 * time, so only "pppd-at-once" calls are between their start and IP; the others wait in the order
 * in which they came, and tunnels take turns, so that one with many calls does not keep the others
 * out. What a caller says meanwhile is kept in the PPP channel of his session.
 *
 * A turn is over when IP is up or PPP has ended. It is over, too, when the pppd waits for its peer:
 * that costs nothing, and peers that say nothing shall not keep others waiting.
 */
#ifndef DAEMON_ATTACH_PPP_QUEUE_H
#define DAEMON_ATTACH_PPP_QUEUE_H

#include "ppp.h"

/* 0 or -errno; sets d->ppp_queue. */
int ppp_queue_new(struct daemon *d);
/* All calls are gone. */
void ppp_queue_free(struct daemon *d);
/* The limit may have changed, or there is room again (ppp_starting.h). */
void ppp_queue_update(struct daemon *d);

/*
 * 1: it is ppp's turn now. 0: ppp waits; ppp->take_turn() follows, in a turn of the loop of its
 * own. -errno.
 */
int ppp_queue_join(struct ppp *ppp);
/* Its pppd or its peer has done a step. */
void ppp_queue_step(struct ppp *ppp);
/* Its turn is over, or it does not wait any more; also when it never did. */
void ppp_queue_leave(struct ppp *ppp);
/* ppp->stopped: one that waits hears of that by ppp->take_turn(), without waiting any longer. */
void ppp_queue_stop(struct ppp *ppp);

#endif
