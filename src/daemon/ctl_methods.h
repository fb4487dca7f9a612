/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAEMON_CTL_METHODS_H
#define DAEMON_CTL_METHODS_H

#include "daemon.h"

/*
 * Read the configuration files again and follow them: running calls stay, links that are gone are
 * closed, changes of a link apply to its next call. On an error nothing changes. 0 or -errno.
 */
int daemon_reload(struct daemon *d, struct config_errors *errors);

/* --- ctl_config.c: methods about options --- */

void ctl_set_link(struct ctl_call *ctl, const json_t *params, void *user);
void ctl_create_link(struct ctl_call *ctl, const json_t *params, void *user);
void ctl_get_config(struct ctl_call *ctl, const json_t *params, void *user);
void ctl_list_options(struct ctl_call *ctl, const json_t *params, void *user);
/* All options of a link, {key: value}. */
json_t *ctl_link_options(const struct config_link *link);

#endif
