/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is forwarded, for people and programs. */
#ifndef DAEMON_API_SHOW_FORWARD_H
#define DAEMON_API_SHOW_FORWARD_H

#include "control/server.h"
#include "daemon/daemon.h"

/* Methods ListForwards and ListPppoe. */
void show_forwards(struct request *request, const json_t *params, void *user);
void show_pppoe(struct request *request, const json_t *params, void *user);
/* Counters of the access concentrators: {NAME: {what: int}} */
json_t *show_pppoe_counters(const struct daemon *d);

#endif
