/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How a pppd ended: for the peer's accounting (RFC 3145), and for people. */
#ifndef DAEMON_ATTACH_PPP_END_H
#define DAEMON_ATTACH_PPP_END_H

#include "ppp.h"

/* What the other side is told when pppd ended by itself. */
void ppp_end_reason(const struct ppp *ppp, struct l2tp_reason *ret);
/* attachment_kind.explain */
void ppp_end_explain(struct call *call);

#endif
