/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What systemctl status says of the daemon: how much there is of what. */
#ifndef DAEMON_STATUS_H
#define DAEMON_STATUS_H

#include "daemon.h"

/* 0 or -errno; sets d->status. */
int status_new(struct daemon *d);
void status_free(struct daemon *d);
/* After a turn: tell it if it changed, once a second at most (sd_notify(3), STATUS=). */
void status_tell(struct daemon *d);

#endif
