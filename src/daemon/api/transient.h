/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * AddTransientLink: a link that stands in no file and lives as long as the request that made it,
 * that is, until its client closes the connection or dies. For programs that place calls for a
 * person, such as NetworkManager's service. What it was given, secrets too, is in memory only and
 * goes with it; no reload touches it and GetConfig does not show it.
 */
#ifndef DAEMON_API_TRANSIENT_H
#define DAEMON_API_TRANSIENT_H

#include "daemon/daemon.h"

/* The method; for root only, because pppd, which runs as root, obeys its option lines. */
void ctl_add_transient_link(struct request *request, const json_t *params, void *user);

#endif
