/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sequence numbers in data packets. RFC 2661 5.4: the LNS decides at any time, the LAC follows, but
 * for calls where the LAC required them.
 */
#ifndef DAEMON_CALL_SEQ_H
#define DAEMON_CALL_SEQ_H

#include "call.h"

/* The session is about to be made: fill call->kernel. */
void seq_begin(struct call *call, bool send, bool require);
/* Sequencing Required comes with ICCN, after the kernel session of an LNS was made. */
void seq_session_up(struct call *call);
/* PPP is up: the LAC has seen frames of ours by now. */
void seq_call_up(struct call *call);
/* The option "dataseq" of its owner changed while it runs. */
void seq_option_changed(struct call *call);
/* call->stats are new: turn numbering on again if the kernel stopped it. */
void seq_insist(struct call *call);
/* The data path follows the peer's use of numbers. */
bool seq_follows_peer(const struct call *call);

#endif
