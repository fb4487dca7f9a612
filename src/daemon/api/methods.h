/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAEMON_API_METHODS_H
#define DAEMON_API_METHODS_H

#include "daemon/daemon.h"

/* --- config.c: methods about options --- */

void ctl_set_link(struct request *request, const json_t *params, void *user);
void ctl_create_link(struct request *request, const json_t *params, void *user);
void ctl_get_config(struct request *request, const json_t *params, void *user);
void ctl_list_options(struct request *request, const json_t *params, void *user);
/* All options of a link, {key: value}. */
json_t *ctl_link_options(const struct config_link *link);

#endif
