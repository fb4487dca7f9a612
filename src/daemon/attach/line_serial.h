/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Serial lines: [serial] sections. Each is kept open with its PPP channel; the first frame that
 * arrives is a call, and is not lost. When a call is over the line is closed, which drops DTR, and
 * opened again a moment later. What cannot be opened is tried again.
 */
#ifndef DAEMON_ATTACH_LINE_SERIAL_H
#define DAEMON_ATTACH_LINE_SERIAL_H

#include "line.h"

/* 0 or -ENOMEM; sets d->serials. */
int serials_new(struct daemon *d);
/* Before lines_free(). */
void serials_free(struct daemon *d);
/* Follow d->config: calls of lines that are gone or have another device end. */
void serials_update(struct daemon *d);
/* "idle", "busy", "closed"; "" if there is no such section */
const char *serials_state(const struct daemon *d, const char *name);

#endif
