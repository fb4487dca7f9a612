/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the ppp files need of call.c. */
#ifndef DAEMON_CALL_CALL_H
#define DAEMON_CALL_CALL_H

#include "daemon/daemon.h"

/* pppd was reaped; call->ppp_status is its true exit status. The call may be gone after this. */
void call_ppp_exited(struct call *call);
/* Frees the call if session, kernel job and pppd are all gone. */
void call_settle(struct call *call);

#endif
